/* The frames of the Majordomo protocol 0.2 (ZeroMQ RFC 18), written and read; pure.
 *
 *     client  MDPC02 | 01 REQUEST | service | body+
 *             MDPC02 | 02 PARTIAL or 03 FINAL | service | body+
 *     worker  MDPW02 | 01 READY | service [| window]
 *             MDPW02 | 02 REQUEST, 03 PARTIAL or 04 FINAL | address | empty | body+
 *             MDPW02 | 05 HEARTBEAT        MDPW02 | 06 DISCONNECT
 *
 * Ours on top (doc/protocol.md): READY may carry a window (decimal, 1..MDP_WINDOW_MAX). All body frames but the last
 * form the request's id part, which whoever answers repeats in front of its own body; at most one frame of at most
 * MDP_ID_MAX bytes. The address that a worker sees is a dispatch token of MDP_TOKEN_SIZE bytes, followed by the
 * client's transport key if it has one; it is opaque and comes back unchanged. */
#ifndef TROTH_WIRE_MDP_H
#define TROTH_WIRE_MDP_H

#include "base/error.h"
#include "wire/frame.h"

#define MDP_CLIENT "MDPC02"
#define MDP_WORKER "MDPW02"
#define MDP_WINDOW_MAX 4096
#define MDP_ID_MAX 64
#define MDP_TOKEN_SIZE 16
#define MDP_SERVICE_MAX 64 /* bytes of a service name; printable ASCII without space */
#define MDP_ADDRESS_MAX 255

enum mdp_side { MDP_SIDE_CLIENT, MDP_SIDE_WORKER };

enum mdp_command {
	MDP_REQUEST,
	MDP_PARTIAL,
	MDP_FINAL,
	MDP_READY,
	MDP_HEARTBEAT,
	MDP_DISCONNECT,
};

/* What one message says. Slices borrow from the message. Body frames are those from `body_first` to the end. */
struct mdp {
	enum mdp_side side;
	enum mdp_command command;
	struct slice service; /* client messages and READY */
	unsigned window;      /* READY; 1 if the peer did not say */
	struct slice address; /* worker REQUEST, PARTIAL, FINAL */
	size_t body_first;    /* REQUEST, PARTIAL, FINAL; else the number of frames */
};

/* Reads frames[first..count) of a message (a ROUTER has the routing id in front). ERROR_MALFORMED with what is wrong,
 * for every form that is not exactly one of those above. */
enum error mdp_read(const struct message *message, size_t first, struct mdp *out, struct failure *failure);

/* Append a message's head; the caller appends the body frames where there are some. False if it does not fit. */
bool mdp_write_client(struct message *out, enum mdp_command command, struct slice service);
bool mdp_write_ready(struct message *out, const char *service, unsigned window);
bool mdp_write_worker(struct message *out, enum mdp_command command, struct slice address);
bool mdp_write_signal(struct message *out, enum mdp_command heartbeat_or_disconnect);

bool mdp_service_name_is_valid(struct slice name);

#endif

/* The frames of the Majordomo protocol 0.2 (ZeroMQ RFC 18) and 0.1 (RFC 7), written and read; pure.
 *
 *     0.2  client  MDPC02 | 01 REQUEST | service | body+
 *                  MDPC02 | 02 PARTIAL or 03 FINAL | service | body+
 *          worker  MDPW02 | 01 READY | service [| window]
 *                  MDPW02 | 02 REQUEST, 03 PARTIAL or 04 FINAL | address | empty | body+
 *                  MDPW02 | 05 HEARTBEAT [| tokens]
 *                  MDPW02 | 06 DISCONNECT
 *     0.1  client  empty | MDPC01 | service | body+                    both ways
 *          worker  empty | MDPW01 | 01 READY | service
 *                  empty | MDPW01 | 02 REQUEST or 03 REPLY | address | empty | body+
 *                  empty | MDPW01 | 04 HEARTBEAT
 *                  empty | MDPW01 | 05 DISCONNECT
 *
 * Ours on top (doc/protocol.md): READY may carry a window (decimal, 1..MDP_WINDOW_MAX); a worker's HEARTBEAT may name
 * the requests that it holds; a body of several frames may begin with an id frame (mdp_body_has_id), which whoever
 * answers repeats in front of its own. The address that a worker sees is a dispatch token of MDP_TOKEN_SIZE bytes,
 * followed by the client's transport key if it has one; it is opaque and comes back unchanged. */
#ifndef TROTH_WIRE_MDP_H
#define TROTH_WIRE_MDP_H

#include "base/error.h"
#include "wire/frame.h"

#define MDP_CLIENT "MDPC02"
#define MDP_WORKER "MDPW02"
#define MDP_CLIENT_0_1 "MDPC01"
#define MDP_WORKER_0_1 "MDPW01"
#define MDP_WINDOW_MAX 4096
#define MDP_ID_MAX 64
#define MDP_TOKEN_SIZE 16
#define MDP_HELD_MAX 4096  /* tokens in a HEARTBEAT */
#define MDP_SERVICE_MAX 64 /* bytes of a service name; printable ASCII without space */
#define MDP_ADDRESS_MAX 255
#define MDP_BODY_FRAMES_MAX (MESSAGE_FRAMES_MAX - 6) /* of a client's message: they fit behind every other head */

enum mdp_version { MDP_0_1 = 1, MDP_0_2 = 2 };

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
	enum mdp_version version;
	enum mdp_side side;
	enum mdp_command command; /* a client's 0.1 message has none: MDP_REQUEST. A worker's 0.1 REPLY is MDP_FINAL */
	struct slice service;     /* client messages and READY */
	unsigned window;          /* READY; 1 if the peer did not say */
	bool has_window;          /* the peer did say */
	struct slice address;     /* worker REQUEST, PARTIAL, FINAL */
	bool names_held;          /* HEARTBEAT with a frame */
	struct slice held;        /* what it holds: tokens of MDP_TOKEN_SIZE bytes, one after the other */
	size_t body_first;        /* REQUEST, PARTIAL, FINAL; else the number of frames */
	bool has_id;              /* frame `body_first` is an id: the payload begins behind it */
};

/* Reads frames[first..count) of a message (a ROUTER has the routing id in front). ERROR_MALFORMED with what is wrong,
 * for every form that is not exactly one of those above. */
enum error mdp_read(const struct message *message, size_t first, struct mdp *out, struct failure *failure);

/* True if the first body frame is the id of the request, and not payload: there are at least two and it is a header
 * (wire/header.h), or there are exactly two and it has at most MDP_ID_MAX bytes. */
bool mdp_body_has_id(const struct message *message, size_t body_first);

/* Append a message's head; the caller appends the body frames where there are some. False if it does not fit, or if
 * this version has no such message (0.1: PARTIAL). A client's 0.1 message is the same for REQUEST and FINAL. */
bool mdp_write_client(struct message *out, enum mdp_version version, enum mdp_command command, struct slice service);
bool mdp_write_ready(struct message *out, const char *service, unsigned window); /* 0.2 */
bool mdp_write_worker(struct message *out, enum mdp_version version, enum mdp_command command, struct slice address);
bool mdp_write_signal(struct message *out, enum mdp_version version, enum mdp_command heartbeat_or_disconnect);

/* A worker's HEARTBEAT (0.2) that names what it holds, which may be nothing. */
bool mdp_write_heartbeat(struct message *out, struct slice tokens);

bool mdp_service_name_is_valid(struct slice name);

#endif

/* What is inside a wire and a link, for the files that make them up: wire.c (context, ZAP, waiting) and link.c. */
#ifndef TROTH_WIRE_LINK_STATE_H
#define TROTH_WIRE_LINK_STATE_H

#include "wire/watch.h"

struct wire {
	void *context;
	void *zap;          /* the ZAP handler's socket; NULL without a bound link */
	struct link *bound; /* whose `admits` decides */
};

struct link {
	struct wire *wire;
	void *socket;
	bool wants_room;     /* a connected link whose last send found no room */
	struct watch *watch; /* over the peers of a bound link; NULL for a connected one */
	uint64_t receives;
	char endpoint[LINK_ENDPOINT_MAX];
};

/* Opens and closes the ZAP handler for a bound link. */
enum error wire_open_zap(struct wire *wire, struct link *bound, struct failure *failure);
void wire_close_zap(struct wire *wire);

/* Answers the ZAP requests that are there, and hears what the monitor of the bound link says. */
void wire_attend(struct wire *wire);

/* Takes one message from a socket, replacing what `message` held. ERROR_NOT_FOUND if there is none; ERROR_TOO_LONG,
 * with the first frames only, if it had too many. `*bytes` (may be NULL) is what all its frames but the first take on
 * the wire. */
enum error wire_take(void *socket, struct message *message, uint64_t *bytes);

/* Sends frames[from..count), of a message that libzmq has begun or that it can lose. */
void wire_give(void *socket, struct message *message, size_t from);

/* What a frame of so many bytes takes on the wire. */
uint64_t wire_bytes(size_t size);

/* Sends one frame without waiting; false, with errno, if it is not taken. */
bool wire_give_frame(void *socket, struct frame *frame, bool more);

#endif

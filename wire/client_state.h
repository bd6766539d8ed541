/* What the parts of a client share; see client.h for what they do together. */
#ifndef TROTH_WIRE_CLIENT_STATE_H
#define TROTH_WIRE_CLIENT_STATE_H

#include "base/pack.h"
#include "wire/client.h"
#include "wire/link.h"
#include "wire/waiting.h"

#define NEVER (-1)

struct client {
	struct wire *wire;
	struct link *link; /* to brokers[current]; NULL if it could not be opened */
	struct client_broker brokers[CLIENT_BROKERS_MAX];
	size_t broker_count;
	size_t current;
	struct identity identity;
	int64_t retry_ms;
	int64_t timeout_ms;
	struct header pattern; /* of every request: its priority, and its trace if one is set */
	struct waiting *waiting;
	struct message probe; /* to be sent as soon as there is room; empty if none is due */
	int64_t probed_ms;
	int64_t heard_ms;        /* when a broker said anything last, or NEVER */
	int64_t silent_since_ms; /* the first sending since then, on this link, or NEVER */
	unsigned rush;
	struct pack_document *document;
	struct message held; /* the reply that was handed out last */
	size_t held_parts;   /* where its payload begins */
};

/* ---- client.c ---- */

/* Connects to brokers[current]. */
enum error client_open_link(struct client *client, struct failure *failure);

/* ---- client_send.c ---- */

/* Handles the timers that ring and sends what is due. Returns a request that is given up, and why in `*reason`; NULL if
 * there is none. */
struct pending *client_run_timers(struct client *client, int64_t now, enum error *reason);

#endif

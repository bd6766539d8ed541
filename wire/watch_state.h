/* What is inside a watch, for watch.c (what happened) and watch_bounds.c (what may not go on). */
#ifndef TROTH_WIRE_WATCH_STATE_H
#define TROTH_WIRE_WATCH_STATE_H

#include "wire/peer_log.h"
#include "wire/watch.h"

struct watch {
	void *socket;  /* the link's */
	void *monitor; /* where its events are read */
	link_admits admits;
	void *argument;
	struct link_bounds bounds;
	struct link_counts counts;
	struct connections *connections;
	struct peer_log *log;
	uint64_t drains; /* how often the link was found empty */
	int64_t now;
	int64_t drained_ms;
	int64_t swept_ms;
	int64_t trimmed_ms;
	uint64_t freed; /* bytes that waited for connections which have ended since */
	int swept; /* the descriptor that the sweep has come to */
	int memory; /* descriptor, or -1 */
};

/* Cuts off one connection, for a reason (the word for `kick` if NULL) that is counted and logged. */
void watch_cut(struct watch *watch, struct connection *connection, enum link_kick kick, const char *reason);

/* Looks at some connections, or at all of them while memory is above its bound. */
void watch_hold_bounds(struct watch *watch);

#endif

/* A connection of a server, with the requests that came by it and are not answered yet.
 *
 *     in the link -- pull --> backlog -- hand out --> held -- give back --> spare
 *
 * The link is emptied at once, so that heartbeats can name all that was given to us. What was taken on a connection
 * that is gone is known by the connection's number. */
#ifndef TROTH_WIRE_SERVER_SOURCE_H
#define TROTH_WIRE_SERVER_SOURCE_H

#include <sys/queue.h>

#include "base/buffer.h"
#include "wire/broker_connection.h"
#include "wire/server.h"

TAILQ_HEAD(taken_list, taken);

struct taken {
	struct server_request request; /* first, so that what the caller holds leads back to its taken */
	TAILQ_ENTRY(taken) link;       /* in the backlog or the held of its source, or among the spare ones */
	struct source *source;
	uint64_t number; /* of the connection by which it came */
	struct message message;
	struct slice address;
	size_t body_first;
	bool has_id;
};

/* What all sources share: requests are used again, so that a busy server allocates nothing. */
struct taken_pool {
	struct taken_list spare;
	struct buffer tokens; /* of the heartbeat that is being written */
};

struct source {
	struct taken_pool *pool; /* borrowed */
	struct broker_connection connection;
	size_t service;            /* position in the options' services */
	struct taken_list backlog; /* in the order in which they came */
	struct taken_list held;    /* by the caller */
	size_t count;              /* of both */
};

void taken_pool_init(struct taken_pool *pool);
void taken_pool_release(struct taken_pool *pool);

/* A closed connection, which opens at the next source_tend. */
void source_init(struct source *source, struct taken_pool *pool, struct upstream *upstream,
                 const struct server_service *service, size_t position);

/* Drops the backlog, says DISCONNECT and closes. Nothing may be held. */
void source_release(struct source *source);

/* Takes what has come into the backlog. */
void source_pull(struct source *source, int64_t now);

/* Hands out the backlog, up to `maximum` requests. */
size_t source_hand_out(struct source *source, struct server_request **out, size_t maximum);

/* Does what is due on the connection; heartbeats name what is in the backlog and what is held. */
void source_tend(struct source *source, int64_t now);

/* Takes a request back from the caller. */
void source_give_back(struct taken *taken);

/* True if the connection by which it came is still there. */
bool taken_can_be_answered(const struct taken *taken);

#endif

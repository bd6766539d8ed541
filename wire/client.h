/* A client of the broker: sends requests, matches the replies, sends again what was not answered.
 *
 * Many requests may wait at once (the caller bounds them by client_waiting). Each carries a header (wire/header.h) in
 * front of its payload, which whoever answers repeats (doc/protocol.md). A request without an answer after `retry_ms`
 * (at most half of `timeout_ms`) is sent again, the same bytes; where nothing at all was heard meanwhile, on a fresh
 * connection, to the next broker of the list. After `timeout_ms` in all it is given up with ERROR_UNREACHABLE or, if
 * the broker itself still answers, ERROR_NO_WORKER. Requests must therefore be idempotent: notes are, and so are
 * queries. `busy` and `no-worker` answers are not shown until the end: the request is sent again after the time that
 * such an answer names (and up to a quarter more, so that not all come at once), else by the same clock. */
#ifndef TROTH_WIRE_CLIENT_H
#define TROTH_WIRE_CLIENT_H

#include "base/error.h"
#include "wire/frame.h"
#include "wire/header.h"
#include "wire/identity.h"
#include "wire/titanic.h"

#define CLIENT_BROKERS_MAX 8
#define CLIENT_ENDPOINT_MAX 256

struct client_broker {
	char endpoint[CLIENT_ENDPOINT_MAX]; /* such as tcp://127.0.0.1:7787 */
	uint8_t public_key[TRANSPORT_KEY_SIZE];
};

struct client_options {
	const struct client_broker *brokers; /* borrowed during client_new only */
	size_t broker_count;
	const struct identity *identity; /* borrowed during client_new only */
	int64_t retry_ms;       /* 0 takes 1,500 */
	int64_t timeout_ms;     /* 0 takes 5,000 */
	enum priority priority; /* of all its requests */
};

struct client;

struct client_answer {
	void *tag;          /* as given to client_send */
	enum error error;   /* OK: `body` holds a reply body (which may be a refusal); else nobody answered */
	struct slice body;  /* the last payload frame; borrowed until the next call on this client, like `parts` */
	struct slice parts[MESSAGE_FRAMES_MAX]; /* all payload frames: those behind the header */
	size_t part_count;
	int64_t waited_ns;  /* since client_send */
	unsigned tries;     /* times that it was sent */
	unsigned retry_ms;  /* ERROR_BUSY, ERROR_NO_WORKER: the time to retry that was said last; 0: none was */
	char trace[TRACE_TEXT]; /* the request's trace id */
};

/* ERROR_SYSTEM, ERROR_BAD_VALUE for an endpoint that is none. Does not wait for a connection. Caller frees. */
enum error client_new(const struct client_options *options, struct client **client, struct failure *failure);
void client_free(struct client *client);

/* The trace that all requests sent from now on belong to, as a traceparent (wire/header.h); NULL: a new one for each.
 * False, with nothing changed, if it is none. */
bool client_set_trace(struct client *client, const char *traceparent);

/* Sends a request; copies the body. */
enum error client_send(struct client *client, const char *service, struct slice body, void *tag,
                       struct failure *failure);

/* The same with several payload frames, 1 to OUTGOING_PARTS_MAX (wire/outgoing.h). */
enum error client_send_parts(struct client *client, const char *service, const struct slice *parts, size_t count,
                             void *tag, struct failure *failure);

/* The next answer, in any order. Waits at most `wait_ms`; ERROR_NOT_FOUND if none came, or none is awaited. */
enum error client_next(struct client *client, int64_t wait_ms, struct client_answer *answer);

/* The number of requests without an answer. */
size_t client_waiting(const struct client *client);

/* One request and its answer: appends the reply body to `reply`. ERROR_UNREACHABLE, ERROR_NO_WORKER and ERROR_BUSY name
 * the endpoint, for how long it was tried, what to try, and the beginning of the trace id. Must not be mixed with
 * requests that still wait. */
enum error client_call(struct client *client, const char *service, struct slice body, struct buffer *reply,
                       struct failure *failure);

/* The same with several payload frames, both ways. */
enum error client_call_parts(struct client *client, const char *service, const struct slice *parts, size_t count,
                             struct client_answer *answer, struct failure *failure);

/* Says in words why nobody gave this answer, whose error is not OK, and what to try. Returns that error. */
enum error client_explain(const struct client *client, const struct client_answer *answer, struct failure *failure);

#endif

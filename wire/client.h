/* A client of the broker: sends requests, matches the replies, sends again what was not answered.
 *
 * Many requests may wait at once (the caller bounds them by client_waiting). Each carries an id frame in front of its
 * body, which whoever answers repeats (doc/protocol.md). A request without an answer after `retry_ms` (at most half of
 * `timeout_ms`) is sent again, the same bytes; where nothing at all was heard meanwhile, on a fresh connection, to the
 * next broker of the list. After `timeout_ms` in all it is given up with ERROR_UNREACHABLE or, if the broker itself
 * still answers, ERROR_NO_WORKER. Requests must therefore be idempotent: notes are, and so are queries. `busy` and
 * `no-worker` answers are retried by the same clock and not shown until the end. */
#ifndef TROTH_WIRE_CLIENT_H
#define TROTH_WIRE_CLIENT_H

#include "wire/identity.h"

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
	int64_t retry_ms;   /* 0 takes 1,500 */
	int64_t timeout_ms; /* 0 takes 5,000 */
};

struct client;

struct client_answer {
	void *tag;          /* as given to client_send */
	enum error error;   /* OK: `body` holds a reply body (which may be a refusal); else nobody answered */
	struct slice body;  /* borrowed until the next call on this client */
	int64_t waited_ns;  /* since client_send */
	unsigned tries;     /* times that it was sent */
};

/* ERROR_SYSTEM, ERROR_BAD_VALUE for an endpoint that is none. Does not wait for a connection. Caller frees. */
enum error client_new(const struct client_options *options, struct client **client, struct failure *failure);
void client_free(struct client *client);

/* Sends a request; copies the body. */
enum error client_send(struct client *client, const char *service, struct slice body, void *tag,
                       struct failure *failure);

/* The next answer, in any order. Waits at most `wait_ms`; ERROR_NOT_FOUND if none came, or none is awaited. */
enum error client_next(struct client *client, int64_t wait_ms, struct client_answer *answer);

/* The number of requests without an answer. */
size_t client_waiting(const struct client *client);

/* One request and its answer: appends the reply body to `reply`. ERROR_UNREACHABLE and ERROR_NO_WORKER name the
 * endpoint and what to try. Must not be mixed with requests that still wait. */
enum error client_call(struct client *client, const char *service, struct slice body, struct buffer *reply,
                       struct failure *failure);

#endif

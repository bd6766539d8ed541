/* The broker's routing as a pure core: step(state, event, now) leads to actions.
 *
 * No sockets, no clock, no randomness of its own: messages and ticks come in by core_step, everything else goes out and
 * comes in through the functions of `struct core_edge`. Production, unit tests and the simulation run this same code.
 *
 * What becomes of a request that is accepted (exactly one FINAL goes back, whatever happens):
 *
 *               a worker has room              FINAL
 *     waiting -----------------------> held ----------------> answered
 *      |   ^                            |
 *      |   +---- its worker is gone ----+
 *      |                                |
 *      v no worker within queue_ms      v handed out deliveries_max times
 *     refused                          refused
 *
 * A request that is not accepted gets a FINAL that says why at once. Bodies are never read, only moved and shared.
 * Source: ZeroMQ RFC 18 (Majordomo 0.2), RFC 8 (mmi). */
#ifndef TROTH_BROKER_CORE_H
#define TROTH_BROKER_CORE_H

#include "base/error.h"
#include "base/log.h"
#include "wire/identity.h"
#include "wire/mdp.h"

#define CORE_LIVENESS 4       /* heartbeat intervals of silence after which a worker counts as gone */
#define CORE_WORKERS_MAX 1024 /* at once */
#define CORE_SERVICES_MAX 256 /* names that clients may bring up; a worker's READY is not bound by it */
#define CORE_NOTED_MAX 1024   /* peers that are remembered as logged already */

struct core_limits {
	int64_t heartbeat_ms;      /* between two heartbeats to a worker, and expected of it */
	int64_t queue_ms;          /* how long a request waits for a first worker of its service */
	int64_t waiting_max;       /* requests waiting per service */
	int64_t waiting_bytes_max; /* memory of all requests that wait or are held by workers */
	int64_t deliveries_max;    /* workers that one request is given to, one after the other */
};

/* Something that an operator may want to read. Absent parts are NULL or of size 0; all is borrowed during the call. */
struct core_notice {
	enum log_level level;
	const char *event;    /* a constant word */
	const char *reason;   /* may quote what a peer sent */
	const uint8_t *key;   /* the peer's transport key */
	struct slice service;
	size_t requests;      /* that the event concerns */
};

/* The way out of the core, and the way in of what is impure. */
struct core_edge {
	void *argument;

	/* Sends a message whose frame 0 is the routing id. OK takes the frames; ERROR_BUSY: the queue to this peer is full;
	 * ERROR_UNREACHABLE: there is no such peer. */
	enum error (*send)(void *argument, struct message *message);

	/* Fills `out` with unpredictable bytes; cannot fail. */
	void (*random)(void *argument, uint8_t *out, size_t size);

	/* True if the holder of this transport key may serve this service. */
	bool (*allows)(void *argument, const uint8_t key[TRANSPORT_KEY_SIZE], struct slice service);

	/* Logs. */
	void (*tell)(void *argument, const struct core_notice *notice);
};

enum core_event_kind {
	CORE_MESSAGE, /* a peer sent something */
	CORE_TICK,    /* time has passed; wanted at least four times per heartbeat interval */
	CORE_STOP,    /* the broker leaves: workers get a DISCONNECT, requests a refusal; the core is empty afterwards */
};

struct core_event {
	enum core_event_kind kind;
	struct message *message; /* frame 0 is the routing id; the core takes what it needs, the caller releases */
	const uint8_t *peer_key; /* the authenticated transport key of the peer, TRANSPORT_KEY_SIZE bytes */
};

/* What has happened since core_new, for logs and metrics. */
enum core_counter {
	CORE_REQUESTS,
	CORE_HANDED_OUT,
	CORE_PARTIALS,
	CORE_FINALS,
	CORE_DIRECTORY,
	CORE_RETURNED,
	CORE_REFUSED,
	CORE_EXPIRED,
	CORE_GIVEN_UP,
	CORE_LATE_REPLIES,
	CORE_FALSE_REPLIES,
	CORE_MALFORMED,
	CORE_CLIENT_GONE,
	CORE_CLIENT_SLOW,
	CORE_WORKERS_REFUSED,
	CORE_WORKERS_LOST,
	CORE_COUNTERS, /* one past the last */
};

struct core;

/* A core without peers. Copies both structs. NULL if memory is out. Caller frees. */
struct core *core_new(const struct core_limits *limits, const struct core_edge *edge);

/* Frees the core and drops what it holds, without a word to anyone. */
void core_free(struct core *core);

/* Takes one event. `now` is in milliseconds and never goes back. */
void core_step(struct core *core, const struct core_event *event, int64_t now);

uint64_t core_count(const struct core *core, enum core_counter counter);

/* A counter's name, and what it counts, in words. */
const char *core_counter_word(enum core_counter counter);
const char *core_counter_help(enum core_counter counter);

/* True for a name of RFC 8 (mmi.*), which the broker answers itself and no worker may take. */
bool core_service_is_the_brokers(struct slice name);

/* What is there now: requests that wait, requests that workers hold, workers, services, memory of all requests. */
struct core_state {
	size_t waiting;
	size_t held;
	size_t workers;
	size_t services;
	size_t bytes;
};
struct core_state core_state(const struct core *core);

#endif

/* The broker as a pure core: step(state, event, now) leads to actions.
 *
 * No sockets, no clock, no disk, no randomness of its own: what happens comes in by core_step, everything else goes out
 * and comes in through the functions of `struct core_edge`. Production, unit tests and the simulation run this code.
 *
 * What becomes of a request that is accepted (exactly one FINAL goes back, or its ticket is answered):
 *
 *                 a worker has room              FINAL
 *     waiting ------------------------> held ----------------> answered
 *      |   ^                             |
 *      |   |  back-off     worker gone,  |
 *      |   +---- delayed <---------------+
 *      |                   lease over    |
 *      v no worker within queue_ms,      v handed out deliveries_max times
 *     refused  or ttl over              dead letter (and refused)
 *
 * A request that is not accepted gets a FINAL at once that says why and when to try again. Bodies are moved and shared,
 * never read, except those to the broker's own services (mmi.*, titanic.*, broker).
 *
 * A ticket (durable queue, RFC 9) is acknowledged after CORE_COMMITTED: what was handed to `keep` before is on disk.
 * Sources: ZeroMQ RFC 7 and 18 (Majordomo), 8 (mmi), 9 (titanic). */
#ifndef TROTH_BROKER_CORE_H
#define TROTH_BROKER_CORE_H

#include "base/error.h"
#include "base/log.h"
#include "broker/histogram.h"
#include "broker/ticket.h"
#include "wire/identity.h"
#include "wire/mdp.h"

#define CORE_LIVENESS 4        /* heartbeat intervals of silence after which a worker counts as gone */
#define CORE_WORKERS_MAX 1024  /* at once */
#define CORE_SERVICES_MAX 256  /* names that clients may bring up; a worker's READY is not bound by it */
#define CORE_PEERS_MAX 65536   /* client keys that are remembered with their counts */
#define CORE_NOTED_MAX 1024    /* peers that are remembered as logged already */
#define CORE_BATCH_SHARE 8     /* while both wait, one of so many requests that are handed out is a batch one */
#define CORE_HELD_BYTES_MAX ((size_t)32 << 20) /* of a worker's requests; then it gets no more, whatever its window */
#define CORE_ROUTE_MAX 15      /* bytes of a routing id; libzmq's own have 5 */

#define CORE_OPERATORS "broker" /* the service by which operators ask, and which an operator's key is listed for */

struct core_limits {
	int64_t heartbeat_ms;      /* between two heartbeats to a worker, and expected of it */
	int64_t lease_ms;          /* how long a worker may hold a request without naming it in a heartbeat */
	int64_t queue_ms;          /* how long a request waits for a first worker of its service */
	int64_t backoff_ms;        /* before a request is handed out the second time; doubled each time … */
	int64_t backoff_max_ms;    /* … up to this */
	int64_t deliveries_max;    /* workers that one request is given to, one after the other */
	int64_t waiting_max;       /* requests waiting per service */
	int64_t bytes_max;         /* memory of all requests */
	int64_t peer_requests_max; /* requests of one client key that wait or are being worked on */
	int64_t peer_bytes_max;    /* and their memory */
	int64_t peer_rate_max;     /* requests per second of one client key, and as many at once */
	int64_t tickets_max;       /* tickets, whatever their state */
	int64_t tickets_bytes_max; /* bytes of their requests and answers on disk */
	int64_t peer_tickets_max;  /* tickets of one client key */
	int64_t peer_tickets_bytes_max;
	int64_t ticket_ms;         /* how long a ticket is kept, answered or not */
};

/* Something that an operator may want to read. Absent parts are NULL or of size 0; all is borrowed during the call. */
struct core_notice {
	enum log_level level;
	const char *event;    /* a constant word */
	const char *reason;   /* may quote what a peer sent */
	const uint8_t *key;   /* the peer's transport key */
	struct slice service;
	struct slice request; /* its header frame, for the trace id */
	const uint8_t *ticket;
	size_t requests;      /* that the event concerns */
};

/* What the core is asked about by operators but does not know itself. */
struct core_surroundings {
	const char *endpoint;
	int64_t started; /* milliseconds, as `now` */
	uint64_t connections, connections_refused, connections_ended, handshakes_failed;
	uint64_t memory, memory_max;
	const struct histogram *commit_us, *commit_changes, *wake_messages;
};

/* The way out of the core, and the way in of what is impure. */
struct core_edge {
	void *argument;

	/* Sends a message whose frame 0 is the routing id. OK takes the frames; ERROR_BUSY: the queue to this peer is full;
	 * ERROR_UNREACHABLE: there is no such peer. */
	enum error (*send)(void *argument, struct message *message);

	/* Fills `out` with unpredictable bytes; cannot fail. */
	void (*random)(void *argument, uint8_t *out, size_t size);

	/* True if the holder of this transport key may serve this service, or is an operator (CORE_OPERATORS). */
	bool (*allows)(void *argument, const uint8_t key[TRANSPORT_KEY_SIZE], struct slice service);

	/* True if some key may serve this service: only such services are queued for. */
	bool (*serves)(void *argument, struct slice service);

	/* The name of a listed key, or NULL. */
	const char *(*name)(void *argument, const uint8_t key[TRANSPORT_KEY_SIZE]);

	/* Logs. */
	void (*tell)(void *argument, const struct core_notice *notice);

	/* The ticket of a request: the same for the same client, service and frames[first..), and no other's. */
	void (*ticket_id)(void *argument, const uint8_t client[TRANSPORT_KEY_SIZE], struct slice service,
	                  const struct message *message, size_t first, uint8_t out[TICKET_SIZE]);

	/* Adds a change to the next commit; shares the frames. CORE_COMMITTED or CORE_NOT_COMMITTED says how it went. */
	void (*keep)(void *argument, const struct ticket_change *change);

	/* Appends the frames of a committed ticket to `out`. ERROR_NOT_FOUND, ERROR_STORE_DAMAGED, ERROR_NO_MEMORY. */
	enum error (*load)(void *argument, const uint8_t id[TICKET_SIZE], enum ticket_part part, struct message *out);

	void (*look)(void *argument, struct core_surroundings *out);
};

enum core_event_kind {
	CORE_MESSAGE,       /* a peer sent something */
	CORE_TICK,          /* time has passed; wanted at least four times per heartbeat interval */
	CORE_GONE,          /* a peer's connection has ended */
	CORE_RESTORE,       /* at the start: a ticket that was committed before */
	CORE_COMMITTED,     /* all that was handed to `keep` is on disk */
	CORE_NOT_COMMITTED, /* nothing of it is; `failure` says why */
	CORE_RELOADED,      /* the lists behind `allows` have changed: workers that are no longer allowed are dismissed */
	CORE_DRAIN,         /* no new work is taken or handed out; what is held is finished */
	CORE_STOP,          /* the broker leaves: workers get a DISCONNECT, requests a refusal; only tickets stay */
};

struct core_event {
	enum core_event_kind kind;
	struct message *message; /* frame 0 is the routing id; the core takes what it needs, the caller releases */
	const uint8_t *peer_key; /* the authenticated transport key of the peer, TRANSPORT_KEY_SIZE bytes */
	struct slice routing;    /* CORE_GONE */
	const struct ticket_record *ticket; /* CORE_RESTORE */
	const struct failure *failure;      /* CORE_NOT_COMMITTED */
};

/* What has happened since core_new, for logs and metrics. */
enum core_counter {
	CORE_REQUESTS,
	CORE_REPEATED,
	CORE_HANDED_OUT,
	CORE_PARTIALS,
	CORE_FINALS,
	CORE_DIRECTORY,
	CORE_OPERATIONS,
	CORE_RETURNED,
	CORE_LEASES_OVER,
	CORE_EXPIRED,
	CORE_GIVEN_UP,
	CORE_QUEUED,
	CORE_QUEUE_ANSWERED,
	CORE_QUEUE_CLOSED,
	CORE_QUEUE_EXPIRED,
	CORE_REFUSED_SERVICES,
	CORE_REFUSED_WAITING,
	CORE_REFUSED_BYTES,
	CORE_REFUSED_PEER,
	CORE_REFUSED_RATE,
	CORE_REFUSED_PEERS,
	CORE_REFUSED_DRAINING,
	CORE_REFUSED_MEMORY,
	CORE_REFUSED_CONFLICT,
	CORE_REFUSED_QUEUE,
	CORE_REFUSED_DISK,
	CORE_REFUSED_OPERATOR,
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

/* Takes one event. `now_us` is in microseconds since 1970 and never goes back. */
void core_step(struct core *core, const struct core_event *event, int64_t now_us);

uint64_t core_count(const struct core *core, enum core_counter counter);

/* A counter's name, and what it counts, in words. */
const char *core_counter_word(enum core_counter counter);
const char *core_counter_help(enum core_counter counter);

/* True for a name that the broker answers itself and no worker may take: mmi.*, titanic.* and broker. */
bool core_service_is_the_brokers(struct slice name);

/* What is there now. */
struct core_state {
	size_t waiting;  /* requests that wait for a worker, those with tickets too */
	size_t delayed;  /* that wait for their next delivery */
	size_t held;     /* that workers hold */
	size_t workers;
	size_t services;
	size_t peers;    /* client keys */
	size_t bytes;    /* memory of all requests */
	size_t tickets, tickets_answered, tickets_dead; /* all, and those of them in these states */
	size_t tickets_bytes;
	int64_t oldest_ms; /* age of the oldest request that waits or is delayed */
	bool draining;
};
struct core_state core_state(const struct core *core);

#endif

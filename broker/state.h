/* What the parts of the broker's core share: its state, and the functions by which they call each other.
 *
 * Who owns what: the core owns services and workers by its maps; a request belongs to exactly one list, that of its
 * service (it waits) or that of a worker (it is held, and then stands in `held_by_token` too). */
#ifndef TROTH_BROKER_STATE_H
#define TROTH_BROKER_STATE_H

#include <sys/queue.h>

#include "base/map.h"
#include "broker/core.h"

#define ROUTING_ID_MAX 255 /* bytes; ZeroMQ RFC 37 */
#define REFUSAL_BYTES_MAX 1024

TAILQ_HEAD(request_list, request);
TAILQ_HEAD(worker_list, worker);

struct request {
	TAILQ_ENTRY(request) link;
	struct message asked; /* as the client sent it, with its routing id in front */
	size_t body_first;
	size_t bytes;
	uint8_t client_key[TRANSPORT_KEY_SIZE];
	int64_t arrived;
	int64_t deliveries;
	struct service *service;
	struct worker *worker; /* NULL: waiting */
	uint8_t token[MDP_TOKEN_SIZE]; /* while a worker holds it */
};

struct service {
	char name[MDP_SERVICE_MAX + 1];
	struct request_list waiting; /* oldest first */
	size_t waiting_count;
	struct worker_list ready; /* workers with room, the next one to be chosen first */
	size_t worker_count;
	int64_t deserted; /* when its last worker left; while worker_count is 0 */
};

struct worker {
	TAILQ_ENTRY(worker) link; /* in service->ready, if is_ready */
	uint8_t routing[ROUTING_ID_MAX];
	size_t routing_size;
	uint8_t key[TRANSPORT_KEY_SIZE];
	struct service *service;
	struct request_list held; /* in the order in which they were handed over */
	unsigned held_count;
	unsigned window;
	bool is_ready;
	bool is_full;   /* the queue to it was full; tried again after the next tick */
	int64_t heard;  /* when it last said something */
	int64_t spoken; /* when something was last sent to it */
};

struct core {
	struct core_limits limits;
	struct core_edge edge;
	int64_t now; /* of the event that is being handled */
	struct map *services;
	struct map *workers; /* by routing id */
	struct map *held_by_token;
	struct map *noted; /* routing ids of peers that are logged already; no values */
	struct buffer refusal;
	size_t bytes;
	size_t waiting;
	uint64_t counts[CORE_COUNTERS];
};

/* A message that has come in and was understood. Everything is borrowed while it is being handled. */
struct arrival {
	struct message *message;
	struct slice routing;
	const uint8_t *key;
	struct mdp mdp;
};

/* ---- core.c ---- */

void core_tell(struct core *core, const struct core_notice *notice);

/* The same, but only once per peer: someone who misbehaves must not fill the log too. */
void core_tell_once(struct core *core, struct slice routing, const struct core_notice *notice);

/* ---- request.c ---- */

/* Keeps a client's request: its frames move out of the arrival. NULL if memory is out (the frames stay). */
struct request *request_new(struct core *core, struct arrival *arrival, struct service *service);

/* Forgets a request that is in no list. */
void request_free(struct core *core, struct request *request);

/* Answers in the broker's own name with a FINAL; the id frames of what was asked come back. */
void answer(struct core *core, const struct message *asked, size_t body_first, struct slice body);
void answer_refusal(struct core *core, const struct message *asked, size_t body_first, enum error code,
                    const char *text);

/* Refuses a request that was accepted, and frees it; it is in no list. */
void request_refuse(struct core *core, struct request *request, enum error code, const char *text);

/* Passes a worker's PARTIAL or FINAL on to the client; the body frames move. */
void request_forward(struct core *core, const struct request *request, struct arrival *reply);

/* ---- service.c ---- */

struct service *service_find(const struct core *core, struct slice name);
struct service *service_new(struct core *core, struct slice name); /* NULL if memory is out */

void service_append(struct core *core, struct request *request);     /* waits, behind the others */
void service_take_back(struct core *core, struct request *request); /* waits, before the others */

/* Hands waiting requests to workers with room, and forgets the service if nothing is left of it: `service` may be
 * gone afterwards, as may workers of it that turn out to be unreachable. */
void service_settle(struct core *core, struct service *service);

/* Refuses what has waited too long without a worker. */
void service_expire(struct core *core, struct service *service);

/* Refuses all that waits. */
void service_refuse_all(struct core *core, struct service *service, enum error code, const char *text);

/* ---- worker.c: one function per command, and the clock ---- */

void worker_says_ready(struct core *core, struct arrival *arrival);
void worker_says_reply(struct core *core, struct arrival *arrival);
void worker_says_heartbeat(struct core *core, struct arrival *arrival);
void worker_says_disconnect(struct core *core, struct arrival *arrival);
void worker_says_nonsense(struct core *core, struct arrival *arrival);

/* Takes a worker's place among the ready ones away or gives it one (the last), as its room is. */
void worker_place(struct worker *worker);

/* Removes a worker; what it held waits again, before the others, or is refused. The service is not settled. */
void worker_remove(struct core *core, struct worker *worker, const char *reason);

/* Removes workers that are silent, greets those that have heard nothing for long. Services are not settled. */
void workers_tick(struct core *core);

/* Does not hold a time in which the broker itself stood still against the workers. */
void workers_forgive(struct core *core, int64_t milliseconds);

/* Says DISCONNECT to all and removes them. */
void workers_dismiss(struct core *core);

#endif

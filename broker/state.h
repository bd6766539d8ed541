/* What the parts of the broker's core share: its state, and the functions by which they call each other.
 *
 * Who owns what: the core owns peers, services, workers and tickets by its maps. A request belongs to exactly one list,
 * as its state says: that of a line of its service (it waits), of the core (it is delayed), or of a worker (it is held,
 * and stands in `held_by_token` too). A ticket that is pending has one request; the request of a ticket has no route
 * back, and its frames are on disk unless it is held. */
#ifndef TROTH_BROKER_STATE_H
#define TROTH_BROKER_STATE_H

#include <sys/queue.h>

#include "base/map.h"
#include "base/pack.h"
#include "broker/core.h"
#include "wire/header.h"

#define REFUSAL_BYTES_MAX 1024
#define NEVER INT64_MAX

TAILQ_HEAD(request_list, request);
TAILQ_HEAD(worker_list, worker);
TAILQ_HEAD(line_list, line);
TAILQ_HEAD(receipt_list, receipt);
TAILQ_HEAD(ticket_list, ticket);

/* Where an answer goes: a connection, and the protocol that it speaks. Size 0: nowhere. */
struct route {
	enum mdp_version version;
	uint8_t size;
	uint8_t id[CORE_ROUTE_MAX];
};

/* What one transport key does as a client. */
struct peer {
	uint8_t key[TRANSPORT_KEY_SIZE];
	size_t requests; /* that wait or are being worked on, without those with tickets */
	size_t waiting;
	size_t bytes;
	int64_t allowance;    /* requests that it may still make at once, times 1000 */
	int64_t refilled;     /* when the allowance grew last */
	int64_t heard;
	uint64_t asked, refused; /* since it is remembered */
};

#define PRIORITIES 2 /* of enum priority (wire/header.h) */

/* The requests of one client that wait for one service: lines take turns, so that nobody waits behind a crowd that
 * one client has sent. */
struct line {
	TAILQ_ENTRY(line) link; /* in service->turns[priority] */
	struct request_list requests; /* oldest first; never empty */
	uint8_t key[TRANSPORT_KEY_SIZE];
	enum priority priority;
};

enum request_state { REQUEST_WAITING, REQUEST_DELAYED, REQUEST_HELD };

struct request {
	TAILQ_ENTRY(request) link;
	enum request_state state;
	struct route route;
	struct message frames; /* its body frames, the id in front; empty for a ticket that is not held */
	bool has_id;
	size_t bytes;
	struct peer *peer;     /* NULL for a ticket */
	uint8_t client[TRANSPORT_KEY_SIZE];
	int64_t arrived, arrived_us;
	int64_t expires;       /* nobody wants the answer after it; NEVER */
	int64_t due;           /* delayed: when it waits again */
	int64_t lease;         /* held: when it is taken back */
	enum priority priority;
	int64_t deliveries;
	unsigned given_back;      /* by workers that left politely */
	struct attempt *attempts; /* the last TICKET_ATTEMPTS failed ones; NULL before the first */
	size_t attempt_count;
	struct service *service;
	struct worker *worker;  /* held: by whom */
	struct line *line;      /* waiting: in which */
	uint64_t last_worker;   /* the number of the one that had it last; 0: none */
	uint8_t token[MDP_TOKEN_SIZE]; /* held */
	struct map_entry *by_token;    /* held: in core->held_by_token */
	struct map_entry *by_id;       /* in core->by_id; NULL: it cannot be recognised when it comes again */
	struct ticket *ticket;  /* NULL: an ordinary request */
};

struct ticket {
	TAILQ_ENTRY(ticket) link; /* in core->uncommitted, until it is committed */
	struct ticket_record record;
	struct request *request; /* while it is pending and committed */
	bool is_committed;
};

/* What one client has in the durable queue. */
struct owner {
	size_t tickets;
	size_t bytes;
};

/* Someone who waits for a ticket to be committed. */
struct receipt {
	TAILQ_ENTRY(receipt) link;
	struct route route;
	uint8_t client[TRANSPORT_KEY_SIZE];
	struct message id; /* its id frame, or empty */
	char service[MDP_SERVICE_MAX + 1];
	uint8_t ticket[TICKET_SIZE];
};

struct service {
	char name[MDP_SERVICE_MAX + 1];
	struct line_list turns[PRIORITIES]; /* the next client first */
	struct map *lines[PRIORITIES];      /* of struct line, by client key */
	size_t waiting;
	size_t tickets;  /* of those that wait: they are on disk and bounded there */
	size_t delayed;
	size_t held;
	unsigned interactive_run;  /* interactive requests handed out since the last batch one, while one waited */
	struct worker_list ready;  /* workers with room, the next one to be chosen first */
	size_t worker_count;
	int64_t deserted;  /* when its last worker left; while worker_count is 0 */
	int64_t look_at;   /* when its waiting requests are looked through for those whose time is over */
	bool is_paused;
};

struct worker {
	TAILQ_ENTRY(worker) link; /* in service->ready, if is_ready */
	uint64_t number;          /* never used twice */
	struct route route;
	uint8_t key[TRANSPORT_KEY_SIZE];
	struct service *service;
	struct request_list held; /* by lease, the one that ends first in front */
	unsigned held_count;
	size_t held_bytes;
	unsigned window;
	bool promises; /* a window in its READY: its heartbeats name what it holds */
	bool is_ready;
	bool is_full;     /* the queue to it was full; tried again after the next tick */
	bool is_silent;   /* gets nothing new until it speaks again */
	bool is_on_trial; /* holds a request on its last delivery, and nothing besides */
	int64_t heard;  /* when it last said something */
	int64_t spoken; /* when something was last sent to it */
	uint64_t done;
};

struct core {
	struct core_limits limits;
	struct core_edge edge;
	int64_t now, now_us; /* of the event that is being handled */
	struct map *services;
	struct map *workers; /* by routing id */
	struct map *held_by_token;
	struct map *by_id; /* requests with a header, by client key and id */
	struct map *peers;
	struct map *tickets;
	struct map *owners; /* of struct owner: who has tickets, by client key */
	struct request_list delayed;
	struct ticket_list uncommitted;
	struct receipt_list receipts;
	bool has_kept; /* changes to former tickets: they are committed some time, however often that fails */
	int64_t tickets_swept;
	struct map *noted; /* keys of peers that are logged already; no values */
	struct buffer answer;  /* to an operator */
	struct buffer refusal; /* made while another answer may be under way */
	struct pack_document *document;
	size_t bytes;
	size_t waiting, delayed_count;
	size_t tickets_in[TICKET_DEAD + 1]; /* by state */
	size_t tickets_bytes;
	uint64_t last_worker;
	int64_t peers_swept;
	bool is_draining;
	bool is_leaving;      /* draining, and about to stop */
	int64_t told_at;      /* when something that peers cause was logged last … */
	int64_t told_budget;  /* … and how many such lines may follow at once */
	uint64_t counts[CORE_COUNTERS];
	struct histogram latency_us[PRIORITIES]; /* from arrival to FINAL */
	struct histogram wait_us;                /* from arrival to the first worker */
};

/* A message that has come in and was understood. Everything is borrowed while it is being handled. */
struct arrival {
	struct message *message;
	struct route route;
	struct slice routing;
	const uint8_t *key;
	struct mdp mdp;
};

/* ---- core.c ---- */

void core_tell(struct core *core, const struct core_notice *notice);

/* The same, but only once per peer and event: someone who misbehaves must not fill the log too. */
void core_tell_once(struct core *core, const uint8_t *key, const struct core_notice *notice);

/* A message that is not Majordomo, or has no place. */
void core_ignore(struct core *core, const struct arrival *arrival, const char *reason);

/* Begins or ends draining. */
void core_drain(struct core *core, bool draining);

/* When the oldest request that waits for a service came; NEVER if none waits. */
int64_t service_oldest(const struct service *service);

/* ---- answer.c: what goes back to clients ---- */

/* Why the broker refuses: a row of one table with code, words, time to retry and counter. */
enum refusal {
	REFUSE_SERVICES,
	REFUSE_WAITING,
	REFUSE_BYTES,
	REFUSE_PEER,
	REFUSE_RATE,
	REFUSE_PEERS,
	REFUSE_DRAINING,
	REFUSE_STOPPING,
	REFUSE_MEMORY,
	REFUSE_CONFLICT,
	REFUSE_NO_WORKER,
	REFUSE_TOO_LATE,
	REFUSE_GIVEN_UP,
	REFUSE_QUEUE,
	REFUSE_OPERATOR,
	REFUSALS,
};

/* A FINAL (or PARTIAL) is begun, its payload appended by the caller, then sent. `id` may be NULL or empty. */
bool answer_begin(struct message *out, const struct route *route, enum mdp_command command, struct slice service,
                  const struct message *id, size_t id_at);
void answer_send(struct core *core, struct message *message, const uint8_t *key);

/* Answers an arrival by a FINAL with these payload frames. */
void answer_arrival(struct core *core, const struct arrival *arrival, const struct slice *payload, size_t count);

/* The body of a refusal, borrowed until the next call. */
struct slice refusal_body(struct core *core, enum refusal refusal);
struct slice failure_body(struct core *core, const struct failure *failure);
enum error refusal_code(enum refusal refusal);

/* Counts a refusal and answers by it. */
void refuse_arrival(struct core *core, const struct arrival *arrival, enum refusal refusal);
void refuse_arrival_because(struct core *core, const struct arrival *arrival, const struct failure *failure);

/* ---- client.c ---- */

void client_asks(struct core *core, struct arrival *arrival);

/* ---- peer.c ---- */

/* The account of a key, made if need be; NULL if there are too many, or memory is out. */
struct peer *peer_obtain(struct core *core, const uint8_t key[TRANSPORT_KEY_SIZE]);

/* True if one more request is within its rate; takes it off the allowance. */
bool peer_may_ask(struct core *core, struct peer *peer);

/* Forgets those that have had nothing for a while. */
void peers_sweep(struct core *core);

/* ---- request.c ---- */

/* Keeps a client's request: its body frames move out of the arrival. NULL if memory is out (the frames stay). */
struct request *request_new(struct core *core, struct arrival *arrival, struct service *service, struct peer *peer);

/* The request of a pending ticket. NULL if memory is out. */
struct request *request_of_ticket(struct core *core, struct ticket *ticket, struct service *service);

/* Forgets a request that is in no list. */
void request_free(struct core *core, struct request *request);

/* The request with the same client and id, which has no answer yet; NULL if there is none. */
struct request *request_repeated(const struct core *core, const struct arrival *arrival);

/* True if the repetition says the same. */
bool request_says_the_same(const struct request *request, const struct arrival *arrival);

/* Refuses a request that was accepted, and frees it; it is in no list. Its ticket, if it has one, dies. */
void request_refuse(struct core *core, struct request *request, enum refusal refusal);

/* A delivery has failed: the request, which is in no list, is delayed, or given up. It may be gone afterwards. */
void request_failed(struct core *core, struct request *request, const struct worker *worker, const char *outcome);

/* The worker leaves as it should, so it has not begun with this one, which is in no list: it waits again at once and
 * the delivery does not count, unless that has happened too often. It may be gone afterwards. */
void request_given_back(struct core *core, struct request *request, const struct worker *worker);

/* Passes a worker's PARTIAL or FINAL on to the client or to the ticket; the body frames move. */
void request_answer(struct core *core, struct request *request, struct arrival *reply);

struct slice request_header(const struct request *request); /* its id frame; empty if there is none */

/* Takes a delayed request out of its list. */
void request_undelay(struct core *core, struct request *request);

/* Those whose delay is over wait again. */
void requests_tick(struct core *core);

/* ---- service.c ---- */

struct service *service_find(const struct core *core, struct slice name);
struct service *service_obtain(struct core *core, struct slice name); /* NULL if memory is out */
void service_free(struct service *service);

/* Lets a request wait, behind the client's others or, if it was there before, in front of them. False if memory is
 * out. */
bool service_append(struct core *core, struct request *request);
bool service_take_back(struct core *core, struct request *request);

/* Takes a waiting request out of its line. */
void service_remove(struct core *core, struct request *request);

/* Hands waiting requests to workers with room, and forgets the service if nothing is left of it: `service` may be
 * gone afterwards, as may workers of it that turn out to be unreachable. */
void service_settle(struct core *core, struct service *service);

/* Refuses what has waited too long. */
void service_expire(struct core *core, struct service *service);

/* Refuses all ordinary requests that wait. */
void service_refuse_all(struct core *core, struct service *service, enum refusal refusal);

/* ---- worker.c: one function per command, and the clock ---- */

void worker_says_ready(struct core *core, struct arrival *arrival);
void worker_says_reply(struct core *core, struct arrival *arrival);
void worker_says_heartbeat(struct core *core, struct arrival *arrival);
void worker_says_disconnect(struct core *core, struct arrival *arrival);
void worker_says_nonsense(struct core *core, struct arrival *arrival);

/* Takes a worker's place among the ready ones away or gives it one (the last), as its room is. */
void worker_place(struct worker *worker);

/* Takes a request out of its worker's hands and forgets the token: what the worker still says of it comes too late. */
void worker_let_go(struct core *core, struct request *request);

/* Removes a worker; what it held has failed. The service is not settled. */
void worker_remove(struct core *core, struct worker *worker, const char *reason);

/* Its connection has ended. */
void worker_gone(struct core *core, struct slice routing);

/* Removes workers that are silent, takes back what they hold too long, greets those that have heard nothing for long.
 * Services are not settled. */
void workers_tick(struct core *core);

/* Does not hold a time in which the broker itself stood still against the workers. */
void workers_forgive(struct core *core, int64_t milliseconds);

/* Dismisses those that may not serve any more. */
void workers_check(struct core *core);

/* Says DISCONNECT to all and removes them. */
void workers_dismiss(struct core *core);

/* ---- queue.c: titanic.*, tickets and dead letters ---- */

void queue_asked(struct core *core, struct arrival *arrival);
void queue_restore(struct core *core, const struct ticket_record *record);
void queue_committed(struct core *core);
void queue_not_committed(struct core *core, const struct failure *failure);
void queue_tick(struct core *core);

/* A worker has answered the request of a ticket; the request, in no list, is freed. */
void queue_take_answer(struct core *core, struct request *request, struct arrival *reply);

/* A request that nobody could carry out becomes a dead letter. Of an ordinary one the frames are kept; the caller
 * answers and frees it. */
void queue_bury(struct core *core, struct request *request, const char *reason);

/* Operators: a dead letter is tried again, from the beginning, or forgotten. */
bool queue_retry(struct core *core, struct ticket *ticket);
void queue_forget(struct core *core, struct ticket *ticket);

/* ---- operator.c: the service `broker` ---- */

void operator_asks(struct core *core, struct arrival *arrival);

#endif

/* What the parts of the simulation share (tests/lib/life.h): the model, and the people in it. */
#ifndef TROTH_TESTS_LIB_LIFE_STATE_H
#define TROTH_TESTS_LIB_LIFE_STATE_H

#include <sys/queue.h>

#include "base/map.h"
#include "base/pack.h"
#include "broker/core.h"
#include "tests/lib/paper_queue.h"
#include "tests/lib/unit.h"
#include "wire/header.h"

#define CLIENTS 2000
#define WORKERS 300
#define SERVICES 8 /* the last one is served by nobody */
#define NOBODYS_SERVICE (SERVICES - 1)
#define WINDOW_MAX 6
#define PRIORITIES 2
#define SLOTS 65536 /* requests that are remembered at once */
#define POSTED_MAX 512
#define HANDS_MAX 16
#define NOBODY (-1)

#define HEARTBEAT 1000
#define LEASE 2500
#define QUEUE_MS 3000
#define BACKOFF 100
#define BACKOFF_MAX 2000
#define DELIVERIES_MAX 3
#define GIVEN_BACK_MAX 16
#define WAITING_LIMIT 300
#define PEER_REQUESTS 40
#define PEER_RATE 60
#define TICKETS_LIMIT 400
#define TICKET_BYTES 40000
#define TICKET_MS 60000
#define BYTES_LIMIT 1500000

#define HOLDS(condition) ((condition) ? (void)0 : life_breaks(#condition, __FILE__, __LINE__))

_Noreturn void life_breaks(const char *promise, const char *file, int line);

enum request_life {
	LIFE_NONE,        /* not asked, or lost with a broker that crashed */
	LIFE_COMING,      /* in this very step */
	LIFE_UNCOMMITTED, /* a ticket that is not on disk */
	LIFE_WAITING,
	LIFE_DELAYED, /* it failed; the core may let it wait already */
	LIFE_HELD,
	LIFE_OVER,
};

struct model_request {
	TAILQ_ENTRY(model_request) link; /* in life.delayed, or in its holder's `held` */
	uint32_t number; /* its slot, and how often that was used, times SLOTS */
	enum request_life state;
	int client, service, route, holder;
	enum priority priority;
	int64_t ttl;
	bool has_header;
	bool is_buried;  /* as an ordinary request: it is never asked again */
	unsigned posted; /* messages under way that speak of it */
	int deliveries, given_back;
	int64_t arrived, expires, lease, not_before, not_after;
	uint8_t token[MDP_TOKEN_SIZE];
	/* fairness: how things stood when it began to wait */
	bool is_first;
	uint32_t handed_before, lines_before, returns_before;
	/* tickets */
	bool is_ticket;
	bool is_kept; /* the core has it as a ticket */
	bool is_committed, is_acknowledged;
	struct ticket_record record;
	unsigned receipts; /* times that it was asked for without an answer yet */
};

TAILQ_HEAD(model_list, model_request);

/* What a worker believes that it holds. */
struct hand {
	uint32_t number;
	uint8_t address[MDP_TOKEN_SIZE + TRANSPORT_KEY_SIZE];
	uint8_t id[HEADER_MAX];
	size_t id_size;
};

struct model_worker {
	bool is_known; /* the core counts it as a worker */
	bool has_cause; /* it may be given up: it has misbehaved, left, or cannot be reached */
	bool is_silent, was_full, has_room, is_forbidden;
	bool cannot_be_reached, does_not_read, is_mute, is_slow, is_forgetful;
	int service, holds;
	int leases_over; /* of which notices are due */
	unsigned window;
	bool promises;
	enum mdp_version version;
	uint16_t connection;
	int64_t spoke; /* as the core counts it */
	int64_t sent;  /* as the worker counts it */
	struct model_list held;
	struct hand hands[HANDS_MAX];
	size_t hand_count;
};

struct model_client {
	int requests;
	int64_t allowance, refilled;
	bool is_gone, does_not_read;
	uint32_t returns; /* requests of it that came back from workers */
	uint16_t lines[SERVICES][PRIORITIES]; /* its requests that wait or are delayed */
};

enum post_kind {
	POST_REQUEST, /* these four speak of one request */
	POST_TICKET,
	POST_FETCH,
	POST_CLOSE,
	POST_DIRECTORY,
	POST_READY,
	POST_REPLY,
	POST_HEARTBEAT,
	POST_DISCONNECT,
	POST_GARBAGE,
};

/* A message on its way to the broker. */
struct post {
	enum post_kind kind;
	int from;  /* a client, or a worker */
	int route; /* of a client */
	uint16_t connection; /* of a worker */
	uint32_t number;
	uint8_t token[MDP_TOKEN_SIZE];
	bool is_final;
	struct message message;
};

struct life {
	struct core *core;
	struct core_limits limits;
	struct paper_queue *queue;
	struct pack_document *document;
	uint32_t seed, state, events, asked_for;
	int64_t now_us, now, stepped; /* `now` in milliseconds, and as it was in the last step */
	bool is_told;

	struct model_request *slots;
	uint32_t next_slot;
	struct model_list delayed;
	struct model_request *coming[TICKETS_LIMIT + 8];
	size_t coming_count;
	struct map *by_ticket; /* of struct model_request */
	struct model_request *fresh[2 * TICKETS_LIMIT]; /* kept, but not committed */
	size_t fresh_count;
	size_t kept[TICKET_DEAD + 1]; /* by state */
	int64_t kept_bytes;

	struct model_worker workers[WORKERS];
	struct model_client clients[CLIENTS];
	int worker_count[SERVICES], rooms[SERVICES];
	int64_t deserted[SERVICES];
	int definite[SERVICES][PRIORITIES]; /* that wait for sure */
	int queued[SERVICES][PRIORITIES];   /* and those that may be delayed */
	int ordinary; /* that wait for sure, and are no tickets */
	int definite_tickets[SERVICES], queued_tickets[SERVICES]; /* of these */
	int held;
	uint32_t lines[SERVICES][PRIORITIES], handed[SERVICES][PRIORITIES];
	uint32_t since_batch[SERVICES], run_beside_batch[SERVICES];
	bool is_paused[SERVICES];
	bool is_draining, is_stopping, is_committing;
	bool is_calm;  /* nothing goes wrong any more */
	bool is_empty; /* nobody is there any more */

	/* in this step */
	struct model_request *answering, *closing;
	bool is_retrying, is_dropping;
	int own_answers; /* of the broker's own services, at once */
	char status[4];  /* of the last one; "" for a refusal */
	struct message last_own;
	unsigned receipts; /* requests of tickets that wait for a commit */
	unsigned closes;   /* and closings */

	struct post posts[POSTED_MAX];
	size_t posted;
	uint64_t counts[CORE_COUNTERS]; /* of the brokers that have crashed */
	unsigned crashes;
};

extern struct life life;

extern const char *const life_services[SERVICES];

/* ---- life.c ---- */

uint32_t life_below(uint32_t limit);
bool life_one_in(uint32_t times);

/* Steps the core, and lets what came in this step wait. */
void life_step(const struct core_event *event);

/* Time passes, with a tick. */
void life_passes(int64_t milliseconds);

/* What must be so between two steps. */
void life_check(void);
void life_check_counts(void);

/* ---- life_edge.c: what the core says and asks ---- */

struct core_edge life_edge(void);
void life_client_key(int client, uint8_t key[TRANSPORT_KEY_SIZE]);
void life_worker_key(int worker, uint8_t key[TRANSPORT_KEY_SIZE]);
enum mdp_version life_version(int client, int route);

/* ---- life_requests.c: the model of requests ---- */

struct model_request *life_request_new(void); /* NULL if all slots are in use */
struct model_request *life_request(uint32_t number); /* must exist */
bool life_is_under_way(const struct model_request *request);
void life_comes(struct model_request *request);
void life_waits(struct model_request *request);
void life_coming_wait(void);
void life_fails(struct model_request *request);
void life_comes_back(struct model_request *request);
void life_is_handed(struct model_request *request, int worker, struct slice address);
void life_lets_go(struct model_request *request);
void life_is_over(struct model_request *request);
void life_room(struct model_worker *worker);
void life_delays_end(int64_t now);
bool life_last_waits(int service);

/* ---- life_tickets.c: the model of tickets ---- */

void life_keep(void *argument, const struct ticket_change *change);
size_t life_tickets(void);
void life_commit(void);
void life_crash(void);
void life_count_all(void);
void life_own_answer(const struct message *message, const struct mdp *mdp);
void life_ticket_arrives(struct post *post);
void life_fetch_arrives(struct post *post);
void life_close_arrives(struct post *post);

/* ---- life_clients.c, life_workers.c: who acts; life_post.c: how what they say arrives ---- */

void life_client_asks(void);
bool life_may_ask(int client);
void life_request_arrives(struct post *post);
void life_worker_acts(void);
void life_workers_beat(void);
void life_worker_answers_all(int worker);
void life_worker_arrives(struct post *post);
void life_post(struct post *post);
void life_post_arrives(void);
void life_deliver_as_client(struct post *post);

/* ---- life_operator.c ---- */

void life_operator_acts(void);
void life_operator_does(const char *operation, const char *key, const char *value, bool all);
void life_reload(void);

#endif

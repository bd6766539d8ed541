/* The core itself: which event leads where. */
#include "broker/core.h"

#include <assert.h>
#include <stdlib.h>

#include "broker/state.h"
#include "wire/body.h"

#define TELL_MS 1000
#define TELL_BURST 20

struct counter_row {
	const char *word;
	const char *help;
};

static const struct counter_row counter_rows[CORE_COUNTERS] = {
	[CORE_REQUESTS] = { "requests", "requests accepted" },
	[CORE_REPEATED] = { "repeated", "requests that came again while they were being worked on" },
	[CORE_HANDED_OUT] = { "handed-out", "times that a request was given to a worker" },
	[CORE_PARTIALS] = { "partials", "partial replies of workers" },
	[CORE_FINALS] = { "finals", "final replies of workers" },
	[CORE_DIRECTORY] = { "directory", "questions to mmi services answered" },
	[CORE_OPERATIONS] = { "operations", "questions and orders of operators" },
	[CORE_RETURNED] = { "returned", "requests taken back from a worker to be given out again" },
	[CORE_LEASES_OVER] = { "leases-over", "requests that a worker held too long" },
	[CORE_EXPIRED] = { "expired", "requests refused since no worker took them in time" },
	[CORE_GIVEN_UP] = { "given-up", "requests that too many workers failed with" },
	[CORE_QUEUED] = { "queued", "requests taken into the durable queue" },
	[CORE_QUEUE_ANSWERED] = { "queue-answered", "requests of the durable queue answered" },
	[CORE_QUEUE_CLOSED] = { "queue-closed", "tickets closed by their clients" },
	[CORE_QUEUE_EXPIRED] = { "queue-expired", "tickets forgotten since their time was over" },
	[CORE_REFUSED_SERVICES] = { "refused-services", "refused: too many services without workers" },
	[CORE_REFUSED_WAITING] = { "refused-waiting", "refused: too many requests of the service wait" },
	[CORE_REFUSED_BYTES] = { "refused-bytes", "refused: the requests take too much memory" },
	[CORE_REFUSED_PEER] = { "refused-peer", "refused: the client has too much under way" },
	[CORE_REFUSED_RATE] = { "refused-rate", "refused: the client asks too often" },
	[CORE_REFUSED_PEERS] = { "refused-peers", "refused: too many clients" },
	[CORE_REFUSED_DRAINING] = { "refused-draining", "refused: the broker is being emptied, or stops" },
	[CORE_REFUSED_MEMORY] = { "refused-memory", "refused: out of memory" },
	[CORE_REFUSED_CONFLICT] = { "refused-conflict", "refused: the id of another request that is under way" },
	[CORE_REFUSED_QUEUE] = { "refused-queue", "refused: the durable queue is full" },
	[CORE_REFUSED_DISK] = { "refused-disk", "commits of the durable queue that failed" },
	[CORE_REFUSED_OPERATOR] = { "refused-operator", "refused: orders of someone who is no operator" },
	[CORE_LATE_REPLIES] = { "late-replies", "replies ignored, to requests that are done with" },
	[CORE_FALSE_REPLIES] = { "false-replies", "replies refused, to requests that another worker holds" },
	[CORE_MALFORMED] = { "malformed", "messages ignored that are not Majordomo" },
	[CORE_CLIENT_GONE] = { "client-gone", "replies dropped since the client has left" },
	[CORE_CLIENT_SLOW] = { "client-slow", "replies dropped since the client does not take them" },
	[CORE_WORKERS_REFUSED] = { "workers-refused", "worker commands answered by DISCONNECT" },
	[CORE_WORKERS_LOST] = { "workers-lost", "workers that have gone" },
};

const char *core_counter_word(enum core_counter counter) {
	return counter_rows[counter].word;
}

const char *core_counter_help(enum core_counter counter) {
	return counter_rows[counter].help;
}

uint64_t core_count(const struct core *core, enum core_counter counter) {
	return core->counts[counter];
}

/* ---- making and freeing ---- */

struct core *core_new(const struct core_limits *limits, const struct core_edge *edge) {
	struct core *core = calloc(1, sizeof *core);
	if (core == NULL) {
		return NULL;
	}
	core->limits = *limits;
	core->edge = *edge;
	core->told_budget = TELL_BURST;
	buffer_init(&core->answer, BODY_MAX);
	buffer_init(&core->refusal, REFUSAL_BYTES_MAX);
	TAILQ_INIT(&core->delayed);
	TAILQ_INIT(&core->uncommitted);
	TAILQ_INIT(&core->receipts);
	core->document = pack_document_new();
	bool whole = core->document != NULL;
	struct map **maps[] = { &core->services, &core->workers, &core->held_by_token, &core->by_id,
		                    &core->peers,    &core->tickets, &core->noted, &core->owners };
	for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++) {
		*maps[i] = map_new();
		whole = whole && *maps[i] != NULL;
	}
	if (!whole) {
		core_free(core);
		return NULL;
	}
	return core;
}

static void drop_requests(struct core *core, struct request_list *list) {
	while (!TAILQ_EMPTY(list)) {
		struct request *request = TAILQ_FIRST(list);
		TAILQ_REMOVE(list, request, link);
		request_free(core, request);
	}
}

static void drop_service(struct core *core, struct service *service) {
	for (enum priority priority = 0; priority < PRIORITIES; priority++) {
		struct line *line = NULL;
		TAILQ_FOREACH(line, &service->turns[priority], link) {
			drop_requests(core, &line->requests);
		}
	}
	service_free(service);
}

static void drop_receipts(struct core *core) {
	while (!TAILQ_EMPTY(&core->receipts)) {
		struct receipt *receipt = TAILQ_FIRST(&core->receipts);
		TAILQ_REMOVE(&core->receipts, receipt, link);
		message_release(&receipt->id);
		free(receipt);
	}
}

/* True if core_new has come so far that there can be anything to drop. */
static void drop_all(struct core *core) {
	for (struct map_entry *entry = map_first(core->workers); entry != NULL; entry = map_next(entry)) {
		drop_requests(core, &((struct worker *)entry->value)->held);
	}
	drop_requests(core, &core->delayed);
	for (struct map_entry *entry = map_first(core->services); entry != NULL; entry = map_next(entry)) {
		drop_service(core, entry->value);
	}
	drop_receipts(core);
}

void core_free(struct core *core) {
	if (core == NULL) {
		return;
	}
	if (core->workers != NULL && core->services != NULL) {
		drop_all(core);
	}
	map_free(core->services, NULL);
	map_free(core->workers, free);
	map_free(core->held_by_token, NULL);
	map_free(core->by_id, NULL);
	map_free(core->peers, free);
	map_free(core->tickets, free);
	map_free(core->owners, free);
	map_free(core->noted, NULL);
	pack_document_free(core->document);
	buffer_release(&core->answer);
	buffer_release(&core->refusal);
	free(core);
}

/* ---- state ---- */

static int64_t older(const struct request *request, int64_t oldest) {
	return request != NULL && request->arrived < oldest ? request->arrived : oldest;
}

/* When the oldest request that waits for this service came; NEVER if none waits. */
int64_t service_oldest(const struct service *service) {
	int64_t oldest = NEVER;
	for (enum priority priority = 0; priority < PRIORITIES; priority++) {
		const struct line *line = NULL;
		TAILQ_FOREACH(line, &service->turns[priority], link) {
			oldest = older(TAILQ_FIRST(&line->requests), oldest);
		}
	}
	return oldest;
}

static int64_t oldest_age(const struct core *core) {
	int64_t oldest = older(TAILQ_FIRST(&core->delayed), NEVER);
	for (struct map_entry *entry = map_first(core->services); entry != NULL; entry = map_next(entry)) {
		int64_t here = service_oldest(entry->value);
		oldest = here < oldest ? here : oldest;
	}
	return oldest == NEVER ? 0 : core->now - oldest;
}

struct core_state core_state(const struct core *core) {
	return (struct core_state){
		.waiting = core->waiting,
		.delayed = core->delayed_count,
		.held = map_size(core->held_by_token),
		.workers = map_size(core->workers),
		.services = map_size(core->services),
		.peers = map_size(core->peers),
		.bytes = core->bytes,
		.tickets = map_size(core->tickets),
		.tickets_answered = core->tickets_in[TICKET_ANSWERED],
		.tickets_dead = core->tickets_in[TICKET_DEAD],
		.tickets_bytes = core->tickets_bytes,
		.oldest_ms = oldest_age(core),
		.draining = core->is_draining,
	};
}

/* ---- words for the log ---- */

void core_tell(struct core *core, const struct core_notice *notice) {
	core->edge.tell(core->edge.argument, notice);
}

/* One line a second, and some at once: new keys cost a peer nothing. Counters tell the rest. */
static bool may_tell(struct core *core) {
	int64_t grown = (core->now - core->told_at) / TELL_MS;
	if (grown > 0) {
		core->told_at = core->now;
		core->told_budget = grown < TELL_BURST - core->told_budget ? core->told_budget + grown : TELL_BURST;
	}
	if (core->told_budget == 0) {
		return false;
	}
	core->told_budget--;
	return true;
}

void core_tell_once(struct core *core, const uint8_t *key, const struct core_notice *notice) {
	struct buffer name;
	buffer_init(&name, TRANSPORT_KEY_SIZE + 64);
	bool named = buffer_append(&name, key, TRANSPORT_KEY_SIZE) &&
	             buffer_append_slice(&name, slice_of_text(notice->event));
	bool known = named && map_find(core->noted, buffer_slice(&name)) != NULL;
	if (!known && map_size(core->noted) >= CORE_NOTED_MAX) {
		map_clear(core->noted, NULL);
	}
	if (!known && may_tell(core)) {
		(void)map_put(core->noted, buffer_slice(&name), NULL);
		core_tell(core, notice);
	}
	buffer_release(&name);
}

void core_ignore(struct core *core, const struct arrival *arrival, const char *reason) {
	core->counts[CORE_MALFORMED]++;
	core_tell_once(core, arrival->key, &(struct core_notice){ .level = LOG_WARNING, .event = "message-ignored",
		.reason = reason, .key = arrival->key });
}

/* ---- events ---- */

typedef void (*handler)(struct core *core, struct arrival *arrival);

/* What each command does. Clients may only ask: the rest is ignored like anything that is not Majordomo. */
static const handler handlers[][MDP_DISCONNECT + 1] = {
	[MDP_SIDE_CLIENT] = {
		[MDP_REQUEST] = client_asks,
	},
	[MDP_SIDE_WORKER] = {
		[MDP_READY] = worker_says_ready,
		[MDP_PARTIAL] = worker_says_reply,
		[MDP_FINAL] = worker_says_reply,
		[MDP_HEARTBEAT] = worker_says_heartbeat,
		[MDP_DISCONNECT] = worker_says_disconnect,
		[MDP_REQUEST] = worker_says_nonsense,
	},
};

static void take_message(struct core *core, struct message *message, const uint8_t *peer_key) {
	struct arrival arrival = { .message = message, .routing = message_frame(message, 0), .key = peer_key };
	struct failure failure = { .text = "not a client's command" };
	handler handle = NULL;
	if (arrival.routing.size > CORE_ROUTE_MAX) {
		core_ignore(core, &arrival, "a routing id that is longer than libzmq makes them");
		return;
	}
	if (mdp_read(message, 1, &arrival.mdp, &failure) == OK) {
		handle = handlers[arrival.mdp.side][arrival.mdp.command];
	}
	if (handle == NULL) {
		core_ignore(core, &arrival, failure.text);
		return;
	}
	arrival.route.version = arrival.mdp.version;
	arrival.route.size = (uint8_t)arrival.routing.size;
	memcpy(arrival.route.id, arrival.routing.data, arrival.routing.size);
	handle(core, &arrival);
}

static void for_each_service(struct core *core, void (*act)(struct core *core, struct service *service)) {
	struct map_entry *entry = map_first(core->services);
	while (entry != NULL) {
		struct service *service = entry->value;
		entry = map_next(entry);
		act(core, service);
		service_settle(core, service);
	}
}

/* Workers first, all of them, so that no request is given to one that is about to be removed. */
static void tick(struct core *core) {
	workers_tick(core);
	requests_tick(core);
	for_each_service(core, service_expire);
	queue_tick(core);
	peers_sweep(core);
}

static void refuse_draining(struct core *core, struct service *service) {
	service_refuse_all(core, service, REFUSE_DRAINING);
}

static void refuse_stopping(struct core *core, struct service *service) {
	service_refuse_all(core, service, REFUSE_STOPPING);
}

/* What was delayed is looked at as what waits. */
static void end_delays(struct core *core) {
	struct request *request = NULL;
	TAILQ_FOREACH(request, &core->delayed, link) {
		request->due = core->now;
	}
	requests_tick(core);
}

void core_drain(struct core *core, bool draining) {
	core->is_draining = draining;
	core_tell(core, &(struct core_notice){ .level = LOG_INFO, .event = draining ? "draining" : "drain-ended",
		.requests = map_size(core->held_by_token) });
	if (draining) {
		end_delays(core);
		for_each_service(core, refuse_draining);
	} else {
		for_each_service(core, service_expire);
	}
}

static void stop(struct core *core) {
	workers_dismiss(core);
	end_delays(core);
	core->is_draining = true;
	for_each_service(core, refuse_stopping);
}

static void reload(struct core *core) {
	workers_check(core);
	for_each_service(core, service_expire);
}

void core_step(struct core *core, const struct core_event *event, int64_t now_us) {
	int64_t now = now_us / 1000;
	assert(now_us >= core->now_us);
	int64_t passed = core->now == 0 ? 0 : now - core->now;
	core->now = now;
	core->now_us = now_us;
	if (passed > core->limits.heartbeat_ms) {
		workers_forgive(core, passed); /* ticks come more often: this process was stopped, or starved */
	}
	switch (event->kind) {
	case CORE_MESSAGE:
		take_message(core, event->message, event->peer_key);
		break;
	case CORE_TICK:
		tick(core);
		break;
	case CORE_GONE:
		worker_gone(core, event->routing);
		break;
	case CORE_RESTORE:
		queue_restore(core, event->ticket);
		break;
	case CORE_COMMITTED:
		queue_committed(core);
		break;
	case CORE_NOT_COMMITTED:
		queue_not_committed(core, event->failure);
		break;
	case CORE_RELOADED:
		reload(core);
		break;
	case CORE_DRAIN:
		core->is_leaving = true;
		core_drain(core, true);
		break;
	case CORE_STOP:
		stop(core);
		break;
	}
}

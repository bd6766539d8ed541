/* The core itself: which event leads where, and what clients ask. */
#include "broker/core.h"

#include <assert.h>
#include <stdlib.h>

#include "broker/state.h"

struct counter_row {
	const char *word;
	const char *help;
};

static const struct counter_row counter_rows[CORE_COUNTERS] = {
	[CORE_REQUESTS] = { "requests", "requests accepted" },
	[CORE_HANDED_OUT] = { "handed-out", "times that a request was given to a worker" },
	[CORE_PARTIALS] = { "partials", "partial replies passed on" },
	[CORE_FINALS] = { "finals", "final replies passed on" },
	[CORE_DIRECTORY] = { "directory", "questions to mmi services answered" },
	[CORE_RETURNED] = { "returned", "requests taken back from a worker that is gone" },
	[CORE_REFUSED] = { "refused", "requests refused: a limit was reached, or the broker stopped" },
	[CORE_EXPIRED] = { "expired", "requests refused since no worker came in time" },
	[CORE_GIVEN_UP] = { "given-up", "requests refused since too many workers went away with them" },
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

struct core_state core_state(const struct core *core) {
	return (struct core_state){
		.waiting = core->waiting,
		.held = map_size(core->held_by_token),
		.workers = map_size(core->workers),
		.services = map_size(core->services),
		.bytes = core->bytes,
	};
}

struct core *core_new(const struct core_limits *limits, const struct core_edge *edge) {
	struct core *core = calloc(1, sizeof *core);
	if (core == NULL) {
		return NULL;
	}
	core->limits = *limits;
	core->edge = *edge;
	buffer_init(&core->refusal, REFUSAL_BYTES_MAX);
	core->services = map_new();
	core->workers = map_new();
	core->held_by_token = map_new();
	core->noted = map_new();
	if (core->services == NULL || core->workers == NULL || core->held_by_token == NULL || core->noted == NULL) {
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

void core_free(struct core *core) {
	if (core == NULL) {
		return;
	}
	struct map_entry *entry = core->workers == NULL ? NULL : map_first(core->workers);
	for (; entry != NULL; entry = map_next(entry)) {
		drop_requests(core, &((struct worker *)entry->value)->held);
	}
	entry = core->services == NULL ? NULL : map_first(core->services);
	for (; entry != NULL; entry = map_next(entry)) {
		drop_requests(core, &((struct service *)entry->value)->waiting);
	}
	map_free(core->workers, free);
	map_free(core->services, free);
	map_free(core->held_by_token, NULL);
	map_free(core->noted, NULL);
	buffer_release(&core->refusal);
	free(core);
}

void core_tell(struct core *core, const struct core_notice *notice) {
	core->edge.tell(core->edge.argument, notice);
}

void core_tell_once(struct core *core, struct slice routing, const struct core_notice *notice) {
	if (map_find(core->noted, routing) != NULL) {
		return;
	}
	if (map_size(core->noted) >= CORE_NOTED_MAX) {
		map_clear(core->noted, NULL);
	}
	(void)map_put(core->noted, routing, NULL);
	core_tell(core, notice);
}

/* ---- clients ---- */

/* RFC 8: is there a worker for the service that the (last) body frame names? */
static void answer_directory(struct core *core, const struct arrival *arrival) {
	const char *status = "501";
	if (slice_is(arrival->mdp.service, "mmi.service")) {
		struct slice name = message_frame(arrival->message, arrival->message->count - 1);
		const struct service *service = service_find(core, name);
		status = service != NULL && service->worker_count > 0 ? "200" : "404";
	}
	core->counts[CORE_DIRECTORY]++;
	answer(core, arrival->message, arrival->mdp.body_first, slice_of_text(status));
}

static void refuse(struct core *core, const struct arrival *arrival, enum error code, const char *text) {
	core->counts[CORE_REFUSED]++;
	answer_refusal(core, arrival->message, arrival->mdp.body_first, code, text);
}

/* The service that is asked for, made if need be; or NULL, after the refusal. */
static struct service *service_asked_for(struct core *core, const struct arrival *arrival) {
	struct service *service = service_find(core, arrival->mdp.service);
	if (service != NULL) {
		return service;
	}
	if (map_size(core->services) < CORE_SERVICES_MAX) {
		service = service_new(core, arrival->mdp.service);
	}
	if (service == NULL) {
		refuse(core, arrival, ERROR_BUSY, "requests wait for too many services that have no worker");
	}
	return service;
}

static void client_asks(struct core *core, struct arrival *arrival) {
	if (core_service_is_the_brokers(arrival->mdp.service)) {
		answer_directory(core, arrival);
		return;
	}
	struct service *service = service_asked_for(core, arrival);
	if (service == NULL) {
		return;
	}
	size_t bytes = message_bytes(arrival->message) + sizeof(struct request);
	struct request *request = NULL;
	if (service->waiting_count >= (size_t)core->limits.waiting_max) {
		refuse(core, arrival, ERROR_BUSY, "too many requests wait for this service");
	} else if (core->bytes + bytes > (size_t)core->limits.waiting_bytes_max) {
		refuse(core, arrival, ERROR_BUSY, "the requests that wait take too much memory");
	} else {
		request = request_new(core, arrival, service);
		if (request == NULL) {
			refuse(core, arrival, ERROR_BUSY, "out of memory");
		}
	}
	if (request != NULL) {
		core->counts[CORE_REQUESTS]++;
		service_append(core, request);
	}
	service_settle(core, service);
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
	if (mdp_read(message, 1, &arrival.mdp, &failure) == OK && arrival.mdp.version == MDP_0_2) {
		handle = handlers[arrival.mdp.side][arrival.mdp.command];
	}
	if (handle != NULL) {
		handle(core, &arrival);
		return;
	}
	core->counts[CORE_MALFORMED]++;
	core_tell_once(core, arrival.routing, &(struct core_notice){
		.level = LOG_WARNING, .event = "message-ignored", .reason = failure.text, .key = peer_key });
}

/* Workers first, all of them, so that no request is given to one that is about to be removed. */
static void tick(struct core *core) {
	workers_tick(core);
	struct map_entry *entry = map_first(core->services);
	while (entry != NULL) {
		struct service *service = entry->value;
		entry = map_next(entry);
		service_expire(core, service);
		service_settle(core, service);
	}
}

static void stop(struct core *core) {
	workers_dismiss(core);
	struct map_entry *entry = map_first(core->services);
	while (entry != NULL) {
		struct service *service = entry->value;
		entry = map_next(entry);
		service_refuse_all(core, service, ERROR_BUSY, "the broker stops; send it again");
		service_settle(core, service);
	}
}

void core_step(struct core *core, const struct core_event *event, int64_t now) {
	assert(now >= core->now);
	int64_t passed = now - core->now;
	core->now = now;
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
	case CORE_STOP:
		stop(core);
		break;
	}
}

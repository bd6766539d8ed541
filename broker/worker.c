/* Workers: what each command of theirs does, and how the broker notices that one is gone. */
#include <assert.h>
#include <stdlib.h>

#include "broker/state.h"

static struct slice routing_of(const struct worker *worker) {
	return slice_of(worker->routing, worker->routing_size);
}

static enum error send_signal(struct core *core, struct slice routing, enum mdp_command command) {
	struct message out;
	message_init(&out);
	enum error error = ERROR_NO_MEMORY;
	if (message_append(&out, routing) && mdp_write_signal(&out, MDP_0_2, command)) {
		error = core->edge.send(core->edge.argument, &out);
	}
	message_release(&out);
	return error;
}

void worker_place(struct worker *worker) {
	bool has_room = worker->held_count < worker->window && !worker->is_full;
	if (has_room && !worker->is_ready) {
		TAILQ_INSERT_TAIL(&worker->service->ready, worker, link);
	} else if (!has_room && worker->is_ready) {
		TAILQ_REMOVE(&worker->service->ready, worker, link);
	}
	worker->is_ready = has_room;
}

/* ---- going ---- */

/* Forgets the token: whatever the worker still says about this request comes too late. */
static void let_go(struct core *core, struct request *request) {
	struct worker *worker = request->worker;
	(void)map_remove(core->held_by_token, slice_of(request->token, sizeof request->token));
	TAILQ_REMOVE(&worker->held, request, link);
	worker->held_count--;
	request->worker = NULL;
}

/* From the last to the first, each to the front, so that they keep their order. */
static void give_back_all(struct core *core, struct worker *worker) {
	while (!TAILQ_EMPTY(&worker->held)) {
		struct request *request = TAILQ_LAST(&worker->held, request_list);
		let_go(core, request);
		if (request->deliveries < core->limits.deliveries_max) {
			core->counts[CORE_RETURNED]++;
			service_take_back(core, request);
		} else {
			core->counts[CORE_GIVEN_UP]++;
			core_tell(core, &(struct core_notice){ .level = LOG_ERROR, .event = "request-given-up",
				.reason = "every worker that it was given to went away", .key = request->client_key,
				.service = slice_of_text(worker->service->name), .requests = 1 });
			request_refuse(core, request, ERROR_NO_WORKER, "every worker that this was given to went away");
		}
	}
}

void worker_remove(struct core *core, struct worker *worker, const char *reason) {
	struct service *service = worker->service;
	core_tell(core, &(struct core_notice){ .level = LOG_INFO, .event = "worker-gone", .reason = reason,
		.key = worker->key, .service = slice_of_text(service->name), .requests = worker->held_count });
	core->counts[CORE_WORKERS_LOST]++;
	if (worker->is_ready) {
		TAILQ_REMOVE(&service->ready, worker, link);
	}
	service->worker_count--;
	if (service->worker_count == 0) {
		service->deserted = core->now;
	}
	give_back_all(core, worker);
	(void)map_remove(core->workers, routing_of(worker));
	free(worker);
}

static void remove_and_settle(struct core *core, struct worker *worker, const char *reason) {
	struct service *service = worker->service;
	worker_remove(core, worker, reason);
	service_settle(core, service);
}

/* Tells a peer that this is not how a worker behaves (RFC 18: DISCONNECT, and silence). */
static void dismiss(struct core *core, const struct arrival *arrival, const char *reason) {
	core->counts[CORE_WORKERS_REFUSED]++;
	core_tell_once(core, arrival->routing, &(struct core_notice){ .level = LOG_WARNING, .event = "worker-refused",
		.reason = reason, .key = arrival->key, .service = arrival->mdp.service });
	(void)send_signal(core, arrival->routing, MDP_DISCONNECT);
	struct worker *worker = map_get(core->workers, arrival->routing);
	if (worker != NULL) {
		remove_and_settle(core, worker, reason);
	}
}

/* ---- coming ---- */

/* Why this READY is refused, or NULL. */
static const char *objection(const struct core *core, const struct arrival *arrival) {
	struct slice name = arrival->mdp.service;
	if (map_get(core->workers, arrival->routing) != NULL) {
		return "a second READY";
	}
	if (core_service_is_the_brokers(name)) {
		return "this name belongs to the broker";
	}
	if (!core->edge.allows(core->edge.argument, arrival->key, name)) {
		return "this key may not serve this service";
	}
	if (map_size(core->workers) >= CORE_WORKERS_MAX) {
		return "too many workers";
	}
	return NULL;
}

static struct worker *worker_new(struct core *core, const struct arrival *arrival, struct service *service) {
	struct worker *worker = calloc(1, sizeof *worker);
	if (worker == NULL || !map_put(core->workers, arrival->routing, worker)) {
		free(worker);
		return NULL;
	}
	assert(arrival->routing.size <= sizeof worker->routing);
	memcpy(worker->routing, arrival->routing.data, arrival->routing.size);
	worker->routing_size = arrival->routing.size;
	memcpy(worker->key, arrival->key, sizeof worker->key);
	TAILQ_INIT(&worker->held);
	worker->service = service;
	worker->window = arrival->mdp.window;
	worker->heard = core->now;
	worker->spoken = core->now;
	service->worker_count++;
	worker_place(worker);
	return worker;
}

void worker_says_ready(struct core *core, struct arrival *arrival) {
	const char *reason = objection(core, arrival);
	if (reason != NULL) {
		dismiss(core, arrival, reason);
		return;
	}
	struct service *service = service_find(core, arrival->mdp.service);
	if (service == NULL) {
		service = service_new(core, arrival->mdp.service);
	}
	if (service == NULL) {
		dismiss(core, arrival, "out of memory");
		return;
	}
	if (worker_new(core, arrival, service) == NULL) {
		dismiss(core, arrival, "out of memory");
	} else {
		/* An answer at once, so that the worker knows that it is taken on. */
		(void)send_signal(core, arrival->routing, MDP_HEARTBEAT);
		core_tell(core, &(struct core_notice){ .level = LOG_INFO, .event = "worker-ready", .key = arrival->key,
			.service = arrival->mdp.service });
	}
	service_settle(core, service);
}

/* ---- working ---- */

/* The worker that speaks, or NULL after a DISCONNECT to someone who is none. The key is compared, since a peer may
 * choose the routing id that a worker has just left. */
static struct worker *speaker(struct core *core, const struct arrival *arrival) {
	struct worker *worker = map_get(core->workers, arrival->routing);
	if (worker == NULL) {
		dismiss(core, arrival, "not a worker: READY comes first");
		return NULL;
	}
	if (memcmp(worker->key, arrival->key, sizeof worker->key) != 0) {
		dismiss(core, arrival, "another key than that of READY");
		return NULL;
	}
	worker->heard = core->now;
	return worker;
}

void worker_says_reply(struct core *core, struct arrival *arrival) {
	struct worker *worker = speaker(core, arrival);
	if (worker == NULL) {
		return;
	}
	struct slice address = arrival->mdp.address;
	struct request *request = NULL;
	if (address.size >= MDP_TOKEN_SIZE) {
		request = map_get(core->held_by_token, slice_of(address.data, MDP_TOKEN_SIZE));
	}
	if (request == NULL) {
		core->counts[CORE_LATE_REPLIES]++;
		return;
	}
	if (request->worker != worker) {
		core->counts[CORE_FALSE_REPLIES]++;
		dismiss(core, arrival, "an answer to a request that another worker holds");
		return;
	}
	request_forward(core, request, arrival);
	if (arrival->mdp.command == MDP_PARTIAL) {
		core->counts[CORE_PARTIALS]++;
		return;
	}
	core->counts[CORE_FINALS]++;
	let_go(core, request);
	request_free(core, request);
	worker_place(worker);
	service_settle(core, worker->service);
}

void worker_says_heartbeat(struct core *core, struct arrival *arrival) {
	(void)speaker(core, arrival);
}

void worker_says_disconnect(struct core *core, struct arrival *arrival) {
	struct worker *worker = map_get(core->workers, arrival->routing);
	if (worker != NULL) {
		remove_and_settle(core, worker, "it said DISCONNECT");
	}
}

void worker_says_nonsense(struct core *core, struct arrival *arrival) {
	dismiss(core, arrival, "a command that is not a worker's");
}

/* ---- the clock ---- */

static void greet(struct core *core, struct worker *worker) {
	enum error error = send_signal(core, routing_of(worker), MDP_HEARTBEAT);
	if (error == ERROR_UNREACHABLE) {
		worker_remove(core, worker, "unreachable");
	} else {
		worker->spoken = core->now;
	}
}

static void worker_tick(struct core *core, struct worker *worker) {
	if (core->now - worker->heard >= CORE_LIVENESS * core->limits.heartbeat_ms) {
		(void)send_signal(core, routing_of(worker), MDP_DISCONNECT);
		worker_remove(core, worker, "silent for too long");
		return;
	}
	if (worker->is_full) {
		worker->is_full = false;
		worker_place(worker);
	}
	if (core->now - worker->spoken >= core->limits.heartbeat_ms) {
		greet(core, worker);
	}
}

void workers_tick(struct core *core) {
	struct map_entry *entry = map_first(core->workers);
	while (entry != NULL) {
		struct worker *worker = entry->value;
		entry = map_next(entry);
		worker_tick(core, worker);
	}
}

void workers_forgive(struct core *core, int64_t milliseconds) {
	for (struct map_entry *entry = map_first(core->workers); entry != NULL; entry = map_next(entry)) {
		((struct worker *)entry->value)->heard += milliseconds;
	}
}

void workers_dismiss(struct core *core) {
	struct map_entry *entry = map_first(core->workers);
	while (entry != NULL) {
		struct worker *worker = entry->value;
		entry = map_next(entry);
		(void)send_signal(core, routing_of(worker), MDP_DISCONNECT);
		worker_remove(core, worker, "the broker stops");
	}
}

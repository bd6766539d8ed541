/* Workers: what each command of theirs does, and how the broker notices that one is gone. */
#include <assert.h>
#include <stdlib.h>

#include "broker/state.h"

static struct slice routing_of(const struct worker *worker) {
	return slice_of(worker->route.id, worker->route.size);
}

static enum error send_signal(struct core *core, const struct route *route, enum mdp_command command) {
	struct message out;
	message_init(&out);
	enum error error = ERROR_NO_MEMORY;
	if (message_append(&out, slice_of(route->id, route->size)) && mdp_write_signal(&out, route->version, command)) {
		error = core->edge.send(core->edge.argument, &out);
	}
	message_release(&out);
	return error;
}

void worker_place(struct worker *worker) {
	bool has_room = worker->held_count < worker->window && worker->held_bytes < CORE_HELD_BYTES_MAX &&
	                !worker->is_full && !worker->is_silent && !worker->is_on_trial;
	if (has_room && !worker->is_ready) {
		TAILQ_INSERT_TAIL(&worker->service->ready, worker, link);
	} else if (!has_room && worker->is_ready) {
		TAILQ_REMOVE(&worker->service->ready, worker, link);
	}
	worker->is_ready = has_room;
}

/* ---- going ---- */

void worker_let_go(struct core *core, struct request *request) {
	struct worker *worker = request->worker;
	(void)map_remove_entry(core->held_by_token, request->by_token);
	TAILQ_REMOVE(&worker->held, request, link);
	worker->held_count--;
	worker->held_bytes -= request->bytes;
	worker->is_on_trial = false;
	request->service->held--;
	request->worker = NULL;
}

static void remove_worker(struct core *core, struct worker *worker, const char *reason, bool is_polite) {
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
	while (!TAILQ_EMPTY(&worker->held)) {
		struct request *request = TAILQ_LAST(&worker->held, request_list);
		worker_let_go(core, request);
		if (is_polite) {
			request_given_back(core, request, worker);
		} else {
			request_failed(core, request, worker, reason);
		}
	}
	(void)map_remove(core->workers, routing_of(worker));
	free(worker);
}

void worker_remove(struct core *core, struct worker *worker, const char *reason) {
	remove_worker(core, worker, reason, false);
}

static void remove_and_settle(struct core *core, struct worker *worker, const char *reason) {
	struct service *service = worker->service;
	worker_remove(core, worker, reason);
	service_settle(core, service);
}

void worker_gone(struct core *core, struct slice routing) {
	struct worker *worker = map_get(core->workers, routing);
	if (worker != NULL) {
		remove_and_settle(core, worker, "its connection ended");
	}
}

/* Tells a peer that this is not how a worker behaves (RFC 18: DISCONNECT, and silence). */
static void dismiss(struct core *core, const struct arrival *arrival, const char *reason) {
	core->counts[CORE_WORKERS_REFUSED]++;
	core_tell_once(core, arrival->key, &(struct core_notice){ .level = LOG_WARNING, .event = "worker-refused",
		.reason = reason, .key = arrival->key, .service = arrival->mdp.service });
	(void)send_signal(core, &arrival->route, MDP_DISCONNECT);
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
	core->last_worker++;
	worker->number = core->last_worker;
	worker->route = arrival->route;
	memcpy(worker->key, arrival->key, sizeof worker->key);
	TAILQ_INIT(&worker->held);
	worker->service = service;
	worker->window = arrival->mdp.window;
	worker->promises = arrival->mdp.has_window;
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
	struct service *service = service_obtain(core, arrival->mdp.service);
	if (service == NULL) {
		dismiss(core, arrival, "out of memory");
		return;
	}
	if (worker_new(core, arrival, service) == NULL) {
		dismiss(core, arrival, "out of memory");
	} else {
		/* An answer at once, so that the worker knows that it is taken on. */
		(void)send_signal(core, &arrival->route, MDP_HEARTBEAT);
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
	if (worker->is_silent) {
		worker->is_silent = false;
		worker_place(worker);
	}
	return worker;
}

/* Touches the lease of a request that this worker names; others are none of its business. */
static void touch(struct core *core, struct worker *worker, struct slice token) {
	struct request *request = map_get(core->held_by_token, token);
	if (request != NULL && request->worker == worker) {
		request->lease = core->now + core->limits.lease_ms;
		TAILQ_REMOVE(&worker->held, request, link);
		TAILQ_INSERT_TAIL(&worker->held, request, link);
	}
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
		service_settle(core, worker->service); /* one that was silent may take work again */
		return;
	}
	if (request->worker != worker) {
		core->counts[CORE_FALSE_REPLIES]++;
		dismiss(core, arrival, "an answer to a request that another worker holds");
		return;
	}
	if (arrival->mdp.command == MDP_PARTIAL) {
		core->counts[CORE_PARTIALS]++;
		touch(core, worker, slice_of(request->token, sizeof request->token));
		request_answer(core, request, arrival);
		return;
	}
	core->counts[CORE_FINALS]++;
	worker->done++;
	worker_let_go(core, request);
	request_answer(core, request, arrival);
	worker_place(worker);
	service_settle(core, worker->service);
}

void worker_says_heartbeat(struct core *core, struct arrival *arrival) {
	struct worker *worker = speaker(core, arrival);
	if (worker == NULL) {
		return;
	}
	struct slice held = arrival->mdp.held;
	for (size_t at = 0; arrival->mdp.names_held && at + MDP_TOKEN_SIZE <= held.size; at += MDP_TOKEN_SIZE) {
		touch(core, worker, slice_of(held.data + at, MDP_TOKEN_SIZE));
	}
	service_settle(core, worker->service);
}

void worker_says_disconnect(struct core *core, struct arrival *arrival) {
	struct worker *worker = map_get(core->workers, arrival->routing);
	if (worker != NULL) {
		struct service *service = worker->service;
		bool is_itself = memcmp(worker->key, arrival->key, sizeof worker->key) == 0;
		remove_worker(core, worker, "it said DISCONNECT", is_itself);
		service_settle(core, service);
	}
}

void worker_says_nonsense(struct core *core, struct arrival *arrival) {
	dismiss(core, arrival, "a command that is not a worker's");
}

/* ---- the clock ---- */

static void greet(struct core *core, struct worker *worker) {
	enum error error = send_signal(core, &worker->route, MDP_HEARTBEAT);
	if (error == ERROR_UNREACHABLE) {
		worker_remove(core, worker, "unreachable");
	} else {
		worker->spoken = core->now;
	}
}

/* Takes back what it has held for too long: it may have lost it, and nobody else would ever get it. */
static void end_leases(struct core *core, struct worker *worker) {
	struct request *request = TAILQ_FIRST(&worker->held);
	while (request != NULL && core->now >= request->lease) {
		core->counts[CORE_LEASES_OVER]++;
		core_tell(core, &(struct core_notice){ .level = LOG_WARNING, .event = "lease-over", .key = worker->key,
			.service = slice_of_text(worker->service->name), .request = request_header(request), .requests = 1 });
		worker_let_go(core, request);
		request_failed(core, request, worker, "its lease was over");
		request = TAILQ_FIRST(&worker->held);
	}
	worker_place(worker);
}

static bool is_overdue(const struct core *core, const struct worker *worker) {
	return core->now - worker->heard >= CORE_LIVENESS * core->limits.heartbeat_ms;
}

/* Silence ends a worker at once, unless it is a plain one with work in its hands: such a worker cannot speak while it
 * works (zguide's do not), so it gets nothing new, and its leases decide. */
static void worker_tick(struct core *core, struct worker *worker) {
	end_leases(core, worker);
	bool is_silent = is_overdue(core, worker);
	if (is_silent && (worker->promises || worker->held_count == 0)) {
		(void)send_signal(core, &worker->route, MDP_DISCONNECT);
		worker_remove(core, worker, "silent for too long");
		return;
	}
	worker->is_silent = is_silent;
	worker->is_full = false;
	worker_place(worker);
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
		struct worker *worker = entry->value;
		struct request *request = NULL;
		worker->heard += milliseconds;
		TAILQ_FOREACH(request, &worker->held, link) {
			request->lease += milliseconds;
		}
	}
}

static void dismiss_worker(struct core *core, struct worker *worker, const char *reason) {
	(void)send_signal(core, &worker->route, MDP_DISCONNECT);
	remove_worker(core, worker, reason, true);
}

void workers_check(struct core *core) {
	struct map_entry *entry = map_first(core->workers);
	while (entry != NULL) {
		struct worker *worker = entry->value;
		entry = map_next(entry);
		if (!core->edge.allows(core->edge.argument, worker->key, slice_of_text(worker->service->name))) {
			dismiss_worker(core, worker, "its key may not serve any more");
		}
	}
}

void workers_dismiss(struct core *core) {
	struct map_entry *entry = map_first(core->workers);
	while (entry != NULL) {
		struct worker *worker = entry->value;
		entry = map_next(entry);
		dismiss_worker(core, worker, "the broker stops");
	}
}

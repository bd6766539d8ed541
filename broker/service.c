/* Services: the queue of each, in which clients take turns, and the handing of its requests to its workers. */
#include <assert.h>
#include <stdlib.h>

#include "broker/state.h"

#define LOOK_MS 50         /* between two looks for requests whose time is over … */
#define LOOK_PER_MS 20     /* … and one more for so many that wait */

struct service *service_find(const struct core *core, struct slice name) {
	return map_get(core->services, name);
}

void service_free(struct service *service) {
	for (enum priority priority = 0; priority < PRIORITIES; priority++) {
		map_free(service->lines[priority], free);
	}
	free(service);
}

static struct service *service_new(struct core *core, struct slice name) {
	struct service *service = calloc(1, sizeof *service);
	if (service == NULL) {
		return NULL;
	}
	bool whole = slice_copy_text(name, service->name, sizeof service->name);
	for (enum priority priority = 0; priority < PRIORITIES; priority++) {
		TAILQ_INIT(&service->turns[priority]);
		service->lines[priority] = map_new();
		whole = whole && service->lines[priority] != NULL;
	}
	TAILQ_INIT(&service->ready);
	service->deserted = core->now;
	if (!whole || !map_put(core->services, name, service)) {
		service_free(service);
		return NULL;
	}
	return service;
}

struct service *service_obtain(struct core *core, struct slice name) {
	struct service *service = service_find(core, name);
	return service == NULL ? service_new(core, name) : service;
}

/* ---- lines ---- */

static struct line *line_obtain(struct service *service, const struct request *request) {
	struct slice key = slice_of(request->client, sizeof request->client);
	struct map *lines = service->lines[request->priority];
	struct line *line = map_get(lines, key);
	if (line != NULL) {
		return line;
	}
	line = calloc(1, sizeof *line);
	if (line == NULL || !map_put(lines, key, line)) {
		free(line);
		return NULL;
	}
	TAILQ_INIT(&line->requests);
	memcpy(line->key, request->client, sizeof line->key);
	line->priority = request->priority;
	TAILQ_INSERT_TAIL(&service->turns[request->priority], line, link);
	return line;
}

static bool enter(struct core *core, struct request *request, bool in_front) {
	struct service *service = request->service;
	struct line *line = line_obtain(service, request);
	if (line == NULL) {
		return false;
	}
	request->state = REQUEST_WAITING;
	request->line = line;
	if (in_front) {
		TAILQ_INSERT_HEAD(&line->requests, request, link);
	} else {
		TAILQ_INSERT_TAIL(&line->requests, request, link);
	}
	service->waiting++;
	service->tickets += request->ticket != NULL;
	core->waiting++;
	if (request->peer != NULL) {
		request->peer->waiting++;
	}
	return true;
}

bool service_append(struct core *core, struct request *request) {
	return enter(core, request, false);
}

bool service_take_back(struct core *core, struct request *request) {
	return enter(core, request, true);
}

void service_remove(struct core *core, struct request *request) {
	struct service *service = request->service;
	struct line *line = request->line;
	TAILQ_REMOVE(&line->requests, request, link);
	request->line = NULL;
	service->waiting--;
	service->tickets -= request->ticket != NULL;
	core->waiting--;
	if (request->peer != NULL) {
		request->peer->waiting--;
	}
	if (TAILQ_EMPTY(&line->requests)) {
		TAILQ_REMOVE(&service->turns[line->priority], line, link);
		(void)map_remove(service->lines[line->priority], slice_of(line->key, sizeof line->key));
		free(line);
	}
}

/* ---- handing out ---- */

/* Interactive before batch, but not for ever. */
static struct request *next_request(const struct service *service) {
	const struct line *interactive = TAILQ_FIRST(&service->turns[PRIORITY_INTERACTIVE]);
	const struct line *batch = TAILQ_FIRST(&service->turns[PRIORITY_BATCH]);
	bool batch_turn = interactive == NULL || service->interactive_run + 1 >= CORE_BATCH_SHARE;
	const struct line *line = batch != NULL && batch_turn ? batch : interactive;
	return line == NULL ? NULL : TAILQ_FIRST(&line->requests);
}

/* The next client's turn; called before the request leaves its line. */
static void pass_turn(struct service *service, struct line *line) {
	TAILQ_REMOVE(&service->turns[line->priority], line, link);
	TAILQ_INSERT_TAIL(&service->turns[line->priority], line, link);
	bool batch_waits = !TAILQ_EMPTY(&service->turns[PRIORITY_BATCH]);
	service->interactive_run = line->priority == PRIORITY_INTERACTIVE && batch_waits ? service->interactive_run + 1 : 0;
}

/* True if a request has failed so often that it dies if it fails once more. That it does alone with its worker, or all
 * that workers held beside one that they die of would become dead letters with it. */
static bool is_last_delivery(const struct core *core, const struct request *request) {
	return request->deliveries > 0 && request->deliveries + 1 >= core->limits.deliveries_max;
}

/* The worker whose turn it is, but if there is another one, not the one that has failed with it. NULL if the request
 * has to wait until a worker holds nothing. */
static struct worker *next_worker(const struct core *core, const struct service *service,
                                  const struct request *request) {
	struct worker *worker = TAILQ_FIRST(&service->ready);
	assert(worker != NULL);
	if (is_last_delivery(core, request)) {
		while (worker != NULL && worker->held_count > 0) {
			worker = TAILQ_NEXT(worker, link);
		}
		return worker;
	}
	if (worker->number == request->last_worker && TAILQ_NEXT(worker, link) != NULL) {
		worker = TAILQ_NEXT(worker, link);
	}
	return worker;
}

/* Body frames are shared with the kept request, since they may be needed for another worker. */
static bool write_dispatch(struct message *out, const struct request *request, const struct worker *worker) {
	uint8_t address[MDP_TOKEN_SIZE + TRANSPORT_KEY_SIZE];
	memcpy(address, request->token, MDP_TOKEN_SIZE);
	memcpy(address + MDP_TOKEN_SIZE, request->client, TRANSPORT_KEY_SIZE);
	bool fits = message_append(out, slice_of(worker->route.id, worker->route.size)) &&
	            mdp_write_worker(out, worker->route.version, MDP_REQUEST, slice_of(address, sizeof address));
	for (size_t i = 0; fits && i < request->frames.count; i++) {
		fits = message_append_shared(out, &request->frames, i);
	}
	return fits;
}

/* Sends the request under a fresh token, by which alone the worker can answer it. On an error nothing has changed. */
static enum error send_dispatch(struct core *core, struct request *request, struct worker *worker) {
	core->edge.random(core->edge.argument, request->token, sizeof request->token);
	request->by_token = map_add(core->held_by_token, slice_of(request->token, sizeof request->token), request);
	if (request->by_token == NULL) {
		return ERROR_NO_MEMORY;
	}
	struct message out;
	message_init(&out);
	enum error error = ERROR_NO_MEMORY;
	if (write_dispatch(&out, request, worker)) {
		error = core->edge.send(core->edge.argument, &out);
	}
	message_release(&out);
	if (error != OK) {
		(void)map_remove_entry(core->held_by_token, request->by_token);
	}
	return error;
}

static void hold(struct core *core, struct request *request, struct worker *worker) {
	pass_turn(request->service, request->line);
	service_remove(core, request);
	if (request->deliveries == 0) {
		histogram_add(&core->wait_us, core->now_us - request->arrived_us);
	}
	request->state = REQUEST_HELD;
	request->worker = worker;
	request->last_worker = worker->number;
	worker->is_on_trial = is_last_delivery(core, request);
	request->lease = core->now + core->limits.lease_ms;
	request->deliveries++;
	TAILQ_INSERT_TAIL(&worker->held, request, link);
	worker->held_count++;
	worker->held_bytes += request->bytes;
	worker->spoken = core->now;
	request->service->held++;
	core->counts[CORE_HANDED_OUT]++;
}

/* The frames of a ticket come from disk. False if they cannot be had: then the request is gone. */
static bool load_frames(struct core *core, struct request *request) {
	if (request->ticket == NULL || request->frames.count > 0) {
		return true;
	}
	enum error error =
	    core->edge.load(core->edge.argument, request->ticket->record.id, TICKET_REQUEST, &request->frames);
	if (error != OK) {
		service_remove(core, request);
		queue_bury(core, request, "its record cannot be read");
		request_free(core, request);
		return false;
	}
	size_t bytes = message_bytes(&request->frames);
	request->bytes += bytes;
	core->bytes += bytes;
	request->has_id = mdp_body_has_id(&request->frames, 0);
	return true;
}

/* One request to the worker whose turn it is. */
static void hand_over(struct core *core, struct service *service, struct request *request, struct worker *worker) {
	if (core->now >= request->expires) {
		service_remove(core, request);
		request_refuse(core, request, REFUSE_TOO_LATE);
		return;
	}
	if (!load_frames(core, request)) {
		return;
	}
	assert(worker->held_count < worker->window && !worker->is_full && !worker->is_silent);
	enum error error = send_dispatch(core, request, worker);
	if (error == ERROR_UNREACHABLE) {
		worker_remove(core, worker, "unreachable");
		return;
	}
	TAILQ_REMOVE(&service->ready, worker, link);
	worker->is_ready = false;
	if (error == OK) {
		hold(core, request, worker);
	} else {
		worker->is_full = true;
	}
	worker_place(worker);
}

static bool is_idle(const struct service *service) {
	return service->worker_count == 0 && service->waiting == 0 && service->delayed == 0 && !service->is_paused;
}

void service_settle(struct core *core, struct service *service) {
	bool open = !service->is_paused && !core->is_draining;
	while (open && service->waiting > 0 && !TAILQ_EMPTY(&service->ready)) {
		struct request *next = next_request(service);
		assert(next != NULL);
		struct worker *worker = next_worker(core, service, next);
		if (worker == NULL) {
			break; /* soon: nobody is given anything until then */
		}
		hand_over(core, service, next, worker);
	}
	if (is_idle(service)) {
		(void)map_remove(core->services, slice_of_text(service->name));
		service_free(service);
	}
}

/* ---- the clock ---- */

static bool is_over(const struct core *core, const struct request *request, enum refusal *refusal) {
	const struct service *service = request->service;
	if (core->now >= request->expires) {
		*refusal = service->worker_count == 0 ? REFUSE_NO_WORKER : REFUSE_TOO_LATE;
		return true;
	}
	if (service->worker_count > 0 || request->ticket != NULL) {
		return false;
	}
	int64_t since = request->arrived > service->deserted ? request->arrived : service->deserted;
	*refusal = REFUSE_NO_WORKER;
	return core->now - since >= core->limits.queue_ms;
}

/* `wanted` says which go, and why. */
typedef bool choice(const struct core *core, const struct request *request, enum refusal *refusal);

static void refuse_chosen(struct core *core, struct service *service, choice *wanted, enum refusal refusal) {
	for (enum priority priority = 0; priority < PRIORITIES; priority++) {
		struct line *next_line = NULL;
		for (struct line *line = TAILQ_FIRST(&service->turns[priority]); line != NULL; line = next_line) {
			next_line = TAILQ_NEXT(line, link);
			struct request *next = NULL;
			for (struct request *request = TAILQ_FIRST(&line->requests); request != NULL; request = next) {
				next = TAILQ_NEXT(request, link); /* the line goes with its last request */
				if (wanted(core, request, &refusal)) {
					service_remove(core, request);
					request_refuse(core, request, refusal);
				}
			}
		}
	}
}

void service_expire(struct core *core, struct service *service) {
	if (core->now >= service->look_at) {
		refuse_chosen(core, service, is_over, REFUSE_NO_WORKER);
		service->look_at = core->now + LOOK_MS + (int64_t)service->waiting / LOOK_PER_MS;
	}
}

static bool is_ordinary(const struct core *core, const struct request *request, enum refusal *refusal) {
	(void)core;
	(void)refusal;
	return request->ticket == NULL;
}

void service_refuse_all(struct core *core, struct service *service, enum refusal refusal) {
	refuse_chosen(core, service, is_ordinary, refusal);
}

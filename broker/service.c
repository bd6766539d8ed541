/* Services: the queue of each, and the handing of its requests to its workers in turns. */
#include <assert.h>
#include <stdlib.h>

#include "broker/state.h"

#define NAMES_OF_THE_BROKER "mmi." /* RFC 8 */

bool core_service_is_the_brokers(struct slice name) {
	struct slice prefix = slice_of_text(NAMES_OF_THE_BROKER);
	return name.size >= prefix.size && slice_equal(slice_of(name.data, prefix.size), prefix);
}

struct service *service_find(const struct core *core, struct slice name) {
	return map_get(core->services, name);
}

struct service *service_new(struct core *core, struct slice name) {
	struct service *service = calloc(1, sizeof *service);
	if (service == NULL) {
		return NULL;
	}
	TAILQ_INIT(&service->waiting);
	TAILQ_INIT(&service->ready);
	service->deserted = core->now;
	if (!slice_copy_text(name, service->name, sizeof service->name) || !map_put(core->services, name, service)) {
		free(service);
		return NULL;
	}
	return service;
}

void service_append(struct core *core, struct request *request) {
	TAILQ_INSERT_TAIL(&request->service->waiting, request, link);
	request->service->waiting_count++;
	core->waiting++;
}

void service_take_back(struct core *core, struct request *request) {
	TAILQ_INSERT_HEAD(&request->service->waiting, request, link);
	request->service->waiting_count++;
	core->waiting++;
}

static void remove_waiting(struct core *core, struct request *request) {
	TAILQ_REMOVE(&request->service->waiting, request, link);
	request->service->waiting_count--;
	core->waiting--;
}

/* The client's body frames are shared with the kept request, since they may be needed for another worker. */
static bool write_dispatch(struct message *out, const struct request *request, const struct worker *worker) {
	uint8_t address[MDP_TOKEN_SIZE + TRANSPORT_KEY_SIZE];
	memcpy(address, request->token, MDP_TOKEN_SIZE);
	memcpy(address + MDP_TOKEN_SIZE, request->client_key, TRANSPORT_KEY_SIZE);
	bool fits = message_append(out, slice_of(worker->routing, worker->routing_size)) &&
	            mdp_write_worker(out, MDP_0_2, MDP_REQUEST, slice_of(address, sizeof address));
	for (size_t i = request->body_first; fits && i < request->asked.count; i++) {
		fits = message_append_shared(out, &request->asked, i);
	}
	return fits;
}

/* Sends the request under a fresh token, by which alone the worker can answer it. On an error nothing has changed. */
static enum error send_dispatch(struct core *core, struct request *request, struct worker *worker) {
	core->edge.random(core->edge.argument, request->token, sizeof request->token);
	struct slice token = slice_of(request->token, sizeof request->token);
	if (!map_put(core->held_by_token, token, request)) {
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
		(void)map_remove(core->held_by_token, token);
	}
	return error;
}

/* One request to the worker whose turn it is. */
static void hand_over(struct core *core, struct service *service) {
	struct request *request = TAILQ_FIRST(&service->waiting);
	struct worker *worker = TAILQ_FIRST(&service->ready);
	assert(worker->held_count < worker->window && !worker->is_full);
	enum error error = send_dispatch(core, request, worker);
	if (error == ERROR_UNREACHABLE) {
		worker_remove(core, worker, "unreachable");
		return;
	}
	TAILQ_REMOVE(&service->ready, worker, link);
	worker->is_ready = false;
	if (error == OK) {
		remove_waiting(core, request);
		TAILQ_INSERT_TAIL(&worker->held, request, link);
		worker->held_count++;
		request->worker = worker;
		request->deliveries++;
		worker->spoken = core->now;
		core->counts[CORE_HANDED_OUT]++;
	} else {
		worker->is_full = true;
	}
	worker_place(worker);
}

void service_settle(struct core *core, struct service *service) {
	while (!TAILQ_EMPTY(&service->waiting) && !TAILQ_EMPTY(&service->ready)) {
		hand_over(core, service);
	}
	if (service->worker_count == 0 && service->waiting_count == 0) {
		(void)map_remove(core->services, slice_of_text(service->name));
		free(service);
	}
}

/* Requests wait in the order of their deadlines: those that a worker gave back came before it left, so that the
 * moment when the last worker left counts for all of them. */
void service_expire(struct core *core, struct service *service) {
	while (service->worker_count == 0 && !TAILQ_EMPTY(&service->waiting)) {
		struct request *request = TAILQ_FIRST(&service->waiting);
		int64_t since = request->arrived > service->deserted ? request->arrived : service->deserted;
		if (core->now - since < core->limits.queue_ms) {
			return;
		}
		remove_waiting(core, request);
		core->counts[CORE_EXPIRED]++;
		request_refuse(core, request, ERROR_NO_WORKER, "no worker serves this at present");
	}
}

void service_refuse_all(struct core *core, struct service *service, enum error code, const char *text) {
	while (!TAILQ_EMPTY(&service->waiting)) {
		struct request *request = TAILQ_FIRST(&service->waiting);
		remove_waiting(core, request);
		core->counts[CORE_REFUSED]++;
		request_refuse(core, request, code, text);
	}
}

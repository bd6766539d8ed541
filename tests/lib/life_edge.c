/* The core's edge in the simulation: what it sends, tells and asks is held against the model. */
#include "base/digest.h"
#include "tests/lib/life_state.h"
#include "wire/body.h"

/* ---- names ---- */

void life_client_key(int client, uint8_t key[TRANSPORT_KEY_SIZE]) {
	memset(key, 'c', TRANSPORT_KEY_SIZE);
	key[1] = (uint8_t)(client >> 8);
	key[2] = (uint8_t)client;
}

void life_worker_key(int worker, uint8_t key[TRANSPORT_KEY_SIZE]) {
	memset(key, 'w', TRANSPORT_KEY_SIZE);
	key[1] = (uint8_t)(worker >> 8);
	key[2] = (uint8_t)worker;
}

enum mdp_version life_version(int client, int route) {
	return (client + route) % 3 == 0 ? MDP_0_1 : MDP_0_2;
}

static bool on_allows(void *argument, const uint8_t key[TRANSPORT_KEY_SIZE], struct slice service) {
	(void)argument;
	if (slice_is(service, CORE_OPERATORS)) {
		return key[0] == 'o';
	}
	const struct model_worker *worker = &life.workers[key[1] << 8 | key[2]];
	return key[0] == 'w' && !worker->is_forbidden && slice_is(service, life_services[worker->service]);
}

/* Whatever is asked for is listed. */
static bool on_serves(void *argument, struct slice service) {
	(void)argument;
	(void)service;
	return true;
}

static const char *on_name(void *argument, const uint8_t key[TRANSPORT_KEY_SIZE]) {
	(void)argument;
	return key[0] == 'w' ? "worker" : NULL;
}

static void on_random(void *argument, uint8_t *out, size_t size) {
	(void)argument;
	for (size_t i = 0; i < size; i++) {
		out[i] = (uint8_t)life_below(256);
	}
}

static void on_ticket_id(void *argument, const uint8_t client[TRANSPORT_KEY_SIZE], struct slice service,
                         const struct message *message, size_t first, uint8_t out[TICKET_SIZE]) {
	(void)argument;
	struct buffer bytes;
	buffer_init(&bytes, 4096);
	bool fits = buffer_append(&bytes, client, TRANSPORT_KEY_SIZE) && buffer_append_slice(&bytes, service);
	for (size_t i = first; i < message->count; i++) {
		uint8_t size = (uint8_t)message_frame(message, i).size;
		fits = fits && buffer_append(&bytes, &size, 1) && buffer_append_slice(&bytes, message_frame(message, i));
	}
	HOLDS(fits);
	digest_128(7, buffer_slice(&bytes), out);
	buffer_release(&bytes);
}

static enum error on_load(void *argument, const uint8_t id[TICKET_SIZE], enum ticket_part part, struct message *out) {
	(void)argument;
	return paper_queue_load(life.queue, id, part, out);
}

static void on_look(void *argument, struct core_surroundings *out) {
	(void)argument;
	*out = (struct core_surroundings){ .endpoint = "tcp://127.0.0.1:1" };
}

/* ---- notices ---- */

static bool is_polite(const char *reason) {
	return strcmp(reason, "it said DISCONNECT") == 0 || strcmp(reason, "its key may not serve any more") == 0 ||
	       strcmp(reason, "the broker stops") == 0;
}

static void worker_is_gone(struct model_worker *worker, const char *reason) {
	HOLDS(worker->is_known);
	bool is_overdue = life.now - worker->spoke >= CORE_LIVENESS * HEARTBEAT;
	HOLDS(worker->has_cause || life.is_stopping || worker->is_forbidden ||
	      (is_overdue && (worker->promises || worker->holds == 0)));
	worker->is_known = false;
	worker->hand_count = 0;
	life_room(worker);
	while (!TAILQ_EMPTY(&worker->held)) {
		struct model_request *request = TAILQ_FIRST(&worker->held);
		if (is_polite(reason)) {
			life_comes_back(request);
		} else {
			life_fails(request);
		}
	}
	HOLDS(worker->holds == 0);
	worker->cannot_be_reached = worker->does_not_read = worker->is_mute = worker->has_cause = false;
	life.worker_count[worker->service]--;
	if (life.worker_count[worker->service] == 0) {
		life.deserted[worker->service] = life.now;
	}
}

static void worker_is_ready(struct model_worker *worker) {
	HOLDS(!worker->is_known && !worker->is_forbidden);
	worker->is_known = true;
	worker->is_silent = worker->was_full = worker->has_cause = false;
	worker->spoke = worker->sent = life.now;
	worker->hand_count = 0;
	life.worker_count[worker->service]++;
	life_room(worker);
}

/* The first notice of a worker takes all that are over, since none of them says of which it speaks. */
static void lease_is_over(struct model_worker *worker) {
	struct model_request *next = NULL;
	if (worker->leases_over > 0) {
		worker->leases_over--;
		return;
	}
	for (struct model_request *request = TAILQ_FIRST(&worker->held); request != NULL; request = next) {
		next = TAILQ_NEXT(request, link);
		if (life.now >= request->lease) {
			life_fails(request);
			worker->leases_over++;
		}
	}
	HOLDS(worker->leases_over > 0);
	worker->leases_over--;
}

static void on_tell(void *argument, const struct core_notice *notice) {
	(void)argument;
	struct model_worker *worker = NULL;
	if (notice->key != NULL && notice->key[0] == 'w') {
		worker = &life.workers[notice->key[1] << 8 | notice->key[2]];
	}
	if (strcmp(notice->event, "worker-gone") == 0) {
		worker_is_gone(worker, notice->reason);
	} else if (strcmp(notice->event, "worker-ready") == 0) {
		worker_is_ready(worker);
	} else if (strcmp(notice->event, "lease-over") == 0) {
		lease_is_over(worker);
	}
}

/* ---- messages to workers ---- */

/* The number stands in the last frame. */
static uint32_t number_of(struct slice frame) {
	uint32_t number = 0;
	HOLDS(frame.size >= sizeof number);
	memcpy(&number, frame.data, sizeof number);
	return number;
}

static void take_in_hand(struct model_worker *worker, const struct message *message, const struct mdp *mdp,
                         uint32_t number) {
	if (worker->is_forgetful && life_one_in(4)) {
		return;
	}
	if (worker->hand_count == HANDS_MAX) {
		worker->hand_count--;
		memmove(worker->hands, worker->hands + 1, worker->hand_count * sizeof worker->hands[0]);
	}
	struct hand *hand = &worker->hands[worker->hand_count++];
	*hand = (struct hand){ .number = number };
	memcpy(hand->address, mdp->address.data, sizeof hand->address);
	if (mdp->has_id) {
		struct slice id = message_frame(message, mdp->body_first);
		hand->id_size = id.size;
		memcpy(hand->id, id.data, id.size);
	}
}

static enum error worker_hears(const struct message *message, int index) {
	struct model_worker *worker = &life.workers[index];
	struct mdp mdp;
	HOLDS(mdp_read(message, 1, &mdp, NULL) == OK && mdp.side == MDP_SIDE_WORKER);
	struct slice routing = message_frame(message, 0);
	bool is_this_one = worker->is_known && (routing.data[3] << 8 | routing.data[4]) == worker->connection;
	if (!is_this_one) {
		HOLDS(mdp.command != MDP_REQUEST);
		return OK; /* a former connection, or one that is refused */
	}
	HOLDS(mdp.version == worker->version);
	if (worker->cannot_be_reached) {
		worker->has_cause = true;
		return ERROR_UNREACHABLE;
	}
	if (worker->does_not_read) {
		worker->was_full = worker->was_full || mdp.command == MDP_REQUEST;
		life_room(worker);
		return ERROR_BUSY;
	}
	if (mdp.command == MDP_REQUEST) {
		uint32_t number = number_of(message_frame(message, message->count - 1));
		life_is_handed(life_request(number), index, mdp.address);
		take_in_hand(worker, message, &mdp, number);
	}
	return OK;
}

/* ---- messages to clients ---- */

static struct model_request *request_of_id(struct slice frame) {
	struct header header;
	return life_request(number_of(header_read(frame, &header) ? header.id : frame));
}

static void client_hears_refusal(const struct model_request *request, struct slice body) {
	const struct pack_value *ok = NULL;
	struct failure failure = { .code = OK };
	enum error error = body_read_reply(life.document, body, &ok, &failure);
	HOLDS(request->state != LIFE_HELD);
	if (error == ERROR_GIVEN_UP) {
		HOLDS(request->deliveries == DELIVERIES_MAX);
		return;
	}
	HOLDS(failure.retry_ms > 0);
	if (error == ERROR_BUSY) {
		HOLDS(request->state == LIFE_COMING || life.is_draining || life.is_stopping ||
		      life.now >= request->expires);
		return;
	}
	HOLDS(error == ERROR_NO_WORKER);
	bool deserted = life.worker_count[request->service] == 0 && life.now - request->arrived >= QUEUE_MS &&
	                life.now - life.deserted[request->service] >= QUEUE_MS;
	HOLDS(deserted || (life.worker_count[request->service] == 0 && life.now >= request->expires));
}

/* The answer of a worker is five bytes: the number, and a letter. */
static void client_hears_of(struct model_request *request, const struct message *message, const struct mdp *mdp) {
	struct slice body = message_frame(message, message->count - 1);
	bool is_final = mdp->version == MDP_0_1 || mdp->command == MDP_FINAL;
	HOLDS(life_is_under_way(request) && !request->is_ticket);
	if (body.size == sizeof request->number + 1) {
		HOLDS(life.answering == request && number_of(body) == request->number);
		HOLDS(is_final == (body.data[4] == 'f'));
	} else {
		HOLDS(is_final);
		client_hears_refusal(request, body);
	}
	if (is_final) {
		life_is_over(request);
	}
}

static enum error client_hears(const struct message *message, int client, int route) {
	struct mdp mdp;
	HOLDS(mdp_read(message, 1, &mdp, NULL) == OK && mdp.side == MDP_SIDE_CLIENT);
	HOLDS(mdp.version == life_version(client, route));
	if (core_service_is_the_brokers(mdp.service)) {
		life_own_answer(message, &mdp);
	} else {
		HOLDS(mdp.has_id);
		struct model_request *request = request_of_id(message_frame(message, mdp.body_first));
		HOLDS(request->client == client && request->route == route);
		HOLDS(slice_is(mdp.service, life_services[request->service]));
		client_hears_of(request, message, &mdp);
	}
	const struct model_client *who = &life.clients[client];
	return who->is_gone ? ERROR_UNREACHABLE : who->does_not_read ? ERROR_BUSY : OK;
}

/* Routing ids have five bytes, as libzmq's: 'c' or 'w', the index, and the route or connection; 'o' is the operator. */
static enum error on_send(void *argument, struct message *message) {
	(void)argument;
	struct slice routing = message_frame(message, 0);
	HOLDS(routing.size == 5);
	int index = routing.data[1] << 8 | routing.data[2];
	enum error error = OK;
	struct mdp mdp;
	if (routing.data[0] == 'w') {
		error = worker_hears(message, index);
	} else if (routing.data[0] == 'c') {
		error = client_hears(message, index, routing.data[4]);
	} else {
		HOLDS(mdp_read(message, 1, &mdp, NULL) == OK);
		life_own_answer(message, &mdp);
	}
	if (error == OK) {
		message_release(message);
	}
	return error;
}

struct core_edge life_edge(void) {
	return (struct core_edge){ .send = on_send, .random = on_random, .allows = on_allows, .serves = on_serves,
		.name = on_name,
		.tell = on_tell, .ticket_id = on_ticket_id, .keep = life_keep, .load = on_load, .look = on_look };
}

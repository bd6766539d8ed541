/* The broker's pure core under a seeded random life, beside a small model of what it has promised.
 *
 * Clients ask; workers come, answer, stay silent, say DISCONNECT, steal tokens, cannot be reached or do not read; time
 * passes unevenly. The model checks with each message that the core sends:
 *   - a client gets exactly one FINAL for each request, the right one, and nothing after it;
 *   - a request is never held by two workers, nor given out more often than the limit;
 *   - a worker holds no more than its window, and only requests of its service;
 *   - `busy` is said only when the queue is full, and nothing waits while a worker has room;
 *   - no worker is given up without a cause.
 * A failure prints the seed; TROTH_SEED=<number> plays it again, TROTH_EVENTS=<number> makes it longer. */
#include <stdio.h>
#include <stdlib.h>

#include "broker/core.h"
#include "tests/lib/random.h"
#include "tests/lib/unit.h"
#include "wire/body.h"

#define SEEDS 12
#define EVENTS 8000
#define CLIENTS 5
#define WORKERS 6
#define SERVICES 2
#define WINDOW_MAX 4
#define REQUESTS_MAX 400000
#define HEARTBEAT 1000
#define QUEUE 3000
#define WAITING_MAX 12
#define DELIVERIES_MAX 3
#define TOKENS_MAX 16 /* that a worker remembers, alive or not */
#define NOBODY -1

static const char *const service_names[SERVICES] = { "notes", "views" };

struct model_request {
	int client, service, holder, deliveries;
	bool answered;
};

struct dispatch {
	uint8_t address[MDP_TOKEN_SIZE + TRANSPORT_KEY_SIZE];
	uint32_t request;
};

struct model_worker {
	bool is_known; /* the core counts it as a worker */
	bool has_cause; /* it may be given up: it has misbehaved, left, or cannot be reached */
	bool cannot_be_reached, does_not_read;
	bool was_full; /* a send to it has failed since the last tick */
	int service, holds;
	unsigned window;
	int64_t spoke;
	struct dispatch remembers[TOKENS_MAX];
	size_t remembered;
};

static struct life {
	struct core *core;
	uint32_t seed, state;
	int64_t now;
	struct model_request requests[REQUESTS_MAX];
	uint32_t asked;
	int waiting[SERVICES];
	struct model_worker workers[WORKERS];
	bool client_is_gone[CLIENTS];
	bool core_stops;
} life;

#define HOLDS(condition) ck_assert_msg(condition, "TROTH_SEED=%u breaks: %s", life.seed, #condition)

static uint32_t below(uint32_t limit) {
	return random_next(&life.state) % limit;
}

static bool one_in(uint32_t times) {
	return below(times) == 0;
}

/* ---- what the core says ---- */

static uint32_t number_of(struct slice frame) {
	uint32_t number = 0;
	HOLDS(frame.size == sizeof number);
	memcpy(&number, frame.data, sizeof number);
	HOLDS(number < life.asked);
	return number;
}

static void client_hears_refusal(struct slice body, const struct model_request *request) {
	struct pack_document *document = pack_document_new();
	const struct pack_value *ok = NULL;
	enum error error = body_read_reply(document, body, &ok, NULL);
	pack_document_free(document);
	HOLDS(error == ERROR_BUSY || error == ERROR_NO_WORKER);
	HOLDS(error != ERROR_BUSY || life.core_stops || life.waiting[request->service] > WAITING_MAX);
}

/* Frames: routing id, header, command, service, number, body. */
static void client_hears(const struct message *message, int client) {
	struct mdp mdp;
	HOLDS(mdp_read(message, 1, &mdp, NULL) == OK && mdp.side == MDP_SIDE_CLIENT && message->count == 6);
	uint32_t number = number_of(message_frame(message, 4));
	struct model_request *request = &life.requests[number];
	HOLDS(request->client == client && slice_is(mdp.service, service_names[request->service]));
	HOLDS(!request->answered);
	struct slice body = message_frame(message, 5);
	if (body.size == sizeof number) {
		HOLDS(request->holder != NOBODY && number_of(body) == number);
	} else {
		HOLDS(mdp.command == MDP_FINAL && request->holder == NOBODY);
		client_hears_refusal(body, request);
	}
	if (mdp.command != MDP_FINAL) {
		return;
	}
	request->answered = true;
	if (request->holder == NOBODY) {
		life.waiting[request->service]--;
	} else {
		life.workers[request->holder].holds--;
	}
}

/* Frames: routing id, header, command, address, empty, number, body. */
static void worker_takes(const struct message *message, struct model_worker *worker, int index, struct slice address) {
	uint32_t number = number_of(message_frame(message, 5));
	struct model_request *request = &life.requests[number];
	HOLDS(worker->is_known && worker->service == request->service);
	HOLDS(!request->answered && request->holder == NOBODY && request->deliveries < DELIVERIES_MAX);
	HOLDS(worker->holds < (int)worker->window);
	request->holder = index;
	request->deliveries++;
	life.waiting[request->service]--;
	worker->holds++;
	struct dispatch *dispatch = &worker->remembers[worker->remembered % TOKENS_MAX];
	worker->remembered++;
	HOLDS(address.size == sizeof dispatch->address);
	memcpy(dispatch->address, address.data, sizeof dispatch->address);
	dispatch->request = number;
}

static enum error worker_hears(const struct message *message, int index) {
	struct model_worker *worker = &life.workers[index];
	struct mdp mdp;
	HOLDS(mdp_read(message, 1, &mdp, NULL) == OK && mdp.side == MDP_SIDE_WORKER);
	if (worker->cannot_be_reached) {
		worker->has_cause = true;
		return ERROR_UNREACHABLE;
	}
	if (worker->does_not_read) {
		worker->was_full = worker->was_full || mdp.command == MDP_REQUEST;
		return ERROR_BUSY;
	}
	if (mdp.command == MDP_REQUEST) {
		worker_takes(message, worker, index, mdp.address);
	} else {
		HOLDS(mdp.command == MDP_HEARTBEAT || mdp.command == MDP_DISCONNECT);
	}
	return OK;
}

/* Routing ids: "c" and "w" with a digit. */
static enum error on_send(void *argument, struct message *message) {
	(void)argument;
	struct slice routing = message_frame(message, 0);
	int index = routing.data[1] - '0';
	enum error error = OK;
	if (routing.data[0] == 'c') {
		client_hears(message, index);
		error = life.client_is_gone[index] ? ERROR_UNREACHABLE : OK;
	} else {
		error = worker_hears(message, index);
	}
	if (error == OK) {
		message_release(message);
	}
	return error;
}

static void on_random(void *argument, uint8_t *out, size_t size) {
	(void)argument;
	for (size_t i = 0; i < size; i++) {
		out[i] = (uint8_t)below(256);
	}
}

static bool on_allows(void *argument, const uint8_t key[TRANSPORT_KEY_SIZE], struct slice service) {
	(void)argument;
	(void)service;
	return key[0] == 'w';
}

static void on_tell(void *argument, const struct core_notice *notice) {
	(void)argument;
	if (strcmp(notice->event, "worker-gone") != 0) {
		return;
	}
	int index = notice->key[1] - '0';
	struct model_worker *worker = &life.workers[index];
	HOLDS(worker->is_known);
	HOLDS(worker->has_cause || life.core_stops || life.now - worker->spoke >= CORE_LIVENESS * HEARTBEAT);
	for (uint32_t i = 0; i < life.asked; i++) {
		struct model_request *request = &life.requests[i];
		if (!request->answered && request->holder == index) {
			request->holder = NOBODY;
			life.waiting[request->service]++;
		}
	}
	*worker = (struct model_worker){ .is_known = false };
}

/* ---- what happens to the core ---- */

static void deliver(char side, int index, struct message *rest) {
	struct message message;
	message_init(&message);
	uint8_t key[TRANSPORT_KEY_SIZE] = { (uint8_t)side, (uint8_t)('0' + index) };
	HOLDS(message_append(&message, slice_of(key, 2)));
	for (size_t i = 0; i < rest->count; i++) {
		HOLDS(message_append_moved(&message, rest, i));
	}
	message_release(rest);
	core_step(life.core, &(struct core_event){ .kind = CORE_MESSAGE, .message = &message, .peer_key = key }, life.now);
	message_release(&message);
}

static void client_asks(void) {
	int client = (int)below(CLIENTS), service = (int)below(SERVICES);
	HOLDS(life.asked < REQUESTS_MAX);
	uint32_t number = life.asked++;
	life.requests[number] = (struct model_request){ .client = client, .service = service, .holder = NOBODY };
	life.waiting[service]++;
	struct message message;
	message_init(&message);
	HOLDS(mdp_write_client(&message, MDP_0_2, MDP_REQUEST, slice_of_text(service_names[service])));
	HOLDS(message_append(&message, slice_of(&number, sizeof number)));
	HOLDS(message_append(&message, slice_of(&number, sizeof number)));
	deliver('c', client, &message);
}

static void worker_signals(int index, enum mdp_command command) {
	struct message message;
	message_init(&message);
	life.workers[index].spoke = life.now;
	life.workers[index].has_cause = life.workers[index].has_cause || command == MDP_DISCONNECT;
	HOLDS(mdp_write_signal(&message, MDP_0_2, command));
	deliver('w', index, &message);
}

/* READY; from a worker that is one already it is the forbidden second one. */
static void worker_is_ready(int index) {
	struct model_worker *worker = &life.workers[index];
	bool was_known = worker->is_known;
	int service = (int)below(SERVICES);
	unsigned window = 1 + below(WINDOW_MAX);
	if (was_known) {
		worker->has_cause = true;
	} else {
		*worker = (struct model_worker){ .is_known = true, .service = service, .window = window, .spoke = life.now };
	}
	struct message message;
	message_init(&message);
	HOLDS(mdp_write_ready(&message, service_names[service], window));
	deliver('w', index, &message);
	HOLDS(!was_known || !life.workers[index].is_known);
}

/* A reply with an address that the worker was given once, or that another one was given. */
static void worker_replies(int index, int owner) {
	struct model_worker *worker = &life.workers[index];
	const struct model_worker *from = &life.workers[owner];
	size_t known = from->remembered < TOKENS_MAX ? from->remembered : TOKENS_MAX;
	if (known == 0) {
		return;
	}
	struct dispatch dispatch = from->remembers[below((uint32_t)known)];
	const struct model_request *request = &life.requests[dispatch.request];
	bool is_theft = index != owner && request->holder == owner && !request->answered;
	worker->has_cause = worker->has_cause || is_theft;
	worker->spoke = life.now;
	struct message message;
	message_init(&message);
	HOLDS(mdp_write_worker(&message, MDP_0_2, one_in(4) ? MDP_PARTIAL : MDP_FINAL,
	                       slice_of(dispatch.address, sizeof dispatch.address)));
	HOLDS(message_append(&message, slice_of(&dispatch.request, sizeof dispatch.request)));
	HOLDS(message_append(&message, slice_of(&dispatch.request, sizeof dispatch.request)));
	deliver('w', index, &message);
	HOLDS(!is_theft || !life.workers[index].is_known);
}

static void someone_babbles(void) {
	struct message message;
	message_init(&message);
	uint8_t bytes[8];
	on_random(NULL, bytes, sizeof bytes);
	HOLDS(message_append_text(&message, one_in(2) ? MDP_CLIENT : MDP_WORKER));
	HOLDS(message_append(&message, slice_of(bytes, below(sizeof bytes))));
	HOLDS(message_append(&message, slice_of(bytes, below(sizeof bytes))));
	deliver('c', (int)below(CLIENTS), &message);
}

static void time_passes(void) {
	life.now += below(HEARTBEAT / 2);
	for (int i = 0; i < WORKERS; i++) {
		life.workers[i].was_full = false;
	}
	core_step(life.core, &(struct core_event){ .kind = CORE_TICK }, life.now);
}

static void fate_changes(void) {
	struct model_worker *worker = &life.workers[below(WORKERS)];
	life.client_is_gone[below(CLIENTS)] = one_in(3);
	if (worker->is_known) {
		worker->cannot_be_reached = one_in(3);
		worker->does_not_read = one_in(2);
	}
}

static void workers_act(void) {
	int index = (int)below(WORKERS);
	uint32_t what = below(100);
	if (!life.workers[index].is_known) {
		if (what < 30) {
			worker_is_ready(index);
		}
	} else if (what < 80) {
		worker_replies(index, index);
	} else if (what < 95) {
		worker_signals(index, MDP_HEARTBEAT);
	} else if (what < 97) {
		worker_replies(index, (int)below(WORKERS));
	} else if (what < 98) {
		worker_is_ready(index);
	} else if (what < 99) {
		worker_signals(index, MDP_DISCONNECT);
	}
}

/* ---- what must be so between two events ---- */

static void nothing_waits_while_a_worker_has_room(void) {
	int held = 0, waiting = 0;
	for (int i = 0; i < WORKERS; i++) {
		const struct model_worker *worker = &life.workers[i];
		held += worker->holds;
		HOLDS(!worker->is_known || worker->was_full || worker->holds == (int)worker->window ||
		      life.waiting[worker->service] == 0);
	}
	for (int i = 0; i < SERVICES; i++) {
		waiting += life.waiting[i];
		HOLDS(life.waiting[i] <= WAITING_MAX + WORKERS * WINDOW_MAX);
	}
	struct core_state state = core_state(life.core);
	HOLDS((int)state.waiting == waiting && (int)state.held == held);
}

static void live(uint32_t events) {
	for (uint32_t i = 0; i < events; i++) {
		uint32_t what = below(100);
		if (what < 40) {
			client_asks();
		} else if (what < 85) {
			workers_act();
		} else if (what < 97) {
			time_passes();
		} else if (what < 99) {
			fate_changes();
		} else {
			someone_babbles();
		}
		nothing_waits_while_a_worker_has_room();
	}
}

static void all_is_answered_in_the_end(bool by_stopping) {
	if (by_stopping) {
		life.core_stops = true;
		core_step(life.core, &(struct core_event){ .kind = CORE_STOP }, life.now);
	}
	for (int i = 0; i < 100; i++) {
		time_passes();
	}
	for (uint32_t i = 0; i < life.asked; i++) {
		HOLDS(life.requests[i].answered);
	}
	struct core_state state = core_state(life.core);
	HOLDS(state.waiting + state.held + state.workers + state.services + state.bytes == 0);
}

static void play(uint32_t seed, uint32_t events) {
	memset(&life, 0, sizeof life);
	life.seed = seed;
	life.state = seed * 2654435761U | 1;
	life.now = 1;
	struct core_limits limits = {
		.heartbeat_ms = HEARTBEAT, .queue_ms = QUEUE, .waiting_max = WAITING_MAX, .waiting_bytes_max = 1 << 20,
		.deliveries_max = DELIVERIES_MAX,
	};
	struct core_edge edge = { .send = on_send, .random = on_random, .allows = on_allows, .tell = on_tell };
	life.core = core_new(&limits, &edge);
	HOLDS(life.core != NULL);
	live(events);
	all_is_answered_in_the_end(seed % 2 == 0);
	core_free(life.core);
}

static uint32_t number_from(const char *name, uint32_t fallback) {
	const char *text = getenv(name);
	return text == NULL ? fallback : (uint32_t)strtoul(text, NULL, 10);
}

START_TEST(every_request_gets_exactly_one_answer) {
	uint32_t seed = number_from("TROTH_SEED", (uint32_t)_i + 1);
	play(seed, number_from("TROTH_EVENTS", EVENTS));
}
END_TEST

int main(void) {
	Suite *suite = suite_create("broker_simulation");
	TCase *tests = tcase_create("simulation");
	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, every_request_gets_exactly_one_answer, 0, getenv("TROTH_SEED") == NULL ? SEEDS : 1);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

/* The simulation's model of requests: where each one is, and whether the core may do with it what it does. */
#include <stdlib.h>

#include "tests/lib/life_state.h"

/* ---- slots ---- */

static bool is_free(const struct model_request *request) {
	return !life_is_under_way(request) && request->posted == 0 && !request->is_kept && request->receipts == 0 &&
	       (request->record.bytes == 0 || paper_queue_find(life.queue, request->record.id) == NULL);
}

struct model_request *life_request_new(void) {
	for (int tries = 0; tries < 64; tries++) {
		struct model_request *request = &life.slots[life.next_slot];
		uint32_t number = request->number;
		life.next_slot = (life.next_slot + 1) % SLOTS;
		if (is_free(request)) {
			if (request->record.bytes > 0) {
				(void)map_remove(life.by_ticket, slice_of(request->record.id, TICKET_SIZE));
			}
			*request = (struct model_request){ .number = number + SLOTS, .holder = NOBODY };
			return request;
		}
	}
	return NULL;
}

struct model_request *life_request(uint32_t number) {
	struct model_request *request = &life.slots[number % SLOTS];
	HOLDS(request->number == number);
	return request;
}

bool life_is_under_way(const struct model_request *request) {
	return request->state != LIFE_NONE && request->state != LIFE_OVER;
}

/* ---- waiting ---- */

static void enter_line(struct model_request *request) {
	int service = request->service;
	enum priority priority = request->priority;
	struct model_client *client = &life.clients[request->client];
	request->is_first = client->lines[service][priority] == 0;
	request->handed_before = life.handed[service][priority];
	request->lines_before = life.lines[service][priority];
	request->returns_before = client->returns;
	life.lines[service][priority] += request->is_first;
	client->lines[service][priority]++;
	life.queued[service][priority]++;
	life.queued_tickets[service] += request->is_ticket;
}

static void leave_line(struct model_request *request) {
	struct model_client *client = &life.clients[request->client];
	client->lines[request->service][request->priority]--;
	life.lines[request->service][request->priority] -= client->lines[request->service][request->priority] == 0;
	life.queued[request->service][request->priority]--;
	life.queued_tickets[request->service] -= request->is_ticket;
	if (request->state == LIFE_DELAYED) {
		TAILQ_REMOVE(&life.delayed, request, link);
	} else {
		life.definite[request->service][request->priority]--;
		life.definite_tickets[request->service] -= request->is_ticket;
		life.ordinary -= !request->is_ticket;
	}
}

static void is_waiting(struct model_request *request) {
	request->state = LIFE_WAITING;
	life.definite[request->service][request->priority]++;
	life.definite_tickets[request->service] += request->is_ticket;
	life.ordinary += !request->is_ticket;
}

/* It is being asked for in this step: the core may hand it out before the step is over. */
void life_comes(struct model_request *request) {
	HOLDS(life.coming_count < sizeof life.coming / sizeof life.coming[0]);
	request->state = LIFE_COMING;
	request->deliveries = 0;
	request->given_back = 0;
	request->not_before = 0;
	life.coming[life.coming_count++] = request;
}

void life_waits(struct model_request *request) {
	enter_line(request);
	is_waiting(request);
}

void life_coming_wait(void) {
	for (size_t i = 0; i < life.coming_count; i++) {
		if (life.coming[i]->state == LIFE_COMING) {
			life_waits(life.coming[i]);
		}
	}
	life.coming_count = 0;
}

/* Out of a worker's hands. */
void life_lets_go(struct model_request *request) {
	struct model_worker *worker = &life.workers[request->holder];
	HOLDS(request->state == LIFE_HELD);
	TAILQ_REMOVE(&worker->held, request, link);
	worker->holds--;
	life.held--;
	request->holder = NOBODY;
	life_room(worker);
}

/* A delivery that counts has failed. */
void life_fails(struct model_request *request) {
	int64_t wait = BACKOFF;
	for (int i = 1; i < request->deliveries && wait < BACKOFF_MAX; i++) {
		wait *= 2;
	}
	wait = wait < BACKOFF_MAX ? wait : BACKOFF_MAX;
	life_lets_go(request);
	enter_line(request);
	life.clients[request->client].returns++;
	request->state = LIFE_DELAYED;
	request->not_before = life.now + wait * 3 / 4;
	request->not_after = life.now + wait * 5 / 4 + 1;
	TAILQ_INSERT_TAIL(&life.delayed, request, link);
}

/* A worker that leaves politely has not begun with it; but a request cannot come back for ever. */
void life_comes_back(struct model_request *request) {
	if (request->given_back == GIVEN_BACK_MAX) {
		life_fails(request);
		return;
	}
	request->given_back++;
	life_lets_go(request);
	request->deliveries--;
	request->not_before = 0;
	life_waits(request);
	life.clients[request->client].returns++;
}

/* Those whose delay is over at this time wait for sure. */
void life_delays_end(int64_t now) {
	struct model_request *next = NULL;
	for (struct model_request *request = TAILQ_FIRST(&life.delayed); request != NULL; request = next) {
		next = TAILQ_NEXT(request, link);
		if (now >= request->not_after) {
			TAILQ_REMOVE(&life.delayed, request, link);
			is_waiting(request);
		}
	}
}

/* ---- being held ---- */

/* One client's crowd does not keep another one waiting: whoever was in front gets one turn at most. */
static void check_turn(const struct model_request *request) {
	uint32_t handed = life.handed[request->service][request->priority] - request->handed_before;
	bool is_plain = request->is_first && request->returns_before == life.clients[request->client].returns;
	HOLDS(!is_plain || handed <= request->lines_before);
}

/* Interactive before batch, but while both wait, one of CORE_BATCH_SHARE is a batch one. */
static void check_priority(const struct model_request *request) {
	int service = request->service;
	if (request->priority == PRIORITY_BATCH) {
		HOLDS(life.definite[service][PRIORITY_INTERACTIVE] == 0 ||
		      life.since_batch[service] >= CORE_BATCH_SHARE - 1);
		life.since_batch[service] = 0;
		life.run_beside_batch[service] = 0;
		return;
	}
	life.since_batch[service]++;
	bool beside = life.definite[service][PRIORITY_BATCH] > 0;
	life.run_beside_batch[service] = beside ? life.run_beside_batch[service] + 1 : 0;
	HOLDS(life.run_beside_batch[service] < CORE_BATCH_SHARE);
}

void life_is_handed(struct model_request *request, int index, struct slice address) {
	struct model_worker *worker = &life.workers[index];
	if (request->state == LIFE_COMING || (request->state == LIFE_UNCOMMITTED && life.is_committing)) {
		HOLDS(request->state == LIFE_COMING || request->is_committed);
		life_waits(request);
	}
	HOLDS(request->state == LIFE_WAITING || request->state == LIFE_DELAYED);
	HOLDS(life.now >= request->not_before && life.now < request->expires);
	HOLDS(request->deliveries < DELIVERIES_MAX);
	HOLDS(worker->is_known && worker->service == request->service && !worker->is_forbidden);
	HOLDS(worker->holds < (int)worker->window && worker->has_room);
	HOLDS(!life.is_paused[request->service] && !life.is_draining && !life.is_stopping);
	check_turn(request);
	check_priority(request);
	leave_line(request);
	life.handed[request->service][request->priority]++;
	request->state = LIFE_HELD;
	request->holder = index;
	request->deliveries++;
	request->lease = life.now + LEASE;
	HOLDS(address.size == MDP_TOKEN_SIZE + TRANSPORT_KEY_SIZE);
	memcpy(request->token, address.data, sizeof request->token);
	TAILQ_INSERT_TAIL(&worker->held, request, link);
	worker->holds++;
	life.held++;
	HOLDS(request->deliveries < DELIVERIES_MAX || worker->holds == 1);
	life_room(worker);
}

/* Answered, refused, dead or closed. */
void life_is_over(struct model_request *request) {
	if (request->state == LIFE_HELD) {
		life_lets_go(request);
	} else if (request->state == LIFE_WAITING || request->state == LIFE_DELAYED) {
		leave_line(request);
	}
	life.clients[request->client].requests -= !request->is_ticket;
	request->state = LIFE_OVER;
}

/* True if one of the service waits for its last delivery: that is alone with its worker, and until one holds nothing,
 * nothing is handed out. */
bool life_last_waits(int service) {
	bool found = false;
	for (uint32_t i = 0; i < SLOTS && !found; i++) {
		const struct model_request *request = &life.slots[i];
		bool waits = request->state == LIFE_WAITING || request->state == LIFE_DELAYED;
		found = waits && request->service == service && request->deliveries == DELIVERIES_MAX - 1;
	}
	return found;
}

static bool has_last(const struct model_worker *worker) {
	const struct model_request *first = TAILQ_FIRST(&worker->held);
	return first != NULL && first->deliveries == DELIVERIES_MAX;
}

/* Says anew whether a worker has room, and counts it. */
void life_room(struct model_worker *worker) {
	bool room = worker->is_known && !worker->is_silent && !worker->was_full &&
	            worker->holds < (int)worker->window && !has_last(worker);
	life.rooms[worker->service] += (int)room - (int)worker->has_room;
	worker->has_room = room;
}

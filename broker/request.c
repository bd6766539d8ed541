/* Requests while the broker keeps them: from acceptance to the one answer. */
#include <assert.h>
#include <stdlib.h>

#include "broker/state.h"
#include "wire/header.h"

#define GIVEN_BACK_MAX 16 /* times that a request may be handed back before that counts as a failure */
#define ID_KEY_MAX (TRANSPORT_KEY_SIZE + HEADER_MAX)

/* ---- the same request again ---- */

/* The key under which a request with a header is found; empty if it has none, or no id of its own. */
static struct slice id_key(const uint8_t client[TRANSPORT_KEY_SIZE], struct slice frame, uint8_t out[ID_KEY_MAX]) {
	struct header header;
	if (!header_read(frame, &header) || header.id.size == 0) {
		return slice_of(NULL, 0);
	}
	memcpy(out, client, TRANSPORT_KEY_SIZE);
	memcpy(out + TRANSPORT_KEY_SIZE, header.id.data, header.id.size);
	return slice_of(out, TRANSPORT_KEY_SIZE + header.id.size);
}

struct slice request_header(const struct request *request) {
	return request->has_id && request->frames.count > 0 ? message_frame(&request->frames, 0) : slice_of(NULL, 0);
}

static struct slice arrival_header(const struct arrival *arrival) {
	return arrival->mdp.has_id ? message_frame(arrival->message, arrival->mdp.body_first) : slice_of(NULL, 0);
}

struct request *request_repeated(const struct core *core, const struct arrival *arrival) {
	uint8_t bytes[ID_KEY_MAX];
	struct slice key = id_key(arrival->key, arrival_header(arrival), bytes);
	return key.size == 0 ? NULL : map_get(core->by_id, key);
}

bool request_says_the_same(const struct request *request, const struct arrival *arrival) {
	const struct message *asked = arrival->message;
	size_t first = arrival->mdp.body_first;
	bool same = asked->count - first == request->frames.count &&
	            slice_is(arrival->mdp.service, request->service->name);
	for (size_t i = 0; same && i < request->frames.count; i++) {
		same = slice_equal(message_frame(asked, first + i), message_frame(&request->frames, i));
	}
	return same;
}

/* ---- coming and going ---- */

static struct request *request_bare(const struct core *core, struct service *service) {
	struct request *request = calloc(1, sizeof *request);
	if (request != NULL) {
		message_init(&request->frames);
		request->arrived = core->now;
		request->arrived_us = core->now_us;
		request->expires = NEVER;
		request->service = service;
	}
	return request;
}

static void take_header(struct core *core, struct request *request) {
	struct header header;
	uint8_t bytes[ID_KEY_MAX];
	if (!header_read(request_header(request), &header)) {
		return;
	}
	request->priority = header.priority == 0 ? PRIORITY_INTERACTIVE : PRIORITY_BATCH;
	request->expires = header.ttl_ms == 0 ? NEVER : core->now + header.ttl_ms;
	struct slice key = id_key(request->client, request_header(request), bytes);
	if (key.size > 0) {
		request->by_id = map_add(core->by_id, key, request);
	}
}

struct request *request_new(struct core *core, struct arrival *arrival, struct service *service, struct peer *peer) {
	struct request *request = request_bare(core, service);
	if (request == NULL) {
		return NULL;
	}
	for (size_t i = arrival->mdp.body_first; i < arrival->message->count; i++) {
		bool moved = message_append_moved(&request->frames, arrival->message, i);
		assert(moved); /* it has the room of the message from which they come */
	}
	request->route = arrival->route;
	request->has_id = arrival->mdp.has_id;
	request->bytes = message_bytes(&request->frames) + sizeof *request;
	request->peer = peer;
	memcpy(request->client, peer->key, sizeof request->client);
	take_header(core, request);
	core->bytes += request->bytes;
	peer->requests++;
	peer->bytes += request->bytes;
	return request;
}

/* A dead letter that is tried again keeps its history. */
static void take_attempts(struct request *request, const struct ticket_record *record) {
	if (record->attempt_count > 0) {
		request->attempts = calloc(TICKET_ATTEMPTS, sizeof *request->attempts);
	}
	for (size_t i = 0; request->attempts != NULL && i < record->attempt_count; i++) {
		request->attempts[i] = record->attempts[i];
		request->attempt_count = i + 1;
	}
}

struct request *request_of_ticket(struct core *core, struct ticket *ticket, struct service *service) {
	struct request *request = request_bare(core, service);
	if (request == NULL) {
		return NULL;
	}
	const struct ticket_record *record = &ticket->record;
	memcpy(request->client, record->client, sizeof request->client);
	request->arrived = record->arrived;
	request->arrived_us = record->arrived * 1000;
	request->expires = record->expires;
	request->priority = record->priority == PRIORITY_INTERACTIVE ? PRIORITY_INTERACTIVE : PRIORITY_BATCH;
	request->deliveries = record->deliveries;
	request->ticket = ticket;
	request->bytes = sizeof *request;
	core->bytes += request->bytes;
	take_attempts(request, record);
	ticket->request = request;
	return request;
}

void request_free(struct core *core, struct request *request) {
	if (request->by_id != NULL) {
		(void)map_remove_entry(core->by_id, request->by_id);
	}
	core->bytes -= request->bytes;
	if (request->peer != NULL) {
		request->peer->requests--;
		request->peer->bytes -= request->bytes;
	}
	if (request->ticket != NULL) {
		request->ticket->request = NULL;
	}
	message_release(&request->frames);
	free(request->attempts);
	free(request);
}

/* ---- the answer ---- */

static void answer_refusal(struct core *core, const struct request *request, enum refusal refusal) {
	struct slice body = refusal_body(core, refusal);
	struct message out;
	if (request->route.size > 0 &&
	    answer_begin(&out, &request->route, MDP_FINAL, slice_of_text(request->service->name),
	                 request->has_id ? &request->frames : NULL, 0) &&
	    message_append(&out, body)) {
		answer_send(core, &out, request->client);
		return;
	}
	if (request->route.size > 0) {
		message_release(&out);
	}
}

void request_refuse(struct core *core, struct request *request, enum refusal refusal) {
	if (request->ticket != NULL) {
		queue_bury(core, request, refusal == REFUSE_TOO_LATE ? "its time was over" : error_word(refusal_code(refusal)));
	} else {
		answer_refusal(core, request, refusal);
	}
	request_free(core, request);
}

static void forward(struct core *core, const struct request *request, struct arrival *reply) {
	if (reply->mdp.command == MDP_PARTIAL && request->route.version == MDP_0_1) {
		return; /* the older protocol has only one answer */
	}
	struct message out;
	message_init(&out);
	bool fits = message_append(&out, slice_of(request->route.id, request->route.size)) &&
	            mdp_write_client(&out, request->route.version, reply->mdp.command,
	                             slice_of_text(request->service->name));
	for (size_t i = reply->mdp.body_first; fits && i < reply->message->count; i++) {
		fits = message_append_moved(&out, reply->message, i);
	}
	if (fits) {
		answer_send(core, &out, request->client);
	}
	message_release(&out);
}

void request_answer(struct core *core, struct request *request, struct arrival *reply) {
	if (reply->mdp.command == MDP_FINAL) {
		histogram_add(&core->latency_us[request->priority], core->now_us - request->arrived_us);
	}
	if (request->ticket == NULL) {
		forward(core, request, reply);
		if (reply->mdp.command == MDP_FINAL) {
			request_free(core, request);
		}
	} else if (reply->mdp.command == MDP_FINAL) {
		queue_take_answer(core, request, reply);
	}
}

/* ---- deliveries that fail ---- */

/* Keeps the last ones. Without memory for them they are not remembered. */
static void remember(const struct core *core, struct request *request, const struct worker *worker,
                     const char *outcome) {
	if (request->attempts == NULL) {
		request->attempts = calloc(TICKET_ATTEMPTS, sizeof *request->attempts);
	}
	if (request->attempts == NULL) {
		return;
	}
	if (request->attempt_count == TICKET_ATTEMPTS) {
		request->attempt_count--;
		memmove(request->attempts, request->attempts + 1, request->attempt_count * sizeof *request->attempts);
	}
	struct attempt *attempt = &request->attempts[request->attempt_count++];
	attempt->at = core->now;
	memcpy(attempt->worker, worker->key, sizeof attempt->worker);
	if (!slice_copy_text(slice_of_text(outcome), attempt->outcome, sizeof attempt->outcome)) {
		attempt->outcome[0] = '\0';
	}
}

/* Doubled with each delivery, and a quarter more or less, so that what failed together does not come back together. */
static int64_t delay(const struct core *core, int64_t deliveries) {
	int64_t wait = core->limits.backoff_ms;
	for (int64_t i = 1; i < deliveries && wait < core->limits.backoff_max_ms; i++) {
		wait *= 2;
	}
	wait = wait < core->limits.backoff_max_ms ? wait : core->limits.backoff_max_ms;
	uint8_t random[2];
	core->edge.random(core->edge.argument, random, sizeof random);
	int64_t part = ((int64_t)random[0] << 8) | random[1];
	return wait * 3 / 4 + wait * part / (2 * 65536);
}

/* The frames of a ticket are on disk. */
static void drop_frames(struct core *core, struct request *request) {
	if (request->ticket != NULL) {
		core->bytes -= request->bytes - sizeof *request;
		request->bytes = sizeof *request;
		message_release(&request->frames);
	}
}

/* No worker could carry it out: it is kept for an operator to look at. */
static void give_up(struct core *core, struct request *request) {
	queue_bury(core, request, "every worker that it was given to failed");
	if (request->ticket == NULL) {
		answer_refusal(core, request, REFUSE_GIVEN_UP);
	} else {
		core->counts[CORE_GIVEN_UP]++;
	}
	request_free(core, request);
}

void request_failed(struct core *core, struct request *request, const struct worker *worker, const char *outcome) {
	remember(core, request, worker, outcome);
	if (request->deliveries >= core->limits.deliveries_max) {
		core_tell(core, &(struct core_notice){ .level = LOG_ERROR, .event = "request-given-up", .reason = outcome,
			.key = request->client, .service = slice_of_text(request->service->name),
			.request = request_header(request), .requests = 1 });
		give_up(core, request);
		return;
	}
	if (core->now >= request->expires) {
		request_refuse(core, request, REFUSE_TOO_LATE);
		return;
	}
	core->counts[CORE_RETURNED]++;
	drop_frames(core, request);
	request->state = REQUEST_DELAYED;
	request->due = core->now + delay(core, request->deliveries);
	request->service->delayed++;
	core->delayed_count++;
	TAILQ_INSERT_TAIL(&core->delayed, request, link);
}

/* An ordinary request is for another broker if this one is being emptied; a ticket waits until it serves again. */
static void wait_again(struct core *core, struct request *request) {
	if (core->is_draining && request->ticket == NULL) {
		request_refuse(core, request, REFUSE_DRAINING);
	} else if (!service_take_back(core, request)) {
		request_refuse(core, request, REFUSE_MEMORY);
	}
}

void request_given_back(struct core *core, struct request *request, const struct worker *worker) {
	if (request->given_back >= GIVEN_BACK_MAX) {
		request_failed(core, request, worker, "it was handed back again and again");
		return;
	}
	request->given_back++;
	request->deliveries--;
	core->counts[CORE_RETURNED]++;
	drop_frames(core, request);
	wait_again(core, request);
}

void request_undelay(struct core *core, struct request *request) {
	TAILQ_REMOVE(&core->delayed, request, link);
	request->service->delayed--;
	core->delayed_count--;
}

void requests_tick(struct core *core) {
	struct request *next = NULL;
	for (struct request *request = TAILQ_FIRST(&core->delayed); request != NULL; request = next) {
		next = TAILQ_NEXT(request, link);
		if (core->now < request->due) {
			continue;
		}
		request_undelay(core, request);
		wait_again(core, request);
	}
}

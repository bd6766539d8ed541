/* The simulation's model of tickets: what the core keeps, and what it may say about it. */
#include "tests/lib/life_state.h"

#define ANSWER_SIZE 5     /* bytes of a worker's answer */
#define BODY_SIZE_MAX 256 /* of a request's frames */

size_t life_tickets(void) {
	return life.kept[TICKET_PENDING] + life.kept[TICKET_ANSWERED] + life.kept[TICKET_DEAD];
}

static void count(const struct model_request *request, int sign) {
	if (sign > 0) {
		life.kept[request->record.state]++;
		life.kept_bytes += request->record.bytes;
	} else {
		life.kept[request->record.state]--;
		life.kept_bytes -= request->record.bytes;
	}
}

/* ---- what the core keeps ---- */

static void is_kept_first(const struct ticket_change *change) {
	HOLDS(change->frames != NULL && change->part == TICKET_REQUEST && change->frames->count > change->first);
	struct slice frame = message_frame(change->frames, change->frames->count - 1);
	uint32_t number = 0;
	memcpy(&number, frame.data, sizeof number);
	struct model_request *request = life_request(number);
	HOLDS(!request->is_kept);
	if (change->record->state == TICKET_PENDING) {
		HOLDS(request->is_ticket && request->state == LIFE_NONE);
		request->state = LIFE_UNCOMMITTED;
		request->deliveries = 0;
		request->given_back = 0;
		request->not_before = 0;
		request->expires = change->record->expires;
	} else {
		HOLDS(change->record->state == TICKET_DEAD && !request->is_ticket && !request->is_buried);
		HOLDS(request->deliveries == DELIVERIES_MAX && request->state == LIFE_DELAYED);
		request->is_buried = true;
	}
	request->is_kept = true;
	request->is_committed = request->is_acknowledged = false;
	request->record = *change->record;
	struct slice id = slice_of(request->record.id, TICKET_SIZE);
	HOLDS(map_get(life.by_ticket, id) == request || map_put(life.by_ticket, id, request));
	HOLDS(life.fresh_count < sizeof life.fresh / sizeof life.fresh[0]);
	life.fresh[life.fresh_count++] = request;
	count(request, 1);
}

static void is_kept_again(struct model_request *request, const struct ticket_record *record) {
	HOLDS(request->is_committed);
	bool waits = request->state == LIFE_WAITING || request->state == LIFE_DELAYED ||
	             (request->state == LIFE_UNCOMMITTED && life.is_committing);
	switch (record->state) {
	case TICKET_PENDING:
		HOLDS(life.is_retrying && request->record.state == TICKET_DEAD && !life_is_under_way(request));
		request->is_ticket = true;
		request->expires = record->expires;
		life_comes(request);
		break;
	case TICKET_ANSWERED:
		HOLDS(life.answering == request && request->state == LIFE_HELD &&
		      life.kept_bytes + ANSWER_SIZE <= TICKET_BYTES);
		life_is_over(request);
		break;
	case TICKET_DEAD:
		HOLDS((waits && (request->deliveries == DELIVERIES_MAX || life.now >= request->expires)) ||
		      (life.answering == request && life.kept_bytes + ANSWER_SIZE > TICKET_BYTES));
		life_is_over(request);
		break;
	}
	count(request, -1);
	request->record = *record;
	count(request, 1);
}

static void is_forgotten(struct model_request *request) {
	bool is_old = life.now >= request->record.expires && !life_is_under_way(request);
	HOLDS(life.closing == request || (life.is_dropping && request->record.state == TICKET_DEAD) || is_old);
	count(request, -1);
	request->is_kept = request->is_acknowledged = false;
	request->state = LIFE_NONE;
}

void life_keep(void *argument, const struct ticket_change *change) {
	(void)argument;
	paper_queue_keep(life.queue, change);
	struct model_request *request = map_get(life.by_ticket, slice_of(change->record->id, TICKET_SIZE));
	if (change->kind == TICKET_FORGET) {
		HOLDS(request != NULL && request->is_kept);
		is_forgotten(request);
	} else if (request == NULL || !request->is_kept) {
		is_kept_first(change);
	} else {
		is_kept_again(request, change->record);
	}
}

/* ---- commits and crashes ---- */

static void commit_fails(struct model_request **fresh, size_t count_of_fresh) {
	struct failure failure;
	(void)fail(&failure, ERROR_STORE_FULL, "no room");
	for (size_t i = 0; i < count_of_fresh; i++) {
		if (fresh[i]->is_kept) {
			count(fresh[i], -1);
			fresh[i]->is_kept = false;
			fresh[i]->state = fresh[i]->state == LIFE_UNCOMMITTED ? LIFE_NONE : fresh[i]->state;
		}
	}
	paper_queue_fail(life.queue);
	life_step(&(struct core_event){ .kind = CORE_NOT_COMMITTED, .failure = &failure });
}

static void commit_succeeds(struct model_request **fresh, size_t count_of_fresh) {
	paper_queue_commit(life.queue);
	for (size_t i = 0; i < count_of_fresh; i++) {
		fresh[i]->is_committed = fresh[i]->is_kept;
	}
	life_step(&(struct core_event){ .kind = CORE_COMMITTED });
	for (size_t i = 0; i < count_of_fresh; i++) {
		if (fresh[i]->state == LIFE_UNCOMMITTED) {
			life_waits(fresh[i]);
		}
	}
}

void life_commit(void) {
	static struct model_request *fresh[2 * TICKETS_LIMIT];
	if (!paper_queue_has_changes(life.queue)) {
		HOLDS(life.receipts == 0 && life.fresh_count == 0);
		return;
	}
	size_t count_of_fresh = life.fresh_count;
	memcpy(fresh, life.fresh, count_of_fresh * sizeof fresh[0]);
	life.fresh_count = 0;
	life.is_committing = true;
	if (!life.is_calm && life_one_in(20)) {
		commit_fails(fresh, count_of_fresh);
	} else {
		commit_succeeds(fresh, count_of_fresh);
	}
	life.is_committing = false;
	HOLDS(life.receipts == 0);
}

/* What the broker knows of a request after a crash is what was on disk. */
static void is_remembered(struct model_request *request) {
	const struct ticket_record *record = NULL;
	if (request->record.bytes > 0) {
		record = paper_queue_find(life.queue, request->record.id);
	}
	HOLDS(record != NULL || !request->is_acknowledged);
	request->holder = NOBODY;
	request->receipts = 0;
	request->state = LIFE_NONE;
	request->is_kept = request->is_committed = record != NULL;
	if (record == NULL) {
		return;
	}
	request->record = *record;
	count(request, 1);
	request->state = LIFE_OVER;
	if (record->state == TICKET_PENDING) {
		request->is_ticket = true;
		request->expires = record->expires;
		life_comes(request);
		request->deliveries = (int)record->deliveries;
		request->given_back = 0;
	}
}

static void forget_the_living(void) {
	for (int i = 0; i < WORKERS; i++) {
		struct model_worker *worker = &life.workers[i];
		worker->is_known = worker->has_room = worker->cannot_be_reached = worker->does_not_read = false;
		worker->is_mute = worker->has_cause = false;
		worker->holds = 0;
		worker->hand_count = 0;
		TAILQ_INIT(&worker->held);
	}
	for (int i = 0; i < CLIENTS; i++) {
		life.clients[i] = (struct model_client){ .allowance = PEER_RATE * 1000, .refilled = life.now };
	}
	TAILQ_INIT(&life.delayed);
	memset(life.worker_count, 0, sizeof life.worker_count);
	memset(life.rooms, 0, sizeof life.rooms);
	memset(life.definite, 0, sizeof life.definite);
	memset(life.queued, 0, sizeof life.queued);
	memset(life.definite_tickets, 0, sizeof life.definite_tickets);
	memset(life.queued_tickets, 0, sizeof life.queued_tickets);
	memset(life.lines, 0, sizeof life.lines);
	memset(life.is_paused, 0, sizeof life.is_paused);
	memset(life.since_batch, 0, sizeof life.since_batch);
	memset(life.run_beside_batch, 0, sizeof life.run_beside_batch);
	memset(life.kept, 0, sizeof life.kept);
	life.kept_bytes = 0;
	life.held = life.ordinary = 0;
	life.receipts = 0;
	life.closes = 0;
	life.fresh_count = life.coming_count = 0;
	life.is_draining = false;
}

static void restore(void *argument, const struct ticket_record *record) {
	(void)argument;
	life_step(&(struct core_event){ .kind = CORE_RESTORE, .ticket = record });
}

/* A core takes its counters with it. */
void life_count_all(void) {
	for (enum core_counter counter = 0; counter < CORE_COUNTERS; counter++) {
		life.counts[counter] += core_count(life.core, counter);
	}
}

void life_crash(void) {
	struct core_edge edge = life_edge();
	if (life_one_in(3)) {
		paper_queue_commit(life.queue); /* on disk, but nobody was told */
	}
	paper_queue_crash(life.queue);
	life_count_all();
	life.crashes++;
	core_free(life.core);
	life.core = core_new(&life.limits, &edge);
	HOLDS(life.core != NULL);
	forget_the_living();
	for (uint32_t i = 0; i < SLOTS; i++) {
		is_remembered(&life.slots[i]);
	}
	life.is_committing = true;
	paper_queue_restore(life.queue, restore, NULL);
	life.is_committing = false;
	life_coming_wait();
	for (int i = 0; i < CLIENTS; i++) {
		life.clients[i].returns++; /* what was restored stands in another order */
	}
	HOLDS(core_state(life.core).tickets == paper_queue_size(life.queue));
}

/* ---- what clients hear ---- */

/* Whoever asks for tickets says an id, so the status stands behind it, however many frames follow. */
static void read_status(const struct message *message, const struct mdp *mdp) {
	bool has_id = mdp->service.data[0] == 't';
	struct slice frame = message_frame(message, mdp->body_first + has_id);
	life.status[0] = '\0';
	if (frame.size == 3) {
		memcpy(life.status, frame.data, 3);
		life.status[3] = '\0';
	}
	message_release(&life.last_own);
	for (size_t i = 0; i < message->count; i++) {
		HOLDS(message_append_shared(&life.last_own, message, i));
	}
}

static bool status_is(const char *status) {
	return strcmp(life.status, status) == 0;
}

/* The 200 to a titanic.close comes with the commit that forgets the ticket, or with the next one. */
static void hears_of_close(void) {
	if (life.is_committing) {
		HOLDS(life.closes > 0);
		life.closes--;
	} else {
		life.own_answers++;
	}
}

/* A 200 to titanic.request is said of what is on disk, and of nothing else. */
static void hears_of_ticket(const struct message *message, const struct mdp *mdp) {
	struct header header;
	uint32_t number = 0;
	uint8_t id[TICKET_SIZE];
	HOLDS(header_read(message_frame(message, mdp->body_first), &header) && header.id.size == sizeof number);
	memcpy(&number, header.id.data, sizeof number);
	struct model_request *request = life_request(number);
	if (life.is_committing) {
		HOLDS(request->receipts > 0);
		request->receipts--;
		life.receipts--;
	} else {
		life.own_answers++;
	}
	if (status_is("200")) {
		HOLDS(ticket_parse(message_frame(message, message->count - 1), id));
		HOLDS(memcmp(id, request->record.id, TICKET_SIZE) == 0);
		HOLDS(paper_queue_find(life.queue, id) != NULL);
		request->is_acknowledged = true;
	}
}

void life_own_answer(const struct message *message, const struct mdp *mdp) {
	read_status(message, mdp);
	if (slice_is(mdp->service, "titanic.request")) {
		hears_of_ticket(message, mdp);
	} else if (slice_is(mdp->service, "titanic.close")) {
		hears_of_close();
	} else {
		life.own_answers++;
	}
}

void life_ticket_arrives(struct post *post) {
	struct model_request *request = life_request(post->number);
	bool may_ask = life_may_ask(post->from);
	bool was_kept = request->is_kept;
	bool has_room = life_tickets() < TICKETS_LIMIT && life.kept_bytes + BODY_SIZE_MAX <= TICKET_BYTES;
	if (!was_kept) {
		request->is_ticket = true;
		request->state = LIFE_NONE;
		request->arrived = life.now;
	}
	life_deliver_as_client(post);
	if (life.own_answers == 0) {
		HOLDS(may_ask && request->is_kept && !request->is_committed);
		request->receipts++;
		life.receipts++;
		return;
	}
	HOLDS(life.own_answers == 1 && may_ask == (life.status[0] != '\0'));
	bool is_dead = was_kept && request->record.state == TICKET_DEAD;
	HOLDS(!may_ask || status_is("200") == (was_kept && request->is_committed && !is_dead));
	HOLDS(!may_ask || !status_is("500") || life.is_draining || !has_room || is_dead);
}

void life_fetch_arrives(struct post *post) {
	const struct model_request *request = life_request(post->number);
	bool is_own = post->from == request->client && request->is_kept;
	if (!life_may_ask(post->from)) {
		life_deliver_as_client(post);
		HOLDS(life.own_answers == 1 && life.status[0] == '\0');
		return;
	}
	life_deliver_as_client(post);
	HOLDS(life.own_answers == 1);
	if (!is_own) {
		HOLDS(status_is("400"));
	} else if (request->record.state == TICKET_PENDING) {
		HOLDS(status_is("300"));
	} else if (request->record.state == TICKET_DEAD) {
		HOLDS(status_is("500"));
	} else {
		const struct ticket_record *stored = paper_queue_find(life.queue, request->record.id);
		bool is_stored = stored != NULL && stored->state == TICKET_ANSWERED;
		HOLDS(status_is(is_stored ? "200" : "300"));
		struct slice body = message_frame(&life.last_own, life.last_own.count - 1);
		HOLDS(!is_stored || (body.size == 5 && memcmp(body.data, &request->number, 4) == 0 && body.data[4] == 'f'));
	}
}

void life_close_arrives(struct post *post) {
	struct model_request *request = life_request(post->number);
	bool closes = life_may_ask(post->from) && post->from == request->client && request->is_kept &&
	              request->is_committed;
	if (closes) {
		life.closing = request;
		if (life_is_under_way(request)) {
			life_is_over(request);
		}
	}
	life_deliver_as_client(post);
	life.closing = NULL;
	HOLDS(!closes || (life.own_answers == 0 && !request->is_kept));
	life.closes += life.own_answers == 0;
}

/* The durable queue: what becomes of tickets, and dead letters. What clients ask is in queue_client.c.
 *
 * What holds: a client hears "200" only after the commit that holds its ticket, or that forgets it; a ticket that is
 * committed and pending has exactly one request in a service's queue, delayed, or held; the answer of a worker is
 * stored before the client can fetch it. If the broker is killed between a worker's answer and its commit, the request
 * is handed out again. */
#include "broker/queue.h"

#include <stdlib.h>

#define SWEEP_MS 1000

static struct slice id_of(const struct ticket *ticket) {
	return slice_of(ticket->record.id, TICKET_SIZE);
}

void queue_keep(struct core *core, const struct ticket *ticket, enum ticket_change_kind kind,
                const struct message *frames, size_t first, enum ticket_part part) {
	bool is_new = frames != NULL && part == TICKET_REQUEST;
	core->has_kept = core->has_kept || !is_new;
	core->edge.keep(core->edge.argument, &(struct ticket_change){
		.kind = kind, .record = &ticket->record, .frames = frames, .first = first, .part = part });
}

static struct slice client_of(const struct ticket_record *record) {
	return slice_of(record->client, sizeof record->client);
}

/* Without memory for the account the client's bound is not kept, only that of all. */
static struct owner *owner_obtain(struct core *core, const struct ticket_record *record) {
	struct owner *owner = map_get(core->owners, client_of(record));
	if (owner != NULL) {
		return owner;
	}
	owner = calloc(1, sizeof *owner);
	if (owner != NULL && !map_put(core->owners, client_of(record), owner)) {
		free(owner);
		owner = NULL;
	}
	return owner;
}

static void count_in(struct core *core, const struct ticket *ticket) {
	struct owner *owner = owner_obtain(core, &ticket->record);
	if (owner != NULL) {
		owner->tickets++;
		owner->bytes += (size_t)ticket->record.bytes;
	}
	core->tickets_in[ticket->record.state]++;
	core->tickets_bytes += (size_t)ticket->record.bytes;
}

static void count_out(struct core *core, const struct ticket *ticket) {
	struct owner *owner = map_get(core->owners, client_of(&ticket->record));
	if (owner != NULL) {
		owner->tickets--;
		owner->bytes -= (size_t)ticket->record.bytes;
		if (owner->tickets == 0) {
			free(map_remove(core->owners, client_of(&ticket->record)));
		}
	}
	core->tickets_in[ticket->record.state]--;
	core->tickets_bytes -= (size_t)ticket->record.bytes;
}

/* Removes a ticket from memory; it has no request. */
static void drop(struct core *core, struct ticket *ticket) {
	if (!ticket->is_committed) {
		TAILQ_REMOVE(&core->uncommitted, ticket, link);
	}
	count_out(core, ticket);
	(void)map_remove(core->tickets, id_of(ticket));
	free(ticket);
}

static struct ticket *add(struct core *core, const struct ticket_record *record, bool is_committed) {
	struct ticket *ticket = calloc(1, sizeof *ticket);
	if (ticket == NULL || !map_put(core->tickets, slice_of(record->id, TICKET_SIZE), ticket)) {
		free(ticket);
		return NULL;
	}
	ticket->record = *record;
	ticket->is_committed = is_committed;
	if (!is_committed) {
		TAILQ_INSERT_TAIL(&core->uncommitted, ticket, link);
	}
	count_in(core, ticket);
	return ticket;
}

struct ticket *queue_add(struct core *core, const struct ticket_record *record) {
	return add(core, record, false);
}

bool queue_has_room(const struct core *core, const uint8_t client[TRANSPORT_KEY_SIZE], size_t bytes) {
	const struct core_limits *limits = &core->limits;
	const struct owner *owner = map_get(core->owners, slice_of(client, TRANSPORT_KEY_SIZE));
	size_t own_tickets = owner == NULL ? 0 : owner->tickets;
	size_t own_bytes = owner == NULL ? 0 : owner->bytes;
	return map_size(core->tickets) < (size_t)limits->tickets_max &&
	       core->tickets_bytes + bytes <= (size_t)limits->tickets_bytes_max &&
	       own_tickets < (size_t)limits->peer_tickets_max &&
	       own_bytes + bytes <= (size_t)limits->peer_tickets_bytes_max;
}

size_t queue_bytes(const struct message *message, size_t first) {
	size_t bytes = 0;
	for (size_t i = first; i < message->count; i++) {
		bytes += message_frame(message, i).size;
	}
	return bytes;
}

/* Lets the request of a pending ticket wait for a worker. */
static void enqueue(struct core *core, struct ticket *ticket) {
	struct service *service = service_obtain(core, slice_of_text(ticket->record.service));
	struct request *request = service == NULL ? NULL : request_of_ticket(core, ticket, service);
	if (request == NULL) {
		return; /* out of memory: it is on disk, and comes again with the next start */
	}
	if (!service_append(core, request)) {
		request_free(core, request);
	}
	service_settle(core, service);
}

/* ---- what becomes of tickets ---- */

/* A request that a worker holds is let go: its answer will come too late. */
static void withdraw(struct core *core, struct request *request) {
	struct service *service = request->service;
	struct worker *worker = NULL;
	switch (request->state) {
	case REQUEST_WAITING:
		service_remove(core, request);
		break;
	case REQUEST_DELAYED:
		request_undelay(core, request);
		break;
	case REQUEST_HELD:
		worker = request->worker;
		worker_let_go(core, request);
		worker_place(worker);
		break;
	}
	request_free(core, request);
	service_settle(core, service);
}

void queue_forget(struct core *core, struct ticket *ticket) {
	if (ticket->request != NULL) {
		withdraw(core, ticket->request);
	}
	queue_keep(core, ticket, TICKET_FORGET, NULL, 0, TICKET_REQUEST);
	drop(core, ticket);
}

void queue_take_answer(struct core *core, struct request *request, struct arrival *reply) {
	struct ticket *ticket = request->ticket;
	size_t first = reply->mdp.body_first;
	/* The id frame was the broker's to keep: the client that fetches the answer has another one. */
	if (request->has_id && reply->message->count > first + 1 &&
	    slice_equal(message_frame(reply->message, first), request_header(request))) {
		first++;
	}
	size_t bytes = queue_bytes(reply->message, first);
	if (core->tickets_bytes + bytes > (size_t)core->limits.tickets_bytes_max) {
		queue_bury(core, request, "there was no room for its answer");
		request_free(core, request);
		return;
	}
	count_out(core, ticket);
	ticket->record.state = TICKET_ANSWERED;
	ticket->record.ended = core->now;
	ticket->record.expires = core->now + core->limits.ticket_ms;
	ticket->record.deliveries = request->deliveries;
	ticket->record.bytes += (int64_t)bytes;
	count_in(core, ticket);
	core->counts[CORE_QUEUE_ANSWERED]++;
	queue_keep(core, ticket, TICKET_PUT, reply->message, first, TICKET_ANSWER);
	request_free(core, request);
}

static void write_death(const struct core *core, const struct request *request, const char *reason,
                        struct ticket_record *record) {
	record->state = TICKET_DEAD;
	record->ended = core->now;
	record->expires = core->now + core->limits.ticket_ms;
	record->deliveries = request->deliveries;
	(void)slice_copy_text(slice_of_text(reason), record->reason, sizeof record->reason);
	record->attempt_count = request->attempt_count;
	for (size_t i = 0; i < request->attempt_count; i++) {
		record->attempts[i] = request->attempts[i];
	}
}

/* An ordinary request becomes a ticket that is dead from its beginning. */
static void bury_ordinary(struct core *core, const struct request *request, const char *reason) {
	size_t body_at = request->has_id ? 1 : 0;
	struct ticket_record record = { .arrived = request->arrived, .priority = (int64_t)request->priority,
		                            .bytes = (int64_t)queue_bytes(&request->frames, body_at) };
	memcpy(record.client, request->client, sizeof record.client);
	struct slice service = slice_of_text(request->service->name);
	(void)slice_copy_text(service, record.service, sizeof record.service);
	core->edge.ticket_id(core->edge.argument, request->client, service, &request->frames, body_at, record.id);
	write_death(core, request, reason, &record);
	bool known = map_get(core->tickets, slice_of(record.id, TICKET_SIZE)) != NULL;
	if (known || !queue_has_room(core, record.client, (size_t)record.bytes)) {
		return; /* it is known already, or there is no room: the client hears of it, and the log */
	}
	struct ticket *ticket = queue_add(core, &record);
	if (ticket != NULL) {
		queue_keep(core, ticket, TICKET_PUT, &request->frames, 0, TICKET_REQUEST);
	}
}

void queue_bury(struct core *core, struct request *request, const char *reason) {
	core_tell(core, &(struct core_notice){ .level = LOG_ERROR, .event = "dead-letter", .reason = reason,
		.key = request->client, .service = slice_of_text(request->service->name),
		.ticket = request->ticket == NULL ? NULL : request->ticket->record.id,
		.request = request_header(request), .requests = 1 });
	if (request->ticket == NULL) {
		bury_ordinary(core, request, reason);
		return;
	}
	count_out(core, request->ticket);
	write_death(core, request, reason, &request->ticket->record);
	count_in(core, request->ticket);
	queue_keep(core, request->ticket, TICKET_PUT, NULL, 0, TICKET_REQUEST);
}

bool queue_retry(struct core *core, struct ticket *ticket) {
	if (ticket->record.state != TICKET_DEAD || !ticket->is_committed) {
		return false;
	}
	count_out(core, ticket);
	ticket->record.state = TICKET_PENDING;
	ticket->record.ended = 0;
	ticket->record.deliveries = 0;
	ticket->record.reason[0] = '\0';
	ticket->record.expires = core->now + core->limits.ticket_ms;
	count_in(core, ticket);
	queue_keep(core, ticket, TICKET_PUT, NULL, 0, TICKET_REQUEST);
	enqueue(core, ticket);
	return true;
}

/* ---- events ---- */

void queue_restore(struct core *core, const struct ticket_record *record) {
	struct ticket *ticket = add(core, record, true);
	if (ticket != NULL && record->state == TICKET_PENDING) {
		enqueue(core, ticket);
	}
}

static void tell_receipt(struct core *core, const struct receipt *receipt, const char *status, struct slice more) {
	struct message out;
	message_init(&out);
	if (answer_begin(&out, &receipt->route, MDP_FINAL, slice_of_text(receipt->service), &receipt->id, 0) &&
	    message_append_text(&out, status) && (more.data == NULL || message_append(&out, more))) {
		answer_send(core, &out, receipt->client);
	}
	message_release(&out);
}

static void tell_receipts(struct core *core, const char *status, struct slice refusal) {
	while (!TAILQ_EMPTY(&core->receipts)) {
		struct receipt *receipt = TAILQ_FIRST(&core->receipts);
		char text[TICKET_TEXT];
		ticket_format(receipt->ticket, text);
		bool is_close = strcmp(receipt->service, TITANIC_CLOSE) == 0;
		struct slice good = is_close ? slice_of(NULL, 0) : slice_of_text(text);
		tell_receipt(core, receipt, status, refusal.data == NULL ? good : refusal);
		TAILQ_REMOVE(&core->receipts, receipt, link);
		message_release(&receipt->id);
		free(receipt);
	}
}

/* First all are marked, then handed out: that may lead to new dead letters, which are not in this commit. */
void queue_committed(struct core *core) {
	struct ticket_list committed = TAILQ_HEAD_INITIALIZER(committed);
	struct ticket *ticket = NULL;
	TAILQ_CONCAT(&committed, &core->uncommitted, link);
	TAILQ_FOREACH(ticket, &committed, link) {
		ticket->is_committed = true;
	}
	core->has_kept = false;
	tell_receipts(core, "200", slice_of(NULL, 0));
	while (!TAILQ_EMPTY(&committed)) {
		ticket = TAILQ_FIRST(&committed);
		TAILQ_REMOVE(&committed, ticket, link);
		if (ticket->record.state == TICKET_PENDING) {
			enqueue(core, ticket);
		}
	}
}

void queue_not_committed(struct core *core, const struct failure *failure) {
	core->counts[CORE_REFUSED_DISK]++;
	tell_receipts(core, "500", failure_body(core, failure));
	while (!TAILQ_EMPTY(&core->uncommitted)) {
		drop(core, TAILQ_FIRST(&core->uncommitted));
	}
}

/* Pending ones are refused by their requests, and are dead letters then. */
void queue_tick(struct core *core) {
	if (core->now - core->tickets_swept < SWEEP_MS + (int64_t)map_size(core->tickets) / 10) {
		return;
	}
	core->tickets_swept = core->now;
	struct map_entry *entry = map_first(core->tickets);
	while (entry != NULL) {
		struct ticket *ticket = entry->value;
		entry = map_next(entry);
		if (ticket->is_committed && ticket->request == NULL && core->now >= ticket->record.expires) {
			core->counts[CORE_QUEUE_EXPIRED]++;
			queue_forget(core, ticket);
		}
	}
}

/* What clients ask of the durable queue: titanic.request, titanic.reply and titanic.close (RFC 9). */
#include <stdlib.h>

#include "broker/queue.h"
#include "wire/body.h"
#include "wire/header.h"

#define ANSWER_FRAMES_MAX (MESSAGE_FRAMES_MAX - 6) /* of a stored answer: behind the longest head, id and status */

/* ---- titanic.request ---- */

static void answer_status(struct core *core, const struct arrival *arrival, const char *status, struct slice more) {
	struct slice payload[] = { slice_of_text(status), more };
	answer_arrival(core, arrival, payload, more.data == NULL ? 1 : 2);
}

static void answer_malformed(struct core *core, const struct arrival *arrival, const char *text) {
	struct failure failure;
	(void)fail(&failure, ERROR_MALFORMED, "%s", text);
	answer_status(core, arrival, "400", failure_body(core, &failure));
}

static void answer_ticket(struct core *core, const struct arrival *arrival, const struct ticket *ticket) {
	char text[TICKET_TEXT];
	ticket_format(ticket->record.id, text);
	answer_status(core, arrival, "200", slice_of_text(text));
}

static void answer_dead(struct core *core, const struct arrival *arrival, const struct ticket *ticket) {
	struct failure failure;
	(void)fail(&failure, ERROR_GIVEN_UP, "given up after %lld deliveries: %s; an operator can try it again",
	           (long long)ticket->record.deliveries, ticket->record.reason);
	answer_status(core, arrival, "500", failure_body(core, &failure));
}

/* Remembers whom to tell when what was asked for is on disk. Without memory for it, the client asks again. */
static void promise(struct core *core, const struct arrival *arrival, const uint8_t ticket[TICKET_SIZE]) {
	struct receipt *receipt = calloc(1, sizeof *receipt);
	if (receipt == NULL) {
		return;
	}
	message_init(&receipt->id);
	receipt->route = arrival->route;
	memcpy(receipt->client, arrival->key, sizeof receipt->client);
	memcpy(receipt->ticket, ticket, TICKET_SIZE);
	(void)slice_copy_text(arrival->mdp.service, receipt->service, sizeof receipt->service);
	if (arrival->mdp.has_id) {
		(void)message_append_shared(&receipt->id, arrival->message, arrival->mdp.body_first);
	}
	TAILQ_INSERT_TAIL(&core->receipts, receipt, link);
}

/* Where the parts of a titanic.request stand. */
struct wish {
	size_t service_at;
	size_t body_at;
	size_t frames_at; /* the header, if there is one, or the body */
};

static void fill_record(const struct core *core, const struct arrival *arrival, const struct wish *wish,
                        struct ticket_record *record) {
	const struct message *message = arrival->message;
	*record = (struct ticket_record){ .state = TICKET_PENDING, .arrived = core->now, .priority = PRIORITY_BATCH,
		                              .expires = core->now + core->limits.ticket_ms };
	struct slice service = message_frame(message, wish->service_at);
	(void)slice_copy_text(service, record->service, sizeof record->service);
	memcpy(record->client, arrival->key, sizeof record->client);
	record->bytes = (int64_t)queue_bytes(message, wish->body_at);
	struct header header;
	if (arrival->mdp.has_id && header_read(message_frame(message, arrival->mdp.body_first), &header)) {
		record->priority = header.priority == 0 ? PRIORITY_INTERACTIVE : PRIORITY_BATCH;
		record->expires = header.ttl_ms == 0 ? record->expires : core->now + header.ttl_ms;
	}
	core->edge.ticket_id(core->edge.argument, arrival->key, service, message, wish->body_at, record->id);
}

/* Its frames are the header, if there is one, and the body; the service's name between them is taken out. */
static bool share_frames(const struct arrival *arrival, const struct wish *wish, struct message *out) {
	bool fits = !arrival->mdp.has_id || message_append_shared(out, arrival->message, arrival->mdp.body_first);
	for (size_t i = wish->body_at; fits && i < arrival->message->count; i++) {
		fits = message_append_shared(out, arrival->message, i);
	}
	return fits;
}

static void queue_new(struct core *core, const struct arrival *arrival, const struct wish *wish,
                      const struct ticket_record *record) {
	enum refusal refusal = REFUSALS;
	if (core->is_draining) {
		refusal = REFUSE_DRAINING;
	} else if (!queue_has_room(core, record->client, (size_t)record->bytes)) {
		refusal = REFUSE_QUEUE;
	} else if (service_find(core, slice_of_text(record->service)) == NULL &&
	           map_size(core->services) >= CORE_SERVICES_MAX) {
		refusal = REFUSE_SERVICES;
	}
	struct message frames;
	message_init(&frames);
	struct ticket *ticket = NULL;
	if (refusal == REFUSALS) {
		ticket = share_frames(arrival, wish, &frames) ? queue_add(core, record) : NULL;
		refusal = ticket == NULL ? REFUSE_MEMORY : REFUSALS;
	}
	if (ticket == NULL) {
		answer_status(core, arrival, "500", refusal_body(core, refusal));
	} else {
		core->counts[CORE_QUEUED]++;
		queue_keep(core, ticket, TICKET_PUT, &frames, 0, TICKET_REQUEST);
		promise(core, arrival, record->id);
	}
	message_release(&frames);
}

/* The same request again has the same ticket. */
static void take_wish(struct core *core, struct arrival *arrival, const struct wish *wish,
                      const struct ticket_record *record) {
	struct ticket *known = map_get(core->tickets, slice_of(record->id, TICKET_SIZE));
	if (known == NULL) {
		queue_new(core, arrival, wish, record);
	} else if (known->record.state == TICKET_DEAD) {
		answer_dead(core, arrival, known);
	} else if (known->is_committed) {
		answer_ticket(core, arrival, known);
	} else {
		promise(core, arrival, known->record.id);
	}
}

static void request_asked(struct core *core, struct arrival *arrival) {
	const struct message *message = arrival->message;
	struct header header;
	size_t first = arrival->mdp.body_first;
	/* Two frames are a service and a body, whatever they look like. */
	arrival->mdp.has_id = message->count - first >= 3 && header_read(message_frame(message, first), &header);
	struct wish wish = { .service_at = first + arrival->mdp.has_id, .body_at = first + arrival->mdp.has_id + 1 };
	if (wish.body_at >= message->count) {
		answer_malformed(core, arrival, TITANIC_REQUEST " takes a service and a body");
		return;
	}
	struct slice service = message_frame(message, wish.service_at);
	if (!mdp_service_name_is_valid(service) || core_service_is_the_brokers(service)) {
		answer_malformed(core, arrival, "the first frame is not the name of a service that workers serve");
		return;
	}
	const struct service *present = service_find(core, service);
	bool served = (present != NULL && present->worker_count > 0) || core->edge.serves(core->edge.argument, service);
	if (!served) {
		answer_malformed(core, arrival, "nobody is listed to serve this service, so it would wait for ever");
		return;
	}
	struct ticket_record record;
	fill_record(core, arrival, &wish, &record);
	take_wish(core, arrival, &wish, &record);
}

/* ---- titanic.reply and titanic.close ---- */

/* The ticket that is asked for; NULL if there is none, or it is another client's. */
static struct ticket *ticket_asked_for(const struct core *core, const struct arrival *arrival) {
	uint8_t id[TICKET_SIZE];
	struct slice text = message_frame(arrival->message, arrival->message->count - 1);
	struct ticket *ticket = ticket_parse(text, id) ? map_get(core->tickets, slice_of(id, sizeof id)) : NULL;
	if (ticket == NULL || memcmp(ticket->record.client, arrival->key, TRANSPORT_KEY_SIZE) == 0) {
		return ticket;
	}
	bool may = core->edge.allows(core->edge.argument, arrival->key, slice_of_text(CORE_OPERATORS));
	return may ? ticket : NULL;
}

static void answer_stored(struct core *core, const struct arrival *arrival, const struct ticket *ticket) {
	struct message stored;
	message_init(&stored);
	enum error error = core->edge.load(core->edge.argument, ticket->record.id, TICKET_ANSWER, &stored);
	struct slice payload[MESSAGE_FRAMES_MAX + 1] = { slice_of_text("200") };
	for (size_t i = 0; i < stored.count; i++) {
		payload[i + 1] = message_frame(&stored, i);
	}
	if (error == OK && stored.count > ANSWER_FRAMES_MAX) {
		error = ERROR_TOO_LONG;
	}
	if (error == OK) {
		answer_arrival(core, arrival, payload, stored.count + 1);
	} else if (error == ERROR_NOT_FOUND) {
		answer_status(core, arrival, "300", slice_of(NULL, 0)); /* its commit is still under way */
	} else {
		struct failure failure;
		(void)fail(&failure, error, "the stored answer cannot be read");
		answer_status(core, arrival, "500", failure_body(core, &failure));
	}
	message_release(&stored);
}

static void reply_asked(struct core *core, struct arrival *arrival) {
	const struct ticket *ticket = ticket_asked_for(core, arrival);
	if (ticket == NULL) {
		answer_status(core, arrival, "400", slice_of(NULL, 0));
	} else if (ticket->record.state == TICKET_PENDING) {
		answer_status(core, arrival, "300", slice_of(NULL, 0));
	} else if (ticket->record.state == TICKET_ANSWERED) {
		answer_stored(core, arrival, ticket);
	} else {
		answer_dead(core, arrival, ticket);
	}
}

/* Closed is what will not come back after a crash either. An unknown ticket may be one whose closing failed before. */
static void close_asked(struct core *core, struct arrival *arrival) {
	static const uint8_t none[TICKET_SIZE] = { 0 };
	struct ticket *ticket = ticket_asked_for(core, arrival);
	if (ticket != NULL && ticket->is_committed) {
		core->counts[CORE_QUEUE_CLOSED]++;
		queue_forget(core, ticket);
	}
	if (core->has_kept) {
		promise(core, arrival, none);
	} else {
		answer_status(core, arrival, "200", slice_of(NULL, 0));
	}
}

void queue_asked(struct core *core, struct arrival *arrival) {
	struct slice service = arrival->mdp.service;
	if (slice_is(service, TITANIC_REQUEST)) {
		request_asked(core, arrival);
	} else if (slice_is(service, TITANIC_REPLY)) {
		reply_asked(core, arrival);
	} else if (slice_is(service, TITANIC_CLOSE)) {
		close_asked(core, arrival);
	} else {
		answer_status(core, arrival, "501", slice_of(NULL, 0));
	}
}

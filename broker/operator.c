/* The service `broker`: what operators ask and order, as one table of operations (doc/protocol.md). */
#include "broker/operator.h"

#include "base/version.h"
#include "broker/metrics.h"
#include "wire/body.h"

#define DIGITS_LEAST 8
#define FRAMES_SHOWN_MAX 131072 /* bytes of a dead letter's frames in one answer */

bool operator_text(const struct question *question, const char *key, struct slice *out) {
	return pack_as_text(pack_find(question->arguments, key), out);
}

/* ---- status and metrics ---- */

static enum error op_status(struct question *question) {
	const struct core *core = question->core;
	struct core_state state = core_state(core);
	struct core_surroundings around = { .endpoint = "" };
	core->edge.look(core->edge.argument, &around);
	const struct { const char *name; int64_t number; } numbers[] = {
		{ "uptime_ms", core->now - around.started },
		{ "connections", (int64_t)around.connections },
		{ "clients", (int64_t)state.peers },
		{ "workers", (int64_t)state.workers },
		{ "services", (int64_t)state.services },
		{ "waiting", (int64_t)state.waiting },
		{ "delayed", (int64_t)state.delayed },
		{ "held", (int64_t)state.held },
		{ "bytes", (int64_t)state.bytes },
		{ "bytes_max", core->limits.bytes_max },
		{ "queued", (int64_t)core->tickets_in[TICKET_PENDING] },
		{ "queued_max", core->limits.tickets_max },
		{ "queued_bytes", (int64_t)state.tickets_bytes },
		{ "queued_bytes_max", core->limits.tickets_bytes_max },
		{ "answered", (int64_t)state.tickets_answered },
		{ "dead", (int64_t)state.tickets_dead },
		{ "memory", (int64_t)around.memory },
		{ "memory_max", (int64_t)around.memory_max },
		{ "oldest_ms", state.oldest_ms },
	};
	const size_t count = sizeof numbers / sizeof numbers[0];
	const char *word = !core->is_draining ? "serving" : state.held > 0 ? "draining" : "drained";
	struct buffer *out = &question->core->answer;
	body_begin_ok(out, count + 4);
	pack_key_word(out, "version", TROTH_VERSION);
	pack_key_word(out, "endpoint", around.endpoint);
	pack_key_word(out, "state", word);
	for (size_t i = 0; i < count; i++) {
		pack_key_signed(out, numbers[i].name, numbers[i].number);
	}
	pack_word(out, "counts");
	pack_map(out, CORE_COUNTERS);
	for (enum core_counter counter = 0; counter < CORE_COUNTERS; counter++) {
		pack_key_unsigned(out, core_counter_word(counter), core_count(core, counter));
	}
	return OK;
}

static enum error op_metrics(struct question *question) {
	struct core *core = question->core;
	struct core_surroundings around = { .endpoint = "" };
	core->edge.look(core->edge.argument, &around);
	struct buffer text;
	buffer_init(&text, METRICS_MAX);
	metrics_write(core, &around, &text);
	body_begin_ok(&core->answer, 1);
	pack_key_text(&core->answer, "text", buffer_slice(&text));
	enum error error = buffer_ok(&text) ? OK : fail(question->failure, ERROR_TOO_LONG, "too many metrics");
	buffer_release(&text);
	return error;
}

/* ---- dead letters ---- */

static bool begins_with(const struct ticket *ticket, struct slice digits) {
	char text[TICKET_TEXT];
	ticket_format(ticket->record.id, text);
	return digits.size < sizeof text && memcmp(text, digits.data, digits.size) == 0;
}

/* The one dead letter whose ticket begins with the digits that are asked for. */
static enum error find_dead(const struct question *question, struct ticket **out) {
	struct slice digits = { 0 };
	*out = NULL;
	if (!operator_text(question, "ticket", &digits) || digits.size < DIGITS_LEAST || digits.size >= TICKET_TEXT) {
		return fail(question->failure, ERROR_BAD_VALUE, "ticket is at least the first %d of its 32 digits",
		            DIGITS_LEAST);
	}
	for (struct map_entry *entry = map_first(question->core->tickets); entry != NULL; entry = map_next(entry)) {
		struct ticket *ticket = entry->value;
		if (ticket->record.state != TICKET_DEAD || !begins_with(ticket, digits)) {
			continue;
		}
		if (*out != NULL) {
			return fail(question->failure, ERROR_AMBIGUOUS, "more than one dead letter begins with these digits");
		}
		*out = ticket;
	}
	return *out != NULL ? OK : fail(question->failure, ERROR_NOT_FOUND, "there is no dead letter with this ticket");
}

static void pack_history(const struct core *core, struct buffer *out, const struct ticket_record *record) {
	pack_word(out, "history");
	pack_array(out, record->attempt_count);
	for (size_t i = 0; i < record->attempt_count; i++) {
		const struct attempt *attempt = &record->attempts[i];
		char key[TRANSPORT_KEY_TEXT];
		transport_key_format(attempt->worker, key);
		const char *name = core->edge.name(core->edge.argument, attempt->worker);
		pack_map(out, 3);
		pack_key_signed(out, "ago_ms", core->now - attempt->at);
		pack_key_word(out, "worker", name == NULL ? key : name);
		pack_key_word(out, "outcome", attempt->outcome);
	}
}

static void pack_frames(struct buffer *out, const struct message *frames) {
	size_t shown = 0, bytes = 0;
	while (shown < frames->count && bytes + message_frame(frames, shown).size <= FRAMES_SHOWN_MAX) {
		bytes += message_frame(frames, shown).size;
		shown++;
	}
	pack_word(out, "frames");
	pack_array(out, shown);
	for (size_t i = 0; i < shown; i++) {
		pack_bytes(out, message_frame(frames, i));
	}
}

static enum error op_dead_show(struct question *question) {
	struct core *core = question->core;
	struct ticket *ticket = NULL;
	enum error error = find_dead(question, &ticket);
	if (error != OK) {
		return error;
	}
	struct message frames;
	message_init(&frames);
	(void)core->edge.load(core->edge.argument, ticket->record.id, TICKET_REQUEST, &frames);
	body_begin_ok(&core->answer, 1);
	pack_word(&core->answer, "dead");
	pack_map(&core->answer, OPERATOR_DEAD_PAIRS + 2);
	operator_pack_dead(core, &core->answer, &ticket->record);
	pack_history(core, &core->answer, &ticket->record);
	pack_frames(&core->answer, &frames);
	message_release(&frames);
	return OK;
}

static bool retry(struct core *core, struct ticket *ticket) {
	return queue_retry(core, ticket);
}

static bool forget(struct core *core, struct ticket *ticket) {
	queue_forget(core, ticket);
	return true;
}

/* Does it to one dead letter, or to all. */
static enum error for_dead(struct question *question, bool (*act)(struct core *core, struct ticket *ticket)) {
	struct core *core = question->core;
	bool all = false;
	uint64_t count = 0;
	struct ticket *one = NULL;
	(void)pack_as_boolean(pack_find(question->arguments, "all"), &all);
	enum error error = all ? OK : find_dead(question, &one);
	if (error != OK) {
		return error;
	}
	struct map_entry *entry = all ? map_first(core->tickets) : NULL;
	if (one != NULL) {
		count += act(core, one);
	}
	while (entry != NULL) {
		struct ticket *ticket = entry->value;
		entry = map_next(entry);
		count += ticket->record.state == TICKET_DEAD && act(core, ticket);
	}
	body_begin_ok(&core->answer, 1);
	pack_key_unsigned(&core->answer, "count", count);
	return OK;
}

static enum error op_dead_retry(struct question *question) {
	return for_dead(question, retry);
}

static enum error op_dead_drop(struct question *question) {
	return for_dead(question, forget);
}

/* ---- pausing and draining ---- */

static enum error set_paused(struct question *question, struct slice name, bool paused) {
	struct core *core = question->core;
	if (!mdp_service_name_is_valid(name) || core_service_is_the_brokers(name)) {
		return fail(question->failure, ERROR_BAD_VALUE, "service is the name of a service that workers serve");
	}
	struct service *service = service_find(core, name);
	bool listed = core->edge.serves(core->edge.argument, name);
	if (service == NULL && paused && listed) {
		service = service_obtain(core, name);
	}
	if (service == NULL) {
		return fail(question->failure, ERROR_NOT_FOUND, "nobody serves this, and nobody is listed for it");
	}
	core_tell(core, &(struct core_notice){ .level = LOG_INFO, .event = paused ? "paused" : "resumed",
		.service = name, .requests = service->waiting });
	service->is_paused = paused;
	service_settle(core, service);
	body_begin_ok(&core->answer, 1);
	pack_key_boolean(&core->answer, "paused", paused);
	return OK;
}

static enum error op_pause(struct question *question) {
	struct slice name = { 0 };
	if (!operator_text(question, "service", &name)) {
		return fail(question->failure, ERROR_MALFORMED, "pause takes a service");
	}
	return set_paused(question, name, true);
}

static enum error op_resume(struct question *question) {
	struct slice name = { 0 };
	if (pack_find(question->arguments, "service") != NULL) {
		return operator_text(question, "service", &name)
		           ? set_paused(question, name, false)
		           : fail(question->failure, ERROR_BAD_VALUE, "service is a text");
	}
	if (question->core->is_leaving) {
		return fail(question->failure, ERROR_NOT_ALLOWED, "the broker is about to stop; that cannot be undone");
	}
	core_drain(question->core, false);
	body_begin_ok(&question->core->answer, 0);
	return OK;
}

static enum error op_drain(struct question *question) {
	struct core *core = question->core;
	core_drain(core, true);
	struct core_state state = core_state(core);
	body_begin_ok(&core->answer, 3);
	pack_key_unsigned(&core->answer, "held", state.held);
	pack_key_unsigned(&core->answer, "waiting", state.waiting);
	pack_key_unsigned(&core->answer, "queued", core->tickets_in[TICKET_PENDING]);
	return OK;
}

/* ---- the table ---- */

struct operation_row {
	const char *word;
	operation *run;
};

static const struct operation_row operations[] = {
	{ "status", op_status },         { "services", operator_services },     { "workers", operator_workers },
	{ "clients", operator_clients },       { "queue", operator_queue },           { "dead-list", operator_dead_list },
	{ "dead-show", op_dead_show },   { "dead-retry", op_dead_retry }, { "dead-drop", op_dead_drop },
	{ "pause", op_pause },           { "resume", op_resume },         { "drain", op_drain },
	{ "metrics", op_metrics },
};

static enum error run(struct question *question, struct slice word) {
	for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
		if (slice_is(word, operations[i].word)) {
			return operations[i].run(question);
		}
	}
	return fail(question->failure, ERROR_UNKNOWN_OPERATION, "the service broker has no such operation");
}

void operator_asks(struct core *core, struct arrival *arrival) {
	struct failure failure = { .code = OK };
	struct slice word = { 0 };
	if (!core->edge.allows(core->edge.argument, arrival->key, slice_of_text(CORE_OPERATORS))) {
		refuse_arrival(core, arrival, REFUSE_OPERATOR);
		return;
	}
	core->counts[CORE_OPERATIONS]++;
	struct slice body = message_frame(arrival->message, arrival->message->count - 1);
	enum error error = body_read_request(core->document, body, &word, &failure);
	struct question question = { .core = core, .arguments = pack_root(core->document), .failure = &failure };
	buffer_clear(&core->answer);
	if (error == OK) {
		error = run(&question, word);
	}
	if (error == OK && !buffer_ok(&core->answer)) {
		error = fail(&failure, ERROR_TOO_LONG, "the answer is longer than a message may be: ask for less");
	}
	if (error != OK) {
		refuse_arrival_because(core, arrival, &failure);
		return;
	}
	struct slice answer = buffer_slice(&core->answer);
	answer_arrival(core, arrival, &answer, 1);
}

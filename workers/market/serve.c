/* The worker's loop; see serve.h. */
#include "workers/market/serve.h"

#include <signal.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/signals.h"
#include "wire/body.h"
#include "workers/market/addresses.h"
#include "workers/market/batch.h"
#include "workers/market/timers.h"
#include "workers/market/views.h"

#define WAIT_MS 500    /* how long to wait for requests before looking after the store */
#define TEND_MS 10000  /* how often the store is looked after */
#define LAPSE_ROUNDS 4 /* batches of lapses between two looks at the requests */

const char *const serve_services[] = { [SERVE_NOTES] = SERVICE_NOTES, [SERVE_VIEWS] = SERVICE_VIEWS };

struct serving {
	const struct market *market;
	struct server *server;
	struct batch *batch;
	struct pack_document *document;
	struct buffer answer;
	struct timers *timers;
	struct server_request *notes[BATCH_MAX]; /* those of the batch, in its order; NULL for the clock's own */
	struct server_request *senders[BATCH_MAX]; /* of the addresses, in their order */
	struct address_order addresses[BATCH_MAX];
	size_t address_count;
	int64_t tended; /* milliseconds */
	uint64_t accepted, refused, known;
	uint64_t batches; /* that changed the store */
};

static void reply_error(struct serving *serving, struct server_request *request, const struct failure *failure) {
	buffer_clear(&serving->answer);
	body_error(&serving->answer, failure);
	server_reply(serving->server, request, buffer_slice(&serving->answer));
}

static enum error take_submit(struct serving *serving, struct server_request *request, int64_t now,
                              struct failure *failure) {
	struct slice note;
	if (!pack_as_bytes(pack_find(pack_root(serving->document), "note"), &note)) {
		return fail(failure, ERROR_MALFORMED, "the argument note is missing");
	}
	serving->notes[batch_count(serving->batch)] = request;
	batch_add(serving->batch, note, now);
	return OK;
}

static enum error take_address(struct serving *serving, struct server_request *request, struct failure *failure) {
	enum error error = address_order_read(pack_root(serving->document),
	                                      request->has_client_key ? request->client_key : NULL,
	                                      &serving->addresses[serving->address_count], failure);
	if (error == OK) {
		serving->senders[serving->address_count++] = request;
	}
	return error;
}

/* Reads a request of the service notes; a good one becomes part of the batch, another is answered at once. */
static void take_note(struct serving *serving, struct server_request *request, int64_t now) {
	struct failure failure = { .code = OK };
	struct slice operation;
	enum error error = body_read_request(serving->document, request->body, &operation, &failure);
	if (error == OK && slice_is(operation, "submit")) {
		error = take_submit(serving, request, now, &failure);
	} else if (error == OK && slice_is(operation, "address")) {
		error = take_address(serving, request, &failure);
	} else if (error == OK) {
		error = fail(&failure, ERROR_UNKNOWN_OPERATION, "the service notes has two operations: submit and address");
	}
	if (error != OK) {
		reply_error(serving, request, &failure);
	}
}

static void answer_view(struct serving *serving, struct server_request *request, int64_t now) {
	struct failure failure = { .code = OK };
	struct slice operation;
	enum error error = body_read_request(serving->document, request->body, &operation, &failure);
	if (error != OK) {
		reply_error(serving, request, &failure);
		return;
	}
	struct asker asker = { .transport = request->has_client_key ? request->client_key : NULL, .now = now };
	buffer_clear(&serving->answer);
	views_answer(serving->market, &asker, operation, pack_root(serving->document), &serving->answer);
	server_reply(serving->server, request, buffer_slice(&serving->answer));
}

/* One line per accepted or refused note, with the id by which the client knows it, and the trace by which client and
 * broker know the request. */
static void log_outcome(struct serving *serving, const struct submission *submission,
                        const struct server_request *request) {
	char hex[HASH_HEX_SIZE], trace[TRACE_TEXT] = "";
	hex_encode(slice_of(submission->id, HASH_SIZE), hex);
	if (request != NULL) {
		header_trace_text(&request->header, trace);
	}
	const char *trace_key = trace[0] == '\0' ? NULL : "trace"; /* NULL ends the fields */
	switch (submission->state) {
	case SUBMISSION_ACCEPTED:
		serving->accepted++;
		log_event(LOG_DEBUG, "note-accepted", "id", hex, "kind", submission->note.kind->name, trace_key, trace, NULL);
		break;
	case SUBMISSION_KNOWN:
		serving->known++;
		log_event(LOG_DEBUG, "note-known", "id", hex, trace_key, trace, NULL);
		break;
	default:
		serving->refused++;
		log_event(LOG_DEBUG, "note-refused", "id", hex, "code", error_word(submission->failure.code),
		          trace_key, trace, NULL);
		break;
	}
	if (submission->state == SUBMISSION_REFUSED && submission->failure.code == ERROR_STORE_DAMAGED) {
		log_event(LOG_ERROR, "store-damaged", "detail", submission->failure.text, NULL);
	}
}

static void run_batch(struct serving *serving, int64_t now) {
	struct batch *batch = serving->batch;
	if (batch_count(batch) == 0) {
		return;
	}
	uint64_t accepted = serving->accepted;
	batch_run(batch, now);
	for (size_t i = 0; i < batch_count(batch); i++) {
		const struct submission *submission = batch_submission(batch, i);
		log_outcome(serving, submission, serving->notes[i]);
		if (serving->notes[i] == NULL) {
			continue;
		}
		buffer_clear(&serving->answer);
		submission_answer(submission, &serving->answer);
		server_reply(serving->server, serving->notes[i], buffer_slice(&serving->answer));
	}
	serving->batches += serving->accepted > accepted;
	batch_clear(batch);
}

/* Comes after the batch, so that who agrees can send his address at once. */
static void run_addresses(struct serving *serving) {
	addresses_run(serving->market, serving->addresses, serving->address_count);
	for (size_t i = 0; i < serving->address_count; i++) {
		const struct failure *failure = &serving->addresses[i].failure;
		if (failure->code != OK) {
			reply_error(serving, serving->senders[i], failure);
			continue;
		}
		buffer_clear(&serving->answer);
		body_begin_ok(&serving->answer, 0);
		server_reply(serving->server, serving->senders[i], buffer_slice(&serving->answer));
	}
	serving->address_count = 0;
}

/* What is due comes before what is asked, so that nobody is told of a deadline that was not recorded yet. True if there
 * may be more. */
static bool run_timers(struct serving *serving, int64_t now) {
	struct failure failure = { .code = OK };
	size_t count = 0;
	bool more = true;
	for (int round = 0; round < LAPSE_ROUNDS && more; round++) {
		uint64_t accepted = serving->accepted;
		struct timers_moment moment = { .wall = now, .steady = clock_milliseconds() };
		memset(serving->notes, 0, sizeof serving->notes);
		if (timers_collect(serving->timers, serving->batch, moment, &count, &failure) != OK) {
			log_event(LOG_WARNING, "clock-failed", "detail", failure.text, NULL);
			batch_clear(serving->batch);
			return false;
		}
		run_batch(serving, now);
		bool refused = count > 0 && serving->accepted == accepted;
		bool aside = refused && timers_set_aside(serving->timers);
		if (aside) { /* damaged: trying again would not help */
			log_event(LOG_ERROR, "lapses-refused", "count", LOG_NUMBER(count), NULL);
		}
		more = count == BATCH_MAX || (refused && !aside);
	}
	return more;
}

static void serve_round(struct serving *serving, int signal_fd) {
	struct server_request *requests[BATCH_MAX];
	bool more = run_timers(serving, clock_wall_seconds());
	size_t count = server_take(serving->server, requests, BATCH_MAX, more ? 0 : WAIT_MS, signal_fd);
	int64_t now = clock_wall_seconds();
	if (count > 0) {
		(void)run_timers(serving, now);
	}
	for (size_t i = 0; i < count; i++) {
		if (requests[i]->service == SERVE_NOTES) {
			take_note(serving, requests[i], now);
		} else {
			answer_view(serving, requests[i], now);
		}
	}
	run_batch(serving, now);
	run_addresses(serving);
	if (clock_milliseconds() - serving->tended > TEND_MS) {
		struct failure failure = { .code = OK };
		if (store_tend(serving->market->store, &failure) != OK) {
			log_event(LOG_WARNING, "store-tend-failed", "detail", failure.text, NULL);
		}
		serving->tended = clock_milliseconds();
	}
}

static bool is_stopped(int signal_fd) {
	for (int signal = signals_take(signal_fd); signal != 0; signal = signals_take(signal_fd)) {
		if (signal == SIGTERM || signal == SIGINT) {
			return true;
		}
	}
	return false;
}

enum error serve(const struct market *market, const char *folder, struct server *server, int signal_fd,
                 struct failure *failure) {
	struct serving serving = { .market = market, .server = server, .tended = clock_milliseconds() };
	buffer_init(&serving.answer, BODY_MAX);
	serving.batch = batch_new(market);
	serving.timers = timers_new(market, folder);
	serving.document = pack_document_new();
	enum error error = serving.batch == NULL || serving.document == NULL || serving.timers == NULL
	    ? fail(failure, ERROR_NO_MEMORY, "out of memory") : OK;
	while (error == OK && !is_stopped(signal_fd)) {
		serve_round(&serving, signal_fd);
	}
	log_event(LOG_INFO, "stopped", "accepted", LOG_NUMBER(serving.accepted), "refused", LOG_NUMBER(serving.refused),
	          "known", LOG_NUMBER(serving.known), "batches", LOG_NUMBER(serving.batches), NULL);
	pack_document_free(serving.document);
	batch_free(serving.batch);
	timers_free(serving.timers);
	buffer_release(&serving.answer);
	return error;
}

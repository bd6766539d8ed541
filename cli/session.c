/* Questions to the agency; see session.h. */
#include "cli/session.h"

#include <stdlib.h>

#include "base/entropy.h"
#include "cli/print.h"
#include "wire/body.h"

#define ID_DIGITS_LEAST 8
#define PLACE_TEXT_MAX 256 /* of a text by which pages follow each other */

/* A trace for everything that this command asks, so that broker and workers log its requests under one id. */
static void set_trace(struct session *session) {
	const char *given = getenv("TRACEPARENT");
	char made[TRACEPARENT_TEXT], trace[TRACE_TEXT];
	struct header header = { .trace_flags = 1 };
	if (given == NULL || !header_from_traceparent(given, &header)) {
		entropy_fill(header.trace_id, sizeof header.trace_id);
		entropy_fill(header.span_id, sizeof header.span_id);
	}
	header_to_traceparent(&header, made);
	(void)client_set_trace(session->client, made);
	header_trace_text(&header, trace);
	print_set_trace(trace);
}

/* With another identity than the home's, unless that is NULL. */
static enum error open_brokers(struct session *session, struct home *home, const struct settings *settings,
                               size_t first, size_t count, const struct identity *other, struct failure *failure) {
	*session = (struct session){ .home = home };
	buffer_init(&session->request, BODY_MAX);
	buffer_init(&session->reply, BODY_MAX);
	session->document = pack_document_new();
	if (session->document == NULL) {
		return fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	struct identity identity;
	enum error error = other == NULL ? home_load_identity(home, &identity, failure) : OK;
	if (error != OK) {
		return error;
	}
	if (other != NULL) {
		identity = *other;
	}
	struct client_options options = { .brokers = home->join.brokers + first,
		                              .broker_count = count,
		                              .identity = &identity,
		                              .timeout_ms = settings->timeout * 1000,
		                              .priority = settings->batch == NULL ? PRIORITY_INTERACTIVE : PRIORITY_BATCH };
	error = client_new(&options, &session->client, failure);
	identity_wipe(&identity);
	if (error == OK) {
		set_trace(session);
	}
	return error;
}

enum error session_open(struct session *session, struct home *home, const struct settings *settings,
                        struct failure *failure) {
	return open_brokers(session, home, settings, 0, home->join.broker_count, NULL, failure);
}

enum error session_open_as(struct session *session, struct home *home, const struct settings *settings,
                           const struct identity *identity, struct failure *failure) {
	return open_brokers(session, home, settings, 0, home->join.broker_count, identity, failure);
}

enum error session_open_broker(struct session *session, struct home *home, const struct settings *settings,
                               size_t broker, struct failure *failure) {
	return open_brokers(session, home, settings, broker, 1, NULL, failure);
}

void session_release(struct session *session) {
	client_free(session->client);
	pack_document_free(session->document);
	buffer_release(&session->request);
	buffer_release(&session->reply);
}

enum error session_call(struct session *session, const char *service, const struct pack_value **ok,
                        struct failure *failure) {
	if (!buffer_ok(&session->request)) {
		return fail(failure, ERROR_TOO_LONG, "the request is longer than a message may be");
	}
	buffer_clear(&session->reply);
	enum error error =
	    client_call(session->client, service, buffer_slice(&session->request), &session->reply, failure);
	return error == OK ? body_read_reply(session->document, buffer_slice(&session->reply), ok, failure) : error;
}

enum error session_exchange(struct session *session, const char *service, const struct slice *parts, size_t count,
                            struct client_answer *answer, struct failure *failure) {
	return client_call_parts(session->client, service, parts, count, answer, failure);
}

enum error session_ask(struct session *session, const char *operation, const char *key, const char *text,
                       const struct pack_value **ok, struct failure *failure) {
	buffer_clear(&session->request);
	body_begin_request(&session->request, operation, key == NULL ? 0 : 1);
	if (key != NULL) {
		pack_key_word(&session->request, key, text);
	}
	return session_call(session, SERVICE_VIEWS, ok, failure);
}

/* What stays the same from page to page. */
struct paging {
	const char *operation, *cursor;
	const struct session_word *words;
	size_t count;
};

/* From where a page goes on: a number, or a text in lists by name. Empty for the first page. */
struct place {
	int64_t number;
	char text[PLACE_TEXT_MAX];
};

static bool is_first(const struct place *place) {
	return place->number == 0 && place->text[0] == '\0';
}

static enum error ask_page(struct session *session, const struct paging *paging, int64_t limit,
                           const struct place *place, const struct pack_value **ok, struct failure *failure) {
	buffer_clear(&session->request);
	body_begin_request(&session->request, paging->operation, paging->count + (is_first(place) ? 1 : 2));
	pack_key_signed(&session->request, "limit", limit);
	for (size_t i = 0; i < paging->count; i++) {
		pack_key_word(&session->request, paging->words[i].key, paging->words[i].text);
	}
	if (place->text[0] != '\0') {
		pack_key_word(&session->request, paging->cursor, place->text);
	} else if (place->number != 0) {
		pack_key_signed(&session->request, paging->cursor, place->number);
	}
	return session_call(session, SERVICE_VIEWS, ok, failure);
}

/* Reads where the next page begins; false if there is none. */
static bool read_place(const struct pack_value *next, struct place *place) {
	struct slice text;
	*place = (struct place){ .number = 0 };
	if (pack_as_text(next, &text)) {
		place->number = slice_copy_text(text, place->text, sizeof place->text) ? 0 : -1;
		return true;
	}
	return pack_as_signed(next, &place->number);
}

/* An agency that sends the same pages again and again would keep the command for ever. */
static bool goes_on(const struct paging *paging, const struct place *last, const struct place *place) {
	if (place->text[0] != '\0') {
		return last->number == 0 && strcmp(place->text, last->text) > 0;
	}
	bool rises = strcmp(paging->cursor, "after") == 0;
	return place->number > 0 && last->text[0] == '\0' &&
	       (last->number == 0 || (rises ? place->number > last->number : place->number < last->number));
}

enum error session_pages(struct session *session, const char *operation, const char *cursor,
                         const struct session_word *words, size_t count, int64_t limit, session_visit visit,
                         void *argument, struct failure *failure) {
	const struct paging paging = { operation, cursor, words, count };
	struct place place = { .number = 0 };
	do {
		const struct pack_value *ok = NULL;
		struct place last = place;
		enum error error = ask_page(session, &paging, limit, &place, &ok, failure);
		const struct pack_value *items = pack_find(ok, "items");
		bool has_next = read_place(pack_find(ok, cursor), &place);
		for (size_t i = 0; error == OK && i < pack_count(items) && limit > 0; i++, limit--) {
			error = visit(argument, pack_item(items, i), failure);
		}
		if (error != OK || !has_next) {
			return error;
		}
		if (!goes_on(&paging, &last, &place)) {
			return fail(failure, ERROR_MALFORMED, "the agency's answer does not go on");
		}
	} while (limit > 0);
	return OK;
}

/* ---- some of a list ---- */

struct some {
	int64_t left;
	session_visit visit;
	void *argument;
	bool more;
};

/* ERROR_END for the first one that is left out. */
static enum error visit_some(void *argument, const struct pack_value *item, struct failure *failure) {
	struct some *some = argument;
	some->more = some->left == 0;
	if (some->more) {
		return ERROR_END;
	}
	some->left--;
	return some->visit(some->argument, item, failure);
}

enum error session_some(struct session *session, const char *operation, const char *cursor,
                        const struct session_word *words, size_t count, int64_t limit, session_visit visit,
                        void *argument, bool *more, struct failure *failure) {
	struct some some = { .left = limit, .visit = visit, .argument = argument };
	enum error error =
	    session_pages(session, operation, cursor, words, count, limit + 1, visit_some, &some, failure);
	*more = some.more;
	return error == ERROR_END && some.more ? OK : error;
}

void session_say_more(const struct settings *settings, bool more) {
	if (more && !settings->json) {
		(void)fputs("there are more: --limit shows them\n", stderr);
	}
}

enum error session_id_digits(const char *text, char out[65], struct failure *failure) {
	const char *digits = strncmp(text, "sha256:", 7) == 0 ? text + 7 : text;
	size_t size = strlen(digits);
	if (size < ID_DIGITS_LEAST || size > 64 || strspn(digits, "0123456789abcdef") != size) {
		return fail(failure, ERROR_USAGE, "\"%s\" is no id: give at least its first %d hex digits, or all of it", text,
		            ID_DIGITS_LEAST);
	}
	memcpy(out, digits, size + 1);
	return OK;
}

/* Log lines from notices: only the fields that are there. */
#include "broker/notice.h"

#include "wire/header.h"

#define FIELDS_MAX 7

struct fields {
	const char *keys[FIELDS_MAX];
	const char *values[FIELDS_MAX];
	size_t count;
};

static void add(struct fields *fields, const char *key, const char *value) {
	if (value != NULL) {
		fields->keys[fields->count] = key;
		fields->values[fields->count] = value;
		fields->count++;
	}
}

static void add_trace(struct fields *fields, struct slice frame, char text[TRACE_TEXT]) {
	struct header header;
	if (header_read(frame, &header) && header_has_trace(&header)) {
		header_trace_text(&header, text);
		add(fields, "trace", text);
	}
}

void notice_log(const struct access *access, const struct core_notice *notice) {
	struct fields fields = { .count = 0 };
	char service[MDP_SERVICE_MAX + 1];
	char key[TRANSPORT_KEY_TEXT], trace[TRACE_TEXT], ticket[TICKET_TEXT];
	bool has_service = notice->service.size > 0 && slice_copy_text(notice->service, service, sizeof service);
	add(&fields, "service", has_service ? service : NULL);
	if (notice->key != NULL) {
		transport_key_format(notice->key, key);
		add(&fields, "name", access_name(access, notice->key));
		add(&fields, "key", key);
	}
	add_trace(&fields, notice->request, trace);
	if (notice->ticket != NULL) {
		ticket_format(notice->ticket, ticket);
		add(&fields, "ticket", ticket);
	}
	add(&fields, "requests", notice->requests > 0 ? LOG_NUMBER(notice->requests) : NULL);
	add(&fields, "reason", notice->reason);
	const char *const *keys = fields.keys;
	const char *const *values = fields.values;
	/* A key that is NULL ends the list, so the rest of the row is not read. */
	log_event(notice->level, notice->event, keys[0], values[0], keys[1], values[1], keys[2], values[2], keys[3],
	          values[3], keys[4], values[4], keys[5], values[5], keys[6], values[6], NULL);
}

void notice_log_counts(const struct core *core) {
	for (enum core_counter counter = 0; counter < CORE_COUNTERS; counter++) {
		if (core_count(core, counter) > 0) {
			log_event(LOG_INFO, "count", "of", core_counter_word(counter), "number",
			          LOG_NUMBER(core_count(core, counter)), "means", core_counter_help(counter), NULL);
		}
	}
}

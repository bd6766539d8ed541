/* Log lines from notices: only the fields that are there. */
#include "broker/notice.h"

#define FIELDS_MAX 5

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

void notice_log(const struct allow_list *workers, const struct core_notice *notice) {
	struct fields fields = { .count = 0 };
	char service[MDP_SERVICE_MAX + 1];
	char key[TRANSPORT_KEY_TEXT];
	bool has_service = notice->service.size > 0 && slice_copy_text(notice->service, service, sizeof service);
	add(&fields, "service", has_service ? service : NULL);
	if (notice->key != NULL) {
		transport_key_format(notice->key, key);
		add(&fields, "name", allow_list_name(workers, notice->key));
		add(&fields, "key", key);
	}
	add(&fields, "requests", notice->requests > 0 ? LOG_NUMBER(notice->requests) : NULL);
	add(&fields, "reason", notice->reason);
	/* A key that is NULL ends the list, so the rest of the row is not read. */
	log_event(notice->level, notice->event, fields.keys[0], fields.values[0], fields.keys[1], fields.values[1],
	          fields.keys[2], fields.values[2], fields.keys[3], fields.values[3], fields.keys[4], fields.values[4],
	          NULL);
}

void notice_log_counts(const struct core *core) {
	for (enum core_counter counter = 0; counter < CORE_COUNTERS; counter++) {
		if (core_count(core, counter) > 0) {
			log_event(LOG_INFO, "count", "of", core_counter_word(counter), "number",
			          LOG_NUMBER(core_count(core, counter)), "means", core_counter_help(counter), NULL);
		}
	}
}

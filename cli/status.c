/* troth status: who you are to the agency, and whether it answers. */
#include "base/clock.h"
#include "cli/act.h"

struct status {
	struct slice name, role, key, state;
	int64_t waited_us;
};

static enum error read_status(const struct pack_value *ok, struct status *out, struct failure *failure) {
	bool good = pack_as_text(pack_find(ok, "name"), &out->name) && pack_as_text(pack_find(ok, "role"), &out->role) &&
	            pack_as_bytes(pack_find(ok, "key"), &out->key) && out->key.size == KEY_SIZE &&
	            pack_as_text(pack_find(ok, "state"), &out->state) &&
	            (slice_is(out->state, "admitted") || slice_is(out->state, "waiting"));
	return good ? OK : fail(failure, ERROR_MALFORMED, "the agency's answer is incomplete");
}

static void print_status(const struct home *home, const struct status *status, const struct pack_value *available) {
	char key[HASH_HEX_SIZE];
	hex_encode(status->key, key);
	(void)printf("account    %s (%s), %.*s\nkey        ed25519:%s\nagency     %s at %s, answered in %lld.%lld ms\n",
	             home->name, role_words[home->role], (int)status->state.size, (const char *)status->state.data, key,
	             home->join.origin, home->join.brokers[0].endpoint, (long long)(status->waited_us / 1000),
	             (long long)(status->waited_us % 1000 / 100));
	for (size_t i = 0; i < pack_count(available); i++) {
		struct slice money;
		if (pack_as_text(pack_item(available, i), &money) && money_parse(money, &(struct money){ 0 }, NULL) == OK) {
			(void)printf("available  %.*s\n", (int)money.size, (const char *)money.data);
		}
	}
}

static void print_status_json(const struct home *home, const struct status *status,
                              const struct pack_value *available) {
	char key[HASH_HEX_SIZE];
	json_t *list = json_array();
	for (size_t i = 0; i < pack_count(available); i++) {
		struct slice money;
		if (pack_as_text(pack_item(available, i), &money) && money_parse(money, &(struct money){ 0 }, NULL) == OK) {
			(void)json_array_append_new(list, json_of(money));
		}
	}
	hex_encode(status->key, key);
	print_json(json_pack("{s:o, s:o, s:o, s:s, s:s, s:s, s:I, s:o}", "name", json_of(status->name), "role",
	                     json_of(status->role), "state", json_of(status->state), "key", key, "agency",
	                     home->join.origin, "endpoint", home->join.brokers[0].endpoint, "microseconds",
	                     (json_int_t)status->waited_us, "available", list));
}

enum error command_status(const struct invocation *call, struct failure *failure) {
	struct act act;
	struct status status = { .waited_us = 0 };
	const struct pack_value *ok = NULL;
	enum error error = act_open(&act, &call->settings, ACT_ASKS, failure);
	int64_t started = clock_nanoseconds();
	if (error == OK) {
		error = session_ask(&act.session, "account", NULL, NULL, &ok, failure);
		status.waited_us = (clock_nanoseconds() - started) / 1000;
	}
	if (error == ERROR_NOT_FOUND && ok == NULL && act.session.client != NULL) {
		error = fail(failure, ERROR_NOT_FOUND, "%s answers, but does not know %s yet: run troth enrol",
		             act.home.join.origin, act.home.name);
	}
	if (error == OK) {
		error = read_status(ok, &status, failure);
	}
	if (error == OK && call->settings.json) {
		print_status_json(&act.home, &status, pack_find(ok, "available"));
	} else if (error == OK) {
		print_status(&act.home, &status, pack_find(ok, "available"));
	}
	act_release(&act);
	return error;
}

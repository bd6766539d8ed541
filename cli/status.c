/* troth status: who you are to the agency, and whether it answers. */
#include <dirent.h>

#include "base/clock.h"
#include "cli/act.h"

struct status {
	struct slice name, role, key, state;
	int64_t waited_us;
};

/* By what the agency says: what it means. */
static const struct {
	const char *word, *meaning;
} states[] = {
	{ "waiting", "waiting: an operator of the agency admits it" },
	{ "admitted", "admitted" },
	{ "suspended", "suspended: running deals go on, nothing new begins, until an operator restores it" },
};

/* NULL for a state that nobody knows. */
static const char *find_meaning(struct slice state) {
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		if (slice_is(state, states[i].word)) {
			return states[i].meaning;
		}
	}
	return NULL;
}

/* Whether the agency has accepted anything of this home: then it knew its keys once. */
static bool was_known(const struct home *home) {
	char path[FILE_PATH_MAX];
	DIR *notes = home_path(home, "notes", path, NULL) == OK ? opendir(path) : NULL;
	bool found = false;
	if (notes == NULL) {
		return false;
	}
	for (const struct dirent *entry = readdir(notes); entry != NULL && !found; entry = readdir(notes)) {
		found = entry->d_name[0] != '.';
	}
	(void)closedir(notes);
	return found;
}

/* Of a key that the agency does not know no more can be known than whether it did. */
static enum error refuse_unknown(const struct home *home, struct failure *failure) {
	if (!was_known(home)) {
		return fail(failure, ERROR_NOT_FOUND, "%s answers, but does not know %s yet: run troth enrol",
		            home->join.origin, home->name);
	}
	return fail(failure, ERROR_NOT_FOUND, "%s answers, but the keys of this home are no account's any more: they were "
	            "replaced (finish a troth rekey that was cut off, or use the home with the new keys) or revoked (make "
	            "new keys by troth init in another folder, then troth enrol)", home->join.origin);
}

static enum error read_status(const struct pack_value *ok, struct status *out, struct failure *failure) {
	bool good = pack_as_text(pack_find(ok, "name"), &out->name) && pack_as_text(pack_find(ok, "role"), &out->role) &&
	            pack_as_bytes(pack_find(ok, "key"), &out->key) && out->key.size == KEY_SIZE &&
	            pack_as_text(pack_find(ok, "state"), &out->state) &&
	            find_meaning(out->state) != NULL;
	return good ? OK : fail(failure, ERROR_MALFORMED, "the agency's answer is incomplete");
}

static void print_status(const struct home *home, const struct status *status, const struct pack_value *available) {
	char key[HASH_HEX_SIZE];
	hex_encode(status->key, key);
	(void)printf("account    %s (%s), %s\nkey        ed25519:%s\nagency     %s at %s, answered in %lld.%lld ms\n",
	             home->name, role_words[home->role], find_meaning(status->state), key,
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
		error = refuse_unknown(&act.home, failure);
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

/* troth ops accounts: who is admitted, in which standing, and the keys of each. */
#include <inttypes.h>

#include "cli/act.h"
#include "rules/calendar.h"

struct visiting {
	const struct settings *settings;
	json_t *list;
	size_t count;
};

/* What the agency says of one account. Slices borrow from the session's reply. */
struct listed {
	struct slice name, role, state, key;
	int64_t sequence;
	const struct pack_value *keys;
	bool has_key;
};

/* One of its keys; 0 where it has no end. */
struct listed_key {
	char hex[HASH_HEX_SIZE];
	int64_t since, until, valid_until;
	bool is_revoked, is_present;
};

static bool is_one_of(struct slice word, const char *const *words, size_t count) {
	bool found = false;
	for (size_t i = 0; i < count; i++) {
		found = found || slice_is(word, words[i]);
	}
	return found;
}

static enum error read_account(const struct pack_value *item, struct listed *out, struct failure *failure) {
	static const uint8_t no_key[KEY_SIZE];
	static const char *const states[] = { "admitted", "suspended" };
	bool good = pack_as_text(pack_find(item, "name"), &out->name) && account_name_is_valid(out->name) &&
	            pack_as_text(pack_find(item, "role"), &out->role) && is_one_of(out->role, role_words, ROLE_COUNT) &&
	            pack_as_text(pack_find(item, "state"), &out->state) && is_one_of(out->state, states, 2) &&
	            pack_as_bytes(pack_find(item, "key"), &out->key) && out->key.size == KEY_SIZE &&
	            pack_as_signed(pack_find(item, "sequence"), &out->sequence);
	out->keys = pack_find(item, "keys");
	out->has_key = good && memcmp(out->key.data, no_key, KEY_SIZE) != 0;
	return good && pack_is_array(out->keys) ? OK
	       : fail(failure, ERROR_MALFORMED, "the agency's answer is incomplete");
}

static enum error read_key(const struct listed *account, const struct pack_value *item, struct listed_key *out,
                           struct failure *failure) {
	struct slice key;
	*out = (struct listed_key){ .since = 0 };
	if (!pack_as_bytes(pack_find(item, "key"), &key) || key.size != KEY_SIZE ||
	    !pack_as_signed(pack_find(item, "since"), &out->since)) {
		return fail(failure, ERROR_MALFORMED, "the agency's answer is incomplete");
	}
	hex_encode(key, out->hex);
	(void)pack_as_signed(pack_find(item, "until"), &out->until);
	out->is_revoked = pack_as_signed(pack_find(item, "valid-until"), &out->valid_until);
	out->is_present = slice_equal(key, account->key);
	return OK;
}

/* ---- for people ---- */

static void print_key(const struct listed *account, const struct listed_key *key) {
	char until[TIME_TEXT_SIZE], standing[120] = "present";
	if (key->is_revoked) {
		(void)snprintf(standing, sizeof standing, "revoked, good up to note %" PRId64, key->valid_until);
	} else if (!key->is_present) {
		(void)snprintf(standing, sizeof standing, "former, until %s", time_format(key->until, until));
	}
	(void)printf("%-24.*s  %-8.*s  %-9.*s  ed25519:%s  since note %" PRId64 ", %s\n", (int)account->name.size,
	             (const char *)account->name.data, (int)account->role.size, (const char *)account->role.data,
	             (int)account->state.size, (const char *)account->state.data, key->hex, key->since, standing);
}

static enum error print_account(const struct listed *account, struct failure *failure) {
	enum error error = OK;
	for (size_t i = 0; error == OK && i < pack_count(account->keys); i++) {
		struct listed_key key;
		error = read_key(account, pack_item(account->keys, i), &key, failure);
		if (error == OK) {
			print_key(account, &key);
		}
	}
	if (error == OK && !account->has_key) {
		(void)fprintf(stderr, "%.*s has no key now: its owner enrols anew, and is admitted again\n",
		              (int)account->name.size, (const char *)account->name.data);
	}
	return error;
}

/* ---- for machines ---- */

static enum error add_key(const struct listed *account, const struct pack_value *item, json_t *list,
                          struct failure *failure) {
	struct listed_key key;
	char until[TIME_TEXT_SIZE];
	enum error error = read_key(account, item, &key, failure);
	if (error != OK) {
		return error;
	}
	json_t *object = json_pack("{s:s, s:I}", "key", key.hex, "since", (json_int_t)key.since);
	if (key.until > 0) {
		(void)json_object_set_new(object, "until", json_string(time_format(key.until, until)));
	}
	if (key.is_revoked) {
		(void)json_object_set_new(object, "valid-until", json_integer(key.valid_until));
	}
	(void)json_array_append_new(list, object);
	return OK;
}

static enum error add_account(json_t *list, const struct listed *account, struct failure *failure) {
	char hex[HASH_HEX_SIZE];
	json_t *keys = json_array();
	enum error error = OK;
	for (size_t i = 0; error == OK && i < pack_count(account->keys); i++) {
		error = add_key(account, pack_item(account->keys, i), keys, failure);
	}
	json_t *object = json_pack("{s:o, s:o, s:o, s:I, s:o}", "name", json_of(account->name), "role",
	                           json_of(account->role), "state", json_of(account->state), "sequence",
	                           (json_int_t)account->sequence, "keys", keys);
	if (account->has_key) {
		hex_encode(account->key, hex);
		(void)json_object_set_new(object, "key", json_string(hex));
	}
	(void)json_array_append_new(list, object);
	return error;
}

static enum error list_account(void *argument, const struct pack_value *item, struct failure *failure) {
	struct visiting *visiting = argument;
	struct listed account;
	enum error error = read_account(item, &account, failure);
	if (error == OK) {
		error = visiting->settings->json ? add_account(visiting->list, &account, failure)
		                                 : print_account(&account, failure);
	}
	visiting->count++;
	return error;
}

enum error command_ops_accounts(const struct invocation *call, struct failure *failure) {
	struct act act;
	struct visiting visiting = { .settings = &call->settings, .list = json_array() };
	const struct session_word words[] = { { "name", call->count == 0 ? NULL : call->operands[0] } };
	bool more = false;
	enum error error = act_open(&act, &call->settings, ACT_ASKS, failure);
	if (error == OK) {
		error = session_some(&act.session, "accounts", "after", words, call->count, call->settings.limit, list_account,
		                     &visiting, &more, failure);
	}
	if (error == OK && visiting.count == 0 && call->count > 0) {
		error = fail(failure, ERROR_NOT_FOUND, "there is no admitted account %s", call->operands[0]);
	}
	if (error == OK && call->settings.json) {
		print_json(json_incref(visiting.list));
	}
	session_say_more(&call->settings, error == OK && more);
	json_decref(visiting.list);
	act_release(&act);
	return error;
}

/* troth ops waiting and admit. */
#include "cli/act.h"

/* ---- who waits ---- */

/* What one waiting enrolment says. Slices borrow from the session's reply. */
struct waiting {
	struct slice name, role, key, enrolment;
	int64_t received;
};

static bool is_role(struct slice word) {
	return slice_is(word, role_words[ROLE_BRAND]) || slice_is(word, role_words[ROLE_CREATOR]) ||
	       slice_is(word, role_words[ROLE_OPERATOR]);
}

static enum error read_waiting(const struct pack_value *item, struct waiting *out, struct failure *failure) {
	bool good = pack_as_text(pack_find(item, "name"), &out->name) && account_name_is_valid(out->name) &&
	            pack_as_text(pack_find(item, "role"), &out->role) && is_role(out->role) &&
	            pack_as_bytes(pack_find(item, "key"), &out->key) && out->key.size == KEY_SIZE &&
	            pack_as_bytes(pack_find(item, "enrolment"), &out->enrolment) && out->enrolment.size == HASH_SIZE &&
	            pack_as_signed(pack_find(item, "received"), &out->received);
	return good ? OK : fail(failure, ERROR_MALFORMED, "the agency's answer is incomplete");
}

enum error command_ops_waiting(const struct invocation *call, struct failure *failure) {
	struct act act;
	const struct pack_value *ok = NULL;
	enum error error = act_open(&act, &call->settings, ACT_ASKS, failure);
	if (error == OK) {
		error = session_ask(&act.session, "enrolments", NULL, NULL, &ok, failure);
	}
	json_t *list = json_array();
	const struct pack_value *items = pack_find(ok, "items");
	for (size_t i = 0; error == OK && i < pack_count(items); i++) {
		struct waiting waiting;
		char key[HASH_HEX_SIZE];
		error = read_waiting(pack_item(items, i), &waiting, failure);
		if (error != OK) {
			break;
		}
		hex_encode(waiting.key, key);
		if (call->settings.json) {
			(void)json_array_append_new(list, json_pack("{s:o, s:o, s:s}", "name", json_of(waiting.name), "role",
			                                            json_of(waiting.role), "key", key));
		} else {
			(void)printf("%-40.*s %-8.*s ed25519:%s\n", (int)waiting.name.size, (const char *)waiting.name.data,
			             (int)waiting.role.size, (const char *)waiting.role.data, key);
		}
	}
	if (error == OK && call->settings.json) {
		print_json(json_incref(list));
	} else if (error == OK && pack_count(items) == 0) {
		(void)fprintf(stderr, "nobody waits to be admitted\n");
	}
	json_decref(list);
	act_release(&act);
	return error;
}

/* ---- admit ---- */

/* Splits NAME or NAME@KEY. */
static enum error split_name(const char *operand, char name[ACCOUNT_NAME_MAX], const char **key,
                             struct failure *failure) {
	const char *at = strchr(operand, '@');
	size_t size = at == NULL ? strlen(operand) : (size_t)(at - operand);
	*key = at == NULL ? "" : at + 1;
	if (!slice_copy_text(slice_of(operand, size), name, ACCOUNT_NAME_MAX) ||
	    !account_name_is_valid(slice_of_text(name))) {
		return fail(failure, ERROR_USAGE, "\"%s\" is not NAME or NAME@KEY", operand);
	}
	return OK;
}

/* The one waiting enrolment of the name whose key begins with these digits. */
static enum error choose(const struct pack_value *items, const char *name, const char *digits, struct waiting *out,
                         struct failure *failure) {
	size_t found = 0;
	for (size_t i = 0; i < pack_count(items); i++) {
		struct waiting waiting;
		char key[HASH_HEX_SIZE];
		enum error error = read_waiting(pack_item(items, i), &waiting, failure);
		if (error != OK) {
			return error;
		}
		hex_encode(waiting.key, key);
		if (slice_is(waiting.name, name) && strncmp(key, digits, strlen(digits)) == 0) {
			*out = waiting;
			found++;
		}
	}
	if (found == 0) {
		return fail(failure, ERROR_NOT_FOUND, "nobody%s waits to be admitted as %s",
		            digits[0] == '\0' ? "" : " with that key", name);
	}
	if (found > 1) {
		return fail(failure, ERROR_AMBIGUOUS, "%zu keys ask for the name %s: see troth ops waiting, and write %s@KEY",
		            found, name, name);
	}
	return OK;
}

static enum error sign_admission(struct act *act, const struct waiting *waiting, struct failure *failure) {
	char key[HASH_HEX_SIZE], account[PARTY_TEXT_MAX], admitter[PARTY_TEXT_MAX], purpose[160], role[16];
	char enrolment[ID_TEXT_SIZE];
	hex_encode(waiting->key, key);
	(void)snprintf(account, sizeof account, "%.*s ed25519:%s", (int)waiting->name.size,
	               (const char *)waiting->name.data, key);
	(void)snprintf(purpose, sizeof purpose, "admit %s", account);
	if (!slice_copy_text(waiting->role, role, sizeof role)) {
		return fail(failure, ERROR_MALFORMED, "the agency's answer is incomplete");
	}
	struct note_pair pairs[] = { { "account", slice_of_text(account) },
		                         { "role", slice_of_text(role) },
		                         { "enrolment", slice_of_text(print_id(waiting->enrolment, enrolment)) },
		                         { "admitter", slice_of_text(home_party_text(&act->home, admitter)) } };
	return act_sign(act, slice_of_text(purpose), KIND_ADMIT, pairs, 4, failure);
}

/* Who waits has chosen his role himself. An operator can admit others and attest money, so admitting one takes the word
 * for it; with --role, whatever else was asked for is refused too. */
static enum error check_role(const struct settings *settings, const struct waiting *waiting, struct failure *failure) {
	const char *expected = settings->role;
	bool is_operator = slice_is(waiting->role, role_words[ROLE_OPERATOR]);
	if (expected == NULL ? !is_operator : slice_is(waiting->role, expected)) {
		return OK;
	}
	return fail(failure, ERROR_NOT_ALLOWED, "%.*s asks to be %s %.*s; to admit it as that, say --role %.*s",
	            (int)waiting->name.size, (const char *)waiting->name.data, is_operator ? "an" : "a",
	            (int)waiting->role.size, (const char *)waiting->role.data, (int)waiting->role.size,
	            (const char *)waiting->role.data);
}

/* An account that is admitted already needs nothing; doing it again is no error. */
static bool is_admitted(const struct pack_value *admitted, const char *digits) {
	struct slice key;
	char hex[HASH_HEX_SIZE];
	if (!pack_as_bytes(pack_find(admitted, "key"), &key) || key.size != KEY_SIZE) {
		return false;
	}
	hex_encode(key, hex);
	return strncmp(hex, digits, strlen(digits)) == 0;
}

static enum error admit(struct act *act, const char *operand, struct failure *failure) {
	char name[ACCOUNT_NAME_MAX];
	const char *digits = NULL;
	const struct pack_value *ok = NULL;
	struct waiting waiting = { .received = 0 };
	enum error error = split_name(operand, name, &digits, failure);
	if (error == OK) {
		error = session_ask(&act->session, "enrolments", "name", name, &ok, failure);
	}
	if (error == OK && is_admitted(pack_find(ok, "admitted"), digits)) {
		if (act->settings->json) {
			print_json(json_pack("{s:s, s:b}", "name", name, "already", 1));
		} else {
			(void)printf("%s is admitted already\n", name);
		}
		return OK;
	}
	if (error == OK) {
		error = choose(pack_find(ok, "items"), name, digits, &waiting, failure);
	}
	if (error == OK) {
		error = check_role(act->settings, &waiting, failure);
	}
	if (error == OK) {
		error = sign_admission(act, &waiting, failure);
	}
	if (error == OK) {
		error = act_finish(act, failure);
	}
	parcel_release(&act->parcel);
	return error;
}

enum error command_ops_admit(const struct invocation *call, struct failure *failure) {
	struct act act;
	/* The names on the command line are the confirmation. */
	struct settings settings = call->settings;
	settings.yes = true;
	enum error error = act_open(&act, &settings, ACT_SIGNS, failure);
	if (error == OK) {
		error = home_require_role(&act.home, ROLE_OPERATOR, "operators admit accounts", failure);
	}
	bool is_open = error == OK;
	for (size_t i = 0; is_open && i < call->count; i++) {
		struct failure reason = { .code = OK };
		enum error refused = admit(&act, call->operands[i], &reason);
		if (refused == OK || (refused == ERROR_QUEUED && error != OK)) {
			continue;
		}
		if (error != OK) {
			(void)command_report(call, failure); /* the last one is reported by the caller */
		}
		error = refused;
		*failure = reason;
	}
	act_release(&act);
	return error;
}

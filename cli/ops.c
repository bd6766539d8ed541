/* troth ops waiting and admit.
 *
 * Whoever enrols signs the enrolment himself, so a good signature shows that name, role and key belong together, and
 * not that the key is that of the person who goes by the name: the operator compares it with what that person says. */
#include "cli/act.h"
#include "cli/checked_note.h"

/* With so many digits of a key on the command line it is the operator who has said which key it is. With fewer,
 * somebody else can make a key that begins with them. */
#define KEY_DIGITS_SURE 12

/* Reads one enrolment, which its own key must have signed. */
static enum error read_waiting(const struct pack_value *item, const struct join *join, struct checked_note *out,
                               struct failure *failure) {
	struct slice note;
	if (!pack_as_bytes(pack_find(item, "note"), &note)) {
		return fail(failure, ERROR_MALFORMED, "the agency's answer is incomplete");
	}
	enum error error = checked_note_read(out, note, join, failure);
	return error != OK || out->note.kind->id == KIND_ENROL ? error
	       : fail(failure, ERROR_MALFORMED, "the agency's answer is no enrolment");
}

static const struct party *party_of(const struct checked_note *enrolment) {
	return &note_get(&enrolment->note, "account")->party;
}

static const char *role_of(const struct checked_note *enrolment) {
	return role_words[note_get(&enrolment->note, "role")->word];
}

static const char *key_of(const struct checked_note *enrolment, char out[HASH_HEX_SIZE]) {
	hex_encode(slice_of(party_of(enrolment)->key, KEY_SIZE), out);
	return out;
}

/* ---- who waits ---- */

struct visiting {
	const struct settings *settings;
	const struct join *join;
	struct checked_note enrolment;
	json_t *list;
	size_t count;
};

static enum error list_waiting(void *argument, const struct pack_value *item, struct failure *failure) {
	struct visiting *visiting = argument;
	char key[HASH_HEX_SIZE];
	enum error error = read_waiting(item, visiting->join, &visiting->enrolment, failure);
	if (error != OK) {
		return error;
	}
	struct slice name = party_of(&visiting->enrolment)->name;
	const char *role = role_of(&visiting->enrolment);
	(void)key_of(&visiting->enrolment, key);
	if (visiting->settings->json) {
		(void)json_array_append_new(visiting->list,
		                            json_pack("{s:o, s:s, s:s}", "name", json_of(name), "role", role, "key", key));
	} else {
		(void)printf("%-40.*s %-8s ed25519:%s\n", (int)name.size, (const char *)name.data, role, key);
	}
	visiting->count++;
	return OK;
}

enum error command_ops_waiting(const struct invocation *call, struct failure *failure) {
	struct act act;
	struct visiting visiting = { .settings = &call->settings, .join = &act.home.join, .list = json_array() };
	const struct session_word words[] = { { "name", call->count == 0 ? NULL : call->operands[0] } };
	bool more = false;
	enum error error = act_open(&act, &call->settings, ACT_ASKS, failure);
	if (error == OK) {
		error = session_some(&act.session, "enrolments", "after", words, call->count, call->settings.limit,
		                     list_waiting, &visiting, &more, failure);
	}
	if (error == OK && call->settings.json) {
		print_json(json_incref(visiting.list));
	} else if (error == OK && visiting.count == 0) {
		(void)fprintf(stderr, "nobody waits to be admitted\n");
	}
	session_say_more(&call->settings, error == OK && more);
	json_decref(visiting.list);
	checked_note_release(&visiting.enrolment);
	act_release(&act);
	return error;
}

/* ---- admit ---- */

/* Whom the command line names, and the one enrolment that it can mean. */
struct choice {
	const struct join *join;
	char name[ACCOUNT_NAME_MAX];
	const char *digits; /* the first ones of the key; "" for any key */
	struct checked_note read, chosen;
};

/* Splits NAME or NAME@KEY. */
static enum error split_name(const char *operand, struct choice *out, struct failure *failure) {
	const char *at = strchr(operand, '@');
	size_t size = at == NULL ? strlen(operand) : (size_t)(at - operand);
	out->digits = at == NULL ? "" : at + 1;
	out->digits += strncmp(out->digits, "ed25519:", 8) == 0 ? 8 : 0;
	size_t digits = strlen(out->digits);
	if (!slice_copy_text(slice_of(operand, size), out->name, ACCOUNT_NAME_MAX) ||
	    !account_name_is_valid(slice_of_text(out->name)) || (at != NULL && digits == 0) || digits > 2 * KEY_SIZE ||
	    strspn(out->digits, "0123456789abcdef") != digits) {
		return fail(failure, ERROR_USAGE, "\"%s\" is not NAME or NAME@KEY", operand);
	}
	return OK;
}

static enum error consider(void *argument, const struct pack_value *item, struct failure *failure) {
	struct choice *choice = argument;
	char key[HASH_HEX_SIZE];
	enum error error = read_waiting(item, choice->join, &choice->read, failure);
	if (error != OK || !slice_is(party_of(&choice->read)->name, choice->name) ||
	    strncmp(key_of(&choice->read, key), choice->digits, strlen(choice->digits)) != 0) {
		return error;
	}
	if (checked_note_is_there(&choice->chosen)) {
		return fail(failure, ERROR_AMBIGUOUS,
		            "more than one key asks for the name %s: see troth ops waiting %s, and write %s@KEY", choice->name,
		            choice->name, choice->name);
	}
	return read_waiting(item, choice->join, &choice->chosen, failure);
}

static enum error choose(struct act *act, struct choice *choice, struct failure *failure) {
	const struct session_word words[] = { { "name", choice->name }, { "key", choice->digits } };
	bool any = choice->digits[0] == '\0';
	enum error error = session_pages(&act->session, "enrolments", "after", words, any ? 1 : 2, SESSION_EVERYTHING,
	                                 consider, choice, failure);
	if (error == OK && !checked_note_is_there(&choice->chosen)) {
		return fail(failure, ERROR_NOT_FOUND, "nobody%s waits to be admitted as %s", any ? "" : " with that key",
		            choice->name);
	}
	return error;
}

static enum error sign_admission(struct act *act, const struct checked_note *enrolment, struct failure *failure) {
	char key[HASH_HEX_SIZE], account[PARTY_TEXT_MAX], admitter[PARTY_TEXT_MAX], purpose[160], id[ID_TEXT_SIZE];
	struct slice name = party_of(enrolment)->name;
	(void)snprintf(account, sizeof account, "%.*s ed25519:%s", (int)name.size, (const char *)name.data,
	               key_of(enrolment, key));
	(void)snprintf(purpose, sizeof purpose, "admit %s", account);
	struct note_pair pairs[] = { { "account", slice_of_text(account) },
		                         { "role", slice_of_text(role_of(enrolment)) },
		                         { "enrolment", slice_of_text(print_id(slice_of(enrolment->id, HASH_SIZE), id)) },
		                         { "admitter", slice_of_text(home_party_text(&act->home, admitter)) } };
	if (!act->settings->yes) {
		(void)fprintf(stderr, "%.*s asks to be %s %s, with the key\n\n    ed25519:%s\n\n"
		              "Ask its owner for the key (troth status shows it there) and compare all of it.\n\n",
		              (int)name.size, (const char *)name.data,
		              note_get(&enrolment->note, "role")->word == ROLE_OPERATOR ? "an" : "a", role_of(enrolment), key);
	}
	return act_sign(act, slice_of_text(purpose), KIND_ADMIT, pairs, 4, failure);
}

/* Who waits has chosen his role himself. An operator can admit others and attest money, so admitting one takes the word
 * for it; with --role, whatever else was asked for is refused too. */
static enum error check_role(const struct settings *settings, const struct checked_note *enrolment,
                             struct failure *failure) {
	const char *expected = settings->role, *role = role_of(enrolment);
	struct slice name = party_of(enrolment)->name;
	bool is_operator = note_get(&enrolment->note, "role")->word == ROLE_OPERATOR;
	if (expected == NULL ? !is_operator : strcmp(role, expected) == 0) {
		return OK;
	}
	return fail(failure, ERROR_NOT_ALLOWED, "%.*s asks to be %s %s; to admit it as that, say --role %s",
	            (int)name.size, (const char *)name.data, is_operator ? "an" : "a", role, role);
}

/* An account that is admitted already needs nothing; doing it again is no error. */
static enum error find_admitted(struct act *act, const struct choice *choice, bool *out, struct failure *failure) {
	const struct pack_value *ok = NULL;
	struct slice key;
	char hex[HASH_HEX_SIZE];
	enum error error = session_ask(&act->session, "enrolments", "name", choice->name, &ok, failure);
	*out = false;
	if (error == OK && pack_as_bytes(pack_find(pack_find(ok, "admitted"), "key"), &key) && key.size == KEY_SIZE) {
		hex_encode(key, hex);
		*out = strncmp(hex, choice->digits, strlen(choice->digits)) == 0;
	}
	return error;
}

static enum error admit_chosen(struct act *act, struct choice *choice, struct failure *failure) {
	enum error error = choose(act, choice, failure);
	if (error == OK) {
		error = check_role(act->settings, &choice->chosen, failure);
	}
	if (error == OK) {
		error = sign_admission(act, &choice->chosen, failure);
	}
	if (error == OK) {
		error = act_finish(act, failure);
	}
	parcel_release(&act->parcel);
	return error;
}

static enum error admit(struct act *act, struct settings *settings, const char *operand, struct failure *failure) {
	struct choice choice = { .join = &act->home.join };
	bool is_admitted = false, was_told = settings->yes;
	enum error error = split_name(operand, &choice, failure);
	if (error == OK) {
		error = find_admitted(act, &choice, &is_admitted, failure);
	}
	if (error == OK && is_admitted && settings->json) {
		print_json(json_pack("{s:s, s:b}", "name", choice.name, "already", 1));
	} else if (error == OK && is_admitted) {
		(void)printf("%s is admitted already\n", choice.name);
	} else if (error == OK) {
		settings->yes = was_told || strlen(choice.digits) >= KEY_DIGITS_SURE;
		error = admit_chosen(act, &choice, failure);
		settings->yes = was_told;
	}
	checked_note_release(&choice.read);
	checked_note_release(&choice.chosen);
	return error;
}

enum error command_ops_admit(const struct invocation *call, struct failure *failure) {
	struct act act;
	struct settings settings = call->settings;
	enum error error = act_open(&act, &settings, ACT_SIGNS, failure);
	if (error == OK) {
		error = home_require_role(&act.home, ROLE_OPERATOR, "operators admit accounts", failure);
	}
	bool is_open = error == OK;
	for (size_t i = 0; is_open && i < call->count; i++) {
		struct failure reason = { .code = OK };
		enum error refused = admit(&act, &settings, call->operands[i], &reason);
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

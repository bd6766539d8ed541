/* Keys of accounts; see account_key.h. */
#include "cli/account_key.h"

#include "cli/export_keys.h"
#include "rules/replay.h"

#define NAMES_MAX 16 /* an account, its admitter, the admitter's, …: far more than any agency has */

/* The accounts whose keys are asked for: each brings the names of who has admitted it. */
struct names {
	char list[NAMES_MAX][ACCOUNT_NAME_MAX];
	size_t count;
};

static void add_name(struct names *names, struct slice name) {
	bool known = slice_is(name, AGENCY_NAME) || names->count == NAMES_MAX;
	for (size_t i = 0; i < names->count && !known; i++) {
		known = slice_is(name, names->list[i]);
	}
	if (!known && slice_copy_text(name, names->list[names->count], ACCOUNT_NAME_MAX)) {
		names->count++;
	}
}

struct replaying {
	const struct join *join;
	struct names names;
	struct replay *replay; /* NULL while the names are looked for */
	bool revoked;
	const char *account;
};

static enum error replay_one(struct replaying *replaying, const struct checked_note *checked, int64_t sequence,
                             int64_t received, struct failure *failure) {
	const struct note *note = &checked->note;
	const struct replay_input input = { .note = note,
		                                .id = checked->id,
		                                .signed_by = checked->signed_by,
		                                .countersigned = checked->by_agency,
		                                .sequence = sequence,
		                                .received = received };
	const struct value *account = note_find(note, "account");
	bool is_its = note->kind->id == KIND_REVOKE && account != NULL && slice_is(account->text, replaying->account);
	replaying->revoked = replaying->revoked || is_its;
	return replay_note(replaying->replay, &input, failure);
}

/* Only what carries the agency's signature is the agency's. */
static enum error take_note(struct replaying *replaying, const struct export_note *kept, struct failure *failure) {
	struct checked_note checked = { .signed_by = 0 };
	enum error error = checked_note_read(&checked, kept->note, replaying->join, failure);
	const struct value *admitter = error == OK ? note_find(&checked.note, "admitter") : NULL;
	if (admitter != NULL && slice_is(admitter->party.name, AGENCY_NAME) && !checked.by_agency) {
		error = fail(failure, ERROR_WRONG_SIGNER, "not signed by the agency's key in the join file");
	} else if (error == OK && replaying->replay != NULL) {
		error = replay_one(replaying, &checked, kept->sequence, kept->received, failure);
	} else if (admitter != NULL) {
		add_name(&replaying->names, admitter->party.name);
	}
	checked_note_release(&checked);
	return error;
}

static enum error take_notes(struct replaying *replaying, struct export_keys *keys, struct failure *failure) {
	struct export_note kept;
	enum error error = OK;
	export_keys_rewind(keys);
	while (error == OK && export_keys_next(keys, INT64_MAX, &kept)) {
		error = take_note(replaying, &kept, failure);
	}
	return error;
}

/* Replays what tells of the account's keys; replaying->replay is the caller's to free, in any case. */
static enum error replay_keys_of(struct replaying *replaying, struct session *session, const char *account,
                                 struct failure *failure) {
	*replaying = (struct replaying){ .join = &session->home->join, .account = account };
	struct export_keys *keys = export_keys_new();
	enum error error = keys == NULL ? fail(failure, ERROR_NO_MEMORY, "out of memory") : OK;
	add_name(&replaying->names, slice_of_text(account));
	for (size_t i = 0; i < replaying->names.count && error == OK; i++) {
		error = export_keys_of(keys, session, replaying->names.list[i], failure);
		error = error == OK ? take_notes(replaying, keys, failure) : error;
	}
	if (error == OK) {
		replaying->replay = replay_new();
		error = replaying->replay == NULL ? fail(failure, ERROR_NO_MEMORY, "out of memory")
		                                  : take_notes(replaying, keys, failure);
	}
	export_keys_free(keys);
	return error;
}

static enum error check(struct session *session, const char *account, const uint8_t key[KEY_SIZE],
                        struct failure *failure) {
	struct replaying replaying;
	enum error error = replay_keys_of(&replaying, session, account, failure);
	if (error == OK && !replay_key_is_good(replaying.replay, account, key)) {
		error = replaying.revoked
		    ? fail(failure, ERROR_KEY_REVOKED, "%s has no good key now: it was revoked; wait until there is a new one",
		           account)
		    : fail(failure, ERROR_NOT_ADMITTED, "what the agency shows does not prove that the key that it names is "
		           "%s's; trust nothing that is sealed to it, and ask the agency", account);
	}
	replay_free(replaying.replay);
	return error;
}

enum error account_key_vouch(struct session *session, const char *account, enum role role, const uint8_t key[KEY_SIZE],
                             struct failure *failure) {
	struct replaying replaying;
	enum error error = replay_keys_of(&replaying, session, account, failure);
	if (error == OK && !replay_key_is_vouched(replaying.replay, account, role, key)) {
		error = fail(failure, ERROR_WRONG_SIGNER, "what the agency shows does not prove that a key that has signed for "
		             "the %s %s is %s's", role_words[role], account, account);
	}
	replay_free(replaying.replay);
	return error;
}

enum error account_key_fetch(struct session *session, const char *account, uint8_t key[KEY_SIZE],
                             struct failure *failure) {
	const struct pack_value *ok = NULL;
	struct slice given;
	enum error error = session_ask(session, "party", "name", account, &ok, failure);
	if (error != OK) {
		return error;
	}
	if (!pack_as_bytes(pack_find(ok, "key"), &given) || given.size != KEY_SIZE) {
		return fail(failure, ERROR_MALFORMED, "the agency's answer is incomplete");
	}
	memcpy(key, given.data, KEY_SIZE);
	return check(session, account, key, failure);
}

/* Accounts and their keys, as far as the notes of a replay tell; see replay.h.
 *
 * A key that another has replaced is good until the overlap is over, but only while the account has a present key: the
 * note that revokes this one ends the former ones too, for good, for whoever took the one may have had them all. */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "rules/calendar.h"
#include "rules/replay_parts.h"

void replay_account_free(void *argument) {
	struct account *account = argument;
	while (account->keys != NULL) {
		struct account_key *key = account->keys;
		account->keys = key->next;
		free(key->uses);
		free(key);
	}
	free(account);
}

/* The account of this name, made if there is none yet. NULL if memory is out. */
static struct account *get_account(struct replay *replay, struct slice name) {
	struct account *account = map_get(replay->accounts, name);
	if (account != NULL) {
		return account;
	}
	account = calloc(1, sizeof *account);
	if (account == NULL) {
		return NULL;
	}
	account->role = ROLE_COUNT;
	bool fits = slice_copy_text(name, account->name, sizeof account->name);
	assert(fits); /* the fields bound names */
	if (!map_put(replay->accounts, name, account)) {
		free(account);
		return NULL;
	}
	return account;
}

static struct account_key *find_key(const struct account *account, const uint8_t key[FIELD_KEY_SIZE]) {
	struct account_key *found = account == NULL ? NULL : account->keys;
	while (found != NULL && memcmp(found->key, key, FIELD_KEY_SIZE) != 0) {
		found = found->next;
	}
	return found;
}

/* The same, made if the account does not have it. NULL if memory is out. */
static struct account_key *get_key(struct account *account, const uint8_t key[FIELD_KEY_SIZE]) {
	struct account_key *found = find_key(account, key);
	if (found != NULL) {
		return found;
	}
	found = calloc(1, sizeof *found);
	if (found != NULL) {
		memcpy(found->key, key, FIELD_KEY_SIZE);
		found->next = account->keys;
		account->keys = found;
	}
	return found;
}

/* ---- who has signed ---- */

/* The agency signs as itself: it has no account, and the caller knows its key. */
static const struct party *signer_of(const struct replay_input *input, size_t index, enum role *role) {
	const struct signer *signer = &input->note->kind->signers[index];
	const struct party *party = &note_get(input->note, signer->key)->party;
	bool signs = (input->signed_by & 1U << index) != 0 && !slice_is(party->name, AGENCY_NAME);
	*role = signer->role == ROLE_COUNT ? (enum role)note_get(input->note, "role")->word : signer->role;
	return signs ? party : NULL;
}

/* An enrolment is of a key that is nobody's yet, and so is the new one of a rekey note. */
static bool needs_account(const struct replay_input *input, size_t index) {
	enum kind_id kind = input->note->kind->id;
	return kind != KIND_ENROL && (kind != KIND_REKEY || index == 1);
}

static enum error check_key(const struct account *account, const struct account_key *key,
                            const struct replay_input *input, struct failure *failure) {
	if (key == NULL) {
		return !account->admitted ? OK : fail(failure, ERROR_WRONG_SIGNER,
		                                      "signed by a key that %s does not have, as far as the notes here tell",
		                                      account->name);
	}
	if (key->revoked != 0 && input->sequence > key->valid_until) {
		return fail(failure, ERROR_KEY_REVOKED,
		            "signed by a key of %s that note %" PRId64 " has revoked for all notes after %" PRId64,
		            account->name, key->revoked, key->valid_until);
	}
	if (key->ended != 0) {
		return fail(failure, ERROR_KEY_REVOKED,
		            "signed by a former key of %s, which had no key any more after note %" PRId64, account->name,
		            key->ended);
	}
	if (key->replaced != 0 && input->received > key->good_until) {
		char text[TIME_TEXT_SIZE];
		return fail(failure, ERROR_KEY_REVOKED,
		            "signed by the former key of %s, which note %" PRId64 " replaced; it was good until %s",
		            account->name, key->replaced, time_format(key->good_until, text));
	}
	return OK;
}

/* Running deals go on: only offers and texts that are no amendments begin something. An operator's power ends. */
static bool needs_good_standing(const struct note *note, enum role role) {
	bool begins_deal = note->kind->id == KIND_AGREEMENT && note_find(note, "amends") == NULL;
	return role == ROLE_OPERATOR || note->kind->id == KIND_OFFER || begins_deal;
}

enum error replay_check_signers(struct replay *replay, const struct replay_input *input, struct failure *failure) {
	enum error error = OK;
	for (size_t i = 0; i < note_signer_count(input->note) && error == OK; i++) {
		enum role role;
		const struct party *party = signer_of(input, i, &role);
		const struct account *account = party == NULL ? NULL : map_get(replay->accounts, party->name);
		if (account == NULL || !needs_account(input, i)) {
			continue;
		}
		if (account->role != ROLE_COUNT && account->role != role) {
			error = fail(failure, ERROR_NOT_ALLOWED, "%s signs as %s, but the account is a %s's", account->name,
			             role_words[role], role_words[account->role]);
		} else if (account->suspended && needs_good_standing(input->note, role)) {
			error = fail(failure, ERROR_SUSPENDED, "%s was suspended then: %s", account->name,
			             role == ROLE_OPERATOR ? "nothing can be decided" : "nothing new can be begun");
		} else {
			error = check_key(account, find_key(account, party->key), input, failure);
		}
	}
	return error;
}

static enum error add_use(struct replay *replay, const struct party *party, enum role role,
                          const struct replay_input *input, struct failure *failure) {
	struct account *account = get_account(replay, party->name);
	struct account_key *key = account == NULL ? NULL : get_key(account, party->key);
	if (key == NULL) {
		return replay_out_of_memory(failure);
	}
	account->role = role;
	void *uses = key->uses;
	if (!replay_make_room(&uses, key->use_count, &key->use_room, sizeof key->uses[0])) {
		return replay_out_of_memory(failure);
	}
	key->uses = uses;
	key->uses[key->use_count] = (struct use){ .sequence = input->sequence, .kind = input->note->kind->id };
	key->use_count++;
	return OK;
}

enum error replay_add_uses(struct replay *replay, const struct replay_input *input, struct failure *failure) {
	enum error error = OK;
	for (size_t i = 0; i < note_signer_count(input->note) && error == OK; i++) {
		enum role role;
		const struct party *party = signer_of(input, i, &role);
		if (party != NULL && needs_account(input, i)) {
			error = add_use(replay, party, role, input, failure);
		}
	}
	return error;
}

enum error replay_vouch(struct replay *replay, const struct party *party, enum role role, struct failure *failure) {
	struct account *account = get_account(replay, party->name);
	struct account_key *key = account == NULL ? NULL : get_key(account, party->key);
	if (key == NULL) {
		return replay_out_of_memory(failure);
	}
	account->role = role;
	key->vouched = true;
	return OK;
}

bool replay_key_is_good(const struct replay *replay, const char *account, const uint8_t key[FIELD_KEY_SIZE]) {
	const struct account_key *found = find_key(map_get(replay->accounts, slice_of_text(account)), key);
	return found != NULL && found->vouched && found->revoked == 0 && found->replaced == 0;
}

bool replay_key_is_vouched(const struct replay *replay, const char *account, enum role role,
                           const uint8_t key[FIELD_KEY_SIZE]) {
	const struct account *holder = map_get(replay->accounts, slice_of_text(account));
	const struct account_key *found = find_key(holder, key);
	return found != NULL && found->vouched && holder->role == role;
}

/* ---- notes about accounts ---- */

/* True if the account has a key that neither a rekey nor a revoke note has ended. */
static bool has_key(const struct account *account) {
	for (const struct account_key *key = account->keys; key != NULL; key = key->next) {
		if (key->revoked == 0 && key->replaced == 0) {
			return true;
		}
	}
	return false;
}

enum error replay_admit(struct replay *replay, const struct replay_input *input, struct failure *failure) {
	const struct note *note = input->note;
	const struct party *party = &note_get(note, "account")->party, *by = &note_get(note, "admitter")->party;
	const struct account_key *admitter = find_key(map_get(replay->accounts, by->name), by->key);
	bool vouched = slice_is(by->name, AGENCY_NAME) || (admitter != NULL && admitter->vouched);
	struct account *account = get_account(replay, party->name);
	if (account == NULL) {
		return replay_out_of_memory(failure);
	}
	if (account->admitted && has_key(account)) {
		return fail(failure, ERROR_EXISTS, "%s was admitted already", account->name);
	}
	struct account_key *key = get_key(account, party->key);
	if (key == NULL) {
		return replay_out_of_memory(failure);
	}
	account->admitted = true;
	account->role = (enum role)note_get(note, "role")->word;
	key->vouched = key->vouched || vouched;
	return OK;
}

enum error replay_suspend(struct replay *replay, const struct replay_input *input, struct failure *failure) {
	struct account *account = get_account(replay, note_get(input->note, "account")->text);
	if (account == NULL) {
		return replay_out_of_memory(failure);
	}
	account->suspended = note_get(input->note, "standing")->word == STANDING_SUSPENDED;
	return OK;
}

enum error replay_rekey(struct replay *replay, const struct replay_input *input, struct failure *failure) {
	const struct note *note = input->note;
	const struct party *party = &note_get(note, "account")->party, *before = &note_get(note, "predecessor")->party;
	struct account *account = get_account(replay, party->name);
	struct account_key *former = account == NULL ? NULL : get_key(account, before->key);
	struct account_key *key = former == NULL ? NULL : get_key(account, party->key);
	if (key == NULL) {
		return replay_out_of_memory(failure);
	}
	former->replaced = input->sequence;
	former->good_until = input->received + note_number(note, "overlap", 0);
	key->vouched = key->vouched || former->vouched;
	return OK;
}

static enum error disavow(struct replay *replay, const struct account *account, struct account_key *key,
                          struct failure *failure) {
	for (size_t i = 0; i < key->use_count; i++) {
		struct use *use = &key->uses[i];
		if (use->disavowed || use->sequence <= key->valid_until) {
			continue;
		}
		void *list = replay->disavowed;
		if (!replay_make_room(&list, replay->disavowed_count, &replay->disavowed_room, sizeof replay->disavowed[0])) {
			return replay_out_of_memory(failure);
		}
		replay->disavowed = list;
		struct replay_disavowed *out = &replay->disavowed[replay->disavowed_count++];
		*out = (struct replay_disavowed){ .sequence = use->sequence, .kind = use->kind, .revoked = key->revoked };
		memcpy(out->account, account->name, sizeof out->account);
		use->disavowed = true;
	}
	return OK;
}

/* Keys that are revoked themselves have been told of by that. */
static void end_former_keys(const struct account *account, int64_t sequence) {
	for (struct account_key *key = account->keys; key != NULL; key = key->next) {
		key->ended = key->ended == 0 && key->revoked == 0 ? sequence : key->ended;
	}
}

enum error replay_revoke(struct replay *replay, const struct replay_input *input, struct failure *failure) {
	struct account *account = get_account(replay, note_get(input->note, "account")->text);
	struct account_key *key = account == NULL ? NULL : get_key(account, note_get(input->note, "key")->bytes);
	if (key == NULL) {
		return replay_out_of_memory(failure);
	}
	key->revoked = input->sequence;
	key->valid_until = note_get(input->note, "valid-until")->number;
	if (!has_key(account)) {
		end_former_keys(account, input->sequence);
	}
	return disavow(replay, account, key, failure);
}

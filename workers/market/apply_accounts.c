/* Notes about accounts: enrol and admit. */
#include "workers/market/apply.h"

/* Turns the outcome of a look-up around: what is there refuses the note, what is not lets it pass. */
static enum error must_be_free(enum error found, const char *otherwise, struct failure *failure) {
	if (found == OK) {
		return fail(failure, ERROR_EXISTS, "%s", otherwise);
	}
	return found == ERROR_NOT_FOUND ? OK : found;
}

/* An account whose present key was revoked waits for a new one: its owner enrols again, and an operator admits him. */
static bool may_come_back(const struct account *account, enum role role) {
	return account->role == role && !account_has_key(account);
}

enum error decide_enrol(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                        struct failure *failure) {
	(void)market;
	(void)now;
	const struct party *party = &note_get(&submission->note, "account")->party;
	struct account found;
	struct account_key known;
	enum error error = accounts_get(tx, party->name, &found, failure);
	if (error == OK && !may_come_back(&found, (enum role)note_get(&submission->note, "role")->word)) {
		return fail(failure, ERROR_EXISTS, "the name %.*s is taken", (int)party->name.size,
		            (const char *)party->name.data);
	}
	if (error != OK && error != ERROR_NOT_FOUND) {
		return error;
	}
	if (!public_key_is_usable(party->key)) {
		return fail(failure, ERROR_BAD_KEY, "account: not a point of the curve's main group");
	}
	struct slice key = slice_of(party->key, FIELD_KEY_SIZE);
	struct slice transport = slice_of(note_get(&submission->note, "transport")->bytes, FIELD_KEY_SIZE);
	error = must_be_free(keys_get(tx, key, &known, failure), "an account has or had this key", failure);
	if (error == OK) {
		error = must_be_free(accounts_find_by_transport(tx, transport, &found, failure),
		                     "another account has this transport key", failure);
	}
	if (error == OK) {
		error = must_be_free(enrolments_get(tx, party->name, key, &found, failure),
		                     "this key has asked for the name already and waits to be admitted", failure);
	}
	if (error == OK) {
		error = must_be_free(enrolments_find_by_transport(tx, transport, &found, failure),
		                     "an enrolment with this transport key waits already", failure);
	}
	return error;
}

enum error record_enrol(struct tx *tx, const struct market *market, struct submission *submission,
                        struct failure *failure) {
	(void)market;
	const struct note *note = &submission->note;
	const struct party *party = &note_get(note, "account")->party;
	struct account account = { .name = party->name,
		                       .role = (enum role)note_get(note, "role")->word,
		                       .key = slice_of(party->key, FIELD_KEY_SIZE),
		                       .transport = slice_of(note_get(note, "transport")->bytes, FIELD_KEY_SIZE),
		                       .sequence = submission->sequence };
	return enrolments_insert(tx, &account, failure);
}

/* The agency's own key admits operators; an operator, himself admitted, admits everybody. */
static enum error check_admitter(struct tx *tx, const struct market *market, const struct note *note, int64_t now,
                                 struct failure *failure) {
	const struct party *admitter = &note_get(note, "admitter")->party;
	if (slice_is(admitter->name, AGENCY_NAME)) {
		return memcmp(admitter->key, signing_key_public(market->agency_key), KEY_SIZE) == 0 ? OK
		       : fail(failure, ERROR_WRONG_SIGNER, "admitter: not the agency's key");
	}
	struct account operator;
	return find_active_party(tx, admitter, ROLE_OPERATOR, now, &operator, failure);
}

enum error decide_admit(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                        struct failure *failure) {
	const struct note *note = &submission->note;
	const struct party *party = &note_get(note, "account")->party;
	struct account *account = &submission->findings.account;
	enum error error = check_admitter(tx, market, note, now, failure);
	if (error != OK) {
		return error;
	}
	struct account taken;
	error = accounts_get(tx, party->name, &taken, failure);
	bool comes_back = error == OK && may_come_back(&taken, (enum role)note_get(note, "role")->word);
	if (error == OK && !comes_back) {
		return fail(failure, ERROR_EXISTS, "an account %.*s is admitted already", (int)party->name.size,
		            (const char *)party->name.data);
	}
	if (error == ERROR_NOT_FOUND || comes_back) {
		error = enrolments_get(tx, party->name, slice_of(party->key, FIELD_KEY_SIZE), account, failure);
	}
	if (error == ERROR_NOT_FOUND) {
		return fail(failure, ERROR_NOT_FOUND, "nobody with this key has asked for the name %.*s", (int)party->name.size,
		            (const char *)party->name.data);
	}
	if (error != OK) {
		return error;
	}
	struct note_record enrolment;
	error = notes_get(tx, account->sequence, &enrolment, failure);
	if (error != OK) {
		return error;
	}
	if (memcmp(enrolment.id.data, note_get(note, "enrolment")->bytes, HASH_SIZE) != 0 ||
	    account->role != (enum role)note_get(note, "role")->word) {
		return fail(failure, ERROR_TERMS_DIFFER, "the enrolment that waits asks for something else");
	}
	error = accounts_find_by_transport(tx, account->transport, &taken, failure);
	if (error == OK) {
		return fail(failure, ERROR_EXISTS, "another account has this transport key by now: its owner enrols anew");
	}
	return error == ERROR_NOT_FOUND ? OK : error;
}

enum error record_admit(struct tx *tx, const struct market *market, struct submission *submission,
                        struct failure *failure) {
	(void)market;
	struct account account = submission->findings.account, former;
	enum error error = accounts_get(tx, account.name, &former, failure);
	account.suspended = error == OK && former.suspended;
	error = error == OK || error == ERROR_NOT_FOUND ? enrolments_delete(tx, &account, failure) : error;
	error = error == OK ? parties_put(tx, account.name, account.sequence, failure) : error; /* the enrolment */
	account.sequence = submission->sequence;
	struct account_key key = { .key = account.key,
		                       .name = account.name,
		                       .since = submission->sequence,
		                       .until = KEY_OPEN,
		                       .valid_until = KEY_OPEN };
	error = error == OK ? keys_put(tx, &key, failure) : error;
	return error == OK ? accounts_put(tx, &account, failure) : error;
}

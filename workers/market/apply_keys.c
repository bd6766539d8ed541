/* Notes about accounts that exist: suspend, rekey, revoke, profile and attest. */
#include <inttypes.h>

#include "workers/market/apply.h"

/* The account that an operator's note names. */
static enum error decide_by_operator(struct tx *tx, struct submission *submission, struct slice name, int64_t now,
                                     struct failure *failure) {
	struct account operator;
	enum error error =
	    find_active_party(tx, &note_get(&submission->note, "operator")->party, ROLE_OPERATOR, now, &operator, failure);
	if (error == OK) {
		error = accounts_get(tx, name, &submission->findings.account, failure);
	}
	return error != ERROR_NOT_FOUND ? error
	       : fail(failure, ERROR_NOT_FOUND, "there is no admitted account %.*s", (int)name.size,
	              (const char *)name.data);
}

enum error decide_suspend(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                          struct failure *failure) {
	(void)market;
	const struct note *note = &submission->note;
	enum error error = decide_by_operator(tx, submission, note_get(note, "account")->text, now, failure);
	bool suspend = note_get(note, "standing")->word == STANDING_SUSPENDED;
	if (error == OK && slice_equal(note_get(note, "operator")->party.name, note_get(note, "account")->text)) {
		return fail(failure, ERROR_NOT_ALLOWED, "nobody decides his own standing");
	}
	if (error == OK && submission->findings.account.suspended == suspend) {
		error = fail(failure, ERROR_EXISTS, "the account is %s already", suspend ? "suspended" : "in good standing");
	}
	return error;
}

enum error record_suspend(struct tx *tx, const struct market *market, struct submission *submission,
                          struct failure *failure) {
	(void)market;
	struct account account = submission->findings.account;
	account.suspended = note_get(&submission->note, "standing")->word == STANDING_SUSPENDED;
	return accounts_put(tx, &account, failure);
}

/* ---- keys ---- */

static enum error check_new_keys(struct tx *tx, const struct note *note, struct failure *failure) {
	const uint8_t *key = note_get(note, "account")->party.key;
	struct account_key known;
	struct account other;
	if (!public_key_is_usable(key)) {
		return fail(failure, ERROR_BAD_KEY, "account: not a point of the curve's main group");
	}
	enum error error = keys_get(tx, slice_of(key, FIELD_KEY_SIZE), &known, failure);
	if (error == OK) {
		return fail(failure, ERROR_EXISTS, "an account has or had this key");
	}
	if (error != ERROR_NOT_FOUND) {
		return error;
	}
	struct slice transport = slice_of(note_get(note, "transport")->bytes, FIELD_KEY_SIZE);
	error = accounts_find_by_transport(tx, transport, &other, failure);
	if (error == OK && !slice_equal(other.name, note_get(note, "account")->party.name)) {
		return fail(failure, ERROR_EXISTS, "another account has this transport key");
	}
	if (error == OK || error == ERROR_NOT_FOUND) {
		error = enrolments_find_by_transport(tx, transport, &other, failure);
	}
	if (error == OK) {
		return fail(failure, ERROR_EXISTS, "an enrolment with this transport key waits already");
	}
	return error == ERROR_NOT_FOUND ? OK : error;
}

enum error decide_rekey(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                        struct failure *failure) {
	(void)market;
	const struct note *note = &submission->note;
	struct findings *findings = &submission->findings;
	const struct party *before = &note_get(note, "predecessor")->party;
	enum error error =
	    find_party(tx, before, (enum role)note_get(note, "role")->word, now, &findings->account, failure);
	if (error == OK && !slice_equal(findings->account.key, slice_of(before->key, FIELD_KEY_SIZE))) {
		error = fail(failure, ERROR_KEY_REVOKED,
		             "this key of %.*s was replaced already: only its present key can bring another",
		             (int)before->name.size, (const char *)before->name.data);
	}
	if (error == OK) {
		error = keys_get(tx, findings->account.key, &findings->key, failure);
	}
	return error == OK ? check_new_keys(tx, note, failure) : error;
}

enum error record_rekey(struct tx *tx, const struct market *market, struct submission *submission,
                        struct failure *failure) {
	(void)market;
	const struct note *note = &submission->note;
	struct account account = submission->findings.account;
	struct account_key former = submission->findings.key;
	former.until = submission->received + note_number(note, "overlap", 0);
	enum error error = keys_put(tx, &former, failure);
	account.key = slice_of(note_get(note, "account")->party.key, FIELD_KEY_SIZE);
	account.transport = slice_of(note_get(note, "transport")->bytes, FIELD_KEY_SIZE);
	struct account_key key = { .key = account.key,
		                       .name = account.name,
		                       .since = submission->sequence,
		                       .until = KEY_OPEN,
		                       .valid_until = KEY_OPEN };
	error = error == OK ? keys_put(tx, &key, failure) : error;
	return error == OK ? accounts_put(tx, &account, failure) : error;
}

enum error decide_revoke(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                         struct failure *failure) {
	(void)market;
	const struct note *note = &submission->note;
	struct findings *findings = &submission->findings;
	struct slice name = note_get(note, "account")->text;
	int64_t last = 0;
	enum error error = decide_by_operator(tx, submission, name, now, failure);
	if (error == OK) {
		error = keys_get(tx, slice_of(note_get(note, "key")->bytes, FIELD_KEY_SIZE), &findings->key, failure);
	}
	if (error == ERROR_NOT_FOUND || (error == OK && !slice_equal(findings->key.name, name))) {
		return fail(failure, ERROR_NOT_FOUND, "the account %.*s has no such key", (int)name.size,
		            (const char *)name.data);
	}
	if (error == OK && findings->key.valid_until != KEY_OPEN) {
		return fail(failure, ERROR_EXISTS, "this key is revoked already");
	}
	if (error == OK) {
		error = notes_last(tx, &last, failure);
	}
	if (error == OK && note_get(note, "valid-until")->number > last) {
		error = fail_at(failure, ERROR_BAD_VALUE, note_get(note, "valid-until")->line,
		                "valid-until: there are only %" PRId64 " notes yet", last);
	}
	return error;
}

/* With its present key an account loses the right to sign, and to ask with the transport key beside it, until its owner
 * enrols again with new ones. The note's own id stands in for a transport key: nobody proves that he has the transport
 * key that he names, and so any other bytes could have been claimed before; these nobody knew. */
enum error record_revoke(struct tx *tx, const struct market *market, struct submission *submission,
                         struct failure *failure) {
	(void)market;
	static const uint8_t no_key[FIELD_KEY_SIZE];
	struct account account = submission->findings.account;
	struct account_key key = submission->findings.key;
	key.valid_until = note_get(&submission->note, "valid-until")->number;
	enum error error = keys_put(tx, &key, failure);
	if (error != OK || !slice_equal(account.key, key.key)) {
		return error;
	}
	account.key = slice_of(no_key, sizeof no_key);
	account.transport = slice_of(submission->id, HASH_SIZE);
	return accounts_put(tx, &account, failure);
}

/* ---- creators ---- */

enum error decide_profile(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                          struct failure *failure) {
	(void)market;
	const struct party *party = &note_get(&submission->note, "creator")->party;
	return find_party(tx, party, ROLE_CREATOR, now, &submission->findings.account, failure);
}

enum error record_profile(struct tx *tx, const struct market *market, struct submission *submission,
                          struct failure *failure) {
	(void)market;
	return profiles_put(tx, submission->findings.account.name, submission->sequence, failure);
}

enum error decide_attest(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                         struct failure *failure) {
	(void)market;
	enum error error =
	    decide_by_operator(tx, submission, note_get(&submission->note, "creator")->text, now, failure);
	if (error == OK && submission->findings.account.role != ROLE_CREATOR) {
		error = fail(failure, ERROR_NOT_ALLOWED, "figures are attested of creators");
	}
	return error;
}

enum error record_attest(struct tx *tx, const struct market *market, struct submission *submission,
                         struct failure *failure) {
	(void)market;
	const struct note *note = &submission->note;
	return attests_put(tx, submission->findings.account.name, note_get(note, "platform")->word, submission->sequence,
	                   failure);
}

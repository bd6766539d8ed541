/* The table of kinds: which functions decide and record each of them, and whom it concerns. */
#include "workers/market/apply.h"

static parties_function account_party, brand_party, deal_parties, lapse_parties;

static const struct {
	decide_function *decide;
	record_function *record;
	parties_function *put_parties; /* NULL: nobody yet */
} handlers[KIND_COUNT] = {
	[KIND_ENROL] = { decide_enrol, record_enrol, NULL },
	[KIND_ADMIT] = { decide_admit, record_admit, account_party },
	[KIND_SUSPEND] = { decide_suspend, record_suspend, account_party },
	[KIND_REKEY] = { decide_rekey, record_rekey, account_party },
	[KIND_REVOKE] = { decide_revoke, record_revoke, account_party },
	[KIND_PROFILE] = { decide_profile, record_profile, account_party },
	[KIND_ATTEST] = { decide_attest, record_attest, account_party },
	[KIND_OFFER] = { decide_offer, record_offer, brand_party },
	[KIND_CLOSE] = { decide_close, record_close, brand_party },
	[KIND_FUND] = { decide_fund, record_fund, brand_party },
	[KIND_REFUND] = { decide_refund, record_refund, brand_party },
	[KIND_AGREEMENT] = { decide_agreement, record_deal, deal_parties },
	[KIND_DECLINE] = { decide_step, record_deal, deal_parties },
	[KIND_SHIP] = { decide_step, record_deal, deal_parties },
	[KIND_RECEIVE] = { decide_step, record_deal, deal_parties },
	[KIND_SUBMIT] = { decide_step, record_deal, deal_parties },
	[KIND_REVISE] = { decide_step, record_deal, deal_parties },
	[KIND_APPROVE] = { decide_step, record_deal, deal_parties },
	[KIND_POST] = { decide_step, record_deal, deal_parties },
	[KIND_VERIFY] = { decide_step, record_deal, deal_parties },
	[KIND_PAY] = { decide_pay, record_pay, deal_parties },
	[KIND_RATE] = { decide_step, record_deal, deal_parties },
	[KIND_CANCEL] = { decide_step, record_deal, deal_parties },
	[KIND_DISPUTE] = { decide_step, record_deal, deal_parties },
	[KIND_RULING] = { decide_step, record_deal, deal_parties },
	[KIND_LAPSE] = { decide_lapse, record_lapse, lapse_parties },
};

/* A proposal's text is as old as it is when the other side signs it too: it was in time when it came first. */
static enum error check_time(struct tx *tx, const struct submission *submission, int64_t now, struct failure *failure) {
	struct note_record known;
	enum error error = note_check_time(&submission->note, now, failure);
	bool may_be_old = error == ERROR_WRONG_TIME && submission->note.kind->how == SIGNED_BY_EITHER;
	return may_be_old && notes_find(tx, submission->id, &known, NULL) == OK ? OK : error;
}

enum error apply_decide(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                        struct failure *failure) {
	enum error error = check_time(tx, submission, now, failure);
	if (error != OK) {
		return error;
	}
	return handlers[submission->note.kind->id].decide(tx, market, submission, now, failure);
}

/* The deal or offer that a note belongs to, for the list of its notes. */
static int64_t thread_of(const struct submission *submission) {
	const struct note *note = &submission->note;
	const struct findings *findings = &submission->findings;
	if (note->kind->id == KIND_AGREEMENT || note_find(note, "deal") != NULL) {
		return findings->row.sequence == 0 ? NOTE_BEGINS_THREAD : findings->row.sequence;
	}
	bool ends_offer = note_find(note, "offer") != NULL;
	return note->kind->id == KIND_OFFER ? NOTE_BEGINS_THREAD : ends_offer ? findings->offer.sequence : 0;
}

/* ---- whom a note concerns ---- */

static enum error account_party(struct tx *tx, const struct submission *submission, struct failure *failure) {
	const struct account *account = &submission->findings.account;
	enum kind_id kind = submission->note.kind->id;
	enum error error = parties_put(tx, account->name, submission->sequence, failure);
	if (error == OK && (kind == KIND_ADMIT || kind == KIND_REKEY || kind == KIND_REVOKE)) {
		char list[PARTIES_KEYS_MAX];
		error = parties_put(tx, parties_keys_name(account->name, list), submission->sequence, failure);
	}
	if (error == OK && account->role == ROLE_OPERATOR) {
		error = parties_put(tx, slice_of_text(AGENCY_NAME), submission->sequence, failure); /* everybody's business */
	}
	return error;
}

static enum error brand_party(struct tx *tx, const struct submission *submission, struct failure *failure) {
	const struct value *brand = note_get(&submission->note, "brand");
	struct slice name = brand->field->type == FIELD_PARTY ? brand->party.name : brand->text;
	return parties_put(tx, name, submission->sequence, failure);
}

/* Both sides; with its first note the creator gets the offer too, which is the brand's since it was made. */
static enum error deal_parties(struct tx *tx, const struct submission *submission, struct failure *failure) {
	const struct findings *findings = &submission->findings;
	struct slice creator = slice_of_text(findings->after.creator);
	enum error error = parties_put(tx, slice_of_text(findings->after.brand), submission->sequence, failure);
	if (error == OK && findings->row.sequence == 0) {
		error = parties_put(tx, creator, findings->offer.sequence, failure);
	}
	return error == OK ? parties_put(tx, creator, submission->sequence, failure) : error;
}

static enum error lapse_parties(struct tx *tx, const struct submission *submission, struct failure *failure) {
	if (note_find(&submission->note, "offer") == NULL) {
		return deal_parties(tx, submission, failure);
	}
	return parties_put(tx, submission->findings.offer.brand, submission->sequence, failure);
}

enum error apply_record(struct tx *tx, const struct market *market, struct submission *submission,
                        struct failure *failure) {
	const struct kind *kind = submission->note.kind;
	struct note_record note = { .id = slice_of(submission->id, HASH_SIZE),
		                        .kind = slice_of_text(kind->name),
		                        .received = submission->received,
		                        .thread = thread_of(submission),
		                        .signers = submission->signed_by | (submission->binds ? 3U : 0U),
		                        .signed_note = buffer_slice(&submission->stored) };
	enum error error = notes_append(tx, &note, failure);
	submission->sequence = note.sequence;
	error = error == OK ? handlers[kind->id].record(tx, market, submission, failure) : error;
	bool concerns = error == OK && handlers[kind->id].put_parties != NULL;
	return concerns ? handlers[kind->id].put_parties(tx, submission, failure) : error;
}

static enum error find_account(struct tx *tx, const struct party *party, struct account *out,
                               struct failure *failure) {
	enum error error = accounts_get(tx, party->name, out, failure);
	if (error == ERROR_NOT_FOUND) {
		return fail(failure, ERROR_NOT_ADMITTED, "the account %.*s is not admitted", (int)party->name.size,
		            (const char *)party->name.data);
	}
	return error;
}

static enum error refuse_key(const struct party *party, struct failure *failure) {
	return fail(failure, ERROR_WRONG_SIGNER, "the account %.*s signs with another key", (int)party->name.size,
	            (const char *)party->name.data);
}

/* Not the account's present key: it may be one that is good for a while yet, beside its successor. That lasts as long
 * as the account has a present key; one that is admitted after that leaves all former keys behind. */
static enum error check_former_key(struct tx *tx, const struct party *party, const struct account *account,
                                   int64_t now, struct failure *failure) {
	struct account_key key;
	enum error error = keys_get(tx, slice_of(party->key, FIELD_KEY_SIZE), &key, failure);
	if (error == ERROR_NOT_FOUND || (error == OK && !slice_equal(key.name, party->name))) {
		return refuse_key(party, failure);
	}
	if (error == OK && key.valid_until != KEY_OPEN) {
		return fail(failure, ERROR_KEY_REVOKED, "this key of %.*s was revoked", (int)party->name.size,
		            (const char *)party->name.data);
	}
	if (error == OK && (!account_has_key(account) || key.since < account->sequence)) {
		return fail(failure, ERROR_KEY_REVOKED, "the key by which %.*s replaced this one was revoked",
		            (int)party->name.size, (const char *)party->name.data);
	}
	if (error == OK && key.until < now) {
		return fail(failure, ERROR_KEY_REVOKED, "this key of %.*s was replaced by another one", (int)party->name.size,
		            (const char *)party->name.data);
	}
	return error;
}

enum error find_party(struct tx *tx, const struct party *party, enum role role, int64_t now, struct account *out,
                      struct failure *failure) {
	enum error error = find_account(tx, party, out, failure);
	if (error == OK && !slice_equal(out->key, slice_of(party->key, FIELD_KEY_SIZE))) {
		error = check_former_key(tx, party, out, now, failure);
	}
	if (error == OK && out->role != role) {
		error = fail(failure, ERROR_NOT_ALLOWED, "the account %.*s is no %s", (int)party->name.size,
		             (const char *)party->name.data, role_words[role]);
	}
	return error;
}

enum error find_active_party(struct tx *tx, const struct party *party, enum role role, int64_t now,
                             struct account *out, struct failure *failure) {
	enum error error = find_party(tx, party, role, now, out, failure);
	if (error == OK && out->suspended) {
		error = fail(failure, ERROR_SUSPENDED, "the account %.*s is suspended: running deals go on, nothing new begins",
		             (int)party->name.size, (const char *)party->name.data);
	}
	return error;
}

enum error find_bound_party(struct tx *tx, const struct party *party, int64_t sequence, struct account *out,
                            struct failure *failure) {
	struct account_key key;
	enum error error = find_account(tx, party, out, failure);
	if (error != OK || slice_equal(out->key, slice_of(party->key, FIELD_KEY_SIZE))) {
		return error;
	}
	error = keys_get(tx, slice_of(party->key, FIELD_KEY_SIZE), &key, failure);
	if (error == ERROR_NOT_FOUND || (error == OK && !slice_equal(key.name, party->name))) {
		return refuse_key(party, failure);
	}
	return error != OK || key.valid_until >= sequence ? error
	       : fail(failure, ERROR_KEY_REVOKED, "the key of %.*s in the text was not good any more when it was used",
	              (int)party->name.size, (const char *)party->name.data);
}

static enum error parse_stored(const struct note_record *record, const struct market *market, struct note *parsed,
                               struct failure *failure) {
	struct signed_note note;
	enum error error = signed_note_split(record->signed_note, &note, failure);
	return error == OK ? note_parse(note.text, market->origin, parsed, failure) : error;
}

enum error read_note(struct tx *tx, const struct market *market, int64_t sequence, struct note *parsed,
                     struct failure *failure) {
	struct note_record record;
	enum error error = notes_get(tx, sequence, &record, failure);
	return error == OK ? parse_stored(&record, market, parsed, failure) : error;
}

enum error find_offer(struct tx *tx, const struct market *market, const uint8_t id[HASH_SIZE], struct offer *offer,
                      struct note *parsed, struct failure *failure) {
	struct note_record record;
	enum error error = notes_find(tx, id, &record, failure);
	if (error == ERROR_NOT_FOUND || (error == OK && !slice_is(record.kind, kind_get(KIND_OFFER)->name))) {
		return fail(failure, ERROR_NOT_FOUND, "the offer that the note refers to is not known");
	}
	if (error == OK) {
		error = offers_get(tx, record.sequence, offer, failure);
	}
	if (error != OK || kept_offer_get(market->kept, id, parsed)) {
		return error;
	}
	struct signed_note note;
	error = signed_note_split(record.signed_note, &note, failure);
	return error == OK ? kept_offer_put(market->kept, id, note.text, market->origin, parsed, failure) : error;
}

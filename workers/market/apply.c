/* The table of kinds: which functions decide and record each of them. */
#include "workers/market/apply.h"

static const struct {
	enum error (*decide)(struct tx *, const struct market *, struct submission *, int64_t, struct failure *);
	enum error (*record)(struct tx *, struct submission *, struct failure *);
} handlers[KIND_COUNT] = {
	[KIND_ENROL] = { decide_enrol, record_enrol },
	[KIND_ADMIT] = { decide_admit, record_admit },
	[KIND_OFFER] = { decide_offer, record_offer },
	[KIND_CLOSE] = { decide_close, record_close },
	[KIND_AGREEMENT] = { decide_agreement, record_agreement },
	[KIND_FUND] = { decide_fund, record_fund },
};

enum error apply_decide(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                        struct failure *failure) {
	enum error error = note_check_time(&submission->note, now, failure);
	if (error != OK) {
		return error;
	}
	if (handlers[submission->note.kind->id].decide == NULL) {
		return fail(failure, ERROR_UNKNOWN_KIND, "this agency takes no notes of kind %s", submission->note.kind->name);
	}
	return handlers[submission->note.kind->id].decide(tx, market, submission, now, failure);
}

enum error apply_record(struct tx *tx, struct submission *submission, struct failure *failure) {
	enum error error = notes_append(tx, submission->id, submission->note.kind, submission->received,
	                                buffer_slice(&submission->stored), &submission->sequence, failure);
	return error == OK ? handlers[submission->note.kind->id].record(tx, submission, failure) : error;
}

enum error find_party(struct tx *tx, const struct party *party, enum role role, struct account *out,
                      struct failure *failure) {
	int size = (int)party->name.size;
	const char *name = (const char *)party->name.data;
	enum error error = accounts_get(tx, party->name, out, failure);
	if (error == ERROR_NOT_FOUND) {
		return fail(failure, ERROR_NOT_ADMITTED, "the account %.*s is not admitted", size, name);
	}
	if (error != OK) {
		return error;
	}
	if (!slice_equal(out->key, slice_of(party->key, FIELD_KEY_SIZE))) {
		return fail(failure, ERROR_WRONG_SIGNER, "the account %.*s signs with another key", size, name);
	}
	if (out->role != role) {
		return fail(failure, ERROR_NOT_ALLOWED, "the account %.*s is no %s", size, name, role_words[role]);
	}
	return OK;
}

/* Notes of deals: agreements, steps and lapses are judged by the one table of rules/deal.c. This file finds what the
 * table needs to know, and refuses what lies outside of it: accounts, slots, eligibility, exclusivity. */
#include <inttypes.h>

#include "rules/offer.h"
#include "store/tables.h"
#include "workers/market/apply.h"
#include "workers/market/apply_effects.h"
#include "workers/market/apply_fit.h"

#define THREADS_MAX 10 /* proposals of one creator by one offer that have ended */

/* ---- agreements ---- */

static enum error refuse_second_deal(const struct deal_row *row, struct failure *failure) {
	char hex[HASH_HEX_SIZE];
	hex_encode(slice_of(row->deal.id, HASH_SIZE), hex);
	return fail(failure, ERROR_EXISTS, "%s has agreed to this offer already: deal sha256:%s", row->deal.creator, hex);
}

/* What follows from texts alone, and so is found once: the offer, and whether the text is what follows from it. In the
 * write transaction only the offer's present state is read again. `offer` borrows from the store; its kind is NULL
 * where it was not read. */
static enum error match_offer(struct tx *tx, const struct market *market, struct submission *submission,
                              struct note *offer, struct failure *failure) {
	struct findings *findings = &submission->findings;
	const struct note *note = &submission->note;
	offer->kind = NULL;
	if (submission->state == SUBMISSION_APPROVED && findings->follows) {
		return offers_get(tx, findings->offer.sequence, &findings->offer, failure);
	}
	const uint8_t *offer_id = note_get(note, "offer")->bytes;
	enum error error = find_offer(tx, market, offer_id, &findings->offer, offer, failure);
	if (error == OK && !slice_equal(findings->offer.brand, note_get(note, "brand")->party.name)) {
		error = fail_at(failure, ERROR_TERMS_DIFFER, note_get(note, "brand")->line, "brand: has not made this offer");
	}
	if (error != OK) {
		return error;
	}
	struct failure difference = { .code = OK };
	struct buffer scratch;
	buffer_init(&scratch, NOTE_TEXT_MAX);
	findings->follows = agreement_follows(note, offer, offer_id, &scratch, &difference) == OK;
	buffer_release(&scratch);
	error = deal_begin(offer, offer_id, note_get(note, "creator")->party.name, &findings->begun, failure);
	bool may_differ = findings->begun.road == ROAD_NEGOTIATION || findings->begun.road == ROAD_INVITATION ||
	                  note_find(note, "amends") != NULL || note_find(note, "replaces") != NULL;
	if (error == OK && !findings->follows && !may_differ) {
		*failure = difference;
		return difference.code;
	}
	return error;
}

static bool count_thread(void *argument, const struct record *record) {
	(void)record;
	(*(size_t *)argument)++;
	return true;
}

/* Nobody fills the log with proposals. */
static enum error check_new_thread(struct tx *tx, const struct submission *submission, struct failure *failure) {
	struct cell cells[] = { cell_number(submission->findings.offer.sequence),
		                    cell_bytes(note_get(&submission->note, "creator")->party.name) };
	struct range range = { .from = cells, .from_count = 2, .to = cells, .to_count = 2, .limit = THREADS_MAX };
	size_t count = 0;
	enum error error = tx_scan(tx, &table_deals, DEALS_BY_OFFER_AND_CREATOR, &range, count_thread, &count, failure);
	return error == OK && count == THREADS_MAX
	    ? fail(failure, ERROR_NOT_ALLOWED, "%d proposals by this offer have ended: there can be no more", THREADS_MAX)
	    : error;
}

/* True for a text that answers a proposal, or was one: it belongs to the deal that there was, even if that has ended.
 * If it began another one, two deals would have one id, and its signer would have proposed where he meant to accept. */
static bool is_of_before(struct tx *tx, const struct submission *submission) {
	const struct note *note = &submission->note;
	struct note_record known;
	return note_find(note, "replaces") != NULL || note_find(note, "amends") != NULL ||
	       notes_find(tx, submission->id, &known, NULL) == OK;
}

/* The deal that the text belongs to, as it is now; where there is none yet, the beginning of one. */
static enum error find_thread(struct tx *tx, const struct market *market, struct submission *submission,
                              struct failure *failure) {
	struct findings *findings = &submission->findings;
	const struct note *note = &submission->note;
	struct deal_row *row = &findings->row;
	enum error error = deals_find_by_offer(tx, market->document, findings->offer.sequence,
	                                       note_get(note, "creator")->party.name, row, failure);
	bool had_one = error == OK;
	bool goes_on = had_one && (row->deal.state == DEAL_PROPOSED || is_of_before(tx, submission));
	if (error == ERROR_NOT_FOUND || (had_one && !goes_on && row->deal.state == DEAL_ENDED)) {
		*row = (struct deal_row){ .offer = findings->offer.sequence, .deal = findings->begun };
		return had_one ? check_new_thread(tx, submission, failure) : OK;
	}
	return !had_one || goes_on ? error : refuse_second_deal(row, failure);
}

/* The number of the note by which a party that does not sign now is bound: its own signature on this very text or,
 * where there is none, the offer. */
static enum error find_binding(struct tx *tx, const struct submission *submission, size_t party, int64_t *sequence,
                               struct failure *failure) {
	struct note_record record;
	enum error error = notes_find_signed(tx, submission->id, 1U << party, &record, failure);
	*sequence = error == OK ? record.sequence : submission->findings.offer.sequence;
	return error == ERROR_NOT_FOUND ? OK : error;
}

/* Who signs now needs a good key and a good standing; who is only named is bound by what he signed before. */
static enum error check_sides(struct tx *tx, const struct submission *submission, int64_t now,
                              struct failure *failure) {
	static const enum role roles[] = { ROLE_CREATOR, ROLE_BRAND };
	static const char *const keys[] = { "creator", "brand" };
	bool amends = note_find(&submission->note, "amends") != NULL;
	enum error error = OK;
	for (size_t i = 0; i < 2 && error == OK; i++) {
		const struct party *party = &note_get(&submission->note, keys[i])->party;
		struct account account = { .suspended = false };
		int64_t sequence = 0;
		if ((submission->signed_by & 1U << i) == 0) {
			error = find_binding(tx, submission, i, &sequence, failure);
			error = error == OK ? find_bound_party(tx, party, sequence, &account, failure) : error;
		} else {
			error = find_party(tx, party, roles[i], now, &account, failure);
		}
		if (error == OK && account.suspended && !amends) {
			error = fail(failure, ERROR_SUSPENDED, "the account %.*s is suspended: nothing new begins",
			             (int)party->name.size, (const char *)party->name.data);
		}
	}
	return error;
}

static enum error check_offer_open(const struct submission *submission, int64_t now, struct failure *failure) {
	const struct offer *offer = &submission->findings.offer;
	struct offer_state state = { .slots = offer->slots,
		                         .taken = submission->findings.result.takes_slot ? offer->taken : 0,
		                         .closes = offer->closes,
		                         .closed = offer->state == OFFER_CLOSED };
	return offer_may_agree(&state, now, failure);
}

/* ---- deciding ---- */

/* The other side's signature on the same text, from when it was proposed. */
static enum error take_counterpart(struct tx *tx, struct submission *submission, struct failure *failure) {
	struct note_record record;
	struct signed_note stored;
	char name[NOTE_SIGNER_MAX];
	const uint8_t *key = NULL;
	size_t other = submission->signed_by == 1 ? 1 : 0;
	note_signer(&submission->note, other, name, &key);
	enum error error = notes_find_signed(tx, submission->id, 1U << other, &record, failure);
	if (error == ERROR_NOT_FOUND) {
		return OK; /* bound by its signature on the offer */
	}
	if (error == OK) {
		error = signed_note_split(record.signed_note, &stored, failure);
	}
	buffer_clear(&submission->counterpart);
	for (size_t i = 0; error == OK && i < stored.count; i++) {
		if (slice_is(stored.signatures[i].name, name)) {
			(void)buffer_append_slice(&submission->counterpart, stored.signatures[i].line);
		}
	}
	return error;
}

/* What was signed on the snapshot must be what the transaction needs. */
static enum error check_binding(struct tx *tx, struct submission *submission, struct failure *failure) {
	bool binds = submission->findings.result.binds;
	if (submission->state == SUBMISSION_APPROVED) {
		return binds == submission->binds ? OK
		       : fail(failure, ERROR_BUSY, "the deal changed while the note was checked: send it again");
	}
	submission->binds = binds;
	return binds && submission->signed_by != 3 ? take_counterpart(tx, submission, failure) : OK;
}

static enum error take_step(struct submission *submission, const struct note *offer, int64_t now,
                            struct failure *failure) {
	struct findings *findings = &submission->findings;
	bool ended = findings->offer.state != OFFER_OPEN && findings->offer.state != OFFER_FULL;
	struct deal_input input = { .note = &submission->note,
		                        .id = submission->id,
		                        .signed_by = submission->signed_by,
		                        .received = now,
		                        .offer = offer,
		                        .follows = findings->follows,
		                        .offer_open =
		                            deal_finds_offer_open(&findings->row.deal, &submission->note, now, ended) };
	return deal_step(&findings->row.deal, &input, &findings->after, &findings->result, failure);
}

enum error decide_agreement(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                            struct failure *failure) {
	struct findings *findings = &submission->findings;
	struct note *offer = market->offer;
	enum error error = match_offer(tx, market, submission, offer, failure);
	if (error == OK) {
		error = check_sides(tx, submission, now, failure);
	}
	if (error == OK) {
		error = find_thread(tx, market, submission, failure);
	}
	if (error == OK) {
		error = take_step(submission, offer, now, failure);
	}
	if (error == OK && findings->result.event != EVENT_AMEND && findings->result.event != EVENT_AMEND_SIGN) {
		error = check_offer_open(submission, now, failure);
	}
	bool amends = findings->result.event == EVENT_AMEND || findings->result.event == EVENT_AMEND_SIGN;
	bool settles = findings->result.binds || findings->result.event == EVENT_APPLY;
	if (error == OK && !amends) {
		error = fit_check_eligible(tx, market, submission, failure);
	}
	if (error == OK && settles) {
		error = fit_check_bonds(tx, market, submission, now, failure);
	}
	return error == OK ? check_binding(tx, submission, failure) : error;
}

static enum error refuse_unknown(struct failure *failure) {
	return fail(failure, ERROR_NOT_FOUND, "the deal that the note refers to is not known");
}

/* A deal is found by its agreement, or by any text that was proposed on the way: then the step is superseded. To others
 * than its parties it does not exist. */
static enum error find_deal(struct tx *tx, const struct market *market, struct submission *submission,
                            struct slice name, bool is_party, struct failure *failure) {
	const uint8_t *id = note_get(&submission->note, "deal")->bytes;
	struct deal_row *row = &submission->findings.row;
	enum error error = deals_find(tx, market->document, id, row, failure);
	if (error == ERROR_NOT_FOUND || (error == OK && is_party && !slice_is(name, row->deal.brand) &&
	                                 !slice_is(name, row->deal.creator))) {
		return refuse_unknown(failure);
	}
	return error == OK ? offers_get(tx, row->offer, &submission->findings.offer, failure) : error;
}

enum error decide_step(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                       struct failure *failure) {
	const struct note *note = &submission->note;
	const struct signer *signer = &note->kind->signers[0];
	const struct party *party = &note_get(note, signer->key)->party;
	enum role role = signer->role == ROLE_COUNT ? (enum role)note_get(note, "role")->word : signer->role;
	struct account account;
	submission->findings.follows = false;
	enum error error = role == ROLE_OPERATOR ? find_active_party(tx, party, role, now, &account, failure)
	                                         : find_party(tx, party, role, now, &account, failure);
	if (error == OK) {
		error = find_deal(tx, market, submission, party->name, role != ROLE_OPERATOR, failure);
	}
	return error == OK ? take_step(submission, NULL, now, failure) : error;
}

enum error decide_pay(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                      struct failure *failure) {
	int64_t used = 0;
	enum error error = decide_step(tx, market, submission, now, failure);
	if (error != OK) {
		return error;
	}
	struct slice creator = slice_of_text(submission->findings.row.deal.creator);
	error = payments_find(tx, creator, note_get(&submission->note, "reference")->text, &used, failure);
	if (error == OK) {
		return fail(failure, ERROR_EXISTS, "a payment with this reference is booked already, by note %" PRId64, used);
	}
	return error == ERROR_NOT_FOUND ? OK : error;
}

enum error record_pay(struct tx *tx, const struct market *market, struct submission *submission,
                      struct failure *failure) {
	struct slice creator = slice_of_text(submission->findings.row.deal.creator);
	enum error error = record_deal(tx, market, submission, failure);
	return error == OK ? payments_insert(tx, creator, note_get(&submission->note, "reference")->text,
	                                     submission->sequence, failure)
	                   : error;
}

/* ---- lapses ---- */

static enum error decide_offer_lapse(struct tx *tx, const struct market *market, struct submission *submission,
                                     int64_t now, struct failure *failure) {
	struct findings *findings = &submission->findings;
	const struct note *note = &submission->note;
	enum error error =
	    find_offer(tx, market, note_get(note, "offer")->bytes, &findings->offer, market->offer, failure);
	if (error != OK) {
		return error;
	}
	int64_t due = findings->offer.due;
	if (due == 0 || due >= now || note_get(note, "due")->number != due ||
	    note_get(note, "deadline")->word != DEADLINE_ANSWER) {
		return fail(failure, ERROR_WRONG_STATE, "the offer's time is not over, or it has ended already");
	}
	return offer_left(tx, market->offer, note_get(note, "offer")->bytes, findings, failure);
}

enum error decide_lapse(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                        struct failure *failure) {
	const struct note *note = &submission->note;
	if (memcmp(note_get(note, "by")->party.key, signing_key_public(market->agency_key), KEY_SIZE) != 0) {
		return fail(failure, ERROR_WRONG_SIGNER, "by: not the agency's key");
	}
	if (note_find(note, "offer") != NULL) {
		return decide_offer_lapse(tx, market, submission, now, failure);
	}
	submission->findings.follows = false;
	enum error error = find_deal(tx, market, submission, slice_of(NULL, 0), false, failure);
	return error == OK ? take_step(submission, NULL, now, failure) : error;
}

enum error record_lapse(struct tx *tx, const struct market *market, struct submission *submission,
                        struct failure *failure) {
	if (note_find(&submission->note, "offer") == NULL) {
		return record_deal(tx, market, submission, failure);
	}
	return offer_end(tx, submission, OFFER_OVER, failure);
}

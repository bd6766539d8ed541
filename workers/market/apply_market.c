/* Notes that make the market: fund, offer, close and agreement. */
#include "rules/offer.h"
#include "store/tables.h"
#include "workers/market/apply.h"

enum error decide_fund(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                       struct failure *failure) {
	(void)market;
	(void)now;
	const struct note *note = &submission->note;
	struct account account;
	enum error error = find_party(tx, &note_get(note, "operator")->party, ROLE_OPERATOR, &account, failure);
	if (error != OK) {
		return error;
	}
	struct slice brand = note_get(note, "brand")->text;
	error = accounts_get(tx, brand, &account, failure);
	if (error == ERROR_NOT_FOUND || (error == OK && account.role != ROLE_BRAND)) {
		return fail(failure, ERROR_NOT_FOUND, "there is no admitted brand %.*s", (int)brand.size,
		            (const char *)brand.data);
	}
	if (error != OK) {
		return error;
	}
	int64_t used = 0;
	error = payments_find(tx, brand, note_get(note, "reference")->text, &used, failure);
	if (error == OK) {
		return fail(failure, ERROR_EXISTS, "a payment with this reference is booked already");
	}
	submission->findings.amount = note_get(note, "amount")->money;
	return error == ERROR_NOT_FOUND ? OK : error;
}

enum error record_fund(struct tx *tx, struct submission *submission, struct failure *failure) {
	const struct note *note = &submission->note;
	struct slice brand = note_get(note, "brand")->text;
	struct ledger_parties parties = { .brand = brand };
	struct entry entry;
	ledger_entry(LEDGER_FUND, &parties, &submission->findings.amount, &entry);
	enum error error = journal_book(tx, submission->sequence, &entry, failure);
	if (error != OK) {
		return error;
	}
	return payments_insert(tx, brand, note_get(note, "reference")->text, submission->sequence, failure);
}

enum error decide_offer(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                        struct failure *failure) {
	(void)market;
	const struct note *note = &submission->note;
	struct findings *findings = &submission->findings;
	struct account brand;
	enum error error = find_party(tx, &note_get(note, "brand")->party, ROLE_BRAND, &brand, failure);
	if (error == OK) {
		error = offer_reservation(note, &findings->amount, &findings->paid, failure);
	}
	int64_t available = 0;
	if (error == OK && findings->paid) {
		char account[LEDGER_ACCOUNT_MAX];
		ledger_available_account(brand.name, account);
		error = balances_get(tx, account, findings->amount.currency, &available, failure);
	}
	return error == OK ? offer_may_open(note, available, now, failure) : error;
}

enum error record_offer(struct tx *tx, struct submission *submission, struct failure *failure) {
	const struct note *note = &submission->note;
	struct slice brand = note_get(note, "brand")->party.name;
	struct offer offer = { .sequence = submission->sequence,
		                   .brand = brand,
		                   .state = OFFER_OPEN,
		                   .closes = note_get(note, "closes")->number,
		                   .slots = note_get(note, "slots")->number };
	enum error error = offers_put(tx, &offer, failure);
	if (error != OK || !submission->findings.paid) {
		return error;
	}
	struct ledger_parties parties = { .brand = brand, .offer_id = submission->id };
	struct entry entry;
	ledger_entry(LEDGER_OPEN, &parties, &submission->findings.amount, &entry);
	return journal_book(tx, submission->sequence, &entry, failure);
}

/* The offer that a note refers to, with its text. `parsed` borrows from the store. */
static enum error find_offer(struct tx *tx, const struct market *market, const uint8_t id[HASH_SIZE],
                             struct offer *offer, struct note *parsed, struct failure *failure) {
	struct note_record record;
	enum error error = notes_find(tx, id, &record, failure);
	if (error == ERROR_NOT_FOUND || (error == OK && !slice_is(record.kind, kind_get(KIND_OFFER)->name))) {
		return fail(failure, ERROR_NOT_FOUND, "the offer that the note refers to is not known");
	}
	struct signed_note note;
	if (error == OK) {
		error = offers_get(tx, record.sequence, offer, failure);
	}
	if (error == OK) {
		error = signed_note_split(record.signed_note, &note, failure);
	}
	return error == OK ? note_parse(note.text, market->origin, parsed, failure) : error;
}

enum error decide_close(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                        struct failure *failure) {
	(void)now;
	const struct note *note = &submission->note;
	struct findings *findings = &submission->findings;
	const struct party *party = &note_get(note, "brand")->party;
	const uint8_t *offer_id = note_get(note, "offer")->bytes;
	struct account brand;
	enum error error = find_party(tx, party, ROLE_BRAND, &brand, failure);
	struct note offer;
	if (error == OK) {
		error = find_offer(tx, market, offer_id, &findings->offer, &offer, failure);
	}
	if (error != OK) {
		return error;
	}
	if (!slice_equal(findings->offer.brand, party->name)) {
		return fail(failure, ERROR_NOT_ALLOWED, "the offer is another brand's");
	}
	if (findings->offer.state == OFFER_CLOSED) {
		return fail(failure, ERROR_OFFER_CLOSED, "the offer is closed already");
	}
	error = offer_share(&offer, &findings->amount, &findings->paid, failure);
	if (error == OK && findings->paid) {
		char account[LEDGER_ACCOUNT_MAX];
		ledger_reserved_account(offer_id, account);
		error = balances_get(tx, account, findings->amount.currency, &findings->amount.minor, failure);
	}
	return error;
}

enum error record_close(struct tx *tx, struct submission *submission, struct failure *failure) {
	struct findings *findings = &submission->findings;
	findings->offer.state = OFFER_CLOSED;
	enum error error = offers_put(tx, &findings->offer, failure);
	if (error != OK || !findings->paid || findings->amount.minor == 0) {
		return error;
	}
	struct ledger_parties parties = { .brand = findings->offer.brand,
		                              .offer_id = note_get(&submission->note, "offer")->bytes };
	struct entry entry;
	ledger_entry(LEDGER_END, &parties, &findings->amount, &entry);
	return journal_book(tx, submission->sequence, &entry, failure);
}

static enum error refuse_second_deal(struct tx *tx, const struct deal *deal, struct failure *failure) {
	struct note_record record;
	enum error error = notes_get(tx, deal->sequence, &record, failure);
	if (error != OK) {
		return error;
	}
	char hex[HASH_HEX_SIZE];
	hex_encode(record.id, hex);
	return fail(failure, ERROR_EXISTS, "%.*s has agreed to this offer already: deal sha256:%s", (int)deal->creator.size,
	            (const char *)deal->creator.data, hex);
}

/* Whether the agreement is what follows from its offer. Both are texts that never change, so one look is enough: what
 * the snapshot has approved needs only the offer's present state in the write transaction. */
static enum error match_offer(struct tx *tx, const struct market *market, struct submission *submission,
                              struct failure *failure) {
	struct findings *findings = &submission->findings;
	if (submission->state == SUBMISSION_APPROVED) {
		return offers_get(tx, findings->offer.sequence, &findings->offer, failure);
	}
	const struct note *note = &submission->note;
	const uint8_t *offer_id = note_get(note, "offer")->bytes;
	struct note offer;
	enum error error = find_offer(tx, market, offer_id, &findings->offer, &offer, failure);
	if (error == OK) {
		struct buffer scratch;
		buffer_init(&scratch, NOTE_TEXT_MAX);
		error = agreement_follows(note, &offer, offer_id, &scratch, failure);
		buffer_release(&scratch);
	}
	return error == OK ? offer_share(&offer, &findings->amount, &findings->paid, failure) : error;
}

enum error decide_agreement(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                            struct failure *failure) {
	const struct findings *findings = &submission->findings;
	struct account creator;
	enum error error =
	    find_party(tx, &note_get(&submission->note, "creator")->party, ROLE_CREATOR, &creator, failure);
	if (error == OK) {
		error = match_offer(tx, market, submission, failure);
	}
	if (error != OK) {
		return error;
	}
	struct deal deal;
	error = deals_find(tx, findings->offer.sequence, creator.name, &deal, failure);
	if (error == OK) {
		return refuse_second_deal(tx, &deal, failure);
	}
	if (error != ERROR_NOT_FOUND) {
		return error;
	}
	struct offer_state state = { .slots = findings->offer.slots,
		                         .taken = findings->offer.taken,
		                         .closes = findings->offer.closes,
		                         .closed = findings->offer.state == OFFER_CLOSED };
	return offer_may_agree(&state, now, failure);
}

enum error record_agreement(struct tx *tx, struct submission *submission, struct failure *failure) {
	const struct note *note = &submission->note;
	struct findings *findings = &submission->findings;
	struct offer *offer = &findings->offer;
	struct deal deal = { .sequence = submission->sequence,
		                 .offer = offer->sequence,
		                 .creator = note_get(note, "creator")->party.name,
		                 .brand = offer->brand,
		                 .state = DEAL_AGREED };
	enum error error = deals_insert(tx, &deal, failure);
	if (error != OK) {
		return error;
	}
	offer->taken++;
	if (offer->taken == offer->slots) {
		offer->state = OFFER_FULL;
	}
	error = offers_put(tx, offer, failure);
	if (error != OK || !findings->paid) {
		return error;
	}
	struct ledger_parties parties = { .brand = offer->brand,
		                              .offer_id = note_get(note, "offer")->bytes,
		                              .deal_id = submission->id };
	struct entry entry;
	ledger_entry(LEDGER_AGREE, &parties, &findings->amount, &entry);
	return journal_book(tx, submission->sequence, &entry, failure);
}

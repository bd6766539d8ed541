/* Notes that make the market: fund, refund, offer and close. */
#include "rules/offer.h"
#include "store/tables.h"
#include "workers/market/apply.h"
#include "workers/market/apply_effects.h"
#include "workers/market/totals.h"

/* What fund and refund have in common: an operator, a brand, a reference that was not booked. */
static enum error decide_payment(struct tx *tx, struct submission *submission, int64_t now, struct failure *failure) {
	const struct note *note = &submission->note;
	struct account account;
	enum error error =
	    find_active_party(tx, &note_get(note, "operator")->party, ROLE_OPERATOR, now, &account, failure);
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

static enum error record_payment(struct tx *tx, struct submission *submission, enum ledger_event event,
                                 struct failure *failure) {
	const struct note *note = &submission->note;
	struct slice brand = note_get(note, "brand")->text;
	struct ledger_parties parties = { .brand = brand };
	struct entry entry;
	ledger_entry(event, &parties, &submission->findings.amount, &entry);
	enum error error = journal_book(tx, submission->sequence, &entry, failure);
	if (error != OK) {
		return error;
	}
	return payments_insert(tx, brand, note_get(note, "reference")->text, submission->sequence, failure);
}

enum error decide_fund(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                       struct failure *failure) {
	(void)market;
	return decide_payment(tx, submission, now, failure);
}

enum error record_fund(struct tx *tx, const struct market *market, struct submission *submission,
                       struct failure *failure) {
	(void)market;
	return record_payment(tx, submission, LEDGER_FUND, failure);
}

enum error decide_refund(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                         struct failure *failure) {
	(void)market;
	enum error error = decide_payment(tx, submission, now, failure);
	struct money have = submission->findings.amount;
	char account[LEDGER_ACCOUNT_MAX], have_text[MONEY_TEXT_MAX];
	if (error == OK) {
		ledger_available_account(note_get(&submission->note, "brand")->text, account);
		error = balances_get(tx, account, have.currency, &have.minor, failure);
	}
	if (error == OK && have.minor < submission->findings.amount.minor) {
		error = fail(failure, ERROR_UNFUNDED, "only %s is available; what is reserved or held cannot be given back",
		             money_format(&have, have_text));
	}
	return error;
}

enum error record_refund(struct tx *tx, const struct market *market, struct submission *submission,
                         struct failure *failure) {
	(void)market;
	return record_payment(tx, submission, LEDGER_REFUND, failure);
}

enum error decide_offer(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                        struct failure *failure) {
	(void)market;
	const struct note *note = &submission->note;
	struct findings *findings = &submission->findings;
	struct account brand;
	enum error error = find_active_party(tx, &note_get(note, "brand")->party, ROLE_BRAND, now, &brand, failure);
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

enum error record_offer(struct tx *tx, const struct market *market, struct submission *submission,
                        struct failure *failure) {
	const struct note *note = &submission->note;
	struct slice brand = note_get(note, "brand")->party.name;
	struct offer offer = { .sequence = submission->sequence,
		                   .brand = brand,
		                   .state = OFFER_OPEN,
		                   .closes = note_get(note, "closes")->number,
		                   .slots = note_get(note, "slots")->number,
		                   .road = (int64_t)note_word(note, "road", ROAD_FIRST_COME),
		                   .due = note_get(note, "closes")->number };
	enum error error = offers_put(tx, &offer, failure);
	if (error == OK) {
		error = totals_count_offer(tx, market, note, failure);
	}
	if (error != OK || !submission->findings.paid) {
		return error;
	}
	struct ledger_parties parties = { .brand = brand, .offer_id = submission->id };
	struct entry entry;
	ledger_entry(LEDGER_OPEN, &parties, &submission->findings.amount, &entry);
	return journal_book(tx, submission->sequence, &entry, failure);
}

enum error decide_close(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                        struct failure *failure) {
	const struct note *note = &submission->note;
	struct findings *findings = &submission->findings;
	const struct party *party = &note_get(note, "brand")->party;
	const uint8_t *offer_id = note_get(note, "offer")->bytes;
	struct account brand;
	enum error error = find_party(tx, party, ROLE_BRAND, now, &brand, failure);
	if (error == OK) {
		error = find_offer(tx, market, offer_id, &findings->offer, market->offer, failure);
	}
	if (error != OK) {
		return error;
	}
	if (!slice_equal(findings->offer.brand, party->name)) {
		return fail(failure, ERROR_NOT_ALLOWED, "the offer is another brand's");
	}
	if (findings->offer.due == 0) {
		return fail(failure, ERROR_OFFER_CLOSED, "the offer is closed already");
	}
	return offer_left(tx, market->offer, offer_id, findings, failure);
}

enum error record_close(struct tx *tx, const struct market *market, struct submission *submission,
                        struct failure *failure) {
	(void)market;
	return offer_end(tx, submission, OFFER_CLOSED, failure);
}

/* What follows from a note in the store; see apply_effects.h. */
#include "workers/market/apply_effects.h"

#include <inttypes.h>

#include "rules/offer.h"
#include "store/tables.h"
#include "workers/market/addresses.h"
#include "workers/market/apply.h"
#include "workers/market/bonds.h"
#include "workers/market/reputations.h"
#include "workers/market/totals.h"

/* ---- offers ---- */

enum error offer_left(struct tx *tx, const struct note *offer, const uint8_t id[HASH_SIZE], struct findings *findings,
                      struct failure *failure) {
	enum error error = offer_share(offer, &findings->amount, &findings->paid, failure);
	if (error == OK && findings->paid) {
		char account[LEDGER_ACCOUNT_MAX];
		ledger_reserved_account(id, account);
		error = balances_get(tx, account, findings->amount.currency, &findings->amount.minor, failure);
	}
	return error;
}

enum error offer_end(struct tx *tx, struct submission *submission, int64_t state, struct failure *failure) {
	struct findings *findings = &submission->findings;
	findings->offer.state = state;
	findings->offer.due = 0;
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

static enum error change_slots(struct tx *tx, struct submission *submission, struct failure *failure) {
	struct offer *offer = &submission->findings.offer;
	const struct deal_result *result = &submission->findings.result;
	if (!result->takes_slot && !result->frees_slot) {
		return OK;
	}
	offer->taken += result->takes_slot ? 1 : -1;
	if (offer->state == OFFER_OPEN || offer->state == OFFER_FULL) {
		offer->state = offer->taken == offer->slots ? OFFER_FULL : OFFER_OPEN;
	}
	return offers_put(tx, offer, failure);
}

/* ---- bonds ---- */

static enum error follow_bonds(struct tx *tx, const struct market *market, const struct submission *submission,
                              const struct deal_row *row, struct failure *failure) {
	const struct note *text = &submission->note;
	int64_t posted = 0;
	enum bonds_change change =
	    bonds_change(&submission->findings.row.deal, &row->deal, submission->findings.result.event, &posted);
	if (change == BONDS_DATE) {
		struct note_record record;
		enum error error = notes_find(tx, row->deal.text, &record, failure);
		error = error == OK ? read_note(tx, market, record.sequence, market->offer, failure) : error;
		if (error != OK) {
			return error;
		}
		text = market->offer;
	}
	return bonds_write(tx, change, text, row, posted, failure);
}

/* ---- a deal's step ---- */

enum error record_deal(struct tx *tx, const struct market *market, struct submission *submission,
                       struct failure *failure) {
	struct findings *findings = &submission->findings;
	const struct deal *before = &findings->row.deal;
	struct deal_row row = findings->row;
	row.deal = findings->after;
	row.sequence = row.sequence == 0 ? submission->sequence : row.sequence;
	deal_row_follow(&row, &submission->note, before->state);
	if (findings->result.takes_slot) {
		row.followers = findings->followers;
		row.tier = tier_of(row.followers, &market->tiers);
	}
	enum error error = deals_put(tx, &row, failure);
	if (error == OK) {
		error = change_slots(tx, submission, failure);
	}
	if (error == OK && findings->result.entry.count > 0) {
		error = journal_book(tx, submission->sequence, &findings->result.entry, failure);
	}
	if (error == OK) {
		error = follow_bonds(tx, market, submission, &row, failure);
	}
	if (error == OK) {
		error = reputations_follow(tx, market, &findings->row, &row, failure);
	}
	if (error == OK) {
		error = totals_follow(tx, market, &findings->row, &row, failure);
	}
	if (error == OK && address_is_needed(before) && !address_is_needed(&row.deal)) {
		error = addresses_delete(tx, row.sequence, failure);
	}
	return error;
}

/* What follows from a note in the store; see apply_effects.h. */
#include "workers/market/apply_effects.h"

#include <inttypes.h>

#include "rules/offer.h"
#include "store/tables.h"
#include "workers/market/apply.h"
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

#define BONDS_MAX 8 /* of one deal: its category and what it claims */

struct bonds_of_deal {
	int64_t deal;
	size_t count;
	char categories[BONDS_MAX][ACCOUNT_NAME_MAX];
};

static bool take_bond(void *argument, const struct record *record) {
	struct bonds_of_deal *bonds = argument;
	if (record->cells[BONDS_DEAL].number == bonds->deal && bonds->count < BONDS_MAX &&
	    slice_copy_text(record->cells[BONDS_CATEGORY].bytes, bonds->categories[bonds->count], ACCOUNT_NAME_MAX)) {
		bonds->count++;
	}
	return true;
}

static enum error end_bonds(struct tx *tx, const struct deal_row *row, struct failure *failure) {
	struct bonds_of_deal bonds = { .deal = row->sequence };
	struct slice creator = slice_of_text(row->deal.creator);
	struct cell cell = cell_bytes(creator);
	struct range range = { .from = &cell, .from_count = 1, .to = &cell, .to_count = 1 };
	enum error error = tx_scan(tx, &table_bonds, STORE_BY_KEY, &range, take_bond, &bonds, failure);
	for (size_t i = 0; i < bonds.count && error == OK; i++) {
		error = bonds_delete(tx, creator, slice_of_text(bonds.categories[i]), row->sequence, failure);
	}
	return error;
}

/* Puts the bonds that a text says: until the post and, where it claims a category, so long after it. */
static enum error put_bonds(struct tx *tx, const struct note *text, const struct deal_row *row, int64_t posted,
                            struct failure *failure) {
	enum error error = OK;
	for (size_t i = 0; i < text->count && error == OK; i++) {
		const struct value *value = &text->values[i];
		bool works = strcmp(value->field->key, "category") == 0;
		bool claims = value->field->type == FIELD_EXCLUSIVITY;
		struct bond bond = { .creator = slice_of_text(row->deal.creator),
			                 .brand = slice_of_text(row->deal.brand),
			                 .deal = row->sequence,
			                 .is_exclusive = claims,
			                 .until = posted == 0 ? BOND_OPEN : posted };
		if (works) {
			bond.category = value->text;
			error = bonds_put(tx, &bond, failure);
		} else if (claims) {
			bond.category = value->exclusivity.category;
			bond.until += posted == 0 ? 0 : value->exclusivity.lasts;
			error = bonds_put(tx, &bond, failure); /* a category both worked in and claimed: the claim counts */
		}
	}
	return error;
}

enum error bonds_follow(struct tx *tx, const struct market *market, const struct submission *submission,
                        const struct deal_row *row, struct failure *failure) {
	const struct deal_result *result = &submission->findings.result;
	const struct deal *deal = &row->deal, *before = &submission->findings.row.deal;
	bool changes = result->event == EVENT_AMEND_SIGN, faulty = result->event == EVENT_FAULT;
	bool handed_over = deal->state == DEAL_VERIFIED && before->state == DEAL_SUBMITTED;
	bool ended = deal_is_running(before) && !deal_is_running(deal) && deal->posted == 0 &&
	             deal->state != DEAL_PAID && deal->state != DEAL_CLOSED;
	if (result->event == EVENT_SIGN) {
		return put_bonds(tx, &submission->note, row, 0, failure);
	}
	enum error error = changes || ended ? end_bonds(tx, row, failure) : OK;
	if (error == OK && changes) {
		return put_bonds(tx, &submission->note, row, 0, failure);
	}
	if (error == OK && (result->event == EVENT_POST || handed_over || (faulty && deal->state == DEAL_APPROVED))) {
		struct note_record record;
		int64_t posted = result->event == EVENT_POST ? deal->posted : handed_over ? deal->last : 0;
		error = notes_find(tx, deal->text, &record, failure);
		error = error == OK ? read_note(tx, market, record.sequence, market->offer, failure) : error;
		error = error == OK ? put_bonds(tx, market->offer, row, posted, failure) : error;
	}
	return error;
}

/* ---- reputations ---- */

struct stars {
	struct tx *tx;
	const struct market *market;
	int64_t given[ROLE_COUNT]; /* by brand and creator; 0: none */
	enum error error;
	struct failure *failure;
};

static bool take_rating(void *argument, const struct record *record) {
	struct stars *stars = argument;
	if (!slice_is(record->cells[NOTES_KIND].bytes, kind_get(KIND_RATE)->name)) {
		return true;
	}
	struct note *note = stars->market->offer;
	stars->error = read_note(stars->tx, stars->market, record->cells[NOTES_SEQUENCE].number, note, stars->failure);
	if (stars->error == OK) {
		stars->given[note_get(note, "role")->word] = note_get(note, "stars")->number;
	}
	return stars->error == OK;
}

static enum error add_reputation(struct tx *tx, const char *name, const struct reputation *more,
                                 struct failure *failure) {
	struct reputation reputation;
	enum error error = reputations_get(tx, slice_of_text(name), &reputation, failure);
	if (error != OK) {
		return error;
	}
	reputation.done += more->done;
	reputation.stars += more->stars;
	reputation.ratings += more->ratings;
	reputation.failed += more->failed;
	return reputations_put(tx, slice_of_text(name), &reputation, failure);
}

/* Ratings count once both can be seen, which is when the deal closes. */
static enum error count_closed(struct tx *tx, const struct market *market, const struct deal_row *row,
                               struct failure *failure) {
	struct stars stars = { .tx = tx, .market = market, .failure = failure };
	struct cell cell = cell_number(row->sequence);
	struct range range = { .from = &cell, .from_count = 1, .to = &cell, .to_count = 1 };
	enum error error = row->deal.rated == 0
	    ? OK : tx_scan(tx, &table_notes, NOTES_BY_THREAD, &range, take_rating, &stars, failure);
	error = error == OK ? stars.error : error;
	int64_t of_creator = stars.given[ROLE_BRAND], of_brand = stars.given[ROLE_CREATOR];
	struct reputation creator = { .done = 1, .stars = of_creator, .ratings = of_creator > 0 ? 1 : 0 };
	struct reputation brand = { .done = 1, .stars = of_brand, .ratings = of_brand > 0 ? 1 : 0 };
	error = error == OK ? add_reputation(tx, row->deal.creator, &creator, failure) : error;
	return error == OK ? add_reputation(tx, row->deal.brand, &brand, failure) : error;
}

enum error reputations_follow(struct tx *tx, const struct market *market, const struct deal_row *before,
                              const struct deal_row *row, struct failure *failure) {
	const struct reputation failed = { .failed = 1 };
	const struct deal *deal = &row->deal;
	if (deal->state == DEAL_CLOSED && before->deal.state != DEAL_CLOSED) {
		return count_closed(tx, market, row, failure);
	}
	if (deal->deleted && !before->deal.deleted) {
		return add_reputation(tx, deal->creator, &failed, failure);
	}
	if (deal->state == DEAL_LAPSED && before->deal.state != DEAL_LAPSED) {
		return add_reputation(tx, before->deal.state == DEAL_AGREED ? deal->brand : deal->creator, &failed, failure);
	}
	return OK;
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
		error = bonds_follow(tx, market, submission, &row, failure);
	}
	if (error == OK) {
		error = reputations_follow(tx, market, &findings->row, &row, failure);
	}
	if (error == OK) {
		error = totals_follow(tx, market, &findings->row, &row, failure);
	}
	bool was_on_its_way = before->state == DEAL_AGREED || before->state == DEAL_SHIPPED;
	if (error == OK && was_on_its_way && row.deal.state != DEAL_SHIPPED && row.deal.state != DEAL_AGREED) {
		error = addresses_delete(tx, row.sequence, failure); /* nobody needs it any more */
	}
	return error;
}

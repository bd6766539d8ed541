/* Reputations of accounts; see reputations.h. */
#include "workers/market/reputations.h"

#include "store/tables.h"
#include "workers/market/apply.h"

enum error reputations_get(struct tx *tx, struct slice name, struct reputation *out, struct failure *failure) {
	struct cell key = cell_bytes(name);
	struct record record;
	*out = (struct reputation){ 0 };
	enum error error = tx_get(tx, &table_reputations, &key, &record, failure);
	if (error == OK) {
		*out = (struct reputation){ .done = record.cells[REPUTATIONS_DONE].number,
			                        .stars = record.cells[REPUTATIONS_STARS].number,
			                        .ratings = record.cells[REPUTATIONS_RATINGS].number,
			                        .failed = record.cells[REPUTATIONS_FAILED].number };
	}
	return error == ERROR_NOT_FOUND ? OK : error;
}

static enum error put(struct tx *tx, struct slice name, const struct reputation *reputation, struct failure *failure) {
	struct record record = { .cells = { [REPUTATIONS_NAME] = cell_bytes(name),
	                                    [REPUTATIONS_DONE] = cell_number(reputation->done),
	                                    [REPUTATIONS_STARS] = cell_number(reputation->stars),
	                                    [REPUTATIONS_RATINGS] = cell_number(reputation->ratings),
	                                    [REPUTATIONS_FAILED] = cell_number(reputation->failed) } };
	return tx_put(tx, &table_reputations, &record, failure);
}

/* ---- of one deal ---- */

struct stars {
	struct tx *tx;
	const struct market *market;
	struct note *scratch;
	struct reputation *sides;
	enum error error;
	struct failure *failure;
};

/* Whoever rates says it of the other side. */
static bool take_rating(void *argument, const struct record *record) {
	struct stars *stars = argument;
	struct note *note = stars->scratch;
	if (!slice_is(record->cells[NOTES_KIND].bytes, kind_get(KIND_RATE)->name)) {
		return true;
	}
	stars->error = read_note(stars->tx, stars->market, record->cells[NOTES_SEQUENCE].number, note, stars->failure);
	if (stars->error == OK) {
		struct reputation *rated =
		    &stars->sides[note_get(note, "role")->word == ROLE_BRAND ? ROLE_CREATOR : ROLE_BRAND];
		rated->stars = note_get(note, "stars")->number;
		rated->ratings = 1;
	}
	return stars->error == OK;
}

/* A lapse is the silence of whoever's turn it was: the brand's until the product is gone. */
static enum role silent_side(const struct deal *deal) {
	return deal->terms.has_product && !deal->shipped ? ROLE_BRAND : ROLE_CREATOR;
}

enum error reputations_of_deal(struct tx *tx, const struct market *market, const struct deal_row *row,
                               struct note *scratch, struct reputation out[ROLE_COUNT], struct failure *failure) {
	const struct deal *deal = &row->deal;
	struct stars stars = { .tx = tx, .market = market, .scratch = scratch, .sides = out, .failure = failure };
	memset(out, 0, ROLE_COUNT * sizeof *out);
	out[ROLE_CREATOR].failed += deal->faulted ? 1 : 0;
	if (deal->state == DEAL_LAPSED) {
		out[silent_side(deal)].failed++;
	}
	if (deal->state != DEAL_CLOSED) {
		return OK;
	}
	out[ROLE_BRAND].done = out[ROLE_CREATOR].done = 1;
	struct cell cell = cell_number(row->sequence);
	struct range range = { .from = &cell, .from_count = 1, .to = &cell, .to_count = 1 };
	enum error error = deal->rated == 0
	    ? OK : tx_scan(tx, &table_notes, NOTES_BY_THREAD, &range, take_rating, &stars, failure);
	return error == OK ? stars.error : error;
}

/* ---- sums ---- */

void reputation_add(struct reputation *sum, const struct reputation *more) {
	sum->done += more->done;
	sum->stars += more->stars;
	sum->ratings += more->ratings;
	sum->failed += more->failed;
}

static enum error change(struct tx *tx, const char *name, const struct reputation *before,
                         const struct reputation *after, struct failure *failure) {
	struct reputation sum;
	if (memcmp(before, after, sizeof *after) == 0) {
		return OK;
	}
	enum error error = reputations_get(tx, slice_of_text(name), &sum, failure);
	if (error != OK) {
		return error;
	}
	const struct reputation less = { -before->done, -before->stars, -before->ratings, -before->failed };
	reputation_add(&sum, after);
	reputation_add(&sum, &less);
	return put(tx, slice_of_text(name), &sum, failure);
}

enum error reputations_follow(struct tx *tx, const struct market *market, const struct deal_row *before,
                              const struct deal_row *after, struct failure *failure) {
	struct reputation old[ROLE_COUNT], new[ROLE_COUNT];
	enum error error = reputations_of_deal(tx, market, before, market->offer, old, failure);
	error = error == OK ? reputations_of_deal(tx, market, after, market->offer, new, failure) : error;
	error = error == OK ? change(tx, after->deal.brand, &old[ROLE_BRAND], &new[ROLE_BRAND], failure) : error;
	return error == OK ? change(tx, after->deal.creator, &old[ROLE_CREATOR], &new[ROLE_CREATOR], failure) : error;
}

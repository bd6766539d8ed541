/* The view `report`: sums over a brand's deals, a row per campaign, tier and currency. */
#include "store/tables.h"
#include "wire/body.h"
#include "workers/market/totals.h"
#include "workers/market/views_parts.h"

#define ROWS_MAX 500 /* of one page */

struct rows {
	struct view *view;
	struct buffer items;
	struct slice campaign; /* only this one, if has_campaign */
	bool has_campaign;
	size_t count;
	bool full;
	struct report_row last;
	enum error error;
	struct failure *failure;
};

static void pack_row(struct buffer *out, const struct report_row *row) {
	const struct measures *measures = &row->measures;
	pack_map(out, 22);
	pack_key_word(out, "campaign", row->campaign);
	pack_key_word(out, "tier", tier_words[row->tier]);
	pack_key_word(out, "currency", row->currency);
	pack_key_signed(out, "offers", measures->offers);
	pack_key_signed(out, "agreements", measures->agreements);
	pack_key_signed(out, "ended-early", measures->ended_early);
	pack_key_signed(out, "posts", measures->posts);
	pack_key_signed(out, "followers", measures->followers);
	pack_key_signed(out, "reach", measures->reach);
	pack_key_signed(out, "impressions", measures->impressions);
	pack_key_signed(out, "engagements", measures->engagements);
	pack_key_signed(out, "fees", measures->fees);
	pack_key_signed(out, "product-value", measures->product_value);
	pack_key_signed(out, "agency-fees", measures->agency_fees);
	pack_key_signed(out, "reached-posts", measures->reached_posts);
	pack_key_signed(out, "seen-posts", measures->seen_posts);
	pack_key_signed(out, "seen-cost", measures->seen_cost);
	pack_key_signed(out, "engaged-posts", measures->engaged_posts);
	pack_key_signed(out, "engaged-cost", measures->engaged_cost);
	pack_key_signed(out, "rated-posts", measures->rated_posts);
	pack_key_signed(out, "rated-followers", measures->rated_followers);
	pack_key_signed(out, "rated-engagements", measures->rated_engagements);
}

static bool take_row(void *argument, const struct record *record) {
	struct rows *rows = argument;
	if (rows->has_campaign && !slice_equal(record->cells[TOTALS_CAMPAIGN].bytes, rows->campaign)) {
		return true;
	}
	if (rows->count == ROWS_MAX) {
		rows->full = true;
		return false;
	}
	struct report_row row;
	rows->error = totals_from_record(rows->view->market, record, &row, rows->failure);
	if (rows->error == OK && record->cells[TOTALS_TIER].number >= TIER_COUNT) {
		rows->error = fail(rows->failure, ERROR_STORE_DAMAGED, "stored sums are of no tier");
	}
	if (rows->error == OK) {
		pack_row(&rows->items, &row);
		rows->last = row;
		rows->count++;
	}
	return rows->error == OK;
}

void view_pack_tiers(struct buffer *out, const struct market *market) {
	const struct tier_bounds *bounds = &market->tiers;
	const int64_t from[] = { bounds->micro, bounds->mid, bounds->macro, bounds->mega };
	pack_word(out, "tiers");
	pack_array(out, sizeof from / sizeof from[0]);
	for (size_t i = 0; i < sizeof from / sizeof from[0]; i++) {
		pack_signed(out, from[i]);
	}
}

/* The brand whose sums are asked for: the asker, who may name itself, or for operators the one of the argument
 * `brand`. */
static enum error find_brand(struct tx *tx, const struct view *view, struct slice *brand, struct failure *failure) {
	struct account account;
	*brand = view->account.name;
	if (view->account.role == ROLE_CREATOR) {
		return fail(failure, ERROR_NOT_ALLOWED, "reports are of a brand's campaigns");
	}
	if (!view_is_operator(view)) {
		struct slice named;
		return !view_text(view, "brand", &named) || slice_equal(named, *brand) ? OK
		       : fail(failure, ERROR_NOT_ALLOWED, "a brand sees the report of its own campaigns alone");
	}
	if (!view_text(view, "brand", brand) || !account_name_is_valid(*brand)) {
		return fail(failure, ERROR_MALFORMED, "the argument brand is missing");
	}
	enum error error = accounts_get(tx, *brand, &account, failure);
	return error == ERROR_NOT_FOUND || (error == OK && account.role != ROLE_BRAND)
	    ? fail(failure, ERROR_NOT_FOUND, "there is no brand %.*s", (int)brand->size, (const char *)brand->data) : error;
}

/* Pages continue behind the last row, which the arguments `campaign-after`, `tier-after`, `currency-after` repeat. */
enum error answer_report(struct tx *tx, struct view *view, struct failure *failure) {
	struct rows rows = { .view = view, .failure = failure };
	struct slice brand, after_campaign = { 0 }, after_currency = { 0 };
	enum error error = find_brand(tx, view, &brand, failure);
	if (error != OK) {
		return error;
	}
	rows.has_campaign = view_text(view, "campaign", &rows.campaign);
	bool goes_on = view_text(view, "campaign-after", &after_campaign) &&
	               view_text(view, "currency-after", &after_currency);
	struct cell from[] = { cell_bytes(brand), cell_bytes(after_campaign),
		                   cell_number(view_number(view, "tier-after", 0)), cell_bytes(after_currency) };
	struct range range = { .from = from, .from_count = goes_on ? 4 : 1, .to = from, .to_count = 1, .after = goes_on };
	buffer_init(&rows.items, BODY_MAX - 1024);
	error = tx_scan(tx, &table_totals, STORE_BY_KEY, &range, take_row, &rows, failure);
	error = error == OK ? rows.error : error;
	if (error == OK) {
		body_begin_ok(view->out, rows.full ? 5 : 2);
		view_pack_tiers(view->out, view->market);
		pack_word(view->out, "items");
		pack_array(view->out, rows.count);
		(void)buffer_append_slice(view->out, buffer_slice(&rows.items));
	}
	if (error == OK && rows.full) {
		pack_key_word(view->out, "campaign-after", rows.last.campaign);
		pack_key_signed(view->out, "tier-after", rows.last.tier);
		pack_key_word(view->out, "currency-after", rows.last.currency);
	}
	error = error == OK && !buffer_ok(&rows.items) ? fail(failure, ERROR_NO_MEMORY, "out of memory") : error;
	buffer_release(&rows.items);
	return error;
}

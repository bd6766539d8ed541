/* Sums over deals; see totals.h. */
#include "workers/market/totals.h"

#include <stddef.h>

#include "store/tables.h"

/* The order in which a row's body has them. */
static const size_t members[] = {
	offsetof(struct measures, offers),     offsetof(struct measures, agreements),
	offsetof(struct measures, ended_early), offsetof(struct measures, posts),
	offsetof(struct measures, followers),  offsetof(struct measures, reach),
	offsetof(struct measures, impressions), offsetof(struct measures, engagements),
	offsetof(struct measures, fees),       offsetof(struct measures, product_value),
	offsetof(struct measures, agency_fees), offsetof(struct measures, reached_posts),
	offsetof(struct measures, seen_posts), offsetof(struct measures, seen_cost),
	offsetof(struct measures, engaged_posts), offsetof(struct measures, engaged_cost),
	offsetof(struct measures, rated_posts), offsetof(struct measures, rated_followers),
	offsetof(struct measures, rated_engagements),
};

#define MEMBERS (sizeof members / sizeof members[0])
#define BODY_MAX 256

_Static_assert(sizeof(struct measures) == MEMBERS * sizeof(int64_t), "every measure has its place in the body");

static int64_t *member(struct measures *measures, size_t index) {
	return (int64_t *)((uint8_t *)measures + members[index]);
}

/* What counts for the ratios: a post adds to both sums of one, or to none. */
static void measure_post(const struct deal_row *row, struct measures *out) {
	const struct deal *deal = &row->deal;
	bool seen = (deal->told & TOLD_IMPRESSIONS) != 0, engaged = (deal->told & TOLD_ENGAGEMENTS) != 0;
	int64_t cost = measures_cost(out);
	out->reached_posts = (deal->told & TOLD_REACH) != 0 ? 1 : 0;
	out->seen_posts = seen ? 1 : 0;
	out->seen_cost = seen ? cost : 0;
	out->engaged_posts = engaged ? 1 : 0;
	out->engaged_cost = engaged ? cost : 0;
	if (engaged && row->followers > 0) {
		out->rated_posts = 1;
		out->rated_followers = row->followers;
		out->rated_engagements = deal->engagements;
	}
}

void totals_of_deal(const struct deal_row *row, struct measures *out) {
	const struct deal *deal = &row->deal;
	bool agreed = deal->state != DEAL_NONE && deal->state != DEAL_PROPOSED && deal->state != DEAL_ENDED;
	bool posted = deal->posted > 0;
	*out = (struct measures){ .agreements = agreed ? 1 : 0 };
	if (!agreed) {
		return;
	}
	out->ended_early = deal->state == DEAL_CANCELLED || deal->state == DEAL_LAPSED ? 1 : 0;
	out->posts = posted ? 1 : 0;
	out->followers = posted ? row->followers : 0;
	out->reach = deal->reach;
	out->impressions = deal->impressions;
	out->engagements = deal->engagements;
	out->fees = deal->earned;
	out->agency_fees = deal->agency_earned;
	out->product_value = deal->shipped ? deal->terms.product_value : 0;
	if (posted) {
		measure_post(row, out);
	}
}

static const char *currency_of(const struct deal *deal) {
	return deal->terms.currency[0] != '\0' ? deal->terms.currency : deal->terms.product_currency;
}

void totals_deal_keys(const struct deal_row *row, struct cell keys[4]) {
	keys[TOTALS_BRAND] = cell_text(row->deal.brand);
	keys[TOTALS_CAMPAIGN] = cell_text(row->campaign);
	keys[TOTALS_TIER] = cell_number(row->tier);
	keys[TOTALS_CURRENCY] = cell_text(currency_of(&row->deal));
}

enum error totals_from_record(const struct market *market, const struct record *record, struct report_row *out,
                              struct failure *failure) {
	*out = (struct report_row){ .tier = (enum tier)record->cells[TOTALS_TIER].number };
	if (record->body.size < 1 || record->body.data[0] != TOTALS_BODY_VERSION) {
		return fail(failure, ERROR_STORE_VERSION, "stored sums are of a version that this program does not know");
	}
	struct slice body = slice_of(record->body.data + 1, record->body.size - 1);
	bool good = slice_copy_text(record->cells[TOTALS_CAMPAIGN].bytes, out->campaign, sizeof out->campaign) &&
	            slice_copy_text(record->cells[TOTALS_CURRENCY].bytes, out->currency, sizeof out->currency) &&
	            pack_read(market->document, body, BODY_MAX, failure) == OK &&
	            pack_count(pack_root(market->document)) == MEMBERS;
	for (size_t i = 0; i < MEMBERS && good; i++) {
		good = pack_as_signed(pack_item(pack_root(market->document), i), member(&out->measures, i));
	}
	return good ? OK : fail(failure, ERROR_STORE_DAMAGED, "stored sums cannot be read");
}

/* A report must not keep anybody from a step. */
void totals_change(struct measures *sum, const struct measures *more, const struct measures *less) {
	struct measures added = *more, taken = *less;
	for (size_t i = 0; i < MEMBERS; i++) {
		int64_t *value = member(sum, i);
		if (*value < MEASURE_MAX) {
			*value += *member(&added, i) - *member(&taken, i);
			*value = *value < 0 ? 0 : *value > MEASURE_MAX ? MEASURE_MAX : *value;
		}
	}
}

bool totals_agree(const struct measures *stored, const struct measures *sum) {
	struct measures a = *stored, b = *sum;
	bool agree = true;
	for (size_t i = 0; i < MEMBERS && agree; i++) {
		agree = *member(&a, i) == *member(&b, i) || *member(&a, i) == MEASURE_MAX;
	}
	return agree;
}

/* Changes one row. */
static enum error change(struct tx *tx, const struct market *market, const struct cell keys[4],
                         const struct measures *more, const struct measures *less, struct failure *failure) {
	struct record record;
	struct report_row row = { .tier = TIER_UNKNOWN };
	enum error error = tx_get(tx, &table_totals, keys, &record, failure);
	if (error == OK) {
		error = totals_from_record(market, &record, &row, failure);
	}
	if (error != OK && error != ERROR_NOT_FOUND) {
		return error;
	}
	totals_change(&row.measures, more, less);
	struct buffer body;
	buffer_init(&body, BODY_MAX);
	(void)buffer_append(&body, &(uint8_t){ TOTALS_BODY_VERSION }, 1);
	pack_array(&body, MEMBERS);
	for (size_t i = 0; i < MEMBERS; i++) {
		pack_signed(&body, *member(&row.measures, i));
	}
	struct record changed = { .cells = { keys[0], keys[1], keys[2], keys[3] }, .body = buffer_slice(&body) };
	error = buffer_ok(&body) ? tx_put(tx, &table_totals, &changed, failure)
	                         : fail(failure, ERROR_NO_MEMORY, "out of memory");
	buffer_release(&body);
	return error;
}

enum error totals_follow(struct tx *tx, const struct market *market, const struct deal_row *before,
                         const struct deal_row *after, struct failure *failure) {
	static const struct measures none;
	struct measures less, more;
	totals_of_deal(before, &less);
	totals_of_deal(after, &more);
	const char *currency = currency_of(&after->deal), *former = currency_of(&before->deal);
	struct cell keys[4];
	totals_deal_keys(after, keys);
	if (memcmp(&less, &none, sizeof none) == 0 || strcmp(former, currency) == 0) {
		return memcmp(&less, &more, sizeof more) == 0 ? OK : change(tx, market, keys, &more, &less, failure);
	}
	enum error error = change(tx, market, keys, &more, &none, failure);
	keys[3] = cell_text(former); /* an amendment has moved the product's value to another currency */
	return error == OK ? change(tx, market, keys, &none, &less, failure) : error;
}

void totals_offer_keys(const struct note *offer, struct cell keys[4]) {
	static const char *const money[] = { "fee", "commission-cap", "product-value" };
	const struct value *campaign = note_find(offer, "campaign"), *amount = NULL;
	for (size_t i = 0; i < sizeof money / sizeof money[0] && amount == NULL; i++) {
		amount = note_find(offer, money[i]);
	}
	keys[TOTALS_BRAND] = cell_bytes(note_get(offer, "brand")->party.name);
	keys[TOTALS_CAMPAIGN] = cell_bytes(campaign == NULL ? slice_of(NULL, 0) : campaign->text);
	keys[TOTALS_TIER] = cell_number(TIER_UNKNOWN);
	keys[TOTALS_CURRENCY] = cell_text(amount == NULL ? "" : amount->money.currency);
}

enum error totals_count_offer(struct tx *tx, const struct market *market, const struct note *offer,
                              struct failure *failure) {
	const struct measures one = { .offers = 1 }, none = { .offers = 0 };
	struct cell keys[4];
	totals_offer_keys(offer, keys);
	return change(tx, market, keys, &one, &none, failure);
}

/* Columns and cells of reports; see report_cells.h. */
#include "cli/report_cells.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/listing.h"

const char *const report_formulas_text =
    "cost = fees + product + agency fees; ER = engagements / followers; CPE = cost / engagements; "
    "CPM = 1000 * cost / impressions; times as efficient = CPE of the other / CPE; product is the value of what was "
    "given. Each ratio is of the posts only of which both its sums are known. Formulas, version " REPORT_FORMULAS ".";

static int64_t measure_of(const struct report_row *row, size_t offset) {
	int64_t value;
	memcpy(&value, (const uint8_t *)&row->measures + offset, sizeof value);
	return value;
}

static struct decimal amount(const struct report_row *row, int64_t minor) {
	int exponent = currency_exponent(row->currency);
	return exponent < 0 ? (struct decimal){ .known = false } : (struct decimal){ true, minor, exponent };
}

static struct decimal count_value(const struct report_row *row, size_t offset) {
	return (struct decimal){ true, measure_of(row, offset), 0 };
}

/* Of figures that some posts lack: not known where no post has them. */
static struct decimal told(int64_t sum, int64_t posts) {
	return (struct decimal){ posts > 0, sum, 0 };
}

static struct decimal reach_value(const struct report_row *row, size_t offset) {
	return told(measure_of(row, offset), row->measures.reached_posts);
}

static struct decimal impressions_value(const struct report_row *row, size_t offset) {
	return told(measure_of(row, offset), row->measures.seen_posts);
}

static struct decimal engagements_value(const struct report_row *row, size_t offset) {
	return told(measure_of(row, offset), row->measures.engaged_posts);
}

static struct decimal money_value(const struct report_row *row, size_t offset) {
	return amount(row, measure_of(row, offset));
}

static struct decimal cost_value(const struct report_row *row, size_t offset) {
	(void)offset;
	return amount(row, measures_cost(&row->measures));
}

static struct decimal engagement_rate_value(const struct report_row *row, size_t offset) {
	(void)offset;
	return report_engagement_rate(&row->measures);
}

static struct decimal cost_per_engagement_value(const struct report_row *row, size_t offset) {
	(void)offset;
	return report_cost_per_engagement(row);
}

static struct decimal cost_per_mille_value(const struct report_row *row, size_t offset) {
	(void)offset;
	return report_cost_per_mille(row);
}

#define AT(name) offsetof(struct measures, name)

const struct report_column report_columns[REPORT_COLUMN_COUNT] = {
	[COLUMN_OFFERS] = { "offers", "offers", "offers", UNIT_COUNT, count_value, AT(offers) },
	[COLUMN_AGREEMENTS] = { "agreements", "agreed", "agreements", UNIT_COUNT, count_value, AT(agreements) },
	[COLUMN_ENDED_EARLY] = { "ended_early", "ended", "ended early", UNIT_COUNT, count_value, AT(ended_early) },
	[COLUMN_POSTS] = { "posts", "posts", "posts", UNIT_COUNT, count_value, AT(posts) },
	[COLUMN_FOLLOWERS] = { "followers", NULL, "followers", UNIT_COUNT, count_value, AT(followers) },
	[COLUMN_REACH] = { "reach", "reach", "reach", UNIT_COUNT, reach_value, AT(reach) },
	[COLUMN_IMPRESSIONS] = { "impressions", NULL, "impressions", UNIT_COUNT, impressions_value, AT(impressions) },
	[COLUMN_ENGAGEMENTS] = { "engagements", "engaged", "engagements", UNIT_COUNT, engagements_value, AT(engagements) },
	[COLUMN_FEES] = { "fees", "fees", "fees", UNIT_MONEY, money_value, AT(fees) },
	[COLUMN_PRODUCT_VALUE] = { "product_value", "product", "product", UNIT_MONEY, money_value, AT(product_value) },
	[COLUMN_AGENCY_FEES] = { "agency_fees", "agency", "agency fees", UNIT_MONEY, money_value, AT(agency_fees) },
	[COLUMN_COST] = { "cost", "cost", "cost", UNIT_MONEY, cost_value, 0 },
	[COLUMN_REACHED_POSTS] = { "posts_with_reach", NULL, NULL, UNIT_COUNT, count_value, AT(reached_posts) },
	[COLUMN_SEEN_POSTS] = { "posts_with_impressions", NULL, NULL, UNIT_COUNT, count_value, AT(seen_posts) },
	[COLUMN_SEEN_COST] = { "cost_with_impressions", NULL, NULL, UNIT_MONEY, money_value, AT(seen_cost) },
	[COLUMN_ENGAGED_POSTS] = { "posts_with_engagements", NULL, NULL, UNIT_COUNT, count_value, AT(engaged_posts) },
	[COLUMN_ENGAGED_COST] = { "cost_with_engagements", NULL, NULL, UNIT_MONEY, money_value, AT(engaged_cost) },
	[COLUMN_RATED_POSTS] = { "posts_with_rate", NULL, NULL, UNIT_COUNT, count_value, AT(rated_posts) },
	[COLUMN_RATED_FOLLOWERS] = { "followers_with_rate", NULL, NULL, UNIT_COUNT, count_value, AT(rated_followers) },
	[COLUMN_RATED_ENGAGEMENTS] = { "engagements_with_rate", NULL, NULL, UNIT_COUNT, count_value,
	                               AT(rated_engagements) },
	[COLUMN_ENGAGEMENT_RATE] = { "engagement_rate_percent", "ER %", "ER", UNIT_PERCENT, engagement_rate_value, 0 },
	[COLUMN_COST_PER_ENGAGEMENT] = { "cost_per_engagement", "CPE", "CPE", UNIT_MONEY, cost_per_engagement_value, 0 },
	[COLUMN_COST_PER_MILLE] = { "cost_per_thousand_impressions", "CPM", "CPM", UNIT_MONEY, cost_per_mille_value, 0 },
};

const char *report_number(const struct report_row *row, enum report_column_at column, char out[DECIMAL_TEXT_MAX]) {
	struct decimal value = report_columns[column].value(row, report_columns[column].offset);
	return decimal_format(&value, out);
}

const char *report_cell(const struct report_row *row, enum report_column_at column, char out[REPORT_CELL_MAX]) {
	char number[DECIMAL_TEXT_MAX];
	const char *const units[] = { [UNIT_COUNT] = "", [UNIT_MONEY] = row->currency, [UNIT_PERCENT] = "%" };
	const char *unit = units[report_columns[column].unit];
	if (report_number(row, column, number)[0] == '\0') {
		(void)snprintf(out, REPORT_CELL_MAX, "not known");
	} else {
		(void)snprintf(out, REPORT_CELL_MAX, "%s%s%s", number, unit[0] == '\0' ? "" : " ", unit);
	}
	return out;
}

static bool is_across(const struct report *report, const struct report_group *group) {
	for (size_t i = 0; i < report->across_count; i++) {
		if (group == &report->across[i]) {
			return true;
		}
	}
	return false;
}

void report_heading(const struct report *report, const struct report_group *group, struct buffer *out) {
	const char *campaign = group->total.campaign, *currency = group->total.currency;
	if (is_across(report, group)) {
		(void)buffer_append_text(out, "All campaigns");
	} else if (campaign[0] == '\0') {
		(void)buffer_append_text(out, "Without a campaign");
	} else {
		listing_append_visible(out, slice_of_text(campaign));
	}
	(void)buffer_format(out, ", %s", currency[0] == '\0' ? "without money" : currency);
}

const struct report_row *report_most_efficient(const struct report_group *group) {
	const struct report_row *best = NULL;
	size_t comparable = 0;
	for (size_t i = 0; i < group->count; i++) {
		const struct report_row *row = &group->rows[i];
		if (row->tier == TIER_UNKNOWN || row->measures.engagements == 0 || row->measures.engaged_cost == 0) {
			continue;
		}
		struct decimal times = { .known = false };
		if (best != NULL) {
			times = report_efficiency(best, row);
		}
		best = best == NULL || (times.known && times.digits < 100) ? row : best; /* less than 1.00 times */
		comparable++;
	}
	return comparable < 2 ? NULL : best;
}

const char *const report_offers_text =
    "unknown: offers are of no tier; what was agreed stands in the tier of its creator";

bool report_has_offers_only(const struct report_group *group) {
	const struct report_row *first = &group->rows[0];
	return first->tier == TIER_UNKNOWN && first->measures.offers > 0 && first->measures.agreements == 0;
}

bool report_coverage(const struct report_row *total, struct buffer *out) {
	const struct measures *measures = &total->measures;
	bool whole = measures->engaged_posts == measures->posts && measures->seen_posts == measures->posts &&
	             measures->reached_posts == measures->posts && measures->rated_posts == measures->posts;
	return !whole && buffer_format(out, "of %" PRId64 " posts, reach is known of %" PRId64 ", impressions of %" PRId64
	                               ", engagements of %" PRId64 ", engagements and followers of %" PRId64,
	                               measures->posts, measures->reached_posts, measures->seen_posts,
	                               measures->engaged_posts, measures->rated_posts);
}

bool report_sentence(const struct report_row *best, const struct report_row *other, struct buffer *out) {
	char text[DECIMAL_TEXT_MAX];
	struct decimal times = report_efficiency(best, other);
	if (best == other || other->tier == TIER_UNKNOWN || !times.known) {
		return false;
	}
	return buffer_format(out, "%s is %s times as efficient per engagement as %s", tier_words[best->tier],
	                     decimal_format(&times, text), tier_words[other->tier]);
}

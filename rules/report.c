/* Sums and ratios; see report.h. */
#include "rules/report.h"

#include <stdlib.h>

#include "base/unicode.h"

const char *const tier_words[TIER_COUNT + 1] = { "unknown", "nano", "micro", "mid", "macro", "mega", NULL };

const struct tier_bounds tier_bounds_default = { 10000, 100000, 500000, 1000000 };

enum error tier_bounds_check(const struct tier_bounds *bounds, struct failure *failure) {
	if (bounds->micro > 1 && bounds->mid > bounds->micro && bounds->macro > bounds->mid &&
	    bounds->mega > bounds->macro) {
		return OK;
	}
	return fail(failure, ERROR_CONFIG, "the tiers micro, mid, macro and mega begin each above the one before, and "
	            "micro above 1 follower");
}

enum tier tier_of(int64_t followers, const struct tier_bounds *bounds) {
	const int64_t from[TIER_COUNT] = { INT64_MIN, 1, bounds->micro, bounds->mid, bounds->macro, bounds->mega };
	enum tier tier = TIER_COUNT - 1;
	while (followers < from[tier]) {
		tier--;
	}
	return tier;
}

/* ---- measures ---- */

#define MEASURE(name) { #name, offsetof(struct measures, name) }

static const struct {
	const char *name;
	size_t offset;
} measure_rows[] = {
	MEASURE(offers),      MEASURE(agreements),  MEASURE(ended_early), MEASURE(posts),
	MEASURE(followers),   MEASURE(reach),       MEASURE(impressions), MEASURE(engagements),
	MEASURE(fees),        MEASURE(product_value), MEASURE(agency_fees), MEASURE(reached_posts),
	MEASURE(seen_posts),  MEASURE(seen_cost),   MEASURE(engaged_posts), MEASURE(engaged_cost),
	MEASURE(rated_posts), MEASURE(rated_followers), MEASURE(rated_engagements),
};
#define MEASURE_COUNT (sizeof measure_rows / sizeof measure_rows[0])
_Static_assert(MEASURE_COUNT * sizeof(int64_t) == sizeof(struct measures), "a row for every measure");

static int64_t measure_at(const struct measures *measures, size_t row) {
	int64_t value;
	memcpy(&value, (const uint8_t *)measures + measure_rows[row].offset, sizeof value);
	return value;
}

static bool in_range(int64_t value) {
	return value >= 0 && value <= MEASURE_MAX;
}

static enum error combine(struct measures *sum, const struct measures *other, bool negative, struct failure *failure) {
	struct measures result = *sum;
	for (size_t row = 0; row < MEASURE_COUNT; row++) {
		int64_t value = 0, first = measure_at(sum, row), second = measure_at(other, row);
		bool overflowed = negative ? __builtin_sub_overflow(first, second, &value)
		                           : __builtin_add_overflow(first, second, &value);
		if (overflowed || !in_range(value)) {
			return fail(failure, ERROR_OVERFLOW, "the sum of %s %s", measure_rows[row].name,
			            negative ? "falls below 0" : "becomes too large");
		}
		memcpy((uint8_t *)&result + measure_rows[row].offset, &value, sizeof value);
	}
	*sum = result;
	return OK;
}

enum error measures_add(struct measures *sum, const struct measures *more, struct failure *failure) {
	return combine(sum, more, false, failure);
}

enum error measures_subtract(struct measures *sum, const struct measures *less, struct failure *failure) {
	return combine(sum, less, true, failure);
}

int64_t measures_cost(const struct measures *measures) {
	return measures->fees + measures->product_value + measures->agency_fees;
}

/* ---- rows ---- */

/* Sums that are of some of the posts only, beside those of all. */
static bool parts_fit(const struct measures *measures) {
	return measures->reached_posts <= measures->posts && measures->seen_posts <= measures->posts &&
	       measures->engaged_posts <= measures->posts && measures->rated_posts <= measures->engaged_posts &&
	       measures->rated_followers <= measures->followers &&
	       measures->rated_engagements <= measures->engagements && measures->seen_cost <= measures_cost(measures) &&
	       measures->engaged_cost <= measures_cost(measures);
}

enum error report_row_check(const struct report_row *row, struct failure *failure) {
	if (memchr(row->campaign, '\0', sizeof row->campaign) == NULL ||
	    memchr(row->currency, '\0', sizeof row->currency) == NULL) {
		return fail(failure, ERROR_MALFORMED, "a report's campaign or currency does not end");
	}
	struct failure reason;
	if (row->campaign[0] != '\0' && unicode_check_line(slice_of_text(row->campaign), &reason) != OK) {
		return fail(failure, ERROR_MALFORMED, "a report's campaign: %s", reason.text);
	}
	if ((unsigned)row->tier >= TIER_COUNT) {
		return fail(failure, ERROR_MALFORMED, "a report's tier %d does not exist", (int)row->tier);
	}
	for (size_t at = 0; at < MEASURE_COUNT; at++) {
		if (!in_range(measure_at(&row->measures, at))) {
			return fail(failure, ERROR_MALFORMED, "a report's %s is out of range", measure_rows[at].name);
		}
	}
	if (!parts_fit(&row->measures)) {
		return fail(failure, ERROR_MALFORMED, "a report tells more of the posts measured than of all posts");
	}
	if (row->currency[0] == '\0' ? measures_cost(&row->measures) != 0 : currency_exponent(row->currency) < 0) {
		return fail(failure, ERROR_MALFORMED, "a report's money is in no currency of ISO 4217");
	}
	return OK;
}

struct decimal report_engagement_rate(const struct measures *measures) {
	return decimal_quotient(measures->rated_engagements, 100, measures->rated_followers, 1, REPORT_PERCENT_PLACES);
}

/* A cost, `times` over, by `count`: minor units with REPORT_MINOR_PLACES, whose point moves to the major unit. */
static struct decimal cost_per(const struct report_row *row, int64_t minor, int64_t times, int64_t count) {
	int exponent = currency_exponent(row->currency);
	if (exponent < 0) {
		return (struct decimal){ .known = false };
	}
	struct decimal cost = decimal_quotient(minor, times, count, 1, REPORT_MINOR_PLACES);
	cost.places += exponent;
	return cost;
}

struct decimal report_cost_per_engagement(const struct report_row *row) {
	return cost_per(row, row->measures.engaged_cost, 1, row->measures.engagements);
}

struct decimal report_cost_per_mille(const struct report_row *row) {
	return cost_per(row, row->measures.seen_cost, 1000, row->measures.impressions);
}

static bool same_currency(const struct report_row *a, const struct report_row *b) {
	return strcmp(a->currency, b->currency) == 0;
}

struct decimal report_efficiency(const struct report_row *a, const struct report_row *b) {
	int64_t cost_a = a->measures.engaged_cost, cost_b = b->measures.engaged_cost;
	if (!same_currency(a, b) || cost_b == 0 || a->measures.engagements == 0) { /* the others are denominators */
		return (struct decimal){ .places = REPORT_TIMES_PLACES };
	}
	return decimal_quotient(cost_b, a->measures.engagements, b->measures.engagements, cost_a, REPORT_TIMES_PLACES);
}

/* ---- groups ---- */

static bool same_group(const struct report_row *a, const struct report_row *b) {
	return strcmp(a->campaign, b->campaign) == 0 && same_currency(a, b);
}

static int compare_rows(const void *first, const void *second) {
	const struct report_row *a = first, *b = second;
	int order = strcmp(a->campaign, b->campaign);
	if (order == 0) {
		order = strcmp(a->currency, b->currency);
	}
	return order != 0 ? order : (a->tier > b->tier) - (a->tier < b->tier);
}

enum error report_gather(struct report_row *rows, size_t *count, struct failure *failure) {
	size_t kept = 0;
	for (size_t i = 0; i < *count; i++) {
		enum error error = report_row_check(&rows[i], failure);
		if (error != OK) {
			return error;
		}
	}
	if (*count > 0) {
		qsort(rows, *count, sizeof *rows, compare_rows);
	}
	for (size_t i = 0; i < *count; i++) {
		if (kept == 0 || compare_rows(&rows[kept - 1], &rows[i]) != 0) {
			rows[kept++] = rows[i];
			continue;
		}
		enum error error = measures_add(&rows[kept - 1].measures, &rows[i].measures, failure);
		if (error != OK) {
			return error;
		}
	}
	*count = kept;
	return OK;
}

enum error report_total(const struct report_row *rows, size_t count, struct report_group *groups, size_t *group_count,
                        struct failure *failure) {
	*group_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct report_group *group = *group_count == 0 ? NULL : &groups[*group_count - 1];
		if (group == NULL || !same_group(&group->total, &rows[i])) {
			group = &groups[(*group_count)++];
			*group = (struct report_group){ .rows = &rows[i], .count = 1, .total = rows[i] };
			group->total.tier = TIER_UNKNOWN;
			continue;
		}
		enum error error = measures_add(&group->total.measures, &rows[i].measures, failure);
		if (error != OK) {
			return error;
		}
		group->count++;
	}
	return OK;
}

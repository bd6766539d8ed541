/* What a campaign cost and what it brought, by tier of creators, as sums and as ratios of sums. Pure.
 *
 * A tier is a range of followers: nano, micro, mid, macro, mega. The trade press draws the lines in several places, so
 * they are settings. A ratio of sums is not a mean of ratios: a deal counts by its size. Nobody has to tell what a post
 * brought, so both sums of a ratio are of those posts only of which all that it takes is known.
 *
 *     cost   fees + product value + agency fees
 *     ER     engagements / followers           engagement rate, in percent
 *     CPE    cost / engagements                cost per engagement
 *     CPM    1000 * cost / impressions         cost per thousand impressions
 *     times as efficient (a than b)            CPE of b / CPE of a
 *
 * Whoever prints a ratio prints REPORT_FORMULAS with it; it changes whenever one of these lines does. */
#ifndef TROTH_RULES_REPORT_H
#define TROTH_RULES_REPORT_H

#include "base/error.h"
#include "rules/decimal.h"
#include "rules/money.h"

#define REPORT_FORMULAS "2"
#define REPORT_CAMPAIGN_SIZE 81      /* a note's `campaign`, with the NUL */
#define MEASURE_MAX MONEY_MINOR_MAX  /* of any measure, counts too */
#define REPORT_PERCENT_PLACES 2      /* of an engagement rate */
#define REPORT_MINOR_PLACES 2        /* of a cost per something: so many more than its currency has */
#define REPORT_TIMES_PLACES 2        /* of an efficiency */

/* In the order of their followers. Rows of offers that nobody has agreed to yet belong to no tier: unknown. */
enum tier { TIER_UNKNOWN, TIER_NANO, TIER_MICRO, TIER_MID, TIER_MACRO, TIER_MEGA, TIER_COUNT };

extern const char *const tier_words[TIER_COUNT + 1];

/* The followers with which each tier begins; nano is whatever is known and below micro. */
struct tier_bounds {
	int64_t micro, mid, macro, mega;
};

extern const struct tier_bounds tier_bounds_default;

/* ERROR_CONFIG unless each tier begins above the one before it. */
enum error tier_bounds_check(const struct tier_bounds *bounds, struct failure *failure);

/* TIER_UNKNOWN for 0 followers or fewer. */
enum tier tier_of(int64_t followers, const struct tier_bounds *bounds);

/* Each is 0 to MEASURE_MAX. */
struct measures {
	int64_t offers, agreements;
	int64_t ended_early; /* of the agreements: cancelled or lapsed */
	int64_t posts;
	int64_t followers; /* of each post's creator when it was posted, summed over the posts */
	int64_t reach, impressions;
	int64_t engagements;                       /* likes and comments */
	int64_t fees, product_value, agency_fees; /* in minor units */
	int64_t reached_posts;                     /* posts whose reach is known */
	int64_t seen_posts, seen_cost;             /* posts whose impressions are known, and their cost */
	int64_t engaged_posts, engaged_cost;       /* posts whose engagements are known, and their cost */
	int64_t rated_posts, rated_followers, rated_engagements; /* those of them whose followers are known too */
};

/* *sum + *more or - *less, in place. ERROR_OVERFLOW if a measure would pass MEASURE_MAX or fall below 0; *sum then
 * stays as it was. */
enum error measures_add(struct measures *sum, const struct measures *more, struct failure *failure);
enum error measures_subtract(struct measures *sum, const struct measures *less, struct failure *failure);

/* At most 3 * MEASURE_MAX. */
int64_t measures_cost(const struct measures *measures);

struct report_row {
	char campaign[REPORT_CAMPAIGN_SIZE]; /* "" for offers without one */
	enum tier tier;
	char currency[CURRENCY_SIZE]; /* "" where no money is */
	struct measures measures;
};

/* A row from outside: its texts end, the campaign is one line of text as a note may hold, tier and currency exist, the
 * measures are in their range, no part is more than its whole, and there is no money without a currency.
 * ERROR_MALFORMED. */
enum error report_row_check(const struct report_row *row, struct failure *failure);

/* Engagement rate in percent. Not known without a post whose followers and engagements are known. */
struct decimal report_engagement_rate(const struct measures *measures);

/* In the currency's major unit, such as 0.4567 USD. Not known without a currency, or without engagements or
 * impressions. A row must be one that report_row_check accepts. */
struct decimal report_cost_per_engagement(const struct report_row *row);
struct decimal report_cost_per_mille(const struct report_row *row);

/* How many times as many engagements row `a` brought for the same cost as row `b`. Not known for two different
 * currencies, and unless both have engagements and a cost: what is free compares with nothing. */
struct decimal report_efficiency(const struct report_row *a, const struct report_row *b);

/* Sorts by campaign, currency and tier, and makes those rows one that agree in all three; *count becomes how many are
 * left. ERROR_OVERFLOW, ERROR_MALFORMED; the rows are then in no order. */
enum error report_gather(struct report_row *rows, size_t *count, struct failure *failure);

/* The rows of one campaign in one currency. */
struct report_group {
	const struct report_row *rows; /* borrowed, in the order of the tiers */
	size_t count;                  /* 1 to TIER_COUNT */
	struct report_row total;       /* over the tiers; its own tier is TIER_UNKNOWN */
};

/* Groups rows that report_gather has left. `groups` has room for as many as there are rows. ERROR_OVERFLOW. */
enum error report_total(const struct report_row *rows, size_t count, struct report_group *groups, size_t *group_count,
                        struct failure *failure);

#endif

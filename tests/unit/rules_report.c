/* What campaigns cost and brought: tiers, checked sums, exact ratios, and what cannot be known. */
#include "rules/report.h"
#include "tests/lib/random.h"
#include "tests/lib/unit.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

static struct failure failure;

/* ---- tiers ---- */

static const struct {
	int64_t followers;
	enum tier tier;
} tiers[] = {
	{ INT64_MIN, TIER_UNKNOWN }, { -1, TIER_UNKNOWN }, { 0, TIER_UNKNOWN },  { 1, TIER_NANO },
	{ 999, TIER_NANO },          { 1000, TIER_NANO },  { 9999, TIER_NANO },  { 10000, TIER_MICRO },
	{ 99999, TIER_MICRO },       { 100000, TIER_MID }, { 499999, TIER_MID }, { 500000, TIER_MACRO },
	{ 999999, TIER_MACRO },      { 1000000, TIER_MEGA }, { INT64_MAX, TIER_MEGA },
};

START_TEST(followers_make_the_tier) {
	ck_assert_int_eq(tier_of(tiers[_i].followers, &tier_bounds_default), tiers[_i].tier);
}
END_TEST

START_TEST(a_tier_has_a_word_and_its_bounds_may_be_set) {
	struct tier_bounds bounds = { 2000, 50000, 50001, 3000000 };
	ck_assert_str_eq(tier_words[tier_of(1999, &bounds)], "nano");
	ck_assert_str_eq(tier_words[tier_of(2000, &bounds)], "micro");
	ck_assert_str_eq(tier_words[tier_of(50000, &bounds)], "mid");
	ck_assert_str_eq(tier_words[tier_of(50001, &bounds)], "macro");
	ck_assert_str_eq(tier_words[tier_of(3000000, &bounds)], "mega");
	ck_assert_str_eq(tier_words[tier_of(0, &bounds)], "unknown");
	ck_assert_ptr_null(tier_words[TIER_COUNT]);
}
END_TEST

START_TEST(bounds_that_do_not_rise_are_refused) {
	static const struct tier_bounds refused[] = {
		{ 1, 2, 3, 4 }, { 0, 2, 3, 4 }, { 2, 2, 3, 4 }, { 2, 3, 3, 4 }, { 2, 3, 4, 4 }, { 9, 8, 10, 11 },
		{ -5, 2, 3, 4 },
	};
	ck_assert_int_eq(tier_bounds_check(&tier_bounds_default, &failure), OK);
	ck_assert_int_eq(tier_bounds_check(&(struct tier_bounds){ 2, 3, 4, 5 }, &failure), OK);
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		ck_assert_msg(tier_bounds_check(&refused[i], &failure) == ERROR_CONFIG, "row %zu", i);
	}
}
END_TEST

/* ---- measures ---- */

#define MEASURES (sizeof(struct measures) / sizeof(int64_t))

/* A sum and what is added, in one measure only, so that none of them is forgotten. */
static const struct {
	int64_t first, second, sum; /* -1: refused */
	int64_t difference;
} sums[] = {
	{ 0, 0, 0, 0 },
	{ 7, 5, 12, 2 },
	{ 5, 5, 10, 0 },
	{ 5, 6, 11, -1 },
	{ MEASURE_MAX - 1, 1, MEASURE_MAX, MEASURE_MAX - 2 },
	{ MEASURE_MAX, 1, -1, MEASURE_MAX - 1 },
	{ MEASURE_MAX, INT64_MAX, -1, -1 },
	{ MEASURE_MAX, INT64_MIN, -1, -1 },
	{ INT64_MAX, INT64_MAX, -1, 0 },
};

static int64_t *measure(struct measures *measures, size_t at) {
	return &((int64_t *)measures)[at];
}

START_TEST(each_measure_adds_and_subtracts_within_its_range_or_nothing_changes) {
	for (size_t at = 0; at < MEASURES; at++) {
		struct measures first, second = { .offers = 0 };
		for (size_t i = 0; i < MEASURES; i++) {
			*measure(&first, i) = 100;
		}
		*measure(&first, at) = sums[_i].first;
		*measure(&second, at) = sums[_i].second;
		struct measures sum = first, difference = first;
		ck_assert_int_eq(measures_add(&sum, &second, &failure), sums[_i].sum < 0 ? ERROR_OVERFLOW : OK);
		ck_assert_int_eq(measures_subtract(&difference, &second, &failure),
		                 sums[_i].difference < 0 ? ERROR_OVERFLOW : OK);
		for (size_t i = 0; i < MEASURES; i++) {
			int64_t before = *measure(&first, i);
			bool is_added = i == at && sums[_i].sum >= 0, is_taken = i == at && sums[_i].difference >= 0;
			ck_assert_int_eq(*measure(&sum, i), is_added ? sums[_i].sum : before);
			ck_assert_int_eq(*measure(&difference, i), is_taken ? sums[_i].difference : before);
		}
	}
}
END_TEST

START_TEST(a_refused_sum_says_which_measure) {
	struct measures sum = { .reach = 1 }, other = { .reach = 2 };
	ck_assert_int_eq(measures_subtract(&sum, &other, &failure), ERROR_OVERFLOW);
	ck_assert_str_eq(failure.text, "the sum of reach falls below 0");
	other = (struct measures){ .agency_fees = MEASURE_MAX + 1 };
	ck_assert_int_eq(measures_add(&sum, &other, &failure), ERROR_OVERFLOW);
	ck_assert_str_eq(failure.text, "the sum of agency_fees becomes too large");
}
END_TEST

START_TEST(the_cost_is_fees_product_and_agency_fees) {
	struct measures measures = { .fees = 1, .product_value = 20, .agency_fees = 300, .reach = 5000 };
	ck_assert_int_eq(measures_cost(&measures), 321);
	measures = (struct measures){ .fees = MEASURE_MAX, .product_value = MEASURE_MAX, .agency_fees = MEASURE_MAX };
	ck_assert_int_eq(measures_cost(&measures), 3 * MEASURE_MAX);
}
END_TEST

/* ---- ratios ---- */

static const struct {
	const char *currency;
	int64_t fees, product_value, agency_fees, followers, impressions, engagements;
	const char *rate, *per_engagement, *per_mille;
} ratios[] = {
	{ "USD", 8000, 900, 100, 100000, 20000, 2400, "2.40", "0.0375", "4.5000" },
	{ "JPY", 12000, 0, 345, 50000, 8000, 1000, "2.00", "12.35", "1543.13" }, /* 12.345 and 1543.125: halves go up */
	{ "KWD", 500, 0, 0, 1000, 100, 3, "0.30", "0.16667", "5.00000" },
	{ "CLF", 1, 0, 0, 3, 1000, 1, "33.33", "0.000100", "0.000100" },
	{ "USD", 1, 0, 0, 20000, 200000, 200, "1.00", "0.0001", "0.0001" }, /* 0.005 of a cent is half of the last place */
	{ "USD", 1, 0, 0, 20000, 200001, 201, "1.01", "0.0000", "0.0000" }, /* and here 1.005 % goes up */
	{ "USD", 0, 0, 0, 100, 100, 1, "1.00", "0.0000", "0.0000" },
	{ "USD", 100, 0, 0, 0, 0, 0, "", "", "" },
	{ "USD", 100, 0, 0, 100, 100, 0, "0.00", "", "10.0000" },
	{ "USD", 100, 0, 0, 0, 0, 100, "", "0.0100", "" },
	{ "", 0, 0, 0, 200, 100, 9, "4.50", "", "" },
	{ "USD", MEASURE_MAX, MEASURE_MAX, MEASURE_MAX, MEASURE_MAX, MEASURE_MAX, MEASURE_MAX, "100.00",
	  "0.0100", "10.0000" },
	{ "JPY", MEASURE_MAX, MEASURE_MAX, MEASURE_MAX, 1, 1, 1, "100.00", "1000000000000000.00", "" },
};

/* As of posts of which everything is known. */
static void measure_all(struct measures *measures) {
	int64_t cost = measures_cost(measures);
	measures->seen_cost = measures->engaged_cost = cost < MEASURE_MAX ? cost : MEASURE_MAX;
	measures->rated_followers = measures->followers;
	measures->rated_engagements = measures->engagements;
}

START_TEST(a_ratio_is_exact_or_not_known) {
	struct report_row row = { .measures = { .fees = ratios[_i].fees,
	                                        .product_value = ratios[_i].product_value,
	                                        .agency_fees = ratios[_i].agency_fees,
	                                        .followers = ratios[_i].followers,
	                                        .impressions = ratios[_i].impressions,
	                                        .engagements = ratios[_i].engagements } };
	memcpy(row.currency, ratios[_i].currency, strlen(ratios[_i].currency));
	measure_all(&row.measures);
	struct decimal rate = report_engagement_rate(&row.measures);
	struct decimal engagement = report_cost_per_engagement(&row), mille = report_cost_per_mille(&row);
	char text[DECIMAL_TEXT_MAX];
	ck_assert_int_eq(report_row_check(&row, &failure), OK);
	ck_assert_str_eq(decimal_format(&rate, text), ratios[_i].rate);
	ck_assert_str_eq(decimal_format(&engagement, text), ratios[_i].per_engagement);
	ck_assert_str_eq(decimal_format(&mille, text), ratios[_i].per_mille);
}
END_TEST

static struct report_row row_of(const char *campaign, enum tier tier, const char *currency, int64_t fees,
                                int64_t engagements) {
	struct report_row row = { .tier = tier, .measures = { .agreements = 1, .fees = fees, .engagements = engagements } };
	memcpy(row.campaign, campaign, strlen(campaign));
	memcpy(row.currency, currency, strlen(currency));
	measure_all(&row.measures);
	return row;
}

/* Two posts for 100.00 USD each, of creators with 10000 followers; what the second brought, nobody has told. */
START_TEST(posts_without_figures_are_in_no_ratio) {
	struct report_row row = { .currency = "USD", .measures = { .posts = 2, .followers = 20000, .fees = 20000,
	                          .engagements = 500, .engaged_posts = 1, .engaged_cost = 10000, .rated_posts = 1,
	                          .rated_followers = 10000, .rated_engagements = 500, .impressions = 8000,
	                          .seen_posts = 1, .seen_cost = 10000 } };
	struct decimal rate = report_engagement_rate(&row.measures);
	struct decimal engagement = report_cost_per_engagement(&row), mille = report_cost_per_mille(&row);
	char text[DECIMAL_TEXT_MAX];
	ck_assert_int_eq(report_row_check(&row, &failure), OK);
	ck_assert_str_eq(decimal_format(&rate, text), "5.00");
	ck_assert_str_eq(decimal_format(&engagement, text), "0.2000");
	ck_assert_str_eq(decimal_format(&mille, text), "12.5000");
}
END_TEST

static const struct {
	int64_t cost_a, engagements_a, cost_b, engagements_b;
	const char *times;
} efficiencies[] = {
	{ 100, 1000, 670, 1000, "6.70" },
	{ 670, 1000, 100, 1000, "0.15" },
	{ 300, 3000, 340, 1000, "3.40" },
	{ 1, 1, 1, 1, "1.00" },
	{ 200, 1, 201, 1, "1.01" }, /* 1.005 */
	{ 1000, 1, 1, 1000, "0.00" },
	{ 0, 100, 100, 100, "" },
	{ 100, 100, 0, 100, "" },
	{ 100, 0, 100, 100, "" },
	{ 100, 100, 100, 0, "" },
	{ 0, 0, 0, 0, "" },
	{ MEASURE_MAX, MEASURE_MAX, MEASURE_MAX, MEASURE_MAX, "1.00" },
	{ 1, MEASURE_MAX, MEASURE_MAX, 1, "" }, /* 10^30 has no room */
};

START_TEST(efficiency_compares_engagements_for_the_same_cost) {
	struct report_row a = row_of("", TIER_MICRO, "USD", efficiencies[_i].cost_a, efficiencies[_i].engagements_a);
	struct report_row b = row_of("", TIER_MACRO, "USD", efficiencies[_i].cost_b, efficiencies[_i].engagements_b);
	struct decimal times = report_efficiency(&a, &b);
	char text[DECIMAL_TEXT_MAX];
	ck_assert_str_eq(decimal_format(&times, text), efficiencies[_i].times);
}
END_TEST

START_TEST(two_currencies_have_no_ratio) {
	struct report_row a = row_of("", TIER_MICRO, "USD", 100, 100), b = row_of("", TIER_MACRO, "EUR", 100, 100);
	ck_assert(!report_efficiency(&a, &b).known);
	memcpy(b.currency, "USD", 4);
	ck_assert(report_efficiency(&a, &b).known);
}
END_TEST

/* ---- rows ---- */

static const struct {
	struct report_row row;
	const char *says; /* NULL: accepted */
} checked[] = {
	{ { "Spring 2027", TIER_MICRO, "USD", { .fees = 1 } }, NULL },
	{ { "", TIER_UNKNOWN, "", { .offers = 1 } }, NULL },
	{ { "Caf\xc3\xa9", TIER_MEGA, "JPY", { .reach = MEASURE_MAX } }, NULL },
	{ { "a\tb", TIER_MICRO, "USD", { .fees = 1 } }, "a report's campaign: " },
	{ { "\xff", TIER_MICRO, "USD", { .fees = 1 } }, "a report's campaign: " },
	{ { "a", TIER_COUNT, "USD", { .fees = 1 } }, "tier 6 does not exist" },
	{ { "a", (enum tier)-1, "USD", { .fees = 1 } }, "tier -1 does not exist" },
	{ { "a", TIER_NANO, "XYZ", { .fees = 1 } }, "in no currency" },
	{ { "a", TIER_NANO, "XYZ", { .offers = 1 } }, "in no currency" },
	{ { "a", TIER_NANO, "", { .product_value = 1 } }, "in no currency" },
	{ { "a", TIER_NANO, "USD", { .posts = -1 } }, "posts is out of range" },
	{ { "a", TIER_NANO, "USD", { .agency_fees = MEASURE_MAX + 1 } }, "agency_fees is out of range" },
	{ { "a", TIER_NANO, "", { .fees = INT64_MAX, .product_value = INT64_MAX } }, "fees is out of range" },
	{ { "a", TIER_NANO, "USD", { .posts = 1, .seen_posts = 2 } }, "more of the posts measured" },
	{ { "a", TIER_NANO, "USD", { .posts = 1, .reached_posts = 2 } }, "more of the posts measured" },
	{ { "a", TIER_NANO, "USD", { .posts = 1, .engaged_posts = 2 } }, "more of the posts measured" },
	{ { "a", TIER_NANO, "USD", { .posts = 2, .engaged_posts = 1, .rated_posts = 2 } }, "more of the posts measured" },
	{ { "a", TIER_NANO, "USD", { .followers = 1, .rated_followers = 2 } }, "more of the posts measured" },
	{ { "a", TIER_NANO, "USD", { .engagements = 1, .rated_engagements = 2 } }, "more of the posts measured" },
	{ { "a", TIER_NANO, "USD", { .fees = 1, .seen_cost = 2 } }, "more of the posts measured" },
	{ { "a", TIER_NANO, "USD", { .fees = 1, .engaged_cost = 2 } }, "more of the posts measured" },
	{ { "a", TIER_NANO, { 'U', 'S', 'D', 'T' }, { .fees = 1 } }, "does not end" },
};

START_TEST(a_row_from_outside_is_checked) {
	struct report_row row = checked[_i].row;
	enum error error = report_row_check(&row, &failure);
	ck_assert_int_eq(error, checked[_i].says == NULL ? OK : ERROR_MALFORMED);
	ck_assert_msg(error == OK || strstr(failure.text, checked[_i].says) != NULL, "says \"%s\"", failure.text);
	memset(row.campaign, 'x', sizeof row.campaign);
	ck_assert_int_eq(report_row_check(&row, NULL), ERROR_MALFORMED);
}
END_TEST

/* ---- groups ---- */

START_TEST(rows_come_into_order_and_equal_ones_become_one) {
	struct report_row rows[] = {
		row_of("b", TIER_MACRO, "USD", 1, 10), row_of("a", TIER_NANO, "USD", 2, 20),
		row_of("b", TIER_NANO, "USD", 3, 30),  row_of("b", TIER_MACRO, "USD", 4, 40),
		row_of("b", TIER_MACRO, "EUR", 5, 50), row_of("", TIER_UNKNOWN, "", 0, 0),
		row_of("b", TIER_MACRO, "USD", 6, 60),
	};
	static const struct {
		const char *campaign, *currency;
		enum tier tier;
		int64_t fees;
	} expected[] = {
		{ "", "", TIER_UNKNOWN, 0 },    { "a", "USD", TIER_NANO, 2 },   { "b", "EUR", TIER_MACRO, 5 },
		{ "b", "USD", TIER_NANO, 3 },   { "b", "USD", TIER_MACRO, 11 },
	};
	size_t count = sizeof rows / sizeof rows[0];
	ck_assert_int_eq(report_gather(rows, &count, &failure), OK);
	ck_assert_uint_eq(count, sizeof expected / sizeof expected[0]);
	for (size_t i = 0; i < count; i++) {
		ck_assert_str_eq(rows[i].campaign, expected[i].campaign);
		ck_assert_str_eq(rows[i].currency, expected[i].currency);
		ck_assert_int_eq(rows[i].tier, expected[i].tier);
		ck_assert_int_eq(rows[i].measures.fees, expected[i].fees);
	}
	ck_assert_int_eq(rows[4].measures.agreements, 3);
}
END_TEST

START_TEST(a_total_is_the_sum_over_the_tiers_of_a_campaign_in_one_currency) {
	struct report_row rows[] = {
		row_of("a", TIER_NANO, "USD", 2, 20),   row_of("b", TIER_MACRO, "EUR", 5, 50),
		row_of("b", TIER_NANO, "USD", 3, 30),   row_of("b", TIER_MID, "USD", 4, 40),
		row_of("b", TIER_MEGA, "USD", 100, 7),
	};
	struct report_group groups[5];
	size_t count = 0;
	ck_assert_int_eq(report_total(rows, 5, groups, &count, &failure), OK);
	ck_assert_uint_eq(count, 3);
	ck_assert_uint_eq(groups[0].count, 1);
	ck_assert_int_eq(groups[0].total.measures.fees, 2);
	ck_assert_str_eq(groups[1].total.currency, "EUR");
	ck_assert_ptr_eq(groups[2].rows, &rows[2]);
	ck_assert_uint_eq(groups[2].count, 3);
	ck_assert_str_eq(groups[2].total.campaign, "b");
	ck_assert_int_eq(groups[2].total.tier, TIER_UNKNOWN);
	ck_assert_int_eq(groups[2].total.measures.fees, 107);
	ck_assert_int_eq(groups[2].total.measures.engagements, 77);
	ck_assert_int_eq(groups[2].total.measures.agreements, 3);
}
END_TEST

START_TEST(no_rows_are_no_groups) {
	size_t count = 0, group_count = 7;
	ck_assert_int_eq(report_gather(NULL, &count, &failure), OK);
	ck_assert_int_eq(report_total(NULL, 0, NULL, &group_count, &failure), OK);
	ck_assert_uint_eq(group_count, 0);
}
END_TEST

START_TEST(sums_that_are_too_large_and_rows_that_are_no_rows_are_refused) {
	struct report_row rows[] = { row_of("a", TIER_NANO, "USD", MEASURE_MAX, 0), row_of("a", TIER_MID, "USD", 1, 0) };
	struct report_group groups[2];
	size_t count = 2, group_count = 0;
	ck_assert_int_eq(report_gather(rows, &count, &failure), OK);
	ck_assert_int_eq(report_total(rows, count, groups, &group_count, &failure), ERROR_OVERFLOW);
	rows[1].tier = TIER_NANO;
	ck_assert_int_eq(report_gather(rows, &count, &failure), ERROR_OVERFLOW);
	rows[1].tier = TIER_COUNT;
	ck_assert_int_eq(report_gather(rows, &count, &failure), ERROR_MALFORMED);
}
END_TEST

START_TEST(gathering_keeps_every_sum_whatever_the_order) {
	uint32_t seed = 20270401, state = seed;
	static struct report_row rows[500];
	static struct report_group groups[500];
	int64_t fees = 0, gathered = 0;
	size_t count = 500, group_count = 0, grouped = 0;
	for (size_t i = 0; i < count; i++) {
		const char campaign[2] = { (char)('a' + random_next(&state) % 5), '\0' };
		enum tier tier = (enum tier)(random_next(&state) % TIER_COUNT);
		rows[i] = row_of(campaign, tier, random_next(&state) % 2 ? "USD" : "EUR", random_next(&state) % 100000, 1);
		fees += rows[i].measures.fees;
	}
	ck_assert_int_eq(report_gather(rows, &count, &failure), OK);
	ck_assert_int_eq(report_total(rows, count, groups, &group_count, &failure), OK);
	ck_assert_uint_eq(count, 60);
	ck_assert_uint_eq(group_count, 10);
	for (size_t i = 0; i < group_count; i++) {
		gathered += groups[i].total.measures.fees;
		grouped += groups[i].count;
	}
	ck_assert_msg(gathered == fees && grouped == count, "seed %u", seed);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("report");
	tcase_add_loop_test(tests, followers_make_the_tier, 0, ROWS(tiers));
	tcase_add_test(tests, a_tier_has_a_word_and_its_bounds_may_be_set);
	tcase_add_test(tests, bounds_that_do_not_rise_are_refused);
	tcase_add_loop_test(tests, each_measure_adds_and_subtracts_within_its_range_or_nothing_changes, 0, ROWS(sums));
	tcase_add_test(tests, a_refused_sum_says_which_measure);
	tcase_add_test(tests, the_cost_is_fees_product_and_agency_fees);
	tcase_add_loop_test(tests, a_ratio_is_exact_or_not_known, 0, ROWS(ratios));
	tcase_add_test(tests, posts_without_figures_are_in_no_ratio);
	tcase_add_loop_test(tests, efficiency_compares_engagements_for_the_same_cost, 0, ROWS(efficiencies));
	tcase_add_test(tests, two_currencies_have_no_ratio);
	tcase_add_loop_test(tests, a_row_from_outside_is_checked, 0, ROWS(checked));
	tcase_add_test(tests, rows_come_into_order_and_equal_ones_become_one);
	tcase_add_test(tests, a_total_is_the_sum_over_the_tiers_of_a_campaign_in_one_currency);
	tcase_add_test(tests, no_rows_are_no_groups);
	tcase_add_test(tests, sums_that_are_too_large_and_rows_that_are_no_rows_are_refused);
	tcase_add_test(tests, gathering_keeps_every_sum_whatever_the_order);
	Suite *suite = suite_create("rules/report");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

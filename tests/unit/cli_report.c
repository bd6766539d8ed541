/* Reports as text, CSV and JSON: the numbers in them, and what is refused. */
#include <jansson.h>
#include <stdio.h>

#include "tests/unit/cli_report_fixture.h"

#define MANY 2000

/* ---- for people ---- */

START_TEST(people_read_aligned_tables_and_how_the_tiers_compare) {
	ck_assert_str_eq(
	    written(REPORT_TEXT, campaign, CAMPAIGN),
	    "Report for acme-yoga at agency.example, 2027-07-01T09:00:00Z\n\n"
	    "Spring 2027, USD\n"
	    "tier     offers  agreed  ended  posts  reach  engaged    fees  product  agency    cost  ER %     CPE     CPM\n"
	    "unknown       7       0      0      0      -        -    0.00     0.00    0.00    0.00     -       -       -\n"
	    "micro         0       4      1      3   9000     1000   50.00    30.00    9.00   89.00  2.40  0.0890  8.9000\n"
	    "macro         0       1      0      1      -     1000  302.60     0.00    0.00  302.60  0.17  0.3026  7.5650\n"
	    "all           7       5      1      4   9000     2000  352.60    30.00    9.00  391.60  0.31  0.1958  7.8320\n"
	    "of 4 posts, reach is known of 3, impressions of 4, engagements of 4, engagements and followers of 4\n"
	    "unknown: offers are of no tier; what was agreed stands in the tier of its creator\n"
	    "micro is 3.40 times as efficient per engagement as macro\n\n"
	    "cost = fees + product + agency fees; ER = engagements / followers; CPE = cost / engagements; "
	    "CPM = 1000 * cost / impressions; times as efficient = CPE of the other / CPE; product is the value of what "
	    "was given. Each ratio is of the posts only of which both its sums are known. Formulas, version 2.\n"
	    "nano is below 9000 followers, micro from 9000, mid from 90000, macro from 400000, mega from 900000\n");
}
END_TEST

START_TEST(the_most_efficient_tier_is_compared_with_each_of_the_others) {
	struct report_row rows[] = {
		{ "", TIER_NANO, "EUR", { ENGAGED(100, 300) } },
		{ "", TIER_MICRO, "EUR", { ENGAGED(100, 200) } },
		{ "", TIER_MID, "EUR", { ENGAGED(100, 100) } },
		{ "", TIER_MACRO, "EUR", { ENGAGED(0, 1) } },
		{ "", TIER_MEGA, "EUR", { ENGAGED(100, 0) } },
		{ "", TIER_UNKNOWN, "EUR", { ENGAGED(1000, 1) } },
	};
	const char *text = written(REPORT_TEXT, rows, 6);
	has(text, "Without a campaign, EUR\n");
	has(text, "\nmid is 3.00 times as efficient per engagement as nano\n"
	          "mid is 2.00 times as efficient per engagement as micro\n\n");
	lacks(text, "as mega");
	lacks(text, "as macro");
	lacks(text, "as unknown");
	lacks(written(REPORT_TEXT, rows, 1), "efficient per");
}
END_TEST

START_TEST(what_several_campaigns_share_is_summed_over_all_of_them) {
	struct report_row rows[] = {
		{ "a", TIER_MICRO, "USD", { ENGAGED(100, 100) } },
		{ "b", TIER_MICRO, "USD", { ENGAGED(300, 700) } },
		{ "b", TIER_MICRO, "EUR", { ENGAGED(500, 900) } },
	};
	const char *text = written(REPORT_TEXT, rows, 3);
	const char *all = strstr(text, "All campaigns, USD\n");
	ck_assert_ptr_nonnull(all);
	has(all, "   400  8.00 ");
	lacks(text, "All campaigns, EUR");
	lacks(written(REPORT_TEXT, rows, 1), "All campaigns");
	lacks(written(REPORT_TEXT, rows + 1, 2), "All campaigns");
}
END_TEST

START_TEST(where_nothing_was_offered_every_form_says_so) {
	has(written(REPORT_TEXT, NULL, 0), "There is nothing to report yet");
	has(written(REPORT_PAGE, NULL, 0), "There is nothing to report yet");
	has(written(REPORT_JSON, NULL, 0), "\"campaigns\":[],\"all_campaigns\":[]}\n");
	const char *csv = written(REPORT_CSV, NULL, 0);
	ck_assert_ptr_eq(strstr(csv, "\r\n"), csv + out.size - 2);
}
END_TEST

/* ---- CSV ---- */

START_TEST(a_line_of_csv_has_all_numbers_of_a_tier) {
	ck_assert_str_eq(
	    written(REPORT_CSV, campaign, CAMPAIGN),
	    "campaign,currency,tier,offers,agreements,ended_early,posts,followers,reach,impressions,engagements,fees,"
	    "product_value,agency_fees,cost,posts_with_reach,posts_with_impressions,cost_with_impressions,"
	    "posts_with_engagements,cost_with_engagements,posts_with_rate,followers_with_rate,engagements_with_rate,"
	    "engagement_rate_percent,cost_per_engagement,cost_per_thousand_impressions,"
	    "times_as_efficient_as_nano,times_as_efficient_as_micro,times_as_efficient_as_mid,times_as_efficient_as_macro,"
	    "times_as_efficient_as_mega,formulas\r\n"
	    "Spring 2027,USD,unknown,7,0,0,0,0,,,,0.00,0.00,0.00,0.00,0,0,0.00,0,0.00,0,0,0,,,,,,,,,2\r\n"
	    "Spring 2027,USD,micro,0,4,1,3,41667,9000,10000,1000,"
	    "50.00,30.00,9.00,89.00,3,3,89.00,3,89.00,3,41667,1000,2.40,0.0890,8.9000,,1.00,,3.40,,2\r\n"
	    "Spring 2027,USD,macro,0,1,0,1,600000,,40000,1000,"
	    "302.60,0.00,0.00,302.60,0,1,302.60,1,302.60,1,600000,1000,0.17,0.3026,7.5650,,0.29,,1.00,,2\r\n");
}
END_TEST

static const struct {
	const char *campaign, *cell;
} cells[] = {
	{ "", "" },
	{ "Spring 2027", "Spring 2027" },
	{ "a,b", "\"a,b\"" },
	{ "say \"om\"", "\"say \"\"om\"\"\"" },
	{ " a", "\" a\"" },
	{ "a ", "\"a \"" },
	{ "=1+1", "'=1+1" },
	{ "+1", "'+1" },
	{ "-1", "'-1" },
	{ "@sum", "'@sum" },
	{ "=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"" },
	{ "a=1", "a=1" },
	{ "Caf\xc3\xa9", "Caf\xc3\xa9" },
};

START_TEST(a_campaigns_name_is_quoted_and_never_a_formula) {
	struct report_row row = { .tier = TIER_MICRO, .currency = "USD" };
	memcpy(row.campaign, cells[_i].campaign, strlen(cells[_i].campaign));
	char begin[128];
	(void)snprintf(begin, sizeof begin, "\r\n%s,USD,micro,", cells[_i].cell);
	has(written(REPORT_CSV, &row, 1), begin);
}
END_TEST

/* ---- JSON ---- */

static const char *text_at(json_t *object, const char *key) {
	const char *text = json_string_value(json_object_get(object, key));
	return text == NULL ? "(none)" : text;
}

START_TEST(json_has_amounts_with_their_currency_and_null_for_what_is_not_known) {
	json_error_t error;
	json_t *root = json_loads(written(REPORT_JSON, campaign, CAMPAIGN), JSON_REJECT_DUPLICATES, &error);
	ck_assert_msg(root != NULL, "%s", error.text);
	json_t *group = json_array_get(json_object_get(root, "campaigns"), 0), *tiers = json_object_get(group, "tiers");
	json_t *micro = json_array_get(tiers, 1), *unknown = json_array_get(tiers, 0);
	json_t *total = json_object_get(group, "total"), *efficiency = json_object_get(group, "efficiency");
	ck_assert_str_eq(text_at(root, "formulas"), "2");
	ck_assert_str_eq(text_at(root, "brand"), "acme-yoga");
	ck_assert_str_eq(text_at(root, "agency"), "agency.example");
	ck_assert_str_eq(text_at(root, "time"), "2027-07-01T09:00:00Z");
	ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(root, "tiers_from"), "mid")), 90000);
	ck_assert_str_eq(text_at(group, "campaign"), "Spring 2027");
	ck_assert_str_eq(text_at(group, "currency"), "USD");
	ck_assert_uint_eq(json_array_size(tiers), 3);
	ck_assert_str_eq(text_at(micro, "tier"), "micro");
	ck_assert_str_eq(text_at(micro, "cost"), "89.00 USD");
	ck_assert_str_eq(text_at(micro, "cost_per_engagement"), "0.0890 USD");
	ck_assert_str_eq(text_at(micro, "engagement_rate_percent"), "2.40");
	ck_assert_int_eq(json_integer_value(json_object_get(micro, "ended_early")), 1);
	ck_assert(json_is_null(json_object_get(unknown, "cost_per_engagement")));
	ck_assert_str_eq(text_at(total, "cost"), "391.60 USD");
	ck_assert_ptr_null(json_object_get(total, "tier"));
	ck_assert_uint_eq(json_array_size(efficiency), 2);
	ck_assert_str_eq(text_at(json_array_get(efficiency, 0), "tier"), "micro");
	ck_assert_str_eq(text_at(json_array_get(efficiency, 0), "than"), "macro");
	ck_assert_str_eq(text_at(json_array_get(efficiency, 0), "times_as_efficient"), "3.40");
	ck_assert_str_eq(text_at(json_array_get(efficiency, 1), "times_as_efficient"), "0.29");
	json_decref(root);
}
END_TEST

START_TEST(decimals_are_those_of_the_currency_in_every_form) {
	struct report_row yen = { "", TIER_MICRO, "JPY", { ENGAGED(7, 12000) } };
	struct report_row dinar = { "", TIER_MICRO, "KWD", { ENGAGED(7, 12000) } };
	struct report_row none = { "", TIER_MICRO, "", { ENGAGED(7, 0) } };
	has(written(REPORT_JSON, &yen, 1), "\"cost\":\"12000 JPY\"");
	has(written(REPORT_JSON, &yen, 1), "\"cost_per_engagement\":\"1714.29 JPY\"");
	has(written(REPORT_JSON, &dinar, 1), "\"cost\":\"12.000 KWD\"");
	has(written(REPORT_PAGE, &dinar, 1), "<td>1.71429 KWD</td>");
	has(written(REPORT_JSON, &none, 1), "\"currency\":null");
	has(written(REPORT_JSON, &none, 1), "\"cost\":null");
	has(written(REPORT_PAGE, &none, 1), "<td>not known</td>");
}
END_TEST

/* ---- limits ---- */

START_TEST(a_row_that_is_none_is_refused_in_every_form) {
	struct report_row row = { "a", TIER_COUNT, "USD", { .fees = 1 } };
	struct report_row unending = { .tier = TIER_MICRO };
	memset(unending.campaign, 'a', sizeof unending.campaign);
	ck_assert_int_eq(report_write((enum report_format)_i, &row, 1, &meta, &out, &failure), ERROR_MALFORMED);
	ck_assert_int_eq(report_write((enum report_format)_i, &unending, 1, &meta, &out, &failure), ERROR_MALFORMED);
	ck_assert_uint_eq(out.size, 0);
}
END_TEST

START_TEST(a_report_that_does_not_fit_is_refused_in_every_form) {
	struct buffer small;
	buffer_init(&small, 300);
	ck_assert_int_eq(report_write((enum report_format)_i, campaign, CAMPAIGN, &meta, &small, &failure), ERROR_TOO_LONG);
	ck_assert_str_eq(failure.text, "the report is too long");
	buffer_release(&small);
	ck_assert_int_eq(report_write((enum report_format)_i, campaign, REPORT_ROWS_MAX + 1, &meta, &out, &failure),
	                 ERROR_TOO_LONG);
}
END_TEST

START_TEST(thousands_of_campaigns_fit) {
	static struct report_row rows[MANY];
	for (size_t i = 0; i < MANY; i++) {
		rows[i] = (struct report_row){ .tier = TIER_MICRO, .currency = "USD", .measures = { .fees = 1 } };
		(void)snprintf(rows[i].campaign, sizeof rows[i].campaign, "campaign %zu", i);
	}
	has(written((enum report_format)_i, rows, MANY), "campaign 1999");
}
END_TEST

START_TEST(the_rows_stay_as_they_are) {
	struct report_row rows[ROWS(campaign)];
	memcpy(rows, campaign, sizeof rows);
	(void)written(REPORT_TEXT, rows, CAMPAIGN);
	ck_assert_mem_eq(rows, campaign, sizeof rows);
}
END_TEST

START_TEST(a_form_has_a_word) {
	enum report_format format = REPORT_FORMAT_COUNT;
	ck_assert_int_eq(report_format_parse(report_format_words[_i], &format, &failure), OK);
	ck_assert_int_eq((int)format, _i);
	ck_assert_int_eq(report_format_parse("pdf", &format, &failure), ERROR_USAGE);
	ck_assert_str_eq(failure.text, "a report is text, csv, json or html, not \"pdf\"");
	ck_assert_int_eq((int)format, _i);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("report");
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, people_read_aligned_tables_and_how_the_tiers_compare);
	tcase_add_test(tests, the_most_efficient_tier_is_compared_with_each_of_the_others);
	tcase_add_test(tests, what_several_campaigns_share_is_summed_over_all_of_them);
	tcase_add_test(tests, where_nothing_was_offered_every_form_says_so);
	tcase_add_test(tests, a_line_of_csv_has_all_numbers_of_a_tier);
	tcase_add_loop_test(tests, a_campaigns_name_is_quoted_and_never_a_formula, 0, ROWS(cells));
	tcase_add_test(tests, json_has_amounts_with_their_currency_and_null_for_what_is_not_known);
	tcase_add_test(tests, decimals_are_those_of_the_currency_in_every_form);
	tcase_add_loop_test(tests, a_row_that_is_none_is_refused_in_every_form, 0, REPORT_FORMAT_COUNT);
	tcase_add_loop_test(tests, a_report_that_does_not_fit_is_refused_in_every_form, 0, REPORT_FORMAT_COUNT);
	tcase_add_loop_test(tests, thousands_of_campaigns_fit, 0, REPORT_FORMAT_COUNT);
	tcase_add_test(tests, the_rows_stay_as_they_are);
	tcase_add_loop_test(tests, a_form_has_a_word, 0, REPORT_FORMAT_COUNT);
	Suite *suite = suite_create("cli/report");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

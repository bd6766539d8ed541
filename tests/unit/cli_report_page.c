/* Reports as pages: well-formed, complete in themselves, with the right numbers, whatever texts are in them. */
#include <stdio.h>

#include "cli/markup.h"
#include "crypto/keys.h"
#include "tests/unit/cli_report_fixture.h"

/* The end of a tag that begins at `at`, beyond quoted attributes; NULL if it does not end. */
static const char *tag_end(const char *at) {
	char quote = '\0';
	for (; *at != '\0'; at++) {
		if (quote != '\0') {
			quote = *at == quote ? '\0' : quote;
		} else if (*at == '"' || *at == '\'') {
			quote = *at;
		} else if (*at == '>') {
			return at;
		}
	}
	return NULL;
}

#define DEPTH_MAX 64

/* Every element that begins also ends, in the right order. Elements that hold nothing end in themselves. */
static void is_balanced(const char *page) {
	struct slice open[DEPTH_MAX];
	size_t depth = 0, elements = 0;
	for (const char *at = strchr(page, '<'); at != NULL; at = strchr(at, '<')) {
		const char *end = tag_end(at);
		ck_assert_msg(end != NULL, "no end: %.60s", at);
		bool closes = at[1] == '/';
		const char *name = at + 1 + closes;
		struct slice tag = slice_of(name, strcspn(name, " />\n"));
		if (closes) {
			ck_assert_msg(depth > 0 && slice_equal(open[depth - 1], tag), "ends out of order: %.60s", at);
			depth--;
		} else if (end[-1] != '/' && at[1] != '!') {
			ck_assert_uint_lt(depth, DEPTH_MAX);
			open[depth++] = tag;
		}
		elements++;
		at = end;
	}
	ck_assert_uint_eq(depth, 0);
	ck_assert_uint_gt(elements, 20);
}

START_TEST(the_page_is_well_formed_and_asks_no_one) {
	static const char *const outside[] = { "<script", "src=", "url(", "@import", "<link", "<iframe", "href=\"h" };
	const char *page = written(REPORT_PAGE, campaign, CAMPAIGN);
	is_balanced(page);
	ck_assert_int_eq(strncmp(page, "<!DOCTYPE html>\n<html lang=\"en\">\n", 33), 0);
	has(page, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-");
	for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
		lacks(page, outside[i]);
	}
	lacks(page, "style=\"");
	is_balanced(written(REPORT_PAGE, NULL, 0));
}
END_TEST

START_TEST(the_policy_names_the_hash_of_the_style_sheet) {
	const char *page = written(REPORT_PAGE, campaign, CAMPAIGN);
	const char *style = strstr(page, "<style>"), *end = strstr(page, "</style>");
	ck_assert(style != NULL && end != NULL);
	uint8_t hash[HASH_SIZE];
	style += strlen("<style>");
	hash_sha256(slice_of(style, (size_t)(end - style)), hash);
	struct buffer expected;
	buffer_init(&expected, 256);
	(void)buffer_append_text(&expected, "style-src 'sha256-");
	(void)base64_encode(slice_of(hash, sizeof hash), &expected);
	(void)buffer_append_text(&expected, "';");
	has(page, buffer_text(&expected));
	buffer_release(&expected);
}
END_TEST

static void has_bar(const char *page, const char *class, const char *x, const char *width, int y, const char *title) {
	char bar[256];
	(void)snprintf(bar, sizeof bar, "<rect class=\"%s\" x=\"%s\" width=\"%s\" y=\"%d\" height=\"18\"><title>%s</title>",
	               class, x, width, y, title);
	has(page, bar);
}

START_TEST(the_page_shows_the_numbers_as_bars_and_as_tables) {
	const char *page = written(REPORT_PAGE, campaign, CAMPAIGN);
	has(page, "<title>Report for acme-yoga</title>");
	has(page, "<li>micro is 3.40 times as efficient per engagement as macro</li>");
	has(page, "<dt>cost</dt><dd>391.60 USD</dd>");
	has(page, "<tr><th scope=\"row\">micro</th><td>0.0890 USD</td></tr>");
	has(page, "<th scope=\"row\">micro</th><td>50.00 USD</td><td>30.00 USD</td><td>9.00 USD</td><td>89.00 USD</td>");
	has(page, "<tr class=\"total\"><th scope=\"row\">all</th><td>0.1958 USD</td></tr>");
	/* 340 is the whole length: 0.0890 of 0.3026 is 100.0, 0.1958 is 220.0; the parts of 89.00 stand on each other. */
	has_bar(page, "part0", "72.0", "340.0", 33, "macro: 0.3026 USD");
	has_bar(page, "part0", "72.0", "100.0", 5, "micro: 0.0890 USD");
	has_bar(page, "whole", "72.0", "220.0", 61, "all: 0.1958 USD");
	has_bar(page, "part0", "72.0", "56.2", 5, "micro: fees 50.00 USD");
	has_bar(page, "part1", "128.2", "33.7", 5, "micro: product 30.00 USD");
	has_bar(page, "part2", "161.9", "10.1", 5, "micro: agency fees 9.00 USD");
	has(page, "Formulas, version 2. nano is below 9000 followers, ");
}
END_TEST

START_TEST(a_tier_that_is_not_known_is_drawn_once_there_is_an_agreement) {
	struct report_row row = { "", TIER_UNKNOWN, "USD", { .offers = 1 } };
	lacks(written(REPORT_PAGE, &row, 1), "<text class=\"label\" x=\"64\" y=\"19\">unknown</text>");
	row.measures.agreements = 1;
	const char *page = written(REPORT_PAGE, &row, 1);
	has(page, "<text class=\"label\" x=\"64\" y=\"19\">unknown</text>\n<text x=\"78.0\" y=\"19\">not known</text>");
	has(page, "<tr><th scope=\"row\">unknown</th><td>not known</td></tr>");
}
END_TEST

START_TEST(ids_on_a_page_are_its_own) {
	struct report_row rows[] = { { "a", TIER_MICRO, "USD", { .fees = 1 } }, { "b", TIER_MICRO, "USD", { .fees = 1 } } };
	const char *page = written(REPORT_PAGE, rows, 2);
	size_t ids = 0;
	is_balanced(page);
	for (const char *at = strstr(page, " id=\""); at != NULL; at = strstr(at + 1, " id=\"")) {
		char id[64];
		(void)snprintf(id, sizeof id, "%.*s\"", (int)strcspn(at + 5, "\"") + 5, at);
		const char *again = strstr(at + 1, id);
		ck_assert_msg(again == NULL, "twice:%s", id);
		ids++;
	}
	ck_assert_uint_eq(ids, 3 * (1 + 3 * 2)); /* sections, and their plots' titles and texts */
}
END_TEST

START_TEST(extreme_amounts_stay_within_the_drawing) {
	struct report_row rows[] = {
		{ "", TIER_MICRO, "USD",
		  { .engagements = 1, .followers = 1, .fees = MEASURE_MAX, .product_value = MEASURE_MAX,
		    .agency_fees = MEASURE_MAX } },
		{ "", TIER_MACRO, "USD", { .engagements = 1, .followers = MEASURE_MAX - 1, .fees = 0 } },
	};
	const char *page = written(REPORT_PAGE, rows, 1);
	is_balanced(page);
	has(page, "x=\"298.7\" width=\"113.3\"");
	is_balanced(written(REPORT_PAGE, rows, 2));
	is_balanced(written(REPORT_PAGE, rows + 1, 1));
}
END_TEST

/* ---- texts from outside ---- */

static const struct {
	const char *text, *markup;
} escapes[] = {
	{ "", "" },
	{ "acme", "acme" },
	{ "<script>", "&lt;script&gt;" },
	{ "a & b", "a &amp; b" },
	{ "&amp;", "&amp;amp;" },
	{ "\" onload='x'", "&quot; onload=&#39;x&#39;" },
	{ "]]>", "]]&gt;" },
	{ "Caf\xc3\xa9", "Caf\xc3\xa9" },
	{ "a\x1b[31mb\n", "a?[31mb?" },
	{ "\xff<", "?&lt;" },
	{ "\xe2\x80\xae<", "?&lt;" }, /* right-to-left override */
	{ "\xf0\x9f", "?" },
};

START_TEST(text_becomes_markup_that_shows_it) {
	markup_append(&out, escapes[_i].text);
	ck_assert_str_eq(buffer_text(&out), escapes[_i].markup);
}
END_TEST

START_TEST(a_long_text_is_cut_before_it_is_escaped) {
	char text[4096];
	memset(text, '<', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	markup_append(&out, text);
	ck_assert(buffer_ok(&out));
	ck_assert_uint_eq(out.size, 256 * strlen("&lt;"));
	ck_assert_int_eq(memcmp(out.data + out.size - 4, "&lt;", 4), 0);
}
END_TEST

START_TEST(hostile_names_do_not_get_into_a_page_or_a_terminal) {
	static const char hostile[] = "</title></h2><script>alert(1)</script>\x1b[2J\"'&";
	struct report_meta bad = { hostile, hostile, hostile, tier_bounds_default };
	struct report_row row = { "</h2><img src=x>&\"'", TIER_MICRO, "USD", { .fees = 1 } };
	ck_assert_int_eq(report_write(REPORT_PAGE, &row, 1, &bad, &out, &failure), OK);
	is_balanced(buffer_text(&out));
	lacks(buffer_text(&out), "<script");
	lacks(buffer_text(&out), "<img");
	has(buffer_text(&out), "<h2>&lt;/h2&gt;&lt;img src=x&gt;&amp;&quot;&#39;, USD</h2>");
	buffer_clear(&out);
	ck_assert_int_eq(report_write(REPORT_TEXT, &row, 1, &bad, &out, &failure), OK);
	lacks(buffer_text(&out), "\x1b");
	buffer_clear(&out);
	ck_assert_int_eq(report_write(REPORT_JSON, &row, 1, &bad, &out, &failure), OK);
	lacks(buffer_text(&out), "\x1b");
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("report");
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, the_page_is_well_formed_and_asks_no_one);
	tcase_add_test(tests, the_policy_names_the_hash_of_the_style_sheet);
	tcase_add_test(tests, the_page_shows_the_numbers_as_bars_and_as_tables);
	tcase_add_test(tests, a_tier_that_is_not_known_is_drawn_once_there_is_an_agreement);
	tcase_add_test(tests, ids_on_a_page_are_its_own);
	tcase_add_test(tests, extreme_amounts_stay_within_the_drawing);
	tcase_add_loop_test(tests, text_becomes_markup_that_shows_it, 0, ROWS(escapes));
	tcase_add_test(tests, a_long_text_is_cut_before_it_is_escaped);
	tcase_add_test(tests, hostile_names_do_not_get_into_a_page_or_a_terminal);
	Suite *suite = suite_create("cli/report_page");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

/* Figures as tables of people have them, alone and in the cells of a sheet. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/figures.h"
#include "cli/sheet.h"
#include "tests/lib/scratch.h"
#include "tests/lib/unit.h"

#define ROWS(table) (int)(sizeof table / sizeof table[0])

static const struct {
	const char *text, *count; /* NULL: refused */
	enum error code;
} counts[] = {
	{ "18400", "18400", OK },
	{ "18.4k", "18400", OK },
	{ "18.45k", "18450", OK },
	{ "18.450k", "18450", OK },
	{ "18.4500k", "18450", OK },
	{ "18.4 K", "18400", OK },
	{ "1.2M", "1200000", OK },
	{ "462.9M", "462900000", OK },
	{ "0.5m", "500000", OK },
	{ "1B", "1000000000", OK },
	{ "9223372036854775.807k", "9223372036854775807", OK },
	{ "9223372036854775.808k", NULL, ERROR_OVERFLOW },
	{ "99999999999999999999M", NULL, ERROR_OVERFLOW },
	{ "18.4567k", NULL, ERROR_BAD_VALUE },
	{ "1.0000001M", NULL, ERROR_BAD_VALUE },
	/* For the field's own rules, which refuse them. */
	{ "", "", OK },
	{ "18.4", "18.4", OK },
	{ "18.k", "18.k", OK },
	{ ".5k", ".5k", OK },
	{ "1,234", "1,234", OK },
	{ "1,2k", "1,2k", OK },
	{ "1.2.3k", "1.2.3k", OK },
	{ "-1k", "-1k", OK },
	{ "1e3", "1e3", OK },
	{ "1kk", "1kk", OK },
	{ "1  k", "1  k", OK },
	{ "k", "k", OK },
};

START_TEST(a_count_is_read_exactly_or_not_at_all) {
	struct failure failure = { .code = OK };
	struct buffer out;
	buffer_init(&out, 100);
	enum error error = figure_append_count(&out, slice_of_text(counts[_i].text), &failure);
	ck_assert_msg(error == counts[_i].code, "%s: %s", counts[_i].text, error_word(error));
	if (counts[_i].count != NULL) {
		ck_assert_msg(slice_is(buffer_slice(&out), counts[_i].count), "%s became %.*s", counts[_i].text, (int)out.size,
		              (const char *)out.data);
	} else {
		ck_assert_uint_eq(out.size, 0);
		ck_assert_ptr_nonnull(strstr(failure.text, counts[_i].text));
	}
	buffer_release(&out);
}
END_TEST

static const struct {
	const char *text, *percent;
} percents[] = {
	{ "2.4%", "2.4 %" },    { "2.4 %", "2.4 %" },  { "2.40%", "2.4 %" }, { "2%", "2 %" },         { "2.00 %", "2 %" },
	{ "10%", "10 %" },      { "2.456%", "2.456 %" }, { "2.4", "2.4" },   { "2,4%", "2,4%" },      { "%", "%" },
	{ "2.4  %", "2.4  %" }, { "2.4k", "2.4k" },    { "", "" },
};

START_TEST(a_percentage_is_written_as_notes_write_it) {
	struct buffer out;
	buffer_init(&out, 100);
	figure_append_percent(&out, slice_of_text(percents[_i].text));
	ck_assert_msg(slice_is(buffer_slice(&out), percents[_i].percent), "%s became %.*s", percents[_i].text,
	              (int)out.size, (const char *)out.data);
	buffer_release(&out);
}
END_TEST

/* ---- sheets ---- */

static const char *const also[] = { "creator", NULL };

static enum error read_sheet(const char *text, bool has_figures, struct sheet *sheet, struct failure *failure) {
	const struct sheet_form form = { .kind = kind_get(KIND_ATTEST), .noun = "figures", .also = also,
		                             .has_figures = has_figures };
	const char *path = scratch_path(scratch_folder(), "figures.csv");
	scratch_write(path, text);
	return sheet_read(path, &form, sheet, failure);
}

#define HEADING "\ufefffollowers, creator ,engagement,platform,source\r\n"

START_TEST(cells_of_a_messy_sheet_become_whole_lines) {
	struct sheet sheet;
	struct failure failure = { .code = OK };
	ck_assert_msg(read_sheet(HEADING "18.4k,studio-flow,2.4%,instagram,\"seen 20 Nov, \"\"Insights\"\"\"\r\n"
	                         "\r\n,,,,\r\n 462.9M ,b-side,,tiktok,\r\n1.23456k,c-note,1%,youtube,\"two\r\nlines\"\r\n",
	                         true, &sheet, &failure) == OK, "%s", failure.text);
	ck_assert_uint_eq(sheet.count, 3);
	ck_assert_str_eq(buffer_text(&sheet.rows[0].draft), "creator studio-flow\nplatform instagram\nfollowers 18400\n"
	                 "engagement 2.4 %\nsource seen 20 Nov, \"Insights\"\n");
	ck_assert_str_eq(buffer_text(&sheet.rows[1].draft), "creator b-side\nplatform tiktok\nfollowers 462900000\n");
	ck_assert_uint_eq(sheet.rows[1].number, 5);
	ck_assert(slice_is(sheet_value(&sheet.rows[1], "followers"), "462900000"));
	ck_assert_uint_eq(sheet_value(&sheet.rows[1], "follow").size, 0);
	ck_assert_uint_eq(sheet_value(&sheet.rows[1], "source").size, 0);
	ck_assert_int_eq(sheet.rows[2].failure.code, ERROR_BAD_TEXT); /* the last thing that is wrong with it */
	ck_assert_str_eq(sheet.rows[2].failure.text, "source: has a line break; a value is one line");
	sheet_release(&sheet);
}
END_TEST

START_TEST(a_figure_that_is_not_whole_is_named_by_its_column) {
	struct sheet sheet;
	struct failure failure = { .code = OK };
	ck_assert_int_eq(read_sheet(HEADING "1.23456k,c-note,1%,youtube,x\r\n", true, &sheet, &failure), OK);
	ck_assert_int_eq(sheet.rows[0].failure.code, ERROR_BAD_VALUE);
	ck_assert_str_eq(sheet.rows[0].failure.text, "followers: 1.23456k is not a whole number");
	sheet_release(&sheet);
}
END_TEST

START_TEST(only_a_sheet_that_has_figures_reads_them) {
	struct sheet sheet;
	struct failure failure = { .code = OK };
	ck_assert_int_eq(read_sheet(HEADING "18.4k,c-note,1%,youtube,x\r\n", false, &sheet, &failure), OK);
	ck_assert(slice_is(sheet_value(&sheet.rows[0], "followers"), "18.4k"));
	ck_assert(slice_is(sheet_value(&sheet.rows[0], "engagement"), "1%"));
	sheet_release(&sheet);
}
END_TEST

static const struct {
	const char *text;
	enum error code;
	const char *says;
} headings[] = {
	{ "creator,platform,followers,engagement\n", ERROR_MISSING_KEY, "row 1: the column source is missing" },
	{ "creator,platform,followers,engagement,source,operator\n", ERROR_UNKNOWN_KEY,
	  "column 6: \"operator\" is no key" },
	{ "creator,platform,followers,engagement,source,creator\n", ERROR_DUPLICATE_KEY, "creator stands twice" },
};

START_TEST(a_sheet_must_have_the_columns_of_its_notes) {
	struct sheet sheet;
	struct failure failure = { .code = OK };
	ck_assert_int_eq(read_sheet(headings[_i].text, true, &sheet, &failure), headings[_i].code);
	ck_assert_msg(strstr(failure.text, headings[_i].says) != NULL, "%s", failure.text);
	sheet_release(&sheet);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("cli/figures");
	TCase *tests = tcase_create("figures");
	tcase_add_loop_test(tests, a_count_is_read_exactly_or_not_at_all, 0, ROWS(counts));
	tcase_add_loop_test(tests, a_percentage_is_written_as_notes_write_it, 0, ROWS(percents));
	tcase_add_test(tests, cells_of_a_messy_sheet_become_whole_lines);
	tcase_add_test(tests, a_figure_that_is_not_whole_is_named_by_its_column);
	tcase_add_test(tests, only_a_sheet_that_has_figures_reads_them);
	tcase_add_loop_test(tests, a_sheet_must_have_the_columns_of_its_notes, 0, ROWS(headings));
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

/* Fields as options, deals in words, CSV cells, and sheets of steps. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/csv_cells.h"
#include "cli/deal_words.h"
#include "cli/field_options.h"
#include "cli/sheet.h"
#include "tests/lib/scratch.h"
#include "tests/lib/unit.h"

/* ---- options ---- */

/* Parses a command line; `words` end in NULL. */
static enum error parse(const char *const *words, struct invocation *call, struct failure *failure) {
	static char copies[16][200];
	char *argv[17] = { NULL };
	int argc = 0;
	bool done = false;
	for (; words[argc] != NULL; argc++) {
		(void)snprintf(copies[argc], sizeof copies[argc], "%s", words[argc]);
		argv[argc] = copies[argc];
	}
	return command_parse(argc, argv, call, &done, failure);
}

START_TEST(every_field_that_a_person_writes_is_an_option_of_its_command) {
	size_t found = 0;
	for (size_t i = 0; i < commands_count; i++) {
		const struct kind *kind = field_options_kind(&commands[i]);
		struct option_words target;
		struct option_row rows[64];
		size_t expected = 0;
		if (kind == NULL) {
			continue;
		}
		for (size_t at = 0; at < kind_field_count(kind); at++) {
			expected += field_options_take(&commands[i], kind_field(kind, at)) ? 1 : 0;
		}
		ck_assert_uint_eq(field_options_rows(&commands[i], &target, rows, 64), expected);
		found++;
	}
	ck_assert_uint_gt(found, 15);
}
END_TEST

START_TEST(values_of_fields_are_kept_in_their_order_with_their_options) {
	static const char *const words[] = { "troth", "deal", "submit", "--remark", "one", "d", "--remark=two", NULL };
	struct failure failure = { .code = OK };
	struct invocation call;
	struct note_pairs pairs = { .count = 0 };
	ck_assert_msg(parse(words, &call, &failure) == OK, "%s", failure.text);
	ck_assert_int_eq(field_options_read(&call, &pairs, &failure), OK);
	ck_assert_uint_eq(pairs.count, 2);
	ck_assert_str_eq(pairs.items[0].key, "remark");
	ck_assert(slice_is(pairs.items[0].raw, "one") && slice_is(pairs.items[1].raw, "two"));
}
END_TEST

static const struct {
	const char *words[12];
	enum error code;
	const char *says;
} refusals[] = {
	{ { "troth", "deal", "rate", "d", "--stars", "6" }, ERROR_BAD_VALUE, "--stars: " },
	{ { "troth", "deal", "rate", "d", "--stars", "\xff" }, ERROR_BAD_TEXT, "--stars: " },
	{ { "troth", "deal", "rate", "d" }, ERROR_USAGE, "--stars is missing" },
	{ { "troth", "deal", "rate", "d", "--stars", "5", "--stars", "4" }, ERROR_USAGE, "--stars may stand at most 1" },
	{ { "troth", "deal", "ship", "d", "--stars", "5" }, ERROR_USAGE, "--stars" },
	{ { "troth", "ops", "suspend", "n", "--standing", "good" }, ERROR_USAGE, "--standing" },
	{ { "troth", "deal", "ship", "d", "--brand", "x" }, ERROR_USAGE, "--brand" },
};

START_TEST(what_is_no_value_is_refused_before_anything_is_asked) {
	struct failure failure = { .code = OK };
	struct invocation call;
	struct note_pairs pairs = { .count = 0 };
	enum error error = parse(refusals[_i].words, &call, &failure);
	if (error == OK) {
		error = field_options_read(&call, &pairs, &failure);
	}
	if (error == OK) {
		error = field_options_require(call.command, &pairs, &failure);
	}
	ck_assert_msg(error == refusals[_i].code, "%s: %s", error_word(error), failure.text);
	ck_assert_msg(strstr(failure.text, refusals[_i].says) != NULL, "%s", failure.text);
}
END_TEST

/* ---- words ---- */

static const struct {
	int64_t seconds;
	const char *text;
} spans[] = {
	{ 0, "now" },          { 59, "in 59 s" },           { 60, "in 1 min" },          { 3600, "in 1 h" },
	{ 3659, "in 1 h" },    { 3660, "in 1 h 1 min" },    { 183600, "in 2 d 3 h" },    { 86400, "in 1 d" },
	{ -1, "1 s ago" },     { -90000, "1 d 1 h ago" },   { -3600, "1 h ago" },        { 119, "in 1 min" },
};

START_TEST(spans_are_told_in_days_and_hours) {
	struct buffer out;
	buffer_init(&out, 100);
	words_append_until(&out, spans[_i].seconds);
	ck_assert_str_eq(buffer_text(&out), spans[_i].text);
	buffer_release(&out);
}
END_TEST

static const struct {
	enum deal_state state, before;
	enum road road;
	bool has_product, is_posted;
	int64_t fee;
	const char *way;
} ways[] = {
	{ DEAL_SHIPPED, 0, ROAD_FIRST_COME, true, true, 0,
	  "agreed -> [shipped] -> received -> submitted -> approved -> posted -> verified -> closed" },
	{ DEAL_PROPOSED, 0, ROAD_SELECTION, false, true, 100,
	  "[proposed] -> received -> submitted -> approved -> posted -> verified -> paid -> closed" },
	{ DEAL_VERIFIED, 0, ROAD_FIRST_COME, false, false, 100, "received -> submitted -> [verified] -> paid -> closed" },
	{ DEAL_DISPUTED, DEAL_SUBMITTED, ROAD_FIRST_COME, false, false, 0,
	  "received -> [submitted] -> verified -> closed   stopped: [disputed]" },
	{ DEAL_LAPSED, 0, ROAD_FIRST_COME, false, false, 0,
	  "received -> submitted -> verified -> closed   left by: [lapsed]" },
	{ DEAL_ENDED, 0, ROAD_SELECTION, false, false, 0, "proposed -> [ended]" },
	{ DEAL_CLOSED, 0, ROAD_FIRST_COME, false, false, 0, "received -> submitted -> verified -> [closed]" },
};

START_TEST(the_way_of_a_deal_shows_where_it_is) {
	struct deal deal = { .state = ways[_i].state,
		                 .before = ways[_i].before,
		                 .road = ways[_i].road,
		                 .terms = { .has_product = ways[_i].has_product,
		                            .is_posted = ways[_i].is_posted,
		                            .fee = ways[_i].fee } };
	struct buffer out;
	buffer_init(&out, 400);
	deal_append_way(&out, &deal);
	ck_assert_str_eq(buffer_text(&out), ways[_i].way);
	buffer_release(&out);
}
END_TEST

/* ---- CSV ---- */

static const struct {
	const char *text, *cell;
} cells[] = {
	{ "plain", "plain" },       { "", "" },           { "a,b", "\"a,b\"" },      { "say \"x\"", "\"say \"\"x\"\"\"" },
	{ "=1+1", "'=1+1" },        { "+1", "'+1" },      { "-1", "'-1" },           { "@x", "'@x" },
	{ "=a,b", "\"'=a,b\"" },    { " x", "\" x\"" },   { "two\nlines", "\"two\nlines\"" },
};

static const struct {
	enum deal_state state;
	enum deadline deadline;
	int64_t held;
	const char *currency, *says;
} silences[] = {
	{ DEAL_AGREED, DEADLINE_SHIP, 11000, "USD",
	  "silence ends the deal: creator 0.00 USD, agency 0.00 USD, back to the brand 110.00 USD" },
	{ DEAL_RECEIVED, DEADLINE_RESUBMIT, 11000, "USD",
	  "silence ends the deal: creator 0.00 USD, agency 0.00 USD, back to the brand 110.00 USD" },
	{ DEAL_AGREED, DEADLINE_SHIP, 0, "", "silence ends the deal" },
	{ DEAL_SUBMITTED, DEADLINE_REVIEW, 11000, "USD", "silence approves" },
};

START_TEST(silence_costs_what_the_terms_say_and_no_more) {
	struct deal deal = { .state = silences[_i].state,
		                 .deadline = silences[_i].deadline,
		                 .held = silences[_i].held,
		                 .terms = { .fee = 10000, .agency_fee = 1000 } };
	struct buffer out;
	memcpy(deal.terms.currency, silences[_i].currency, strlen(silences[_i].currency));
	buffer_init(&out, 400);
	deal_append_silence(&out, &deal);
	ck_assert_str_eq(buffer_text(&out), silences[_i].says);
	deal.terms.kill_fee[0] = 5000;
	if (deal.state == DEAL_AGREED && deal.held > 0) {
		buffer_clear(&out);
		deal_append_silence(&out, &deal);
		ck_assert_ptr_nonnull(strstr(buffer_text(&out), "creator 50.00 USD, agency 5.00 USD"));
	}
	buffer_release(&out);
}
END_TEST

START_TEST(a_cell_is_never_a_formula) {
	struct buffer out;
	buffer_init(&out, 100);
	csv_append_text(&out, cells[_i].text);
	ck_assert_str_eq(buffer_text(&out), cells[_i].cell);
	buffer_release(&out);
}
END_TEST

START_TEST(amounts_are_numbers_in_the_currencys_decimals) {
	struct buffer out;
	buffer_init(&out, 100);
	csv_append_amount(&out, -25050, "USD");
	(void)buffer_append_text(&out, ";");
	csv_append_amount(&out, 1200, "JPY");
	(void)buffer_append_text(&out, ";");
	csv_append_amount(&out, 5, "no");
	ck_assert_str_eq(buffer_text(&out), "-250.50;1200;");
	buffer_release(&out);
}
END_TEST

/* ---- sheets of steps ---- */

static enum error read_sheet(const char *text, struct sheet *sheet, struct failure *failure) {
	static const char *const extras[] = { "deal", "status" };
	const struct sheet_form form = { .kind = kind_get(KIND_RATE), .noun = "a rating", .extras = extras,
		                           .extra_count = 2, .required = 1 };
	const char *path = scratch_path(scratch_folder(), "steps.csv");
	scratch_write(path, text);
	return sheet_read(path, &form, sheet, failure);
}

START_TEST(extras_stand_beside_the_fields_of_a_row) {
	struct sheet sheet;
	struct failure failure = { .code = OK };
	ck_assert_msg(read_sheet("stars,deal,remark\r\n5, abc ,a;b\r\n4,\"d,e\",\r\n", &sheet, &failure) == OK, "%s",
	              failure.text);
	ck_assert_uint_eq(sheet.count, 2);
	ck_assert_str_eq(buffer_text(&sheet.rows[0].draft), "stars 5\nremark a\nremark b\n");
	ck_assert_str_eq(buffer_text(&sheet.rows[0].extras[0]), "abc");
	ck_assert_uint_eq(sheet.rows[0].extras[1].size, 0);
	ck_assert_str_eq(buffer_text(&sheet.rows[1].extras[0]), "d,e");
	sheet_release(&sheet);
}
END_TEST

static const struct {
	const char *text;
	enum error code;
} sheets[] = {
	{ "stars,remark\n5,x\n", ERROR_MISSING_KEY },   { "deal,deal\na,b\n", ERROR_DUPLICATE_KEY },
	{ "deal,after\na,b\n", ERROR_UNKNOWN_KEY },     { "deal,stars,stars\na,5,5\n", ERROR_DUPLICATE_KEY },
	{ "", ERROR_MALFORMED },
};

START_TEST(a_sheet_without_its_columns_is_refused) {
	struct sheet sheet;
	struct failure failure = { .code = OK };
	ck_assert_int_eq(read_sheet(sheets[_i].text, &sheet, &failure), sheets[_i].code);
	sheet_release(&sheet);
}
END_TEST

#define ROWS(table) (int)(sizeof table / sizeof table[0])

int main(void) {
	Suite *suite = suite_create("steps");
	TCase *tests = tcase_create("steps");
	tcase_add_test(tests, every_field_that_a_person_writes_is_an_option_of_its_command);
	tcase_add_test(tests, values_of_fields_are_kept_in_their_order_with_their_options);
	tcase_add_loop_test(tests, what_is_no_value_is_refused_before_anything_is_asked, 0, ROWS(refusals));
	tcase_add_loop_test(tests, spans_are_told_in_days_and_hours, 0, ROWS(spans));
	tcase_add_loop_test(tests, the_way_of_a_deal_shows_where_it_is, 0, ROWS(ways));
	tcase_add_loop_test(tests, silence_costs_what_the_terms_say_and_no_more, 0, ROWS(silences));
	tcase_add_loop_test(tests, a_cell_is_never_a_formula, 0, ROWS(cells));
	tcase_add_test(tests, amounts_are_numbers_in_the_currencys_decimals);
	tcase_add_test(tests, extras_stand_beside_the_fields_of_a_row);
	tcase_add_loop_test(tests, a_sheet_without_its_columns_is_refused, 0, ROWS(sheets));
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

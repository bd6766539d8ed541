/* What a person writes (drafts), and notes made from pairs: the same rules, with the lines of the person's own file. */
#include "tests/unit/rules_samples.h"

static struct note note;
static struct failure failure;
static struct buffer text;
static char changed[SAMPLE_MAX];

static void setup(void) {
	buffer_init(&text, NOTE_TEXT_MAX);
}

static void teardown(void) {
	buffer_release(&text);
}

static const char draft[] =
    "# our spring campaign\n"
    "\n"
    "compensation gifted\n"
    "product Cork yoga mat, 5 mm\n"
    "product-value 89.00 USD\n"
    "\n"
    "# what we ask for\n"
    "deliverable 1 instagram-reel within 14d\n"
    "deliverable 2 instagram-story within 14d\n"
    "disclosure #ad\n"
    "slots 5\n"
    "closes 2027-03-31T23:59:59Z\n";

START_TEST(a_draft_has_comments_and_blank_lines_and_keeps_its_line_numbers) {
	static const unsigned lines[] = { 3, 4, 5, 8, 9, 10, 11, 12 };
	ck_assert_msg(draft_parse(slice_of_text(draft), kind_get(KIND_OFFER), &note, &failure) == OK, "%s", failure.text);
	ck_assert_uint_eq(note.count, sizeof lines / sizeof lines[0]);
	for (size_t i = 0; i < note.count; i++) {
		ck_assert_uint_eq(note.values[i].line, lines[i]);
	}
	ck_assert_str_eq(note.values[5].field->key, "disclosure");
	ck_assert(slice_is(note.values[5].text, "#ad"));
}
END_TEST

START_TEST(a_draft_needs_no_final_line_end) {
	ck_assert_int_eq(draft_parse(slice_of(draft, sizeof draft - 2), kind_get(KIND_OFFER), &note, &failure), OK);
	ck_assert(slice_is(note_get(&note, "closes")->raw, "2027-03-31T23:59:59Z"));
}
END_TEST

/* Lines that replace `count` lines of the draft from `first` on. */
static const struct {
	unsigned first, count;
	const char *instead;
	enum error error;
	unsigned line;
	const char *says;
} changes[] = {
	{ 1, 2, "", OK, 0, "" },
	{ 12, 0, "#\n\n\n# the end is near\n", OK, 0, "" },
	{ 3, 1, "compensation given\n", ERROR_BAD_VALUE, 3, "compensation: must be one of: gifted, paid" },
	{ 3, 1, "", ERROR_MISSING_KEY, 3, "compensation is missing before this line" },
	{ 8, 2, "", ERROR_MISSING_KEY, 8, "deliverable is missing before this line" },
	{ 12, 1, "", ERROR_MISSING_KEY, 12, "closes is missing" },
	{ 12, 1, "closes 2027-03-31T23:59:60Z\n", ERROR_BAD_VALUE, 12, "closes: there is no such time" },
	{ 12, 1, "closes 2027-03-31T23:59:59Z\r\n", ERROR_BAD_TEXT, 12, "CR LF" },
	{ 7, 1, "# a comment with a \u200b hidden\n", ERROR_BAD_TEXT, 7, "U+200B" },
	{ 1, 1, "\xef\xbb\xbf# a byte order mark\n", ERROR_BAD_TEXT, 1, "U+FEFF" },
	{ 7, 1, " # an indented comment\n", ERROR_UNKNOWN_KEY, 7, "no key \"\"" },
	{ 4, 1, "prodcut Mat\n", ERROR_UNKNOWN_KEY, 4, "no key \"prodcut\" in offer" },
	{ 5, 1, "product Another mat\n", ERROR_DUPLICATE_KEY, 5, "product stands" },
	{ 10, 1, "brief Show it.\n", ERROR_MISSING_KEY, 11, "disclosure is missing before this line" },
	{ 12, 0, "deliverable 1 review within 1d\n", ERROR_MISPLACED_KEY, 12, "deliverable must stand before slots" },
	{ 9, 1, "slots 5\n", ERROR_MISPLACED_KEY, 9, "slots must stand behind disclosure" },
	/* what the command adds */
	{ 3, 0, BRAND, ERROR_MISPLACED_KEY, 3, "brand is added by the command: leave it out" },
	{ 6, 1, BRAND, ERROR_MISPLACED_KEY, 6, "brand is added by the command: leave it out" },
	{ 13, 0, "time " TIME "\n", ERROR_MISPLACED_KEY, 13, "time is added by the command: leave it out" },
	{ 3, 0, "nonce " NONCE "\n", ERROR_MISPLACED_KEY, 3, "nonce is added by the command: leave it out" },
	{ 1, 0, ORIGIN "/offer/v1\n", ERROR_MALFORMED, 1, "not a key, a blank and a value" },
	{ 1, 12, "", ERROR_MISSING_KEY, 1, "compensation is missing" },
	{ 1, 12, "# only a comment\n", ERROR_MISSING_KEY, 2, "compensation is missing" },
};

START_TEST(a_draft_is_refused_with_the_line_of_the_file) {
	sample_splice(changed, draft, changes[_i].first, changes[_i].count, changes[_i].instead);
	failure = (struct failure){ .line = 999 };
	enum error error = draft_parse(slice_of_text(changed), kind_get(KIND_OFFER), &note, &failure);
	ck_assert_msg(error == changes[_i].error, "%s: %s\n%s", error_word(error), failure.text, changed);
	if (error != OK) {
		ck_assert_msg(failure.line == changes[_i].line, "line %u: %s\n%s", failure.line, failure.text, changed);
		ck_assert_msg(strstr(failure.text, changes[_i].says) != NULL, "%s", failure.text);
		ck_assert_int_eq(draft_parse(slice_of_text(changed), kind_get(KIND_OFFER), &note, NULL), error);
	}
}
END_TEST

START_TEST(a_draft_is_bounded_like_a_note) {
	static char large[NOTE_TEXT_MAX + 1];
	memset(large, '\n', sizeof large);
	ck_assert_int_eq(draft_parse(slice_of(large, NOTE_TEXT_MAX), kind_get(KIND_OFFER), &note, &failure),
	                 ERROR_MISSING_KEY);
	ck_assert_int_eq(draft_parse(slice_of(large, NOTE_TEXT_MAX + 1), kind_get(KIND_OFFER), &note, &failure),
	                 ERROR_TOO_LONG);
}
END_TEST

/* Takes a sample apart into pairs, from the last line to the first, but those of one key in their order. */
static size_t take_apart(const struct note *from, struct note_pair *pairs) {
	size_t count = 0, end = from->count;
	while (end > 0) {
		size_t begin = end - 1;
		while (begin > 0 && from->values[begin - 1].field == from->values[end - 1].field) {
			begin--;
		}
		for (size_t i = begin; i < end; i++) {
			pairs[count] = (struct note_pair){ from->values[i].field->key, from->values[i].raw };
			count++;
		}
		end = begin;
	}
	return count;
}

static const char *const samples[] = { OFFER, GIFT, PAID, AGREEMENT, ENROL, ADMIT, CLOSE, FUND };

START_TEST(pairs_in_any_order_make_the_note_in_the_tables_order) {
	struct note_pair pairs[NOTE_VALUES_MAX];
	sample_parse(samples[_i], &note);
	size_t count = take_apart(&note, pairs);
	ck_assert_msg(note_compose(note.kind, ORIGIN, pairs, count, &text, &failure) == OK, "%s", failure.text);
	ck_assert_str_eq(buffer_text(&text), samples[_i]);
}
END_TEST

START_TEST(a_note_is_composed_behind_what_the_buffer_holds) {
	struct note_pair pairs[NOTE_VALUES_MAX];
	sample_parse(CLOSE, &note);
	size_t count = take_apart(&note, pairs);
	buffer_append_text(&text, "before\n");
	ck_assert_int_eq(note_compose(note.kind, ORIGIN, pairs, count, &text, &failure), OK);
	ck_assert_str_eq(buffer_text(&text), "before\n" CLOSE);
}
END_TEST

static enum error compose_with(const char *key, const char *raw) {
	struct note_pair pairs[NOTE_VALUES_MAX + 1];
	sample_parse(GIFT, &note);
	size_t count = take_apart(&note, pairs);
	pairs[count] = (struct note_pair){ key, slice_of_text(raw) };
	buffer_clear(&text);
	return note_compose(kind_get(KIND_OFFER), ORIGIN, pairs, count + 1, &text, &failure);
}

START_TEST(what_is_composed_is_checked_like_any_note) {
	static const struct {
		const char *key, *raw;
		enum error error;
		unsigned line;
		const char *says;
	} cases[] = {
		{ "campaign", "Spring", OK, 0, "" },
		{ "campaign", "", ERROR_BAD_VALUE, 3, "campaign: is empty" },
		{ "campaign", "Spring\u200b", ERROR_BAD_TEXT, 3, "U+200B" },
		{ "slots", "7", ERROR_DUPLICATE_KEY, 9, "slots stands more than 1 time" },
		{ "fee", "1.00 USD", ERROR_BAD_VALUE, 6, "fee does not go with" },
		{ "creator", "studio-flow", ERROR_UNKNOWN_KEY, 0, "a key that offer does not have" },
		{ "", "x", ERROR_UNKNOWN_KEY, 0, "a key that offer does not have" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		failure = (struct failure){ .line = 0 };
		ck_assert_msg(compose_with(cases[i].key, cases[i].raw) == cases[i].error, "%s %s", cases[i].key, cases[i].raw);
		ck_assert_msg(failure.line == cases[i].line, "%s: line %u", cases[i].key, failure.line);
		ck_assert_msg(strstr(failure.text, cases[i].says) != NULL, "%s: %s", cases[i].key, failure.text);
	}
}
END_TEST

START_TEST(no_value_brings_further_lines_with_it) {
	static const char *const raws[] = {
		"Spring\nproduct-value 1.00 USD", "Spring\n", "\n", "Spring\n\n", "Spring\nlive-for 30d",
	};
	for (size_t i = 0; i < sizeof raws / sizeof raws[0]; i++) {
		ck_assert_msg(compose_with("campaign", raws[i]) == ERROR_BAD_TEXT, "%s", raws[i]);
		ck_assert_str_eq(failure.text, "campaign: has more than one line");
	}
	/* A line that the table wants next, and that would make a good note. */
	ck_assert_int_eq(compose_with("review-within", "72h\nlive-for 30d"), ERROR_BAD_TEXT);
	ck_assert_int_eq(compose_with("campaign", "Spring"), OK);
}
END_TEST

START_TEST(a_missing_pair_is_named) {
	struct note_pair pairs[NOTE_VALUES_MAX];
	sample_parse(CLOSE, &note);
	size_t count = take_apart(&note, pairs);
	ck_assert_int_eq(note_compose(note.kind, ORIGIN, pairs + 1, count - 1, &text, &failure), ERROR_MISSING_KEY);
	ck_assert_str_eq(failure.text, "nonce is missing");
	buffer_clear(&text);
	ck_assert_int_eq(note_compose(note.kind, ORIGIN, NULL, 0, &text, &failure), ERROR_MISSING_KEY);
}
END_TEST

START_TEST(a_note_that_does_not_fit_is_refused) {
	struct note_pair pairs[NOTE_VALUES_MAX];
	struct buffer small;
	buffer_init(&small, sizeof CLOSE - 2);
	sample_parse(CLOSE, &note);
	size_t count = take_apart(&note, pairs);
	ck_assert_int_eq(note_compose(note.kind, ORIGIN, pairs, count, &small, &failure), ERROR_TOO_LONG);
	buffer_release(&small);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("drafts");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_draft_has_comments_and_blank_lines_and_keeps_its_line_numbers);
	tcase_add_test(tests, a_draft_needs_no_final_line_end);
	tcase_add_loop_test(tests, a_draft_is_refused_with_the_line_of_the_file, 0, ROWS(changes));
	tcase_add_test(tests, a_draft_is_bounded_like_a_note);
	tcase_add_loop_test(tests, pairs_in_any_order_make_the_note_in_the_tables_order, 0, ROWS(samples));
	tcase_add_test(tests, a_note_is_composed_behind_what_the_buffer_holds);
	tcase_add_test(tests, what_is_composed_is_checked_like_any_note);
	tcase_add_test(tests, no_value_brings_further_lines_with_it);
	tcase_add_test(tests, a_missing_pair_is_named);
	tcase_add_test(tests, a_note_that_does_not_fit_is_refused);
	Suite *suite = suite_create("rules/draft");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

/* Which bytes a note may hold: strict UTF-8 (RFC 3629), no control characters but LF. */
#include "crypto/note_text.h"

#include <check.h>
#include <stdlib.h>

/* How many bytes at the start a note may hold. */
static const struct utf8_row {
	const char *bytes;
	size_t valid;
	const char *why;
} utf8_rows[] = {
	{ "plain ASCII of more than eight bytes", 36, "ASCII" },
	{ "\n\n\n\n\n\n\n\n", 8, "line feeds" },
	{ "\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", 18, "the ends of each length" },
	{ "\xED\x9F\xBF\xEE\x80\x80", 6, "the neighbours of the surrogates" },
	{ "12345678\x1F", 8, "a control character behind eight bytes" },
	{ "1234567\x1F", 7, "a control character as the eighth byte" },
	{ "1234567\x80", 7, "a continuation byte as the eighth byte" },
	{ "a\x80", 1, "a continuation byte alone" },
	{ "a\xC3", 1, "cut short" },
	{ "a\xE2\x82", 1, "cut short by one of three" },
	{ "a\xF0\x9F\x98", 1, "cut short by one of four" },
	{ "a\xC3\x28", 1, "no continuation" },
	{ "a\xE2\x28\xA1", 1, "no continuation in the middle" },
	{ "a\xC0\xAF", 1, "overlong slash, two bytes" },
	{ "a\xC1\xBF", 1, "overlong DEL" },
	{ "a\xE0\x80\xAF", 1, "overlong slash, three bytes" },
	{ "a\xE0\x9F\xBF", 1, "the largest overlong of three bytes" },
	{ "a\xF0\x80\x80\xAF", 1, "overlong slash, four bytes" },
	{ "a\xF0\x8F\xBF\xBF", 1, "the largest overlong of four bytes" },
	{ "a\xC0\x80", 1, "overlong NUL" },
	{ "a\xED\xA0\x80", 1, "the first surrogate" },
	{ "a\xED\xBF\xBF", 1, "the last surrogate" },
	{ "a\xF4\x90\x80\x80", 1, "above U+10FFFF" },
	{ "a\xF8\x88\x80\x80\x80", 1, "five bytes" },
	{ "a\xFE", 1, "no first byte" },
	{ "a\xFF", 1, "no first byte" },
};

START_TEST(utf8_has_one_form) {
	const struct utf8_row *row = &utf8_rows[_i];
	size_t valid = note_text_valid_prefix(slice_of_text(row->bytes));
	ck_assert_msg(valid == row->valid, "%s: %zu bytes are valid", row->why, valid);
}
END_TEST

START_TEST(every_control_character_but_lf_is_found_at_every_place) {
	for (unsigned character = 0; character < 0x20; character++) {
		for (size_t at = 0; at < 24; at++) {
			uint8_t bytes[24];
			memset(bytes, ' ', sizeof bytes);
			bytes[at] = (uint8_t)character;
			size_t expected = character == '\n' ? sizeof bytes : at;
			ck_assert_uint_eq(note_text_valid_prefix(slice_of(bytes, sizeof bytes)), expected);
		}
	}
}
END_TEST

#define ROWS(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

static Suite *make_suite(void) {
	Suite *suite = suite_create("crypto/note_text");
	TCase *tests = tcase_create("text");
	tcase_add_loop_test(tests, utf8_has_one_form, 0, ROWS(utf8_rows));
	tcase_add_test(tests, every_control_character_but_lf_is_found_at_every_place);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(void) {
	SRunner *runner = srunner_create(make_suite());
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

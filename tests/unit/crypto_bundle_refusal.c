/* What is no bundle: the line that is at fault, the error and what was expected there. */
#include "crypto/bundle.h"
#include "tests/lib/unit.h"
#include "tests/unit/crypto_bundle_samples.h"

static struct buffer file;
static struct bundle_reader reader;
static struct bundle_entry entry;
static struct slice origin;
static struct failure failure;
static bool done;

static void setup(void) {
	buffer_init(&file, 64 * SIGNED_NOTE_MAX);
	failure = (struct failure){ .line = 0 };
}

static void teardown(void) {
	buffer_release(&file);
}

/* Reads to the end or the first error, which it returns. */
static enum error read_all(struct slice bytes) {
	enum error error = bundle_open(bytes, &reader, &origin, &failure);
	done = false;
	while (error == OK && !done) {
		error = bundle_next(&reader, &entry, &done, &failure);
	}
	return error;
}

static const struct refused_row {
	const char *bytes;
	unsigned line;
	enum error error;
	const char *reason;
} refused_rows[] = {
	{ "", 1, ERROR_MALFORMED, "expected: <origin>/bundle/v1" },
	{ "\n", 1, ERROR_MALFORMED, "expected: <origin>/bundle/v1" },
	{ "/bundle/v1\n\n", 1, ERROR_MALFORMED, "expected: <origin>/bundle/v1" },
	{ "bundle/v1\n\n", 1, ERROR_MALFORMED, "expected: <origin>/bundle/v1" },
	{ "a b/bundle/v1\n\n", 1, ERROR_MALFORMED, "expected: <origin>/bundle/v1" },
	{ ORIGIN "/bundle/v2\n\n", 1, ERROR_MALFORMED, "expected: <origin>/bundle/v1" },
	{ ORIGIN "/bundle/v1 \n\n", 1, ERROR_MALFORMED, "expected: <origin>/bundle/v1" },
	{ "\xEF\xBB\xBF\n" HEAD, 1, ERROR_MALFORMED, "expected: <origin>/bundle/v1" },
	{ NOTE, 1, ERROR_MALFORMED, "expected: <origin>/bundle/v1" },
	{ "\x89PNG\r\n\x1A\n", 1, ERROR_BAD_TEXT, "byte 1 of the line" },
	{ ORIGIN "/bundle/v1\r\n\r\n", 1, ERROR_BAD_TEXT, "lines end in LF alone" },
	{ ORIGIN "/bundle/v1\n", 2, ERROR_MALFORMED, "expected: an empty line behind the first one" },
	{ ORIGIN "/bundle/v1\n" ENTRY("17") NOTE "\n", 2, ERROR_MALFORMED, "expected: an empty line behind the first one" },
	{ ORIGIN "/bundle/v1\n\r\n", 2, ERROR_BAD_TEXT, "byte 1 of the line" },

	{ HEAD "\n", 3, ERROR_MALFORMED, "expected: note <sequence> <received>" },
	{ HEAD NOTE "\n", 3, ERROR_MALFORMED, "expected: note <sequence> <received>" },
	{ HEAD " " ENTRY("17") NOTE "\n", 3, ERROR_MALFORMED, "expected: note <sequence> <received>" },
	{ HEAD "Note 17 " RECEIVED "\n" NOTE "\n", 3, ERROR_MALFORMED, "expected: note <sequence> <received>" },
	{ HEAD "note\n", 3, ERROR_MALFORMED, "expected: note <sequence> <received>" },
	{ HEAD "note 17 " RECEIVED, 3, ERROR_MALFORMED, "the file ends within this line; expected: note <sequence>" },
	{ HEAD ENTRY("0") NOTE "\n", 3, ERROR_MALFORMED, "a sequence from 1 to 9223372036854775807" },
	{ HEAD ENTRY("017") NOTE "\n", 3, ERROR_MALFORMED, "without leading zeros" },
	{ HEAD ENTRY("+17") NOTE "\n", 3, ERROR_MALFORMED, "a sequence from 1" },
	{ HEAD ENTRY("-17") NOTE "\n", 3, ERROR_MALFORMED, "a sequence from 1" },
	{ HEAD ENTRY("x") NOTE "\n", 3, ERROR_MALFORMED, "a sequence from 1" },
	{ HEAD ENTRY("") NOTE "\n", 3, ERROR_MALFORMED, "a sequence from 1" },
	{ HEAD "note \n", 3, ERROR_MALFORMED, "a sequence from 1" },
	{ HEAD ENTRY("9223372036854775808") NOTE "\n", 3, ERROR_MALFORMED, "a sequence from 1" },
	{ HEAD ENTRY("18446744073709551617") NOTE "\n", 3, ERROR_MALFORMED, "a sequence from 1" },
	{ HEAD "note 17\n" NOTE "\n", 3, ERROR_MALFORMED, "a blank and a time like 2026-11-23T10:02:11Z" },
	{ HEAD ENTRY("17 ") NOTE "\n", 3, ERROR_MALFORMED, "a blank and a time" },
	{ HEAD ENTRY("1e1") NOTE "\n", 3, ERROR_MALFORMED, "a blank and a time" },
	{ HEAD "note 17 " RECEIVED " \n" NOTE "\n", 3, ERROR_MALFORMED, "a blank and a time" },
	{ HEAD "note 17 2026-11-23t10:02:11Z\n" NOTE "\n", 3, ERROR_MALFORMED, "a blank and a time" },
	{ HEAD "note 17 2026-11-23T10:02:11+\n" NOTE "\n", 3, ERROR_MALFORMED, "a blank and a time" },
	{ HEAD "note 17 2026-11-23T10:02:1xZ\n" NOTE "\n", 3, ERROR_MALFORMED, "a blank and a time" },
	{ HEAD "note 17 1795428131\n" NOTE "\n", 3, ERROR_MALFORMED, "a blank and a time" },
	{ HEAD ENTRY("17\t") NOTE "\n", 3, ERROR_BAD_TEXT, "byte 8 of the line" },

	{ HEAD "hidden 17 " RECEIVED "\n\n", 3, ERROR_MALFORMED, "the hidden note's id, sha256:<64 digits" },
	{ HEAD "hidden 17 " RECEIVED " sha256:0123\n\n", 3, ERROR_MALFORMED, "the hidden note's id" },
	{ HEAD "hidden 17 " RECEIVED " " ID "0\n\n", 3, ERROR_MALFORMED, "the hidden note's id" },
	{ HEAD "hidden 17 " RECEIVED " SHA256" ID "\n\n", 3, ERROR_MALFORMED, "the hidden note's id" },
	{ HEAD "hidden " ID "\n\n", 3, ERROR_MALFORMED, "the hidden note's id" },
	{ HEAD "hidden 17 " ID "\n\n", 3, ERROR_MALFORMED, "a blank and a time" },
	{ HEAD "hidden 017 " RECEIVED " " ID "\n\n", 3, ERROR_MALFORMED, "without leading zeros" },
	{ HEAD "note 17 " RECEIVED " " ID "\n\n", 3, ERROR_MALFORMED, "a blank and a time" },
	{ HEAD "hidden 17 " RECEIVED " " ID "\n", 4, ERROR_MALFORMED, "expected: an empty line behind a hidden note's" },
	{ HEAD "hidden 17 " RECEIVED " " ID "\n" NOTE "\n", 4, ERROR_MALFORMED, "expected: an empty line behind" },
	{ HEAD HIDDEN("17") HIDDEN("17"), 5, ERROR_MALFORMED, "expected: a sequence above 17" },

	{ HEAD ENTRY("17"), 4, ERROR_MALFORMED, "the file ends within this line; expected: the lines of the note's text" },
	{ HEAD ENTRY("17") "\n" SIGNATURE "\n", 4, ERROR_MALFORMED, "expected: the lines of the note's text" },
	{ HEAD ENTRY("17") TEXT, 6, ERROR_MALFORMED, "the file ends within this line; expected: the lines of the note" },
	{ HEAD ENTRY("17") TEXT SIGNATURE "\n", 8, ERROR_MALFORMED, "expected: signature lines" },
	{ HEAD ENTRY("17") TEXT "\n" TEXT "\n" SIGNATURE "\n", 7, ERROR_MALFORMED, "expected: signature lines" },
	{ HEAD ENTRY("17") TEXT "\n\n" SIGNATURE "\n", 7, ERROR_MALFORMED, "expected: signature lines" },
	{ HEAD ENTRY("17") TEXT "\n- a c2lnbmF0dXJl\n\n", 7, ERROR_MALFORMED, "expected: signature lines" },
	{ HEAD ENTRY("17") NOTE, 8, ERROR_MALFORMED, "the file ends within this line; expected: signature lines" },
	{ HEAD ENTRY("17") NOTE ENTRY("21") NOTE "\n", 8, ERROR_MALFORMED, "and an empty line behind them" },
	{ HEAD ENTRY("17") "a\r\n\n" SIGNATURE "\n", 4, ERROR_BAD_TEXT, "byte 2 of the line" },
	{ HEAD ENTRY("17") "a\n\r\n" SIGNATURE "\n", 5, ERROR_BAD_TEXT, "byte 1 of the line" },
	{ HEAD ENTRY("17") "a\nb\xC0\x80\n\n" SIGNATURE "\n", 5, ERROR_BAD_TEXT, "byte 2 of the line" },
	{ HEAD ENTRY("17") TEXT "\n" SIGNATURE DASH "a b\n\n", 8, ERROR_MALFORMED, "the signature is not base64" },
	{ HEAD ENTRY("17") TEXT "\n" DASH "\n\n", 7, ERROR_MALFORMED, "not a signature line" },

	{ HEAD ENTRY("17") NOTE "\n\n", 9, ERROR_MALFORMED, "expected: note <sequence> <received>" },
	{ HEAD ENTRY("17") NOTE "\n" NOTE "\n", 9, ERROR_MALFORMED, "expected: note <sequence> <received>" },
	{ HEAD ENTRY("17") NOTE "\ngarbage", 9, ERROR_MALFORMED, "expected: note <sequence> <received>" },
	{ HEAD ENTRY("17") NOTE "\n" SIGNATURE "\n", 9, ERROR_MALFORMED, "expected: note <sequence> <received>" },
	{ HEAD ENTRY("17") NOTE "\n" HEAD, 9, ERROR_MALFORMED, "expected: note <sequence> <received>" },
	{ HEAD ENTRY("17") NOTE "\n" ENTRY("17") NOTE "\n", 9, ERROR_MALFORMED, "expected: a sequence above 17" },
	{ HEAD ENTRY("17") NOTE "\n" ENTRY("9") NOTE "\n", 9, ERROR_MALFORMED, "expected: a sequence above 17" },
};

START_TEST(what_is_no_bundle_is_refused_with_its_line) {
	const struct refused_row *row = &refused_rows[_i];
	enum error error = read_all(slice_of_text(row->bytes));
	ck_assert_msg(error == row->error && failure.code == error, "row %d: %s: %s", _i, error_word(error), failure.text);
	ck_assert_msg(failure.line == row->line, "row %d: line %u: %s", _i, failure.line, failure.text);
	ck_assert_msg(strstr(failure.text, row->reason) != NULL, "row %d: %s", _i, failure.text);
}
END_TEST

START_TEST(nul_bytes_are_refused_with_their_line) {
	static const char with_nul[] = HEAD ENTRY("17") "a\0b\n\n" SIGNATURE "\n";
	ck_assert_int_eq(read_all(slice_of(with_nul, sizeof with_nul - 1)), ERROR_BAD_TEXT);
	ck_assert_uint_eq(failure.line, 4);
}
END_TEST

START_TEST(a_reader_stays_at_what_it_refused) {
	ck_assert_int_eq(bundle_open(slice_of_text(HEAD ENTRY("17") NOTE "\n" ENTRY("9") NOTE "\n"), &reader, &origin,
	                             &failure), OK);
	ck_assert_int_eq(bundle_next(&reader, &entry, &done, &failure), OK);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(bundle_next(&reader, &entry, &done, &failure), ERROR_MALFORMED);
		ck_assert(!done);
		ck_assert_uint_eq(failure.line, 9);
	}
	ck_assert_int_eq(bundle_next(&reader, &entry, &done, NULL), ERROR_MALFORMED);
}
END_TEST

START_TEST(a_note_without_end_is_too_long) {
	buffer_append_text(&file, HEAD ENTRY("17") TEXT "\n");
	for (size_t i = 0; i < SIGNED_NOTE_MAX; i++) {
		buffer_append_text(&file, SIGNATURE);
	}
	ck_assert_int_eq(read_all(buffer_slice(&file)), ERROR_TOO_LONG);
	ck_assert_uint_eq(failure.line, 3);
}
END_TEST

START_TEST(more_signatures_than_a_note_may_have_are_refused_at_their_line) {
	buffer_append_text(&file, HEAD ENTRY("17") TEXT "\n");
	for (int i = 0; i < SIGNED_NOTE_SIGNATURES_MAX + 1; i++) {
		buffer_append_text(&file, SIGNATURE);
	}
	buffer_append_text(&file, "\n");
	ck_assert_int_eq(read_all(buffer_slice(&file)), ERROR_MALFORMED);
	ck_assert_uint_eq(failure.line, 7 + SIGNED_NOTE_SIGNATURES_MAX);
	ck_assert_str_eq(failure.text, "more than 16 signatures");
}
END_TEST

START_TEST(a_file_beyond_the_limit_is_not_looked_at) {
	ck_assert_int_eq(bundle_open(slice_of(NULL, (size_t)BUNDLE_FILE_MAX + 1), &reader, &origin, &failure),
	                 ERROR_TOO_LONG);
}
END_TEST

START_TEST(a_line_without_end_is_too_long) {
	for (size_t i = 0; i < SIGNED_NOTE_MAX + 1; i++) {
		buffer_append_text(&file, "x");
	}
	ck_assert_int_eq(read_all(buffer_slice(&file)), ERROR_TOO_LONG);
	ck_assert_uint_eq(failure.line, 1);
}
END_TEST

#define ROWS(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

int main(void) {
	Suite *suite = suite_create("refused bundles");
	TCase *tests = tcase_create("refusals");
	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, what_is_no_bundle_is_refused_with_its_line, 0, ROWS(refused_rows));
	tcase_add_test(tests, nul_bytes_are_refused_with_their_line);
	tcase_add_test(tests, a_reader_stays_at_what_it_refused);
	tcase_add_test(tests, a_note_without_end_is_too_long);
	tcase_add_test(tests, more_signatures_than_a_note_may_have_are_refused_at_their_line);
	tcase_add_test(tests, a_file_beyond_the_limit_is_not_looked_at);
	tcase_add_test(tests, a_line_without_end_is_too_long);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

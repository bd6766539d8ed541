/* Bytes and text: buffers with a hard maximum, slices, and the characters that a note may hold. */
#include <stdlib.h>

#include "base/buffer.h"
#include "base/unicode.h"
#include "tests/lib/unit.h"

/* ---- buffer ---- */

START_TEST(a_buffer_keeps_what_is_appended) {
	struct buffer buffer;
	buffer_init(&buffer, 100);
	ck_assert(buffer_append(&buffer, "a\0b", 3));
	ck_assert(buffer_append_text(&buffer, "cd"));
	ck_assert(buffer_append_slice(&buffer, slice_of(NULL, 0)));
	ck_assert(buffer_format(&buffer, "%d-%s", 7, "x"));
	ck_assert(buffer_ok(&buffer));
	ck_assert(slice_equal(buffer_slice(&buffer), slice_of("a\0bcd7-x", 8)));
	ck_assert_int_eq(buffer_text(&buffer)[8], '\0');
	ck_assert_uint_eq(buffer.size, 8);
	buffer_release(&buffer);
}
END_TEST

START_TEST(a_buffer_takes_its_maximum_and_not_one_byte_more) {
	for (size_t maximum = 0; maximum <= 300; maximum++) {
		struct buffer buffer;
		buffer_init(&buffer, maximum);
		for (size_t i = 0; i < maximum; i++) {
			ck_assert(buffer_append(&buffer, "x", 1));
		}
		ck_assert_uint_eq(strlen(buffer_text(&buffer)), maximum);
		ck_assert(!buffer_append(&buffer, "y", 1));
		ck_assert_uint_eq(buffer.size, maximum);
		ck_assert(!buffer_ok(&buffer));
		buffer_release(&buffer);
	}
}
END_TEST

START_TEST(a_failed_append_is_remembered_until_the_buffer_is_cleared) {
	struct buffer buffer;
	buffer_init(&buffer, 4);
	ck_assert(buffer_append_text(&buffer, "abc"));
	ck_assert(!buffer_append_text(&buffer, "de"));
	ck_assert(!buffer_append_text(&buffer, "d"));
	ck_assert(!buffer_append(&buffer, "", 0));
	ck_assert(!buffer_format(&buffer, "d"));
	ck_assert_ptr_null(buffer_text(&buffer));
	ck_assert(slice_is(buffer_slice(&buffer), "abc"));
	buffer_clear(&buffer);
	ck_assert(buffer_ok(&buffer));
	ck_assert_str_eq(buffer_text(&buffer), "");
	ck_assert(buffer_append_text(&buffer, "efgh"));
	ck_assert_str_eq(buffer_text(&buffer), "efgh");
	buffer_release(&buffer);
}
END_TEST

START_TEST(a_size_that_would_wrap_round_is_refused) {
	struct buffer buffer;
	buffer_init(&buffer, 100);
	ck_assert(buffer_append_text(&buffer, "abc"));
	ck_assert(!buffer_append(&buffer, "x", SIZE_MAX));
	ck_assert(slice_is(buffer_slice(&buffer), "abc"));
	buffer_release(&buffer);
}
END_TEST

START_TEST(formatted_text_is_whole_or_refused) {
	struct buffer buffer;
	buffer_init(&buffer, 4096);
	ck_assert(buffer_format(&buffer, "%01023d", 1));
	ck_assert_uint_eq(buffer.size, 1023);
	ck_assert(!buffer_format(&buffer, "%01024d", 1));
	ck_assert(!buffer_ok(&buffer));
	ck_assert_uint_eq(buffer.size, 1023);
	buffer_release(&buffer);
}
END_TEST

START_TEST(a_released_buffer_starts_again_with_the_same_maximum) {
	struct buffer buffer;
	buffer_init(&buffer, 3);
	ck_assert(!buffer_append_text(&buffer, "abcd"));
	buffer_release(&buffer);
	ck_assert(buffer_ok(&buffer));
	ck_assert_uint_eq(buffer_slice(&buffer).size, 0);
	ck_assert(buffer_append_text(&buffer, "abc"));
	ck_assert(!buffer_append_text(&buffer, "d"));
	buffer_release(&buffer);
	buffer_release(&buffer);
}
END_TEST

/* ---- slice ---- */

START_TEST(slices_are_ordered_bytewise_with_a_prefix_first) {
	static const struct slice ordered[] = {
		{ NULL, 0 },
		{ (const uint8_t *)"\0", 1 },
		{ (const uint8_t *)"\0\0", 2 },
		{ (const uint8_t *)"a", 1 },
		{ (const uint8_t *)"a\0", 2 },
		{ (const uint8_t *)"aa", 2 },
		{ (const uint8_t *)"b", 1 },
		{ (const uint8_t *)"\x7f", 1 },
		{ (const uint8_t *)"\x80", 1 },
		{ (const uint8_t *)"\xff", 1 },
	};
	int count = sizeof ordered / sizeof ordered[0];
	for (int i = 0; i < count; i++) {
		for (int j = 0; j < count; j++) {
			int order = slice_compare(ordered[i], ordered[j]);
			ck_assert_msg((order > 0) - (order < 0) == (i > j) - (i < j), "%d and %d", i, j);
			ck_assert_uint_eq(slice_equal(ordered[i], ordered[j]), i == j);
		}
	}
}
END_TEST

START_TEST(a_slice_is_copied_to_a_string_whole_or_not_at_all) {
	static const struct {
		struct slice slice;
		const char *copy; /* NULL: refused */
		const char *why;
	} cases[] = {
		{ { (const uint8_t *)"abc", 3 }, "abc", "fits exactly" },
		{ { (const uint8_t *)"abcd", 4 }, NULL, "no room for the NUL" },
		{ { (const uint8_t *)"a\0b", 3 }, NULL, "a NUL inside" },
		{ { (const uint8_t *)"ab\0", 3 }, NULL, "a NUL at the end" },
		{ { NULL, 0 }, "", "empty" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char out[4] = "zzz";
		bool copied = slice_copy_text(cases[i].slice, out, sizeof out);
		ck_assert_msg(copied == (cases[i].copy != NULL), "%s", cases[i].why);
		ck_assert_str_eq(out, copied ? cases[i].copy : "");
	}
}
END_TEST

/* ---- unicode ---- */

#define LITERAL(text) { (const uint8_t *)(text), sizeof(text) - 1 }

static const struct {
	struct slice line;
	const char *what;
} welcome[] = {
	{ LITERAL(""), "nothing" },
	{ LITERAL(" !\"#$%&'()*+,-./0189:;<=>?@AZ[\\]^_`az{|}~"), "printable ASCII" },
	{ LITERAL("\xc3\x84pfel, \xc3\x96l, Gr\xc3\xbc\xc3\x9f" "e"), "umlauts, composed" },
	{ LITERAL("\xe7\x91\x9c\xe4\xbc\xbd\xe3\x83\x9e\xe3\x83\x83\xe3\x83\x88"), "Chinese and Japanese" },
	{ LITERAL("\xed\x95\x9c\xea\xb8\x80"), "Hangul, composed" },
	{ LITERAL("\xf0\x9f\xa7\x98 \xf0\x9f\x8e\x81"), "emoji" },
	{ LITERAL("\xe2\x80\x94 \xe2\x80\x9cquoted\xe2\x80\x9d 89 \xe2\x82\xac"), "em dash, quotation marks, euro" },
	{ LITERAL("\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7"), "Hebrew, Arabic" },
	{ LITERAL("\xe0\xa4\xaf\xe0\xa5\x8b\xe0\xa4\x97"), "Devanagari with a combining vowel" },
	{ LITERAL("x\xcc\xa3"), "a combining dot that has no composed form" },
	{ LITERAL("\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd"), "emoji with a skin tone" },
	{ LITERAL("\xef\xbf\xbd"), "U+FFFD, which somebody may have meant" },
};

START_TEST(what_a_reader_can_see_is_welcome) {
	struct failure failure = { 0 };
	enum error error = unicode_check_line(welcome[_i].line, &failure);
	ck_assert_msg(error == OK, "%s: %s", welcome[_i].what, failure.text);
}
END_TEST

#define INVISIBLE "an invisible formatting character"
#define MEANINGLESS "a code point without a meaning"

static const struct {
	struct slice line;
	const char *why; /* stands in the failure's text */
} unwelcome[] = {
	{ LITERAL("ab\0c"), "U+0000 at byte 3 is a control character" },
	{ LITERAL("\n"), "U+000A at byte 1 is a control character" },
	{ LITERAL("ab\r"), "U+000D at byte 3 is a control character" },
	{ LITERAL("a\tb"), "U+0009 at byte 2 is a control character" },
	{ LITERAL("\x1b[2J"), "U+001B at byte 1 is a control character" },
	{ LITERAL("\x7f"), "U+007F at byte 1 is a control character" },
	{ LITERAL("\xc2\x85"), "U+0085 at byte 1 is a control character" },
	{ LITERAL("\xc2\x9b"), "U+009B at byte 1 is a control character" },
	{ LITERAL("\xc3\xa4\xe2\x80\xae" "b"), "U+202E at byte 3 is " INVISIBLE },
	{ LITERAL("\xe2\x81\xa6"), "U+2066 at byte 1 is " INVISIBLE },
	{ LITERAL("\xe2\x80\x8e"), "U+200E at byte 1 is " INVISIBLE },
	{ LITERAL("a\xe2\x80\x8b"), "U+200B at byte 2 is " INVISIBLE },
	{ LITERAL("\xe2\x80\x8d"), "U+200D at byte 1 is " INVISIBLE },
	{ LITERAL("\xef\xbb\xbf" "a"), "U+FEFF at byte 1 is " INVISIBLE },
	{ LITERAL("\xc2\xad"), "U+00AD at byte 1 is " INVISIBLE },
	{ LITERAL("\xe2\x81\xa0"), "U+2060 at byte 1 is " INVISIBLE },
	{ LITERAL("\xf3\xa0\x81\x81"), "U+E0041 at byte 1 is " INVISIBLE },
	{ LITERAL("\xcd\x8f"), "U+034F at byte 1 is an invisible character" },
	{ LITERAL("\xe3\x85\xa4"), "U+3164 at byte 1 is an invisible character" },
	{ LITERAL("\xe1\x85\x9f"), "U+115F at byte 1 is an invisible character" },
	{ LITERAL("\xef\xbe\xa0"), "U+FFA0 at byte 1 is an invisible character" },
	{ LITERAL("\xe2\x9d\xa4\xef\xb8\x8f"), "U+FE0F at byte 4 is an invisible character" },
	{ LITERAL("\xc2\xa0"), "U+00A0 at byte 1 is a space other than the plain one" },
	{ LITERAL("\xe2\x80\x89"), "U+2009 at byte 1 is a space other than the plain one" },
	{ LITERAL("\xe3\x80\x80"), "U+3000 at byte 1 is a space other than the plain one" },
	{ LITERAL("\xe2\x80\xa8"), "U+2028 at byte 1 is a line separator" },
	{ LITERAL("\xe2\x80\xa9"), "U+2029 at byte 1 is a line separator" },
	{ LITERAL("\xcd\xb8"), "U+0378 at byte 1 is " MEANINGLESS },         /* unassigned */
	{ LITERAL("\xee\x80\x80"), "U+E000 at byte 1 is " MEANINGLESS },     /* private use */
	{ LITERAL("\xf4\x8f\xbf\xbd"), "U+10FFFD at byte 1 is " MEANINGLESS },
	{ LITERAL("\xef\xbf\xbe"), "U+FFFE at byte 1 is " MEANINGLESS },     /* never a character */
	{ LITERAL("\xed\xa0\x80"), "byte 1 is not UTF-8" },                  /* a surrogate */
	{ LITERAL("\xed\xbf\xbf"), "byte 1 is not UTF-8" },
	{ LITERAL("\xc0\xaf"), "byte 1 is not UTF-8" },                      /* overlong */
	{ LITERAL("a\xe0\x80\xaf"), "byte 2 is not UTF-8" },
	{ LITERAL("\xf0\x80\x80\xaf"), "byte 1 is not UTF-8" },
	{ LITERAL("\xf4\x90\x80\x80"), "byte 1 is not UTF-8" },              /* above U+10FFFF */
	{ LITERAL("\xf8\x88\x80\x80\x80"), "byte 1 is not UTF-8" },
	{ LITERAL("ab\x80"), "byte 3 is not UTF-8" },                        /* continues nothing */
	{ LITERAL("ab\xff"), "byte 3 is not UTF-8" },
	{ LITERAL("\xc3"), "byte 1 is not UTF-8" },                          /* cut short */
	{ LITERAL("\xe2\x82"), "byte 1 is not UTF-8" },
	{ LITERAL("\xf0\x9f\xa7"), "byte 1 is not UTF-8" },
	{ LITERAL("e\xcc\x81"), "composed form (NFC)" },
	{ LITERAL("Gru\xcc\x88n"), "composed form (NFC)" },
	{ LITERAL("\xe1\x84\x92\xe1\x85\xa1"), "composed form (NFC)" },      /* Hangul in pieces */
	{ LITERAL("\xe2\x84\xab"), "composed form (NFC)" },                  /* the Angstrom sign is a letter */
	{ LITERAL("a\xcc\x81\xcc\xa3"), "composed form (NFC)" },             /* marks in the wrong order */
};

START_TEST(what_a_reader_cannot_see_or_tell_apart_is_refused) {
	struct failure failure = { 0 };
	struct slice line = unwelcome[_i].line;
	/* A copy of just this size, so that a sanitizer sees a read past its end. */
	uint8_t *copy = malloc(line.size);
	memcpy(copy, line.data, line.size);
	ck_assert_msg(unicode_check_line(slice_of(copy, line.size), &failure) == ERROR_BAD_TEXT, "not refused: %s",
	              unwelcome[_i].why);
	ck_assert_int_eq(failure.code, ERROR_BAD_TEXT);
	ck_assert_msg(strstr(failure.text, unwelcome[_i].why) != NULL, "\"%s\" is not \"%s\"", failure.text,
	              unwelcome[_i].why);
	ck_assert_int_eq(unicode_check_line(line, NULL), ERROR_BAD_TEXT);
	free(copy);
}
END_TEST

START_TEST(of_the_single_bytes_only_printable_ascii_is_welcome) {
	for (int byte = 0; byte < 256; byte++) {
		uint8_t line = (uint8_t)byte;
		enum error expected = byte >= ' ' && byte <= '~' ? OK : ERROR_BAD_TEXT;
		ck_assert_msg(unicode_check_line(slice_of(&line, 1), NULL) == expected, "byte %02x", (unsigned)byte);
	}
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("text");
	tcase_add_test(tests, a_buffer_keeps_what_is_appended);
	tcase_add_test(tests, a_buffer_takes_its_maximum_and_not_one_byte_more);
	tcase_add_test(tests, a_failed_append_is_remembered_until_the_buffer_is_cleared);
	tcase_add_test(tests, a_size_that_would_wrap_round_is_refused);
	tcase_add_test(tests, formatted_text_is_whole_or_refused);
	tcase_add_test(tests, a_released_buffer_starts_again_with_the_same_maximum);
	tcase_add_test(tests, slices_are_ordered_bytewise_with_a_prefix_first);
	tcase_add_test(tests, a_slice_is_copied_to_a_string_whole_or_not_at_all);
	tcase_add_loop_test(tests, what_a_reader_can_see_is_welcome, 0, (int)(sizeof welcome / sizeof welcome[0]));
	tcase_add_loop_test(tests, what_a_reader_cannot_see_or_tell_apart_is_refused, 0,
	                    (int)(sizeof unwelcome / sizeof unwelcome[0]));
	tcase_add_test(tests, of_the_single_bytes_only_printable_ascii_is_welcome);
	Suite *suite = suite_create("base/buffer, slice, unicode");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

/* Signed notes: the form (C2SP signed-note v1.0.0), who has signed, and what is refused with which reason. */
#include "crypto/signed_note.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

/* The example of the Go package golang.org/x/mod/sumdb/note. */
#define EXAMPLE_KEY "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
#define EXAMPLE_TEXT "This is an example message.\n"
#define EXAMPLE_PAYLOAD "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
#define EXAMPLE_LINE "— example.com/foo " EXAMPLE_PAYLOAD "\n"
#define EXAMPLE EXAMPLE_TEXT "\n" EXAMPLE_LINE

#define TEXT "agency.example/offer/v1\nproduct Cork yoga mat, 5 mm\nfee 89.00 EUR\n"

/* Two signers and one whom nobody knows. */
static struct signing_key *brand, *agency, *stranger;
static struct verifier_key known[2];
static struct buffer note;
static struct signed_note parts;
static struct failure failure;
static bool verified[2];

static struct signing_key *key_of(uint8_t number) {
	uint8_t seed[KEY_SIZE];
	memset(seed, number, sizeof seed);
	struct signing_key *key = signing_key_from_seed(seed);
	ck_assert_ptr_nonnull(key);
	return key;
}

static void setup(void) {
	brand = key_of(1);
	agency = key_of(2);
	stranger = key_of(3);
	ck_assert_int_eq(verifier_key_make("a.example/brand", signing_key_public(brand), &known[0], NULL), OK);
	ck_assert_int_eq(verifier_key_make("a.example/agency", signing_key_public(agency), &known[1], NULL), OK);
	buffer_init(&note, 4 * SIGNED_NOTE_MAX);
}

static void teardown(void) {
	signing_key_free(brand);
	signing_key_free(agency);
	signing_key_free(stranger);
	buffer_release(&note);
}

static void write_note(struct slice text) {
	buffer_clear(&note);
	ck_assert_int_eq(signed_note_write(&note, text, "a.example/brand", brand, &failure), OK);
}

static void sign_too(const char *name, const struct signing_key *key, struct slice text) {
	ck_assert_int_eq(signed_note_append_signature(&note, name, key, text, &failure), OK);
}

static enum error split_and_verify(void) {
	enum error error = signed_note_split(buffer_slice(&note), &parts, &failure);
	return error != OK ? error : signed_note_verify(&parts, known, 2, verified, &failure);
}

START_TEST(the_example_of_others_verifies) {
	struct verifier_key key;
	bool signed_by_key = false;
	ck_assert_int_eq(verifier_key_parse(slice_of_text(EXAMPLE_KEY), &key, &failure), OK);
	ck_assert_int_eq(signed_note_split(slice_of_text(EXAMPLE), &parts, &failure), OK);
	ck_assert(slice_is(parts.text, EXAMPLE_TEXT));
	ck_assert_uint_eq(parts.count, 1);
	ck_assert(parts.signatures[0].plain);
	ck_assert(slice_is(parts.signatures[0].name, "example.com/foo"));
	ck_assert(slice_is(parts.signatures[0].line, EXAMPLE_LINE));
	ck_assert_int_eq(signed_note_verify(&parts, &key, 1, &signed_by_key, &failure), OK);
	ck_assert(signed_by_key);
}
END_TEST

START_TEST(what_was_written_is_read_back) {
	write_note(slice_of_text(TEXT));
	sign_too("a.example/agency", agency, slice_of_text(TEXT));
	ck_assert_int_eq(split_and_verify(), OK);
	ck_assert(slice_is(parts.text, TEXT));
	ck_assert_uint_eq(parts.count, 2);
	ck_assert(slice_is(parts.signatures[1].name, "a.example/agency"));
	ck_assert(verified[0] && verified[1]);
	uint8_t id[HASH_SIZE], expected[HASH_SIZE];
	signed_note_id(parts.text, id);
	hash_sha256(slice_of_text(TEXT), expected);
	ck_assert_mem_eq(id, expected, HASH_SIZE);
}
END_TEST

/* Texts that could be mistaken for the end of the text. */
static const struct text_row {
	const char *text, *what;
} text_rows[] = {
	{ "one\n\ntwo\n", "an empty line within" },
	{ "one\n\n", "an empty line at the end" },
	{ "\n", "nothing but an empty line" },
	{ "\n\n\n", "only empty lines" },
	{ EXAMPLE_LINE, "a text shaped like a signature line" },
	{ EXAMPLE, "a whole signed note as text" },
	{ "prix 89 €, 例 😀\n", "more than ASCII" },
	{ "\x7F\n", "DEL, which C2SP lets through" },
};

START_TEST(any_text_comes_back_as_it_was_signed) {
	write_note(slice_of_text(text_rows[_i].text));
	ck_assert_int_eq(split_and_verify(), OK);
	ck_assert_msg(slice_is(parts.text, text_rows[_i].text), "%s", text_rows[_i].what);
	ck_assert_uint_eq(parts.count, 1);
	ck_assert(verified[0] && !verified[1]);
}
END_TEST

START_TEST(an_unknown_signer_is_ignored) {
	write_note(slice_of_text(TEXT));
	sign_too("a.example/stranger", stranger, slice_of_text(TEXT));
	ck_assert_int_eq(split_and_verify(), OK);
	ck_assert(verified[0] && !verified[1]);
}
END_TEST

START_TEST(a_known_name_with_an_unknown_key_is_nobody) {
	buffer_clear(&note);
	ck_assert_int_eq(signed_note_write(&note, slice_of_text(TEXT), "a.example/brand", stranger, &failure), OK);
	ck_assert_int_eq(split_and_verify(), OK);
	ck_assert(!verified[0] && !verified[1]);
}
END_TEST

START_TEST(a_known_key_under_an_unknown_name_is_nobody) {
	buffer_clear(&note);
	ck_assert_int_eq(signed_note_write(&note, slice_of_text(TEXT), "a.example/brand2", brand, &failure), OK);
	ck_assert_int_eq(split_and_verify(), OK);
	ck_assert(!verified[0] && !verified[1]);
}
END_TEST

START_TEST(a_known_key_that_fails_refuses_the_whole_note) {
	write_note(slice_of_text(TEXT));
	sign_too("a.example/agency", agency, slice_of_text("another text\n"));
	ck_assert_int_eq(split_and_verify(), ERROR_BAD_SIGNATURE);
	ck_assert_uint_eq(failure.line, 6);
	ck_assert_msg(!verified[0] && !verified[1], "nobody has signed a note that is refused");
}
END_TEST

START_TEST(a_known_signer_who_signs_twice_refuses_the_whole_note) {
	write_note(slice_of_text(TEXT));
	sign_too("a.example/brand", brand, slice_of_text(TEXT));
	ck_assert_int_eq(split_and_verify(), ERROR_MALFORMED);
	ck_assert_uint_eq(failure.line, 6);
	ck_assert(!verified[0]);
}
END_TEST

/* A line with the given name, key id and payload size. */
static void append_line(const char *name, const uint8_t key_id[KEY_ID_SIZE], size_t payload_size) {
	uint8_t payload[8192] = { 0 };
	memcpy(payload, key_id, KEY_ID_SIZE);
	buffer_append_text(&note, "— ");
	buffer_append_text(&note, name);
	buffer_append_text(&note, " ");
	ck_assert(base64_encode(slice_of(payload, payload_size), &note));
	buffer_append_text(&note, "\n");
}

START_TEST(signatures_of_other_kinds_are_let_through) {
	static const size_t sizes[] = { 5, 67, 69, 76, 5000 }; /* 76 is a witness's cosignature, 5000 post-quantum */
	uint8_t zero[SIGNATURE_SIZE] = { 0 };
	write_note(slice_of_text(TEXT));
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		append_line("witness.example/w", (const uint8_t *)"abcd", sizes[i]);
	}
	ck_assert_int_eq(split_and_verify(), OK);
	ck_assert_uint_eq(parts.count, 6);
	for (size_t i = 1; i < parts.count; i++) {
		ck_assert(!parts.signatures[i].plain);
		ck_assert_mem_eq(parts.signatures[i].key_id, "abcd", KEY_ID_SIZE);
		ck_assert_mem_eq(parts.signatures[i].signature, zero, SIGNATURE_SIZE);
	}
}
END_TEST

START_TEST(a_known_key_with_a_signature_of_another_length_fails) {
	write_note(slice_of_text(TEXT));
	append_line("a.example/agency", known[1].key_id, 76);
	ck_assert_int_eq(split_and_verify(), ERROR_BAD_SIGNATURE);
}
END_TEST

START_TEST(sixteen_signatures_are_read_and_seventeen_refused) {
	write_note(slice_of_text(TEXT));
	ck_assert_int_eq(split_and_verify(), OK);
	while (parts.count < SIGNED_NOTE_SIGNATURES_MAX) {
		append_line("witness.example/w", (const uint8_t *)"abcd", 68);
		ck_assert_int_eq(split_and_verify(), OK);
		ck_assert(verified[0]);
	}
	append_line("witness.example/w", (const uint8_t *)"abcd", 68);
	ck_assert_int_eq(split_and_verify(), ERROR_MALFORMED);
	ck_assert_uint_eq(failure.line, 4 + 17);
}
END_TEST

START_TEST(no_changed_byte_leaves_the_note_signed) {
	write_note(slice_of_text(TEXT));
	for (size_t at = 0; at < note.size; at++) {
		for (unsigned change = 1; change < 256; change++) {
			note.data[at] ^= (uint8_t)change;
			enum error error = split_and_verify();
			ck_assert_msg(error != OK || !verified[0], "byte %zu changed by %02x still verifies", at, change);
			note.data[at] ^= (uint8_t)change;
		}
	}
	ck_assert_int_eq(split_and_verify(), OK);
	ck_assert(verified[0]);
}
END_TEST

START_TEST(no_part_of_a_note_is_signed) {
	write_note(slice_of_text(TEXT));
	size_t whole = note.size;
	for (note.size = 0; note.size < whole; note.size++) {
		ck_assert_msg(split_and_verify() != OK, "the first %zu bytes", note.size);
	}
}
END_TEST

#define SIGNATURE_OF(name) "— " name " " EXAMPLE_PAYLOAD "\n"

/* What is no signed note, where, and why. `size` 0 stands for strlen. */
static const struct refused_row {
	const char *bytes;
	size_t size;
	enum error error;
	unsigned line;
	const char *why;
} refused_rows[] = {
	{ "", 0, ERROR_MALFORMED, 1, "nothing" },
	{ "text\n", 0, ERROR_MALFORMED, 0, "no empty line" },
	{ EXAMPLE_LINE, 0, ERROR_MALFORMED, 0, "no text" },
	{ "\n" EXAMPLE_LINE, 0, ERROR_MALFORMED, 0, "an empty line, but no text before it" },
	{ "text\n\n", 0, ERROR_MALFORMED, 2, "no signature" },
	{ EXAMPLE "\n", 0, ERROR_MALFORMED, 4, "an empty line at the end" },
	{ "text\n\n— example.com/foo " EXAMPLE_PAYLOAD, 0, ERROR_MALFORMED, 3, "no LF at the end" },
	{ "text\n\nmore text\n", 0, ERROR_MALFORMED, 3, "no dash" },
	{ EXAMPLE "more text\n", 0, ERROR_MALFORMED, 4, "text behind the signatures" },
	{ "text\n\n- example.com/foo " EXAMPLE_PAYLOAD "\n", 0, ERROR_MALFORMED, 3, "a hyphen for a dash" },
	{ "text\n\n—example.com/foo " EXAMPLE_PAYLOAD "\n", 0, ERROR_MALFORMED, 3, "no blank behind the dash" },
	{ "text\n\n— \n", 0, ERROR_MALFORMED, 3, "a dash alone" },
	{ "text\n\n— example.com/foo\n", 0, ERROR_MALFORMED, 3, "a name alone" },
	{ "text\n\n— example.com/foo \n", 0, ERROR_MALFORMED, 3, "an empty signature" },
	{ "text\n\n—  " EXAMPLE_PAYLOAD "\n", 0, ERROR_MALFORMED, 3, "an empty name" },
	{ "text\n\n" SIGNATURE_OF("a+b"), 0, ERROR_MALFORMED, 3, "a plus in the name" },
	{ "text\n\n" SIGNATURE_OF("a\u3000b"), 0, ERROR_MALFORMED, 3, "an ideographic space in the name" },
	{ "text\n\n— a b " EXAMPLE_PAYLOAD "\n", 0, ERROR_MALFORMED, 3, "a name of two words" },
	{ "text\n\n— a " EXAMPLE_PAYLOAD " \n", 0, ERROR_MALFORMED, 3, "a blank at the end" },
	{ "text\n\n— a YWJjZA==\n", 0, ERROR_MALFORMED, 3, "a key id alone" },
	{ "text\n\n— a YWJjZGV=\n", 0, ERROR_MALFORMED, 3, "base64 with bits under the padding" },
	{ "text\n\n— a YWJjéGU\n", 0, ERROR_MALFORMED, 3, "base64 with digits beyond ASCII" },
	{ "text\n\n— a YWJjZGU\n", 0, ERROR_MALFORMED, 3, "base64 without padding" },
	{ "text\r\n\n" EXAMPLE_LINE, 0, ERROR_BAD_TEXT, 1, "a CR in the text" },
	{ "text\n\n— a YWJjZGU=\r\n", 0, ERROR_BAD_TEXT, 3, "a CR behind the signature" },
	{ "one\ntwo\tthree\n\n" EXAMPLE_LINE, 0, ERROR_BAD_TEXT, 2, "a tabulator" },
	{ "te\0xt\n\n" EXAMPLE_LINE, sizeof "te\0xt\n\n" EXAMPLE_LINE - 1, ERROR_BAD_TEXT, 1, "a NUL" },
	{ EXAMPLE "\0", sizeof EXAMPLE, ERROR_BAD_TEXT, 4, "a NUL behind the end" },
	{ "caf\xE9\n\n" EXAMPLE_LINE, 0, ERROR_BAD_TEXT, 1, "Latin-1" },
};

START_TEST(what_is_no_note_is_refused_with_its_line) {
	const struct refused_row *row = &refused_rows[_i];
	struct slice bytes = slice_of(row->bytes, row->size == 0 ? strlen(row->bytes) : row->size);
	enum error error = signed_note_split(bytes, &parts, &failure);
	ck_assert_msg(error == row->error, "%s: got %s, %s", row->why, error_word(error), failure.text);
	ck_assert_msg(failure.line == row->line, "%s: line %u, not %u", row->why, failure.line, row->line);
}
END_TEST

/* A text of `size` bytes, the last of them LF. */
static struct slice long_text(size_t size) {
	static uint8_t text[SIGNED_NOTE_TEXT_MAX + 1];
	memset(text, 'x', sizeof text);
	text[size - 1] = '\n';
	return slice_of(text, size);
}

START_TEST(the_longest_text_is_taken_and_one_byte_more_refused) {
	write_note(long_text(SIGNED_NOTE_TEXT_MAX));
	ck_assert_int_eq(split_and_verify(), OK);
	ck_assert(verified[0]);
	struct slice longer = long_text(SIGNED_NOTE_TEXT_MAX + 1);
	buffer_clear(&note);
	ck_assert_int_eq(signed_note_write(&note, longer, "a.example/brand", brand, &failure), ERROR_BAD_VALUE);
	ck_assert_uint_eq(note.size, 0);
	buffer_append_slice(&note, longer);
	buffer_append_text(&note, "\n" EXAMPLE_LINE);
	ck_assert_int_eq(split_and_verify(), ERROR_TOO_LONG);
}
END_TEST

START_TEST(a_note_that_is_too_long_as_a_whole_is_refused) {
	write_note(long_text(SIGNED_NOTE_TEXT_MAX));
	append_line("witness.example/w", (const uint8_t *)"abcd", 5997);
	ck_assert_uint_le(note.size, SIGNED_NOTE_MAX);
	ck_assert_int_eq(split_and_verify(), OK);
	append_line("witness.example/w", (const uint8_t *)"abcd", 68);
	ck_assert_uint_gt(note.size, SIGNED_NOTE_MAX);
	ck_assert_int_eq(split_and_verify(), ERROR_TOO_LONG);
}
END_TEST

static const struct unsignable_row {
	const char *name, *text, *why;
} unsignable_rows[] = {
	{ "a", "", "no text" },
	{ "a", "text", "no LF at the end" },
	{ "a", "text\r\n", "a CR" },
	{ "a", "\xC0\x80\n", "not UTF-8" },
	{ "", "text\n", "no name" },
	{ "a b", "text\n", "a blank in the name" },
	{ "a+b", "text\n", "a plus in the name" },
	{ "a\nb", "text\n", "a line feed in the name" },
};

START_TEST(what_could_not_be_read_back_is_not_signed) {
	const struct unsignable_row *row = &unsignable_rows[_i];
	struct slice text = slice_of_text(row->text);
	ck_assert_msg(signed_note_write(&note, text, row->name, brand, &failure) == ERROR_BAD_VALUE, "%s", row->why);
	ck_assert_int_eq(signed_note_append_signature(&note, row->name, brand, text, &failure), ERROR_BAD_VALUE);
	ck_assert_msg(note.size == 0, "nothing was written");
}
END_TEST

START_TEST(a_full_buffer_is_an_error) {
	struct buffer small;
	buffer_init(&small, sizeof TEXT + 20);
	ck_assert_int_eq(signed_note_write(&small, slice_of_text(TEXT), "a", brand, &failure), ERROR_NO_MEMORY);
	buffer_release(&small);
}
END_TEST

#define ROWS(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

static Suite *make_suite(void) {
	Suite *suite = suite_create("crypto/signed_note");
	TCase *tests = tcase_create("notes");
	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, the_example_of_others_verifies);
	tcase_add_test(tests, what_was_written_is_read_back);
	tcase_add_loop_test(tests, any_text_comes_back_as_it_was_signed, 0, ROWS(text_rows));
	tcase_add_test(tests, an_unknown_signer_is_ignored);
	tcase_add_test(tests, a_known_name_with_an_unknown_key_is_nobody);
	tcase_add_test(tests, a_known_key_under_an_unknown_name_is_nobody);
	tcase_add_test(tests, a_known_key_that_fails_refuses_the_whole_note);
	tcase_add_test(tests, a_known_signer_who_signs_twice_refuses_the_whole_note);
	tcase_add_test(tests, signatures_of_other_kinds_are_let_through);
	tcase_add_test(tests, a_known_key_with_a_signature_of_another_length_fails);
	tcase_add_test(tests, sixteen_signatures_are_read_and_seventeen_refused);
	tcase_add_test(tests, no_changed_byte_leaves_the_note_signed);
	tcase_add_test(tests, no_part_of_a_note_is_signed);
	tcase_add_loop_test(tests, what_is_no_note_is_refused_with_its_line, 0, ROWS(refused_rows));
	tcase_add_test(tests, the_longest_text_is_taken_and_one_byte_more_refused);
	tcase_add_test(tests, a_note_that_is_too_long_as_a_whole_is_refused);
	tcase_add_loop_test(tests, what_could_not_be_read_back_is_not_signed, 0, ROWS(unsignable_rows));
	tcase_add_test(tests, a_full_buffer_is_an_error);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(void) {
	if (crypto_start(&failure) != OK) {
		fprintf(stderr, "%s\n", failure.text);
		return EXIT_FAILURE;
	}
	SRunner *runner = srunner_create(make_suite());
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

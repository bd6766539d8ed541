/* Names of signers, and verifier keys as text. */
#include "crypto/signed_note.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define EXAMPLE_KEY "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"

static const struct name_row {
	const char *name;
	bool valid;
	const char *why;
} name_rows[] = {
	{ "agency.example/brand/acme-yoga", true, "a URL without a scheme" },
	{ "a", true, "one letter" },
	{ "caf\u00E9.example", true, "more than ASCII" },
	{ "", false, "nothing" },
	{ "a b", false, "a blank" },
	{ "a+b", false, "a plus" },
	{ "a\tb", false, "a tabulator" },
	{ "a\nb", false, "a line feed" },
	{ "a\x7F", false, "DEL" },
	{ "a\xC2\x85", false, "NEL, a control character and a space" },
	{ "a\xC2\xA0z", false, "a no-break space" },
	{ "a\u1680z", false, "an ogham space" },
	{ "a\u2003z", false, "an em space" },
	{ "a\u2028z", false, "a line separator" },
	{ "a\u202Fz", false, "a narrow no-break space" },
	{ "a\u205Fz", false, "a mathematical space" },
	{ "a\u3000z", false, "an ideographic space" },
	{ "a\xFFz", false, "not UTF-8" },
};

START_TEST(names_hold_no_spaces_and_no_plus) {
	const struct name_row *row = &name_rows[_i];
	ck_assert_msg(signer_name_is_valid(slice_of_text(row->name)) == row->valid, "%s", row->why);
}
END_TEST

START_TEST(a_name_of_255_bytes_is_the_longest) {
	char name[SIGNER_NAME_MAX + 1];
	memset(name, 'n', sizeof name);
	ck_assert(signer_name_is_valid(slice_of(name, SIGNER_NAME_MAX - 1)));
	ck_assert(!signer_name_is_valid(slice_of(name, SIGNER_NAME_MAX)));
}
END_TEST

START_TEST(the_example_of_others_round_trips) {
	struct verifier_key key, made;
	char text[VERIFIER_KEY_MAX];
	ck_assert_int_eq(verifier_key_parse(slice_of_text(EXAMPLE_KEY), &key, NULL), OK);
	ck_assert_str_eq(key.name, "example.com/foo");
	ck_assert_mem_eq(key.key_id, "\x53\x0d\x90\x3a", KEY_ID_SIZE);
	verifier_key_format(&key, text);
	ck_assert_str_eq(text, EXAMPLE_KEY);
	ck_assert_int_eq(verifier_key_make("example.com/foo", key.public_key, &made, NULL), OK);
	ck_assert_mem_eq(made.key_id, key.key_id, KEY_ID_SIZE);
}
END_TEST

START_TEST(the_longest_verifier_key_fits) {
	char name[SIGNER_NAME_MAX] = { 0 }, text[VERIFIER_KEY_MAX];
	struct verifier_key key, parsed;
	struct signing_key *signer = signing_key_new();
	memset(name, 'n', sizeof name - 1);
	ck_assert_int_eq(verifier_key_make(name, signing_key_public(signer), &key, NULL), OK);
	verifier_key_format(&key, text);
	ck_assert_int_eq(verifier_key_parse(slice_of_text(text), &parsed, NULL), OK);
	ck_assert_str_eq(parsed.name, name);
	signing_key_free(signer);
}
END_TEST

START_TEST(no_verifier_key_is_made_for_a_bad_name) {
	struct verifier_key key;
	struct failure failure;
	uint8_t public_key[KEY_SIZE] = { 0 };
	ck_assert_int_eq(verifier_key_make("two words", public_key, &key, &failure), ERROR_BAD_VALUE);
}
END_TEST

static const struct bad_key_row {
	const char *text;
	enum error error;
	const char *why;
} bad_key_rows[] = {
	{ "", ERROR_MALFORMED, "nothing" },
	{ "example.com/foo", ERROR_MALFORMED, "a name alone" },
	{ "example.com/foo+530d903a", ERROR_MALFORMED, "no key" },
	{ "example.com/foo+530d903a+", ERROR_MALFORMED, "an empty key" },
	{ "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", ERROR_MALFORMED, "no name" },
	{ EXAMPLE_KEY "\n", ERROR_MALFORMED, "a line feed behind it" },
	{ " " EXAMPLE_KEY, ERROR_MALFORMED, "a blank before it" },
	{ "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", ERROR_MALFORMED, "capitals" },
	{ "example.com/foo+530d903+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", ERROR_MALFORMED, "a short id" },
	{ "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3Q==", ERROR_MALFORMED, "a short key" },
	{ "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2kAA==", ERROR_MALFORMED, "a long key" },
	{ "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", ERROR_BAD_KEY, "another id" },
	{ "example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", ERROR_BAD_KEY, "another name" },
	{ "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2l", ERROR_BAD_KEY, "another key" },
	{ "example.com/foo+530d903a+BOkyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", ERROR_BAD_KEY, "another type" },
};

START_TEST(what_is_no_verifier_key_is_refused) {
	const struct bad_key_row *row = &bad_key_rows[_i];
	struct verifier_key key;
	struct failure failure = { .code = OK };
	enum error error = verifier_key_parse(slice_of_text(row->text), &key, &failure);
	ck_assert_msg(error == row->error, "%s: %s, %s", row->why, error_word(error), failure.text);
}
END_TEST

START_TEST(a_verifier_key_of_small_order_is_refused_though_its_id_is_right) {
	static const uint8_t neutral[KEY_SIZE] = { 1 };
	struct verifier_key key, parsed;
	char text[VERIFIER_KEY_MAX];
	ck_assert_int_eq(verifier_key_make("example.com/weak", neutral, &key, NULL), OK);
	verifier_key_format(&key, text);
	ck_assert_int_eq(verifier_key_parse(slice_of_text(text), &parsed, NULL), ERROR_BAD_KEY);
}
END_TEST

#define ROWS(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

static Suite *make_suite(void) {
	Suite *suite = suite_create("crypto/verifier_key");
	TCase *tests = tcase_create("verifier keys");
	tcase_add_loop_test(tests, names_hold_no_spaces_and_no_plus, 0, ROWS(name_rows));
	tcase_add_test(tests, a_name_of_255_bytes_is_the_longest);
	tcase_add_test(tests, the_example_of_others_round_trips);
	tcase_add_test(tests, the_longest_verifier_key_fits);
	tcase_add_test(tests, no_verifier_key_is_made_for_a_bad_name);
	tcase_add_loop_test(tests, what_is_no_verifier_key_is_refused, 0, ROWS(bad_key_rows));
	tcase_add_test(tests, a_verifier_key_of_small_order_is_refused_though_its_id_is_right);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(void) {
	struct failure failure;
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

/* openssl and signify-openbsd verify what crypto/ signs (tests/talk/foreign.c does the same with a whole system). */
#include "crypto/signed_note.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/foreign.h"
#include "tests/lib/unit.h"

#define TEXT "agency.example/offer/v1\nbrand acme-yoga\nproduct Cork yoga mat, 5 mm\nfee 89.00 EUR\n\nprix 89 €\n"

START_TEST(our_signature_is_of_our_text_and_of_no_other) {
	const struct foreign *verifier = &foreign_verifiers[_i];
	struct signing_key *key = signing_key_new(), *other = signing_key_new();
	struct buffer note;
	struct signed_note parts;
	char changed[] = TEXT;
	*strstr(changed, "89.00") = '7';
	buffer_init(&note, SIGNED_NOTE_MAX);
	ck_assert_int_eq(signed_note_write(&note, slice_of_text(TEXT), "agency.example/brand/acme", key, NULL), OK);
	ck_assert_int_eq(signed_note_split(buffer_slice(&note), &parts, NULL), OK);
	const uint8_t *public_key = signing_key_public(key), *signature = parts.signatures[0].signature;
	ck_assert_msg(verifier->accepts(public_key, parts.text, signature), "%s", verifier->name);
	ck_assert_msg(!verifier->accepts(public_key, slice_of_text(changed), signature), "%s", verifier->name);
	ck_assert_msg(!verifier->accepts(signing_key_public(other), parts.text, signature), "%s", verifier->name);
	buffer_release(&note);
	signing_key_free(key);
	signing_key_free(other);
}
END_TEST

int main(void) {
	struct failure failure;
	if (crypto_start(&failure) != OK) {
		(void)fprintf(stderr, "%s\n", failure.text);
		return EXIT_FAILURE;
	}
	TCase *tests = tcase_create("foreign verifiers");
	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, our_signature_is_of_our_text_and_of_no_other, 0, FOREIGN_COUNT);
	Suite *suite = suite_create("crypto/foreign verifiers");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

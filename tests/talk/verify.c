/* `troth verify`: what it accepts of a real agreement, and that it accepts nothing else. Needs no agency once the
 * agreement is there. */
#include <stdlib.h>

#include "base/slice.h"
#include "tests/lib/scratch.h"
#include "tests/lib/story.h"
#include "tests/lib/unit.h"

#define TEST_SECONDS 120
#define CREATOR_LINE 21 /* the first signature, of the agreement as of examples/gifted.offer, which it follows from */

static struct story story;
static char *agreement;      /* the text of the file */
static const char *offer;    /* path of the signed offer */
static const char *folder;

/* Runs once for all tests, in the process that outlives them. */
static void set_up(void) {
	story_begin(&story);
	story_agree(&story);
	folder = scratch_folder();
	offer = scratch_path(folder, "offer.note");
	(void)said_done(troth("offer", "show", story.offer, "--home", story.creator, "--out", offer, NULL));
	agreement = scratch_read(story.agreement);
	ck_assert_int_eq(agency_stop(&story.agency), 0);
}

static void tear_down(void) {
	free(agreement);
	process_free_all();
}

/* A file with this text, and what verify says of it. */
static struct said verify_text(const char *text) {
	const char *path = scratch_path(scratch_folder(), "changed.note");
	scratch_write(path, text);
	return troth("verify", path, "--join", story.join, NULL);
}

/* A copy of the agreement; caller frees. */
static char *copy(void) {
	char *text = strdup(agreement);
	ck_assert_ptr_nonnull(text);
	return text;
}

/* Where the nth signature line begins (0 is the creator's). */
static char *signature_line(char *text, int nth) {
	char *at = strstr(text, "\n\n");
	ck_assert_ptr_nonnull(at);
	at += 2;
	for (; nth > 0; nth--) {
		at = strchr(at, '\n') + 1;
	}
	return at;
}

START_TEST(the_agreement_is_verified_with_its_offer) {
	json_t *report =
	    said_json(troth("verify", story.agreement, "--join", story.join, "--offer", offer, "--json", NULL));
	ck_assert(json_is_true(json_object_get(report, "verified")));
	ck_assert(json_is_true(json_object_get(report, "follows-from-offer")));
	ck_assert_str_eq(json_text(report, "id"), story.deal);
	ck_assert_str_eq(json_text(report, "kind"), "agreement");
	const json_t *signatures = json_object_get(report, "signatures");
	ck_assert_uint_eq(json_array_size(signatures), 2);
	ck_assert_str_eq(json_text(json_array_get(signatures, 0), "name"), "agency.example/creator/studio-flow");
	ck_assert_str_eq(json_text(json_array_get(signatures, 1), "name"), "agency.example/agency");
	json_decref(report);
	struct said said = troth("verify", story.agreement, "--join", story.join, "--offer", offer, NULL);
	ck_assert_str_eq(said_done(said), "verified");
	ck_assert_ptr_nonnull(strstr(said.output, "follows from it byte for byte"));
}
END_TEST

START_TEST(an_offer_is_verified_too) {
	/* Anybody can write an offer with a key of his own in it: alone it proves nothing of the account. */
	said_refused(troth("verify", offer, "--join", story.join, NULL), 1, ERROR_NOT_ADMITTED, 0);
	said_refused(troth("verify", offer, "--join", story.join, "--offer", offer, NULL), 2, ERROR_USAGE, 0);
}
END_TEST

START_TEST(any_changed_byte_is_refused) {
	size_t size = strlen(agreement);
	for (size_t at = 0; at < size; at += 7) { /* a prime, so that lines are hit in all places */
		char *text = copy();
		text[at] = text[at] == 'x' ? 'y' : 'x';
		struct said said = verify_text(text);
		ck_assert_msg(said.status == 1, "byte %zu: status %d\n%s%s", at, said.status, said.output, said.errors);
		ck_assert_ptr_null(strstr(said.output, "verified"));
		free(text);
	}
}
END_TEST

START_TEST(a_digit_more_of_value_is_a_bad_signature) {
	char *text = copy(), *value = strstr(text, "product-value 89.00");
	ck_assert_ptr_nonnull(value);
	value[strlen("product-value ")] = '9';
	said_refused(verify_text(text), 1, ERROR_BAD_SIGNATURE, CREATOR_LINE);
	free(text);
}
END_TEST

START_TEST(swapped_signatures_are_refused) {
	/* Each name keeps its key id and gets the other's signature, but for its first two bytes: a line ends in the base64
	 * of 4 + 64 bytes, 92 characters. */
	char *text = copy();
	char *first = strchr(signature_line(text, 0), '\n'), *second = strchr(signature_line(text, 1), '\n');
	char held[84];
	memcpy(held, first - 84, 84);
	memcpy(first - 84, second - 84, 84);
	memcpy(second - 84, held, 84);
	said_refused(verify_text(text), 1, ERROR_BAD_SIGNATURE, CREATOR_LINE);
	free(text);
}
END_TEST

START_TEST(the_order_of_the_signatures_does_not_matter) {
	char *text = copy(), *first = signature_line(text, 0), *second = signature_line(text, 1);
	size_t size = (size_t)(second - first), rest = strlen(second);
	char *swapped = strdup(text);
	char *at = swapped + (first - text);
	memcpy(at, second, rest);
	memcpy(at + rest, first, size);
	ck_assert_str_eq(said_done(verify_text(swapped)), "verified");
	free(swapped);
	free(text);
}
END_TEST

START_TEST(a_missing_signature_is_refused) {
	char *text = copy();
	*signature_line(text, 1) = '\0';
	struct said said = verify_text(text);
	said_refused(said, 1, ERROR_WRONG_SIGNER, 0);
	ck_assert_ptr_nonnull(strstr(said.errors, "agency.example/agency"));
	memmove(signature_line(text, 0), signature_line(agreement, 1), strlen(signature_line(agreement, 1)) + 1);
	said = verify_text(text);
	said_refused(said, 1, ERROR_WRONG_SIGNER, 0);
	ck_assert_ptr_nonnull(strstr(said.errors, "agency.example/creator/studio-flow"));
	*signature_line(text, 0) = '\0';
	said_refused(verify_text(text), 1, ERROR_MALFORMED, CREATOR_LINE - 1);
	free(text);
}
END_TEST

START_TEST(a_signature_that_stands_twice_is_refused) {
	char *text = copy(), *agency = signature_line(text, 1);
	char *doubled = malloc(2 * strlen(text));
	ck_assert_ptr_nonnull(doubled);
	(void)snprintf(doubled, 2 * strlen(text), "%s%s", text, agency);
	said_refused(verify_text(doubled), 1, ERROR_MALFORMED, CREATOR_LINE + 2);
	free(doubled);
	free(text);
}
END_TEST

START_TEST(another_agency_verifies_nothing) {
	struct agency_process other;
	agency_start(&other, 1); /* of the same name, with keys of its own */
	ck_assert_int_eq(agency_stop(&other), 0);
	struct said said = troth("verify", story.agreement, "--join", scratch_path(other.home, "agency.join"), NULL);
	said_refused(said, 1, ERROR_WRONG_SIGNER, 0);
	ck_assert_ptr_nonnull(strstr(said.errors, "agency.example/agency"));
	/* A join file whose origin is another: the note is not meant for that agency at all. */
	char *join = scratch_read(story.join);
	const char *path = scratch_path(folder, "other.join");
	for (char *at = strstr(join, "agency.example"); at != NULL; at = strstr(at, "agency.example")) {
		memcpy(at, "brandy", 6);
	}
	scratch_write(path, join);
	free(join);
	said_refused(troth("verify", story.agreement, "--join", path, NULL), 2, ERROR_CONFIG, 0);
}
END_TEST

START_TEST(an_agreement_does_not_follow_from_another_offer) {
	const char *path = scratch_path(folder, "other-offer.note");
	char *text = scratch_read(offer);
	agency_restart(&story.agency, 1);
	const char *id = said_id(troth("offer", "submit", "examples/gifted.offer", "--home", story.brand, "--yes",
	                               "--again", NULL));
	(void)said_done(troth("offer", "show", id, "--home", story.creator, "--out", path, NULL));
	said_refused(troth("verify", story.agreement, "--join", story.join, "--offer", path, NULL), 1, ERROR_TERMS_DIFFER,
	             2);
	/* The right offer, changed: the brand has not signed that. */
	*strstr(text, "slots 5") = 'S';
	scratch_write(path, text);
	ck_assert_int_eq(troth("verify", story.agreement, "--join", story.join, "--offer", path, NULL).status, 1);
	char *slots = strstr(text, "Slots 5");
	memcpy(slots, "slots 9", 7);
	scratch_write(path, text);
	said_refused(troth("verify", story.agreement, "--join", story.join, "--offer", path, NULL), 1, ERROR_BAD_SIGNATURE,
	             CREATOR_LINE);
	free(text);
}
END_TEST

START_TEST(files_that_are_no_notes_are_refused) {
	said_refused(verify_text(""), 1, ERROR_MALFORMED, 1);
	said_refused(verify_text("hello\n"), 1, ERROR_MALFORMED, 0);
	said_refused(troth("verify", scratch_path(folder, "nothing"), "--join", story.join, NULL), 1, ERROR_NOT_FOUND, 0);
	said_refused(troth("verify", "/dev/zero", "--join", story.join, NULL), 1, ERROR_TOO_LONG, 0);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("verify");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_unchecked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, the_agreement_is_verified_with_its_offer);
	tcase_add_test(tests, an_offer_is_verified_too);
	tcase_add_test(tests, any_changed_byte_is_refused);
	tcase_add_test(tests, a_digit_more_of_value_is_a_bad_signature);
	tcase_add_test(tests, swapped_signatures_are_refused);
	tcase_add_test(tests, the_order_of_the_signatures_does_not_matter);
	tcase_add_test(tests, a_missing_signature_is_refused);
	tcase_add_test(tests, a_signature_that_stands_twice_is_refused);
	tcase_add_test(tests, another_agency_verifies_nothing);
	tcase_add_test(tests, an_agreement_does_not_follow_from_another_offer);
	tcase_add_test(tests, files_that_are_no_notes_are_refused);
	Suite *suite = suite_create("talk/verify");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

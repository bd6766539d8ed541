/* `troth verify` of notes that it takes more than one signature to make: agreements by both sides, new keys. */
#include <stdlib.h>

#include "tests/lib/paper_agency.h"
#include "tests/lib/unit.h"

#define TEST_SECONDS 60

static struct paper_agency paper;

static void set_up(void) {
	paper_agency_make(&paper);
}

static void tear_down(void) {
	paper_agency_release(&paper);
}

static struct said verify(const char *path) {
	return paper_verify(&paper, path);
}

static const char *write_bundle(void) {
	char *text = paper_bundle(&paper);
	const char *path = paper_write(text);
	free(text);
	return path;
}

static struct said verify_note(const struct buffer *signed_note) {
	char text[SIGNED_NOTE_MAX + 1];
	ck_assert(slice_copy_text(buffer_slice(signed_note), text, sizeof text));
	return verify(paper_write(text));
}

START_TEST(a_proposal_is_not_an_agreement) {
	struct buffer note;
	buffer_init(&note, SIGNED_NOTE_MAX);
	actor_accept(&paper.flow, paper_note(&paper, paper.offer), &note);
	struct said said = verify_note(&note);
	said_refused(said, 1, ERROR_WRONG_SIGNER, 0);
	paper_says(said, "a proposal, not binding yet");
	ck_assert_ptr_null(strstr(said.output, "verified"));
	paper_sign(&note, &paper.acme);
	said = verify_note(&note);
	said_refused(said, 1, ERROR_WRONG_SIGNER, 0);
	paper_says(said, "the signature of agency.example/agency (key in the join file) is missing");
	buffer_release(&note);
}
END_TEST

START_TEST(an_agreement_may_be_signed_by_both_sides_in_any_order) {
	struct buffer note, other;
	buffer_init(&note, SIGNED_NOTE_MAX);
	buffer_init(&other, SIGNED_NOTE_MAX);
	actor_accept(&paper.flow, paper_note(&paper, paper.offer), &note);
	struct signed_note split;
	ck_assert_int_eq(signed_note_split(buffer_slice(&note), &split, NULL), OK);
	ck_assert_int_eq(signed_note_write(&other, split.text, paper.acme.signer, paper.acme.key, NULL), OK);
	paper_sign(&note, &paper.acme);
	paper_sign(&note, &paper.agency);
	struct said said = verify_note(&note);
	ck_assert_str_eq(said_done(said), "verified");
	paper_says(said, "agency.example/brand/acme-yoga (key in the text)");
	ck_assert_ptr_null(strstr(said.output, "not looked at"));
	paper_sign(&other, &paper.agency);
	said = verify_note(&other);
	said_refused(said, 1, ERROR_WRONG_SIGNER, 0);
	paper_says(said, "agency.example/creator/studio-flow");
	paper_sign(&other, &paper.flow);
	ck_assert_str_eq(said_done(verify_note(&other)), "verified");
	buffer_release(&note);
	buffer_release(&other);
}
END_TEST

START_TEST(a_new_key_takes_the_signatures_of_both_keys) {
	struct actor later;
	struct buffer note;
	char now[PAPER_PARTY_MAX], before[PAPER_PARTY_MAX], transport[TRANSPORT_KEY_TEXT];
	actor_make(&later, ROLE_CREATOR, "studio-flow", &paper.world);
	transport_key_format(later.identity.public_key, transport);
	buffer_init(&note, SIGNED_NOTE_MAX);
	struct note_pair pairs[] = { { "account", slice_of_text(paper_party(&later, now)) },
		                         { "role", slice_of_text("creator") },
		                         { "predecessor", slice_of_text(paper_party(&paper.flow, before)) },
		                         { "transport", slice_of_text(transport) } };
	actor_sign(&later, KIND_REKEY, pairs, 4, &note);
	struct said said = verify_note(&note);
	said_refused(said, 1, ERROR_WRONG_SIGNER, 0);
	paper_says(said, "the signature of agency.example/creator/studio-flow (key in the text) is missing");
	paper_sign(&note, &paper.flow);
	said_refused(verify_note(&note), 1, ERROR_NOT_ADMITTED, 0); /* whose keys these are, the agency does not say */
	/* In a bundle the former key's admission says it. */
	ck_assert(buffer_append_slice(paper_entry_begin(&paper), buffer_slice(&note)));
	paper_step(&paper, &later, KIND_RATE, FIELDS("role", "creator", "stars", "5"));
	ck_assert_str_eq(said_done(verify(write_bundle())), "verified");
	paper_step(&paper, &paper.flow, KIND_DISPUTE, FIELDS("role", "creator", "reason", "By the old key."));
	said = verify(write_bundle());
	ck_assert_int_eq(said.status, 1);
	paper_says(said, "signed by the former key of studio-flow, which note 120 replaced");
	buffer_release(&note);
	actor_release(&later);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("verify_signatures");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_proposal_is_not_an_agreement);
	tcase_add_test(tests, an_agreement_may_be_signed_by_both_sides_in_any_order);
	tcase_add_test(tests, a_new_key_takes_the_signatures_of_both_keys);
	Suite *suite = suite_create("talk/verify_signatures");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

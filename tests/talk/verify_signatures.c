/* `troth verify` of notes that it takes more than one signature to make: agreements by both sides, new keys. */
#include <stdlib.h>

#include "tests/lib/notes.h"
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

START_TEST(a_text_that_changes_another_needs_the_brands_signature_too) {
	static const char *const changes[] = { "replaces", "amends" };
	struct buffer plain, note;
	char lines[400], offer[REFERENCE_TEXT], deal[REFERENCE_TEXT], after[120] = "";
	uint8_t id[HASH_SIZE];
	buffer_init(&plain, SIGNED_NOTE_MAX);
	buffer_init(&note, SIGNED_NOTE_MAX);
	note_id_of(paper_note(&paper, paper.offer), id);
	actor_accept(&paper.flow, paper_note(&paper, paper.offer), &plain);
	(void)reference_write(paper.deal, deal);
	if (_i == 1) {
		(void)snprintf(after, sizeof after, "after %s\n", deal);
	}
	(void)snprintf(lines, sizeof lines, "offer %s\n%s %s\n%s", reference_write(id, offer), changes[_i], deal, after);
	direct_resign(&paper.flow, buffer_slice(&plain), "offer", lines, &note);
	paper_sign(&note, &paper.agency);
	struct said said = verify_note(&note);
	said_refused(said, 1, ERROR_WRONG_SIGNER, 0);
	paper_says(said, "the signature of agency.example/brand/acme-yoga (key in the text) is missing");
	paper_sign(&note, &paper.acme);
	ck_assert_str_eq(said_done(verify_note(&note)), "verified");
	buffer_release(&note);
	buffer_release(&plain);
}
END_TEST

/* A text of the brand's other offer, of a fee that neither names: the brand's signature makes it good, but not of this
 * offer. */
START_TEST(a_negotiated_text_is_of_its_own_offer_only) {
	struct buffer other, plain, note;
	buffer_init(&other, SIGNED_NOTE_MAX);
	buffer_init(&plain, SIGNED_NOTE_MAX);
	buffer_init(&note, SIGNED_NOTE_MAX);
	actor_offer(&paper.acme, 1, "100.00 USD", &other);
	const struct slice offers[] = { buffer_slice(&other), paper_note(&paper, paper.offer) };
	actor_accept(&paper.flow, offers[0], &plain);
	direct_resign(&paper.flow, buffer_slice(&plain), "fee", "fee 90.00 USD\n", &note);
	paper_sign(&note, &paper.acme);
	paper_sign(&note, &paper.agency);
	char text[SIGNED_NOTE_MAX + 1];
	ck_assert(slice_copy_text(buffer_slice(&note), text, sizeof text));
	const char *path = paper_write(text);
	for (size_t i = 0; i < 2; i++) {
		ck_assert(slice_copy_text(offers[i], text, sizeof text));
		struct said said = troth("verify", path, "--join", paper.join, "--offer", paper_write(text), NULL);
		if (i == 0) {
			ck_assert_str_eq(said_done(said), "verified");
		} else {
			said_refused(said, 1, ERROR_TERMS_DIFFER, 2);
		}
	}
	buffer_release(&note);
	buffer_release(&plain);
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
	tcase_add_loop_test(tests, a_text_that_changes_another_needs_the_brands_signature_too, 0, 2);
	tcase_add_test(tests, a_negotiated_text_is_of_its_own_offer_only);
	tcase_add_test(tests, a_new_key_takes_the_signatures_of_both_keys);
	Suite *suite = suite_create("talk/verify_signatures");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

/* `troth verify` of bundles: what it says of a whole deal, and of notes changed, missing, or not vouched for. */
#include <stdlib.h>

#include "tests/lib/paper_agency.h"
#include "tests/lib/unit.h"

#define TEST_SECONDS 60
#define NOTE_FILE_MAX 24576 /* bytes that a file of one note may have */

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

/* How many lines end before this place. */
static unsigned lines_before(const char *text, const char *end) {
	unsigned lines = 0;
	for (const char *at = text; at < end; at++) {
		lines += *at == '\n' ? 1 : 0;
	}
	return lines;
}

/* The number of the line at which these words stand. */
static unsigned line_of(const char *text, const char *words) {
	const char *at = strstr(text, words);
	ck_assert_ptr_nonnull(at);
	return lines_before(text, at) + 1;
}

START_TEST(a_whole_deal_is_replayed_and_told) {
	const char *path = write_bundle();
	struct said said = verify(path);
	ck_assert_str_eq(said_done(said), "verified");
	paper_says(said, "bundle of agency.example: 11 notes, numbers 10 to 110");
	paper_says(said, "12 good: 10 by keys in the texts, 2 by the agency's key");
	paper_says(said, "state      verified, by 6 notes from 60 to 110");
	paper_says(said, "held 0.00 USD, earned by the creator 250.00 USD, paid out 100.00 USD");
	paper_says(said, "to pay     150.00 USD to studio-flow");
	paper_says(said, "next       the agency pays by");
	paper_says(said, "500.00 USD  brand/acme-yoga/available");
	paper_says(said, "that nothing is missing");
	json_t *report = said_json(troth("verify", path, "--join", paper.join, "--json", NULL));
	ck_assert(json_is_true(json_object_get(report, "verified")));
	ck_assert_int_eq(json_integer_value(json_object_get(report, "notes")), 11);
	const json_t *told = json_array_get(json_object_get(report, "deals"), 0);
	char id[ID_TEXT_SIZE];
	ck_assert_str_eq(json_text(told, "id"), print_id(slice_of(paper.deal, HASH_SIZE), id));
	ck_assert_str_eq(json_text(told, "state"), "verified");
	ck_assert_str_eq(json_text(told, "deadline"), "pay");
	ck_assert_str_eq(json_text(told, "outstanding"), "150.00 USD");
	ck_assert_uint_eq(json_array_size(json_object_get(report, "findings")), 0);
	json_decref(report);
}
END_TEST

START_TEST(a_deal_under_way_tells_what_each_ending_would_move) {
	paper.count = paper.agreement + 1;
	struct said said = verify(write_bundle());
	ck_assert_str_eq(said_done(said), "verified");
	paper_says(said, "state      received");
	paper_says(said, "held 250.00 USD");
	paper_says(said, "all goes well");
	paper_says(said, "next       the creator submits by");
}
END_TEST

START_TEST(a_long_bundle_is_read_whole) {
	char reference[32];
	for (int i = 0; i < 60; i++) {
		(void)snprintf(reference, sizeof reference, "more-%d", i);
		actor_fund(&paper.olga, paper.acme.name, "1.00 USD", reference, paper_entry_begin(&paper));
	}
	char *text = paper_bundle(&paper);
	ck_assert_uint_gt(strlen(text), NOTE_FILE_MAX);
	struct said said = verify(paper_write(text));
	ck_assert_str_eq(said_done(said), "verified");
	paper_says(said, "71 notes");
	/* The same from standard input. */
	const char *const words[] = { process_program("troth"), "verify", "-", "--join", paper.join, NULL };
	struct process_options options = { .input = text };
	struct process *process = process_start(words, &options);
	ck_assert_int_eq(process_wait(process, PROCESS_RUN_DEADLINE), 0);
	ck_assert_ptr_nonnull(strstr(process_text(process, PROCESS_OUTPUT), "71 notes"));
	process_free(process);
	free(text);
}
END_TEST

START_TEST(a_note_left_out_of_the_middle_is_told) {
	paper.entries[paper.agreement + 2].left_out = true; /* the approval */
	char *text = paper_bundle(&paper);
	struct said said = verify(paper_write(text));
	said_refused(said, 1, ERROR_SUPERSEDED, line_of(text, "note 90 "));
	paper_says(said, "note 90: follows the note");
	paper_says(said, "between note 70 and note 90 at least one note of this deal is missing");
	paper_says(said, "note 110: wrong-state: cannot be judged, since note 90 of this deal does not fit");
	ck_assert_ptr_null(strstr(said.output, "verified\n"));
	said = troth("verify", paper_write(text), "--join", paper.join, "--json", NULL);
	ck_assert_int_eq(said.status, 1);
	char *first = strndup(said.output, strcspn(said.output, "\n"));
	json_t *report = json_line(first), *error = json_line(strchr(said.output, '\n') + 1);
	ck_assert(json_is_false(json_object_get(report, "verified")));
	ck_assert_int_eq(json_integer_value(json_object_get(report, "wrong")), 3);
	const json_t *finding = json_array_get(json_object_get(report, "findings"), 0);
	ck_assert_str_eq(json_text(finding, "code"), "superseded");
	ck_assert_int_eq(json_integer_value(json_object_get(finding, "sequence")), 90);
	ck_assert_int_eq(json_integer_value(json_object_get(finding, "line")), line_of(text, "note 90 "));
	ck_assert_str_eq(json_text(json_object_get(error, "error"), "code"), "superseded");
	json_decref(report);
	json_decref(error);
	free(first);
	free(text);
}
END_TEST

START_TEST(a_bundle_that_was_cut_is_good_as_far_as_it_goes) {
	paper.count -= 2;
	struct said said = verify(write_bundle());
	ck_assert_str_eq(said_done(said), "verified");
	paper_says(said, "state      posted");
}
END_TEST

START_TEST(changed_terms_are_a_bad_signature) {
	char *text = paper_bundle(&paper);
	char *fee = strstr(strstr(text, "/agreement/v1"), "fee 250.00");
	fee[strlen("fee ")] = '9';
	struct said said = verify(paper_write(text));
	ck_assert_int_eq(said.status, 1);
	paper_says(said, "troth: bad-signature: line ");
	paper_says(said, "note 60: ");
	free(text);
}
END_TEST

START_TEST(an_agreement_without_the_agencys_signature_binds_nobody) {
	struct buffer *agreement = &paper.entries[paper.agreement].signed_note;
	buffer_clear(agreement);
	actor_accept(&paper.flow, paper_note(&paper, paper.offer), agreement);
	char *text = paper_bundle(&paper);
	struct said said = verify(paper_write(text));
	said_refused(said, 1, ERROR_WRONG_SIGNER, line_of(text, "note 60 "));
	paper_says(said, "the agency has not countersigned");
	free(text);
}
END_TEST

START_TEST(keys_that_nothing_vouches_for_are_told) {
	paper.entries[0].left_out = true; /* the operator's admission by the agency */
	struct said said = verify(write_bundle());
	said_refused(said, 1, ERROR_NOT_ADMITTED, 0);
	paper_says(said, "olga (operator) has signed 5 notes");
}
END_TEST

START_TEST(proposals_of_strangers_do_no_harm) {
	struct actor stranger;
	actor_make(&stranger, ROLE_BRAND, "stranger", &paper.world);
	actor_offer(&stranger, 1, "9.00 USD", paper_entry_begin(&paper));
	struct said said = verify(write_bundle());
	ck_assert_str_eq(said_done(said), "verified");
	paper_says(said, "strangers  1 keys have signed only offers, profiles and proposals");
	actor_release(&stranger);
}
END_TEST

START_TEST(a_false_agency_is_told) {
	struct actor other;
	actor_make(&other, ROLE_OPERATOR, AGENCY_NAME, &paper.world);
	const uint8_t enrolment[HASH_SIZE] = { 7 };
	buffer_clear(&paper.entries[0].signed_note);
	actor_admit(&other, &paper.olga, enrolment, &paper.entries[0].signed_note);
	char *text = paper_bundle(&paper);
	struct said said = verify(paper_write(text));
	said_refused(said, 1, ERROR_WRONG_SIGNER, line_of(text, "note 10 "));
	paper_says(said, "not signed by agency.example/agency with the key in the join file");
	actor_release(&other);
	free(text);
}
END_TEST

START_TEST(disavowed_notes_are_told) {
	char key[PAPER_PARTY_MAX];
	const char *hex = strchr(paper_party(&paper.flow, key), ' ') + 1;
	char by[PAPER_PARTY_MAX];
	struct note_pair pairs[] = { { "account", slice_of_text(paper.flow.name) },
		                         { "key", slice_of_text(hex) },
		                         { "valid-until", slice_of_text("80") },
		                         { "reason", slice_of_text("laptop stolen") },
		                         { "operator", slice_of_text(paper_party(&paper.olga, by)) } };
	actor_sign(&paper.olga, KIND_REVOKE, pairs, 5, paper_entry_begin(&paper));
	struct said said = verify(write_bundle());
	ck_assert_str_eq(said_done(said), "verified, with 1 disavowed");
	paper_says(said, "disavowed  note 90 (post) of studio-flow: its key was revoked back to before it, by note 120");
}
END_TEST

START_TEST(files_that_are_no_bundles_are_refused) {
	char *text = paper_bundle(&paper);
	said_refused(verify(paper_write("agency.example/bundle/v1\n\nnote 0\n")), 1, ERROR_MALFORMED, 3);
	said_refused(verify(paper_write("other.example/bundle/v1\n\n")), 1, ERROR_WRONG_ORIGIN, 1);
	text[strlen(text) - 1] = '\0';
	said_refused(verify(paper_write(text)), 1, ERROR_MALFORMED, lines_before(text, text + strlen(text)) + 1);
	const char *empty = paper_write("agency.example/bundle/v1\n\n");
	ck_assert_str_eq(said_done(verify(empty)), "verified");
	struct said said = troth("verify", empty, "--offer", "x", "--join", paper.join, NULL);
	said_refused(said, 2, ERROR_USAGE, 0);
	free(text);
}
END_TEST

START_TEST(a_time_that_there_is_not_is_refused) {
	char *text = paper_bundle(&paper);
	char *received = strstr(text, "note 10 ") + strlen("note 10 ");
	memcpy(received, "2026-13-01", 10);
	said_refused(verify(paper_write(text)), 1, ERROR_BAD_VALUE, 3);
	free(text);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("verify_bundle");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_whole_deal_is_replayed_and_told);
	tcase_add_test(tests, a_deal_under_way_tells_what_each_ending_would_move);
	tcase_add_test(tests, a_long_bundle_is_read_whole);
	tcase_add_test(tests, a_note_left_out_of_the_middle_is_told);
	tcase_add_test(tests, a_bundle_that_was_cut_is_good_as_far_as_it_goes);
	tcase_add_test(tests, changed_terms_are_a_bad_signature);
	tcase_add_test(tests, an_agreement_without_the_agencys_signature_binds_nobody);
	tcase_add_test(tests, keys_that_nothing_vouches_for_are_told);
	tcase_add_test(tests, proposals_of_strangers_do_no_harm);
	tcase_add_test(tests, a_false_agency_is_told);
	tcase_add_test(tests, disavowed_notes_are_told);
	tcase_add_test(tests, files_that_are_no_bundles_are_refused);
	tcase_add_test(tests, a_time_that_there_is_not_is_refused);
	Suite *suite = suite_create("talk/verify_bundle");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

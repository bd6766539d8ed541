/* Unit tests of rules/replay: notes that are missing, out of order, or signed by keys that are not good. */
#include "tests/unit/rules_replay_tale.h"

/* ---- what does not fit ---- */

START_TEST(a_note_left_out_of_the_middle_is_told_with_the_numbers) {
	begin_paid_deal();
	told(step("submit", BY_FLOW SUBMISSION));
	/* note 8, a revision, is accepted but left out of the file */
	(void)snprintf(tale.text, sizeof tale.text, "no such note\n");
	signed_note_id(slice_of_text(tale.text), tale.head);
	tale.sequence++;
	refused(step("submit", BY_FLOW SUBMISSION), ERROR_SUPERSEDED,
	        "between note 7 and note 9 at least one note of this deal is missing");
	ck_assert_int_eq(replay_deal(tale.replay, 0)->broken, 9);
	refused(step("approve", BY_ACME), ERROR_WRONG_STATE, "cannot be judged, since note 9 of this deal does not fit");
	ck_assert_int_eq(latest()->state, DEAL_SUBMITTED);
}
END_TEST

START_TEST(notes_in_another_order_are_told) {
	begin_paid_deal();
	uint8_t agreement[FIELD_HASH_SIZE], submission[FIELD_HASH_SIZE];
	char texts[2][SAMPLE_MAX], refs[4][80];
	memcpy(agreement, tale.head, sizeof agreement);
	(void)snprintf(texts[0], SAMPLE_MAX, "%s/submit/v1\ndeal %s\nafter %s\n%s%s%s", ORIGIN,
	               reference(agreement, refs[0]), reference(agreement, refs[1]), BY_FLOW, SUBMISSION, STAMP);
	signed_note_id(slice_of_text(texts[0]), submission);
	(void)snprintf(texts[1], SAMPLE_MAX, "%s/approve/v1\ndeal %s\nafter %s\n%s%s", ORIGIN,
	               reference(agreement, refs[2]), reference(submission, refs[3]), BY_ACME, STAMP);
	memcpy(tale.text, texts[1], SAMPLE_MAX);
	refused(tell_again(FIRST, false), ERROR_SUPERSEDED, "between note 6 and note 7");
	memcpy(tale.text, texts[0], SAMPLE_MAX);
	refused(tell_again(FIRST, false), ERROR_WRONG_STATE, "note 7 of this deal does not fit");
	ck_assert_int_eq(latest()->state, DEAL_RECEIVED);
}
END_TEST

START_TEST(two_steps_that_follow_the_same_note_are_told) {
	uint8_t head[FIELD_HASH_SIZE];
	begin_paid_deal();
	memcpy(head, tale.head, sizeof head);
	told(step("submit", BY_FLOW SUBMISSION));
	memcpy(tale.head, head, sizeof head);
	refused(step("cancel", EITHER_FLOW), ERROR_SUPERSEDED, "follows note 6, but the deal's latest note is 7");
}
END_TEST

START_TEST(numbers_must_rise_and_no_note_comes_twice) {
	begin_paid_deal();
	told(step("submit", BY_FLOW SUBMISSION));
	refused(tell_again(FIRST, false), ERROR_EXISTS, "the same note as number 7");
	tale.sequence -= 1;
	refused(step("approve", BY_ACME), ERROR_MALFORMED, "note 8 comes after note 8");
	ck_assert_int_eq(replay_deal(tale.replay, 0)->broken, 0);
}
END_TEST

START_TEST(a_time_that_no_date_can_follow_is_refused) {
	begin_paid_deal();
	tale.now = REPLAY_RECEIVED_MAX - 1;
	refused(step("submit", BY_FLOW SUBMISSION), ERROR_WRONG_STATE, "was over"); /* a time that can be judged */
	refused(tell("profile", BY_FLOW), ERROR_BAD_VALUE, "no agency has received");
	tale.now = INT64_MAX - 1;
	refused(tell("profile", BY_FLOW "niche yoga\n"), ERROR_BAD_VALUE, "no agency has received");
	tale.now = -2;
	refused(tell("profile", BY_FLOW "niche cars\n"), ERROR_BAD_VALUE, "no agency has received");
}
END_TEST

START_TEST(an_agreement_must_follow_from_its_offer) {
	admit_all();
	told(offer("first-come"));
	refused(text("", BY_FLOW, "fee 900.00 USD\n", FIRST, true), ERROR_TERMS_DIFFER,
	        "the offer says \"fee 250.00 USD\" here");
	ck_assert_uint_eq(tale.failure.line, 6);
	ck_assert_uint_eq(replay_deal_count(tale.replay), 0);
	refused(step("submit", BY_FLOW SUBMISSION), ERROR_WRONG_STATE, "since note 5, the deal's agreement or proposal");
}
END_TEST

START_TEST(a_proposal_that_has_ended_is_not_concluded_later) {
	char links[100], answered[SAMPLE_MAX], id[80];
	admit_all();
	told(offer("negotiation"));
	told(text("", BY_FLOW, "fee 300.00 USD\n", FIRST, false));
	memcpy(answered, tale.text, sizeof answered);
	(void)snprintf(links, sizeof links, "replaces %s\n", reference(tale.deal, id));
	told(text(links, BY_FLOW, "fee 280.00 USD\n", SECOND, false));
	draft(links, BY_FLOW, "fee 280.00 USD\n");
	char counter[SAMPLE_MAX];
	memcpy(counter, tale.text, sizeof counter);
	told(step("decline", EITHER_ACME));
	memcpy(tale.text, _i == 0 ? counter : answered, sizeof tale.text);
	refused(tell_again(FIRST | SECOND, true), ERROR_SUPERSEDED, "this proposal has ended: sign a new text");
	ck_assert_int_eq(latest()->state, DEAL_ENDED);
	ck_assert_uint_eq(replay_deal_count(tale.replay), 1);
	ck_assert_int_eq(balance("/held"), 0);
}
END_TEST

START_TEST(an_agreement_must_carry_the_agencys_signature) {
	admit_all();
	told(offer("first-come"));
	refused(text("", BY_FLOW, "fee 250.00 USD\n", FIRST, false), ERROR_WRONG_SIGNER, "has not countersigned");
	refused(text("", BY_FLOW, "fee 250.00 USD\n", 0, true), ERROR_WRONG_SIGNER, "a signature is missing");
}
END_TEST

START_TEST(an_offer_or_agreement_that_is_not_there_is_told) {
	admit_all();
	memset(tale.offer, 0xab, sizeof tale.offer);
	refused(accept(), ERROR_NOT_FOUND, "its offer abababababab is not here");
	memset(tale.deal, 0xcd, sizeof tale.deal);
	refused(step("submit", BY_FLOW SUBMISSION), ERROR_NOT_FOUND, "agreement or proposal cdcdcdcdcdcd is not here");
}
END_TEST

START_TEST(an_offer_has_no_more_agreements_than_slots) {
	begin_paid_deal();
	told(text("", "creator flow-2 ed25519:" KEY_OTHER "\n", "fee 250.00 USD\n", FIRST, true));
	refused(text("", "creator flow-3 ed25519:" KEY_OTHER "\n", "fee 250.00 USD\n", FIRST, true), ERROR_OFFER_FULL, "");
}
END_TEST

/* Proposes as this creator and key by the offer; the text waits for the brand. */
static enum error apply(const char *creator) {
	return text("", creator, "fee 250.00 USD\n", FIRST, false);
}

START_TEST(a_proposal_needs_no_slot_until_it_is_signed) {
	admit_all();
	told(offer("selection"));
	told(apply(BY_FLOW));
	told(tell_again(SECOND, true));
	told(apply("creator flow-2 ed25519:" KEY_OTHER "\n"));
	told(tell_again(SECOND, true)); /* of two slots none is free */
	told(apply("creator flow-3 ed25519:" KEY_OTHER "\n"));
	ck_assert_int_eq(latest()->state, DEAL_PROPOSED);
	refused(tell_again(SECOND, true), ERROR_OFFER_FULL, "every slot of the offer is taken");
}
END_TEST

START_TEST(an_offer_is_closed_by_its_own_brand) {
	char lines[400], id[80];
	begin_paid_deal();
	(void)snprintf(lines, sizeof lines, "offer %s\nbrand acme-yog ed25519:" KEY_OTHER "\n",
	               reference(tale.offer, id));
	refused(tell("close", lines), ERROR_NOT_ALLOWED, "the offer is acme-yoga's");
	ck_assert_int_eq(balance("/reserved"), 27500);
	told(text("", "creator flow-2 ed25519:" KEY_OTHER "\n", "fee 250.00 USD\n", FIRST, true));
}
END_TEST

START_TEST(a_closed_offer_gives_back_what_is_reserved) {
	char lines[400], id[80];
	begin_paid_deal();
	(void)snprintf(lines, sizeof lines, "offer %s\n%s", reference(tale.offer, id), BY_ACME);
	told(tell("close", lines));
	ck_assert_int_eq(balance("/reserved"), 0);
	ck_assert_int_eq(balance("/available"), 72500);
	refused(text("", "creator flow-2 ed25519:" KEY_OTHER "\n", "fee 250.00 USD\n", FIRST, true), ERROR_OFFER_CLOSED,
	        "");
	memset(tale.offer, 0xab, sizeof tale.offer);
	(void)snprintf(lines, sizeof lines, "offer %s\n%s", reference(tale.offer, id), BY_ACME);
	told(tell("close", lines)); /* somewhere else in the log */
}
END_TEST

/* ---- keys ---- */

START_TEST(without_admissions_the_agencys_signature_vouches) {
	told(offer("first-come"));
	ck_assert_uint_eq(unvouched(), 1);
	ck_assert(!rests_on_unvouched());
	told(accept());
	ck_assert_uint_eq(unvouched(), 0);
	told(step("submit", BY_FLOW SUBMISSION));
	told(step("approve", BY_ACME));
	told(step("post", BY_FLOW "link https://example.com/p/1\n"));
	told(step("verify", BY_OLGA SEEN));
	ck_assert_uint_eq(unvouched(), 1); /* the operator */
	ck_assert(rests_on_unvouched());
}
END_TEST

START_TEST(an_admission_vouches_only_if_its_admitter_is_vouched_for) {
	told(admit("acme-yoga", KEY_BRAND, "brand", "olga ed25519:" KEY_OPERATOR));
	told(offer("first-come"));
	ck_assert_uint_eq(unvouched(), 2);
}
END_TEST

START_TEST(a_key_that_an_account_does_not_have_is_told) {
	begin_paid_deal();
	refused(step("submit", "creator studio-flow ed25519:" KEY_OTHER "\n" SUBMISSION), ERROR_WRONG_SIGNER,
	        "a key that studio-flow does not have");
	refused(tell("fund", "brand acme-yoga\namount 1.00 USD\nreference x\noperator studio-flow ed25519:" KEY_CREATOR
	                     "\n"), ERROR_NOT_ALLOWED, "studio-flow signs as operator, but the account is a creator's");
}
END_TEST

#define REKEY(overlap) \
	"account studio-flow ed25519:" KEY_OTHER "\nrole creator\npredecessor studio-flow ed25519:" KEY_CREATOR "\n" \
	"transport curve25519:" HEX_C "\n" overlap

static enum error rekey(const char *lines) {
	(void)snprintf(tale.text, sizeof tale.text, "%s/rekey/v1\n%s%s", ORIGIN, lines, STAMP);
	return tell_again(FIRST | SECOND, false);
}

START_TEST(a_new_key_replaces_the_old_one_at_once) {
	begin_paid_deal();
	(void)snprintf(tale.text, sizeof tale.text, "%s/rekey/v1\n%s%s", ORIGIN, REKEY(""), STAMP);
	refused(tell_again(FIRST, false), ERROR_WRONG_SIGNER, "a signature is missing");
	tale.text[strlen(tale.text) - 2] = 'e'; /* another nonce: the note before is not this one */
	told(tell_again(FIRST | SECOND, false)); /* good to the end of this second */
	refused(step("submit", BY_FLOW SUBMISSION), ERROR_KEY_REVOKED, "the former key of studio-flow, which note 8");
	ck_assert_int_eq(replay_deal(tale.replay, 0)->broken, 0); /* it was never judged as a step */
	memcpy(tale.head, tale.deal, sizeof tale.head);
	told(step("submit", "creator studio-flow ed25519:" KEY_OTHER "\n" SUBMISSION));
	ck_assert_uint_eq(unvouched(), 0);
}
END_TEST

START_TEST(a_signature_stays_good_when_its_key_is_replaced_before_the_other_side_signs) {
	char proposal[SAMPLE_MAX];
	admit_all();
	told(offer("selection"));
	told(text("", BY_FLOW, "fee 250.00 USD\n", FIRST, false));
	memcpy(proposal, tale.text, sizeof proposal);
	told(rekey(REKEY("")));
	tale.now += DAY;
	memcpy(tale.text, proposal, sizeof proposal);
	told(tell_again(FIRST | SECOND, true));
	ck_assert_int_eq(latest()->state, DEAL_RECEIVED);
}
END_TEST

/* Whether the creator's account has a key now; the digits are hex. */
static bool is_good(const char *digits) {
	uint8_t key[FIELD_KEY_SIZE];
	ck_assert(hex_decode(slice_of_text(digits), key, sizeof key));
	return replay_key_is_good(tale.replay, "studio-flow", key);
}

START_TEST(a_key_is_good_until_it_is_replaced_or_revoked) {
	ck_assert(!is_good(KEY_CREATOR));
	admit_all();
	ck_assert(is_good(KEY_CREATOR) && !is_good(KEY_OTHER) && !is_good(KEY_BRAND));
	told(rekey(REKEY("overlap 7d\n")));
	ck_assert(is_good(KEY_OTHER) && !is_good(KEY_CREATOR));
	told(tell("revoke", "account studio-flow\nkey ed25519:" KEY_OTHER "\nvalid-until 4\nreason stolen\n" BY_OLGA));
	ck_assert(!is_good(KEY_OTHER) && !is_good(KEY_CREATOR));
}
END_TEST

START_TEST(a_new_key_is_as_good_as_the_former_was) {
	told(rekey(REKEY("overlap 7d\n"))); /* no admission is here */
	ck_assert(!is_good(KEY_OTHER) && !is_good(KEY_CREATOR));
	tear_down();
	set_up();
	admit_all();
	told(rekey(REKEY("overlap 7d\n")));
	ck_assert(is_good(KEY_OTHER));
}
END_TEST

START_TEST(a_revoked_key_is_good_for_notes_up_to_the_number_that_is_named) {
	begin_paid_deal();
	told(tell("revoke", "account studio-flow\nkey ed25519:" KEY_CREATOR "\nvalid-until 8\nreason sold\n" BY_OLGA));
	told(step("submit", BY_FLOW SUBMISSION));
	ck_assert_int_eq(tale.sequence, 8);
	ck_assert_uint_eq(replay_disavowed_count(tale.replay), 0);
	refused(tell("profile", BY_FLOW), ERROR_KEY_REVOKED, "note 7 has revoked for all notes after 8");
}
END_TEST

START_TEST(a_key_that_a_stranger_admits_is_not_good) {
	told(admit("olga", KEY_OPERATOR, "operator", "agency ed25519:" KEY_AGENCY));
	(void)admit("studio-flow", KEY_CREATOR, "creator", "mallory ed25519:" KEY_OTHER);
	ck_assert(!is_good(KEY_CREATOR));
}
END_TEST

START_TEST(who_was_not_vouched_for_vouches_for_nobody) {
	told(admit("olga", KEY_OPERATOR, "operator", "mallory ed25519:" KEY_OTHER));
	told(admit("studio-flow", KEY_CREATOR, "creator", "olga ed25519:" KEY_OPERATOR)); /* whose key is there */
	ck_assert(!is_good(KEY_CREATOR));
}
END_TEST

START_TEST(a_key_that_replaces_one_that_nobody_vouched_for_is_not_good) {
	told(admit("studio-flow", KEY_CREATOR, "creator", "olga ed25519:" KEY_OPERATOR));
	told(rekey(REKEY("")));
	ck_assert(!is_good(KEY_OTHER) && !is_good(KEY_CREATOR));
}
END_TEST

static bool was_ever(enum role role, const char *digits) {
	uint8_t key[FIELD_KEY_SIZE];
	ck_assert(hex_decode(slice_of_text(digits), key, sizeof key));
	return replay_key_is_vouched(tale.replay, "studio-flow", role, key);
}

START_TEST(a_former_key_stays_vouched_for_in_its_role) {
	ck_assert(!was_ever(ROLE_CREATOR, KEY_CREATOR));
	admit_all();
	ck_assert(was_ever(ROLE_CREATOR, KEY_CREATOR) && !was_ever(ROLE_OPERATOR, KEY_CREATOR));
	ck_assert(!was_ever(ROLE_CREATOR, KEY_BRAND) && !was_ever(ROLE_CREATOR, KEY_OTHER));
	told(rekey(REKEY("")));
	ck_assert(was_ever(ROLE_CREATOR, KEY_CREATOR) && was_ever(ROLE_CREATOR, KEY_OTHER));
}
END_TEST

START_TEST(an_old_key_is_good_until_the_overlap_is_over) {
	begin_paid_deal();
	told(rekey(REKEY("overlap 7d\n")));
	tale.now += 7 * DAY - 1;
	told(step("submit", BY_FLOW SUBMISSION));
	tale.now += 1;
	refused(tell("profile", BY_FLOW), ERROR_KEY_REVOKED, "it was good until 2026-11-30T");
}
END_TEST

START_TEST(an_old_key_ends_with_the_one_that_replaced_it) {
	begin_paid_deal();
	told(rekey(REKEY("overlap 7d\n")));
	told(tell("profile", BY_FLOW));
	told(tell("revoke", "account studio-flow\nkey ed25519:" KEY_OTHER "\nvalid-until 4\nreason stolen\n" BY_OLGA));
	refused(step("submit", BY_FLOW SUBMISSION), ERROR_KEY_REVOKED, "which had no key any more after note 9");
}
END_TEST

START_TEST(notes_of_a_revoked_key_are_disavowed) {
	begin_paid_deal();
	told(step("submit", BY_FLOW SUBMISSION));
	told(step("approve", BY_ACME));
	told(step("post", BY_FLOW "link https://example.com/p/1\n"));
	told(tell("revoke", "account studio-flow\nkey ed25519:" KEY_CREATOR "\nvalid-until 7\nreason laptop stolen\n"
	                    BY_OLGA));
	ck_assert_uint_eq(replay_disavowed_count(tale.replay), 1);
	const struct replay_disavowed *note = replay_disavowed(tale.replay, 0);
	ck_assert_int_eq(note->sequence, 9);
	ck_assert_int_eq(note->kind, KIND_POST);
	ck_assert_int_eq(note->revoked, 10);
	ck_assert_str_eq(note->account, "studio-flow");
	refused(tell("profile", BY_FLOW), ERROR_KEY_REVOKED, "note 10 has revoked for all notes after 7");
	ck_assert_int_eq(latest()->state, DEAL_POSTED);
	/* further back: what was told is not told again */
	told(tell("revoke", "account studio-flow\nkey ed25519:" KEY_CREATOR "\nvalid-until 6\nreason earlier\n" BY_OLGA));
	ck_assert_uint_eq(replay_disavowed_count(tale.replay), 2);
	ck_assert_int_eq(replay_disavowed(tale.replay, 1)->sequence, 7);
}
END_TEST

START_TEST(a_suspended_operator_decides_nothing) {
	begin_paid_deal();
	told(tell("suspend", "account olga\nstanding suspended\nreason gone\n" BY_OLGA));
	refused(tell("suspend", "account studio-flow\nstanding suspended\nreason late\n" BY_OLGA), ERROR_SUSPENDED,
	        "olga was suspended then: nothing can be decided");
}
END_TEST

START_TEST(a_suspended_account_begins_nothing_but_goes_on) {
	begin_paid_deal();
	told(tell("suspend", "account studio-flow\nstanding suspended\nreason late\n" BY_OLGA));
	told(step("submit", BY_FLOW SUBMISSION));
	tale.now++;
	told(tell("suspend", "account acme-yoga\nstanding suspended\nreason late\n" BY_OLGA));
	char lines[NOTE_TEXT_MAX];
	(void)snprintf(lines, sizeof lines, "%s%sslots 1\ncloses 2027-03-31T23:59:59Z\n", BY_ACME,
	               TERMS_AROUND("fee 1.00 USD\n"));
	refused(tell("offer", lines), ERROR_SUSPENDED, "acme-yoga was suspended then");
	told(tell("suspend", "account acme-yoga\nstanding good\nreason better\n" BY_OLGA));
	(void)snprintf(lines, sizeof lines, "%s%sslots 1\ncloses 2027-03-31T23:59:59Z\n", BY_ACME,
	               TERMS_AROUND("fee 2.00 USD\n"));
	told(tell("offer", lines));
}
END_TEST

START_TEST(a_suspended_account_may_amend_what_runs) {
	char links[400], id[80], after[80];
	begin_paid_deal();
	told(tell("suspend", "account studio-flow\nstanding suspended\nreason late\n" BY_OLGA));
	(void)snprintf(links, sizeof links, "amends %s\nafter %s\n", reference(latest()->text, id),
	               reference(latest()->head, after));
	draft(links, BY_FLOW, "fee 350.00 USD\n");
	told(tell_again(FIRST, false));
	told(tell_again(FIRST | SECOND, true));
	ck_assert_int_eq(latest()->held, 37500);
	refused(text("", BY_FLOW, "fee 251.00 USD\n", FIRST, true), ERROR_SUSPENDED, "studio-flow was suspended then");
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("replay");
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_note_left_out_of_the_middle_is_told_with_the_numbers);
	tcase_add_test(tests, notes_in_another_order_are_told);
	tcase_add_test(tests, two_steps_that_follow_the_same_note_are_told);
	tcase_add_test(tests, numbers_must_rise_and_no_note_comes_twice);
	tcase_add_test(tests, a_time_that_no_date_can_follow_is_refused);
	tcase_add_test(tests, an_agreement_must_follow_from_its_offer);
	tcase_add_loop_test(tests, a_proposal_that_has_ended_is_not_concluded_later, 0, 2);
	tcase_add_test(tests, an_agreement_must_carry_the_agencys_signature);
	tcase_add_test(tests, an_offer_or_agreement_that_is_not_there_is_told);
	tcase_add_test(tests, an_offer_has_no_more_agreements_than_slots);
	tcase_add_test(tests, a_proposal_needs_no_slot_until_it_is_signed);
	tcase_add_test(tests, an_offer_is_closed_by_its_own_brand);
	tcase_add_test(tests, a_closed_offer_gives_back_what_is_reserved);
	tcase_add_test(tests, without_admissions_the_agencys_signature_vouches);
	tcase_add_test(tests, an_admission_vouches_only_if_its_admitter_is_vouched_for);
	tcase_add_test(tests, a_key_that_an_account_does_not_have_is_told);
	tcase_add_test(tests, a_new_key_replaces_the_old_one_at_once);
	tcase_add_test(tests, a_signature_stays_good_when_its_key_is_replaced_before_the_other_side_signs);
	tcase_add_test(tests, an_old_key_is_good_until_the_overlap_is_over);
	tcase_add_test(tests, an_old_key_ends_with_the_one_that_replaced_it);
	tcase_add_test(tests, a_key_is_good_until_it_is_replaced_or_revoked);
	tcase_add_test(tests, a_new_key_is_as_good_as_the_former_was);
	tcase_add_test(tests, a_revoked_key_is_good_for_notes_up_to_the_number_that_is_named);
	tcase_add_test(tests, who_was_not_vouched_for_vouches_for_nobody);
	tcase_add_test(tests, a_key_that_replaces_one_that_nobody_vouched_for_is_not_good);
	tcase_add_test(tests, a_former_key_stays_vouched_for_in_its_role);
	tcase_add_test(tests, a_key_that_a_stranger_admits_is_not_good);
	tcase_add_test(tests, notes_of_a_revoked_key_are_disavowed);
	tcase_add_test(tests, a_suspended_operator_decides_nothing);
	tcase_add_test(tests, a_suspended_account_begins_nothing_but_goes_on);
	tcase_add_test(tests, a_suspended_account_may_amend_what_runs);
	Suite *suite = suite_create("rules/replay refusals");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

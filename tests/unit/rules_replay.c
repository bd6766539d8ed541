/* Unit tests of rules/replay: whole deals told note by note, with their money and deadlines. */
#include "tests/unit/rules_replay_tale.h"

/* ---- deals from beginning to end ---- */

START_TEST(a_paid_deal_with_a_revision_runs_to_its_end) {
	begin_paid_deal();
	ck_assert_int_eq(latest()->state, DEAL_RECEIVED);
	ck_assert_int_eq(latest()->deadline, DEADLINE_DELIVER);
	ck_assert_int_eq(latest()->due, tale.now + 14 * DAY);
	ck_assert_int_eq(balance("/available"), 45000);
	ck_assert_int_eq(balance("/reserved"), 27500);
	ck_assert_int_eq(balance("/held"), 27500);
	told(step("submit", BY_FLOW SUBMISSION));
	told(step("revise", BY_ACME "reason Please show the logo.\n"));
	ck_assert_int_eq(latest()->deadline, DEADLINE_RESUBMIT);
	told(step("submit", BY_FLOW SUBMISSION));
	told(step("approve", BY_ACME));
	told(step("post", BY_FLOW "link https://example.com/p/1\n"));
	told(step("verify", BY_OLGA SEEN));
	ck_assert_int_eq(latest()->state, DEAL_VERIFIED);
	ck_assert_int_eq(balance("creator/studio-flow/earned"), 25000);
	ck_assert_int_eq(balance("agency/fees"), 2500);
	told(step("pay", BY_OLGA "amount 250.00 USD\nreference payout-1\n"));
	told(step("rate", EITHER_ACME "stars 5\n"));
	told(step("rate", EITHER_FLOW "stars 4\n"));
	ck_assert_int_eq(latest()->state, DEAL_CLOSED);
	ck_assert_int_eq(latest()->deadline, DEADLINE_NONE);
	ck_assert_int_eq(latest()->reach, 9200);
	ck_assert_int_eq(balance("/held"), 0);
	ck_assert_int_eq(balance("/earned"), 0);
	ck_assert_int_eq(balance("/paid"), 25000);
	ck_assert_int_eq(balance(""), 0);
	const struct replay_deal *deal = replay_deal(tale.replay, 0);
	ck_assert_int_eq(deal->first, 6);
	ck_assert_int_eq(deal->last, 15);
	ck_assert_uint_eq(deal->notes, 10);
	ck_assert_int_eq(deal->broken, 0);
	ck_assert_uint_eq(unvouched(), 0);
}
END_TEST

START_TEST(a_negotiation_ends_in_the_text_that_both_have_signed) {
	char head[120], id[80];
	admit_all();
	told(offer("negotiation"));
	told(text("", BY_FLOW, "fee 400.00 USD\n", FIRST, false));
	ck_assert_int_eq(latest()->state, DEAL_PROPOSED);
	ck_assert_int_eq(latest()->due, tale.now + 72 * HOUR);
	(void)snprintf(head, sizeof head, "replaces %s\n", reference(tale.deal, id));
	told(text(head, BY_FLOW, "fee 300.00 USD\n", SECOND, false));
	ck_assert_int_eq(memcmp(latest()->id, tale.deal, FIELD_HASH_SIZE), 0);
	told(tell_again(FIRST | SECOND, true));
	ck_assert_uint_eq(replay_deal_count(tale.replay), 1);
	ck_assert_int_eq(latest()->state, DEAL_RECEIVED);
	ck_assert_int_eq(latest()->held, 32500);
	ck_assert_int_eq(balance("/held"), 32500);
	ck_assert_int_eq(balance("/available"), -60000); /* who funded the brand is not told */
	told(step("submit", BY_FLOW SUBMISSION));
}
END_TEST

START_TEST(a_brand_chooses_among_applicants_by_signing_their_text) {
	admit_all();
	told(offer("selection"));
	told(text("", BY_FLOW, "fee 250.00 USD\n", FIRST, false));
	ck_assert_int_eq(latest()->state, DEAL_PROPOSED);
	ck_assert_int_eq(latest()->due, latest()->closes);
	ck_assert_int_eq(balance("/held"), 0);
	told(tell_again(SECOND, true));
	ck_assert_int_eq(latest()->state, DEAL_RECEIVED);
	ck_assert_int_eq(balance("/held"), 27500);
	ck_assert_uint_eq(replay_deal_count(tale.replay), 1);
	ck_assert_int_eq(replay_deal(tale.replay, 0)->first, 5);
	ck_assert_int_eq(replay_deal(tale.replay, 0)->last, 6);
}
END_TEST

START_TEST(an_applicant_cannot_conclude_alone) {
	admit_all();
	told(offer("selection"));
	told(text("", BY_FLOW, "fee 250.00 USD\n", FIRST, false));
	refused(tell_again(FIRST, true), ERROR_NOT_ALLOWED, "the other side's turn");
}
END_TEST

static enum error lapse_offer(int64_t due) {
	char lines[400], id[80], time[TIME_TEXT_SIZE];
	(void)snprintf(lines, sizeof lines, "offer %s\ndeadline answer\ndue %s\nby agency ed25519:%s\n",
	               reference(tale.offer, id), time_format(due, time), KEY_AGENCY);
	return tell("lapse", lines);
}

START_TEST(an_offer_whose_time_is_over_gives_back_what_is_reserved) {
	begin_paid_deal();
	int64_t closes = latest()->closes;
	tale.now = closes - 2;
	refused(lapse_offer(closes), ERROR_WRONG_STATE, "its time was not over");
	tale.now = closes;
	refused(lapse_offer(closes - 1), ERROR_WRONG_STATE, "its time was not over");
	ck_assert_int_eq(balance("/reserved"), 27500);
	tale.sequence++;
	tale.now = closes + DAY;
	refused(lapse_offer(closes), ERROR_EXISTS, "the same note as number 7"); /* the very same text */
	tale.text[strlen(tale.text) - 2] = 'e';                                  /* another nonce */
	told(tell_again(FIRST, false));
	ck_assert_int_eq(balance("/reserved"), 0);
	ck_assert_int_eq(balance("/available"), 72500);
	tale.text[strlen(tale.text) - 2] = 'd';
	refused(tell_again(FIRST, false), ERROR_WRONG_STATE, "was closed already");
}
END_TEST

static enum error amend(const char *fee, unsigned signed_by, bool countersigned) {
	char head[400], id[80], after[80];
	(void)snprintf(head, sizeof head, "amends %s\nafter %s\n", reference(latest()->text, id),
	               reference(latest()->head, after));
	draft(head, BY_FLOW, fee);
	return tell_again(signed_by, countersigned);
}

START_TEST(an_amendment_holds_once_both_have_signed_it) {
	begin_paid_deal();
	told(amend("fee 350.00 USD\n", SECOND, false));
	ck_assert_int_eq(latest()->held, 27500);
	told(tell_again(FIRST | SECOND, true));
	ck_assert_int_eq(latest()->held, 37500);
	ck_assert_int_eq(balance("/held"), 37500);
	ck_assert_int_eq(memcmp(latest()->text, tale.id, FIELD_HASH_SIZE), 0);
	ck_assert_int_eq(memcmp(latest()->id, tale.deal, FIELD_HASH_SIZE), 0);
	memcpy(tale.head, tale.id, sizeof tale.head);
	told(step("submit", BY_FLOW SUBMISSION));
	ck_assert_uint_eq(replay_deal_count(tale.replay), 1);
}
END_TEST

START_TEST(an_amendment_is_dropped_by_the_next_step) {
	char amendment[SAMPLE_MAX];
	begin_paid_deal();
	told(amend("fee 350.00 USD\n", SECOND, false));
	memcpy(amendment, tale.text, sizeof amendment);
	memcpy(tale.head, tale.id, sizeof tale.head);
	told(step("submit", BY_FLOW SUBMISSION));
	memcpy(tale.text, amendment, sizeof amendment);
	refused(tell_again(FIRST | SECOND, true), ERROR_SUPERSEDED, "follows note 6, but the deal's latest note is 8");
}
END_TEST

START_TEST(a_text_that_was_replaced_cannot_be_answered_any_more) {
	char head[120], id[80];
	admit_all();
	told(offer("negotiation"));
	told(text("", BY_FLOW, "fee 400.00 USD\n", FIRST, false));
	(void)snprintf(head, sizeof head, "replaces %s\n", reference(tale.deal, id));
	told(text(head, BY_FLOW, "fee 300.00 USD\n", SECOND, false));
	refused(text(head, BY_FLOW, "fee 310.00 USD\n", SECOND, false), ERROR_SUPERSEDED,
	        "says that it follows note 5, but the deal's latest note is 6");
}
END_TEST

START_TEST(a_silent_brand_approves_when_its_time_is_over) {
	begin_paid_deal();
	told(step("submit", BY_FLOW SUBMISSION));
	int64_t due = latest()->due;
	ck_assert_int_eq(due, tale.now + 72 * HOUR);
	tale.now = due + 5 * DAY; /* the agency was asleep */
	told(lapse("review", due));
	ck_assert_int_eq(latest()->state, DEAL_APPROVED);
	ck_assert_int_eq(latest()->due, due + 7 * DAY);
}
END_TEST

START_TEST(a_lapse_before_its_time_or_of_another_deadline_is_refused) {
	static const struct {
		const char *deadline;
		int64_t later, due;
	} rows[] = { { "review", 72 * HOUR - 3, 0 }, { "review", 90 * HOUR, -1 }, { "post", 90 * HOUR, 0 } };
	begin_paid_deal();
	told(step("submit", BY_FLOW SUBMISSION));
	tale.now += rows[_i].later;
	refused(lapse(rows[_i].deadline, latest()->due + rows[_i].due), ERROR_WRONG_STATE, "no such deadline");
	ck_assert_int_eq(latest()->state, DEAL_SUBMITTED);
	ck_assert_int_eq(replay_deal(tale.replay, 0)->broken, 8);
}
END_TEST

START_TEST(what_comes_after_its_time_is_refused) {
	begin_paid_deal();
	tale.now = latest()->due;
	refused(step("submit", BY_FLOW SUBMISSION), ERROR_WRONG_STATE, "the time to deliver was over");
}
END_TEST

START_TEST(a_brand_that_cancels_pays_the_kill_fee) {
	begin_paid_deal();
	told(step("submit", BY_FLOW SUBMISSION));
	told(step("cancel", EITHER_ACME "reason Campaign stopped.\n"));
	ck_assert_int_eq(latest()->state, DEAL_CANCELLED);
	ck_assert_int_eq(latest()->deadline, DEADLINE_PAY);
	ck_assert_int_eq(deal_outstanding(latest()), 22500);
	ck_assert_int_eq(balance("agency/fees"), 2250);
	ck_assert_int_eq(balance("/available"), 45000 + 2500 + 250);
}
END_TEST

START_TEST(a_creator_who_cancels_leaves_a_slot) {
	begin_paid_deal();
	told(step("cancel", EITHER_FLOW));
	ck_assert_int_eq(balance("/reserved"), 55000);
	told(text("", "creator flow-2 ed25519:" KEY_OTHER "\n", "fee 250.00 USD\n", FIRST, true));
	told(text("", "creator flow-3 ed25519:" KEY_OTHER "\n", "fee 250.00 USD\n", FIRST, true));
	ck_assert_uint_eq(replay_deal_count(tale.replay), 3);
	ck_assert_int_eq(balance("/reserved"), 0);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("replay");
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_paid_deal_with_a_revision_runs_to_its_end);
	tcase_add_test(tests, a_negotiation_ends_in_the_text_that_both_have_signed);
	tcase_add_test(tests, a_brand_chooses_among_applicants_by_signing_their_text);
	tcase_add_test(tests, an_applicant_cannot_conclude_alone);
	tcase_add_test(tests, an_offer_whose_time_is_over_gives_back_what_is_reserved);
	tcase_add_test(tests, an_amendment_holds_once_both_have_signed_it);
	tcase_add_test(tests, an_amendment_is_dropped_by_the_next_step);
	tcase_add_test(tests, a_text_that_was_replaced_cannot_be_answered_any_more);
	tcase_add_test(tests, a_silent_brand_approves_when_its_time_is_over);
	tcase_add_loop_test(tests, a_lapse_before_its_time_or_of_another_deadline_is_refused, 0, 3);
	tcase_add_test(tests, what_comes_after_its_time_is_refused);
	tcase_add_test(tests, a_brand_that_cancels_pays_the_kill_fee);
	tcase_add_test(tests, a_creator_who_cancels_leaves_a_slot);
	Suite *suite = suite_create("rules/replay");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

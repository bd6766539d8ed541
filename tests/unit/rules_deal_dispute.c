/* Disputes, faults of posts, and sales between them: nobody keeps a deal from going on, and what was sold is paid. */
#include "tests/unit/rules_deal_moved.h"

static struct script script;

static void at(enum deal_state state) {
	script_begin(&script, "negotiation", SCRIPT_TERMS);
	script_go(&script, state);
}

/* A verify note that finds the post gone, with sales or (NULL) without. */
static void tell_fault(const char *sales) {
	script.sales = sales;
	script_write(&script, EVENT_FAULT, &script_actors[OPERATOR]);
	script.sales = NULL;
}

/* ---- each side once ---- */

static const enum deal_state disputable[] = { DEAL_AGREED,   DEAL_SHIPPED, DEAL_RECEIVED, DEAL_SUBMITTED,
	                                          DEAL_APPROVED, DEAL_POSTED,  DEAL_VERIFIED };

START_TEST(each_side_disputes_a_state_once) {
	at(disputable[_i]);
	for (int side = BRAND_SIDE; side <= CREATOR_SIDE; side++) {
		ck_assert_uint_ne(deal_events(&script.deal, script_actors[side].by) & 1U << EVENT_DISPUTE, 0);
		script_play(&script, EVENT_DISPUTE, side);
		script_play(&script, EVENT_RESUME, OPERATOR);
		ck_assert_int_eq(script.deal.state, disputable[_i]);
		script_write(&script, EVENT_DISPUTE, &script_actors[side]);
		ck_assert_int_ne(script_take(&script, 1), OK);
		ck_assert_ptr_nonnull(strstr(script.failure.text, "you have disputed this"));
		ck_assert_uint_eq(deal_events(&script.deal, script_actors[side].by) & 1U << EVENT_DISPUTE, 0);
	}
}
END_TEST

START_TEST(in_the_next_state_there_is_another_dispute) {
	at(DEAL_SUBMITTED);
	script_play(&script, EVENT_DISPUTE, CREATOR_SIDE);
	script_play(&script, EVENT_RESUME, OPERATOR);
	script_play(&script, EVENT_APPROVE, BRAND_SIDE);
	ck_assert_uint_eq(script.deal.disputed, 0);
	script_play(&script, EVENT_DISPUTE, CREATOR_SIDE);
	ck_assert_uint_eq(script.deal.disputed, BY_CREATOR);
}
END_TEST

/* ---- faults ---- */

START_TEST(a_fault_that_was_none_leaves_no_trace) {
	at(DEAL_VERIFIED);
	script_play(&script, EVENT_FAULT, OPERATOR);
	ck_assert(script.deal.state == DEAL_DISPUTED && script.deal.faulted && script.deal.disputed == 0);
	script_play(&script, EVENT_RESUME, OPERATOR);
	ck_assert(script.deal.state == DEAL_VERIFIED && !script.deal.faulted);
}
END_TEST

START_TEST(after_a_part_was_paid_a_fault_is_on_record_and_stops_nothing) {
	at(DEAL_VERIFIED);
	script.amount = "100.00 USD";
	script_play(&script, EVENT_PAY, OPERATOR);
	script.amount = NULL;
	struct deal before = script.deal;
	script_play(&script, EVENT_FAULT, OPERATOR);
	ck_assert(script.deal.state == DEAL_VERIFIED && script.deal.faulted);
	ck_assert(script.deal.deadline == DEADLINE_PAY && script.deal.due == before.due);
	script_moved(&script, (struct moved){ 0 }, "fault");
}
END_TEST

/* ---- sales ---- */

START_TEST(a_post_that_does_not_count_has_no_sales) {
	at(DEAL_POSTED);
	tell_fault("420.00 USD");
	script_expect(&script, script_take(&script, 1), ERROR_BAD_VALUE, "or the post is not as agreed");
}
END_TEST

START_TEST(sales_count_though_the_post_is_gone_by_then) {
	at(_i == 0 ? DEAL_VERIFIED : DEAL_PAID);
	tell_fault("420.00 USD");
	ck_assert_int_eq(script_take(&script, 1), OK);
	script_moved(&script, (struct moved){ .available = 5800, .held = -10000, .earned = 4200 }, "sales");
	ck_assert(script.deal.state == DEAL_VERIFIED && script.deal.faulted && script.deal.commission_earned == 4200);
	tell_fault("420.00 USD");
	script_expect(&script, script_take(&script, 1), ERROR_WRONG_STATE, "or sales are told that nothing waits for");
}
END_TEST

START_TEST(after_its_time_a_post_may_be_gone_when_sales_are_told) {
	at(DEAL_VERIFIED);
	script_play(&script, EVENT_PAY, OPERATOR);
	script.now = script.deal.posted + script.deal.terms.live_for;
	tell_fault("420.00 USD");
	ck_assert_int_eq(script_take(&script, 1), OK);
	ck_assert(!script.deal.faulted && script.deal.commission_earned == 4200);
}
END_TEST

/* A dispute before sales are told does not take the commission away. */
START_TEST(sales_are_told_while_a_verified_deal_is_disputed) {
	at(DEAL_VERIFIED);
	script_play(&script, EVENT_DISPUTE, BRAND_SIDE);
	ck_assert_uint_ne(deal_events(&script.deal, BY_OPERATOR) & 1U << EVENT_VERIFY, 0);
	script_refuse(&script, EVENT_VERIFY, OPERATOR, ERROR_BAD_VALUE, "sales: no commission of the deal waits");
	script_verify(&script, "420.00 USD");
	script_moved(&script, (struct moved){ .available = 5800, .held = -5800 }, "sales");
	ck_assert(script.deal.state == DEAL_DISPUTED && script.deal.held == 31700);
	ck_assert_uint_eq(deal_events(&script.deal, BY_OPERATOR) & 1U << EVENT_VERIFY, 0);
	script.sales = "420.00 USD";
	script_refuse(&script, EVENT_VERIFY, OPERATOR, ERROR_BAD_VALUE, "sales: no commission of the deal waits");
	script.sales = NULL;
	struct script disputed = script;
	script.share = "100 %";
	script_play(&script, EVENT_SETTLE, OPERATOR);
	script_moved(&script, (struct moved){ .held = -31700, .earned = 29200, .fees = 2500 }, "settle");
	script = disputed;
	script_play(&script, EVENT_RESUME, OPERATOR);
	script_moved(&script, (struct moved){ .held = -31700, .earned = 29200, .fees = 2500 }, "resume");
	ck_assert(script.deal.state == DEAL_VERIFIED && script.deal.held == 0);
}
END_TEST

START_TEST(sales_that_earn_nothing_are_told_in_a_dispute_once_too) {
	at(DEAL_VERIFIED);
	script_play(&script, EVENT_DISPUTE, BRAND_SIDE);
	script_verify(&script, "0.01 USD");
	script_moved(&script, (struct moved){ .available = 10000, .held = -10000 }, "sales");
	script.sales = "420.00 USD";
	script_refuse(&script, EVENT_VERIFY, OPERATOR, ERROR_BAD_VALUE, "sales: no commission of the deal waits");
}
END_TEST

/* ---- a payment that does not come ---- */

START_TEST(an_overdue_deal_gives_back_what_no_sales_have_earned_and_stays_until_it_is_paid) {
	at(DEAL_VERIFIED);
	script_play(&script, EVENT_LAPSE, THE_AGENCY);
	ck_assert(script.deal.state == DEAL_VERIFIED && script.deal.overdue && script.deal.deadline == DEADLINE_RATE);
	ck_assert_int_eq(script.deal.due, TIME_SECONDS + 30 * DAY + 60 * DAY); /* so long the post sells */
	struct script overdue = script;
	script_play(&script, EVENT_LAPSE, THE_AGENCY);
	script_moved(&script, (struct moved){ .available = 10000, .held = -10000 }, "no sales");
	ck_assert(script.deal.state == DEAL_VERIFIED && script.deal.deadline == DEADLINE_NONE);
	script_play(&script, EVENT_PAY, OPERATOR);
	ck_assert(script.deal.state == DEAL_PAID && script.deal.deadline == DEADLINE_RATE);
	script = overdue;
	script_verify(&script, "420.00 USD");
	ck_assert(script.deal.deadline == DEADLINE_PAY && script.deal.due == script.now + 30 * DAY);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("dispute");
	tcase_add_loop_test(tests, each_side_disputes_a_state_once, 0, ROWS(disputable));
	tcase_add_test(tests, in_the_next_state_there_is_another_dispute);
	tcase_add_test(tests, a_fault_that_was_none_leaves_no_trace);
	tcase_add_test(tests, after_a_part_was_paid_a_fault_is_on_record_and_stops_nothing);
	tcase_add_test(tests, a_post_that_does_not_count_has_no_sales);
	tcase_add_loop_test(tests, sales_count_though_the_post_is_gone_by_then, 0, 2);
	tcase_add_test(tests, after_its_time_a_post_may_be_gone_when_sales_are_told);
	tcase_add_test(tests, sales_are_told_while_a_verified_deal_is_disputed);
	tcase_add_test(tests, sales_that_earn_nothing_are_told_in_a_dispute_once_too);
	tcase_add_test(tests, an_overdue_deal_gives_back_what_no_sales_have_earned_and_stays_until_it_is_paid);
	Suite *suite = suite_create("rules/deal dispute");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

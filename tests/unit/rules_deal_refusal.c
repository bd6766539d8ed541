/* Steps that are refused though the state has them: out of the chain, or out of what the terms say. Each with its
 * code and its words, and without any change. */
#include "tests/unit/rules_deal_script.h"

static struct script script;

static void at(enum deal_state state) {
	script_begin(&script, "negotiation", SCRIPT_TERMS);
	script_go(&script, state);
}

/* ---- the chain ---- */

START_TEST(a_step_names_the_deal_and_its_latest_note) {
	static const char *const wrong[] = { "deal sha256:" HEX_A "\n", "after sha256:" HEX_A "\n" };
	static const char *const keys[] = { "deal ", "after " };
	at(DEAL_AGREED);
	script_write(&script, EVENT_SHIP, &script_actors[BRAND_SIDE]);
	script_replace_line(&script, keys[_i], wrong[_i]);
	script_expect(&script, script_take(&script, 2), ERROR_SUPERSEDED,
	       "does not follow the deal's latest one; the deal is agreed, and allowed now: amend (brand, creator), ship");
}
END_TEST

START_TEST(of_two_steps_that_race_the_second_is_superseded) {
	static char second[SCRIPT_TEXT_MAX];
	at(DEAL_SUBMITTED);
	script_write(&script, EVENT_CANCEL, &script_actors[CREATOR_SIDE]);
	memcpy(second, script.text, sizeof second);
	script_play(&script, EVENT_APPROVE, BRAND_SIDE);
	memcpy(script.text, second, sizeof second);
	script_expect(&script, script_take(&script, 1), ERROR_SUPERSEDED,
	              "the deal is approved, and allowed now: post (creator)");
}
END_TEST

START_TEST(the_same_step_again_is_superseded) {
	at(DEAL_SHIPPED);
	script_expect(&script, script_take(&script, 2), ERROR_SUPERSEDED, "the deal is shipped");
}
END_TEST

START_TEST(a_replaced_proposal_can_be_neither_signed_nor_answered) {
	static char replaced[SCRIPT_TEXT_MAX], answer[SCRIPT_TEXT_MAX];
	at(DEAL_PROPOSED);
	memcpy(replaced, script.text, sizeof replaced);
	script_write(&script, EVENT_COUNTER, &script_actors[BRAND_SIDE]);
	memcpy(answer, script.text, sizeof answer);
	script_play(&script, EVENT_COUNTER, BRAND_SIDE);
	memcpy(script.text, replaced, sizeof replaced);
	script_expect(&script, script_take(&script, 2), ERROR_SUPERSEDED, "allowed now: counter (creator), sign (creator)");
	memcpy(script.text, answer, sizeof answer);
	script_expect(&script, script_take(&script, 2), ERROR_SUPERSEDED, "the deal is proposed");
	script_write(&script, EVENT_DECLINE, &script_actors[CREATOR_SIDE]);
	script_replace_line(&script, "deal ", "deal sha256:" HEX_A "\n");
	script_expect(&script, script_take(&script, 1), ERROR_SUPERSEDED, "the deal is proposed");
}
END_TEST

START_TEST(a_first_text_replaces_nothing) {
	script_begin(&script, "negotiation", SCRIPT_TERMS);
	script_write_agreement(&script, "replaces sha256:" HEX_A "\n", &script_actors[CREATOR_SIDE]);
	script_expect(&script, script_take(&script, 1), ERROR_SUPERSEDED, "the deal is none");
	script_expect(&script, script_take(&script, 3), ERROR_SUPERSEDED, "the deal is none");
}
END_TEST

/* Whoever kept a text that was taken back, and whatever signatures they have for it by now. */
START_TEST(a_proposal_that_has_ended_begins_no_deal_again) {
	static const char *const roads[] = { "first-come", "selection", "negotiation", "invitation" };
	static char text[SCRIPT_TEXT_MAX];
	bool invites = _i == 0 || _i == 3;
	script_begin(&script, roads[_i], SCRIPT_TERMS);
	script_play(&script, invites ? EVENT_INVITE : EVENT_APPLY, invites ? BRAND_SIDE : CREATOR_SIDE);
	memcpy(text, script.text, sizeof text);
	script_play(&script, EVENT_DECLINE, invites ? BRAND_SIDE : CREATOR_SIDE);
	struct script ended = script, fresh;
	script_begin(&fresh, roads[_i], SCRIPT_TERMS);
	for (unsigned signed_by = 1; signed_by <= 3; signed_by++) {
		script = ended;
		memcpy(script.text, text, sizeof text);
		script.known = true;
		script_expect(&script, script_take(&script, signed_by), ERROR_SUPERSEDED,
		              "this proposal has ended: sign a new text");
		script.deal = fresh.deal; /* a worker begins one for a text that belongs to none */
		script_expect(&script, script_take(&script, signed_by), ERROR_SUPERSEDED,
		              "this proposal has ended: sign a new text");
	}
	script.known = false;
	ck_assert_int_eq(script_take(&script, 3), OK);
}
END_TEST

/* ---- whose turn ---- */

START_TEST(nobody_answers_the_own_proposal) {
	at(DEAL_PROPOSED);
	memcpy(script.text, script.proposal, SCRIPT_TEXT_MAX);
	script_expect(&script, script_take(&script, 1), ERROR_NOT_ALLOWED, "you have signed this text already");
	script_refuse(&script, EVENT_COUNTER, CREATOR_SIDE, ERROR_NOT_ALLOWED, "a counter-text answers the other side's");
	script_play(&script, EVENT_COUNTER, BRAND_SIDE);
	script_refuse(&script, EVENT_COUNTER, BRAND_SIDE, ERROR_NOT_ALLOWED, "a counter-text answers the other side's");
	script_play(&script, EVENT_COUNTER, CREATOR_SIDE);
	script_play(&script, EVENT_SIGN, BRAND_SIDE);
}
END_TEST

START_TEST(nobody_concludes_the_own_amendment) {
	at(DEAL_RECEIVED);
	script_play(&script, EVENT_AMEND, CREATOR_SIDE);
	memcpy(script.text, script.proposal, SCRIPT_TEXT_MAX);
	script_expect(&script, script_take(&script, 1), ERROR_NOT_ALLOWED, "you have signed this amendment already");
	memcpy(script.text, script.proposal, SCRIPT_TEXT_MAX);
	ck_assert_int_eq(script_take(&script, 2), OK);
	ck_assert_int_eq(script.result.event, EVENT_AMEND_SIGN);
	ck_assert(script.result.binds && memcmp(script.deal.text, script.id, FIELD_HASH_SIZE) == 0);
}
END_TEST

START_TEST(a_side_has_one_amendment_that_waits) {
	static const enum deal_state states[] = { DEAL_AGREED, DEAL_SHIPPED, DEAL_RECEIVED, DEAL_SUBMITTED };
	int side = _i % 2 == 0 ? BRAND_SIDE : CREATOR_SIDE, other = _i % 2 == 0 ? CREATOR_SIDE : BRAND_SIDE;
	at(states[_i / 2]);
	script_play(&script, EVENT_AMEND, side);
	script_refuse(&script, EVENT_AMEND, side, ERROR_NOT_ALLOWED, "your amendment waits for the other side's signature");
	ck_assert_uint_eq(deal_events(&script.deal, script_actors[side].by) & 1U << EVENT_AMEND, 0);
	script_play(&script, EVENT_AMEND, other); /* takes its place */
	script_refuse(&script, EVENT_AMEND, other, ERROR_NOT_ALLOWED, "your amendment waits");
	script_play(&script, EVENT_AMEND, side);
	memcpy(script.text, script.proposal, SCRIPT_TEXT_MAX);
	ck_assert_int_eq(script_take(&script, script_signature(&script_actors[other])), OK);
	script_play(&script, EVENT_AMEND, side); /* none waits any more */
}
END_TEST

START_TEST(an_amendment_that_waits_is_turned_down_by_the_other_side) {
	static const enum deal_state states[] = { DEAL_AGREED, DEAL_SHIPPED, DEAL_RECEIVED, DEAL_SUBMITTED };
	int side = _i % 2 == 0 ? BRAND_SIDE : CREATOR_SIDE, other = _i % 2 == 0 ? CREATOR_SIDE : BRAND_SIDE;
	at(states[_i / 2]);
	script_refuse(&script, EVENT_DECLINE, other, ERROR_WRONG_STATE, "no amendment of the other side waits");
	script_play(&script, EVENT_AMEND, side);
	struct deal before = script.deal;
	script_refuse(&script, EVENT_DECLINE, side, ERROR_WRONG_STATE, "no amendment of the other side waits");
	ck_assert_uint_eq(deal_events(&script.deal, script_actors[side].by) & 1U << EVENT_DECLINE, 0);
	ck_assert_uint_ne(deal_events(&script.deal, script_actors[other].by) & 1U << EVENT_DECLINE, 0);
	script.now += HOUR;
	script_play(&script, EVENT_DECLINE, other);
	ck_assert(script.deal.state == before.state && script.deal.held == before.held);
	ck_assert(memcmp(script.deal.text, before.text, FIELD_HASH_SIZE) == 0 && script.deal.amender == ROLE_COUNT);
	ck_assert(script.deal.due == before.due && script.deal.since == before.since);
	memcpy(script.text, script.proposal, SCRIPT_TEXT_MAX);
	script_expect(&script, script_take(&script, script_signature(&script_actors[other])), ERROR_SUPERSEDED,
	              deal_state_words[before.state]);
	script_refuse(&script, EVENT_DECLINE, other, ERROR_WRONG_STATE, "no amendment of the other side waits");
	script_play(&script, EVENT_AMEND, side); /* with other words, perhaps */
}
END_TEST

START_TEST(an_amendment_that_waits_is_dropped_by_the_next_step) {
	at(DEAL_AGREED);
	script_play(&script, EVENT_AMEND, CREATOR_SIDE);
	ck_assert_uint_ne(deal_events(&script.deal, BY_BRAND) & 1U << EVENT_AMEND_SIGN, 0);
	script_play(&script, EVENT_SHIP, BRAND_SIDE);
	ck_assert_uint_eq(deal_events(&script.deal, BY_BRAND) & 1U << EVENT_AMEND_SIGN, 0);
	memcpy(script.text, script.proposal, SCRIPT_TEXT_MAX);
	script_expect(&script, script_take(&script, 2), ERROR_SUPERSEDED, "the deal is shipped");
	script_expect(&script, script_take(&script, 3), ERROR_SUPERSEDED, "the deal is shipped");
}
END_TEST

START_TEST(a_side_rates_once) {
	at(DEAL_PAID);
	script_verify(&script, "0.01 USD"); /* no commission is held then */
	script_play(&script, EVENT_RATE, CREATOR_SIDE);
	script_refuse(&script, EVENT_RATE, CREATOR_SIDE, ERROR_EXISTS, "you have rated this deal already");
	script_play(&script, EVENT_RATE, BRAND_SIDE);
	ck_assert_int_eq(script.deal.state, DEAL_CLOSED);
	script_refuse(&script, EVENT_RATE, BRAND_SIDE, ERROR_WRONG_STATE, "rate is not the next step; the deal is closed");
}
END_TEST

START_TEST(the_names_and_roles_are_the_deals) {
	static const char *const lines[] = { "by other-brand ed25519:" HEX_A "\nrole brand\n",
		                                 "by other-creator ed25519:" HEX_A "\nrole creator\n",
		                                 "by acme-yoga ed25519:" HEX_A "\nrole creator\n",
		                                 "by studio-flow ed25519:" HEX_A "\nrole brand\n",
		                                 "by acme-yog ed25519:" HEX_A "\nrole brand\n" };
	at(DEAL_SUBMITTED);
	script_write_step(&script, "cancel", lines[_i]);
	script_expect(&script, script_take(&script, 1), ERROR_NOT_ALLOWED,
	              "only this deal's own brand and creator take its steps");
	ck_assert_ptr_null(strstr(script.failure.text, "submitted"));
}
END_TEST

/* ---- what the terms allow ---- */

START_TEST(revisions_are_used_up) {
	at(DEAL_SUBMITTED);
	script_play(&script, EVENT_REVISE, BRAND_SIDE);
	ck_assert(script.deal.state == DEAL_RECEIVED && script.deal.deadline == DEADLINE_RESUBMIT);
	script_play(&script, EVENT_SUBMIT, CREATOR_SIDE);
	script_refuse(&script, EVENT_REVISE, BRAND_SIDE, ERROR_WRONG_STATE,
	       "no revision is left: approve, dispute or cancel; the deal is submitted");
	ck_assert_ptr_null(strstr(script.failure.text, "revise (brand)"));
}
END_TEST

/* 250.00 was earned. */
static const struct {
	enum deal_state state;
	const char *amount;
	enum error error;
} payments[] = {
	{ DEAL_VERIFIED, "250.01 USD", ERROR_BAD_VALUE },  { DEAL_VERIFIED, "250.00 EUR", ERROR_BAD_VALUE },
	{ DEAL_VERIFIED, "1 JPY", ERROR_BAD_VALUE },       { DEAL_VERIFIED, "250.00 USD", OK },
	{ DEAL_VERIFIED, "249.99 USD", OK },               { DEAL_VERIFIED, "0.01 USD", OK },
	{ DEAL_VERIFIED, "10000000000000.00 USD", ERROR_BAD_VALUE },
};

START_TEST(no_more_is_paid_than_was_earned) {
	at(payments[_i].state);
	script.amount = payments[_i].amount;
	if (payments[_i].error != OK) {
		script_refuse(&script, EVENT_PAY, OPERATOR, payments[_i].error,
		              "amount: more than what was earned and is not paid yet");
		return;
	}
	script_play(&script, EVENT_PAY, OPERATOR);
	int64_t rest = deal_outstanding(&script.deal);
	ck_assert_int_eq(script.deal.state, rest == 0 ? DEAL_PAID : DEAL_VERIFIED);
	if (rest > 0) {
		script.amount = "250.00 USD";
		script_refuse(&script, EVENT_PAY, OPERATOR, ERROR_BAD_VALUE, "amount: more than");
		script.amount = NULL;
		script_play(&script, EVENT_PAY, OPERATOR);
		ck_assert(script.deal.state == DEAL_PAID && script.deal.paid == 25000);
	}
}
END_TEST

START_TEST(what_is_paid_is_beyond_dispute) {
	at(DEAL_VERIFIED);
	script.amount = "0.01 USD";
	script_play(&script, EVENT_PAY, OPERATOR);
	script_refuse(&script, EVENT_DISPUTE, BRAND_SIDE, ERROR_WRONG_STATE,
	              "something was paid already, or you have disputed this before; the deal is verified");
}
END_TEST

START_TEST(a_post_may_be_gone_after_its_time) {
	at(DEAL_PAID);
	script.now = TIME_SECONDS + 60 * DAY;
	script.deal.due = script.now; /* as if the time to rate were so long */
	script_refuse(&script, EVENT_FAULT, OPERATOR, ERROR_WRONG_STATE,
	              "the time for which the post had to be up is over");
	script.now--;
	script_play(&script, EVENT_FAULT, OPERATOR);
	ck_assert(script.deal.faulted && script.deal.state == DEAL_PAID);
}
END_TEST

#define FEE_ONLY \
	"compensation paid\nfee 250.00 USD\nagency-fee 25.00 USD\ndeliverable 1 instagram-reel within 14d\n" \
	"disclosure #ad\npay-within 30d\n"

START_TEST(sales_belong_to_a_commission_in_its_currency) {
	static const struct {
		const char *terms, *sales;
	} cases[] = { { SCRIPT_TERMS, "420.00 EUR" }, { SCRIPT_TERMS, "1 JPY" }, { FEE_ONLY, "420.00 USD" } };
	script_begin(&script, "negotiation", cases[_i].terms);
	script_play(&script, EVENT_APPLY, CREATOR_SIDE);
	script_play(&script, EVENT_SIGN, BRAND_SIDE);
	if (script.deal.state == DEAL_AGREED) {
		script_go(&script, DEAL_RECEIVED);
	}
	script_play(&script, EVENT_SUBMIT, CREATOR_SIDE);
	script_play(&script, EVENT_APPROVE, BRAND_SIDE);
	script_play(&script, EVENT_POST, CREATOR_SIDE);
	script.sales = cases[_i].sales;
	script_refuse(&script, EVENT_VERIFY, OPERATOR, ERROR_BAD_VALUE,
	              "sales: no commission of the deal waits for them, it is in another currency");
}
END_TEST

/* Told with the first verification, later, after the payment; and told no more when the deal is closed. */
START_TEST(sales_are_told_once) {
	static const enum deal_state states[] = { DEAL_POSTED, DEAL_VERIFIED, DEAL_PAID };
	at(states[_i]);
	script_verify(&script, "420.00 USD");
	script.sales = "420.00 USD";
	const char *says = "sales: no commission of the deal waits for them";
	script_refuse(&script, EVENT_VERIFY, OPERATOR, ERROR_BAD_VALUE, says);
	script_play(&script, EVENT_PAY, OPERATOR);
	ck_assert_int_eq(script.deal.state, DEAL_PAID);
	script_refuse(&script, EVENT_VERIFY, OPERATOR, ERROR_BAD_VALUE, says);
	script_play(&script, EVENT_LAPSE, THE_AGENCY);
	ck_assert_int_eq(script.deal.state, DEAL_CLOSED);
	script_refuse(&script, EVENT_VERIFY, OPERATOR, ERROR_BAD_VALUE, says);
	script_verify(&script, NULL);
	at(DEAL_PAID);
	script_play(&script, EVENT_LAPSE, THE_AGENCY);
	script.sales = "420.00 USD";
	script_refuse(&script, EVENT_VERIFY, OPERATOR, ERROR_BAD_VALUE, says);
}
END_TEST

START_TEST(later_sales_are_in_the_commissions_currency) {
	static const enum deal_state states[] = { DEAL_VERIFIED, DEAL_PAID };
	at(states[_i]);
	script.sales = "420.00 EUR";
	script_refuse(&script, EVENT_VERIFY, OPERATOR, ERROR_BAD_VALUE, "it is in another currency");
}
END_TEST

START_TEST(no_percentage_is_over_a_hundred) {
	static const char *const shares[] = { "100.01 %", "101 %", "10000 %" };
	for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
		struct note note;
		struct failure failure;
		at(DEAL_SUBMITTED);
		script_play(&script, EVENT_DISPUTE, BRAND_SIDE);
		script.share = shares[i];
		script_write(&script, EVENT_SETTLE, &script_actors[OPERATOR]);
		ck_assert_int_eq(note_parse(slice_of_text(script.text), ORIGIN, &note, &failure), ERROR_BAD_VALUE);
		ck_assert_str_eq(failure.text, "creator-share: must be from 0 to 100 %");
	}
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("refusal");
	tcase_add_loop_test(tests, a_step_names_the_deal_and_its_latest_note, 0, 2);
	tcase_add_test(tests, of_two_steps_that_race_the_second_is_superseded);
	tcase_add_test(tests, the_same_step_again_is_superseded);
	tcase_add_test(tests, a_replaced_proposal_can_be_neither_signed_nor_answered);
	tcase_add_test(tests, a_first_text_replaces_nothing);
	tcase_add_loop_test(tests, a_proposal_that_has_ended_begins_no_deal_again, 0, 4);
	tcase_add_test(tests, nobody_answers_the_own_proposal);
	tcase_add_test(tests, nobody_concludes_the_own_amendment);
	tcase_add_loop_test(tests, a_side_has_one_amendment_that_waits, 0, 8);
	tcase_add_loop_test(tests, an_amendment_that_waits_is_turned_down_by_the_other_side, 0, 8);
	tcase_add_test(tests, an_amendment_that_waits_is_dropped_by_the_next_step);
	tcase_add_test(tests, a_side_rates_once);
	tcase_add_loop_test(tests, the_names_and_roles_are_the_deals, 0, 5);
	tcase_add_test(tests, revisions_are_used_up);
	tcase_add_loop_test(tests, no_more_is_paid_than_was_earned, 0, ROWS(payments));
	tcase_add_test(tests, what_is_paid_is_beyond_dispute);
	tcase_add_test(tests, a_post_may_be_gone_after_its_time);
	tcase_add_loop_test(tests, sales_belong_to_a_commission_in_its_currency, 0, 3);
	tcase_add_loop_test(tests, sales_are_told_once, 0, 3);
	tcase_add_loop_test(tests, later_sales_are_in_the_commissions_currency, 0, 2);
	tcase_add_test(tests, no_percentage_is_over_a_hundred);
	Suite *suite = suite_create("rules/deal refusal");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

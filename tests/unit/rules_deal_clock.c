/* Time in a deal's life: what is due when, what a step keeps of a deadline, and what passes by itself. */
#include "tests/unit/rules_deal_script.h"

static struct script script;

static void at(enum deal_state state) {
	script_begin(&script, "negotiation", SCRIPT_TERMS);
	script_go(&script, state);
}

/* A text by these terms is proposed and signed. */
static void agree(const char *terms) {
	script_begin(&script, "negotiation", terms);
	script_play(&script, EVENT_APPLY, CREATOR_SIDE);
	script_play(&script, EVENT_SIGN, BRAND_SIDE);
}

#define GIFT_WITH(deliverables, more) \
	"compensation gifted\nproduct Mat\nproduct-value 89.00 USD\n" deliverables "disclosure #ad\n" more
#define GIFT_TERMS(more) GIFT_WITH("deliverable 1 instagram-reel within 14d\n", more)

/* ---- in time ---- */

START_TEST(a_step_comes_before_its_deadline_has_passed) {
	at(DEAL_AGREED);
	script.now = script.deal.due + 1;
	script_refuse(&script, EVENT_SHIP, BRAND_SIDE, ERROR_WRONG_STATE,
	       "the time to ship was over at 2026-11-28T10:02:11Z, and the agency is about to record that; the deal is ");
	script_refuse(&script, EVENT_CANCEL, CREATOR_SIDE, ERROR_WRONG_STATE, "the time to ship was over");
	script.now = script.deal.due;
	script_play(&script, EVENT_SHIP, BRAND_SIDE);
}
END_TEST

/* What is wrong with a lapse one second behind the deadline, if anything. */
static const struct {
	const char *key, *line;
	int64_t early;
	enum error error;
} lapses[] = {
	{ "by ", "by agency ed25519:" HEX_C "\n", 0, OK },
	{ "by ", "by agency ed25519:" HEX_C "\n", 1, ERROR_WRONG_STATE },
	{ "due ", "due 2026-11-28T10:02:10Z\n", 0, ERROR_WRONG_STATE },
	{ "due ", "due 2026-11-28T10:02:12Z\n", 0, ERROR_WRONG_STATE },
	{ "deadline ", "deadline deliver\n", 0, ERROR_WRONG_STATE },
	{ "deadline ", "deadline pay\n", 0, ERROR_WRONG_STATE },
};

START_TEST(a_lapse_is_of_the_very_deadline_and_not_early) {
	at(DEAL_AGREED);
	script_write(&script, EVENT_LAPSE, &script_actors[THE_AGENCY]);
	script_replace_line(&script, lapses[_i].key, lapses[_i].line);
	script.now -= lapses[_i].early;
	enum error error = script_take(&script, 1);
	if (lapses[_i].error == OK) {
		ck_assert_msg(error == OK, "%s", script.failure.text);
		ck_assert_int_eq(script.deal.state, DEAL_LAPSED);
	} else {
		script_expect(&script, error, lapses[_i].error,
		              "no such deadline has passed; the deal is agreed, and allowed now: amend");
	}
}
END_TEST

START_TEST(a_lapse_counts_from_the_moment_that_was_due) {
	at(DEAL_SHIPPED);
	int64_t due = script.deal.due;
	script_write(&script, EVENT_LAPSE, &script_actors[THE_AGENCY]);
	script.now += 100 * DAY; /* the agency was asleep */
	ck_assert_int_eq(script_take(&script, 1), OK);
	ck_assert(script.deal.state == DEAL_RECEIVED && script.deal.since == due && script.deal.last == due);
	ck_assert_int_eq(script.deal.due, due + 14 * DAY);
	script_write(&script, EVENT_LAPSE, &script_actors[THE_AGENCY]);
	script.now = due + 100 * DAY;
	ck_assert_msg(script_take(&script, 1) == OK, "and so on, in order: %s", script.failure.text);
	ck_assert(script.deal.state == DEAL_LAPSED && script.deal.since == due + 14 * DAY);
}
END_TEST

START_TEST(a_clock_that_was_set_back_does_not_turn_a_deals_time) {
	at(DEAL_SHIPPED);
	script.now -= 2 * DAY;
	script_play(&script, EVENT_RECEIVE, CREATOR_SIDE);
	ck_assert(script.deal.last == TIME_SECONDS && script.deal.since == TIME_SECONDS);
	ck_assert_int_eq(script.deal.due, TIME_SECONDS + 14 * DAY);
}
END_TEST

/* What stands in the text, and the moment at which it is signed, before the offer closes; then, how long before. */
static const struct {
	const char *road;
	enum deal_event event;
	int actor;
	const char *terms;
	int64_t signed_before, due_before;
} answers[] = {
	{ "negotiation", EVENT_APPLY, CREATOR_SIDE, GIFT_TERMS(""), 4 * DAY, DAY },
	{ "negotiation", EVENT_APPLY, CREATOR_SIDE, GIFT_TERMS(""), DAY, 0 },
	{ "negotiation", EVENT_APPLY, CREATOR_SIDE, GIFT_TERMS("answer-within 7d\n"), 8 * DAY, DAY },
	{ "negotiation", EVENT_APPLY, CREATOR_SIDE, GIFT_TERMS("answer-within 7d\n"), 6 * DAY, 0 },
	{ "negotiation", EVENT_INVITE, BRAND_SIDE, GIFT_TERMS(""), DAY, 0 },
	{ "invitation", EVENT_INVITE, BRAND_SIDE, GIFT_TERMS(""), DAY, 0 },
	{ "first-come", EVENT_INVITE, BRAND_SIDE, GIFT_TERMS(""), 4 * DAY, DAY },
	{ "first-come", EVENT_INVITE, BRAND_SIDE, GIFT_TERMS(""), DAY, 0 },
	{ "selection", EVENT_INVITE, BRAND_SIDE, GIFT_TERMS(""), 4 * DAY, DAY },
	{ "selection", EVENT_APPLY, CREATOR_SIDE, GIFT_TERMS(""), 40 * DAY, 0 },
	{ "selection", EVENT_APPLY, CREATOR_SIDE, GIFT_TERMS("answer-within 7d\n"), 40 * DAY, 33 * DAY },
	{ "selection", EVENT_APPLY, CREATOR_SIDE, GIFT_TERMS("answer-within 7d\n"), 6 * DAY, 0 },
};

START_TEST(a_proposal_is_answered_before_the_offer_closes) {
	script_begin(&script, answers[_i].road, answers[_i].terms);
	int64_t closes = script.deal.closes;
	script.now = closes - answers[_i].signed_before;
	script_play(&script, answers[_i].event, answers[_i].actor);
	ck_assert_int_eq(script.deal.deadline, DEADLINE_ANSWER);
	ck_assert_int_eq(script.deal.due, closes - answers[_i].due_before);
}
END_TEST

START_TEST(a_counter_text_has_its_own_time_up_to_the_offers) {
	script_begin(&script, "negotiation", GIFT_TERMS(""));
	script_play(&script, EVENT_APPLY, CREATOR_SIDE);
	script.now += DAY;
	script_play(&script, EVENT_COUNTER, BRAND_SIDE);
	ck_assert(script.deal.since == script.now && script.deal.due == script.now + 72 * HOUR);
	script_begin(&script, "negotiation", GIFT_TERMS(""));
	int64_t closes = script.deal.closes;
	script.now = closes - 4 * DAY;
	script_play(&script, EVENT_APPLY, CREATOR_SIDE);
	script.now = closes - 2 * DAY;
	script_play(&script, EVENT_COUNTER, BRAND_SIDE);
	ck_assert_int_eq(script.deal.due, closes);
}
END_TEST

/* ---- what is due when ---- */

START_TEST(times_that_are_not_said) {
	static const struct {
		enum deadline deadline;
		int64_t within;
	} rows[] = {
		{ DEADLINE_ANSWER, 0 },           { DEADLINE_SHIP, 5 * DAY },    { DEADLINE_RECEIVE, 10 * DAY },
		{ DEADLINE_RESUBMIT, 72 * HOUR }, { DEADLINE_REVIEW, 72 * HOUR }, { DEADLINE_POST, 7 * DAY },
		{ DEADLINE_VERIFY, 7 * DAY },     { DEADLINE_PAY, 30 * DAY },    { DEADLINE_RATE, 14 * DAY },
	};
	agree(GIFT_TERMS(""));
	for (int i = 0; i < ROWS(rows); i++) {
		ck_assert_msg(script.deal.terms.within[rows[i].deadline] == rows[i].within, "%s: %lld",
		              deadline_words[rows[i].deadline], (long long)script.deal.terms.within[rows[i].deadline]);
	}
	ck_assert_int_eq(script.deal.terms.live_for, 30 * DAY);
}
END_TEST

START_TEST(times_that_are_said) {
	agree(GIFT_TERMS("answer-within 1d\nship-within 2d\nreceive-within 3d\nreview-within 4d\nresubmit-within 5d\n"
	                 "post-within 6d\nverify-within 8d\nlive-for 9d\nrate-within 10d\n"));
	static const struct {
		enum deadline deadline;
		int64_t days;
	} rows[] = { { DEADLINE_ANSWER, 1 },   { DEADLINE_SHIP, 2 }, { DEADLINE_RECEIVE, 3 }, { DEADLINE_REVIEW, 4 },
		         { DEADLINE_RESUBMIT, 5 }, { DEADLINE_POST, 6 }, { DEADLINE_VERIFY, 8 },  { DEADLINE_RATE, 10 },
		         { DEADLINE_DELIVER, 14 } };
	for (int i = 0; i < ROWS(rows); i++) {
		ck_assert_msg(script.deal.terms.within[rows[i].deadline] == rows[i].days * DAY, "%s: %lld",
		              deadline_words[rows[i].deadline], (long long)script.deal.terms.within[rows[i].deadline]);
	}
	ck_assert_int_eq(script.deal.terms.live_for, 9 * DAY);
}
END_TEST

START_TEST(everything_is_handed_in_by_the_latest_time_of_a_deliverable) {
	static const char *const terms[] = {
		GIFT_WITH("deliverable 1 instagram-reel within 14d\ndeliverable 2 instagram-story within 72h\n", ""),
		GIFT_WITH("deliverable 2 instagram-story within 72h\ndeliverable 1 instagram-reel within 14d\n", ""),
		GIFT_WITH("deliverable 1 review within 1d\ndeliverable 1 instagram-reel within 14d\n"
		          "deliverable 2 instagram-story within 72h\n", ""),
	};
	agree(terms[_i]);
	script_go(&script, DEAL_RECEIVED);
	ck_assert(script.deal.deadline == DEADLINE_DELIVER && script.deal.due == script.now + 14 * DAY);
}
END_TEST

#define COMMISSION_WITH(live, rate) \
	"compensation commission\ncommission 10 %\ncommission-cap 100.00 USD\n" \
	"deliverable 1 instagram-reel within 14d\ndisclosure #ad\n" live "pay-within 30d\n" rate

/* How long a commission waits for sales: the longer of both times; and how long ratings do when there were none. */
static const struct {
	const char *terms;
	int64_t waits, settled;
} waits[] = {
	{ COMMISSION_WITH("", ""), 30 * DAY, 14 * DAY },
	{ COMMISSION_WITH("live-for 7d\n", ""), 14 * DAY, 14 * DAY },
	{ COMMISSION_WITH("live-for 7d\n", "rate-within 3d\n"), 7 * DAY, 3 * DAY },
	{ COMMISSION_WITH("live-for 7d\n", "rate-within 40d\n"), 40 * DAY, 40 * DAY },
	{ COMMISSION_WITH("live-for 60d\n", "rate-within 40d\n"), 60 * DAY, 40 * DAY },
};

START_TEST(sales_are_awaited_as_long_as_the_post_is_up_and_ratings_are) {
	agree(waits[_i].terms);
	script_play(&script, EVENT_SUBMIT, CREATOR_SIDE);
	script_go(&script, DEAL_POSTED);
	struct script posted = script;
	script_verify(&script, NULL);
	ck_assert(script.deal.state == DEAL_VERIFIED && script.deal.deadline == DEADLINE_RATE);
	ck_assert_int_eq(script.deal.due, script.now + waits[_i].waits);
	script = posted;
	script_verify(&script, "0.01 USD");
	ck_assert_int_eq(script.deal.due, script.now + waits[_i].settled);
}
END_TEST

/* ---- amended ---- */

START_TEST(an_amended_time_counts_from_when_the_state_began) {
	static const struct {
		const char *line;
		int64_t days;
	} texts[] = { { "deliverable 1 instagram-reel within 10d\n", 10 },
		          { "deliverable 1 instagram-reel within 20d\n", 20 } };
	at(DEAL_SHIPPED);
	script.now += DAY;
	script_play(&script, EVENT_RECEIVE, CREATOR_SIDE);
	int64_t since = script.now;
	for (int i = 0; i < ROWS(texts); i++) {
		script.now += DAY;
		script_write(&script, EVENT_AMEND, &script_actors[BRAND_SIDE]);
		script_replace_line(&script, "deliverable ", texts[i].line);
		ck_assert_msg(script_take(&script, 2) == OK, "%s", script.failure.text);
		script.now += DAY;
		memcpy(script.text, script.proposal, SCRIPT_TEXT_MAX);
		ck_assert_msg(script_take(&script, 1) == OK, "%s", script.failure.text);
		ck_assert(script.deal.since == since && script.deal.due == since + texts[i].days * DAY);
	}
}
END_TEST

/* ---- after a dispute ---- */

/* What is due again, where it is not simply the one of the state. */
static const struct {
	const char *terms;
	bool revised;
	enum deadline deadline;
	int64_t within;
} resumed[] = {
	{ SCRIPT_TERMS, true, DEADLINE_RESUBMIT, 72 * HOUR },
	{ GIFT_TERMS("revisions 1\nresubmit-within 5d\n"), true, DEADLINE_RESUBMIT, 5 * DAY },
	{ SCRIPT_TERMS, false, DEADLINE_PAY, 30 * DAY },
	{ GIFT_TERMS(""), false, DEADLINE_RATE, 14 * DAY }, /* nothing is to be paid */
	{ COMMISSION_WITH("live-for 60d\n", ""), false, DEADLINE_RATE, 60 * DAY }, /* before sales are told */
};

START_TEST(a_resumed_deal_waits_for_what_it_waited_for) {
	agree(resumed[_i].terms);
	if (script.deal.state == DEAL_RECEIVED) {
		script_play(&script, EVENT_SUBMIT, CREATOR_SIDE);
	}
	script_go(&script, resumed[_i].revised ? DEAL_SUBMITTED : DEAL_VERIFIED);
	if (resumed[_i].revised) {
		script_play(&script, EVENT_REVISE, BRAND_SIDE);
	}
	ck_assert_int_eq(script.deal.deadline, resumed[_i].deadline);
	enum deal_state before = script.deal.state;
	script_play(&script, EVENT_DISPUTE, BRAND_SIDE);
	script.now += 100 * DAY;
	script_play(&script, EVENT_RESUME, OPERATOR);
	ck_assert(script.deal.state == before && script.deal.since == script.now);
	ck_assert_int_eq(script.deal.deadline, resumed[_i].deadline);
	ck_assert_int_eq(script.deal.due, script.now + resumed[_i].within);
}
END_TEST

/* ---- to be paid ---- */

/* Brings a deal into a state in which something was earned; 0.01 USD is less than that. */
static void owe(enum deal_state state) {
	at(state == DEAL_VERIFIED ? state : DEAL_AGREED);
	if (state == DEAL_CANCELLED) {
		script_play(&script, EVENT_CANCEL, BRAND_SIDE);
	} else if (state == DEAL_LAPSED) {
		script_play(&script, EVENT_LAPSE, THE_AGENCY);
	} else if (state == DEAL_RULED) {
		script_play(&script, EVENT_DISPUTE, CREATOR_SIDE);
		script_play(&script, EVENT_SETTLE, OPERATOR);
	}
	ck_assert(script.deal.state == state && script.deal.deadline == DEADLINE_PAY);
	ck_assert_int_eq(script.deal.due, script.deal.since + 30 * DAY);
}

static const enum deal_state owing[] = { DEAL_VERIFIED, DEAL_CANCELLED, DEAL_LAPSED, DEAL_RULED };

START_TEST(a_part_of_a_payment_leaves_the_deadline_of_the_rest) {
	owe(owing[_i]);
	int64_t due = script.deal.due;
	script.now += DAY;
	script.amount = "0.01 USD";
	script_play(&script, EVENT_PAY, OPERATOR);
	ck_assert(script.deal.state == owing[_i] && script.deal.paid == 1);
	ck_assert(script.deal.deadline == DEADLINE_PAY && script.deal.due == due);
	script.amount = NULL;
	script_play(&script, EVENT_PAY, OPERATOR);
	ck_assert(deal_outstanding(&script.deal) == 0 && !script.deal.overdue);
	bool goes_on = owing[_i] == DEAL_VERIFIED; /* the ratings of what came to an early end are not awaited */
	ck_assert_int_eq(script.deal.state, goes_on ? DEAL_PAID : owing[_i]);
	ck_assert_int_eq(script.deal.deadline, goes_on ? DEADLINE_RATE : DEADLINE_NONE);
}
END_TEST

START_TEST(what_is_not_paid_in_time_is_on_record_and_still_owed) {
	owe(owing[_i]);
	int64_t due = script.deal.due, owed = deal_outstanding(&script.deal);
	ck_assert(!script.deal.overdue && owed > 0);
	script_play(&script, EVENT_LAPSE, THE_AGENCY);
	ck_assert(script.deal.overdue && script.deal.state == owing[_i]);
	bool goes_on = owing[_i] == DEAL_VERIFIED; /* then the time to rate runs */
	ck_assert(script.deal.deadline == (goes_on ? DEADLINE_RATE : DEADLINE_NONE) && script.deal.since == due);
	ck_assert(deal_outstanding(&script.deal) == owed && script.result.entry.count == 0);
	script.now += DAY;
	script_play(&script, EVENT_PAY, OPERATOR);
	ck_assert(script.deal.overdue && deal_outstanding(&script.deal) == 0);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("clock");
	tcase_add_test(tests, a_step_comes_before_its_deadline_has_passed);
	tcase_add_loop_test(tests, a_lapse_is_of_the_very_deadline_and_not_early, 0, ROWS(lapses));
	tcase_add_test(tests, a_lapse_counts_from_the_moment_that_was_due);
	tcase_add_test(tests, a_clock_that_was_set_back_does_not_turn_a_deals_time);
	tcase_add_loop_test(tests, a_proposal_is_answered_before_the_offer_closes, 0, ROWS(answers));
	tcase_add_test(tests, a_counter_text_has_its_own_time_up_to_the_offers);
	tcase_add_test(tests, times_that_are_not_said);
	tcase_add_test(tests, times_that_are_said);
	tcase_add_loop_test(tests, everything_is_handed_in_by_the_latest_time_of_a_deliverable, 0, 3);
	tcase_add_loop_test(tests, sales_are_awaited_as_long_as_the_post_is_up_and_ratings_are, 0, ROWS(waits));
	tcase_add_test(tests, an_amended_time_counts_from_when_the_state_began);
	tcase_add_loop_test(tests, a_resumed_deal_waits_for_what_it_waited_for, 0, ROWS(resumed));
	tcase_add_loop_test(tests, a_part_of_a_payment_leaves_the_deadline_of_the_rest, 0, ROWS(owing));
	tcase_add_loop_test(tests, what_is_not_paid_in_time_is_on_record_and_still_owed, 0, ROWS(owing));
	Suite *suite = suite_create("rules/deal clock");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

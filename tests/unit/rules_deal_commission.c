/* Commissions: a part of the sales, earned once, when the sales are told, whenever that is. Numbers were computed by
 * hand. */
#include "tests/unit/rules_deal_moved.h"

static struct script script;

static void at(const char *terms, enum deal_state state) {
	script_begin(&script, "negotiation", terms);
	script_go(&script, state);
}

static const struct {
	const char *sales;
	int64_t commission; /* 10 %, at most 100.00 */
} commissions[] = {
	{ "0.01 USD", 0 },    { "0.04 USD", 0 },      { "0.05 USD", 1 },         { "0.06 USD", 1 },
	{ "0.14 USD", 1 },    { "0.15 USD", 2 },      { "420.00 USD", 4200 },    { "999.94 USD", 9999 },
	{ "999.95 USD", 10000 }, { "1000.00 USD", 10000 }, { "10000000000000.00 USD", 10000 },
};

START_TEST(a_commission_is_its_part_of_the_sales_up_to_the_cap) {
	int64_t commission = commissions[_i].commission;
	at(SCRIPT_TERMS, DEAL_POSTED);
	script_verify(&script, commissions[_i].sales);
	script_moved(&script, (struct moved){ .available = 10000 - commission, .held = -37500, .earned = 25000 + commission,
	                             .fees = 2500 }, "verify");
	ck_assert(script.deal.held == 0 && script.deal.commission_earned == commission);
}
END_TEST

/* Sales come in while the fee waits to be paid, or after that. */
START_TEST(sales_that_are_told_later_earn_the_same) {
	int64_t commission = commissions[_i].commission;
	at(SCRIPT_TERMS, DEAL_POSTED);
	script_verify(&script, NULL);
	script_moved(&script, (struct moved){ .held = -27500, .earned = 25000, .fees = 2500 }, "verify");
	int64_t due = script.deal.due;
	struct script verified = script;
	script.now += 29 * DAY;
	script_verify(&script, commissions[_i].sales);
	const struct moved settled = { .available = 10000 - commission, .held = -10000, .earned = commission };
	script_moved(&script, settled, "later");
	ck_assert(script.deal.state == DEAL_VERIFIED && script.deal.deadline == DEADLINE_PAY && script.deal.due == due);
	script = verified;
	script_play(&script, EVENT_PAY, OPERATOR);
	ck_assert(script.deal.deadline == DEADLINE_RATE && script.deal.due == script.now + 60 * DAY); /* live-for */
	due = script.deal.due;
	script.now += 59 * DAY;
	script_verify(&script, commissions[_i].sales);
	script_moved(&script, settled, "paid");
	ck_assert_int_eq(script.deal.state, commission > 0 ? DEAL_VERIFIED : DEAL_PAID);
	ck_assert_int_eq(script.deal.deadline, commission > 0 ? DEADLINE_PAY : DEADLINE_RATE);
	ck_assert_int_eq(script.deal.due, commission > 0 ? script.now + 30 * DAY : due);
	if (commission > 0) {
		script_play(&script, EVENT_PAY, OPERATOR);
		script_moved(&script, (struct moved){ .earned = -commission, .paid = commission }, "pay");
		ck_assert(script.deal.state == DEAL_PAID && script.deal.paid == 25000 + commission);
		ck_assert_int_eq(script.deal.due, script.now + 14 * DAY);
	}
}
END_TEST

#define COMMISSION_TERMS(sort) \
	"compensation " sort "commission 10 %\ncommission-cap 100.00 USD\ndeliverable 1 instagram-reel within 14d\n" \
	"disclosure #ad\nlive-for 60d\npay-within 30d\n"

START_TEST(a_commission_alone_is_earned_within_the_time_that_the_post_is_up) {
	static const char *const terms[] = { COMMISSION_TERMS("commission\n"),
		                                 COMMISSION_TERMS("gifted-and-commission\nproduct Mat\n"
		                                                  "product-value 89.00 USD\n") };
	script_begin(&script, "negotiation", terms[_i]);
	script_play(&script, EVENT_APPLY, CREATOR_SIDE);
	script_play(&script, EVENT_SIGN, BRAND_SIDE);
	if (script.deal.state == DEAL_AGREED) {
		script_play(&script, EVENT_SHIP, BRAND_SIDE);
		script_play(&script, EVENT_RECEIVE, CREATOR_SIDE);
	}
	script_play(&script, EVENT_SUBMIT, CREATOR_SIDE);
	script_play(&script, EVENT_APPROVE, BRAND_SIDE);
	script_play(&script, EVENT_POST, CREATOR_SIDE);
	script_verify(&script, NULL);
	script_moved(&script, (struct moved){ 0 }, "verify");
	ck_assert(script.deal.state == DEAL_VERIFIED && script.deal.held == 10000);
	ck_assert(script.deal.deadline == DEADLINE_RATE && script.deal.due == script.now + 60 * DAY);
	struct script waits = script;
	script_play(&script, EVENT_LAPSE, THE_AGENCY);
	script_moved(&script, (struct moved){ .available = 10000, .held = -10000 }, "no sales");
	ck_assert(script.deal.state == DEAL_CLOSED && script.deal.held == 0);
	script = waits;
	script.now += 60 * DAY;
	script_verify(&script, "420.00 USD");
	script_moved(&script, (struct moved){ .available = 5800, .held = -10000, .earned = 4200 }, "sales");
	ck_assert(script.deal.state == DEAL_VERIFIED && script.deal.deadline == DEADLINE_PAY);
	ck_assert_int_eq(script.deal.due, script.now + 30 * DAY);
}
END_TEST

START_TEST(the_second_rating_closes_nothing_that_is_held_or_owed) {
	at(SCRIPT_TERMS, DEAL_POSTED);
	script_verify(&script, NULL);
	script_play(&script, EVENT_RATE, BRAND_SIDE);
	script_play(&script, EVENT_RATE, CREATOR_SIDE);
	ck_assert_int_eq(script.deal.state, DEAL_VERIFIED); /* 250.00 are owed, 100.00 held */
	script_play(&script, EVENT_PAY, OPERATOR);
	ck_assert_int_eq(script.deal.state, DEAL_PAID); /* 100.00 are held */
	script_verify(&script, "420.00 USD");
	ck_assert_int_eq(script.deal.state, DEAL_VERIFIED); /* 42.00 are owed */
	script_play(&script, EVENT_PAY, OPERATOR);
	ck_assert(script.deal.state == DEAL_CLOSED && script.deal.deadline == DEADLINE_NONE);
	script_moved(&script, (struct moved){ .earned = -4200, .paid = 4200 }, "pay");
	at(SCRIPT_TERMS, DEAL_PAID);
	script_play(&script, EVENT_RATE, BRAND_SIDE);
	script_play(&script, EVENT_RATE, CREATOR_SIDE);
	ck_assert_int_eq(script.deal.state, DEAL_PAID);
	script_play(&script, EVENT_LAPSE, THE_AGENCY);
	script_moved(&script, (struct moved){ .available = 10000, .held = -10000 }, "no sales");
	ck_assert_int_eq(script.deal.state, DEAL_CLOSED);
}
END_TEST

/* By sales of 420.00, and with the commission still held: earned, held, and of 60 % the creator's and the brand's. */
static const struct {
	const char *sales;
	int64_t earned, held, creator, brand;
} disputes[] = {
	{ "420.00 USD", 29200, 0, 17520, 12680 },
	{ NULL, 25000, 10000, 15000, 21000 },
};

START_TEST(a_dispute_after_verification_holds_everything_again) {
	bool fault = _i % 2 == 1;
	int64_t earned = disputes[_i / 2].earned, held = disputes[_i / 2].held;
	at(SCRIPT_TERMS, DEAL_POSTED);
	script_verify(&script, disputes[_i / 2].sales);
	struct deal before = script.deal;
	script_play(&script, fault ? EVENT_FAULT : EVENT_DISPUTE, fault ? OPERATOR : BRAND_SIDE);
	ck_assert_int_eq(script.deal.faulted, fault);
	script_moved(&script, (struct moved){ .held = earned + 2500, .earned = -earned, .fees = -2500 }, "dispute");
	struct script disputed = script;
	script_play(&script, EVENT_RESUME, OPERATOR);
	script_moved(&script, (struct moved){ .held = -earned - 2500, .earned = earned, .fees = 2500 }, "resume");
	ck_assert(script.deal.state == DEAL_VERIFIED && script.deal.deadline == DEADLINE_PAY);
	ck_assert(script.deal.held == held && script.deal.commission_earned == before.commission_earned);
	ck_assert(script.deal.earned == before.earned && script.deal.agency_earned == before.agency_earned);
	if (held > 0) {
		script_verify(&script, "420.00 USD");
		script_moved(&script, (struct moved){ .available = 5800, .held = -10000, .earned = 4200 }, "after the dispute");
	}
	script = disputed;
	script.share = "60 %";
	script_play(&script, EVENT_SETTLE, OPERATOR);
	int64_t brand = disputes[_i / 2].brand, creator = disputes[_i / 2].creator;
	script_moved(&script, (struct moved){ brand, 0, -earned - 2500 - held, creator, 1500, 0 }, "settle");
	ck_assert_int_eq(script.deal.held, 0);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("commission");
	tcase_add_loop_test(tests, a_commission_is_its_part_of_the_sales_up_to_the_cap, 0, ROWS(commissions));
	tcase_add_loop_test(tests, sales_that_are_told_later_earn_the_same, 0, ROWS(commissions));
	tcase_add_loop_test(tests, a_commission_alone_is_earned_within_the_time_that_the_post_is_up, 0, 2);
	tcase_add_test(tests, the_second_rating_closes_nothing_that_is_held_or_owed);
	tcase_add_loop_test(tests, a_dispute_after_verification_holds_everything_again, 0, 2 * ROWS(disputes));
	Suite *suite = suite_create("rules/deal commission");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

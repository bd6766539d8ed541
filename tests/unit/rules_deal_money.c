/* What every ending of a deal gives to whom, to the last minor unit; the numbers were computed by hand. */
#include "tests/unit/rules_deal_moved.h"

static struct script script;

static void at(const char *terms, enum deal_state state) {
	script_begin(&script, "negotiation", terms);
	script_go(&script, state);
}

/* ---- endings ---- */

/* Fee 250.00, highest commission 100.00, agency fee 25.00; kill fees 10, 50 and 80 %. */
static const struct {
	enum deal_state state;
	enum deal_ending ending;
	bool possible;
	struct deal_split split;
} endings[] = {
	{ DEAL_PROPOSED, ENDING_DONE, false, { 0 } },
	{ DEAL_PROPOSED, ENDING_BRAND_CANCELS, false, { 0 } },
	{ DEAL_PROPOSED, ENDING_CREATOR_CANCELS, false, { 0 } },
	{ DEAL_PROPOSED, ENDING_LAPSE, false, { 0 } },
	{ DEAL_AGREED, ENDING_DONE, true, { 25000, 2500, 10000 } },
	{ DEAL_AGREED, ENDING_BRAND_CANCELS, true, { 2500, 250, 34750 } },
	{ DEAL_AGREED, ENDING_CREATOR_CANCELS, true, { 0, 0, 37500 } },
	{ DEAL_AGREED, ENDING_LAPSE, true, { 2500, 250, 34750 } },
	{ DEAL_SHIPPED, ENDING_DONE, true, { 25000, 2500, 10000 } },
	{ DEAL_SHIPPED, ENDING_BRAND_CANCELS, true, { 2500, 250, 34750 } },
	{ DEAL_SHIPPED, ENDING_CREATOR_CANCELS, true, { 0, 0, 37500 } },
	{ DEAL_SHIPPED, ENDING_LAPSE, false, { 0 } },
	{ DEAL_RECEIVED, ENDING_DONE, true, { 25000, 2500, 10000 } },
	{ DEAL_RECEIVED, ENDING_BRAND_CANCELS, true, { 2500, 250, 34750 } },
	{ DEAL_RECEIVED, ENDING_CREATOR_CANCELS, true, { 0, 0, 37500 } },
	{ DEAL_RECEIVED, ENDING_LAPSE, true, { 0, 0, 37500 } },
	{ DEAL_SUBMITTED, ENDING_DONE, true, { 25000, 2500, 10000 } },
	{ DEAL_SUBMITTED, ENDING_BRAND_CANCELS, true, { 12500, 1250, 23750 } },
	{ DEAL_SUBMITTED, ENDING_CREATOR_CANCELS, true, { 0, 0, 37500 } },
	{ DEAL_SUBMITTED, ENDING_LAPSE, false, { 0 } },
	{ DEAL_APPROVED, ENDING_DONE, true, { 25000, 2500, 10000 } },
	{ DEAL_APPROVED, ENDING_BRAND_CANCELS, true, { 20000, 2000, 15500 } },
	{ DEAL_APPROVED, ENDING_CREATOR_CANCELS, true, { 0, 0, 37500 } },
	{ DEAL_APPROVED, ENDING_LAPSE, true, { 0, 0, 37500 } },
	{ DEAL_POSTED, ENDING_DONE, true, { 25000, 2500, 10000 } },
	{ DEAL_POSTED, ENDING_BRAND_CANCELS, false, { 0 } },
	{ DEAL_POSTED, ENDING_CREATOR_CANCELS, false, { 0 } },
	{ DEAL_POSTED, ENDING_LAPSE, true, { 25000, 2500, 10000 } },
	{ DEAL_VERIFIED, ENDING_DONE, false, { 0 } },
	{ DEAL_VERIFIED, ENDING_BRAND_CANCELS, false, { 0 } },
	{ DEAL_VERIFIED, ENDING_CREATOR_CANCELS, false, { 0 } },
	{ DEAL_VERIFIED, ENDING_LAPSE, false, { 0 } },
	{ DEAL_PAID, ENDING_DONE, false, { 0 } },
	{ DEAL_PAID, ENDING_BRAND_CANCELS, false, { 0 } },
	{ DEAL_PAID, ENDING_CREATOR_CANCELS, false, { 0 } },
	{ DEAL_CLOSED, ENDING_DONE, false, { 0 } },
	{ DEAL_CLOSED, ENDING_LAPSE, false, { 0 } },
};

/* Ends the deal so, and stops at the step that moves the money; a commission may still be held then. */
static void end_deal(enum deal_ending ending) {
	switch (ending) {
	case ENDING_DONE:
		script_go(&script, DEAL_VERIFIED);
		break;
	case ENDING_BRAND_CANCELS:
		script_play(&script, EVENT_CANCEL, BRAND_SIDE);
		break;
	case ENDING_CREATOR_CANCELS:
		script_play(&script, EVENT_CANCEL, CREATOR_SIDE);
		break;
	case ENDING_LAPSE:
		script_play(&script, EVENT_LAPSE, THE_AGENCY);
		if (script.deal.state == DEAL_APPROVED) { /* a silent brand has approved, a silent agency verifies */
			script_play(&script, EVENT_POST, CREATOR_SIDE);
			script_play(&script, EVENT_LAPSE, THE_AGENCY);
		}
		break;
	case ENDING_COUNT:
		break;
	}
}

START_TEST(a_commission_of_which_no_sales_are_told_goes_back_as_was_told_before) {
	struct deal_split told;
	at(SCRIPT_TERMS, DEAL_PAID);
	ck_assert(deal_ending(&script.deal, ENDING_LAPSE, &told));
	ck_assert(told.creator == 0 && told.agency == 0 && told.brand == 10000);
	script_play(&script, EVENT_LAPSE, THE_AGENCY);
	script_moved(&script, (struct moved){ .available = 10000, .held = -10000 }, "no sales");
	ck_assert(!deal_ending(&script.deal, ENDING_LAPSE, &told));
}
END_TEST

START_TEST(an_ending_gives_each_their_part_as_was_told_before) {
	struct deal_split told;
	at(SCRIPT_TERMS, endings[_i].state);
	ck_assert(deal_ending(&script.deal, endings[_i].ending, &told) == endings[_i].possible);
	if (!endings[_i].possible) {
		return;
	}
	const struct deal_split *split = &endings[_i].split;
	bool waits = split->creator == 25000; /* the commission, for sales */
	ck_assert_msg(memcmp(&told, split, sizeof told) == 0, "told %lld, %lld, %lld", (long long)told.creator,
	              (long long)told.agency, (long long)told.brand);
	ck_assert_int_eq(split->creator + split->agency + split->brand, 37500);
	end_deal(endings[_i].ending);
	bool reopens = split->brand == 37500;
	ck_assert_int_eq(script.result.frees_slot, reopens);
	script_moved(&script, (struct moved){ .available = reopens || waits ? 0 : split->brand,
	                             .reserved = reopens ? 37500 : 0,
	                             .held = waits ? -27500 : -37500,
	                             .earned = split->creator,
	                             .fees = split->agency },
	             "the ending");
	ck_assert(script.deal.held == (waits ? 10000 : 0) && script.deal.earned == split->creator);
	ck_assert_int_eq(script.deal.agency_earned, split->agency);
	ck_assert_int_eq(script.deal.deadline, split->creator > 0 ? DEADLINE_PAY : DEADLINE_NONE);
	if (waits) {
		script_play(&script, EVENT_PAY, OPERATOR);
		script_play(&script, EVENT_LAPSE, THE_AGENCY);
		ck_assert_int_eq(script.deal.state, DEAL_CLOSED);
		script_moved(&script, (struct moved){ .available = 10000, .held = -10000 }, "no sales were told");
	}
}
END_TEST

START_TEST(after_a_first_submission_the_second_kill_fee_holds) {
	struct deal_split told;
	at(SCRIPT_TERMS, DEAL_SUBMITTED);
	script_play(&script, EVENT_REVISE, BRAND_SIDE);
	ck_assert(deal_ending(&script.deal, ENDING_BRAND_CANCELS, &told) && told.creator == 12500 && told.agency == 1250);
	script_play(&script, EVENT_CANCEL, BRAND_SIDE);
	script_moved(&script, (struct moved){ .available = 23750, .held = -37500, .earned = 12500, .fees = 1250 },
	             "cancel");
}
END_TEST

#define PAID_TERMS(fee, agency_fee) \
	"compensation paid\nfee " fee "\nagency-fee " agency_fee "\ndeliverable 1 ugc-video within 14d\ndisclosure #ad\n" \
	"pay-within 30d\n"

START_TEST(kill_fees_that_are_not_said) {
	static const struct {
		enum deal_state state;
		struct moved moved;
	} cases[] = {
		{ DEAL_RECEIVED, { .reserved = 27500, .held = -27500 } },
		{ DEAL_SUBMITTED, { .available = 2750, .held = -27500, .earned = 22500, .fees = 2250 } },
	};
	script_begin(&script, "first-come", PAID_TERMS("250.00 USD", "25.00 USD"));
	script_play(&script, EVENT_SIGN, CREATOR_SIDE);
	script_go(&script, cases[_i].state);
	script_play(&script, EVENT_CANCEL, BRAND_SIDE);
	script_moved(&script, cases[_i].moved, "cancel");
}
END_TEST

/* 90 % of nothing, and 10 % of 4 minor units, free the slot; of 5, one is earned. */
#define CHEAP_TERMS(fee, agency_fee) \
	"compensation paid\nfee " fee "\nagency-fee " agency_fee "\ndeliverable 1 instagram-reel within 14d\n" \
	"disclosure #ad\nkill-fee-before-submission 10 %\npay-within 30d\n"

static const struct {
	const char *terms;
	enum deal_state state;
	bool frees;
	struct moved moved;
} cheap[] = {
	{ "compensation gifted\nproduct Mat\nproduct-value 89.00 USD\ndeliverable 1 review within 14d\ndisclosure #ad\n",
	  DEAL_SUBMITTED, true, { 0 } },
	{ "compensation gifted\nproduct Mat\nproduct-value 89.00 USD\ndeliverable 1 review within 14d\ndisclosure #ad\n",
	  DEAL_APPROVED, true, { 0 } },
	{ CHEAP_TERMS("0.04 USD", "0.04 USD"), DEAL_RECEIVED, true, { .reserved = 8, .held = -8 } },
	{ CHEAP_TERMS("0.04 USD", "0.05 USD"), DEAL_RECEIVED, false, { .available = 8, .held = -9, .fees = 1 } },
	{ CHEAP_TERMS("0.05 USD", "0.04 USD"), DEAL_RECEIVED, false, { .available = 8, .held = -9, .earned = 1 } },
};

START_TEST(a_kill_fee_that_comes_to_nothing_frees_the_slot) {
	script_begin(&script, "negotiation", cheap[_i].terms);
	script_play(&script, EVENT_APPLY, CREATOR_SIDE);
	script_play(&script, EVENT_SIGN, BRAND_SIDE);
	if (script.deal.state != cheap[_i].state) {
		script_go(&script, cheap[_i].state);
	}
	script_play(&script, EVENT_CANCEL, BRAND_SIDE);
	ck_assert_int_eq(script.result.frees_slot, cheap[_i].frees);
	script_moved(&script, cheap[_i].moved, "cancel");
}
END_TEST

START_TEST(content_that_is_handed_over_is_earned_by_its_approval) {
	script_begin(&script, "first-come", PAID_TERMS("250.00 USD", "25.00 USD"));
	script_play(&script, EVENT_SIGN, CREATOR_SIDE);
	script_moved(&script, (struct moved){ .reserved = -27500, .held = 27500 }, "sign");
	script_go(&script, DEAL_SUBMITTED);
	script_play(&script, _i == 0 ? EVENT_APPROVE : EVENT_LAPSE, _i == 0 ? BRAND_SIDE : THE_AGENCY);
	ck_assert_int_eq(script.deal.state, DEAL_VERIFIED);
	script_moved(&script, (struct moved){ .held = -27500, .earned = 25000, .fees = 2500 }, "approve");
	script_play(&script, EVENT_PAY, OPERATOR);
	script_moved(&script, (struct moved){ .earned = -25000, .paid = 25000 }, "pay");
}
END_TEST

START_TEST(a_gift_books_nothing_and_frees_its_slot) {
	static const char gift[] = "compensation gifted\nproduct Mat\nproduct-value 89.00 USD\n"
	                           "deliverable 1 review within 14d\ndisclosure #ad\n";
	at(gift, DEAL_APPROVED);
	script_play(&script, EVENT_CANCEL, CREATOR_SIDE);
	ck_assert(script.result.frees_slot && script.result.entry.count == 0);
	at(gift, DEAL_VERIFIED);
	ck_assert(script.result.entry.count == 0 && script.deal.deadline == DEADLINE_RATE);
	ck_assert_int_eq(script.deal.terms.product_value, 8900);
	script_play(&script, EVENT_RATE, BRAND_SIDE);
	script_play(&script, EVENT_RATE, CREATOR_SIDE);
	ck_assert_int_eq(script.deal.state, DEAL_CLOSED);
}
END_TEST

/* ---- rulings, to the last minor unit ---- */

#define SETTLED(fee, agency, share, creator, agency_part) \
	{ PAID_TERMS(fee, agency), share, creator, agency_part }

static const struct {
	const char *terms, *share;
	int64_t creator, agency; /* the brand gets the rest of both */
} rulings[] = {
	SETTLED("1 JPY", "1 JPY", "0 %", 0, 0),
	SETTLED("1 JPY", "1 JPY", "49.99 %", 0, 0),
	SETTLED("1 JPY", "1 JPY", "50 %", 1, 1), /* equal remainders: the creator's, and the agency's, come first */
	SETTLED("1 JPY", "1 JPY", "100 %", 1, 1),
	SETTLED("3 JPY", "1 JPY", "33.33 %", 1, 0),
	SETTLED("3 JPY", "3 JPY", "50 %", 2, 2),
	SETTLED("3 JPY", "3 JPY", "16.66 %", 0, 0),
	SETTLED("3 JPY", "3 JPY", "16.67 %", 1, 1),
	SETTLED("99999 JPY", "3 JPY", "33.33 %", 33330, 1), /* 33329.6667, 0.9999 */
	SETTLED("99999 JPY", "99999 JPY", "66.67 %", 66669, 66669), /* 66669.3333 */
	SETTLED("99999 JPY", "1 JPY", "0.01 %", 10, 0), /* 9.9999 */
	SETTLED("99999 JPY", "1 JPY", "99.99 %", 99989, 1), /* 99989.0001 */
	SETTLED("0.001 KWD", "0.003 KWD", "12.5 %", 0, 0),
	SETTLED("0.003 KWD", "0.001 KWD", "50 %", 2, 1),
	SETTLED("99.999 KWD", "0.003 KWD", "12.5 %", 12500, 0), /* 12499.875, 0.375 */
	SETTLED("99.999 KWD", "99.999 KWD", "87.5 %", 87499, 87499), /* 87499.125 */
	SETTLED("0.01 USD", "0.03 USD", "50.01 %", 1, 2),
	SETTLED("1999999999999.98 USD", "0.01 USD", "33.33 %", INT64_C(66659999999999), 0), /* 66659999999999.3334 */
};

START_TEST(a_ruling_splits_to_the_last_minor_unit) {
	script_begin(&script, "negotiation", rulings[_i].terms);
	script_play(&script, EVENT_APPLY, CREATOR_SIDE);
	script_play(&script, EVENT_SIGN, BRAND_SIDE);
	int64_t held = script.deal.held;
	script_play(&script, EVENT_DISPUTE, CREATOR_SIDE);
	script.share = rulings[_i].share;
	script_play(&script, EVENT_SETTLE, OPERATOR);
	int64_t creator = rulings[_i].creator, agency = rulings[_i].agency;
	script_moved(&script, (struct moved){ held - creator - agency, 0, -held, creator, agency, 0 }, rulings[_i].share);
	ck_assert_int_eq(script.deal.deadline, creator > 0 ? DEADLINE_PAY : DEADLINE_NONE);
}
END_TEST

/* ---- negotiated and amended fees ---- */

#define COMMON "deliverable 1 ugc-video within 14d\ndisclosure #ad\n"
#define FEE(fee) "compensation paid\nfee " fee " USD\nagency-fee 25.00 USD\n" COMMON "pay-within 30d\n"
#define GIFTED "compensation gifted\nproduct Mat\nproduct-value 89.00 USD\n" COMMON

static const struct {
	const char *offer, *agreed;
	struct moved signs, ends, ends_closed; /* the creator cancels, with the offer open and closed */
	bool frees;
} fees[] = {
	{ FEE("250.00"), FEE("250.00"), { .reserved = -27500, .held = 27500 }, { .reserved = 27500, .held = -27500 },
	  { .available = 27500, .held = -27500 }, true },
	{ FEE("250.00"), FEE("300.00"), { .available = -5000, .reserved = -27500, .held = 32500 },
	  { .available = 5000, .reserved = 27500, .held = -32500 }, { .available = 32500, .held = -32500 }, true },
	{ FEE("250.00"), FEE("200.00"), { .available = 5000, .reserved = -27500, .held = 22500 },
	  { .available = 22500, .held = -22500 }, { .available = 22500, .held = -22500 }, false },
	{ FEE("250.00"), GIFTED, { .available = 27500, .reserved = -27500 }, { 0 }, { 0 }, false },
	{ GIFTED, FEE("250.00"), { .available = -27500, .held = 27500 }, { .available = 27500, .held = -27500 },
	  { .available = 27500, .held = -27500 }, true },
	{ GIFTED, GIFTED, { 0 }, { 0 }, { 0 }, true },
};

START_TEST(a_negotiated_fee_takes_and_gives_back_what_it_must) {
	for (int closed = 0; closed < 2; closed++) {
		script_begin(&script, "negotiation", fees[_i].offer);
		script.terms = fees[_i].agreed;
		script_play(&script, EVENT_APPLY, CREATOR_SIDE);
		script_play(&script, EVENT_SIGN, BRAND_SIDE);
		script_moved(&script, fees[_i].signs, "sign");
		script.offer_closed = closed == 1;
		script_play(&script, EVENT_CANCEL, CREATOR_SIDE);
		script_moved(&script, closed == 1 ? fees[_i].ends_closed : fees[_i].ends, closed == 1 ? "closed" : "open");
		ck_assert_msg(script.result.frees_slot == (fees[_i].frees && closed == 0), "closed %d", closed);
	}
}
END_TEST

START_TEST(an_amended_fee_is_held_at_once) {
	static const struct {
		const char *terms;
		int64_t held;
	} cases[] = { { FEE("300.00"), 32500 }, { FEE("0.01"), 2501 }, { FEE("0.01"), 2501 }, { FEE("250.00"), 27500 } };
	script_begin(&script, "negotiation", FEE("250.00"));
	script_play(&script, EVENT_APPLY, CREATOR_SIDE);
	script_play(&script, EVENT_SIGN, BRAND_SIDE);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t held = script.deal.held;
		script.terms = cases[i].terms;
		script_play(&script, EVENT_AMEND, BRAND_SIDE);
		ck_assert_msg(script.result.entry.count == 0 && script.deal.held == held, "one side alone moves nothing");
		memcpy(script.text, script.proposal, SCRIPT_TEXT_MAX);
		ck_assert_msg(script_take(&script, 1) == OK, "%s", script.failure.text);
		ck_assert_int_eq(script.deal.held, cases[i].held);
		int64_t more = script.deal.held - held;
		script_moved(&script, (struct moved){ .available = -more, .held = more }, "amended");
	}
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("money");
	tcase_add_test(tests, a_commission_of_which_no_sales_are_told_goes_back_as_was_told_before);
	tcase_add_loop_test(tests, an_ending_gives_each_their_part_as_was_told_before, 0, ROWS(endings));
	tcase_add_test(tests, after_a_first_submission_the_second_kill_fee_holds);
	tcase_add_loop_test(tests, kill_fees_that_are_not_said, 0, 2);
	tcase_add_loop_test(tests, a_kill_fee_that_comes_to_nothing_frees_the_slot, 0, ROWS(cheap));
	tcase_add_loop_test(tests, content_that_is_handed_over_is_earned_by_its_approval, 0, 2);
	tcase_add_test(tests, a_gift_books_nothing_and_frees_its_slot);
	tcase_add_loop_test(tests, a_ruling_splits_to_the_last_minor_unit, 0, ROWS(rulings));
	tcase_add_loop_test(tests, a_negotiated_fee_takes_and_gives_back_what_it_must, 0, ROWS(fees));
	tcase_add_test(tests, an_amended_fee_is_held_at_once);
	Suite *suite = suite_create("rules/deal money");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

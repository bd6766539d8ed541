/* Texts of kind agreement: who may propose what on which road, and what a changed text must keep. */
#include "tests/unit/rules_deal_script.h"

static struct script script;
static char links[256], hex[65];

static void at(enum deal_state state) {
	script_begin(&script, "negotiation", SCRIPT_TERMS);
	script_go(&script, state);
}

static const char gifted[] =
    "compensation gifted\nproduct Cork yoga mat, 5 mm\nproduct-value 89.00 USD\n"
    "deliverable 1 instagram-reel within 14d\ndisclosure #ad\n";
static const char in_euro[] =
    "compensation gifted-paid-and-commission\nproduct Mat\nproduct-value 89.00 EUR\nfee 250.00 EUR\ncommission 10 %\n"
    "commission-cap 100.00 EUR\nagency-fee 25.00 EUR\ndeliverable 1 instagram-reel within 14d\ndisclosure #ad\n"
    "pay-within 30d\n";
static const char cheap_agency[] =
    "compensation gifted-paid-and-commission\nproduct Mat\nproduct-value 89.00 USD\nfee 250.00 USD\ncommission 10 %\n"
    "commission-cap 100.00 USD\nagency-fee 24.99 USD\ndeliverable 1 instagram-reel within 14d\ndisclosure #ad\n"
    "pay-within 30d\n";
static const char no_agency[] =
    "compensation gifted-paid-and-commission\nproduct Mat\nproduct-value 89.00 USD\nfee 250.00 USD\ncommission 10 %\n"
    "commission-cap 100.00 USD\ndeliverable 1 instagram-reel within 14d\ndisclosure #ad\npay-within 30d\n";
static const char more_fee[] =
    "compensation gifted-paid-and-commission\nproduct Mat\nproduct-value 89.00 USD\nfee 350.00 USD\ncommission 10 %\n"
    "commission-cap 100.00 USD\nagency-fee 25.00 USD\ndeliverable 1 instagram-reel within 14d\ndisclosure #ad\n"
    "pay-within 30d\n";

static const struct {
	bool amends;
	const char *terms;
	enum error error;
	const char *says;
} texts[] = {
	{ false, more_fee, OK, "" },
	{ false, gifted, OK, "" },
	{ false, cheap_agency, ERROR_TERMS_DIFFER, "agency-fee may not be changed here" },
	{ false, no_agency, ERROR_TERMS_DIFFER, "agency-fee may not be changed here" },
	{ false, in_euro, ERROR_TERMS_DIFFER, "agency-fee may not be changed here" },
	{ true, more_fee, OK, "" },
	{ true, gifted, ERROR_TERMS_DIFFER, "compensation may not be changed here" },
	{ true, cheap_agency, ERROR_TERMS_DIFFER, "agency-fee may not be changed here" },
	{ true, no_agency, ERROR_TERMS_DIFFER, "agency-fee may not be changed here" },
	{ true, in_euro, ERROR_TERMS_DIFFER, "fee may not be changed here" },
};

START_TEST(a_changed_text_keeps_what_it_must) {
	at(texts[_i].amends ? DEAL_SHIPPED : DEAL_PROPOSED);
	script.terms = texts[_i].terms;
	enum deal_event event = texts[_i].amends ? EVENT_AMEND : EVENT_COUNTER;
	if (texts[_i].error == OK) {
		script_play(&script, event, BRAND_SIDE);
	} else {
		script_refuse(&script, event, BRAND_SIDE, texts[_i].error, texts[_i].says);
		ck_assert_msg((script.failure.line > 0) == (texts[_i].terms != no_agency), "line %u", script.failure.line);
	}
}
END_TEST

START_TEST(a_changed_text_is_of_the_same_offer) {
	at(DEAL_AGREED);
	script_write(&script, EVENT_AMEND, &script_actors[BRAND_SIDE]);
	script_replace_line(&script, "offer ", "offer sha256:" HEX_A "\n");
	script_expect(&script, script_take(&script, 2), ERROR_TERMS_DIFFER, "offer may not be changed here");
	ck_assert_uint_eq(script.failure.line, 2);
}
END_TEST

START_TEST(the_agencys_fee_of_a_deal_outlives_amendments_though_the_offer_named_none) {
	script_begin(&script, "negotiation", gifted);
	script.terms = more_fee;
	script_play(&script, EVENT_APPLY, CREATOR_SIDE);
	script_play(&script, EVENT_SIGN, BRAND_SIDE);
	script.terms = cheap_agency;
	script_refuse(&script, EVENT_AMEND, BRAND_SIDE, ERROR_TERMS_DIFFER, "agency-fee may not be changed here");
}
END_TEST

/* Who may propose what, by the offer's road: with its terms as they are, and changed. */
static const struct {
	const char *road;
	unsigned signed_by;
	bool changed;
	enum error error;
	enum deal_event event;
} roads[] = {
	{ "first-come", 1, false, OK, EVENT_SIGN },       { "first-come", 1, true, ERROR_TERMS_DIFFER, 0 },
	{ "first-come", 2, false, OK, EVENT_INVITE },     { "first-come", 2, true, ERROR_TERMS_DIFFER, 0 },
	{ "first-come", 3, false, OK, EVENT_SIGN },       { "first-come", 3, true, ERROR_TERMS_DIFFER, 0 },
	{ "selection", 1, false, OK, EVENT_APPLY },       { "selection", 1, true, ERROR_TERMS_DIFFER, 0 },
	{ "selection", 2, false, OK, EVENT_INVITE },      { "selection", 2, true, ERROR_TERMS_DIFFER, 0 },
	{ "selection", 3, false, OK, EVENT_SIGN },        { "selection", 3, true, ERROR_TERMS_DIFFER, 0 },
	{ "negotiation", 1, false, OK, EVENT_APPLY },     { "negotiation", 1, true, OK, EVENT_APPLY },
	{ "negotiation", 2, false, OK, EVENT_INVITE },    { "negotiation", 2, true, OK, EVENT_INVITE },
	{ "negotiation", 3, false, OK, EVENT_SIGN },      { "negotiation", 3, true, OK, EVENT_SIGN },
	{ "invitation", 1, false, ERROR_TERMS_DIFFER, 0 }, { "invitation", 1, true, ERROR_TERMS_DIFFER, 0 },
	{ "invitation", 2, false, OK, EVENT_INVITE },     { "invitation", 2, true, OK, EVENT_INVITE },
	{ "invitation", 3, false, OK, EVENT_SIGN },       { "invitation", 3, true, OK, EVENT_SIGN },
};

START_TEST(the_offers_road_says_who_begins_and_whether_terms_may_change) {
	script_begin(&script, roads[_i].road, SCRIPT_TERMS);
	script.terms = roads[_i].changed ? more_fee : SCRIPT_TERMS;
	script_write_agreement(&script, "", &script_actors[CREATOR_SIDE]);
	enum error error = script_take(&script, roads[_i].signed_by);
	ck_assert_msg(error == roads[_i].error, "%s", script.failure.text);
	if (error != OK) {
		script_expect(&script, error, roads[_i].error, "");
		return;
	}
	ck_assert_int_eq(script.result.event, roads[_i].event);
	ck_assert(script.result.binds == (roads[_i].event == EVENT_SIGN));
	ck_assert(script.result.takes_slot == script.result.binds);
}
END_TEST

START_TEST(both_sign_a_changed_text_only_where_the_road_allows_changes) {
	static const struct {
		const char *road;
		enum error error;
	} cases[] = { { "selection", ERROR_NOT_ALLOWED }, { "negotiation", OK } };
	script_begin(&script, cases[_i].road, SCRIPT_TERMS);
	script_play(&script, EVENT_APPLY, CREATOR_SIDE);
	snprintf(links, sizeof links, "replaces sha256:%s\n", script_hex(script.deal.id, hex));
	script.terms = more_fee;
	script_write_agreement(&script, links, &script_actors[CREATOR_SIDE]);
	enum error error = script_take(&script, 3);
	ck_assert_msg(error == cases[_i].error, "%s", script.failure.text);
	if (error == OK) {
		ck_assert(script.deal.state == DEAL_AGREED && script.deal.held == 47500);
		ck_assert_mem_eq(script.deal.id, script.id, FIELD_HASH_SIZE);
	}
}
END_TEST

/* Whoever did not sign the proposal answers it with other terms. */
static const struct {
	const char *road;
	enum deal_event event;
	bool may;
} counters[] = {
	{ "first-come", EVENT_INVITE, false },  { "selection", EVENT_APPLY, false },
	{ "selection", EVENT_INVITE, false },   { "negotiation", EVENT_APPLY, true },
	{ "negotiation", EVENT_INVITE, true },  { "invitation", EVENT_INVITE, true },
};

START_TEST(a_proposal_is_countered_only_where_the_road_allows_changes) {
	bool invites = counters[_i].event == EVENT_INVITE;
	int side = invites ? BRAND_SIDE : CREATOR_SIDE, other = invites ? CREATOR_SIDE : BRAND_SIDE;
	script_begin(&script, counters[_i].road, SCRIPT_TERMS);
	script_play(&script, counters[_i].event, side);
	uint32_t events = deal_events(&script.deal, script_actors[other].by);
	ck_assert_int_eq((events & 1U << EVENT_COUNTER) != 0, counters[_i].may);
	script.terms = more_fee;
	if (counters[_i].may) {
		script_play(&script, EVENT_COUNTER, other);
		ck_assert(script.deal.state == DEAL_PROPOSED && script.deal.terms.fee == 35000);
	} else {
		script_refuse(&script, EVENT_COUNTER, other, ERROR_NOT_ALLOWED, "where the offer's road allows changes");
	}
}
END_TEST

/* Which line of an amendment refers to another text or note than the latest. */
static const char *const strays[][2] = {
	{ "amends ", "amends sha256:" HEX_A "\n" },
	{ "after ", "after sha256:" HEX_A "\n" },
};

START_TEST(an_amendment_follows_the_text_that_holds_and_the_latest_note) {
	script_begin(&script, "negotiation", SCRIPT_TERMS);
	script_go(&script, DEAL_AGREED);
	script_write(&script, EVENT_AMEND, &script_actors[BRAND_SIDE]);
	script_replace_line(&script, strays[_i][0], strays[_i][1]);
	for (unsigned signed_by = 1; signed_by <= 3; signed_by++) {
		script_expect(&script, script_take(&script, signed_by), ERROR_SUPERSEDED, "the deal is agreed");
	}
}
END_TEST

START_TEST(a_second_amendment_amends_the_first) {
	char agreement[100];
	script_begin(&script, "negotiation", SCRIPT_TERMS);
	script_go(&script, DEAL_AGREED);
	snprintf(agreement, sizeof agreement, "amends sha256:%s\n", script_hex(script.deal.text, hex));
	script_write(&script, EVENT_AMEND, &script_actors[BRAND_SIDE]);
	ck_assert_int_eq(script_take(&script, 3), OK);
	for (unsigned signed_by = 1; signed_by <= 3; signed_by++) {
		script_write(&script, EVENT_AMEND, &script_actors[BRAND_SIDE]);
		script_replace_line(&script, "amends ", agreement);
		script_expect(&script, script_take(&script, signed_by), ERROR_SUPERSEDED, "the deal is agreed");
	}
	script_play(&script, EVENT_AMEND, BRAND_SIDE);
}
END_TEST

START_TEST(an_amendment_is_concluded_once) {
	script_begin(&script, "negotiation", SCRIPT_TERMS);
	script_go(&script, DEAL_AGREED);
	script_write(&script, EVENT_AMEND, &script_actors[BRAND_SIDE]);
	ck_assert_int_eq(script_take(&script, 3), OK);
	ck_assert_int_eq(script.result.event, EVENT_AMEND_SIGN);
	for (unsigned signed_by = 1; signed_by <= 3; signed_by++) {
		script_expect(&script, script_take(&script, signed_by), ERROR_SUPERSEDED, "the deal is agreed");
	}
}
END_TEST

/* 14 days by the first text; signed after so many days, what was shortened to 7 is due so many days from the start. */
static const struct {
	int64_t signed_after, due;
} shortened[] = {
	{ 0, 7 * DAY },        { 6 * DAY, 7 * DAY },   { 7 * DAY - 1, 7 * DAY },
	{ 7 * DAY, 14 * DAY }, { 10 * DAY, 17 * DAY }, { 14 * DAY, 21 * DAY },
};

START_TEST(a_deadline_that_is_shortened_into_the_past_starts_anew) {
	at(DEAL_RECEIVED);
	int64_t start = script.deal.since;
	script.now = start + shortened[_i].signed_after;
	script_write(&script, EVENT_AMEND, &script_actors[BRAND_SIDE]);
	script_replace_line(&script, "deliverable ", "deliverable 1 instagram-reel within 7d\n");
	ck_assert_msg(script_take(&script, 2) == OK, "%s", script.failure.text);
	ck_assert_int_eq(script.deal.due, start + 14 * DAY);
	memcpy(script.text, script.proposal, SCRIPT_TEXT_MAX);
	ck_assert_msg(script_take(&script, 1) == OK, "%s", script.failure.text);
	ck_assert_int_eq(script.deal.deadline, DEADLINE_DELIVER);
	ck_assert_int_eq(script.deal.due, start + shortened[_i].due);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("texts");
	tcase_add_loop_test(tests, a_changed_text_keeps_what_it_must, 0, ROWS(texts));
	tcase_add_test(tests, a_changed_text_is_of_the_same_offer);
	tcase_add_test(tests, the_agencys_fee_of_a_deal_outlives_amendments_though_the_offer_named_none);
	tcase_add_loop_test(tests, the_offers_road_says_who_begins_and_whether_terms_may_change, 0, ROWS(roads));
	tcase_add_loop_test(tests, both_sign_a_changed_text_only_where_the_road_allows_changes, 0, 2);
	tcase_add_loop_test(tests, a_proposal_is_countered_only_where_the_road_allows_changes, 0, ROWS(counters));
	tcase_add_loop_test(tests, an_amendment_follows_the_text_that_holds_and_the_latest_note, 0, ROWS(strays));
	tcase_add_test(tests, a_second_amendment_amends_the_first);
	tcase_add_test(tests, an_amendment_is_concluded_once);
	tcase_add_loop_test(tests, a_deadline_that_is_shortened_into_the_past_starts_anew, 0, ROWS(shortened));
	Suite *suite = suite_create("rules/deal texts");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

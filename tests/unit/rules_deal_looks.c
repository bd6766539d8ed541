/* What is seen: by the agency, whether a post is as agreed, and its figures; by each side, how the other has rated. */
#include "tests/unit/rules_deal_script.h"

static struct script script;

static void at(enum deal_state state) {
	script_begin(&script, "negotiation", SCRIPT_TERMS);
	script_go(&script, state);
}

START_TEST(a_post_that_is_not_as_agreed_does_not_count) {
	script_begin(&script, "negotiation", SCRIPT_TERMS);
	script_go(&script, DEAL_POSTED);
	ck_assert_int_eq(script.deal.posted, TIME_SECONDS);
	script.deal.reach = script.deal.impressions = script.deal.engagements = 640; /* as if it had been seen before */
	script.deal.told = TOLD_REACH | TOLD_ENGAGEMENTS;
	script.now += DAY;
	script_play(&script, EVENT_FAULT, OPERATOR);
	ck_assert(script.deal.state == DEAL_APPROVED && script.deal.posted == 0);
	ck_assert(script.deal.reach == 0 && script.deal.impressions == 0 && script.deal.engagements == 0);
	ck_assert_uint_eq(script.deal.told, 0);
	script_play(&script, EVENT_POST, CREATOR_SIDE);
	ck_assert_int_eq(script.deal.posted, TIME_SECONDS + DAY);
}
END_TEST

/* What is seen, and whether it is a fault. */
static const struct {
	const char *seen;
	bool fault;
} sights[] = {
	{ "live yes\ntagged yes\ndisclosed yes\n", false }, { "live no\ntagged yes\ndisclosed yes\n", true },
	{ "live yes\ntagged no\ndisclosed yes\n", true },   { "live yes\ntagged yes\ndisclosed no\n", true },
	{ "live no\ntagged no\ndisclosed no\n", true },
};

START_TEST(a_post_that_lacks_anything_is_at_fault) {
	char lines[200];
	at(DEAL_POSTED);
	snprintf(lines, sizeof lines, "operator olga ed25519:" HEX_A "\n%s", sights[_i].seen);
	script_write_step(&script, "verify", lines);
	ck_assert_msg(script_take(&script, 1) == OK, "%s", script.failure.text);
	ck_assert_int_eq(script.result.event, sights[_i].fault ? EVENT_FAULT : EVENT_VERIFY);
	ck_assert_int_eq(script.deal.state, sights[_i].fault ? DEAL_APPROVED : DEAL_VERIFIED);
}
END_TEST

/* ---- figures ---- */

/* The agency looks and tells these lines, then the deal has these figures. */
static void look(const char *lines, int64_t reach, int64_t impressions, int64_t engagements) {
	char all[400];
	snprintf(all, sizeof all, "operator olga ed25519:" HEX_A "\nlive yes\ntagged yes\ndisclosed yes\n%s", lines);
	script_write_step(&script, "verify", all);
	ck_assert_msg(script_take(&script, 1) == OK && script.result.event == EVENT_VERIFY, "%s", script.failure.text);
	const struct deal *deal = &script.deal;
	ck_assert_msg(deal->reach == reach && deal->impressions == impressions && deal->engagements == engagements,
	              "after \"%s\": reach %lld, impressions %lld, engagements %lld", lines, (long long)deal->reach,
	              (long long)deal->impressions, (long long)deal->engagements);
}

START_TEST(a_figure_that_is_not_told_stays_as_it_was) {
	at(DEAL_POSTED);
	look("reach 9200\nimpressions 15000\nengagements 640\n", 9200, 15000, 640);
	for (int state = DEAL_VERIFIED; state <= DEAL_CLOSED; state++) {
		script_go(&script, (enum deal_state)state);
		look("", 9200, 15000, 640);
		look("reach 9300\n", 9300, 15000, 640);
		look("impressions 15001\n", 9300, 15001, 640);
		look("engagements 0\n", 9300, 15001, 0);
		look("reach 9200\nimpressions 15000\nengagements 640\n", 9200, 15000, 640);
	}
}
END_TEST

/* With sales that earn a commission and with those that only settle it. */
START_TEST(figures_are_told_with_sales_too) {
	static const enum deal_state states[] = { DEAL_POSTED, DEAL_VERIFIED, DEAL_PAID };
	char lines[200];
	at(states[_i % 3]);
	snprintf(lines, sizeof lines, "sales %s USD\nreach 9200\nimpressions 15000\nengagements 640\n",
	         _i < 3 ? "420.00" : "0.01");
	look(lines, 9200, 15000, 640);
	ck_assert_int_eq(script.deal.commission_earned, _i < 3 ? 4200 : 0);
	look("", 9200, 15000, 640);
}
END_TEST

START_TEST(a_fault_that_stays_on_record_leaves_the_figures) {
	at(DEAL_POSTED);
	look("reach 9200\nimpressions 15000\nengagements 640\n", 9200, 15000, 640);
	script_go(&script, DEAL_PAID);
	script_write(&script, EVENT_FAULT, &script_actors[OPERATOR]);
	script_replace_line(&script, "disclosed ", "disclosed yes\nreach 1\nimpressions 2\nengagements 3\n");
	ck_assert_msg(script_take(&script, 1) == OK, "%s", script.failure.text);
	ck_assert(script.deal.faulted && script.deal.reach == 9200 && script.deal.impressions == 15000);
	ck_assert_int_eq(script.deal.engagements, 640);
}
END_TEST

/* ---- ratings ---- */

/* Ratings are unseen until both are in, or none can come any more. */
START_TEST(ratings_are_shown_when_both_are_in_or_the_deal_is_over) {
	for (int state = DEAL_NONE; state < DEAL_STATE_COUNT; state++) {
		struct deal deal = { .state = (enum deal_state)state };
		bool over = state == DEAL_CLOSED || state == DEAL_CANCELLED || state == DEAL_LAPSED || state == DEAL_RULED;
		ck_assert_int_eq(deal_shows_ratings(&deal), over);
		deal.rated = BY_BRAND;
		ck_assert_int_eq(deal_shows_ratings(&deal), over);
		deal.rated = BY_CREATOR;
		ck_assert_int_eq(deal_shows_ratings(&deal), over);
		deal.rated = BY_BRAND | BY_CREATOR;
		ck_assert(deal_shows_ratings(&deal));
	}
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("looks");
	tcase_add_test(tests, a_post_that_is_not_as_agreed_does_not_count);
	tcase_add_loop_test(tests, a_post_that_lacks_anything_is_at_fault, 0, ROWS(sights));
	tcase_add_test(tests, a_figure_that_is_not_told_stays_as_it_was);
	tcase_add_loop_test(tests, figures_are_told_with_sales_too, 0, 6);
	tcase_add_test(tests, a_fault_that_stays_on_record_leaves_the_figures);
	tcase_add_test(tests, ratings_are_shown_when_both_are_in_or_the_deal_is_over);
	Suite *suite = suite_create("rules/deal looks");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

/* Texts that wait for the other side: how old they may be, who may send them, how many, and what a refusal tells. */
#include "tests/lib/stage.h"
#include "tests/lib/unit.h"
#include "workers/market/bonds.h"

static struct stage stage;
static struct buffer offer, text;

static void set_up(void) {
	stage_open(&stage);
	buffer_init(&offer, SIGNED_NOTE_MAX);
	buffer_init(&text, NOTE_TEXT_MAX);
}

static void tear_down(void) {
	buffer_release(&offer);
	buffer_release(&text);
	stage_close(&stage);
}

static enum error sign_text(enum stage_actor actor) {
	return stage_try_text(&stage, actor, &text, NULL).code;
}

/* ---- how old ---- */

START_TEST(an_application_is_concluded_when_it_is_older_than_a_new_note_may_be) {
	stage_offer(&stage, ACME, "selection", PAIRS(stage_gift), &offer);
	stage_derive(&stage, ANA, &offer, &text);
	ck_assert_int_eq(sign_text(ANA), OK);
	inner_wait(&stage.inner, 20 * STAGE_DAY);
	ck_assert_int_eq(sign_text(ACME), OK);
}
END_TEST

START_TEST(a_new_text_that_is_older_than_a_week_is_refused) {
	stage_offer(&stage, ACME, "selection", PAIRS(stage_gift), &offer);
	stage_derive(&stage, ANA, &offer, &text);
	inner_wait(&stage.inner, 8 * STAGE_DAY);
	ck_assert_int_eq(sign_text(ANA), ERROR_WRONG_TIME);
	ck_assert_int_eq(sign_text(ACME), ERROR_WRONG_TIME);
	stage_derive(&stage, ANA, &offer, &text);
	ck_assert_int_eq(sign_text(ANA), OK);
}
END_TEST

START_TEST(another_new_note_that_is_older_than_a_week_is_refused) {
	struct buffer note;
	const struct note_pair profile[] = { { "creator", slice_of_text(stage.cast[ANA].text) } };
	buffer_init(&note, SIGNED_NOTE_MAX);
	inner_compose(&stage.inner, &stage.cast[ANA], KIND_PROFILE, PAIRS(profile), &note, NULL);
	inner_wait(&stage.inner, 8 * STAGE_DAY);
	ck_assert_int_eq(inner_try(&stage.inner, buffer_slice(&note)).code, ERROR_WRONG_TIME);
	buffer_release(&note);
}
END_TEST

/* ---- whose ---- */

static const char *const roads[] = { "first-come", "selection", "negotiation", "invitation" };

START_TEST(a_brand_that_takes_up_the_offer_of_another_learns_nothing_of_its_deals) {
	struct inner_outcome before, after;
	struct inner_deal deal;
	struct buffer theirs;
	unsigned line = 0;
	buffer_init(&theirs, NOTE_TEXT_MAX);
	stage_offer(&stage, ACME, roads[_i], PAIRS(stage_gift), &offer);
	stage_derive(&stage, ANA, &offer, &theirs);
	stage_change(&theirs, stage.cast[ACME].text, stage.cast[BOLT].text);
	before = stage_try_text(&stage, BOLT, &theirs, NULL);
	ck_assert_int_eq(before.code, ERROR_TERMS_DIFFER);
	for (const char *at = buffer_text(&theirs); at < strstr(buffer_text(&theirs), "brand bolt"); at++) {
		line += *at == '\n' ? 1 : 0;
	}
	ck_assert_uint_eq(before.line, line + 1);
	stage_derive(&stage, ANA, &offer, &text);
	if (strcmp(roads[_i], "invitation") != 0) {
		stage_text(&stage, ANA, &text, &deal);
	}
	if (strcmp(roads[_i], "first-come") != 0) {
		stage_text(&stage, ACME, &text, &deal);
	}
	after = stage_try_text(&stage, BOLT, &theirs, NULL);
	ck_assert_int_eq(after.code, before.code);
	ck_assert_str_eq(after.text, before.text);
	buffer_release(&theirs);
}
END_TEST

/* ---- how many ---- */

START_TEST(ten_proposals_of_a_creator_by_an_offer_may_end_and_no_more) {
	struct inner_deal deal;
	stage_offer(&stage, ACME, "selection", PAIRS(stage_gift), &offer);
	for (int i = 0; i < 10; i++) {
		stage_derive(&stage, ANA, &offer, &text);
		stage_text(&stage, ANA, &text, &deal);
		stage_step(&stage, i % 2 == 0 ? ANA : ACME, KIND_DECLINE, &deal, NULL, 0);
	}
	stage_derive(&stage, ANA, &offer, &text);
	ck_assert_int_eq(sign_text(ANA), ERROR_NOT_ALLOWED);
	stage_derive(&stage, BEN, &offer, &text);
	ck_assert_int_eq(sign_text(BEN), OK);
	stage_offer(&stage, ACME, "selection", PAIRS(stage_gift), &offer);
	stage_derive(&stage, ANA, &offer, &text);
	ck_assert_int_eq(sign_text(ANA), OK);
}
END_TEST

/* ---- who does not work with whom ---- */

static void block(const char *brand) {
	const struct note_pair pairs[] = { PAIR("niche", "yoga"), { "block", slice_of_text(brand) } };
	stage_sign(&stage, ANA, KIND_PROFILE, "creator", PAIRS(pairs));
}

START_TEST(a_brand_that_a_creator_blocks_cannot_invite_her) {
	block("acme");
	stage_offer(&stage, ACME, "invitation", PAIRS(stage_gift), &offer);
	stage_derive(&stage, ANA, &offer, &text);
	ck_assert_int_eq(sign_text(ACME), ERROR_NOT_ELIGIBLE);
	stage_derive(&stage, BEN, &offer, &text);
	ck_assert_int_eq(sign_text(ACME), OK);
	block("bolt");
	stage_derive(&stage, ANA, &offer, &text);
	ck_assert_int_eq(sign_text(ACME), OK);
	ck_assert_int_eq(sign_text(ANA), OK);
}
END_TEST

START_TEST(a_brand_that_is_blocked_by_now_cannot_conclude) {
	stage_offer(&stage, ACME, "selection", PAIRS(stage_gift), &offer);
	stage_derive(&stage, ANA, &offer, &text);
	ck_assert_int_eq(sign_text(ANA), OK);
	block("acme");
	ck_assert_int_eq(sign_text(ACME), ERROR_NOT_ELIGIBLE);
}
END_TEST

START_TEST(a_block_counts_where_the_offer_asks_nothing_of_a_creator) {
	block("acme");
	stage_offer(&stage, ACME, "first-come", PAIRS(stage_gift), &offer);
	stage_derive(&stage, ANA, &offer, &text);
	ck_assert_int_eq(sign_text(ANA), ERROR_NOT_ELIGIBLE);
	block("bolt");
	ck_assert_int_eq(sign_text(ANA), OK);
}
END_TEST

/* ---- whom a creator works for ---- */

static const struct note_pair exclusive[] = { PAIR("compensation", "gifted"), PAIR("product", "Yoga mat"),
	                                          PAIR("product-value", "89.00 USD"), PAIR("category", "yoga"),
	                                          PAIR("exclusivity", "yoga for 30d") };

START_TEST(only_the_creator_is_told_for_whom_she_works) {
	struct inner_deal deal;
	struct buffer waiting;
	char hex[HASH_HEX_SIZE];
	buffer_init(&waiting, NOTE_TEXT_MAX);
	stage_offer(&stage, ACME, "selection", PAIRS(exclusive), &offer);
	stage_derive(&stage, ANA, &offer, &waiting);
	stage_text(&stage, ANA, &waiting, &deal);
	stage_offer(&stage, BOLT, "first-come", PAIRS(exclusive), &offer);
	stage_derive(&stage, ANA, &offer, &text);
	stage_text(&stage, ANA, &text, &deal);
	hex_encode(slice_of(deal.id, HASH_SIZE), hex);
	hex[12] = '\0'; /* as people see it */
	struct inner_outcome outcome = stage_try_text(&stage, ACME, &waiting, NULL);
	ck_assert_int_eq(outcome.code, ERROR_EXCLUSIVITY);
	ck_assert_msg(strstr(outcome.text, "bolt") == NULL && strstr(outcome.text, hex) == NULL, "%s", outcome.text);
	stage_offer(&stage, ACME, "first-come", PAIRS(exclusive), &offer);
	stage_derive(&stage, ANA, &offer, &text);
	outcome = stage_try_text(&stage, ANA, &text, NULL);
	ck_assert_int_eq(outcome.code, ERROR_EXCLUSIVITY);
	ck_assert_msg(strstr(outcome.text, "bolt") != NULL && strstr(outcome.text, hex) != NULL, "%s", outcome.text);
	buffer_release(&waiting);
}
END_TEST

/* Else whoever leaves the category out could take her from the brand that has her for itself. */
START_TEST(a_creator_who_is_bound_agrees_to_no_text_without_a_category) {
	static const struct note_pair tea[] = { PAIR("compensation", "gifted"), PAIR("product", "Green tea"),
		                                    PAIR("product-value", "9.00 USD"), PAIR("category", "tea") };
	struct inner_deal deal;
	stage_offer(&stage, BOLT, "first-come", PAIRS(exclusive), &offer);
	stage_derive(&stage, ANA, &offer, &text);
	stage_text(&stage, ANA, &text, &deal);
	stage_offer(&stage, ACME, "first-come", PAIRS(stage_gift), &offer);
	stage_derive(&stage, ANA, &offer, &text);
	struct inner_outcome outcome = stage_try_text(&stage, ANA, &text, NULL);
	ck_assert_int_eq(outcome.code, ERROR_EXCLUSIVITY);
	ck_assert_msg(strstr(outcome.text, "names no category") != NULL, "%s", outcome.text);
	stage_derive(&stage, BEN, &offer, &text);
	ck_assert_int_eq(sign_text(BEN), OK);
	stage_offer(&stage, BOLT, "first-come", PAIRS(stage_gift), &offer);
	stage_derive(&stage, ANA, &offer, &text);
	ck_assert_int_eq(sign_text(ANA), OK);
	stage_offer(&stage, ACME, "first-come", PAIRS(tea), &offer);
	stage_derive(&stage, ANA, &offer, &text);
	ck_assert_int_eq(sign_text(ANA), OK);
}
END_TEST

/* The other way round: work of which nobody says in which category it is may be in the one that is promised. */
START_TEST(a_creator_who_works_without_a_category_promises_none_to_another_brand) {
	struct inner_deal deal;
	stage_offer(&stage, BOLT, "first-come", PAIRS(stage_gift), &offer);
	stage_derive(&stage, ANA, &offer, &text);
	stage_text(&stage, ANA, &text, &deal);
	stage_offer(&stage, ACME, "first-come", PAIRS(exclusive), &offer);
	stage_derive(&stage, ANA, &offer, &text);
	struct inner_outcome outcome = stage_try_text(&stage, ANA, &text, NULL);
	ck_assert_int_eq(outcome.code, ERROR_EXCLUSIVITY);
	ck_assert_msg(strstr(outcome.text, "ana works for bolt, in no category that was named, until") != NULL, "%s",
	              outcome.text);
	stage_step(&stage, ANA, KIND_CANCEL, &deal, NULL, 0);
	ck_assert_int_eq(stage_try_text(&stage, ANA, &text, NULL).code, OK);
}
END_TEST

START_TEST(content_that_the_brand_has_binds_though_a_ruling_ended_the_deal) {
	struct deal before = { .state = DEAL_DISPUTED, .before = DEAL_VERIFIED }, after = { .state = DEAL_RULED };
	int64_t posted = 0;
	ck_assert_int_eq(bonds_change(&before, &after, EVENT_SETTLE, &posted), BONDS_STAY);
	before.before = DEAL_SUBMITTED;
	ck_assert_int_eq(bonds_change(&before, &after, EVENT_SETTLE, &posted), BONDS_END);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("market_proposals");
	TCase *tcase = tcase_create("market_proposals");
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, an_application_is_concluded_when_it_is_older_than_a_new_note_may_be);
	tcase_add_test(tcase, a_new_text_that_is_older_than_a_week_is_refused);
	tcase_add_test(tcase, another_new_note_that_is_older_than_a_week_is_refused);
	tcase_add_loop_test(tcase, a_brand_that_takes_up_the_offer_of_another_learns_nothing_of_its_deals, 0,
	                    (int)(sizeof roads / sizeof roads[0]));
	tcase_add_test(tcase, ten_proposals_of_a_creator_by_an_offer_may_end_and_no_more);
	tcase_add_test(tcase, a_brand_that_a_creator_blocks_cannot_invite_her);
	tcase_add_test(tcase, a_brand_that_is_blocked_by_now_cannot_conclude);
	tcase_add_test(tcase, a_block_counts_where_the_offer_asks_nothing_of_a_creator);
	tcase_add_test(tcase, only_the_creator_is_told_for_whom_she_works);
	tcase_add_test(tcase, a_creator_who_is_bound_agrees_to_no_text_without_a_category);
	tcase_add_test(tcase, a_creator_who_works_without_a_category_promises_none_to_another_brand);
	tcase_add_test(tcase, content_that_the_brand_has_binds_though_a_ruling_ended_the_deal);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}

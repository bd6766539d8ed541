/* The sums that a report is made of: they follow the deals, and keep nobody from a step. */
#include "cli/tiers.h"
#include "crypto/signed_note.h"
#include "rules/report.h"
#include "tests/lib/stage.h"
#include "tests/lib/unit.h"

#define MOST "10000000000000.00 USD" /* as much as an amount can be */

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

/* A measure of acme's campaign, over all tiers. */
static int64_t measure(const char *campaign, const char *key) {
	const struct note_pair arguments[] = { { "campaign", slice_of_text(campaign) } };
	const struct pack_value *ok = NULL;
	int64_t sum = 0;
	ck_assert_int_eq(stage_ask(&stage, stage.cast[ACME].transport, "report", PAIRS(arguments), &ok), OK);
	const struct pack_value *items = pack_find(ok, "items");
	for (size_t i = 0; i < pack_count(items); i++) {
		int64_t value = 0;
		ck_assert(pack_as_signed(pack_find(pack_item(items, i), key), &value));
		sum += value;
	}
	return sum;
}

/* Ana's, Ben's or Cleo's deal for the dearest gift there can be, which is shipped. */
static void ship_gift(enum stage_actor creator, struct inner_deal *deal) {
	static const struct note_pair carrier[] = { PAIR("carrier", "DHL") };
	stage_derive(&stage, creator, &offer, &text);
	stage_text(&stage, creator, &text, deal);
	stage_step(&stage, ACME, KIND_SHIP, deal, PAIRS(carrier));
}

static void take_all_steps(enum stage_actor creator, struct inner_deal *deal) {
	static const struct note_pair stars[] = { PAIR("stars", "5") };
	stage_step(&stage, creator, KIND_RECEIVE, deal, NULL, 0);
	stage_deliver(&stage, ACME, creator, deal);
	stage_step(&stage, creator, KIND_RATE, deal, PAIRS(stars));
	stage_step(&stage, ACME, KIND_RATE, deal, PAIRS(stars));
}

static const struct note_pair dear[] = { PAIR("campaign", "Spring"), PAIR("compensation", "gifted"),
	                                     PAIR("product", "Ring"), PAIR("product-value", MOST) };

START_TEST(sums_that_are_as_large_as_they_can_be_keep_nobody_from_a_step) {
	struct inner_deal deals[3], other;
	static const struct note_pair why[] = { PAIR("reason", "It is not what was agreed.") };
	static const struct note_pair settled[] = { PAIR("outcome", "settle"), PAIR("creator-share", "50 %"),
		                                        PAIR("reason", "Both were wrong.") };
	stage_offer(&stage, ACME, "first-come", PAIRS(dear), &offer);
	for (size_t i = 0; i < 3; i++) {
		ship_gift(ANA + i, &deals[i]);
		ck_assert_int_eq(measure("Spring", "product-value"), MEASURE_MAX);
	}
	take_all_steps(ANA, &deals[0]);
	stage_step(&stage, BEN, KIND_DISPUTE, &deals[1], PAIRS(why));
	stage_step(&stage, OLGA, KIND_RULING, &deals[1], PAIRS(settled));
	stage_offer(&stage, ACME, "first-come", PAIRS(stage_gift), &offer); /* another campaign of the same brand */
	ship_gift(BEN, &other);
	take_all_steps(BEN, &other);
	stage_offer(&stage, ACME, "first-come", PAIRS(dear), &offer);
	ship_gift(BEN, &other);
	take_all_steps(BEN, &other);
	ck_assert_int_eq(measure("Spring", "agreements"), 4);
	ck_assert_int_eq(measure("Spring", "posts"), 2);
	ck_assert_int_eq(measure("Spring", "product-value"), MEASURE_MAX);
}
END_TEST

START_TEST(sums_that_are_as_large_as_they_can_be_do_not_stop_the_clock) {
	struct inner_deal deals[3];
	stage_offer(&stage, ACME, "first-come", PAIRS(dear), &offer);
	for (size_t i = 0; i < 3; i++) {
		ship_gift(ANA + i, &deals[i]);
	}
	inner_wait(&stage.inner, 11 * STAGE_DAY);
	ck_assert_uint_eq(inner_lapse(&stage.inner), 3); /* all have received it, as nobody says otherwise */
	inner_wait(&stage.inner, 15 * STAGE_DAY);
	ck_assert_uint_eq(inner_lapse(&stage.inner), 3); /* and nobody delivers */
	ck_assert_int_eq(measure("Spring", "ended-early"), 3);
	ck_assert_int_eq(measure("Spring", "product-value"), MEASURE_MAX);
}
END_TEST

/* Nobody knows by how much it was passed. */
START_TEST(a_sum_that_was_as_large_as_it_can_be_stays_so_when_a_deal_comes_to_less) {
	struct inner_deal deal;
	stage_offer(&stage, ACME, "first-come", PAIRS(dear), &offer);
	ship_gift(BEN, &deal);
	stage_amend(&text, &deal);
	stage_change(&text, MOST, "89.00 USD");
	stage_text(&stage, BEN, &text, NULL);
	stage_text(&stage, ACME, &text, NULL);
	ck_assert_int_eq(measure("Spring", "product-value"), MEASURE_MAX);
}
END_TEST

START_TEST(a_deal_counts_for_the_campaign_of_the_text_that_bound_both) {
	static const struct note_pair spring[] = { PAIR("campaign", "Spring"), PAIR("compensation", "gifted"),
		                                       PAIR("product", "Cork mat"), PAIR("product-value", "89.00 USD") };
	struct inner_deal deal;
	stage_offer(&stage, ACME, "negotiation", PAIRS(spring), &offer);
	stage_derive(&stage, ANA, &offer, &text);
	stage_text(&stage, ANA, &text, &deal);
	stage_replace(&text, &deal);
	stage_change(&text, "campaign Spring", "campaign Autumn");
	stage_text(&stage, ACME, &text, &deal);
	stage_text(&stage, ANA, &text, &deal);
	ck_assert_int_eq(measure("Spring", "agreements"), 0);
	ck_assert_int_eq(measure("Autumn", "agreements"), 1);
}
END_TEST

/* What nobody tells is not 0: it takes no part in a ratio, while a 0 that somebody has seen does. */
START_TEST(a_post_counts_for_the_ratios_whose_figures_are_told) {
	static const struct note_pair link[] = { PAIR("link", "https://example.com/p") };
	static const struct note_pair content[] = {
		PAIR("content", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 https://ex.am/a") };
	static const struct note_pair looks[3][5] = {
		{ PAIR("live", "yes"), PAIR("tagged", "yes"), PAIR("disclosed", "yes"), PAIR("engagements", "0") },
		{ PAIR("live", "yes"), PAIR("tagged", "yes"), PAIR("disclosed", "yes"), PAIR("impressions", "900"),
		  PAIR("engagements", "40") },
		{ PAIR("live", "yes"), PAIR("tagged", "yes"), PAIR("disclosed", "yes"), PAIR("reach", "700") } };
	static const struct note_pair figures[] = { PAIR("creator", "ben"), PAIR("platform", "instagram"),
		                                        PAIR("followers", "12000"), PAIR("engagement", "2.4 %"),
		                                        PAIR("source", "a screenshot") };
	struct inner_deal deal;
	stage_sign(&stage, OLGA, KIND_ATTEST, "operator", PAIRS(figures));
	stage_offer(&stage, ACME, "first-come", PAIRS(stage_gift), &offer);
	for (size_t i = 0; i < 3; i++) {
		ship_gift(ANA + i, &deal);
		stage_step(&stage, ANA + i, KIND_RECEIVE, &deal, NULL, 0);
		stage_step(&stage, ANA + i, KIND_SUBMIT, &deal, PAIRS(content));
		stage_step(&stage, ACME, KIND_APPROVE, &deal, NULL, 0);
		stage_step(&stage, ANA + i, KIND_POST, &deal, PAIRS(link));
		stage_step(&stage, OLGA, KIND_VERIFY, &deal, looks[i], i == 1 ? 5 : 4);
	}
	const struct {
		const char *key;
		int64_t value;
	} expected[] = {
		{ "posts", 3 }, { "product-value", 26700 }, { "engaged-posts", 2 }, { "engaged-cost", 17800 },
		{ "engagements", 40 }, { "seen-posts", 1 }, { "seen-cost", 8900 }, { "impressions", 900 },
		{ "reached-posts", 1 }, { "rated-posts", 1 }, { "rated-followers", 12000 }, { "rated-engagements", 40 },
	};
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		ck_assert_msg(measure("", expected[i].key) == expected[i].value, "%s", expected[i].key);
	}
}
END_TEST

/* The agency's settings draw the lines, and whoever shows tiers is told where. */
START_TEST(answers_with_tiers_say_where_these_begin) {
	struct inner_deal deal;
	const struct pack_value *ok = NULL;
	struct tier_bounds tiers;
	stage.inner.market.tiers = (struct tier_bounds){ 9000, 90000, 400000, 900000 };
	stage_offer(&stage, ACME, "selection", PAIRS(stage_gift), &offer);
	stage_derive(&stage, ANA, &offer, &text);
	stage_text(&stage, ANA, &text, &deal);
	ck_assert_int_eq(stage_ask(&stage, stage.cast[ACME].transport, "report", NULL, 0, &ok), OK);
	ck_assert_int_eq(tiers_read(ok, &tiers, NULL), OK);
	ck_assert(tiers.micro == 9000 && tiers.mid == 90000 && tiers.macro == 400000 && tiers.mega == 900000);
	char hex[HASH_HEX_SIZE];
	struct signed_note split;
	uint8_t hash[HASH_SIZE];
	ck_assert_int_eq(signed_note_split(buffer_slice(&offer), &split, NULL), OK);
	signed_note_id(split.text, hash);
	hex_encode(slice_of(hash, HASH_SIZE), hex);
	const struct note_pair id[] = { { "id", slice_of_text(hex) } };
	ck_assert_int_eq(stage_ask(&stage, stage.cast[ACME].transport, "applicants", PAIRS(id), &ok), OK);
	ck_assert_uint_eq(pack_count(pack_find(ok, "items")), 1);
	ck_assert_int_eq(tiers_read(pack_item(pack_find(ok, "items"), 0), &tiers, NULL), OK);
	ck_assert(tiers.micro == 9000 && tiers.mega == 900000);
	ck_assert_int_eq(tiers_read(ok, &tiers, NULL), ERROR_MALFORMED);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("market_totals");
	TCase *tcase = tcase_create("market_totals");
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, sums_that_are_as_large_as_they_can_be_keep_nobody_from_a_step);
	tcase_add_test(tcase, sums_that_are_as_large_as_they_can_be_do_not_stop_the_clock);
	tcase_add_test(tcase, a_sum_that_was_as_large_as_it_can_be_stays_so_when_a_deal_comes_to_less);
	tcase_add_test(tcase, a_deal_counts_for_the_campaign_of_the_text_that_bound_both);
	tcase_add_test(tcase, a_post_counts_for_the_ratios_whose_figures_are_told);
	tcase_add_test(tcase, answers_with_tiers_say_where_these_begin);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}

/* How long the agency keeps where a product goes. */
#include "tests/lib/stage.h"
#include "tests/lib/unit.h"
#include "workers/market/addresses.h"

static struct stage stage;
static struct inner_deal deal;
static const struct note_pair why[] = { PAIR("reason", "It is late.") };

/* A deal for a gift, to which the creator has sent the address. */
static void set_up(void) {
	struct buffer offer, text;
	stage_open(&stage);
	buffer_init(&offer, SIGNED_NOTE_MAX);
	buffer_init(&text, NOTE_TEXT_MAX);
	stage_offer(&stage, ACME, "first-come", PAIRS(stage_gift), &offer);
	stage_derive(&stage, ANA, &offer, &text);
	stage_text(&stage, ANA, &text, &deal);
	struct address_order order = { .has_transport = true, .sealed = slice_of_text("sealed") };
	memcpy(order.deal, deal.id, HASH_SIZE);
	memcpy(order.transport, stage.cast[ANA].transport, FIELD_KEY_SIZE);
	addresses_run(&stage.inner.market, &order, 1);
	ck_assert_msg(order.failure.code == OK, "%s", order.failure.text);
	buffer_release(&offer);
	buffer_release(&text);
}

static void tear_down(void) {
	stage_close(&stage);
}

/* What the brand is told that asks for it. */
static enum error ask(void) {
	char hex[HASH_HEX_SIZE];
	hex_encode(slice_of(deal.id, HASH_SIZE), hex);
	const struct note_pair id[] = { { "id", slice_of_text(hex) } };
	return stage_ask(&stage, stage.cast[ACME].transport, "address", PAIRS(id), NULL);
}

static void rule(const struct note_pair *pairs, size_t count) {
	stage_step(&stage, OLGA, KIND_RULING, &deal, pairs, count);
}

START_TEST(an_address_is_kept_until_the_product_has_arrived) {
	static const struct note_pair parcel[] = { PAIR("carrier", "DHL"), PAIR("tracking", "0034") };
	ck_assert_int_eq(ask(), OK);
	stage_step(&stage, ACME, KIND_SHIP, &deal, PAIRS(parcel));
	ck_assert_int_eq(ask(), OK);
	stage_step(&stage, ANA, KIND_RECEIVE, &deal, NULL, 0);
	ck_assert_int_eq(ask(), ERROR_NOT_FOUND);
}
END_TEST

START_TEST(a_dispute_keeps_the_address_for_the_deal_that_goes_on) {
	static const struct note_pair resume[] = { PAIR("outcome", "resume"), PAIR("reason", "It is not.") };
	stage_step(&stage, ANA, KIND_DISPUTE, &deal, PAIRS(why));
	ck_assert_int_eq(ask(), OK);
	rule(PAIRS(resume));
	ck_assert_int_eq(ask(), OK);
	stage_step(&stage, ANA, KIND_CANCEL, &deal, NULL, 0);
	ck_assert_int_eq(ask(), ERROR_NOT_FOUND);
}
END_TEST

START_TEST(a_dispute_that_ends_the_deal_ends_the_address) {
	static const struct note_pair settle[] = { PAIR("outcome", "settle"), PAIR("creator-share", "0 %"),
		                                     PAIR("reason", "It is.") };
	stage_step(&stage, ANA, KIND_DISPUTE, &deal, PAIRS(why));
	rule(PAIRS(settle));
	ck_assert_int_eq(ask(), ERROR_NOT_FOUND);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("market_addresses");
	TCase *tcase = tcase_create("market_addresses");
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, an_address_is_kept_until_the_product_has_arrived);
	tcase_add_test(tcase, a_dispute_keeps_the_address_for_the_deal_that_goes_on);
	tcase_add_test(tcase, a_dispute_that_ends_the_deal_ends_the_address);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}

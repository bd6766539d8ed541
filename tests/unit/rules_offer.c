/* What follows from an offer: the agreement's very bytes, the money that it reserves, and when it can be accepted. */
#include <stdio.h>

#include "rules/offer.h"
#include "tests/unit/rules_samples.h"

static struct note offer, agreement;
static struct failure failure;
static struct buffer text;
static char changed[SAMPLE_MAX];
static const uint8_t offer_id[FIELD_HASH_SIZE] = { [31] = 0xff };

/* The sample with a road of its own; it is first-come without one. */
static void parse_offer(const char *road) {
	static char text_of_offer[SAMPLE_MAX];
	unsigned slots = OFFER_LINES - 3; /* slots, closes, time and nonce are the last lines */
	ck_assert_int_eq(strncmp(sample_line(OFFER, slots), "slots ", 6), 0);
	sample_parse(sample_splice(text_of_offer, OFFER, slots, 0, road), &offer);
}

static void setup(void) {
	buffer_init(&text, NOTE_TEXT_MAX);
	sample_parse(OFFER, &offer);
	sample_parse(AGREEMENT, &agreement);
}

static void teardown(void) {
	buffer_release(&text);
}

static enum error derive(const struct note *from) {
	struct party creator = note_get(&agreement, "creator")->party;
	return agreement_derive(from, offer_id, NULL, &creator, slice_of_text(TIME), slice_of_text(NONCE), &text,
	                        &failure);
}

START_TEST(an_agreement_repeats_every_term_of_its_offer) {
	ck_assert_int_eq(derive(&offer), OK);
	ck_assert_str_eq(buffer_text(&text), AGREEMENT);
	buffer_clear(&text);
	ck_assert_int_eq(derive(&offer), OK);
	ck_assert_msg(slice_is(buffer_slice(&text), AGREEMENT), "the same arguments give the same bytes");
}
END_TEST

/* The whole golden text, with nothing made from macros: these bytes are what people have signed. */
START_TEST(the_bytes_of_an_agreement_are_these) {
	static const char golden[] =
	    "agency.example/agreement/v1\n"
	    "offer sha256:00000000000000000000000000000000000000000000000000000000000000ff\n"
	    "brand acme-yoga ed25519:5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c\n"
	    "creator studio-flow ed25519:a11ea11ea11ea11ea11ea11ea11ea11ea11ea11ea11ea11ea11ea11ea11ea11e\n"
	    "compensation gifted\n"
	    "product Cork yoga mat, 5 mm\n"
	    "product-value 89.00 USD\n"
	    "deliverable 1 instagram-reel within 14d\n"
	    "disclosure #ad\n"
	    "time 2026-11-23T10:02:11Z\n"
	    "nonce 4be0c34be0c34be0c34be0c34be0c3ff\n";
	struct note gift;
	sample_parse(GIFT, &gift);
	ck_assert_int_eq(derive(&gift), OK);
	ck_assert_str_eq(buffer_text(&text), golden);
}
END_TEST

START_TEST(whatever_is_derived_is_a_note_and_follows) {
	static const char *const offers[] = { OFFER, GIFT, PAID };
	struct note from, derived;
	struct buffer scratch;
	buffer_init(&scratch, NOTE_TEXT_MAX);
	sample_parse(offers[_i], &from);
	ck_assert_int_eq(derive(&from), OK);
	sample_parse(buffer_text(&text), &derived);
	ck_assert_int_eq(agreement_follows(&derived, &from, offer_id, &scratch, &failure), OK);
	ck_assert_int_eq(agreement_follows(&derived, &from, offer_id, &scratch, NULL), OK);
	buffer_release(&scratch);
}
END_TEST

START_TEST(an_agreement_that_does_not_fit_is_refused) {
	struct buffer small;
	buffer_init(&small, sizeof AGREEMENT - 2);
	struct party creator = note_get(&agreement, "creator")->party;
	ck_assert_int_eq(agreement_derive(&offer, offer_id, NULL, &creator, slice_of_text(TIME), slice_of_text(NONCE),
	                                  &small,
	                                  &failure),
	                 ERROR_TOO_LONG);
	buffer_release(&small);
}
END_TEST

static enum error follows(const char *agreement_text) {
	failure = (struct failure){ .line = 999 };
	sample_parse(agreement_text, &agreement);
	return agreement_follows(&agreement, &offer, offer_id, &text, &failure);
}

/* Lines that replace `count` lines of the agreement from `first` on, all of them good notes. */
static const struct {
	unsigned first, count;
	const char *instead;
	unsigned line; /* 0: still follows */
	const char *expected;
} changes[] = {
	{ 2, 1, "offer sha256:" HEX_A "\n", 2, "offer sha256:" HEX_C },
	{ 3, 1, "brand acme-yoga ed25519:" HEX_B "\n", 3, "brand acme-yoga ed25519:" HEX_A },
	{ 3, 1, "brand acme-yogi ed25519:" HEX_A "\n", 3, "brand acme-yoga ed25519:" HEX_A },
	{ 4, 1, "creator someone-else ed25519:" HEX_C "\n", 0, "" },
	{ 5, 1, "", 5, "campaign Spring 2027" },
	{ 5, 1, "campaign Spring 2028\n", 5, "campaign Spring 2027" },
	{ 7, 1, "product Cork yoga mat, 4 mm\n", 7, "product Cork yoga mat, 5 mm" },
	{ 8, 1, "product-value 9.00 USD\n", 8, "product-value 89.00 USD" },
	{ 9, 1, "fee 2500.00 USD\n", 9, "fee 250.00 USD" },
	{ 9, 1, "fee 250.01 USD\n", 9, "fee 250.00 USD" },
	{ 10, 1, "", 10, "agency-fee 25.00 USD" },
	{ 11, 1, "", 11, "deliverable 1 instagram-reel within 14d" },
	{ 12, 1, "", 12, "deliverable 2 instagram-story within 72h" },
	{ 12, 1, "deliverable 2 instagram-story within 3d\n", 12, "deliverable 2 instagram-story within 72h" },
	{ 13, 0, "deliverable 1 review within 1d\n", 13, "brief Show the mat in use, in daylight." },
	{ 13, 2, "brief No other brands in the picture, s'il vous plaît.\nbrief Show the mat in use, in daylight.\n", 13,
	  "brief Show the mat in use, in daylight." },
	{ 14, 1, "brief No other brands in the picture, s'il vous plaît\n", 14,
	  "brief No other brands in the picture, s'il vous plaît." },
	{ 15, 1, "", 15, "disclosure #ad" },
	{ 17, 1, "", 17, "ship-within 5d" },
	{ 18, 1, "review-within 3d\n", 18, "review-within 72h" },
	{ 19, 1, "revisions 10\n", 19, "revisions 2" },
	{ 21, 1, "", 21, "live-for 30d" },
	{ 22, 1, "pay-within 9999d\n", 22, "pay-within 30d" },
	{ 23, 1, "time 2027-01-01T00:00:00Z\n", 0, "" },
	{ 24, 1, "nonce 00000000000000000000000000000000\n", 0, "" },
};

START_TEST(an_agreement_follows_only_if_no_term_differs) {
	sample_splice(changed, AGREEMENT, changes[_i].first, changes[_i].count, changes[_i].instead);
	ck_assert_int_eq(follows(changed), changes[_i].line == 0 ? OK : ERROR_TERMS_DIFFER);
	if (changes[_i].line != 0) {
		char expected[FAILURE_TEXT_MAX];
		snprintf(expected, sizeof expected, "the offer says \"%s\" here", changes[_i].expected);
		ck_assert_uint_eq(failure.line, changes[_i].line);
		ck_assert_str_eq(failure.text, expected);
		ck_assert_int_eq(agreement_follows(&agreement, &offer, offer_id, &text, NULL), ERROR_TERMS_DIFFER);
	}
}
END_TEST

START_TEST(an_agreement_does_not_follow_from_another_offer) {
	static const uint8_t other_id[FIELD_HASH_SIZE] = { [31] = 0xfe };
	ck_assert_int_eq(follows(AGREEMENT), OK);
	ck_assert_int_eq(agreement_follows(&agreement, &offer, other_id, &text, &failure), ERROR_TERMS_DIFFER);
	ck_assert_uint_eq(failure.line, 2);
	sample_parse(GIFT, &offer);
	ck_assert_int_eq(agreement_follows(&agreement, &offer, offer_id, &text, &failure), ERROR_TERMS_DIFFER);
	ck_assert_uint_eq(failure.line, 5);
	ck_assert_str_eq(failure.text, "the offer says \"compensation gifted\" here");
}
END_TEST

START_TEST(who_signs_the_text_itself_may_have_another_key_by_now) {
	sample_splice(changed, AGREEMENT, 3, 1, "brand acme-yoga ed25519:" HEX_B "\n");
	ck_assert_int_eq(follows(changed), ERROR_TERMS_DIFFER);
	parse_offer("road selection\n");
	ck_assert_int_eq(follows(changed), OK);
	sample_splice(changed, AGREEMENT, 3, 1, "brand acme-yogi ed25519:" HEX_A "\n");
	ck_assert_int_eq(follows(changed), ERROR_TERMS_DIFFER);
}
END_TEST

START_TEST(no_changed_byte_of_a_term_follows) {
	char copy[] = AGREEMENT;
	const size_t terms_end = (size_t)(strstr(copy, "\ntime ") - copy);
	const size_t creator = (size_t)(strstr(copy, "\ncreator ") - copy); /* any creator may agree */
	const size_t creator_end = (size_t)(strstr(copy, "\ncampaign ") - copy);
	size_t wrong = 0, read = 0;
	for (size_t at = 0; at < terms_end; at++) {
		for (unsigned change = 1; change < 256 && (at <= creator || at >= creator_end); change++) {
			copy[at] = (char)(copy[at] ^ (char)change);
			if (note_parse(slice_of(copy, sizeof copy - 1), ORIGIN, &agreement, NULL) == OK) {
				read++;
				wrong += agreement_follows(&agreement, &offer, offer_id, &text, NULL) == OK ? 1 : 0;
			}
			copy[at] = (char)(copy[at] ^ (char)change);
		}
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_gt(read, 1000);
}
END_TEST

static const struct {
	struct offer_state state;
	int64_t now;
	enum error error;
	const char *says;
} moments[] = {
	{ { 5, 0, TIME_SECONDS, false }, TIME_SECONDS - 1, OK, "" },
	{ { 5, 0, TIME_SECONDS, false }, TIME_SECONDS, OK, "" },
	{ { 5, 0, TIME_SECONDS, false }, TIME_SECONDS + 1, ERROR_OFFER_EXPIRED, "the offer closed at " TIME },
	{ { 5, 4, TIME_SECONDS, false }, TIME_SECONDS, OK, "" },
	{ { 5, 5, TIME_SECONDS, false }, TIME_SECONDS, ERROR_OFFER_FULL, "every slot of the offer is taken (5)" },
	{ { 5, 6, TIME_SECONDS, false }, TIME_SECONDS, ERROR_OFFER_FULL, "every slot" },
	{ { 1, 0, TIME_SECONDS, false }, 0, OK, "" },
	{ { 5, 0, TIME_SECONDS, true }, TIME_SECONDS, ERROR_OFFER_CLOSED, "the brand has closed the offer" },
	{ { 5, 5, TIME_SECONDS, true }, TIME_SECONDS + 1, ERROR_OFFER_CLOSED, "closed" },
	{ { 5, 5, TIME_SECONDS, false }, TIME_SECONDS + 1, ERROR_OFFER_EXPIRED, "closed at" },
};

START_TEST(an_offer_is_open_to_its_last_second_and_slot) {
	ck_assert_int_eq(offer_may_agree(&moments[_i].state, moments[_i].now, &failure), moments[_i].error);
	ck_assert_int_eq(offer_may_agree(&moments[_i].state, moments[_i].now, NULL), moments[_i].error);
	if (moments[_i].error != OK) {
		ck_assert_msg(strstr(failure.text, moments[_i].says) != NULL, "%s", failure.text);
	}
}
END_TEST

/* Lines that replace `count` lines from `first` on, and what the offer then promises. */
static const struct {
	const char *text;
	unsigned first, count;
	const char *instead;
	bool paid;
	int64_t share, reservation;
	const char *currency;
} promises[] = {
	{ GIFT, 1, 0, "", false, 0, 0, "" },
	{ PAID, 1, 0, "", true, 25000, 125000, "USD" },
	{ OFFER, 1, 0, "", true, 27500, 137500, "USD" },
	{ PAID, 8, 1, "slots 1\n", true, 25000, 25000, "USD" },
	{ PAID, 8, 1, "slots 100000\n", true, 25000, INT64_C(2500000000), "USD" },
	{ PAID, 4, 1, "fee 12000 JPY\nagency-fee 1 JPY\n", true, 12001, 60005, "JPY" },
	{ PAID, 4, 1, "fee 2000000000000.00 USD\n", true, MONEY_MINOR_MAX / 5, MONEY_MINOR_MAX, "USD" },
};

START_TEST(an_offer_reserves_fee_and_agency_fee_for_every_slot) {
	struct money share = { -1, "EUR" }, reservation = { -1, "EUR" };
	bool paid = !promises[_i].paid;
	sample_splice(changed, promises[_i].text, promises[_i].first, promises[_i].count, promises[_i].instead);
	sample_parse(changed, &offer);
	ck_assert_int_eq(offer_share(&offer, &share, &paid, &failure), OK);
	ck_assert(paid == promises[_i].paid && share.minor == promises[_i].share);
	paid = !promises[_i].paid;
	ck_assert_int_eq(offer_reservation(&offer, &reservation, &paid, &failure), OK);
	ck_assert(paid == promises[_i].paid && reservation.minor == promises[_i].reservation);
	ck_assert_str_eq(share.currency, promises[_i].currency);
	ck_assert_str_eq(reservation.currency, promises[_i].currency);
}
END_TEST

START_TEST(a_reservation_that_is_no_amount_is_refused_at_the_fee) {
	static const char *const fees[] = {
		"fee 2000000000000.01 USD\n",                                  /* times five */
		"fee 10000000000000.00 USD\nagency-fee 0.01 USD\n",            /* the sum */
		"fee 10000000000000.00 USD\nagency-fee 10000000000000.00 USD\n",
	};
	for (size_t i = 0; i < sizeof fees / sizeof fees[0]; i++) {
		sample_splice(changed, PAID, 4, 1, fees[i]);
		ck_assert_int_eq(note_parse(slice_of_text(changed), ORIGIN, &offer, &failure), ERROR_OVERFLOW);
		ck_assert_uint_eq(failure.line, 4);
	}
}
END_TEST

START_TEST(an_offer_opens_if_its_reservation_is_there_to_the_last_cent) {
	ck_assert_int_eq(offer_may_open(&offer, 137500, TIME_SECONDS, &failure), OK);
	ck_assert_int_eq(offer_may_open(&offer, MONEY_MINOR_MAX, TIME_SECONDS, &failure), OK);
	ck_assert_int_eq(offer_may_open(&offer, 137499, TIME_SECONDS, &failure), ERROR_UNFUNDED);
	ck_assert_uint_eq(failure.line, 7);
	ck_assert_str_eq(failure.text,
	                 "the offer reserves 1375.00 USD for all its slots, but only 1374.99 USD is available");
	ck_assert_int_eq(offer_may_open(&offer, 0, TIME_SECONDS, NULL), ERROR_UNFUNDED);
	sample_parse(GIFT, &offer);
	ck_assert_msg(offer_may_open(&offer, 0, TIME_SECONDS, &failure) == OK, "a gift reserves nothing");
}
END_TEST

START_TEST(an_offer_opens_before_it_closes) {
	int64_t closes = note_get(&offer, "closes")->number;
	ck_assert_int_eq(offer_may_open(&offer, MONEY_MINOR_MAX, closes - 1, &failure), OK);
	for (int64_t late = 0; late < 2; late++) {
		ck_assert_int_eq(offer_may_open(&offer, MONEY_MINOR_MAX, closes + late, &failure), ERROR_BAD_VALUE);
		ck_assert_uint_eq(failure.line, 22);
		ck_assert_str_eq(failure.text, "closes: is in the past");
	}
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("offer");
	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, an_agreement_repeats_every_term_of_its_offer);
	tcase_add_test(tests, the_bytes_of_an_agreement_are_these);
	tcase_add_loop_test(tests, whatever_is_derived_is_a_note_and_follows, 0, 3);
	tcase_add_test(tests, an_agreement_that_does_not_fit_is_refused);
	tcase_add_loop_test(tests, an_agreement_follows_only_if_no_term_differs, 0, ROWS(changes));
	tcase_add_test(tests, an_agreement_does_not_follow_from_another_offer);
	tcase_add_test(tests, who_signs_the_text_itself_may_have_another_key_by_now);
	tcase_add_test(tests, no_changed_byte_of_a_term_follows);
	tcase_add_loop_test(tests, an_offer_is_open_to_its_last_second_and_slot, 0, ROWS(moments));
	tcase_add_loop_test(tests, an_offer_reserves_fee_and_agency_fee_for_every_slot, 0, ROWS(promises));
	tcase_add_test(tests, a_reservation_that_is_no_amount_is_refused_at_the_fee);
	tcase_add_test(tests, an_offer_opens_if_its_reservation_is_there_to_the_last_cent);
	tcase_add_test(tests, an_offer_opens_before_it_closes);
	Suite *suite = suite_create("rules/offer");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

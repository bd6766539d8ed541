/* Unit tests of rules/replay: ratings of which only the id is known. */
#include "tests/unit/rules_replay_tale.h"

/* Takes the next note as a rating that may not be seen yet; it becomes what the next step follows. */
static enum error hide(uint8_t first_byte) {
	memset(tale.head, first_byte, sizeof tale.head);
	tale.failure = (struct failure){ .code = OK };
	return replay_hidden(tale.replay, tale.head, ++tale.sequence, ++tale.now, &tale.failure);
}

/* Notes 1 to 10: the deal is verified. */
static void verify_deal(void) {
	begin_paid_deal();
	told(step("submit", BY_FLOW SUBMISSION));
	told(step("approve", BY_ACME));
	told(step("post", BY_FLOW "link https://instagram.com/p/1\n"));
	told(step("verify", BY_OLGA SEEN));
}

static enum error pay(const char *amount) {
	char lines[300];
	(void)snprintf(lines, sizeof lines, BY_OLGA "amount %s USD\nreference p-%s\n", amount, amount);
	return step("pay", lines);
}

START_TEST(a_rating_that_may_not_be_seen_stands_in_the_chain) {
	verify_deal();
	told(hide(0x77));
	told(pay("250.00"));
	const struct replay_deal *deal = replay_deal(tale.replay, 0);
	ck_assert_int_eq(deal->hidden, 11);
	ck_assert_int_eq(deal->last, 12);
	ck_assert_uint_eq(deal->notes, 7);
	ck_assert_int_eq(deal->deal.state, DEAL_PAID);
	ck_assert_int_eq(deal->deal.paid, 25000);
}
END_TEST

START_TEST(the_second_rating_shows_whose_the_first_was) {
	verify_deal();
	told(pay("250.00"));
	told(hide(0x77));
	told(step("rate", EITHER_FLOW "stars 5\n"));
	ck_assert_int_eq(latest()->rated, BY_BRAND | BY_CREATOR);
	ck_assert_int_eq(latest()->state, DEAL_CLOSED);
}
END_TEST

START_TEST(another_note_than_the_one_named_is_missing) {
	verify_deal();
	told(hide(0x77));
	tale.head[0] ^= 1;
	refused(pay("250.00"), ERROR_SUPERSEDED, "between note 10 and note 12 at least one note of this deal is missing");
	ck_assert_int_eq(replay_deal(tale.replay, 0)->hidden, 0);
}
END_TEST

START_TEST(only_a_first_rating_in_its_time_can_be_hidden) {
	begin_paid_deal();
	told(hide(0x77)); /* where the submission stood */
	refused(step("approve", BY_ACME), ERROR_SUPERSEDED, "says that it follows note 7, but the deal's latest note is 6");
}
END_TEST

START_TEST(a_second_rating_is_never_hidden) {
	verify_deal();
	told(_i == 0 ? hide(0x76) : step("rate", EITHER_ACME "stars 5\n"));
	told(pay("100.00"));
	told(hide(0x77));
	refused(pay("150.00"), ERROR_SUPERSEDED, "the deal's latest note is 12");
}
END_TEST

START_TEST(a_hidden_rating_comes_before_the_deadline) {
	verify_deal();
	int64_t due = latest()->due;
	tale.now = due;
	told(hide(0x77));
	refused(lapse("pay", due), ERROR_SUPERSEDED, "the deal's latest note is 10");
}
END_TEST

START_TEST(a_hidden_rating_that_nothing_follows_harms_nothing) {
	verify_deal();
	told(hide(0x77));
	ck_assert_int_eq(replay_deal(tale.replay, 0)->hidden, 0);
	ck_assert_int_eq(replay_deal(tale.replay, 0)->broken, 0);
	ck_assert_int_eq(latest()->state, DEAL_VERIFIED);
}
END_TEST

START_TEST(numbers_times_and_ids_of_hidden_ratings_are_checked) {
	verify_deal();
	told(hide(0x77));
	refused(hide(0x77), ERROR_EXISTS, "the same note");
	tale.sequence -= 2;
	refused(hide(0x78), ERROR_MALFORMED, "note 11 comes after note 12");
	tale.sequence = 20;
	tale.now = REPLAY_RECEIVED_MAX;
	refused(hide(0x79), ERROR_BAD_VALUE, "no agency has received");
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("hidden");
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_rating_that_may_not_be_seen_stands_in_the_chain);
	tcase_add_test(tests, the_second_rating_shows_whose_the_first_was);
	tcase_add_test(tests, another_note_than_the_one_named_is_missing);
	tcase_add_test(tests, only_a_first_rating_in_its_time_can_be_hidden);
	tcase_add_loop_test(tests, a_second_rating_is_never_hidden, 0, 2);
	tcase_add_test(tests, a_hidden_rating_comes_before_the_deadline);
	tcase_add_test(tests, a_hidden_rating_that_nothing_follows_harms_nothing);
	tcase_add_test(tests, numbers_times_and_ids_of_hidden_ratings_are_checked);
	Suite *suite = suite_create("rules/replay: hidden ratings");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

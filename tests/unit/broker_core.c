/* Conversations with the broker's pure core: routing, tokens, workers that go away (tests/lib/broker_world.h). */
#include "tests/lib/broker_world.h"
#include "tests/lib/unit.h"

static void begin(void) {
	world_begin(NULL);
}

/* ---- routing ---- */

START_TEST(request_reaches_the_worker_and_its_replies_the_client) {
	comes("w", "MDPW02|01|echo");
	says("c", "MDPC02|01|echo|id-7|hello");
	hears("w|MDPW02|02|#1/c||id-7|hello");
	says("w", "MDPW02|03|#1/c||id-7|half");
	hears("c|MDPC02|02|echo|id-7|half");
	says("w", "MDPW02|04|#1/c||id-7|whole");
	hears("c|MDPC02|03|echo|id-7|whole");
	nobody_hears_more();
	core_keeps_nothing();
	ck_assert_uint_eq(count_of(CORE_PARTIALS), 1);
	ck_assert_uint_eq(count_of(CORE_FINALS), 1);
}
END_TEST

START_TEST(request_without_an_id_frame_is_routed_too) {
	comes("w", "MDPW02|01|echo");
	says("c", "MDPC02|01|echo|hello");
	hears("w|MDPW02|02|#1/c||hello");
	says("w", "MDPW02|04|#1/c||bye");
	hears("c|MDPC02|03|echo|bye");
	nobody_hears_more();
}
END_TEST

START_TEST(plain_worker_gets_one_request_at_a_time) {
	comes("w", "MDPW02|01|echo");
	says("c", "MDPC02|01|echo|1|a");
	says("c", "MDPC02|01|echo|2|b");
	hears("w|MDPW02|02|#1/c||1|a");
	nobody_hears_more();
	says("w", "MDPW02|04|#1/c||1|a");
	hears("c|MDPC02|03|echo|1|a");
	hears("w|MDPW02|02|#2/c||2|b");
	nobody_hears_more();
}
END_TEST

START_TEST(window_is_filled_and_not_passed) {
	comes("w", "MDPW02|01|echo|3");
	for (int i = 0; i < 5; i++) {
		says("c", "MDPC02|01|echo|a");
	}
	hears("w|MDPW02|02|#1/c||a");
	hears("w|MDPW02|02|#2/c||a");
	hears("w|MDPW02|02|#3/c||a");
	nobody_hears_more();
	ck_assert_uint_eq(state_now().waiting, 2);
	says("w", "MDPW02|03|#2/c||part");
	hears("c|MDPC02|02|echo|part");
	nobody_hears_more();
	says("w", "MDPW02|04|#2/c||done");
	hears("c|MDPC02|03|echo|done");
	hears("w|MDPW02|02|#4/c||a");
	nobody_hears_more();
}
END_TEST

START_TEST(two_workers_take_turns) {
	comes("v", "MDPW02|01|echo|10");
	comes("w", "MDPW02|01|echo|10");
	for (int i = 0; i < 4; i++) {
		says("c", "MDPC02|01|echo|a");
	}
	hears("v|MDPW02|02|#1/c||a");
	hears("w|MDPW02|02|#2/c||a");
	hears("v|MDPW02|02|#3/c||a");
	hears("w|MDPW02|02|#4/c||a");
	nobody_hears_more();
}
END_TEST

START_TEST(services_are_kept_apart) {
	comes("w", "MDPW02|01|echo|4");
	comes("x", "MDPW02|01|other|4");
	says("c", "MDPC02|01|other|a");
	hears("x|MDPW02|02|#1/c||a");
	says("c", "MDPC02|01|echo|b");
	hears("w|MDPW02|02|#2/c||b");
	nobody_hears_more();
}
END_TEST

START_TEST(waiting_requests_go_to_the_first_worker_in_order) {
	says("c", "MDPC02|01|echo|1");
	says("d", "MDPC02|01|echo|2");
	nobody_hears_more();
	comes("w", "MDPW02|01|echo|2");
	hears("w|MDPW02|02|#1/c||1");
	hears("w|MDPW02|02|#2/d||2");
	nobody_hears_more();
}
END_TEST

/* ---- tokens ---- */

START_TEST(stolen_token_does_not_answer_and_costs_the_thief_its_place) {
	comes("v", "MDPW02|01|echo");
	comes("w", "MDPW02|01|echo");
	says("c", "MDPC02|01|echo|a");
	hears("v|MDPW02|02|#1/c||a");
	says("w", "MDPW02|04|#1/c||forged");
	hears("w|MDPW02|06");
	nobody_hears_more();
	ck_assert_uint_eq(count_of(CORE_FALSE_REPLIES), 1);
	ck_assert_uint_eq(state_now().workers, 1);
	says("v", "MDPW02|04|#1/c||true");
	hears("c|MDPC02|03|echo|true");
	nobody_hears_more();
}
END_TEST

START_TEST(second_final_is_ignored) {
	comes("w", "MDPW02|01|echo");
	says("c", "MDPC02|01|echo|a");
	hears("w|MDPW02|02|#1/c||a");
	says("w", "MDPW02|04|#1/c||one");
	hears("c|MDPC02|03|echo|one");
	says("w", "MDPW02|04|#1/c||two");
	says("w", "MDPW02|03|#1/c||three");
	says("w", "MDPW02|04|#9/c||never given out");
	says("w", "MDPW02|04|short||too short for a token");
	nobody_hears_more();
	ck_assert_uint_eq(count_of(CORE_LATE_REPLIES), 4);
	ck_assert_uint_eq(state_now().workers, 1);
}
END_TEST

START_TEST(peer_under_a_workers_routing_id_but_with_another_key_is_not_that_worker) {
	comes("w", "MDPW02|01|echo");
	says("c", "MDPC02|01|echo|a");
	hears("w|MDPW02|02|#1/c||a");
	says_with_key("w", 'e', "MDPW02|04|#1/c||forged");
	hears("w|MDPW02|06");
	nobody_hears_more();
	comes("v", "MDPW02|01|echo");
	world_passes(WORLD_BACKOFF);
	hears("v|MDPW02|02|#2/c||a");
	nobody_hears_more();
}
END_TEST

/* ---- death of workers ---- */

START_TEST(silent_workers_requests_go_to_another_one_before_those_that_wait) {
	comes("v", "MDPW02|01|echo|2");
	says("c", "MDPC02|01|echo|1");
	says("c", "MDPC02|01|echo|2");
	says("c", "MDPC02|01|echo|3");
	says("c", "MDPC02|01|echo|4");
	hears("v|MDPW02|02|#1/c||1");
	hears("v|MDPW02|02|#2/c||2");
	nobody_hears_more();
	world_passes(2000);
	let_pass_unheard();
	comes("w", "MDPW02|01|echo");
	hears("w|MDPW02|02|#3/c||3");
	for (int i = 0; i < 3; i++) {
		world_passes(1000);
		says("w", "MDPW02|05");
	}
	ck_assert_uint_eq(state_now().workers, 1);
	let_pass_unheard();
	says("w", "MDPW02|04|#3/c||3");
	hears("c|MDPC02|03|echo|3");
	hears("w|MDPW02|02|#4/c||1");
	says("w", "MDPW02|04|#4/c||1");
	hears("c|MDPC02|03|echo|1");
	hears("w|MDPW02|02|#5/c||2");
	nobody_hears_more();
	says("v", "MDPW02|04|#1/c||late");
	hears("v|MDPW02|06");
	nobody_hears_more();
	ck_assert_uint_eq(count_of(CORE_RETURNED), 2);
	ck_assert_uint_eq(times_told("worker-gone"), 1);
}
END_TEST

START_TEST(disconnect_gives_requests_to_another_worker_at_once) {
	comes("v", "MDPW02|01|echo");
	says("c", "MDPC02|01|echo|1");
	hears("v|MDPW02|02|#1/c||1");
	comes("w", "MDPW02|01|echo");
	says("v", "MDPW02|06");
	hears("w|MDPW02|02|#2/c||1");
	nobody_hears_more();
}
END_TEST

START_TEST(request_that_outlives_too_many_workers_is_refused) {
	struct core_limits limits = world_limits();
	limits.deliveries_max = 2;
	world_begins_anew(&limits);
	says("c", "MDPC02|01|echo|id|poison");
	comes("w", "MDPW02|01|echo");
	hears("w|MDPW02|02|#1/c||id|poison");
	hangs_up("w");
	comes("w", "MDPW02|01|echo");
	nobody_hears_more();
	world_passes(WORLD_BACKOFF);
	hears("w|MDPW02|02|#2/c||id|poison");
	hangs_up("w");
	hears("c|MDPC02|03|echo|id|{given-up}");
	nobody_hears_more();
	ck_assert_uint_eq(count_of(CORE_GIVEN_UP), 1);
	core_keeps_nothing();
}
END_TEST

START_TEST(unreachable_worker_is_removed_and_its_requests_move) {
	comes("v", "MDPW02|01|echo|2");
	comes("w", "MDPW02|01|echo|2");
	says("c", "MDPC02|01|echo|1");
	hears("v|MDPW02|02|#1/c||1");
	says("c", "MDPC02|01|echo|2");
	hears("w|MDPW02|02|#2/c||2");
	is_lost("v");
	says("c", "MDPC02|01|echo|3");
	hears("w|MDPW02|02|#4/c||3");
	nobody_hears_more();
	ck_assert_uint_eq(state_now().workers, 1);
	ck_assert_uint_eq(state_now().delayed, 1);
	world_passes(WORLD_BACKOFF);
	ck_assert_uint_eq(state_now().waiting, 1);
	says("w", "MDPW02|04|#2/c||2");
	hears("c|MDPC02|03|echo|2");
	hears("w|MDPW02|02|#5/c||1");
	nobody_hears_more();
}
END_TEST

START_TEST(worker_that_does_not_take_messages_gets_none_until_the_next_tick) {
	comes("v", "MDPW02|01|echo|9");
	is_full("v");
	says("c", "MDPC02|01|echo|1");
	nobody_hears_more();
	ck_assert_uint_eq(state_now().waiting, 1);
	is_full("");
	says("c", "MDPC02|01|echo|2");
	nobody_hears_more();
	world_passes(WORLD_TICK);
	hears("v|MDPW02|02|#2/c||1");
	hears("v|MDPW02|02|#3/c||2");
	nobody_hears_more();
}
END_TEST

static TCase *conversations(void) {
	TCase *tests = tcase_create("conversations");
	tcase_add_checked_fixture(tests, begin, world_end);
	tcase_add_test(tests, request_reaches_the_worker_and_its_replies_the_client);
	tcase_add_test(tests, request_without_an_id_frame_is_routed_too);
	tcase_add_test(tests, plain_worker_gets_one_request_at_a_time);
	tcase_add_test(tests, window_is_filled_and_not_passed);
	tcase_add_test(tests, two_workers_take_turns);
	tcase_add_test(tests, services_are_kept_apart);
	tcase_add_test(tests, waiting_requests_go_to_the_first_worker_in_order);
	tcase_add_test(tests, stolen_token_does_not_answer_and_costs_the_thief_its_place);
	tcase_add_test(tests, second_final_is_ignored);
	tcase_add_test(tests, peer_under_a_workers_routing_id_but_with_another_key_is_not_that_worker);
	tcase_add_test(tests, silent_workers_requests_go_to_another_one_before_those_that_wait);
	tcase_add_test(tests, disconnect_gives_requests_to_another_worker_at_once);
	tcase_add_test(tests, request_that_outlives_too_many_workers_is_refused);
	tcase_add_test(tests, unreachable_worker_is_removed_and_its_requests_move);
	tcase_add_test(tests, worker_that_does_not_take_messages_gets_none_until_the_next_tick);
	return tests;
}

int main(void) {
	Suite *suite = suite_create("broker_core");
	suite_add_tcase(suite, conversations());
	return unit_run(suite);
}

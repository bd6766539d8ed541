/* Leases and deliveries in the broker's pure core: who holds a request for how long, and when it is given out again. */
#include "tests/lib/broker_world.h"
#include "tests/lib/unit.h"

static void begin(void) {
	world_begin(NULL);
}

/* Time passes while these workers say that they live. */
static void passes_with(const char *worker, const char *heartbeat, int64_t milliseconds) {
	for (int64_t passed = 0; passed < milliseconds; passed += WORLD_HEARTBEAT / 2) {
		world_passes(WORLD_HEARTBEAT / 2);
		says(worker, heartbeat);
	}
	let_pass_unheard();
}

/* ---- leases ---- */

START_TEST(lease_ends_for_a_worker_that_lives_but_does_not_name_the_request) {
	comes("v", "MDPW02|01|echo|2");
	says("c", "MDPC02|01|echo|1|a");
	hears("v|MDPW02|02|#1/c||1|a");
	passes_with("v", "MDPW02|05|*", WORLD_LEASE);
	world_passes(WORLD_TICK);
	ck_assert_uint_eq(count_of(CORE_LEASES_OVER), 1);
	ck_assert_uint_eq(state_now().workers, 1);
	ck_assert_uint_eq(state_now().held, 0);
	ck_assert_uint_eq(state_now().delayed, 1);
	let_pass_unheard();
	says("v", "MDPW02|04|#1/c||1|late");
	nobody_hears_more();
	ck_assert_uint_eq(count_of(CORE_LATE_REPLIES), 1);
	world_passes(WORLD_BACKOFF);
	hears("v|MDPW02|02|#2/c||1|a");
}
END_TEST

START_TEST(lease_lasts_as_long_as_heartbeats_name_the_request) {
	comes("v", "MDPW02|01|echo|2");
	says("c", "MDPC02|01|echo|1|a");
	says("c", "MDPC02|01|echo|2|b");
	hears("v|MDPW02|02|#1/c||1|a");
	hears("v|MDPW02|02|#2/c||2|b");
	passes_with("v", "MDPW02|05|*2", 3 * WORLD_LEASE);
	ck_assert_uint_eq(state_now().held, 1 + 1);
	ck_assert_uint_gt(count_of(CORE_LEASES_OVER), 0);
	let_pass_unheard();
	says("v", "MDPW02|04|#2/c||2|done");
	hears("c|MDPC02|03|echo|2|done");
}
END_TEST

START_TEST(partial_reply_touches_the_lease_too) {
	comes("v", "MDPW02|01|echo|2");
	says("c", "MDPC02|01|echo|1|a");
	passes_with("v", "MDPW02|03|#1/c||1|still", 3 * WORLD_LEASE);
	ck_assert_uint_eq(count_of(CORE_LEASES_OVER), 0);
	ck_assert_uint_eq(state_now().held, 1);
}
END_TEST

START_TEST(heartbeat_of_another_worker_touches_nothing) {
	comes("v", "MDPW02|01|echo|1");
	says("c", "MDPC02|01|echo|1|a");
	hears("v|MDPW02|02|#1/c||1|a");
	comes("w", "MDPW02|01|echo|1");
	for (int64_t passed = 0; passed < WORLD_LEASE; passed += WORLD_HEARTBEAT) {
		says("w", "MDPW02|05|*1");
		says("v", "MDPW02|05|*");
		world_passes(WORLD_HEARTBEAT);
	}
	ck_assert_uint_eq(count_of(CORE_LEASES_OVER), 1);
	let_pass_unheard();
	world_passes(WORLD_BACKOFF);
	hears("w|MDPW02|02|#2/c||1|a");
}
END_TEST

START_TEST(plain_worker_may_be_silent_while_it_works_until_its_lease_is_over) {
	comes("v", "MDPW02|01|echo");
	says("c", "MDPC02|01|echo|1|a");
	hears("v|MDPW02|02|#1/c||1|a");
	says("c", "MDPC02|01|echo|2|b");
	world_passes(WORLD_LEASE - WORLD_TICK);
	ck_assert_uint_eq(state_now().workers, 1);
	ck_assert_uint_eq(state_now().held, 1);
	let_pass_unheard();
	says("v", "MDPW02|04|#1/c||1|done");
	hears("c|MDPC02|03|echo|1|done");
	hears("v|MDPW02|02|#2/c||2|b");
	nobody_hears_more();
	world_passes(WORLD_LEASE);
	ck_assert_uint_eq(state_now().workers, 0);
	ck_assert_uint_eq(count_of(CORE_LEASES_OVER), 1);
}
END_TEST

START_TEST(silent_plain_worker_hears_heartbeats_and_gets_nothing_new) {
	comes("v", "MDPW02|01|echo");
	says("c", "MDPC02|01|echo|1|a");
	hears("v|MDPW02|02|#1/c||1|a");
	world_passes(CORE_LIVENESS * WORLD_HEARTBEAT + WORLD_HEARTBEAT);
	for (int i = 0; i < CORE_LIVENESS + 1; i++) {
		hears("v|MDPW02|05");
	}
	nobody_hears_more();
}
END_TEST

START_TEST(time_in_which_the_broker_stood_still_does_not_end_leases) {
	comes("v", "MDPW02|01|echo|1");
	says("c", "MDPC02|01|echo|1|a");
	world_stands_still(10 * WORLD_LEASE);
	ck_assert_uint_eq(state_now().held, 1);
}
END_TEST

/* ---- giving out again ---- */

START_TEST(pause_before_the_next_delivery_doubles_up_to_its_longest) {
	static const int64_t pauses[] = { WORLD_BACKOFF, 2 * WORLD_BACKOFF, 4 * WORLD_BACKOFF, WORLD_BACKOFF_MAX };
	says("c", "MDPC02|01|echo|1|a");
	for (size_t i = 0; i < sizeof pauses / sizeof pauses[0]; i++) {
		comes("v", "MDPW02|01|echo");
		if (i > 0) {
			world_passes(pauses[i - 1] - WORLD_TICK);
			nobody_hears_more();
			world_passes(WORLD_TICK);
		}
		char expected[] = "v|MDPW02|02|#1/c||1|a";
		expected[sizeof "v|MDPW02|02|#" - 1] = (char)('1' + i);
		hears(expected);
		nobody_hears_more();
		hangs_up("v");
	}
	ck_assert_uint_eq(count_of(CORE_RETURNED), 4);
}
END_TEST

START_TEST(worker_that_failed_is_not_asked_again_if_there_is_another_one) {
	comes("v", "MDPW02|01|echo|1");
	says("c", "MDPC02|01|echo|1|a");
	hears("v|MDPW02|02|#1/c||1|a");
	passes_with("v", "MDPW02|05|*", WORLD_LEASE);
	comes("w", "MDPW02|01|echo|1");
	world_passes(WORLD_BACKOFF + WORLD_TICK);
	ck_assert_str_eq(last_heard(), "w|MDPW02|02|#2/c||1|a");
}
END_TEST

START_TEST(what_a_polite_worker_gives_back_counts_as_no_delivery) {
	struct core_limits limits = world_limits();
	limits.deliveries_max = 1;
	world_begins_anew(&limits);
	says("c", "MDPC02|01|echo|1|a");
	for (int i = 0; i < 3; i++) {
		comes("v", "MDPW02|01|echo");
		ck_assert_uint_eq(state_now().held, 1);
		let_pass_unheard();
		says("v", "MDPW02|06");
		nobody_hears_more();
	}
	ck_assert_uint_eq(state_now().waiting, 1);
}
END_TEST

START_TEST(disconnect_by_another_key_is_no_polite_one) {
	struct core_limits limits = world_limits();
	limits.deliveries_max = 1;
	world_begins_anew(&limits);
	comes("v", "MDPW02|01|echo");
	says("c", "MDPC02|01|echo|1|a");
	hears("v|MDPW02|02|#1/c||1|a");
	says_with_key("v", 'e', "MDPW02|06");
	hears("c|MDPC02|03|echo|1|{given-up}");
	ck_assert_uint_eq(last_retry(), 0);
}
END_TEST

START_TEST(worker_of_a_key_that_is_forbidden_gives_its_work_back) {
	comes("v", "MDPW02|01|echo");
	says("c", "MDPC02|01|echo|1|a");
	hears("v|MDPW02|02|#1/c||1|a");
	comes("w", "MDPW02|01|echo");
	is_forbidden('v');
	hears("v|MDPW02|06");
	hears("w|MDPW02|02|#2/c||1|a");
	nobody_hears_more();
	says("v", "MDPW02|01|echo");
	hears("v|MDPW02|06");
}
END_TEST

START_TEST(connection_that_ends_takes_its_worker_along_but_no_other) {
	comes("v", "MDPW02|01|echo");
	comes("w", "MDPW02|01|echo");
	hangs_up("v");
	hangs_up("c");
	ck_assert_uint_eq(state_now().workers, 1);
	says("c", "MDPC02|01|echo|1|a");
	hears("w|MDPW02|02|#1/c||1|a");
}
END_TEST

/* ---- Majordomo 0.1 ---- */

START_TEST(old_client_is_served_by_a_new_worker_without_partial_answers) {
	comes("w", "MDPW02|01|echo|2");
	says("c", "|MDPC01|echo|1|a");
	hears("w|MDPW02|02|#1/c||1|a");
	says("w", "MDPW02|03|#1/c||1|half");
	nobody_hears_more();
	says("w", "MDPW02|04|#1/c||1|whole");
	hears("c||MDPC01|echo|1|whole");
	nobody_hears_more();
}
END_TEST

START_TEST(new_client_is_served_by_an_old_worker) {
	comes("w", "|MDPW01|01|echo");
	says("c", "MDPC02|01|echo|1|2|3|4|5|6");
	hears("w||MDPW01|02|#1/c||1|2|3|4|5|6");
	says("w", "|MDPW01|03|#1/c||1|done");
	hears("c|MDPC02|03|echo|1|done");
	world_passes(WORLD_HEARTBEAT);
	hears("w||MDPW01|04");
	says("w", "|MDPW01|05");
	nobody_hears_more();
	ck_assert_uint_eq(state_now().workers, 0);
}
END_TEST

START_TEST(old_client_is_refused_in_its_own_words) {
	says("c", "|MDPC01|echo|1|a");
	world_passes(WORLD_QUEUE);
	hears("c||MDPC01|echo|1|{no-worker}");
	says("c", "|MDPC01|mmi.service|echo");
	hears("c||MDPC01|mmi.service|404");
}
END_TEST

int main(void) {
	Suite *suite = suite_create("broker_lease");
	TCase *tests = tcase_create("deliveries");
	tcase_add_checked_fixture(tests, begin, world_end);
	tcase_add_test(tests, lease_ends_for_a_worker_that_lives_but_does_not_name_the_request);
	tcase_add_test(tests, lease_lasts_as_long_as_heartbeats_name_the_request);
	tcase_add_test(tests, partial_reply_touches_the_lease_too);
	tcase_add_test(tests, heartbeat_of_another_worker_touches_nothing);
	tcase_add_test(tests, plain_worker_may_be_silent_while_it_works_until_its_lease_is_over);
	tcase_add_test(tests, silent_plain_worker_hears_heartbeats_and_gets_nothing_new);
	tcase_add_test(tests, time_in_which_the_broker_stood_still_does_not_end_leases);
	tcase_add_test(tests, pause_before_the_next_delivery_doubles_up_to_its_longest);
	tcase_add_test(tests, worker_that_failed_is_not_asked_again_if_there_is_another_one);
	tcase_add_test(tests, what_a_polite_worker_gives_back_counts_as_no_delivery);
	tcase_add_test(tests, disconnect_by_another_key_is_no_polite_one);
	tcase_add_test(tests, worker_of_a_key_that_is_forbidden_gives_its_work_back);
	tcase_add_test(tests, connection_that_ends_takes_its_worker_along_but_no_other);
	tcase_add_test(tests, old_client_is_served_by_a_new_worker_without_partial_answers);
	tcase_add_test(tests, new_client_is_served_by_an_old_worker);
	tcase_add_test(tests, old_client_is_refused_in_its_own_words);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

/* What the broker's pure core refuses, answers by itself, dismisses and ignores; and its heartbeats. */
#include <stdio.h>
#include <string.h>

#include "tests/lib/broker_world.h"
#include "tests/lib/unit.h"

static void begin(void) {
	world_begin(NULL);
}

/* ---- refusals ---- */

START_TEST(request_without_a_worker_waits_and_is_refused_in_time) {
	says("c", "MDPC02|01|echo|id|a");
	world_passes(WORLD_QUEUE - WORLD_TICK);
	nobody_hears_more();
	world_passes(WORLD_TICK);
	hears("c|MDPC02|03|echo|id|{no-worker}");
	nobody_hears_more();
	core_keeps_nothing();
	ck_assert_uint_eq(state_now().services, 0);
}
END_TEST

START_TEST(time_without_a_worker_counts_from_when_the_last_one_left) {
	comes("w", "MDPW02|01|echo");
	says("c", "MDPC02|01|echo|1");
	hears("w|MDPW02|02|#1/c||1");
	says("c", "MDPC02|01|echo|2");
	for (int i = 0; i < 5; i++) {
		world_passes(1000);
		says("w", "MDPW02|05");
	}
	let_pass_unheard();
	says("w", "MDPW02|06");
	world_passes(WORLD_QUEUE - WORLD_TICK);
	nobody_hears_more();
	world_passes(WORLD_TICK);
	hears("c|MDPC02|03|echo|{no-worker}");
	hears("c|MDPC02|03|echo|{no-worker}");
	nobody_hears_more();
}
END_TEST

START_TEST(too_many_waiting_requests_are_refused_at_once) {
	struct core_limits limits = world_limits();
	limits.waiting_max = 2;
	world_begins_anew(&limits);
	says("c", "MDPC02|01|echo|1|a");
	says("c", "MDPC02|01|echo|2|a");
	nobody_hears_more();
	says("c", "MDPC02|01|echo|3|a");
	hears("c|MDPC02|03|echo|3|{busy}");
	nobody_hears_more();
	says("c", "MDPC02|01|other|4|a");
	nobody_hears_more();
	ck_assert_uint_eq(state_now().waiting, 3);
	ck_assert_uint_eq(count_of(CORE_REFUSED_WAITING), 1);
}
END_TEST

START_TEST(too_much_memory_for_requests_is_refused_at_once) {
	struct core_limits limits = world_limits();
	limits.bytes_max = 4000;
	world_begins_anew(&limits);
	comes("w", "MDPW02|01|echo|9");
	unsigned taken = 0;
	while (taken < 9 && count_of(CORE_REFUSED_BYTES) == 0) {
		says("c", "MDPC02|01|echo|id|a");
		taken++;
	}
	ck_assert_uint_eq(count_of(CORE_REFUSED_BYTES), 1);
	ck_assert_str_eq(last_heard(), "c|MDPC02|03|echo|id|{busy}");
	ck_assert_uint_le(state_now().bytes, 4000);
	says("w", "MDPW02|04|#1/c||id|done");
	says("c", "MDPC02|01|echo|id|a");
	ck_assert_uint_eq(count_of(CORE_REFUSED_BYTES), 1);
}
END_TEST

START_TEST(too_many_services_without_workers_are_refused) {
	char frames[WORLD_TEXT_MAX];
	for (int i = 0; i < CORE_SERVICES_MAX; i++) {
		(void)snprintf(frames, sizeof frames, "MDPC02|01|service-%d|a", i);
		says("c", frames);
	}
	nobody_hears_more();
	says("c", "MDPC02|01|one-more|id|a");
	hears("c|MDPC02|03|one-more|id|{busy}");
	comes("w", "MDPW02|01|echo");
	nobody_hears_more();
}
END_TEST

START_TEST(stop_dismisses_workers_and_refuses_what_is_left) {
	comes("w", "MDPW02|01|echo");
	says("c", "MDPC02|01|echo|1|a");
	hears("w|MDPW02|02|#1/c||1|a");
	says("c", "MDPC02|01|echo|2|a");
	world_stops();
	hears("w|MDPW02|06");
	hears("c|MDPC02|03|echo|1|{busy}");
	hears("c|MDPC02|03|echo|2|{busy}");
	nobody_hears_more();
	core_keeps_nothing();
}
END_TEST

/* ---- mmi ---- */

static const struct {
	const char *asked, *answered;
} directory_questions[] = {
	{ "MDPC02|01|mmi.service|echo", "c|MDPC02|03|mmi.service|200" },
	{ "MDPC02|01|mmi.service|id-1|echo", "c|MDPC02|03|mmi.service|id-1|200" },
	{ "MDPC02|01|mmi.service|nosuch", "c|MDPC02|03|mmi.service|404" },
	{ "MDPC02|01|mmi.service|", "c|MDPC02|03|mmi.service|404" },
	{ "MDPC02|01|mmi.service|waited-for", "c|MDPC02|03|mmi.service|404" },
	{ "MDPC02|01|mmi.discovery|id-1|echo", "c|MDPC02|03|mmi.discovery|id-1|501" },
	{ "MDPC02|01|mmi.|echo", "c|MDPC02|03|mmi.|501" },
};

START_TEST(directory_answers) {
	comes("w", "MDPW02|01|echo");
	says("c", "MDPC02|01|waited-for|a");
	says("c", directory_questions[_i].asked);
	hears(directory_questions[_i].answered);
	nobody_hears_more();
}
END_TEST

/* ---- who may work ---- */

static const struct {
	const char *peer, *frames, *reason;
} refused_workers[] = {
	{ "u", "MDPW02|01|echo", "a key that is not listed" },
	{ "x", "MDPW02|01|echo", "a key that is listed for another service" },
	{ "w", "MDPW02|01|mmi.service", "a name of the broker's own" },
	{ "w", "MDPW02|05", "a heartbeat before READY" },
	{ "w", "MDPW02|04|#1/c||a", "a reply before READY" },
	{ "w", "MDPW02|02|#1/c||a", "a command that only brokers send" },
};

START_TEST(worker_is_dismissed) {
	says("c", "MDPC02|01|echo|a");
	says(refused_workers[_i].peer, refused_workers[_i].frames);
	char expected[WORLD_TEXT_MAX];
	(void)snprintf(expected, sizeof expected, "%s|MDPW02|06", refused_workers[_i].peer);
	hears(expected);
	nobody_hears_more();
	ck_assert_msg(state_now().workers == 0, "%s", refused_workers[_i].reason);
	ck_assert_uint_eq(count_of(CORE_WORKERS_REFUSED), 1);
}
END_TEST

START_TEST(second_ready_ends_the_worker_and_frees_its_requests) {
	comes("v", "MDPW02|01|echo");
	says("c", "MDPC02|01|echo|a");
	hears("v|MDPW02|02|#1/c||a");
	comes("w", "MDPW02|01|echo");
	says("v", "MDPW02|01|echo");
	hears("v|MDPW02|06");
	nobody_hears_more();
	ck_assert_uint_eq(state_now().workers, 1);
	world_passes(WORLD_BACKOFF);
	hears("w|MDPW02|02|#2/c||a");
	nobody_hears_more();
}
END_TEST

START_TEST(disconnect_of_a_stranger_is_not_answered) {
	says("w", "MDPW02|06");
	nobody_hears_more();
}
END_TEST

/* ---- heartbeats ---- */

START_TEST(idle_worker_hears_a_heartbeat_each_interval_and_lives_by_its_own) {
	comes("w", "MDPW02|01|echo");
	for (int i = 0; i < 10; i++) {
		world_passes(WORLD_HEARTBEAT - WORLD_TICK);
		nobody_hears_more();
		says("w", "MDPW02|05");
		world_passes(WORLD_TICK);
		hears("w|MDPW02|05");
		nobody_hears_more();
	}
	ck_assert_uint_eq(state_now().workers, 1);
}
END_TEST

START_TEST(worker_that_gets_requests_hears_no_heartbeat_beside_them) {
	comes("w", "MDPW02|01|echo|9");
	world_passes(WORLD_HEARTBEAT / 2);
	says("c", "MDPC02|01|echo|a");
	hears("w|MDPW02|02|#1/c||a");
	world_passes(WORLD_HEARTBEAT - WORLD_TICK);
	nobody_hears_more();
	world_passes(WORLD_TICK);
	hears("w|MDPW02|05");
	nobody_hears_more();
}
END_TEST

START_TEST(worker_lives_four_intervals_without_a_word_and_no_longer) {
	comes("w", "MDPW02|01|echo");
	world_passes(CORE_LIVENESS * WORLD_HEARTBEAT - WORLD_TICK);
	ck_assert_uint_eq(state_now().workers, 1);
	world_passes(WORLD_TICK);
	ck_assert_uint_eq(state_now().workers, 0);
	ck_assert_str_eq(last_heard(), "w|MDPW02|06");
}
END_TEST

START_TEST(time_in_which_the_broker_stood_still_is_not_held_against_workers) {
	comes("w", "MDPW02|01|echo");
	world_stands_still(60000);
	ck_assert_uint_eq(state_now().workers, 1);
	world_passes(CORE_LIVENESS * WORLD_HEARTBEAT);
	ck_assert_uint_eq(state_now().workers, 0);
}
END_TEST

/* ---- garbage, clients that are gone ---- */

static const char *const garbage[] = {
	"", "hello", "MDPC01|01|echo|a", "MDPC02", "MDPC02|01", "MDPC02|01|echo", "MDPC02|02|echo|a", "MDPC02|03|echo|a",
	"MDPC02|01||a", "MDPC02|01|echo|1|2|3|4|5|6|7", "MDPW02|01", "MDPW02|01|echo|0", "MDPW02|01|echo|9999", "MDPW02|x",
	"MDPW02|04|#1/c|a|b", "MDPW02|05|more", "|MDPC02|01|echo|a",
};

START_TEST(garbage_is_ignored_and_logged_once_per_peer) {
	for (int i = 0; i < 3; i++) {
		says("c", garbage[_i]);
	}
	nobody_hears_more();
	ck_assert_uint_eq(count_of(CORE_MALFORMED), 3);
	ck_assert_uint_eq(times_told("message-ignored"), 1);
	core_keeps_nothing();
}
END_TEST

START_TEST(reply_to_a_client_that_left_is_dropped_and_counted) {
	comes("w", "MDPW02|01|echo");
	says("c", "MDPC02|01|echo|a");
	is_lost("c");
	says("w", "MDPW02|04|#1/c||a");
	ck_assert_uint_eq(count_of(CORE_CLIENT_GONE), 1);
	core_keeps_nothing();
}
END_TEST

START_TEST(replies_to_a_client_that_does_not_read_are_dropped_and_logged_once) {
	comes("w", "MDPW02|01|echo|2");
	says("c", "MDPC02|01|echo|a");
	says("c", "MDPC02|01|echo|b");
	is_full("c");
	says("w", "MDPW02|04|#1/c||a");
	says("w", "MDPW02|04|#2/c||b");
	ck_assert_uint_eq(count_of(CORE_CLIENT_SLOW), 2);
	ck_assert_uint_eq(times_told("reply-dropped"), 1);
	core_keeps_nothing();
}
END_TEST

static TCase *refusals(void) {
	TCase *tests = tcase_create("refusals");
	tcase_add_checked_fixture(tests, begin, world_end);
	tcase_add_test(tests, request_without_a_worker_waits_and_is_refused_in_time);
	tcase_add_test(tests, time_without_a_worker_counts_from_when_the_last_one_left);
	tcase_add_test(tests, too_many_waiting_requests_are_refused_at_once);
	tcase_add_test(tests, too_much_memory_for_requests_is_refused_at_once);
	tcase_add_test(tests, too_many_services_without_workers_are_refused);
	tcase_add_test(tests, stop_dismisses_workers_and_refuses_what_is_left);
	tcase_add_loop_test(tests, directory_answers, 0, sizeof directory_questions / sizeof directory_questions[0]);
	tcase_add_loop_test(tests, worker_is_dismissed, 0, sizeof refused_workers / sizeof refused_workers[0]);
	tcase_add_test(tests, second_ready_ends_the_worker_and_frees_its_requests);
	tcase_add_test(tests, disconnect_of_a_stranger_is_not_answered);
	tcase_add_test(tests, idle_worker_hears_a_heartbeat_each_interval_and_lives_by_its_own);
	tcase_add_test(tests, worker_that_gets_requests_hears_no_heartbeat_beside_them);
	tcase_add_test(tests, worker_lives_four_intervals_without_a_word_and_no_longer);
	tcase_add_test(tests, time_in_which_the_broker_stood_still_is_not_held_against_workers);
	tcase_add_loop_test(tests, garbage_is_ignored_and_logged_once_per_peer, 0, sizeof garbage / sizeof garbage[0]);
	tcase_add_test(tests, reply_to_a_client_that_left_is_dropped_and_counted);
	tcase_add_test(tests, replies_to_a_client_that_does_not_read_are_dropped_and_logged_once);
	return tests;
}

int main(void) {
	Suite *suite = suite_create("broker_refusal");
	suite_add_tcase(suite, refusals());
	return unit_run(suite);
}

/* Whose turn it is in the broker's pure core, and what each client may ask: fairness, priorities, bounds per client,
 * the same request again, pauses and drains. */
#include <stdio.h>

#include "tests/lib/broker_world.h"
#include "tests/lib/unit.h"
#include "wire/body.h"

static void begin(void) {
	world_begin(NULL);
}

static void begins_with(int64_t requests_max, int64_t rate_max) {
	struct core_limits limits = world_limits();
	limits.peer_requests_max = requests_max;
	limits.peer_rate_max = rate_max;
	world_begins_anew(&limits);
}

/* The worker answers its token of this number, and takes what is expected next. */
static void serves(unsigned token, const char *client_and_body, const char *next) {
	char text[WORLD_TEXT_MAX];
	(void)snprintf(text, sizeof text, "MDPW02|04|#%c/%c||done", (char)('0' + token), client_and_body[0]);
	says("w", text);
	(void)snprintf(text, sizeof text, "%c|MDPC02|03|echo|done", client_and_body[0]);
	hears(text);
	(void)snprintf(text, sizeof text, "w|MDPW02|02|#%c/%c||%s", (char)('1' + token), next[0], next + 2);
	hears(text);
}

/* ---- turns ---- */

START_TEST(clients_take_turns_however_many_requests_one_has_sent) {
	for (int i = 0; i < 5; i++) {
		says("c", "MDPC02|01|echo|crowd");
	}
	says("d", "MDPC02|01|echo|one");
	says("e", "MDPC02|01|echo|two");
	comes("w", "MDPW02|01|echo");
	hears("w|MDPW02|02|#1/c||crowd");
	serves(1, "c", "d one");
	serves(2, "d", "e two");
	serves(3, "e", "c crowd");
	serves(4, "c", "c crowd");
	nobody_hears_more();
}
END_TEST

START_TEST(interactive_goes_before_batch_but_one_of_eight_is_batch) {
	for (int i = 0; i < 20; i++) {
		says("c", "MDPC02|01|echo|^b0:|batch");
		says("d", "MDPC02|01|echo|^i0:|now");
	}
	comes("w", "MDPW02|01|echo|16");
	for (int i = 0; i < 16; i++) {
		char expected[WORLD_TEXT_MAX];
		bool batch = i % CORE_BATCH_SHARE == CORE_BATCH_SHARE - 1;
		(void)snprintf(expected, sizeof expected, "w|MDPW02|02|#%c/%s", '1' + i,
		               batch ? "c||^b0:|batch" : "d||^i0:|now");
		hears(expected);
	}
	nobody_hears_more();
}
END_TEST

/* ---- time to live ---- */

START_TEST(request_is_refused_when_its_time_is_over_worker_or_not) {
	comes("w", "MDPW02|01|echo");
	says("c", "MDPC02|01|echo|^i0:first|a");
	says("c", "MDPC02|01|echo|^i500:|b");
	hears("w|MDPW02|02|#1/c||^i0:first|a");
	world_passes(400);
	nobody_hears_more();
	world_passes(200);
	hears("c|MDPC02|03|echo|^i500:|{busy}");
	nobody_hears_more();
	ck_assert_uint_eq(count_of(CORE_EXPIRED), 1);
}
END_TEST

START_TEST(nothing_is_handed_out_after_its_time_even_if_nobody_has_looked_yet) {
	comes("w", "MDPW02|01|echo|1");
	says("c", "MDPC02|01|echo|a");
	hears("w|MDPW02|02|#1/c||a");
	world_passes(WORLD_TICK);
	says("c", "MDPC02|01|echo|^i110:|b");
	world_passes(WORLD_TICK);
	says("w", "MDPW02|03|#1/c||part");
	world_stands_still(15);
	let_pass_unheard();
	says("w", "MDPW02|04|#1/c||done");
	hears("c|MDPC02|03|echo|done");
	hears("c|MDPC02|03|echo|^i110:|{busy}");
	nobody_hears_more();
}
END_TEST

/* ---- the same request again ---- */

START_TEST(repeated_request_is_done_once_and_answered_where_it_was_asked_last) {
	comes("w", "MDPW02|01|echo|4");
	says("c", "MDPC02|01|echo|^i0:x|a");
	hears("w|MDPW02|02|#1/c||^i0:x|a");
	says("c2", "MDPC02|01|echo|^i0:x|a");
	says("c3", "MDPC02|01|echo|^i0:x|a");
	nobody_hears_more();
	ck_assert_uint_eq(count_of(CORE_REPEATED), 2);
	says("w", "MDPW02|04|#1/c||^i0:x|done");
	hears("c3|MDPC02|03|echo|^i0:x|done");
	nobody_hears_more();
	core_keeps_nothing();
	says("c", "MDPC02|01|echo|^i0:x|a");
	hears("w|MDPW02|02|#2/c||^i0:x|a");
}
END_TEST

START_TEST(same_id_with_other_bytes_or_service_is_a_conflict) {
	says("c", "MDPC02|01|echo|^i0:x|a");
	says("c", "MDPC02|01|echo|^i0:x|b");
	hears("c|MDPC02|03|echo|^i0:x|{exists}");
	says("c", "MDPC02|01|other|^i0:x|a");
	hears("c|MDPC02|03|other|^i0:x|{exists}");
	says("d", "MDPC02|01|echo|^i0:x|b");
	says("c", "MDPC02|01|echo|x|b");
	says("c", "MDPC02|01|echo|x|b");
	nobody_hears_more();
	ck_assert_uint_eq(state_now().waiting, 4);
}
END_TEST

START_TEST(repeated_request_is_not_refused_for_its_rate) {
	begins_with(10, 1);
	says("c", "MDPC02|01|echo|^i0:x|a");
	says("c", "MDPC02|01|echo|^i0:x|a");
	nobody_hears_more();
	says("c", "MDPC02|01|echo|^i0:y|a");
	hears("c|MDPC02|03|echo|^i0:y|{busy}");
}
END_TEST

/* ---- bounds of one client ---- */

START_TEST(client_with_too_much_under_way_is_refused_and_others_are_not) {
	begins_with(2, 1000);
	says("c", "MDPC02|01|echo|1|a");
	says("c", "MDPC02|01|echo|2|a");
	says("c", "MDPC02|01|echo|3|a");
	hears("c|MDPC02|03|echo|3|{busy}");
	ck_assert_uint_eq(last_retry(), 250);
	says("d", "MDPC02|01|echo|1|a");
	nobody_hears_more();
	comes("w", "MDPW02|01|echo");
	hears("w|MDPW02|02|#1/c||1|a");
	says("c", "MDPC02|01|echo|3|a");
	hears("c|MDPC02|03|echo|3|{busy}");
	says("w", "MDPW02|04|#1/c||1|done");
	let_pass_unheard();
	says("c", "MDPC02|01|echo|3|a");
	nobody_hears_more();
	ck_assert_uint_eq(count_of(CORE_REFUSED_PEER), 2);
}
END_TEST

START_TEST(client_that_sends_too_many_bytes_is_refused) {
	struct core_limits limits = world_limits();
	limits.peer_bytes_max = 3000;
	world_begins_anew(&limits);
	for (int i = 0; i < 20 && count_of(CORE_REFUSED_PEER) == 0; i++) {
		says("c", "MDPC02|01|echo|1|a");
	}
	ck_assert_uint_eq(count_of(CORE_REFUSED_PEER), 1);
	ck_assert_uint_le(state_now().bytes, 3000);
}
END_TEST

START_TEST(client_that_asks_too_often_is_refused_until_a_second_has_passed) {
	begins_with(100, 10);
	for (int i = 0; i < 10; i++) {
		says("c", "MDPC02|01|mmi.service|1|echo");
		hears("c|MDPC02|03|mmi.service|1|404");
	}
	says("c", "MDPC02|01|mmi.service|1|echo");
	hears("c|MDPC02|03|mmi.service|1|{busy}");
	world_passes(WORLD_TICK);
	says("c", "MDPC02|01|mmi.service|1|echo");
	hears("c|MDPC02|03|mmi.service|1|404");
	says("c", "MDPC02|01|mmi.service|1|echo");
	hears("c|MDPC02|03|mmi.service|1|{busy}");
	ck_assert_uint_eq(count_of(CORE_REFUSED_RATE), 2);
}
END_TEST

START_TEST(client_without_requests_is_forgotten_after_a_minute) {
	says("c", "MDPC02|01|mmi.service|1|echo");
	ck_assert_uint_eq(state_now().peers, 1);
	world_passes(59000);
	ck_assert_uint_eq(state_now().peers, 1);
	world_passes(12000);
	ck_assert_uint_eq(state_now().peers, 0);
}
END_TEST

/* ---- pauses and drains ---- */

static void orders(const char *operation, const char *service) {
	struct buffer body;
	buffer_init(&body, 1024);
	body_begin_request(&body, operation, service != NULL);
	if (service != NULL) {
		pack_key_word(&body, "service", service);
	}
	says_body("o", "MDPC02|01|broker", buffer_slice(&body));
	buffer_release(&body);
}

START_TEST(paused_service_keeps_its_requests_until_it_is_resumed) {
	comes("w", "MDPW02|01|echo");
	orders("pause", "echo");
	hears("o|MDPC02|03|broker|{ok}");
	says("c", "MDPC02|01|echo|a");
	for (int i = 0; i < 10; i++) {
		says("w", "MDPW02|05");
		world_passes(WORLD_HEARTBEAT);
	}
	ck_assert_uint_eq(state_now().waiting, 1);
	let_pass_unheard();
	orders("resume", "echo");
	hears("w|MDPW02|02|#1/c||a");
	hears("o|MDPC02|03|broker|{ok}");
}
END_TEST

START_TEST(draining_broker_refuses_what_waits_and_finishes_what_is_held) {
	comes("w", "MDPW02|01|echo");
	says("c", "MDPC02|01|echo|1|a");
	says("c", "MDPC02|01|echo|2|a");
	hears("w|MDPW02|02|#1/c||1|a");
	orders("drain", NULL);
	hears("c|MDPC02|03|echo|2|{busy}");
	hears("o|MDPC02|03|broker|{ok}");
	says("c", "MDPC02|01|echo|3|a");
	hears("c|MDPC02|03|echo|3|{busy}");
	says("w", "MDPW02|04|#1/c||1|done");
	hears("c|MDPC02|03|echo|1|done");
	nobody_hears_more();
	core_keeps_nothing();
	orders("resume", NULL);
	hears("o|MDPC02|03|broker|{ok}");
	says("c", "MDPC02|01|echo|4|a");
	hears("w|MDPW02|02|#2/c||4|a");
}
END_TEST

START_TEST(what_comes_back_during_a_drain_is_refused) {
	comes("v", "MDPW02|01|echo");
	comes("w", "MDPW02|01|echo");
	says("c", "MDPC02|01|echo|1|a");
	says("c", "MDPC02|01|echo|2|b");
	let_pass_unheard();
	world_drains();
	says("v", "MDPW02|06");
	hears("c|MDPC02|03|echo|1|{busy}");
	hangs_up("w");
	nobody_hears_more();
	world_passes(WORLD_BACKOFF);
	hears("c|MDPC02|03|echo|2|{busy}");
	core_keeps_nothing();
}
END_TEST

int main(void) {
	Suite *suite = suite_create("broker_turns");
	TCase *tests = tcase_create("turns");
	tcase_add_checked_fixture(tests, begin, world_end);
	tcase_add_test(tests, clients_take_turns_however_many_requests_one_has_sent);
	tcase_add_test(tests, interactive_goes_before_batch_but_one_of_eight_is_batch);
	tcase_add_test(tests, request_is_refused_when_its_time_is_over_worker_or_not);
	tcase_add_test(tests, nothing_is_handed_out_after_its_time_even_if_nobody_has_looked_yet);
	tcase_add_test(tests, repeated_request_is_done_once_and_answered_where_it_was_asked_last);
	tcase_add_test(tests, same_id_with_other_bytes_or_service_is_a_conflict);
	tcase_add_test(tests, repeated_request_is_not_refused_for_its_rate);
	tcase_add_test(tests, client_with_too_much_under_way_is_refused_and_others_are_not);
	tcase_add_test(tests, client_that_sends_too_many_bytes_is_refused);
	tcase_add_test(tests, client_that_asks_too_often_is_refused_until_a_second_has_passed);
	tcase_add_test(tests, client_without_requests_is_forgotten_after_a_minute);
	tcase_add_test(tests, paused_service_keeps_its_requests_until_it_is_resumed);
	tcase_add_test(tests, draining_broker_refuses_what_waits_and_finishes_what_is_held);
	tcase_add_test(tests, what_comes_back_during_a_drain_is_refused);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

/* The durable queue in the broker's pure core: tickets, commits, crashes (RFC 9, doc/protocol.md). */
#include <stdio.h>

#include "tests/lib/broker_world.h"
#include "tests/lib/unit.h"

static void begin(void) {
	world_begin(NULL);
}

static void begins_with(int64_t tickets_max, int64_t bytes_max) {
	struct core_limits limits = world_limits();
	limits.tickets_max = tickets_max;
	limits.peer_tickets_max = tickets_max;
	limits.peer_tickets_bytes_max = bytes_max;
	limits.tickets_bytes_max = bytes_max;
	world_begins_anew(&limits);
}

/* The first ticket, on disk. */
static void has_a_ticket(void) {
	says("c", "MDPC02|01|titanic.request|echo|work");
	ck_assert(world_commits());
	hears("c|MDPC02|03|titanic.request|200|$1");
	nobody_hears_more();
}

static void is_answered(void) {
	comes("w", "MDPW02|01|echo|4");
	hears("w|MDPW02|02|#1/c||work");
	says("w", "MDPW02|04|#1/c||done");
	ck_assert(world_commits());
	nobody_hears_more();
}

/* ---- from request to close ---- */

START_TEST(ticket_is_given_after_the_commit_and_its_request_handed_out_then) {
	comes("w", "MDPW02|01|echo|4");
	says("c", "MDPC02|01|titanic.request|^i0:x|echo|work");
	says("c2", "MDPC02|01|titanic.request|echo|work");
	nobody_hears_more();
	says("c", "MDPC02|01|titanic.reply|id|$1");
	hears("c|MDPC02|03|titanic.reply|id|300");
	ck_assert(world_commits());
	hears("c|MDPC02|03|titanic.request|^i0:x|200|$1");
	hears("c2|MDPC02|03|titanic.request|200|$1");
	hears("w|MDPW02|02|#1/c||^i0:x|work");
	says("c", "MDPC02|01|titanic.reply|id|$1");
	hears("c|MDPC02|03|titanic.reply|id|300");
	says("w", "MDPW02|04|#1/c||^i0:x|one|two");
	says("c", "MDPC02|01|titanic.reply|id|$1");
	hears("c|MDPC02|03|titanic.reply|id|300");
	ck_assert(world_commits());
	says("c", "MDPC02|01|titanic.reply|id|$1");
	hears("c|MDPC02|03|titanic.reply|id|200|one|two");
	says("c", "MDPC02|01|titanic.close|id|$1");
	nobody_hears_more();
	ck_assert(world_commits());
	hears("c|MDPC02|03|titanic.close|id|200");
	says("c", "MDPC02|01|titanic.reply|id|$1");
	hears("c|MDPC02|03|titanic.reply|id|400");
	says("c", "MDPC02|01|titanic.close|$1");
	hears("c|MDPC02|03|titanic.close|200");
	nobody_hears_more();
	ck_assert_uint_eq(state_now().tickets, 0);
	ck_assert_uint_eq(state_now().tickets_bytes, 0);
	core_keeps_nothing();
}
END_TEST

START_TEST(same_request_again_gives_the_same_ticket_and_is_not_done_twice) {
	has_a_ticket();
	says("c", "MDPC02|01|titanic.request|echo|work");
	hears("c|MDPC02|03|titanic.request|200|$1");
	is_answered();
	says("c", "MDPC02|01|titanic.request|^b0:z|echo|work");
	hears("c|MDPC02|03|titanic.request|^b0:z|200|$1");
	says("d", "MDPC02|01|titanic.request|echo|work");
	says("c", "MDPC02|01|titanic.request|echo|other work");
	ck_assert(world_commits());
	hears("d|MDPC02|03|titanic.request|200|$2");
	hears("c|MDPC02|03|titanic.request|200|$3");
	hears("w|MDPW02|02|#2/d||work");
	hears("w|MDPW02|02|#3/c||other work");
	nobody_hears_more();
}
END_TEST

START_TEST(failed_commit_is_told_and_leaves_nothing_behind) {
	comes("w", "MDPW02|01|echo|4");
	says("c", "MDPC02|01|titanic.request|^i0:x|echo|work");
	ck_assert(world_cannot_commit());
	hears("c|MDPC02|03|titanic.request|^i0:x|500|{store-full}");
	nobody_hears_more();
	ck_assert_uint_eq(state_now().tickets, 0);
	ck_assert_uint_eq(count_of(CORE_REFUSED_DISK), 1);
	says("c", "MDPC02|01|titanic.request|^i0:x|echo|work");
	ck_assert(world_commits());
	hears("c|MDPC02|03|titanic.request|^i0:x|200|$1");
	hears("w|MDPW02|02|#1/c||^i0:x|work");
}
END_TEST

START_TEST(closing_that_cannot_be_committed_is_not_acknowledged) {
	has_a_ticket();
	says("c", "MDPC02|01|titanic.close|$1");
	ck_assert(world_cannot_commit());
	hears("c|MDPC02|03|titanic.close|500|{store-full}");
	says("c", "MDPC02|01|titanic.close|$1");
	nobody_hears_more();
	ck_assert(world_commits());
	hears("c|MDPC02|03|titanic.close|200");
	world_restarts();
	ck_assert_uint_eq(state_now().tickets, 0);
}
END_TEST

START_TEST(closing_takes_the_request_out_of_a_workers_hands_and_gives_it_the_next_one) {
	has_a_ticket();
	comes("w", "MDPW02|01|echo");
	hears("w|MDPW02|02|#1/c||work");
	says("d", "MDPC02|01|echo|next");
	says("c", "MDPC02|01|titanic.close|$1");
	hears("w|MDPW02|02|#2/d||next");
	ck_assert(world_commits());
	hears("c|MDPC02|03|titanic.close|200");
	says("w", "MDPW02|04|#1/c||late");
	nobody_hears_more();
	ck_assert_uint_eq(count_of(CORE_LATE_REPLIES), 1);
}
END_TEST

/* ---- crashes ---- */

START_TEST(acknowledged_ticket_outlives_a_crash_and_another_does_not) {
	has_a_ticket();
	says("c", "MDPC02|01|titanic.request|echo|too late");
	world_restarts();
	ck_assert_uint_eq(state_now().tickets, 1);
	ck_assert_uint_eq(state_now().waiting, 1);
	is_answered();
	world_restarts();
	ck_assert_uint_eq(state_now().tickets_answered, 1);
	says("c", "MDPC02|01|titanic.reply|$1");
	hears("c|MDPC02|03|titanic.reply|200|done");
}
END_TEST

START_TEST(answer_that_was_not_committed_is_worked_out_again_after_a_crash) {
	has_a_ticket();
	comes("w", "MDPW02|01|echo|4");
	hears("w|MDPW02|02|#1/c||work");
	says("w", "MDPW02|04|#1/c||done");
	world_restarts();
	comes("w", "MDPW02|01|echo|4");
	hears("w|MDPW02|02|#2/c||work");
}
END_TEST

START_TEST(answer_whose_commit_fails_is_in_the_next_one) {
	has_a_ticket();
	comes("w", "MDPW02|01|echo|4");
	hears("w|MDPW02|02|#1/c||work");
	says("w", "MDPW02|04|#1/c||done");
	ck_assert(world_cannot_commit());
	says("c", "MDPC02|01|titanic.reply|$1");
	hears("c|MDPC02|03|titanic.reply|300");
	ck_assert(world_commits());
	says("c", "MDPC02|01|titanic.reply|$1");
	hears("c|MDPC02|03|titanic.reply|200|done");
}
END_TEST

/* ---- what is refused ---- */

static const struct {
	const char *asked, *answered;
} refused[] = {
	{ "MDPC02|01|titanic.request|echo", "c|MDPC02|03|titanic.request|400|{malformed}" },
	{ "MDPC02|01|titanic.request|mmi.service|a", "c|MDPC02|03|titanic.request|400|{malformed}" },
	{ "MDPC02|01|titanic.request|broker|a", "c|MDPC02|03|titanic.request|400|{malformed}" },
	{ "MDPC02|01|titanic.request|titanic.request|a", "c|MDPC02|03|titanic.request|400|{malformed}" },
	{ "MDPC02|01|titanic.request|a name with blanks|a", "c|MDPC02|03|titanic.request|400|{malformed}" },
	{ "MDPC02|01|titanic.request|^i0:x||a", "c|MDPC02|03|titanic.request|^i0:x|400|{malformed}" },
	{ "MDPC02|01|titanic.reply|$1", "c|MDPC02|03|titanic.reply|400" },
	{ "MDPC02|01|titanic.reply|id|nothing", "c|MDPC02|03|titanic.reply|id|400" },
	{ "MDPC02|01|titanic.close|id|nothing", "c|MDPC02|03|titanic.close|id|200" },
	{ "MDPC02|01|titanic.sink|id|nothing", "c|MDPC02|03|titanic.sink|id|501" },
	{ "|MDPC01|titanic.reply|id|$2", "c||MDPC01|titanic.reply|id|400" },
};

START_TEST(request_of_the_queue_is_refused) {
	says("c", refused[_i].asked);
	hears(refused[_i].answered);
	nobody_hears_more();
	ck_assert(!world_commits());
}
END_TEST

START_TEST(tickets_belong_to_their_clients_and_operators_read_them_too) {
	has_a_ticket();
	is_answered();
	says("d", "MDPC02|01|titanic.reply|$1");
	hears("d|MDPC02|03|titanic.reply|400");
	says("d", "MDPC02|01|titanic.close|$1");
	hears("d|MDPC02|03|titanic.close|200");
	says("o", "MDPC02|01|titanic.reply|$1");
	hears("o|MDPC02|03|titanic.reply|200|done");
	ck_assert_uint_eq(state_now().tickets, 1);
}
END_TEST

START_TEST(full_queue_refuses_with_a_time_to_retry) {
	begins_with(1, 1000);
	has_a_ticket();
	says("c", "MDPC02|01|titanic.request|echo|more");
	hears("c|MDPC02|03|titanic.request|500|{busy}");
	ck_assert_uint_eq(last_retry(), 5000);
	ck_assert_uint_eq(count_of(CORE_REFUSED_QUEUE), 1);
	begins_with(9, 10);
	has_a_ticket();
	says("c", "MDPC02|01|titanic.request|echo|sevenby");
	hears("c|MDPC02|03|titanic.request|500|{busy}");
	says("c", "MDPC02|01|titanic.request|echo|sixbyt");
	ck_assert(world_commits());
	hears("c|MDPC02|03|titanic.request|200|$3");
}
END_TEST

START_TEST(one_client_cannot_fill_the_queue) {
	struct core_limits limits = world_limits();
	limits.peer_tickets_max = 1;
	world_begins_anew(&limits);
	has_a_ticket();
	says("c", "MDPC02|01|titanic.request|echo|more");
	hears("c|MDPC02|03|titanic.request|500|{busy}");
	says("d", "MDPC02|01|titanic.request|echo|more");
	ck_assert(world_commits());
	hears("d|MDPC02|03|titanic.request|200|$3");
	says("c", "MDPC02|01|titanic.close|$1");
	ck_assert(world_commits());
	hears("c|MDPC02|03|titanic.close|200");
	says("c", "MDPC02|01|titanic.request|echo|other");
	ck_assert(world_commits());
	let_pass_unheard();
	ck_assert_uint_eq(state_now().tickets, 2);
}
END_TEST

START_TEST(service_that_nobody_is_listed_for_is_not_queued_for) {
	says("c", "MDPC02|01|titanic.request|unserved|work");
	hears("c|MDPC02|03|titanic.request|400|{malformed}");
	ck_assert_uint_eq(state_now().tickets, 0);
}
END_TEST

START_TEST(tickets_that_wait_do_not_keep_ordinary_requests_out) {
	struct core_limits limits = world_limits();
	limits.waiting_max = 1;
	world_begins_anew(&limits);
	has_a_ticket();
	says("d", "MDPC02|01|echo|ask");
	nobody_hears_more();
	ck_assert_uint_eq(state_now().waiting, 2);
}
END_TEST

START_TEST(dead_letter_is_not_queued_again_by_the_same_request) {
	begins_with(9, 10);
	has_a_ticket();
	comes("w", "MDPW02|01|echo|4");
	hears("w|MDPW02|02|#1/c||work");
	says("w", "MDPW02|04|#1/c||sevenby");
	ck_assert(world_commits());
	says("c", "MDPC02|01|titanic.request|echo|work");
	hears("c|MDPC02|03|titanic.request|500|{given-up}");
}
END_TEST

START_TEST(answer_that_does_not_fit_makes_a_dead_letter) {
	begins_with(9, 10);
	has_a_ticket();
	comes("w", "MDPW02|01|echo|4");
	hears("w|MDPW02|02|#1/c||work");
	says("w", "MDPW02|04|#1/c||sevenby");
	ck_assert(world_commits());
	ck_assert_uint_eq(state_now().tickets_dead, 1);
	ck_assert_uint_le(state_now().tickets_bytes, 10);
	says("c", "MDPC02|01|titanic.reply|$1");
	hears("c|MDPC02|03|titanic.reply|500|{given-up}");
}
END_TEST

START_TEST(answer_of_more_frames_than_fit_behind_a_status_is_told_of) {
	has_a_ticket();
	comes("w", "MDPW02|01|echo|4");
	hears("w|MDPW02|02|#1/c||work");
	says("w", "MDPW02|04|#1/c||1|2|3|4|5|6|7");
	ck_assert(world_commits());
	says("c", "MDPC02|01|titanic.reply|id|$1");
	hears("c|MDPC02|03|titanic.reply|id|500|{too-long}");
}
END_TEST

START_TEST(tickets_bring_up_no_more_services_than_requests_do) {
	struct core_limits limits = world_limits();
	limits.waiting_max = 1;
	limits.tickets_max = 1000;
	limits.peer_tickets_max = 1000;
	world_begins_anew(&limits);
	char frames[WORLD_TEXT_MAX];
	for (int i = 0; i < CORE_SERVICES_MAX; i++) {
		(void)snprintf(frames, sizeof frames, "MDPC02|01|service-%d|a", i);
		says("c", frames);
	}
	nobody_hears_more();
	says("c", "MDPC02|01|titanic.request|one-more|a");
	hears("c|MDPC02|03|titanic.request|500|{busy}");
	says("c", "MDPC02|01|titanic.request|service-3|a");
	ck_assert(world_commits());
	hears("c|MDPC02|03|titanic.request|200|$2");
}
END_TEST

START_TEST(draining_broker_takes_no_tickets_and_keeps_those_it_has) {
	has_a_ticket();
	world_drains();
	says("c", "MDPC02|01|titanic.request|echo|more");
	hears("c|MDPC02|03|titanic.request|500|{busy}");
	comes("w", "MDPW02|01|echo");
	nobody_hears_more();
	ck_assert_uint_eq(state_now().waiting, 1);
	world_stops();
	hears("w|MDPW02|06");
	nobody_hears_more();
	world_restarts();
	ck_assert_uint_eq(state_now().waiting, 1);
}
END_TEST

/* ---- time ---- */

START_TEST(ticket_without_a_worker_waits_longer_than_a_request_and_dies_when_its_time_is_over) {
	has_a_ticket();
	world_passes(10 * WORLD_QUEUE);
	ck_assert_uint_eq(state_now().waiting, 1);
	world_passes(WORLD_TICKET - 10 * WORLD_QUEUE);
	ck_assert_uint_eq(state_now().tickets_dead, 1);
	core_keeps_nothing();
	ck_assert(world_commits());
	world_passes(WORLD_TICKET + 2000);
	ck_assert(world_commits());
	ck_assert_uint_eq(state_now().tickets, 0);
	ck_assert_uint_eq(count_of(CORE_QUEUE_EXPIRED), 1);
}
END_TEST

START_TEST(frames_of_a_ticket_are_in_memory_only_while_a_worker_holds_it) {
	has_a_ticket();
	size_t bare = state_now().bytes;
	comes("w", "MDPW02|01|echo");
	hears("w|MDPW02|02|#1/c||work");
	ck_assert_uint_eq(state_now().bytes, bare + 4);
	says("w", "MDPW02|06");
	ck_assert_uint_eq(state_now().bytes, bare);
	comes("w", "MDPW02|01|echo");
	hangs_up("w");
	ck_assert_uint_eq(state_now().bytes, bare);
}
END_TEST

START_TEST(record_that_cannot_be_read_is_a_dead_letter_and_the_next_one_is_served) {
	has_a_ticket();
	says("c", "MDPC02|01|titanic.request|echo|next");
	ck_assert(world_commits());
	hears("c|MDPC02|03|titanic.request|200|$2");
	world_damages_first_ticket();
	comes("w", "MDPW02|01|echo");
	hears("w|MDPW02|02|#1/c||next");
	ck_assert_uint_eq(state_now().tickets_dead, 1);
	ck_assert_uint_eq(times_told("dead-letter"), 1);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("broker_queue");
	TCase *tests = tcase_create("tickets");
	tcase_add_checked_fixture(tests, begin, world_end);
	tcase_add_test(tests, ticket_is_given_after_the_commit_and_its_request_handed_out_then);
	tcase_add_test(tests, same_request_again_gives_the_same_ticket_and_is_not_done_twice);
	tcase_add_test(tests, failed_commit_is_told_and_leaves_nothing_behind);
	tcase_add_test(tests, closing_that_cannot_be_committed_is_not_acknowledged);
	tcase_add_test(tests, closing_takes_the_request_out_of_a_workers_hands_and_gives_it_the_next_one);
	tcase_add_test(tests, acknowledged_ticket_outlives_a_crash_and_another_does_not);
	tcase_add_test(tests, answer_that_was_not_committed_is_worked_out_again_after_a_crash);
	tcase_add_test(tests, answer_whose_commit_fails_is_in_the_next_one);
	tcase_add_loop_test(tests, request_of_the_queue_is_refused, 0, sizeof refused / sizeof refused[0]);
	tcase_add_test(tests, tickets_belong_to_their_clients_and_operators_read_them_too);
	tcase_add_test(tests, full_queue_refuses_with_a_time_to_retry);
	tcase_add_test(tests, one_client_cannot_fill_the_queue);
	tcase_add_test(tests, service_that_nobody_is_listed_for_is_not_queued_for);
	tcase_add_test(tests, tickets_that_wait_do_not_keep_ordinary_requests_out);
	tcase_add_test(tests, dead_letter_is_not_queued_again_by_the_same_request);
	tcase_add_test(tests, answer_that_does_not_fit_makes_a_dead_letter);
	tcase_add_test(tests, answer_of_more_frames_than_fit_behind_a_status_is_told_of);
	tcase_add_test(tests, tickets_bring_up_no_more_services_than_requests_do);
	tcase_add_test(tests, draining_broker_takes_no_tickets_and_keeps_those_it_has);
	tcase_add_test(tests, ticket_without_a_worker_waits_longer_than_a_request_and_dies_when_its_time_is_over);
	tcase_add_test(tests, frames_of_a_ticket_are_in_memory_only_while_a_worker_holds_it);
	tcase_add_test(tests, record_that_cannot_be_read_is_a_dead_letter_and_the_next_one_is_served);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

/* The worker's side: what its heartbeats name, what a request's header tells, partial answers, several brokers. */
#include "base/log.h"
#include "tests/unit/wire_peer.h"
#include "wire/body.h"
#include "wire/mdp.h"
#include "wire/server.h"

#define W02 "4d4450573032"
#define BEAT_MS 100
#define QUIET_MS 60000 /* a heartbeat that never comes */
#define TAKEN_MAX 8
#define READY_NOTES W02 "|01|6e6f746573|3634"
#define HEARTBEAT W02 "|05|"
#define T1 "00000000000000000000000000000001"
#define T2 "00000000000000000000000000000002"
#define T3 "00000000000000000000000000000003"
#define KEY "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"
#define HEADER(priority) "54524831" priority "01" "00001388" TRACE "00f067aa0ba902b7" "69642d31"

static struct peer peers[2];
static struct message routes[2]; /* the routing id of the worker's last READY, by peer */
static struct identity identity;
static struct server *server;
static struct server_request *taken[TAKEN_MAX];
static size_t taken_count;
static size_t taken_most; /* that the caller takes */
static struct message message; /* the last one that came to a broker */
static struct failure failure;

static void set_up(void) {
	log_configure("test", LOG_ERROR, LOG_LOGFMT);
	message_init(&message);
	server = NULL;
	taken_count = 0;
	taken_most = TAKEN_MAX;
	ck_assert_int_eq(identity_make(&identity, &failure), OK);
	for (size_t i = 0; i < 2; i++) {
		message_init(&routes[i]);
		peer_open(&peers[i], "tcp://127.0.0.1:*", NULL, NULL);
	}
}

static void tear_down(void) {
	for (size_t i = 0; i < taken_count; i++) {
		server_drop(server, taken[i]);
	}
	server_free(server);
	message_release(&message);
	for (size_t i = 0; i < 2; i++) {
		message_release(&routes[i]);
		if (peers[i].link != NULL) {
			peer_close(&peers[i]);
		}
	}
}

static void say(size_t broker, const char *hex) {
	ck_assert_int_eq(peer_sends(&peers[broker], message_frame(&routes[broker], 0), hex), OK);
}

/* Lets the server work until this broker has a message, other than a heartbeat unless it is wanted. */
static bool comes(size_t broker, bool heartbeat) {
	int64_t until = clock_milliseconds() + PATIENCE_MS;
	while (clock_milliseconds() < until) {
		taken_count += server_take(server, taken + taken_count, taken_most - taken_count, 1, -1);
		if (peer_takes(&peers[broker], &message, 1) &&
		    slice_is(message_frame(&message, 2), "\x05") == heartbeat) {
			return true;
		}
	}
	return false;
}

static void expect(size_t broker, const char *hex) {
	ck_assert_msg(comes(broker, false), "expected %s", hex);
	check_frames(&message, 1, hex);
}

/* Waits for READY, keeps its routing id, and answers it, as brokers do, with a heartbeat. */
static void expect_ready(size_t broker) {
	expect(broker, READY_NOTES);
	message_release(&routes[broker]);
	ck_assert(message_append_shared(&routes[broker], &message, 0));
	say(broker, W02 "|05");
}

static void start(int64_t heartbeat_ms, size_t brokers) {
	static const struct server_service notes = { "notes", 64 };
	struct server_broker all[2];
	for (size_t i = 0; i < 2; i++) {
		all[i] = (struct server_broker){ link_endpoint(peers[i].link), peers[i].identity.public_key };
	}
	const struct server_options options = { .brokers = all,
		                                    .broker_count = brokers,
		                                    .identity = &identity,
		                                    .services = &notes,
		                                    .service_count = 1,
		                                    .heartbeat_ms = heartbeat_ms };
	enum error error = server_new(&options, &server, &failure);
	ck_assert_msg(error == OK, "%s", failure.text);
	for (size_t i = 0; i < brokers; i++) {
		expect_ready(i);
	}
}

/* Lets the server work until the caller has `count` requests. */
static void take(size_t count) {
	int64_t until = clock_milliseconds() + PATIENCE_MS;
	while (taken_count < count && clock_milliseconds() < until) {
		taken_count += server_take(server, taken + taken_count, count - taken_count, 10, -1);
	}
	ck_assert_uint_eq(taken_count, count);
}

/* The request that was taken first; the others move up. */
static struct server_request *first_taken(void) {
	struct server_request *first = taken[0];
	taken_count--;
	memmove(taken, taken + 1, taken_count * sizeof taken[0]);
	return first;
}

/* Waits until a heartbeat is this one. Without it, the broker's own heartbeats keep the connection. */
static void expect_heartbeat(size_t broker, const char *hex) {
	struct buffer text;
	buffer_init(&text, 65536);
	int64_t until = clock_milliseconds() + PATIENCE_MS;
	do {
		ck_assert_msg(comes(broker, true), "no heartbeat came");
		ck_assert(slice_equal(message_frame(&message, 0), message_frame(&routes[broker], 0)));
		say(broker, W02 "|05");
	} while (strcmp(message_hex(&message, 1, &text), hex) != 0 && clock_milliseconds() < until);
	ck_assert_str_eq(buffer_text(&text), hex);
	buffer_release(&text);
}

/* ---- heartbeats ---- */

START_TEST(a_heartbeat_names_what_is_held_until_it_is_answered_or_dropped) {
	start(BEAT_MS, 1);
	expect_heartbeat(0, HEARTBEAT);
	say(0, W02 "|02|" T1 KEY "||80");
	say(0, W02 "|02|" T2 "||80");
	say(0, W02 "|02|61||80"); /* a broker with addresses of its own */
	take(3);
	expect_heartbeat(0, HEARTBEAT T1 T2);
	server_reply(server, first_taken(), slice_of_text("x"));
	expect_heartbeat(0, HEARTBEAT T2);
	server_drop(server, first_taken());
	expect_heartbeat(0, HEARTBEAT);
}
END_TEST

START_TEST(a_heartbeat_names_what_has_come_but_was_not_handed_out) {
	start(BEAT_MS, 1);
	say(0, W02 "|02|" T1 "||80");
	say(0, W02 "|02|" T2 "||80");
	say(0, W02 "|02|" T3 "||80");
	take(1);
	taken_most = 1;
	expect_heartbeat(0, HEARTBEAT T1 T2 T3);
	ck_assert_uint_eq(taken_count, 1);
	take(3); /* in the order in which they came */
	server_reply(server, first_taken(), slice_of_text("x"));
	taken_most = 2;
	expect_heartbeat(0, HEARTBEAT T2 T3);
}
END_TEST

START_TEST(what_came_by_a_former_connection_is_not_named) {
	start(BEAT_MS, 1);
	say(0, W02 "|02|" T1 "||80");
	take(1);
	say(0, W02 "|06");
	expect_ready(0);
	say(0, W02 "|02|" T2 "||80");
	take(2);
	expect_heartbeat(0, HEARTBEAT T2);
}
END_TEST

START_TEST(what_was_not_handed_out_when_the_connection_ended_never_is) {
	start(BEAT_MS, 1);
	taken_most = 0; /* both requests have come and wait when the connection ends, however slowly they come */
	say(0, W02 "|02|" T1 "||80");
	say(0, W02 "|02|" T2 "||80");
	say(0, W02 "|06");
	expect_ready(0);
	taken_most = TAKEN_MAX;
	expect_heartbeat(0, HEARTBEAT);
	ck_assert_uint_eq(taken_count, 0);
}
END_TEST

START_TEST(a_broker_that_gives_far_too_much_is_left) {
	struct server_request *none = NULL;
	start(QUIET_MS, 1);
	for (int i = 0; i <= MDP_HELD_MAX; i++) {
		say(0, W02 "|02|" T1 "||80");
	}
	int64_t until = clock_milliseconds() + PATIENCE_MS;
	while (server_is_connected(server) && clock_milliseconds() < until) {
		ck_assert_uint_eq(server_take(server, &none, 0, 5, -1), 0);
	}
	ck_assert(!server_is_connected(server));
}
END_TEST

/* ---- requests and answers ---- */

static const struct {
	const char *body;
	bool has_header;
	enum priority priority;
	const char *trace, *id, *answered;
} requests[] = {
	{ HEADER("01") "|80", true, PRIORITY_BATCH, TRACE, "id-1", HEADER("01") "|78" },
	{ HEADER("00") "|01|02|80", true, PRIORITY_INTERACTIVE, TRACE, "id-1", HEADER("00") "|78" },
	{ "69642d31|80", false, PRIORITY_INTERACTIVE, "", "", "69642d31|78" },
	{ "01|02|80", false, PRIORITY_INTERACTIVE, "", "", "78" },
	{ "80", false, PRIORITY_INTERACTIVE, "", "", "78" },
};

START_TEST(a_request_tells_priority_and_trace_and_its_id_frame_comes_back) {
	struct buffer text;
	char trace[TRACE_TEXT];
	buffer_init(&text, 4096);
	start(QUIET_MS, 1);
	ck_assert(buffer_format(&text, W02 "|02|" T1 "||%s", requests[_i].body));
	say(0, buffer_text(&text));
	take(1);
	ck_assert_int_eq(taken[0]->has_header, requests[_i].has_header);
	ck_assert_int_eq(taken[0]->priority, requests[_i].priority);
	ck_assert(slice_is(taken[0]->header.id, requests[_i].id));
	ck_assert(slice_is(taken[0]->body, "\x80"));
	header_trace_text(&taken[0]->header, trace);
	ck_assert_str_eq(trace, requests[_i].trace);
	server_reply(server, first_taken(), slice_of_text("x"));
	buffer_clear(&text);
	ck_assert(buffer_format(&text, W02 "|04|" T1 "||%s", requests[_i].answered));
	expect(0, buffer_text(&text));
	buffer_release(&text);
}
END_TEST

START_TEST(a_request_gets_any_number_of_partial_answers_before_the_final_one) {
	static uint8_t bytes[BODY_MAX + 1];
	start(QUIET_MS, 1);
	say(0, W02 "|02|" T1 "||69642d31|80");
	take(1);
	server_partial(server, taken[0], slice_of_text("a"));
	server_partial(server, taken[0], slice_of(bytes, sizeof bytes)); /* too long: not sent */
	server_partial(server, taken[0], slice_of_text("b"));
	server_reply(server, first_taken(), slice_of_text("c"));
	expect(0, W02 "|03|" T1 "||69642d31|61");
	expect(0, W02 "|03|" T1 "||69642d31|62");
	expect(0, W02 "|04|" T1 "||69642d31|63");
}
END_TEST

START_TEST(a_partial_answer_by_a_connection_that_is_gone_goes_nowhere) {
	start(BEAT_MS, 1);
	say(0, W02 "|02|" T1 "||80");
	take(1);
	say(0, W02 "|06");
	expect_ready(0);
	server_partial(server, taken[0], slice_of_text("a"));
	server_reply(server, first_taken(), slice_of_text("b"));
	say(0, W02 "|02|" T2 "||80");
	take(1);
	server_reply(server, first_taken(), slice_of_text("c"));
	expect(0, W02 "|04|" T2 "||63");
}
END_TEST

/* ---- several brokers ---- */

START_TEST(each_broker_gets_the_answers_to_what_it_asked) {
	start(QUIET_MS, 2);
	say(0, W02 "|02|" T1 "||6f6e65");
	say(1, W02 "|02|" T2 "||74776f");
	take(2);
	for (int i = 0; i < 2; i++) {
		struct server_request *request = first_taken();
		ck_assert_uint_eq(request->service, 0);
		server_reply(server, request, request->body);
	}
	expect(0, W02 "|04|" T1 "||6f6e65");
	expect(1, W02 "|04|" T2 "||74776f");
}
END_TEST

START_TEST(each_broker_hears_only_of_its_own_requests) {
	start(5 * BEAT_MS, 2); /* one is silent while the other is heard, but not for four intervals */
	say(0, W02 "|02|" T1 "||80");
	say(1, W02 "|02|" T2 "||80");
	take(2);
	expect_heartbeat(0, HEARTBEAT T1);
	expect_heartbeat(1, HEARTBEAT T2);
}
END_TEST

START_TEST(a_broker_that_is_silent_or_gone_does_not_disturb_the_others) {
	start(BEAT_MS, 2);
	if (_i == 0) {
		peer_close(&peers[1]);
	}
	struct message kept;
	message_init(&kept);
	ck_assert(message_append_shared(&kept, &routes[0], 0));
	int64_t until = clock_milliseconds() + 10 * BEAT_MS; /* long enough for the other to count as gone twice */
	while (clock_milliseconds() < until) {
		expect_heartbeat(0, HEARTBEAT);
	}
	say(0, W02 "|02|" T1 "||80");
	take(1);
	server_reply(server, first_taken(), slice_of_text("x"));
	expect(0, W02 "|04|" T1 "||78");
	ck_assert(slice_equal(message_frame(&kept, 0), message_frame(&message, 0)));
	ck_assert(server_is_connected(server));
	if (_i == 1) {
		expect(1, READY_NOTES); /* a fresh one, since it was silent */
	}
	message_release(&kept);
}
END_TEST

int main(void) {
	TCase *heartbeats = tcase_create("heartbeats");
	tcase_add_checked_fixture(heartbeats, set_up, tear_down);
	tcase_set_timeout(heartbeats, 30);
	tcase_add_test(heartbeats, a_heartbeat_names_what_is_held_until_it_is_answered_or_dropped);
	tcase_add_test(heartbeats, a_heartbeat_names_what_has_come_but_was_not_handed_out);
	tcase_add_test(heartbeats, what_came_by_a_former_connection_is_not_named);
	tcase_add_test(heartbeats, what_was_not_handed_out_when_the_connection_ended_never_is);
	tcase_add_test(heartbeats, a_broker_that_gives_far_too_much_is_left);
	TCase *answers = tcase_create("requests and answers");
	tcase_add_checked_fixture(answers, set_up, tear_down);
	tcase_set_timeout(answers, 30);
	tcase_add_loop_test(answers, a_request_tells_priority_and_trace_and_its_id_frame_comes_back, 0,
	                    (int)(sizeof requests / sizeof requests[0]));
	tcase_add_test(answers, a_request_gets_any_number_of_partial_answers_before_the_final_one);
	tcase_add_test(answers, a_partial_answer_by_a_connection_that_is_gone_goes_nowhere);
	TCase *several = tcase_create("several brokers");
	tcase_add_checked_fixture(several, set_up, tear_down);
	tcase_set_timeout(several, 30);
	tcase_add_test(several, each_broker_gets_the_answers_to_what_it_asked);
	tcase_add_test(several, each_broker_hears_only_of_its_own_requests);
	tcase_add_loop_test(several, a_broker_that_is_silent_or_gone_does_not_disturb_the_others, 0, 2);
	Suite *suite = suite_create("wire server, held");
	suite_add_tcase(suite, heartbeats);
	suite_add_tcase(suite, answers);
	suite_add_tcase(suite, several);
	return unit_run(suite);
}

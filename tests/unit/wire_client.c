/* The client against a broker whose every move is scripted: matching, retrying, giving up, changing the broker. */
#include <pthread.h>
#include <stdio.h>

#include "tests/unit/wire_client_fixture.h"

/* ---- matching ---- */

START_TEST(a_request_has_the_frames_of_the_protocol_and_an_id_of_its_own) {
	connect_client(1, LONG_MS, LONG_MS * 2);
	ask("one", NULL);
	await_request(&peers[0]);
	ck_assert_uint_eq(request.count, 6);
	ck_assert(slice_is(message_frame(&request, 1), "MDPC02"));
	ck_assert(slice_is(message_frame(&request, 2), "\x01"));
	ck_assert(slice_is(message_frame(&request, 3), "notes"));
	ck_assert_uint_eq(message_frame(&request, 4).size, HEADER_MIN + 24);
	ck_assert(slice_is(message_frame(&request, 5), "one"));
	ck_assert_int_eq(memcmp(peers[0].last_key, identity.public_key, TRANSPORT_KEY_SIZE), 0);
	struct message first;
	message_init(&first);
	message_move(&first, &request);
	ask("one", NULL);
	await_request(&peers[0]);
	ck_assert(!slice_equal(message_frame(&first, 4), message_frame(&request, 4)));
	message_release(&first);
}
END_TEST

START_TEST(replies_are_matched_in_any_order) {
	static const char *const words[] = { "a", "b", "c" };
	struct message asked[3];
	connect_client(1, LONG_MS, LONG_MS * 2);
	for (size_t i = 0; i < 3; i++) {
		ask(words[i], &asked[i]);
	}
	for (size_t i = 0; i < 3; i++) {
		await_request(&peers[0]);
		ck_assert(slice_is(message_frame(&request, 5), words[i]));
		message_init(&asked[i]);
		message_move(&asked[i], &request);
	}
	ck_assert_uint_eq(client_waiting(client), 3);
	for (size_t i = 3; i-- > 0;) {
		message_move(&request, &asked[i]);
		reply(&peers[0], MDP_FINAL, slice_of_text(words[i]));
		expect_answer(words[i], &asked[i]);
		ck_assert_uint_eq(answer.tries, 1);
		ck_assert_int_ge(answer.waited_ns, 0);
		ck_assert_uint_eq(client_waiting(client), i);
	}
	ck_assert_int_eq(client_next(client, LONG_MS, &answer), ERROR_NOT_FOUND); /* at once: nothing is awaited */
}
END_TEST

START_TEST(a_late_duplicate_is_ignored) {
	connect_client(1, LONG_MS, LONG_MS * 2);
	ask("one", &peers[0]);
	await_request(&peers[0]);
	reply(&peers[0], MDP_FINAL, slice_of_text("first"));
	reply(&peers[0], MDP_FINAL, slice_of_text("second"));
	expect_answer("first", &peers[0]);
	ask("two", &peers[1]);
	await_request(&peers[0]);
	reply(&peers[0], MDP_FINAL, slice_of_text("third"));
	expect_answer("third", &peers[1]);
}
END_TEST

START_TEST(a_partial_is_not_the_answer) {
	connect_client(1, LONG_MS, LONG_MS * 2);
	ask("one", NULL);
	await_request(&peers[0]);
	reply(&peers[0], MDP_PARTIAL, slice_of_text("durable"));
	reply(&peers[0], MDP_FINAL, slice_of_text("logged"));
	expect_answer("logged", NULL);
}
END_TEST

#define ID24 "000000000000000000000000000000000000000000000001"

static const char *const strays[] = {
	"",
	"00",
	"4d4450433032|03|6e6f746573|80",                /* no id */
	"4d4450433032|03|6e6f746573|" ID24 "|80",       /* another client's id */
	"4d4450433032|03|6e6f746573|" ID24 "00|80",     /* too long an id */
	"4d4450433032|03|6e6f746573||80",
	"4d4450433032|01|6e6f746573|" ID24 "|80",       /* a request */
	"4d4450573032|04|00112233||" ID24 "|80",        /* a worker's message */
	"4d4450573032|06",
	"4d4450433031|6e6f746573|80",
};

START_TEST(what_is_no_reply_to_us_is_ignored) {
	connect_client(1, LONG_MS, LONG_MS * 2);
	ask("one", NULL);
	await_request(&peers[0]);
	ck_assert_int_eq(peer_sends(&peers[0], message_frame(&request, 0), strays[_i]), OK);
	reply(&peers[0], MDP_FINAL, slice_of_text("answer"));
	expect_answer("answer", NULL);
}
END_TEST

START_TEST(our_id_under_another_service_is_ignored) {
	connect_client(1, LONG_MS, LONG_MS * 2);
	ask("one", NULL);
	await_request(&peers[0]);
	struct message out;
	message_init(&out);
	ck_assert(message_append_shared(&out, &request, 0) &&
	          mdp_write_client(&out, MDP_0_2, MDP_FINAL, slice_of_text("views")) &&
	          message_append_shared(&out, &request, 4) && message_append_text(&out, "wrong"));
	ck_assert_int_eq(link_send(peers[0].link, &out), OK);
	reply(&peers[0], MDP_FINAL, slice_of_text("right"));
	expect_answer("right", NULL);
}
END_TEST

/* ---- retrying ---- */

START_TEST(a_lost_reply_brings_the_same_bytes_again) {
	connect_client(1, RETRY_MS, PATIENCE_MS);
	ask("one", NULL);
	await_request(&peers[0]);
	struct message first;
	message_init(&first);
	message_move(&first, &request);
	await_request(&peers[0]);
	ck_assert_uint_eq(request.count, first.count);
	for (size_t i = 1; i < first.count; i++) {
		ck_assert(slice_equal(message_frame(&first, i), message_frame(&request, i)));
	}
	/* Nothing at all was heard: the second one comes by a fresh connection. */
	ck_assert(!slice_equal(message_frame(&first, 0), message_frame(&request, 0)));
	reply(&peers[0], MDP_FINAL, slice_of_text("answer"));
	expect_answer("answer", NULL);
	ck_assert_uint_ge(answer.tries, 2);
	message_release(&first);
}
END_TEST

START_TEST(a_busy_broker_is_asked_again_and_never_shown) {
	connect_client(1, RETRY_MS, PATIENCE_MS);
	ask("one", NULL);
	await_request(&peers[0]);
	struct message first;
	message_init(&first);
	ck_assert(message_append_shared(&first, &request, 0));
	reply_refusal(&peers[0], _i == 0 ? ERROR_BUSY : ERROR_NO_WORKER, 0);
	await_request(&peers[0]);
	/* It was heard: the same connection is good enough. */
	ck_assert(slice_equal(message_frame(&first, 0), message_frame(&request, 0)));
	reply(&peers[0], MDP_FINAL, slice_of_text("answer"));
	expect_answer("answer", NULL);
	ck_assert_uint_eq(answer.tries, 2);
	message_release(&first);
}
END_TEST

START_TEST(another_refusal_is_an_answer) {
	connect_client(1, LONG_MS, LONG_MS * 2);
	ask("one", NULL);
	await_request(&peers[0]);
	reply_refusal(&peers[0], ERROR_OFFER_FULL, 0);
	ck_assert_int_eq(client_next(client, PATIENCE_MS, &answer), OK);
	ck_assert_int_eq(answer.error, OK);
	ck_assert_uint_gt(answer.body.size, 0);
}
END_TEST

START_TEST(the_second_broker_of_the_list_takes_over) {
	connect_client(2, RETRY_MS, PATIENCE_MS);
	if (_i == 0) {
		peer_close(&peers[0]); /* gone, instead of only silent */
	}
	ask("one", NULL);
	await_request(&peers[1]);
	reply(&peers[1], MDP_FINAL, slice_of_text("answer"));
	expect_answer("answer", NULL);
}
END_TEST

START_TEST(what_cannot_be_sent_yet_goes_out_in_order_when_the_broker_comes) {
	connect_client(1, LONG_MS, LONG_MS * 2);
	char endpoint[LINK_ENDPOINT_MAX];
	(void)slice_copy_text(slice_of_text(link_endpoint(peers[0].link)), endpoint, sizeof endpoint);
	const struct identity kept = peers[0].identity;
	peer_close(&peers[0]);
	for (uint8_t i = 'a'; i <= 'z'; i++) {
		const char body[] = { (char)i, '\0' };
		ask(body, NULL);
	}
	ck_assert_int_eq(client_next(client, 0, &answer), ERROR_NOT_FOUND);
	peers[0].wire = wire_new(1);
	ck_assert_int_eq(link_bind(peers[0].wire, endpoint, &kept, NULL, NULL, NULL, &peers[0].link, &failure), OK);
	for (uint8_t i = 'a'; i <= 'z'; i++) {
		await_request(&peers[0]);
		ck_assert_uint_eq(message_frame(&request, 5).data[0], i);
	}
}
END_TEST

/* ---- giving up ---- */

/* Waits for the one answer that must be a failure, and checks that it came in time. */
static void expect_failure(enum error error) {
	int64_t before = clock_milliseconds();
	ck_assert_int_eq(client_next(client, PATIENCE_MS, &answer), OK);
	ck_assert_int_eq(answer.error, error);
	ck_assert_uint_eq(answer.body.size, 0);
	ck_assert_int_ge(answer.waited_ns, (int64_t)(TIMEOUT_MS - 1) * 1000000); /* deadlines are whole milliseconds */
	ck_assert_int_lt(clock_milliseconds() - before, PATIENCE_MS / 2);
	ck_assert_uint_eq(client_waiting(client), 0);
}

START_TEST(a_silent_broker_is_unreachable_after_the_timeout) {
	connect_client(1, RETRY_MS, TIMEOUT_MS);
	if (_i == 0) {
		peer_close(&peers[0]);
	} else {
		ask("connects", NULL);
		await_request(&peers[0]);
		expect_failure(ERROR_UNREACHABLE);
	}
	ask("one", &peers[0]);
	expect_failure(ERROR_UNREACHABLE);
	ck_assert_ptr_eq(answer.tag, &peers[0]);
}
END_TEST

START_TEST(every_request_that_waits_is_given_up) {
	connect_client(1, RETRY_MS, TIMEOUT_MS);
	peer_close(&peers[0]);
	for (size_t i = 0; i < 20; i++) {
		ask("one", NULL);
	}
	for (size_t i = 20; i-- > 0;) {
		ck_assert_int_eq(client_next(client, PATIENCE_MS, &answer), OK);
		ck_assert_int_eq(answer.error, ERROR_UNREACHABLE);
		ck_assert_uint_eq(client_waiting(client), i);
	}
}
END_TEST

/* Lets the client give up, while the broker answers requests with `code` (OK: not at all) and probes with `status`. */
static void give_up_against(enum error code, const char *status) {
	connect_client(1, RETRY_MS, TIMEOUT_MS);
	ask("one", NULL);
	int64_t until = clock_milliseconds() + PATIENCE_MS;
	while (client_next(client, 1, &answer) == ERROR_NOT_FOUND && clock_milliseconds() < until) {
		if (!peer_takes(&peers[0], &request, 1)) {
			continue;
		}
		if (slice_is(message_frame(&request, 3), "mmi.service")) {
			ck_assert(slice_is(message_frame(&request, 5), "notes"));
			reply(&peers[0], MDP_FINAL, slice_of_text(status));
		} else if (code != OK) {
			reply_refusal(&peers[0], code, 0);
		}
	}
	ck_assert_uint_eq(client_waiting(client), 0);
}

START_TEST(a_broker_that_only_answers_probes_has_no_worker) {
	give_up_against(OK, _i == 0 ? "404" : "200");
	ck_assert_int_eq(answer.error, ERROR_NO_WORKER);
	ck_assert_uint_ge(answer.tries, 2);
}
END_TEST

START_TEST(a_broker_that_was_busy_or_without_worker_to_the_end_is_reported_so) {
	enum error code = _i == 0 ? ERROR_BUSY : ERROR_NO_WORKER;
	give_up_against(code, "404");
	ck_assert_int_eq(answer.error, code);
}
END_TEST

/* ---- one at a time, and limits ---- */

static void *answer_one(void *argument) {
	struct peer *peer = argument;
	if (peer_takes(peer, &request, PATIENCE_MS)) {
		reply(peer, MDP_FINAL, slice_of_text("answer"));
	}
	return NULL;
}

START_TEST(a_call_returns_the_reply) {
	connect_client(1, LONG_MS, LONG_MS * 2);
	pthread_t broker;
	struct buffer body;
	buffer_init(&body, BODY_MAX);
	ck_assert_int_eq(pthread_create(&broker, NULL, answer_one, &peers[0]), 0);
	ck_assert_int_eq(client_call(client, "notes", slice_of_text("one"), &body, &failure), OK);
	ck_assert_int_eq(pthread_join(broker, NULL), 0);
	ck_assert(slice_is(buffer_slice(&body), "answer"));
	buffer_release(&body);
}
END_TEST

START_TEST(a_call_without_an_answer_names_the_endpoint_and_what_to_try) {
	char endpoint[LINK_ENDPOINT_MAX];
	(void)slice_copy_text(slice_of_text(link_endpoint(peers[0].link)), endpoint, sizeof endpoint);
	connect_client(1, RETRY_MS, TIMEOUT_MS);
	peer_close(&peers[0]);
	struct buffer body;
	buffer_init(&body, BODY_MAX);
	ck_assert_int_eq(client_call(client, "notes", slice_of_text("one"), &body, &failure), ERROR_UNREACHABLE);
	ck_assert_msg(strstr(failure.text, endpoint) != NULL, "said: %s", failure.text);
	ck_assert_msg(strstr(failure.text, "within 0.4 s") != NULL, "said: %s", failure.text);
	ck_assert_msg(strstr(failure.text, "troth up") != NULL, "said: %s", failure.text);
	ck_assert_uint_eq(body.size, 0);
	buffer_release(&body);
}
END_TEST

START_TEST(a_request_that_cannot_be_is_refused_at_once) {
	static uint8_t bytes[BODY_MAX + 1];
	connect_client(1, LONG_MS, LONG_MS * 2);
	ck_assert_int_eq(client_send(client, "notes", slice_of(bytes, BODY_MAX + 1), NULL, &failure), ERROR_TOO_LONG);
	ck_assert_int_eq(client_send(client, "", slice_of_text("x"), NULL, &failure), ERROR_BAD_VALUE);
	ck_assert_int_eq(client_send(client, "no tes", slice_of_text("x"), NULL, &failure), ERROR_BAD_VALUE);
	ck_assert_uint_eq(client_waiting(client), 0);
	ck_assert_int_eq(client_send(client, "notes", slice_of(bytes, BODY_MAX), NULL, &failure), OK);
	await_request(&peers[0]);
	ck_assert_uint_eq(message_frame(&request, 5).size, BODY_MAX);
}
END_TEST

START_TEST(wrong_options_are_refused) {
	const struct client_broker good = { .endpoint = "tcp://127.0.0.1:7787" };
	const struct client_broker bad = { .endpoint = "127.0.0.1:7787" };
	const struct client_options wrong[] = {
		{ .brokers = &good, .broker_count = 0, .identity = &identity },
		{ .brokers = &good, .broker_count = CLIENT_BROKERS_MAX + 1, .identity = &identity },
		{ .brokers = &bad, .broker_count = 1, .identity = &identity },
		{ .brokers = &good, .broker_count = 1, .identity = &identity, .retry_ms = -1 },
		{ .brokers = &good, .broker_count = 1, .identity = &identity, .timeout_ms = -1 },
	};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		ck_assert_int_eq(client_new(&wrong[i], &client, &failure), ERROR_BAD_VALUE);
		ck_assert_ptr_null(client);
	}
}
END_TEST

int main(void) {
	TCase *matching = tcase_create("matching");
	tcase_add_checked_fixture(matching, set_up, tear_down);
	tcase_add_test(matching, a_request_has_the_frames_of_the_protocol_and_an_id_of_its_own);
	tcase_add_test(matching, replies_are_matched_in_any_order);
	tcase_add_test(matching, a_late_duplicate_is_ignored);
	tcase_add_test(matching, a_partial_is_not_the_answer);
	tcase_add_loop_test(matching, what_is_no_reply_to_us_is_ignored, 0, (int)(sizeof strays / sizeof strays[0]));
	tcase_add_test(matching, our_id_under_another_service_is_ignored);
	TCase *retrying = tcase_create("retrying");
	tcase_add_checked_fixture(retrying, set_up, tear_down);
	tcase_set_timeout(retrying, 30);
	tcase_add_test(retrying, a_lost_reply_brings_the_same_bytes_again);
	tcase_add_loop_test(retrying, a_busy_broker_is_asked_again_and_never_shown, 0, 2);
	tcase_add_test(retrying, another_refusal_is_an_answer);
	tcase_add_loop_test(retrying, the_second_broker_of_the_list_takes_over, 0, 2);
	tcase_add_test(retrying, what_cannot_be_sent_yet_goes_out_in_order_when_the_broker_comes);
	TCase *giving_up = tcase_create("giving up");
	tcase_add_checked_fixture(giving_up, set_up, tear_down);
	tcase_set_timeout(giving_up, 30);
	tcase_add_loop_test(giving_up, a_silent_broker_is_unreachable_after_the_timeout, 0, 2);
	tcase_add_test(giving_up, every_request_that_waits_is_given_up);
	tcase_add_loop_test(giving_up, a_broker_that_only_answers_probes_has_no_worker, 0, 2);
	tcase_add_loop_test(giving_up, a_broker_that_was_busy_or_without_worker_to_the_end_is_reported_so, 0, 2);
	TCase *calls = tcase_create("calls");
	tcase_add_checked_fixture(calls, set_up, tear_down);
	tcase_set_timeout(calls, 30);
	tcase_add_test(calls, a_call_returns_the_reply);
	tcase_add_test(calls, a_call_without_an_answer_names_the_endpoint_and_what_to_try);
	tcase_add_test(calls, a_request_that_cannot_be_is_refused_at_once);
	tcase_add_test(calls, wrong_options_are_refused);
	Suite *suite = suite_create("wire client");
	suite_add_tcase(suite, matching);
	suite_add_tcase(suite, retrying);
	suite_add_tcase(suite, giving_up);
	suite_add_tcase(suite, calls);
	return unit_run(suite);
}

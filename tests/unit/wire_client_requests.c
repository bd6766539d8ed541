/* What a client's requests carry, requests and answers of several frames, and the time to retry that a broker tells. */
#include <pthread.h>
#include <stdio.h>

#include "tests/unit/wire_client_fixture.h"
#include "wire/outgoing.h"

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"
#define PARENT "00-" TRACE "-00f067aa0ba902b7-01"

/* The header of the last request. */
static struct header header_of_request(void) {
	struct header header;
	ck_assert(header_read(message_frame(&request, 4), &header));
	return header;
}

static void ask_and_await(void) {
	ask("one", NULL);
	await_request(&peers[0]);
}

/* ---- headers ---- */

START_TEST(a_header_says_id_priority_trace_and_what_is_left_of_the_time) {
	connect_client(1, LONG_MS, LONG_MS * 2);
	ask_and_await();
	struct header first = header_of_request();
	uint8_t id[24];
	ck_assert_uint_eq(first.id.size, sizeof id);
	memcpy(id, first.id.data, sizeof id);
	ck_assert_uint_eq(first.priority, PRIORITY_INTERACTIVE);
	ck_assert_uint_eq(first.ttl_ms, LONG_MS * 2);
	ck_assert(header_has_trace(&first));
	ask_and_await();
	struct header second = header_of_request();
	ck_assert(memcmp(second.id.data, id, sizeof id) != 0);
	ck_assert(memcmp(second.trace_id, first.trace_id, TRACE_ID_SIZE) != 0);
	ck_assert(memcmp(second.span_id, first.span_id, SPAN_ID_SIZE) != 0);
}
END_TEST

START_TEST(what_goes_to_the_durable_queue_has_no_time_to_live) {
	const struct slice parts[] = { slice_of_text("notes"), slice_of_text("body") };
	connect_client(1, LONG_MS, LONG_MS * 2);
	ck_assert_int_eq(client_send_parts(client, "titanic.request", parts, 2, NULL, &failure), OK);
	await_request(&peers[0]);
	ck_assert_uint_eq(header_of_request().ttl_ms, 0);
}
END_TEST

START_TEST(a_trace_that_is_set_is_that_of_all_requests_and_each_is_a_span_of_its_own) {
	char trace[TRACE_TEXT];
	connect_client(1, LONG_MS, LONG_MS * 2);
	ck_assert(!client_set_trace(client, "00-" TRACE));
	ck_assert(client_set_trace(client, PARENT));
	ask_and_await();
	struct header first = header_of_request();
	ask_and_await();
	struct header second = header_of_request();
	header_trace_text(&second, trace);
	ck_assert_str_eq(trace, TRACE);
	ck_assert_int_eq(memcmp(first.trace_id, second.trace_id, TRACE_ID_SIZE), 0);
	ck_assert_uint_eq(second.trace_flags, 1);
	ck_assert(memcmp(first.span_id, second.span_id, SPAN_ID_SIZE) != 0);
	reply(&peers[0], MDP_FINAL, slice_of_text("x"));
	ck_assert_int_eq(client_next(client, PATIENCE_MS, &answer), OK);
	ck_assert_str_eq(answer.trace, TRACE);
	ck_assert(client_set_trace(client, NULL));
	ask_and_await();
	second = header_of_request();
	ck_assert(header_has_trace(&second) && memcmp(first.trace_id, second.trace_id, TRACE_ID_SIZE) != 0);
}
END_TEST

START_TEST(the_requests_of_a_bulk_client_are_batch) {
	connect_client_for(1, LONG_MS, LONG_MS * 2, PRIORITY_BATCH);
	ask_and_await();
	ck_assert_uint_eq(header_of_request().priority, PRIORITY_BATCH);
	ck_assert(client_set_trace(client, PARENT));
	ask_and_await();
	ck_assert_uint_eq(header_of_request().priority, PRIORITY_BATCH);
}
END_TEST

START_TEST(another_time_to_live_changes_nothing_else_of_a_request) {
	static const uint8_t bytes[24] = { 1, 2, 3 };
	const struct slice parts[] = { slice_of_text("a"), slice_of_text("") };
	const struct header header = { .priority = PRIORITY_BATCH, .ttl_ms = 9, .id = slice_of(bytes, sizeof bytes) };
	struct message changed, expected;
	message_init(&changed);
	message_init(&expected);
	ck_assert(outgoing_write(&changed, slice_of_text("notes"), &header, parts, 2));
	ck_assert(outgoing_set_ttl(&changed, 7));
	struct header later = header;
	later.ttl_ms = 7;
	ck_assert(outgoing_write(&expected, slice_of_text("notes"), &later, parts, 2));
	ck_assert(slice_is(outgoing_service(&changed), "notes"));
	ck_assert_uint_eq(changed.count, 6);
	ck_assert_uint_eq(expected.count, 6);
	for (size_t i = 0; i < 6; i++) {
		ck_assert(slice_equal(message_frame(&changed, i), message_frame(&expected, i)));
	}
	message_release(&changed);
	message_release(&expected);
}
END_TEST

/* ---- several frames ---- */

/* Answers the last request with several payload frames. */
static void reply_parts(const char *const *parts, size_t count) {
	struct message out;
	message_init(&out);
	ck_assert(message_append_shared(&out, &request, 0));
	ck_assert(mdp_write_client(&out, MDP_0_2, MDP_FINAL, message_frame(&request, 3)));
	ck_assert(message_append_shared(&out, &request, 4));
	for (size_t i = 0; i < count; i++) {
		ck_assert(message_append_text(&out, parts[i]));
	}
	ck_assert_int_eq(link_send(peers[0].link, &out), OK);
}

START_TEST(requests_and_answers_may_have_several_frames) {
	static const char *const answered[] = { "200", "", "5c1b0d3e" };
	const struct slice parts[] = { slice_of_text("notes"), slice_of_text(""), slice_of_text("body") };
	connect_client(1, LONG_MS, LONG_MS * 2);
	ck_assert_int_eq(client_send_parts(client, "titanic.request", parts, 3, &request, &failure), OK);
	await_request(&peers[0]);
	ck_assert_uint_eq(request.count, 8);
	for (size_t i = 0; i < 3; i++) {
		ck_assert(slice_equal(message_frame(&request, 5 + i), parts[i]));
	}
	size_t count = _i == 0 ? 3 : 1;
	reply_parts(answered, count);
	ck_assert_int_eq(client_next(client, PATIENCE_MS, &answer), OK);
	ck_assert_int_eq(answer.error, OK);
	ck_assert_ptr_eq(answer.tag, &request);
	ck_assert_uint_eq(answer.part_count, count);
	for (size_t i = 0; i < count; i++) {
		ck_assert(slice_is(answer.parts[i], answered[i]));
	}
	ck_assert(slice_equal(answer.body, answer.parts[count - 1]));
}
END_TEST

START_TEST(too_many_frames_none_and_too_long_ones_are_refused_at_once) {
	static uint8_t bytes[BODY_MAX + 1];
	struct slice parts[OUTGOING_PARTS_MAX + 1] = { 0 };
	connect_client(1, LONG_MS, LONG_MS * 2);
	ck_assert_int_eq(client_send_parts(client, "notes", parts, 0, NULL, &failure), ERROR_BAD_VALUE);
	ck_assert_int_eq(client_send_parts(client, "notes", parts, OUTGOING_PARTS_MAX + 1, NULL, &failure),
	                 ERROR_BAD_VALUE);
	parts[1] = slice_of(bytes, sizeof bytes);
	ck_assert_int_eq(client_send_parts(client, "notes", parts, 2, NULL, &failure), ERROR_TOO_LONG);
	parts[1] = slice_of_text("");
	ck_assert_int_eq(client_send_parts(client, "notes", parts, OUTGOING_PARTS_MAX, NULL, &failure), OK);
	await_request(&peers[0]);
	ck_assert_uint_eq(request.count, 5 + OUTGOING_PARTS_MAX);
}
END_TEST

START_TEST(an_answer_with_another_header_is_not_ours) {
	connect_client(1, LONG_MS, LONG_MS * 2);
	ask_and_await();
	struct header header = header_of_request();
	struct message out;
	uint8_t bytes[HEADER_MAX];
	header.priority = PRIORITY_BATCH;
	message_init(&out);
	ck_assert(message_append_shared(&out, &request, 0));
	ck_assert(mdp_write_client(&out, MDP_0_2, MDP_FINAL, slice_of_text("notes")));
	ck_assert(message_append(&out, slice_of(bytes, header_write(&header, bytes))));
	ck_assert(message_append_text(&out, "wrong"));
	ck_assert_int_eq(link_send(peers[0].link, &out), OK);
	reply(&peers[0], MDP_FINAL, slice_of_text("right"));
	expect_answer("right", NULL);
}
END_TEST

/* ---- the time to retry ---- */

START_TEST(a_request_is_sent_again_after_the_time_told_instead_of_the_normal_one) {
	connect_client(1, LONG_MS, LONG_MS * 2);
	ask("one", NULL);
	for (unsigned told = 1; told <= 5; told++) {
		await_request(&peers[0]); /* long before LONG_MS */
		reply_refusal(&peers[0], told % 2 == 0 ? ERROR_BUSY : ERROR_NO_WORKER, told);
	}
	await_request(&peers[0]);
	reply(&peers[0], MDP_FINAL, slice_of_text("answer"));
	expect_answer("answer", NULL);
	ck_assert_uint_eq(answer.tries, 6);
	ck_assert_uint_eq(answer.retry_ms, 0);
}
END_TEST

START_TEST(a_request_is_not_sent_again_before_the_time_told) {
	connect_client(1, 200, PATIENCE_MS);
	ask("one", NULL);
	await_request(&peers[0]);
	struct message first;
	message_init(&first);
	/* What was sent before the refusal came may still be on its way. */
	int64_t since = clock_milliseconds();
	reply_refusal(&peers[0], ERROR_BUSY, 600);
	do {
		message_move(&first, &request);
		await_request(&peers[0]);
	} while (clock_milliseconds() - since < 100);
	ck_assert_int_ge(clock_milliseconds() - since, 600);
	for (size_t i = 1; i < first.count; i++) {
		ck_assert(slice_equal(message_frame(&first, i), message_frame(&request, i)));
	}
	reply(&peers[0], MDP_FINAL, slice_of_text("answer"));
	expect_answer("answer", NULL);
	message_release(&first);
}
END_TEST

START_TEST(a_time_beyond_the_deadline_means_no_further_sending) {
	connect_client(1, RETRY_MS, TIMEOUT_MS);
	ask_and_await();
	reply_refusal(&peers[0], ERROR_BUSY, 3600000);
	while (client_next(client, 1, &answer) == ERROR_NOT_FOUND) {
		ck_assert(!peer_takes(&peers[0], &request, 0) || slice_is(message_frame(&request, 3), "mmi.service"));
	}
	ck_assert_int_eq(answer.error, ERROR_BUSY);
	ck_assert_uint_eq(answer.tries, 1);
	ck_assert_uint_eq(answer.retry_ms, 3600000);
	ck_assert_int_ge(answer.waited_ns, (int64_t)(TIMEOUT_MS - 1) * 1000000);
}
END_TEST

START_TEST(only_the_request_that_was_refused_waits) {
	connect_client(1, LONG_MS, LONG_MS * 2);
	ask("one", NULL);
	await_request(&peers[0]);
	reply_refusal(&peers[0], ERROR_BUSY, LONG_MS);
	ask("two", NULL);
	await_request(&peers[0]);
	ck_assert(slice_is(message_frame(&request, 5), "two"));
	reply(&peers[0], MDP_FINAL, slice_of_text("answer"));
	expect_answer("answer", NULL);
	ck_assert_uint_eq(client_waiting(client), 1);
}
END_TEST

/* ---- in words ---- */

static enum error refusal;

static void *refuse_one(void *argument) {
	struct peer *peer = argument;
	if (peer_takes(peer, &request, PATIENCE_MS)) {
		reply_refusal(peer, refusal, 3600000);
	}
	return NULL;
}

START_TEST(a_call_that_fails_tells_for_how_long_it_was_tried_and_which_request_it_was) {
	pthread_t broker;
	struct buffer body;
	buffer_init(&body, BODY_MAX);
	refusal = _i == 0 ? ERROR_BUSY : ERROR_NO_WORKER;
	connect_client(1, RETRY_MS, TIMEOUT_MS);
	ck_assert(client_set_trace(client, PARENT));
	ck_assert_int_eq(pthread_create(&broker, NULL, refuse_one, &peers[0]), 0);
	ck_assert_int_eq(client_call(client, "notes", slice_of_text("one"), &body, &failure), refusal);
	ck_assert_int_eq(pthread_join(broker, NULL), 0);
	ck_assert_msg(strstr(failure.text, "0.4 s (request 4bf92f35, tries: 1)") != NULL, "said: %s", failure.text);
	ck_assert_uint_eq(failure.retry_ms, 3600000);
	buffer_release(&body);
}
END_TEST

/* ---- the durable queue ---- */

START_TEST(what_is_to_be_queued_has_no_time_to_live) {
	const struct slice parts[] = { slice_of_text("notes"), slice_of_text("body") };
	connect_client(1, LONG_MS, LONG_MS * 2);
	ck_assert_int_eq(client_send_parts(client, TITANIC_REQUEST, parts, 2, NULL, &failure), OK);
	await_request(&peers[0]);
	ck_assert_uint_eq(header_of_request().ttl_ms, 0);
}
END_TEST

START_TEST(a_refusal_of_a_ticket_is_its_outcome) {
	const struct slice ticket = slice_of_text("0123456789abcdef0123456789abcdef");
	connect_client(1, LONG_MS, LONG_MS * 2);
	ck_assert_int_eq(client_send_parts(client, TITANIC_REPLY, &ticket, 1, NULL, &failure), OK);
	await_request(&peers[0]);
	struct buffer body;
	buffer_init(&body, BODY_MAX);
	body_error(&body, &(struct failure){ .code = ERROR_NO_WORKER, .text = "scripted", .retry_ms = 1 });
	const char *const answered[] = { "500", buffer_text(&body) };
	reply_parts(answered, 2);
	buffer_release(&body);
	ck_assert_int_eq(client_next(client, PATIENCE_MS, &answer), OK);
	ck_assert_int_eq(answer.error, OK);
	ck_assert_uint_eq(answer.tries, 1);
}
END_TEST

int main(void) {
	TCase *headers = tcase_create("headers");
	tcase_add_checked_fixture(headers, set_up, tear_down);
	tcase_add_test(headers, a_header_says_id_priority_trace_and_what_is_left_of_the_time);
	tcase_add_test(headers, what_goes_to_the_durable_queue_has_no_time_to_live);
	tcase_add_test(headers, a_trace_that_is_set_is_that_of_all_requests_and_each_is_a_span_of_its_own);
	tcase_add_test(headers, the_requests_of_a_bulk_client_are_batch);
	tcase_add_test(headers, another_time_to_live_changes_nothing_else_of_a_request);
	TCase *parts = tcase_create("several frames");
	tcase_add_checked_fixture(parts, set_up, tear_down);
	tcase_add_loop_test(parts, requests_and_answers_may_have_several_frames, 0, 2);
	tcase_add_test(parts, too_many_frames_none_and_too_long_ones_are_refused_at_once);
	tcase_add_test(parts, an_answer_with_another_header_is_not_ours);
	TCase *retrying = tcase_create("the time to retry");
	tcase_add_checked_fixture(retrying, set_up, tear_down);
	tcase_set_timeout(retrying, 30);
	tcase_add_test(retrying, a_request_is_sent_again_after_the_time_told_instead_of_the_normal_one);
	tcase_add_test(retrying, a_request_is_not_sent_again_before_the_time_told);
	tcase_add_test(retrying, a_time_beyond_the_deadline_means_no_further_sending);
	tcase_add_test(retrying, only_the_request_that_was_refused_waits);
	tcase_add_loop_test(retrying, a_call_that_fails_tells_for_how_long_it_was_tried_and_which_request_it_was, 0, 2);
	TCase *queue = tcase_create("the durable queue");
	tcase_add_checked_fixture(queue, set_up, tear_down);
	tcase_add_test(queue, what_is_to_be_queued_has_no_time_to_live);
	tcase_add_test(queue, a_refusal_of_a_ticket_is_its_outcome);
	Suite *suite = suite_create("wire client requests");
	suite_add_tcase(suite, queue);
	suite_add_tcase(suite, headers);
	suite_add_tcase(suite, parts);
	suite_add_tcase(suite, retrying);
	return unit_run(suite);
}

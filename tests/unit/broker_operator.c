/* The service `broker` of the broker's pure core: what operators ask, and dead letters (doc/protocol.md). */
#include <stdio.h>

#include "tests/lib/broker_world.h"
#include "tests/lib/unit.h"
#include "wire/body.h"

static struct pack_document *document;

static void begin(void) {
	world_begin(NULL);
	document = pack_document_new();
	ck_assert_ptr_nonnull(document);
}

static void end(void) {
	pack_document_free(document);
	world_end();
}

/* ---- asking ---- */

/* One question with up to one text and one number or truth. */
struct question {
	const char *operation, *key, *text;
	int64_t limit;
	bool all;
};

/* The map under `ok`, or NULL with the refusal's code in `*error`. */
static const struct pack_value *asks(const struct question *question, enum error *error) {
	struct buffer body;
	const struct pack_value *ok = NULL;
	buffer_init(&body, 4096);
	body_begin_request(&body, question->operation,
	                   (size_t)(question->key != NULL) + (size_t)(question->limit != 0) + (size_t)question->all);
	if (question->key != NULL) {
		pack_key_word(&body, question->key, question->text);
	}
	if (question->limit != 0) {
		pack_key_signed(&body, "limit", question->limit);
	}
	if (question->all) {
		pack_key_boolean(&body, "all", true);
	}
	let_pass_unheard();
	says_body("o", "MDPC02|01|broker|id", buffer_slice(&body));
	buffer_release(&body);
	let_pass_unheard();
	*error = body_read_reply(document, last_body(), &ok, NULL);
	return ok;
}

static const struct pack_value *hears_ok(const struct question *question) {
	enum error error = OK;
	const struct pack_value *ok = asks(question, &error);
	ck_assert_int_eq(error, OK);
	return ok;
}

static enum error hears_refusal(const struct question *question) {
	enum error error = OK;
	(void)asks(question, &error);
	return error;
}

static int64_t number(const struct pack_value *map, const char *key) {
	int64_t value = 0;
	ck_assert_msg(pack_as_signed(pack_find(map, key), &value), "%s is missing, or no number", key);
	return value;
}

static bool says_text(const struct pack_value *map, const char *key, const char *expected) {
	struct slice text = { 0 };
	return pack_as_text(pack_find(map, key), &text) && slice_is(text, expected);
}

static const struct pack_value *first_item(const struct pack_value *ok, size_t count) {
	const struct pack_value *items = pack_find(ok, "items");
	ck_assert_uint_eq(pack_count(items), count);
	return pack_item(items, 0);
}

static void a_request_dies(void) {
	for (int i = 0; i < 5; i++) {
		says("w", "MDPW02|01|echo|2");
		says("w", "MDPW02|05|*");
		if (i == 0) {
			says("c", "MDPC02|01|echo|id|poison");
		} else {
			world_passes(WORLD_BACKOFF_MAX);
		}
		ck_assert_uint_eq(state_now().held, 1);
		hangs_up("w");
	}
	ck_assert_str_eq(last_heard(), "c|MDPC02|03|echo|id|{given-up}");
	ck_assert(world_commits());
	ck_assert_uint_eq(state_now().tickets_dead, 1);
	let_pass_unheard();
}

/* ---- lists and numbers ---- */

START_TEST(status_tells_what_there_is) {
	comes("w", "MDPW02|01|echo");
	says("c", "MDPC02|01|echo|a");
	says("c", "MDPC02|01|echo|b");
	says("c", "MDPC02|01|titanic.request|other|later");
	world_commits();
	world_passes(500);
	const struct pack_value *ok = hears_ok(&(struct question){ .operation = "status" });
	ck_assert(says_text(ok, "state", "serving") && says_text(ok, "endpoint", "tcp://127.0.0.1:7787"));
	ck_assert_int_eq(number(ok, "uptime_ms"), 500);
	ck_assert_int_eq(number(ok, "connections"), 3);
	ck_assert_int_eq(number(ok, "held"), 1);
	ck_assert_int_eq(number(ok, "waiting"), 2);
	ck_assert_int_eq(number(ok, "queued"), 1);
	ck_assert_int_eq(number(ok, "queued_bytes"), 5);
	ck_assert_int_eq(number(ok, "clients"), 2);
	ck_assert_int_eq(number(ok, "oldest_ms"), 500);
	const struct pack_value *counts = pack_find(ok, "counts");
	ck_assert_uint_eq(pack_count(counts), CORE_COUNTERS);
	ck_assert_int_eq(number(counts, "requests"), 2);
	world_drains();
	ck_assert(says_text(hears_ok(&(struct question){ .operation = "status" }), "state", "draining"));
	says("w", "MDPW02|04|#1/c||done");
	ck_assert(says_text(hears_ok(&(struct question){ .operation = "status" }), "state", "drained"));
}
END_TEST

START_TEST(services_workers_and_clients_are_listed) {
	comes("w", "MDPW02|01|echo|3");
	comes("v", "|MDPW01|01|echo");
	says("c", "MDPC02|01|echo|a");
	says("c", "MDPC02|01|other|b");
	const struct pack_value *item = first_item(hears_ok(&(struct question){ .operation = "services" }), 2);
	ck_assert(says_text(item, "name", "echo"));
	ck_assert_int_eq(number(item, "workers"), 2);
	ck_assert_int_eq(number(item, "held"), 1);
	item = first_item(hears_ok(&(struct question){ .operation = "workers" }), 2);
	ck_assert(says_text(item, "name", "") && says_text(item, "protocol", "0.1") && says_text(item, "state", "ready"));
	item = pack_item(pack_find(hears_ok(&(struct question){ .operation = "workers" }), "items"), 1);
	ck_assert(says_text(item, "name", "worker-w") && says_text(item, "protocol", "0.2"));
	ck_assert_int_eq(number(item, "window"), 3);
	item = first_item(hears_ok(&(struct question){ .operation = "clients" }), 2);
	ck_assert_int_eq(number(item, "waiting"), 1);
	ck_assert_int_eq(number(item, "held"), 1);
	ck_assert_int_eq(number(item, "requests"), 2);
}
END_TEST

START_TEST(long_list_comes_page_by_page) {
	char frames[WORLD_TEXT_MAX], after[64] = "";
	for (int i = 0; i < 7; i++) {
		(void)snprintf(frames, sizeof frames, "MDPC02|01|service-%d|a", i);
		says("c", frames);
	}
	for (int page = 0; page < 3; page++) {
		struct slice text = { 0 };
		const struct pack_value *ok = hears_ok(&(struct question){ .operation = "services", .limit = 3,
			.key = page == 0 ? NULL : "after", .text = after });
		const struct pack_value *item = first_item(ok, page < 2 ? 3 : 1);
		(void)snprintf(frames, sizeof frames, "service-%d", 3 * page);
		ck_assert(says_text(item, "name", frames));
		ck_assert(pack_as_text(pack_find(ok, "after"), &text) == (page < 2));
		ck_assert(page == 2 || slice_copy_text(text, after, sizeof after));
	}
}
END_TEST

START_TEST(tickets_are_listed_with_their_states) {
	says("c", "MDPC02|01|titanic.request|echo|work");
	world_commits();
	const struct pack_value *item = first_item(hears_ok(&(struct question){ .operation = "queue" }), 1);
	ck_assert(says_text(item, "state", "waiting") && says_text(item, "service", "echo"));
	comes("w", "MDPW02|01|echo");
	item = first_item(hears_ok(&(struct question){ .operation = "queue" }), 1);
	ck_assert(says_text(item, "state", "held"));
	says("w", "MDPW02|04|#1/c||done");
	item = first_item(hears_ok(&(struct question){ .operation = "queue" }), 1);
	ck_assert(says_text(item, "state", "answered"));
	ck_assert_int_eq(number(item, "bytes"), 8);
	first_item(hears_ok(&(struct question){ .operation = "dead-list" }), 0);
}
END_TEST

/* ---- dead letters ---- */

START_TEST(dead_letter_is_shown_with_its_history_and_frames) {
	a_request_dies();
	const struct pack_value *item = first_item(hears_ok(&(struct question){ .operation = "dead-list" }), 1);
	ck_assert(says_text(item, "reason", "every worker that it was given to failed"));
	ck_assert_int_eq(number(item, "deliveries"), 5);
	const struct question show = { .operation = "dead-show", .key = "ticket", .text = "b0b0b0b0" };
	const struct pack_value *dead = pack_find(hears_ok(&show), "dead");
	const struct pack_value *history = pack_find(dead, "history"), *frames = pack_find(dead, "frames");
	struct slice frame = { 0 };
	ck_assert_uint_eq(pack_count(history), 5);
	ck_assert(says_text(pack_item(history, 4), "worker", "worker-w"));
	ck_assert(says_text(pack_item(history, 4), "outcome", "its connection ended"));
	ck_assert_uint_eq(pack_count(frames), 2);
	ck_assert(pack_as_bytes(pack_item(frames, 1), &frame) && slice_is(frame, "poison"));
}
END_TEST

START_TEST(dead_letter_is_tried_again_and_answered_as_a_ticket) {
	a_request_dies();
	const struct question retry = { .operation = "dead-retry", .key = "ticket", .text = "b0b0b0b0" };
	ck_assert_int_eq(number(hears_ok(&retry), "count"), 1);
	ck_assert_uint_eq(state_now().tickets_dead, 0);
	ck_assert_int_eq(hears_refusal(&retry), ERROR_NOT_FOUND);
	world_commits();
	let_pass_unheard();
	comes("w", "MDPW02|01|echo");
	hears("w|MDPW02|02|#6/c||id|poison");
	says("w", "MDPW02|04|#6/c||id|antidote");
	nobody_hears_more();
	world_commits();
	says("c", "MDPC02|01|titanic.reply|$1");
	hears("c|MDPC02|03|titanic.reply|200|antidote");
}
END_TEST

START_TEST(dead_letters_are_dropped_all_at_once) {
	a_request_dies();
	ck_assert_int_eq(number(hears_ok(&(struct question){ .operation = "dead-drop", .all = true }), "count"), 1);
	ck_assert_uint_eq(state_now().tickets, 0);
	world_commits();
	world_restarts();
	ck_assert_uint_eq(state_now().tickets, 0);
}
END_TEST

START_TEST(dead_letter_that_is_not_on_disk_yet_is_not_tried_again) {
	struct core_limits limits = world_limits();
	limits.deliveries_max = 1;
	world_begins_anew(&limits);
	comes("w", "MDPW02|01|echo");
	says("c", "MDPC02|01|echo|id|poison");
	hangs_up("w");
	ck_assert_int_eq(number(hears_ok(&(struct question){ .operation = "dead-retry", .all = true }), "count"), 0);
	ck_assert(world_cannot_commit());
	ck_assert_uint_eq(state_now().tickets, 0);
}
END_TEST

START_TEST(dead_letter_of_a_hand_out_after_a_commit_is_not_in_that_commit) {
	struct core_limits limits = world_limits();
	limits.deliveries_max = 1;
	world_begins_anew(&limits);
	comes("w", "MDPW02|01|echo|2");
	says("c", "MDPC02|01|echo|id|poison");
	says("c", "MDPC02|01|titanic.request|echo|work");
	is_lost("w");
	ck_assert(world_commits());
	ck_assert_uint_eq(state_now().tickets_dead, 1);
	ck_assert(world_cannot_commit());
	ck_assert_uint_eq(state_now().tickets_dead, 0);
	ck_assert_uint_eq(state_now().tickets, 1);
}
END_TEST

START_TEST(digits_of_two_dead_letters_are_ambiguous) {
	struct core_limits limits = world_limits();
	limits.deliveries_max = 1;
	world_begins_anew(&limits);
	comes("w", "MDPW02|01|echo|2");
	says("c", "MDPC02|01|echo|id|poison");
	says("c", "MDPC02|01|echo|id|venom");
	hangs_up("w");
	world_commits();
	const struct question short_one = { .operation = "dead-show", .key = "ticket", .text = "b0b0b0b0" };
	ck_assert_int_eq(hears_refusal(&short_one), ERROR_AMBIGUOUS);
	const struct question whole = { .operation = "dead-drop", .key = "ticket",
		.text = "b0b0b0b0b0b0b0b0b0b0b0b0b0b0b002" };
	ck_assert_int_eq(number(hears_ok(&whole), "count"), 1);
	ck_assert_uint_eq(state_now().tickets_dead, 1);
}
END_TEST

/* ---- what is refused ---- */

static const struct {
	struct question question;
	enum error error;
} refused[] = {
	{ { .operation = "nonsense" }, ERROR_UNKNOWN_OPERATION },
	{ { .operation = "services", .limit = 501 }, ERROR_BAD_VALUE },
	{ { .operation = "services", .limit = -1 }, ERROR_BAD_VALUE },
	{ { .operation = "services", .key = "after", .text = "xyz" }, ERROR_BAD_VALUE },
	{ { .operation = "services", .key = "after", .text = "0" }, ERROR_BAD_VALUE },
	{ { .operation = "pause" }, ERROR_MALFORMED },
	{ { .operation = "pause", .key = "service", .text = "broker" }, ERROR_BAD_VALUE },
	{ { .operation = "pause", .key = "service", .text = "two words" }, ERROR_BAD_VALUE },
	{ { .operation = "resume", .key = "service", .text = "unknown" }, ERROR_NOT_FOUND },
	{ { .operation = "dead-show" }, ERROR_BAD_VALUE },
	{ { .operation = "dead-show", .key = "ticket", .text = "b0b0b0b" }, ERROR_BAD_VALUE },
	{ { .operation = "dead-drop", .key = "ticket", .text = "b0b0b0b0" }, ERROR_NOT_FOUND },
	{ { .operation = "dead-retry", .key = "ticket", .text = "b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0010" }, ERROR_BAD_VALUE },
};

START_TEST(order_is_refused) {
	ck_assert_int_eq(hears_refusal(&refused[_i].question), refused[_i].error);
}
END_TEST

START_TEST(who_is_no_operator_is_refused) {
	says("c", "MDPC02|01|broker|id|status");
	hears("c|MDPC02|03|broker|id|{not-allowed}");
	ck_assert_uint_eq(count_of(CORE_REFUSED_OPERATOR), 1);
	says("o", "MDPC02|01|broker|id|status");
	hears("o|MDPC02|03|broker|id|{malformed}");
}
END_TEST

int main(void) {
	Suite *suite = suite_create("broker_operator");
	TCase *tests = tcase_create("operators");
	tcase_add_checked_fixture(tests, begin, end);
	tcase_add_test(tests, status_tells_what_there_is);
	tcase_add_test(tests, services_workers_and_clients_are_listed);
	tcase_add_test(tests, long_list_comes_page_by_page);
	tcase_add_test(tests, tickets_are_listed_with_their_states);
	tcase_add_test(tests, dead_letter_is_shown_with_its_history_and_frames);
	tcase_add_test(tests, dead_letter_is_tried_again_and_answered_as_a_ticket);
	tcase_add_test(tests, dead_letters_are_dropped_all_at_once);
	tcase_add_test(tests, dead_letter_that_is_not_on_disk_yet_is_not_tried_again);
	tcase_add_test(tests, dead_letter_of_a_hand_out_after_a_commit_is_not_in_that_commit);
	tcase_add_test(tests, digits_of_two_dead_letters_are_ambiguous);
	tcase_add_loop_test(tests, order_is_refused, 0, sizeof refused / sizeof refused[0]);
	tcase_add_test(tests, who_is_no_operator_is_refused);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

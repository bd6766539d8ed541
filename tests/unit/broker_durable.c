/* The broker's durable queue on a real store: what is kept is there after a commit, and only then. */
#include <stdlib.h>

#include "broker/durable.h"
#include "tests/lib/scratch.h"
#include "tests/lib/unit.h"
#include "wire/frame.h"

#define BYTES_MAX ((int64_t)64 << 20)
#define KEEP_FREE 4096
#define FRAME_MAX 262144

static const char *folder;
static struct durable *durable;

static void open_queue(int64_t bytes_max) {
	struct failure failure = { .code = OK };
	enum error error = durable_open(folder, bytes_max, KEEP_FREE, &durable, &failure);
	ck_assert_msg(error == OK, "%s", failure.text);
}

static void begin(void) {
	folder = scratch_folder();
	open_queue(BYTES_MAX);
}

static void end(void) {
	durable_close(durable);
}

static void starts_again(void) {
	durable_close(durable);
	open_queue(BYTES_MAX);
}

/* ---- tickets ---- */

static struct ticket_record record_of(uint8_t number) {
	struct ticket_record record = { .state = TICKET_PENDING, .arrived = 1000 - number, .expires = 5000,
		                            .priority = 1, .deliveries = 2, .bytes = 7 };
	memset(record.id, number, sizeof record.id);
	memset(record.client, 'c', sizeof record.client);
	(void)slice_copy_text(slice_of_text("echo"), record.service, sizeof record.service);
	return record;
}

static void keep(const struct ticket_record *record, enum ticket_part part, const struct message *frames) {
	durable_keep(durable, &(struct ticket_change){ .kind = TICKET_PUT, .record = record, .frames = frames,
		.first = 0, .part = part });
}

static void forget(const struct ticket_record *record) {
	durable_keep(durable, &(struct ticket_change){ .kind = TICKET_FORGET, .record = record });
}

static void keep_words(const struct ticket_record *record, enum ticket_part part, const char *one, const char *two) {
	struct message frames;
	message_init(&frames);
	ck_assert(message_append_text(&frames, one) && message_append_text(&frames, two));
	keep(record, part, &frames);
	message_release(&frames);
}

static void commits(void) {
	struct failure failure = { .code = OK };
	ck_assert(durable_has_changes(durable));
	enum error error = durable_commit(durable, &failure);
	ck_assert_msg(error == OK, "%s", failure.text);
	ck_assert(!durable_has_changes(durable));
}

static bool loads(const struct ticket_record *record, enum ticket_part part, const char *one, const char *two) {
	struct message frames;
	message_init(&frames);
	bool same = durable_load(durable, record->id, part, &frames) == OK && frames.count == 2 &&
	            slice_is(message_frame(&frames, 0), one) && slice_is(message_frame(&frames, 1), two);
	message_release(&frames);
	return same;
}

static enum error load_error(const struct ticket_record *record, enum ticket_part part) {
	struct message frames;
	message_init(&frames);
	enum error error = durable_load(durable, record->id, part, &frames);
	message_release(&frames);
	return error;
}

static struct ticket_record restored[8];
static size_t restored_count;

static void take(void *argument, const struct ticket_record *record) {
	(void)argument;
	ck_assert_uint_lt(restored_count, 8);
	restored[restored_count++] = *record;
}

static size_t restores(void) {
	restored_count = 0;
	ck_assert_int_eq(durable_restore(durable, take, NULL, NULL), OK);
	return restored_count;
}

static void same_record(const struct ticket_record *one, const struct ticket_record *two) {
	ck_assert_mem_eq(one->id, two->id, sizeof one->id);
	ck_assert_mem_eq(one->client, two->client, sizeof one->client);
	ck_assert_str_eq(one->service, two->service);
	ck_assert_str_eq(one->reason, two->reason);
	ck_assert(one->state == two->state && one->arrived == two->arrived && one->expires == two->expires);
	ck_assert(one->ended == two->ended && one->priority == two->priority && one->bytes == two->bytes);
	ck_assert(one->deliveries == two->deliveries && one->attempt_count == two->attempt_count);
	for (size_t i = 0; i < one->attempt_count; i++) {
		ck_assert_int_eq(one->attempts[i].at, two->attempts[i].at);
		ck_assert_mem_eq(one->attempts[i].worker, two->attempts[i].worker, TRANSPORT_KEY_SIZE);
		ck_assert_str_eq(one->attempts[i].outcome, two->attempts[i].outcome);
	}
}

/* ---- keeping ---- */

START_TEST(what_was_kept_is_there_after_the_commit_and_after_a_start) {
	struct ticket_record record = record_of(1);
	keep_words(&record, TICKET_REQUEST, "one", "");
	ck_assert_int_eq(load_error(&record, TICKET_REQUEST), ERROR_NOT_FOUND);
	ck_assert_uint_eq(restores(), 0);
	commits();
	ck_assert(loads(&record, TICKET_REQUEST, "one", ""));
	ck_assert_int_eq(load_error(&record, TICKET_ANSWER), ERROR_NOT_FOUND);
	starts_again();
	ck_assert(loads(&record, TICKET_REQUEST, "one", ""));
	ck_assert_uint_eq(restores(), 1);
	same_record(&restored[0], &record);
}
END_TEST

START_TEST(dead_letter_comes_back_whole_and_the_oldest_first) {
	struct ticket_record young = record_of(1), old = record_of(2);
	old.state = TICKET_DEAD;
	old.ended = 4000;
	old.attempt_count = TICKET_ATTEMPTS;
	(void)slice_copy_text(slice_of_text("every worker failed"), old.reason, sizeof old.reason);
	for (size_t i = 0; i < TICKET_ATTEMPTS; i++) {
		old.attempts[i].at = 100 + (int64_t)i;
		memset(old.attempts[i].worker, 'w', TRANSPORT_KEY_SIZE);
		memset(old.attempts[i].outcome, 'x', TICKET_REASON_MAX - 1);
	}
	keep_words(&young, TICKET_REQUEST, "1", "1");
	keep_words(&old, TICKET_REQUEST, "2", "2");
	commits();
	starts_again();
	ck_assert_uint_eq(restores(), 2);
	same_record(&restored[0], &old);
	same_record(&restored[1], &young);
}
END_TEST

START_TEST(answer_is_added_and_the_request_stays) {
	struct ticket_record record = record_of(1);
	keep_words(&record, TICKET_REQUEST, "one", "two");
	commits();
	record.state = TICKET_ANSWERED;
	keep_words(&record, TICKET_ANSWER, "three", "four");
	commits();
	ck_assert(loads(&record, TICKET_REQUEST, "one", "two") && loads(&record, TICKET_ANSWER, "three", "four"));
	ck_assert_uint_eq(restores(), 1);
	ck_assert_int_eq(restored[0].state, TICKET_ANSWERED);
}
END_TEST

START_TEST(forgotten_ticket_leaves_nothing) {
	struct ticket_record record = record_of(1), other = record_of(2);
	keep_words(&record, TICKET_REQUEST, "one", "two");
	keep_words(&record, TICKET_ANSWER, "one", "two");
	keep_words(&other, TICKET_REQUEST, "one", "two");
	commits();
	forget(&record);
	commits();
	ck_assert_int_eq(load_error(&record, TICKET_REQUEST), ERROR_NOT_FOUND);
	ck_assert_int_eq(load_error(&record, TICKET_ANSWER), ERROR_NOT_FOUND);
	ck_assert(loads(&other, TICKET_REQUEST, "one", "two"));
	ck_assert_uint_eq(restores(), 1);
}
END_TEST

START_TEST(ticket_that_is_forgotten_and_asked_for_anew_in_one_commit_is_the_new_one) {
	struct ticket_record record = record_of(1);
	keep_words(&record, TICKET_REQUEST, "one", "two");
	keep_words(&record, TICKET_ANSWER, "old", "answer");
	commits();
	forget(&record);
	keep_words(&record, TICKET_REQUEST, "one", "new");
	commits();
	ck_assert(loads(&record, TICKET_REQUEST, "one", "new"));
	ck_assert_int_eq(load_error(&record, TICKET_ANSWER), ERROR_NOT_FOUND);
}
END_TEST

START_TEST(large_frames_come_back_whole) {
	struct ticket_record record = record_of(1);
	struct message frames, again;
	uint8_t *bytes = malloc(FRAME_MAX);
	ck_assert_ptr_nonnull(bytes);
	message_init(&frames);
	message_init(&again);
	for (int frame = 0; frame < MESSAGE_FRAMES_MAX; frame++) {
		for (size_t i = 0; i < FRAME_MAX; i++) {
			bytes[i] = (uint8_t)(i * 31 + i / 257 + (size_t)frame);
		}
		ck_assert(message_append(&frames, slice_of(bytes, frame == 3 ? 0 : FRAME_MAX)));
	}
	keep(&record, TICKET_REQUEST, &frames);
	commits();
	starts_again();
	ck_assert_int_eq(durable_load(durable, record.id, TICKET_REQUEST, &again), OK);
	ck_assert_uint_eq(again.count, MESSAGE_FRAMES_MAX);
	for (size_t i = 0; i < frames.count; i++) {
		ck_assert(slice_equal(message_frame(&frames, i), message_frame(&again, i)));
	}
	forget(&record);
	commits();
	ck_assert_int_eq(load_error(&record, TICKET_REQUEST), ERROR_NOT_FOUND);
	message_release(&frames);
	message_release(&again);
	free(bytes);
}
END_TEST

/* ---- commits that fail ---- */

START_TEST(after_a_failed_commit_new_tickets_are_gone_and_other_changes_are_tried_again) {
	struct ticket_record known = record_of(1), large = record_of(2);
	durable_close(durable);
	folder = scratch_folder();
	open_queue(1 << 20);
	keep_words(&known, TICKET_REQUEST, "one", "two");
	commits();
	struct message frames;
	uint8_t *bytes = calloc(1, FRAME_MAX);
	ck_assert_ptr_nonnull(bytes);
	message_init(&frames);
	for (int i = 0; i < 6; i++) {
		ck_assert(message_append(&frames, slice_of(bytes, FRAME_MAX)));
	}
	known.state = TICKET_ANSWERED;
	keep_words(&known, TICKET_ANSWER, "three", "four");
	keep(&large, TICKET_REQUEST, &frames);
	struct failure failure = { .code = OK };
	ck_assert_int_eq(durable_commit(durable, &failure), ERROR_STORE_FULL);
	ck_assert(failure.text[0] != '\0');
	ck_assert_int_eq(load_error(&known, TICKET_ANSWER), ERROR_NOT_FOUND);
	commits();
	ck_assert(loads(&known, TICKET_ANSWER, "three", "four"));
	ck_assert_int_eq(load_error(&large, TICKET_REQUEST), ERROR_NOT_FOUND);
	ck_assert_uint_eq(restores(), 1);
	message_release(&frames);
	free(bytes);
}
END_TEST

START_TEST(closing_drops_what_was_not_committed) {
	struct ticket_record record = record_of(1);
	keep_words(&record, TICKET_REQUEST, "one", "two");
	starts_again();
	ck_assert(!durable_has_changes(durable));
	ck_assert_uint_eq(restores(), 0);
}
END_TEST

/* ---- names ---- */

static void id_of(const char *client, const char *service, const char *one, const char *two,
                  uint8_t out[TICKET_SIZE]) {
	struct message frames;
	uint8_t key[TRANSPORT_KEY_SIZE];
	memset(key, client[0], sizeof key);
	message_init(&frames);
	ck_assert(message_append_text(&frames, "header") && message_append_text(&frames, one));
	ck_assert(two == NULL || message_append_text(&frames, two));
	durable_ticket_id(durable, key, slice_of_text(service), &frames, 1, out);
	message_release(&frames);
}

START_TEST(ticket_follows_from_client_service_and_frames_and_outlives_a_start) {
	static const char *const others[][4] = {
		{ "d", "echo", "a", "b" }, { "c", "other", "a", "b" }, { "c", "echo", "ab", "" },
		{ "c", "echo", "", "ab" }, { "c", "echo", "ab", NULL }, { "c", "echoa", "", "b" },
	};
	uint8_t one[TICKET_SIZE], two[TICKET_SIZE];
	id_of("c", "echo", "a", "b", one);
	starts_again();
	id_of("c", "echo", "a", "b", two);
	ck_assert_mem_eq(one, two, TICKET_SIZE);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		id_of(others[i][0], others[i][1], others[i][2], others[i][3], two);
		ck_assert_mem_ne(one, two, TICKET_SIZE);
	}
	durable_close(durable);
	folder = scratch_folder();
	open_queue(BYTES_MAX);
	id_of("c", "echo", "a", "b", two);
	ck_assert_mem_ne(one, two, TICKET_SIZE); /* nobody can make a ticket that another broker will give */
}
END_TEST

START_TEST(commits_are_measured) {
	struct ticket_record one = record_of(1), two = record_of(2);
	keep_words(&one, TICKET_REQUEST, "1", "1");
	keep_words(&two, TICKET_REQUEST, "2", "2");
	commits();
	ck_assert_uint_eq(durable_commit_us(durable)->count, 1);
	ck_assert_uint_eq(durable_commit_changes(durable)->count, 1);
	ck_assert_uint_eq(durable_commit_changes(durable)->sum, 2);
	durable_tend(durable);
}
END_TEST

START_TEST(folder_that_cannot_be_is_named) {
	struct failure failure = { .code = OK };
	struct durable *none = NULL;
	scratch_write(scratch_path(folder, "file"), "x");
	ck_assert_int_ne(durable_open(scratch_path(folder, "file"), BYTES_MAX, KEEP_FREE, &none, &failure), OK);
	ck_assert_ptr_null(none);
	ck_assert(failure.text[0] != '\0');
}
END_TEST

int main(void) {
	Suite *suite = suite_create("broker_durable");
	TCase *tests = tcase_create("store");
	tcase_add_checked_fixture(tests, begin, end);
	tcase_add_test(tests, what_was_kept_is_there_after_the_commit_and_after_a_start);
	tcase_add_test(tests, dead_letter_comes_back_whole_and_the_oldest_first);
	tcase_add_test(tests, answer_is_added_and_the_request_stays);
	tcase_add_test(tests, forgotten_ticket_leaves_nothing);
	tcase_add_test(tests, ticket_that_is_forgotten_and_asked_for_anew_in_one_commit_is_the_new_one);
	tcase_add_test(tests, large_frames_come_back_whole);
	tcase_add_test(tests, after_a_failed_commit_new_tickets_are_gone_and_other_changes_are_tried_again);
	tcase_add_test(tests, closing_drops_what_was_not_committed);
	tcase_add_test(tests, ticket_follows_from_client_service_and_frames_and_outlives_a_start);
	tcase_add_test(tests, commits_are_measured);
	tcase_add_test(tests, folder_that_cannot_be_is_named);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

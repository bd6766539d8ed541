/* Messages as rows of frames: who owns the bytes after appending, moving and sharing. */
#include "tests/unit/wire_hex.h"

#define LONG_SIZE 5000 /* too long to be kept inside of a frame */

static uint8_t long_bytes[LONG_SIZE];

/* Two frames, a short one and a long one. */
static void fill(struct message *message) {
	memset(long_bytes, 'x', sizeof long_bytes);
	message_init(message);
	ck_assert(message_append_text(message, "short"));
	ck_assert(message_append(message, slice_of(long_bytes, sizeof long_bytes)));
}

static void check_filled(const struct message *message) {
	ck_assert_uint_eq(message->count, 2);
	ck_assert(slice_is(message_frame(message, 0), "short"));
	ck_assert(slice_equal(message_frame(message, 1), slice_of(long_bytes, sizeof long_bytes)));
	ck_assert_uint_eq(message_bytes(message), 5 + LONG_SIZE);
}

START_TEST(a_frame_is_a_copy_of_what_was_appended) {
	struct message message;
	fill(&message);
	check_filled(&message);
	ck_assert_ptr_ne(message_frame(&message, 1).data, long_bytes);
	message_release(&message);
	ck_assert_uint_eq(message.count, 0);
	ck_assert_uint_eq(message_bytes(&message), 0);
}
END_TEST

START_TEST(a_moved_frame_keeps_its_bytes_in_place_and_leaves_an_empty_one) {
	struct message from, to;
	fill(&from);
	message_init(&to);
	const uint8_t *place = message_frame(&from, 1).data;
	ck_assert(message_append_moved(&to, &from, 1));
	ck_assert_ptr_eq(message_frame(&to, 0).data, place);
	ck_assert_uint_eq(message_frame(&from, 1).size, 0);
	ck_assert_uint_eq(from.count, 2);
	message_release(&from);
	ck_assert_uint_eq(message_frame(&to, 0).size, LONG_SIZE);
	message_release(&to);
}
END_TEST

START_TEST(a_shared_frame_outlives_the_message_it_came_from) {
	struct message from, to;
	fill(&from);
	message_init(&to);
	ck_assert(message_append_shared(&to, &from, 0));
	ck_assert(message_append_shared(&to, &from, 1));
	ck_assert_ptr_eq(message_frame(&to, 1).data, message_frame(&from, 1).data);
	check_filled(&from);
	message_release(&from);
	check_filled(&to);
	message_release(&to);
}
END_TEST

START_TEST(moving_a_message_replaces_what_was_there) {
	struct message from, to;
	fill(&from);
	fill(&to);
	ck_assert(message_append_text(&to, "former"));
	message_move(&to, &from);
	check_filled(&to);
	ck_assert_uint_eq(from.count, 0);
	message_release(&from);
	message_release(&to);
}
END_TEST

START_TEST(a_full_message_takes_no_more) {
	struct message from, full;
	fill(&from);
	message_init(&full);
	for (size_t i = 0; i < MESSAGE_FRAMES_MAX; i++) {
		ck_assert(message_append_text(&full, ""));
	}
	ck_assert(!message_append_text(&full, "more"));
	ck_assert(!message_append_moved(&full, &from, 0));
	ck_assert(!message_append_shared(&full, &from, 0));
	ck_assert_uint_eq(full.count, MESSAGE_FRAMES_MAX);
	check_filled(&from);
	message_release(&from);
	message_release(&full);
}
END_TEST

int main(void) {
	TCase *frames = tcase_create("frames");
	tcase_add_test(frames, a_frame_is_a_copy_of_what_was_appended);
	tcase_add_test(frames, a_moved_frame_keeps_its_bytes_in_place_and_leaves_an_empty_one);
	tcase_add_test(frames, a_shared_frame_outlives_the_message_it_came_from);
	tcase_add_test(frames, moving_a_message_replaces_what_was_there);
	tcase_add_test(frames, a_full_message_takes_no_more);
	Suite *suite = suite_create("wire frame");
	suite_add_tcase(suite, frames);
	return unit_run(suite);
}

/* Majordomo: every golden message of both versions is read for what it means, or refused for the reason given there,
 * and what is written from its meaning is the same bytes. */
#include "tests/unit/wire_golden.h"

#include <stdarg.h>

#include "wire/mdp.h"

#define W02 "4d4450573032"
#define W01 "4d4450573031"
#define NOTES "6e6f746573" /* notes */

static const char *const command_words[] = {
	[MDP_REQUEST] = "REQUEST", [MDP_PARTIAL] = "PARTIAL",     [MDP_FINAL] = "FINAL",
	[MDP_READY] = "READY",     [MDP_HEARTBEAT] = "HEARTBEAT", [MDP_DISCONNECT] = "DISCONNECT",
};

/* ---- reading ---- */

static void add(struct buffer *out, bool applies, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void add(struct buffer *out, bool applies, const char *format, ...) {
	char text[GOLDEN_LINE];
	va_list arguments;
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	ck_assert(!applies || buffer_append_text(out, text));
}

/* What was read, in the words of the file. The buffer is the caller's. */
static const char *meaning(const struct message *message, const struct mdp *mdp, struct buffer *out) {
	bool has_body = mdp->command <= MDP_FINAL;
	bool has_window = mdp->command == MDP_READY && mdp->has_window;
	buffer_clear(out);
	add(out, true, "%s %s %s", mdp->version == MDP_0_1 ? "0.1" : "0.2",
	    mdp->side == MDP_SIDE_CLIENT ? "client" : "worker", command_words[mdp->command]);
	add(out, mdp->service.size > 0, " service=%.*s", (int)mdp->service.size, (const char *)mdp->service.data);
	add(out, has_window, " window=%u", mdp->window);
	add(out, mdp->address.size > 0, " address=%zu", mdp->address.size);
	add(out, mdp->names_held, " held=%zu", mdp->held.size / MDP_TOKEN_SIZE);
	add(out, mdp->has_id, " id");
	add(out, has_body, " payload=%zu", message->count - mdp->body_first - mdp->has_id);
	ck_assert(has_body || mdp->body_first == message->count);
	ck_assert(has_window || mdp->window == 1);
	return buffer_text(out);
}

static void check_reads(const struct golden *golden, const char *route, size_t first) {
	struct message message;
	struct buffer said;
	message_init(&message);
	buffer_init(&said, 4096);
	if (first > 0) {
		message_append_hex(&message, route);
	}
	message_append_hex(&message, golden->frames);
	struct mdp mdp;
	struct failure failure = { 0 };
	enum error error = mdp_read(&message, first, &mdp, &failure);
	if (golden->means[0] != '\0') {
		ck_assert_msg(error == OK, "%s: %s", golden->name, failure.text);
		ck_assert_msg(strcmp(meaning(&message, &mdp, &said), golden->means) == 0, "%s: read as %s", golden->name,
		              buffer_text(&said));
	} else {
		ck_assert_msg(error == ERROR_MALFORMED, "%s: is read", golden->name);
		ck_assert_msg(strstr(failure.text, golden->wrong) != NULL, "%s: said: %s", golden->name, failure.text);
	}
	message_release(&message);
	buffer_release(&said);
}

START_TEST(a_message_is_read_for_what_it_means_or_refused_with_the_reason) {
	check_reads(&goldens[_i], "", 0);
}
END_TEST

START_TEST(a_routing_id_may_stand_in_front) {
	check_reads(&goldens[_i], "0011223344", 1);
}
END_TEST

START_TEST(a_heartbeat_names_at_most_so_many_tokens) {
	static uint8_t tokens[(MDP_HELD_MAX + 1) * MDP_TOKEN_SIZE];
	for (size_t count = MDP_HELD_MAX; count <= MDP_HELD_MAX + 1; count++) {
		struct message message;
		struct mdp mdp;
		message_init(&message);
		ck_assert(mdp_write_signal(&message, MDP_0_2, MDP_HEARTBEAT));
		ck_assert(message_append(&message, slice_of(tokens, count * MDP_TOKEN_SIZE)));
		ck_assert_int_eq(mdp_read(&message, 0, &mdp, NULL), count == MDP_HELD_MAX ? OK : ERROR_MALFORMED);
		message_release(&message);
	}
}
END_TEST

START_TEST(a_message_without_frames_behind_the_routing_id_is_refused) {
	struct message message;
	message_init(&message);
	struct mdp mdp;
	ck_assert_int_eq(mdp_read(&message, 0, &mdp, NULL), ERROR_MALFORMED);
	message_append_hex(&message, "0011223344");
	ck_assert_int_eq(mdp_read(&message, 1, &mdp, NULL), ERROR_MALFORMED);
	message_release(&message);
}
END_TEST

START_TEST(no_message_is_right_with_a_frame_cut_off_or_added_in_front) {
	struct message whole, changed;
	message_init(&whole);
	message_init(&changed);
	message_append_hex(&whole, goldens[_i].frames);
	message_append_hex(&changed, "00");
	for (size_t i = 0; i < whole.count; i++) {
		ck_assert(message_append_shared(&changed, &whole, i));
	}
	struct mdp mdp;
	ck_assert_int_eq(mdp_read(&changed, 0, &mdp, NULL), ERROR_MALFORMED);
	ck_assert(goldens[_i].means[0] == '\0' || mdp_read(&changed, 2, &mdp, NULL) == ERROR_MALFORMED);
	message_release(&whole);
	message_release(&changed);
}
END_TEST

/* ---- writing ---- */

static bool write_head(const struct mdp *mdp, struct message *out) {
	char service[MDP_SERVICE_MAX + 1];
	if (mdp->names_held) {
		return mdp_write_heartbeat(out, mdp->held);
	}
	if (mdp->command == MDP_HEARTBEAT || mdp->command == MDP_DISCONNECT) {
		return mdp_write_signal(out, mdp->version, mdp->command);
	}
	if (mdp->command == MDP_READY) {
		return slice_copy_text(mdp->service, service, sizeof service) && mdp_write_ready(out, service, mdp->window);
	}
	return mdp->side == MDP_SIDE_CLIENT ? mdp_write_client(out, mdp->version, mdp->command, mdp->service)
	                                    : mdp_write_worker(out, mdp->version, mdp->command, mdp->address);
}

START_TEST(what_is_written_is_the_golden_bytes) {
	struct message message, written;
	struct mdp mdp;
	message_init(&message);
	message_init(&written);
	message_append_hex(&message, goldens[_i].frames);
	bool right = mdp_read(&message, 0, &mdp, NULL) == OK;
	/* Ours always say their window. */
	if (right && (mdp.command != MDP_READY || mdp.has_window)) {
		ck_assert(write_head(&mdp, &written));
		for (size_t i = mdp.body_first; i < message.count; i++) {
			ck_assert(message_append_shared(&written, &message, i));
		}
		check_frames(&written, 0, goldens[_i].frames);
	}
	message_release(&message);
	message_release(&written);
}
END_TEST

START_TEST(version_0_1_writes_final_as_it_writes_request_and_knows_no_partial) {
	struct message message;
	message_init(&message);
	ck_assert(mdp_write_client(&message, MDP_0_1, MDP_FINAL, slice_of_text("notes")));
	check_frames(&message, 0, "|4d4450433031|" NOTES);
	ck_assert(!mdp_write_client(&message, MDP_0_1, MDP_PARTIAL, slice_of_text("notes")));
	ck_assert(!mdp_write_worker(&message, MDP_0_1, MDP_PARTIAL, slice_of_text("token")));
	ck_assert_uint_eq(message.count, 3);
	message_release(&message);
}
END_TEST

START_TEST(writing_into_a_full_message_fails) {
	struct message message;
	message_init(&message);
	for (size_t i = 0; i < MESSAGE_FRAMES_MAX - 1; i++) {
		ck_assert(message_append_text(&message, "x"));
	}
	ck_assert(!mdp_write_signal(&message, MDP_0_2, MDP_HEARTBEAT));
	ck_assert(!mdp_write_signal(&message, MDP_0_1, MDP_HEARTBEAT));
	ck_assert(!mdp_write_heartbeat(&message, slice_of_text("")));
	ck_assert(!mdp_write_client(&message, MDP_0_2, MDP_REQUEST, slice_of_text("notes")));
	ck_assert(!mdp_write_ready(&message, "notes", 1));
	ck_assert(!mdp_write_worker(&message, MDP_0_2, MDP_FINAL, slice_of_text("token")));
	message_release(&message);
}
END_TEST

START_TEST(every_body_that_a_client_may_send_fits_behind_every_head) {
	struct message message;
	message_init(&message);
	ck_assert(message_append_text(&message, "routing id"));
	ck_assert(mdp_write_worker(&message, MDP_0_1, MDP_REQUEST, slice_of_text("token")));
	for (size_t i = 0; i < MDP_BODY_FRAMES_MAX; i++) {
		ck_assert(message_append_text(&message, "body"));
	}
	message_release(&message);
}
END_TEST

int main(void) {
	if (!golden_load()) {
		(void)fprintf(stderr, "%s is missing or not in its form\n", GOLDEN_FILE);
		return EXIT_FAILURE;
	}
	TCase *reading = tcase_create("reading");
	tcase_add_loop_test(reading, a_message_is_read_for_what_it_means_or_refused_with_the_reason, 0, golden_count);
	tcase_add_loop_test(reading, a_routing_id_may_stand_in_front, 0, golden_count);
	tcase_add_test(reading, a_heartbeat_names_at_most_so_many_tokens);
	tcase_add_test(reading, a_message_without_frames_behind_the_routing_id_is_refused);
	tcase_add_loop_test(reading, no_message_is_right_with_a_frame_cut_off_or_added_in_front, 0, golden_count);
	TCase *writing = tcase_create("writing");
	tcase_add_loop_test(writing, what_is_written_is_the_golden_bytes, 0, golden_count);
	tcase_add_test(writing, version_0_1_writes_final_as_it_writes_request_and_knows_no_partial);
	tcase_add_test(writing, writing_into_a_full_message_fails);
	tcase_add_test(writing, every_body_that_a_client_may_send_fits_behind_every_head);
	Suite *suite = suite_create("wire mdp");
	suite_add_tcase(suite, reading);
	suite_add_tcase(suite, writing);
	return unit_run(suite);
}

/* Headers: the bytes of the protocol page both ways, what is none, and traceparents. */
#include "wire/header.h"

#include "tests/unit/wire_hex.h"

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"
#define SPAN "00f067aa0ba902b7"
#define BATCH_HEADER "545248310101" "00001388" TRACE SPAN
#define ZEROS30 "000000000000000000000000000000000000000000000000000000000000"

/* The one frame that is `hex`, kept in the message. */
static struct slice frame_of(struct message *message, const char *hex) {
	message_init(message);
	message_append_hex(message, hex);
	return message_frame(message, 0);
}

static const struct {
	const char *hex;
	uint8_t priority, flags;
	uint32_t ttl_ms;
	const char *trace, *parent, *id;
} right[] = {
	{ BATCH_HEADER "69642d31", PRIORITY_BATCH, 1, 5000, TRACE, "00-" TRACE "-" SPAN "-01", "id-1" },
	{ BATCH_HEADER, PRIORITY_BATCH, 1, 5000, TRACE, "00-" TRACE "-" SPAN "-01", "" },
	{ "54524831" ZEROS30, PRIORITY_INTERACTIVE, 0, 0, "", "", "" },
	{ "5452483100ff" "ffffffff" TRACE SPAN, PRIORITY_INTERACTIVE, 255, UINT32_MAX, TRACE, "00-" TRACE "-" SPAN "-ff",
	  "" },
	{ "54524831" ZEROS30 "616161616161616161616161616161616161616161616161616161616161", PRIORITY_INTERACTIVE, 0, 0, "",
	  "", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
};

START_TEST(a_header_is_read_and_written_in_the_bytes_of_the_protocol_page) {
	struct message message;
	struct slice frame = frame_of(&message, right[_i].hex);
	struct header header;
	char trace[TRACE_TEXT], parent[TRACEPARENT_TEXT];
	uint8_t again[HEADER_MAX];
	ck_assert(header_read(frame, &header));
	ck_assert_uint_eq(header.priority, right[_i].priority);
	ck_assert_uint_eq(header.trace_flags, right[_i].flags);
	ck_assert_uint_eq(header.ttl_ms, right[_i].ttl_ms);
	ck_assert(slice_is(header.id, right[_i].id));
	header_trace_text(&header, trace);
	ck_assert_str_eq(trace, right[_i].trace);
	header_to_traceparent(&header, parent);
	ck_assert_str_eq(parent, right[_i].parent);
	ck_assert(slice_equal(slice_of(again, header_write(&header, again)), frame));
	message_release(&message);
}
END_TEST

static const char *const wrong[] = {
	"",
	"54524831",
	"54524832" ZEROS30,
	"54524831" "02" "0000000000000000000000000000000000000000000000000000000000",
	"54524831" "000000000000000000000000000000000000000000000000000000000000" ZEROS30 "00",
	"54524831" "0000000000000000000000000000000000000000000000000000000000",
};

START_TEST(what_is_no_header_is_told_apart) {
	struct message message;
	struct header header;
	ck_assert(!header_read(frame_of(&message, wrong[_i]), &header));
	ck_assert_uint_eq(header.id.size, 0);
	message_release(&message);
}
END_TEST

START_TEST(a_header_that_cannot_be_is_not_written) {
	static const uint8_t bytes[HEADER_ID_MAX + 1];
	uint8_t out[HEADER_MAX];
	ck_assert_uint_eq(header_write(&(struct header){ .id = slice_of(bytes, HEADER_ID_MAX) }, out), HEADER_MAX);
	ck_assert_uint_eq(header_write(&(struct header){ .id = slice_of(bytes, HEADER_ID_MAX + 1) }, out), 0);
	ck_assert_uint_eq(header_write(&(struct header){ .priority = PRIORITY_BATCH + 1 }, out), 0);
}
END_TEST

START_TEST(a_traceparent_gives_its_ids_and_flags) {
	struct header header = { .priority = PRIORITY_BATCH, .ttl_ms = 7 };
	char again[TRACEPARENT_TEXT];
	ck_assert(header_from_traceparent("00-" TRACE "-" SPAN "-01", &header));
	ck_assert_uint_eq(header.trace_id[0], 0x4b);
	ck_assert_uint_eq(header.span_id[7], 0xb7);
	ck_assert_uint_eq(header.trace_flags, 1);
	ck_assert(header.priority == PRIORITY_BATCH && header.ttl_ms == 7);
	header_to_traceparent(&header, again);
	ck_assert_str_eq(again, "00-" TRACE "-" SPAN "-01");
}
END_TEST

static const char *const wrong_parents[] = {
	"",
	"00",
	"00-" TRACE "-" SPAN,
	"00-" TRACE "-" SPAN "-1",
	"00-" TRACE "-" SPAN "-01-",
	"00-" TRACE "-" SPAN "-01-extra",
	"01-" TRACE "-" SPAN "-01",
	"ff-" TRACE "-" SPAN "-01",
	"00-4BF92F3577B34DA6A3CE929D0E0E4736-" SPAN "-01",
	"00-4bf92f3577b34da6a3ce929d0e0e473g-" SPAN "-01",
	"00-" TRACE "-" SPAN "-0x",
	"00_" TRACE "-" SPAN "-01",
	"00-" TRACE "_" SPAN "-01",
	"00-" TRACE "-" SPAN "_01",
	"00-00000000000000000000000000000000-" SPAN "-01",
	"00-" TRACE "-0000000000000000-01",
	" 0-" TRACE "-" SPAN "-01",
};

START_TEST(what_is_no_traceparent_changes_nothing) {
	struct header header = { .trace_flags = 9, .trace_id = { 8 }, .span_id = { 7 } };
	ck_assert_msg(!header_from_traceparent(wrong_parents[_i], &header), "%s", wrong_parents[_i]);
	ck_assert(header.trace_flags == 9 && header.trace_id[0] == 8 && header.span_id[0] == 7);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("headers");
	tcase_add_loop_test(tests, a_header_is_read_and_written_in_the_bytes_of_the_protocol_page, 0,
	                    (int)(sizeof right / sizeof right[0]));
	tcase_add_loop_test(tests, what_is_no_header_is_told_apart, 0, (int)(sizeof wrong / sizeof wrong[0]));
	tcase_add_test(tests, a_header_that_cannot_be_is_not_written);
	tcase_add_test(tests, a_traceparent_gives_its_ids_and_flags);
	tcase_add_loop_test(tests, what_is_no_traceparent_changes_nothing, 0,
	                    (int)(sizeof wrong_parents / sizeof wrong_parents[0]));
	Suite *suite = suite_create("wire header");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

/* Bodies: what is written is read again; what is not exactly a request or a reply is refused; no reply can reach the
 * terminal with its control characters. */
#include "tests/lib/unit.h"
#include "wire/body.h"

#include <limits.h>

#define CODE "\xa4" "code" "\xa4" "busy"
#define MESSAGE "\xa7message\xa1x"

static struct pack_document *document;
static struct buffer bytes;
static struct failure failure;
static const struct pack_value *ok;

static void set_up(void) {
	document = pack_document_new();
	ck_assert_ptr_nonnull(document);
	buffer_init(&bytes, BODY_MAX + 1024);
	failure = (struct failure){ 0 };
	ok = NULL;
}

static void tear_down(void) {
	pack_document_free(document);
	buffer_release(&bytes);
}

static enum error read_reply(void) {
	ck_assert(buffer_ok(&bytes));
	return body_read_reply(document, buffer_slice(&bytes), &ok, &failure);
}

static enum error read_request(struct slice *operation) {
	ck_assert(buffer_ok(&bytes));
	return body_read_request(document, buffer_slice(&bytes), operation, &failure);
}

/* ---- good ones ---- */

START_TEST(a_request_is_read_as_it_was_written) {
	body_begin_request(&bytes, "submit", 1);
	pack_key_word(&bytes, "note", "text");
	struct slice operation = { 0 }, note = { 0 };
	ck_assert_int_eq(read_request(&operation), OK);
	ck_assert(slice_is(operation, "submit"));
	ck_assert(pack_as_text(pack_find(pack_root(document), "note"), &note));
	ck_assert(slice_is(note, "text"));
}
END_TEST

START_TEST(a_good_reply_gives_the_map_under_ok) {
	body_begin_ok(&bytes, 1);
	pack_key_unsigned(&bytes, "index", 7);
	uint64_t index = 0;
	ck_assert_int_eq(read_reply(), OK);
	ck_assert(pack_as_unsigned(pack_find(ok, "index"), &index));
	ck_assert_uint_eq(index, 7);
}
END_TEST

START_TEST(the_bytes_are_those_of_the_protocol_page) {
	static const uint8_t request[] = "\x82\xa2op\xa6submit\xa4note\xa4text";
	static const uint8_t refusal[] = "\x81\xa5" "error" "\x83\xa4" "code" "\xaa" "offer-full" "\xa7message"
	                                 "\xa4" "none" "\xa4line\x07";
	body_begin_request(&bytes, "submit", 1);
	pack_key_word(&bytes, "note", "text");
	ck_assert(slice_equal(buffer_slice(&bytes), slice_of(request, sizeof request - 1)));
	buffer_clear(&bytes);
	struct failure reason = { .code = ERROR_OFFER_FULL, .line = 7, .text = "none" };
	body_error(&bytes, &reason);
	ck_assert(slice_equal(buffer_slice(&bytes), slice_of(refusal, sizeof refusal - 1)));
	static const uint8_t busy[] = "\x81\xa5" "error" "\x83" CODE "\xa7message\xa4" "none" "\xa5retry\xcd\x05\xdc";
	buffer_clear(&bytes);
	reason = (struct failure){ .code = ERROR_BUSY, .text = "none", .retry_ms = 1500 };
	body_error(&bytes, &reason);
	ck_assert(slice_equal(buffer_slice(&bytes), slice_of(busy, sizeof busy - 1)));
}
END_TEST

START_TEST(every_refusal_gives_back_its_code_text_and_line) {
	struct failure reason = { .code = (enum error)_i, .text = "é: what is wrong" };
	reason.line = _i % 2 == 0 ? 0 : 12;
	reason.retry_ms = _i % 3 == 0 ? 0 : 1500;
	body_error(&bytes, &reason);
	ck_assert_int_eq(read_reply(), _i);
	ck_assert_ptr_null(ok);
	ck_assert_int_eq(failure.code, _i);
	ck_assert_uint_eq(failure.line, reason.line);
	ck_assert_uint_eq(failure.retry_ms, reason.retry_ms);
	ck_assert_str_eq(failure.text, reason.text);
}
END_TEST

static const struct {
	unsigned said, taken;
} retries[] = {
	{ 0, 0 }, { 1, 1 }, { BODY_RETRY_MAX_MS, BODY_RETRY_MAX_MS }, { BODY_RETRY_MAX_MS + 1, BODY_RETRY_MAX_MS },
	{ UINT_MAX, BODY_RETRY_MAX_MS },
};

START_TEST(a_time_to_retry_is_at_most_an_hour_whoever_says_it) {
	struct failure reason = { .code = ERROR_BUSY, .text = "x", .retry_ms = retries[_i].said };
	body_error(&bytes, &reason);
	ck_assert_int_eq(read_reply(), ERROR_BUSY);
	ck_assert_uint_eq(failure.retry_ms, retries[_i].taken);
	buffer_clear(&bytes);
	ck_assert(buffer_append_text(&bytes, "\x81\xa5" "error" "\x83" CODE MESSAGE "\xa5retry\xce"));
	for (int shift = 24; shift >= 0; shift -= 8) {
		const uint8_t byte = (uint8_t)(retries[_i].said >> shift);
		ck_assert(buffer_append(&bytes, &byte, 1));
	}
	failure.retry_ms = 7;
	ck_assert_int_eq(read_reply(), ERROR_BUSY);
	ck_assert_uint_eq(failure.retry_ms, retries[_i].taken);
}
END_TEST

/* ---- bad ones ---- */

static const struct {
	const char *bytes;
	size_t size;
	const char *reason;
} bad_requests[] = {
#define BAD(text, reason) { text, sizeof text - 1, reason }
	BAD("", "cut short"),
	BAD("\x80", "names its operation"),
	BAD("\x90", "a request is a map"),
	BAD("\xa6submit", "a request is a map"),
	BAD("\x81\xa2op\x07", "as text"),
	BAD("\x81\xa2op\xc4\x01x", "as text"),
	BAD("\x81\xa2op\xa0", "names its operation"),
	BAD("\x81\xa2oq\xa1x", "names its operation"),
	BAD("\x82\xa2op\xa1x\xa2op\xa1y", "twice"),
	BAD("\x81\xa2op\xa1x\xc0", "left over"),
	BAD("\x82\xa2op\xa1x", "cut short"),
	BAD("\xdd\xff\xff\xff\xff", "asks for more"),
};

START_TEST(a_request_that_is_none_is_refused_with_the_reason) {
	struct slice operation = { 0 };
	ck_assert(buffer_append(&bytes, bad_requests[_i].bytes, bad_requests[_i].size));
	ck_assert_int_eq(read_request(&operation), ERROR_MALFORMED);
	ck_assert_msg(strstr(failure.text, bad_requests[_i].reason) != NULL, "said: %s", failure.text);
}
END_TEST

static const struct {
	const char *bytes;
	size_t size;
	const char *reason;
} bad_replies[] = {
	BAD("", "cut short"),
	BAD("\x80", "one key ok or error"),
	BAD("\xc0", "one key ok or error"),
	BAD("\x91\xa2ok", "one key ok or error"),
	BAD("\x81\xa2ok\xc3", "holds a map"),
	BAD("\x81\xa5" "error" "\xa4" "busy", "holds a map"),
	BAD("\x82\xa2ok\x80\xa5" "error" "\x82" CODE MESSAGE, "one key ok or error"),
	BAD("\x82\xa2ok\x80\xa1x\x80", "one key ok or error"),
	BAD("\x81\xa5" "error" "\x80", "code, message, line and"),
	BAD("\x81\xa5" "error" "\x81" CODE, "code, message, line and"),
	BAD("\x81\xa5" "error" "\x81" MESSAGE, "code, message, line and"),
	BAD("\x81\xa5" "error" "\x82\xa4" "code" "\x01" MESSAGE, "code, message, line and"),
	BAD("\x81\xa5" "error" "\x83" CODE MESSAGE "\xa5" "other" "\x01", "code, message, line and"),
	BAD("\x81\xa5" "error" "\x83" CODE MESSAGE "\xa4line\xff", "code, message, line and"),
	BAD("\x81\xa5" "error" "\x83" CODE MESSAGE "\xa4line\xcf\x00\x00\x00\x01\x00\x00\x00\x00", "message, line and"),
	BAD("\x81\xa5" "error" "\x83" CODE MESSAGE "\xa5retry\xff", "message, line and retry"),
	BAD("\x81\xa5" "error" "\x83" CODE MESSAGE "\xa5retry\xa1" "1", "message, line and retry"),
	BAD("\x81\xa5" "error" "\x82\xa4" "code" "\xa2ok" MESSAGE, "not one that this version knows"),
	BAD("\x81\xa5" "error" "\x82\xa4" "code" "\xa4" "BUSY" MESSAGE, "not one that this version knows"),
	BAD("\x81\xa5" "error" "\x82\xa4" "code" "\xa0" MESSAGE, "not one that this version knows"),
#undef BAD
};

START_TEST(a_reply_that_is_none_is_refused_with_the_reason) {
	ck_assert(buffer_append(&bytes, bad_replies[_i].bytes, bad_replies[_i].size));
	ck_assert_int_eq(read_reply(), ERROR_MALFORMED);
	ck_assert_ptr_null(ok);
	ck_assert_msg(strstr(failure.text, bad_replies[_i].reason) != NULL, "said: %s", failure.text);
}
END_TEST

static void append_long_body(size_t size) {
	static const char filler[1024];
	body_begin_request(&bytes, "x", 1);
	pack_word(&bytes, "fill");
	size_t head = bytes.size + 5;
	uint8_t lead[5] = { 0xc6, 0, (uint8_t)((size - head) >> 16), (uint8_t)((size - head) >> 8),
		                (uint8_t)(size - head) };
	ck_assert(buffer_append(&bytes, lead, sizeof lead));
	while (bytes.size < size) {
		size_t left = size - bytes.size;
		ck_assert(buffer_append(&bytes, filler, left < sizeof filler ? left : sizeof filler));
	}
}

START_TEST(the_longest_body_is_read_and_one_byte_more_is_refused) {
	struct slice operation = { 0 };
	append_long_body(BODY_MAX);
	ck_assert_int_eq(read_request(&operation), OK);
	buffer_clear(&bytes);
	append_long_body(BODY_MAX + 1);
	ck_assert_int_eq(read_request(&operation), ERROR_TOO_LONG);
	ck_assert_int_eq(read_reply(), ERROR_MALFORMED);
}
END_TEST

/* ---- what a terminal gets ---- */

static const struct {
	const char *sent, *shown;
} texts[] = {
	{ "plain, über, 契約, 🤝", "plain, über, 契約, 🤝" },
	{ "\x1b[2J\x1b]0;title\x07", "?[2J?]0;title?" },
	{ "line\nfeed\ttab\rreturn", "line?feed?tab?return" },
	{ "c1 \xc2\x9b", "c1 ?" },
	{ "bidi \xe2\x80\xae" "cod", "bidi ?cod" },
	{ "cut short \xf0\x9f\xa4", "cut short ?" },
	{ "\xff\xfe\x80", "??" },
	{ "over\xc0\xaf" "long", "over?long" },
	{ "del\x7f", "del?" },
	{ "%s%n", "%s%n" },
};

START_TEST(control_characters_of_a_peer_never_reach_the_terminal) {
	struct failure reason = { .code = ERROR_BUSY };
	ck_assert(slice_copy_text(slice_of_text(texts[_i].sent), reason.text, sizeof reason.text));
	body_error(&bytes, &reason);
	ck_assert_int_eq(read_reply(), ERROR_BUSY);
	ck_assert_str_eq(failure.text, texts[_i].shown);
}
END_TEST

START_TEST(a_long_text_is_cut_between_two_characters) {
	pack_map(&bytes, 1);
	pack_word(&bytes, "error");
	pack_map(&bytes, 2);
	pack_key_word(&bytes, "code", "busy");
	pack_word(&bytes, "message");
	static const char character[] = "é";
	char text[2 * FAILURE_TEXT_MAX + 1] = "";
	for (size_t i = 0; i < FAILURE_TEXT_MAX; i++) {
		memcpy(text + 2 * i, character, sizeof character);
	}
	pack_word(&bytes, text);
	ck_assert_int_eq(read_reply(), ERROR_BUSY);
	ck_assert_uint_eq(strlen(failure.text), (FAILURE_TEXT_MAX - 1) / 2 * 2);
}
END_TEST

int main(void) {
	TCase *bodies = tcase_create("bodies");
	tcase_add_checked_fixture(bodies, set_up, tear_down);
	tcase_add_test(bodies, a_request_is_read_as_it_was_written);
	tcase_add_test(bodies, a_good_reply_gives_the_map_under_ok);
	tcase_add_test(bodies, the_bytes_are_those_of_the_protocol_page);
	tcase_add_loop_test(bodies, every_refusal_gives_back_its_code_text_and_line, ERROR_USAGE, ERROR_END);
	tcase_add_loop_test(bodies, a_time_to_retry_is_at_most_an_hour_whoever_says_it, 0,
	                    (int)(sizeof retries / sizeof retries[0]));
	tcase_add_loop_test(bodies, a_request_that_is_none_is_refused_with_the_reason, 0,
	                    (int)(sizeof bad_requests / sizeof bad_requests[0]));
	tcase_add_loop_test(bodies, a_reply_that_is_none_is_refused_with_the_reason, 0,
	                    (int)(sizeof bad_replies / sizeof bad_replies[0]));
	tcase_add_test(bodies, the_longest_body_is_read_and_one_byte_more_is_refused);
	tcase_add_loop_test(bodies, control_characters_of_a_peer_never_reach_the_terminal, 0,
	                    (int)(sizeof texts / sizeof texts[0]));
	tcase_add_test(bodies, a_long_text_is_cut_between_two_characters);
	Suite *suite = suite_create("wire body");
	suite_add_tcase(suite, bodies);
	return unit_run(suite);
}

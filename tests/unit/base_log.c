/* Log lines: one event, one line, whatever a peer has sent; as logfmt and as JSON. */
#include <fcntl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "tests/lib/scratch.h"
#include "tests/lib/unit.h"

static const char *captured_path;

/* Every test runs in a process of its own, whose standard error goes to a file from here on. */
static void capture(void) {
	captured_path = scratch_path(scratch_folder(), "log");
	int fd = open(captured_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	ck_assert_int_eq(dup2(fd, STDERR_FILENO), STDERR_FILENO);
	(void)close(fd);
}

/* Everything that was logged. Caller frees. */
static char *captured(void) {
	return scratch_read(captured_path);
}

/* What was logged must be one line, with a line end behind it and nowhere else. */
static void assert_one_line(const char *text) {
	size_t size = strlen(text);
	ck_assert_uint_gt(size, 0);
	ck_assert_ptr_eq(strchr(text, '\n'), text + size - 1);
	for (size_t i = 0; i < size - 1; i++) {
		ck_assert_msg(text[i] >= ' ' && text[i] < 0x7f, "byte %02x stands in the line", (unsigned char)text[i]);
	}
}

static const struct {
	const char *value;
	const char *logfmt; /* NULL: the value itself */
	const char *json;   /* what jansson reads back; NULL: the value itself */
} values[] = {
	{ "plain", NULL, NULL },
	{ "tcp://127.0.0.1:5555", NULL, NULL },
	{ "", "\"\"", NULL },
	{ "two words", "\"two words\"", NULL },
	{ "a=b", "\"a=b\"", NULL },
	{ "say \"hi\"", "\"say \\\"hi\\\"\"", NULL },
	{ "back\\slash", "\"back\\\\slash\"", NULL },
	{ "line\nevent=forged", "\"line\\x0aevent=forged\"", NULL },
	{ "\r\t\x01\x1f", "\"\\x0d\\x09\\x01\\x1f\"", NULL },
	{ "\x1b[31mred", "\"\\x1b[31mred\"", NULL },
	{ "\xc3\xbcmlaut", "\"\\xc3\\xbcmlaut\"", NULL },
	{ "\xc2\x9b" "2J", "\"\\xc2\\x9b2J\"", NULL }, /* a terminal may obey U+009B */
	{ "\xe2\x80\xae" "abc", "\"\\xe2\\x80\\xaeabc\"", NULL },
	{ "\xff\xfe", "\"\\xff\\xfe\"", "(not UTF-8)" },
	{ "\xc3", "\"\\xc3\"", "(not UTF-8)" },
};

START_TEST(logfmt_quotes_and_escapes_what_it_must) {
	capture();
	log_configure("tester", LOG_INFO, LOG_LOGFMT);
	log_event(LOG_INFO, "tried", "value", values[_i].value, "last", "end", NULL);
	char *line = captured();
	assert_one_line(line);
	char expected[256];
	(void)snprintf(expected, sizeof expected, " level=info program=tester event=tried value=%s last=end\n",
	               values[_i].logfmt == NULL ? values[_i].value : values[_i].logfmt);
	ck_assert_uint_eq(strspn(line, "time=0123456789-T:Z"), strlen("time=2026-11-23T10:02:11Z"));
	ck_assert_str_eq(line + strlen("time=2026-11-23T10:02:11Z"), expected);
	free(line);
}
END_TEST

START_TEST(json_is_valid_and_gives_the_value_back) {
	capture();
	log_configure("tester", LOG_INFO, LOG_JSON);
	log_event(LOG_WARNING, "tried", "value", values[_i].value, "last", "end", NULL);
	char *line = captured();
	assert_one_line(line);
	json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_ptr_nonnull(object);
	ck_assert_uint_eq(json_object_size(object), 6);
	ck_assert_str_eq(json_string_value(json_object_get(object, "level")), "warning");
	ck_assert_str_eq(json_string_value(json_object_get(object, "program")), "tester");
	ck_assert_str_eq(json_string_value(json_object_get(object, "event")), "tried");
	ck_assert_str_eq(json_string_value(json_object_get(object, "value")),
	                 values[_i].json == NULL ? values[_i].value : values[_i].json);
	ck_assert_str_eq(json_string_value(json_object_get(object, "last")), "end");
	ck_assert_uint_eq(strlen(json_string_value(json_object_get(object, "time"))), strlen("2026-11-23T10:02:11Z"));
	json_decref(object);
	free(line);
}
END_TEST

/* A value of `size` bytes: `first`, then a repeated character. */
static char *long_value(size_t size, const char *first, const char *character) {
	char *value = calloc(1, size + 8);
	ck_assert_ptr_nonnull(value);
	size_t used = strlen(first), step = strlen(character);
	memcpy(value, first, used);
	for (; used + step <= size; used += step) {
		memcpy(value + used, character, step);
	}
	return value;
}

START_TEST(a_long_value_is_cut_and_the_line_stays_whole) {
	static const struct {
		const char *first, *character;
	} cases[] = {
		{ "", "x" }, { "", "\x01" }, { "", "\"" }, { "", "\xc3\xa4" }, { "x", "\xc3\xa4" },
		{ "", "\xe2\x80\xae" }, { "x", "\xf0\x9f\x8e\x81" }, { "xx", "\xf0\x9f\x8e\x81" }, { "", "\x80" },
	};
	char *value = long_value(100000, cases[_i / 2].first, cases[_i / 2].character);
	capture();
	log_configure("tester", LOG_INFO, _i % 2 == 0 ? LOG_LOGFMT : LOG_JSON);
	log_event(LOG_INFO, "long", "a", value, "b", value, "c", value, "d", value, "last", "end", NULL);
	char *line = captured();
	assert_one_line(line);
	if (_i % 2 == 0) {
		ck_assert_ptr_nonnull(strstr(line, " last=end\n"));
	} else {
		json_t *object = json_loads(line, 0, NULL);
		ck_assert_ptr_nonnull(object);
		ck_assert_str_eq(json_string_value(json_object_get(object, "last")), "end");
		const char *cut = json_string_value(json_object_get(object, "a"));
		bool is_text = cases[_i / 2].character[0] != '\x80';
		ck_assert((strncmp(value, cut, strlen(cut)) == 0) == is_text);
		ck_assert_uint_ge(strlen(cut), is_text ? 508 : 0);
		ck_assert_uint_le(strlen(cut), 512);
		json_decref(object);
	}
	free(line);
	free(value);
}
END_TEST

START_TEST(only_what_is_important_enough_is_written) {
	static const enum log_level levels[] = { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };
	for (int threshold = 0; threshold < 4; threshold++) {
		for (int level = 0; level < 4; level++) {
			capture();
			log_configure("tester", levels[threshold], LOG_LOGFMT);
			log_event(levels[level], "tried", NULL);
			char *line = captured();
			ck_assert((*line != '\0') == (level <= threshold));
			free(line);
		}
	}
}
END_TEST

START_TEST(words_name_levels_and_formats) {
	static const char *const level_words[] = { "error", "warning", "info", "debug" };
	static const char *const strangers[] = { "", "INFO", "infos", "inf", "xml" };
	enum log_level level = LOG_ERROR;
	enum log_format format = LOG_LOGFMT;
	for (int i = 0; i < 4; i++) {
		ck_assert(log_level_from_word(level_words[i], &level));
		ck_assert_int_eq((int)level, i);
	}
	ck_assert(log_format_from_word("json", &format) && format == LOG_JSON);
	ck_assert(log_format_from_word("logfmt", &format) && format == LOG_LOGFMT);
	for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++) {
		ck_assert(!log_level_from_word(strangers[i], &level) && level == LOG_DEBUG);
		ck_assert(!log_format_from_word(strangers[i], &format) && format == LOG_LOGFMT);
	}
}
END_TEST

START_TEST(numbers_are_written_in_decimal) {
	capture();
	log_configure("tester", LOG_INFO, LOG_LOGFMT);
	log_event(LOG_INFO, "counted", "least", LOG_NUMBER(INT64_MIN), "most", LOG_NUMBER(INT64_MAX), "none", LOG_NUMBER(0),
	          NULL);
	char *line = captured();
	ck_assert_ptr_nonnull(strstr(line, " least=-9223372036854775808 most=9223372036854775807 none=0\n"));
	free(line);
}
END_TEST

int main(void) {
	int count = sizeof values / sizeof values[0];
	TCase *tests = tcase_create("log");
	tcase_add_loop_test(tests, logfmt_quotes_and_escapes_what_it_must, 0, count);
	tcase_add_loop_test(tests, json_is_valid_and_gives_the_value_back, 0, count);
	tcase_add_loop_test(tests, a_long_value_is_cut_and_the_line_stays_whole, 0, 18);
	tcase_add_test(tests, only_what_is_important_enough_is_written);
	tcase_add_test(tests, words_name_levels_and_formats);
	tcase_add_test(tests, numbers_are_written_in_decimal);
	Suite *suite = suite_create("base/log");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

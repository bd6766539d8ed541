/* Settings from a file and from the command line: what the table does not know is refused, with the line or word. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/config.h"
#include "base/options.h"
#include "tests/lib/scratch.h"
#include "tests/lib/unit.h"

#define LITERAL(text) { (const uint8_t *)(text), sizeof(text) - 1 }

/* ---- config ---- */

struct settings {
	char endpoint[16];
	char folder[300];
	int64_t limit;
	int64_t depth;
};

static const struct config_key keys[] = {
	{ "broker", "endpoint", CONFIG_TEXT, offsetof(struct settings, endpoint), 0, 16, NULL, "where it listens" },
	{ "broker", "limit", CONFIG_NUMBER, offsetof(struct settings, limit), 1, 100, "10", "requests at once" },
	{ "store", "folder", CONFIG_TEXT, offsetof(struct settings, folder), 0, 300, "data", "where it is kept" },
	{ "store", "depth", CONFIG_NUMBER, offsetof(struct settings, depth), -5, INT64_MAX, "0", "how far down" },
};

#define KEYS (sizeof keys / sizeof keys[0])

static enum error parse(struct slice text, struct settings *settings, struct failure *failure) {
	*failure = (struct failure){ 0 };
	return config_parse("test.conf", text, keys, KEYS, settings, failure);
}

START_TEST(a_file_sets_what_it_names_and_the_table_the_rest) {
	struct settings settings = { .limit = 77 };
	struct failure failure;
	static const struct slice text = LITERAL("# a comment\n"
	                                         "; another\n"
	                                         "\n"
	                                         "[store]\r\n"
	                                         "depth = -5\r\n"
	                                         "[broker]\n"
	                                         "   endpoint=tcp://*:5555   ; behind a value\n"
	                                         "\tlimit: 100");
	ck_assert_msg(parse(text, &settings, &failure) == OK, "%s", failure.text);
	ck_assert_str_eq(settings.endpoint, "tcp://*:5555");
	ck_assert_int_eq(settings.limit, 100);
	ck_assert_int_eq(settings.depth, -5);
	ck_assert_str_eq(settings.folder, "data");
	static const struct slice least = LITERAL("[broker]\nendpoint = x\n");
	ck_assert_int_eq(parse(least, &settings, &failure), OK);
	ck_assert_int_eq(settings.limit, 10);
	ck_assert_int_eq(settings.depth, 0);
}
END_TEST

#define BROKER "[broker]\nendpoint = x\n"

static const struct {
	struct slice text;
	unsigned line;
	const char *why; /* stands in the failure's text */
} wrong[] = {
	{ LITERAL(BROKER "limits = 5\n"), 3, "there is no key \"limits\" in section [broker]" },
	{ LITERAL(BROKER "[brokers]\nlimit = 5\n"), 4, "there is no key \"limit\" in section [brokers]" },
	{ LITERAL(BROKER "[store]\nlimit = 5\n"), 4, "there is no key \"limit\" in section [store]" },
	{ LITERAL("endpoint = x\n"), 1, "there is no key \"endpoint\" in section []" },
	{ LITERAL(BROKER "Limit = 5\n"), 3, "there is no key \"Limit\"" },
	{ LITERAL(BROKER "limit = 5\nlimit = 5\n"), 4, "limit stands twice" },
	{ LITERAL(BROKER "[store]\n[broker]\nendpoint = y\n"), 5, "endpoint stands twice" },
	{ LITERAL(""), 0, "endpoint is missing from section [broker]" },
	{ LITERAL("[broker]\nlimit = 5\n"), 0, "endpoint is missing from section [broker]" },
	{ LITERAL(BROKER "limit = 0\n"), 3, "limit must be a whole number from 1 to 100, not \"0\"" },
	{ LITERAL(BROKER "limit = 101\n"), 3, "not \"101\"" },
	{ LITERAL(BROKER "limit = 99999999999999999999\n"), 3, "limit must be" },
	{ LITERAL(BROKER "[store]\ndepth = 9223372036854775808\n"), 4, "depth must be" },
	{ LITERAL(BROKER "limit = ten\n"), 3, "not \"ten\"" },
	{ LITERAL(BROKER "limit = 10x\n"), 3, "not \"10x\"" },
	{ LITERAL(BROKER "limit = 1.5\n"), 3, "not \"1.5\"" },
	{ LITERAL(BROKER "limit = 0x10\n"), 3, "not \"0x10\"" },
	{ LITERAL(BROKER "limit =\n"), 3, "not \"\"" },
	{ LITERAL("[broker]\nendpoint = 1234567890123456\n"), 2, "endpoint is longer than 15 bytes" },
	{ LITERAL(BROKER "limit\n"), 3, "not a [section], a comment or \"key = value\"" },
	{ LITERAL(BROKER "[store\n"), 3, "not a [section]" },
	{ LITERAL("nonsense\n" BROKER "limit = 0\n"), 1, "not a [section]" }, /* the first error counts */
	{ LITERAL(BROKER "limit = 0\nnonsense\n"), 3, "limit must be" },
	{ LITERAL(BROKER "limit = 5\n  more\n"), 4, "not a [section]" }, /* no values over several lines */
	{ LITERAL(BROKER "limit = 5\0\n"), 0, "holds a NUL byte" },
};

START_TEST(a_wrong_file_is_refused_with_line_and_reason) {
	struct settings settings;
	struct failure failure;
	ck_assert_int_eq(parse(wrong[_i].text, &settings, &failure), ERROR_CONFIG);
	ck_assert_int_eq(failure.code, ERROR_CONFIG);
	ck_assert_msg(strstr(failure.text, wrong[_i].why) != NULL, "\"%s\" is not \"%s\"", failure.text, wrong[_i].why);
	ck_assert_uint_eq(failure.line, wrong[_i].line);
	ck_assert_ptr_nonnull(strstr(failure.text, "test.conf"));
	ck_assert_int_eq(config_parse("", wrong[_i].text, keys, KEYS, &settings, NULL), ERROR_CONFIG);
}
END_TEST

/* libinih by itself cuts lines at 200 bytes and takes the tail for a line of its own. */
START_TEST(the_tail_of_a_long_line_never_becomes_a_setting) {
	struct settings settings;
	struct failure failure;
	struct buffer text;
	for (size_t length = 1; length < 450; length++) {
		buffer_init(&text, 1024);
		ck_assert(buffer_append_text(&text, BROKER "#"));
		for (size_t i = 1; i < length; i++) {
			ck_assert(buffer_append_text(&text, " "));
		}
		ck_assert(buffer_append_text(&text, "limit = 55\n"));
		enum error error = parse(buffer_slice(&text), &settings, &failure);
		bool fits = length + strlen("limit = 55") <= 199;
		ck_assert_msg(error == (fits ? OK : ERROR_CONFIG), "%zu: %s", length, failure.text);
		ck_assert_uint_eq(failure.line, fits ? 0 : 3);
		if (fits) {
			ck_assert_int_eq(settings.limit, 10);
		} else {
			ck_assert_ptr_nonnull(strstr(failure.text, "the line is longer than 199 bytes"));
		}
		buffer_release(&text);
	}
}
END_TEST

START_TEST(a_text_may_fill_its_array_and_its_line) {
	struct settings settings;
	struct failure failure;
	char text[512], path[186];
	memset(path, 'p', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	(void)snprintf(text, sizeof text, "[broker]\nendpoint = 123456789012345\n[store]\nfolder = %s\n", path);
	ck_assert_msg(parse(slice_of_text(text), &settings, &failure) == OK, "%s", failure.text);
	ck_assert_str_eq(settings.endpoint, "123456789012345");
	ck_assert_str_eq(settings.folder, path);
}
END_TEST

START_TEST(a_file_over_the_limit_is_refused) {
	static uint8_t text[CONFIG_FILE_MAX + 1];
	struct settings settings;
	struct failure failure;
	memset(text, '\n', sizeof text);
	memcpy(text, BROKER, strlen(BROKER));
	ck_assert_int_eq(parse(slice_of(text, CONFIG_FILE_MAX), &settings, &failure), OK);
	ck_assert_int_eq(parse(slice_of(text, CONFIG_FILE_MAX + 1), &settings, &failure), ERROR_CONFIG);
}
END_TEST

START_TEST(a_file_is_loaded_from_disk_or_not_found) {
	struct settings settings;
	struct failure failure;
	const char *folder = scratch_folder();
	const char *path = scratch_path(folder, "broker.conf");
	ck_assert_int_eq(config_load(path, keys, KEYS, &settings, &failure), ERROR_NOT_FOUND);
	ck_assert_int_eq(failure.code, ERROR_NOT_FOUND);
	scratch_write(path, BROKER "limit = 12\n");
	ck_assert_int_eq(config_load(path, keys, KEYS, &settings, &failure), OK);
	ck_assert_int_eq(settings.limit, 12);
	scratch_write(path, BROKER "limit = many\n");
	ck_assert_int_eq(config_load(path, keys, KEYS, &settings, &failure), ERROR_CONFIG);
	ck_assert_ptr_nonnull(strstr(failure.text, path));
	ck_assert_uint_eq(failure.line, 3);
}
END_TEST

START_TEST(the_description_is_a_file_that_can_be_read_once_it_is_filled_in) {
	struct settings settings;
	struct failure failure;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	config_describe(out, keys, KEYS);
	ck_assert_int_eq(fclose(out), 0);
	for (size_t i = 0; i < KEYS; i++) {
		ck_assert_msg(strstr(text, keys[i].help) != NULL, "%s is not described", keys[i].name);
	}
	ck_assert_ptr_nonnull(strstr(text, "(1 to 100)\n# limit = 10\n"));
	ck_assert_msg(parse(slice_of(text, size), &settings, &failure) == OK, "%s", failure.text);
	ck_assert_str_eq(settings.endpoint, "");
	ck_assert_int_eq(settings.limit, 10);
	free(text);
}
END_TEST

/* ---- options ---- */

struct words {
	bool all;
	bool loud;
	const char *name;
	int64_t count;
	bool help;
	int first;
};

#define WORDS_MAX 12

/* Parses the words, which end with NULL, as those behind the program's name. `argv` keeps the order that results. */
static enum error parse_words(const char *const *from, const char **argv, struct words *words,
                              struct failure *failure) {
	*words = (struct words){ .name = "nobody", .count = 3, .first = -1 };
	const struct option_row rows[] = {
		{ "all", 'a', OPTION_FLAG, &words->all, NULL, "take all", 0, 0 },
		{ "loud", 0, OPTION_FLAG, &words->loud, NULL, "say more", 0, 0 },
		{ "name", 'n', OPTION_TEXT, &words->name, "NAME", "who", 0, 0 },
		{ "count", 'c', OPTION_NUMBER, &words->count, "N", "how many", 1, 9 },
	};
	int argc = 1;
	argv[0] = "program";
	while (from[argc - 1] != NULL) {
		argv[argc] = from[argc - 1];
		argc++;
	}
	argv[argc] = NULL;
	*failure = (struct failure){ 0 };
	return options_parse(argc, (char **)(uintptr_t)argv, rows, sizeof rows / sizeof rows[0], &words->first,
	                     &words->help, failure);
}

START_TEST(options_stand_before_between_and_behind_the_operands) {
	static const char *const forms[][WORDS_MAX] = {
		{ "-a", "-n", "acme", "-c", "5", "one", "two", NULL },
		{ "one", "--all", "--name=acme", "two", "--count", "5", NULL },
		{ "one", "two", "-nacme", "-ac5", NULL },
		{ "-anacme", "one", "--count=5", "--", "two", NULL },
	};
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		const char *argv[WORDS_MAX + 1];
		struct words words;
		struct failure failure;
		ck_assert_msg(parse_words(forms[i], argv, &words, &failure) == OK, "form %zu: %s", i, failure.text);
		ck_assert(words.all && !words.loud && !words.help);
		ck_assert_str_eq(words.name, "acme");
		ck_assert_int_eq(words.count, 5);
		ck_assert_str_eq(argv[words.first], "one");
		ck_assert_str_eq(argv[words.first + 1], "two");
		ck_assert_ptr_null(argv[words.first + 2]);
	}
}
END_TEST

START_TEST(what_is_not_given_keeps_its_default) {
	static const char *const none[] = { NULL };
	const char *argv[WORDS_MAX + 1];
	struct words words;
	struct failure failure;
	ck_assert_int_eq(parse_words(none, argv, &words, &failure), OK);
	ck_assert(!words.all && !words.loud && !words.help);
	ck_assert_str_eq(words.name, "nobody");
	ck_assert_int_eq(words.count, 3);
	ck_assert_int_eq(words.first, 1);
}
END_TEST

START_TEST(two_dashes_end_the_options) {
	static const char *const from[] = { "--", "--all", NULL };
	const char *argv[WORDS_MAX + 1];
	struct words words;
	struct failure failure;
	ck_assert_int_eq(parse_words(from, argv, &words, &failure), OK);
	ck_assert(!words.all);
	ck_assert_str_eq(argv[words.first], "--all");
}
END_TEST

START_TEST(every_program_knows_help) {
	static const char *const forms[][2] = { { "-h", NULL }, { "--help", NULL } };
	for (size_t i = 0; i < 2; i++) {
		const char *argv[WORDS_MAX + 1];
		struct words words;
		struct failure failure;
		ck_assert_int_eq(parse_words(forms[i], argv, &words, &failure), OK);
		ck_assert(words.help);
	}
}
END_TEST

static const struct {
	const char *words[4];
	const char *why;
} misuses[] = {
	{ { "--colour" }, "there is no option --colour" },
	{ { "one", "--colour=red" }, "there is no option --colour=red" },
	{ { "-z" }, "there is no option -z" },
	{ { "one", "-z", "two" }, "there is no option -z" },
	{ { "-azc", "5" }, "there is no option -z" },
	{ { "--name" }, "--name needs a value" },
	{ { "one", "-n" }, "-n needs a value" },
	{ { "--all=yes" }, "there is no option --all=yes" },
	{ { "--count", "0" }, "--count takes a whole number from 1 to 9, not \"0\"" },
	{ { "-c", "10" }, "not \"10\"" },
	{ { "-c", "-1" }, "not \"-1\"" },
	{ { "-c", "five" }, "not \"five\"" },
	{ { "-c", "5 " }, "not \"5 \"" },
	{ { "--count=" }, "not \"\"" },
	{ { "-c", "99999999999999999999" }, "not \"99999999999999999999\"" },
};

START_TEST(a_wrong_word_is_named) {
	const char *argv[WORDS_MAX + 1];
	struct words words;
	struct failure failure;
	ck_assert_int_eq(parse_words(misuses[_i].words, argv, &words, &failure), ERROR_USAGE);
	ck_assert_int_eq(failure.code, ERROR_USAGE);
	ck_assert_msg(strstr(failure.text, misuses[_i].why) != NULL, "\"%s\" is not \"%s\"", failure.text,
	              misuses[_i].why);
}
END_TEST

START_TEST(the_rows_are_the_help) {
	int64_t count = 0;
	const struct option_row rows[] = {
		{ "count", 'c', OPTION_NUMBER, &count, "N", "how many", 1, 9 },
		{ "loud", 0, OPTION_FLAG, NULL, NULL, "say more", 0, 0 },
	};
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	options_describe(out, rows, 2);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_str_eq(text, "  -c, --count N                how many\n"
	                       "      --loud                   say more\n"
	                       "  -h, --help                   say how this is used\n");
	free(text);
}
END_TEST

int main(void) {
	TCase *config = tcase_create("config"), *options = tcase_create("options");
	tcase_add_test(config, a_file_sets_what_it_names_and_the_table_the_rest);
	tcase_add_loop_test(config, a_wrong_file_is_refused_with_line_and_reason, 0, (int)(sizeof wrong / sizeof wrong[0]));
	tcase_add_test(config, the_tail_of_a_long_line_never_becomes_a_setting);
	tcase_add_test(config, a_text_may_fill_its_array_and_its_line);
	tcase_add_test(config, a_file_over_the_limit_is_refused);
	tcase_add_test(config, a_file_is_loaded_from_disk_or_not_found);
	tcase_add_test(config, the_description_is_a_file_that_can_be_read_once_it_is_filled_in);
	tcase_add_test(options, options_stand_before_between_and_behind_the_operands);
	tcase_add_test(options, what_is_not_given_keeps_its_default);
	tcase_add_test(options, two_dashes_end_the_options);
	tcase_add_test(options, every_program_knows_help);
	tcase_add_loop_test(options, a_wrong_word_is_named, 0, (int)(sizeof misuses / sizeof misuses[0]));
	tcase_add_test(options, the_rows_are_the_help);
	Suite *suite = suite_create("base/config, options");
	suite_add_tcase(suite, config);
	suite_add_tcase(suite, options);
	return unit_run(suite);
}

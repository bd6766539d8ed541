/* Tables out of replies: how numbers are read, how columns stand, and what becomes of what is missing or harmful. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/listing.h"
#include "tests/lib/unit.h"

static const struct {
	uint64_t milliseconds;
	const char *text;
} ages[] = {
	{ 0, "0 ms" },         { 999, "999 ms" },      { 1000, "1 s" },        { 3999, "3 s" },
	{ 119999, "119 s" },   { 120000, "2 min" },    { 7199999, "119 min" }, { 7200000, "2 h" },
	{ 172799999, "47 h" }, { 172800000, "2 d" },   { UINT64_MAX, "213503982334 d" },
};

START_TEST(ages_are_told_in_one_unit) {
	char text[LISTING_NUMBER_MAX];
	ck_assert_str_eq(listing_age(ages[_i].milliseconds, text), ages[_i].text);
}
END_TEST

static const struct {
	uint64_t bytes;
	const char *text;
} sizes[] = {
	{ 0, "0 B" },
	{ 1023, "1023 B" },
	{ 1024, "1.0 KiB" },
	{ 1258291, "1.2 MiB" },
	{ 1048575, "1.0 MiB" },
	{ 1ULL << 30, "1.0 GiB" },
	{ UINT64_MAX, "16777216.0 TiB" },
};

START_TEST(sizes_have_one_decimal) {
	char text[LISTING_NUMBER_MAX];
	ck_assert_str_eq(listing_size(sizes[_i].bytes, text), sizes[_i].text);
}
END_TEST

static const struct listing_column columns[] = {
	{ "name", "name", SHOW_TEXT },      { "key", "key", SHOW_DIGITS },   { "held", "held", SHOW_NUMBER },
	{ "waits", "oldest_ms", SHOW_AGE }, { "size", "bytes", SHOW_SIZE },  { "paused", "paused", SHOW_FLAG },
	{ "state", "state", SHOW_STATE },
};
#define COLUMNS (sizeof columns / sizeof columns[0])

static struct pack_document *document;
static struct buffer bytes;

static void set_up(void) {
	document = pack_document_new();
	ck_assert_ptr_nonnull(document);
	buffer_init(&bytes, 65536);
}

static void tear_down(void) {
	pack_document_free(document);
	buffer_release(&bytes);
}

/* What was packed so far, as a value. */
static const struct pack_value *packed(void) {
	struct failure failure;
	ck_assert_msg(pack_read(document, buffer_slice(&bytes), 65536, &failure) == OK, "%s", failure.text);
	return pack_root(document);
}

static void pack_row(const char *name, uint64_t held, bool paused, const char *state) {
	pack_map(&bytes, 7);
	pack_key_word(&bytes, "name", name);
	pack_key_word(&bytes, "key", "curve25519:0123456789abcdef");
	pack_key_unsigned(&bytes, "held", held);
	pack_key_unsigned(&bytes, "oldest_ms", 5000);
	pack_key_unsigned(&bytes, "bytes", 2048);
	pack_key_boolean(&bytes, "paused", paused);
	pack_key_word(&bytes, "state", state);
}

/* Prints a listing of the packed array; caller frees. */
static char *printed(struct colours colours) {
	struct listing listing;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	listing_init(&listing, columns, COLUMNS, false);
	const struct pack_value *items = packed();
	for (size_t i = 0; i < pack_count(items); i++) {
		ck_assert_int_eq(listing_add(&listing, pack_item(items, i), NULL), OK);
	}
	listing_print(&listing, out, colours, "nothing");
	(void)fclose(out);
	listing_release(&listing);
	return text;
}

static const struct colours plain = { "", "", "", "", "" };

START_TEST(columns_are_aligned_and_numbers_stand_right) {
	pack_array(&bytes, 2);
	pack_row("notes", 7, false, "ready");
	pack_row("m\xc3\xbcnster-views", 12345, true, "silent");
	char *text = printed(plain);
	ck_assert_str_eq(text, "name           key            held  waits     size  paused  state\n"
	                       "notes          0123456789ab      7    5 s  2.0 KiB  no      ready\n"
	                       "m\xc3\xbcnster-views  0123456789ab  12345    5 s  2.0 KiB  yes     silent\n");
	free(text);
}
END_TEST

START_TEST(colours_do_not_shift_columns) {
	pack_array(&bytes, 1);
	pack_row("notes", 7, true, "ready");
	char *text = printed((struct colours){ "<b>", "<g>", "<r>", "<d>", "<e>" });
	ck_assert_ptr_nonnull(strstr(text, "<b>name<e>   <b>key<e>           <b>held<e>"));
	ck_assert_ptr_nonnull(strstr(text, "notes  0123456789ab     7    5 s  2.0 KiB  <r>yes<e>     <g>ready<e>\n"));
	free(text);
}
END_TEST

START_TEST(what_is_missing_or_of_another_type_is_a_hyphen) {
	pack_array(&bytes, 2);
	pack_map(&bytes, 0);
	pack_map(&bytes, 3);
	pack_key_unsigned(&bytes, "name", 3);
	pack_key_word(&bytes, "held", "many");
	pack_key_signed(&bytes, "oldest_ms", -5);
	char *text = printed(plain);
	ck_assert_str_eq(text, "name  key  held  waits  size  paused  state\n"
	                       "-     -       -      -     -  -       -\n"
	                       "-     -       -      -     -  -       -\n");
	free(text);
}
END_TEST

START_TEST(a_terminal_obeys_no_cell) {
	char name[1024];
	memset(name, 'a', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	memcpy(name, "\033[2J\n\xe2\x80\xae\xff", 9);
	pack_array(&bytes, 1);
	pack_row(name, 1, false, "\033[31m");
	char *text = printed(plain);
	ck_assert_ptr_null(strchr(text, '\033'));
	ck_assert_ptr_nonnull(strstr(text, "\n?[2J???aaa"));
	ck_assert_uint_lt(strlen(text), 4 * LISTING_CELL_MAX);
	ck_assert_uint_eq((size_t)(strrchr(text, '\n') - text), strlen(text) - 1);
	free(text);
}
END_TEST

START_TEST(what_is_no_map_is_refused) {
	struct listing listing;
	struct failure failure;
	listing_init(&listing, columns, COLUMNS, false);
	pack_array(&bytes, 1);
	pack_word(&bytes, "notes");
	ck_assert_int_eq(listing_add(&listing, pack_item(packed(), 0), &failure), ERROR_MALFORMED);
	ck_assert_int_eq(listing_add(&listing, NULL, &failure), ERROR_MALFORMED);
	listing_release(&listing);
}
END_TEST

START_TEST(a_map_is_lines_of_what_it_has) {
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	pack_map(&bytes, 2);
	pack_key_word(&bytes, "state", "draining");
	pack_key_unsigned(&bytes, "held", 3);
	listing_print_map(packed(), columns, COLUMNS, out, (struct colours){ "<b>", "<g>", "<r>", "<d>", "<e>" });
	(void)fclose(out);
	ck_assert_str_eq(text, "held    3\nstate   <r>draining<e>\n");
	free(text);
}
END_TEST

START_TEST(machines_get_every_value_as_it_came) {
	pack_map(&bytes, 7);
	pack_key_word(&bytes, "text", "caf\xc3\xa9");
	pack_key_unsigned(&bytes, "large", 1700000000000);
	pack_key_signed(&bytes, "negative", -3);
	pack_key_boolean(&bytes, "flag", true);
	pack_key_bytes(&bytes, "bytes", slice_of("\x00\xff", 2));
	pack_word(&bytes, "list");
	pack_array(&bytes, 2);
	pack_unsigned(&bytes, 1);
	pack_map(&bytes, 0);
	pack_word(&bytes, "map");
	pack_map(&bytes, 1);
	pack_key_word(&bytes, "k", "v");
	json_t *value = listing_json(packed());
	char *text = json_dumps(value, JSON_COMPACT | JSON_PRESERVE_ORDER);
	ck_assert_str_eq(text, "{\"text\":\"caf\xc3\xa9\",\"large\":1700000000000,\"negative\":-3,\"flag\":true,"
	                       "\"bytes\":\"00ff\",\"list\":[1,{}],\"map\":{\"k\":\"v\"}}");
	free(text);
	json_decref(value);
}
END_TEST

/* Of several lines, one of them longer than a cell, and with a command for the terminal. */
START_TEST(a_terminal_obeys_no_text) {
	char text[1000], *out = NULL, expected[1000], filler[500];
	size_t size = 0;
	memset(filler, 'x', sizeof filler);
	filler[sizeof filler - 1] = '\0';
	(void)snprintf(text, sizeof text, "a\x1b[2Jb\n\ncaf\xc3\xa9\n%s", filler);
	(void)snprintf(expected, sizeof expected, "a?[2Jb\n\ncaf\xc3\xa9\n%s\n", filler);
	FILE *stream = open_memstream(&out, &size);
	ck_assert_ptr_nonnull(stream);
	listing_print_visible(stream, slice_of_text(text));
	(void)fclose(stream);
	ck_assert_str_eq(out, expected);
	free(out);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("listing");
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_loop_test(tests, ages_are_told_in_one_unit, 0, (int)(sizeof ages / sizeof ages[0]));
	tcase_add_loop_test(tests, sizes_have_one_decimal, 0, (int)(sizeof sizes / sizeof sizes[0]));
	tcase_add_test(tests, columns_are_aligned_and_numbers_stand_right);
	tcase_add_test(tests, colours_do_not_shift_columns);
	tcase_add_test(tests, what_is_missing_or_of_another_type_is_a_hyphen);
	tcase_add_test(tests, a_terminal_obeys_no_cell);
	tcase_add_test(tests, a_terminal_obeys_no_text);
	tcase_add_test(tests, what_is_no_map_is_refused);
	tcase_add_test(tests, a_map_is_lines_of_what_it_has);
	tcase_add_test(tests, machines_get_every_value_as_it_came);
	Suite *suite = suite_create("listing");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

/* Many offers from a table: good rows are kept, bad ones are named, and running it again submits only what is missing,
 * also after a kill in the middle. */
#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "tests/lib/command.h"
#include "tests/lib/scratch.h"
#include "tests/lib/unit.h"

#define TEST_SECONDS 300
#define ROWS 300
#define MANY_ROWS 1500 /* more than are answered before a kill arrives */
#define KILLS 3
#define PROGRESS_MS 60000
#define TABLE_MAX (4 << 20)
#define HEADING "campaign,compensation,product,product-value,fee,pay-within,deliverable,brief,deliverable,disclosure," \
                "slots,closes"

static struct agency_process agency;

static void set_up(void) {
	agency_start(&agency, 2);
}

/* A row in which one cell is wrong. */
static const struct {
	size_t index; /* of the data row; the spreadsheet's row is two more */
	const char *line;
	enum error code;
	const char *says; /* what the message speaks of */
} bad[] = {
	{ 0, "Spring,gifted,Mat 0,-89.00 USD,,,1 review within 14d,,,#ad,5,+30d", ERROR_BAD_VALUE, "product-value" },
	{ 7, "Spring,gifted,Mat 7,89.00 USD,,,1 review within 14d,,,#ad,0,+30d", ERROR_BAD_VALUE, "slots" },
	{ 50, "Spring,gifted,Mat 50,89.00 XXQ,,,1 review within 14d,,,#ad,5,+30d", ERROR_BAD_VALUE, "product-value" },
	{ 51, "Spring,gifted,Mat 51,89.00 USD,,,1 review within 14d,,,#ad,5,2020-01-01T00:00:00Z", ERROR_BAD_VALUE,
	  "closes" },
	{ 99, "Spring,,Mat 99,89.00 USD,,,1 review within 14d,,,#ad,5,+30d", ERROR_MISSING_KEY, "compensation" },
	{ 128, "Spring,gifted,Mat 128,89.00 USD,,,1 skywriting within 14d,,,#ad,5,+30d", ERROR_BAD_VALUE,
	  "deliverable" },
	{ 200, "Spring,gifted,Mat 200,89.00 USD,,,1 review within 14d,a\ttab,,#ad,5,+30d", ERROR_BAD_TEXT, "U+0009" },
	{ 255, "Spring,gifted,Mat 255,89.00 USD,,,1 review within 14d,Cafe\u0301,,#ad,5,+30d", ERROR_BAD_TEXT, "NFC" },
	{ 256, "Spring,gifted,Mat 256,89.00 USD,,,1 review within 14d,,,#ad,5,+30d,one cell more", ERROR_MALFORMED, "" },
	{ 299, "Spring,paid,,,250.00 USD,30d,1 review within 14d,,,#ad,5,+30d", ERROR_UNFUNDED, "1250.00 USD" },
};
#define BAD_COUNT (sizeof bad / sizeof bad[0])

/* A good row. Some have quotes and commas, several deliverables in one cell or in two columns, cells left out; the
 * last two of each hundred are the same offer twice. */
static void write_row(struct buffer *out, size_t index) {
	switch (index % 5) {
	case 0:
		(void)buffer_format(out, "Spring,gifted,\"Mat \"\"%zu\"\", 5 mm\",89.00 USD,,,"
		                    "1 review within 14d,,,#ad,5,+30d\r\n", index);
		break;
	case 1:
		(void)buffer_format(out, ",gifted,Mat %zu,89.00 USD,,,1 review within 14d; 2 instagram-story within 3d ;,"
		                    "\"One; two\",1 blog-post within 30d,#ad;#gifted,5,+30d\r\n", index);
		break;
	default:
		(void)buffer_format(out, "Spring,gifted,Mat %zu,89.00 USD,,,1 review within 14d,,,#ad,5,+30d\r\n",
		                    index % 100 == 99 ? index - 1 : index);
		break;
	}
}

/* Writes the table with a byte order mark and CR LF; with the bad rows or with good ones in their places. */
static const char *write_table(size_t count, bool with_bad) {
	const char *path = scratch_path(scratch_folder(), "offers.csv");
	struct buffer text;
	buffer_init(&text, TABLE_MAX);
	(void)buffer_append_text(&text, "\ufeff" HEADING "\r\n");
	for (size_t i = 0, next = 0; i < count; i++) {
		if (with_bad && next < BAD_COUNT && bad[next].index == i) {
			(void)buffer_append_text(&text, bad[next++].line);
			(void)buffer_append_text(&text, "\r\n");
		} else {
			write_row(&text, i);
		}
	}
	scratch_write(path, buffer_text(&text));
	buffer_release(&text);
	return path;
}

static struct said submit(const char *home, const char *table) {
	return troth("offer", "submit", "--batch", table, "--home", home, "--yes", NULL);
}

/* The brand's offers. Caller decrefs. */
static json_t *list_offers(const char *home) {
	return said_json(troth("offer", "list", "--home", home, "--json", "--limit", "100000", NULL));
}

/* The first offer of this product, or NULL. */
static const json_t *find_offer(const json_t *offers, const char *product) {
	for (size_t i = 0; i < json_array_size(offers); i++) {
		const json_t *terms = json_object_get(json_array_get(offers, i), "terms");
		if (strcmp(json_text(terms, "product"), product) == 0) {
			return terms;
		}
	}
	return NULL;
}

static void list_is(const json_t *terms, const char *key, const char *const words[], size_t count) {
	const json_t *list = json_object_get(terms, key);
	ck_assert_uint_eq(json_array_size(list), count);
	for (size_t i = 0; i < count; i++) {
		ck_assert_str_eq(json_string_value(json_array_get(list, i)), words[i]);
	}
}

START_TEST(good_rows_are_kept_bad_rows_are_named_and_the_rest_comes_later) {
	const char *home = home_admitted(&agency, "brand", "batch-brand");
	const char *table = write_table(ROWS, true);
	struct store_counts before = store_count(agency.home);
	struct said said = submit(home, table);
	said_refused(said, 1, bad[BAD_COUNT - 1].code, 0);
	ck_assert_ptr_nonnull(strstr(said.errors, ": 10 of 300 rows were refused"));
	ck_assert_str_eq(said.last, "290 accepted, 0 accepted before, 10 refused");
	for (size_t i = 0; i < BAD_COUNT; i++) {
		char begin[64];
		(void)snprintf(begin, sizeof begin, "row %zu: %s: ", bad[i].index + 2, error_word(bad[i].code));
		const char *line = strstr(said.errors, begin);
		ck_assert_msg(line != NULL, "no line \"%s\" in\n%s", begin, said.errors);
		const char *found = strstr(line, bad[i].says);
		ck_assert_msg(found != NULL && found < strchr(line, '\n'), "%s: nothing about \"%s\"", begin, bad[i].says);
	}
	struct store_counts good = { .notes = ROWS - BAD_COUNT, .offers = ROWS - BAD_COUNT };
	store_has_grown(agency.home, before, good);
	said = submit(home, table);
	ck_assert_int_eq(said.status, 1);
	ck_assert_str_eq(said.last, "0 accepted, 290 accepted before, 10 refused");
	store_has_grown(agency.home, before, good);
	/* The mended table is another file; what counts is the rows. */
	ck_assert_str_eq(said_done(submit(home, write_table(ROWS, false))), "10 accepted, 290 accepted before, 0 refused");
	store_has_grown(agency.home, before, (struct store_counts){ .notes = ROWS, .offers = ROWS });
}
END_TEST

START_TEST(cells_become_the_lines_that_they_say) {
	static const char *const deliverables[] = { "1 review within 14d", "2 instagram-story within 3d",
		                                        "1 blog-post within 30d" };
	static const char *const disclosures[] = { "#ad", "#gifted" }, *const briefs[] = { "One", "two" };
	const char *home = home_admitted(&agency, "brand", "cell-brand");
	ck_assert_str_eq(said_done(submit(home, write_table(100, false))), "100 accepted, 0 accepted before, 0 refused");
	json_t *offers = list_offers(home);
	ck_assert_uint_eq(json_array_size(offers), 100);
	const json_t *quoted = find_offer(offers, "Mat \"5\", 5 mm"), *rich = find_offer(offers, "Mat 6");
	ck_assert_ptr_nonnull(quoted);
	ck_assert_ptr_nonnull(rich);
	ck_assert_str_eq(json_text(quoted, "campaign"), "Spring");
	list_is(quoted, "deliverable", deliverables, 1);
	list_is(rich, "deliverable", deliverables, 3);
	list_is(rich, "disclosure", disclosures, 2);
	list_is(rich, "brief", briefs, 2);
	ck_assert_ptr_null(json_object_get(rich, "campaign")); /* its cell is empty */
	ck_assert_ptr_nonnull(find_offer(offers, "Mat 98"));
	ck_assert_ptr_null(find_offer(offers, "Mat 99")); /* the same row as 98, and an offer of its own */
	json_decref(offers);
}
END_TEST

/* Takes lines of JSON, one per row: counts them, how many are refused, and how many were accepted before. */
struct report {
	size_t rows, refused, before;
};

static struct report read_report(const char *text, size_t refused_row, const char *code) {
	struct report report = { 0, 0, 0 };
	for (const char *line = text, *end = strchr(line, '\n'); end != NULL; line = end + 1, end = strchr(line, '\n')) {
		char *copy = strndup(line, (size_t)(end - line));
		json_t *row = json_line(copy);
		const json_t *error = json_object_get(row, "error");
		free(copy);
		if (json_object_get(row, "row") != NULL) {
			report.rows++;
			report.refused += error != NULL;
			report.before += json_is_true(json_object_get(row, "already"));
			ck_assert_int_eq(error == NULL, strncmp(error == NULL ? json_text(row, "id") : "", "sha256:", 7) == 0);
		}
		if ((size_t)json_integer_value(json_object_get(row, "row")) == refused_row) {
			ck_assert_str_eq(json_text(error, "code"), code);
		}
		json_decref(row);
	}
	return report;
}

START_TEST(machines_get_a_line_per_row) {
	const char *home = home_admitted(&agency, "brand", "json-brand"), *table = write_table(ROWS, true);
	struct said said = troth("offer", "submit", "--batch", table, "--home", home, "--yes", "--json", NULL);
	ck_assert_int_eq(said.status, 1);
	struct report report = read_report(said.output, bad[1].index + 2, error_word(bad[1].code));
	ck_assert_uint_eq(report.rows, ROWS);
	ck_assert_uint_eq(report.refused, BAD_COUNT);
	ck_assert_uint_eq(report.before, 0);
}
END_TEST

/* Every row of a good table must be an offer, once: as often as its product stands in the table. */
static void each_row_is_one_offer(const char *home, size_t count) {
	json_t *offers = list_offers(home);
	struct map *seen = map_new();
	ck_assert_uint_eq(json_array_size(offers), count);
	for (size_t i = 0; i < json_array_size(offers); i++) {
		const json_t *terms = json_object_get(json_array_get(offers, i), "terms");
		struct slice product = slice_of_text(json_text(terms, "product"));
		struct map_entry *entry = map_find(seen, product);
		if (entry == NULL) {
			ck_assert(map_put(seen, product, (void *)1));
			continue;
		}
		uintptr_t times = (uintptr_t)entry->value;
		ck_assert_msg(times == 1 && slice_is(slice_of(product.data + product.size - 2, 2), "98"),
		              "%.*s stands more often than in the table", (int)product.size, (const char *)product.data);
		entry->value = (void *)(times + 1);
	}
	ck_assert_uint_eq(map_size(seen), count - count / 100); /* one row of each hundred is that before it */
	map_free(seen, NULL);
	json_decref(offers);
}

START_TEST(a_killed_batch_goes_on_where_it_was) {
	const char *home = home_admitted(&agency, "brand", "killed-brand"), *table = write_table(MANY_ROWS, false);
	const char *const words[] = { process_program("troth"), "offer", "submit", "--batch", table, "--home", home,
		                          "--yes", "--json", NULL };
	size_t told = 0;
	for (int i = 0; i < KILLS; i++) {
		struct process *process = process_start(words, NULL);
		ck_assert_ptr_nonnull(process_await_line(process, PROCESS_OUTPUT, "\"already\":false", NULL, PROGRESS_MS));
		process_kill(process);
		ck_assert_int_eq(process_wait(process, 0), 128 + 9); /* it was not done yet */
		/* Of each row it has told by then, the offer is there. The last line may be cut. */
		struct report report = read_report(process_text(process, PROCESS_OUTPUT), 0, "");
		ck_assert_uint_ge(report.rows, told);
		ck_assert_uint_lt(report.rows, MANY_ROWS);
		told = report.rows;
		process_free(process);
	}
	struct said said = troth("offer", "submit", "--batch", table, "--home", home, "--yes", "--json", NULL);
	(void)said_done(said);
	struct report report = read_report(said.output, 0, "");
	ck_assert_uint_eq(report.rows, MANY_ROWS);
	ck_assert_uint_eq(report.refused, 0);
	ck_assert_uint_ge(report.before, told);
	each_row_is_one_offer(home, MANY_ROWS);
	(void)store_count(agency.home);
}
END_TEST

/* Tables that are none: nothing is signed. */
static const struct {
	const char *name, *text;
	enum error code;
} tables[] = {
	{ "an unknown column", "compensation,colour\ngifted,red\n", ERROR_UNKNOWN_KEY },
	{ "a column that the command adds", "brand,compensation\nacme,gifted\n", ERROR_UNKNOWN_KEY },
	{ "a column twice", "slots,slots\n5,5\n", ERROR_DUPLICATE_KEY },
	{ "a quote that does not end", "compensation,product\ngifted,\"Mat\n", ERROR_MALFORMED },
	{ "a quote within a cell", "compensation,product\ngifted,Ma\"t\n", ERROR_MALFORMED },
	{ "nothing", "", ERROR_MALFORMED },
};

START_TEST(a_table_that_is_none_is_refused_as_a_whole) {
	const char *home = home_admitted(&agency, "brand", "no-table-brand");
	struct store_counts before = store_count(agency.home);
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		const char *path = scratch_path(scratch_folder(), "none.csv");
		scratch_write(path, tables[i].text);
		struct said said = submit(home, path);
		ck_assert_msg(said.status == 1, "%s: status %d\n%s%s", tables[i].name, said.status, said.output, said.errors);
		said_refused(said, 1, tables[i].code, 0);
	}
	said_refused(submit(home, "/nowhere.csv"), 1, ERROR_NOT_FOUND, 0);
	store_has_grown(agency.home, before, (struct store_counts){ 0, 0, 0 });
}
END_TEST

START_TEST(blank_lines_count_as_a_spreadsheet_counts_them) {
	static const char *const ends[] = { "\n", "\r\n" };
	const char *home = home_admitted(&agency, "brand", "blank-brand");
	for (size_t i = 0; i < 2; i++) {
		const char *path = scratch_path(scratch_folder(), "blank.csv"), *end = ends[i];
		struct buffer text;
		buffer_init(&text, 1024);
		(void)buffer_format(&text, "compensation,slots%s%sgifted,5%sgifted,0%s", end, end, end, end);
		scratch_write(path, buffer_text(&text));
		struct said said = submit(home, path);
		ck_assert_msg(strncmp(said.errors, "row 3: missing-key: ", 20) == 0, "%s", said.errors);
		ck_assert_msg(strstr(said.errors, "\nrow 4: ") != NULL, "%s", said.errors);
		buffer_release(&text);
	}
}
END_TEST

START_TEST(without_the_agency_the_rows_wait) {
	const char *home = home_admitted(&agency, "brand", "patient-brand"), *table = write_table(100, false);
	ck_assert_int_eq(agency_stop(&agency), 0);
	struct said said = troth("offer", "submit", "--batch", table, "--home", home, "--yes", "--timeout", "1", NULL);
	said_refused(said, 3, ERROR_UNREACHABLE, 0);
	ck_assert_ptr_nonnull(strstr(said.errors, agency.join.brokers[0].endpoint));
	agency_restart(&agency, 2);
	ck_assert_str_eq(said_done(submit(home, table)), "100 accepted, 0 accepted before, 0 refused");
	each_row_is_one_offer(home, 100);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("batch");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_checked_fixture(tests, set_up, process_free_all);
	tcase_add_test(tests, good_rows_are_kept_bad_rows_are_named_and_the_rest_comes_later);
	tcase_add_test(tests, cells_become_the_lines_that_they_say);
	tcase_add_test(tests, machines_get_a_line_per_row);
	tcase_add_test(tests, a_killed_batch_goes_on_where_it_was);
	tcase_add_test(tests, a_table_that_is_none_is_refused_as_a_whole);
	tcase_add_test(tests, blank_lines_count_as_a_spreadsheet_counts_them);
	tcase_add_test(tests, without_the_agency_the_rows_wait);
	Suite *suite = suite_create("talk/batch");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

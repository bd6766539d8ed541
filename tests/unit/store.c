/* What the store promises inside one process: batches, marks, indexes, scans, limits. */
#include "store/store.h"

#include "tests/unit/store_fixture.h"

static struct folder folder;
static struct store *store;
static struct failure failure;

static void set_up(void) {
	folder = make_folder();
	store = open_test_store(&folder, NULL);
}

static void tear_down(void) {
	store_close(store);
	remove_folder(&folder);
}

static void write_now(store_function function, void *argument) {
	enum error error = store_write(store, function, argument, &failure);
	ck_assert_msg(error == OK, "%s: %s", error_word(error), failure.text);
}

static void read_now(store_function function, void *argument) {
	enum error error = store_read(store, function, argument, &failure);
	ck_assert_msg(error == OK, "%s: %s", error_word(error), failure.text);
}

static enum error get_person(struct tx *tx, const char *id, struct record *out) {
	struct cell key = cell_text(id);
	return tx_get(tx, &people, &key, out, NULL);
}

static enum error put_person(struct tx *tx, const char *id, const char *name, int64_t age, const char *city) {
	struct record record = person(id, name, age, city);
	return tx_put(tx, &people, &record, NULL);
}

static enum error delete_person(struct tx *tx, const char *id) {
	struct cell key = cell_text(id);
	return tx_delete(tx, &people, &key, NULL);
}

static bool append_id(void *argument, const struct record *record) {
	char *ids = argument;
	size_t used = strlen(ids);
	(void)slice_copy_text(record->cells[PERSON_ID].bytes, ids + used, 64 - used);
	return true;
}

static void expect_ids(struct tx *tx, int index, struct range range, const char *expected) {
	char ids[64] = "";
	ck_assert_int_eq(tx_scan(tx, &people, index, &range, append_id, ids, NULL), OK);
	ck_assert_str_eq(ids, expected);
}

/* ---- records ---- */

static enum error put_three(struct tx *tx, void *argument, struct failure *out) {
	(void)argument;
	(void)out;
	ck_assert_int_eq(put_person(tx, "a", "Ann", 30, "Oslo"), OK);
	ck_assert_int_eq(put_person(tx, "b", "Bob", 20, "Oslo"), OK);
	ck_assert_int_eq(put_person(tx, "c", "Cid", 40, "Bern"), OK);
	return OK;
}

static enum error find_three(struct tx *tx, void *argument, struct failure *out) {
	(void)argument;
	(void)out;
	struct record record;
	ck_assert_int_eq(get_person(tx, "b", &record), OK);
	ck_assert(slice_is(record.cells[PERSON_ID].bytes, "b"));
	ck_assert(slice_is(record.cells[PERSON_NAME].bytes, "Bob"));
	ck_assert_int_eq(record.cells[PERSON_AGE].number, 20);
	ck_assert(slice_is(record.body, "body"));
	ck_assert_int_eq(get_person(tx, "d", &record), ERROR_NOT_FOUND);
	expect_ids(tx, STORE_BY_KEY, (struct range){ 0 }, "abc");
	expect_ids(tx, BY_CITY, (struct range){ 0 }, "cba");
	return OK;
}

START_TEST(what_was_put_is_found_after_the_batch_and_after_reopening) {
	write_now(put_three, NULL);
	read_now(find_three, NULL);
	write_now(find_three, NULL);
	store_close(store);
	store = open_test_store(&folder, NULL);
	read_now(find_three, NULL);
}
END_TEST

static enum error put_and_look(struct tx *tx, void *argument, struct failure *out) {
	(void)put_three(tx, argument, out);
	return find_three(tx, argument, out);
}

START_TEST(a_batch_sees_its_own_changes) {
	write_now(put_and_look, NULL);
}
END_TEST

static enum error put_and_fail(struct tx *tx, void *argument, struct failure *out) {
	(void)put_three(tx, argument, out);
	return fail(out, ERROR_UNFUNDED, "as the test wants it");
}

static enum error find_nothing(struct tx *tx, void *argument, struct failure *out) {
	(void)argument;
	(void)out;
	expect_ids(tx, STORE_BY_KEY, (struct range){ 0 }, "");
	expect_ids(tx, BY_NAME, (struct range){ 0 }, "");
	return OK;
}

START_TEST(a_batch_whose_function_fails_changes_nothing) {
	ck_assert_int_eq(store_write(store, put_and_fail, NULL, &failure), ERROR_UNFUNDED);
	ck_assert_str_eq(failure.text, "as the test wants it");
	read_now(find_nothing, NULL);
	write_now(find_nothing, NULL);
}
END_TEST

static enum error try_changes(struct tx *tx, void *argument, struct failure *out) {
	(void)argument;
	(void)out;
	struct record record = person("a", "Ann", 1, "Oslo");
	ck_assert_int_eq(tx_put(tx, &people, &record, NULL), ERROR_NOT_ALLOWED);
	ck_assert_int_eq(tx_insert(tx, &people, &record, NULL), ERROR_NOT_ALLOWED);
	ck_assert_int_eq(delete_person(tx, "a"), ERROR_NOT_ALLOWED);
	return OK;
}

static bool change_while_scanning(void *argument, const struct record *record) {
	ck_assert_int_eq(tx_put(argument, &people, record, NULL), ERROR_NOT_ALLOWED);
	return true;
}

static enum error scan_and_change(struct tx *tx, void *argument, struct failure *out) {
	(void)argument;
	return tx_scan(tx, &people, STORE_BY_KEY, &(struct range){ 0 }, change_while_scanning, tx, out);
}

START_TEST(changes_are_refused_in_a_reading_transaction_and_within_a_scan) {
	write_now(put_three, NULL);
	read_now(try_changes, NULL);
	write_now(scan_and_change, NULL);
	read_now(find_three, NULL);
}
END_TEST

static enum error insert_and_delete(struct tx *tx, void *argument, struct failure *out) {
	(void)argument;
	(void)out;
	struct record record = person("a", "Ann", 1, "Oslo");
	struct cell key = cell_text("a");
	ck_assert_int_eq(tx_want(tx, &people, &key, NULL), OK);
	ck_assert_int_eq(delete_person(tx, "a"), ERROR_NOT_FOUND);
	ck_assert_int_eq(tx_insert(tx, &people, &record, NULL), OK);
	ck_assert_int_eq(tx_insert(tx, &people, &record, NULL), ERROR_EXISTS);
	ck_assert_int_eq(delete_person(tx, "a"), OK);
	ck_assert_int_eq(delete_person(tx, "a"), ERROR_NOT_FOUND);
	return find_nothing(tx, argument, out);
}

START_TEST(insert_refuses_what_is_there_and_delete_what_is_not) {
	write_now(insert_and_delete, NULL);
	read_now(find_nothing, NULL);
}
END_TEST

static enum error put_too_long(struct tx *tx, void *argument, struct failure *out) {
	(void)argument;
	(void)out;
	static const char name[] = "a name of more than the forty bytes that are allowed";
	static const char id[] = "0123456789abcdef0123456789abcdef0";
	struct record record = person("a", "Ann", 1, "a city of more than twenty bytes");
	ck_assert_int_eq(tx_put(tx, &people, &record, NULL), ERROR_TOO_LONG);
	ck_assert_int_eq(put_person(tx, "a", name, 1, ""), ERROR_TOO_LONG);
	ck_assert_int_eq(put_person(tx, id, "Ann", 1, ""), ERROR_TOO_LONG);
	ck_assert_int_eq(get_person(tx, id, &record), ERROR_TOO_LONG);
	record = person("a", "Ann", 1, "");
	record.cells[PERSON_NAME] = cell_bytes(slice_of("A\0n", 3));
	ck_assert_int_eq(tx_put(tx, &people, &record, NULL), ERROR_BAD_VALUE);
	return find_nothing(tx, argument, out);
}

START_TEST(values_past_their_limits_are_refused_and_change_nothing) {
	write_now(put_too_long, NULL);
}
END_TEST

/* ---- indexes ---- */

static enum error break_uniqueness(struct tx *tx, void *argument, struct failure *out) {
	(void)argument;
	(void)out;
	struct record record;
	ck_assert_int_eq(put_person(tx, "d", "Ann", 1, "Rome"), ERROR_EXISTS);
	ck_assert_int_eq(get_person(tx, "d", &record), ERROR_NOT_FOUND);
	ck_assert_int_eq(put_person(tx, "b", "Ann", 1, "Rome"), ERROR_EXISTS);
	expect_ids(tx, BY_CITY, (struct range){ 0 }, "cba"); /* the entries of the failed put are gone */
	ck_assert_int_eq(put_person(tx, "a", "Ann", 31, "Oslo"), OK); /* its own name is no obstacle */
	ck_assert_int_eq(put_person(tx, "a", "Anna", 30, "Oslo"), OK);
	ck_assert_int_eq(put_person(tx, "d", "Ann", 1, "Rome"), OK); /* the name is free now */
	ck_assert_int_eq(put_person(tx, "a", "Ann", 30, "Oslo"), ERROR_EXISTS);
	return OK;
}

START_TEST(a_unique_index_refuses_a_second_record_with_the_same_values) {
	write_now(put_three, NULL);
	write_now(break_uniqueness, NULL);
}
END_TEST

static enum error scan_ranges(struct tx *tx, void *argument, struct failure *out) {
	(void)argument;
	(void)out;
	struct cell oslo = cell_text("Oslo"), osl = cell_text("Osl"), b = cell_text("b"), id = cell_text("a");
	struct cell at_30[] = { oslo, cell_number(30) }, at_20[] = { oslo, cell_number(20) };
	struct cell bob[] = { oslo, cell_number(20), b };
	const struct {
		int index;
		struct range range;
		const char *ids;
	} rows[] = {
		{ STORE_BY_KEY, { .limit = 2 }, "ab" },
		{ STORE_BY_KEY, { .reverse = true, .limit = 2 }, "cb" },
		{ STORE_BY_KEY, { .from = &b, .from_count = 1 }, "bc" },
		{ STORE_BY_KEY, { .from = &b, .from_count = 1, .after = true }, "c" },
		{ STORE_BY_KEY, { .to = &b, .to_count = 1 }, "ab" },
		{ STORE_BY_KEY, { .to = &b, .to_count = 1, .reverse = true }, "ba" },
		{ STORE_BY_KEY, { .to = &b, .to_count = 1, .reverse = true, .after = true }, "a" },
		{ STORE_BY_KEY, { .from = &b, .from_count = 1, .to = &id, .to_count = 1 }, "" },
		{ STORE_BY_KEY, { .after = true }, "abc" },
		{ BY_CITY, { .from = &oslo, .from_count = 1, .to = &oslo, .to_count = 1 }, "ba" },
		{ BY_CITY, { .from = &osl, .from_count = 1, .to = &osl, .to_count = 1 }, "" },
		{ BY_CITY, { .from = at_30, .from_count = 2, .to = &oslo, .to_count = 1 }, "a" },
		{ BY_CITY, { .from = &oslo, .from_count = 1, .to = at_20, .to_count = 2, .reverse = true }, "b" },
		{ BY_CITY, { .from = bob, .from_count = 3, .after = true }, "a" },
		{ BY_CITY, { .from = &oslo, .from_count = 1, .after = true }, "" },
		{ BY_CITY, { .to = bob, .to_count = 3, .reverse = true, .after = true }, "c" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		expect_ids(tx, rows[i].index, rows[i].range, rows[i].ids);
	}
	return OK;
}

static enum error put_and_scan_ranges(struct tx *tx, void *argument, struct failure *out) {
	(void)put_three(tx, argument, out);
	return scan_ranges(tx, argument, out);
}

START_TEST(ranges_select_what_begins_with_their_cells_and_lies_between) {
	write_now(put_and_scan_ranges, NULL); /* from the overlay alone */
	read_now(scan_ranges, NULL);          /* from the engine alone */
	write_now(scan_ranges, NULL);
}
END_TEST

static bool stop_at_once(void *argument, const struct record *record) {
	(void)record;
	++*(int *)argument;
	return false;
}

static enum error scan_one(struct tx *tx, void *argument, struct failure *out) {
	return tx_scan(tx, &people, STORE_BY_KEY, &(struct range){ 0 }, stop_at_once, argument, out);
}

START_TEST(a_scan_stops_when_its_function_says_so) {
	int visits = 0;
	write_now(put_three, NULL);
	read_now(scan_one, &visits);
	ck_assert_int_eq(visits, 1);
}
END_TEST

/* ---- marks ---- */

static enum error undo_in_steps(struct tx *tx, void *argument, struct failure *out) {
	(void)argument;
	(void)out;
	struct record record;
	tx_mark_t first = tx_mark(tx);
	ck_assert_int_eq(put_person(tx, "d", "Dan", 1, "Rome"), OK);
	ck_assert_int_eq(delete_person(tx, "c"), OK);
	tx_mark_t second = tx_mark(tx);
	ck_assert_int_eq(delete_person(tx, "a"), OK);
	ck_assert_int_eq(put_person(tx, "c", "Ann", 9, "Rome"), OK);
	expect_ids(tx, BY_CITY, (struct range){ 0 }, "bdc");
	tx_undo(tx, second);
	expect_ids(tx, STORE_BY_KEY, (struct range){ 0 }, "abd");
	tx_undo(tx, first);
	ck_assert_int_eq(get_person(tx, "d", &record), ERROR_NOT_FOUND);
	return find_three(tx, argument, out);
}

START_TEST(undo_takes_back_every_change_since_the_mark_and_no_other) {
	write_now(put_three, NULL);
	write_now(undo_in_steps, NULL);
	read_now(find_three, NULL);
}
END_TEST

/* ---- opening ---- */

START_TEST(a_second_store_in_one_process_is_refused) {
	struct store *second = NULL;
	ck_assert_int_eq(store_open(folder.url, test_tables, 2, NULL, &second, NULL), ERROR_EXISTS);
	ck_assert_ptr_null(second);
}
END_TEST

START_TEST(urls_of_no_engine_are_refused) {
	static const char *const urls[] = { "", "lmdb", "lmdb:", "lmdbx:/tmp/x", "/tmp/x", "oracle:x" };
	store_close(store);
	store = NULL;
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		struct store *none = NULL;
		ck_assert_int_eq(store_open(urls[i], test_tables, 2, NULL, &none, NULL), ERROR_BAD_VALUE);
		ck_assert_ptr_null(none);
	}
}
END_TEST

/* ---- limits ---- */

struct filling {
	int64_t first, count;
	int runs;
};

static enum error fill(struct tx *tx, void *argument, struct failure *out) {
	static const uint8_t body[2000];
	struct filling *filling = argument;
	filling->runs++;
	for (int64_t i = filling->first; i < filling->first + filling->count; i++) {
		struct record record = counter("fill", i, i);
		record.body = slice_of(body, sizeof body);
		enum error error = tx_put(tx, &counters, &record, out);
		if (error != OK) {
			return error;
		}
	}
	return OK;
}

static bool count_in_order(void *argument, const struct record *record) {
	int64_t *expected = argument;
	ck_assert_int_eq(record->cells[1].number, *expected);
	ck_assert_int_eq(record->cells[2].number, *expected);
	ck_assert_uint_eq(record->body.size, 2000);
	++*expected;
	return true;
}

static enum error count_filled(struct tx *tx, void *argument, struct failure *out) {
	return tx_scan(tx, &counters, STORE_BY_KEY, &(struct range){ 0 }, count_in_order, argument, out);
}

static void reopen(const struct store_options *options) {
	store_close(store);
	store = open_test_store(&folder, options);
}

START_TEST(the_map_grows_and_the_batch_runs_again) {
	reopen(&(struct store_options){ .map_initial = 1 });
	struct filling filling = { .count = 2000 }; /* 4 MB into a map of the smallest size */
	write_now(fill, &filling);
	ck_assert_int_gt(filling.runs, 1);
	int64_t found = 0;
	read_now(count_filled, &found);
	ck_assert_int_eq(found, 2000);
}
END_TEST

START_TEST(at_its_maximum_the_store_is_full_and_earlier_records_are_intact) {
	reopen(&(struct store_options){ .map_initial = 1, .map_maximum = 2 << 20 });
	struct filling filling = { .count = 50 };
	enum error error = OK;
	while (error == OK) {
		error = store_write(store, fill, &filling, &failure);
		filling.first += error == OK ? filling.count : 0;
	}
	ck_assert_int_eq(error, ERROR_STORE_FULL);
	ck_assert_int_gt(filling.first, 100);
	int64_t found = 0;
	read_now(count_filled, &found);
	ck_assert_int_eq(found, filling.first);
	ck_assert_int_eq(store_write(store, fill, &filling, &failure), ERROR_STORE_FULL);

	reopen(NULL); /* with room again it goes on */
	write_now(fill, &filling);
	found = 0;
	read_now(count_filled, &found);
	ck_assert_int_eq(found, filling.first + filling.count);
}
END_TEST

START_TEST(a_disk_that_is_nearly_full_refuses_writes_but_not_reads) {
	write_now(put_three, NULL);
	reopen(&(struct store_options){ .keep_free = (size_t)1 << 60 });
	ck_assert_int_eq(store_write(store, put_and_fail, NULL, &failure), ERROR_STORE_FULL);
	read_now(find_three, NULL);
}
END_TEST

START_TEST(a_check_of_a_sound_store_counts_and_finds_nothing) {
	struct store_summary summary;
	write_now(put_three, NULL);
	struct filling filling = { .count = 10 };
	write_now(fill, &filling);
	ck_assert_int_eq(store_check(store, NULL, NULL, &summary, &failure), OK);
	ck_assert_uint_eq(summary.records, 13);
	ck_assert_uint_eq(summary.index_entries, 6);
	ck_assert_uint_eq(summary.damage, 0);
	ck_assert_uint_gt(summary.bytes, 0);
	ck_assert_int_eq(store_tend(store, &failure), OK);
}
END_TEST

int main(void) {
	const TTest *const tests[] = {
		what_was_put_is_found_after_the_batch_and_after_reopening,
		a_batch_sees_its_own_changes,
		a_batch_whose_function_fails_changes_nothing,
		changes_are_refused_in_a_reading_transaction_and_within_a_scan,
		insert_refuses_what_is_there_and_delete_what_is_not,
		values_past_their_limits_are_refused_and_change_nothing,
		a_unique_index_refuses_a_second_record_with_the_same_values,
		ranges_select_what_begins_with_their_cells_and_lies_between,
		a_scan_stops_when_its_function_says_so,
		undo_takes_back_every_change_since_the_mark_and_no_other,
		a_second_store_in_one_process_is_refused,
		urls_of_no_engine_are_refused,
		the_map_grows_and_the_batch_runs_again,
		at_its_maximum_the_store_is_full_and_earlier_records_are_intact,
		a_disk_that_is_nearly_full_refuses_writes_but_not_reads,
		a_check_of_a_sound_store_counts_and_finds_nothing,
	};
	return run_suite("store", tests, sizeof tests / sizeof tests[0], set_up, tear_down);
}

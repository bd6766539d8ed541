/* What the tests of the store share: two tables, a folder that goes away, random numbers with a seed. */
#ifndef TROTH_TESTS_UNIT_STORE_FIXTURE_H
#define TROTH_TESTS_UNIT_STORE_FIXTURE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#undef fail /* Check's old macro; ours is the function of base/error.h */
#include "store/store.h"

enum { PERSON_ID, PERSON_NAME, PERSON_AGE, PERSON_CITY, PERSON_COLUMNS };
enum { BY_NAME, BY_CITY };

static const struct column person_columns[PERSON_COLUMNS] = {
	{ "id", COLUMN_BYTES, 32 },
	{ "name", COLUMN_TEXT, 40 },
	{ "age", COLUMN_NUMBER, 0 },
	{ "city", COLUMN_TEXT, 20 },
};

static const struct index person_indexes[] = {
	[BY_NAME] = { "by_name", { PERSON_NAME }, 1, true, false },
	[BY_CITY] = { "by_city", { PERSON_CITY, PERSON_AGE }, 2, false, false },
};

static const struct table people = { "people", person_columns, PERSON_COLUMNS, 1, person_indexes, 2 };

static const struct column counter_columns[] = {
	{ "name", COLUMN_TEXT, 40 },
	{ "part", COLUMN_NUMBER, 0 },
	{ "value", COLUMN_NUMBER, 0 },
};

static const struct table counters = { "counters", counter_columns, 3, 2, NULL, 0 };

static const struct table *const test_tables[] = { &people, &counters };

struct folder {
	char path[64];
	char url[80];
};

__attribute__((unused)) static struct folder make_folder(void) {
	struct folder folder = { .path = "/tmp/troth-store-XXXXXX" };
	ck_assert_ptr_nonnull(mkdtemp(folder.path));
	(void)snprintf(folder.url, sizeof folder.url, "lmdb:%s", folder.path);
	return folder;
}

__attribute__((unused)) static void remove_folder(const struct folder *folder) {
	static const char *const names[] = { "data.mdb", "lock.mdb" };
	for (size_t i = 0; i < 2; i++) {
		char path[128];
		(void)snprintf(path, sizeof path, "%s/%s", folder->path, names[i]);
		(void)unlink(path);
	}
	ck_assert_int_eq(rmdir(folder->path), 0);
}

__attribute__((unused)) static struct store *open_test_store(const struct folder *folder,
                                                             const struct store_options *options) {
	struct store *store = NULL;
	struct failure failure = { .text = "" };
	enum error error = store_open(folder->url, test_tables, 2, options, &store, &failure);
	ck_assert_msg(error == OK, "%s: %s", error_word(error), failure.text);
	return store;
}

__attribute__((unused)) static struct record person(const char *id, const char *name, int64_t age, const char *city) {
	return (struct record){
		.cells = { cell_text(id), cell_text(name), cell_number(age), cell_text(city) },
		.body = slice_of_text("body"),
	};
}

__attribute__((unused)) static struct record counter(const char *name, int64_t part, int64_t value) {
	return (struct record){ .cells = { cell_text(name), cell_number(part), cell_number(value) } };
}

/* splitmix64, by Sebastiano Vigna (public domain). */
__attribute__((unused)) static uint64_t random_next(uint64_t *state) {
	*state += UINT64_C(0x9e3779b97f4a7c15);
	uint64_t z = *state;
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

__attribute__((unused)) static size_t random_below(uint64_t *state, size_t limit) {
	return (size_t)(random_next(state) % limit);
}

/* The order of two values as the column's type defines it; written without the store's own encoding. */
__attribute__((unused)) static int compare_cells(enum column_type type, struct cell a, struct cell b) {
	if (type == COLUMN_NUMBER) {
		return (a.number > b.number) - (a.number < b.number);
	}
	return slice_compare(a.bytes, b.bytes);
}

__attribute__((unused)) static int run_suite(const char *name, const TTest *const *tests, size_t count,
                                             SFun set_up, SFun tear_down) {
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	for (size_t i = 0; i < count; i++) {
		tcase_add_test(tcase, tests[i]);
	}
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif

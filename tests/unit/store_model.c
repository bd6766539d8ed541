/* Random batches against a model that is simple enough to be right: an array of records, copied for every mark. */
#include "store/store.h"

#include "base/clock.h"
#include "tests/unit/store_fixture.h"

#define PEOPLE 27 /* ids are the strings of three digits out of { 00, 01, FF } */
#define NAMES 20
#define CITIES 3
#define AGES 4
#define BATCHES 600
#define STEPS 60
#define MARKS 8

struct someone {
	bool present;
	int name, city, age;
};

struct model {
	struct someone people[PEOPLE];
};

struct run {
	uint64_t seed;
	struct model committed;
	struct model now; /* as the running batch should see it */
	struct model kept[MARKS];
	tx_mark_t marks[MARKS];
	size_t mark_count;
	bool keep; /* commits */
};

static struct folder folder;
static struct store *store;
static uint8_t ids[PEOPLE][3];
static char names[NAMES][16], cities[CITIES][8];

static void set_up(void) {
	static const uint8_t digits[] = { 0x00, 0x01, 0xff };
	for (int i = 0; i < PEOPLE; i++) {
		ids[i][0] = digits[i / 9];
		ids[i][1] = digits[i / 3 % 3];
		ids[i][2] = digits[i % 3];
	}
	for (int i = 0; i < NAMES; i++) {
		(void)snprintf(names[i], sizeof names[i], "name%d", i);
	}
	for (int i = 0; i < CITIES; i++) {
		(void)snprintf(cities[i], sizeof cities[i], "%.*s", i, "xx"); /* one a prefix of the next */
	}
	folder = make_folder();
	store = open_test_store(&folder, NULL);
}

static void tear_down(void) {
	store_close(store);
	remove_folder(&folder);
}

static struct record record_of(int id, const struct someone *one) {
	return (struct record){
		.cells = { cell_bytes(slice_of(ids[id], 3)), cell_text(names[one->name]), cell_number(one->age - 2),
		           cell_text(cities[one->city]) },
		.body = slice_of(ids, (size_t)id), /* a body of another size for each, none for the first */
	};
}

static bool name_is_taken(const struct model *model, int name, int by_other_than) {
	for (int i = 0; i < PEOPLE; i++) {
		if (i != by_other_than && model->people[i].present && model->people[i].name == name) {
			return true;
		}
	}
	return false;
}

/* ---- changes ---- */

static void put_one(struct run *run, struct tx *tx, bool insert) {
	int id = (int)random_below(&run->seed, PEOPLE);
	struct someone one = { true, (int)random_below(&run->seed, NAMES), (int)random_below(&run->seed, CITIES),
		                   (int)random_below(&run->seed, AGES) };
	struct record record = record_of(id, &one);
	bool refused = name_is_taken(&run->now, one.name, id) || (insert && run->now.people[id].present);
	enum error error = insert ? tx_insert(tx, &people, &record, NULL) : tx_put(tx, &people, &record, NULL);
	ck_assert_int_eq(error, refused ? ERROR_EXISTS : OK);
	if (!refused) {
		run->now.people[id] = one;
	}
}

static void delete_one(struct run *run, struct tx *tx) {
	int id = (int)random_below(&run->seed, PEOPLE);
	struct cell key = cell_bytes(slice_of(ids[id], 3));
	enum error expected = run->now.people[id].present ? OK : ERROR_NOT_FOUND;
	ck_assert_int_eq(tx_delete(tx, &people, &key, NULL), expected);
	run->now.people[id].present = false;
}

static void mark_or_undo(struct run *run, struct tx *tx) {
	if (run->mark_count < MARKS && random_below(&run->seed, 2) == 0) {
		run->kept[run->mark_count] = run->now;
		run->marks[run->mark_count++] = tx_mark(tx);
	} else if (run->mark_count > 0) {
		run->mark_count = random_below(&run->seed, run->mark_count);
		tx_undo(tx, run->marks[run->mark_count]);
		run->now = run->kept[run->mark_count];
	}
}

/* ---- reads ---- */

static void expect_record(const struct record *record, int id, const struct someone *one) {
	struct record expected = record_of(id, one);
	for (size_t i = 0; i < people.column_count; i++) {
		ck_assert_int_eq(compare_cells(person_columns[i].type, record->cells[i], expected.cells[i]), 0);
	}
	ck_assert(slice_equal(record->body, expected.body));
}

static void get_one(struct run *run, struct tx *tx) {
	int id = (int)random_below(&run->seed, PEOPLE);
	struct cell key = cell_bytes(slice_of(ids[id], 3));
	struct record record;
	enum error expected = run->now.people[id].present ? OK : ERROR_NOT_FOUND;
	if (random_below(&run->seed, 4) == 0) {
		ck_assert_int_eq(tx_want(tx, &people, &key, NULL), OK);
	}
	ck_assert_int_eq(tx_get(tx, &people, &key, &record, NULL), expected);
	if (expected == OK) {
		expect_record(&record, id, &run->now.people[id]);
	}
}

static const struct {
	size_t count;
	uint8_t columns[4];
} orders[] = {
	{ 1, { PERSON_ID } },                           /* STORE_BY_KEY */
	{ 2, { PERSON_NAME, PERSON_ID } },              /* BY_NAME */
	{ 3, { PERSON_CITY, PERSON_AGE, PERSON_ID } },  /* BY_CITY */
};

static int compare_first(int order, const struct cell *columns, const struct cell *key, size_t count) {
	int result = 0;
	for (size_t i = 0; i < count && result == 0; i++) {
		uint8_t column = orders[order].columns[i];
		result = compare_cells(person_columns[column].type, columns[column], key[i]);
	}
	return result;
}

static bool is_in_range(int order, const struct cell *columns, const struct range *range) {
	int from = compare_first(order, columns, range->from, range->from_count);
	int to = compare_first(order, columns, range->to, range->to_count);
	bool after_from = range->after && !range->reverse && range->from_count > 0;
	bool after_to = range->after && range->reverse && range->to_count > 0;
	return (after_from ? from > 0 : from >= 0) && (after_to ? to < 0 : to <= 0);
}

static int compare_people(const struct model *model, int order, int a, int b) {
	struct record x = record_of(a, &model->people[a]), y = record_of(b, &model->people[b]);
	struct cell key[4];
	for (size_t i = 0; i < orders[order].count; i++) {
		key[i] = y.cells[orders[order].columns[i]];
	}
	return compare_first(order, x.cells, key, orders[order].count);
}

struct expected {
	const struct model *model;
	int ids[PEOPLE];
	size_t count, seen;
};

/* The ids that the model has in a range, by insertion sort. */
static void select_people(struct expected *expected, int order, const struct range *range) {
	for (int id = 0; id < PEOPLE; id++) {
		struct record record = record_of(id, &expected->model->people[id]);
		if (!expected->model->people[id].present || !is_in_range(order, record.cells, range)) {
			continue;
		}
		size_t at = expected->count++;
		while (at > 0) {
			int result = compare_people(expected->model, order, id, expected->ids[at - 1]);
			if (range->reverse ? result <= 0 : result >= 0) {
				break;
			}
			expected->ids[at] = expected->ids[at - 1];
			at--;
		}
		expected->ids[at] = id;
	}
	if (range->limit > 0 && expected->count > range->limit) {
		expected->count = range->limit;
	}
}

static bool expect_next(void *argument, const struct record *record) {
	struct expected *expected = argument;
	ck_assert_uint_lt(expected->seen, expected->count);
	int id = expected->ids[expected->seen++];
	expect_record(record, id, &expected->model->people[id]);
	return true;
}

static void random_key(struct run *run, int order, struct cell *key) {
	struct someone one = { true, (int)random_below(&run->seed, NAMES), (int)random_below(&run->seed, CITIES),
		                   (int)random_below(&run->seed, AGES) };
	struct record record = record_of((int)random_below(&run->seed, PEOPLE), &one);
	for (size_t i = 0; i < orders[order].count; i++) {
		key[i] = record.cells[orders[order].columns[i]];
	}
}

static void scan_some(struct run *run, struct tx *tx) {
	int order = (int)random_below(&run->seed, 3);
	struct cell from[4], to[4];
	random_key(run, order, from);
	random_key(run, order, to);
	struct range range = {
		.from = from,
		.from_count = random_below(&run->seed, orders[order].count + 1),
		.to = random_below(&run->seed, 3) == 0 ? from : to,
		.to_count = random_below(&run->seed, orders[order].count + 1),
		.after = random_below(&run->seed, 3) == 0,
		.reverse = random_below(&run->seed, 2) == 0,
		.limit = random_below(&run->seed, 3) == 0 ? 1 + random_below(&run->seed, 5) : 0,
	};
	struct expected expected = { .model = &run->now };
	select_people(&expected, order, &range);
	ck_assert_int_eq(tx_scan(tx, &people, order - 1, &range, expect_next, &expected, NULL), OK);
	ck_assert_uint_eq(expected.seen, expected.count);
}

/* ---- batches ---- */

static enum error random_batch(struct tx *tx, void *argument, struct failure *failure) {
	struct run *run = argument;
	run->now = run->committed;
	run->mark_count = 0;
	for (size_t i = random_below(&run->seed, STEPS); i > 0; i--) {
		switch (random_below(&run->seed, 8)) {
		case 0: case 1: put_one(run, tx, false); break;
		case 2: put_one(run, tx, true); break;
		case 3: delete_one(run, tx); break;
		case 4: mark_or_undo(run, tx); break;
		case 5: case 6: scan_some(run, tx); break;
		default: get_one(run, tx); break;
		}
	}
	return run->keep ? OK : fail(failure, ERROR_UNFUNDED, "as the test wants it");
}

static enum error read_randomly(struct tx *tx, void *argument, struct failure *failure) {
	(void)failure;
	struct run *run = argument;
	run->now = run->committed;
	for (int i = 0; i < 20; i++) {
		get_one(run, tx);
		scan_some(run, tx);
	}
	return OK;
}

static void run_batches(uint64_t seed) {
	struct run run = { .seed = seed };
	for (int batch = 0; batch < BATCHES; batch++) {
		run.keep = random_below(&run.seed, 3) > 0;
		enum error error = store_write(store, random_batch, &run, NULL);
		ck_assert_int_eq(error, run.keep ? OK : ERROR_UNFUNDED);
		if (run.keep) {
			run.committed = run.now;
		}
		ck_assert_int_eq(store_read(store, read_randomly, &run, NULL), OK);
	}
	struct store_summary summary;
	ck_assert_int_eq(store_check(store, NULL, NULL, &summary, NULL), OK);
	ck_assert_uint_eq(summary.damage, 0);
}

/* Another seed for every run, and TROTH_SEED to repeat one; it is printed first, so that a failing run has said it. */
START_TEST(random_batches_agree_with_the_model) {
	const char *given = getenv("TROTH_SEED");
	uint64_t seed = given == NULL ? (uint64_t)clock_nanoseconds() : (uint64_t)strtoull(given, NULL, 10);
	(void)fprintf(stderr, "store_model: TROTH_SEED=%llu\n", (unsigned long long)seed);
	run_batches(seed);
}
END_TEST

int main(void) {
	const TTest *const tests[] = { random_batches_agree_with_the_model };
	return run_suite("store_model", tests, sizeof tests / sizeof tests[0], set_up, tear_down);
}

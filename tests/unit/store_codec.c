/* Keys and records as bytes: order, round trips, and refusal of what was not written by us. */
#include "store/codec.h"

#include "tests/unit/store_fixture.h"

#define ROUNDS 20000

static const struct column mixed_columns[] = {
	{ "number", COLUMN_NUMBER, 0 }, { "bytes", COLUMN_BYTES, 40 },  { "text", COLUMN_TEXT, 40 },
	{ "more", COLUMN_NUMBER, 0 },   { "extra", COLUMN_BYTES, 300 },
};
static const struct index mixed_indexes[] = { { "by_text", { 2, 4, 3 }, 3, false, false } };
static const struct table mixed = { "mixed", mixed_columns, 5, 3, mixed_indexes, 1 };

static struct arena arena;

/* Few and awkward values, so that equal cells and near neighbours are common. */
static struct cell random_cell(uint64_t *seed, enum column_type type) {
	static const int64_t numbers[] = { INT64_MIN, INT64_MIN + 1, -256, -1, 0, 1, 255, 256, INT64_MAX - 1, INT64_MAX };
	static const uint8_t bytes[] = { 0x00, 0x01, 0xfe, 0xff };
	if (type == COLUMN_NUMBER) {
		return cell_number(numbers[random_below(seed, sizeof numbers / sizeof numbers[0])]);
	}
	size_t size = random_below(seed, 5);
	uint8_t *data = arena_take(&arena, size);
	ck_assert_ptr_nonnull(data);
	for (size_t i = 0; i < size; i++) {
		data[i] = bytes[type == COLUMN_TEXT ? 1 + random_below(seed, 3) : random_below(seed, 4)];
	}
	return cell_bytes(slice_of(data, size));
}

static void random_cells(uint64_t *seed, struct cell *cells) {
	for (size_t i = 0; i < mixed.column_count; i++) {
		cells[i] = random_cell(seed, mixed_columns[i].type);
	}
}

static int compare_keys(const struct cell *a, const struct cell *b, const uint8_t *order, size_t count) {
	int result = 0;
	for (size_t i = 0; i < count && result == 0; i++) {
		result = compare_cells(mixed_columns[order[i]].type, a[order[i]], b[order[i]]);
	}
	return (result > 0) - (result < 0);
}

static const uint8_t order_by_key[] = { 0, 1, 2 };
static const uint8_t order_by_index[] = { 2, 4, 3, 0, 1, 2 };

static struct key encode(int index, const struct cell *cells, size_t count) {
	struct key key;
	ck_assert_int_eq(key_encode_record(&key, &mixed, index, cells, count, NULL), OK);
	return key;
}

START_TEST(encoded_keys_are_ordered_as_their_tuples) {
	uint64_t seed = 1;
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t started = seed;
		struct cell a[STORE_COLUMNS_MAX], b[STORE_COLUMNS_MAX];
		random_cells(&seed, a);
		random_cells(&seed, b);
		for (int index = STORE_BY_KEY; index < 1; index++) {
			const uint8_t *order = index == STORE_BY_KEY ? order_by_key : order_by_index;
			size_t count = key_cell_count(&mixed, index);
			struct key x = encode(index, a, count), y = encode(index, b, count);
			int bytewise = slice_compare(key_slice(&x), key_slice(&y));
			bytewise = (bytewise > 0) - (bytewise < 0);
			ck_assert_msg(bytewise == compare_keys(a, b, order, count), "seed %llu", (unsigned long long)started);
		}
		arena_clear(&arena);
	}
}
END_TEST

START_TEST(a_prefix_of_cells_is_a_prefix_of_exactly_the_keys_that_begin_with_them) {
	uint64_t seed = 2;
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t started = seed;
		struct cell a[STORE_COLUMNS_MAX], b[STORE_COLUMNS_MAX];
		random_cells(&seed, a);
		random_cells(&seed, b);
		size_t count = random_below(&seed, 7);
		struct key prefix = encode(0, a, count), whole = encode(0, b, 6);
		bool begins = prefix.size <= whole.size && memcmp(prefix.bytes, whole.bytes, prefix.size) == 0;
		int order = compare_keys(b, a, order_by_index, count);
		ck_assert_msg(begins == (order == 0), "seed %llu", (unsigned long long)started);
		if (key_pass_prefix(&prefix)) {
			bool behind = slice_compare(key_slice(&whole), key_slice(&prefix)) >= 0;
			ck_assert_msg(behind == (order > 0), "seed %llu", (unsigned long long)started);
		} else {
			ck_assert_msg(order <= 0, "seed %llu", (unsigned long long)started);
		}
		arena_clear(&arena);
	}
}
END_TEST

START_TEST(keys_and_entries_decode_to_the_same_cells) {
	uint64_t seed = 3;
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t started = seed;
		struct cell cells[STORE_COLUMNS_MAX], read[STORE_COLUMNS_MAX] = { 0 };
		random_cells(&seed, cells);
		struct key key = encode(STORE_BY_KEY, cells, 3), entry = encode(0, cells, 6);
		struct slice tail = slice_of(NULL, 0);
		ck_assert(key_of_entry(&mixed, 0, key_slice(&entry), &tail));
		ck_assert(slice_equal(tail, key_slice(&key)));
		ck_assert(key_decode(&mixed, 0, key_slice(&entry), &arena, read));
		int order = compare_keys(cells, read, order_by_index, 6);
		ck_assert_msg(order == 0, "seed %llu", (unsigned long long)started);
		arena_clear(&arena);
	}
}
END_TEST

START_TEST(bytes_that_are_no_key_are_refused) {
	static const struct {
		const char *why;
		const char *bytes;
		size_t size;
	} rows[] = {
		{ "empty", "", 0 },
		{ "number cut short", "\x80\0\0\0\0\0\0", 7 },
		{ "no bytes cell", "\x80\0\0\0\0\0\0\0", 8 },
		{ "bytes without an end", "\x80\0\0\0\0\0\0\0ab", 10 },
		{ "bytes end in the middle of the end", "\x80\0\0\0\0\0\0\0ab\0", 11 },
		{ "an escape that does not exist", "\x80\0\0\0\0\0\0\0a\0\x01\0\0t\0\0", 16 },
		{ "an escape at the very end", "\x80\0\0\0\0\0\0\0a\0\xff", 11 },
		{ "a NUL in a text", "\x80\0\0\0\0\0\0\0\0\0t\0\xff\0\0", 15 },
		{ "something behind the last cell", "\x80\0\0\0\0\0\0\0\0\0t\0\0x", 14 },
		{ "a text past its maximum", "\x80\0\0\0\0\0\0\0\0\0ttttttttttttttttttttttttttttttttttttttttt\0\0", 53 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cell cells[STORE_COLUMNS_MAX];
		struct slice bytes = slice_of(rows[i].bytes, rows[i].size);
		ck_assert_msg(!key_decode(&mixed, STORE_BY_KEY, bytes, &arena, cells), "%s", rows[i].why);
	}
	struct cell cells[STORE_COLUMNS_MAX];
	ck_assert(key_decode(&mixed, STORE_BY_KEY, slice_of("\x80\0\0\0\0\0\0\0\0\0t\0\0", 13), &arena, cells));
}
END_TEST

START_TEST(values_that_do_not_fit_are_refused) {
	static const uint8_t zeros[300];
	struct key key;
	struct cell cells[] = { cell_number(0), cell_bytes(slice_of(zeros, 41)), cell_text("") };
	ck_assert_int_eq(key_encode(&key, &mixed, STORE_BY_KEY, cells, 3, NULL), ERROR_TOO_LONG);
	cells[1] = cell_bytes(slice_of(zeros, 40));
	ck_assert_int_eq(key_encode(&key, &mixed, STORE_BY_KEY, cells, 3, NULL), OK);
	cells[2] = cell_bytes(slice_of("a\0b", 3));
	ck_assert_int_eq(key_encode(&key, &mixed, STORE_BY_KEY, cells, 3, NULL), ERROR_BAD_VALUE);
	struct cell wide[] = { cell_text(""), cell_bytes(slice_of(zeros, 300)) };
	ck_assert_int_eq(key_encode(&key, &mixed, 0, wide, 2, NULL), ERROR_TOO_LONG); /* 600 bytes with the escapes */
}
END_TEST

static struct record sample(void) {
	return (struct record){
		.cells = { cell_number(7), cell_bytes(slice_of("\0k", 2)), cell_text("text"), cell_number(-5),
		           cell_bytes(slice_of("e\0e", 3)) },
		.body = slice_of_text("the body"),
	};
}

START_TEST(records_decode_to_what_was_encoded) {
	struct record record = sample(), read;
	struct key key = encode(STORE_BY_KEY, record.cells, 3);
	struct slice value;
	ck_assert_int_eq(record_encode(&mixed, key_slice(&key), &record, &arena, &value, NULL), OK);
	ck_assert_int_eq(record_decode(&mixed, key_slice(&key), value, &arena, &read, NULL), OK);
	for (size_t i = 0; i < mixed.column_count; i++) {
		ck_assert_int_eq(compare_cells(mixed_columns[i].type, record.cells[i], read.cells[i]), 0);
	}
	ck_assert(slice_equal(record.body, read.body));
}
END_TEST

/* A change of any one byte, a cut at any place, another key or table: all are found. */
START_TEST(a_damaged_record_is_found) {
	struct table other = mixed;
	other.name = "other";
	struct record record = sample(), read;
	struct key key = encode(STORE_BY_KEY, record.cells, 3);
	struct slice value, copy;
	ck_assert_int_eq(record_encode(&mixed, key_slice(&key), &record, &arena, &value, NULL), OK);
	for (size_t i = 0; i < value.size; i++) {
		ck_assert(arena_copy(&arena, value, &copy));
		((uint8_t *)(uintptr_t)copy.data)[i] ^= 0x10;
		ck_assert_int_eq(record_decode(&mixed, key_slice(&key), copy, &arena, &read, NULL), ERROR_STORE_DAMAGED);
		copy = slice_of(value.data, i);
		ck_assert_int_eq(record_decode(&mixed, key_slice(&key), copy, &arena, &read, NULL), ERROR_STORE_DAMAGED);
	}
	ck_assert_int_eq(record_decode(&other, key_slice(&key), value, &arena, &read, NULL), ERROR_STORE_DAMAGED);
	key.bytes[7] ^= 1;
	ck_assert_int_eq(record_decode(&mixed, key_slice(&key), value, &arena, &read, NULL), ERROR_STORE_DAMAGED);
}
END_TEST

START_TEST(a_body_past_the_maximum_is_refused) {
	static const uint8_t body[STORE_BODY_MAX + 1];
	struct record record = sample();
	struct key key = encode(STORE_BY_KEY, record.cells, 3);
	struct slice value;
	record.body = slice_of(body, STORE_BODY_MAX);
	ck_assert_int_eq(record_encode(&mixed, key_slice(&key), &record, &arena, &value, NULL), OK);
	ck_assert_uint_le(value.size, RECORD_MAX);
	record.body = slice_of(body, STORE_BODY_MAX + 1);
	ck_assert_int_eq(record_encode(&mixed, key_slice(&key), &record, &arena, &value, NULL), ERROR_TOO_LONG);
}
END_TEST

/* Bytes on disk outlive this program: they may only change together with RECORD_VERSION. */
START_TEST(the_bytes_stay_the_same) {
	static const uint8_t expected_key[] = { 0x80, 0, 0, 0, 0, 0, 0, 7, 0, 0xff, 'k', 0, 0, 't', 'e', 'x', 't', 0, 0 };
	static const uint8_t expected_rest[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfb, 0, 3, 'e', 0, 'e' };
	static const uint8_t expected_head[RECORD_HEAD] = { 1, 0x1f, 0xcf, 0xd7, 0x91, 0x0f, 0x12, 0x80, 0x1f };
	struct record record = sample();
	struct key key = encode(STORE_BY_KEY, record.cells, 3);
	struct slice value;
	ck_assert_int_eq(record_encode(&mixed, key_slice(&key), &record, &arena, &value, NULL), OK);
	ck_assert_uint_eq(key.size, sizeof expected_key);
	ck_assert_mem_eq(key.bytes, expected_key, sizeof expected_key);
	ck_assert_mem_eq(value.data, expected_head, sizeof expected_head);
	ck_assert_mem_eq(value.data + RECORD_HEAD, expected_rest, sizeof expected_rest);
}
END_TEST

static void set_up(void) {
	arena_init(&arena, (size_t)1 << 24);
}

static void tear_down(void) {
	arena_release(&arena);
}

int main(void) {
	const TTest *const tests[] = {
		encoded_keys_are_ordered_as_their_tuples,
		a_prefix_of_cells_is_a_prefix_of_exactly_the_keys_that_begin_with_them,
		keys_and_entries_decode_to_the_same_cells,
		bytes_that_are_no_key_are_refused,
		values_that_do_not_fit_are_refused,
		records_decode_to_what_was_encoded,
		a_damaged_record_is_found,
		a_body_past_the_maximum_is_refused,
		the_bytes_stay_the_same,
	};
	return run_suite("store_codec", tests, sizeof tests / sizeof tests[0], set_up, tear_down);
}

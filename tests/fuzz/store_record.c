/* Fuzzes the decoders of keys, index entries and records. The checksum would keep the fuzzer out, so each input is also
 * tried with its checksum set right. What decodes must encode to the very same bytes. */
#include <assert.h>
#include <stdlib.h>

#include "store/codec.h"

#define ARENA_MAX ((size_t)1 << 22)

static const struct column columns[] = {
	{ "id", COLUMN_BYTES, 32 },   { "number", COLUMN_NUMBER, 0 }, { "name", COLUMN_TEXT, 40 },
	{ "count", COLUMN_NUMBER, 0 }, { "extra", COLUMN_BYTES, 300 },
};
static const struct index indexes[] = { { "by_name", { 2, 3 }, 2, false, false } };
static const struct table table = { "fuzz", columns, 5, 2, indexes, 1 };

static struct arena arena;

static void check_key(int index, struct slice bytes) {
	struct cell cells[STORE_COLUMNS_MAX];
	struct key again;
	struct slice tail;
	(void)key_of_entry(&table, 0, bytes, &tail);
	if (key_decode(&table, index, bytes, &arena, cells)) {
		assert(key_encode_record(&again, &table, index, cells, key_cell_count(&table, index), NULL) == OK);
		assert(slice_equal(key_slice(&again), bytes));
	}
}

static void check_record(struct slice key, struct slice value) {
	struct record record;
	struct slice again;
	if (record_decode(&table, key, value, &arena, &record, NULL) == OK) {
		assert(record_encode(&table, key, &record, &arena, &again, NULL) == OK);
		assert(slice_equal(again, value));
	}
}

/* The same record with version and checksum as they should be. */
static void check_repaired(struct slice key, struct slice value) {
	struct slice copy;
	if (value.size < RECORD_HEAD || !arena_copy(&arena, value, &copy)) {
		return;
	}
	uint8_t *bytes = (uint8_t *)(uintptr_t)copy.data;
	uint64_t sum = record_checksum(&table, key, slice_of(bytes + RECORD_HEAD, copy.size - RECORD_HEAD));
	bytes[0] = RECORD_VERSION;
	for (int i = 8; i >= 1; i--) {
		bytes[i] = (uint8_t)sum;
		sum >>= 8;
	}
	check_record(key, copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Input: one byte that is the key's size, the key, and then the value. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	if (size == 0) {
		return 0;
	}
	size_t key_size = data[0] < size - 1 ? data[0] : size - 1;
	struct slice key = slice_of(data + 1, key_size);
	struct slice value = slice_of(data + 1 + key_size, size - 1 - key_size);
	if (arena.maximum == 0) {
		arena_init(&arena, ARENA_MAX);
	}
	check_key(STORE_BY_KEY, key);
	check_key(0, slice_of(data, size));
	check_record(key, value);
	check_repaired(key, value);
	arena_clear(&arena);
	return 0;
}

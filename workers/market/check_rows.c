/* Rows that must stand in tables, as notes make them; see check_parts.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "workers/market/check_parts.h"

#define ROW_KEY_MAX 256 /* bytes: a table's name and its key columns; the tables compared here have short ones */
#define VALUE_WORDS_MAX 100

/* The key in the map of all tables' rows. */
static struct slice write_key(const struct table *table, const struct cell *keys, uint8_t out[ROW_KEY_MAX]) {
	struct buffer key;
	buffer_init(&key, ROW_KEY_MAX);
	(void)buffer_append(&key, table->name, strlen(table->name) + 1);
	for (size_t i = 0; i < table->key_count; i++) {
		if (table->columns[i].type == COLUMN_NUMBER) {
			(void)buffer_append(&key, &keys[i].number, sizeof keys[i].number);
		} else {
			(void)buffer_append_slice(&key, keys[i].bytes);
			(void)buffer_append(&key, "", 1);
		}
	}
	struct slice written = buffer_slice(&key);
	memcpy(out, written.data, written.size);
	buffer_release(&key);
	return slice_of(out, written.size);
}

struct cell *check_row(const struct checking *checking, const struct table *table, const struct cell *keys) {
	uint8_t key[ROW_KEY_MAX];
	return map_get(checking->rows, write_key(table, keys, key));
}

/* One block: the cells, and behind them the bytes that they point to. */
static struct cell *copy_cells(const struct table *table, const struct cell *cells) {
	size_t size = table->column_count * sizeof *cells;
	for (size_t i = 0; i < table->column_count; i++) {
		size += table->columns[i].type == COLUMN_NUMBER ? 0 : cells[i].bytes.size;
	}
	struct cell *copy = malloc(size);
	if (copy == NULL) {
		return NULL;
	}
	uint8_t *at = (uint8_t *)(copy + table->column_count);
	for (size_t i = 0; i < table->column_count; i++) {
		copy[i] = cells[i];
		if (table->columns[i].type != COLUMN_NUMBER && cells[i].bytes.size > 0) {
			memcpy(at, cells[i].bytes.data, cells[i].bytes.size);
			copy[i].bytes = slice_of(at, cells[i].bytes.size);
			at += cells[i].bytes.size;
		}
	}
	return copy;
}

void check_row_put(struct checking *checking, const struct table *table, const struct cell *cells) {
	uint8_t bytes[ROW_KEY_MAX];
	struct slice key = write_key(table, cells, bytes);
	struct cell *copy = copy_cells(table, cells);
	free(map_remove(checking->rows, key));
	if (copy == NULL || !map_put(checking->rows, key, copy)) {
		free(copy);
		checking->error = fail(checking->failure, ERROR_NO_MEMORY, "out of memory");
	}
}

void check_row_remove(struct checking *checking, const struct table *table, const struct cell *keys) {
	uint8_t key[ROW_KEY_MAX];
	free(map_remove(checking->rows, write_key(table, keys, key)));
}

/* ---- comparing ---- */

static const char *write_value(const struct column *column, const struct cell *cell, char out[VALUE_WORDS_MAX]) {
	enum { SHOWN = 6 };
	char hex[2 * SHOWN + 1];
	switch (column->type) {
	case COLUMN_NUMBER:
		(void)snprintf(out, VALUE_WORDS_MAX, "%" PRId64, cell->number);
		break;
	case COLUMN_TEXT:
		(void)snprintf(out, VALUE_WORDS_MAX, "%.*s", (int)cell->bytes.size, (const char *)cell->bytes.data);
		break;
	case COLUMN_BYTES:
		hex_encode(slice_of(cell->bytes.data, cell->bytes.size < SHOWN ? cell->bytes.size : SHOWN), hex);
		(void)snprintf(out, VALUE_WORDS_MAX, "%s", hex);
		break;
	}
	return out;
}

/* "accounts acme-yoga" */
static void write_name(const struct table *table, const struct cell *keys, char *out, size_t size) {
	char value[VALUE_WORDS_MAX];
	int used = snprintf(out, size, "%s", table->name);
	for (size_t i = 0; i < table->key_count && used > 0 && (size_t)used < size; i++) {
		used += snprintf(out + used, size - (size_t)used, " %s", write_value(&table->columns[i], &keys[i], value));
	}
}

static bool same_cell(const struct column *column, const struct cell *a, const struct cell *b) {
	return column->type == COLUMN_NUMBER ? a->number == b->number : slice_equal(a->bytes, b->bytes);
}

struct comparing {
	struct checking *checking;
	const struct table *table;
};

static bool compare_row(void *argument, const struct record *record) {
	const struct comparing *comparing = argument;
	const struct table *table = comparing->table;
	uint8_t bytes[ROW_KEY_MAX];
	char name[3 * VALUE_WORDS_MAX], stored[VALUE_WORDS_MAX], said[VALUE_WORDS_MAX];
	struct cell *row = map_remove(comparing->checking->rows, write_key(table, record->cells, bytes));
	write_name(table, record->cells, name, sizeof name);
	if (row == NULL) {
		check_find(comparing->checking, "%s: no note says so", name);
		return true;
	}
	for (size_t i = table->key_count; i < table->column_count; i++) {
		const struct column *column = &table->columns[i];
		if (!same_cell(column, &row[i], &record->cells[i])) {
			check_find(comparing->checking, "%s: %s is %s, by the notes it is %s", name, column->name,
			           write_value(column, &record->cells[i], stored), write_value(column, &row[i], said));
		}
	}
	free(row);
	return true;
}

void check_rows_compare(struct checking *checking, const struct table *table) {
	struct comparing comparing = { .checking = checking, .table = table };
	struct range all = { .limit = 0 };
	enum error error = tx_scan(checking->tx, table, STORE_BY_KEY, &all, compare_row, &comparing, checking->failure);
	checking->error = checking->error == OK ? error : checking->error;
	struct slice prefix = slice_of(table->name, strlen(table->name) + 1);
	struct map_entry *entry = map_at_or_after(checking->rows, prefix);
	while (entry != NULL && entry->key.size > prefix.size && memcmp(entry->key.data, prefix.data, prefix.size) == 0) {
		struct map_entry *next = map_next(entry);
		char name[3 * VALUE_WORDS_MAX];
		write_name(table, entry->value, name, sizeof name);
		check_find(checking, "%s: is missing", name);
		free(map_remove_entry(checking->rows, entry));
		entry = next;
	}
}

/* store_check: every record and every index entry, read and compared with each other. Reads the engine directly, since
 * a snapshot has no overlay. */
#include <stdio.h>

#include "store/transaction.h"

#define KEY_SHOWN 32 /* bytes of a key in a finding */

struct check {
	struct tx *tx;
	store_finding finding;
	void *argument;
	struct store_summary *summary;
	const struct table *table;
	int index;           /* of the entries being read */
	struct key previous; /* the columns of the last entry of a unique index */
};

/* Reports one fault. The key is written in hex. */
static void report(struct check *check, struct slice key, const char *what) {
	char text[160 + 2 * KEY_SHOWN];
	char hex[2 * KEY_SHOWN + 1] = "";
	size_t shown = key.size < KEY_SHOWN ? key.size : KEY_SHOWN;
	for (size_t i = 0; i < shown; i++) {
		(void)snprintf(hex + 2 * i, 3, "%02x", key.data[i]);
	}
	(void)snprintf(text, sizeof text, "%s, key %s%s", what, hex, shown < key.size ? "..." : "");
	check->summary->damage++;
	if (check->finding != NULL) {
		check->finding(check->argument, check->table->name, text);
	}
}

/* Looks whether the record has its entry in one of its indexes. */
static enum error check_entry_of(struct check *check, const struct record *record, struct slice key, int index,
                                 struct failure *failure) {
	const struct store *store = check->tx->store;
	const struct table *table = check->table;
	struct key entry;
	struct slice value;
	if (!index_holds(table, index, record)) {
		return OK;
	}
	enum error error =
	    key_encode_record(&entry, table, index, record->cells, key_cell_count(table, index), NULL);
	if (error == OK) {
		size_t space = space_of(store, table, index);
		error = store->engine->get(store->state, space, key_slice(&entry), &value, failure);
	}
	if (error == ERROR_NOT_FOUND || error == ERROR_TOO_LONG) {
		char what[96];
		(void)snprintf(what, sizeof what, "a record is not in the index %s", table->indexes[index].name);
		report(check, key, what);
		error = OK;
	}
	return error;
}

static enum error check_record(struct check *check, struct entry entry, struct failure *failure) {
	struct record record;
	struct failure fault;
	check->summary->records++;
	enum error error =
	    record_decode(check->table, entry.key, entry.value, &check->tx->store->arena, &record, &fault);
	if (error != OK) {
		report(check, entry.key, fault.text);
		return OK;
	}
	for (int i = 0; i < check->table->index_count && error == OK; i++) {
		error = check_entry_of(check, &record, entry.key, i, failure);
	}
	return error;
}

/* Two neighbours with the same columns in a unique index. */
static void check_unique(struct check *check, struct slice entry, const struct record *record) {
	const struct index *index = &check->table->indexes[check->index];
	struct key columns;
	enum error error = key_encode_record(&columns, check->table, check->index, record->cells, index->count, NULL);
	if (error == OK && index->unique && slice_equal(key_slice(&columns), key_slice(&check->previous))) {
		report(check, entry, "two records have the same values in a unique index");
	}
	check->previous = columns;
}

static enum error check_entry(struct check *check, struct entry entry, struct failure *failure) {
	const struct store *store = check->tx->store;
	const struct table *table = check->table;
	struct record claimed, actual;
	struct slice key, value;
	check->summary->index_entries++;
	if (!key_decode(table, check->index, entry.key, &check->tx->store->arena, claimed.cells) ||
	    !key_of_entry(table, check->index, entry.key, &key)) {
		report(check, entry.key, "an index entry cannot be read");
		return OK;
	}
	check_unique(check, entry.key, &claimed);
	size_t space = space_of(store, table, STORE_BY_KEY);
	enum error error = store->engine->get(store->state, space, key, &value, failure);
	if (error == ERROR_NOT_FOUND) {
		report(check, entry.key, "an index entry leads to no record");
		return OK;
	}
	if (error != OK || record_decode(table, key, value, &check->tx->store->arena, &actual, NULL) != OK) {
		return error; /* a damaged record is reported where it stands */
	}
	struct key expected;
	error = key_encode_record(&expected, table, check->index, actual.cells, key_cell_count(table, check->index), NULL);
	if (error != OK || !slice_equal(key_slice(&expected), entry.key)) {
		report(check, entry.key, "an index entry has other values than its record");
	}
	return OK;
}

static enum error check_space(struct check *check, size_t space, struct failure *failure) {
	struct store *store = check->tx->store;
	struct engine_cursor *cursor = NULL;
	struct entry entry;
	check->table = store->spaces[space].table;
	check->index = store->spaces[space].index;
	check->previous.size = 0;
	enum error error = store->engine->cursor_open(store->state, space, &cursor, failure);
	if (error == OK) {
		error = store->engine->cursor_seek(cursor, slice_of(NULL, 0), false, &entry, failure);
	}
	while (error == OK) {
		bool whole = check->index == STORE_BY_KEY;
		error = whole ? check_record(check, entry, failure) : check_entry(check, entry, failure);
		arena_clear(&store->arena);
		if (error == OK) {
			error = store->engine->cursor_step(cursor, false, &entry, failure);
		}
	}
	if (cursor != NULL) {
		store->engine->cursor_close(cursor);
	}
	return error == ERROR_NOT_FOUND ? OK : error;
}

static void report_stray(void *argument, const char *name) {
	struct check *check = argument;
	check->summary->damage++;
	if (check->finding != NULL) {
		check->finding(check->argument, name, "no table of this name is known");
	}
}

static enum error check_all(struct tx *tx, void *argument, struct failure *failure) {
	struct check *check = argument;
	struct store *store = tx->store;
	check->tx = tx;
	enum error error = store->engine->strays(store->state, report_stray, check, failure);
	for (size_t space = 0; space < store->space_count && error == OK; space++) {
		error = check_space(check, space, failure);
	}
	check->summary->bytes = store->engine->size(store->state);
	return error;
}

enum error store_check(struct store *store, store_finding finding, void *argument, struct store_summary *summary,
                       struct failure *failure) {
	*summary = (struct store_summary){ 0 };
	struct check check = { .finding = finding, .argument = argument, .summary = summary };
	return store_read(store, check_all, &check, failure);
}

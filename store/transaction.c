/* What store.h offers inside a transaction, over the overlay and the engine. */
#include "store/transaction.h"

#include <assert.h>

size_t space_of(const struct store *store, const struct table *table, int index) {
	size_t space = 0;
	while (space < store->space_count && store->spaces[space].table != table) {
		space += 1U + store->spaces[space].table->index_count;
	}
	assert(space < store->space_count);
	return index == STORE_BY_KEY ? space : space + 1 + (size_t)index;
}

static enum error out_of_memory(struct failure *failure) {
	return fail(failure, ERROR_NO_MEMORY, "no memory for the transaction");
}

static enum error load_entry(struct tx *tx, size_t space, struct slice key, struct overlay_entry **out,
                             struct failure *failure) {
	struct store *store = tx->store;
	struct overlay_entry *entry = overlay_touch(&store->overlay, space, key);
	if (entry == NULL) {
		return out_of_memory(failure);
	}
	*out = entry;
	if (entry->version.state != STATE_UNKNOWN) {
		return OK;
	}
	struct slice value;
	enum error error = store->engine->get(store->state, space, key, &value, failure);
	if (error != OK && error != ERROR_NOT_FOUND) {
		return error;
	}
	overlay_remember(entry, error == OK ? &value : NULL);
	return OK;
}

enum error tx_load(struct tx *tx, size_t space, struct slice key, struct slice *kept, struct slice *value,
                   bool *present, struct failure *failure) {
	if (tx->writing) {
		struct overlay_entry *entry = NULL;
		enum error error = load_entry(tx, space, key, &entry, failure);
		if (error == OK) {
			*kept = entry->key;
			*value = entry->version.value;
			*present = entry->version.present;
		}
		return error;
	}
	enum error error = tx->store->engine->get(tx->store->state, space, key, value, failure);
	*kept = key;
	*present = error == OK;
	return error == ERROR_NOT_FOUND ? OK : error;
}

/* ---- reading ---- */

enum error tx_want(struct tx *tx, const struct table *table, const struct cell *keys, struct failure *failure) {
	struct key key;
	enum error error = key_encode(&key, table, STORE_BY_KEY, keys, table->key_count, failure);
	if (error != OK || !tx->writing) {
		return error; /* a reading transaction keeps nothing: its reads are pointers into the engine's memory */
	}
	struct overlay_entry *entry;
	return load_entry(tx, space_of(tx->store, table, STORE_BY_KEY), key_slice(&key), &entry, failure);
}

enum error tx_get(struct tx *tx, const struct table *table, const struct cell *keys, struct record *out,
                  struct failure *failure) {
	struct key key;
	struct slice kept, value;
	bool present = false;
	enum error error = key_encode(&key, table, STORE_BY_KEY, keys, table->key_count, failure);
	if (error == OK) {
		size_t space = space_of(tx->store, table, STORE_BY_KEY);
		error = tx_load(tx, space, key_slice(&key), &kept, &value, &present, failure);
	}
	if (error != OK) {
		return error;
	}
	if (!present) {
		return fail(failure, ERROR_NOT_FOUND, "no such record in %s", table->name);
	}
	if (!tx->writing && !arena_copy(&tx->store->arena, kept, &kept)) {
		return out_of_memory(failure);
	}
	return record_decode(table, kept, value, &tx->store->arena, out, failure);
}

/* The record that an entry of a table or index stands for. */
static enum error record_of_entry(struct tx *tx, const struct table *table, int index, struct entry entry,
                                  struct record *record, struct failure *failure) {
	struct slice key = entry.key, value = entry.value;
	if (index != STORE_BY_KEY) {
		bool present = false;
		enum error error = OK;
		if (key_of_entry(table, index, entry.key, &key)) {
			size_t space = space_of(tx->store, table, STORE_BY_KEY);
			error = tx_load(tx, space, key, &key, &value, &present, failure);
		}
		if (error != OK) {
			return error;
		}
		if (!present) {
			return fail(failure, ERROR_STORE_DAMAGED, "an entry of %s.%s leads to no record", table->name,
			            table->indexes[index].name);
		}
	}
	return record_decode(table, key, value, &tx->store->arena, record, failure);
}

static void pass_damage(struct tx *tx, const struct table *table, int index, struct entry entry,
                        const struct range *range, void *argument, const struct failure *failure) {
	struct record record = { .body = slice_of(NULL, 0) };
	struct slice key = entry.key;
	if ((index != STORE_BY_KEY && !key_of_entry(table, index, entry.key, &key)) ||
	    !key_decode(table, STORE_BY_KEY, key, &tx->store->arena, record.cells)) {
		memset(record.cells, 0, sizeof record.cells);
	}
	range->damaged(argument, &record, failure);
}

static enum error visit_all(struct merge *merge, const struct table *table, int index, const struct range *range,
                            scan_function visit, void *argument, struct failure *failure) {
	bool goes_on = true;
	for (size_t count = 0; goes_on && (range->limit == 0 || count < range->limit); count++) {
		struct entry entry;
		struct record record;
		struct failure damage = { .code = OK };
		enum error error = merge_next(merge, &entry, failure);
		if (error != OK) {
			return error == ERROR_NOT_FOUND ? OK : error;
		}
		error = record_of_entry(merge->tx, table, index, entry, &record, &damage);
		if (error == OK) {
			goes_on = visit(argument, &record);
		} else if (error == ERROR_STORE_DAMAGED && range->damaged != NULL) {
			pass_damage(merge->tx, table, index, entry, range, argument, &damage);
		} else {
			return fail(failure, error, "%s", damage.text);
		}
	}
	return OK;
}

enum error tx_scan(struct tx *tx, const struct table *table, int index, const struct range *range,
                   scan_function visit, void *argument, struct failure *failure) {
	assert(index >= STORE_BY_KEY && index < table->index_count);
	struct bounds bounds;
	enum error error = bounds_of_range(&bounds, table, index, range, failure);
	if (error != OK) {
		return error;
	}
	struct merge merge;
	tx->scans++;
	error = merge_open(&merge, tx, space_of(tx->store, table, index), &bounds, range->reverse, failure);
	if (error == OK) {
		error = visit_all(&merge, table, index, range, visit, argument, failure);
	}
	merge_close(&merge);
	tx->scans--;
	return error;
}

/* ---- changing ---- */

static enum error refuse_change(const struct tx *tx, struct failure *failure) {
	if (!tx->writing) {
		return fail(failure, ERROR_NOT_ALLOWED, "a reading transaction changes nothing");
	}
	if (tx->scans > 0) {
		return fail(failure, ERROR_NOT_ALLOWED, "a scan is running, and must not see its own changes");
	}
	return OK;
}

static enum error change(struct tx *tx, size_t space, struct slice key, const struct slice *value,
                         struct failure *failure) {
	struct overlay_entry *entry = overlay_touch(&tx->store->overlay, space, key);
	if (entry == NULL || !overlay_change(&tx->store->overlay, entry, value)) {
		return out_of_memory(failure);
	}
	return OK;
}

/* ERROR_EXISTS if an entry of the index begins with these cells; the record's own entry must be gone already. */
static enum error check_unique(struct tx *tx, const struct table *table, int index, const struct record *record,
                               struct failure *failure) {
	struct bounds bounds = { .bounded = true };
	size_t count = table->indexes[index].count;
	enum error error = key_encode_record(&bounds.from, table, index, record->cells, count, failure);
	if (error != OK) {
		return error;
	}
	bounds.to = bounds.from;
	bounds.bounded = key_pass_prefix(&bounds.to);
	struct merge merge;
	struct entry entry;
	error = merge_open(&merge, tx, space_of(tx->store, table, index), &bounds, false, failure);
	if (error == OK) {
		error = merge_next(&merge, &entry, failure);
	}
	merge_close(&merge);
	if (error == OK) {
		return fail(failure, ERROR_EXISTS, "%s.%s has these values already", table->name, table->indexes[index].name);
	}
	return error == ERROR_NOT_FOUND ? OK : error;
}

/* Brings one index from the former record to the new one; either may be NULL. */
static enum error change_index(struct tx *tx, const struct table *table, int index, const struct record *before,
                               const struct record *after, struct failure *failure) {
	struct key old_key = { .size = 0 }, new_key = { .size = 0 };
	size_t count = key_cell_count(table, index);
	size_t space = space_of(tx->store, table, index);
	enum error error = OK;
	before = index_holds(table, index, before) ? before : NULL;
	after = index_holds(table, index, after) ? after : NULL;
	if (before != NULL) {
		error = key_encode_record(&old_key, table, index, before->cells, count, failure);
	}
	if (error == OK && after != NULL) {
		error = key_encode_record(&new_key, table, index, after->cells, count, failure);
	}
	if (error != OK || slice_equal(key_slice(&old_key), key_slice(&new_key))) {
		return error;
	}
	if (before != NULL) {
		error = change(tx, space, key_slice(&old_key), NULL, failure);
	}
	if (error == OK && after != NULL && table->indexes[index].unique) {
		error = check_unique(tx, table, index, after, failure);
	}
	if (error == OK && after != NULL) {
		struct slice nothing = slice_of(NULL, 0);
		error = change(tx, space, key_slice(&new_key), &nothing, failure);
	}
	return error;
}

/* Replaces what stands under an encoded key, with its index entries: all of it or, after an error, none.
 * `before` (the former value) and `after` may be NULL; with no indexes `before` is not looked at. */
static enum error replace(struct tx *tx, const struct table *table, struct slice key, const struct slice *before,
                          const struct record *after, struct failure *failure) {
	struct arena *arena = &tx->store->arena;
	struct slice value;
	struct record former;
	enum error error = OK;
	tx_mark_t mark = tx_mark(tx);
	if (after != NULL) {
		error = record_encode(table, key, after, arena, &value, failure);
	}
	if (error == OK && before != NULL && table->index_count > 0) {
		error = record_decode(table, key, *before, arena, &former, failure);
	}
	for (int i = 0; i < table->index_count && error == OK; i++) {
		error = change_index(tx, table, i, before == NULL ? NULL : &former, after, failure);
	}
	if (error == OK) {
		size_t space = space_of(tx->store, table, STORE_BY_KEY);
		error = change(tx, space, key, after == NULL ? NULL : &value, failure);
	}
	if (error != OK) {
		tx_undo(tx, mark);
	}
	return error;
}

static enum error put(struct tx *tx, const struct table *table, const struct record *record, bool insert,
                      struct failure *failure) {
	enum error error = refuse_change(tx, failure);
	if (error != OK) {
		return error;
	}
	struct key key;
	error = key_encode(&key, table, STORE_BY_KEY, record->cells, table->key_count, failure);
	if (error != OK) {
		return error;
	}
	struct slice kept = key_slice(&key), before;
	bool present = false;
	if (insert || table->index_count > 0) {
		size_t space = space_of(tx->store, table, STORE_BY_KEY);
		error = tx_load(tx, space, kept, &kept, &before, &present, failure);
	}
	if (error == OK && insert && present) {
		error = fail(failure, ERROR_EXISTS, "%s has a record with this key already", table->name);
	}
	return error == OK ? replace(tx, table, kept, present ? &before : NULL, record, failure) : error;
}

enum error tx_put(struct tx *tx, const struct table *table, const struct record *record, struct failure *failure) {
	return put(tx, table, record, false, failure);
}

enum error tx_insert(struct tx *tx, const struct table *table, const struct record *record, struct failure *failure) {
	return put(tx, table, record, true, failure);
}

enum error tx_delete(struct tx *tx, const struct table *table, const struct cell *keys, struct failure *failure) {
	enum error error = refuse_change(tx, failure);
	if (error != OK) {
		return error;
	}
	struct key key;
	struct slice kept, before;
	bool present = false;
	error = key_encode(&key, table, STORE_BY_KEY, keys, table->key_count, failure);
	if (error == OK) {
		size_t space = space_of(tx->store, table, STORE_BY_KEY);
		error = tx_load(tx, space, key_slice(&key), &kept, &before, &present, failure);
	}
	if (error == OK && !present) {
		error = fail(failure, ERROR_NOT_FOUND, "no such record in %s", table->name);
	}
	return error == OK ? replace(tx, table, kept, &before, NULL, failure) : error;
}

tx_mark_t tx_mark(const struct tx *tx) {
	return tx->writing ? overlay_mark(&tx->store->overlay) : 0;
}

void tx_undo(struct tx *tx, tx_mark_t mark) {
	if (tx->writing) {
		assert(tx->scans == 0);
		overlay_undo_to(&tx->store->overlay, mark);
	}
}

/* Opening the store, and running functions as batches or on snapshots. */
#include "store/store.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/transaction.h"

#define TX_BYTES_MAX ((size_t)512 << 20) /* memory of one transaction */
#define KEEP_FREE_DEFAULT ((size_t)32 << 20)
#define MAP_INITIAL_DEFAULT ((size_t)64 << 20)
#define MAP_MAXIMUM_DEFAULT ((size_t)256 << 30)

static const struct engine *const engines[] = { &lmdb_engine };

/* The process that has a store open. A child of fork is another process and may open its own. */
static pid_t opened_by;

/* Descriptors are our own constants, so a wrong one is a bug, not an error. */
static void assert_table(const struct table *table) {
	assert(table->key_count >= 1 && table->key_count <= table->column_count);
	assert(table->column_count <= STORE_COLUMNS_MAX && table->index_count <= STORE_INDEXES_MAX);
	for (size_t i = 0; i < table->column_count; i++) {
		assert(table->columns[i].type == COLUMN_NUMBER || table->columns[i].maximum <= CELL_MAX);
	}
	for (size_t i = 0; i < table->index_count; i++) {
		const struct index *index = &table->indexes[i];
		assert(index->count >= 1 && index->count <= STORE_INDEX_COLUMNS_MAX);
		for (size_t k = 0; k < index->count; k++) {
			assert(index->columns[k] < table->column_count);
		}
	}
}

static void add_space(struct store *store, const struct table *table, int index) {
	struct space *space = &store->spaces[store->space_count];
	*space = (struct space){ .table = table, .index = index };
	bool whole = index == STORE_BY_KEY;
	int size = snprintf(space->name, sizeof space->name, "%s%s%s", table->name, whole ? "" : ".",
	                    whole ? "" : table->indexes[index].name);
	assert(size > 0 && (size_t)size < sizeof space->name);
	for (size_t i = 0; i < store->space_count; i++) {
		assert(strcmp(store->spaces[i].name, space->name) != 0);
	}
	store->space_count++;
}

static void add_tables(struct store *store, const struct table *const *tables, size_t count) {
	assert(count <= STORE_TABLES_MAX);
	for (size_t i = 0; i < count; i++) {
		assert_table(tables[i]);
		add_space(store, tables[i], STORE_BY_KEY);
		for (int k = 0; k < tables[i]->index_count; k++) {
			add_space(store, tables[i], k);
		}
	}
}

static struct store_options options_or_defaults(const struct store_options *options) {
	struct store_options all = options == NULL ? (struct store_options){ 0 } : *options;
	all.map_initial = all.map_initial == 0 ? MAP_INITIAL_DEFAULT : all.map_initial;
	all.map_maximum = all.map_maximum == 0 ? MAP_MAXIMUM_DEFAULT : all.map_maximum;
	all.keep_free = all.keep_free == 0 ? KEEP_FREE_DEFAULT : all.keep_free;
	return all;
}

/* The engine of a URL, and what stands behind the colon. */
static const struct engine *find_engine(const char *url, const char **place) {
	for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++) {
		size_t size = strlen(engines[i]->scheme);
		if (strncmp(url, engines[i]->scheme, size) == 0 && url[size] == ':' && url[size + 1] != '\0') {
			*place = url + size + 1;
			return engines[i];
		}
	}
	return NULL;
}

enum error store_open(const char *url, const struct table *const *tables, size_t table_count,
                      const struct store_options *options, struct store **store, struct failure *failure) {
	const char *place = NULL;
	const struct engine *engine = find_engine(url, &place);
	if (engine == NULL) {
		return fail(failure, ERROR_BAD_VALUE, "%s is no URL of a store, such as lmdb:FOLDER", url);
	}
	if (opened_by == getpid()) {
		return fail(failure, ERROR_EXISTS, "this process has a store open already");
	}
	struct store *opening = calloc(1, sizeof *opening);
	if (opening == NULL) {
		return fail(failure, ERROR_NO_MEMORY, "no memory for the store");
	}
	opening->engine = engine;
	opening->process = getpid();
	add_tables(opening, tables, table_count);
	arena_init(&opening->arena, TX_BYTES_MAX);
	enum error error = overlay_init(&opening->overlay, opening->space_count, &opening->arena, failure);
	if (error == OK) {
		struct store_options all = options_or_defaults(options);
		error = engine->open(place, opening->spaces, opening->space_count, &all, &opening->state, failure);
	}
	if (error == OK) {
		opened_by = getpid();
		*store = opening;
		opening = NULL; /* transferred */
	}
	if (opening != NULL) {
		overlay_release(&opening->overlay);
		free(opening);
	}
	return error;
}

void store_close(struct store *store) {
	if (store == NULL) {
		return;
	}
	assert(!store->running && store->process == getpid());
	store->engine->close(store->state);
	overlay_release(&store->overlay);
	arena_release(&store->arena);
	free(store);
	opened_by = 0;
}

/* ---- transactions ---- */

static enum error begin(struct store *store, bool write, struct failure *failure) {
	assert(!store->running && store->process == getpid());
	enum error error = store->engine->begin(store->state, write, failure);
	store->running = error == OK;
	return error;
}

/* Forgets what a transaction has left in memory. */
static void clear(struct store *store) {
	overlay_clear(&store->overlay);
	arena_clear(&store->arena);
	store->running = false;
}

static enum error flush(struct store *store, struct failure *failure) {
	enum error error = OK;
	for (size_t space = 0; space < store->space_count && error == OK; space++) {
		struct change *changes;
		size_t count;
		if (!overlay_changes(&store->overlay, space, &changes, &count)) {
			return fail(failure, ERROR_NO_MEMORY, "no memory to sort the batch");
		}
		if (count > 0) {
			error = store->engine->apply(store->state, space, changes, count, failure);
		}
	}
	return error;
}

static enum error try_write(struct store *store, store_function function, void *argument, struct failure *failure) {
	enum error error = begin(store, true, failure);
	if (error != OK) {
		return error;
	}
	struct tx tx = { .store = store, .writing = true };
	error = function(&tx, argument, failure);
	if (error == OK) {
		error = flush(store, failure);
	}
	if (error == OK) {
		error = store->engine->commit(store->state, failure);
	} else {
		store->engine->abort(store->state);
	}
	clear(store);
	return error;
}

/* An engine allows another attempt a bounded number of times, so this ends. */
enum error store_write(struct store *store, store_function function, void *argument, struct failure *failure) {
	enum error error, verdict;
	do {
		error = try_write(store, function, argument, failure);
		verdict = error == OK ? OK : store->engine->retry(store->state, error, failure);
	} while (error != OK && verdict == OK);
	return verdict;
}

enum error store_read(struct store *store, store_function function, void *argument, struct failure *failure) {
	enum error error = begin(store, false, failure);
	if (error != OK) {
		return error;
	}
	struct tx tx = { .store = store };
	error = function(&tx, argument, failure);
	store->engine->abort(store->state);
	clear(store);
	return error;
}

enum error store_tend(struct store *store, struct failure *failure) {
	assert(!store->running && store->process == getpid());
	return store->engine->tend(store->state, failure);
}

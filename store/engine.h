/* What an engine gives to the store: ordered spaces of entries, and transactions over them. One row of functions.
 *
 * A space is a table or one of its indexes; an entry is a key and a value in the form of codec.h, ordered bytewise by
 * key. An engine of plain bytes (LMDB) stores them as they are. An engine of real tables (PostgreSQL) finds in the
 * space the table's columns, turns entries into rows and rows into entries by codec.h (the order is that of int8, bytea
 * and text COLLATE "C"), and takes no changes of index spaces, since its tables keep their own indexes.
 *
 * Engines see a batch's changes only at its end, sorted, one call per space: what is pending, undone or read before
 * is the business of the overlay. So an engine needs no savepoints, and sorted upserts do not deadlock.
 *
 * One transaction runs at a time. Keys and values handed out stay valid until `apply`, `commit` or `abort`. */
#ifndef TROTH_STORE_ENGINE_H
#define TROTH_STORE_ENGINE_H

#include "store/store.h"

#define SPACES_MAX (STORE_TABLES_MAX * (1 + STORE_INDEXES_MAX))
#define SPACE_NAME_MAX 128 /* bytes with the NUL */

struct space {
	const struct table *table;
	int index;                 /* STORE_BY_KEY: the table itself */
	char name[SPACE_NAME_MAX]; /* "offers" or "offers.by_brand" */
};

struct entry {
	struct slice key;
	struct slice value;
};

struct change {
	struct entry entry;
	bool put; /* or else: delete; one that is not there is no error */
};

struct engine_state;
struct engine_cursor;

struct engine {
	const char *scheme; /* what stands before the colon of a URL */

	/* Opens or makes what `place` (the URL behind the colon) names. `spaces` is borrowed for the life of the state;
	 * all options are set. Errors as of store_open. */
	enum error (*open)(const char *place, const struct space *spaces, size_t space_count,
	                   const struct store_options *options, struct engine_state **state, struct failure *failure);
	void (*close)(struct engine_state *state);

	/* Begins a transaction; a writing one waits for others. ERROR_STORE_FULL if there is no room for writing. */
	enum error (*begin)(struct engine_state *state, bool write, struct failure *failure);

	/* ERROR_NOT_FOUND, without filling `failure`, if there is no such entry. */
	enum error (*get)(struct engine_state *state, size_t space, struct slice key, struct slice *value,
	                  struct failure *failure);

	/* Carries out changes that are sorted by key, no key twice. After an error the transaction must be aborted. */
	enum error (*apply)(struct engine_state *state, size_t space, const struct change *changes, size_t count,
	                    struct failure *failure);

	/* Makes a writing transaction durable and ends it, also after an error: then nothing has changed. */
	enum error (*commit)(struct engine_state *state, struct failure *failure);

	/* Ends a transaction without changes; the normal end of a reading one. */
	void (*abort)(struct engine_state *state);

	/* Asked after a batch has failed with `reason` and is aborted. OK: what stood in the way was the engine's own and
	 * is gone (the map has grown, a conflict is over), so the batch shall run again. Otherwise the error to report. */
	enum error (*retry)(struct engine_state *state, enum error reason, struct failure *failure);

	/* A cursor of the running transaction; to be closed before it ends. */
	enum error (*cursor_open)(struct engine_state *state, size_t space, struct engine_cursor **cursor,
	                          struct failure *failure);

	/* Goes to the first entry with a key >= `bound`, or backward to the last one with a key < `bound`. An empty bound
	 * stands for the beginning, or backward for the end. ERROR_NOT_FOUND, without filling `failure`, past the last. */
	enum error (*cursor_seek)(struct engine_cursor *cursor, struct slice bound, bool backward, struct entry *entry,
	                          struct failure *failure);
	enum error (*cursor_step)(struct engine_cursor *cursor, bool backward, struct entry *entry,
	                          struct failure *failure);
	void (*cursor_close)(struct engine_cursor *cursor);

	/* Calls `visit` with the name of everything in the store that is none of the spaces; within a transaction. */
	enum error (*strays)(struct engine_state *state, void (*visit)(void *argument, const char *name), void *argument,
	                     struct failure *failure);

	/* Housekeeping outside any transaction. */
	enum error (*tend)(struct engine_state *state, struct failure *failure);

	/* Bytes of the data file. */
	uint64_t (*size)(const struct engine_state *state);
};

extern const struct engine lmdb_engine;

#endif

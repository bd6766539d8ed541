/* The store: typed records in tables, changed in batches that are durable when they return.
 *
 * A table is a static descriptor: key columns, further columns that indexes and reports may use ("projected"), indexes,
 * and a body of bytes that only the table's user understands. Two engines stand behind this header; `store_open` picks
 * one by the URL ("lmdb:FOLDER").
 *
 * Above the engine lies an overlay, shared by all engines: it caches reads, orders the write set by key, and keeps an
 * undo log, so a mark costs nothing and one request of a batch can fail while the others stand.
 *
 * Caveats:
 *  - A batch function may be run again from its beginning (map growth, a conflict of a remote engine), so it must be
 *    pure but for what it does through its `tx`.
 *  - One process opens one store once, after its last fork. A read transaction is short: never wait inside one.
 *  - A commit whose fsync fails aborts the process: the pages count as clean afterwards, so nothing may be retried
 *    (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020). */
#ifndef TROTH_STORE_STORE_H
#define TROTH_STORE_STORE_H

#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

#define STORE_COLUMNS_MAX 12
#define STORE_INDEXES_MAX 6
#define STORE_INDEX_COLUMNS_MAX 4
#define STORE_KEY_MAX 511   /* bytes of an encoded key, of a record or of an index entry */
#define STORE_BODY_MAX 65536
#define STORE_TABLES_MAX 24

enum column_type {
	COLUMN_NUMBER, /* int64_t, ordered as numbers */
	COLUMN_TEXT,   /* bytes without NUL, ordered bytewise */
	COLUMN_BYTES,  /* bytes of any value, ordered bytewise */
};

struct column {
	const char *name;
	enum column_type type;
	size_t maximum; /* bytes of a text or byte column */
};

/* Entries are ordered by the named columns and then by the table's key, so an index needs not be unique. */
struct index {
	const char *name;
	uint8_t columns[STORE_INDEX_COLUMNS_MAX]; /* positions in the table's columns */
	uint8_t count;
	bool unique; /* no two records may have the same values in these columns */
	bool sparse; /* a record whose first of these columns, a number, is 0 has no entry */
};

struct table {
	const char *name;
	const struct column *columns; /* the key columns come first */
	uint8_t column_count;
	uint8_t key_count;
	const struct index *indexes;
	uint8_t index_count;
};

/* One value; which member counts is told by the column's type. */
struct cell {
	int64_t number;
	struct slice bytes;
};

static inline struct cell cell_number(int64_t number) {
	return (struct cell){ .number = number };
}

static inline struct cell cell_bytes(struct slice bytes) {
	return (struct cell){ .bytes = bytes };
}

static inline struct cell cell_text(const char *text) {
	return (struct cell){ .bytes = slice_of_text(text) };
}

struct record {
	struct cell cells[STORE_COLUMNS_MAX]; /* as many as the table has columns */
	struct slice body;
};

struct store_options {
	size_t map_initial;   /* bytes of the first memory map; 0 takes 64 MiB */
	size_t map_maximum;   /* the store refuses to grow past it (ERROR_STORE_FULL); 0 takes 256 GiB */
	size_t keep_free;     /* bytes that must stay free on the disk, or writes are refused; 0 takes 32 MiB */
};

struct store;
struct tx;

/* Opens or makes the store with these tables (borrowed for the life of the store). `options` may be NULL.
 * ERROR_BAD_VALUE for a URL of no known engine, ERROR_EXISTS if this process has one open already,
 * ERROR_STORE_VERSION, ERROR_SYSTEM. Caller closes. */
enum error store_open(const char *url, const struct table *const *tables, size_t table_count,
                      const struct store_options *options, struct store **store, struct failure *failure);
void store_close(struct store *store);

typedef enum error (*store_function)(struct tx *tx, void *argument, struct failure *failure);

/* Runs `function` as one batch and commits it once, with fsync. If the function returns an error nothing is changed
 * and that error is returned. ERROR_STORE_FULL: no room in map or disk, nothing is changed, earlier records are
 * intact. OK only when everything is durable. */
enum error store_write(struct store *store, store_function function, void *argument, struct failure *failure);

/* Runs `function` on a snapshot. Changing calls inside it are refused with ERROR_NOT_ALLOWED. */
enum error store_read(struct store *store, store_function function, void *argument, struct failure *failure);

/* To be called now and then, outside any transaction: frees the places of readers that were killed. */
enum error store_tend(struct store *store, struct failure *failure);

/* ---- inside a transaction; slices handed out stay valid until the transaction ends ---- */

/* Declares that these records will be read, so that a remote engine can fetch them in one round trip. Later tx_get of
 * the same key is answered from the overlay. `keys` holds table->key_count cells. */
enum error tx_want(struct tx *tx, const struct table *table, const struct cell *keys, struct failure *failure);

/* ERROR_NOT_FOUND if there is no such record; ERROR_STORE_DAMAGED if its checksum is wrong. */
enum error tx_get(struct tx *tx, const struct table *table, const struct cell *keys, struct record *out,
                  struct failure *failure);

/* Puts a record, replacing one with the same key; tx_insert refuses that with ERROR_EXISTS. Cells and body are copied.
 * ERROR_TOO_LONG for a value past its column's maximum, ERROR_EXISTS if a unique index would be broken. */
enum error tx_put(struct tx *tx, const struct table *table, const struct record *record, struct failure *failure);
enum error tx_insert(struct tx *tx, const struct table *table, const struct record *record, struct failure *failure);

/* ERROR_NOT_FOUND if there is nothing to delete. */
enum error tx_delete(struct tx *tx, const struct table *table, const struct cell *keys, struct failure *failure);

#define STORE_BY_KEY (-1) /* in place of an index's position: the order of the table's own key */

/* Called for a record that a scan cannot read, or does not find where an index leads: of its cells only those of the
 * key are set, and these are 0 and empty where not even the key can be read. */
typedef void (*damage_function)(void *argument, const struct record *key, const struct failure *failure);

/* A range of keys: those whose first from_count cells are >= `from` and whose first to_count cells are <= `to`; so
 * the same cells in both select everything that begins with them, and counts of 0 select all. With `after` a key that
 * begins with `from` is left out, which is how a page continues. With an index the cells are its columns followed by
 * the table's key columns. */
struct range {
	const struct cell *from;
	size_t from_count;
	const struct cell *to;
	size_t to_count;
	bool after;    /* leave out what begins with `from` (or, in reverse, with `to`) */
	bool reverse;  /* from the end to the beginning */
	size_t limit;  /* at most so many records; 0 is no limit */
	damage_function damaged; /* gets the scan's argument, and the scan goes on; NULL: damage ends it as an error */
};

/* Called for each record in order; returns false to stop the scan. It must not change the transaction. */
typedef bool (*scan_function)(void *argument, const struct record *record);

enum error tx_scan(struct tx *tx, const struct table *table, int index, const struct range *range,
                   scan_function visit, void *argument, struct failure *failure);

/* A place to return to. tx_undo takes back every change since the mark, and marks made after it. */
typedef size_t tx_mark_t;
tx_mark_t tx_mark(const struct tx *tx);
void tx_undo(struct tx *tx, tx_mark_t mark);

/* ---- the whole store ---- */

struct store_summary {
	uint64_t records;
	uint64_t index_entries;
	uint64_t damage; /* number of findings */
	uint64_t bytes;  /* of the data file */
};

typedef void (*store_finding)(void *argument, const char *table, const char *what);

/* Reads every record and index entry: checksums, decodable keys, each record in each of its indexes and each entry
 * with its record, no table that nobody knows. One call of `finding` per fault. OK if it could be read through, also
 * when there were findings. */
enum error store_check(struct store *store, store_finding finding, void *argument, struct store_summary *summary,
                       struct failure *failure);

#endif

/* How keys and records are written as bytes. Pure: the same for every engine, and what the fuzzer feeds.
 *
 * KEY: its cells one after the other, so that keys compare bytewise (memcmp, a prefix first) as their tuples of cells
 * compare, and the encoding of the first n cells is a prefix of exactly those keys that begin with these n cells.
 *
 *   number          +----+----+----+----+----+----+----+----+
 *                   | 8 bytes, big-endian, sign bit flipped |
 *                   +----+----+----+----+----+----+----+----+
 *   text, bytes     +-------------------------------+-------+
 *                   | the bytes, each 00 as 00 FF   | 00 00 |
 *                   +-------------------------------+-------+
 *   record's key    key cells of the table
 *   index entry     cells of the index, then key cells of the table; the entry has no value
 *
 * RECORD: the value stored under its key.
 *
 *   0         1                     9
 *   +---------+---------------------+------------------+--------------------+
 *   | version | checksum            | projected cells  | body               |
 *   | 1 byte  | 8 bytes, big-endian | in column order  | what is left over  |
 *   +---------+---------------------+------------------+--------------------+
 *   number          8 bytes, big-endian, two's complement
 *   text, bytes     2 bytes of size, big-endian, then the bytes
 *
 * checksum = XXH3(cells and body, seed = XXH3(key, seed = XXH3(table's name))), so a record that stands in another
 * table or under another key than it was written for is found too. */
#ifndef TROTH_STORE_CODEC_H
#define TROTH_STORE_CODEC_H

#include "store/arena.h"
#include "store/store.h"

#define RECORD_VERSION 1
#define RECORD_HEAD 9      /* bytes before the projected cells */
#define CELL_MAX UINT16_MAX /* bytes of one text or byte cell */
#define RECORD_MAX (RECORD_HEAD + STORE_COLUMNS_MAX * (2 + (size_t)CELL_MAX) + STORE_BODY_MAX)
#define KEY_CELLS_MAX (STORE_INDEX_COLUMNS_MAX + STORE_COLUMNS_MAX)

struct key {
	uint8_t bytes[STORE_KEY_MAX];
	size_t size;
};

static inline struct slice key_slice(const struct key *key) {
	return slice_of(key->bytes, key->size);
}

/* The number of cells in a key of the table (index STORE_BY_KEY) or of one of its indexes. */
size_t key_cell_count(const struct table *table, int index);

/* Encodes the first `count` cells of a key; they stand in the key's own order. ERROR_TOO_LONG for a value past its
 * column's maximum or a key past STORE_KEY_MAX, ERROR_BAD_VALUE for a text with a NUL. */
enum error key_encode(struct key *key, const struct table *table, int index, const struct cell *cells, size_t count,
                      struct failure *failure);

/* The same for the first `count` cells of the key that a record has in this order. */
enum error key_encode_record(struct key *key, const struct table *table, int index, const struct cell *columns,
                             size_t count, struct failure *failure);

/* True if a record has an entry in an index; false for no record (NULL). */
bool index_holds(const struct table *table, int index, const struct record *record);

/* Reads a whole key and sets the cells of its columns; others are left alone. Cells point into `bytes`, or into the
 * arena where an escape had to be undone. False if these bytes are no key of this order, or memory is out. */
bool key_decode(const struct table *table, int index, struct slice bytes, struct arena *arena, struct cell *columns);

/* The part of an index entry that is the record's key. False if the entry cannot be read. */
bool key_of_entry(const struct table *table, int index, struct slice entry, struct slice *key);

/* Turns a prefix into the smallest bytes that are greater than everything that begins with it. False if there are
 * none, since it is empty or FF throughout. */
bool key_pass_prefix(struct key *key);

/* Encodes a record that stands under `key` into memory of the arena. ERROR_TOO_LONG, ERROR_BAD_VALUE,
 * ERROR_NO_MEMORY. */
enum error record_encode(const struct table *table, struct slice key, const struct record *record, struct arena *arena,
                         struct slice *value, struct failure *failure);

/* Reads a record; its slices point into `key`, `value` or the arena. ERROR_STORE_DAMAGED if the checksum is wrong or
 * anything else than record_encode would have written stands there. */
enum error record_decode(const struct table *table, struct slice key, struct slice value, struct arena *arena,
                         struct record *out, struct failure *failure);

/* The checksum of the bytes behind a record's head. */
uint64_t record_checksum(const struct table *table, struct slice key, struct slice rest);

#endif

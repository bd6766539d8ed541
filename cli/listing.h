/* Tables of what a reply lists: aligned columns for people, the items as they came for machines.
 *
 * One row per column says where its value stands in an item and how people read it. What is missing in an item, or of
 * another type than the column expects, is shown as a hyphen: a broker of another version may say less. Characters that
 * a terminal might obey are shown as question marks. */
#ifndef TROTH_CLI_LISTING_H
#define TROTH_CLI_LISTING_H

#include "base/buffer.h"
#include "base/pack.h"
#include "cli/print.h"

#define LISTING_COLUMNS_MAX 32
#define LISTING_CELL_MAX 256 /* bytes; more is cut */

enum listing_show {
	SHOW_TEXT,
	SHOW_STATE,  /* a word; coloured by what it means */
	SHOW_DIGITS, /* of a ticket, or of a key behind its colon: the first 12 */
	SHOW_FLAG,   /* yes or no; a yes needs a look */
	SHOW_NUMBER,
	SHOW_AGE,    /* milliseconds, as "3 s" */
	SHOW_SIZE,   /* bytes, as "1.2 MiB" */
};

struct listing_column {
	const char *title;
	const char *key; /* in the item */
	enum listing_show show;
};

struct listing {
	const struct listing_column *columns; /* borrowed */
	size_t column_count;
	json_t *json;        /* NULL for people */
	struct buffer cells; /* of all rows, each ended by a NUL */
	size_t rows;
};

/* Begins a table, empty. Release in any case. */
void listing_init(struct listing *listing, const struct listing_column *columns, size_t count, bool json);
void listing_release(struct listing *listing);

/* Adds an item, a map; copies all that it needs. ERROR_MALFORMED if it is no map, ERROR_NO_MEMORY. */
enum error listing_add(struct listing *listing, const struct pack_value *item, struct failure *failure);

/* Prints the table, or the array. Where there is no row people read the sentence, on standard error. */
void listing_print(const struct listing *listing, FILE *out, struct colours colours, const char *empty);

/* Prints one map as lines of title and value. Rows that it does not have are left out. */
void listing_print_map(const struct pack_value *map, const struct listing_column *columns, size_t count, FILE *out,
                       struct colours colours);

/* A value as JSON, whatever it is; byte strings become hex digits. Never NULL unless memory is out. */
json_t *listing_json(const struct pack_value *value);

/* Appends what a person can see of a text, cut at LISTING_CELL_MAX bytes. */
void listing_append_visible(struct buffer *out, struct slice text);

/* Prints what a person can see of a text of any length and any number of lines; ends the last one if it is not. */
void listing_print_visible(FILE *out, struct slice text);

/* "450 ms", "3 s", "12 min", "2 h", "5 d". "17 B", "1.2 MiB". */
#define LISTING_NUMBER_MAX 32
const char *listing_age(uint64_t milliseconds, char out[LISTING_NUMBER_MAX]);
const char *listing_size(uint64_t bytes, char out[LISTING_NUMBER_MAX]);

#endif

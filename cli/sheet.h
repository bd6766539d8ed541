/* A CSV file (RFC 4180) as rows of offers' drafts: column names are the keys of an offer. */
#ifndef TROTH_CLI_SHEET_H
#define TROTH_CLI_SHEET_H

#include "base/buffer.h"
#include "base/error.h"

#define SHEET_FILE_MAX (256 * 1024 * 1024)
#define SHEET_COLUMNS_MAX 64
#define SHEET_ROWS_MAX 1000000

struct sheet_row {
	size_t number;      /* as a spreadsheet counts: the heading is row 1 */
	struct buffer draft; /* `key value` lines in the order of the offer's fields */
	struct failure failure; /* code OK, or what is wrong with the row itself */
};

struct sheet {
	struct sheet_row *rows;
	size_t count;
};

/* Reads a file. The heading names the columns: keys of an offer that a person writes, in any order; a column may stand
 * more than once where the key may. Empty cells are left out; cells of a key that may repeat are split at ';'. A UTF-8
 * byte order mark and CR LF are taken. ERROR_UNKNOWN_KEY for an unknown column, ERROR_MALFORMED, ERROR_TOO_LONG.
 * Caller frees with sheet_release, in any case. */
enum error sheet_read(const char *path, struct sheet *table, struct failure *failure);
void sheet_release(struct sheet *table);

#endif

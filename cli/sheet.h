/* A CSV file (RFC 4180) as rows of drafts: column names are the keys of a kind of note, and what else the form
 * knows. */
#ifndef TROTH_CLI_SHEET_H
#define TROTH_CLI_SHEET_H

#include "base/buffer.h"
#include "base/error.h"
#include "rules/kind.h"

#define SHEET_FILE_MAX (256 * 1024 * 1024)
#define SHEET_COLUMNS_MAX 64
#define SHEET_ROWS_MAX 1000000

/* Which columns a file may have. */
struct sheet_form {
	const struct kind *kind;
	const char *noun;          /* "an offer": what a row makes */
	const char *const *extras; /* columns that are no keys, or are read differently; they win over keys */
	size_t extra_count;
	size_t required;           /* so many of them, from the first on, must be there */
	const char *const *also;   /* NULL, or keys that a person does not write otherwise, ended by NULL. Then every key
	                            * that must be in the note must be a column. */
	const char *without;       /* NULL, or a key that is no column */
	bool has_figures;          /* counts and percentages may be written as cli/figures.h reads them */
};

struct sheet_row {
	size_t number;      /* as a spreadsheet counts: the heading is row 1 */
	struct buffer draft; /* `key value` lines in the order of the kind's fields */
	struct buffer *extras; /* as many as the form has; empty where there is no such column */
	struct failure failure; /* code OK, or what is wrong with the row itself */
};

struct sheet {
	struct sheet_row *rows;
	size_t count;
	size_t extra_count;
};

/* Reads a file. The heading names the columns: keys that a person writes, and extras, in any order; a column of a key
 * may stand more than once where the key may. Empty cells are left out; cells of a key that may repeat are split at
 * ';'. A UTF-8 byte order mark and CR LF are taken; a cell with more than one line makes its row a refused one.
 * ERROR_UNKNOWN_KEY for an unknown column, ERROR_MISSING_KEY, ERROR_MALFORMED, ERROR_TOO_LONG.
 * Caller frees with sheet_release, in any case. */
enum error sheet_read(const char *path, const struct sheet_form *form, struct sheet *sheet,
                      struct failure *failure);
/* What a row says under a key, the first time; empty if it does not. Borrows from the row. */
struct slice sheet_value(const struct sheet_row *row, const char *key);

void sheet_release(struct sheet *sheet);

#endif

/* Cells of CSV files that we write (RFC 4180). */
#ifndef TROTH_CLI_CSV_CELLS_H
#define TROTH_CLI_CSV_CELLS_H

#include "base/buffer.h"

/* Appends a text from outside, quoted where it must be. One that begins with = + - @, a tabulator or a CR would be a
 * formula to a spreadsheet, even within quotes; it gets an apostrophe before it, which says "this is text" there. */
void csv_append_text(struct buffer *out, const char *text);

/* Appends an amount as a number, without its currency; negative ones too. Nothing for an unknown currency. */
void csv_append_amount(struct buffer *out, int64_t minor, const char *currency);

/* Appends a time, or nothing for 0. */
void csv_append_time(struct buffer *out, int64_t seconds);

#endif

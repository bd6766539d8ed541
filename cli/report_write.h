/* A report in the form that was asked for: the entrance of all report_*.h. */
#ifndef TROTH_CLI_REPORT_WRITE_H
#define TROTH_CLI_REPORT_WRITE_H

#include "cli/report_cells.h"

#define REPORT_ROWS_MAX 100000
#define REPORT_OUTPUT_MAX (128 << 20) /* a good maximum for the buffer */

enum report_format { REPORT_TEXT, REPORT_CSV, REPORT_JSON, REPORT_PAGE, REPORT_FORMAT_COUNT };

/* "text", "csv", "json", "html", NULL. */
extern const char *const report_format_words[REPORT_FORMAT_COUNT + 1];

/* ERROR_USAGE, with the words that there are, for another word. */
enum error report_format_parse(const char *word, enum report_format *out, struct failure *failure);

/* Checks the rows, in any order, sums them up and appends the whole report to `out`, which the caller has initialised
 * with its maximum. Borrows everything; the rows stay as they are. ERROR_MALFORMED for a row that is none,
 * ERROR_OVERFLOW, ERROR_TOO_LONG for more rows than REPORT_ROWS_MAX or more text than fits, ERROR_NO_MEMORY; `out` then
 * holds a part of the report, or nothing. */
enum error report_write(enum report_format format, const struct report_row *rows, size_t count,
                        const struct report_meta *meta, struct buffer *out, struct failure *failure);

#endif

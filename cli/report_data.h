/* A report for programs: CSV and JSON. What is not known is an empty cell, or null. */
#ifndef TROTH_CLI_REPORT_DATA_H
#define TROTH_CLI_REPORT_DATA_H

#include "cli/report_cells.h"

/* Appends CSV (RFC 4180: a heading, CR LF, UTF-8 without a mark): one line per campaign, currency and tier. Sums are
 * left out, so that a column may be summed. Amounts stand in the line's currency.
 *
 * A text from outside that begins with one of = + - @, a tabulator or a CR would be a formula to a spreadsheet, even
 * within quotes; it gets an apostrophe before it, which says "this is text" there. Who needs campaigns' names byte for
 * byte reads the JSON. Numbers here are never negative, so none of them is changed. */
void report_csv(const struct report *report, struct buffer *out);

/* Appends JSON and a line end: an object with `formulas`, `brand`, `agency`, `time`, `campaigns` and `all_campaigns`,
 * which are lists of groups: `campaign` (not in all_campaigns), `currency`, `tiers`, `total`, `efficiency`. Counts are
 * numbers, amounts texts such as "89.00 USD", rates and ratios texts of a number, such as "2.40". Texts that are not
 * UTF-8 become null. ERROR_NO_MEMORY; ERROR_TOO_LONG if the buffer has no room. */
enum error report_json(const struct report *report, struct buffer *out, struct failure *failure);

#endif

/* A report as a table for people.
 *
 * Not by cli/listing.h, which shows items of a reply as they came: here columns are computed, a table has a heading and
 * a total, and there are several of them on one page. */
#ifndef TROTH_CLI_REPORT_TEXT_H
#define TROTH_CLI_REPORT_TEXT_H

#include "cli/report_cells.h"

/* Appends the tables, 120 columns wide or so. Characters that a terminal might obey are shown as question marks. What
 * is not known is a hyphen. Whether all of it fitted, the buffer knows. */
void report_text(const struct report *report, struct buffer *out);

#endif

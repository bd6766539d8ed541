/* A report as one HTML file with plots, to be looked at, sent and printed.
 *
 * It needs nothing else and asks no one: no scripts, no pictures, no fonts, and a Content-Security-Policy that allows
 * its own style sheet, by its SHA-256, and nothing more. It is well-formed XML too. */
#ifndef TROTH_CLI_REPORT_PAGE_H
#define TROTH_CLI_REPORT_PAGE_H

#include "cli/report_cells.h"

/* Appends the page; all texts from outside are escaped. Whether all of it fitted, the buffer knows. */
void report_page(const struct report *report, struct buffer *out);

#endif

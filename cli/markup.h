/* Text within HTML or SVG, in element or quoted attribute. */
#ifndef TROTH_CLI_MARKUP_H
#define TROTH_CLI_MARKUP_H

#include "base/buffer.h"

/* Appends a text from anywhere, cut at LISTING_CELL_MAX bytes. The five characters that markup knows become references;
 * what is invisible, and what is not UTF-8, becomes a question mark (listing_append_visible). */
void markup_append(struct buffer *out, const char *text);

#endif

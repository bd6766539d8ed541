/* Which text a note may hold: UTF-8 in one form only, with nothing in it that a reader cannot see.
 *
 * Source: Unicode 15 UAX #15 (NFC) and the general categories, by way of utf8proc. */
#ifndef TROTH_BASE_UNICODE_H
#define TROTH_BASE_UNICODE_H

#include "base/error.h"
#include "base/slice.h"

/* Accepts one line of text. Refused with ERROR_BAD_TEXT and the reason: bytes that are not UTF-8; control characters
 * (LF too); bidirectional and zero-width characters and whatever else is invisible by default; private, unassigned and
 * surrogate code points; line and paragraph separators; any space but U+0020; text that is not NFC. The reason names
 * the code point and the byte offset, counted from 1. */
enum error unicode_check_line(struct slice line, struct failure *failure);

#endif

/* Which bytes a signed note may hold at all: valid UTF-8, and no control character below U+0020 but LF (C2SP).
 *
 * This is the outer gate, the same for everybody's notes, on the way of every note: linear, and quick for ASCII. What
 * Troth's own notes may say on top of that is the business of base/unicode.h and of rules/. */
#ifndef TROTH_CRYPTO_NOTE_TEXT_H
#define TROTH_CRYPTO_NOTE_TEXT_H

#include "base/slice.h"

/* Reads the first code point of `bytes`. Returns how many bytes it takes, or 0 if they are not UTF-8 in its one form
 * (RFC 3629: cut short, overlong, a surrogate, above U+10FFFF) or there are none. */
size_t utf8_take(struct slice bytes, uint32_t *code_point);

/* The number of bytes at the start that a note may hold; `bytes.size` if nothing is wrong. */
size_t note_text_valid_prefix(struct slice bytes);

#endif

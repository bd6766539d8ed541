/* Messages as text for the tests of wire/: frames in hex, with a bar between two frames. */
#ifndef TROTH_TESTS_UNIT_WIRE_HEX_H
#define TROTH_TESTS_UNIT_WIRE_HEX_H

#include <stdlib.h>

#include "base/buffer.h"
#include "tests/lib/unit.h"
#include "wire/frame.h"

#define HEX_MAX 4096

/* Appends the frames of "4d44|01||ff" to a message; the third of these is empty. */
static inline void message_append_hex(struct message *message, const char *hex) {
	uint8_t bytes[HEX_MAX];
	size_t size = 0;
	for (const char *at = hex;; at++) {
		if (*at == '|' || *at == '\0') {
			ck_assert(message_append(message, slice_of(bytes, size)));
			size = 0;
			if (*at == '\0') {
				return;
			}
			continue;
		}
		const char pair[3] = { at[0], at[1], '\0' };
		char *end = NULL;
		bytes[size] = (uint8_t)strtoul(pair, &end, 16);
		ck_assert_msg(*end == '\0' && end == pair + 2, "not hex: %s", at);
		ck_assert_uint_lt(size, HEX_MAX - 1);
		size++;
		at++;
	}
}

/* The same text from frames[first..count). The buffer is the caller's. */
static inline const char *message_hex(const struct message *message, size_t first, struct buffer *out) {
	buffer_clear(out);
	for (size_t i = first; i < message->count; i++) {
		ck_assert(buffer_append_text(out, i == first ? "" : "|"));
		struct slice frame = message_frame(message, i);
		for (size_t byte = 0; byte < frame.size; byte++) {
			ck_assert(buffer_format(out, "%02x", frame.data[byte]));
		}
	}
	return buffer_text(out);
}

/* Compares a message with its text. */
static inline void check_frames(const struct message *message, size_t first, const char *expected) {
	struct buffer text;
	buffer_init(&text, 65536);
	ck_assert_str_eq(message_hex(message, first, &text), expected);
	buffer_release(&text);
}

#endif

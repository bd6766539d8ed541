/* Strict UTF-8, eight bytes at a time where they are printable ASCII; see note_text.h. */
#include "crypto/note_text.h"

/* The four forms of RFC 3629 section 3: how the first byte begins, how long the sequence is, and the first code point
 * that needs this length (a smaller one would be overlong). */
static const struct form {
	uint8_t mask, mark;
	uint8_t size;
	uint32_t smallest;
} forms[] = {
	{ 0x80, 0x00, 1, 0x0 },
	{ 0xE0, 0xC0, 2, 0x80 },
	{ 0xF0, 0xE0, 3, 0x800 },
	{ 0xF8, 0xF0, 4, 0x10000 },
};

static const struct form *form_of(uint8_t first) {
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		if ((first & forms[i].mask) == forms[i].mark) {
			return &forms[i];
		}
	}
	return NULL;
}

size_t utf8_take(struct slice bytes, uint32_t *code_point) {
	const struct form *form = bytes.size == 0 ? NULL : form_of(bytes.data[0]);
	if (form == NULL || bytes.size < form->size) {
		return 0;
	}
	uint32_t value = bytes.data[0] & (uint8_t)~form->mask;
	for (size_t i = 1; i < form->size; i++) {
		if ((bytes.data[i] & 0xC0) != 0x80) {
			return 0;
		}
		value = value << 6 | (bytes.data[i] & 0x3F);
	}
	bool surrogate = value >= 0xD800 && value <= 0xDFFF;
	if (value < form->smallest || value > 0x10FFFF || surrogate) {
		return 0;
	}
	*code_point = value;
	return form->size;
}

/* True if these eight bytes are all ASCII and none is below U+0020. The subtraction sets the top bit of a byte below
 * 0x20; a borrow can only come from such a byte, so it never makes a wrong word look right. */
static bool eight_are_plain(const uint8_t *bytes) {
	uint64_t word;
	memcpy(&word, bytes, sizeof word);
	uint64_t below_space = (word - UINT64_C(0x2020202020202020)) & ~word;
	return ((word | below_space) & UINT64_C(0x8080808080808080)) == 0;
}

/* The size of the character at the start that a note may hold, or 0. */
static size_t take_allowed(struct slice rest) {
	uint32_t code_point = 0;
	size_t size = utf8_take(rest, &code_point);
	bool control = code_point < 0x20 && code_point != '\n';
	return control ? 0 : size;
}

size_t note_text_valid_prefix(struct slice bytes) {
	size_t at = 0;
	while (at < bytes.size) {
		size_t left = bytes.size - at;
		bool plain = left >= sizeof(uint64_t) && eight_are_plain(bytes.data + at);
		size_t size = plain ? sizeof(uint64_t) : take_allowed(slice_of(bytes.data + at, left));
		if (size == 0) {
			return at;
		}
		at += size;
	}
	return at;
}

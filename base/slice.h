/* A borrowed run of bytes: never owns, never ends in NUL by promise. */
#ifndef TROTH_BASE_SLICE_H
#define TROTH_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const uint8_t *data; /* may be NULL only if size is 0 */
	size_t size;
};

static inline struct slice slice_of(const void *data, size_t size) {
	return (struct slice){ .data = data, .size = size };
}

static inline struct slice slice_of_text(const char *text) {
	return slice_of(text, strlen(text));
}

static inline bool slice_equal(struct slice a, struct slice b) {
	return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline bool slice_is(struct slice slice, const char *text) {
	return slice_equal(slice, slice_of_text(text));
}

/* Bytewise order; a prefix comes before what it begins. */
static inline int slice_compare(struct slice a, struct slice b) {
	size_t shared = a.size < b.size ? a.size : b.size;
	int order = shared == 0 ? 0 : memcmp(a.data, b.data, shared);
	if (order != 0) {
		return order;
	}
	return (a.size > b.size) - (a.size < b.size);
}

/* At most the first `maximum` bytes, cut between two UTF-8 characters; for quoting a peer's or user's text. */
static inline struct slice slice_cut(struct slice slice, size_t maximum) {
	if (slice.size > maximum) {
		slice.size = maximum;
		while (slice.size > 0 && (slice.data[slice.size] & 0xc0) == 0x80) {
			slice.size--;
		}
	}
	return slice;
}

/* Copies into a C string of `capacity` bytes. False, with an empty string, if it does not fit or holds a NUL. */
static inline bool slice_copy_text(struct slice slice, char *out, size_t capacity) {
	out[0] = '\0';
	if (slice.size >= capacity || (slice.size > 0 && memchr(slice.data, 0, slice.size) != NULL)) {
		return false;
	}
	if (slice.size > 0) {
		memcpy(out, slice.data, slice.size);
	}
	out[slice.size] = '\0';
	return true;
}

#endif

/* A growing run of bytes with a hard maximum.
 *
 * A buffer remembers its first failed append: later appends do nothing, and the caller checks once, at the end, with
 * buffer_ok. The bytes are wiped before they are freed, since a buffer may have held a key. */
#ifndef TROTH_BASE_BUFFER_H
#define TROTH_BASE_BUFFER_H

#include "base/slice.h"

struct buffer {
	uint8_t *data;
	size_t size;
	size_t capacity;
	size_t maximum; /* bytes that it may never exceed */
	bool failed;
};

/* An empty buffer that holds at most `maximum` bytes; allocates nothing. Release with buffer_release. */
void buffer_init(struct buffer *buffer, size_t maximum);

/* Wipes and frees. The buffer may be used again, empty, with the same maximum. */
void buffer_release(struct buffer *buffer);

/* Makes it empty and forgets a failure, but keeps the memory. */
void buffer_clear(struct buffer *buffer);

/* Appends bytes. False if they would pass the maximum or memory is out; the buffer is then `failed`. */
bool buffer_append(struct buffer *buffer, const void *data, size_t size);

bool buffer_append_slice(struct buffer *buffer, struct slice slice);

/* Appends a C string without its NUL. */
bool buffer_append_text(struct buffer *buffer, const char *text);

/* Appends formatted text, of at most 1,023 bytes. */
bool buffer_format(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* True if every append since init or clear has fitted. */
bool buffer_ok(const struct buffer *buffer);

/* The bytes held, borrowed until the next call that changes the buffer. */
struct slice buffer_slice(const struct buffer *buffer);

/* Puts a NUL behind the text without counting it, and returns the text; NULL if the buffer has failed. */
const char *buffer_text(struct buffer *buffer);

#endif

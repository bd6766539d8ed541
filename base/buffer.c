/* Growing byte buffers; see buffer.h. */
#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define SMALLEST 64

void buffer_init(struct buffer *buffer, size_t maximum) {
	*buffer = (struct buffer){ .maximum = maximum };
}

static void wipe(struct buffer *buffer) {
	if (buffer->data != NULL) {
		explicit_bzero(buffer->data, buffer->capacity);
	}
}

void buffer_release(struct buffer *buffer) {
	wipe(buffer);
	free(buffer->data);
	buffer_init(buffer, buffer->maximum);
}

void buffer_clear(struct buffer *buffer) {
	buffer->size = 0;
	buffer->failed = false;
}

/* Grows by copying to new memory and wiping the old, since realloc could leave a copy of a secret behind. */
static bool reserve(struct buffer *buffer, size_t needed) {
	if (needed <= buffer->capacity) {
		return true;
	}
	size_t capacity = buffer->capacity < SMALLEST ? SMALLEST : buffer->capacity;
	while (capacity < needed) {
		capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;
	}
	uint8_t *data = malloc(capacity);
	if (data == NULL) {
		return false;
	}
	if (buffer->size > 0) {
		memcpy(data, buffer->data, buffer->size);
	}
	wipe(buffer);
	free(buffer->data);
	buffer->data = data;
	buffer->capacity = capacity;
	return true;
}

bool buffer_append(struct buffer *buffer, const void *data, size_t size) {
	if (buffer->failed) {
		return false;
	}
	/* One byte more than asked for, so that buffer_text always finds room for its NUL. */
	if (size > buffer->maximum - buffer->size || !reserve(buffer, buffer->size + size + 1)) {
		buffer->failed = true;
		return false;
	}
	if (size > 0) {
		memcpy(buffer->data + buffer->size, data, size);
	}
	buffer->size += size;
	return true;
}

bool buffer_append_slice(struct buffer *buffer, struct slice slice) {
	return buffer_append(buffer, slice.data, slice.size);
}

bool buffer_append_text(struct buffer *buffer, const char *text) {
	return buffer_append(buffer, text, strlen(text));
}

bool buffer_format(struct buffer *buffer, const char *format, ...) {
	char text[1024];
	va_list arguments;
	va_start(arguments, format);
	int size = vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	if (size < 0 || (size_t)size >= sizeof text) {
		buffer->failed = true;
		return false;
	}
	return buffer_append(buffer, text, (size_t)size);
}

bool buffer_ok(const struct buffer *buffer) {
	return !buffer->failed;
}

struct slice buffer_slice(const struct buffer *buffer) {
	return slice_of(buffer->data, buffer->size);
}

const char *buffer_text(struct buffer *buffer) {
	if (buffer->failed || !buffer_append(buffer, "", 0)) {
		return NULL;
	}
	buffer->data[buffer->size] = '\0';
	return (const char *)buffer->data;
}

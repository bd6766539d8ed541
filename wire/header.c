/* Headers, read and written; see header.h for the layout. */
#include "wire/header.h"

#include <string.h>

static const char magic[] = { 'T', 'R', 'H', '1' };

enum {
	AT_PRIORITY = 4,
	AT_FLAGS = 5,
	AT_TTL = 6,
	AT_TRACE = 10,
	AT_SPAN = 26,
	AT_ID = 34,
};

_Static_assert(AT_ID == HEADER_MIN, "the layout of a header");

/* ---- the frame ---- */

bool header_read(struct slice frame, struct header *out) {
	*out = (struct header){ 0 };
	if (frame.size < HEADER_MIN || frame.size > HEADER_MAX || memcmp(frame.data, magic, sizeof magic) != 0 ||
	    frame.data[AT_PRIORITY] > PRIORITY_BATCH) {
		return false;
	}
	out->priority = frame.data[AT_PRIORITY];
	out->trace_flags = frame.data[AT_FLAGS];
	for (size_t i = 0; i < sizeof out->ttl_ms; i++) {
		out->ttl_ms = out->ttl_ms << 8 | frame.data[AT_TTL + i];
	}
	memcpy(out->trace_id, frame.data + AT_TRACE, TRACE_ID_SIZE);
	memcpy(out->span_id, frame.data + AT_SPAN, SPAN_ID_SIZE);
	out->id = slice_of(frame.data + AT_ID, frame.size - AT_ID);
	return true;
}

size_t header_write(const struct header *header, uint8_t out[HEADER_MAX]) {
	if (header->id.size > HEADER_ID_MAX || header->priority > PRIORITY_BATCH) {
		return 0;
	}
	memcpy(out, magic, sizeof magic);
	out[AT_PRIORITY] = header->priority;
	out[AT_FLAGS] = header->trace_flags;
	for (size_t i = 0; i < sizeof header->ttl_ms; i++) {
		out[AT_TTL + i] = (uint8_t)(header->ttl_ms >> (24 - 8 * i));
	}
	memcpy(out + AT_TRACE, header->trace_id, TRACE_ID_SIZE);
	memcpy(out + AT_SPAN, header->span_id, SPAN_ID_SIZE);
	if (header->id.size > 0) {
		memcpy(out + AT_ID, header->id.data, header->id.size);
	}
	return AT_ID + header->id.size;
}

/* ---- W3C Trace Context ---- */

static bool is_zero(const uint8_t *bytes, size_t size) {
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] != 0) {
			return false;
		}
	}
	return true;
}

bool header_has_trace(const struct header *header) {
	return !is_zero(header->trace_id, TRACE_ID_SIZE);
}

/* Writes two digits per byte, without a NUL; returns where the next character goes. */
static char *write_hex(char *out, const uint8_t *bytes, size_t size) {
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < size; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	return out;
}

/* The value of a lower-case hex digit, or 16. */
static uint8_t digit_value(char digit) {
	if (digit >= '0' && digit <= '9') {
		return (uint8_t)(digit - '0');
	}
	return digit >= 'a' && digit <= 'f' ? (uint8_t)(digit - 'a' + 10) : 16;
}

static bool read_hex(const char *text, uint8_t *out, size_t size) {
	for (size_t i = 0; i < size; i++) {
		uint8_t high = digit_value(text[2 * i]);
		uint8_t low = digit_value(text[2 * i + 1]);
		if (high > 15 || low > 15) {
			return false;
		}
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

void header_trace_text(const struct header *header, char out[TRACE_TEXT]) {
	char *end = header_has_trace(header) ? write_hex(out, header->trace_id, TRACE_ID_SIZE) : out;
	*end = '\0';
}

bool header_from_traceparent(const char *text, struct header *header) {
	struct header read = *header;
	if (strlen(text) != TRACEPARENT_TEXT - 1 || memcmp(text, "00-", 3) != 0 || text[35] != '-' || text[52] != '-' ||
	    !read_hex(text + 3, read.trace_id, TRACE_ID_SIZE) || !read_hex(text + 36, read.span_id, SPAN_ID_SIZE) ||
	    !read_hex(text + 53, &read.trace_flags, 1) || !header_has_trace(&read) ||
	    is_zero(read.span_id, SPAN_ID_SIZE)) {
		return false;
	}
	*header = read;
	return true;
}

void header_to_traceparent(const struct header *header, char out[TRACEPARENT_TEXT]) {
	char *at = out;
	if (header_has_trace(header)) {
		memcpy(at, "00-", 3);
		at = write_hex(at + 3, header->trace_id, TRACE_ID_SIZE);
		*at++ = '-';
		at = write_hex(at, header->span_id, SPAN_ID_SIZE);
		*at++ = '-';
		at = write_hex(at, &header->trace_flags, 1);
	}
	*at = '\0';
}

/* The header of a request: an id frame in a form that the broker understands; pure.
 *
 *      0   4  "TRH1"
 *      4   1  priority: 0 interactive, 1 batch
 *      5   1  trace flags (W3C Trace Context)
 *      6   4  time to live: milliseconds from its arrival at the broker until nobody wants the answer; 0: no limit
 *     10  16  trace id; all zero: none
 *     26   8  span id of the sender
 *     34   0 to 30  the request's own id, any bytes
 *
 * Numbers are big endian. It is an id frame like any other: whoever answers repeats it. */
#ifndef TROTH_WIRE_HEADER_H
#define TROTH_WIRE_HEADER_H

#include "base/slice.h"

#define HEADER_MIN 34
#define HEADER_MAX 64
#define HEADER_ID_MAX (HEADER_MAX - HEADER_MIN)
#define TRACE_ID_SIZE 16
#define SPAN_ID_SIZE 8
#define TRACE_TEXT 33       /* characters of a trace id, with the NUL */
#define TRACEPARENT_TEXT 56 /* of a traceparent */

enum priority { PRIORITY_INTERACTIVE, PRIORITY_BATCH };

struct header {
	uint8_t priority; /* one of enum priority */
	uint8_t trace_flags;
	uint32_t ttl_ms; /* 0: no limit */
	uint8_t trace_id[TRACE_ID_SIZE];
	uint8_t span_id[SPAN_ID_SIZE];
	struct slice id; /* borrowed from the frame, or from whoever writes it */
};

/* False: not a header, but perhaps an opaque id. `*out` is then all zero. */
bool header_read(struct slice frame, struct header *out);

/* Returns the size of the frame; 0 if the id is too long or the priority is none. */
size_t header_write(const struct header *header, uint8_t out[HEADER_MAX]);

bool header_has_trace(const struct header *header);

/* The trace id as 32 lower-case hex digits, or "" if there is none. */
void header_trace_text(const struct header *header, char out[TRACE_TEXT]);

/* Takes trace id, span id and flags from a traceparent of W3C Trace Context, version 00: "00-<32>-<16>-<2>" lower-case
 * hex digits, neither id all zero. False, with `header` unchanged, for anything else. */
bool header_from_traceparent(const char *text, struct header *header);

/* Writes the traceparent, or "" if there is no trace. */
void header_to_traceparent(const struct header *header, char out[TRACEPARENT_TEXT]);

#endif

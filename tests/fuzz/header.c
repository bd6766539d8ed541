/* Any bytes as a header, and as a traceparent: what is accepted is written again byte for byte. */
#include "wire/header.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct header header;
	uint8_t again[HEADER_MAX];
	char trace[TRACE_TEXT], parent[TRACEPARENT_TEXT], text[2 * TRACEPARENT_TEXT];
	if (header_read(slice_of(data, size), &header)) {
		assert(slice_equal(slice_of(again, header_write(&header, again)), slice_of(data, size)));
		header_trace_text(&header, trace);
		header_to_traceparent(&header, parent);
		assert(strlen(trace) == (header_has_trace(&header) ? TRACE_TEXT - 1 : 0));
	}
	if (slice_copy_text(slice_of(data, size), text, sizeof text) && header_from_traceparent(text, &header)) {
		header_to_traceparent(&header, parent);
		assert(strcmp(text, parent) == 0);
	}
	return 0;
}

/* Escaping; see markup.h. */
#include "cli/markup.h"

#include "cli/listing.h"

#define VISIBLE_MAX (2 * LISTING_CELL_MAX)

static const char *reference_of(uint8_t byte) {
	switch (byte) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void markup_append(struct buffer *out, const char *text) {
	struct buffer visible;
	buffer_init(&visible, VISIBLE_MAX);
	listing_append_visible(&visible, slice_of_text(text));
	for (size_t i = 0; i < visible.size; i++) {
		const char *reference = reference_of(visible.data[i]);
		(void)(reference == NULL ? buffer_append(out, &visible.data[i], 1) : buffer_append_text(out, reference));
	}
	out->failed = out->failed || visible.failed;
	buffer_release(&visible);
}

/* Writes a client's requests; see outgoing.h. */
#include "wire/outgoing.h"

#include <assert.h>

enum { AT_SERVICE = 2, AT_HEADER = 3 };

static bool append_header(struct message *out, const struct header *header) {
	uint8_t bytes[HEADER_MAX];
	size_t size = header_write(header, bytes);
	assert(size > 0); /* ours */
	return message_append(out, slice_of(bytes, size));
}

bool outgoing_write(struct message *out, struct slice service, const struct header *header, const struct slice *parts,
                    size_t count) {
	message_release(out);
	bool written = count <= OUTGOING_PARTS_MAX && mdp_write_client(out, MDP_0_2, MDP_REQUEST, service) &&
	               append_header(out, header);
	for (size_t i = 0; i < count && written; i++) {
		written = message_append(out, parts[i]);
	}
	return written;
}

bool outgoing_set_ttl(struct message *request, uint32_t ttl_ms) {
	struct header header;
	bool is_ours = header_read(outgoing_header(request), &header);
	assert(is_ours);
	header.ttl_ms = ttl_ms;
	struct message whole;
	message_init(&whole);
	bool written = true;
	for (size_t i = 0; i < request->count && written; i++) {
		written = i == AT_HEADER ? append_header(&whole, &header) : message_append_shared(&whole, request, i);
	}
	if (written) {
		message_move(request, &whole);
	}
	message_release(&whole);
	return written;
}

struct slice outgoing_service(const struct message *request) {
	return message_frame(request, AT_SERVICE);
}

struct slice outgoing_header(const struct message *request) {
	return message_frame(request, AT_HEADER);
}

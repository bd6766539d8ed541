/* Any frames through the Majordomo reader: what it accepts, the writer turns into the same frames again. */
#include <assert.h>
#include <stdio.h>

#include "tests/fuzz/wire_frames.h"
#include "wire/mdp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool write_head(const struct mdp *mdp, struct message *out) {
	char service[MDP_SERVICE_MAX + 1];
	switch (mdp->command) {
	case MDP_HEARTBEAT:
	case MDP_DISCONNECT:
		return mdp->names_held ? mdp_write_heartbeat(out, mdp->held)
		                       : mdp_write_signal(out, mdp->version, mdp->command);
	case MDP_READY:
		return slice_copy_text(mdp->service, service, sizeof service) && mdp_write_ready(out, service, mdp->window);
	case MDP_REQUEST:
	case MDP_PARTIAL:
	case MDP_FINAL:
		break;
	}
	return mdp->side == MDP_SIDE_CLIENT ? mdp_write_client(out, mdp->version, mdp->command, mdp->service)
	                                    : mdp_write_worker(out, mdp->version, mdp->command, mdp->address);
}

static void check_writes(const struct message *message, const struct mdp *mdp, struct message *again) {
	bool written = write_head(mdp, again);
	for (size_t i = mdp->body_first; i < message->count; i++) {
		written = written && message_append_shared(again, message, i);
	}
	assert(written && again->count == message->count);
	for (size_t i = 0; i < message->count; i++) {
		assert(slice_equal(message_frame(message, i), message_frame(again, i)));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct message message, again;
	frames_of_bytes(&message, data, size);
	message_init(&again);
	struct mdp mdp;
	struct failure failure = { 0 };
	if (mdp_read(&message, 0, &mdp, &failure) == OK) {
		assert(mdp.body_first + mdp.has_id <= message.count && mdp.held.size % MDP_TOKEN_SIZE == 0);
		/* Ours always say their window. */
		if (mdp.command != MDP_READY || mdp.has_window) {
			check_writes(&message, &mdp, &again);
		}
	} else {
		assert(failure.code == ERROR_MALFORMED && failure.text[0] != '\0');
	}
	message_release(&message);
	message_release(&again);
	return 0;
}

/* Messages as rows of libzmq's reference-counted frames; see frame.h. */
#include "wire/frame.h"

#include <assert.h>

#include "wire/frame_zmq.h"

void message_init(struct message *message) {
	message->count = 0;
}

void message_release(struct message *message) {
	for (size_t i = 0; i < message->count; i++) {
		(void)zmq_msg_close(frame_zmq(&message->frames[i]));
	}
	message->count = 0;
}

struct slice message_frame(const struct message *message, size_t index) {
	assert(index < message->count);
	zmq_msg_t *frame = frame_zmq(&message->frames[index]);
	return slice_of(zmq_msg_data(frame), zmq_msg_size(frame));
}

bool message_append(struct message *message, struct slice bytes) {
	if (message->count == MESSAGE_FRAMES_MAX) {
		return false;
	}
	zmq_msg_t *frame = frame_zmq(&message->frames[message->count]);
	if (zmq_msg_init_size(frame, bytes.size) != 0) {
		return false;
	}
	if (bytes.size > 0) {
		memcpy(zmq_msg_data(frame), bytes.data, bytes.size);
	}
	message->count++;
	return true;
}

bool message_append_text(struct message *message, const char *text) {
	return message_append(message, slice_of_text(text));
}

/* How a frame gets its bytes from another one: zmq_msg_move or zmq_msg_copy. */
typedef int transfer(zmq_msg_t *to, zmq_msg_t *from);

static bool append_by(transfer *take, struct message *message, const struct message *from, size_t index) {
	assert(index < from->count);
	if (message->count == MESSAGE_FRAMES_MAX) {
		return false;
	}
	zmq_msg_t *frame = frame_zmq(&message->frames[message->count]);
	(void)zmq_msg_init(frame);
	if (take(frame, frame_zmq(&from->frames[index])) != 0) {
		(void)zmq_msg_close(frame);
		return false;
	}
	message->count++;
	return true;
}

bool message_append_moved(struct message *message, struct message *from, size_t index) {
	return append_by(zmq_msg_move, message, from, index);
}

bool message_append_shared(struct message *message, const struct message *from, size_t index) {
	return append_by(zmq_msg_copy, message, from, index);
}

void message_move(struct message *to, struct message *from) {
	message_release(to);
	for (size_t i = 0; i < from->count; i++) {
		bool moved = message_append_moved(to, from, i);
		assert(moved); /* both have the same room, and moving allocates nothing */
	}
	message_release(from);
}

size_t message_bytes(const struct message *message) {
	size_t bytes = 0;
	for (size_t i = 0; i < message->count; i++) {
		bytes += zmq_msg_size(frame_zmq(&message->frames[i]));
	}
	return bytes;
}

/* Cuts a fuzzer's bytes into the frames of a message: a length byte before every frame. */
#ifndef TROTH_TESTS_FUZZ_WIRE_FRAMES_H
#define TROTH_TESTS_FUZZ_WIRE_FRAMES_H

#include "wire/frame.h"

/* Initialises and fills `message`, with as many frames as there are and fit. */
static inline void frames_of_bytes(struct message *message, const uint8_t *data, size_t size) {
	message_init(message);
	while (size > 0) {
		size_t length = data[0] < size - 1 ? data[0] : size - 1;
		if (!message_append(message, slice_of(data + 1, length))) {
			return;
		}
		data += 1 + length;
		size -= 1 + length;
	}
}

#endif

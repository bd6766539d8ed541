/* Frames and multipart messages, moved instead of copied.
 *
 * A frame owns its bytes by libzmq's reference-counted message: `frame_move` hands over, `frame_share` makes a second
 * owner of the same bytes without copying. A message is a short row of frames; a peer's message with more frames than
 * MESSAGE_FRAMES_MAX is drained and reported as too long (wire/link.h), never stored. */
#ifndef TROTH_WIRE_FRAME_H
#define TROTH_WIRE_FRAME_H

#include "base/slice.h"

#define MESSAGE_FRAMES_MAX 12

struct frame {
	_Alignas(8) unsigned char storage[64]; /* a zmq_msg_t, known to frame.c and link.c only */
};

struct message {
	struct frame frames[MESSAGE_FRAMES_MAX];
	size_t count; /* frames[0..count) are alive */
};

/* An empty message; release with message_release, which also makes it empty again. */
void message_init(struct message *message);
void message_release(struct message *message);

/* The bytes of a frame, borrowed while the frame lives. */
struct slice message_frame(const struct message *message, size_t index);

/* Appends a copy of the bytes; false if the message is full or memory is out. */
bool message_append(struct message *message, struct slice bytes);
bool message_append_text(struct message *message, const char *text);

/* Appends frame `index` of another message: moved (it stays there as an empty frame), or shared. */
bool message_append_moved(struct message *message, struct message *from, size_t index);
bool message_append_shared(struct message *message, const struct message *from, size_t index);

/* Moves all frames of `from`, replacing what `to` held; `from` is empty afterwards. */
void message_move(struct message *to, struct message *from);

/* The bytes of all frames together. */
size_t message_bytes(const struct message *message);

#endif

/* What is inside a frame, for the files of wire/ that speak to libzmq: frame.c and link.c. */
#ifndef TROTH_WIRE_FRAME_ZMQ_H
#define TROTH_WIRE_FRAME_ZMQ_H

#include <zmq.h>

#include "wire/frame.h"

_Static_assert(sizeof(zmq_msg_t) == sizeof(struct frame), "a frame has room for a zmq_msg_t");
_Static_assert(_Alignof(zmq_msg_t) <= _Alignof(struct frame), "a frame is aligned like a zmq_msg_t");

/* libzmq takes no const message, even where it only reads one or counts one more owner of its bytes. */
static inline zmq_msg_t *frame_zmq(const struct frame *frame) {
	return (zmq_msg_t *)(uintptr_t)frame->storage;
}

#endif

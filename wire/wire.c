/* One ZeroMQ context: messages to and from its sockets, the ZAP handler, and waiting; see link.h. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "wire/frame_zmq.h"
#include "wire/link_options.h"
#include "wire/link_state.h"
#include "wire/zap.h"

/* With it a frame of one byte can keep the 8 KiB alive by which it was received. libzmq 4.3.4 has this option always,
 * but its header shows it only to users of the draft API. */
#ifndef ZMQ_ZERO_COPY_RECV
#define ZMQ_ZERO_COPY_RECV 10
#endif

#define WAIT_LINKS_MAX 13    /* with ZAP, monitor and one descriptor, zmq_poll then still works without allocating */
#define ZAP_ENDPOINT "inproc://zeromq.zap.01"
#define ZAP_BATCH 64         /* requests answered at a time, so that a flood of them cannot stop the messages */
#define ZAP_PEER_MAX 63      /* bytes of an address in the log */
#define ZMTP_SHORT_MAX 255   /* bytes of a frame whose head is short */
#define ZMTP_SHORT_HEAD 2
#define ZMTP_LONG_HEAD 9

struct wire *wire_new(int io_threads) {
	struct wire *wire = calloc(1, sizeof *wire);
	if (wire == NULL) {
		return NULL;
	}
	wire->context = zmq_ctx_new();
	if (wire->context == NULL || zmq_ctx_set(wire->context, ZMQ_IO_THREADS, io_threads) != 0 ||
	    zmq_ctx_set(wire->context, ZMQ_ZERO_COPY_RECV, 0) != 0) {
		wire_free(wire);
		return NULL;
	}
	return wire;
}

void wire_free(struct wire *wire) {
	if (wire == NULL) {
		return;
	}
	assert(wire->bound == NULL);
	if (wire->context != NULL) {
		int result = -1;
		do {
			result = zmq_ctx_term(wire->context);
		} while (result != 0 && errno == EINTR);
	}
	free(wire);
}

/* ---- messages and frames ---- */

/* Receives one frame without waiting. False if there is none. */
static bool take_frame(void *socket, zmq_msg_t *frame) {
	int result = -1;
	do {
		result = zmq_msg_recv(frame, socket, ZMQ_DONTWAIT);
	} while (result < 0 && errno == EINTR);
	return result >= 0;
}

bool wire_give_frame(void *socket, struct frame *frame, bool more) {
	int result = -1;
	do {
		result = zmq_msg_send(frame_zmq(frame), socket, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0));
	} while (result < 0 && errno == EINTR);
	return result >= 0;
}

void wire_give(void *socket, struct message *message, size_t from) {
	for (size_t i = from; i < message->count; i++) {
		(void)wire_give_frame(socket, &message->frames[i], i + 1 < message->count);
	}
}

/* What a frame of so many bytes takes on the wire: a MESSAGE command of CURVE (RFC 26) in a frame of ZMTP (RFC 23). */
uint64_t wire_bytes(size_t size) {
	uint64_t bytes = size + LINK_CURVE_OVERHEAD;
	return bytes + (bytes > ZMTP_SHORT_MAX ? ZMTP_LONG_HEAD : ZMTP_SHORT_HEAD);
}

/* Throws away the rest of a message, frame by frame, so that its length does not matter. Returns its bytes. */
static uint64_t drain(void *socket) {
	uint64_t bytes = 0;
	bool more = true;
	while (more) {
		zmq_msg_t frame;
		(void)zmq_msg_init(&frame);
		bool taken = take_frame(socket, &frame);
		more = taken && zmq_msg_more(&frame);
		bytes += taken ? wire_bytes(zmq_msg_size(&frame)) : 0;
		(void)zmq_msg_close(&frame);
	}
	return bytes;
}

/* libzmq hands over whole messages, so what has begun never has to be waited for. */
enum error wire_take(void *socket, struct message *message, uint64_t *bytes) {
	uint64_t sum = 0;
	message_release(message);
	bool more = true;
	enum error error = OK;
	while (more) {
		if (message->count == MESSAGE_FRAMES_MAX) {
			sum += drain(socket);
			error = ERROR_TOO_LONG;
			break;
		}
		zmq_msg_t *frame = frame_zmq(&message->frames[message->count]);
		(void)zmq_msg_init(frame);
		if (!take_frame(socket, frame)) {
			(void)zmq_msg_close(frame);
			message_release(message);
			return ERROR_NOT_FOUND;
		}
		sum += message->count == 0 ? 0 : wire_bytes(zmq_msg_size(frame));
		message->count++;
		more = zmq_msg_more(frame);
	}
	if (bytes != NULL) {
		*bytes = sum;
	}
	return error;
}

/* ---- ZAP ---- */

/* The handler must stand before the first peer comes: libzmq asks it during the handshake. */
enum error wire_open_zap(struct wire *wire, struct link *bound, struct failure *failure) {
	const int now = 0;
	wire->bound = bound;
	wire->zap = zmq_socket(wire->context, ZMQ_ROUTER);
	if (wire->zap == NULL || zmq_setsockopt(wire->zap, ZMQ_LINGER, &now, sizeof now) != 0 ||
	    zmq_bind(wire->zap, ZAP_ENDPOINT) != 0) {
		return fail(failure, ERROR_SYSTEM, "cannot open the ZAP handler: %s", zmq_strerror(errno));
	}
	return OK;
}

void wire_close_zap(struct wire *wire) {
	if (wire->zap != NULL) {
		/* Closing alone would give the name free only later, and another link_bind would find it taken. */
		(void)zmq_unbind(wire->zap, ZAP_ENDPOINT);
		(void)zmq_close(wire->zap);
	}
	wire->zap = NULL;
	wire->bound = NULL;
}

/* The address that a ZAP request tells, as text. */
static void zap_peer(const struct message *request, char out[ZAP_PEER_MAX + 1]) {
	bool is_there = request->count > ZAP_AT_ADDRESS + 1;
	if (!is_there || !slice_copy_text(message_frame(request, ZAP_AT_ADDRESS + 1), out, ZAP_PEER_MAX + 1)) {
		out[0] = '\0';
	}
}

/* Answers one ZAP request. False if there is none. */
static bool answer_zap_once(struct wire *wire) {
	struct message request;
	struct message reply;
	message_init(&request);
	message_init(&reply);
	enum error error = wire_take(wire->zap, &request, NULL);
	if (error == ERROR_NOT_FOUND) {
		return false;
	}
	/* Frame 0 leads back to the connection that asks. A request cut to its first frames is refused by its form. */
	const char *refusal = NULL;
	char peer[ZAP_PEER_MAX + 1];
	zap_peer(&request, peer);
	if (zap_answer(&request, 1, watch_admits, wire->bound->watch, &reply, &refusal)) {
		wire_give(wire->zap, &reply, 0);
	}
	if (refusal != NULL) {
		watch_refused(wire->bound->watch, refusal, peer);
	}
	message_release(&request);
	message_release(&reply);
	return true;
}

void wire_attend(struct wire *wire) {
	bool more = true;
	for (size_t i = 0; i < ZAP_BATCH && more; i++) {
		more = answer_zap_once(wire);
	}
	watch_events(wire->bound->watch, clock_milliseconds());
}

/* ---- waiting ---- */

/* One round of waiting. `*attend`: there is something for wire_attend; `*work`: something else has come. */
static void poll_once(struct wire *wire, struct link *const *links, size_t count, int fd, int64_t wait_ms, bool *attend,
                      bool *work) {
	zmq_pollitem_t items[WAIT_LINKS_MAX + 3];
	size_t used = 0;
	for (; used < count; used++) {
		short room = links[used]->wants_room ? ZMQ_POLLOUT : 0;
		items[used] = (zmq_pollitem_t){ .socket = links[used]->socket, .events = (short)(ZMQ_POLLIN | room) };
	}
	if (fd >= 0) {
		items[used++] = (zmq_pollitem_t){ .fd = fd, .events = ZMQ_POLLIN };
	}
	size_t others = used;
	if (wire->zap != NULL) {
		items[used++] = (zmq_pollitem_t){ .socket = wire->zap, .events = ZMQ_POLLIN };
		items[used++] = (zmq_pollitem_t){ .socket = watch_socket(wire->bound->watch), .events = ZMQ_POLLIN };
	}
	int ready = zmq_poll(items, (int)used, wait_ms);
	*work = ready < 0; /* a signal came: the caller looks what it says */
	*attend = false;
	for (size_t i = others; ready > 0 && i < used; i++) {
		*attend = *attend || items[i].revents != 0;
	}
	for (size_t i = 0; ready > 0 && i < others; i++) {
		*work = *work || items[i].revents != 0;
		if (i < count && (items[i].revents & ZMQ_POLLOUT) != 0) {
			links[i]->wants_room = false;
		}
	}
}

bool wire_wait(struct wire *wire, struct link *const *links, size_t count, int fd, int64_t wait_ms) {
	assert(count <= WAIT_LINKS_MAX);
	int64_t now = clock_milliseconds();
	int64_t until = now + wait_ms;
	bool work = false;
	bool attend = true;
	/* Another round only after what is no work of the caller's. */
	while (attend && !work) {
		poll_once(wire, links, count, fd, until > now ? until - now : 0, &attend, &work);
		if (attend) {
			wire_attend(wire);
		}
		now = clock_milliseconds();
		attend = attend && now < until;
	}
	return work;
}

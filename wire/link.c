/* ROUTER and DEALER sockets, the ZAP handler, and waiting for them; see link.h. */
#include "wire/link.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "wire/endpoint.h"
#include "wire/frame_zmq.h"
#include "wire/link_options.h"
#include "wire/zap.h"

#define WAIT_LINKS_MAX 14    /* with ZAP and one descriptor, zmq_poll then still works without allocating */
#define ZAP_ENDPOINT "inproc://zeromq.zap.01"
#define ZAP_BATCH 64         /* requests answered at a time, so that a flood of them cannot stop the messages */
#define ZAP_EVERY 256        /* receives between two looks at ZAP, so that a flood of messages cannot stop it either */
#define DISCARDS_MAX 64      /* messages thrown away in one link_receive */
#define ROUTING_ID_SIZE 5    /* of a routing id that libzmq chose: a zero byte and a number of 32 bits */

struct wire {
	void *context;
	void *zap;          /* the ZAP handler's socket; NULL without a bound link */
	struct link *bound; /* whose `admits` decides */
	uint64_t refused;   /* connections */
};

struct link {
	struct wire *wire;
	void *socket;
	bool is_bound;
	bool wants_room; /* a connected link whose last send found no room */
	link_admits admits;
	void *argument;
	uint64_t receives;
	uint64_t discarded; /* messages */
	char endpoint[LINK_ENDPOINT_MAX];
};

struct wire *wire_new(int io_threads) {
	struct wire *wire = calloc(1, sizeof *wire);
	if (wire == NULL) {
		return NULL;
	}
	wire->context = zmq_ctx_new();
	if (wire->context == NULL || zmq_ctx_set(wire->context, ZMQ_IO_THREADS, io_threads) != 0) {
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

/* ---- opening and closing ---- */

static struct link *open_link(struct wire *wire, int type, struct failure *failure) {
	struct link *link = calloc(1, sizeof *link);
	if (link == NULL) {
		(void)fail(failure, ERROR_NO_MEMORY, "out of memory for a connection");
		return NULL;
	}
	link->wire = wire;
	link->socket = zmq_socket(wire->context, type);
	if (link->socket == NULL) {
		(void)fail(failure, ERROR_SYSTEM, "cannot open a socket: %s", zmq_strerror(errno));
		free(link);
		return NULL;
	}
	return link;
}

enum error link_connect(struct wire *wire, const char *endpoint, const uint8_t server_key[TRANSPORT_KEY_SIZE],
                        const struct identity *identity, struct link **out, struct failure *failure) {
	*out = NULL;
	enum error error = endpoint_check(endpoint, ENDPOINT_CONNECT, failure);
	if (error != OK) {
		return error;
	}
	struct link *link = open_link(wire, ZMQ_DEALER, failure);
	if (link == NULL) {
		return ERROR_SYSTEM;
	}
	(void)slice_copy_text(slice_of_text(endpoint), link->endpoint, sizeof link->endpoint);
	error = link_options_for_connected(link->socket, endpoint, server_key, identity, failure);
	if (error == OK && zmq_connect(link->socket, endpoint) != 0) {
		error = fail(failure, errno == EINVAL ? ERROR_BAD_VALUE : ERROR_SYSTEM, "cannot connect to %s: %s", endpoint,
		             zmq_strerror(errno));
	}
	if (error != OK) {
		link_free(link);
		return error;
	}
	*out = link;
	return OK;
}

/* The handler must stand before the first peer comes: libzmq asks it during the handshake. */
static enum error open_zap(struct wire *wire, struct failure *failure) {
	const int now = 0;
	wire->zap = zmq_socket(wire->context, ZMQ_ROUTER);
	if (wire->zap == NULL || zmq_setsockopt(wire->zap, ZMQ_LINGER, &now, sizeof now) != 0 ||
	    zmq_bind(wire->zap, ZAP_ENDPOINT) != 0) {
		return fail(failure, ERROR_SYSTEM, "cannot open the ZAP handler: %s", zmq_strerror(errno));
	}
	return OK;
}

enum error link_bind(struct wire *wire, const char *endpoint, const struct identity *identity, link_admits admits,
                     void *argument, struct link **out, struct failure *failure) {
	assert(wire->bound == NULL);
	*out = NULL;
	enum error error = endpoint_check(endpoint, ENDPOINT_BIND, failure);
	if (error != OK) {
		return error;
	}
	struct link *link = open_link(wire, ZMQ_ROUTER, failure);
	if (link == NULL) {
		return ERROR_SYSTEM;
	}
	link->is_bound = true;
	link->admits = admits;
	link->argument = argument;
	wire->bound = link;
	error = open_zap(wire, failure);
	if (error == OK) {
		error = link_options_for_bound(link->socket, endpoint, identity, failure);
	}
	size_t size = sizeof link->endpoint;
	if (error == OK && (zmq_bind(link->socket, endpoint) != 0 ||
	                    zmq_getsockopt(link->socket, ZMQ_LAST_ENDPOINT, link->endpoint, &size) != 0)) {
		error = fail(failure, ERROR_SYSTEM, "cannot listen on %s: %s", endpoint, zmq_strerror(errno));
	}
	if (error != OK) {
		link_free(link);
		return error;
	}
	*out = link;
	return OK;
}

void link_free(struct link *link) {
	if (link == NULL) {
		return;
	}
	(void)zmq_close(link->socket);
	if (link->is_bound) {
		if (link->wire->zap != NULL) {
			/* Closing alone would give the name free only later, and another link_bind would find it taken. */
			(void)zmq_unbind(link->wire->zap, ZAP_ENDPOINT);
			(void)zmq_close(link->wire->zap);
		}
		link->wire->zap = NULL;
		link->wire->bound = NULL;
	}
	free(link);
}

const char *link_endpoint(const struct link *link) {
	return link->endpoint;
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

static bool give_frame(void *socket, struct frame *frame, bool more) {
	int result = -1;
	do {
		result = zmq_msg_send(frame_zmq(frame), socket, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0));
	} while (result < 0 && errno == EINTR);
	return result >= 0;
}

/* Sends frames[from..count); frames that libzmq does not take stay. */
static void give_frames(void *socket, struct message *message, size_t from) {
	for (size_t i = from; i < message->count; i++) {
		(void)give_frame(socket, &message->frames[i], i + 1 < message->count);
	}
}

/* Throws away the rest of a message, frame by frame, so that its length does not matter. */
static void drain(void *socket) {
	bool more = true;
	while (more) {
		zmq_msg_t frame;
		(void)zmq_msg_init(&frame);
		more = take_frame(socket, &frame) && zmq_msg_more(&frame);
		(void)zmq_msg_close(&frame);
	}
}

/* Takes one message, replacing what `message` held. ERROR_NOT_FOUND if there is none; ERROR_TOO_LONG, with the first
 * frames only, if it had too many. libzmq hands over whole messages, so what has begun never has to be waited for. */
static enum error take(void *socket, struct message *message) {
	message_release(message);
	bool more = true;
	while (more) {
		if (message->count == MESSAGE_FRAMES_MAX) {
			drain(socket);
			return ERROR_TOO_LONG;
		}
		zmq_msg_t *frame = frame_zmq(&message->frames[message->count]);
		(void)zmq_msg_init(frame);
		if (!take_frame(socket, frame)) {
			(void)zmq_msg_close(frame);
			message_release(message);
			return ERROR_NOT_FOUND;
		}
		message->count++;
		more = zmq_msg_more(frame);
	}
	return OK;
}

static void keep_frames(struct message *message, size_t count) {
	while (message->count > count) {
		message->count--;
		(void)zmq_msg_close(frame_zmq(&message->frames[message->count]));
	}
}

/* What peers can cause as often as they like is logged the 1st, 2nd, 4th, 8th … time. */
static void log_rarely(const char *event, const char *reason, uint64_t count) {
	if ((count & (count - 1)) == 0) {
		log_event(LOG_WARNING, event, "reason", reason, "count", LOG_NUMBER(count), NULL);
	}
}

/* ---- receiving ---- */

/* Why a message to a bound link is thrown away, or NULL. libzmq lets peers choose their routing id and so pose as one
 * another; ids of its own choice begin with a zero byte. The key is what ZAP gave as user id; libzmq 4.3.4 may lose it
 * on the routing id's frame, so it is read from the next one. */
static const char *objection(const struct message *message, uint8_t key[TRANSPORT_KEY_SIZE]) {
	struct slice routing_id = message_frame(message, 0);
	if (routing_id.size != ROUTING_ID_SIZE || routing_id.data[0] != 0) {
		return "a routing id that the peer chose";
	}
	const char *user_id = message->count < 2 ? NULL : zmq_msg_gets(frame_zmq(&message->frames[1]), "User-Id");
	if (user_id == NULL || !transport_key_parse(slice_of_text(user_id), key)) {
		return "no authenticated key";
	}
	return NULL;
}

/* Answers one ZAP request. False if there is none. */
static bool answer_zap_once(struct wire *wire) {
	struct message request;
	struct message reply;
	message_init(&request);
	message_init(&reply);
	enum error error = take(wire->zap, &request);
	if (error == ERROR_NOT_FOUND) {
		return false;
	}
	/* Frame 0 leads back to the connection that asks. A request cut to its first frames is refused by its form. */
	const char *refusal = NULL;
	if (zap_answer(&request, 1, wire->bound->admits, wire->bound->argument, &reply, &refusal)) {
		give_frames(wire->zap, &reply, 0);
	}
	if (refusal != NULL) {
		wire->refused++;
		log_rarely("connection-refused", refusal, wire->refused);
	}
	message_release(&request);
	message_release(&reply);
	return true;
}

static void answer_zap(struct wire *wire) {
	bool more = true;
	for (size_t i = 0; i < ZAP_BATCH && more; i++) {
		more = answer_zap_once(wire);
	}
}

static enum error receive_bound(struct link *link, struct message *message, uint8_t *peer_key) {
	link->receives++;
	if (link->receives % ZAP_EVERY == 0) {
		answer_zap(link->wire);
	}
	for (size_t i = 0; i < DISCARDS_MAX; i++) {
		uint8_t key[TRANSPORT_KEY_SIZE] = { 0 };
		enum error error = take(link->socket, message);
		if (error == ERROR_NOT_FOUND) {
			return error;
		}
		const char *why = objection(message, key);
		if (why == NULL) {
			if (peer_key != NULL) {
				memcpy(peer_key, key, sizeof key);
			}
			keep_frames(message, error == OK ? message->count : 1);
			return error;
		}
		link->discarded++;
		log_rarely("message-discarded", why, link->discarded);
	}
	message_release(message);
	return ERROR_NOT_FOUND;
}

enum error link_receive(struct link *link, struct message *message, uint8_t peer_key[TRANSPORT_KEY_SIZE]) {
	if (link->is_bound) {
		return receive_bound(link, message, peer_key);
	}
	enum error error = take(link->socket, message);
	keep_frames(message, error == OK ? message->count : 0);
	return error;
}

/* ---- sending ---- */

enum error link_send(struct link *link, struct message *message) {
	assert(message->count > 0);
	/* Only the first frame can be refused: libzmq takes the rest of what it began, and drops it with the peer. */
	if (!give_frame(link->socket, &message->frames[0], message->count > 1)) {
		bool full = errno == EAGAIN;
		link->wants_room = full && !link->is_bound;
		return full ? ERROR_BUSY : ERROR_UNREACHABLE;
	}
	give_frames(link->socket, message, 1);
	link->wants_room = false;
	message_release(message);
	return OK;
}

/* ---- waiting ---- */

/* One round of waiting. Fills `*zap` and `*work` with what has come. */
static void poll_once(struct wire *wire, struct link *const *links, size_t count, int fd, int64_t wait_ms, bool *zap,
                      bool *work) {
	zmq_pollitem_t items[WAIT_LINKS_MAX + 2];
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
	}
	int ready = zmq_poll(items, (int)used, wait_ms);
	*zap = ready > 0 && used > others && items[others].revents != 0;
	*work = ready < 0; /* a signal came: the caller looks what it says */
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
	bool zap = true;
	/* Another round only after ZAP requests, which are no work of the caller's. */
	while (zap && !work) {
		poll_once(wire, links, count, fd, until > now ? until - now : 0, &zap, &work);
		if (zap) {
			answer_zap(wire);
		}
		now = clock_milliseconds();
		zap = zap && now < until;
	}
	return work;
}

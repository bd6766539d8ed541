/* ROUTER and DEALER sockets; see link.h. */
#include "wire/link.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/entropy.h"
#include "wire/endpoint.h"
#include "wire/frame_zmq.h"
#include "wire/link_options.h"
#include "wire/link_state.h"

#define ATTEND_EVERY 256 /* receives between two looks at ZAP, so that a flood of messages cannot stop it */
#define DISCARDS_MAX 64  /* messages thrown away in one link_receive */

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

/* libzmq counts routing ids up from a number that it takes from rand(3), for which nobody has given a seed. A peer that
 * foresees the next one and chooses it for itself ends the process at the next connection (an assertion in
 * add_out_pipe; 4.3.4). */
static void make_routing_ids_unforeseeable(void) {
	unsigned seed = 0;
	entropy_fill((uint8_t *)&seed, sizeof seed);
	srand(seed);
}

enum error link_bind(struct wire *wire, const char *endpoint, const struct identity *identity, link_admits admits,
                     void *argument, const struct link_bounds *bounds, struct link **out, struct failure *failure) {
	assert(wire->bound == NULL);
	*out = NULL;
	enum error error = endpoint_check(endpoint, ENDPOINT_BIND, failure);
	if (error != OK) {
		return error;
	}
	make_routing_ids_unforeseeable();
	struct link *link = open_link(wire, ZMQ_ROUTER, failure);
	if (link == NULL) {
		return ERROR_SYSTEM;
	}
	error = watch_new(wire->context, link->socket, admits, argument, bounds, &link->watch, failure);
	if (error == OK) {
		/* The handler must stand before the first peer comes: libzmq asks it during the handshake. */
		error = wire_open_zap(wire, link, failure);
	}
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
	if (link->wire->bound == link) {
		wire_close_zap(link->wire);
	}
	watch_free(link->watch);
	(void)zmq_close(link->socket);
	free(link);
}

const char *link_endpoint(const struct link *link) {
	return link->endpoint;
}

/* ---- messages and frames ---- */

static void keep_frames(struct message *message, size_t count) {
	while (message->count > count) {
		message->count--;
		(void)zmq_msg_close(frame_zmq(&message->frames[message->count]));
	}
}

/* ---- receiving ---- */

static enum error receive_bound(struct link *link, struct message *message, uint8_t *peer_key) {
	link->receives++;
	if (link->receives % ATTEND_EVERY == 0) {
		wire_attend(link->wire);
	}
	for (size_t i = 0; i < DISCARDS_MAX; i++) {
		uint8_t key[TRANSPORT_KEY_SIZE] = { 0 };
		uint64_t bytes = 0;
		enum error error = wire_take(link->socket, message, &bytes);
		if (error == ERROR_NOT_FOUND) {
			watch_drained(link->watch);
			return error;
		}
		if (watch_message(link->watch, message, bytes, key)) {
			if (peer_key != NULL) {
				memcpy(peer_key, key, sizeof key);
			}
			keep_frames(message, error == OK ? message->count : 1);
			return error;
		}
	}
	message_release(message);
	return ERROR_NOT_FOUND;
}

enum error link_receive(struct link *link, struct message *message, uint8_t peer_key[TRANSPORT_KEY_SIZE]) {
	if (link->watch != NULL) {
		return receive_bound(link, message, peer_key);
	}
	enum error error = wire_take(link->socket, message, NULL);
	keep_frames(message, error == OK ? message->count : 0);
	return error;
}

/* ---- sending ---- */

/* What the frames behind the routing id will take on the wire. */
static uint64_t bytes_to_send(const struct message *message) {
	uint64_t bytes = 0;
	for (size_t i = 1; i < message->count; i++) {
		bytes += wire_bytes(message_frame(message, i).size);
	}
	return bytes;
}

enum error link_send(struct link *link, struct message *message) {
	assert(message->count > 0);
	uint8_t routing[LINK_ROUTING_MAX];
	struct slice receiver = message_frame(message, 0);
	receiver.size = receiver.size > sizeof routing ? 0 : receiver.size;
	if (receiver.size > 0) {
		receiver.data = memcpy(routing, receiver.data, receiver.size);
	}
	/* Only the first frame can be refused: libzmq takes the rest of what it began, and drops it with the peer. */
	if (!wire_give_frame(link->socket, &message->frames[0], message->count > 1)) {
		bool full = errno == EAGAIN;
		link->wants_room = full && link->watch == NULL;
		return full ? ERROR_BUSY : ERROR_UNREACHABLE;
	}
	if (link->watch != NULL) {
		watch_sent(link->watch, receiver, bytes_to_send(message));
	}
	wire_give(link->socket, message, 1);
	link->wants_room = false;
	message_release(message);
	return OK;
}

/* ---- the peers of a bound link ---- */

const struct link_counts *link_counts(const struct link *link) {
	return watch_counts(link->watch);
}

void link_tend(struct link *link, int64_t now) {
	watch_tend(link->watch, now);
}

bool link_gone(struct link *link, uint8_t routing[LINK_ROUTING_MAX], size_t *size) {
	*size = LINK_ROUTING_MAX;
	return watch_gone(link->watch, routing);
}

void link_kick(struct link *link, struct slice routing, const char *reason) {
	watch_kick(link->watch, routing, reason);
}

void link_kick_unadmitted(struct link *link) {
	watch_kick_unadmitted(link->watch);
}

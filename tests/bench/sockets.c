/* ZeroMQ sockets of the bench; see sockets.h. */
#include "tests/bench/sockets.h"

#include <zmq.h>

#include "tests/lib/stop.h"

void must_zmq(int result, const char *what) {
	if (result < 0) {
		stop("%s: %s", what, zmq_strerror(zmq_errno()));
	}
}

void socket_set_number(void *socket, int option, int number) {
	must_zmq(zmq_setsockopt(socket, option, &number, sizeof number), "option");
}

void socket_keys(struct identity *out) {
	struct failure failure;
	if (identity_make(out, &failure) != OK) {
		stop("keys: %s", failure.text);
	}
}

static void set_key(void *socket, int option, const uint8_t key[TRANSPORT_KEY_SIZE]) {
	must_zmq(zmq_setsockopt(socket, option, key, TRANSPORT_KEY_SIZE), "CURVE");
}

static void *open_socket(void *context, int type, const struct identity *own) {
	void *socket = zmq_socket(context, type);
	if (socket == NULL) {
		stop("a socket: %s", zmq_strerror(zmq_errno()));
	}
	socket_set_number(socket, ZMQ_SNDHWM, SOCKET_QUEUE);
	socket_set_number(socket, ZMQ_RCVHWM, SOCKET_QUEUE);
	socket_set_number(socket, ZMQ_LINGER, 0);
	if (own != NULL) {
		set_key(socket, ZMQ_CURVE_PUBLICKEY, own->public_key);
		set_key(socket, ZMQ_CURVE_SECRETKEY, own->secret_key);
	}
	return socket;
}

void *socket_bind(void *context, int type, const struct identity *own, char endpoint[SOCKET_ENDPOINT_MAX]) {
	void *socket = open_socket(context, type, own);
	size_t size = SOCKET_ENDPOINT_MAX;
	if (own != NULL) {
		socket_set_number(socket, ZMQ_CURVE_SERVER, 1);
	}
	must_zmq(zmq_bind(socket, "tcp://127.0.0.1:*"), "bind");
	must_zmq(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size), "endpoint");
	return socket;
}

void *socket_connect(void *context, const char *endpoint, const uint8_t *server_key, const struct identity *own) {
	void *socket = open_socket(context, ZMQ_DEALER, server_key == NULL ? NULL : own);
	socket_set_number(socket, ZMQ_RCVTIMEO, SOCKET_PATIENCE);
	if (server_key != NULL) {
		set_key(socket, ZMQ_CURVE_SERVERKEY, server_key);
	}
	must_zmq(zmq_connect(socket, endpoint), "connect");
	return socket;
}

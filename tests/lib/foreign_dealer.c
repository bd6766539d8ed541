/* Sockets of libzmq itself; see foreign_dealer.h. */
#include "tests/lib/foreign_dealer.h"

#include <errno.h>
#include <zmq.h>

#include "tests/lib/stop.h"

static void set_number(void *dealer, int option, int value) {
	if (zmq_setsockopt(dealer, option, &value, sizeof value) != 0) {
		stop("option %d of a socket", option);
	}
}

static void set_bytes(void *dealer, int option, const void *bytes, size_t size) {
	if (zmq_setsockopt(dealer, option, bytes, size) != 0) {
		stop("option %d of a socket", option);
	}
}

void *foreign_dealer(void *context, const struct foreign_target *target, const struct identity *identity,
                     const char *chosen_id) {
	void *dealer = zmq_socket(context, ZMQ_DEALER);
	if (dealer == NULL) {
		stop("a socket");
	}
	set_number(dealer, ZMQ_LINGER, 0);
	set_number(dealer, ZMQ_IMMEDIATE, 1);
	if (chosen_id != NULL) {
		set_bytes(dealer, ZMQ_ROUTING_ID, chosen_id, strlen(chosen_id));
	}
	if (identity != NULL) {
		set_bytes(dealer, ZMQ_CURVE_SERVERKEY, target->server_key, TRANSPORT_KEY_SIZE);
		set_bytes(dealer, ZMQ_CURVE_PUBLICKEY, identity->public_key, TRANSPORT_KEY_SIZE);
		set_bytes(dealer, ZMQ_CURVE_SECRETKEY, identity->secret_key, TRANSPORT_KEY_SIZE);
	}
	if (zmq_connect(dealer, target->endpoint) != 0) {
		stop("connecting to %s", target->endpoint);
	}
	return dealer;
}

bool foreign_sends(void *dealer, struct slice frame, bool more) {
	if (zmq_send(dealer, frame.data, frame.size, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)) >= 0) {
		return true;
	}
	if (errno != EAGAIN && errno != EINTR) {
		stop("sending a frame");
	}
	return false;
}

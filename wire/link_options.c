/* Options of ZeroMQ sockets; see link_options.h. Times are milliseconds unless the name says seconds. */
#include "wire/link_options.h"

#include <errno.h>
#include <zmq.h>

#include "wire/endpoint.h"
#include "wire/zap.h"

/* libzmq 4.3.4 has this option always, but its header shows it only to users of the draft API. */
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

#define LINK_SEND_QUEUE 8192        /* whole messages per peer: twice the largest window of a worker */
#define LINK_RECEIVE_QUEUE 1000     /* whole messages of a server; the rest waits in TCP */
#define LINK_LINGER 200             /* how long closing waits for what is not sent yet */
#define LINK_HANDSHAKE 3000         /* a peer that has not authenticated by then is cut off */
#define LINK_CONNECT_TIMEOUT 3000   /* a TCP connection that does not come about */
#define LINK_RECONNECT 50           /* the first wait before connecting again … */
#define LINK_RECONNECT_MAX 1000     /* … which doubles up to this */
#define LINK_HEARTBEAT 5000         /* ZMTP pings, below Majordomo's heartbeats: they find half-open connections */
#define LINK_HEARTBEAT_TIMEOUT 15000
#define LINK_KEEPALIVE_IDLE_SECONDS 30 /* the same by TCP: after so long without a word it is probed … */
#define LINK_KEEPALIVE_SECONDS 5       /* … in such intervals … */
#define LINK_KEEPALIVE_PROBES 3        /* … and cut off after so many without an answer */
#define LINK_UNTAKEN 30000          /* what is sent and not taken for so long ends the connection */
#define LINK_BACKLOG 1024           /* connections that wait to be accepted */

struct option_value {
	int name;
	int value;
};

static const struct option_value common[] = {
	{ ZMQ_SNDHWM, LINK_SEND_QUEUE },
	{ ZMQ_LINGER, LINK_LINGER },
	{ ZMQ_HANDSHAKE_IVL, LINK_HANDSHAKE },
	{ ZMQ_TCP_KEEPALIVE, 1 },
	{ ZMQ_TCP_KEEPALIVE_IDLE, LINK_KEEPALIVE_IDLE_SECONDS },
	{ ZMQ_TCP_KEEPALIVE_INTVL, LINK_KEEPALIVE_SECONDS },
	{ ZMQ_TCP_KEEPALIVE_CNT, LINK_KEEPALIVE_PROBES },
	{ ZMQ_TCP_MAXRT, LINK_UNTAKEN },
};

/* Without ZMTP pings: libzmq 4.3.4 stops a timer by walking through all timers of its thread, so those of 10,000
 * connections would keep a processor busy. The kernel's timers find ends that are half open as well. */
static const struct option_value bound[] = {
	/* No bound in messages: a connection that ends while its queue is full stays, and a ping to it or from it then ends
	 * the process (assertion !_io_error; libzmq 4.3.4 and later). struct link_bounds has bounds in bytes instead. */
	{ ZMQ_RCVHWM, 0 },
	{ ZMQ_ROUTER_MANDATORY, 1 },
	{ ZMQ_ROUTER_HANDOVER, 0 },
	{ ZMQ_BACKLOG, LINK_BACKLOG },
	{ ZMQ_CURVE_SERVER, 1 },
	{ ZMQ_ZAP_ENFORCE_DOMAIN, 1 },
};

/* Without ZMQ_IMMEDIATE: libzmq 4.3.4 looks for broken connections after every hundredth frame received, and with that
 * option ends the program if this is in the middle of a message (issues 2163 and 3663; tests/unit/wire_broken.c).
 * Without ZMQ_HEARTBEAT_TTL, which would start a timer at the bound end with every ping. */
static const struct option_value connected[] = {
	{ ZMQ_RCVHWM, LINK_RECEIVE_QUEUE },
	{ ZMQ_HEARTBEAT_IVL, LINK_HEARTBEAT },
	{ ZMQ_HEARTBEAT_TIMEOUT, LINK_HEARTBEAT_TIMEOUT },
	{ ZMQ_CONNECT_TIMEOUT, LINK_CONNECT_TIMEOUT },
	{ ZMQ_RECONNECT_IVL, LINK_RECONNECT },
	{ ZMQ_RECONNECT_IVL_MAX, LINK_RECONNECT_MAX },
};

static bool set_numbers(void *socket, const struct option_value *options, size_t count) {
	for (size_t i = 0; i < count; i++) {
		if (zmq_setsockopt(socket, options[i].name, &options[i].value, sizeof options[i].value) != 0) {
			return false;
		}
	}
	return true;
}

static bool set_key(void *socket, int name, const uint8_t key[TRANSPORT_KEY_SIZE]) {
	return zmq_setsockopt(socket, name, key, TRANSPORT_KEY_SIZE) == 0;
}

static bool set_common(void *socket, const char *endpoint, const struct identity *identity) {
	const int64_t frame_max = LINK_FRAME_MAX + LINK_CURVE_OVERHEAD;
	const int ipv6 = endpoint_is_ipv6(endpoint);
	return set_numbers(socket, common, sizeof common / sizeof common[0]) &&
	       zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &frame_max, sizeof frame_max) == 0 &&
	       zmq_setsockopt(socket, ZMQ_IPV6, &ipv6, sizeof ipv6) == 0 &&
	       set_key(socket, ZMQ_CURVE_PUBLICKEY, identity->public_key) &&
	       set_key(socket, ZMQ_CURVE_SECRETKEY, identity->secret_key);
}

static enum error refused(const char *endpoint, struct failure *failure) {
	return fail(failure, ERROR_SYSTEM, "libzmq refuses the options of %s: %s", endpoint, zmq_strerror(errno));
}

enum error link_options_for_bound(void *socket, const char *endpoint, const struct identity *identity,
                                  struct failure *failure) {
	bool set = set_common(socket, endpoint, identity) &&
	           set_numbers(socket, bound, sizeof bound / sizeof bound[0]) &&
	           zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, ZAP_DOMAIN, strlen(ZAP_DOMAIN)) == 0;
	return set ? OK : refused(endpoint, failure);
}

enum error link_options_for_connected(void *socket, const char *endpoint,
                                      const uint8_t server_key[TRANSPORT_KEY_SIZE],
                                      const struct identity *identity, struct failure *failure) {
	bool set = set_common(socket, endpoint, identity) &&
	           set_numbers(socket, connected, sizeof connected / sizeof connected[0]) &&
	           set_key(socket, ZMQ_CURVE_SERVERKEY, server_key);
	return set ? OK : refused(endpoint, failure);
}

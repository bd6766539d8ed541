/* Bare ZeroMQ: the way of a request and its reply through a broker, with libzmq's own proxy in the broker's place.
 *
 *     client DEALER ──CURVE──► ROUTER  zmq_proxy  DEALER ◄──CURVE── DEALER worker
 *
 * Each of the three has a context and thread of its own, as three processes would. One frame per message: what an
 * envelope costs is Majordomo's business, not ZeroMQ's. */
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <zmq.h>

#include "base/clock.h"
#include "tests/bench/measure.h"
#include "tests/lib/stop.h"

#define KEY_TEXT 41
#define ENDPOINT_SIZE 64
#define PIPELINE 512
#define ALONE_MAX 4000 /* requests sent one at a time */
#define MESSAGE_MAX 65536
#define QUEUE 8192       /* messages per peer; a ROUTER drops what is more, and counts those taken half a queue late */
#define PATIENCE 10000   /* milliseconds for one message */

struct keys {
	char public_key[KEY_TEXT], secret_key[KEY_TEXT];
};

struct road {
	struct keys broker, peer;
	void *context;      /* the broker's */
	void *front, *back; /* its sockets: to clients, to workers */
	char front_endpoint[ENDPOINT_SIZE], back_endpoint[ENDPOINT_SIZE];
	size_t request_size, reply_size;
	pthread_t proxy, worker;
};

static void must(int result, const char *what) {
	if (result < 0) {
		stop("%s: %s", what, zmq_strerror(zmq_errno()));
	}
}

static void set_number(void *socket, int option, int number) {
	must(zmq_setsockopt(socket, option, &number, sizeof number), "option");
}

static void set_queues(void *socket) {
	set_number(socket, ZMQ_SNDHWM, QUEUE);
	set_number(socket, ZMQ_RCVHWM, QUEUE);
	set_number(socket, ZMQ_LINGER, 0);
}

static void set_key(void *socket, int option, const char *key) {
	must(zmq_setsockopt(socket, option, key, strlen(key) + 1), "CURVE");
}

static void *bind_socket(struct road *road, int type, char endpoint[ENDPOINT_SIZE]) {
	void *socket = zmq_socket(road->context, type);
	size_t size = ENDPOINT_SIZE;
	set_queues(socket);
	set_number(socket, ZMQ_CURVE_SERVER, 1);
	set_key(socket, ZMQ_CURVE_PUBLICKEY, road->broker.public_key);
	set_key(socket, ZMQ_CURVE_SECRETKEY, road->broker.secret_key);
	must(zmq_bind(socket, "tcp://127.0.0.1:*"), "bind");
	must(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size), "endpoint");
	return socket;
}

static void *connect_socket(const struct road *road, void *context, const char *endpoint) {
	void *socket = zmq_socket(context, ZMQ_DEALER);
	set_queues(socket);
	set_number(socket, ZMQ_RCVTIMEO, PATIENCE);
	set_key(socket, ZMQ_CURVE_SERVERKEY, road->broker.public_key);
	set_key(socket, ZMQ_CURVE_PUBLICKEY, road->peer.public_key);
	set_key(socket, ZMQ_CURVE_SECRETKEY, road->peer.secret_key);
	must(zmq_connect(socket, endpoint), "connect");
	return socket;
}

static void *run_proxy(void *argument) {
	struct road *road = argument;
	(void)zmq_proxy(road->front, road->back, NULL); /* until the context is shut down */
	(void)zmq_close(road->front);
	(void)zmq_close(road->back);
	return NULL;
}

/* Answers each request under the address in front of it, until an empty one comes. */
static void *run_worker(void *argument) {
	const struct road *road = argument;
	static const uint8_t reply[MESSAGE_MAX];
	void *context = zmq_ctx_new();
	void *socket = connect_socket(road, context, road->back_endpoint);
	bool more = true;
	while (more) {
		zmq_msg_t address, body;
		(void)zmq_msg_init(&address);
		(void)zmq_msg_init(&body);
		must(zmq_msg_recv(&address, socket, 0), "worker");
		must(zmq_msg_recv(&body, socket, 0), "worker");
		more = zmq_msg_size(&body) > 0;
		if (more) {
			must(zmq_msg_send(&address, socket, ZMQ_SNDMORE), "worker");
			must(zmq_send(socket, reply, road->reply_size, 0), "worker");
		}
		(void)zmq_msg_close(&address);
		(void)zmq_msg_close(&body);
	}
	(void)zmq_close(socket);
	(void)zmq_ctx_term(context);
	return NULL;
}

static void send_request(void *socket, const struct road *road) {
	static const uint8_t request[MESSAGE_MAX];
	must(zmq_send(socket, request, road->request_size, 0), "client");
}

static void take_reply(void *socket) {
	zmq_msg_t reply;
	(void)zmq_msg_init(&reply);
	must(zmq_msg_recv(&reply, socket, 0), "client");
	(void)zmq_msg_close(&reply);
}

static int64_t measure_alone(void *socket, const struct road *road, double seconds) {
	static int64_t samples[ALONE_MAX];
	size_t count = 0;
	int64_t until = clock_nanoseconds() + (int64_t)(seconds * 1e9);
	while (count < ALONE_MAX && clock_nanoseconds() < until) {
		int64_t begin = clock_nanoseconds();
		send_request(socket, road);
		take_reply(socket);
		samples[count++] = clock_nanoseconds() - begin;
	}
	return percentile(samples, count, 0.5);
}

/* Round trips per second with PIPELINE requests under way. */
static double measure_pipelined(void *socket, const struct road *road, double seconds) {
	uint64_t done = 0;
	int64_t begin = clock_nanoseconds();
	int64_t until = begin + (int64_t)(seconds * 1e9);
	for (int i = 0; i < PIPELINE; i++) {
		send_request(socket, road);
	}
	while (clock_nanoseconds() < until) {
		take_reply(socket);
		send_request(socket, road);
		done++;
	}
	double rate = (double)done * 1e9 / (double)(clock_nanoseconds() - begin);
	for (int i = 0; i < PIPELINE; i++) {
		take_reply(socket);
	}
	return rate;
}

static void open_road(struct road *road) {
	must(zmq_curve_keypair(road->broker.public_key, road->broker.secret_key), "keys");
	must(zmq_curve_keypair(road->peer.public_key, road->peer.secret_key), "keys");
	road->context = zmq_ctx_new();
	must(zmq_ctx_set(road->context, ZMQ_IO_THREADS, 2), "threads"); /* as troth-broker has */
	road->front = bind_socket(road, ZMQ_ROUTER, road->front_endpoint);
	road->back = bind_socket(road, ZMQ_DEALER, road->back_endpoint);
	if (pthread_create(&road->proxy, NULL, run_proxy, road) != 0 ||
	    pthread_create(&road->worker, NULL, run_worker, road) != 0) {
		stop("no thread");
	}
}

/* Ends the worker by an empty request, then the proxy by shutting its context. */
static void close_road(struct road *road, void *client) {
	must(zmq_send(client, "", 0, 0), "client");
	(void)pthread_join(road->worker, NULL);
	(void)zmq_ctx_shutdown(road->context);
	(void)pthread_join(road->proxy, NULL);
	(void)zmq_ctx_term(road->context);
}

void hops_measure(size_t request_size, size_t reply_size, double seconds, struct hops_result *out) {
	struct road road = { .request_size = request_size, .reply_size = reply_size };
	if (request_size > MESSAGE_MAX || reply_size > MESSAGE_MAX) {
		stop("messages of %zu and %zu bytes", request_size, reply_size);
	}
	open_road(&road);
	void *context = zmq_ctx_new();
	void *client = connect_socket(&road, context, road.front_endpoint);
	send_request(client, &road); /* the handshakes are not what is measured */
	take_reply(client);
	out->four_hops_ns = measure_alone(client, &road, seconds / 2);
	out->per_second = 4 * measure_pipelined(client, &road, seconds);
	close_road(&road, client);
	(void)zmq_close(client);
	(void)zmq_ctx_term(context);
}

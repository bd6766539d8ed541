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
#include "tests/bench/sockets.h"
#include "tests/lib/stop.h"

#define PIPELINE 512
#define ALONE_MAX 4000 /* requests sent one at a time */
#define MESSAGE_MAX 65536

struct road {
	struct identity broker, peer;
	void *context;      /* the broker's */
	void *front, *back; /* its sockets: to clients, to workers */
	char front_endpoint[SOCKET_ENDPOINT_MAX], back_endpoint[SOCKET_ENDPOINT_MAX];
	size_t request_size, reply_size;
	pthread_t proxy, worker;
};

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
	void *socket = socket_connect(context, road->back_endpoint, road->broker.public_key, &road->peer);
	bool more = true;
	while (more) {
		zmq_msg_t address, body;
		(void)zmq_msg_init(&address);
		(void)zmq_msg_init(&body);
		must_zmq(zmq_msg_recv(&address, socket, 0), "worker");
		must_zmq(zmq_msg_recv(&body, socket, 0), "worker");
		more = zmq_msg_size(&body) > 0;
		if (more) {
			must_zmq(zmq_msg_send(&address, socket, ZMQ_SNDMORE), "worker");
			must_zmq(zmq_send(socket, reply, road->reply_size, 0), "worker");
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
	must_zmq(zmq_send(socket, request, road->request_size, 0), "client");
}

static void take_reply(void *socket) {
	zmq_msg_t reply;
	(void)zmq_msg_init(&reply);
	must_zmq(zmq_msg_recv(&reply, socket, 0), "client");
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
	socket_keys(&road->broker);
	socket_keys(&road->peer);
	road->context = zmq_ctx_new();
	must_zmq(zmq_ctx_set(road->context, ZMQ_IO_THREADS, 2), "threads"); /* as troth-broker has */
	road->front = socket_bind(road->context, ZMQ_ROUTER, &road->broker, road->front_endpoint);
	road->back = socket_bind(road->context, ZMQ_DEALER, &road->broker, road->back_endpoint);
	if (pthread_create(&road->proxy, NULL, run_proxy, road) != 0 ||
	    pthread_create(&road->worker, NULL, run_worker, road) != 0) {
		stop("no thread");
	}
}

/* Ends the worker by an empty request, then the proxy by shutting its context. */
static void close_road(struct road *road, void *client) {
	must_zmq(zmq_send(client, "", 0, 0), "client");
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
	void *client = socket_connect(context, road.front_endpoint, road.broker.public_key, &road.peer);
	send_request(client, &road); /* the handshakes are not what is measured */
	take_reply(client);
	out->four_hops_ns = measure_alone(client, &road, seconds / 2);
	out->per_second = 4 * measure_pipelined(client, &road, seconds);
	close_road(&road, client);
	(void)zmq_close(client);
	(void)zmq_ctx_term(context);
}

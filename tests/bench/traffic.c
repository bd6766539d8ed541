/* Clients and workers of the bench; see traffic.h. */
#include "tests/bench/traffic.h"

#include <pthread.h>
#include <zmq.h>

#include "base/clock.h"
#include "tests/bench/broker_process.h"
#include "tests/bench/measure.h"
#include "tests/lib/stop.h"
#include "wire/header.h"
#include "wire/mdp.h"

#define ID_SIZE 24         /* as wire/client.h makes them */
#define ALONE_MAX 20000    /* round trips, one at a time */
#define FRAMES_OF_CLIENT 5 /* both ways */
#define FRAMES_OF_WORKER 6
#define WARM_UP 50         /* round trips before anything is timed */
#define WORKER_WINDOW "4096"

/* ---- the client ---- */

static void send_part(void *socket, const void *data, size_t size, bool more) {
	must_zmq(zmq_send(socket, data, size, more ? ZMQ_SNDMORE : 0), "a request");
}

void traffic_ask(void *socket, const char *service, const char *in_front, uint64_t number) {
	static const uint8_t command = 0x01;
	uint8_t id[ID_SIZE] = { 0 }, frame[HEADER_MAX], body[TRAFFIC_BODY] = { 0 };
	memcpy(id, &number, sizeof number);
	memcpy(body, &number, sizeof number); /* the durable queue takes equal ones for the same */
	struct header header = { .trace_id = { 1 }, .span_id = { 1 }, .id = slice_of(id, sizeof id) };
	size_t size = header_write(&header, frame);
	send_part(socket, MDP_CLIENT, strlen(MDP_CLIENT), true);
	send_part(socket, &command, 1, true);
	send_part(socket, service, strlen(service), true);
	send_part(socket, frame, size, true);
	if (in_front[0] != '\0') {
		send_part(socket, in_front, strlen(in_front), true);
	}
	send_part(socket, body, sizeof body, false);
}

void traffic_hear(void *socket, size_t frames, size_t at, size_t size) {
	bool more = true, fits = false;
	size_t count = 0;
	while (more) {
		zmq_msg_t frame;
		(void)zmq_msg_init(&frame);
		must_zmq(zmq_msg_recv(&frame, socket, 0), "an answer");
		fits = fits || (count == at && zmq_msg_size(&frame) == size);
		more = zmq_msg_more(&frame);
		count++;
		(void)zmq_msg_close(&frame);
	}
	if (count != frames || !fits) {
		stop("an answer of %zu frames is not what was asked for", count);
	}
}

static void take_reply(void *socket) {
	traffic_hear(socket, FRAMES_OF_CLIENT, FRAMES_OF_CLIENT - 1, TRAFFIC_BODY);
}

static void ask(void *socket, uint64_t *number) {
	*number += 1;
	traffic_ask(socket, BENCH_SERVICE, "", *number);
}

static double measure_alone(void *socket, uint64_t *number, double seconds) {
	static int64_t samples[ALONE_MAX];
	size_t count = 0;
	int64_t until = clock_nanoseconds() + (int64_t)(seconds * 1e9);
	while (count < ALONE_MAX && clock_nanoseconds() < until) {
		int64_t begin = clock_nanoseconds();
		ask(socket, number);
		take_reply(socket);
		samples[count++] = clock_nanoseconds() - begin;
	}
	return 1e9 / (double)percentile(samples, count, 0.5);
}

static double measure_pipelined(void *socket, uint64_t *number, size_t window, double seconds) {
	uint64_t done = 0;
	for (size_t i = 0; i < window; i++) {
		ask(socket, number);
	}
	int64_t begin = clock_nanoseconds();
	int64_t until = begin + (int64_t)(seconds * 1e9);
	while (clock_nanoseconds() < until) {
		take_reply(socket);
		ask(socket, number);
		done++;
	}
	double rate = (double)done * 1e9 / (double)(clock_nanoseconds() - begin);
	for (size_t i = 0; i < window; i++) {
		take_reply(socket);
	}
	return rate;
}

/* ---- the worker ---- */

static void say_ready(void *socket) {
	static const uint8_t command = 0x01;
	send_part(socket, MDP_WORKER, strlen(MDP_WORKER), true);
	send_part(socket, &command, 1, true);
	send_part(socket, BENCH_SERVICE, strlen(BENCH_SERVICE), true);
	send_part(socket, WORKER_WINDOW, strlen(WORKER_WINDOW), false);
}

/* Takes a message of at most FRAMES_OF_WORKER frames. */
static size_t take_frames(void *socket, zmq_msg_t frames[FRAMES_OF_WORKER]) {
	size_t count = 0;
	bool more = true;
	while (more) {
		if (count == FRAMES_OF_WORKER) {
			stop("a worker got too many frames");
		}
		(void)zmq_msg_init(&frames[count]);
		must_zmq(zmq_msg_recv(&frames[count], socket, 0), "a worker");
		more = zmq_msg_more(&frames[count]);
		count++;
	}
	return count;
}

/* Sends each request back with another command, until an empty body comes from a client that stops. A heartbeat of
 * the broker needs no answer: it only sends them while there is nothing to do. */
static void *run_worker(void *argument) {
	const struct traffic_ends *ends = argument;
	void *context = zmq_ctx_new();
	void *socket = socket_connect(context, ends->back, ends->server_key, ends->worker);
	size_t command_at = ends->is_broker ? 1 : 2;
	uint8_t answer = ends->is_broker ? 0x04 : 0x03;
	bool more = true;
	if (ends->is_broker) {
		say_ready(socket);
	}
	while (more) {
		zmq_msg_t frames[FRAMES_OF_WORKER];
		size_t count = take_frames(socket, frames);
		if (count == FRAMES_OF_WORKER) {
			memcpy(zmq_msg_data(&frames[command_at]), &answer, 1);
			more = zmq_msg_size(&frames[count - 1]) > 0;
		}
		for (size_t i = 0; i < count; i++) {
			if (count == FRAMES_OF_WORKER) {
				must_zmq(zmq_msg_send(&frames[i], socket, i + 1 < count ? ZMQ_SNDMORE : 0), "a worker");
			}
			(void)zmq_msg_close(&frames[i]);
		}
	}
	/* Answers until the last one is out: without lingering, closing would drop it. */
	socket_set_number(socket, ZMQ_LINGER, SOCKET_PATIENCE);
	(void)zmq_close(socket);
	(void)zmq_ctx_term(context);
	return NULL;
}

/* The worker ends by the empty body; its answer comes like any other. */
static void stop_worker(void *socket, uint64_t number) {
	static const uint8_t command = 0x01;
	uint8_t id[8];
	memcpy(id, &number, sizeof number);
	send_part(socket, MDP_CLIENT, strlen(MDP_CLIENT), true);
	send_part(socket, &command, 1, true);
	send_part(socket, BENCH_SERVICE, strlen(BENCH_SERVICE), true);
	send_part(socket, id, sizeof id, true);
	send_part(socket, "", 0, false);
	traffic_hear(socket, FRAMES_OF_CLIENT, FRAMES_OF_CLIENT - 1, 0);
}

/* ---- both ---- */

void traffic_run(const struct traffic_ends *ends, size_t window, double seconds, struct traffic_result *out) {
	pthread_t worker;
	uint64_t number = 0;
	struct traffic_ends copy = *ends;
	if (pthread_create(&worker, NULL, run_worker, &copy) != 0) {
		stop("no thread");
	}
	void *context = zmq_ctx_new();
	void *socket = socket_connect(context, ends->front, ends->server_key, ends->client);
	for (int i = 0; i < WARM_UP; i++) { /* the handshakes are not what is measured */
		ask(socket, &number);
		take_reply(socket);
	}
	out->per_second = window == 1 ? measure_alone(socket, &number, seconds)
	                              : measure_pipelined(socket, &number, window, seconds);
	stop_worker(socket, number + 1);
	out->count = (double)number;
	(void)pthread_join(worker, NULL);
	(void)zmq_close(socket);
	(void)zmq_ctx_term(context);
}

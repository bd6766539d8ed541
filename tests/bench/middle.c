/* Brokers and proxies under measurement; see middle.h. */
#include "tests/bench/middle.h"

#include <zmq.h>

#include "tests/bench/broker_process.h"
#include "tests/bench/child.h"
#include "tests/bench/measure.h"
#include "tests/lib/stop.h"

#define IO_THREADS 2 /* as troth-broker has */

/* One client may ask as often as it can; that it is counted stays. */
#define SETTINGS "rate-max = 1000000\n"

/* The proxy's process: says both endpoints and serves until it is killed. `argument`: its keys, or NULL. */
static void proxy_loop(void *argument, int saying) {
	const struct identity *own = argument;
	char front_endpoint[SOCKET_ENDPOINT_MAX] = "", back_endpoint[SOCKET_ENDPOINT_MAX] = "";
	void *context = zmq_ctx_new();
	must_zmq(zmq_ctx_set(context, ZMQ_IO_THREADS, IO_THREADS), "threads");
	void *front = socket_bind(context, ZMQ_ROUTER, own, front_endpoint);
	void *back = socket_bind(context, ZMQ_DEALER, own, back_endpoint);
	child_say(saying, front_endpoint, sizeof front_endpoint);
	child_say(saying, back_endpoint, sizeof back_endpoint);
	(void)zmq_proxy(front, back, NULL);
}

static void run_proxy(bool curve, size_t window, double seconds, struct traffic_result *out) {
	struct identity server, peer;
	struct child child;
	socket_keys(&server);
	socket_keys(&peer);
	struct traffic_ends ends = { .client = &peer, .worker = &peer, .server_key = curve ? server.public_key : NULL };
	child_start(&child, proxy_loop, curve ? &server : NULL);
	child_hear(&child, ends.front, sizeof ends.front);
	child_hear(&child, ends.back, sizeof ends.back);
	traffic_run(&ends, window, seconds, out);
	child_end(&child);
}

static void run_core(size_t window, double seconds, struct traffic_result *out) {
	struct traffic_ends ends = { .is_broker = true };
	struct child child;
	child_start(&child, core_loop, NULL);
	child_hear(&child, ends.front, sizeof ends.front);
	memcpy(ends.back, ends.front, sizeof ends.back);
	traffic_run(&ends, window, seconds, out);
	child_end(&child);
}

static void run_broker(size_t window, double seconds, struct traffic_result *out) {
	struct broker_process broker;
	struct identity peer;
	socket_keys(&peer);
	broker_start(&broker, SETTINGS);
	struct traffic_ends ends = { .is_broker = true, .client = &peer, .worker = &broker.worker,
		                         .server_key = broker.identity.public_key };
	memcpy(ends.front, broker.endpoint, sizeof ends.front);
	memcpy(ends.back, broker.endpoint, sizeof ends.back);
	traffic_run(&ends, window, seconds, out);
	broker_stop(&broker);
}

void middle_run(enum middle middle, size_t window, double seconds, struct middle_result *out) {
	double before = processor_time_children();
	switch (middle) {
	case MIDDLE_PROXY:
	case MIDDLE_PROXY_CURVE:
		run_proxy(middle == MIDDLE_PROXY_CURVE, window, seconds, &out->traffic);
		break;
	case MIDDLE_CORE:
		run_core(window, seconds, &out->traffic);
		break;
	case MIDDLE_BROKER:
		run_broker(window, seconds, &out->traffic);
		break;
	}
	out->processor_ns = (processor_time_children() - before) / out->traffic.count;
}

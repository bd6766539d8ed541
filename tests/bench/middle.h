/* What stands between client and worker, in a process of its own with two I/O threads: broker, or libzmq's proxy. */
#ifndef TROTH_TESTS_BENCH_MIDDLE_H
#define TROTH_TESTS_BENCH_MIDDLE_H

#include "tests/bench/traffic.h"

enum middle {
	MIDDLE_PROXY,       /* zmq_proxy between ROUTER and DEALER */
	MIDDLE_PROXY_CURVE,
	MIDDLE_CORE,        /* the broker's core over a bare ROUTER: troth-broker itself has no mode without CURVE */
	MIDDLE_BROKER,      /* troth-broker */
};

struct middle_result {
	struct traffic_result traffic;
	double processor_ns; /* of its process, per request */
};

/* Starts it, runs traffic through it, ends it. */
void middle_run(enum middle middle, size_t window, double seconds, struct middle_result *out);

/* The core's process: serves on a socket of its own, and says its endpoint (core_loop.c). */
void core_loop(void *ignored, int saying);

#endif

/* Memory of troth-broker with many connected clients that do nothing: each has its own key, and has asked once.
 *
 * The clients are sockets in some processes, since each takes two descriptors there. They connect in waves, so that
 * every handshake is done within the broker's time for it. */
#include <sys/resource.h>
#include <unistd.h>
#include <zmq.h>

#include "base/clock.h"
#include "tests/bench/broker_process.h"
#include "tests/bench/child.h"
#include "tests/bench/parts.h"
#include "tests/bench/traffic.h"
#include "tests/lib/stop.h"

#define CROWDS 4
#define CROWD_MAX 15000    /* clients of one process */
#define WAVE 50            /* that one process connects at once */
#define SPARE_DESCRIPTORS 256
#define MEBIBYTE 1048576.0
#define AIM_MEBIBYTES 200  /* design section 11 */
#define REST_NS 3000000000 /* while the broker's ticks and pings go on */
#define ANSWER_FRAMES 5    /* MDPC02 | 03 | mmi.service | header | 404 */
#define DIRECTORY "mmi.service"

struct crowd {
	const struct broker_process *broker;
	size_t clients;
};

static void raise_limit(size_t wanted) {
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max < wanted) {
		stop("this needs %zu descriptors: raise the limit (ulimit -Hn) or take fewer --clients", wanted);
	}
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
		stop("cannot raise the limit of descriptors");
	}
}

/* A process of clients: says when all are connected, and then does nothing until it is killed. */
static void run_crowd(void *argument, int saying) {
	static void *sockets[CROWD_MAX];
	const struct crowd *crowd = argument;
	void *context = zmq_ctx_new();
	must_zmq(zmq_ctx_set(context, ZMQ_MAX_SOCKETS, CROWD_MAX + SPARE_DESCRIPTORS), "sockets");
	for (size_t first = 0; first < crowd->clients; first += WAVE) {
		size_t end = first + WAVE < crowd->clients ? first + WAVE : crowd->clients;
		for (size_t i = first; i < end; i++) {
			struct identity own;
			socket_keys(&own);
			sockets[i] = socket_connect(context, crowd->broker->endpoint, crowd->broker->identity.public_key, &own);
			traffic_ask(sockets[i], DIRECTORY, "", i);
		}
		for (size_t i = first; i < end; i++) {
			traffic_hear(sockets[i], ANSWER_FRAMES, ANSWER_FRAMES - 1, strlen("404"));
		}
	}
	child_say(saying, "", 1);
	for (;;) {
		(void)pause();
	}
}

static double connect_all(const struct broker_process *broker, size_t clients, struct child children[CROWDS]) {
	int64_t begin = clock_nanoseconds();
	for (size_t i = 0; i < CROWDS; i++) {
		struct crowd crowd = { .broker = broker, .clients = (clients + i) / CROWDS };
		child_start(&children[i], run_crowd, &crowd);
	}
	for (size_t i = 0; i < CROWDS; i++) {
		char ready = 0;
		child_hear(&children[i], &ready, 1);
	}
	return (double)(clock_nanoseconds() - begin) / 1e9;
}

void part_clients(const struct extent *extent, struct report *out) {
	struct broker_process broker;
	struct child children[CROWDS];
	size_t clients = (size_t)extent->clients;
	char settings[64];
	raise_limit(SPARE_DESCRIPTORS + (clients > 2 * clients / CROWDS ? clients : 2 * clients / CROWDS));
	(void)snprintf(settings, sizeof settings, "connections-max = %zu\n", clients + SPARE_DESCRIPTORS);
	broker_start(&broker, settings);
	double before = broker_memory(&broker);
	double seconds = connect_all(&broker, clients, children);
	double connected = broker_memory(&broker);
	int64_t until = clock_nanoseconds() + REST_NS;
	while (clock_nanoseconds() < until) {
		(void)process_wait(broker.process, (until - clock_nanoseconds()) / 1000000 + 1);
	}
	double counted = broker_metric(&broker, "troth_broker_connections");
	if (counted < (double)clients) {
		stop("only %.0f of %zu clients stayed connected", counted, clients);
	}
	double idle = broker_memory(&broker) / MEBIBYTE;
	const struct result results[] = {
		{ "clients", "clients connected to troth-broker", "", (double)clients, NULL, 0, AIM_NONE, 0 },
		{ "clients_seconds", "until each had connected and asked once", "s", seconds, NULL, 0, AIM_NONE, 0 },
		{ "clients_before_mib", "its memory before", "MiB", before / MEBIBYTE, NULL, 0, AIM_NONE, 0 },
		{ "clients_asked_mib", "its memory when all had asked", "MiB", connected / MEBIBYTE, NULL, 0, AIM_NONE, 0 },
		{ "clients_idle_mib", "its memory while they do nothing", "MiB", idle, "200 MiB", idle / AIM_MEBIBYTES,
		  AIM_BELOW, 1 },
	};
	report_add(out, results, sizeof results / sizeof results[0]);
	for (size_t i = 0; i < CROWDS; i++) {
		child_end(&children[i]);
	}
	broker_stop(&broker);
}

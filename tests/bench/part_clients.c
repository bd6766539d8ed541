/* Memory of troth-broker with many connected clients that do nothing: each has its own key, and has asked once. Beside
 * it stands what libzmq itself takes for such a client: that of a bare ROUTER which authenticates nobody.
 *
 * The clients are sockets in some processes, since each takes two descriptors there. They connect in waves, so that
 * every handshake is done within the broker's time for it. */
#include <sys/resource.h>
#include <unistd.h>
#include <zmq.h>

#include "base/clock.h"
#include "tests/bench/broker_process.h"
#include "tests/bench/child.h"
#include "tests/bench/measure.h"
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
#define BARE_SHARE 5       /* the bare ROUTER gets one of so many clients */
#define IO_THREADS 2
#define ANSWER_FRAMES 5    /* MDPC02 | 03 | mmi.service | header | 404 */
#define DIRECTORY "mmi.service"
#define NOT_FOUND "404"

struct crowd {
	const char *endpoint;
	const uint8_t *server_key;
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
			sockets[i] = socket_connect(context, crowd->endpoint, crowd->server_key, &own);
			traffic_ask(sockets[i], DIRECTORY, "", i);
		}
		for (size_t i = first; i < end; i++) {
			traffic_hear(sockets[i], ANSWER_FRAMES, ANSWER_FRAMES - 1, strlen(NOT_FOUND));
		}
	}
	child_say(saying, "", 1);
	for (;;) {
		(void)pause();
	}
}

/* Connects all; returns the seconds that it took. */
static double connect_all(const struct crowd *all, struct child children[CROWDS]) {
	int64_t begin = clock_nanoseconds();
	for (size_t i = 0; i < CROWDS; i++) {
		struct crowd crowd = *all;
		crowd.clients = (all->clients + i) / CROWDS;
		child_start(&children[i], run_crowd, &crowd);
	}
	for (size_t i = 0; i < CROWDS; i++) {
		char ready = 0;
		child_hear(&children[i], &ready, 1);
	}
	return (double)(clock_nanoseconds() - begin) / 1e9;
}

static void end_all(struct child children[CROWDS]) {
	for (size_t i = 0; i < CROWDS; i++) {
		child_end(&children[i]);
	}
}

/* ---- the bare ROUTER ---- */

/* Sends each message back, with another last frame. */
static void run_router(void *argument, int saying) {
	char endpoint[SOCKET_ENDPOINT_MAX] = "";
	void *context = zmq_ctx_new();
	must_zmq(zmq_ctx_set(context, ZMQ_IO_THREADS, IO_THREADS), "threads");
	void *socket = socket_bind(context, ZMQ_ROUTER, argument, endpoint);
	child_say(saying, endpoint, sizeof endpoint);
	for (;;) {
		zmq_msg_t frame;
		(void)zmq_msg_init(&frame);
		must_zmq(zmq_msg_recv(&frame, socket, 0), "a ROUTER");
		if (zmq_msg_more(&frame)) {
			must_zmq(zmq_msg_send(&frame, socket, ZMQ_SNDMORE), "a ROUTER");
		} else {
			(void)zmq_msg_close(&frame);
			must_zmq(zmq_send(socket, NOT_FOUND, strlen(NOT_FOUND), 0), "a ROUTER");
		}
	}
}

/* Bytes per client. */
static double bare_memory(size_t clients) {
	struct identity server;
	struct child router, children[CROWDS];
	char endpoint[SOCKET_ENDPOINT_MAX];
	socket_keys(&server);
	child_start(&router, run_router, &server);
	child_hear(&router, endpoint, sizeof endpoint);
	double before = process_memory(router.id);
	const struct crowd crowd = { .endpoint = endpoint, .server_key = server.public_key, .clients = clients };
	(void)connect_all(&crowd, children);
	double after = process_memory(router.id);
	end_all(children);
	child_end(&router);
	return (after - before) / (double)clients;
}

/* ---- the broker ---- */

struct figures {
	double seconds;              /* until all had asked */
	double before, asked, idle;  /* its memory */
	double idle_share;           /* of one processor while all do nothing */
};

/* Lets time pass; the share of a processor that the broker took. */
static double rest(const struct broker_process *broker) {
	int64_t begin = clock_nanoseconds();
	double used = process_time(process_id(broker->process));
	for (int64_t now = begin; now < begin + REST_NS; now = clock_nanoseconds()) {
		if (process_wait(broker->process, (begin + REST_NS - now) / 1000000 + 1) != PROCESS_NO_STATUS) {
			stop("the broker has ended");
		}
	}
	return (process_time(process_id(broker->process)) - used) / (double)(clock_nanoseconds() - begin);
}

static void measure(size_t clients, struct figures *out) {
	struct broker_process broker;
	struct child children[CROWDS];
	char settings[64];
	(void)snprintf(settings, sizeof settings, "connections-max = %zu\n", clients + SPARE_DESCRIPTORS);
	broker_start(&broker, settings);
	const struct crowd crowd = { .endpoint = broker.endpoint, .server_key = broker.identity.public_key,
		                         .clients = clients };
	pid_t id = process_id(broker.process);
	out->before = process_memory(id);
	out->seconds = connect_all(&crowd, children);
	out->asked = process_memory(id);
	out->idle_share = rest(&broker);
	out->idle = process_memory(id);
	double connected = broker_metric(&broker, "troth_broker_connections");
	if (connected < (double)clients) {
		stop("only %.0f of %zu clients stayed connected", connected, clients);
	}
	end_all(children);
	broker_stop(&broker);
}

void part_clients(const struct extent *extent, struct report *out) {
	size_t clients = (size_t)extent->clients, bare_clients = (clients + BARE_SHARE - 1) / BARE_SHARE;
	struct figures figures;
	raise_limit(SPARE_DESCRIPTORS + clients); /* of the broker; a process of clients needs less */
	measure(clients, &figures);
	double bare = bare_memory(bare_clients), each = (figures.idle - figures.before) / (double)clients;
	const struct result results[] = {
		{ "clients", "clients connected to troth-broker", "", (double)clients, NULL, 0, AIM_NONE, 0 },
		{ "clients_seconds", "until each had connected and asked once", "s", figures.seconds, NULL, 0, AIM_NONE, 0 },
		{ "clients_before_mib", "its memory before", "MiB", figures.before / MEBIBYTE, NULL, 0, AIM_NONE, 0 },
		{ "clients_asked_mib", "its memory when all had asked", "MiB", figures.asked / MEBIBYTE, NULL, 0, AIM_NONE, 0 },
		{ "clients_idle_mib", "its memory while they do nothing", "MiB", figures.idle / MEBIBYTE, "200 MiB",
		  figures.idle / MEBIBYTE / AIM_MEBIBYTES, AIM_BELOW, 1 },
		{ "clients_each_kib", "its memory for one of them", "KiB", each / 1024, "a bare ROUTER", each / bare, AIM_NONE,
		  0 },
		{ "clients_idle_percent", "of one processor it takes meanwhile", "%", figures.idle_share * 100, NULL, 0,
		  AIM_NONE, 0 },
	};
	report_add(out, results, sizeof results / sizeof results[0]);
}

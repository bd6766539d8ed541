/* The durable queue: requests accepted, which means on disk, beside bare LMDB with the same records and batches. */
#include <stdlib.h>
#include <zmq.h>

#include "base/clock.h"
#include "tests/bench/broker_process.h"
#include "tests/bench/measure.h"
#include "tests/bench/parts.h"
#include "tests/bench/traffic.h"
#include "tests/lib/stop.h"

#define ROUNDS 3 /* the middle ratio is told */
#define CLIENTS_MAX 256
#define POLL_MS 100
#define SERVICE "titanic.request"
#define ANSWER_FRAMES 6 /* MDPC02 | 03 | titanic.request | header | 200 | ticket */
#define TICKET_AT 5
#define TICKET_DIGITS 32 /* a refusal is longer */

/* Nobody works, so all stays in the queue. */
#define SETTINGS "rate-max = 1000000\nqueue-max = 10000000\nqueue-mib-max = 16384\n"

struct round {
	double per_second, batch, lmdb;
};

struct crowd {
	void *context;
	zmq_pollitem_t items[CLIENTS_MAX];
	size_t count;
	uint64_t number;
};

static void ask(struct crowd *crowd, size_t index) {
	crowd->number++;
	traffic_ask(crowd->items[index].socket, SERVICE, BENCH_SERVICE, crowd->number);
}

static void take(void *socket) {
	traffic_hear(socket, ANSWER_FRAMES, TICKET_AT, TICKET_DIGITS);
}

/* Each with a key of its own, and one request accepted, so that its handshake is not measured. */
static void connect_all(struct crowd *crowd, const struct broker_process *broker, size_t count) {
	*crowd = (struct crowd){ .context = zmq_ctx_new(), .count = count };
	for (size_t i = 0; i < count; i++) {
		struct identity own;
		socket_keys(&own);
		void *socket = socket_connect(crowd->context, broker->endpoint, broker->identity.public_key, &own);
		crowd->items[i] = (zmq_pollitem_t){ .socket = socket, .events = ZMQ_POLLIN };
		ask(crowd, i);
	}
	for (size_t i = 0; i < count; i++) {
		take(crowd->items[i].socket);
	}
}

/* Takes what has come, and asks again for each if `more`. Returns the number of answers. */
static size_t take_all(struct crowd *crowd, bool more) {
	size_t taken = 0;
	must_zmq(zmq_poll(crowd->items, (int)crowd->count, POLL_MS), "waiting");
	for (size_t i = 0; i < crowd->count; i++) {
		if ((crowd->items[i].revents & ZMQ_POLLIN) != 0) {
			take(crowd->items[i].socket);
			taken++;
			if (more) {
				ask(crowd, i);
			}
		}
	}
	return taken;
}

/* Accepted requests per second, while each client has one under way. */
static double accept_rate(struct crowd *crowd, double seconds) {
	size_t done = 0, left = crowd->count;
	int64_t begin = clock_nanoseconds();
	int64_t until = begin + (int64_t)(seconds * 1e9);
	for (size_t i = 0; i < crowd->count; i++) {
		ask(crowd, i);
	}
	while (clock_nanoseconds() < until) {
		done += take_all(crowd, true);
	}
	double rate = (double)done * 1e9 / (double)(clock_nanoseconds() - begin);
	while (left > 0) {
		left -= take_all(crowd, false);
	}
	return rate;
}

/* How store/tables.c and store/codec.h write a ticket that is new and its request; sizes as in part_agency.c. Its
 * body has about 60 bytes, and the frames of the request are 3 for the array, 2 + 58 of the header and 3 + 400. */
static double bare_store(const char *folder, double batch, double seconds) {
	static const struct database_shape databases[] = {
		{ "tickets", 18, 9 + 8 + 7 + 34 + 8 + 8 + 60, LMDB_RANDOM_GROUPS, false },
		{ "tickets.by_arrived", 8 + 18, 0, 1, false },
		{ "ticket_frames", 18 + 8 + 8, 9 + 3 + 60 + 403, LMDB_RANDOM_GROUPS, false },
	};
	const struct lmdb_load load = { databases, sizeof databases / sizeof databases[0],
		                            batch < 1 ? 1 : (size_t)(batch + 0.5) };
	return lmdb_rate(folder, &load, seconds);
}

struct changes {
	double sum, commits;
};

static struct changes changes_of(const struct broker_process *broker) {
	return (struct changes){ broker_metric(broker, "troth_broker_commit_changes_sum"),
		                     broker_metric(broker, "troth_broker_commit_changes_count") };
}

static void run_round(size_t clients, double seconds, struct round *out) {
	struct broker_process broker;
	struct crowd crowd;
	broker_start(&broker, SETTINGS);
	connect_all(&crowd, &broker, clients);
	struct changes before = changes_of(&broker);
	out->per_second = accept_rate(&crowd, seconds);
	struct changes after = changes_of(&broker);
	out->batch = (after.sum - before.sum) / (after.commits - before.commits);
	for (size_t i = 0; i < crowd.count; i++) {
		(void)zmq_close(crowd.items[i].socket);
	}
	(void)zmq_ctx_term(crowd.context);
	broker_stop(&broker);
	out->lmdb = bare_store(broker.folder, out->batch, seconds);
}

static int compare_ratios(const void *a, const void *b) {
	const struct round *one = a, *other = b;
	double first = one->per_second / one->lmdb, second = other->per_second / other->lmdb;
	return (first > second) - (first < second);
}

static const struct {
	size_t clients;
	struct result rate, batch; /* all but the values */
} crowds[] = {
	{ 1,
	  { "queue_1", "durable queue: accepted, 1 client", "/s", 0, "bare LMDB", 0, AIM_NONE, 0 },
	  { "queue_1_batch", "requests per commit then", "", 0, NULL, 0, AIM_NONE, 0 } },
	{ 16,
	  { "queue_16", "durable queue: accepted, 16 clients", "/s", 0, "bare LMDB", 0, AIM_NONE, 0 },
	  { "queue_16_batch", "requests per commit then", "", 0, NULL, 0, AIM_NONE, 0 } },
	{ CLIENTS_MAX,
	  { "queue_256", "durable queue: accepted, 256 clients", "/s", 0, "bare LMDB", 0, AIM_NONE, 0 },
	  { "queue_256_batch", "requests per commit then", "", 0, NULL, 0, AIM_NONE, 0 } },
};

void part_queue(const struct extent *extent, struct report *out) {
	for (size_t i = 0; i < sizeof crowds / sizeof crowds[0]; i++) {
		struct round rounds[ROUNDS];
		for (size_t round = 0; round < ROUNDS; round++) {
			run_round(crowds[i].clients, (double)extent->seconds / ROUNDS, &rounds[round]);
		}
		qsort(rounds, ROUNDS, sizeof rounds[0], compare_ratios);
		const struct round *middle = &rounds[ROUNDS / 2];
		struct result results[] = { crowds[i].rate, crowds[i].batch };
		results[0].value = middle->per_second;
		results[0].ratio = middle->per_second / middle->lmdb;
		results[1].value = middle->batch;
		report_add(out, results, sizeof results / sizeof results[0]);
	}
}

/* Accepted agreements per second through all processes, beside what the machine does for bare libraries. */
#include <stdlib.h>

#include "tests/bench/agreements.h"
#include "tests/bench/measure.h"
#include "tests/bench/parts.h"
#include "tests/lib/scratch.h"

#define SMALL_MESSAGE 400 /* bytes, as in design section 11 */
#define ROUNDS 3 /* the one with the middle ratio is told: one hiccup of the machine does not count */
#define MICROSECOND 1e3
#define MILLISECOND 1e6

/* The agency's run, and what it is compared with right before and after it, since a machine's speed drifts. */
struct round {
	struct sodium_result before, after;
	struct run run;
};

struct figures {
	double lmdb;
	struct round rounds[ROUNDS]; /* by rising ratio */
	struct hops_result small, real;
	int64_t fsync_ns;
	struct run paid, idle;
};

static double sodium_rate(const struct round *round) {
	return (round->before.per_second + round->after.per_second) / 2;
}

static double ratio(const struct round *round) {
	return round->run.per_second / sodium_rate(round);
}

static int compare_ratios(const void *a, const void *b) {
	double one = ratio(a), other = ratio(b);
	return (one > other) - (one < other);
}

static void measure_rounds(const struct extent *extent, struct stage *stage, struct figures *out) {
	double seconds = (double)extent->seconds / (2 * ROUNDS);
	size_t each = (size_t)extent->agreements / ROUNDS;
	for (size_t i = 0; i < ROUNDS; i++) {
		struct round *round = &out->rounds[i];
		sodium_measure(out->idle.note_size, seconds, &round->before);
		stage_run(stage, i * each, each, (size_t)extent->window, &round->run);
		sodium_measure(out->idle.note_size, seconds, &round->after);
	}
	qsort(out->rounds, ROUNDS, sizeof out->rounds[0], compare_ratios);
}

/* Databases and sizes follow store/tables.c and store/codec.h for an agreement on a gift. Record: 9 bytes, numbers of
 * 8, texts with their length in 2. Key: numbers of 8, texts with their end in 2. */
static double bare_store(const char *folder, const struct run *run, size_t name_size, unsigned offers, double seconds) {
	const size_t name = name_size + 2;
	const struct database_shape databases[] = {
		{ "notes", 8, 9 + 34 + 11 + 8 + 1 + run->stored_size, 1, false },
		{ "notes.by_id", 34 + 8, 0, LMDB_RANDOM_GROUPS, false },
		{ "offers", 8, 9 + name + 4 * 8, offers, true },
		{ "deals", 8, 9 + 8 + name + name + 8, 1, false },
		{ "deals.by_offer", 8 + name + 8, 0, offers, false },
		{ "deals.by_creator", name + 8, 0, STAGE_CREATORS, false },
		{ "deals.by_brand", name + 8, 0, 1, false },
		{ "counters", 10, 9 + 8, 1, true },
	};
	const struct lmdb_load load = { databases, sizeof databases / sizeof databases[0], (size_t)(run->batch + 0.5) };
	return lmdb_rate(folder, &load, seconds);
}

static void measure(const struct extent *extent, struct stage *stage, struct figures *out) {
	double seconds = (double)extent->seconds;
	size_t gifted = (size_t)extent->agreements, idle = (size_t)extent->idle, paid = (size_t)extent->paid;
	stage_run(stage, gifted, idle, 1, &out->idle);
	measure_rounds(extent, stage, out);
	if (paid > 0) {
		stage_run(stage, gifted + idle, paid, (size_t)extent->window, &out->paid);
	}
	const struct run *run = &out->rounds[ROUNDS / 2].run;
	const char *folder = scratch_folder();
	out->lmdb = bare_store(folder, run, strlen(stage->brand.name), (unsigned)(gifted / ROUNDS / STAGE_SLOTS + 1),
	                       seconds);
	hops_measure(SMALL_MESSAGE, SMALL_MESSAGE, seconds, &out->small);
	hops_measure(run->request_size, run->reply_size, seconds, &out->real);
	out->fsync_ns = fsync_time(folder, seconds / 2);
}

/* What two cores could do if they did nothing but the bare parts of an agreement, one after the other. */
static double bare_rate(const struct figures *figures, double sodium) {
	return 1 / (1 / sodium + 4 / figures->real.per_second + 1 / (BENCH_THREADS * figures->lmdb));
}

static void list(const struct figures *figures, struct report *out) {
	const struct round *round = &figures->rounds[ROUNDS / 2];
	const struct run *run = &round->run;
	double rate = run->per_second, sodium = sodium_rate(round), bare = bare_rate(figures, sodium);
	double sodium_ns = (round->before.processor_ns + round->after.processor_ns) / 2;
	double bare_ns = (double)(figures->real.four_hops_ns + figures->fsync_ns);
	const struct result all[] = {
		{ "agreements", "agreements, all processes, CURVE, fsync", "/s", rate, "libsodium", rate / sodium,
		  AIM_AT_LEAST, 0.5 },
		{ "agreements_paid", "the same with a fee: four postings more", "/s", figures->paid.per_second, "libsodium",
		  figures->paid.per_second / sodium, AIM_NONE, 0 },
		{ "batch", "agreements per commit", "", run->batch, NULL, 0, AIM_NONE, 0 },
		{ "loaded_p50_ms", "latency under that load, p50", "ms", (double)run->p50_ns / MILLISECOND, NULL, 0, AIM_NONE,
		  0 },
		{ "loaded_p99_ms", "latency under that load, p99", "ms", (double)run->p99_ns / MILLISECOND, NULL, 0, AIM_NONE,
		  0 },
		{ "processor_us", "processor time per agreement, all processes", "us", run->processor_ns / MICROSECOND,
		  "verify + sign", run->processor_ns / sodium_ns, AIM_NONE, 0 },
		{ "idle_percent", "processors idle meanwhile", "%", run->idle * 100, NULL, 0, AIM_NONE, 0 },
		{ "others_percent", "processors taken by other programs meanwhile", "%", run->others * 100, NULL, 0, AIM_NONE,
		  0 },
		{ "idle_p50_us", "latency on an idle system, p50", "us", (double)figures->idle.p50_ns / MICROSECOND,
		  "four hops + fsync", (double)figures->idle.p50_ns / bare_ns, AIM_BELOW, 3 },
		{ "idle_p99_us", "latency on an idle system, p99", "us", (double)figures->idle.p99_ns / MICROSECOND, NULL, 0,
		  AIM_NONE, 0 },
		{ "sodium", "bare libsodium: verify + sign, 2 threads", "/s", sodium, NULL, 0, AIM_NONE, 0 },
		{ "lmdb", "bare LMDB: agreements in such batches, fsync", "/s", figures->lmdb, "the agency",
		  figures->lmdb / rate, AIM_NONE, 0 },
		{ "hops_small", "bare ZeroMQ: hops of 400 bytes, CURVE", "/s", figures->small.per_second, "the agency's four",
		  figures->small.per_second / (4 * rate), AIM_NONE, 0 },
		{ "hops_real", "bare ZeroMQ: hops of such bodies, CURVE", "/s", figures->real.per_second, "the agency's four",
		  figures->real.per_second / (4 * rate), AIM_NONE, 0 },
		{ "bare", "all three, one after the other on two cores", "/s", bare, "libsodium", bare / sodium, AIM_NONE, 0 },
		{ "four_hops_us", "bare ZeroMQ: four hops, alone", "us", (double)figures->real.four_hops_ns / MICROSECOND, NULL,
		  0, AIM_NONE, 0 },
		{ "fsync_us", "bare fsync of one page", "us", (double)figures->fsync_ns / MICROSECOND, NULL, 0, AIM_NONE, 0 },
		{ "note_bytes", "text of an agreement", "bytes", (double)run->note_size, NULL, 0, AIM_NONE, 0 },
	};
	report_add(out, all, sizeof all / sizeof all[0]);
}

void part_agency(const struct extent *extent, struct report *out) {
	static struct stage stage;
	struct figures figures = { .lmdb = 0 };
	stage_set(&stage, (int)extent->workers, (size_t)(extent->agreements + extent->idle), (size_t)extent->paid);
	measure(extent, &stage, &figures);
	stage_strike(&stage);
	list(&figures, out);
}

/* make bench: accepted agreements per second through all processes, beside what the machine does for bare libraries. */
#include <stdlib.h>

#include "base/options.h"
#include "tests/bench/agreements.h"
#include "tests/bench/measure.h"
#include "tests/bench/report.h"
#include "tests/lib/scratch.h"

#define SMALL_MESSAGE 400 /* bytes, as in design section 11 */
#define RESULTS_MAX 24
#define ROUNDS 3 /* the one with the middle ratio is told: one hiccup of the machine does not count */
#define MICROSECOND 1e3
#define MILLISECOND 1e6

struct extent {
	int64_t agreements, paid, idle, seconds, window, workers;
	bool json, help;
};

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

static enum error parse(int argc, char **argv, struct extent *extent, struct failure *failure) {
	const struct option_row rows[] = {
		{ "agreements", 'n', OPTION_NUMBER, &extent->agreements, "N", "on gifts, pipelined, 3 rounds", 300, 1000000 },
		{ "paid", 0, OPTION_NUMBER, &extent->paid, "N", "with a fee, pipelined", 0, 1000000 },
		{ "idle", 0, OPTION_NUMBER, &extent->idle, "N", "on gifts, one at a time", 1, 100000 },
		{ "seconds", 's', OPTION_NUMBER, &extent->seconds, "N", "for each bare library", 1, 60 },
		{ "window", 'w', OPTION_NUMBER, &extent->window, "N", "requests under way", 1, 4096 },
		{ "workers", 0, OPTION_NUMBER, &extent->workers, "N", "processes", 1, 16 },
		{ "json", 0, OPTION_FLAG, &extent->json, NULL, "print one object instead of a table", 0, 0 },
	};
	size_t count = sizeof rows / sizeof rows[0];
	int first = 0;
	enum error error = options_parse(argc, argv, rows, count, &first, &extent->help, failure);
	if (error == OK && extent->help) {
		(void)puts("Usage: bench [OPTIONS]\n");
		options_describe(stdout, rows, count);
	}
	return error == OK && first < argc ? fail(failure, ERROR_USAGE, "\"%s\" is one word too many", argv[first]) : error;
}

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
	struct batch_shape shape = { .agreements = (size_t)(run->batch + 0.5),
		                         .note_size = run->stored_size,
		                         .name_size = strlen(stage->brand.name),
		                         .creators = STAGE_CREATORS,
		                         .offers = (unsigned)(gifted / ROUNDS / STAGE_SLOTS + 1) };
	out->lmdb = lmdb_rate(folder, &shape, seconds);
	hops_measure(SMALL_MESSAGE, SMALL_MESSAGE, seconds, &out->small);
	hops_measure(run->request_size, run->reply_size, seconds, &out->real);
	out->fsync_ns = fsync_time(folder, seconds / 2);
}

/* What two cores could do if they did nothing but the bare parts of an agreement, one after the other. */
static double bare_rate(const struct figures *figures, double sodium) {
	return 1 / (1 / sodium + 4 / figures->real.per_second + 1 / (BENCH_THREADS * figures->lmdb));
}

static size_t list(const struct figures *figures, struct result results[RESULTS_MAX]) {
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
	_Static_assert(sizeof all <= RESULTS_MAX * sizeof all[0], "room for all results");
	memcpy(results, all, sizeof all);
	return sizeof all / sizeof all[0];
}

int main(int argc, char **argv) {
	struct extent extent = { .agreements = 60000, .paid = 12000, .idle = 400, .seconds = 2, .window = 1024,
		                         .workers = 2 };
	struct failure failure = { .code = OK };
	if (parse(argc, argv, &extent, &failure) != OK) {
		(void)fprintf(stderr, "bench: %s\n", failure.text);
		return error_exit_status(failure.code);
	}
	if (extent.help) {
		return EXIT_DONE;
	}
	static struct stage stage;
	struct figures figures = { .lmdb = 0 };
	struct result results[RESULTS_MAX];
	stage_set(&stage, (int)extent.workers, (size_t)(extent.agreements + extent.idle), (size_t)extent.paid);
	measure(&extent, &stage, &figures);
	stage_strike(&stage);
	size_t count = list(&figures, results);
	if (extent.json) {
		report_json(stdout, results, count);
	} else {
		report_table(stdout, results, count);
	}
	return EXIT_DONE;
}

/* What `make bench` measures beside the agency itself: what this machine does for bare libraries.
 *
 * Each function runs for about `seconds` on the same cores, right beside the agency's own run, so that the ratios hold
 * on any machine. What cannot go wrong in a sound machine ends the program (tests/lib/stop.h). */
#ifndef TROTH_TESTS_BENCH_MEASURE_H
#define TROTH_TESTS_BENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define BENCH_THREADS 2 /* the cores that design section 11 speaks of */

/* Sorts the samples and returns the one below which `share` (0 to 1) of them lie; 0 if there are none. */
int64_t percentile(int64_t *samples, size_t count, double share);

/* The processor time that this process has used, or that the children did which it has waited for; nanoseconds. */
double processor_time_own(void);
double processor_time_children(void);

/* The same of one process that runs, and its resident bytes. */
double process_time(pid_t id);
double process_memory(pid_t id);

/* What all processors together have done since the machine started, in nanoseconds. */
struct machine_time {
	double busy, idle;
};
void machine_time_read(struct machine_time *out);

struct sodium_result {
	double per_second;   /* all threads together */
	double processor_ns; /* that one text took */
};

/* Texts of this size verified and signed by libsodium, by BENCH_THREADS threads. */
void sodium_measure(size_t text_size, double seconds, struct sodium_result *out);

#define LMDB_DATABASES_MAX 8
#define LMDB_RANDOM_GROUPS 0

/* One of the databases in which a record and its index entries stand: how its keys come, and what is under them. */
struct database_shape {
	const char *name;
	size_t key_size, value_size;
	unsigned groups;   /* keys begin with one of so many numbers, or LMDB_RANDOM_GROUPS */
	bool written_over; /* one record per group */
};

/* What a batch means for the store's engine. */
struct lmdb_load {
	const struct database_shape *databases;
	size_t count;
	size_t batch; /* records of one commit, each with a row in every database */
};

/* Records per second that bare LMDB takes: the puts of the real store, sorted, in batches, each committed with fsync,
 * in a file of its own in `folder`. */
double lmdb_rate(const char *folder, const struct lmdb_load *load, double seconds);

struct hops_result {
	double per_second;    /* messages over one connection each, pipelined */
	int64_t four_hops_ns; /* one request and its reply, alone: the median */
};

/* Request and reply over DEALER -> ROUTER, zmq_proxy, DEALER -> DEALER and back, over TCP with CURVE: four hops. */
void hops_measure(size_t request_size, size_t reply_size, double seconds, struct hops_result *out);

/* The median of writing one page to a file in `folder` and making it durable, in nanoseconds. */
int64_t fsync_time(const char *folder, double seconds);

#endif

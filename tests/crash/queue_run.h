/* The crash test of the durable queue: notes are queued at one broker or two while brokers, and then workers too, are
 * killed with -9 and started again. */
#ifndef TROTH_TESTS_CRASH_QUEUE_RUN_H
#define TROTH_TESTS_CRASH_QUEUE_RUN_H

#include <stdint.h>

struct queue_options {
	int64_t notes, kills, brokers; /* brokers: 1 or 2 */
	uint32_t random;               /* the seed; not 0 */
	const char *words;             /* the options that lead to the same run */
};

/* Runs; what is wrong is reported as findings, and prints a line of numbers. */
void queue_run(const struct queue_options *options);

#endif

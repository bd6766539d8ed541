/* The real troth-broker, in a folder of its own and with one worker's key, which is an operator's too. */
#ifndef TROTH_TESTS_BENCH_BROKER_PROCESS_H
#define TROTH_TESTS_BENCH_BROKER_PROCESS_H

#include "tests/bench/sockets.h"
#include "tests/lib/process.h"

#define BENCH_SERVICE "bench" /* that the worker may serve */

struct broker_process {
	struct process *process;
	struct identity identity, worker;
	const char *folder;
	char endpoint[SOCKET_ENDPOINT_MAX];
};

/* Starts it with its defaults but for these lines of its settings. */
void broker_start(struct broker_process *broker, const char *settings);

/* Stops it in order and waits. */
void broker_stop(struct broker_process *broker);

/* Asks it as an operator for a metric without a label, such as "troth_broker_commit_changes_sum". */
double broker_metric(const struct broker_process *broker, const char *name);

#endif

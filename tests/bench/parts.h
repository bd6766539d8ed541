/* The parts of `make bench`: each measures one thing beside what this machine does at best, and adds its results. */
#ifndef TROTH_TESTS_BENCH_PARTS_H
#define TROTH_TESTS_BENCH_PARTS_H

#include <stdint.h>

#include "tests/bench/report.h"

/* How much is measured, as the command line says. */
struct extent {
	int64_t agreements, paid, idle, seconds, window, workers, clients, deals;
};

typedef void part(const struct extent *extent, struct report *out);

part part_agency;  /* agreements through a whole agency */
part part_broker;  /* the broker alone, beside libzmq's proxy */
part part_queue;   /* the durable queue, beside bare LMDB */
part part_clients; /* memory of the broker while many are connected */
part part_deals;   /* questions and the clock with many deals in the store */

#endif

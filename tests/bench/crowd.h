/* A market with many deals in all states, of a few brands and creators, filled through the worker's own batches. */
#ifndef TROTH_TESTS_BENCH_CROWD_H
#define TROTH_TESTS_BENCH_CROWD_H

#include "tests/lib/inner_market.h"

#define CROWD_BRANDS 4
#define CROWD_OFFERS 200 /* each accepted once by every creator; half of them with deadlines of a day */

struct crowd {
	struct inner_market inner;
	struct inner_party operator, brands[CROWD_BRANDS];
	struct inner_party *creators;
	size_t creator_count;
	struct inner_deal *deals; /* CROWD_OFFERS * creator_count, by offer */
};

/* Makes it, with this many deals or a few less, and flushes. A day later the deadlines of half of them have passed. */
void crowd_gather(struct crowd *crowd, size_t deals);
void crowd_dismiss(struct crowd *crowd);

size_t crowd_deal_count(const struct crowd *crowd);

/* The brand of a deal, by its position. */
const struct inner_party *crowd_brand(const struct crowd *crowd, size_t deal);

#endif

/* Counts of values in buckets that double, for latencies and sizes; printed as histograms of Prometheus. */
#ifndef TROTH_BROKER_HISTOGRAM_H
#define TROTH_BROKER_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BUCKETS 26 /* the first counts values up to 1, each next one up to twice as much, the last the rest */

struct histogram {
	uint64_t buckets[HISTOGRAM_BUCKETS];
	uint64_t sum;
	uint64_t count;
};

/* A value below 0 counts as 0. */
void histogram_add(struct histogram *histogram, int64_t value);

/* The largest value that bucket `index` counts; the last one has none (INT64_MAX). */
int64_t histogram_bound(int index);

/* The bound of the bucket in which this part (0 to 1) of the values lies; 0 for an empty histogram. */
int64_t histogram_quantile(const struct histogram *histogram, double part);

#endif

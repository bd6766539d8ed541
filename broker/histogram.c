/* Buckets by powers of two; see histogram.h. */
#include "broker/histogram.h"

static int bucket_of(int64_t value) {
	int index = 0;
	while (index < HISTOGRAM_BUCKETS - 1 && value > histogram_bound(index)) {
		index++;
	}
	return index;
}

void histogram_add(struct histogram *histogram, int64_t value) {
	int64_t counted = value < 0 ? 0 : value;
	histogram->buckets[bucket_of(counted)]++;
	histogram->sum += (uint64_t)counted;
	histogram->count++;
}

int64_t histogram_bound(int index) {
	return index >= HISTOGRAM_BUCKETS - 1 ? INT64_MAX : (int64_t)1 << index;
}

int64_t histogram_quantile(const struct histogram *histogram, double part) {
	uint64_t seen = 0;
	for (int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += histogram->buckets[i];
		if (histogram->count > 0 && (double)seen >= part * (double)histogram->count) {
			return histogram_bound(i);
		}
	}
	return 0;
}

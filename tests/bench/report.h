/* The results as a table for people, or as one JSON object. */
#ifndef TROTH_TESTS_BENCH_REPORT_H
#define TROTH_TESTS_BENCH_REPORT_H

#include <stdio.h>

enum aim { AIM_NONE, AIM_AT_LEAST, AIM_BELOW };

struct result {
	const char *key;  /* in JSON; the ratio stands under key_ratio */
	const char *name; /* for people */
	const char *unit;
	double value;
	const char *beside; /* what the ratio is to; NULL for none */
	double ratio;
	enum aim aim;       /* of the ratio */
	double limit;
};

#define RESULTS_MAX 64

struct report {
	struct result results[RESULTS_MAX];
	size_t count;
};

void report_add(struct report *report, const struct result *results, size_t count);

void report_table(FILE *out, const struct report *report);
void report_json(FILE *out, const struct report *report);

#endif

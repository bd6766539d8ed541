/* The broker alone, as a ratio to libzmq's own proxy on the same frames; see traffic.h and middle.h. */
#include <stdlib.h>

#include "tests/bench/middle.h"
#include "tests/bench/parts.h"

#define ROUNDS 5 /* in turns; the middle ratio is told: the machine's hiccups do not count */
#define PIPELINE 1000
#define MICROSECOND 1e3

struct round {
	struct middle_result broker, proxy;
};

static double ratio(const struct round *round) {
	return round->broker.traffic.per_second / round->proxy.traffic.per_second;
}

static int compare_ratios(const void *a, const void *b) {
	double one = ratio(a), other = ratio(b);
	return (one > other) - (one < other);
}

static double processor_ratio(const struct round *round) {
	return round->broker.processor_ns / round->proxy.processor_ns;
}

static int compare_processor_ratios(const void *a, const void *b) {
	double one = processor_ratio(a), other = processor_ratio(b);
	return (one > other) - (one < other);
}

/* Who runs first changes from round to round. */
static void run_rounds(enum middle broker, enum middle proxy, size_t window, double seconds,
                       struct round rounds[ROUNDS]) {
	for (size_t i = 0; i < ROUNDS; i++) {
		bool broker_first = i % 2 == 0;
		if (broker_first) {
			middle_run(broker, window, seconds / ROUNDS, &rounds[i].broker);
		}
		middle_run(proxy, window, seconds / ROUNDS, &rounds[i].proxy);
		if (!broker_first) {
			middle_run(broker, window, seconds / ROUNDS, &rounds[i].broker);
		}
	}
}

struct comparison {
	enum middle broker, proxy;
	struct result alone, pipelined, processor; /* all but the values */
};

static const struct comparison comparisons[] = {
	{ MIDDLE_CORE, MIDDLE_PROXY,
	  { "broker_null_alone", "broker's core without CURVE, 1 under way", "/s", 0, "zmq_proxy", 0, AIM_NONE, 0 },
	  { "broker_null", "the same, 1,000 under way", "/s", 0, "zmq_proxy", 0, AIM_AT_LEAST, 0.7 },
	  { "broker_null_us", "its processor time per request then", "us", 0, "zmq_proxy", 0, AIM_NONE, 0 } },
	{ MIDDLE_BROKER, MIDDLE_PROXY_CURVE,
	  { "broker_curve_alone", "troth-broker, 1 under way", "/s", 0, "zmq_proxy", 0, AIM_NONE, 0 },
	  { "broker_curve", "the same, 1,000 under way", "/s", 0, "zmq_proxy", 0, AIM_AT_LEAST, 0.7 },
	  { "broker_curve_us", "its processor time per request then", "us", 0, "zmq_proxy", 0, AIM_NONE, 0 } },
};

static void add(struct report *out, const struct result *row, double value, double ratio_to) {
	struct result result = *row;
	result.value = value;
	result.ratio = ratio_to;
	report_add(out, &result, 1);
}

static void compare(const struct comparison *comparison, double seconds, struct report *out) {
	struct round rounds[ROUNDS];
	const struct round *middle = &rounds[ROUNDS / 2];
	run_rounds(comparison->broker, comparison->proxy, 1, seconds, rounds);
	qsort(rounds, ROUNDS, sizeof rounds[0], compare_ratios);
	add(out, &comparison->alone, middle->broker.traffic.per_second, ratio(middle));
	run_rounds(comparison->broker, comparison->proxy, PIPELINE, seconds, rounds);
	qsort(rounds, ROUNDS, sizeof rounds[0], compare_ratios);
	add(out, &comparison->pipelined, middle->broker.traffic.per_second, ratio(middle));
	qsort(rounds, ROUNDS, sizeof rounds[0], compare_processor_ratios);
	add(out, &comparison->processor, middle->broker.processor_ns / MICROSECOND, processor_ratio(middle));
}

void part_broker(const struct extent *extent, struct report *out) {
	for (size_t i = 0; i < sizeof comparisons / sizeof comparisons[0]; i++) {
		compare(&comparisons[i], (double)extent->seconds, out);
	}
}

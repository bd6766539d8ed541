/* Printing results; see report.h. */
#include "tests/bench/report.h"

#include <stdbool.h>

#include "tests/lib/stop.h"

static bool is_reached(const struct result *result) {
	return result->aim == AIM_AT_LEAST ? result->ratio >= result->limit : result->ratio < result->limit;
}

static int decimals(double value) {
	return value < 10 ? 2 : value < 1000 ? 1 : 0;
}

void report_add(struct report *report, const struct result *results, size_t count) {
	for (size_t i = 0; i < count; i++) {
		if (report->count == RESULTS_MAX) {
			stop("no room for more than %d results", RESULTS_MAX);
		}
		report->results[report->count++] = results[i];
	}
}

void report_table(FILE *out, const struct report *report) {
	for (size_t i = 0; i < report->count; i++) {
		const struct result *result = &report->results[i];
		(void)fprintf(out, "%-46s %9.*f %-5s", result->name, decimals(result->value), result->value, result->unit);
		if (result->beside != NULL) {
			(void)fprintf(out, "  %6.3f x %s", result->ratio, result->beside);
		}
		if (result->aim != AIM_NONE) {
			(void)fprintf(out, "  (aim: %s %.1f, %s)", result->aim == AIM_AT_LEAST ? "at least" : "below",
			              result->limit, is_reached(result) ? "reached" : "not reached");
		}
		(void)fprintf(out, "\n");
	}
}

void report_json(FILE *out, const struct report *report) {
	(void)fprintf(out, "{");
	for (size_t i = 0; i < report->count; i++) {
		const struct result *result = &report->results[i];
		(void)fprintf(out, "%s\"%s\": %.3f", i == 0 ? "" : ", ", result->key, result->value);
		if (result->beside != NULL) {
			(void)fprintf(out, ", \"%s_ratio\": %.4f", result->key, result->ratio);
		}
		if (result->aim != AIM_NONE) {
			(void)fprintf(out, ", \"%s_reached\": %s", result->key, is_reached(result) ? "true" : "false");
		}
	}
	(void)fprintf(out, "}\n");
}

/* What several measurements share; see measure.h. */
#include "tests/bench/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/lib/stop.h"

static int compare(const void *a, const void *b) {
	const int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;
	return (one > other) - (one < other);
}

int64_t percentile(int64_t *samples, size_t count, double share) {
	if (count == 0) {
		return 0;
	}
	qsort(samples, count, sizeof samples[0], compare);
	return samples[(size_t)((double)(count - 1) * share)];
}

static double processor_time(int whose) {
	struct rusage usage;
	if (getrusage(whose, &usage) != 0) {
		stop("no processor times");
	}
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e9 +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e3;
}

double processor_time_own(void) {
	return processor_time(RUSAGE_SELF);
}

double processor_time_children(void) {
	return processor_time(RUSAGE_CHILDREN);
}

/* proc(5): "cpu  user nice system idle iowait irq softirq steal …" in clock ticks. */
void machine_time_read(struct machine_time *out) {
	enum { IDLE = 3, IOWAIT = 4, COLUMNS = 8 };
	char line[256] = "";
	FILE *file = fopen("/proc/stat", "re");
	if (file == NULL || fgets(line, sizeof line, file) == NULL || strncmp(line, "cpu ", 4) != 0) {
		stop("cannot read /proc/stat");
	}
	(void)fclose(file);
	const double tick = 1e9 / (double)sysconf(_SC_CLK_TCK);
	char *at = line + 4;
	*out = (struct machine_time){ .busy = 0 };
	for (int column = 0; column < COLUMNS; column++) {
		double time = (double)strtoull(at, &at, 10) * tick;
		*(column == IDLE || column == IOWAIT ? &out->idle : &out->busy) += time;
	}
}

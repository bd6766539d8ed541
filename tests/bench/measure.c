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

/* The first line of a file of /proc/ID that begins with these words. */
static void process_line(pid_t id, const char *name, const char *begin, char *line, size_t size) {
	char path[64];
	bool found = false;
	(void)snprintf(path, sizeof path, "/proc/%d/%s", (int)id, name);
	FILE *file = fopen(path, "re");
	while (file != NULL && !found && fgets(line, (int)size, file) != NULL) {
		found = strncmp(line, begin, strlen(begin)) == 0;
	}
	if (!found) {
		stop("cannot read %s", path);
	}
	(void)fclose(file);
}

double process_memory(pid_t id) {
	static const char begin[] = "VmRSS:";
	char line[256];
	process_line(id, "status", begin, line, sizeof line);
	return strtod(line + strlen(begin), NULL) * 1024;
}

/* proc(5): "id (name) state …", and user and system time as 14th and 15th word, in clock ticks. */
double process_time(pid_t id) {
	enum { BEHIND_NAME = 12 };
	char line[1024];
	process_line(id, "stat", "", line, sizeof line);
	const char *at = strrchr(line, ')');
	for (int word = 0; at != NULL && word < BEHIND_NAME; word++) {
		at = strchr(at + 1, ' ');
	}
	if (at == NULL) {
		stop("cannot read the times of process %d", (int)id);
	}
	char *system = NULL;
	double user = (double)strtoull(at, &system, 10);
	return (user + (double)strtoull(system, NULL, 10)) * 1e9 / (double)sysconf(_SC_CLK_TCK);
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

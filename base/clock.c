/* The two clocks; see clock.h. */
#include "base/clock.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define OFFSET_MAX (INT64_C(100) * 366 * 86400) /* seconds; a hundred years */

static struct timespec read_clock(clockid_t id) {
	struct timespec now;
	int result = clock_gettime(id, &now);
	assert(result == 0); /* both clocks always exist on Linux */
	return now;
}

/* Read each time, so that a running system's clock can be moved. */
static int64_t read_offset(void) {
	const char *path = getenv(CLOCK_FILE_VARIABLE);
	char text[32];
	if (path == NULL) {
		return 0;
	}
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0) {
		(void)close(fd);
	}
	if (size <= 0) {
		return 0;
	}
	text[size] = '\0';
	char *end = NULL;
	errno = 0;
	long long seconds = strtoll(text, &end, 10);
	bool whole = end != text && (*end == '\0' || *end == '\n');
	return errno == 0 && whole && seconds > -OFFSET_MAX && seconds < OFFSET_MAX ? seconds : 0;
}

int64_t clock_wall_seconds(void) {
	return (int64_t)read_clock(CLOCK_REALTIME).tv_sec + read_offset();
}

int64_t clock_milliseconds(void) {
	return clock_nanoseconds() / 1000000;
}

int64_t clock_nanoseconds(void) {
	struct timespec now = read_clock(CLOCK_MONOTONIC);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

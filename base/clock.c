/* The two clocks; see clock.h. */
#include "base/clock.h"

#include <assert.h>
#include <time.h>

static struct timespec read_clock(clockid_t id) {
	struct timespec now;
	int result = clock_gettime(id, &now);
	assert(result == 0); /* both clocks always exist on Linux */
	return now;
}

int64_t clock_wall_seconds(void) {
	return (int64_t)read_clock(CLOCK_REALTIME).tv_sec;
}

int64_t clock_milliseconds(void) {
	return clock_nanoseconds() / 1000000;
}

int64_t clock_nanoseconds(void) {
	struct timespec now = read_clock(CLOCK_MONOTONIC);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

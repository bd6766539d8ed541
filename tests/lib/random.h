/* A small random generator for tests, whose seed gives the same run on every machine. Never for keys. */
#ifndef TROTH_TESTS_LIB_RANDOM_H
#define TROTH_TESTS_LIB_RANDOM_H

#include <stdint.h>

/* The next of 2^32 - 1 numbers; `state` must not begin as 0. Source: G. Marsaglia, "Xorshift RNGs" (2003). */
static inline uint32_t random_next(uint32_t *state) {
	uint32_t x = *state;
	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	*state = x;
	return x;
}

#endif

/* Quotients in 128 bits; see decimal.h. */
#include "rules/decimal.h"

#include <assert.h>
#include <stdio.h>

__extension__ typedef __int128 wide;

static bool multiply(int64_t a, int64_t b, int places, wide *out) {
	*out = (wide)a * b;
	for (int place = 0; place < places; place++) {
		if (__builtin_mul_overflow(*out, 10, out)) {
			return false;
		}
	}
	return true;
}

struct decimal decimal_quotient(int64_t a, int64_t b, int64_t c, int64_t d, int places) {
	assert(places >= 0 && places <= DECIMAL_PLACES_MAX);
	struct decimal result = { .places = places };
	wide above = 0, below = 0;
	if (a < 0 || b < 0 || c <= 0 || d <= 0 || !multiply(a, b, places, &above) || !multiply(c, d, 0, &below)) {
		return result;
	}
	wide quotient = above / below, rest = above % below;
	quotient += rest >= below - rest; /* without doubling, which could pass the 128 bits */
	if (quotient <= INT64_MAX) {
		result.known = true;
		result.digits = (int64_t)quotient;
	}
	return result;
}

const char *decimal_format(const struct decimal *decimal, char out[DECIMAL_TEXT_MAX]) {
	assert(decimal->places >= 0 && decimal->places <= DECIMAL_PLACES_MAX);
	out[0] = '\0';
	if (!decimal->known) {
		return out;
	}
	char digits[DECIMAL_TEXT_MAX];
	size_t at = sizeof digits;
	uint64_t rest = decimal->digits < 0 ? -(uint64_t)decimal->digits : (uint64_t)decimal->digits;
	for (int place = 0; place <= decimal->places || rest > 0; place++) {
		if (place == decimal->places && place > 0) {
			digits[--at] = '.';
		}
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
	}
	(void)snprintf(out, DECIMAL_TEXT_MAX, "%s%.*s", decimal->digits < 0 ? "-" : "", (int)(sizeof digits - at),
	               digits + at);
	return out;
}

/* Quotients of whole numbers, exact to a stated number of decimals: a whole number of digits and where the point
 * stands. Never floating point. What cannot be said is not known, which is neither 0 nor infinity. */
#ifndef TROTH_RULES_DECIMAL_H
#define TROTH_RULES_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

#define DECIMAL_PLACES_MAX 18
#define DECIMAL_TEXT_MAX 24 /* 19 digits, a zero before the point, the point, a minus sign, a NUL */

struct decimal {
	bool known;
	int64_t digits; /* the value times 10 to the power of `places`; 0 where it is not known */
	int places;     /* 0 to DECIMAL_PLACES_MAX */
};

/* `a` times `b` divided by `c` times `d`, with that many decimals, half rounded up. Not known if one of the four is
 * negative, if `c` or `d` is 0, if a product has more than 127 bits, or if the result does not fit. */
struct decimal decimal_quotient(int64_t a, int64_t b, int64_t c, int64_t d, int places);

/* Writes all decimals, such as "2.40"; nothing at all where the value is not known. Returns `out`. */
const char *decimal_format(const struct decimal *decimal, char out[DECIMAL_TEXT_MAX]);

#endif

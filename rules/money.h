/* Money: whole minor units of an ISO 4217 currency, never floating point.
 *
 * Written as people write it, in one form only: `89.00 USD`, `1200 JPY`, `0.500 KWD`: as many decimals as the currency
 * has, no leading zeros, no sign, no grouping. */
#ifndef TROTH_RULES_MONEY_H
#define TROTH_RULES_MONEY_H

#include "base/error.h"
#include "base/slice.h"

#define CURRENCY_SIZE 4 /* three letters and a NUL */
#define MONEY_TEXT_MAX 40
#define MONEY_MINOR_MAX INT64_C(1000000000000000) /* 10^15 minor units: sums of thousands of these still fit */

struct money {
	int64_t minor; /* in the currency's smallest unit; amounts in notes are never negative, balances may be */
	char currency[CURRENCY_SIZE];
};

/* Reads an amount of 0 to MONEY_MINOR_MAX. ERROR_BAD_VALUE with what is wrong and how to write it. */
enum error money_parse(struct slice text, struct money *out, struct failure *failure);

/* Writes an amount; a negative one with a minus sign. `out` has MONEY_TEXT_MAX bytes. The currency must be one that
 * money_parse knows. Returns `out`. */
const char *money_format(const struct money *money, char out[MONEY_TEXT_MAX]);

/* The number of decimals of a currency, or -1 if there is none of that code. */
int currency_exponent(const char *code);

bool money_same_currency(const struct money *a, const struct money *b);

/* a + b and money * factor, checked. ERROR_OVERFLOW past MONEY_MINOR_MAX either way; ERROR_BAD_VALUE for two different
 * currencies. */
enum error money_add(const struct money *a, const struct money *b, struct money *out, struct failure *failure);
enum error money_multiply(const struct money *money, int64_t factor, struct money *out, struct failure *failure);

/* Splits an amount of 0 to MONEY_MINOR_MAX by weights (each 0 or more, together 1 to 10,000): every part is its exact
 * share rounded down, and what is left goes, unit by unit, to the parts with the largest remainders, the first of equal
 * ones first (Hamilton's method). The parts add up to the amount. count is at most MONEY_PARTS_MAX. */
#define MONEY_PARTS_MAX 8
void money_split(int64_t minor, const int64_t *weights, size_t count, int64_t *parts);

#endif

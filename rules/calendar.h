/* Points in time and lengths of time, as notes write them.
 *
 * A time is RFC 3339 in UTC to the second, `2026-11-23T10:02:11Z`; a length is `72h` or `14d`. One form only. */
#ifndef TROTH_RULES_CALENDAR_H
#define TROTH_RULES_CALENDAR_H

#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

#define TIME_TEXT_SIZE 21 /* with the NUL */

/* Seconds since 1970-01-01T00:00:00Z, for the years 2000 to 9999. ERROR_BAD_VALUE with how to write it. */
enum error time_parse(struct slice text, int64_t *seconds, struct failure *failure);

/* Returns `out`. `seconds` must be within the years 1970 to 9999: a clock that was never set can be written too. */
const char *time_format(int64_t seconds, char out[TIME_TEXT_SIZE]);

/* A whole number of hours or days, at least 1 and at most 9,999, in seconds. ERROR_BAD_VALUE. */
enum error duration_parse(struct slice text, int64_t *seconds, struct failure *failure);

/* A whole number without sign or leading zeros, of at most 18 digits. ERROR_BAD_VALUE. */
enum error count_parse(struct slice text, int64_t *number, struct failure *failure);

#endif

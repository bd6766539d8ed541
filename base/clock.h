/* The two clocks. Only the edges of a program read them; rules and cores take time as an argument. */
#ifndef TROTH_BASE_CLOCK_H
#define TROTH_BASE_CLOCK_H

#include <stdint.h>

/* Seconds since 1970-01-01T00:00:00Z, as the machine's administrator set it; may jump. For tests and rehearsals of what
 * happens later: where the environment variable CLOCK_FILE_VARIABLE names a file, the number of seconds in it is added
 * (a missing file or anything else in it adds nothing). */
#define CLOCK_FILE_VARIABLE "TROTH_CLOCK"
int64_t clock_wall_seconds(void);

/* Milliseconds of a clock that never jumps; for timeouts. */
int64_t clock_milliseconds(void);

/* Nanoseconds of the same clock; for measuring. */
int64_t clock_nanoseconds(void);

#endif

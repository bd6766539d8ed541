/* How much memory this process really takes, and giving back what it does not need. */
#ifndef TROTH_WIRE_RESIDENT_H
#define TROTH_WIRE_RESIDENT_H

#include <stdint.h>

/* Opens what resident_bytes reads; -1 if the system does not tell. Closed by close(2). */
int resident_open(void);

/* Bytes of memory that this process occupies now; 0 if that cannot be had. Some microseconds. */
int64_t resident_bytes(int descriptor);

/* Gives freed memory back to the system; some milliseconds for each 100 MiB. */
void resident_trim(void);

#endif

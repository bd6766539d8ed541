/* Unpredictable bytes from the kernel, for tokens and ids outside crypto/ (which has its own source for keys). */
#ifndef TROTH_BASE_ENTROPY_H
#define TROTH_BASE_ENTROPY_H

#include <stddef.h>
#include <stdint.h>

/* Fills `out`. Cannot fail: a kernel without randomness ends the process. */
void entropy_fill(uint8_t *out, size_t size);

#endif

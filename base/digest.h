/* Digests for finding damage and for naming things, by xxHash (XXH3): fast, and no cryptography. Who knows the seed can
 * make two inputs with the same digest; who doesn't, can't in practice. */
#ifndef TROTH_BASE_DIGEST_H
#define TROTH_BASE_DIGEST_H

#include "base/slice.h"

#define DIGEST_SIZE 16

uint64_t digest_64(uint64_t seed, struct slice bytes);

/* In the canonical (big-endian) form. */
void digest_128(uint64_t seed, struct slice bytes, uint8_t out[DIGEST_SIZE]);

#endif

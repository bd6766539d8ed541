/* The one home of xxhash.h; see digest.h. */
#include "base/digest.h"

#include <xxhash.h>

uint64_t digest_64(uint64_t seed, struct slice bytes) {
	return XXH3_64bits_withSeed(bytes.data, bytes.size, seed);
}

void digest_128(uint64_t seed, struct slice bytes, uint8_t out[DIGEST_SIZE]) {
	XXH128_canonical_t canonical;
	XXH128_canonicalFromHash(&canonical, XXH3_128bits_withSeed(bytes.data, bytes.size, seed));
	memcpy(out, canonical.digest, DIGEST_SIZE);
}

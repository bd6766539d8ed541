/* Programs that we did not write check our signatures: openssl and signify-openbsd.
 *
 * Both are dependencies of the project (.ci/deps), so a missing one ends the test (tests/lib/stop.h). */
#ifndef TROTH_TESTS_LIB_FOREIGN_H
#define TROTH_TESTS_LIB_FOREIGN_H

#include "crypto/keys.h"

struct foreign {
	const char *name;
	bool (*accepts)(const uint8_t public_key[KEY_SIZE], struct slice text, const uint8_t signature[SIGNATURE_SIZE]);
};

/* True if `openssl pkeyutl -verify -rawin`, or `signify-openbsd -V`, says that the signature is of this text. */
bool foreign_openssl_accepts(const uint8_t public_key[KEY_SIZE], struct slice text,
                             const uint8_t signature[SIGNATURE_SIZE]);
bool foreign_signify_accepts(const uint8_t public_key[KEY_SIZE], struct slice text,
                             const uint8_t signature[SIGNATURE_SIZE]);

/* All of them. */
#define FOREIGN_COUNT 2
extern const struct foreign foreign_verifiers[FOREIGN_COUNT];

#endif

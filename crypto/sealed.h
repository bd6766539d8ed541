/* Sealed boxes: bytes that only the holder of a signing key can read, sent by anyone (libsodium's crypto_box_seal, by
 * the X25519 form of the Ed25519 key). They say nothing of who sealed them. */
#ifndef TROTH_CRYPTO_SEALED_H
#define TROTH_CRYPTO_SEALED_H

#include "crypto/keys.h"

#define SEALED_OVERHEAD 48     /* bytes by which a sealed box is longer than what is in it */
#define SEALED_MESSAGE_MAX 4096 /* bytes that may be sealed */

/* Appends `message`, sealed to a public key. ERROR_TOO_LONG, ERROR_BAD_KEY for bytes that are no usable public key,
 * ERROR_NO_MEMORY if `out` has no room. */
enum error sealed_write(const uint8_t public_key[KEY_SIZE], struct slice message, struct buffer *out,
                        struct failure *failure);

/* Appends what was sealed to this key. ERROR_MALFORMED for what cannot be a sealed box, ERROR_BAD_KEY if it was sealed
 * to another key or changed. */
enum error sealed_read(const struct signing_key *key, struct slice sealed, struct buffer *out,
                       struct failure *failure);

#endif

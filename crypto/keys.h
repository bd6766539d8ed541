/* Ed25519 signing keys (RFC 8032, by libsodium) and what is derived from bytes alone: SHA-256, hex, base64.
 *
 * A secret half lives in guarded memory (sodium_malloc), is derived from its 32-byte seed, and is wiped when freed.
 * libsodium's verify is the gate: it refuses S >= L, small-order keys and points, and non-canonical keys. */
#ifndef TROTH_CRYPTO_KEYS_H
#define TROTH_CRYPTO_KEYS_H

#include "base/buffer.h"
#include "base/error.h"

#define KEY_SIZE 32 /* bytes of a seed and of a public key */
#define SIGNATURE_SIZE 64
#define HASH_SIZE 32
#define HASH_HEX_SIZE 65 /* with the NUL */

/* Starts libsodium, forbids core dumps. Call once, first. ERROR_SYSTEM. */
enum error crypto_start(struct failure *failure);

struct signing_key;

/* A new random key, or the key of a seed (copied; the caller wipes its own). NULL if memory is out. */
struct signing_key *signing_key_new(void);
struct signing_key *signing_key_from_seed(const uint8_t seed[KEY_SIZE]);
void signing_key_free(struct signing_key *key);

/* The public half, borrowed from the key. */
const uint8_t *signing_key_public(const struct signing_key *key);

/* Copies the seed out, for a key file; the caller wipes it. */
void signing_key_seed(const struct signing_key *key, uint8_t seed[KEY_SIZE]);

/* Signs `message`. Deterministic, cannot fail. */
void signing_key_sign(const struct signing_key *key, struct slice message, uint8_t signature[SIGNATURE_SIZE]);

/* True if the signature is valid. The caller must look at the result. */
bool signature_verify(const uint8_t public_key[KEY_SIZE], struct slice message,
                      const uint8_t signature[SIGNATURE_SIZE]) __attribute__((warn_unused_result));

/* True if these 32 bytes are a public key that may be enrolled: a canonical point of the prime-order group. */
bool public_key_is_usable(const uint8_t public_key[KEY_SIZE]) __attribute__((warn_unused_result));

/* SHA-256 (FIPS 180-4). */
void hash_sha256(struct slice bytes, uint8_t out[HASH_SIZE]);

/* Lower-case hex. `out` has 2 * bytes.size + 1 bytes. */
void hex_encode(struct slice bytes, char *out);

/* Exactly `size` bytes of lower-case hex. False for anything else. */
bool hex_decode(struct slice text, uint8_t *out, size_t size);

/* Standard base64 with padding (RFC 4648 section 4). Decoding is strict, one form only, and writes at most `capacity`
 * bytes. */
bool base64_encode(struct slice bytes, struct buffer *out);
bool base64_decode(struct slice text, uint8_t *out, size_t capacity, size_t *size);

/* Overwrites a secret. */
void secret_wipe(void *secret, size_t size);

#endif

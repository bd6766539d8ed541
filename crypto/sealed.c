/* Sealed boxes by libsodium; see sealed.h. */
#include "crypto/sealed.h"

#include <sodium.h>

_Static_assert(SEALED_OVERHEAD == crypto_box_SEALBYTES, "size of libsodium's sealed boxes");

enum error sealed_write(const uint8_t public_key[KEY_SIZE], struct slice message, struct buffer *out,
                        struct failure *failure) {
	uint8_t box_key[crypto_box_PUBLICKEYBYTES], sealed[SEALED_MESSAGE_MAX + SEALED_OVERHEAD];
	if (message.size > SEALED_MESSAGE_MAX) {
		return fail(failure, ERROR_TOO_LONG, "more than %d bytes cannot be sealed", SEALED_MESSAGE_MAX);
	}
	if (!public_key_is_usable(public_key) || crypto_sign_ed25519_pk_to_curve25519(box_key, public_key) != 0) {
		return fail(failure, ERROR_BAD_KEY, "nothing can be sealed to this key");
	}
	if (crypto_box_seal(sealed, message.data, message.size, box_key) != 0) {
		return fail(failure, ERROR_BAD_KEY, "nothing can be sealed to this key");
	}
	return buffer_append(out, sealed, message.size + SEALED_OVERHEAD) ? OK
	       : fail(failure, ERROR_NO_MEMORY, "no room for a sealed box");
}

/* The X25519 pair of a signing key. The caller wipes `secret`. */
static bool make_pair(const struct signing_key *key, uint8_t public_key[crypto_box_PUBLICKEYBYTES],
                      uint8_t secret[crypto_box_SECRETKEYBYTES]) {
	uint8_t seed[KEY_SIZE], own[KEY_SIZE], whole[crypto_sign_SECRETKEYBYTES];
	signing_key_seed(key, seed);
	bool good = crypto_sign_seed_keypair(own, whole, seed) == 0 &&
	            crypto_sign_ed25519_pk_to_curve25519(public_key, own) == 0 &&
	            crypto_sign_ed25519_sk_to_curve25519(secret, whole) == 0;
	secret_wipe(seed, sizeof seed);
	secret_wipe(whole, sizeof whole);
	return good;
}

enum error sealed_read(const struct signing_key *key, struct slice sealed, struct buffer *out,
                       struct failure *failure) {
	uint8_t public_key[crypto_box_PUBLICKEYBYTES], secret[crypto_box_SECRETKEYBYTES], message[SEALED_MESSAGE_MAX];
	if (sealed.size < SEALED_OVERHEAD || sealed.size > SEALED_MESSAGE_MAX + SEALED_OVERHEAD) {
		return fail(failure, ERROR_MALFORMED, "%zu bytes are no sealed box", sealed.size);
	}
	bool opened = make_pair(key, public_key, secret) &&
	              crypto_box_seal_open(message, sealed.data, sealed.size, public_key, secret) == 0;
	secret_wipe(secret, sizeof secret);
	if (!opened) {
		return fail(failure, ERROR_BAD_KEY, "sealed to another key, or changed on the way");
	}
	bool fits = buffer_append(out, message, sealed.size - SEALED_OVERHEAD);
	secret_wipe(message, sizeof message);
	return fits ? OK : fail(failure, ERROR_NO_MEMORY, "no room for what was sealed");
}

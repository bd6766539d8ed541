/* Keys, signatures, SHA-256 and encodings by libsodium; see keys.h. */
#include "crypto/keys.h"

#include <assert.h>
#include <sodium.h>
#include <sys/resource.h>

_Static_assert(KEY_SIZE == crypto_sign_SEEDBYTES && KEY_SIZE == crypto_sign_PUBLICKEYBYTES, "sizes of RFC 8032");
_Static_assert(SIGNATURE_SIZE == crypto_sign_BYTES, "size of RFC 8032");
_Static_assert(HASH_SIZE == crypto_hash_sha256_BYTES, "size of FIPS 180-4");

/* libsodium's secret key: seed || public key. The whole lies in guarded memory, which is read-only once filled. */
struct signing_key {
	uint8_t secret[crypto_sign_SECRETKEYBYTES];
};

/* The limit stops core files. A handler that the kernel pipes dumps to may ignore it; but guarded memory is left out
 * of every dump (MADV_DONTDUMP, by sodium_malloc). PR_SET_DUMPABLE would add nothing to that, and takes /proc, perf
 * and the leak checker away. */
enum error crypto_start(struct failure *failure) {
	if (sodium_init() < 0) {
		return fail(failure, ERROR_SYSTEM, "libsodium does not start");
	}
	struct rlimit none = { 0, 0 };
	if (setrlimit(RLIMIT_CORE, &none) != 0) {
		return fail_system(failure, "cannot forbid core dumps");
	}
	return OK;
}

/* A key from `seed`, or a random one if that is NULL. */
static struct signing_key *make_key(const uint8_t *seed) {
	struct signing_key *key = sodium_malloc(sizeof *key);
	if (key == NULL) {
		return NULL;
	}
	uint8_t public_key[KEY_SIZE];
	int failed = seed == NULL ? crypto_sign_keypair(public_key, key->secret)
	                          : crypto_sign_seed_keypair(public_key, key->secret, seed);
	assert(failed == 0);
	(void)sodium_mprotect_readonly(key); /* a precaution against stray writes; a kernel that cannot does no harm */
	return key;
}

struct signing_key *signing_key_new(void) {
	return make_key(NULL);
}

struct signing_key *signing_key_from_seed(const uint8_t seed[KEY_SIZE]) {
	return make_key(seed);
}

void signing_key_free(struct signing_key *key) {
	sodium_free(key); /* wipes; NULL is fine */
}

const uint8_t *signing_key_public(const struct signing_key *key) {
	return key->secret + crypto_sign_SEEDBYTES;
}

void signing_key_seed(const struct signing_key *key, uint8_t seed[KEY_SIZE]) {
	memcpy(seed, key->secret, KEY_SIZE);
}

void signing_key_sign(const struct signing_key *key, struct slice message, uint8_t signature[SIGNATURE_SIZE]) {
	int failed = crypto_sign_detached(signature, NULL, message.data, message.size, key->secret);
	assert(failed == 0);
}

bool signature_verify(const uint8_t public_key[KEY_SIZE], struct slice message,
                      const uint8_t signature[SIGNATURE_SIZE]) {
	return crypto_sign_verify_detached(signature, message.data, message.size, public_key) == 0;
}

bool public_key_is_usable(const uint8_t public_key[KEY_SIZE]) {
	return crypto_core_ed25519_is_valid_point(public_key) == 1;
}

void hash_sha256(struct slice bytes, uint8_t out[HASH_SIZE]) {
	(void)crypto_hash_sha256(out, bytes.data, bytes.size);
}

void hex_encode(struct slice bytes, char *out) {
	(void)sodium_bin2hex(out, 2 * bytes.size + 1, bytes.data, bytes.size);
}

/* sodium_hex2bin also takes capitals, which would give the same bytes a second form. */
static bool has_capitals(struct slice text) {
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] >= 'A' && text.data[i] <= 'F') {
			return true;
		}
	}
	return false;
}

bool hex_decode(struct slice text, uint8_t *out, size_t size) {
	if (text.size % 2 != 0 || text.size / 2 != size || has_capitals(text)) {
		return false;
	}
	return sodium_hex2bin(out, size, (const char *)text.data, text.size, NULL, NULL, NULL) == 0;
}

bool base64_encode(struct slice bytes, struct buffer *out) {
	enum { CHUNK = 48 }; /* a multiple of three, so that only the last chunk is padded */
	char text[sodium_base64_ENCODED_LEN(CHUNK, sodium_base64_VARIANT_ORIGINAL)];
	for (size_t at = 0; at < bytes.size; at += CHUNK) {
		size_t size = bytes.size - at < CHUNK ? bytes.size - at : CHUNK;
		(void)sodium_bin2base64(text, sizeof text, bytes.data + at, size, sodium_base64_VARIANT_ORIGINAL);
		(void)buffer_append_text(out, text);
	}
	return buffer_ok(out);
}

static bool is_ascii(struct slice text) {
	uint8_t seen = 0;
	for (size_t i = 0; i < text.size; i++) {
		seen |= text.data[i];
	}
	return seen < 0x80;
}

/* libsodium's decoder is strict when it may ignore nothing and is not asked where it stopped: it wants the padding,
 * zero bits below it, and no byte behind it. But 1.0.18 takes every byte from 0x80 for a digit (our fuzzer found it),
 * which would give a signature line many forms. */
bool base64_decode(struct slice text, uint8_t *out, size_t capacity, size_t *size) {
	*size = 0;
	return is_ascii(text) && sodium_base642bin(out, capacity, (const char *)text.data, text.size, NULL, size, NULL,
	                                           sodium_base64_VARIANT_ORIGINAL) == 0;
}

void secret_wipe(void *secret, size_t size) {
	sodium_memzero(secret, size);
}

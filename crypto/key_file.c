/* Writing, reading and sealing key files; see key_file.h.
 *
 * A file has one byte form: five lines in a fixed order, each read by its row of a table. The seed and the key that
 * seals it are only ever in guarded memory, apart from the hex of a plain file. */
#include "crypto/key_file.h"

#include <inttypes.h>
#include <sodium.h>

#include "crypto/signed_note.h"

#define SEAL_WORD "argon2id operations="
#define OPERATIONS_MAX 10
#define MEMORY_MAX_KIB (1024 * 1024)
#define MEMORY_MIN_KIB (crypto_pwhash_argon2id_MEMLIMIT_MIN / 1024)
#define SALT_SIZE crypto_pwhash_argon2id_SALTBYTES
#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define SEALED_SIZE (KEY_SIZE + crypto_aead_xchacha20poly1305_ietf_ABYTES)
#define LINE_OF_PUBLIC 3
#define LINE_OF_SECRET 5

_Static_assert(SALT_SIZE == 16 && NONCE_SIZE == 24 && SEALED_SIZE == 48, "the sizes that key_file.h draws");

/* How the seed is sealed. */
struct seal {
	uint64_t operations, memory; /* of Argon2id; memory in KiB */
	uint8_t salt[SALT_SIZE];
	uint8_t nonce[NONCE_SIZE];
};

/* A file, taken apart but not opened. Slices are borrowed from it. */
struct key_text {
	struct slice name;
	uint8_t public_key[KEY_SIZE];
	bool sealed;
	struct seal seal;
	struct slice authenticated; /* all lines above `secret` */
	struct slice secret;        /* hex */
};

/* Lives in guarded memory. */
struct secrets {
	uint8_t sealing_key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
	uint8_t seed[KEY_SIZE];
};

/* ---- taking apart ---- */

/* Cuts `prefix` off the front. False, with nothing changed, if it is not there. */
static bool take(struct slice *rest, const char *prefix) {
	size_t size = strlen(prefix);
	if (rest->size < size || memcmp(rest->data, prefix, size) != 0) {
		return false;
	}
	*rest = slice_of(rest->data + size, rest->size - size);
	return true;
}

/* Cuts a decimal number without leading zeros off the front, if it is within the limits. */
static bool take_number(struct slice *rest, uint64_t minimum, uint64_t maximum, uint64_t *out) {
	size_t digits = 0;
	uint64_t number = 0;
	while (digits < rest->size && rest->data[digits] >= '0' && rest->data[digits] <= '9' && number <= maximum) {
		number = number * 10 + (uint64_t)(rest->data[digits] - '0');
		digits++;
	}
	if (digits == 0 || rest->data[0] == '0' || number < minimum || number > maximum) {
		return false;
	}
	*rest = slice_of(rest->data + digits, rest->size - digits);
	*out = number;
	return true;
}

/* Cuts exactly `size` bytes of hex off the front. */
static bool take_hex(struct slice *rest, uint8_t *out, size_t size) {
	if (rest->size < 2 * size || !hex_decode(slice_of(rest->data, 2 * size), out, size)) {
		return false;
	}
	*rest = slice_of(rest->data + 2 * size, rest->size - 2 * size);
	return true;
}

static bool read_nothing(struct slice value, struct key_text *out) {
	(void)out;
	return value.size == 0;
}

static bool read_name(struct slice value, struct key_text *out) {
	out->name = value;
	return signer_name_is_valid(value);
}

static bool read_public(struct slice value, struct key_text *out) {
	return hex_decode(value, out->public_key, KEY_SIZE);
}

static bool read_seal(struct slice value, struct key_text *out) {
	if (slice_is(value, "none")) {
		return true;
	}
	out->sealed = true;
	return take(&value, SEAL_WORD) && take_number(&value, 1, OPERATIONS_MAX, &out->seal.operations) &&
	       take(&value, " memory=") && take_number(&value, MEMORY_MIN_KIB, MEMORY_MAX_KIB, &out->seal.memory) &&
	       take(&value, " salt=") && take_hex(&value, out->seal.salt, SALT_SIZE) &&
	       take(&value, " nonce=") && take_hex(&value, out->seal.nonce, NONCE_SIZE) && value.size == 0;
}

/* Only the length: the digits are looked at where they are decoded, into guarded memory. */
static bool read_secret(struct slice value, struct key_text *out) {
	out->secret = value;
	return value.size == (out->sealed ? 2 * SEALED_SIZE : 2 * KEY_SIZE);
}

static const struct line_row {
	const char *key;
	bool (*read)(struct slice value, struct key_text *out);
	const char *expected;
} line_rows[] = {
	{ "troth-key/v1", read_nothing, "troth-key/v1" },
	{ "name ", read_name, "name <the name that signatures carry>" },
	{ "public ed25519:", read_public, "public ed25519:<64 hex digits>" },
	{ "seal ", read_seal,
	  "seal none, or seal argon2id operations=<1 to 10> memory=<8 to 1048576> salt=<32 hex> nonce=<48 hex>" },
	{ "secret ", read_secret, "secret <64 hex digits, or 96 if it is sealed>" },
};

/* Cuts the first line off, without its LF. False if no LF is left. */
static bool take_line(struct slice *rest, struct slice *line) {
	const uint8_t *feed = rest->size == 0 ? NULL : memchr(rest->data, '\n', rest->size);
	if (feed == NULL) {
		return false;
	}
	*line = slice_of(rest->data, (size_t)(feed - rest->data));
	*rest = slice_of(feed + 1, rest->size - line->size - 1);
	return true;
}

static enum error parse(struct slice file, struct key_text *out, struct failure *failure) {
	*out = (struct key_text){ .sealed = false };
	if (file.size > KEY_FILE_MAX) {
		return fail(failure, ERROR_TOO_LONG, "a key file has at most %d bytes", KEY_FILE_MAX);
	}
	struct slice rest = file;
	for (unsigned i = 0; i < sizeof line_rows / sizeof line_rows[0]; i++) {
		out->authenticated = slice_of(file.data, file.size - rest.size);
		struct slice line = { NULL, 0 };
		if (!take_line(&rest, &line) || !take(&line, line_rows[i].key) || !line_rows[i].read(line, out)) {
			return fail_at(failure, ERROR_MALFORMED, i + 1, "expected: %s", line_rows[i].expected);
		}
	}
	if (rest.size > 0) {
		return fail_at(failure, ERROR_MALFORMED, LINE_OF_SECRET + 1, "a key file ends with its secret");
	}
	return OK;
}

bool key_file_is_sealed(struct slice file) {
	struct key_text text;
	return parse(file, &text, NULL) == OK && text.sealed;
}

/* ---- sealing ---- */

static enum error derive_sealing_key(const struct seal *seal, struct slice passphrase, uint8_t *sealing_key,
                                     struct failure *failure) {
	int failed = crypto_pwhash(sealing_key, crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
	                           (const char *)passphrase.data, passphrase.size, seal->salt, seal->operations,
	                           (size_t)seal->memory * 1024, crypto_pwhash_ALG_ARGON2ID13);
	return failed == 0 ? OK : fail(failure, ERROR_NO_MEMORY, "Argon2id needs %" PRIu64 " KiB of memory", seal->memory);
}

static bool passphrase_is_possible(struct slice passphrase) {
	return passphrase.size > 0 && passphrase.size <= PASSPHRASE_MAX;
}

/* Decrypts the seed of a sealed file into `secrets`. */
static enum error unseal(const struct key_text *text, const struct slice *passphrase, struct secrets *secrets,
                         struct failure *failure) {
	uint8_t sealed[SEALED_SIZE];
	if (!hex_decode(text->secret, sealed, sizeof sealed)) {
		return fail_at(failure, ERROR_MALFORMED, LINE_OF_SECRET, "the secret is not lower-case hex");
	}
	if (passphrase == NULL) {
		return fail(failure, ERROR_WRONG_PASSPHRASE, "the key is sealed and needs its passphrase");
	}
	if (passphrase_is_possible(*passphrase)) {
		enum error error = derive_sealing_key(&text->seal, *passphrase, secrets->sealing_key, failure);
		if (error != OK) {
			return error;
		}
		if (crypto_aead_xchacha20poly1305_ietf_decrypt(secrets->seed, NULL, NULL, sealed, sizeof sealed,
		                                               text->authenticated.data, text->authenticated.size,
		                                               text->seal.nonce, secrets->sealing_key) == 0) {
			return OK;
		}
	}
	return fail(failure, ERROR_WRONG_PASSPHRASE, "the passphrase does not open the key, or the file was changed");
}

/* Makes the key of a seed and holds it against what the file says of it. */
static enum error make_key(const struct key_text *text, const struct secrets *secrets, struct signing_key **key,
                           struct failure *failure) {
	struct signing_key *made = signing_key_from_seed(secrets->seed);
	if (made == NULL) {
		return fail(failure, ERROR_NO_MEMORY, "no guarded memory for the key");
	}
	if (memcmp(signing_key_public(made), text->public_key, KEY_SIZE) != 0) {
		signing_key_free(made);
		return fail_at(failure, ERROR_MALFORMED, LINE_OF_PUBLIC, "the secret belongs to another public key");
	}
	*key = made;
	return OK;
}

enum error key_file_read(struct slice file, const struct slice *passphrase, char *name, struct signing_key **key,
                         struct failure *failure) {
	*key = NULL;
	struct key_text text;
	enum error error = parse(file, &text, failure);
	if (error != OK) {
		return error;
	}
	struct secrets *secrets = sodium_malloc(sizeof *secrets);
	if (secrets == NULL) {
		return fail(failure, ERROR_NO_MEMORY, "no guarded memory for the key");
	}
	if (text.sealed) {
		error = unseal(&text, passphrase, secrets, failure);
	} else if (!hex_decode(text.secret, secrets->seed, KEY_SIZE)) {
		error = fail_at(failure, ERROR_MALFORMED, LINE_OF_SECRET, "the secret is not lower-case hex");
	}
	if (error == OK) {
		error = make_key(&text, secrets, key, failure);
	}
	sodium_free(secrets);
	if (error == OK && name != NULL) {
		(void)slice_copy_text(text.name, name, SIGNER_NAME_MAX); /* fits: the name has been checked */
	}
	return error;
}

/* ---- writing ---- */

static void append_header(struct buffer *out, const char *name, const struct signing_key *key) {
	char hex[2 * KEY_SIZE + 1];
	hex_encode(slice_of(signing_key_public(key), KEY_SIZE), hex);
	(void)buffer_format(out, "troth-key/v1\nname %s\npublic ed25519:%s\n", name, hex);
}

static void append_seal(struct buffer *out, const struct seal *seal) {
	char salt[2 * SALT_SIZE + 1], nonce[2 * NONCE_SIZE + 1];
	hex_encode(slice_of(seal->salt, SALT_SIZE), salt);
	hex_encode(slice_of(seal->nonce, NONCE_SIZE), nonce);
	(void)buffer_format(out, "seal " SEAL_WORD "%" PRIu64 " memory=%" PRIu64 " salt=%s nonce=%s\n", seal->operations,
	                    seal->memory, salt, nonce);
}

static void append_secret(struct buffer *out, struct slice secret) {
	char hex[2 * SEALED_SIZE + 1];
	hex_encode(secret, hex);
	(void)buffer_append_text(out, "secret ");
	(void)buffer_append_text(out, hex);
	(void)buffer_append_text(out, "\n");
	secret_wipe(hex, sizeof hex);
}

/* Derives the sealing key before anything is written, since that is what may fail. */
static enum error write_sealed(struct buffer *out, const char *name, const struct signing_key *key,
                               struct slice passphrase, struct secrets *secrets, struct failure *failure) {
	struct seal seal = { .operations = crypto_pwhash_argon2id_OPSLIMIT_MODERATE,
		                 .memory = crypto_pwhash_argon2id_MEMLIMIT_MODERATE / 1024 };
	randombytes_buf(seal.salt, sizeof seal.salt);
	randombytes_buf(seal.nonce, sizeof seal.nonce);
	enum error error = derive_sealing_key(&seal, passphrase, secrets->sealing_key, failure);
	if (error != OK) {
		return error;
	}
	size_t start = out->size;
	append_header(out, name, key);
	append_seal(out, &seal);
	if (!buffer_ok(out)) {
		return fail(failure, ERROR_NO_MEMORY, "no room for the key file");
	}
	uint8_t sealed[SEALED_SIZE];
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, secrets->seed, KEY_SIZE, out->data + start,
	                                                 out->size - start, NULL, seal.nonce, secrets->sealing_key);
	append_secret(out, slice_of(sealed, sizeof sealed));
	return OK;
}

enum error key_file_write(struct buffer *out, const char *name, const struct signing_key *key,
                          const struct slice *passphrase, struct failure *failure) {
	if (!signer_name_is_valid(slice_of_text(name))) {
		return fail(failure, ERROR_BAD_VALUE, "not a name for a key");
	}
	if (passphrase != NULL && !passphrase_is_possible(*passphrase)) {
		return fail(failure, ERROR_BAD_VALUE, "a passphrase has 1 to %d bytes", PASSPHRASE_MAX);
	}
	struct secrets *secrets = sodium_malloc(sizeof *secrets);
	if (secrets == NULL) {
		return fail(failure, ERROR_NO_MEMORY, "no guarded memory for the key");
	}
	signing_key_seed(key, secrets->seed);
	enum error error = OK;
	if (passphrase == NULL) {
		append_header(out, name, key);
		(void)buffer_append_text(out, "seal none\n");
		append_secret(out, slice_of(secrets->seed, KEY_SIZE));
	} else {
		error = write_sealed(out, name, key, *passphrase, secrets, failure);
	}
	sodium_free(secrets);
	if (error == OK && !buffer_ok(out)) {
		error = fail(failure, ERROR_NO_MEMORY, "no room for the key file");
	}
	return error;
}

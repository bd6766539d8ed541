/* Transport key pairs by libzmq's CURVE functions, and their file; see identity.h. */
#include "wire/identity.h"

#include <errno.h>
#include <zmq.h>

#include "base/file.h"

#define Z85_SIZE 41 /* characters of a key in Z85 (ZeroMQ RFC 32), with the NUL */

static const char first_line[] = "troth-transport-key/v1\n";
static const char public_word[] = "public ";
static const char secret_word[] = "secret ";
static const char key_prefix[] = "curve25519:";
static const char digits[] = "0123456789abcdef";

_Static_assert(sizeof key_prefix + (size_t)TRANSPORT_KEY_SIZE * 2 == TRANSPORT_KEY_TEXT, "text form of a key");

static void hex_of_key(const uint8_t key[TRANSPORT_KEY_SIZE], char *out) {
	for (size_t i = 0; i < TRANSPORT_KEY_SIZE; i++) {
		out[2 * i] = digits[key[i] >> 4];
		out[2 * i + 1] = digits[key[i] & 15];
	}
	out[(size_t)TRANSPORT_KEY_SIZE * 2] = '\0';
}

/* The value of a lower-case digit, or -1: a key has one text form only. */
static int digit_value(uint8_t digit) {
	if (digit >= '0' && digit <= '9') {
		return digit - '0';
	}
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static bool key_of_hex(struct slice hex, uint8_t key[TRANSPORT_KEY_SIZE]) {
	if (hex.size != (size_t)TRANSPORT_KEY_SIZE * 2) {
		return false;
	}
	for (size_t i = 0; i < TRANSPORT_KEY_SIZE; i++) {
		int high = digit_value(hex.data[2 * i]);
		int low = digit_value(hex.data[2 * i + 1]);
		if (high < 0 || low < 0) {
			return false;
		}
		key[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

void transport_key_format(const uint8_t key[TRANSPORT_KEY_SIZE], char out[TRANSPORT_KEY_TEXT]) {
	memcpy(out, key_prefix, sizeof key_prefix - 1);
	hex_of_key(key, out + sizeof key_prefix - 1);
}

/* Takes `text` away from the front of `*rest`; false if it does not stand there. */
static bool skip(struct slice *rest, const char *text) {
	size_t size = strlen(text);
	if (rest->size < size || memcmp(rest->data, text, size) != 0) {
		return false;
	}
	*rest = slice_of(rest->data + size, rest->size - size);
	return true;
}

bool transport_key_parse(struct slice text, uint8_t key[TRANSPORT_KEY_SIZE]) {
	return skip(&text, key_prefix) && key_of_hex(text, key);
}

enum error identity_make(struct identity *identity, struct failure *failure) {
	char public_text[Z85_SIZE];
	char secret_text[Z85_SIZE];
	if (zmq_curve_keypair(public_text, secret_text) != 0) {
		return fail(failure, ERROR_SYSTEM, "libzmq cannot make a CURVE key: %s", zmq_strerror(errno));
	}
	bool decoded = zmq_z85_decode(identity->public_key, public_text) != NULL &&
	               zmq_z85_decode(identity->secret_key, secret_text) != NULL;
	explicit_bzero(secret_text, sizeof secret_text);
	return decoded ? OK : fail(failure, ERROR_SYSTEM, "libzmq made a CURVE key that is none");
}

void identity_wipe(struct identity *identity) {
	explicit_bzero(identity, sizeof *identity);
}

/* Cuts the next `size` bytes and the LF behind them from `*rest`. */
static bool take_line(struct slice *rest, size_t size, struct slice *line) {
	if (rest->size <= size || rest->data[size] != '\n') {
		return false;
	}
	*line = slice_of(rest->data, size);
	*rest = slice_of(rest->data + size + 1, rest->size - size - 1);
	return true;
}

static enum error parse(const char *path, struct slice rest, struct identity *identity, struct failure *failure) {
	struct slice line = { 0 };
	if (!skip(&rest, first_line)) {
		return fail_at(failure, ERROR_MALFORMED, 1, "%s is not a transport key (troth-transport-key/v1)", path);
	}
	if (!skip(&rest, public_word) || !take_line(&rest, TRANSPORT_KEY_TEXT - 1, &line) ||
	    !transport_key_parse(line, identity->public_key)) {
		return fail_at(failure, ERROR_MALFORMED, 2, "%s: expected: public curve25519:<64 hex digits>", path);
	}
	if (!skip(&rest, secret_word) || !take_line(&rest, (size_t)TRANSPORT_KEY_SIZE * 2, &line) ||
	    !key_of_hex(line, identity->secret_key)) {
		return fail_at(failure, ERROR_MALFORMED, 3, "%s: expected: secret <64 hex digits>", path);
	}
	return rest.size == 0 ? OK : fail_at(failure, ERROR_MALFORMED, 4, "%s: more than three lines", path);
}

/* The two halves of a file may have been mixed up by hand; then every connection would fail without a reason. */
static bool halves_belong_together(const struct identity *identity) {
	char secret_text[Z85_SIZE];
	char public_text[Z85_SIZE];
	uint8_t derived[TRANSPORT_KEY_SIZE];
	bool same = zmq_z85_encode(secret_text, identity->secret_key, TRANSPORT_KEY_SIZE) != NULL &&
	            zmq_curve_public(public_text, secret_text) == 0 && zmq_z85_decode(derived, public_text) != NULL &&
	            memcmp(derived, identity->public_key, TRANSPORT_KEY_SIZE) == 0;
	explicit_bzero(secret_text, sizeof secret_text);
	return same;
}

enum error identity_load(const char *path, struct identity *identity, struct failure *failure) {
	struct buffer text;
	buffer_init(&text, IDENTITY_FILE_MAX);
	enum error error = file_read_private(path, &text, failure);
	if (error == OK) {
		error = parse(path, buffer_slice(&text), identity, failure);
	}
	if (error == OK && !halves_belong_together(identity)) {
		error = fail(failure, ERROR_BAD_KEY, "%s: the public key is not the one of the secret key", path);
	}
	if (error != OK) {
		identity_wipe(identity);
	}
	buffer_release(&text);
	return error;
}

enum error identity_save(const char *path, const struct identity *identity, struct failure *failure) {
	char public_text[TRANSPORT_KEY_TEXT];
	char secret_text[TRANSPORT_KEY_SIZE * 2 + 1];
	transport_key_format(identity->public_key, public_text);
	hex_of_key(identity->secret_key, secret_text);
	const char *const parts[] = { first_line, public_word, public_text, "\n", secret_word, secret_text, "\n" };
	struct buffer text;
	buffer_init(&text, IDENTITY_FILE_MAX);
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		(void)buffer_append_text(&text, parts[i]);
	}
	enum error error = buffer_ok(&text) ? file_create(path, buffer_slice(&text), 0600, failure)
	                                    : fail(failure, ERROR_NO_MEMORY, "out of memory for the key file");
	explicit_bzero(secret_text, sizeof secret_text);
	buffer_release(&text);
	return error;
}

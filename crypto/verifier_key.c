/* Names of signers and verifier keys: what a signature line points to; see signed_note.h. */
#include <sodium.h>
#include <stdio.h>

#include "crypto/note_text.h"
#include "crypto/signed_note.h"

#define TYPED_KEY_SIZE (1 + KEY_SIZE) /* type || public key */

_Static_assert(SIGNER_NAME_MAX + 1 + 2 * KEY_ID_SIZE + 1 + (TYPED_KEY_SIZE + 2) / 3 * 4 <= VERIFIER_KEY_MAX,
               "the longest verifier key fits");

/* What no name may hold: control characters, '+', and Unicode's White_Space (PropList.txt). */
static const struct range {
	uint32_t first, last;
} refused[] = {
	{ 0x0000, 0x0020 }, { 0x002B, 0x002B }, { 0x007F, 0x00A0 }, { 0x1680, 0x1680 }, { 0x2000, 0x200A },
	{ 0x2028, 0x2029 }, { 0x202F, 0x202F }, { 0x205F, 0x205F }, { 0x3000, 0x3000 },
};

static bool is_refused(uint32_t code_point) {
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		if (code_point >= refused[i].first && code_point <= refused[i].last) {
			return true;
		}
	}
	return false;
}

bool signer_name_is_valid(struct slice name) {
	if (name.size == 0 || name.size >= SIGNER_NAME_MAX) {
		return false;
	}
	size_t at = 0;
	while (at < name.size) {
		uint32_t code_point = 0;
		size_t size = utf8_take(slice_of(name.data + at, name.size - at), &code_point);
		if (size == 0 || is_refused(code_point)) {
			return false;
		}
		at += size;
	}
	return true;
}

/* First bytes of SHA-256(name || 0x0A || type || public key). The name has been checked, so it fits. */
static void derive_key_id(struct slice name, const uint8_t public_key[KEY_SIZE], uint8_t key_id[KEY_ID_SIZE]) {
	uint8_t input[SIGNER_NAME_MAX + 1 + TYPED_KEY_SIZE];
	uint8_t hash[HASH_SIZE];
	memcpy(input, name.data, name.size);
	input[name.size] = '\n';
	input[name.size + 1] = KEY_TYPE_ED25519;
	memcpy(input + name.size + 2, public_key, KEY_SIZE);
	hash_sha256(slice_of(input, name.size + 1 + TYPED_KEY_SIZE), hash);
	memcpy(key_id, hash, KEY_ID_SIZE);
}

enum error verifier_key_make(const char *name, const uint8_t public_key[KEY_SIZE], struct verifier_key *out,
                             struct failure *failure) {
	struct slice given = slice_of_text(name);
	if (!signer_name_is_valid(given)) {
		return fail(failure, ERROR_BAD_VALUE, "not a name for a key: 1 to %d bytes of text without blanks or '+'",
		            SIGNER_NAME_MAX - 1);
	}
	memcpy(out->name, given.data, given.size + 1);
	memcpy(out->public_key, public_key, KEY_SIZE);
	derive_key_id(given, public_key, out->key_id);
	return OK;
}

/* Takes `name "+" hex(key id) "+" base64(type || public key)` apart. False if it is not of that form. */
static bool split_verifier_key(struct slice text, struct verifier_key *out, uint8_t typed[TYPED_KEY_SIZE]) {
	const uint8_t *plus = text.size == 0 ? NULL : memchr(text.data, '+', text.size);
	if (plus == NULL) {
		return false;
	}
	struct slice name = slice_of(text.data, (size_t)(plus - text.data));
	struct slice rest = slice_of(plus + 1, text.size - name.size - 1);
	if (rest.size <= 2 * KEY_ID_SIZE || rest.data[2 * KEY_ID_SIZE] != '+') {
		return false;
	}
	struct slice id = slice_of(rest.data, 2 * KEY_ID_SIZE);
	struct slice key = slice_of(rest.data + id.size + 1, rest.size - id.size - 1);
	size_t size = 0;
	return signer_name_is_valid(name) && slice_copy_text(name, out->name, sizeof out->name) &&
	       hex_decode(id, out->key_id, KEY_ID_SIZE) && base64_decode(key, typed, TYPED_KEY_SIZE, &size) &&
	       size == TYPED_KEY_SIZE;
}

enum error verifier_key_parse(struct slice text, struct verifier_key *out, struct failure *failure) {
	uint8_t typed[TYPED_KEY_SIZE];
	if (!split_verifier_key(text, out, typed)) {
		return fail(failure, ERROR_MALFORMED, "not a verifier key: <name>+<8 hex digits>+<base64 of 33 bytes>");
	}
	if (typed[0] != KEY_TYPE_ED25519) {
		return fail(failure, ERROR_BAD_KEY, "the verifier key is of type %u, not Ed25519 (%u)", typed[0],
		            KEY_TYPE_ED25519);
	}
	memcpy(out->public_key, typed + 1, KEY_SIZE);
	uint8_t derived[KEY_ID_SIZE];
	derive_key_id(slice_of_text(out->name), out->public_key, derived);
	if (memcmp(derived, out->key_id, KEY_ID_SIZE) != 0) {
		return fail(failure, ERROR_BAD_KEY, "the verifier key's id does not follow from its name and key");
	}
	if (!public_key_is_usable(out->public_key)) {
		return fail(failure, ERROR_BAD_KEY, "the verifier key is no point of the prime-order group");
	}
	return OK;
}

void verifier_key_format(const struct verifier_key *key, char out[VERIFIER_KEY_MAX]) {
	uint8_t typed[TYPED_KEY_SIZE] = { KEY_TYPE_ED25519 };
	memcpy(typed + 1, key->public_key, KEY_SIZE);
	char id[2 * KEY_ID_SIZE + 1];
	hex_encode(slice_of(key->key_id, KEY_ID_SIZE), id);
	int used = snprintf(out, VERIFIER_KEY_MAX, "%s+%s+", key->name, id);
	(void)sodium_bin2base64(out + used, VERIFIER_KEY_MAX - (size_t)used, typed, sizeof typed,
	                        sodium_base64_VARIANT_ORIGINAL);
}

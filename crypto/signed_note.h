/* C2SP signed notes (github.com/C2SP/C2SP signed-note.md, v1.0.0): text that people read, and Ed25519 signatures on it.
 *
 *     text, ends in LF
 *     (empty line)
 *     U+2014 SP <key name> SP base64(key id[4] || signature[64]) LF      one or more
 *
 * Key id: the first four bytes of SHA-256(name || 0x0A || type || public key), type 0x01 for Ed25519.
 * Verifier key: name "+" hex(key id) "+" base64(type || public key). */
#ifndef TROTH_CRYPTO_SIGNED_NOTE_H
#define TROTH_CRYPTO_SIGNED_NOTE_H

#include "crypto/keys.h"

#define SIGNED_NOTE_TEXT_MAX 16384 /* bytes of text, its last LF included */
#define SIGNED_NOTE_MAX 24576      /* bytes of the whole */
#define SIGNED_NOTE_SIGNATURES_MAX 16
#define SIGNER_NAME_MAX 256 /* with the NUL */
#define VERIFIER_KEY_MAX 400
#define KEY_TYPE_ED25519 0x01
#define KEY_ID_SIZE 4

struct note_signature {
	struct slice name; /* borrowed from the note */
	uint8_t key_id[KEY_ID_SIZE];
	uint8_t signature[SIGNATURE_SIZE]; /* all zero and `plain` false if it is not 64 bytes long */
	bool plain;                        /* true if it has the length of an Ed25519 signature */
	struct slice line;                 /* the whole line with its LF */
};

struct signed_note {
	struct slice text; /* what is signed, with its last LF; borrowed */
	struct note_signature signatures[SIGNED_NOTE_SIGNATURES_MAX];
	size_t count;
};

struct verifier_key {
	char name[SIGNER_NAME_MAX];
	uint8_t key_id[KEY_ID_SIZE];
	uint8_t public_key[KEY_SIZE];
};

/* True if `name` may name a key: not empty, shorter than SIGNER_NAME_MAX, valid UTF-8 without control characters,
 * Unicode's spaces or '+'. */
bool signer_name_is_valid(struct slice name);

/* Takes a signed note apart, without verifying. Borrows `bytes`. ERROR_TOO_LONG, ERROR_BAD_TEXT, ERROR_MALFORMED
 * (no signatures, too many, a line that is no signature line), with the line. */
enum error signed_note_split(struct slice bytes, struct signed_note *out, struct failure *failure);

/* The id of a note: SHA-256 of its text. */
void signed_note_id(struct slice text, uint8_t id[HASH_SIZE]);

/* Appends one signature line for `text` to `out`. `text` must end in LF. ERROR_BAD_VALUE for a bad name or text, with
 * nothing appended; ERROR_NO_MEMORY if `out` has no room. */
enum error signed_note_append_signature(struct buffer *out, const char *name, const struct signing_key *key,
                                        struct slice text, struct failure *failure);

/* Appends text, empty line and one signature line: a note with its first signer. */
enum error signed_note_write(struct buffer *out, struct slice text, const char *name, const struct signing_key *key,
                             struct failure *failure);

/* Verifies against the known keys. A signature counts for the key with its name and key id; unknown ones are ignored;
 * a known key whose signature fails refuses the whole note (ERROR_BAD_SIGNATURE), as does one that signs twice
 * (ERROR_MALFORMED). `verified[i]` tells whether keys[i] has signed. OK says only that nothing is wrong: the caller
 * must look at `verified`. */
enum error signed_note_verify(const struct signed_note *note, const struct verifier_key *keys, size_t count,
                              bool *verified, struct failure *failure) __attribute__((warn_unused_result));

/* Makes, reads and writes a verifier key. `out` has VERIFIER_KEY_MAX bytes. verifier_key_make takes the 32 bytes as
 * they are, since it is on the way of every note: who enrols a key asks public_key_is_usable. ERROR_BAD_VALUE for a
 * bad name. verifier_key_parse takes one form only (ERROR_MALFORMED), and refuses a key that is not Ed25519, has
 * another key id than it says, or is not usable (ERROR_BAD_KEY). */
enum error verifier_key_make(const char *name, const uint8_t public_key[KEY_SIZE], struct verifier_key *out,
                             struct failure *failure);
enum error verifier_key_parse(struct slice text, struct verifier_key *out, struct failure *failure);
void verifier_key_format(const struct verifier_key *key, char out[VERIFIER_KEY_MAX]);

#endif

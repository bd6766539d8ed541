/* Files that hold one signing key, sealed by a passphrase or plain.
 *
 * A key file is text, one `key value` a line, in this order:
 *
 *     troth-key/v1
 *     name agency.example/brand/acme-yoga      the name that signatures carry
 *     public ed25519:<64 hex>
 *     seal none                                plain: for machines that must start without a person
 *     secret <64 hex>                          the seed
 * or
 *     seal argon2id operations=<n> memory=<KiB> salt=<32 hex> nonce=<48 hex>
 *     secret <96 hex>                          XChaCha20-Poly1305 of the seed; all lines above are authenticated
 *
 * Argon2id "moderate" of libsodium when written; parameters read from a file are capped (operations <= 10,
 * memory <= 1 GiB), so that a planted file cannot exhaust the machine. */
#ifndef TROTH_CRYPTO_KEY_FILE_H
#define TROTH_CRYPTO_KEY_FILE_H

#include "crypto/keys.h"

#define KEY_FILE_MAX 2048
#define PASSPHRASE_MAX 1024

/* Appends the file for `key`. `passphrase` NULL writes it plain. ERROR_NO_MEMORY; ERROR_BAD_VALUE for an empty or too
 * long passphrase. */
enum error key_file_write(struct buffer *out, const char *name, const struct signing_key *key,
                          const struct slice *passphrase, struct failure *failure);

/* True if the file needs a passphrase; false for a plain one and for bytes that are no key file. */
bool key_file_is_sealed(struct slice file);

/* Opens a file. `name` (of SIGNER_NAME_MAX bytes, see signed_note.h) receives its name, may be NULL. The public half is
 * derived from the seed and must be the one that the file says. ERROR_TOO_LONG; ERROR_MALFORMED with the line;
 * ERROR_WRONG_PASSPHRASE (also if it is sealed and `passphrase` is NULL, or if a sealed file was changed);
 * ERROR_NO_MEMORY. Caller frees *key, which is NULL after an error. The name in a plain file is not authenticated. */
enum error key_file_read(struct slice file, const struct slice *passphrase, char *name, struct signing_key **key,
                         struct failure *failure);

#endif

/* A CurveZMQ key pair (ZeroMQ RFC 26), by which one process proves to another who it is, and its file.
 *
 * The file is text, mode 0600: `troth-transport-key/v1`, `public curve25519:<64 hex>`, `secret <64 hex>`. It is plain,
 * since it must be read without a person; it authenticates a connection and signs nothing. */
#ifndef TROTH_WIRE_IDENTITY_H
#define TROTH_WIRE_IDENTITY_H

#include "base/buffer.h"
#include "base/error.h"

#define TRANSPORT_KEY_SIZE 32
#define IDENTITY_FILE_MAX 512

struct identity {
	uint8_t public_key[TRANSPORT_KEY_SIZE];
	uint8_t secret_key[TRANSPORT_KEY_SIZE];
};

/* A new pair. ERROR_SYSTEM if libzmq was built without CURVE. The caller wipes with identity_wipe. */
enum error identity_make(struct identity *identity, struct failure *failure);
void identity_wipe(struct identity *identity);

enum error identity_load(const char *path, struct identity *identity, struct failure *failure);

/* Writes a new file; ERROR_EXISTS if there is one. */
enum error identity_save(const char *path, const struct identity *identity, struct failure *failure);

/* "curve25519:<hex>" of a public key and back. `out` has TRANSPORT_KEY_TEXT bytes. */
#define TRANSPORT_KEY_TEXT 76
void transport_key_format(const uint8_t key[TRANSPORT_KEY_SIZE], char out[TRANSPORT_KEY_TEXT]);
bool transport_key_parse(struct slice text, uint8_t key[TRANSPORT_KEY_SIZE]);

#endif

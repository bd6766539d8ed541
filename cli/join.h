/* The join file: all that a brand or creator needs to find an agency and to check its signatures. Plain text:
 *
 *     [agency]
 *     origin = agency.example
 *     endpoint = tcp://127.0.0.1:7787
 *     transport-key = curve25519:<64 hex>                 of the broker
 *     agency-key = agency.example/agency+<id>+<base64>    verifier key of the countersignature */
#ifndef TROTH_CLI_JOIN_H
#define TROTH_CLI_JOIN_H

#include "crypto/signed_note.h"
#include "rules/note.h"
#include "wire/client.h"

struct join {
	char origin[ORIGIN_MAX];
	struct client_broker broker;
	struct verifier_key agency;
};

/* ERROR_NOT_FOUND, ERROR_CONFIG. */
enum error join_load(const char *path, struct join *join, struct failure *failure);

/* Writes or replaces the file. */
enum error join_save(const char *path, const struct join *join, struct failure *failure);

#endif

/* The join file: all that a brand or creator needs to find an agency and to check its signatures. Plain text:
 *
 *     [agency]
 *     origin = agency.example
 *     endpoint = tcp://127.0.0.1:7787
 *     transport-key = curve25519:<64 hex>                 of the broker
 *     agency-key = agency.example/agency+<id>+<base64>    verifier key of the countersignature
 *
 * and, where the agency has more brokers, endpoint-2 to endpoint-4, each with its transport-key-2 to transport-key-4
 * unless that is the same as the first one's. */
#ifndef TROTH_CLI_JOIN_H
#define TROTH_CLI_JOIN_H

#include "crypto/signed_note.h"
#include "rules/note.h"
#include "wire/client.h"

#define JOIN_BROKERS_MAX 4

struct join {
	char origin[ORIGIN_MAX];
	struct client_broker brokers[JOIN_BROKERS_MAX]; /* in the order in which they are tried */
	size_t broker_count;                            /* at least 1 */
	struct verifier_key agency;
};

/* ERROR_NOT_FOUND, ERROR_CONFIG. */
enum error join_load(const char *path, struct join *join, struct failure *failure);

/* The broker that a person means by its number (from 1) or its endpoint; ERROR_USAGE with those that there are. */
enum error join_find_broker(const struct join *join, const char *word, size_t *index, struct failure *failure);

/* Writes or replaces the file. */
enum error join_save(const char *path, const struct join *join, struct failure *failure);

#endif

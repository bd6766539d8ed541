/* A home's change of keys, safe at any crash:
 *
 *     rekey/signing.key, rekey/transport.key   made first; nobody knows them yet
 *     rekey/accepted                           the agency has accepted them: from now on they take the place of the old
 *     former/<digits>.key                      signing keys of before, for what was sealed to them
 *
 * Until rekey/accepted is there the home works with its old keys. What is left undone behind it is done whenever the
 * home is opened. */
#ifndef TROTH_CLI_HOME_KEYS_H
#define TROTH_CLI_HOME_KEYS_H

#include "cli/home.h"

/* The keys that the home is to have: those that were made before, or new ones. The new signing key is sealed by a
 * passphrase (that is asked for) if the old one is, unless settings say otherwise. Caller frees *key and wipes
 * *identity. */
enum error home_next_keys(const struct home *home, const struct settings *settings, struct signing_key **key,
                          struct identity *identity, struct failure *failure);

/* Notes that they are accepted, and puts them into place. */
enum error home_accept_keys(const struct home *home, struct failure *failure);

/* Finishes what a crash has left undone; does nothing where there is nothing. */
enum error home_finish_keys(const struct home *home, struct failure *failure);

/* Visits the former signing keys, opened, the passphrase being asked for where it is needed. `visit` returns true to
 * stop. A key that cannot be opened is passed over; unless the visit was stopped, the failure of the first one is
 * returned then, with its path. */
typedef bool (*former_visit)(void *argument, const struct signing_key *key);
enum error home_former_keys(const struct home *home, const struct settings *settings, former_visit visit,
                            void *argument, struct failure *failure);

#endif

/* A home folder: one account's keys, the agency's join file, and the notes it has signed.
 *
 *     account.ini      role and name
 *     agency.join      cli/join.h
 *     signing.key      crypto/key_file.h; opened only by commands that sign
 *     transport.key    wire/identity.h
 *     rekey/, former/  keys to come, and those of before (cli/home_keys.h)
 *     outbox/          signed notes under the hash of what they were made for (cli/outbox.h)
 *     notes/           what the agency has accepted, as it answered, under the note's id
 *     queue/           what waits in a broker's durable queue, under its ticket (cli/ticket.h) */
#ifndef TROTH_CLI_HOME_H
#define TROTH_CLI_HOME_H

#include "base/file.h"
#include "cli/command.h"
#include "cli/join.h"

struct home {
	char folder[FILE_PATH_MAX - 128]; /* room for every name below it */
	char name[ACCOUNT_NAME_MAX];
	enum role role;
	char signer[NOTE_SIGNER_MAX]; /* the name of its signatures */
	struct join join;
	struct signing_key *key; /* NULL until home_unlock */
};

/* Where the home is: --home, else $TROTH_HOME, else troth/ in the XDG data directory. ERROR_USAGE if nothing says. */
enum error home_locate(const struct settings *settings, struct home *home, struct failure *failure);

/* Writes "folder/name" for a file of the home. */
enum error home_path(const struct home *home, const char *name, char out[FILE_PATH_MAX], struct failure *failure);

/* Makes a new home: folders, both keys, join file. ERROR_EXISTS if there is an account in it already. The key stays
 * unlocked. */
enum error home_make(struct home *home, enum role role, const char *name, const struct join *join,
                     const struct slice *passphrase, struct failure *failure);

/* Removes the keys of a home that was never finished, so that it can be made again. Only for a home whose keys nobody
 * can have used: there is no account in it. */
enum error home_remove_remains(const struct home *home, struct failure *failure);

/* Reads account and join file. ERROR_NOT_FOUND with the advice to run troth init. */
enum error home_open(const struct settings *settings, struct home *home, struct failure *failure);

/* Opens the signing key, asking for the passphrase if it is sealed. */
enum error home_unlock(struct home *home, const struct settings *settings, struct failure *failure);

/* Reads the key of the home's connections. Caller wipes it by identity_wipe. */
enum error home_load_identity(const struct home *home, struct identity *identity, struct failure *failure);

/* ERROR_NOT_ALLOWED unless the account has this role; `what` says who may, such as "offers are made by brands". */
enum error home_require_role(const struct home *home, enum role role, const char *what, struct failure *failure);

/* Wipes the key. */
void home_release(struct home *home);

/* The account as a party of a note; borrows from the home. It must be unlocked. */
struct party home_party(const struct home *home);

/* The same as a note writes it: "name ed25519:<hex>". */
#define PARTY_TEXT_MAX (ACCOUNT_NAME_MAX + 80)
const char *home_party_text(const struct home *home, char out[PARTY_TEXT_MAX]);

#endif

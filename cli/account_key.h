/* Whose a key is: by the agency's word, held against the notes that it has signed. */
#ifndef TROTH_CLI_ACCOUNT_KEY_H
#define TROTH_CLI_ACCOUNT_KEY_H

#include "cli/session.h"

/* Asks for the present key of an account, and replays the notes about its keys and those of who has admitted it.
 * ERROR_NOT_ADMITTED if they do not show, from the agency's own key on, that this key is the account's;
 * ERROR_KEY_REVOKED if its last one was revoked. */
enum error account_key_fetch(struct session *session, const char *account, uint8_t key[KEY_SIZE],
                             struct failure *failure);

/* Checks by the same notes that a key is this account's, in this role, or was: for what it has signed already.
 * ERROR_WRONG_SIGNER if they do not show it. */
enum error account_key_vouch(struct session *session, const char *account, enum role role, const uint8_t key[KEY_SIZE],
                             struct failure *failure);

#endif

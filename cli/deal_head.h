/* A deal's latest note, which the next step names and so answers: fetched and checked, so that nobody answers another
 * note than the one that is shown. */
#ifndef TROTH_CLI_DEAL_HEAD_H
#define TROTH_CLI_DEAL_HEAD_H

#include "cli/deal_notes.h"
#include "cli/deal_view.h"

/* Checks the latest note and, unless the settings say --yes, shows on standard error where the deal is and what that
 * note says. It must be there, have the id that the deal says, be signed by who takes such a step, belong to this deal,
 * and lead to the deal's state. No question to the agency where the note is a text that the view has, else one for the
 * notes, and a few where the signer's key does not stand in the deal's text. ERROR_MALFORMED, ERROR_WRONG_SIGNER,
 * ERROR_BAD_SIGNATURE. */
enum error deal_head_show(struct session *session, const struct settings *settings, const struct deal_view *view,
                          struct failure *failure);

/* Who has signed with a key that the deal's text does not name: an operator, or a side that has changed its key. */
struct head_signer {
	enum role role; /* ROLE_COUNT: nobody */
	char account[ACCOUNT_NAME_MAX];
	uint8_t key[KEY_SIZE];
};

/* The keys of both sides that a deal's text names. */
struct head_keys {
	uint8_t brand[KEY_SIZE], creator[KEY_SIZE];
};
struct head_keys deal_head_keys(const struct note *text);

/* The judgement alone, of a note that was read, with the keys of the text whose terms hold: ERROR_MALFORMED,
 * ERROR_WRONG_SIGNER. It stands only if the key in `unproven` is that account's, which nothing here shows. */
enum error deal_head_judge(const struct deal *deal, const struct head_keys *keys, const struct noted *head,
                           struct head_signer *unproven, struct failure *failure);

#endif

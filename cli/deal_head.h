/* A deal's latest note, which the next step names and so answers: fetched and checked, so that nobody answers another
 * note than the one that is shown. */
#ifndef TROTH_CLI_DEAL_HEAD_H
#define TROTH_CLI_DEAL_HEAD_H

#include "cli/deal_notes.h"
#include "cli/deal_view.h"

/* Checks the latest note and, unless the settings say --yes, shows on standard error where the deal is and what that
 * note says. It must be there, have the id that the deal says, be signed by who takes such a step, belong to this deal,
 * and lead to the deal's state. One question to the agency, or none where the note is a text that the view has.
 * ERROR_MALFORMED, ERROR_WRONG_SIGNER, ERROR_BAD_SIGNATURE. */
enum error deal_head_show(struct session *session, const struct settings *settings, const struct deal_view *view,
                          struct failure *failure);

/* The judgement alone, of a note that was read: ERROR_MALFORMED, ERROR_WRONG_SIGNER. */
enum error deal_head_judge(const struct deal *deal, const struct noted *head, struct failure *failure);

#endif

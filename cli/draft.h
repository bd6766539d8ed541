/* From what a person writes, a file or a row of a table, to the text of a note. */
#ifndef TROTH_CLI_DRAFT_H
#define TROTH_CLI_DRAFT_H

#include "cli/outbox.h"

/* Appends the text of a note, an offer or a profile, made of a draft's `key value` lines: shorthands are written
 * out (`closes +30d`), party, time and nonce are added, all rules checked. Errors carry the line of the draft. */
enum error draft_compose(const struct home *home, enum kind_id kind, struct slice draft, struct buffer *out,
                         struct failure *failure);

/* Appends `draft` with its shorthands written out, line for line. `now` is in seconds since 1970. */
enum error draft_expand(struct slice draft, int64_t now, struct buffer *out, struct failure *failure);

#endif

/* The text of an agreement out of the terms of another one, or of an offer, with changes: --set and --without. */
#ifndef TROTH_CLI_CHANGED_TERMS_H
#define TROTH_CLI_CHANGED_TERMS_H

#include "base/options.h"
#include "cli/home.h"
#include "crypto/signed_note.h"
#include "rules/note.h"

/* What the new text says of itself, as written; empty where it does not say it. */
struct agreement_head {
	struct slice offer, replaces, amends, after, brand, creator;
};

/* Appends the text: the terms of `base`, but every key of --set has the values that it says, and those of --without are
 * left out. ERROR_USAGE for an option that says no term, or where nothing is changed; else what the rules say of the
 * text. */
enum error changed_terms_compose(const struct home *home, const struct note *base, const struct agreement_head *head,
                                 const struct option_words *words, struct buffer *out, struct failure *failure);

/* Appends the changes as lines, to make a purpose of. */
void changed_terms_append(const struct option_words *words, struct buffer *out);

#endif

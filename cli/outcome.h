/* What the agency's acceptance of a note means, in words. It all stands in the note, so it is said the same way however
 * the answer came: directly, by the queue, or out of the home once more. */
#ifndef TROTH_CLI_OUTCOME_H
#define TROTH_CLI_OUTCOME_H

#include "cli/outbox.h"
#include "rules/deal.h"

/* Prints the note's id: alone on the last line, behind a sentence, or as JSON with what people would ask for next.
 * `deal` is the deal that the note belongs to, as it is now; NULL if that is not known. */
void outcome_print(const struct settings *settings, const struct home *home, const struct parcel *parcel,
                   const struct receipt *receipt, const struct deal *deal);

#endif

/* What the agency's acceptance of a note means, in words. It all stands in the note, so it is said the same way however
 * the answer came: directly, by the queue, or out of the home once more. */
#ifndef TROTH_CLI_OUTCOME_H
#define TROTH_CLI_OUTCOME_H

#include "cli/outbox.h"

/* Prints the note's id: alone on the last line, behind a sentence, or as JSON with what people would ask for next. */
void outcome_print(const struct settings *settings, const struct home *home, const struct parcel *parcel,
                   const struct receipt *receipt);

#endif

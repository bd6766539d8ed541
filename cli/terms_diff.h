/* What differs between the terms of two texts, for people who are about to sign the second one. */
#ifndef TROTH_CLI_TERMS_DIFF_H
#define TROTH_CLI_TERMS_DIFF_H

#include <stdio.h>

#include "base/slice.h"

/* Prints the text `after` whole. A term that `before` (the text of an offer or agreement) does not have is marked with
 * +; terms that only `before` has stand where they stood, marked with -. Lines that are no terms, such as parties, time
 * and nonce, belong to each text and are not compared. */
void terms_diff_print(FILE *out, struct slice before, struct slice after);

#endif

/* `troth verify` of a bundle: every note's text and signatures, and all of them replayed through the rules. */
#ifndef TROTH_CLI_VERIFY_BUNDLE_H
#define TROTH_CLI_VERIFY_BUNDLE_H

#include "cli/command.h"
#include "cli/join.h"

/* True if these bytes begin as a bundle does: with a first line <origin>/bundle/v1. */
bool bundle_is_one(struct slice bytes);

/* Verifies a bundle and prints what was checked, what follows, and what a bundle cannot prove; with --json as one
 * object. Goes on behind what is wrong with a note, to tell all. Returns the first of it, with the line of the file and
 * the note's number; a file that is no bundle is not reported at all. */
enum error verify_bundle(const struct settings *settings, const struct join *join, struct slice file,
                         struct failure *failure);

#endif

/* --batch: a file with one note a row. */
#ifndef TROTH_CLI_BATCH_H
#define TROTH_CLI_BATCH_H

#include "cli/command.h"
#include "rules/kind.h"

/* Submits an offer for every row that has not been accepted before; the rows wait side by side. Prints a line per
 * refused row on standard error and a summary; with --json a line per row on standard output. Returns the code of the
 * last refusal, when there was one. */
enum error batch_submit(const struct invocation *call, struct failure *failure);

/* The same for steps of one kind: the column `deal` says whose, the others are the kind's keys. */
enum error batch_steps(const struct invocation *call, const struct kind *kind, struct failure *failure);

#endif

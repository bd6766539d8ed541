/* troth offer submit --batch: a file with one offer a row. */
#ifndef TROTH_CLI_BATCH_H
#define TROTH_CLI_BATCH_H

#include "cli/command.h"

/* Submits every row that has not been accepted before; the rows wait side by side. Prints a line per refused row on
 * standard error and a summary; with --json a line per row on standard output. Returns the code of the last refusal,
 * when there was one. */
enum error batch_submit(const struct invocation *call, struct failure *failure);

#endif

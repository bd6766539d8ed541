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

/* The same for notes of operators: the columns are the words and fields of the command, whose row of the table of
 * cli/ops_note.h this is. */
struct ops_row;
enum error batch_ops(const struct invocation *call, const struct ops_row *ops, struct failure *failure);

/* Signs what waits in the deals of the column `deal`: proposals of the other side, and its amendments. */
enum error batch_accept(const struct invocation *call, struct failure *failure);

/* Invites the creators of the column `creator` to the offer that is the first operand. */
enum error batch_invite(const struct invocation *call, struct failure *failure);

/* Closes the offers of the column `offer`. */
enum error batch_close(const struct invocation *call, struct failure *failure);

#endif

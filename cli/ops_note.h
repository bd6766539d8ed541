/* Notes of operators about one account: by which table words, options and cells become them. */
#ifndef TROTH_CLI_OPS_NOTE_H
#define TROTH_CLI_OPS_NOTE_H

#include "cli/field_options.h"

#define OPS_KEYS_MAX 2

/* How a command's words become a note. What counts once (a reference) is known by all its words; of what is said anew
 * from time to time the latest counts, so only a note that is still waiting for its answer is sent again. */
struct ops_row {
	const char *words;
	enum kind_id kind;
	const char *what; /* "operators attest money" */
	const char *operands[OPS_KEYS_MAX];
	struct {
		const char *key, *value;
	} fixed;
	const char *reference; /* the option of these names gives the field */
	const char *key;
	bool once;
	const char *subject[OPS_KEYS_MAX]; /* fields: notes with the same values there contradict each other */
};

/* The row of a command. */
const struct ops_row *ops_row_of(const struct command *command);

/* Adds a value that is no option of the kind's table, checked as `what`. */
enum error ops_add_value(const struct ops_row *row, const char *key, struct slice value, const char *what,
                         struct note_pairs *pairs, struct failure *failure);

/* Appends what a note with these values is kept for in the outbox. */
enum error ops_write_purpose(const struct ops_row *row, const struct note_pairs *pairs, struct buffer *out,
                             struct failure *failure);

#endif

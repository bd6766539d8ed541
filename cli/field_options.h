/* Fields of notes as options: a command that makes notes of a kind takes `--<key> VALUE` for every field of that kind
 * that a person writes. The kind's table says all of it: names, how often, help, form. */
#ifndef TROTH_CLI_FIELD_OPTIONS_H
#define TROTH_CLI_FIELD_OPTIONS_H

#include "cli/command.h"
#include "rules/note.h"

/* The values of a note that is being put together: what options, rows of a sheet and the program give. */
struct note_pairs {
	struct note_pair items[NOTE_VALUES_MAX];
	size_t count;
};

/* Adds a pair; both are borrowed. ERROR_TOO_LONG. */
enum error note_pairs_add(struct note_pairs *pairs, const char *key, struct slice raw, struct failure *failure);

/* The kind whose fields the command's options are, or NULL. */
const struct kind *field_options_kind(const struct command *command);

/* True if the command takes an option for this field. */
bool field_options_take(const struct command *command, const struct field *field);

/* Appends a row per field; returns how many. They must fit into `room`. */
size_t field_options_rows(const struct command *command, struct option_words *target, struct option_row *rows,
                          size_t room);

/* Prints them for --help, with example. */
void field_options_describe(const struct command *command, FILE *out);

/* Adds the values that were given for fields, checked one by one. ERROR_USAGE for one that stands too often; else what
 * value_parse says; both name the option. */
enum error field_options_read(const struct invocation *call, struct note_pairs *pairs, struct failure *failure);

/* ERROR_USAGE with the option if a field that the kind requires has no value. */
enum error field_options_require(const struct command *command, const struct note_pairs *pairs,
                                 struct failure *failure);

/* Reads one value by its field's rules, names it as `what` (an option, a column) in the failure. */
enum error field_check_value(const struct field *field, struct slice raw, const char *what, struct failure *failure);

#endif

/* What commands write for people and for machines. */
#ifndef TROTH_CLI_PRINT_H
#define TROTH_CLI_PRINT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/slice.h"

/* Prints a value and a line end on standard output; takes it over. NULL (memory is out) prints null. An object gets the
 * trace that was set last, if one was. */
void print_json(json_t *value);

/* The id of the trace that this command's requests belong to: 32 hex digits. */
void print_set_trace(const char *trace);

/* "sha256:<hex>" of an id. `out` has ID_TEXT_SIZE bytes. */
#define ID_TEXT_SIZE 72
const char *print_id(struct slice id, char out[ID_TEXT_SIZE]);

/* Its first 12 digits, as people see it. `out` has ID_SHORT_SIZE bytes. */
#define ID_SHORT_SIZE 13
const char *print_short_id(struct slice id, char out[ID_SHORT_SIZE]);

/* A text as JSON; one that is not UTF-8 becomes null. */
json_t *json_of(struct slice text);

/* Asks a question on the terminal; true for y or yes. False without a terminal. */
bool print_ask(const char *question);

/* Progress of long work on standard error, on a terminal only: a bar that is redrawn in place. */
void print_progress(const char *what, size_t done, size_t total);
void print_progress_end(void);

/* The escape sequences that make text bold, green or red, or empty strings: on a terminal only, never with NO_COLOR. */
struct colours {
	const char *bold, *good, *bad, *dim, *end;
};
struct colours print_colours(void);

#endif

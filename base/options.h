/* Command-line options by table, over getopt_long: the same rows parse the words and print --help. */
#ifndef TROTH_BASE_OPTIONS_H
#define TROTH_BASE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

enum option_type {
	OPTION_FLAG,   /* bool: true if the option stands */
	OPTION_TEXT,   /* const char *: borrowed from argv */
	OPTION_NUMBER, /* int64_t from `minimum` to `maximum` */
	OPTION_WORDS,  /* struct option_words: every time it stands, name and value are added, borrowed */
};

#define OPTION_WORDS_MAX 128

/* What options said that may stand several times, in the order of the command line. */
struct option_words {
	struct option_word {
		const char *name, *value;
	} items[OPTION_WORDS_MAX];
	size_t count;
};

struct option_row {
	const char *name;  /* long name without the dashes */
	char letter;       /* short form, or 0 */
	enum option_type type;
	void *target;      /* as the type says, holding the default */
	const char *value; /* what the value is called in --help; NULL for a flag */
	const char *help;
	int64_t minimum, maximum;
};

/* Parses the words behind argv[0]; options may stand before, between and behind the operands, "--" ends them.
 * argv is reordered so that the operands come last; `*first` is the index of the first one. ERROR_USAGE with the word
 * at fault. `-h` and `--help` are known to every program and set *help. */
enum error options_parse(int argc, char **argv, const struct option_row *rows, size_t count, int *first, bool *help,
                         struct failure *failure);

/* Prints the rows, aligned, one line or more each. */
void options_describe(FILE *out, const struct option_row *rows, size_t count);

#endif

/* getopt_long by table; see options.h. */
#include "base/options.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 64
#define FIRST_CODE 1000 /* codes of long options; above all letters */
#define HELP_CODE 999

static enum error set_number(const struct option_row *row, const char *text, struct failure *failure) {
	char *end = NULL;
	errno = 0;
	long long number = strtoll(text, &end, 10);
	if (end == text || *end != '\0' || errno != 0 || number < row->minimum || number > row->maximum) {
		return fail(failure, ERROR_USAGE, "--%s takes a whole number from %" PRId64 " to %" PRId64 ", not \"%s\"",
		            row->name, row->minimum, row->maximum, text);
	}
	*(int64_t *)row->target = number;
	return OK;
}

static enum error add_word(const struct option_row *row, const char *text, struct failure *failure) {
	struct option_words *words = row->target;
	if (words->count == OPTION_WORDS_MAX) {
		return fail(failure, ERROR_USAGE, "more than %d options that may be repeated", OPTION_WORDS_MAX);
	}
	words->items[words->count++] = (struct option_word){ row->name, text };
	return OK;
}

static enum error set(const struct option_row *row, const char *text, struct failure *failure) {
	switch (row->type) {
	case OPTION_FLAG:
		*(bool *)row->target = true;
		return OK;
	case OPTION_TEXT:
		*(const char **)row->target = text;
		return OK;
	case OPTION_NUMBER:
		return set_number(row, text, failure);
	case OPTION_WORDS:
		return add_word(row, text, failure);
	}
	return OK;
}

/* What getopt_long has refused: ':' stands for an option without its value. */
static enum error refuse(int code, const char *word, struct failure *failure) {
	if (code == ':') {
		return fail(failure, ERROR_USAGE, "%s needs a value", word);
	}
	/* A letter among others, such as the z of -zv: `word` is then still the one before. */
	if (optopt > 0 && optopt < HELP_CODE) {
		return fail(failure, ERROR_USAGE, "there is no option -%c", optopt);
	}
	return fail(failure, ERROR_USAGE, "there is no option %s", word);
}

static const struct option_row *row_of(const struct option_row *rows, size_t count, int code) {
	for (size_t i = 0; i < count; i++) {
		if (code == FIRST_CODE + (int)i || (rows[i].letter != 0 && code == rows[i].letter)) {
			return &rows[i];
		}
	}
	return NULL;
}

enum error options_parse(int argc, char **argv, const struct option_row *rows, size_t count, int *first, bool *help,
                         struct failure *failure) {
	assert(count <= ROWS_MAX);
	struct option longs[ROWS_MAX + 2] = { 0 };
	char shorts[2 * ROWS_MAX + 4] = ":h";
	size_t used = 2;
	for (size_t i = 0; i < count; i++) {
		bool takes = rows[i].type != OPTION_FLAG;
		longs[i] = (struct option){ rows[i].name, takes ? required_argument : no_argument, NULL, FIRST_CODE + (int)i };
		if (rows[i].letter != 0) {
			shorts[used++] = rows[i].letter;
			if (takes) {
				shorts[used++] = ':';
			}
		}
	}
	longs[count] = (struct option){ "help", no_argument, NULL, HELP_CODE };
	optind = 0; /* start afresh: a program parses more than one command line */
	opterr = 0;
	for (;;) {
		int code = getopt_long(argc, argv, shorts, longs, NULL);
		if (code == -1) {
			break;
		}
		const char *word = optind > 0 && optind <= argc ? argv[optind - 1] : "";
		if (code == 'h' || code == HELP_CODE) {
			*help = true;
			continue;
		}
		const struct option_row *row = row_of(rows, count, code);
		if (row == NULL) {
			return refuse(code, word, failure);
		}
		enum error error = set(row, optarg, failure);
		if (error != OK) {
			return error;
		}
	}
	*first = optind;
	return OK;
}

void options_describe(FILE *out, const struct option_row *rows, size_t count) {
	for (size_t i = 0; i < count; i++) {
		char head[64];
		(void)snprintf(head, sizeof head, "%s%c%s--%s%s%s", rows[i].letter == 0 ? "  " : "-",
		               rows[i].letter == 0 ? ' ' : rows[i].letter, rows[i].letter == 0 ? " " : ", ", rows[i].name,
		               rows[i].value == NULL ? "" : " ", rows[i].value == NULL ? "" : rows[i].value);
		(void)fprintf(out, "  %-28s %s\n", head, rows[i].help);
	}
	(void)fprintf(out, "  %-28s %s\n", "-h, --help", "say how this is used");
}

/* The command `troth` as people use it: run to its end by a command line, and what came of it.
 *
 * Texts that are returned live as long as the process. What a test may rely on without saying so is checked here, by
 * Check, so these functions are for tests that run under it. */
#ifndef TROTH_TESTS_LIB_COMMAND_H
#define TROTH_TESTS_LIB_COMMAND_H

#include <jansson.h>

#include "tests/lib/market.h"

#define COMMAND_WORDS_MAX 32

struct said {
	int status;         /* as process_wait gives it */
	const char *output; /* the two streams */
	const char *errors;
	const char *last;   /* the last line of the output, without its end */
};

/* Runs `troth` with these words, ended by NULL, for at most PROCESS_RUN_DEADLINE. */
struct said troth(const char *word, ...) __attribute__((sentinel));

/* The same with the words of a table, ended by NULL, and --home behind them. */
struct said troth_at(const char *home, const char *const *words);

/* The last line of a command that must have succeeded. */
const char *said_done(struct said said);

/* The same where that line must be an id, alone. */
const char *said_id(struct said said);

/* Checks that it ended with this status and, as the last line of standard error, the code's word and, unless it is 0,
 * the line of the input. */
void said_refused(struct said said, int status, enum error code, unsigned line);

/* The output of a command that must have succeeded as one JSON value; of a line of JSON. Caller decrefs. */
json_t *said_json(struct said said);
json_t *json_line(const char *line);

/* A JSON object's text under a key, borrowed from it; fails the test if there is none. */
const char *json_text(const json_t *object, const char *key);

/* What `troth store check` counts; fails the test if it does not find the store clean. */
struct store_counts {
	int64_t notes, offers, deals;
};
struct store_counts store_count(const char *agency_home);

/* Checks that a store has grown by just this since it was counted. */
void store_has_grown(const char *agency_home, struct store_counts since, struct store_counts by);

/* Makes a new account's keys by `troth init` with --no-passphrase; returns its home. */
const char *home_init(const struct agency_process *agency, const char *role, const char *name);

/* Makes a new account, enrolled and admitted; returns its home. */
const char *home_admitted(const struct agency_process *agency, const char *role, const char *name);

#endif

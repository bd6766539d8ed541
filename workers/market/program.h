/* The parts of the program troth-worker: from its command line to the running or checked market. */
#ifndef TROTH_WORKERS_MARKET_PROGRAM_H
#define TROTH_WORKERS_MARKET_PROGRAM_H

#include <stdbool.h>

#include "workers/market/config.h"
#include "workers/market/market.h"

struct program {
	const char *config_path;
	const char *log_level, *log_format;
	bool check_config, describe_config, check_store, version, help;
	struct worker_config config;
	struct signing_key *key;
	struct market market;
};

/* Reads the command line. ERROR_USAGE. */
enum error program_parse(struct program *program, int argc, char **argv, struct failure *failure);

/* Prints what --help, --version or --describe-config ask for; false if none of them was given. */
bool program_tell(const struct program *program);

/* Reads configuration and the agency's key, and opens the store. */
enum error program_open(struct program *program, struct failure *failure);

/* Serves until a signal says stop. */
enum error program_serve(struct program *program, int signal_fd, struct failure *failure);

/* Checks the store and prints the result; `*clean` tells whether nothing was found. */
enum error program_check_store(struct program *program, bool *clean, struct failure *failure);

void program_close(struct program *program);

#endif

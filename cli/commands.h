/* The rows of the table of commands, for the parser and for --help. */
#ifndef TROTH_CLI_COMMANDS_H
#define TROTH_CLI_COMMANDS_H

#include "cli/command.h"

extern const struct command commands[];
extern const size_t commands_count;

#endif

/* What happens between fork and exec, and the streams that a child gets; used by process.c only. */
#ifndef TROTH_TESTS_LIB_PROCESS_CHILD_H
#define TROTH_TESTS_LIB_PROCESS_CHILD_H

#include "tests/lib/process.h"

/* Opens what the child will have as standard input: the text in memory, or /dev/null if it is NULL. */
int process_child_input(const char *text);

/* Opens what the child will have as standard output or error. With a path, the file, and `*reading` is -1; without, a
 * pipe, whose other end `*reading` does not block. */
int process_child_stream(const char *path, int *reading);

/* Forks and runs the program with these three streams (which stay open here). Returns its id. */
pid_t process_child_start(const char *const argv[], const struct process_options *options, const int streams[3]);

#endif

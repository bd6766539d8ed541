/* Keeps a fixed row of processes running: starts them, starts again what has ended, stops them in order. */
#ifndef TROTH_CLI_SUPERVISOR_H
#define TROTH_CLI_SUPERVISOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

#define SUPERVISOR_CHILDREN_MAX 72
#define SUPERVISOR_WORDS_MAX 12

struct child {
	const char *words[SUPERVISOR_WORDS_MAX]; /* command line, ended by NULL; borrowed */
	pid_t pid;                               /* 0 while it does not run */
	int64_t started;                         /* milliseconds */
	int64_t start_at;                        /* when to start it (again) */
	int64_t delay;                           /* before the next start */
};

struct supervisor {
	struct child children[SUPERVISOR_CHILDREN_MAX]; /* in the order of starting */
	size_t count;
	int signal_fd;
	bool stopping;   /* a signal has asked for the end */
	bool failed;     /* a child has ended by itself before the first `ready` */
	bool hopeless;   /* and said by its exit status that its settings are wrong: starting it again is no use */
	bool was_ready;
	size_t restarts;
};

/* The path of a program that lies beside this one. ERROR_SYSTEM, ERROR_NOT_FOUND. */
enum error supervisor_find_program(const char *name, char *out, size_t size, struct failure *failure);

/* Adds a row; `words` are borrowed and ended by NULL. */
void supervisor_add(struct supervisor *supervisor, const char *const *words);

/* Starts what is due, notices what has ended (it starts again after a delay that grows up to five seconds), looks at
 * signals; waits at most `wait_ms` for any of that. */
void supervisor_turn(struct supervisor *supervisor, int64_t wait_ms);

/* Ends them from the last to the first: SIGTERM, and SIGKILL for what is still there after `limit_ms`. */
void supervisor_stop(struct supervisor *supervisor, int64_t limit_ms);

#endif

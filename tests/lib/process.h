/* Real processes for tests: started, listened to with a deadline, and never left behind.
 *
 * Each process gets a process group of its own and PR_SET_PDEATHSIG SIGKILL, so it dies with the thread that started
 * it, however that ends; its group is killed by process_free and at exit. What it writes is kept in memory or goes to
 * files. Every call that waits here (poll, never sleep) also takes in what all other running processes write. One that
 * writes more than a pipe holds (1 MiB) while the test calls nothing here stands still: give it files. Where a pipe or
 * a fork cannot be had these functions end the test (tests/lib/stop.h). For one thread only. */
#ifndef TROTH_TESTS_LIB_PROCESS_H
#define TROTH_TESTS_LIB_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define PROCESS_TEXT_MAX (64 << 20)  /* bytes kept of each stream; more is dropped */
#define PROCESS_RUN_DEADLINE 60000   /* milliseconds that process_run allows */
#define PROCESS_CANNOT_RUN 127       /* exit status if the program is not there; why is on its standard error */
#define PROCESS_NO_STATUS (-1)       /* it has not ended in time */

struct process;

enum process_stream { PROCESS_OUTPUT, PROCESS_ERRORS };

/* Everything may be left at 0. All is borrowed until process_start returns. */
struct process_options {
	const char *input;               /* text for standard input; NULL: none, the end of the input at once */
	const char *const *environment;  /* "NAME=value" words, ended by NULL, in place of or besides this process's own */
	const char *folder;              /* where it runs */
	const char *output_path;         /* file to which standard output is appended, instead of memory */
	const char *errors_path;         /* the same for standard error */
};

/* Starts argv[0], looked up in PATH if it has no slash; argv ends with NULL. `options` may be NULL. Never NULL: a
 * program that is not there ends with PROCESS_CANNOT_RUN. Caller frees with process_free. */
struct process *process_start(const char *const argv[], const struct process_options *options);

pid_t process_id(const struct process *process);

/* Waits until the stream holds a whole line (with its line end) that contains `text`, from `*from` on; `*from` becomes
 * the offset behind that line, so that the next call finds the next one; `from` may be NULL for the whole stream.
 * Returns the line without its end, valid until the next call for this process; NULL if the deadline passes, the stream
 * or the process ends without it, or the stream goes to a file. */
const char *process_await_line(struct process *process, enum process_stream stream, const char *text, size_t *from,
                               int64_t milliseconds);

/* Waits until the process has ended. Its exit status, or 128 + the signal's number as the shell says it, or
 * PROCESS_NO_STATUS if the time has passed. May be called again. */
int process_wait(struct process *process, int64_t milliseconds);

/* True if it has not ended yet. */
bool process_is_running(struct process *process);

/* Sends a signal to this one process, not to its group. Harmless once it has ended. */
void process_signal(struct process *process, int number);

/* kill -9 of this one process, and waits for its end. */
void process_kill(struct process *process);

/* What the stream has brought so far, as text; "" if it goes to a file. Valid until the next call for this process. */
const char *process_text(struct process *process, enum process_stream stream);

/* Kills the process and its group, if there is anything left of them, and frees it. NULL is fine. */
void process_free(struct process *process);

/* The same for every process that this one has started and not freed yet. */
void process_free_all(void);

/* ---- a program that is expected to end by itself ---- */

struct process_result {
	int status;   /* as process_wait returns it; after PROCESS_NO_STATUS the process has been killed */
	char *output; /* texts of the two streams, never NULL; a NUL within ends them */
	char *errors;
	int64_t milliseconds; /* from its start to its end */
};

/* Runs a program to its end, for at most PROCESS_RUN_DEADLINE, and returns the status. Release the result. */
int process_run(struct process_result *result, const char *const argv[]);

int process_run_with(struct process_result *result, const char *const argv[], const struct process_options *options,
                     int64_t milliseconds);

void process_result_release(struct process_result *result);

/* The path of a program under test: "$TROTH_BUILD/name", by default "build/name". Lives as long as the process. */
const char *process_program(const char *name);

#endif

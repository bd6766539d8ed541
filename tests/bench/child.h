/* A part of the bench in a process of its own: forked, so that it stands beside the others as a real one does.
 *
 * Fork only while this process has no ZeroMQ context of its own. A child dies with its parent. */
#ifndef TROTH_TESTS_BENCH_CHILD_H
#define TROTH_TESTS_BENCH_CHILD_H

#include <stddef.h>
#include <sys/types.h>

struct child {
	pid_t id;
	int hearing; /* what the child says */
};

/* Runs `work` in a new process; it says things by child_say, and ends when it returns. */
void child_start(struct child *child, void (*work)(void *argument, int saying), void *argument);

void child_say(int saying, const void *data, size_t size);

/* Takes exactly so many bytes of what the child says; ends the program if it has died. */
void child_hear(const struct child *child, void *data, size_t size);

/* Kills it and waits, so that its processor time counts as that of a child. */
void child_end(struct child *child);

#endif

/* Forked parts of the bench; see child.h. */
#include "tests/bench/child.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/stop.h"

void child_start(struct child *child, void (*work)(void *argument, int saying), void *argument) {
	int ends[2];
	pid_t parent = getpid();
	if (pipe(ends) != 0) {
		stop("no pipe");
	}
	child->id = fork();
	if (child->id < 0) {
		stop("no process");
	}
	if (child->id == 0) {
		(void)close(ends[0]);
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent) {
			work(argument, ends[1]);
		}
		_exit(0);
	}
	(void)close(ends[1]);
	child->hearing = ends[0];
}

void child_say(int saying, const void *data, size_t size) {
	if (write(saying, data, size) != (ssize_t)size) { /* less than a pipe holds */
		stop("a child is not heard");
	}
}

void child_hear(const struct child *child, void *data, size_t size) {
	char *at = data;
	while (size > 0) {
		ssize_t taken = read(child->hearing, at, size);
		if (taken == 0 || (taken < 0 && errno != EINTR)) {
			stop("a child of the bench has died");
		}
		at += taken > 0 ? taken : 0;
		size -= taken > 0 ? (size_t)taken : 0;
	}
}

void child_end(struct child *child) {
	(void)kill(child->id, SIGKILL);
	while (waitpid(child->id, NULL, 0) < 0 && errno == EINTR) {
	}
	(void)close(child->hearing);
}

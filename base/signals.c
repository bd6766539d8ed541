/* signalfd(2); see signals.h. */
#include "base/signals.h"

#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void fill_set(sigset_t *set) {
	(void)sigemptyset(set);
	(void)sigaddset(set, SIGTERM);
	(void)sigaddset(set, SIGINT);
	(void)sigaddset(set, SIGHUP);
	(void)sigaddset(set, SIGCHLD);
}

enum error signals_open(int *fd, struct failure *failure) {
	sigset_t set;
	fill_set(&set);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR || sigprocmask(SIG_BLOCK, &set, NULL) != 0) {
		return fail_system(failure, "cannot set up signals");
	}
	*fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return *fd < 0 ? fail_system(failure, "cannot set up signals") : OK;
}

int signals_take(int fd) {
	struct signalfd_siginfo info;
	ssize_t got = read(fd, &info, sizeof info);
	return got == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

void signals_restore(void) {
	sigset_t set;
	fill_set(&set);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
}

/* Starting and watching processes; see supervisor.h. */
#include "cli/supervisor.h"

#include <assert.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/signals.h"

#define DELAY_LEAST_MS 50
#define DELAY_MOST_MS 5000
#define STEADY_MS 10000 /* who ran so long starts again without delay */

enum error supervisor_find_program(const char *name, char *out, size_t size, struct failure *failure) {
	ssize_t got = readlink("/proc/self/exe", out, size);
	if (got <= 0 || (size_t)got >= size) {
		return fail_system(failure, "cannot tell where this program lies");
	}
	out[got] = '\0';
	char *slash = strrchr(out, '/');
	size_t folder = slash == NULL ? 0 : (size_t)(slash - out) + 1;
	int wrote = snprintf(out + folder, size - folder, "%s", name);
	if (wrote < 0 || (size_t)wrote >= size - folder) {
		return fail(failure, ERROR_TOO_LONG, "the path of %s is too long", name);
	}
	return access(out, X_OK) == 0 ? OK : fail(failure, ERROR_NOT_FOUND, "there is no program %s", out);
}

void supervisor_add(struct supervisor *supervisor, const char *const *words) {
	assert(supervisor->count < SUPERVISOR_CHILDREN_MAX);
	struct child *child = &supervisor->children[supervisor->count++];
	*child = (struct child){ .delay = DELAY_LEAST_MS };
	for (size_t i = 0; words[i] != NULL; i++) {
		assert(i + 1 < SUPERVISOR_WORDS_MAX);
		child->words[i] = words[i];
	}
}

/* In the child: it must not outlive this process, whatever ends that, or a second `troth up` would find its port and
 * store in use. */
static void run_child(const struct child *child, pid_t parent) {
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) {
		_exit(EXIT_REFUSED);
	}
	signals_restore();
	(void)setpgid(0, 0); /* Ctrl-C at the terminal is for the supervisor, which stops the others in order */
	(void)execv(child->words[0], (char *const *)(uintptr_t)child->words);
	_exit(EXIT_REFUSED);
}

static void start(struct child *child, int64_t now) {
	pid_t parent = getpid();
	pid_t pid = fork();
	if (pid == 0) {
		run_child(child, parent);
	}
	if (pid < 0) {
		log_event(LOG_ERROR, "fork-failed", "program", child->words[0], NULL);
		child->start_at = now + DELAY_MOST_MS;
		return;
	}
	child->pid = pid;
	child->started = now;
}

static void note_end(struct supervisor *supervisor, pid_t pid, int status, int64_t now) {
	for (size_t i = 0; i < supervisor->count; i++) {
		struct child *child = &supervisor->children[i];
		if (child->pid != pid) {
			continue;
		}
		child->pid = 0;
		if (now - child->started > STEADY_MS) {
			child->delay = DELAY_LEAST_MS;
		}
		child->start_at = now + child->delay;
		child->delay = child->delay * 2 > DELAY_MOST_MS ? DELAY_MOST_MS : child->delay * 2;
		supervisor->failed = supervisor->failed || !supervisor->was_ready;
		supervisor->hopeless = supervisor->hopeless || (!supervisor->was_ready && WIFEXITED(status) &&
		                                                WEXITSTATUS(status) == EXIT_USAGE);
		supervisor->restarts++;
		if (!supervisor->stopping) {
			log_event(LOG_WARNING, "process-ended", "program", child->words[0],
			          WIFSIGNALED(status) ? "signal" : "status",
			          LOG_NUMBER(WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)), NULL);
		}
	}
}

static void reap(struct supervisor *supervisor) {
	int status = 0;
	for (pid_t pid = waitpid(-1, &status, WNOHANG); pid > 0; pid = waitpid(-1, &status, WNOHANG)) {
		note_end(supervisor, pid, status, clock_milliseconds());
	}
}

static void start_due(struct supervisor *supervisor) {
	int64_t now = clock_milliseconds();
	for (size_t i = 0; i < supervisor->count && !supervisor->stopping; i++) {
		struct child *child = &supervisor->children[i];
		if (child->pid == 0 && child->start_at <= now) {
			start(child, now);
		}
	}
}

static int64_t until_due(const struct supervisor *supervisor, int64_t wait_ms) {
	int64_t now = clock_milliseconds();
	for (size_t i = 0; i < supervisor->count; i++) {
		const struct child *child = &supervisor->children[i];
		if (child->pid == 0 && child->start_at - now < wait_ms) {
			wait_ms = child->start_at > now ? child->start_at - now : 0;
		}
	}
	return wait_ms;
}

static void take_signals(struct supervisor *supervisor, int64_t wait_ms) {
	struct pollfd waiting = { .fd = supervisor->signal_fd, .events = POLLIN };
	(void)poll(&waiting, 1, (int)wait_ms);
	for (int signal = signals_take(supervisor->signal_fd); signal != 0;
	     signal = signals_take(supervisor->signal_fd)) {
		supervisor->stopping = supervisor->stopping || signal == SIGTERM || signal == SIGINT;
	}
}

void supervisor_turn(struct supervisor *supervisor, int64_t wait_ms) {
	start_due(supervisor);
	take_signals(supervisor, until_due(supervisor, wait_ms));
	reap(supervisor);
}

void supervisor_stop(struct supervisor *supervisor, int64_t limit_ms) {
	supervisor->stopping = true;
	for (size_t i = supervisor->count; i > 0; i--) {
		struct child *child = &supervisor->children[i - 1];
		int64_t limit = clock_milliseconds() + limit_ms;
		if (child->pid > 0) {
			(void)kill(child->pid, SIGTERM);
		}
		while (child->pid > 0 && clock_milliseconds() < limit) {
			take_signals(supervisor, 50);
			reap(supervisor);
		}
		if (child->pid > 0) {
			log_event(LOG_WARNING, "process-killed", "program", child->words[0], NULL);
			(void)kill(child->pid, SIGKILL);
			(void)waitpid(child->pid, NULL, 0);
			child->pid = 0;
		}
	}
}

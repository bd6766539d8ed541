/* Between fork and exec; see process_child.h. */
#include "tests/lib/process_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tests/lib/stop.h"

#define PIPE_BYTES (1 << 20)

int process_child_input(const char *text) {
	errno = 0;
	if (text == NULL) {
		int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (nothing < 0) {
			stop("cannot open /dev/null");
		}
		return nothing;
	}
	/* A file in memory takes text of any size, where a pipe would have to be fed while the child runs. */
	int fd = memfd_create("standard input", MFD_CLOEXEC);
	size_t size = strlen(text);
	if (fd < 0 || write(fd, text, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0) {
		stop("cannot hold the input of a process");
	}
	return fd;
}

int process_child_stream(const char *path, int *reading) {
	errno = 0;
	*reading = -1;
	if (path != NULL) {
		int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
		if (fd < 0) {
			stop("cannot open %s", path);
		}
		return fd;
	}
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
		stop("cannot make a pipe");
	}
	(void)fcntl(ends[0], F_SETPIPE_SZ, PIPE_BYTES); /* where the user may have no more, the usual size must do */
	*reading = ends[0];
	return ends[1];
}

/* True if both words set the same variable. */
static bool same_name(const char *word, const char *other) {
	size_t name = strcspn(word, "=");
	return strncmp(word, other, name) == 0 && other[name] == '=';
}

/* This process's environment with the given words in it. Caller frees the array, not the words. */
static char **environment_with(const char *const *words) {
	size_t own = 0, more = 0, used = 0;
	while (environ != NULL && environ[own] != NULL) {
		own++;
	}
	while (words != NULL && words[more] != NULL) {
		more++;
	}
	char **result = calloc(own + more + 1, sizeof *result);
	if (result == NULL) {
		stop("no memory for an environment");
	}
	for (size_t i = 0; i < own; i++) {
		bool replaced = false;
		for (size_t j = 0; j < more && !replaced; j++) {
			replaced = same_name(words[j], environ[i]);
		}
		if (!replaced) {
			result[used++] = environ[i];
		}
	}
	for (size_t j = 0; j < more; j++) {
		result[used++] = (char *)(uintptr_t)words[j]; /* execvpe takes no const, but changes nothing */
	}
	return result;
}

/* Signals as a shell would leave them: a test may have blocked some. */
static void reset_signals(void) {
	sigset_t none;
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
}

/* The child's side. Only async-signal-safe calls, since a program with threads may have forked. */
static _Noreturn void become(const char *const argv[], const struct process_options *options, const int streams[3],
                             char **environment, pid_t parent) {
	bool ready = setpgid(0, 0) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
	if (getppid() != parent) {
		_exit(PROCESS_CANNOT_RUN); /* the parent has died before prctl could say that it matters */
	}
	reset_signals();
	for (int i = 0; i < 3; i++) {
		ready = ready && dup2(streams[i], i) == i;
	}
	if (ready && (options->folder == NULL || chdir(options->folder) == 0)) {
		(void)execvpe(argv[0], (char *const *)(uintptr_t)argv, environment);
	}
	const char *const parts[] = { "cannot run ", argv[0], ": ", strerrordesc_np(errno), "\n" };
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		ssize_t ignored = write(STDERR_FILENO, parts[i], strlen(parts[i]));
		(void)ignored; /* the exit status says it too */
	}
	_exit(PROCESS_CANNOT_RUN);
}

pid_t process_child_start(const char *const argv[], const struct process_options *options, const int streams[3]) {
	char **environment = environment_with(options->environment);
	pid_t parent = getpid();
	errno = 0;
	pid_t id = fork();
	if (id == 0) {
		become(argv, options, streams, environment, parent);
	}
	if (id < 0) {
		stop("cannot fork");
	}
	(void)setpgid(id, id); /* both sides do it, so that it holds for either from here on */
	free(environment);
	return id;
}

/* Real processes for tests; see process.h. A process that has ended is reaped only by process_free: until then its id,
 * which is its group's too, cannot pass to another. */
#include "tests/lib/process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "tests/lib/process_child.h"
#include "tests/lib/scratch.h"
#include "tests/lib/stop.h"

#define POLLED_MAX 3 /* descriptors of one process: two streams, and its end */

struct stream {
	int fd; /* -1: at its end, or never open here */
	struct buffer text;
};

struct process {
	struct process *next;
	pid_t id;
	pid_t owner; /* who started it: a fork of that process (Check makes one per test) must leave it alone */
	int end;     /* pidfd, readable once it has ended */
	int status;  /* PROCESS_NO_STATUS until then */
	char *line;  /* what process_await_line returned last */
	struct stream streams[2];
};

static struct process *all;

static void register_exit(void) {
	static bool registered;
	if (!registered && atexit(process_free_all) != 0) {
		stop("cannot register the end of processes");
	}
	registered = true;
}

struct process *process_start(const char *const argv[], const struct process_options *options) {
	static const struct process_options nothing_special;
	struct process *process = calloc(1, sizeof *process);
	if (process == NULL) {
		stop("no memory for a process");
	}
	options = options == NULL ? &nothing_special : options;
	register_exit();
	int given[3] = {
		process_child_input(options->input),
		process_child_stream(options->output_path, &process->streams[PROCESS_OUTPUT].fd),
		process_child_stream(options->errors_path, &process->streams[PROCESS_ERRORS].fd),
	};
	buffer_init(&process->streams[PROCESS_OUTPUT].text, PROCESS_TEXT_MAX);
	buffer_init(&process->streams[PROCESS_ERRORS].text, PROCESS_TEXT_MAX);
	process->status = PROCESS_NO_STATUS;
	process->owner = getpid();
	process->id = process_child_start(argv, options, given);
	process->next = all;
	all = process;
	for (int i = 0; i < 3; i++) {
		(void)close(given[i]);
	}
	process->end = pidfd_open(process->id, 0);
	if (process->end < 0) {
		stop("cannot watch process %d", (int)process->id);
	}
	return process;
}

pid_t process_id(const struct process *process) {
	return process->id;
}

static void close_once(int *fd) {
	if (*fd >= 0) {
		(void)close(*fd);
		*fd = -1;
	}
}

/* Takes in what a stream holds now. */
static void drain(struct stream *stream) {
	uint8_t chunk[65536];
	while (stream->fd >= 0) {
		ssize_t got = read(stream->fd, chunk, sizeof chunk);
		if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
			return;
		}
		if (got <= 0) {
			close_once(&stream->fd);
			return;
		}
		size_t room = PROCESS_TEXT_MAX - stream->text.size;
		(void)buffer_append(&stream->text, chunk, (size_t)got < room ? (size_t)got : room);
	}
}

/* Looks, without reaping it, whether the process has ended, and takes in the last it wrote. */
static void look_for_end(struct process *process) {
	siginfo_t info = { 0 };
	if (process->status != PROCESS_NO_STATUS ||
	    waitid(P_PID, (id_t)process->id, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) {
		return;
	}
	process->status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
	drain(&process->streams[PROCESS_OUTPUT]);
	drain(&process->streams[PROCESS_ERRORS]);
}

static size_t count_own(void) {
	size_t count = 0;
	for (const struct process *process = all; process != NULL; process = process->next) {
		count += process->owner == getpid();
	}
	return count;
}

/* Takes in what the processes write until `deadline` or until something has happened, whichever is first. */
static void serve(int64_t deadline) {
	struct pollfd *polled = calloc(count_own() * POLLED_MAX + 1, sizeof *polled);
	if (polled == NULL) {
		stop("no memory to wait");
	}
	nfds_t used = 0;
	for (struct process *process = all; process != NULL; process = process->next) {
		if (process->owner != getpid()) {
			continue;
		}
		/* poll passes over negative descriptors: streams at their end, and processes that have ended. */
		int end = process->status == PROCESS_NO_STATUS ? process->end : -1;
		polled[used++] = (struct pollfd){ .fd = process->streams[PROCESS_OUTPUT].fd, .events = POLLIN };
		polled[used++] = (struct pollfd){ .fd = process->streams[PROCESS_ERRORS].fd, .events = POLLIN };
		polled[used++] = (struct pollfd){ .fd = end, .events = POLLIN };
	}
	int64_t left = deadline - clock_milliseconds();
	int ready = poll(polled, used, left < 0 ? 0 : left > 60000 ? 60000 : (int)left);
	free(polled);
	if (ready <= 0) {
		return;
	}
	for (struct process *process = all; process != NULL; process = process->next) {
		if (process->owner == getpid()) {
			drain(&process->streams[PROCESS_OUTPUT]);
			drain(&process->streams[PROCESS_ERRORS]);
			look_for_end(process);
		}
	}
}

/* The first whole line with `text` in it from `*from` on, copied to process->line; NULL if there is none yet. */
static const char *find_line(struct process *process, const struct stream *stream, const char *text, size_t *from) {
	size_t at = *from;
	const uint8_t *data = stream->text.data;
	while (at < stream->text.size) {
		const uint8_t *line = data + at, *end = memchr(line, '\n', stream->text.size - at);
		if (end == NULL) {
			return NULL;
		}
		size_t size = (size_t)(end - line);
		at += size + 1;
		if (*text == '\0' || memmem(line, size, text, strlen(text)) != NULL) {
			free(process->line);
			process->line = strndup((const char *)line, size);
			*from = at;
			return process->line;
		}
	}
	return NULL;
}

const char *process_await_line(struct process *process, enum process_stream stream, const char *text, size_t *from,
                               int64_t milliseconds) {
	int64_t deadline = clock_milliseconds() + milliseconds;
	size_t beginning = 0;
	size_t *at = from == NULL ? &beginning : from;
	struct stream *source = &process->streams[stream];
	for (;;) {
		/* Both are asked before the search, so that what came last before the end is still found. */
		bool over = source->fd < 0 || process->status != PROCESS_NO_STATUS || clock_milliseconds() >= deadline;
		const char *line = find_line(process, source, text, at);
		if (line != NULL || over) {
			return line;
		}
		serve(deadline);
	}
}

int process_wait(struct process *process, int64_t milliseconds) {
	int64_t deadline = clock_milliseconds() + milliseconds;
	look_for_end(process);
	while (process->status == PROCESS_NO_STATUS && clock_milliseconds() < deadline) {
		serve(deadline);
	}
	return process->status;
}

bool process_is_running(struct process *process) {
	return process_wait(process, 0) == PROCESS_NO_STATUS;
}

void process_signal(struct process *process, int number) {
	(void)kill(process->id, number);
}

void process_kill(struct process *process) {
	process_signal(process, SIGKILL);
	while (process_is_running(process)) {
		serve(INT64_MAX);
	}
}

const char *process_text(struct process *process, enum process_stream stream) {
	drain(&process->streams[stream]);
	const char *text = buffer_text(&process->streams[stream].text);
	return text == NULL ? "" : text;
}

static void unlink_from_list(const struct process *process) {
	struct process **link = &all;
	while (*link != process) {
		link = &(*link)->next;
	}
	*link = process->next;
}

void process_free(struct process *process) {
	if (process == NULL) {
		return;
	}
	if (process->owner == getpid()) {
		(void)kill(-process->id, SIGKILL);
		(void)kill(process->id, SIGKILL);
		while (waitpid(process->id, NULL, 0) < 0 && errno == EINTR) {
			continue; /* a signal of the test's own */
		}
	}
	unlink_from_list(process);
	for (int i = 0; i < 2; i++) {
		close_once(&process->streams[i].fd);
		buffer_release(&process->streams[i].text);
	}
	close_once(&process->end);
	free(process->line);
	free(process);
}

void process_free_all(void) {
	while (all != NULL) {
		process_free(all);
	}
}

int process_run(struct process_result *result, const char *const argv[]) {
	return process_run_with(result, argv, NULL, PROCESS_RUN_DEADLINE);
}

int process_run_with(struct process_result *result, const char *const argv[], const struct process_options *options,
                     int64_t milliseconds) {
	int64_t start = clock_milliseconds();
	struct process *process = process_start(argv, options);
	int status = process_wait(process, milliseconds);
	*result = (struct process_result){
		.status = status,
		.output = strdup(process_text(process, PROCESS_OUTPUT)),
		.errors = strdup(process_text(process, PROCESS_ERRORS)),
		.milliseconds = clock_milliseconds() - start,
	};
	if (result->output == NULL || result->errors == NULL) {
		stop("no memory for the texts of %s", argv[0]);
	}
	process_free(process);
	return status;
}

void process_result_release(struct process_result *result) {
	free(result->output);
	free(result->errors);
	*result = (struct process_result){ 0 };
}

const char *process_program(const char *name) {
	const char *folder = getenv("TROTH_BUILD");
	return scratch_path(folder == NULL || *folder == '\0' ? "build" : folder, name);
}

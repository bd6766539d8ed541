/* The test library itself: processes that are run, heard and never left behind; temporary folders. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "tests/lib/process.h"
#include "tests/lib/scratch.h"
#include "tests/lib/unit.h"

#define LONG 20000 /* milliseconds that are never reached unless something is wrong */
#define SHORT 50   /* milliseconds that are meant to pass */

#define ARGV(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define SHELL(script) ARGV("sh", "-c", script)

/* ---- run ---- */

START_TEST(a_run_brings_status_and_both_texts) {
	struct process_result result;
	ck_assert_int_eq(process_run(&result, SHELL("echo out; echo err >&2; printf more; exit 7")), 7);
	ck_assert_int_eq(result.status, 7);
	ck_assert_str_eq(result.output, "out\nmore");
	ck_assert_str_eq(result.errors, "err\n");
	ck_assert_int_ge(result.milliseconds, 0);
	ck_assert_int_lt(result.milliseconds, LONG);
	process_result_release(&result);
}
END_TEST

START_TEST(arguments_arrive_as_they_are) {
	struct process_result result;
	ck_assert_int_eq(process_run(&result, ARGV("printf", "%s|", "two words", "", "$HOME", "*")), 0);
	ck_assert_str_eq(result.output, "two words||$HOME|*|");
	process_result_release(&result);
}
END_TEST

START_TEST(a_signal_is_told_as_the_shell_tells_it) {
	struct process_result result;
	ck_assert_int_eq(process_run(&result, SHELL("kill -TERM $$")), 128 + SIGTERM);
	process_result_release(&result);
}
END_TEST

START_TEST(a_program_that_is_not_there_says_so) {
	struct process_result result;
	ck_assert_int_eq(process_run(&result, ARGV("/nowhere/at-all")), PROCESS_CANNOT_RUN);
	ck_assert_str_eq(result.errors, "cannot run /nowhere/at-all: No such file or directory\n");
	process_result_release(&result);
}
END_TEST

START_TEST(a_run_that_takes_too_long_is_killed) {
	struct process_result result;
	int status = process_run_with(&result, SHELL("echo begun; exec sleep 1000"), NULL, 500);
	ck_assert_int_eq(status, PROCESS_NO_STATUS);
	ck_assert_str_eq(result.output, "begun\n");
	ck_assert_int_ge(result.milliseconds, 500);
	process_result_release(&result);
}
END_TEST

START_TEST(a_run_gets_input_environment_and_folder) {
	const char *folder = scratch_folder();
	struct process_result result;
	ck_assert_int_eq(setenv("TROTH_KEPT", "kept", 1), 0);
	ck_assert_int_eq(setenv("TROTH_CHANGED", "old", 1), 0);
	const struct process_options options = {
		.input = "a line\nanother\n",
		.environment = ARGV("TROTH_CHANGED=new", "TROTH_ADDED=x=y"),
		.folder = folder,
	};
	const char *const *argv = SHELL("cat; echo $TROTH_KEPT $TROTH_CHANGED $TROTH_ADDED; pwd; env | grep -c TROTH_C");
	ck_assert_int_eq(process_run_with(&result, argv, &options, LONG), 0);
	char expected[FILE_PATH_MAX + 100];
	(void)snprintf(expected, sizeof expected, "a line\nanother\nkept new x=y\n%s\n1\n", folder);
	ck_assert_str_eq(result.output, expected);
	process_result_release(&result);
	ck_assert_str_eq(getenv("TROTH_CHANGED"), "old");
}
END_TEST

START_TEST(without_input_the_input_is_at_its_end) {
	struct process_result result;
	ck_assert_int_eq(process_run(&result, ARGV("cat")), 0);
	ck_assert_str_eq(result.output, "");
	process_result_release(&result);
}
END_TEST

START_TEST(more_than_a_pipe_holds_comes_through) {
	struct process_result result;
	size_t size = 5000000;
	char *input = malloc(size + 1);
	ck_assert_ptr_nonnull(input);
	memset(input, 'x', size);
	input[size] = '\0';
	const struct process_options options = { .input = input };
	ck_assert_int_eq(process_run_with(&result, SHELL("tee /dev/stderr"), &options, LONG), 0);
	ck_assert_uint_eq(strlen(result.output), size);
	ck_assert_uint_eq(strlen(result.errors), size);
	process_result_release(&result);
	free(input);
}
END_TEST

START_TEST(streams_can_go_to_files) {
	const char *folder = scratch_folder();
	const struct process_options options = {
		.output_path = scratch_path(folder, "out"),
		.errors_path = scratch_path(folder, "err"),
	};
	struct process_result result;
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(process_run_with(&result, SHELL("echo o; echo e >&2"), &options, LONG), 0);
		ck_assert_str_eq(result.output, "");
		process_result_release(&result);
	}
	char *output = scratch_read(options.output_path), *errors = scratch_read(options.errors_path);
	ck_assert_str_eq(output, "o\no\n");
	ck_assert_str_eq(errors, "e\ne\n");
	free(output);
	free(errors);
}
END_TEST

START_TEST(programs_under_test_are_found_by_the_environment) {
	ck_assert_int_eq(setenv("TROTH_BUILD", "build/special", 1), 0);
	ck_assert_str_eq(process_program("troth"), "build/special/troth");
	ck_assert_int_eq(unsetenv("TROTH_BUILD"), 0);
	ck_assert_str_eq(process_program("troth"), "build/troth");
}
END_TEST

/* ---- conversations ---- */

START_TEST(a_line_is_awaited_and_the_next_one_after_it) {
	struct process *process = process_start(SHELL("echo 1 ready; echo 2 ready; echo e1 >&2; exec sleep 1000"), NULL);
	size_t from = 0;
	ck_assert_str_eq(process_await_line(process, PROCESS_OUTPUT, "ready", &from, LONG), "1 ready");
	ck_assert_str_eq(process_await_line(process, PROCESS_OUTPUT, "ready", &from, LONG), "2 ready");
	ck_assert_ptr_null(process_await_line(process, PROCESS_OUTPUT, "ready", &from, SHORT));
	ck_assert_str_eq(process_await_line(process, PROCESS_OUTPUT, "2", NULL, LONG), "2 ready");
	ck_assert_str_eq(process_await_line(process, PROCESS_ERRORS, "", NULL, LONG), "e1");
	ck_assert(process_is_running(process));
	ck_assert_str_eq(process_text(process, PROCESS_OUTPUT), "1 ready\n2 ready\n");
	process_free(process);
}
END_TEST

START_TEST(a_line_without_its_end_is_not_there_yet) {
	struct process *process = process_start(SHELL("printf 'port 55'; read x; echo never"), NULL);
	ck_assert_int_eq(process_wait(process, LONG), 0);
	process_free(process);
	process = process_start(SHELL("printf 'port 55'; echo >&2; exec sleep 1000"), NULL);
	ck_assert_ptr_nonnull(process_await_line(process, PROCESS_ERRORS, "", NULL, LONG));
	ck_assert_ptr_null(process_await_line(process, PROCESS_OUTPUT, "port", NULL, SHORT));
	ck_assert_str_eq(process_text(process, PROCESS_OUTPUT), "port 55");
	process_free(process);
}
END_TEST

START_TEST(the_end_of_a_process_ends_the_waiting_for_its_line) {
	int64_t start = clock_milliseconds();
	struct process *process = process_start(SHELL("echo other; echo last"), NULL);
	ck_assert_ptr_null(process_await_line(process, PROCESS_OUTPUT, "wanted", NULL, LONG));
	ck_assert_str_eq(process_await_line(process, PROCESS_OUTPUT, "last", NULL, LONG), "last");
	ck_assert_int_eq(process_wait(process, LONG), 0);
	ck_assert_int_eq(process_wait(process, 0), 0);
	ck_assert_int_lt(clock_milliseconds() - start, LONG);
	process_free(process);
}
END_TEST

START_TEST(a_deadline_that_passes_is_told) {
	struct process *process = process_start(ARGV("sleep", "1000"), NULL);
	int64_t start = clock_milliseconds();
	ck_assert_int_eq(process_wait(process, SHORT), PROCESS_NO_STATUS);
	ck_assert_int_ge(clock_milliseconds() - start, SHORT);
	ck_assert_int_lt(clock_milliseconds() - start, LONG);
	process_signal(process, SIGTERM);
	ck_assert_int_eq(process_wait(process, LONG), 128 + SIGTERM);
	process_signal(process, SIGTERM);
	process_free(process);
}
END_TEST

START_TEST(waiting_for_one_process_serves_the_others) {
	struct process *loud = process_start(SHELL("head -c 3000000 /dev/zero | tr '\\0' x; echo done >&2"), NULL);
	struct process *quiet = process_start(SHELL("read x; exec sleep 1000"), NULL);
	/* The loud one can only end if someone empties its pipe; nobody but the wait for the quiet one does. */
	int64_t start = clock_milliseconds();
	while (kill(process_id(loud), 0) == 0 && strlen(process_text(loud, PROCESS_ERRORS)) == 0 &&
	       clock_milliseconds() - start < LONG) {
		ck_assert_int_eq(process_wait(quiet, 10), PROCESS_NO_STATUS);
	}
	ck_assert_str_eq(process_text(loud, PROCESS_ERRORS), "done\n");
	ck_assert_uint_eq(strlen(process_text(loud, PROCESS_OUTPUT)), 3000000);
	process_free(quiet);
	process_free(loud);
}
END_TEST

/* ---- nothing is left behind ---- */

/* The id that a process prints as its first line. */
static pid_t printed_id(struct process *process) {
	const char *line = process_await_line(process, PROCESS_OUTPUT, "", NULL, LONG);
	ck_assert_ptr_nonnull(line);
	return (pid_t)strtol(line, NULL, 10);
}

/* True if the process behind this pidfd ends before the deadline; it need not be a child. */
static bool ends(int fd) {
	struct pollfd polled = { .fd = fd, .events = POLLIN };
	return poll(&polled, 1, LONG) == 1;
}

START_TEST(kill_ends_one_process_and_free_its_whole_group) {
	struct process *process = process_start(SHELL("sleep 1000 & echo $!; wait"), NULL);
	pid_t grandchild = printed_id(process);
	int fd = pidfd_open(grandchild, 0);
	ck_assert_int_ge(fd, 0);
	process_kill(process);
	ck_assert(!process_is_running(process));
	ck_assert_int_eq(process_wait(process, 0), 128 + SIGKILL);
	struct pollfd polled = { .fd = fd, .events = POLLIN };
	ck_assert_int_eq(poll(&polled, 1, SHORT), 0); /* the grandchild lives on, as after a crash */
	process_free(process);
	ck_assert(ends(fd));
	(void)close(fd);
}
END_TEST

/* Forks a process that starts a sleeper, tells its id and folder, and ends `way`. Returns the sleeper's pidfd. */
static int sleeper_of_one_that(void (*way)(int), int number, char *folder) {
	int ends_of_pipe[2], asked[2];
	ck_assert(pipe2(ends_of_pipe, O_CLOEXEC) == 0 && pipe2(asked, O_CLOEXEC) == 0);
	pid_t middle = fork();
	ck_assert_int_ge(middle, 0);
	if (middle == 0) {
		struct process *process = process_start(SHELL("exec sleep 1000"), NULL);
		pid_t id = process_id(process);
		char go = 0, path[FILE_PATH_MAX] = "";
		(void)snprintf(path, sizeof path, "%s", scratch_folder());
		scratch_write(scratch_path(path, "file"), "x");
		(void)file_make_folder(scratch_path(path, "below/deep"), 0700, NULL);
		bool told = write(ends_of_pipe[1], &id, sizeof id) == (ssize_t)sizeof id &&
		            write(ends_of_pipe[1], path, sizeof path) == (ssize_t)sizeof path && read(asked[0], &go, 1) == 1;
		way(told ? number : 1);
		_exit(1);
	}
	pid_t id = -1;
	ck_assert_int_eq(read(ends_of_pipe[0], &id, sizeof id), sizeof id);
	ck_assert_int_eq(read(ends_of_pipe[0], folder, FILE_PATH_MAX), FILE_PATH_MAX);
	int fd = pidfd_open(id, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(asked[1], "g", 1), 1);
	ck_assert_int_eq(waitpid(middle, NULL, 0), middle);
	return fd;
}

static void die_of(int number) {
	(void)raise(number);
}

START_TEST(exit_kills_the_processes_and_removes_the_folders) {
	char folder[FILE_PATH_MAX];
	int fd = sleeper_of_one_that(exit, 0, folder);
	ck_assert(ends(fd));
	ck_assert(!file_exists(folder));
	(void)close(fd);
}
END_TEST

START_TEST(even_a_killed_test_leaves_no_process) {
	char folder[FILE_PATH_MAX];
	int fd = sleeper_of_one_that(die_of, SIGKILL, folder);
	ck_assert(ends(fd));
	ck_assert(file_exists(folder)); /* nobody was there to remove it */
	(void)close(fd);
	struct process_result result;
	ck_assert_int_eq(process_run(&result, ARGV("rm", "-r", folder)), 0);
	process_result_release(&result);
}
END_TEST

START_TEST(a_fork_of_the_test_takes_nothing_down_with_it) {
	struct process *process = process_start(SHELL("exec sleep 1000"), NULL);
	const char *folder = scratch_folder();
	pid_t fork_of_us = fork();
	if (fork_of_us == 0) {
		exit(0);
	}
	ck_assert_int_eq(waitpid(fork_of_us, NULL, 0), fork_of_us);
	ck_assert_int_eq(process_wait(process, SHORT), PROCESS_NO_STATUS);
	ck_assert(file_exists(folder));
	process_free(process);
}
END_TEST

/* ---- scratch ---- */

START_TEST(scratch_folders_are_new_private_and_under_tmpdir) {
	const char *above = scratch_folder();
	ck_assert_int_eq(setenv("TMPDIR", above, 1), 0);
	const char *first = scratch_folder(), *second = scratch_folder();
	struct stat status;
	ck_assert_str_ne(first, second);
	ck_assert_int_eq(strncmp(first, above, strlen(above)), 0);
	ck_assert_int_eq(stat(first, &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0700);
	ck_assert_str_eq(scratch_path("a", "b"), "a/b");
	const char *path = scratch_path(first, "file");
	scratch_write(path, "first, which is longer");
	scratch_write(path, "then\n");
	char *text = scratch_read(path);
	ck_assert_str_eq(text, "then\n");
	free(text);
}
END_TEST

int main(void) {
	TCase *run = tcase_create("run"), *talk = tcase_create("talk"), *ending = tcase_create("end");
	tcase_set_timeout(run, 60);
	tcase_set_timeout(talk, 60);
	tcase_set_timeout(ending, 60);
	tcase_add_test(run, a_run_brings_status_and_both_texts);
	tcase_add_test(run, arguments_arrive_as_they_are);
	tcase_add_test(run, a_signal_is_told_as_the_shell_tells_it);
	tcase_add_test(run, a_program_that_is_not_there_says_so);
	tcase_add_test(run, a_run_that_takes_too_long_is_killed);
	tcase_add_test(run, a_run_gets_input_environment_and_folder);
	tcase_add_test(run, without_input_the_input_is_at_its_end);
	tcase_add_test(run, more_than_a_pipe_holds_comes_through);
	tcase_add_test(run, streams_can_go_to_files);
	tcase_add_test(run, programs_under_test_are_found_by_the_environment);
	tcase_add_test(talk, a_line_is_awaited_and_the_next_one_after_it);
	tcase_add_test(talk, a_line_without_its_end_is_not_there_yet);
	tcase_add_test(talk, the_end_of_a_process_ends_the_waiting_for_its_line);
	tcase_add_test(talk, a_deadline_that_passes_is_told);
	tcase_add_test(talk, waiting_for_one_process_serves_the_others);
	tcase_add_test(ending, kill_ends_one_process_and_free_its_whole_group);
	tcase_add_test(ending, exit_kills_the_processes_and_removes_the_folders);
	tcase_add_test(ending, even_a_killed_test_leaves_no_process);
	tcase_add_test(ending, a_fork_of_the_test_takes_nothing_down_with_it);
	tcase_add_test(ending, scratch_folders_are_new_private_and_under_tmpdir);
	Suite *suite = suite_create("tests/lib");
	suite_add_tcase(suite, run);
	suite_add_tcase(suite, talk);
	suite_add_tcase(suite, ending);
	return unit_run(suite);
}

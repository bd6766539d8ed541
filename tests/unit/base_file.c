/* Files as wholes, and signals as a descriptor. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/signals.h"
#include "tests/lib/scratch.h"
#include "tests/lib/unit.h"

/* ---- file ---- */

static void assert_holds(const char *path, const char *expected) {
	char *text = scratch_read(path);
	ck_assert_str_eq(text, expected);
	free(text);
}

/* The number of names in a folder, so that a forgotten temporary file shows. */
static int names_in(const char *folder) {
	DIR *names = opendir(folder);
	ck_assert_ptr_nonnull(names);
	int count = -2; /* "." and ".." */
	while (readdir(names) != NULL) {
		count++;
	}
	ck_assert_int_eq(closedir(names), 0);
	return count;
}

static mode_t mode_of(const char *path) {
	struct stat status;
	ck_assert_int_eq(stat(path, &status), 0);
	return status.st_mode & 07777;
}

START_TEST(replacing_makes_a_file_or_puts_a_new_one_in_its_place) {
	const char *folder = scratch_folder(), *path = scratch_path(folder, "file");
	ck_assert(!file_exists(path));
	ck_assert_int_eq(file_replace(path, slice_of_text("old"), 0644, NULL), OK);
	ck_assert(file_exists(path));
	int reader = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(file_replace(path, slice_of_text("new text"), 0600, NULL), OK);
	assert_holds(path, "new text");
	/* Who has the old one open still reads it whole: it was not written over. */
	char old[8] = "";
	ck_assert_int_eq(read(reader, old, sizeof old), 3);
	ck_assert_str_eq(old, "old");
	ck_assert_int_eq(close(reader), 0);
	ck_assert_int_eq(names_in(folder), 1);
}
END_TEST

START_TEST(a_file_has_the_mode_that_was_asked_for) {
	static const mode_t modes[] = { 0600, 0644, 0400, 0666 };
	const char *folder = scratch_folder(), *path = scratch_path(folder, "file");
	(void)umask(077);
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		ck_assert_int_eq(file_replace(path, slice_of_text("x"), modes[i], NULL), OK);
		ck_assert_uint_eq(mode_of(path), modes[i]);
		ck_assert_int_eq(unlink(path), 0);
		ck_assert_int_eq(file_create(path, slice_of_text("x"), modes[i], NULL), OK);
		ck_assert_uint_eq(mode_of(path), modes[i]);
	}
}
END_TEST

START_TEST(creating_refuses_a_name_that_is_taken) {
	const char *folder = scratch_folder(), *path = scratch_path(folder, "file");
	struct failure failure;
	ck_assert_int_eq(file_create(path, slice_of_text("first"), 0600, &failure), OK);
	ck_assert_int_eq(file_create(path, slice_of_text("second"), 0600, &failure), ERROR_EXISTS);
	ck_assert_int_eq(failure.code, ERROR_EXISTS);
	ck_assert_ptr_nonnull(strstr(failure.text, path));
	assert_holds(path, "first");
	const char *dangling = scratch_path(folder, "dangling");
	ck_assert_int_eq(symlink("nowhere", dangling), 0);
	ck_assert_int_eq(file_create(dangling, slice_of_text("second"), 0600, &failure), ERROR_EXISTS);
	ck_assert_int_eq(names_in(folder), 2);
}
END_TEST

START_TEST(a_failed_write_leaves_the_former_content_and_nothing_else) {
	static const uint8_t bytes[5000];
	const char *folder = scratch_folder(), *path = scratch_path(folder, "file");
	struct failure failure;
	ck_assert_int_eq(file_replace(path, slice_of_text("former"), 0600, &failure), OK);
	/* A limit on the size of files takes the place of a full disk. */
	struct rlimit limit, small;
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = 1000;
	ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	enum error replaced = file_replace(path, slice_of(bytes, sizeof bytes), 0600, &failure);
	enum error created = file_create(scratch_path(folder, "other"), slice_of(bytes, sizeof bytes), 0600, NULL);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(replaced, ERROR_SYSTEM);
	ck_assert_int_eq(created, ERROR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(failure.text, "File too large"));
	assert_holds(path, "former");
	ck_assert_int_eq(names_in(folder), 1);
}
END_TEST

START_TEST(a_folder_in_the_place_of_a_file_is_not_replaced) {
	const char *folder = scratch_folder(), *path = scratch_path(folder, "name");
	ck_assert_int_eq(file_make_folder(path, 0700, NULL), OK);
	ck_assert_int_eq(file_replace(path, slice_of_text("x"), 0600, NULL), ERROR_SYSTEM);
	ck_assert_int_eq(file_replace(scratch_path(folder, "none/file"), slice_of_text("x"), 0600, NULL), ERROR_SYSTEM);
	ck_assert_int_eq(names_in(folder), 1);
}
END_TEST

static enum error read_into(const char *path, size_t maximum, size_t *size, struct failure *failure) {
	struct buffer text;
	buffer_init(&text, maximum);
	enum error error = file_read(path, &text, failure);
	*size = text.size;
	buffer_release(&text);
	return error;
}

START_TEST(a_device_or_a_pipe_is_written_to_and_stays) {
	struct failure failure = { .code = OK };
	char path[FILE_PATH_MAX];
	ck_assert_int_eq(file_join(path, scratch_folder(), "pipe", &failure), OK);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	int reader = open(path, O_RDONLY | O_NONBLOCK);
	ck_assert_int_ge(reader, 0);
	ck_assert_int_eq(file_replace(path, slice_of_text("news"), 0644, &failure), OK);
	char got[8] = "";
	ck_assert_int_eq(read(reader, got, sizeof got - 1), 4);
	ck_assert_str_eq(got, "news");
	struct stat status;
	ck_assert(stat(path, &status) == 0 && S_ISFIFO(status.st_mode));
	(void)close(reader);
}
END_TEST

START_TEST(a_symbolic_link_stays_and_leads_to_the_new_content) {
	struct failure failure = { .code = OK };
	char target[FILE_PATH_MAX], name[FILE_PATH_MAX];
	ck_assert_int_eq(file_join(target, scratch_folder(), "target", &failure), OK);
	ck_assert_int_eq(file_join(name, scratch_folder(), "link", &failure), OK);
	ck_assert_int_eq(file_replace(target, slice_of_text("old"), 0644, &failure), OK);
	ck_assert_int_eq(symlink(target, name), 0);
	ck_assert_int_eq(file_replace(name, slice_of_text("new"), 0644, &failure), OK);
	struct stat status;
	ck_assert(lstat(name, &status) == 0 && S_ISLNK(status.st_mode));
	struct buffer content;
	buffer_init(&content, 16);
	ck_assert_int_eq(file_read(target, &content, &failure), OK);
	ck_assert(slice_is(buffer_slice(&content), "new"));
	buffer_release(&content);
}
END_TEST

START_TEST(reading_stops_at_the_buffers_maximum) {
	static uint8_t bytes[20000];
	const char *path = scratch_path(scratch_folder(), "file");
	struct failure failure;
	size_t size = 0;
	ck_assert_int_eq(file_replace(path, slice_of(bytes, sizeof bytes), 0600, NULL), OK);
	ck_assert_int_eq(read_into(path, sizeof bytes, &size, &failure), OK);
	ck_assert_uint_eq(size, sizeof bytes);
	ck_assert_int_eq(read_into(path, sizeof bytes - 1, &size, &failure), ERROR_TOO_LONG);
	ck_assert_int_eq(failure.code, ERROR_TOO_LONG);
	ck_assert_ptr_nonnull(strstr(failure.text, "19999"));
	ck_assert_int_eq(file_replace(path, slice_of(NULL, 0), 0600, NULL), OK);
	ck_assert_int_eq(read_into(path, 0, &size, &failure), OK);
	ck_assert_uint_eq(size, 0);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_not_found) {
	const char *folder = scratch_folder(), *path = scratch_path(folder, "file");
	struct failure failure;
	size_t size = 0;
	ck_assert_int_eq(read_into(path, 10, &size, &failure), ERROR_NOT_FOUND);
	ck_assert_int_eq(failure.code, ERROR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(failure.text, path));
	ck_assert_int_eq(read_into(path, 10, &size, NULL), ERROR_NOT_FOUND);
	scratch_write(path, "x");
	ck_assert_int_eq(read_into(scratch_path(folder, "file/below"), 10, &size, &failure), ERROR_NOT_FOUND);
	ck_assert_int_eq(read_into(folder, 10, &size, &failure), ERROR_SYSTEM); /* a folder is there, but no file */
}
END_TEST

START_TEST(a_dash_is_standard_input) {
	const char *path = scratch_path(scratch_folder(), "file");
	scratch_write(path, "from outside");
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	struct buffer text;
	buffer_init(&text, 100);
	ck_assert_int_eq(file_read("-", &text, NULL), OK);
	ck_assert_str_eq(buffer_text(&text), "from outside");
	buffer_release(&text);
	(void)close(fd);
}
END_TEST

START_TEST(folders_are_made_with_those_above_them) {
	static const char *const forms[] = { "a/b/c", "a/b/d/", "e", "a//f", "./g" };
	const char *folder = scratch_folder();
	(void)umask(0);
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		const char *path = scratch_path(folder, forms[i]);
		ck_assert_msg(file_make_folder(path, 0750, NULL) == OK, "%s", path);
		ck_assert_msg(file_make_folder(path, 0700, NULL) == OK, "%s again", path);
		ck_assert_uint_eq(mode_of(path), 0750);
	}
	ck_assert_int_eq(file_make_folder("/", 0700, NULL), OK);
	ck_assert_int_eq(chdir(folder), 0);
	ck_assert_int_eq(file_make_folder("relative/h", 0700, NULL), OK);
	ck_assert(file_exists(scratch_path(folder, "relative/h")));
}
END_TEST

START_TEST(a_file_in_the_place_of_a_folder_is_an_error) {
	const char *folder = scratch_folder(), *path = scratch_path(folder, "file");
	struct failure failure;
	scratch_write(path, "x");
	ck_assert_int_eq(file_make_folder(path, 0700, &failure), ERROR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(failure.text, "is not a folder"));
	ck_assert_int_eq(file_make_folder(scratch_path(folder, "file/below"), 0700, &failure), ERROR_SYSTEM);
	ck_assert_int_eq(file_make_folder("", 0700, &failure), ERROR_SYSTEM);
}
END_TEST

START_TEST(a_path_that_is_too_long_is_refused_everywhere) {
	char name[FILE_PATH_MAX + 1], out[FILE_PATH_MAX];
	struct failure failure;
	memset(name, 'x', FILE_PATH_MAX);
	name[FILE_PATH_MAX] = '\0';
	ck_assert_int_eq(file_replace(name, slice_of_text("x"), 0600, &failure), ERROR_TOO_LONG);
	ck_assert_int_eq(file_create(name, slice_of_text("x"), 0600, &failure), ERROR_TOO_LONG);
	ck_assert_int_eq(file_make_folder(name, 0700, &failure), ERROR_TOO_LONG);
	name[FILE_PATH_MAX - 2] = '\0';
	ck_assert_int_eq(file_join(out, "", name, &failure), OK);
	ck_assert_uint_eq(strlen(out), FILE_PATH_MAX - 1);
	ck_assert_int_eq(file_join(out, "f", name, &failure), ERROR_TOO_LONG);
	ck_assert_int_eq(file_join(out, "folder", "name", &failure), OK);
	ck_assert_str_eq(out, "folder/name");
}
END_TEST

/* ---- signals ---- */

static bool readable(int fd) {
	struct pollfd poll_for = { .fd = fd, .events = POLLIN };
	return poll(&poll_for, 1, 0) == 1;
}

START_TEST(a_signal_waits_on_the_descriptor_until_it_is_taken) {
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };
	int fd = -1;
	ck_assert_int_eq(signals_open(&fd, NULL), OK);
	ck_assert_int_eq(signals_take(fd), 0);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		ck_assert(!readable(fd));
		ck_assert_int_eq(raise(numbers[i]), 0);
		ck_assert(readable(fd));
		ck_assert_int_eq(signals_take(fd), numbers[i]);
		ck_assert_int_eq(signals_take(fd), 0);
	}
	ck_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	ck_assert_int_eq(close(fd), 0);
}
END_TEST

START_TEST(writing_to_a_closed_pipe_is_an_error_and_no_death) {
	int fd = -1, ends[2];
	ck_assert_int_eq(signals_open(&fd, NULL), OK);
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(close(ends[0]), 0);
	ck_assert_int_eq(write(ends[1], "x", 1), -1);
	ck_assert_int_eq(errno, EPIPE);
	ck_assert_int_eq(close(ends[1]), 0);
	ck_assert_int_eq(close(fd), 0);
}
END_TEST

START_TEST(a_child_gets_the_usual_signals_back) {
	int fd = -1;
	sigset_t blocked;
	struct sigaction action;
	ck_assert_int_eq(signals_open(&fd, NULL), OK);
	ck_assert_int_eq(sigprocmask(SIG_BLOCK, NULL, &blocked), 0);
	ck_assert(sigismember(&blocked, SIGTERM) && sigismember(&blocked, SIGCHLD));
	signals_restore();
	ck_assert_int_eq(sigprocmask(SIG_BLOCK, NULL, &blocked), 0);
	ck_assert(!sigismember(&blocked, SIGTERM) && !sigismember(&blocked, SIGINT));
	ck_assert(!sigismember(&blocked, SIGHUP) && !sigismember(&blocked, SIGCHLD));
	ck_assert_int_eq(sigaction(SIGPIPE, NULL, &action), 0);
	ck_assert(action.sa_handler == SIG_DFL);
	ck_assert_int_eq(close(fd), 0);
}
END_TEST

int main(void) {
	TCase *file = tcase_create("file"), *signals = tcase_create("signals");
	tcase_add_test(file, replacing_makes_a_file_or_puts_a_new_one_in_its_place);
	tcase_add_test(file, a_file_has_the_mode_that_was_asked_for);
	tcase_add_test(file, creating_refuses_a_name_that_is_taken);
	tcase_add_test(file, a_failed_write_leaves_the_former_content_and_nothing_else);
	tcase_add_test(file, a_folder_in_the_place_of_a_file_is_not_replaced);
	tcase_add_test(file, a_device_or_a_pipe_is_written_to_and_stays);
	tcase_add_test(file, a_symbolic_link_stays_and_leads_to_the_new_content);
	tcase_add_test(file, reading_stops_at_the_buffers_maximum);
	tcase_add_test(file, a_file_that_is_not_there_is_not_found);
	tcase_add_test(file, a_dash_is_standard_input);
	tcase_add_test(file, folders_are_made_with_those_above_them);
	tcase_add_test(file, a_file_in_the_place_of_a_folder_is_an_error);
	tcase_add_test(file, a_path_that_is_too_long_is_refused_everywhere);
	tcase_add_test(signals, a_signal_waits_on_the_descriptor_until_it_is_taken);
	tcase_add_test(signals, writing_to_a_closed_pipe_is_an_error_and_no_death);
	tcase_add_test(signals, a_child_gets_the_usual_signals_back);
	Suite *suite = suite_create("base/file, signals");
	suite_add_tcase(suite, file);
	suite_add_tcase(suite, signals);
	return unit_run(suite);
}

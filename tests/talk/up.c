/* `troth up` and its processes: how they end, and that one agency is never two. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/lib/scratch.h"
#include "tests/lib/story.h"
#include "tests/lib/unit.h"

#define END_MS 20000
#define TEST_SECONDS 120
#define CHILDREN_MAX 16

/* Descriptors that become readable when the process that they stand for has ended; its id may then be another's. */
struct children {
	struct pollfd ends[CHILDREN_MAX];
	pid_t ids[CHILDREN_MAX];
	size_t count;
};

static void watch_children(struct process *up, struct children *children) {
	char path[96], text[1024] = "";
	int id = (int)process_id(up);
	*children = (struct children){ .count = 0 };
	(void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", id, id);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_gt(read(fd, text, sizeof text - 1), 0);
	(void)close(fd);
	char *at = text;
	for (long child = strtol(at, &at, 10); child > 0; child = strtol(at, &at, 10)) {
		ck_assert_uint_lt(children->count, CHILDREN_MAX);
		children->ids[children->count] = (pid_t)child;
		children->ends[children->count] = (struct pollfd){ .fd = pidfd_open((pid_t)child, 0), .events = POLLIN };
		ck_assert_int_ge(children->ends[children->count++].fd, 0);
	}
}

/* Waits until all of them have ended. */
static void children_end(struct children *children) {
	int64_t deadline = clock_milliseconds() + END_MS;
	for (size_t i = 0; i < children->count; i++) {
		int64_t left = deadline - clock_milliseconds();
		ck_assert_msg(poll(&children->ends[i], 1, left < 0 ? 0 : (int)left) == 1, "process %d is still there",
		              (int)children->ids[i]);
		(void)close(children->ends[i].fd);
	}
}

static bool has_ended(struct pollfd *end) {
	return poll(end, 1, 0) == 1;
}

static const int signals[] = { SIGTERM, SIGINT };

START_TEST(a_signal_ends_all_processes_with_status_0) {
	struct agency_process agency;
	struct children children;
	agency_start(&agency, 3);
	watch_children(agency.up, &children);
	ck_assert_uint_eq(children.count, 4); /* the broker and three workers */
	process_signal(agency.up, signals[_i]);
	ck_assert_int_eq(process_wait(agency.up, END_MS), 0);
	for (size_t i = 0; i < children.count; i++) {
		ck_assert_msg(has_ended(&children.ends[i]), "up has ended before its process %d", (int)children.ids[i]);
	}
	children_end(&children);
	/* Nothing had to be killed. A worker that is still connecting when it ends is told of by the broker. */
	const char *errors = process_text(agency.up, PROCESS_ERRORS);
	ck_assert_msg(strstr(errors, "program=troth-up") == NULL && strstr(errors, "level=error") == NULL, "%s", errors);
}
END_TEST

START_TEST(a_signal_before_it_is_ready_ends_it_too) {
	struct agency_process agency;
	struct children children;
	agency_start(&agency, 1);
	ck_assert_int_eq(agency_stop(&agency), 0);
	/* A broker that is stopped as soon as it is there never lets the agency become ready. */
	const char *const words[] = { process_program("troth"), "up", "--home", agency.home, NULL };
	struct process *up = process_start(words, NULL);
	int64_t deadline = clock_milliseconds() + END_MS;
	char path[96];
	(void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)process_id(up), (int)process_id(up));
	char text[64] = "";
	while (text[0] == '\0' && clock_milliseconds() < deadline) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t got = read(fd, text, sizeof text - 1);
		ck_assert_int_ge(got, 0);
		(void)close(fd);
	}
	pid_t broker = (pid_t)strtol(text, NULL, 10);
	ck_assert_int_gt(broker, 0);
	watch_children(up, &children);
	(void)kill(broker, SIGSTOP);
	process_signal(up, SIGTERM);
	(void)kill(broker, SIGCONT);
	ck_assert_int_eq(process_wait(up, END_MS), 0);
	children_end(&children);
}
END_TEST

START_TEST(a_second_up_on_the_same_home_is_refused) {
	struct story story;
	story_begin(&story);
	said_refused(troth("up", "--home", story.agency.home, NULL), 1, ERROR_EXISTS, 0);
	(void)said_done(troth("status", "--home", story.brand, NULL)); /* the first one is none the worse */
}
END_TEST

START_TEST(origin_and_endpoint_are_chosen_once) {
	struct agency_process agency;
	agency_start(&agency, 1);
	ck_assert_int_eq(agency_stop(&agency), 0);
	said_refused(troth("up", "--home", agency.home, "--origin", "other.example", NULL), 2, ERROR_USAGE, 0);
	said_refused(troth("up", "--home", agency.home, "--endpoint", "tcp://127.0.0.1:1", NULL), 2, ERROR_USAGE, 0);
	said_refused(troth("up", "--home", scratch_folder(), NULL), 2, ERROR_USAGE, 0);
	said_refused(troth("up", "--home", scratch_folder(), "--origin", "Not An Origin", NULL), 2, ERROR_USAGE, 0);
	said_refused(troth("up", "--home", scratch_folder(), "--origin", "agency.example", "--endpoint", "ipc:///tmp/x",
	                   NULL), 2, ERROR_USAGE, 0);
}
END_TEST

/* What a first start has made by the time that it is cut off, from the latest moment to earlier ones. */
static const char *const not_made_yet[] = { "agency.join", "ops/bootstrap/admit.note", "ops/account.ini",
	                                        "ops/signing.key", "worker.ini" };

START_TEST(a_first_start_that_was_cut_off_is_begun_again) {
	struct agency_process agency;
	agency_start(&agency, 1);
	ck_assert_int_eq(agency_stop(&agency), 0);
	ck_assert_int_eq(unlink(scratch_path(agency.home, "store/data.mdb")), 0);
	for (int i = 0; i <= _i; i++) {
		ck_assert_int_eq(unlink(scratch_path(agency.home, not_made_yet[i])), 0);
	}
	agency_restart(&agency, 1);
	(void)said_done(troth("ops", "waiting", "--home", scratch_path(agency.home, "ops"), NULL));
	ck_assert_int_eq(agency_stop(&agency), 0);
}
END_TEST

START_TEST(kill_9_leaves_nothing_behind_and_up_starts_again_at_once) {
	struct story story;
	struct children children;
	story_begin(&story);
	story_agree(&story);
	struct store_counts before = store_count(story.agency.home);
	watch_children(story.agency.up, &children);
	process_kill(story.agency.up);
	/* It is started again without waiting for its former processes, which die with it. */
	agency_restart(&story.agency, 2);
	children_end(&children);
	store_has_grown(story.agency.home, before, (struct store_counts){ 0, 0, 0 });
	ck_assert_str_eq(said_id(troth("deal", "accept", story.offer, "--home", story.creator, "--yes", NULL)),
	                 story.deal);
}
END_TEST

START_TEST(a_process_that_dies_is_started_again) {
	struct story story;
	struct children before, after;
	story_begin(&story);
	watch_children(story.agency.up, &before);
	for (size_t i = 0; i < before.count; i++) {
		(void)kill(before.ids[i], SIGKILL);
	}
	children_end(&before);
	story_agree(&story);
	watch_children(story.agency.up, &after);
	process_signal(story.agency.up, SIGTERM);
	ck_assert_int_eq(process_wait(story.agency.up, END_MS), 0);
	children_end(&after);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("up");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_loop_test(tests, a_signal_ends_all_processes_with_status_0, 0, 2);
	tcase_add_test(tests, a_signal_before_it_is_ready_ends_it_too);
	tcase_add_test(tests, a_second_up_on_the_same_home_is_refused);
	tcase_add_test(tests, origin_and_endpoint_are_chosen_once);
	tcase_add_loop_test(tests, a_first_start_that_was_cut_off_is_begun_again, 0,
	                    sizeof not_made_yet / sizeof not_made_yet[0]);
	tcase_add_test(tests, kill_9_leaves_nothing_behind_and_up_starts_again_at_once);
	tcase_add_test(tests, a_process_that_dies_is_started_again);
	Suite *suite = suite_create("talk/up");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

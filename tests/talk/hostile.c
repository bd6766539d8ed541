/* Hostile peers against a real troth-broker, while an honest client goes on asking: the client gets every answer, the
 * broker's memory stays under its bound, offenders are cut off, and the log says why, not too often.
 *
 * How long the honest client waits in peace and under attack is printed, for each attack. In life attackers sit on
 * other machines, so here they take only the processor time that nobody else wants (SCHED_IDLE): what the client loses
 * is lost to what the broker does because of them, including the threads of libzmq, and to the kernel's work for their
 * sockets. So they are weaker than they might be, too. What waits on a machine that others use as well says little,
 * hence what may not be exceeded is far above what is printed on an idle one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "tests/lib/broker_process.h"
#include "tests/lib/hostile.h"
#include "tests/lib/unit.h"

#define TEST_SECONDS 300
#define ANSWER_MS 30000
#define CALL_EVERY_NS 1000000
#define WAITS_AT_LEAST 2000        /* 20 of them are longer than the 99th percentile */
#define WAITS_MAX 200000
#define SHOWN_NS 120000000000      /* for the attack to show its effect; … */
#define HURRY_NS 20000000000       /* … after this it takes its share of a busy machine */
#define TIMES_MAX 50               /* as long as in peace, and … */
#define FLOOR_MS 1000              /* … so much may 99 of a hundred calls wait in any case */
#define MEMORY_MAX ((int64_t)512 << 20)
#define MEMORY_SLACK ((int64_t)128 << 20) /* what comes between two looks of the broker */
#define LOG_LINES_MAX 100

/* Waits of one client, in milliseconds. */
struct served {
	double p50, p99, longest;
};

static struct broker_process broker;
static struct identity honest;
static struct client *client;
static struct failure failure;
static int64_t waits[WAITS_MAX];

static void set_up(void) {
	broker_process_start(&broker, "memory-mib-max = 512\nconnections-per-key-max = 64\n");
	ck_assert_int_eq(identity_make(&honest, &failure), OK);
	const struct client_options options = {
		.brokers = &broker.address, .broker_count = 1, .identity = &honest, .timeout_ms = ANSWER_MS
	};
	ck_assert_msg(client_new(&options, &client, &failure) == OK, "%s", failure.text);
}

static void tear_down(void) {
	client_free(client);
	ck_assert_int_eq(broker_process_stop(&broker), 0);
	process_free_all();
}

static void ask(void) {
	struct buffer reply;
	buffer_init(&reply, 1024);
	enum error error = client_call(client, "mmi.service", slice_of_text("nothing"), &reply, &failure);
	ck_assert_msg(error == OK, "%s", failure.text);
	ck_assert(slice_is(buffer_slice(&reply), "404"));
	buffer_release(&reply);
}

static void pause_until(int64_t due) {
	const struct timespec time = { .tv_sec = due / 1000000000, .tv_nsec = due % 1000000000 };
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR) {
		continue;
	}
}

/* Notes the wait of one call, and those of the calls that others would have made while it waited: else a pause of the
 * broker would count as one wait only, however many it lets wait. */
static size_t note(size_t count, int64_t taken) {
	for (; taken > 0 && count < WAITS_MAX; taken -= CALL_EVERY_NS) {
		waits[count++] = taken;
	}
	return count;
}

static int by_size(const void *a, const void *b) {
	const int64_t *first = a, *second = b;
	return (*first > *second) - (*first < *second);
}

/* The wait that so many of a hundred calls do not exceed, in milliseconds; waits are sorted. */
static double wait_of(size_t count, size_t percent) {
	return (double)waits[(count * percent - 1) / 100] / 1e6;
}

static size_t count_lines(const char *text, const char *part) {
	size_t count = 0;
	for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) {
		count++;
	}
	return count;
}

/* Asks at a steady pace until there are enough waits and the attack, if there is one, has shown its effect. */
static struct served ask_steadily(const struct hostile_run *run, const struct hostile *hostile) {
	size_t count = 0;
	int64_t begun = clock_nanoseconds();
	bool has_shown = run == NULL;
	while (count < WAITS_MAX && (count < WAITS_AT_LEAST || !has_shown)) {
		int64_t since = clock_nanoseconds();
		ask();
		count = note(count, clock_nanoseconds() - since);
		pause_until(since + CALL_EVERY_NS);
		has_shown = run == NULL || hostile_has_shown(run, hostile);
		if (!has_shown && since - begun > HURRY_NS) {
			hostile_hurry(run);
		}
		ck_assert_msg(has_shown || since - begun < SHOWN_NS, "%s has not shown its effect", hostile->name);
	}
	qsort(waits, count, sizeof waits[0], by_size);
	return (struct served){ .p50 = wait_of(count, 50), .p99 = wait_of(count, 99), .longest = wait_of(count, 100) };
}

static void print(const struct hostile *hostile, const struct hostile_report *report, int64_t peak,
                  const struct served *before, const struct served *during) {
	(void)printf("%-20s opened %5llu, cut %5llu, %4llu MiB; peak %3lld MiB; p50 %5.2f -> %6.2f, p99 %5.2f -> %6.2f, "
	             "longest %6.2f -> %6.2f ms; p99 %5.1f times\n", hostile->name, (unsigned long long)report->opened,
	             (unsigned long long)report->cut, (unsigned long long)report->bytes >> 20, (long long)peak >> 20,
	             before->p50, during->p50, before->p99, during->p99, before->longest, during->longest,
	             during->p99 / before->p99);
}

static void check_log(const struct hostile *hostile) {
	const char *log = process_text(broker.process, PROCESS_ERRORS);
	char reason[64];
	(void)snprintf(reason, sizeof reason, "reason=%s", hostile->reason == NULL ? "" : hostile->reason);
	ck_assert_msg(hostile->reason == NULL || count_lines(log, reason) > 0, "%s: no %s in the log", hostile->name,
	              reason);
	ck_assert_msg(count_lines(log, "\n") < LOG_LINES_MAX, "%s: %zu lines in the log", hostile->name,
	              count_lines(log, "\n"));
}

START_TEST(an_honest_client_is_served_while_others_are_hostile) {
	const struct hostile *hostile = &hostile_attacks[_i];
	const struct foreign_target target = { .endpoint = broker.address.endpoint,
		                                   .server_key = broker.address.public_key };
	ask();
	struct served before = ask_steadily(NULL, hostile);
	struct hostile_run run;
	hostile_start(&run, hostile, &target, HOSTILE_YIELDS);
	struct served during = ask_steadily(&run, hostile);
	int64_t peak = broker_process_peak(&broker);
	print(hostile, run.report, peak, &before, &during);
	hostile_stop(&run);
	ask();
	ck_assert_msg(peak < MEMORY_MAX + MEMORY_SLACK, "%s: %lld bytes", hostile->name, (long long)peak);
	ck_assert_msg(during.p99 < before.p99 * TIMES_MAX + FLOOR_MS, "%s: p99 %.0f ms, %.2f ms in peace", hostile->name,
	              during.p99, before.p99);
	check_log(hostile);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("hostile peers");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_loop_test(tests, an_honest_client_is_served_while_others_are_hostile, 0, (int)hostile_attack_count);
	Suite *suite = suite_create("talk/hostile");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

/* Hostile peers against a real troth-broker, while an honest client goes on asking: the client gets every answer, the
 * broker's memory stays under its bound, offenders are cut off, and the log says why, not too often. How much slower
 * the honest client becomes is printed; on a busy machine that says little, so only a standstill fails. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "tests/lib/broker_process.h"
#include "tests/lib/hostile.h"
#include "tests/lib/unit.h"

#define TEST_SECONDS 300
#define ANSWER_MS 30000
#define CALLS_IN_PEACE 300
#define CALLS_AT_LEAST 300         /* during an attack */
#define CALLS_AT_MOST 200000
#define SHOWN_MS 120000            /* for the attack to show its effect */
#define STANDSTILL_MS 20000
#define MEMORY_MAX ((int64_t)512 << 20)
#define MEMORY_SLACK ((int64_t)128 << 20) /* what comes between two looks of the broker */
#define LOG_LINES_MAX 100

static struct broker_process broker;
static struct identity honest;
static struct client *client;
static struct failure failure;
static int64_t waits[CALLS_AT_MOST];

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

/* One round trip; its nanoseconds. */
static int64_t ask(void) {
	struct buffer reply;
	buffer_init(&reply, 1024);
	int64_t since = clock_nanoseconds();
	enum error error = client_call(client, "mmi.service", slice_of_text("nothing"), &reply, &failure);
	int64_t taken = clock_nanoseconds() - since;
	ck_assert_msg(error == OK, "%s", failure.text);
	ck_assert(slice_is(buffer_slice(&reply), "404"));
	buffer_release(&reply);
	return taken;
}

static int by_size(const void *a, const void *b) {
	const int64_t *first = a, *second = b;
	return (*first > *second) - (*first < *second);
}

/* The wait that 99 of a hundred calls stay below, in milliseconds. */
static double p99(size_t count) {
	qsort(waits, count, sizeof waits[0], by_size);
	return (double)waits[count - 1 - count / 100] / 1e6;
}

static size_t count_lines(const char *text, const char *part) {
	size_t count = 0;
	for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) {
		count++;
	}
	return count;
}

/* Goes on asking until the attack has shown its effect. Returns how many round trips there were. */
static size_t ask_during(const struct hostile_run *run, const struct hostile *hostile) {
	size_t calls = 0;
	int64_t until = clock_milliseconds() + SHOWN_MS;
	bool has_shown = false;
	while (calls < CALLS_AT_MOST && (calls < CALLS_AT_LEAST || !has_shown)) {
		waits[calls++] = ask();
		has_shown = hostile_has_shown(run, hostile);
		ck_assert_msg(has_shown || clock_milliseconds() < until, "%s: opened %llu, cut off %llu", hostile->name,
		              (unsigned long long)run->report->opened, (unsigned long long)run->report->cut);
	}
	return calls;
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
	for (size_t i = 0; i < CALLS_IN_PEACE; i++) {
		waits[i] = ask();
	}
	double before = p99(CALLS_IN_PEACE);
	struct hostile_run run;
	hostile_start(&run, hostile, &target);
	size_t calls = ask_during(&run, hostile);
	double during = p99(calls);
	int64_t peak = broker_process_peak(&broker);
	(void)printf("%-22s opened %7llu, cut off %7llu, sent %6llu MiB; broker's peak %4lld MiB; "
	             "%6zu calls, p99 %6.2f -> %7.2f ms, %5.1f times\n",
	             hostile->name, (unsigned long long)run.report->opened, (unsigned long long)run.report->cut,
	             (unsigned long long)run.report->bytes >> 20, (long long)peak >> 20, calls, before, during,
	             during / before);
	hostile_stop(&run);
	(void)ask();
	ck_assert_msg(peak < MEMORY_MAX + MEMORY_SLACK, "%s: %lld bytes", hostile->name, (long long)peak);
	ck_assert_msg(during < STANDSTILL_MS, "%s: p99 %.0f ms", hostile->name, during);
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

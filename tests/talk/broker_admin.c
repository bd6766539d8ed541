/* What operators ask of a broker and have it do, by the command line: every command, and each way in which it can be
 * wrong: not an operator, nothing there, a broker that is stopped. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "tests/lib/lone.h"
#include "tests/lib/scratch.h"
#include "tests/lib/story.h"
#include "tests/lib/unit.h"
#include "wire/server.h"

#define TEST_SECONDS 180
#define TURN_MS 100
#define DEATH_MS 30000 /* for the broker to notice that a worker is gone */
#define QUEUED 4 /* exit status */
#define COMMAND_WORDS 6 /* with the NULL behind them */
#define KEYS_MAX 24

static struct story story;
static struct process *broker, *worker;

static void set_up(void) {
	story_begin(&story);
	ck_assert_int_eq(agency_stop(&story.agency), 0);
	lone_append(&story.agency, "broker.ini", "queue-ms = 300\ndeliveries-max = 1\n");
	broker = lone_broker(&story.agency);
}

static void tear_down(void) {
	process_free_all();
}

#define NOTHING "--broker=1" /* says what is so without it */

static struct said admin(const char *word, const char *second, const char *third) {
	return troth("broker", word, second, third, "--home", story.ops, "--timeout", "2", NULL);
}

/* A queued note of the brand; returns its ticket. */
static const char *queue_note(void) {
	struct said said =
	    troth("offer", "submit", "examples/gifted.offer", "--home", story.brand, "--yes", "--queue", NULL);
	(void)said_done(said);
	ck_assert_int_eq(strncmp(said.last, "queued as ", 10), 0);
	return said.last + 10;
}

/* ---- every command ---- */

/* One of each, as an operator would type it. */
static const struct {
	const char *words[COMMAND_WORDS];
	bool list;
	const char *keys[KEYS_MAX]; /* of its JSON, or of the items of the list, if there are any */
} commands[] = {
	{ { "broker", "status" }, false,
	  { "version", "endpoint", "state", "uptime_ms", "connections", "clients", "workers", "services", "waiting",
	    "delayed", "held", "bytes", "bytes_max", "queued", "queued_bytes", "queued_bytes_max", "queued_max", "answered",
	    "dead", "memory", "oldest_ms", "counts", "broker", "trace" } },
	{ { "broker", "services" }, true, { "name", "workers", "paused", "waiting", "delayed", "held", "oldest_ms" } },
	{ { "broker", "workers" }, true,
	  { "name", "key", "service", "protocol", "window", "held", "silent_ms", "state", "done" } },
	{ { "broker", "clients" }, true,
	  { "name", "key", "waiting", "held", "bytes", "requests", "refused", "idle_ms" } },
	{ { "broker", "queue" }, true,
	  { "ticket", "service", "state", "client", "age_ms", "bytes", "deliveries" } },
	{ { "broker", "dead", "list" }, true,
	  { "ticket", "service", "client", "reason", "deliveries", "age_ms", "dead_ms", "bytes" } },
	{ { "broker", "dead", "retry", "--all" }, false, { "count" } },
	{ { "broker", "dead", "drop", "--all" }, false, { "count" } },
	{ { "broker", "pause", "notes" }, false, { "paused" } },
	{ { "broker", "resume", "notes" }, false, { "paused" } },
	{ { "broker", "drain" }, false, { "held", "waiting", "queued" } },
	{ { "broker", "resume" }, false, { "trace" } },
	{ { "broker", "metrics" }, false, { "text" } },
};
#define COMMANDS (sizeof commands / sizeof commands[0])

static struct said run(size_t row, const char *home, const char *option) {
	const char *const *words = commands[row].words;
	return troth(words[0], words[1], words[2] == NULL ? NOTHING : words[2], words[3] == NULL ? NOTHING : words[3],
	             "--home", home, "--timeout", "1", option, NULL);
}

static void has_keys(const json_t *object, size_t row) {
	for (size_t i = 0; i < KEYS_MAX && commands[row].keys[i] != NULL; i++) {
		ck_assert_msg(json_object_get(object, commands[row].keys[i]) != NULL, "broker %s has no \"%s\"",
		              commands[row].words[1], commands[row].keys[i]);
	}
}

START_TEST(every_command_answers_people_and_machines) {
	worker = lone_worker(&story.agency);
	(void)said_done(troth("status", "--home", story.brand, "--timeout", "30", NULL));
	(void)queue_note();
	for (size_t i = 0; i < COMMANDS; i++) {
		(void)said_done(run(i, story.ops, NOTHING));
		json_t *value = said_json(run(i, story.ops, "--json"));
		ck_assert_int_eq(json_is_array(value), commands[i].list);
		for (size_t item = 0; item < json_array_size(value); item++) {
			has_keys(json_array_get(value, item), i);
		}
		if (!commands[i].list) {
			has_keys(value, i);
		}
		json_decref(value);
	}
}
END_TEST

START_TEST(lists_are_tables_and_empty_ones_a_sentence) {
	struct said said = admin("workers", NOTHING, NOTHING);
	(void)said_done(said);
	ck_assert_str_eq(said.output, "");
	ck_assert_ptr_nonnull(strstr(said.errors, "no worker is connected"));
	said = admin("clients", NOTHING, NOTHING);
	(void)said_done(said);
	ck_assert_int_eq(strncmp(said.output, "client ", 7), 0);
	ck_assert_ptr_null(strchr(said.output, '\033')); /* colours are for terminals */
	/* A page may be smaller than the list. */
	(void)queue_note();
	(void)said_done(troth("enrol", "--home", home_init(&story.agency, "brand", "other"), "--queue", NULL));
	json_t *one = said_json(admin("queue", "--json", "--limit=1")), *all = said_json(admin("queue", "--json", NOTHING));
	ck_assert_uint_eq(json_array_size(one), 1);
	ck_assert_uint_eq(json_array_size(all), 2);
	json_decref(one);
	json_decref(all);
}
END_TEST

START_TEST(the_metrics_are_a_text_of_their_own) {
	struct said said = admin("metrics", NOTHING, NOTHING);
	(void)said_done(said);
	ck_assert_int_eq(strncmp(said.output, "# HELP troth_broker_", 20), 0);
	ck_assert_int_eq(said.output[strlen(said.output) - 1], '\n');
}
END_TEST

/* ---- who may ---- */

START_TEST(who_is_no_operator_is_told_how_to_become_one) {
	char key[TRANSPORT_KEY_TEXT], line[256];
	struct identity identity;
	ck_assert_int_eq(identity_load(scratch_path(story.brand, "transport.key"), &identity, NULL), OK);
	transport_key_format(identity.public_key, key);
	(void)snprintf(line, sizeof line, "%s acme-yoga broker", key);
	for (size_t i = 0; i < COMMANDS; i++) {
		struct said said = run(i, story.brand, NOTHING);
		said_refused(said, 1, ERROR_NOT_ALLOWED, 0);
		ck_assert_msg(strstr(said.errors, line) != NULL, "%s", said.errors);
		ck_assert_ptr_nonnull(strstr(said.errors, "workers.allow"));
		ck_assert_ptr_nonnull(strstr(said.errors, "SIGHUP"));
	}
	/* What it advises helps. */
	(void)snprintf(line, sizeof line, "%s acme-yoga broker\n", key);
	lone_append(&story.agency, "workers.allow", line);
	process_signal(broker, SIGHUP);
	struct said said = run(0, story.brand, NOTHING);
	for (int i = 0; i < 50 && said.status != 0; i++) {
		said = run(0, story.brand, NOTHING);
	}
	(void)said_done(said);
}
END_TEST

START_TEST(a_stopped_broker_is_unreachable) {
	process_kill(broker);
	for (size_t i = 0; i < COMMANDS; i++) {
		struct said said = run(i, story.ops, NOTHING);
		said_refused(said, 3, ERROR_UNREACHABLE, 0);
		ck_assert_ptr_nonnull(strstr(said.errors, story.agency.join.brokers[0].endpoint));
	}
}
END_TEST

static const struct {
	const char *words[COMMAND_WORDS];
	int status;
	enum error code;
} wrong[] = {
	{ { "broker" }, 2, ERROR_USAGE },
	{ { "broker", "dead" }, 2, ERROR_USAGE },
	{ { "broker", "frob" }, 2, ERROR_USAGE },
	{ { "broker", "dead", "frob" }, 2, ERROR_USAGE },
	{ { "broker", "status", "notes" }, 2, ERROR_USAGE },
	{ { "broker", "status", "--broker", "2" }, 2, ERROR_USAGE },
	{ { "broker", "status", "--broker", "tcp://127.0.0.1:1" }, 2, ERROR_USAGE },
	{ { "broker", "services", "--limit", "0" }, 2, ERROR_USAGE },
	{ { "broker", "pause" }, 2, ERROR_USAGE },
	{ { "broker", "pause", "" }, 2, ERROR_USAGE },
	{ { "broker", "pause", "caf\xc3\xa9" }, 2, ERROR_USAGE },
	{ { "broker", "resume", "no-such-service" }, 1, ERROR_NOT_FOUND },
	{ { "broker", "dead", "show" }, 2, ERROR_USAGE },
	{ { "broker", "dead", "show", "1234567" }, 2, ERROR_USAGE },
	{ { "broker", "dead", "show", "12345678" }, 1, ERROR_NOT_FOUND },
	{ { "broker", "dead", "retry" }, 2, ERROR_USAGE },
	{ { "broker", "dead", "retry", "12345678", "--all" }, 2, ERROR_USAGE },
	{ { "broker", "dead", "retry", "12345678" }, 1, ERROR_NOT_FOUND },
	{ { "broker", "dead", "drop" }, 2, ERROR_USAGE },
	{ { "broker", "dead", "drop", "1234567G" }, 2, ERROR_USAGE },
	{ { "broker", "dead", "drop", "12345678" }, 1, ERROR_NOT_FOUND },
	{ { "broker", "drain", "now" }, 2, ERROR_USAGE },
};

START_TEST(what_is_wrong_is_refused_with_what_to_do) {
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		said_refused(troth_at(story.ops, wrong[i].words), wrong[i].status, wrong[i].code, 0);
	}
}
END_TEST

/* ---- what they do ---- */

START_TEST(a_paused_service_hands_nothing_out) {
	worker = lone_worker(&story.agency);
	(void)said_done(troth("status", "--home", story.brand, "--timeout", "30", NULL));
	struct store_counts before = store_count(story.agency.home);
	(void)said_done(admin("pause", "notes", NOTHING));
	struct said said = admin("services", NOTHING, NOTHING);
	ck_assert_ptr_nonnull(strstr(said.output, "yes"));
	char *ticket = strndup(queue_note(), 32);
	ck_assert_int_eq(troth("queue", "show", ticket, "--home", story.brand, "--wait", "--timeout", "1", NULL).status,
	                 QUEUED);
	(void)said_done(troth("status", "--home", story.brand, NULL)); /* another service is none the worse */
	store_has_grown(story.agency.home, before, (struct store_counts){ 0, 0, 0 });
	(void)said_done(admin("resume", "notes", NOTHING));
	(void)said_id(troth("queue", "show", ticket, "--home", story.brand, "--wait", "--timeout", "30", NULL));
	free(ticket);
}
END_TEST

START_TEST(a_draining_broker_takes_no_work_until_it_is_resumed) {
	worker = lone_worker(&story.agency);
	(void)said_done(troth("status", "--home", story.brand, "--timeout", "30", NULL));
	struct said said = admin("drain", "--wait", NOTHING);
	(void)said_done(said);
	ck_assert_ptr_nonnull(strstr(said.output, "0 held by workers"));
	json_t *status = said_json(admin("status", "--json", NOTHING));
	ck_assert_str_eq(json_text(status, "state"), "drained");
	json_decref(status);
	said_refused(troth("status", "--home", story.brand, "--timeout", "1", NULL), 3, ERROR_BUSY, 0);
	(void)said_done(admin("resume", NOTHING, NOTHING));
	(void)said_done(troth("status", "--home", story.brand, NULL));
}
END_TEST

/* A worker that takes one request of the service notes; false if none came. */
static bool take(void) {
	struct identity identity;
	struct server *server = NULL;
	struct server_request *request = NULL;
	const struct client_broker *at = &story.agency.join.brokers[0];
	const struct server_broker place = { .endpoint = at->endpoint, .key = at->public_key };
	const struct server_service notes = { .name = "notes", .window = 1 };
	const struct server_options options = { .brokers = &place, .broker_count = 1, .identity = &identity,
		                                    .services = &notes, .service_count = 1 };
	size_t taken = 0;
	if (identity_load(scratch_path(story.agency.home, "worker.key"), &identity, NULL) == OK &&
	    server_new(&options, &server, NULL) == OK) {
		for (int i = 0; i < 300 && taken == 0; i++) {
			taken = server_take(server, &request, 1, TURN_MS, -1);
		}
	}
	return taken == 1;
}

/* The same in a process of its own, which dies with it. */
static void take_and_die(void) {
	int status = -1;
	pid_t child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		log_configure("test", LOG_ERROR, LOG_LOGFMT);
		_exit(take() ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Waits until so many requests are dead letters. */
static void await_dead(json_int_t count) {
	json_int_t seen = -1;
	int64_t deadline = clock_milliseconds() + DEATH_MS;
	while (seen != count && clock_milliseconds() < deadline) {
		json_t *status = said_json(admin("status", "--json", NOTHING));
		seen = json_integer_value(json_object_get(status, "dead"));
		json_decref(status);
	}
	ck_assert_int_eq(seen, count);
}

START_TEST(a_dead_letter_is_shown_tried_again_and_thrown_away) {
	char *ticket = strndup(queue_note(), 32);
	take_and_die();
	await_dead(1);
	json_t *list = said_json(admin("dead", "list", "--json"));
	ck_assert_str_eq(json_text(json_array_get(list, 0), "ticket"), ticket);
	json_decref(list);
	struct said said = troth("broker", "dead", "show", ticket, "--home", story.ops, NULL);
	(void)said_done(said);
	ck_assert_ptr_nonnull(strstr(said.output, "agency.example/offer/v1"));
	ck_assert_ptr_nonnull(strstr(said.output, "market")); /* the worker that had it */
	json_t *dead = said_json(troth("broker", "dead", "show", ticket, "--home", story.ops, "--json", NULL));
	ck_assert_uint_eq(json_array_size(json_object_get(dead, "history")), 1);
	ck_assert_uint_ge(json_array_size(json_object_get(dead, "frames")), 1);
	json_decref(dead);
	/* Its owner is told what can be done, and can wait again once that is done. */
	said = troth("queue", "show", ticket, "--home", story.brand, "--timeout", "1", NULL);
	ck_assert_int_eq(said.status, 1);
	ck_assert_ptr_nonnull(strstr(said.errors, "troth broker dead retry"));
	said = troth("broker", "dead", "retry", ticket, "--home", story.ops, NULL);
	ck_assert_str_eq(said_done(said), "1 to be tried again");
	await_dead(0);
	ck_assert_int_eq(troth("queue", "show", ticket, "--home", story.brand, NULL).status, QUEUED);
	take_and_die();
	await_dead(1);
	/* Nobody is asked in a script: then everything is kept. */
	said_refused(admin("dead", "drop", "--all"), 2, ERROR_USAGE, 0);
	await_dead(1);
	said = troth("broker", "dead", "drop", "--all", "--yes", "--home", story.ops, NULL);
	ck_assert_str_eq(said_done(said), "1 thrown away");
	await_dead(0);
	said_refused(troth("queue", "show", ticket, "--home", story.brand, NULL), 1, ERROR_NOT_FOUND, 0);
	free(ticket);
}
END_TEST

/* ---- several brokers ---- */

START_TEST(every_broker_of_the_join_file_is_asked_how_it_is) {
	char text[2048], key[TRANSPORT_KEY_TEXT], agency[VERIFIER_KEY_MAX];
	const struct join *join = &story.agency.join;
	transport_key_format(join->brokers[0].public_key, key);
	verifier_key_format(&join->agency, agency);
	(void)snprintf(text, sizeof text, "[agency]\norigin = %s\nendpoint = %s\ntransport-key = %s\n"
	               "endpoint-2 = tcp://127.0.0.1:1\nagency-key = %s\n", join->origin, join->brokers[0].endpoint, key,
	               agency);
	scratch_write(scratch_path(story.ops, "agency.join"), text);
	struct said said = troth("broker", "status", "--home", story.ops, "--timeout", "1", NULL);
	said_refused(said, 3, ERROR_UNREACHABLE, 0);
	ck_assert_int_eq(strncmp(said.output, join->brokers[0].endpoint, strlen(join->brokers[0].endpoint)), 0);
	ck_assert_ptr_nonnull(strstr(said.errors, "tcp://127.0.0.1:1 "));
	(void)said_done(troth("broker", "status", "--home", story.ops, "--broker", "1", NULL));
	said_refused(troth("broker", "queue", "--home", story.ops, "--broker", "tcp://127.0.0.1:1", "--timeout", "1", NULL),
	             3, ERROR_UNREACHABLE, 0);
	/* The others ask the first one, and say so. */
	said = troth("broker", "services", "--home", story.ops, NULL);
	(void)said_done(said);
	ck_assert_ptr_nonnull(strstr(said.errors, "the first of 2 brokers"));
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("broker_admin");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, every_command_answers_people_and_machines);
	tcase_add_test(tests, lists_are_tables_and_empty_ones_a_sentence);
	tcase_add_test(tests, the_metrics_are_a_text_of_their_own);
	tcase_add_test(tests, who_is_no_operator_is_told_how_to_become_one);
	tcase_add_test(tests, a_stopped_broker_is_unreachable);
	tcase_add_test(tests, what_is_wrong_is_refused_with_what_to_do);
	tcase_add_test(tests, a_paused_service_hands_nothing_out);
	tcase_add_test(tests, a_draining_broker_takes_no_work_until_it_is_resumed);
	tcase_add_test(tests, a_dead_letter_is_shown_tried_again_and_thrown_away);
	tcase_add_test(tests, every_broker_of_the_join_file_is_asked_how_it_is);
	Suite *suite = suite_create("talk/broker_admin");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

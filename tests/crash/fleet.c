/* Single brokers and workers; see fleet.h. */
#include "tests/crash/fleet.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/crash/report.h"
#include "tests/lib/random.h"
#include "tests/lib/scratch.h"
#include "tests/lib/stop.h"

#define HASTE_MS 80     /* a hasty strike comes within so many milliseconds after the one before */
#define STOP_MS 20000
#define DELIVERIES 100  /* workers are killed more often here than any request would stand otherwise */
#define BACKOFF_MAX 500

static const char *const broker_files[FLEET_BROKERS_MAX] = { "broker.ini", "broker-2.ini" };
static const char *const broker_logs[FLEET_BROKERS_MAX] = { "broker.log", "broker-2.log" };
static const char *const worker_logs[FLEET_WORKERS] = { "worker.log", "worker-2.log" };
static const char *const windows[] = { "8", "64", "512" };

/* ---- settings ---- */

/* A port of the loopback address that is free now. */
static unsigned free_port(void) {
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
		stop("no free port");
	}
	(void)close(fd);
	return ntohs(address.sin_port);
}

/* Writes a file of the agency's home anew: its text up to `before` (all of it if that is NULL), `more`, the rest. */
static void extend(const char *home, const char *name, const char *before, const char *more) {
	struct buffer text;
	char *former = scratch_read(scratch_path(home, name));
	size_t size = strlen(former);
	const char *at = before == NULL ? former + size : strstr(former, before);
	if (at == NULL) {
		stop("%s has no line %s", name, before);
	}
	buffer_init(&text, 65536);
	(void)buffer_append(&text, former, (size_t)(at - former));
	(void)buffer_append_text(&text, more);
	(void)buffer_append_text(&text, at);
	(void)buffer_append(&text, "", 1);
	scratch_write(scratch_path(home, name), (const char *)text.data);
	buffer_release(&text);
	free(former);
}

/* A new transport key in a file of the agency's home. */
static void make_key(const char *home, const char *name, struct identity *identity) {
	struct failure failure;
	if (identity_make(identity, &failure) != OK || identity_save(scratch_path(home, name), identity, &failure) != OK) {
		stop("%s", failure.text);
	}
}

static void add_second_broker(struct fleet *fleet) {
	const char *home = fleet->agency->home;
	struct client_broker *address = &fleet->addresses[1];
	struct identity identity;
	char lines[1024], key[TRANSPORT_KEY_TEXT];
	make_key(home, "broker-2.key", &identity);
	memcpy(address->public_key, identity.public_key, sizeof address->public_key);
	identity_wipe(&identity);
	transport_key_format(address->public_key, key);
	(void)snprintf(address->endpoint, sizeof address->endpoint, "tcp://127.0.0.1:%u", free_port());
	(void)snprintf(lines, sizeof lines, "[broker]\nendpoint = %s\nidentity = broker-2.key\nworkers = workers.allow\n"
	               "queue = queue-2\ndeliveries-max = %d\nbackoff-max-ms = %d\n",
	               address->endpoint, DELIVERIES, BACKOFF_MAX);
	scratch_write(scratch_path(home, "broker-2.ini"), lines);
	(void)snprintf(lines, sizeof lines, "endpoint-2 = %s\nkey-2 = %s\n\n", address->endpoint, key);
	extend(home, "worker.ini", "[worker]", lines);
}

void fleet_prepare(struct fleet *fleet, const struct agency_process *agency, size_t brokers, uint32_t *random) {
	struct identity operator;
	char line[256], key[TRANSPORT_KEY_TEXT];
	*fleet = (struct fleet){ .agency = agency, .random = random, .broker_count = brokers };
	fleet->addresses[0] = agency->join.brokers[0];
	make_key(agency->home, FLEET_OPERATOR ".key", &operator);
	transport_key_format(operator.public_key, key);
	identity_wipe(&operator);
	(void)snprintf(line, sizeof line, "%s " FLEET_OPERATOR " fragile,broker\n", key);
	extend(agency->home, "workers.allow", NULL, line);
	(void)snprintf(line, sizeof line, "deliveries-max = %d\nbackoff-max-ms = %d\n", DELIVERIES, BACKOFF_MAX);
	extend(agency->home, "broker.ini", NULL, line);
	(void)snprintf(line, sizeof line, "window = %s\n",
	               windows[random_next(random) % (sizeof windows / sizeof windows[0])]);
	extend(agency->home, "worker.ini", "identity = worker.key", line);
	if (brokers > 1) {
		add_second_broker(fleet);
	}
}

/* ---- processes ---- */

static struct process *start(const struct fleet *fleet, const char *program, const char *ini, const char *log) {
	const char *const words[] = { process_program(program), "--config", scratch_path(fleet->agency->home, ini),
		                          "--log-level", "warning", NULL };
	const struct process_options options = { .errors_path = scratch_path(fleet->agency->home, log) };
	return process_start(words, &options);
}

void fleet_start_broker(struct fleet *fleet, size_t broker, const char *ini) {
	fleet->brokers[broker] = start(fleet, "troth-broker", ini == NULL ? broker_files[broker] : ini,
	                               broker_logs[broker]);
}

static void start_worker(struct fleet *fleet, size_t worker) {
	fleet->workers[worker] = start(fleet, "troth-worker", "worker.ini", worker_logs[worker]);
}

void fleet_start_workers(struct fleet *fleet) {
	for (size_t i = 0; i < FLEET_WORKERS; i++) {
		start_worker(fleet, i);
	}
}

static void kill_one(struct process **process, const char *log) {
	process_kill(*process);
	int status = process_wait(*process, 0);
	if (status != 128 + SIGKILL) {
		finding("a process has ended by itself with status %d, see %s", status, log);
	}
	process_free(*process);
	*process = NULL;
}

void fleet_kill_broker(struct fleet *fleet, size_t broker) {
	kill_one(&fleet->brokers[broker], broker_logs[broker]);
	fleet->brokers_killed++;
}

static void stop_one(struct process **process, const char *log) {
	if (*process == NULL) {
		return;
	}
	process_signal(*process, SIGTERM);
	int status = process_wait(*process, STOP_MS);
	if (status != 0 && status != 128 + SIGTERM) { /* the latter: it had only just been started */
		finding("a process ended with status %d after SIGTERM, see %s", status, log);
	}
	process_free(*process);
	*process = NULL;
}

void fleet_stop(struct fleet *fleet) {
	for (size_t i = 0; i < FLEET_WORKERS; i++) {
		stop_one(&fleet->workers[i], worker_logs[i]);
	}
	for (size_t i = 0; i < fleet->broker_count; i++) {
		stop_one(&fleet->brokers[i], broker_logs[i]);
	}
}

/* ---- strikes ---- */

static void rest(struct fleet *fleet, size_t progress) {
	bool hasty = !fleet->was_hasty && random_next(fleet->random) % 3 == 0;
	fleet->was_hasty = hasty;
	fleet->until = hasty ? progress : progress + 1 + random_next(fleet->random) % fleet->pace;
	fleet->due_ms = clock_milliseconds() + (hasty ? random_next(fleet->random) % HASTE_MS : 0);
}

void fleet_plan(struct fleet *fleet, unsigned targets, size_t strikes, size_t progress, size_t expected) {
	fleet->targets = targets;
	fleet->left = strikes;
	fleet->pace = 1 + 2 * expected / (strikes + 1);
	rest(fleet, progress);
}

static void strike(struct fleet *fleet) {
	unsigned target = 0;
	while ((target & fleet->targets) == 0) {
		target = 1U << random_next(fleet->random) % 3;
	}
	if (target == FLEET_ANY_WORKER) {
		size_t worker = random_next(fleet->random) % FLEET_WORKERS;
		kill_one(&fleet->workers[worker], worker_logs[worker]);
		fleet->workers_killed++;
		start_worker(fleet, worker);
	} else {
		size_t broker = target == FLEET_BROKER_1 ? 0 : 1;
		fleet_kill_broker(fleet, broker);
		fleet_start_broker(fleet, broker, NULL);
	}
}

void fleet_turn(struct fleet *fleet, size_t progress) {
	if (fleet->left > 0 && progress >= fleet->until && clock_milliseconds() >= fleet->due_ms) {
		strike(fleet);
		fleet->left--;
		rest(fleet, progress);
	}
}

/* Starting a broker by its settings file; see broker_process.h. */
#include "tests/lib/broker_process.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/scratch.h"
#include "tests/lib/stop.h"

#define START_MS 20000
#define STOP_MS 60000
#define SETTINGS_MAX 4096

/* The value behind "name=" in a line of the log, without its end. */
static struct slice field(const char *line, const char *name) {
	const char *at = line == NULL ? NULL : strstr(line, name);
	if (at == NULL) {
		stop("no %s in \"%s\"", name, line == NULL ? "" : line);
	}
	at += strlen(name);
	return slice_of(at, strcspn(at, " "));
}

void broker_process_start(struct broker_process *broker, const char *settings) {
	const char *folder = scratch_folder();
	const char *path = scratch_path(folder, "broker.ini");
	char text[SETTINGS_MAX];
	(void)snprintf(text, sizeof text, "[broker]\nendpoint = tcp://127.0.0.1:*\n%s", settings);
	scratch_write(path, text);
	scratch_write(scratch_path(folder, "workers.allow"), "");
	const char *const words[] = { process_program("troth-broker"), "--config", path, NULL };
	broker->process = process_start(words, NULL);
	size_t from = 0;
	const char *made = process_await_line(broker->process, PROCESS_ERRORS, "identity-made", &from, START_MS);
	if (!transport_key_parse(field(made, " key="), broker->address.public_key)) {
		stop("no key in \"%s\"", made);
	}
	const char *ready = process_await_line(broker->process, PROCESS_ERRORS, "event=ready", &from, START_MS);
	if (!slice_copy_text(field(ready, " endpoint="), broker->address.endpoint, sizeof broker->address.endpoint)) {
		stop("no endpoint in \"%s\"", ready);
	}
}

int broker_process_stop(struct broker_process *broker) {
	process_signal(broker->process, SIGTERM);
	int status = process_wait(broker->process, STOP_MS);
	process_free(broker->process);
	broker->process = NULL;
	return status;
}

/* A line of /proc/<id>/status such as "VmHWM:   1234 kB", in bytes. */
static int64_t status_line(const struct broker_process *broker, const char *name) {
	char path[64];
	(void)snprintf(path, sizeof path, "/proc/%d/status", (int)process_id(broker->process));
	char *text = scratch_read(path);
	const char *at = strstr(text, name);
	int64_t kilobytes = at == NULL ? 0 : strtoll(at + strlen(name), NULL, 10);
	free(text);
	return kilobytes * 1024;
}

int64_t broker_process_peak(const struct broker_process *broker) {
	return status_line(broker, "VmHWM:");
}

int64_t broker_process_resident(const struct broker_process *broker) {
	return status_line(broker, "VmRSS:");
}

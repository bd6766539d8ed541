/* The real broker under measurement; see broker_process.h. */
#include "tests/bench/broker_process.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/scratch.h"
#include "tests/lib/stop.h"
#include "wire/body.h"
#include "wire/client.h"

#define READY_MS 20000
#define STOP_MS 20000
#define TEXT_MAX 1024

static void must(enum error error, const struct failure *failure) {
	if (error != OK) {
		stop("%s", failure->text);
	}
}

static void write_files(struct broker_process *broker, const char *settings) {
	char text[TEXT_MAX], key[TRANSPORT_KEY_TEXT];
	struct failure failure;
	must(identity_save(scratch_path(broker->folder, "broker.key"), &broker->identity, &failure), &failure);
	transport_key_format(broker->worker.public_key, key);
	(void)snprintf(text, sizeof text, "%s bench " BENCH_SERVICE ",broker\n", key);
	scratch_write(scratch_path(broker->folder, "workers.allow"), text);
	(void)snprintf(text, sizeof text, "[broker]\nendpoint = tcp://127.0.0.1:*\n%s", settings);
	scratch_write(scratch_path(broker->folder, "broker.ini"), text);
}

/* The line that it logs when it listens says where. */
static void read_endpoint(struct broker_process *broker) {
	static const char key[] = "endpoint=";
	const char *line = process_await_line(broker->process, PROCESS_ERRORS, "event=ready", NULL, READY_MS);
	const char *found = line == NULL ? NULL : strstr(line, key);
	if (found == NULL) {
		stop("the broker did not become ready: %s", process_text(broker->process, PROCESS_ERRORS));
	}
	found += strlen(key);
	if (!slice_copy_text(slice_of(found, strcspn(found, " \n")), broker->endpoint, sizeof broker->endpoint)) {
		stop("the broker's endpoint is too long: %s", line);
	}
}

void broker_start(struct broker_process *broker, const char *settings) {
	*broker = (struct broker_process){ .folder = scratch_folder() };
	socket_keys(&broker->identity);
	socket_keys(&broker->worker);
	write_files(broker, settings);
	const char *const words[] = { process_program("troth-broker"), "--config",
		                          scratch_path(broker->folder, "broker.ini"), NULL };
	broker->process = process_start(words, NULL);
	read_endpoint(broker);
}

void broker_stop(struct broker_process *broker) {
	process_signal(broker->process, SIGTERM);
	if (process_wait(broker->process, STOP_MS) != 0) {
		stop("the broker did not stop in order: %s", process_text(broker->process, PROCESS_ERRORS));
	}
	process_free(broker->process);
	broker->process = NULL;
}

/* The number that stands on the line of this name. */
static double number_of(const char *text, const char *name) {
	size_t size = strlen(name);
	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, size) == 0 && line[size] == ' ') {
			return strtod(line + size, NULL);
		}
	}
	stop("the broker has no metric %s", name);
}

double broker_metric(const struct broker_process *broker, const char *name) {
	struct client_broker where = { .endpoint = "" };
	struct client_options options = { .brokers = &where, .broker_count = 1, .identity = &broker->worker };
	struct client *client = NULL;
	struct failure failure;
	struct buffer request, reply, text;
	struct slice found = { 0 };
	const struct pack_value *ok = NULL;
	buffer_init(&request, TEXT_MAX);
	buffer_init(&reply, BODY_MAX);
	buffer_init(&text, BODY_MAX);
	memcpy(where.endpoint, broker->endpoint, sizeof broker->endpoint);
	memcpy(where.public_key, broker->identity.public_key, TRANSPORT_KEY_SIZE);
	must(client_new(&options, &client, &failure), &failure);
	body_begin_request(&request, "metrics", 0);
	must(client_call(client, "broker", buffer_slice(&request), &reply, &failure), &failure);
	struct pack_document *document = pack_document_new();
	must(body_read_reply(document, buffer_slice(&reply), &ok, &failure), &failure);
	if (!pack_as_text(pack_find(ok, "text"), &found) || !buffer_append_slice(&text, found)) {
		stop("the broker tells no metrics");
	}
	double number = number_of(buffer_text(&text), name);
	pack_document_free(document);
	client_free(client);
	buffer_release(&request);
	buffer_release(&reply);
	buffer_release(&text);
	return number;
}

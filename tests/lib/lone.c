/* Single processes of an agency; see lone.h. */
#include "tests/lib/lone.h"

#include <stdlib.h>

#include "tests/lib/scratch.h"
#include "tests/lib/stop.h"

#define READY_MS 30000

static struct process *start(const struct agency_process *agency, const char *program, const char *settings) {
	const char *const words[] = { process_program(program), "--config", scratch_path(agency->home, settings), NULL };
	return process_start(words, NULL);
}

struct process *lone_broker(const struct agency_process *agency) {
	struct process *broker = start(agency, "troth-broker", "broker.ini");
	if (process_await_line(broker, PROCESS_ERRORS, "event=ready", NULL, READY_MS) == NULL) {
		stop("the broker did not become ready: %s", process_text(broker, PROCESS_ERRORS));
	}
	return broker;
}

struct process *lone_worker(const struct agency_process *agency) {
	return start(agency, "troth-worker", "worker.ini");
}

void lone_append(const struct agency_process *agency, const char *file, const char *lines) {
	const char *path = scratch_path(agency->home, file);
	char *before = scratch_read(path);
	struct buffer text;
	buffer_init(&text, 1 << 20);
	(void)buffer_append_text(&text, before);
	(void)buffer_append_text(&text, lines);
	scratch_write(path, buffer_text(&text));
	buffer_release(&text);
	free(before);
}

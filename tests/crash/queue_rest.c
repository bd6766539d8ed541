/* Reading a queue as the broker does; see queue_rest.h. */
#include "tests/crash/queue_rest.h"

#include "broker/durable.h"
#include "tests/crash/report.h"

#define BYTES_MAX ((int64_t)1 << 32)
#define KEEP_FREE 1

static void visit(void *argument, const struct ticket_record *record) {
	size_t *count = argument;
	*count += 1;
	if (record->state == TICKET_DEAD) {
		char text[TICKET_TEXT];
		ticket_format(record->id, text);
		finding("ticket %s is a dead letter after %lld deliveries: %s", text, (long long)record->deliveries,
		        record->reason);
	}
}

size_t queue_rest(const char *folder) {
	struct durable *durable = NULL;
	struct failure failure = { .code = OK };
	size_t count = 0;
	if (durable_open(folder, BYTES_MAX, KEEP_FREE, &durable, &failure) != OK ||
	    durable_restore(durable, visit, &count, &failure) != OK) {
		finding("the queue %s cannot be read: %s", folder, failure.text);
	}
	durable_close(durable);
	return count;
}

/* The table of the broker's settings. */
#include "broker/config.h"

#include "base/config.h"
#include "wire/endpoint.h"

#define TEXT(field) CONFIG_TEXT, offsetof(struct broker_config, field), 0, sizeof ((struct broker_config *)0)->field
#define NUMBER(field, least, most) CONFIG_NUMBER, offsetof(struct broker_config, field), least, most

static const struct config_key keys[] = {
	{ "broker", "endpoint", TEXT(endpoint), "tcp://127.0.0.1:7787", "where it listens" },
	{ "broker", "identity", TEXT(identity), "broker.key", "file of its transport key" },
	{ "broker", "workers", TEXT(workers), "workers.allow", "file of the keys that may serve, and which services" },
	{ "broker", "heartbeat-ms", NUMBER(limits.heartbeat_ms, 20, 60000), "1000",
	  "milliseconds between heartbeats; a worker silent for four of them is given up" },
	{ "broker", "queue-ms", NUMBER(limits.queue_ms, 0, 3600000), "3000",
	  "milliseconds that a request waits for a service without workers" },
	{ "broker", "waiting-max", NUMBER(limits.waiting_max, 1, 1000000), "10000", "requests that wait per service" },
	{ "broker", "waiting-bytes-max", NUMBER(limits.waiting_bytes_max, 1048576, 68719476736), "268435456",
	  "bytes of all requests that wait or are being worked on" },
	{ "broker", "deliveries-max", NUMBER(limits.deliveries_max, 1, 100), "5",
	  "workers that may go away with one request before it is refused" },
	{ "broker", "io-threads", NUMBER(io_threads, 1, 64), "2", "threads that encrypt and move bytes" },
};

#define KEYS (sizeof keys / sizeof keys[0])

static enum error resolve(const char *config_path, char path[FILE_PATH_MAX], struct failure *failure) {
	const char *slash = strrchr(config_path, '/');
	if (path[0] == '/' || slash == NULL) {
		return OK;
	}
	char folder[FILE_PATH_MAX], joined[FILE_PATH_MAX];
	if (!slice_copy_text(slice_of(config_path, (size_t)(slash - config_path)), folder, sizeof folder)) {
		return fail(failure, ERROR_TOO_LONG, "%s: the path is too long", config_path);
	}
	enum error error = file_join(joined, folder, path, failure);
	if (error == OK) {
		(void)slice_copy_text(slice_of_text(joined), path, FILE_PATH_MAX);
	}
	return error;
}

enum error broker_config_load(const char *path, struct broker_config *config, struct failure *failure) {
	enum error error = config_load(path, keys, KEYS, config, failure);
	struct failure wrong;
	if (error == OK && endpoint_check(config->endpoint, ENDPOINT_BIND, &wrong) != OK) {
		error = fail(failure, ERROR_CONFIG, "%s: endpoint: %s", path, wrong.text);
	}
	if (error == OK) {
		error = resolve(path, config->identity, failure);
	}
	if (error == OK) {
		error = resolve(path, config->workers, failure);
	}
	return error;
}

void broker_config_describe(FILE *out) {
	config_describe(out, keys, KEYS);
}

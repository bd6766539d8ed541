/* The table of the broker's settings. */
#include "broker/config.h"

#include "base/config.h"
#include "wire/endpoint.h"

#define TEXT(field) CONFIG_TEXT, offsetof(struct broker_config, field), 0, sizeof ((struct broker_config *)0)->field
#define NUMBER(field, least, most) CONFIG_NUMBER, offsetof(struct broker_config, field), least, most
#define MEBIBYTE 1048576
#define HOUR_MS 3600000
#define SECOND_MS 1000

static const struct config_key keys[] = {
	{ "broker", "endpoint", TEXT(endpoint), "tcp://127.0.0.1:7787", "where it listens" },
	{ "broker", "identity", TEXT(identity), "broker.key", "file of its transport key" },
	{ "broker", "workers", TEXT(workers), "workers.allow",
	  "file of the keys that may serve, and which services; \"broker\" makes an operator" },
	{ "broker", "clients", TEXT(clients), "", "file of the keys that may connect besides these; empty: every key" },
	{ "broker", "io-threads", NUMBER(io_threads, 1, 64), "2", "threads that encrypt and move bytes" },
	{ "broker", "drain-ms", NUMBER(drain_ms, 0, HOUR_MS), "5000",
	  "milliseconds that a stop waits for the answers of workers" },
	{ "broker", "metrics", TEXT(metrics), "", "file for metrics, for a textfile collector; empty: none" },
	{ "broker", "metrics-seconds", NUMBER(metrics_ms, 1, 3600), "15", "seconds between two writings of it" },

	{ "broker", "heartbeat-ms", NUMBER(limits.heartbeat_ms, 20, 60000), "1000",
	  "milliseconds between heartbeats; a worker silent for four of them is given up" },
	{ "broker", "lease-ms", NUMBER(limits.lease_ms, 20, HOUR_MS), "30000",
	  "milliseconds that a worker may hold a request without naming it in a heartbeat" },
	{ "broker", "queue-ms", NUMBER(limits.queue_ms, 0, HOUR_MS), "3000",
	  "milliseconds that a request waits for a service without workers" },
	{ "broker", "deliveries-max", NUMBER(limits.deliveries_max, 1, 100), "5",
	  "workers that may fail with one request before it is a dead letter" },
	{ "broker", "backoff-ms", NUMBER(limits.backoff_ms, 0, HOUR_MS), "100",
	  "milliseconds before a request is given out the second time; doubled each time" },
	{ "broker", "backoff-max-ms", NUMBER(limits.backoff_max_ms, 0, HOUR_MS), "10000", "the longest of these pauses" },

	{ "broker", "waiting-max", NUMBER(limits.waiting_max, 1, 1000000), "10000", "requests that wait per service" },
	{ "broker", "waiting-bytes-max", NUMBER(limits.bytes_max, MEBIBYTE, 68719476736), "268435456",
	  "bytes of all requests that wait or are being worked on" },
	{ "broker", "in-flight-max", NUMBER(limits.peer_requests_max, 1, 1000000), "8192",
	  "requests without an answer per client key" },
	{ "broker", "in-flight-bytes-max", NUMBER(limits.peer_bytes_max, 4096, 68719476736), "67108864",
	  "bytes of these requests" },
	{ "broker", "rate-max", NUMBER(limits.peer_rate_max, 1, 1000000), "50000",
	  "requests per second of one client key" },
	{ "broker", "connections-max", NUMBER(bounds.connections_max, 1, 1000000), "12000", "connections at once" },
	{ "broker", "connections-per-key-max", NUMBER(bounds.connections_per_key_max, 1, 1000000), "256",
	  "connections of one key" },
	{ "broker", "unread-mib-max", NUMBER(bounds.unread_bytes_max, 4, 65536), "16",
	  "mebibytes that a peer may send without a whole message; then it is cut off" },
	{ "broker", "unsent-mib-max", NUMBER(bounds.unsent_bytes_max, 1, 65536), "128",
	  "mebibytes of answers that a peer may leave unread; then it is cut off" },
	{ "broker", "memory-mib-max", NUMBER(bounds.memory_max, 64, 1048576), "1024",
	  "mebibytes of this process; above it, the connections that take most are cut off" },

	{ "broker", "queue", TEXT(queue), "queue", "folder of the durable queue" },
	{ "broker", "queue-max", NUMBER(limits.tickets_max, 1, 10000000), "100000", "tickets of the durable queue" },
	{ "broker", "queue-mib-max", NUMBER(limits.tickets_bytes_max, 1, 1048576), "1024",
	  "mebibytes of their requests and answers" },
	{ "broker", "queue-key-max", NUMBER(limits.peer_tickets_max, 1, 10000000), "25000", "tickets of one client key" },
	{ "broker", "queue-key-mib-max", NUMBER(limits.peer_tickets_bytes_max, 1, 1048576), "256",
	  "mebibytes of their requests and answers" },
	{ "broker", "queue-hours", NUMBER(limits.ticket_ms, 1, 87600), "168", "hours that a ticket is kept" },
	{ "broker", "keep-free-mib", NUMBER(keep_free, 1, 1048576), "64",
	  "mebibytes of the disk that stay free; below it nothing is queued" },
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

/* The file's units are those of people. */
static void scale(struct broker_config *config) {
	config->bounds.unread_bytes_max *= MEBIBYTE;
	config->bounds.unsent_bytes_max *= MEBIBYTE;
	config->bounds.memory_max *= MEBIBYTE;
	config->limits.tickets_bytes_max *= MEBIBYTE;
	config->limits.peer_tickets_bytes_max *= MEBIBYTE;
	config->limits.ticket_ms *= HOUR_MS;
	config->keep_free *= MEBIBYTE;
	config->metrics_ms *= SECOND_MS;
}

/* What each key alone allows, but not beside the others. */
static enum error check_sense(const char *path, const struct broker_config *config, struct failure *failure) {
	const struct core_limits *limits = &config->limits;
	if (config->queue[0] == '\0') {
		return fail(failure, ERROR_CONFIG, "%s: queue: the durable queue needs a folder", path);
	}
	if (limits->lease_ms <= limits->heartbeat_ms) {
		return fail(failure, ERROR_CONFIG, "%s: lease-ms must be more than heartbeat-ms, which renews leases", path);
	}
	if (limits->backoff_max_ms < limits->backoff_ms) {
		return fail(failure, ERROR_CONFIG, "%s: backoff-max-ms must not be less than backoff-ms", path);
	}
	return OK;
}

enum error broker_config_load(const char *path, struct broker_config *config, struct failure *failure) {
	enum error error = config_load(path, keys, KEYS, config, failure);
	struct failure wrong;
	if (error == OK && endpoint_check(config->endpoint, ENDPOINT_BIND, &wrong) != OK) {
		error = fail(failure, ERROR_CONFIG, "%s: endpoint: %s", path, wrong.text);
	}
	char *const paths[] = { config->identity, config->workers, config->clients, config->queue, config->metrics };
	for (size_t i = 0; error == OK && i < sizeof paths / sizeof paths[0]; i++) {
		error = paths[i][0] == '\0' ? OK : resolve(path, paths[i], failure);
	}
	if (error == OK) {
		error = check_sense(path, config, failure);
	}
	if (error == OK) {
		scale(config);
	}
	return error;
}

void broker_config_describe(FILE *out) {
	config_describe(out, keys, KEYS);
}

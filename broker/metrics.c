/* Metrics in the text format of Prometheus (prometheus.io/docs/instrumenting/exposition_formats, version 0.0.4).
 *
 * Names follow its conventions: seconds and bytes, counters end in _total; `promtool check metrics` accepts them. */
#include "broker/metrics.h"

#include <stdio.h>

#include "base/version.h"
#include "broker/state.h"

static void head(struct buffer *out, const char *name, const char *help, const char *type) {
	(void)buffer_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Numbers are written without a locale's comma: whole part and millionths apart. */
static void write_seconds(struct buffer *out, uint64_t microseconds) {
	(void)buffer_format(out, "%llu.%06llu", (unsigned long long)(microseconds / 1000000),
	                    (unsigned long long)(microseconds % 1000000));
}

/* `seconds`: the values are microseconds and are told in seconds. */
static void write_buckets(struct buffer *out, const char *name, const char *label, const struct histogram *histogram,
                          bool seconds) {
	uint64_t below = 0;
	const char *comma = label[0] == '\0' ? "" : ",";
	for (int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		below += histogram->buckets[i];
		(void)buffer_format(out, "%s_bucket{%s%sle=\"", name, label, comma);
		if (i == HISTOGRAM_BUCKETS - 1) {
			(void)buffer_format(out, "+Inf");
		} else if (seconds) {
			write_seconds(out, (uint64_t)histogram_bound(i));
		} else {
			(void)buffer_format(out, "%lld", (long long)histogram_bound(i));
		}
		(void)buffer_format(out, "\"} %llu\n", (unsigned long long)below);
	}
	const char *open = label[0] == '\0' ? "" : "{", *close = label[0] == '\0' ? "" : "}";
	(void)buffer_format(out, "%s_sum%s%s%s ", name, open, label, close);
	if (seconds) {
		write_seconds(out, histogram->sum);
	} else {
		(void)buffer_format(out, "%llu", (unsigned long long)histogram->sum);
	}
	(void)buffer_format(out, "\n%s_count%s%s%s %llu\n", name, open, label, close,
	                    (unsigned long long)histogram->count);
}

/* "refused-waiting" becomes troth_broker_refused_waiting_total. */
static void write_counters(const struct core *core, struct buffer *out) {
	for (enum core_counter counter = 0; counter < CORE_COUNTERS; counter++) {
		char name[96];
		(void)snprintf(name, sizeof name, "troth_broker_%s_total", core_counter_word(counter));
		for (char *at = name; *at != '\0'; at++) {
			*at = *at == '-' ? '_' : *at;
		}
		head(out, name, core_counter_help(counter), "counter");
		(void)buffer_format(out, "%s %llu\n", name, (unsigned long long)core_count(core, counter));
	}
}

static void write_gauges(const struct core *core, const struct core_surroundings *around, struct buffer *out) {
	struct core_state state = core_state(core);
	const struct { const char *name, *help, *type; uint64_t value; } rows[] = {
		{ "connections", "TCP connections that are open", "gauge", around->connections },
		{ "connections_refused_total", "connections whose key was refused", "counter", around->connections_refused },
		{ "connections_ended_total", "connections that the broker has cut off", "counter", around->connections_ended },
		{ "handshakes_failed_total", "connections that never authenticated", "counter", around->handshakes_failed },
		{ "clients", "client keys that are remembered", "gauge", state.peers },
		{ "workers", "workers", "gauge", state.workers },
		{ "services", "services with workers or requests", "gauge", state.services },
		{ "requests_ready", "requests that wait for a worker", "gauge", state.waiting },
		{ "requests_unacked", "requests that workers hold", "gauge", state.held },
		{ "requests_delayed", "requests that wait to be given out again", "gauge", state.delayed },
		{ "requests_bytes", "memory of all requests", "gauge", state.bytes },
		{ "queue_pending", "tickets without an answer", "gauge", core->tickets_in[TICKET_PENDING] },
		{ "queue_answered", "tickets whose answer is kept", "gauge", state.tickets_answered },
		{ "queue_dead", "dead letters", "gauge", state.tickets_dead },
		{ "queue_bytes", "bytes of all tickets", "gauge", state.tickets_bytes },
		{ "draining", "1 while the broker takes no new work", "gauge", state.draining },
		{ "memory_bytes", "resident memory of the process", "gauge", around->memory },
		{ "memory_max_bytes", "above it, connections are cut off", "gauge", around->memory_max },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char name[96];
		(void)snprintf(name, sizeof name, "troth_broker_%s", rows[i].name);
		head(out, name, rows[i].help, rows[i].type);
		(void)buffer_format(out, "%s %llu\n", name, (unsigned long long)rows[i].value);
	}
	head(out, "troth_broker_start_time_seconds", "when the broker started, since 1970", "gauge");
	(void)buffer_format(out, "troth_broker_start_time_seconds %lld\n", (long long)(around->started / 1000));
	head(out, "troth_broker_build_info", "always 1; the version as a label", "gauge");
	(void)buffer_format(out, "troth_broker_build_info{version=\"%s\"} 1\n", TROTH_VERSION);
}

/* Service names are printable ASCII; quotes and backslashes need a backslash in front. */
static void write_label(struct buffer *out, const char *value) {
	for (const char *at = value; *at != '\0'; at++) {
		if (*at == '"' || *at == '\\') {
			(void)buffer_append(out, "\\", 1);
		}
		(void)buffer_append(out, at, 1);
	}
}

static size_t ready_of(const struct service *service) {
	return service->waiting;
}

static size_t unacked_of(const struct service *service) {
	return service->held;
}

static size_t workers_of(const struct service *service) {
	return service->worker_count;
}

/* Names come from whoever asks, so only services that have workers, or could have, are told: nobody can make time
 * series. */
static bool is_told(const struct core *core, const struct service *service) {
	return service->worker_count > 0 || core->edge.serves(core->edge.argument, slice_of_text(service->name));
}

static void write_services(const struct core *core, struct buffer *out) {
	static const struct { const char *name, *help; size_t (*of)(const struct service *service); } rows[] = {
		{ "troth_broker_service_requests_ready", "requests of the service that wait", ready_of },
		{ "troth_broker_service_requests_unacked", "requests of the service that workers hold", unacked_of },
		{ "troth_broker_service_workers", "workers of the service", workers_of },
	};
	struct map_entry *entry = NULL;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		head(out, rows[i].name, rows[i].help, "gauge");
		for (entry = map_first(core->services); entry != NULL; entry = map_next(entry)) {
			const struct service *service = entry->value;
			if (is_told(core, service)) {
				(void)buffer_format(out, "%s{service=\"", rows[i].name);
				write_label(out, service->name);
				(void)buffer_format(out, "\"} %zu\n", rows[i].of(service));
			}
		}
	}
	head(out, "troth_broker_service_oldest_seconds", "age of the oldest request of the service that waits", "gauge");
	for (entry = map_first(core->services); entry != NULL; entry = map_next(entry)) {
		const struct service *service = entry->value;
		int64_t oldest = service_oldest(service);
		if (is_told(core, service)) {
			(void)buffer_format(out, "troth_broker_service_oldest_seconds{service=\"");
			write_label(out, service->name);
			(void)buffer_format(out, "\"} ");
			write_seconds(out, oldest == NEVER ? 0 : (uint64_t)(core->now - oldest) * 1000);
			(void)buffer_format(out, "\n");
		}
	}
}

static void write_histograms(const struct core *core, const struct core_surroundings *around, struct buffer *out) {
	const char *latency = "troth_broker_latency_seconds";
	head(out, latency, "from a request to its final reply", "histogram");
	write_buckets(out, latency, "priority=\"interactive\"", &core->latency_us[PRIORITY_INTERACTIVE], true);
	write_buckets(out, latency, "priority=\"batch\"", &core->latency_us[PRIORITY_BATCH], true);
	head(out, "troth_broker_wait_seconds", "from a request to its first worker", "histogram");
	write_buckets(out, "troth_broker_wait_seconds", "", &core->wait_us, true);
	const struct { const char *name, *help; const struct histogram *histogram; bool seconds; } rows[] = {
		{ "troth_broker_commit_seconds", "one commit of the durable queue", around->commit_us, true },
		{ "troth_broker_commit_changes", "changes in one commit", around->commit_changes, false },
		{ "troth_broker_wake_messages", "messages taken at one wake", around->wake_messages, false },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].histogram != NULL) {
			head(out, rows[i].name, rows[i].help, "histogram");
			write_buckets(out, rows[i].name, "", rows[i].histogram, rows[i].seconds);
		}
	}
}

void metrics_write(const struct core *core, const struct core_surroundings *around, struct buffer *out) {
	write_gauges(core, around, out);
	write_services(core, out);
	write_counters(core, out);
	write_histograms(core, around, out);
}

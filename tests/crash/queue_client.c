/* A client's key and connections; see queue_client.h. */
#include "tests/crash/queue_client.h"

#include <stdlib.h>

#include "tests/lib/stop.h"

#define RETRY_MS 300
#define TIMEOUT_MS 20000
#define HASTY_MS 150

static void connect_to(struct queue_client *client, const struct client_broker *brokers, size_t count,
                       int64_t timeout) {
	struct failure failure;
	const struct client_options options = { .brokers = brokers, .broker_count = count, .identity = &client->identity,
		                                    .retry_ms = RETRY_MS, .timeout_ms = timeout };
	if (client_new(&options, &client->connections[client->count++], &failure) != OK) {
		stop("%s", failure.text);
	}
}

struct queue_client *queue_client_new(const struct fleet *fleet, size_t first) {
	struct failure failure;
	struct client_broker list[FLEET_BROKERS_MAX];
	struct queue_client *client = calloc(1, sizeof *client);
	if (client == NULL || identity_make(&client->identity, &failure) != OK) {
		stop("no transport key");
	}
	for (size_t i = 0; i < fleet->broker_count; i++) {
		list[i] = fleet->addresses[(first + i) % fleet->broker_count];
	}
	connect_to(client, list, fleet->broker_count, TIMEOUT_MS);
	connect_to(client, list, fleet->broker_count, HASTY_MS);
	for (size_t i = 0; i < fleet->broker_count; i++) {
		connect_to(client, &fleet->addresses[i], 1, TIMEOUT_MS);
	}
	return client;
}

void queue_client_free(struct queue_client *client) {
	for (size_t i = 0; i < client->count; i++) {
		client_free(client->connections[i]);
	}
	identity_wipe(&client->identity);
	free(client);
}

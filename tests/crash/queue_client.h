/* One client of the durable queue: a transport key, to which its tickets belong, and the connections that it needs. */
#ifndef TROTH_TESTS_CRASH_QUEUE_CLIENT_H
#define TROTH_TESTS_CRASH_QUEUE_CLIENT_H

#include "tests/crash/fleet.h"

enum connection {
	CONNECTION_LIST,  /* to one of the brokers, and on to the next where one is silent */
	CONNECTION_HASTY, /* the same, but it gives up soon */
	CONNECTION_FIRST, /* to the first broker alone; then one to each of the others */
	CONNECTIONS_MAX = CONNECTION_FIRST + FLEET_BROKERS_MAX,
};

struct queue_client {
	struct identity identity;
	struct client *connections[CONNECTIONS_MAX];
	size_t count;
};

/* Begins with broker number `first` of the list. Caller frees. */
struct queue_client *queue_client_new(const struct fleet *fleet, size_t first);
void queue_client_free(struct queue_client *client);

#endif

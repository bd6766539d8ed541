/* Rows by descriptor, with what leads to them from a routing id and a key; see connections.h. */
#include "wire/connections.h"

#include <assert.h>
#include <stdlib.h>

#include "base/map.h"

#define ROWS_AT_FIRST 64
#define NONE (-1)
#define NEAR_SLOTS 16384 /* libzmq counts routing ids up, so that those of connections in use fall on different slots */

struct connections {
	struct connection *rows; /* by descriptor */
	int row_count;
	size_t open; /* and not kicked */
	struct map *by_routing; /* the descriptor plus one of a known connection */
	int near[NEAR_SLOTS];   /* descriptors that were found by routing id, to be looked at first */
	struct map *by_key;     /* how many known connections have this key */
	struct map *leaving;    /* routing ids of connections that have ended; no values */
	struct map *gone;       /* the same, to be handed out */
	int oldest, youngest;   /* of the silent ones that are not kicked */
};

struct connections *connections_new(void) {
	struct connections *connections = calloc(1, sizeof *connections);
	if (connections == NULL) {
		return NULL;
	}
	connections->by_routing = map_new();
	connections->by_key = map_new();
	connections->leaving = map_new();
	connections->gone = map_new();
	connections->oldest = NONE;
	connections->youngest = NONE;
	if (connections->by_routing == NULL || connections->by_key == NULL || connections->leaving == NULL ||
	    connections->gone == NULL) {
		connections_free(connections);
		return NULL;
	}
	return connections;
}

void connections_free(struct connections *connections) {
	if (connections != NULL) {
		map_free(connections->by_routing, NULL);
		map_free(connections->by_key, NULL);
		map_free(connections->leaving, NULL);
		map_free(connections->gone, NULL);
		free(connections->rows);
		free(connections);
	}
}

static struct slice routing_of(const struct connection *connection) {
	return slice_of(connection->routing, sizeof connection->routing);
}

/* ---- the silent ones, by age ---- */

static void join_silent(struct connections *connections, struct connection *connection) {
	connection->before = connections->youngest;
	connection->after = NONE;
	if (connection->before == NONE) {
		connections->oldest = connection->descriptor;
	} else {
		connections->rows[connection->before].after = connection->descriptor;
	}
	connections->youngest = connection->descriptor;
}

static bool is_silent(const struct connection *connection) {
	return connection->is_open && !connection->is_known && !connection->is_kicked;
}

/* Call it while is_silent still holds. */
static void leave_silent(struct connections *connections, struct connection *connection) {
	assert(is_silent(connection));
	if (connection->before == NONE) {
		connections->oldest = connection->after;
	} else {
		connections->rows[connection->before].after = connection->after;
	}
	if (connection->after == NONE) {
		connections->youngest = connection->before;
	} else {
		connections->rows[connection->after].before = connection->before;
	}
}

/* ---- what is known of a connection ---- */

/* Counts are values of a map, which holds pointers. */
static void *as_value(size_t number) {
	return (void *)(uintptr_t)number;
}

static size_t as_number(const void *value) {
	return (size_t)(uintptr_t)value;
}

static void count_key(struct connections *connections, const uint8_t key[TRANSPORT_KEY_SIZE], bool more) {
	struct slice name = slice_of(key, TRANSPORT_KEY_SIZE);
	struct map_entry *entry = map_find(connections->by_key, name);
	if (entry == NULL) {
		if (more) {
			(void)map_put(connections->by_key, name, as_value(1));
		}
		return;
	}
	size_t count = as_number(entry->value);
	entry->value = as_value(more ? count + 1 : count - 1);
	if (!more && count <= 1) {
		(void)map_remove(connections->by_key, name);
	}
}

static void make_known(struct connections *connections, struct connection *connection, struct slice routing,
                       const uint8_t key[TRANSPORT_KEY_SIZE]) {
	if (is_silent(connection)) {
		leave_silent(connections, connection);
	}
	connection->is_known = true;
	memcpy(connection->key, key, TRANSPORT_KEY_SIZE);
	memcpy(connection->routing, routing.data, CONNECTION_ROUTING_SIZE);
	/* Without memory it stays countable: what is missing is found by nobody, and the sweep still sees its bytes. */
	(void)map_put(connections->by_routing, routing, as_value((size_t)connection->descriptor + 1));
	count_key(connections, key, true);
}

static void note_end(struct connections *connections, struct slice routing) {
	if (map_size(connections->leaving) >= CONNECTIONS_GONE_MAX) {
		connections_settle(connections);
	}
	(void)map_put(connections->leaving, routing, NULL);
}

static void make_unknown(struct connections *connections, struct connection *connection) {
	(void)map_remove(connections->by_routing, routing_of(connection));
	count_key(connections, connection->key, false);
	note_end(connections, routing_of(connection));
	connection->is_known = false;
}

/* ---- coming and going ---- */

/* Makes room for this descriptor. */
static bool grow(struct connections *connections, int descriptor) {
	int count = connections->row_count == 0 ? ROWS_AT_FIRST : connections->row_count;
	while (count <= descriptor && count <= INT32_MAX / 2) {
		count *= 2;
	}
	struct connection *rows = count <= descriptor ? NULL : realloc(connections->rows, (size_t)count * sizeof *rows);
	if (rows == NULL) {
		return false;
	}
	memset(rows + connections->row_count, 0, (size_t)(count - connections->row_count) * sizeof *rows);
	connections->rows = rows;
	connections->row_count = count;
	return true;
}

struct connection *connections_at(const struct connections *connections, int descriptor) {
	bool is_there = descriptor >= 0 && descriptor < connections->row_count && connections->rows[descriptor].is_open;
	return is_there ? &connections->rows[descriptor] : NULL;
}

struct connection *connections_accept(struct connections *connections, int descriptor, uint64_t cookie, int64_t now) {
	struct connection *former = connections_at(connections, descriptor);
	if (former != NULL && former->cookie == cookie) {
		return former;
	}
	if (former != NULL) {
		connections_end(connections, former);
	}
	if (descriptor < 0 || (descriptor >= connections->row_count && !grow(connections, descriptor))) {
		return NULL;
	}
	struct connection *connection = &connections->rows[descriptor];
	*connection = (struct connection){
		.is_open = true, .descriptor = descriptor, .cookie = cookie, .accepted_ms = now, .heard_ms = now,
	};
	join_silent(connections, connection);
	connections->open++;
	return connection;
}

static bool has_routing(const struct connection *connection, struct slice routing) {
	return connection != NULL && connection->is_known && slice_equal(routing_of(connection), routing);
}

struct connection *connections_of(struct connections *connections, struct slice routing) {
	if (routing.size != CONNECTION_ROUTING_SIZE) {
		return NULL;
	}
	int *near = &connections->near[((size_t)routing.data[3] << 8 | routing.data[4]) % NEAR_SLOTS];
	struct connection *connection = connections_at(connections, *near);
	if (has_routing(connection, routing)) {
		return connection;
	}
	size_t place = as_number(map_get(connections->by_routing, routing));
	if (place == 0) {
		return NULL;
	}
	*near = (int)(place - 1);
	return connections_at(connections, *near);
}

void connections_end(struct connections *connections, struct connection *connection) {
	if (is_silent(connection)) {
		leave_silent(connections, connection);
	}
	if (connection->is_known) {
		make_unknown(connections, connection);
	}
	connections->open -= connection->is_kicked ? 0 : 1;
	connection->is_open = false;
}

/* True if libzmq gave the first of these routing ids after the second one; its numbers wrap round. */
static bool is_newer(struct slice first, struct slice second) {
	uint32_t numbers[2] = { 0, 0 };
	for (size_t i = 1; i < CONNECTION_ROUTING_SIZE; i++) {
		numbers[0] = numbers[0] << 8 | first.data[i];
		numbers[1] = numbers[1] << 8 | second.data[i];
	}
	return (int32_t)(numbers[0] - numbers[1]) > 0;
}

struct connection *connections_hear(struct connections *connections, int descriptor, struct slice routing,
                                    const uint8_t key[TRANSPORT_KEY_SIZE]) {
	assert(routing.size == CONNECTION_ROUTING_SIZE);
	struct connection *connection = connections_at(connections, descriptor);
	if (has_routing(connection, routing)) {
		return connection;
	}
	if (connection == NULL || (connection->is_known && !is_newer(routing, routing_of(connection)))) {
		note_end(connections, routing);
		return NULL;
	}
	if (connection->is_known) {
		/* A late message of the descriptor's former owner was taken for this one's. */
		make_unknown(connections, connection);
	}
	make_known(connections, connection, routing, key);
	return connection;
}

size_t connections_open(const struct connections *connections) {
	return connections->open;
}

size_t connections_with_key(const struct connections *connections, const uint8_t key[TRANSPORT_KEY_SIZE]) {
	return as_number(map_get(connections->by_key, slice_of(key, TRANSPORT_KEY_SIZE)));
}

struct connection *connections_oldest_silent(const struct connections *connections) {
	return connections_at(connections, connections->oldest);
}

void connections_kicked(struct connections *connections, struct connection *connection) {
	if (is_silent(connection)) {
		leave_silent(connections, connection);
	}
	connections->open -= connection->is_kicked ? 0 : 1;
	connection->is_kicked = true;
}

struct connection *connections_next(const struct connections *connections, int descriptor) {
	for (int next = descriptor + 1; next < connections->row_count; next++) {
		if (connections->rows[next].is_open) {
			return &connections->rows[next];
		}
	}
	return NULL;
}

struct connection *connections_longest_idle(const struct connections *connections) {
	struct connection *found = NULL;
	struct connection *connection = connections_next(connections, -1);
	for (; connection != NULL; connection = connections_next(connections, connection->descriptor)) {
		bool counts = connection->is_known && !connection->is_kicked;
		if (counts && (found == NULL || connection->heard_ms < found->heard_ms)) {
			found = connection;
		}
	}
	return found;
}

void connections_settle(struct connections *connections) {
	struct map_entry *entry = map_first(connections->leaving);
	while (entry != NULL) {
		if (map_size(connections->gone) >= CONNECTIONS_GONE_MAX) {
			(void)map_remove(connections->gone, map_first(connections->gone)->key);
		}
		(void)map_put(connections->gone, entry->key, NULL);
		(void)map_remove(connections->leaving, entry->key);
		entry = map_first(connections->leaving);
	}
}

bool connections_gone(struct connections *connections, uint8_t routing[CONNECTION_ROUTING_SIZE]) {
	struct map_entry *entry = map_first(connections->gone);
	if (entry == NULL) {
		return false;
	}
	memcpy(routing, entry->key.data, CONNECTION_ROUTING_SIZE);
	(void)map_remove(connections->gone, slice_of(routing, CONNECTION_ROUTING_SIZE));
	return true;
}

/* ---- bytes of one connection ---- */

void connection_consume(struct connection *connection, uint64_t bytes, uint64_t drains, int64_t now) {
	connection->consumed += bytes;
	connection->heard_ms = now;
	/* All that was whole before the drain had been handed out by then, so this message became whole later: what came
	 * before the last look is in it, or before it. This also settles bytes that are in no message, such as pings. */
	if (drains > connection->look_drains && connection->consumed < connection->arrived) {
		connection->consumed = connection->arrived;
	}
}

uint64_t connection_look(struct connection *connection, uint64_t arrived, uint64_t drains) {
	uint64_t unfinished = 0;
	if (drains > connection->look_drains && connection->arrived > connection->consumed) {
		unfinished = connection->arrived - connection->consumed;
	}
	connection->arrived = arrived;
	connection->look_drains = drains;
	return unfinished;
}

uint64_t connection_unread(const struct connection *connection) {
	return connection->arrived > connection->consumed ? connection->arrived - connection->consumed : 0;
}

void connection_look_out(struct connection *connection, uint64_t written) {
	connection->written = written;
	if (connection->sent < written) {
		connection->sent = written; /* handshake and pings are sent by libzmq itself */
	}
}

uint64_t connection_unsent(const struct connection *connection) {
	return connection->sent - connection->written;
}

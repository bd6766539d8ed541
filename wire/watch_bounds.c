/* Holds the connections of a bound link to their bounds in bytes; see watch.h and link.h. */
#include "wire/resident.h"
#include "wire/tcp_state.h"
#include "wire/watch_state.h"

#define SWEEP_MS 10           /* between two looks */
#define SWEEP_ROWS 512        /* connections looked at in one; a look takes a microsecond */
#define QUIET_BYTES 16384     /* below it the kernel need not be asked a second time */
#define STRAY_BYTES_PER_SECOND 64 /* of what is in no message: pings, and answers to ours */
#define RELIEF_ROWS 256       /* connections cut off in one look because of memory */
#define RELIEF_BYTES 65536    /* cutting off one that has less unread would not help */
#define TRIM_MS 1000          /* between two times that memory is given back … */
#define TRIM_BYTES (8 << 20)  /* … after so much was freed, or while there is too much */

/* Asks the kernel. Returns the bytes of messages that are not whole. */
static uint64_t look_at(struct watch *watch, struct connection *connection) {
	uint64_t received = 0, written = 0, waiting = 0;
	if (!tcp_bytes(connection->descriptor, &received, &written)) {
		connections_end(watch->connections, connection); /* closed, and its event was missed */
		return 0;
	}
	if (connection->sent > written + QUIET_BYTES) {
		written += tcp_waiting_out(connection->descriptor);
	}
	connection_look_out(connection, written);
	if (received > connection->consumed + QUIET_BYTES) {
		waiting = tcp_waiting_in(connection->descriptor);
	}
	return connection_look(connection, received > waiting ? received - waiting : 0, watch->drains);
}

static void sweep_one(struct watch *watch, struct connection *connection) {
	uint64_t unfinished = look_at(watch, connection);
	uint64_t most = (uint64_t)watch->bounds.unread_bytes_max, most_out = (uint64_t)watch->bounds.unsent_bytes_max;
	uint64_t stray = (uint64_t)(watch->now - connection->heard_ms) / 1000 * STRAY_BYTES_PER_SECOND;
	if (most > 0 && connection->is_open && unfinished > most + stray) {
		watch_cut(watch, connection, LINK_KICK_UNREAD, NULL);
	} else if (most_out > 0 && connection->is_open && connection_unsent(connection) > most_out) {
		watch_cut(watch, connection, LINK_KICK_UNSENT, NULL);
	}
}

static void sweep(struct watch *watch, size_t count) {
	for (size_t i = 0; i < count; i++) {
		struct connection *connection = connections_next(watch->connections, watch->swept);
		if (connection == NULL) {
			watch->swept = -1;
			return;
		}
		watch->swept = connection->descriptor;
		sweep_one(watch, connection);
	}
}

/* ---- memory ---- */

/* What this process keeps for a connection, as far as it waits in libzmq. */
static uint64_t weight(const struct connection *connection) {
	return connection_unread(connection) + connection_unsent(connection);
}

static struct connection *heaviest(const struct watch *watch) {
	struct connection *found = NULL;
	struct connection *connection = connections_next(watch->connections, -1);
	while (connection != NULL) {
		if (!connection->is_kicked && (found == NULL || weight(connection) > weight(found))) {
			found = connection;
		}
		connection = connections_next(watch->connections, connection->descriptor);
	}
	return found;
}

/* What connections hold that are cut off already, and that libzmq will free. */
static int64_t bytes_on_their_way(const struct watch *watch) {
	int64_t bytes = 0;
	struct connection *connection = connections_next(watch->connections, -1);
	while (connection != NULL) {
		bytes += connection->is_kicked ? (int64_t)weight(connection) : 0;
		connection = connections_next(watch->connections, connection->descriptor);
	}
	return bytes;
}

static void relieve(struct watch *watch, int64_t resident) {
	watch->swept = -1;
	sweep(watch, SIZE_MAX);
	int64_t expected = resident - bytes_on_their_way(watch);
	for (int i = 0; i < RELIEF_ROWS && expected > watch->bounds.memory_max; i++) {
		struct connection *connection = heaviest(watch);
		if (connection == NULL || weight(connection) < RELIEF_BYTES) {
			return;
		}
		expected -= (int64_t)weight(connection);
		watch_cut(watch, connection, LINK_KICK_MEMORY, NULL);
	}
}

void watch_hold_bounds(struct watch *watch) {
	if (watch->now - watch->swept_ms < SWEEP_MS) {
		return;
	}
	watch->swept_ms = watch->now;
	int64_t resident = resident_bytes(watch->memory);
	bool is_above = watch->bounds.memory_max > 0 && resident > watch->bounds.memory_max;
	if ((is_above || watch->freed > TRIM_BYTES) && watch->now - watch->trimmed_ms >= TRIM_MS) {
		resident_trim();
		watch->trimmed_ms = watch->now;
		watch->freed = 0;
		resident = resident_bytes(watch->memory);
	}
	watch->counts.memory = (uint64_t)resident;
	if (watch->bounds.memory_max > 0 && resident > watch->bounds.memory_max) {
		relieve(watch, resident);
	} else {
		sweep(watch, SWEEP_ROWS);
	}
}

/* What happens to the connections of a bound link; see watch.h. Events are those of libzmq 4.3.4, version 1: a frame of
 * a 16-bit event and a 32-bit value, which is the descriptor for those that tell one, and a frame with our own
 * endpoint. DISCONNECTED comes before the descriptor is closed, so ACCEPTED of its next owner comes later. */
#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "wire/frame_zmq.h"
#include "wire/resident.h"
#include "wire/tcp_state.h"
#include "wire/watch_state.h"

#define IDLE_MS 5000 /* without a message; then a connection may have to go for a new one */
#define MONITOR_ENDPOINT_MAX 64
#define MONITOR_QUEUE 65536   /* events of about 200 bytes; where more wait, libzmq's threads do, and so do the peers */
/* Not HANDSHAKE_FAILED_*: telling of a message that is not CURVE's, libzmq loses the errno that says so, takes it for a
 * full queue, keeps the connection, and ends the process at its next ping (assertion !_io_error; 4.3.4 and later). */
#define MONITOR_EVENTS                                                                                                \
	(ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_ACCEPT_FAILED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
#define EVENTS_AT_ONCE 16384  /* so that a flood of them cannot stop the messages */
#define SPARE_DESCRIPTORS 64  /* of the process, for files and for connections that are about to be cut off */
#define SETTLE_MS 1000        /* a link that is never found empty names ends after this */

static const char *const kick_words[LINK_KICKS] = {
	[LINK_KICK_CONNECTIONS] = "connections",
	[LINK_KICK_KEY_CONNECTIONS] = "key-connections",
	[LINK_KICK_UNREAD] = "unread-bytes",
	[LINK_KICK_UNSENT] = "unsent-bytes",
	[LINK_KICK_MEMORY] = "memory",
	[LINK_KICK_ROUTING] = "routing-id",
	[LINK_KICK_UNADMITTED] = "unadmitted",
	[LINK_KICK_ASKED] = "asked",
};

const char *link_kick_word(enum link_kick kick) {
	assert(kick >= 0 && kick < LINK_KICKS);
	return kick_words[kick];
}

/* ---- opening and closing ---- */

/* One connection is one descriptor; accept(2) that fails would make libzmq try again without end. */
static int64_t connections_allowed(int64_t wanted) {
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur <= 2 * SPARE_DESCRIPTORS ||
	    limit.rlim_cur > INT32_MAX) {
		return wanted;
	}
	int64_t possible = (int64_t)limit.rlim_cur - SPARE_DESCRIPTORS;
	return wanted == 0 || wanted > possible ? possible : wanted;
}

static enum error open_monitor(struct watch *watch, void *context, struct failure *failure) {
	static atomic_uint last; /* libzmq gives a name free only some time after its socket is closed */
	char endpoint[MONITOR_ENDPOINT_MAX];
	const int queue = MONITOR_QUEUE, now = 0;
	(void)snprintf(endpoint, sizeof endpoint, "inproc://troth.monitor.%u", atomic_fetch_add(&last, 1));
	if (zmq_socket_monitor(watch->socket, endpoint, MONITOR_EVENTS) == 0) {
		watch->monitor = zmq_socket(context, ZMQ_PAIR);
	}
	if (watch->monitor == NULL || zmq_setsockopt(watch->monitor, ZMQ_RCVHWM, &queue, sizeof queue) != 0 ||
	    zmq_setsockopt(watch->monitor, ZMQ_LINGER, &now, sizeof now) != 0 ||
	    zmq_connect(watch->monitor, endpoint) != 0) {
		return fail(failure, ERROR_SYSTEM, "cannot watch the connections: %s", zmq_strerror(errno));
	}
	return OK;
}

enum error watch_new(void *context, void *socket, link_admits admits, void *argument, const struct link_bounds *bounds,
                     struct watch **out, struct failure *failure) {
	struct watch *watch = calloc(1, sizeof *watch);
	*out = NULL;
	if (watch == NULL) {
		return fail(failure, ERROR_NO_MEMORY, "out of memory for the connections");
	}
	*watch = (struct watch){ .socket = socket, .admits = admits, .argument = argument, .swept = -1 };
	watch->bounds = bounds == NULL ? (struct link_bounds){ 0 } : *bounds;
	watch->bounds.connections_max = connections_allowed(watch->bounds.connections_max);
	watch->memory = resident_open();
	watch->connections = connections_new();
	watch->log = peer_log_new();
	enum error error = OK;
	if (watch->connections == NULL || watch->log == NULL) {
		error = fail(failure, ERROR_NO_MEMORY, "out of memory for the connections");
	} else {
		error = open_monitor(watch, context, failure);
	}
	if (error != OK) {
		watch_free(watch);
		return error;
	}
	*out = watch;
	return OK;
}

void watch_free(struct watch *watch) {
	if (watch == NULL) {
		return;
	}
	/* In this order: a thread of libzmq that finds the queue full waits for its reader, and stopping waits for it. */
	if (watch->monitor != NULL) {
		watch_events(watch, watch->now);
	}
	(void)zmq_socket_monitor(watch->socket, NULL, 0);
	if (watch->monitor != NULL) {
		(void)zmq_close(watch->monitor);
	}
	if (watch->memory >= 0) {
		(void)close(watch->memory);
	}
	connections_free(watch->connections);
	peer_log_free(watch->log);
	free(watch);
}

void *watch_socket(const struct watch *watch) {
	return watch->monitor;
}

const struct link_counts *watch_counts(const struct watch *watch) {
	return &watch->counts;
}

/* ---- cutting off ---- */

static const char *peer_text(const struct connection *connection, char out[TRANSPORT_KEY_TEXT]) {
	_Static_assert(TRANSPORT_KEY_TEXT >= TCP_ADDRESS_TEXT, "a key is longer than an address");
	if (!connection->is_known) {
		return tcp_address_text(connection->address, out);
	}
	transport_key_format(connection->key, out);
	return out;
}

void watch_cut(struct watch *watch, struct connection *connection, enum link_kick kick, const char *reason) {
	if (connection->is_kicked) {
		return;
	}
	char peer[TRANSPORT_KEY_TEXT];
	tcp_shut_down(connection->descriptor, connection->cookie);
	connections_kicked(watch->connections, connection);
	watch->counts.kicked[kick]++;
	(void)peer_log_warn(watch->log, "connection-cut", reason == NULL ? link_kick_word(kick) : reason,
	                    peer_text(connection, peer), watch->now);
}

/* ---- events ---- */

/* Who has to go for a new connection: the oldest one that never spoke, else one that has said nothing for long, so that
 * nobody can keep others out by connections that do nothing (workers have heartbeats); else the new one itself. */
static struct connection *superfluous(const struct watch *watch, struct connection *newest) {
	struct connection *silent = connections_oldest_silent(watch->connections);
	if (silent != NULL && silent != newest) {
		return silent;
	}
	struct connection *idle = connections_longest_idle(watch->connections);
	return idle != NULL && watch->now - idle->heard_ms >= IDLE_MS ? idle : newest;
}

static void accepted(struct watch *watch, int descriptor) {
	uint64_t cookie = 0;
	watch->counts.accepted++;
	if (!tcp_cookie(descriptor, &cookie)) {
		return; /* it has ended already */
	}
	struct connection *connection = connections_accept(watch->connections, descriptor, cookie, watch->now);
	if (connection == NULL) {
		return;
	}
	tcp_peer_address(descriptor, connection->address);
	int64_t most = watch->bounds.connections_max;
	if (most > 0 && connections_open(watch->connections) > (size_t)most) {
		watch_cut(watch, superfluous(watch, connection), LINK_KICK_CONNECTIONS, NULL);
	}
}

static void disconnected(struct watch *watch, int descriptor) {
	struct connection *connection = connections_at(watch->connections, descriptor);
	if (connection == NULL) {
		return;
	}
	if (!connection->is_known && !connection->is_kicked) {
		char peer[TRANSPORT_KEY_TEXT];
		watch->counts.handshakes_failed++;
		(void)peer_log_warn(watch->log, "connection-failed", "it ended before its first message",
		                    peer_text(connection, peer), watch->now);
	}
	watch->freed += connection_unread(connection) + connection_unsent(connection);
	connections_end(watch->connections, connection);
}

static void heard(struct watch *watch, uint16_t event, int value) {
	switch (event) {
	case ZMQ_EVENT_ACCEPTED:
		accepted(watch, value);
		break;
	case ZMQ_EVENT_DISCONNECTED:
		disconnected(watch, value);
		break;
	case ZMQ_EVENT_ACCEPT_FAILED:
		watch->counts.accepts_failed++;
		break;
	case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
		watch->counts.handshakes++;
		break;
	default: /* not asked for */
		break;
	}
}

/* Reads one event. False if there is none. */
static bool take_event(void *monitor, uint16_t *event, uint32_t *value) {
	uint8_t head[sizeof *event + sizeof *value], endpoint[1];
	int size = -1;
	do {
		size = zmq_recv(monitor, head, sizeof head, ZMQ_DONTWAIT);
	} while (size < 0 && errno == EINTR);
	if (size < 0) {
		return false;
	}
	memcpy(event, head, sizeof *event);
	memcpy(value, head + sizeof *event, sizeof *value);
	do {
		size = zmq_recv(monitor, endpoint, sizeof endpoint, ZMQ_DONTWAIT);
	} while (size < 0 && errno == EINTR);
	return true;
}

void watch_events(struct watch *watch, int64_t now) {
	uint16_t event = 0;
	uint32_t value = 0;
	watch->now = now;
	for (int i = 0; i < EVENTS_AT_ONCE && take_event(watch->monitor, &event, &value); i++) {
		heard(watch, event, (int)value);
	}
	watch->counts.connections = connections_open(watch->connections);
}

/* ---- messages ---- */

/* Why a message is thrown away, or NULL. libzmq lets peers choose their routing id and so pose as one another. The key
 * is what ZAP gave as user id; libzmq 4.3.4 may lose it on the routing id's frame, so it is read from another one. */
static const char *objection(const struct message *message, uint8_t key[TRANSPORT_KEY_SIZE]) {
	struct slice routing = message_frame(message, 0);
	const char *user_id = message->count < 2 ? NULL : zmq_msg_gets(frame_zmq(&message->frames[1]), "User-Id");
	if (user_id == NULL || !transport_key_parse(slice_of_text(user_id), key)) {
		return "no authenticated key";
	}
	if (routing.size != CONNECTION_ROUTING_SIZE || routing.data[0] != 0) {
		return link_kick_word(LINK_KICK_ROUTING);
	}
	return NULL;
}

/* The connection of a message that nothing is known of yet. Its end may have been read already. libzmq tells of a
 * connection after it has handed it to the thread that serves it, so the message may even come before ACCEPTED. */
static struct connection *find_sender(struct watch *watch, int descriptor, struct slice routing,
                                      const uint8_t key[TRANSPORT_KEY_SIZE]) {
	uint64_t cookie = 0;
	watch_events(watch, watch->now);
	if (connections_at(watch->connections, descriptor) == NULL && tcp_cookie(descriptor, &cookie)) {
		(void)connections_accept(watch->connections, descriptor, cookie, watch->now);
	}
	return connections_hear(watch->connections, descriptor, routing, key);
}

/* The first message of a connection. */
static bool is_welcome(struct watch *watch, struct connection *connection) {
	int64_t most = watch->bounds.connections_per_key_max;
	if (most > 0 && connections_with_key(watch->connections, connection->key) > (size_t)most) {
		watch_cut(watch, connection, LINK_KICK_KEY_CONNECTIONS, NULL);
		return false;
	}
	return true;
}

static bool discard(struct watch *watch, struct connection *sender, enum link_kick kick, const char *reason) {
	watch->counts.discarded++;
	if (sender != NULL) {
		watch_cut(watch, sender, kick, reason);
	}
	return false;
}

bool watch_message(struct watch *watch, const struct message *message, uint64_t bytes,
                   uint8_t key[TRANSPORT_KEY_SIZE]) {
	struct slice routing = message_frame(message, 0);
	struct connection *sender = connections_of(watch->connections, routing);
	if (sender == NULL) {
		int descriptor = zmq_msg_get(frame_zmq(&message->frames[message->count - 1]), ZMQ_SRCFD);
		const char *why = objection(message, key);
		if (why != NULL) {
			return discard(watch, connections_at(watch->connections, descriptor), LINK_KICK_ROUTING, why);
		}
		sender = find_sender(watch, descriptor, routing, key);
		if (sender != NULL && !is_welcome(watch, sender)) {
			return discard(watch, NULL, LINK_KICK_KEY_CONNECTIONS, NULL);
		}
	} else {
		memcpy(key, sender->key, TRANSPORT_KEY_SIZE);
	}
	if (sender != NULL && sender->is_kicked) {
		return discard(watch, NULL, LINK_KICK_ASKED, NULL);
	}
	if (watch->admits != NULL && !watch->admits(watch->argument, key)) {
		return discard(watch, sender, LINK_KICK_UNADMITTED, NULL);
	}
	if (sender != NULL) {
		connection_consume(sender, bytes, watch->drains, watch->now);
	}
	return true;
}

void watch_sent(struct watch *watch, struct slice routing, uint64_t bytes) {
	struct connection *receiver = connections_of(watch->connections, routing);
	if (receiver != NULL) {
		receiver->sent += bytes;
	}
}

void watch_drained(struct watch *watch) {
	watch->drains++;
	watch->drained_ms = watch->now;
	connections_settle(watch->connections);
}

/* ---- what the link's owner asks for ---- */

void watch_tend(struct watch *watch, int64_t now) {
	watch_events(watch, now);
	if (now - watch->drained_ms > SETTLE_MS) {
		connections_settle(watch->connections);
		watch->drained_ms = now;
	}
	watch_hold_bounds(watch);
	peer_log_tend(watch->log, now);
	watch->counts.connections = connections_open(watch->connections);
}

bool watch_gone(struct watch *watch, uint8_t routing[LINK_ROUTING_MAX]) {
	return connections_gone(watch->connections, routing);
}

void watch_kick(struct watch *watch, struct slice routing, const char *reason) {
	struct connection *connection = connections_of(watch->connections, routing);
	if (connection != NULL) {
		watch_cut(watch, connection, LINK_KICK_ASKED, reason);
	}
}

void watch_kick_unadmitted(struct watch *watch) {
	struct connection *connection = connections_next(watch->connections, -1);
	while (connection != NULL) {
		if (connection->is_known && watch->admits != NULL && !watch->admits(watch->argument, connection->key)) {
			watch_cut(watch, connection, LINK_KICK_UNADMITTED, NULL);
		}
		connection = connections_next(watch->connections, connection->descriptor);
	}
}

bool watch_admits(void *argument, const uint8_t key[TRANSPORT_KEY_SIZE]) {
	const struct watch *watch = argument;
	return watch->admits == NULL || watch->admits(watch->argument, key);
}

void watch_refused(struct watch *watch, const char *reason, const char *peer) {
	watch->counts.refused++;
	(void)peer_log_warn(watch->log, "connection-refused", reason, peer, watch->now);
}

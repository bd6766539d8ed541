/* Keeps a worker's connection to a broker alive; see broker_connection.h. */
#include "wire/broker_connection.h"

#include "base/log.h"

#define LIVENESS 4 /* heartbeats without a word after which the broker counts as gone */

static void open_connection(struct broker_connection *connection, int64_t now) {
	struct upstream *upstream = connection->upstream;
	struct failure failure;
	if (link_connect(upstream->wire, upstream->endpoint, upstream->key, upstream->identity, &connection->link,
	                 &failure) != OK) {
		log_event(LOG_ERROR, "broker-connect", "service", connection->service, "endpoint", upstream->endpoint,
		          "reason", failure.text, NULL);
		connection->reopen_ms = now + upstream->heartbeat_ms;
		return;
	}
	upstream->last_number++;
	connection->number = upstream->last_number;
	connection->is_ready = false;
	connection->is_heard = false;
}

/* Closes. A broker that refuses us at once is asked again after a heartbeat, not as fast as it can refuse. */
void broker_connection_lose(struct broker_connection *connection, const char *reason, int64_t now) {
	const struct upstream *upstream = connection->upstream;
	log_event(LOG_WARNING, "broker-lost", "service", connection->service, "endpoint", upstream->endpoint, "reason",
	          reason, NULL);
	link_free(connection->link);
	connection->link = NULL;
	connection->is_heard = false;
	int64_t earliest = connection->ready_ms + upstream->heartbeat_ms;
	connection->reopen_ms = earliest > now ? earliest : now;
}

/* Sends and empties the message; false if the link had no room for it. */
static bool send_message(struct broker_connection *connection, struct message *message) {
	bool sent = link_send(connection->link, message) == OK;
	message_release(message);
	return sent;
}

static bool send_ready(struct broker_connection *connection) {
	struct message message;
	message_init(&message);
	bool written = mdp_write_ready(&message, connection->service, connection->window);
	return send_message(connection, &message) && written;
}

static bool send_heartbeat(struct broker_connection *connection, struct slice tokens) {
	struct message message;
	message_init(&message);
	bool written = mdp_write_heartbeat(&message, tokens);
	return send_message(connection, &message) && written;
}

static bool is_silent(const struct broker_connection *connection, int64_t now) {
	return now - connection->heard_ms >= LIVENESS * connection->upstream->heartbeat_ms;
}

bool broker_connection_beats(const struct broker_connection *connection, int64_t now) {
	return connection->link != NULL && connection->is_ready && !is_silent(connection, now) &&
	       now >= connection->beat_ms;
}

void broker_connection_tend(struct broker_connection *connection, struct slice tokens, int64_t now) {
	if (broker_connection_beats(connection, now)) {
		connection->beat_ms = now + connection->upstream->heartbeat_ms;
		if (!send_heartbeat(connection, tokens)) {
			broker_connection_lose(connection, "the connection broke", now);
		}
	} else if (connection->link != NULL && connection->is_ready && is_silent(connection, now)) {
		broker_connection_lose(connection, "silence", now);
	}
	if (connection->link == NULL && now >= connection->reopen_ms) {
		open_connection(connection, now);
	}
	if (connection->link != NULL && !connection->is_ready && send_ready(connection)) {
		connection->is_ready = true;
		connection->ready_ms = now;
		connection->heard_ms = now;
		connection->beat_ms = now + connection->upstream->heartbeat_ms;
	}
}

int64_t broker_connection_due(const struct broker_connection *connection, int64_t now) {
	const struct upstream *upstream = connection->upstream;
	if (connection->link == NULL) {
		return connection->reopen_ms;
	}
	if (!connection->is_ready) {
		return now + upstream->heartbeat_ms;
	}
	int64_t silent = connection->heard_ms + LIVENESS * upstream->heartbeat_ms;
	return silent < connection->beat_ms ? silent : connection->beat_ms;
}

void broker_connection_heard(struct broker_connection *connection, int64_t now) {
	if (!connection->is_heard) {
		log_event(LOG_INFO, "broker-connected", "service", connection->service, "endpoint",
		          connection->upstream->endpoint, NULL);
	}
	connection->is_heard = true;
	connection->heard_ms = now;
}

void broker_connection_end(struct broker_connection *connection) {
	if (connection->link != NULL && connection->is_ready) {
		struct message message;
		message_init(&message);
		(void)mdp_write_signal(&message, MDP_0_2, MDP_DISCONNECT);
		(void)send_message(connection, &message);
	}
	link_free(connection->link);
	connection->link = NULL;
}

/* Keeps a worker's connection to a broker alive; see broker_connection.h. */
#include "wire/broker_connection.h"

#include "base/log.h"

#define LIVENESS 4 /* heartbeats without a word after which the broker counts as gone */

static void open_connection(struct upstream *upstream, struct broker_connection *connection, int64_t now) {
	struct failure failure;
	if (link_connect(upstream->wire, upstream->endpoint, upstream->key, &upstream->identity, &connection->link,
	                 &failure) != OK) {
		log_event(LOG_ERROR, "broker-connect", "service", connection->service, "reason", failure.text, NULL);
		connection->reopen_ms = now + upstream->heartbeat_ms;
		return;
	}
	upstream->last_number++;
	connection->number = upstream->last_number;
	connection->is_ready = false;
	connection->is_heard = false;
}

/* Closes. A broker that refuses us at once is asked again after a heartbeat, not as fast as it can refuse. */
void broker_connection_lose(struct upstream *upstream, struct broker_connection *connection, const char *reason,
                            int64_t now) {
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

static bool send_signal(struct broker_connection *connection, enum mdp_command command) {
	struct message message;
	message_init(&message);
	bool written = mdp_write_signal(&message, MDP_0_2, command);
	return send_message(connection, &message) && written;
}

void broker_connection_tend(struct upstream *upstream, struct broker_connection *connection, int64_t now) {
	if (connection->link != NULL && connection->is_ready) {
		if (now - connection->heard_ms >= LIVENESS * upstream->heartbeat_ms) {
			broker_connection_lose(upstream, connection, "silence", now);
		} else if (now >= connection->beat_ms) {
			connection->beat_ms = now + upstream->heartbeat_ms;
			if (!send_signal(connection, MDP_HEARTBEAT)) {
				broker_connection_lose(upstream, connection, "the connection broke", now);
			}
		}
	}
	if (connection->link == NULL && now >= connection->reopen_ms) {
		open_connection(upstream, connection, now);
	}
	if (connection->link != NULL && !connection->is_ready && send_ready(connection)) {
		connection->is_ready = true;
		connection->ready_ms = now;
		connection->heard_ms = now;
		connection->beat_ms = now + upstream->heartbeat_ms;
	}
}

int64_t broker_connection_due(const struct upstream *upstream, const struct broker_connection *connection,
                              int64_t now) {
	if (connection->link == NULL) {
		return connection->reopen_ms;
	}
	if (!connection->is_ready) {
		return now + upstream->heartbeat_ms;
	}
	int64_t silent = connection->heard_ms + LIVENESS * upstream->heartbeat_ms;
	return silent < connection->beat_ms ? silent : connection->beat_ms;
}

void broker_connection_heard(struct upstream *upstream, struct broker_connection *connection, int64_t now) {
	if (!connection->is_heard) {
		log_event(LOG_INFO, "broker-connected", "service", connection->service, "endpoint", upstream->endpoint, NULL);
	}
	connection->is_heard = true;
	connection->heard_ms = now;
}

void broker_connection_end(struct broker_connection *connection) {
	if (connection->link != NULL && connection->is_ready) {
		(void)send_signal(connection, MDP_DISCONNECT);
	}
	link_free(connection->link);
	connection->link = NULL;
}

/* A worker's connection to a broker for one service: READY, heartbeats, noticing that the broker is gone.
 *
 *     closed -- reopen_ms --> opening -- READY is sent --> open -- a message --> connected
 *        ^                                                  |                       |
 *        └── silence, DISCONNECT, a message without a place, a heartbeat that finds no connection
 *
 * Rules of RFC 18: every message is a sign of life, and each READY goes out on a new connection. */
#ifndef TROTH_WIRE_BROKER_CONNECTION_H
#define TROTH_WIRE_BROKER_CONNECTION_H

#include "wire/link.h"
#include "wire/mdp.h"

/* A broker, and what all connections to it share. */
struct upstream {
	struct wire *wire; /* borrowed */
	char endpoint[LINK_ENDPOINT_MAX];
	uint8_t key[TRANSPORT_KEY_SIZE];
	const struct identity *identity; /* borrowed */
	int64_t heartbeat_ms;
	uint64_t last_number;
};

/* Zero but for upstream, service and window is a closed connection that opens at the next broker_connection_tend. */
struct broker_connection {
	struct upstream *upstream; /* borrowed */
	char service[MDP_SERVICE_MAX + 1];
	unsigned window;
	struct link *link; /* NULL while closed */
	uint64_t number;   /* never used twice by one upstream: tells what came by a former connection */
	bool is_ready;     /* READY is sent */
	bool is_heard;     /* a message has come since */
	int64_t ready_ms;
	int64_t heard_ms;  /* or READY, if nothing was heard since */
	int64_t beat_ms;   /* when our next heartbeat is due */
	int64_t reopen_ms; /* when a closed one is opened again */
};

/* True if the next tend will send a heartbeat. */
bool broker_connection_beats(const struct broker_connection *connection, int64_t now);

/* Does what is due: opens, sends READY or a heartbeat that names these tokens, gives up a silent broker. */
void broker_connection_tend(struct broker_connection *connection, struct slice tokens, int64_t now);

/* When tend has to be called next; an opening one may be ready before, which wire_wait tells. */
int64_t broker_connection_due(const struct broker_connection *connection, int64_t now);

/* Notes a sign of life. */
void broker_connection_heard(struct broker_connection *connection, int64_t now);

/* Closes, for a reason that goes to the log, and sees to it that tend opens a new one. */
void broker_connection_lose(struct broker_connection *connection, const char *reason, int64_t now);

/* Says DISCONNECT and closes for good. */
void broker_connection_end(struct broker_connection *connection);

#endif

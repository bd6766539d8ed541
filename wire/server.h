/* The worker's side of Majordomo 0.2: takes requests of one or more services from one or more brokers and answers them.
 *
 * One connection per broker and service; what happens on one does not touch the others. Keeps up heartbeats, which name
 * all requests that are held, so that the broker does not give them to somebody else. Notices a silent broker, and
 * connects afresh after that or after a DISCONNECT; requests taken before are then answered into the void, and the
 * broker gives them to another worker. */
#ifndef TROTH_WIRE_SERVER_H
#define TROTH_WIRE_SERVER_H

#include "base/error.h"
#include "wire/header.h"
#include "wire/identity.h"

#define SERVER_BROKERS_MAX 4
#define SERVER_SERVICES_MAX 8
#define SERVER_CONNECTIONS_MAX 14 /* brokers times services; wire_wait takes no more */
#define SERVICE_NAME_MAX 64

struct server_broker {
	const char *endpoint;
	const uint8_t *key; /* its transport key */
};

struct server_service {
	const char *name;
	unsigned window; /* requests that it wants at once from each broker; told in READY */
};

struct server_options {
	const struct server_broker *brokers;
	size_t broker_count;
	const struct identity *identity;
	const struct server_service *services;
	size_t service_count;
	int64_t heartbeat_ms; /* 0 takes 1,000; a broker silent for four of them counts as gone */
};

struct server;

/* One request. Belongs to the caller from server_take until it is handed back by server_reply or server_drop. */
struct server_request {
	size_t service;              /* position in the options' services */
	bool has_client_key;         /* false: a peer that the broker could not name */
	uint8_t client_key[TRANSPORT_KEY_SIZE]; /* the client's authenticated transport key */
	bool has_header;
	struct header header;        /* all zero without one; its id is borrowed from the request */
	enum priority priority;      /* that of the header; without one, interactive */
	struct slice body;           /* the last body frame; borrowed from the request */
};

/* ERROR_SYSTEM, ERROR_BAD_VALUE for options that cannot be. Copies what the options name. Does not wait for a
 * connection. Caller frees. */
enum error server_new(const struct server_options *options, struct server **server, struct failure *failure);

/* Says DISCONNECT to the brokers and closes. Requests still held must have been handed back. */
void server_free(struct server *server);

/* Takes what has come, up to `maximum` requests, without waiting once there is one; waits at most `wait_ms` for the
 * first, or until `wake_fd` (-1 for none) is readable. Returns how many. Does heartbeats and reconnecting meanwhile,
 * so it must be called at least every heartbeat. */
size_t server_take(struct server *server, struct server_request **out, size_t maximum, int64_t wait_ms, int wake_fd);

/* Answers with a FINAL and frees the request. Whether it arrives is not known. */
void server_reply(struct server *server, struct server_request *request, struct slice body);

/* Sends a PARTIAL, of which a request may get any number; it stays the caller's. Nothing is sent if the body is longer
 * than BODY_MAX. Whether it arrives is not known. */
void server_partial(struct server *server, struct server_request *request, struct slice body);

/* Frees the request without an answer. */
void server_drop(struct server *server, struct server_request *request);

/* True if at least one of the connections is up: something has been heard of the broker since READY. */
bool server_is_connected(const struct server *server);

#endif

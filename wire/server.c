/* Takes requests from the connections, one per service, and sends the replies; see server.h.
 *
 * What was taken on a connection that is gone is known by the connection's number, and its reply is dropped. */
#include "wire/server.h"

#include <assert.h>
#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "wire/body.h"
#include "wire/broker_connection.h"
#include "wire/endpoint.h"
#include "wire/link.h"
#include "wire/mdp.h"

#define HEARTBEAT_MS 1000

struct taken {
	struct server_request request; /* first, so that what the caller holds leads back to its taken */
	struct taken *next;            /* in the list of free ones */
	uint64_t connection;
	struct message message;
	struct slice address;
	size_t body_first;
};

struct server {
	struct upstream upstream;
	struct broker_connection connections[SERVER_SERVICES_MAX];
	size_t count;
	size_t turn; /* whose requests are taken first */
	struct taken *free_list;
	size_t handed_out;
};

_Static_assert(SERVICE_NAME_MAX == MDP_SERVICE_MAX, "the contract and the protocol agree");

/* ---- opening and closing ---- */

static enum error check_options(const struct server_options *options, struct failure *failure) {
	if (options->service_count == 0 || options->service_count > SERVER_SERVICES_MAX) {
		return fail(failure, ERROR_BAD_VALUE, "%zu services instead of 1 to %d", options->service_count,
		            SERVER_SERVICES_MAX);
	}
	if (options->heartbeat_ms < 0) {
		return fail(failure, ERROR_BAD_VALUE, "a negative heartbeat");
	}
	for (size_t i = 0; i < options->service_count; i++) {
		const struct server_service *service = &options->services[i];
		if (!mdp_service_name_is_valid(slice_of_text(service->name)) || service->window == 0 ||
		    service->window > MDP_WINDOW_MAX) {
			return fail(failure, ERROR_BAD_VALUE, "the service %.80s: not a name, or a window that is not 1 to %d",
			            service->name, MDP_WINDOW_MAX);
		}
	}
	return endpoint_check(options->endpoint, ENDPOINT_CONNECT, failure);
}

enum error server_new(const struct server_options *options, struct server **out, struct failure *failure) {
	*out = NULL;
	enum error error = check_options(options, failure);
	if (error != OK) {
		return error;
	}
	struct server *server = calloc(1, sizeof *server);
	if (server == NULL) {
		return fail(failure, ERROR_NO_MEMORY, "out of memory for a server");
	}
	struct upstream *upstream = &server->upstream;
	upstream->wire = wire_new(1);
	if (upstream->wire == NULL) {
		free(server);
		return fail(failure, ERROR_SYSTEM, "cannot start a server: out of memory or of file descriptors");
	}
	(void)slice_copy_text(slice_of_text(options->endpoint), upstream->endpoint, sizeof upstream->endpoint);
	memcpy(upstream->key, options->broker_key, TRANSPORT_KEY_SIZE);
	upstream->identity = *options->identity;
	upstream->heartbeat_ms = options->heartbeat_ms == 0 ? HEARTBEAT_MS : options->heartbeat_ms;
	server->count = options->service_count;
	int64_t now = clock_milliseconds();
	for (size_t i = 0; i < server->count; i++) {
		struct broker_connection *connection = &server->connections[i];
		(void)slice_copy_text(slice_of_text(options->services[i].name), connection->service,
		                      sizeof connection->service);
		connection->window = options->services[i].window;
		broker_connection_tend(&server->upstream, connection, now);
	}
	*out = server;
	return OK;
}

void server_free(struct server *server) {
	if (server == NULL) {
		return;
	}
	assert(server->handed_out == 0);
	for (size_t i = 0; i < server->count; i++) {
		broker_connection_end(&server->connections[i]);
	}
	wire_free(server->upstream.wire); /* waits until what was sent has left */
	while (server->free_list != NULL) {
		struct taken *next = server->free_list->next;
		free(server->free_list);
		server->free_list = next;
	}
	identity_wipe(&server->upstream.identity);
	free(server);
}

/* ---- requests ---- */

/* Requests are used again, so that a busy server allocates nothing; their number is what the caller held at most. */
static struct taken *obtain(struct server *server) {
	struct taken *taken = server->free_list;
	if (taken != NULL) {
		server->free_list = taken->next;
		return taken;
	}
	taken = calloc(1, sizeof *taken);
	if (taken != NULL) {
		message_init(&taken->message);
	}
	return taken;
}

static void recycle(struct server *server, struct taken *taken) {
	message_release(&taken->message);
	taken->next = server->free_list;
	server->free_list = taken;
}

static void fill_request(const struct server *server, const struct broker_connection *connection,
                         const struct mdp *mdp, struct taken *taken) {
	taken->connection = connection->number;
	taken->address = mdp->address;
	taken->body_first = mdp->body_first;
	taken->request = (struct server_request){
		.service = (size_t)(connection - server->connections),
		.has_client_key = mdp->address.size == MDP_TOKEN_SIZE + TRANSPORT_KEY_SIZE,
		.body = message_frame(&taken->message, taken->message.count - 1),
	};
	if (taken->request.has_client_key) {
		memcpy(taken->request.client_key, mdp->address.data + MDP_TOKEN_SIZE, TRANSPORT_KEY_SIZE);
	}
}

/* Why a message ends the connection, or NULL. What is wrong with its form goes to `failure`, which must live on. */
static const char *objection(const struct message *message, struct mdp *mdp, struct failure *failure) {
	if (mdp_read(message, 0, mdp, failure) != OK) {
		return failure->text;
	}
	if (mdp->side == MDP_SIDE_WORKER && mdp->command == MDP_DISCONNECT) {
		return "the broker said DISCONNECT";
	}
	bool fits = mdp->version == MDP_0_2 && mdp->side == MDP_SIDE_WORKER &&
	            (mdp->command == MDP_REQUEST || mdp->command == MDP_HEARTBEAT);
	return fits ? NULL : "a command that no broker sends";
}

/* Acts on a message from the broker. True if it is a request. */
static bool handle(struct server *server, struct broker_connection *connection, struct taken *taken, int64_t now) {
	struct mdp mdp;
	struct failure failure;
	const char *why = objection(&taken->message, &mdp, &failure);
	if (why != NULL) {
		broker_connection_lose(&server->upstream, connection, why, now);
		return false;
	}
	broker_connection_heard(&server->upstream, connection, now);
	if (mdp.command == MDP_REQUEST) {
		fill_request(server, connection, &mdp, taken);
	}
	return mdp.command == MDP_REQUEST;
}

/* Takes what has come on one connection, up to `maximum` requests. */
static size_t take_from(struct server *server, struct broker_connection *connection, struct server_request **out,
                        size_t maximum, int64_t now) {
	size_t count = 0;
	while (count < maximum && connection->link != NULL) {
		struct taken *taken = obtain(server);
		if (taken == NULL) {
			break; /* out of memory: what has come stays in the queue */
		}
		enum error error = link_receive(connection->link, &taken->message, NULL);
		if (error == OK && handle(server, connection, taken, now)) {
			out[count] = &taken->request;
			count++;
			continue;
		}
		recycle(server, taken);
		if (error == ERROR_NOT_FOUND) {
			break;
		}
		if (error == ERROR_TOO_LONG) {
			broker_connection_lose(&server->upstream, connection, "a message with too many frames", now);
		}
	}
	return count;
}

/* Takes from all connections, beginning with another one each time, so that no service waits for ever. */
static size_t take_all(struct server *server, struct server_request **out, size_t maximum, int64_t now) {
	size_t count = 0;
	for (size_t i = 0; i < server->count; i++) {
		struct broker_connection *connection = &server->connections[(server->turn + i) % server->count];
		count += take_from(server, connection, out + count, maximum - count, now);
	}
	server->turn = (server->turn + 1) % server->count;
	server->handed_out += count;
	return count;
}

static bool is_readable(int fd) {
	struct pollfd item = { .fd = fd, .events = POLLIN };
	return fd >= 0 && poll(&item, 1, 0) > 0;
}

/* Waits until something is due or has come, at most until `until`. */
static void wait_for_work(struct server *server, int64_t now, int64_t until, int wake_fd) {
	struct link *links[SERVER_SERVICES_MAX];
	size_t count = 0;
	for (size_t i = 0; i < server->count; i++) {
		int64_t due = broker_connection_due(&server->upstream, &server->connections[i], now);
		until = due < until ? due : until;
		if (server->connections[i].link != NULL) {
			links[count] = server->connections[i].link;
			count++;
		}
	}
	(void)wire_wait(server->upstream.wire, links, count, wake_fd, until - now);
}

size_t server_take(struct server *server, struct server_request **out, size_t maximum, int64_t wait_ms, int wake_fd) {
	int64_t now = clock_milliseconds();
	int64_t until = now + wait_ms;
	while (true) {
		/* First what has come: a caller that was away for long must not mistake its own absence for silence. */
		size_t count = take_all(server, out, maximum, now);
		for (size_t i = 0; i < server->count; i++) {
			broker_connection_tend(&server->upstream, &server->connections[i], now);
		}
		if (count > 0 || now >= until || is_readable(wake_fd)) {
			return count;
		}
		wait_for_work(server, now, until, wake_fd);
		now = clock_milliseconds();
	}
}

/* ---- replies ---- */

static struct taken *taken_of(struct server_request *request) {
	return (struct taken *)(void *)request;
}

/* Writes the whole reply: the request's id frame, if it has one, and the body. */
static bool write_reply(const struct taken *taken, struct slice body, struct message *out) {
	bool written = mdp_write_worker(out, MDP_0_2, MDP_FINAL, taken->address);
	if (mdp_body_has_id(&taken->message, taken->body_first)) {
		written = written && message_append_shared(out, &taken->message, taken->body_first);
	}
	return written && message_append(out, body);
}

void server_reply(struct server *server, struct server_request *request, struct slice body) {
	struct taken *taken = taken_of(request);
	struct broker_connection *connection = &server->connections[request->service];
	struct buffer refusal;
	buffer_init(&refusal, BODY_MAX);
	if (body.size > BODY_MAX) {
		/* A frame this long would cut the connection, and the request would come again and again. */
		struct failure failure;
		(void)fail(&failure, ERROR_TOO_LONG, "the answer has %zu bytes, the limit is %d: ask for less", body.size,
		           BODY_MAX);
		body_error(&refusal, &failure);
		body = buffer_slice(&refusal);
	}
	struct message reply;
	message_init(&reply);
	if (connection->link != NULL && connection->number == taken->connection && write_reply(taken, body, &reply)) {
		(void)link_send(connection->link, &reply);
	}
	message_release(&reply);
	buffer_release(&refusal);
	server_drop(server, request);
}

void server_drop(struct server *server, struct server_request *request) {
	assert(server->handed_out > 0);
	server->handed_out--;
	recycle(server, taken_of(request));
}

bool server_is_connected(const struct server *server) {
	for (size_t i = 0; i < server->count; i++) {
		if (server->connections[i].link != NULL && server->connections[i].is_heard) {
			return true;
		}
	}
	return false;
}

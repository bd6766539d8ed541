/* A server's options, its rounds over all connections, and its replies; see server.h. */
#include "wire/server.h"

#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "wire/body.h"
#include "wire/endpoint.h"
#include "wire/link.h"
#include "wire/server_source.h"

#define HEARTBEAT_MS 1000

struct server {
	struct wire *wire;
	struct identity identity;
	struct upstream upstreams[SERVER_BROKERS_MAX];
	size_t broker_count;
	struct source sources[SERVER_CONNECTIONS_MAX];
	size_t count;
	size_t turn; /* whose requests are taken first */
	struct taken_pool pool;
};

_Static_assert(SERVICE_NAME_MAX == MDP_SERVICE_MAX, "the contract and the protocol agree");

/* ---- opening and closing ---- */

static enum error check_services(const struct server_options *options, struct failure *failure) {
	if (options->service_count == 0 || options->service_count > SERVER_SERVICES_MAX) {
		return fail(failure, ERROR_BAD_VALUE, "%zu services instead of 1 to %d", options->service_count,
		            SERVER_SERVICES_MAX);
	}
	for (size_t i = 0; i < options->service_count; i++) {
		const struct server_service *service = &options->services[i];
		if (!mdp_service_name_is_valid(slice_of_text(service->name)) || service->window == 0 ||
		    service->window > MDP_WINDOW_MAX) {
			return fail(failure, ERROR_BAD_VALUE, "the service %.80s: not a name, or a window that is not 1 to %d",
			            service->name, MDP_WINDOW_MAX);
		}
	}
	return OK;
}

static enum error check_options(const struct server_options *options, struct failure *failure) {
	if (options->broker_count == 0 || options->broker_count > SERVER_BROKERS_MAX) {
		return fail(failure, ERROR_BAD_VALUE, "%zu brokers instead of 1 to %d", options->broker_count,
		            SERVER_BROKERS_MAX);
	}
	if (options->heartbeat_ms < 0) {
		return fail(failure, ERROR_BAD_VALUE, "a negative heartbeat");
	}
	enum error error = check_services(options, failure);
	if (error == OK && options->broker_count * options->service_count > SERVER_CONNECTIONS_MAX) {
		error = fail(failure, ERROR_BAD_VALUE, "%zu services at %zu brokers: more than %d connections",
		             options->service_count, options->broker_count, SERVER_CONNECTIONS_MAX);
	}
	for (size_t i = 0; i < options->broker_count && error == OK; i++) {
		error = endpoint_check(options->brokers[i].endpoint, ENDPOINT_CONNECT, failure);
	}
	return error;
}

static void add_broker(struct server *server, const struct server_broker *broker, int64_t heartbeat_ms) {
	struct upstream *upstream = &server->upstreams[server->broker_count];
	(void)slice_copy_text(slice_of_text(broker->endpoint), upstream->endpoint, sizeof upstream->endpoint);
	memcpy(upstream->key, broker->key, TRANSPORT_KEY_SIZE);
	upstream->wire = server->wire;
	upstream->identity = &server->identity;
	upstream->heartbeat_ms = heartbeat_ms == 0 ? HEARTBEAT_MS : heartbeat_ms;
	server->broker_count++;
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
	server->wire = wire_new(1);
	if (server->wire == NULL) {
		free(server);
		return fail(failure, ERROR_SYSTEM, "cannot start a server: out of memory or of file descriptors");
	}
	server->identity = *options->identity;
	taken_pool_init(&server->pool);
	int64_t now = clock_milliseconds();
	for (size_t i = 0; i < options->broker_count; i++) {
		add_broker(server, &options->brokers[i], options->heartbeat_ms);
		for (size_t j = 0; j < options->service_count; j++) {
			struct source *source = &server->sources[server->count++];
			source_init(source, &server->pool, &server->upstreams[i], &options->services[j], j);
			source_tend(source, now);
		}
	}
	*out = server;
	return OK;
}

void server_free(struct server *server) {
	if (server == NULL) {
		return;
	}
	for (size_t i = 0; i < server->count; i++) {
		source_release(&server->sources[i]);
	}
	wire_free(server->wire); /* waits until what was sent has left */
	taken_pool_release(&server->pool);
	identity_wipe(&server->identity);
	free(server);
}

/* ---- requests ---- */

/* Takes from all connections, beginning with another one each time, so that no service waits for ever. */
static size_t take_all(struct server *server, struct server_request **out, size_t maximum, int64_t now) {
	size_t count = 0;
	for (size_t i = 0; i < server->count; i++) {
		struct source *source = &server->sources[(server->turn + i) % server->count];
		source_pull(source, now);
		count += source_hand_out(source, out + count, maximum - count);
	}
	server->turn = (server->turn + 1) % server->count;
	return count;
}

static bool is_readable(int fd) {
	struct pollfd item = { .fd = fd, .events = POLLIN };
	return fd >= 0 && poll(&item, 1, 0) > 0;
}

/* Waits until something is due or has come, at most until `until`. */
static void wait_for_work(struct server *server, int64_t now, int64_t until, int wake_fd) {
	struct link *links[SERVER_CONNECTIONS_MAX];
	size_t count = 0;
	for (size_t i = 0; i < server->count; i++) {
		const struct broker_connection *connection = &server->sources[i].connection;
		int64_t due = broker_connection_due(connection, now);
		until = due < until ? due : until;
		if (connection->link != NULL) {
			links[count] = connection->link;
			count++;
		}
	}
	(void)wire_wait(server->wire, links, count, wake_fd, until - now);
}

size_t server_take(struct server *server, struct server_request **out, size_t maximum, int64_t wait_ms, int wake_fd) {
	int64_t now = clock_milliseconds();
	int64_t until = now + wait_ms;
	while (true) {
		/* First what has come: a caller that was away for long must not mistake its own absence for silence. */
		size_t count = take_all(server, out, maximum, now);
		for (size_t i = 0; i < server->count; i++) {
			source_tend(&server->sources[i], now);
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

/* Sends the request's id frame, if it has one, and the body; nothing if the connection is another one by now. */
static void send_reply(const struct taken *taken, enum mdp_command command, struct slice body) {
	if (!taken_can_be_answered(taken)) {
		return;
	}
	struct message reply;
	message_init(&reply);
	bool written = mdp_write_worker(&reply, MDP_0_2, command, taken->address);
	if (taken->has_id) {
		written = written && message_append_shared(&reply, &taken->message, taken->body_first);
	}
	if (written && message_append(&reply, body)) {
		(void)link_send(taken->source->connection.link, &reply);
	}
	message_release(&reply);
}

void server_partial(struct server *server, struct server_request *request, struct slice body) {
	(void)server;
	if (body.size <= BODY_MAX) {
		send_reply(taken_of(request), MDP_PARTIAL, body);
	}
}

void server_reply(struct server *server, struct server_request *request, struct slice body) {
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
	send_reply(taken_of(request), MDP_FINAL, body);
	buffer_release(&refusal);
	server_drop(server, request);
}

void server_drop(struct server *server, struct server_request *request) {
	(void)server;
	source_give_back(taken_of(request));
}

bool server_is_connected(const struct server *server) {
	for (size_t i = 0; i < server->count; i++) {
		if (server->sources[i].connection.link != NULL && server->sources[i].connection.is_heard) {
			return true;
		}
	}
	return false;
}

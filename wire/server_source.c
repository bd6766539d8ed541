/* Takes requests off a connection and names them in its heartbeats; see server_source.h. */
#include "wire/server_source.h"

#include <assert.h>
#include <stdlib.h>

#include "wire/link.h"
#include "wire/mdp.h"

#define PULL_MAX 1024 /* messages taken from one link without a look at the others */

/* ---- what is used again ---- */

void taken_pool_init(struct taken_pool *pool) {
	TAILQ_INIT(&pool->spare);
	buffer_init(&pool->tokens, (size_t)MDP_HELD_MAX * MDP_TOKEN_SIZE);
}

void taken_pool_release(struct taken_pool *pool) {
	struct taken *taken = TAILQ_FIRST(&pool->spare);
	while (taken != NULL) {
		TAILQ_REMOVE(&pool->spare, taken, link);
		free(taken);
		taken = TAILQ_FIRST(&pool->spare);
	}
	buffer_release(&pool->tokens);
}

static struct taken *obtain(struct taken_pool *pool) {
	struct taken *taken = TAILQ_FIRST(&pool->spare);
	if (taken != NULL) {
		TAILQ_REMOVE(&pool->spare, taken, link);
		return taken;
	}
	taken = calloc(1, sizeof *taken);
	if (taken != NULL) {
		message_init(&taken->message);
	}
	return taken;
}

static void recycle(struct taken_pool *pool, struct taken *taken) {
	message_release(&taken->message);
	TAILQ_INSERT_HEAD(&pool->spare, taken, link);
}

/* Forgets what has not been handed out. */
static void drop_backlog(struct source *source) {
	struct taken *taken = TAILQ_FIRST(&source->backlog);
	while (taken != NULL) {
		TAILQ_REMOVE(&source->backlog, taken, link);
		source->count--;
		recycle(source->pool, taken);
		taken = TAILQ_FIRST(&source->backlog);
	}
}

void source_init(struct source *source, struct taken_pool *pool, struct upstream *upstream,
                 const struct server_service *service, size_t position) {
	*source = (struct source){ .pool = pool, .service = position };
	struct broker_connection *connection = &source->connection;
	(void)slice_copy_text(slice_of_text(service->name), connection->service, sizeof connection->service);
	connection->window = service->window;
	connection->upstream = upstream;
	TAILQ_INIT(&source->backlog);
	TAILQ_INIT(&source->held);
}

void source_release(struct source *source) {
	assert(TAILQ_EMPTY(&source->held));
	drop_backlog(source);
	broker_connection_end(&source->connection);
}

/* ---- messages ---- */

static void fill_request(struct source *source, const struct mdp *mdp, struct taken *taken) {
	taken->source = source;
	taken->number = source->connection.number;
	taken->address = mdp->address;
	taken->body_first = mdp->body_first;
	taken->has_id = mdp->has_id;
	struct server_request *request = &taken->request;
	*request = (struct server_request){
		.service = source->service,
		.has_client_key = mdp->address.size == MDP_TOKEN_SIZE + TRANSPORT_KEY_SIZE,
		.body = message_frame(&taken->message, taken->message.count - 1),
	};
	if (request->has_client_key) {
		memcpy(request->client_key, mdp->address.data + MDP_TOKEN_SIZE, TRANSPORT_KEY_SIZE);
	}
	request->has_header =
	    mdp->has_id && header_read(message_frame(&taken->message, mdp->body_first), &request->header);
	request->priority = (enum priority)request->header.priority;
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
	            (mdp->command == MDP_REQUEST || mdp->command == MDP_HEARTBEAT) && !mdp->names_held;
	return fits ? NULL : "a command that no broker sends";
}

static void lose(struct source *source, const char *why, int64_t now) {
	drop_backlog(source);
	broker_connection_lose(&source->connection, why, now);
}

/* Acts on a message from the broker. True if it is a request, which is then in the backlog. */
static bool handle(struct source *source, struct taken *taken, int64_t now) {
	struct mdp mdp;
	struct failure failure;
	const char *why = objection(&taken->message, &mdp, &failure);
	if (why == NULL && mdp.command == MDP_REQUEST && source->count == MDP_HELD_MAX) {
		why = "far more requests than the window";
	}
	if (why != NULL) {
		lose(source, why, now);
		return false;
	}
	broker_connection_heard(&source->connection, now);
	if (mdp.command == MDP_REQUEST) {
		fill_request(source, &mdp, taken);
		TAILQ_INSERT_TAIL(&source->backlog, taken, link);
		source->count++;
	}
	return mdp.command == MDP_REQUEST;
}

void source_pull(struct source *source, int64_t now) {
	for (int i = 0; i < PULL_MAX && source->connection.link != NULL; i++) {
		struct taken *taken = obtain(source->pool);
		if (taken == NULL) {
			return; /* out of memory: what has come stays in the queue */
		}
		enum error error = link_receive(source->connection.link, &taken->message, NULL);
		if (error == OK && handle(source, taken, now)) {
			continue;
		}
		recycle(source->pool, taken);
		if (error == ERROR_NOT_FOUND) {
			return;
		}
		if (error == ERROR_TOO_LONG) {
			lose(source, "a message with too many frames", now);
		}
	}
}

size_t source_hand_out(struct source *source, struct server_request **out, size_t maximum) {
	size_t count = 0;
	while (count < maximum && !TAILQ_EMPTY(&source->backlog)) {
		struct taken *taken = TAILQ_FIRST(&source->backlog);
		TAILQ_REMOVE(&source->backlog, taken, link);
		TAILQ_INSERT_TAIL(&source->held, taken, link);
		out[count] = &taken->request;
		count++;
	}
	return count;
}

/* ---- heartbeats ---- */

/* Requests of a former connection are the broker's again; a broker with addresses of its own gave no token. */
static void add_tokens(const struct source *source, const struct taken_list *list) {
	const struct taken *taken = NULL;
	TAILQ_FOREACH(taken, list, link) {
		if (taken->number == source->connection.number && taken->address.size >= MDP_TOKEN_SIZE) {
			(void)buffer_append(&source->pool->tokens, taken->address.data, MDP_TOKEN_SIZE);
		}
	}
}

void source_tend(struct source *source, int64_t now) {
	buffer_clear(&source->pool->tokens);
	if (broker_connection_beats(&source->connection, now)) {
		add_tokens(source, &source->held);
		add_tokens(source, &source->backlog);
	}
	uint64_t number = source->connection.number;
	broker_connection_tend(&source->connection, buffer_slice(&source->pool->tokens), now);
	if (source->connection.link == NULL || source->connection.number != number) {
		drop_backlog(source);
	}
}

/* ---- the caller's part ---- */

void source_give_back(struct taken *taken) {
	struct source *source = taken->source;
	assert(source->count > 0);
	TAILQ_REMOVE(&source->held, taken, link);
	source->count--;
	recycle(source->pool, taken);
}

bool taken_can_be_answered(const struct taken *taken) {
	const struct broker_connection *connection = &taken->source->connection;
	return connection->link != NULL && connection->number == taken->number;
}

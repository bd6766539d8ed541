/* Answers to clients, in the worker's name or the broker's own. */
#include "broker/state.h"
#include "wire/body.h"

#define SOON 250        /* milliseconds: a queue moves on */
#define LATER 1000      /* a worker, or another broker, has to come first */
#define MUCH_LATER 5000 /* something has to be cleared away */

struct refusal_row {
	enum error code;
	enum core_counter counter;
	unsigned retry_ms;
	const char *text;
};

static const struct refusal_row rows[REFUSALS] = {
	[REFUSE_SERVICES] = { ERROR_BUSY, CORE_REFUSED_SERVICES, LATER,
	                      "requests wait for too many services that have no worker" },
	[REFUSE_WAITING] = { ERROR_BUSY, CORE_REFUSED_WAITING, SOON, "too many requests wait for this service" },
	[REFUSE_BYTES] = { ERROR_BUSY, CORE_REFUSED_BYTES, SOON, "the requests that wait take too much memory" },
	[REFUSE_PEER] = { ERROR_BUSY, CORE_REFUSED_PEER, SOON, "too many requests of yours have no answer yet" },
	[REFUSE_RATE] = { ERROR_BUSY, CORE_REFUSED_RATE, SOON, "you ask more often than the broker allows" },
	[REFUSE_PEERS] = { ERROR_BUSY, CORE_REFUSED_PEERS, LATER, "too many clients at once" },
	[REFUSE_DRAINING] = { ERROR_BUSY, CORE_REFUSED_DRAINING, LATER, "the broker is being emptied; try another one" },
	[REFUSE_STOPPING] = { ERROR_BUSY, CORE_REFUSED_DRAINING, LATER, "the broker stops; send it again" },
	[REFUSE_MEMORY] = { ERROR_BUSY, CORE_REFUSED_MEMORY, LATER, "out of memory" },
	[REFUSE_CONFLICT] = { ERROR_EXISTS, CORE_REFUSED_CONFLICT, 0,
	                      "another request of yours with this id, and other bytes, is on its way" },
	[REFUSE_NO_WORKER] = { ERROR_NO_WORKER, CORE_EXPIRED, LATER, "no worker serves this at present" },
	[REFUSE_TOO_LATE] = { ERROR_BUSY, CORE_EXPIRED, SOON, "it waited longer than you wanted" },
	[REFUSE_GIVEN_UP] = { ERROR_GIVEN_UP, CORE_GIVEN_UP, 0,
	                      "every worker that this was given to went away; it is kept as a dead letter" },
	[REFUSE_QUEUE] = { ERROR_BUSY, CORE_REFUSED_QUEUE, MUCH_LATER,
	                   "the durable queue is full: fetch and close answered tickets, or wait" },
	[REFUSE_OPERATOR] = { ERROR_NOT_ALLOWED, CORE_REFUSED_OPERATOR, 0,
	                      "your key is not listed for the service broker in the broker's file of workers" },
};

enum error refusal_code(enum refusal refusal) {
	return rows[refusal].code;
}

struct slice failure_body(struct core *core, const struct failure *failure) {
	buffer_clear(&core->refusal);
	body_error(&core->refusal, failure);
	return buffer_slice(&core->refusal);
}

struct slice refusal_body(struct core *core, enum refusal refusal) {
	struct failure failure;
	(void)fail(&failure, rows[refusal].code, "%s", rows[refusal].text);
	failure.retry_ms = rows[refusal].retry_ms;
	core->counts[rows[refusal].counter]++;
	return failure_body(core, &failure);
}

bool answer_begin(struct message *out, const struct route *route, enum mdp_command command, struct slice service,
                  const struct message *id, size_t id_at) {
	message_init(out);
	bool fits = message_append(out, slice_of(route->id, route->size)) &&
	            mdp_write_client(out, route->version, command, service);
	return fits && (id == NULL || id_at >= id->count || message_append_shared(out, id, id_at));
}

/* A client that is gone, or that does not read, loses its reply: the broker keeps nothing for it. */
void answer_send(struct core *core, struct message *message, const uint8_t *key) {
	enum error error = core->edge.send(core->edge.argument, message);
	if (error == ERROR_UNREACHABLE) {
		core->counts[CORE_CLIENT_GONE]++;
	} else if (error != OK) {
		core->counts[CORE_CLIENT_SLOW]++;
		core_tell_once(core, key, &(struct core_notice){ .level = LOG_WARNING, .event = "reply-dropped",
			.reason = "the client does not take its replies", .key = key });
	}
	message_release(message);
}

void answer_arrival(struct core *core, const struct arrival *arrival, const struct slice *payload, size_t count) {
	const struct message *asked = arrival->message;
	struct message out;
	bool fits = answer_begin(&out, &arrival->route, MDP_FINAL, arrival->mdp.service,
	                         arrival->mdp.has_id ? asked : NULL, arrival->mdp.body_first);
	for (size_t i = 0; fits && i < count; i++) {
		fits = message_append(&out, payload[i]);
	}
	if (fits) {
		answer_send(core, &out, arrival->key);
	}
	message_release(&out);
}

void refuse_arrival(struct core *core, const struct arrival *arrival, enum refusal refusal) {
	struct slice body = refusal_body(core, refusal);
	answer_arrival(core, arrival, &body, 1);
}

void refuse_arrival_because(struct core *core, const struct arrival *arrival, const struct failure *failure) {
	struct slice body = failure_body(core, failure);
	answer_arrival(core, arrival, &body, 1);
}

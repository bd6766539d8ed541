/* Requests, retries and the choice of the broker; see client.h.
 *
 *     unsent ── the link has room ──> sent ── FINAL ──> answered
 *        ^                             | |
 *        └──── retry_ms have passed ───┘ └─ timeout_ms have passed ──> given up
 *
 * With every retry goes a probe, an mmi.service request: its answer tells a broker without a worker from no broker. */
#include "wire/client.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "wire/body.h"
#include "wire/endpoint.h"
#include "wire/link.h"
#include "wire/mdp.h"
#include "wire/waiting.h"

#define RETRY_MS 1500
#define TIMEOUT_MS 5000
#define REFUSAL_MAX 1024 /* bytes of a reply that may be a refusal of the broker (doc/protocol.md) */
#define RUSH_MAX 64      /* replies handed out without a look at the timers */
#define NEVER (-1)

static const char probe_service[] = "mmi.service";

struct client {
	struct wire *wire;
	struct link *link; /* to brokers[current]; NULL if it could not be opened */
	struct client_broker brokers[CLIENT_BROKERS_MAX];
	size_t broker_count;
	size_t current;
	struct identity identity;
	int64_t retry_ms;
	int64_t timeout_ms;
	struct waiting *waiting;
	struct message probe; /* to be sent as soon as there is room; empty if none is due */
	int64_t probed_ms;
	int64_t heard_ms;        /* when a broker said anything last, or NEVER */
	int64_t silent_since_ms; /* the first sending since then, on this link, or NEVER */
	unsigned rush;
	struct pack_document *document;
	struct message held; /* the reply that was handed out last */
};

/* ---- opening and closing ---- */

static enum error check_options(const struct client_options *options, struct failure *failure) {
	if (options->broker_count == 0 || options->broker_count > CLIENT_BROKERS_MAX) {
		return fail(failure, ERROR_BAD_VALUE, "%zu brokers instead of 1 to %d", options->broker_count,
		            CLIENT_BROKERS_MAX);
	}
	if (options->retry_ms < 0 || options->timeout_ms < 0) {
		return fail(failure, ERROR_BAD_VALUE, "a negative waiting time");
	}
	enum error error = OK;
	for (size_t i = 0; i < options->broker_count && error == OK; i++) {
		error = endpoint_check(options->brokers[i].endpoint, ENDPOINT_CONNECT, failure);
	}
	return error;
}

static enum error open_link(struct client *client, struct failure *failure) {
	const struct client_broker *broker = &client->brokers[client->current];
	client->silent_since_ms = NEVER;
	return link_connect(client->wire, broker->endpoint, broker->public_key, &client->identity, &client->link, failure);
}

enum error client_new(const struct client_options *options, struct client **out, struct failure *failure) {
	*out = NULL;
	enum error error = check_options(options, failure);
	if (error != OK) {
		return error;
	}
	struct client *client = calloc(1, sizeof *client);
	if (client == NULL) {
		return fail(failure, ERROR_NO_MEMORY, "out of memory for a client");
	}
	memcpy(client->brokers, options->brokers, options->broker_count * sizeof client->brokers[0]);
	client->broker_count = options->broker_count;
	client->identity = *options->identity;
	client->timeout_ms = options->timeout_ms == 0 ? TIMEOUT_MS : options->timeout_ms;
	client->retry_ms = options->retry_ms == 0 ? RETRY_MS : options->retry_ms;
	/* At least one retry, and never 0: without its probe nobody would know whether the broker is there. */
	if (client->retry_ms > client->timeout_ms / 2) {
		client->retry_ms = client->timeout_ms / 2 + 1;
	}
	client->probed_ms = NEVER;
	client->heard_ms = NEVER;
	message_init(&client->probe);
	message_init(&client->held);
	client->wire = wire_new(1);
	client->waiting = waiting_new();
	client->document = pack_document_new();
	error = client->wire == NULL || client->waiting == NULL || client->document == NULL
	            ? fail(failure, ERROR_SYSTEM, "cannot start a client: out of memory or of file descriptors")
	            : open_link(client, failure);
	if (error != OK) {
		client_free(client);
		return error;
	}
	*out = client;
	return OK;
}

void client_free(struct client *client) {
	if (client == NULL) {
		return;
	}
	message_release(&client->held);
	message_release(&client->probe);
	link_free(client->link);
	wire_free(client->wire);
	waiting_free(client->waiting);
	pack_document_free(client->document);
	identity_wipe(&client->identity);
	free(client);
}

/* ---- sending ---- */

/* Appends a whole request, with our id in front of the body. */
static bool write_request(const struct client *client, struct message *out, struct slice service, uint64_t number,
                          struct slice body) {
	uint8_t id[WAITING_ID_SIZE];
	waiting_write_id(client->waiting, number, id);
	return mdp_write_client(out, MDP_0_2, MDP_REQUEST, service) && message_append(out, slice_of(id, sizeof id)) &&
	       message_append(out, body);
}

static bool send_frames(struct client *client, const struct message *frames, int64_t now) {
	if (client->silent_since_ms == NEVER) {
		client->silent_since_ms = now;
	}
	if (client->link == NULL) {
		return false;
	}
	struct message copy;
	message_init(&copy);
	bool sent = true;
	for (size_t i = 0; i < frames->count && sent; i++) {
		sent = message_append_shared(&copy, frames, i);
	}
	sent = sent && link_send(client->link, &copy) == OK;
	message_release(&copy);
	return sent;
}

/* Sends what has to be sent, the oldest first, until there is no room; wire_wait tells when there is again. */
static void flush(struct client *client, int64_t now) {
	if (client->probe.count > 0 && send_frames(client, &client->probe, now)) {
		message_release(&client->probe);
	}
	struct pending *pending = waiting_first_unsent(client->waiting);
	while (pending != NULL && send_frames(client, &pending->request, now)) {
		pending->tries++;
		(void)waiting_set_unsent(client->waiting, pending, false);
		pending = waiting_first_unsent(client->waiting);
	}
}

enum error client_send(struct client *client, const char *service, struct slice body, void *tag,
                       struct failure *failure) {
	message_release(&client->held);
	if (!mdp_service_name_is_valid(slice_of_text(service))) {
		return fail(failure, ERROR_BAD_VALUE, "not a service name: 1 to %d printable characters", MDP_SERVICE_MAX);
	}
	if (body.size > BODY_MAX) {
		return fail(failure, ERROR_TOO_LONG, "the request has %zu bytes, the limit is %d", body.size, BODY_MAX);
	}
	int64_t now = clock_milliseconds();
	struct pending *pending = pending_new();
	if (pending == NULL || !write_request(client, &pending->request, slice_of_text(service),
	                                      waiting_next_number(client->waiting), body) ||
	    !waiting_add(client->waiting, pending, now + client->retry_ms)) {
		pending_free(pending);
		return fail(failure, ERROR_NO_MEMORY, "out of memory for a request");
	}
	pending->service = message_frame(&pending->request, 2);
	pending->tag = tag;
	pending->since_ns = clock_nanoseconds();
	pending->deadline_ms = now + client->timeout_ms;
	flush(client, now);
	return OK;
}

/* ---- retrying ---- */

/* Lazy pirate: a link on which nothing was heard for a whole retry interval is given up for the next broker's. */
static void leave_silent_broker(struct client *client, int64_t now) {
	if (client->silent_since_ms == NEVER || now - client->silent_since_ms < client->retry_ms) {
		return;
	}
	link_free(client->link);
	client->link = NULL;
	client->current = (client->current + 1) % client->broker_count;
	(void)open_link(client, NULL); /* without one, the next retry tries again */
}

/* Asks the broker whether it has a worker for the service, but not for every request that waits. */
static void prepare_probe(struct client *client, struct slice service, int64_t now) {
	if (client->probed_ms != NEVER && now - client->probed_ms < client->retry_ms) {
		return;
	}
	client->probed_ms = now;
	message_release(&client->probe);
	if (!write_request(client, &client->probe, slice_of_text(probe_service), WAITING_NO_NUMBER, service)) {
		message_release(&client->probe);
	}
}

/* What to say of a request whose time is over. */
static enum error reason_to_give_up(const struct client *client, const struct pending *pending, int64_t now) {
	if (pending->refusal != OK) {
		return pending->refusal;
	}
	bool alive = client->heard_ms != NEVER && now - client->heard_ms <= 2 * client->retry_ms;
	return alive ? ERROR_NO_WORKER : ERROR_UNREACHABLE;
}

/* Handles the timers that ring. Returns a request that is given up, and why in `*reason`; NULL if there is none. */
static struct pending *run_timers(struct client *client, int64_t now, enum error *reason) {
	struct pending *pending = waiting_first_due(client->waiting);
	while (pending != NULL && pending->due_ms <= now) {
		if (now >= pending->deadline_ms) {
			*reason = reason_to_give_up(client, pending, now);
			return pending;
		}
		leave_silent_broker(client, now);
		prepare_probe(client, pending->service, now);
		int64_t due = now + client->retry_ms;
		if (!waiting_set_unsent(client->waiting, pending, true) ||
		    !waiting_set_due(client->waiting, pending, due < pending->deadline_ms ? due : pending->deadline_ms)) {
			*reason = ERROR_NO_MEMORY;
			return pending;
		}
		pending = waiting_first_due(client->waiting);
	}
	flush(client, now);
	return NULL;
}

/* ---- receiving ---- */

/* The request that a message answers, or NULL: a PARTIAL, the answer to a probe or to a request that has its answer
 * already, something of a former client, or nothing that belongs to the protocol. */
static struct pending *match(const struct client *client, const struct message *message) {
	struct mdp mdp;
	if (mdp_read(message, 0, &mdp, NULL) != OK || mdp.side != MDP_SIDE_CLIENT || mdp.command != MDP_FINAL ||
	    !mdp.has_id) {
		return NULL;
	}
	struct pending *pending = waiting_find(client->waiting, message_frame(message, mdp.body_first));
	return pending != NULL && slice_equal(pending->service, mdp.service) ? pending : NULL;
}

/* ERROR_BUSY or ERROR_NO_WORKER if the body is one of these refusals, which a later try may not meet again. */
static enum error passing_refusal(struct client *client, struct slice body) {
	const struct pack_value *ok = NULL;
	enum error error = body.size > REFUSAL_MAX ? OK : body_read_reply(client->document, body, &ok, NULL);
	return error == ERROR_BUSY || error == ERROR_NO_WORKER ? error : OK;
}

/* The next request that is answered, with the reply in client->held; NULL if no reply is there. */
static struct pending *receive(struct client *client, int64_t now) {
	while (client->link != NULL) {
		if (link_receive(client->link, &client->held, NULL) == ERROR_NOT_FOUND) {
			return NULL;
		}
		client->heard_ms = now;
		client->silent_since_ms = NEVER;
		struct pending *pending = match(client, &client->held);
		if (pending == NULL) {
			continue;
		}
		enum error refusal = passing_refusal(client, message_frame(&client->held, client->held.count - 1));
		if (refusal == OK) {
			return pending;
		}
		pending->refusal = refusal;
	}
	return NULL;
}

/* The next request that is done with. Replies come before timers, since a caller that was away finds both, but a rush
 * of replies must not hold up the timers for ever. */
static struct pending *next_done(struct client *client, int64_t now, enum error *outcome) {
	struct pending *done = NULL;
	if (client->rush == RUSH_MAX) {
		client->rush = 0;
		done = run_timers(client, now, outcome);
	}
	if (done != NULL) {
		return done;
	}
	done = receive(client, now);
	if (done != NULL) {
		client->rush++;
		*outcome = OK;
		return done;
	}
	client->rush = 0;
	return run_timers(client, now, outcome);
}

static void hand_out(struct client *client, struct pending *done, enum error outcome, struct client_answer *answer) {
	*answer = (struct client_answer){
		.tag = done->tag,
		.error = outcome,
		.body = outcome == OK ? message_frame(&client->held, client->held.count - 1) : slice_of(NULL, 0),
		.waited_ns = clock_nanoseconds() - done->since_ns,
		.tries = done->tries,
	};
	waiting_remove(client->waiting, done);
	pending_free(done);
}

enum error client_next(struct client *client, int64_t wait_ms, struct client_answer *answer) {
	message_release(&client->held);
	int64_t until = clock_milliseconds() + wait_ms;
	while (waiting_count(client->waiting) > 0) {
		int64_t now = clock_milliseconds();
		enum error outcome = OK;
		struct pending *done = next_done(client, now, &outcome);
		if (done != NULL) {
			hand_out(client, done, outcome, answer);
			return OK;
		}
		if (now >= until) {
			break;
		}
		int64_t due = waiting_first_due(client->waiting)->due_ms;
		struct link *links[] = { client->link };
		(void)wire_wait(client->wire, links, client->link == NULL ? 0 : 1, -1, (due < until ? due : until) - now);
	}
	return ERROR_NOT_FOUND;
}

size_t client_waiting(const struct client *client) {
	return waiting_count(client->waiting);
}

/* ---- one at a time ---- */

/* Says in words why nobody answered and what to try. */
static enum error explain(const struct client *client, enum error error, struct failure *failure) {
	const char *endpoint = client->brokers[client->current].endpoint;
	double seconds = (double)client->timeout_ms / 1000;
	switch ((int)error) {
	case ERROR_UNREACHABLE:
		return fail(failure, error,
		            "no answer from %.100s%s within %.1f s: is the agency running there? Start it with troth up, or "
		            "check the endpoint in the join file",
		            client->brokers[0].endpoint, client->broker_count > 1 ? " and the brokers after it" : "", seconds);
	case ERROR_NO_WORKER:
		return fail(failure, error,
		            "%.100s answers, but no worker took the request within %.1f s: start a troth-worker there, or try "
		            "again",
		            endpoint, seconds);
	case ERROR_BUSY:
		return fail(failure, error, "%.100s had too much to do for %.1f s: try again shortly", endpoint, seconds);
	default:
		return fail(failure, error, "the request to %.100s failed: %s", endpoint, error_sentence(error));
	}
}

enum error client_call(struct client *client, const char *service, struct slice body, struct buffer *reply,
                       struct failure *failure) {
	assert(client_waiting(client) == 0);
	enum error error = client_send(client, service, body, NULL, failure);
	if (error != OK) {
		return error;
	}
	struct client_answer answer = { 0 };
	do {
		error = client_next(client, client->timeout_ms, &answer);
	} while (error == ERROR_NOT_FOUND);
	if (answer.error != OK) {
		return explain(client, answer.error, failure);
	}
	return buffer_append_slice(reply, answer.body)
	           ? OK
	           : fail(failure, ERROR_TOO_LONG, "the reply of %zu bytes does not fit", answer.body.size);
}

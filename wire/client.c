/* Requests, retries and the choice of the broker; see client.h.
 *
 *     unsent ── the link has room ──> sent ── FINAL ──> answered
 *        ^                             | |
 *        └── retry_ms have passed, or ─┘ └─ timeout_ms have passed ──> given up
 *            the time that a refusal told
 *
 * Sending and retrying stand in client_send.c, one request at a time in client_call.c. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/entropy.h"
#include "wire/body.h"
#include "wire/client_state.h"
#include "wire/endpoint.h"
#include "wire/outgoing.h"

#define RETRY_MS 1500
#define TIMEOUT_MS 5000
#define REFUSAL_MAX 1024 /* bytes of a reply that may be a refusal of the broker (doc/protocol.md) */
#define RUSH_MAX 64      /* replies handed out without a look at the timers */
#define JITTER_SHARE 4   /* a time to retry grows by at most one part in so many */

/* ---- opening and closing ---- */

static enum error check_options(const struct client_options *options, struct failure *failure) {
	if (options->broker_count == 0 || options->broker_count > CLIENT_BROKERS_MAX) {
		return fail(failure, ERROR_BAD_VALUE, "%zu brokers instead of 1 to %d", options->broker_count,
		            CLIENT_BROKERS_MAX);
	}
	if (options->retry_ms < 0 || options->timeout_ms < 0) {
		return fail(failure, ERROR_BAD_VALUE, "a negative waiting time");
	}
	if (options->priority != PRIORITY_INTERACTIVE && options->priority != PRIORITY_BATCH) {
		return fail(failure, ERROR_BAD_VALUE, "a priority that is none");
	}
	enum error error = OK;
	for (size_t i = 0; i < options->broker_count && error == OK; i++) {
		error = endpoint_check(options->brokers[i].endpoint, ENDPOINT_CONNECT, failure);
	}
	return error;
}

enum error client_open_link(struct client *client, struct failure *failure) {
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
	client->pattern.priority = (uint8_t)options->priority;
	client->probed_ms = NEVER;
	client->heard_ms = NEVER;
	message_init(&client->probe);
	message_init(&client->held);
	client->wire = wire_new(1);
	client->waiting = waiting_new();
	client->document = pack_document_new();
	error = client->wire == NULL || client->waiting == NULL || client->document == NULL
	            ? fail(failure, ERROR_SYSTEM, "cannot start a client: out of memory or of file descriptors")
	            : client_open_link(client, failure);
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

bool client_set_trace(struct client *client, const char *traceparent) {
	struct header pattern = { .priority = client->pattern.priority };
	if (traceparent != NULL && !header_from_traceparent(traceparent, &pattern)) {
		return false;
	}
	client->pattern = pattern;
	return true;
}

/* ---- receiving ---- */

/* The request that a message answers, or NULL: a PARTIAL, the answer to a probe or to a request that has its answer
 * already, something of a former client, or nothing that belongs to the protocol. */
static struct pending *match(const struct client *client, const struct message *message, struct mdp *mdp) {
	if (mdp_read(message, 0, mdp, NULL) != OK || mdp->side != MDP_SIDE_CLIENT || mdp->command != MDP_FINAL ||
	    !mdp->has_id) {
		return NULL;
	}
	struct header header;
	struct slice frame = message_frame(message, mdp->body_first);
	(void)header_read(frame, &header); /* if it is none, it has no id either */
	struct pending *pending = waiting_find(client->waiting, header.id);
	bool is_its = pending != NULL && slice_equal(outgoing_header(&pending->request), frame) &&
	              slice_equal(outgoing_service(&pending->request), mdp->service);
	return is_its ? pending : NULL;
}

/* ERROR_BUSY or ERROR_NO_WORKER if the body is one of these refusals, which a later try may not meet again. */
static enum error passing_refusal(struct client *client, struct slice body, unsigned *retry_ms) {
	const struct pack_value *ok = NULL;
	struct failure failure = { .code = OK };
	enum error error = body.size > REFUSAL_MAX ? OK : body_read_reply(client->document, body, &ok, &failure);
	*retry_ms = failure.retry_ms;
	return error == ERROR_BUSY || error == ERROR_NO_WORKER ? error : OK;
}

/* Puts off the next sending until the time that the refusal named, or leaves it to the timer that runs. False if memory
 * is out. */
static bool postpone(struct client *client, struct pending *pending, int64_t now) {
	int64_t told = pending->refusal_retry_ms;
	if (told == 0) {
		return true;
	}
	uint32_t random = 0;
	entropy_fill((uint8_t *)&random, sizeof random);
	int64_t due = now + told + random % (told / JITTER_SHARE + 1);
	(void)waiting_set_unsent(client->waiting, pending, false);
	return waiting_set_due(client->waiting, pending, due < pending->deadline_ms ? due : pending->deadline_ms);
}

/* The next request that is done with because of a message: answered, with the reply in client->held, unless
 * `*outcome` says something else. NULL if no more messages are there. */
static struct pending *receive(struct client *client, int64_t now, enum error *outcome) {
	while (client->link != NULL) {
		if (link_receive(client->link, &client->held, NULL) == ERROR_NOT_FOUND) {
			return NULL;
		}
		client->heard_ms = now;
		client->silent_since_ms = NEVER;
		struct mdp mdp;
		struct pending *pending = match(client, &client->held, &mdp);
		if (pending == NULL) {
			continue;
		}
		client->held_parts = mdp.body_first + 1;
		unsigned retry_ms = 0;
		enum error refusal =
		    client->held.count > client->held_parts + 1 && /* with a status in front: the outcome of a ticket */
		            slice_is(outgoing_service(&pending->request), TITANIC_REPLY)
		        ? OK : passing_refusal(client, message_frame(&client->held, client->held.count - 1), &retry_ms);
		if (refusal == OK) {
			*outcome = OK;
			return pending;
		}
		pending->refusal = refusal;
		pending->refusal_retry_ms = retry_ms;
		if (!postpone(client, pending, now)) {
			*outcome = ERROR_NO_MEMORY;
			return pending;
		}
	}
	return NULL;
}

/* The next request that is done with. Replies come before timers, since a caller that was away finds both, but a rush
 * of replies must not hold up the timers for ever. */
static struct pending *next_done(struct client *client, int64_t now, enum error *outcome) {
	struct pending *done = NULL;
	if (client->rush == RUSH_MAX) {
		client->rush = 0;
		done = client_run_timers(client, now, outcome);
	}
	if (done != NULL) {
		return done;
	}
	done = receive(client, now, outcome);
	if (done != NULL) {
		client->rush++;
		return done;
	}
	client->rush = 0;
	return client_run_timers(client, now, outcome);
}

static void hand_out(struct client *client, struct pending *done, enum error outcome, struct client_answer *answer) {
	*answer = (struct client_answer){
		.tag = done->tag,
		.error = outcome,
		.waited_ns = clock_nanoseconds() - done->since_ns,
		.tries = done->tries,
		.retry_ms = outcome == done->refusal ? done->refusal_retry_ms : 0,
	};
	struct header header;
	(void)header_read(outgoing_header(&done->request), &header);
	header_trace_text(&header, answer->trace);
	for (size_t i = client->held_parts; outcome == OK && i < client->held.count; i++) {
		answer->parts[answer->part_count] = message_frame(&client->held, i);
		answer->body = answer->parts[answer->part_count];
		answer->part_count++;
	}
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

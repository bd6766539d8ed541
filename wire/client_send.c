/* How a client sends its requests, sends them again, and gives them up; see client.h.
 *
 * With every retry goes a probe, an mmi.service request: its answer tells a broker without a worker from no broker. */
#include "base/clock.h"
#include "base/entropy.h"
#include "wire/body.h"
#include "wire/client_state.h"
#include "wire/outgoing.h"

static const char probe_service[] = "mmi.service";

/* ---- sending ---- */

/* A time to live is at least one millisecond: 0 is no limit, which only what is to be queued has. */
static uint32_t ttl_of(struct slice service, int64_t milliseconds) {
	if (slice_is(service, TITANIC_REQUEST)) {
		return 0;
	}
	if (milliseconds < 1) {
		return 1;
	}
	return milliseconds < UINT32_MAX ? (uint32_t)milliseconds : UINT32_MAX;
}

/* Writes a whole request, with our id in its header. Each is a span of its own, in the trace that is set or in one of
 * its own. */
static bool write_request(const struct client *client, struct message *out, struct slice service, uint64_t number,
                          int64_t ttl_ms, const struct slice *parts, size_t count) {
	uint8_t id[WAITING_ID_SIZE];
	waiting_write_id(client->waiting, number, id);
	struct header header = client->pattern;
	header.ttl_ms = ttl_of(service, ttl_ms);
	header.id = slice_of(id, sizeof id);
	entropy_fill(header.span_id, sizeof header.span_id);
	if (!header_has_trace(&header)) {
		entropy_fill(header.trace_id, sizeof header.trace_id);
	}
	return outgoing_write(out, service, &header, parts, count);
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

/* Sends a request. The time to live in its header is what is left at its first sending; later ones repeat the bytes. */
static bool send_pending(struct client *client, struct pending *pending, int64_t now) {
	if (pending->tries == 0 && pending->written_ms != now) {
		struct slice service = outgoing_service(&pending->request);
		if (!outgoing_set_ttl(&pending->request, ttl_of(service, pending->deadline_ms - now))) {
			return false;
		}
		pending->written_ms = now;
	}
	return send_frames(client, &pending->request, now);
}

/* Sends what has to be sent, the oldest first, until there is no room; wire_wait tells when there is again. */
static void flush(struct client *client, int64_t now) {
	if (client->probe.count > 0 && send_frames(client, &client->probe, now)) {
		message_release(&client->probe);
	}
	struct pending *pending = waiting_first_unsent(client->waiting);
	while (pending != NULL && send_pending(client, pending, now)) {
		pending->tries++;
		(void)waiting_set_unsent(client->waiting, pending, false);
		pending = waiting_first_unsent(client->waiting);
	}
}

static enum error check_request(struct slice service, const struct slice *parts, size_t count,
                                struct failure *failure) {
	if (!mdp_service_name_is_valid(service)) {
		return fail(failure, ERROR_BAD_VALUE, "not a service name: 1 to %d printable characters", MDP_SERVICE_MAX);
	}
	if (count == 0 || count > OUTGOING_PARTS_MAX) {
		return fail(failure, ERROR_BAD_VALUE, "a request of %zu parts instead of 1 to %d", count, OUTGOING_PARTS_MAX);
	}
	for (size_t i = 0; i < count; i++) {
		if (parts[i].size > BODY_MAX) {
			return fail(failure, ERROR_TOO_LONG, "the request has %zu bytes, the limit is %d", parts[i].size, BODY_MAX);
		}
	}
	return OK;
}

enum error client_send_parts(struct client *client, const char *service, const struct slice *parts, size_t count,
                             void *tag, struct failure *failure) {
	message_release(&client->held);
	enum error error = check_request(slice_of_text(service), parts, count, failure);
	if (error != OK) {
		return error;
	}
	int64_t now = clock_milliseconds();
	struct pending *pending = pending_new();
	if (pending == NULL ||
	    !write_request(client, &pending->request, slice_of_text(service), waiting_next_number(client->waiting),
	                   client->timeout_ms, parts, count) ||
	    !waiting_add(client->waiting, pending, now + client->retry_ms)) {
		pending_free(pending);
		return fail(failure, ERROR_NO_MEMORY, "out of memory for a request");
	}
	pending->tag = tag;
	pending->since_ns = clock_nanoseconds();
	pending->written_ms = now;
	pending->deadline_ms = now + client->timeout_ms;
	flush(client, now);
	return OK;
}

enum error client_send(struct client *client, const char *service, struct slice body, void *tag,
                       struct failure *failure) {
	return client_send_parts(client, service, &body, 1, tag, failure);
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
	(void)client_open_link(client, NULL); /* without one, the next retry tries again */
}

/* Asks the broker whether it has a worker for the service, but not for every request that waits. */
static void prepare_probe(struct client *client, struct slice service, int64_t now) {
	if (client->probed_ms != NEVER && now - client->probed_ms < client->retry_ms) {
		return;
	}
	client->probed_ms = now;
	message_release(&client->probe);
	if (!write_request(client, &client->probe, slice_of_text(probe_service), WAITING_NO_NUMBER, client->retry_ms,
	                   &service, 1)) {
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

struct pending *client_run_timers(struct client *client, int64_t now, enum error *reason) {
	struct pending *pending = waiting_first_due(client->waiting);
	while (pending != NULL && pending->due_ms <= now) {
		if (now >= pending->deadline_ms) {
			*reason = reason_to_give_up(client, pending, now);
			return pending;
		}
		leave_silent_broker(client, now);
		prepare_probe(client, outgoing_service(&pending->request), now);
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

/* What clients ask: the bounds that a request must keep, and the services of the broker itself. */
#include <assert.h>

#include "broker/state.h"
#include "wire/titanic.h"

/* ---- the broker's own services ---- */

/* RFC 8: is there a worker for the service that the payload names? Any other mmi name is not implemented. */
static void directory_asked(struct core *core, struct arrival *arrival) {
	core->counts[CORE_DIRECTORY]++;
	const char *status = "501";
	if (slice_is(arrival->mdp.service, "mmi.service")) {
		struct slice name = message_frame(arrival->message, arrival->message->count - 1);
		const struct service *service = service_find(core, name);
		bool served = service != NULL && service->worker_count > 0;
		status = served || core_service_is_the_brokers(name) ? "200" : "404";
	}
	struct slice payload = slice_of_text(status);
	answer_arrival(core, arrival, &payload, 1);
}

typedef void (*own_service)(struct core *core, struct arrival *arrival);

struct own_row {
	const char *prefix;
	bool whole; /* the name is exactly this */
	own_service asked;
};

static const struct own_row own_rows[] = {
	{ "mmi.", false, directory_asked },
	{ TITANIC_PREFIX, false, queue_asked },
	{ CORE_OPERATORS, true, operator_asks },
};

static const struct own_row *find_own(struct slice name) {
	for (size_t i = 0; i < sizeof own_rows / sizeof own_rows[0]; i++) {
		struct slice prefix = slice_of_text(own_rows[i].prefix);
		bool fits = own_rows[i].whole ? name.size == prefix.size : name.size >= prefix.size;
		if (fits && slice_equal(slice_of(name.data, prefix.size), prefix)) {
			return &own_rows[i];
		}
	}
	return NULL;
}

bool core_service_is_the_brokers(struct slice name) {
	return find_own(name) != NULL;
}

/* ---- requests for workers ---- */

/* Why a request is not accepted, or REFUSALS. */
static enum refusal objection(struct core *core, const struct peer *peer, const struct service *service,
                              size_t bytes) {
	if (peer->requests >= (size_t)core->limits.peer_requests_max ||
	    peer->bytes + bytes > (size_t)core->limits.peer_bytes_max) {
		return REFUSE_PEER;
	}
	if (service == NULL) {
		return REFUSE_SERVICES;
	}
	if (service->waiting - service->tickets >= (size_t)core->limits.waiting_max) {
		return REFUSE_WAITING;
	}
	return core->bytes + bytes > (size_t)core->limits.bytes_max ? REFUSE_BYTES : REFUSALS;
}

/* The service that is asked for, made if need be; NULL if there are too many, or memory is out. */
static struct service *service_asked_for(struct core *core, struct slice name) {
	struct service *service = service_find(core, name);
	if (service != NULL || map_size(core->services) >= CORE_SERVICES_MAX) {
		return service;
	}
	return service_obtain(core, name);
}

static void refuse(struct core *core, const struct arrival *arrival, struct peer *peer, enum refusal refusal) {
	peer->refused++;
	refuse_arrival(core, arrival, refusal);
}

static void accept_request(struct core *core, struct arrival *arrival, struct peer *peer) {
	struct service *service = service_asked_for(core, arrival->mdp.service);
	size_t bytes = message_bytes(arrival->message) + sizeof(struct request);
	enum refusal refusal = objection(core, peer, service, bytes);
	struct request *request = NULL;
	if (refusal == REFUSALS) {
		request = request_new(core, arrival, service, peer);
		refusal = request == NULL ? REFUSE_MEMORY : REFUSALS;
	}
	if (request == NULL) {
		refuse(core, arrival, peer, refusal);
	} else {
		core->counts[CORE_REQUESTS]++;
		peer->asked++;
		if (!service_append(core, request)) {
			request_refuse(core, request, REFUSE_MEMORY);
		}
	}
	if (service != NULL) {
		service_settle(core, service);
	}
}

/* The same request once more, by a client that has waited for long or has a new connection: it is not done twice, and
 * the answer goes to where it was heard last. */
static void repeat_request(struct core *core, struct arrival *arrival, struct peer *peer, struct request *request) {
	if (!request_says_the_same(request, arrival)) {
		refuse(core, arrival, peer, REFUSE_CONFLICT);
		return;
	}
	core->counts[CORE_REPEATED]++;
	request->route = arrival->route;
}

void client_asks(struct core *core, struct arrival *arrival) {
	struct peer *peer = peer_obtain(core, arrival->key);
	const struct own_row *own = find_own(arrival->mdp.service);
	if (peer == NULL && own != NULL && own->asked == operator_asks) {
		operator_asks(core, arrival); /* who must see what goes on just then */
		return;
	}
	if (peer == NULL) {
		refuse_arrival(core, arrival, REFUSE_PEERS);
		return;
	}
	struct request *same = own == NULL ? request_repeated(core, arrival) : NULL;
	bool may_ask = peer_may_ask(core, peer);
	if (same != NULL) {
		repeat_request(core, arrival, peer, same); /* refused for its rate, it would get a second FINAL later */
	} else if (!may_ask) {
		refuse(core, arrival, peer, REFUSE_RATE);
	} else if (own != NULL) {
		own->asked(core, arrival);
	} else if (core->is_draining) {
		refuse(core, arrival, peer, REFUSE_DRAINING);
	} else {
		accept_request(core, arrival, peer);
	}
}

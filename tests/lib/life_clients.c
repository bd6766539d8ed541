/* Clients in the simulation, and what must become of what they ask. */
#include "tests/lib/life_state.h"

#define FLOODER 0 /* the client that sends crowds */

/* ---- messages ---- */

static void begin(struct post *post, enum post_kind kind, int client, int route, const char *service) {
	uint8_t routing[5] = { 'c', (uint8_t)(client >> 8), (uint8_t)client, 0, (uint8_t)route };
	*post = (struct post){ .kind = kind, .from = client, .route = route };
	message_init(&post->message);
	HOLDS(message_append(&post->message, slice_of(routing, sizeof routing)));
	HOLDS(mdp_write_client(&post->message, life_version(client, route), MDP_REQUEST, slice_of_text(service)));
}

static void append_id(struct post *post, const struct model_request *request) {
	uint8_t bytes[HEADER_MAX];
	struct slice number = slice_of(&request->number, sizeof request->number);
	if (request->has_header) {
		struct header header = { .priority = (uint8_t)request->priority, .ttl_ms = (uint32_t)request->ttl,
			                     .id = number };
		HOLDS(message_append(&post->message, slice_of(bytes, header_write(&header, bytes))));
	} else {
		HOLDS(message_append(&post->message, number));
	}
}

/* The number, a letter, and some more that follows from the number. */
static void append_body(struct post *post, const struct model_request *request) {
	uint8_t body[256] = { 0 };
	size_t size = 5 + request->number % 200;
	memcpy(body, &request->number, sizeof request->number);
	body[4] = 'q';
	if (request->has_header && request->number % 4 == 0) {
		HOLDS(message_append_text(&post->message, "one frame more"));
	}
	HOLDS(message_append(&post->message, slice_of(body, size)));
}

static void post_request(const struct model_request *request, int route) {
	struct post post;
	begin(&post, POST_REQUEST, request->client, route, life_services[request->service]);
	post.number = request->number;
	append_id(&post, request);
	append_body(&post, request);
	life_post(&post);
}

static void post_ticket(const struct model_request *request) {
	struct post post;
	begin(&post, POST_TICKET, request->client, 0, "titanic.request");
	post.number = request->number;
	append_id(&post, request);
	HOLDS(message_append_text(&post.message, life_services[request->service]));
	append_body(&post, request);
	life_post(&post);
}

static void post_of_ticket(const struct model_request *request, enum post_kind kind, int client) {
	struct post post;
	char text[TICKET_TEXT];
	begin(&post, kind, client, 0, kind == POST_FETCH ? "titanic.reply" : "titanic.close");
	post.number = request->number;
	ticket_format(request->record.id, text);
	HOLDS(message_append(&post.message, slice_of(&request->number, sizeof request->number)));
	HOLDS(message_append_text(&post.message, text));
	life_post(&post);
}

/* ---- asking ---- */

static int some_client(void) {
	return life_one_in(4) ? FLOODER : (int)life_below(CLIENTS);
}

static struct model_request *some_request(void) {
	struct model_request *request = &life.slots[(life.next_slot + SLOTS - 1 - life_below(2000)) % SLOTS];
	return request->client == 0 && request->number < SLOTS ? NULL : request;
}

static void ask_anew(bool as_ticket) {
	struct model_request *request = life_request_new();
	if (request == NULL) {
		return;
	}
	request->client = some_client();
	request->service = (int)life_below(life_one_in(20) ? SERVICES : SERVICES - 2);
	request->is_ticket = as_ticket;
	request->has_header = as_ticket || life_one_in(2);
	request->priority = request->has_header && life_one_in(3) ? PRIORITY_BATCH : PRIORITY_INTERACTIVE;
	request->ttl = request->has_header && life_one_in(10) ? 1 + life_below(4000) : 0;
	if (as_ticket) {
		post_ticket(request);
	} else {
		post_request(request, (int)life_below(2));
	}
}

/* Whoever has heard nothing asks again, perhaps by another connection; tickets are asked for, fetched and closed. */
static void ask_again(struct model_request *request) {
	if (request->is_ticket && request->record.bytes > 0 && !life_one_in(4)) {
		int client = life_one_in(10) ? some_client() : request->client;
		bool is_done = request->is_kept && request->record.state != TICKET_PENDING;
		bool closes = is_done ? life_one_in(2) : life_one_in(20);
		post_of_ticket(request, closes ? POST_CLOSE : POST_FETCH, client);
	} else if (request->is_ticket && !request->is_buried) {
		post_ticket(request);
	} else if (request->has_header && !request->is_ticket) {
		post_request(request, (int)life_below(2));
	}
}

static void ask_something_else(void) {
	struct post post;
	begin(&post, POST_DIRECTORY, (int)life_below(CLIENTS), 1, "mmi.service");
	if (life_one_in(2)) {
		post.kind = POST_GARBAGE;
		message_release(&post.message);
		uint8_t bytes[12];
		for (size_t i = 0; i < sizeof bytes; i++) {
			bytes[i] = (uint8_t)life_below(256);
		}
		uint8_t routing[5] = { 'c', 0, 1, 0, 0 };
		HOLDS(message_append(&post.message, slice_of(routing, sizeof routing)));
		HOLDS(message_append_text(&post.message, life_one_in(2) ? MDP_CLIENT : MDP_WORKER_0_1));
		HOLDS(message_append(&post.message, slice_of(bytes, life_below(sizeof bytes))));
	} else {
		HOLDS(message_append_text(&post.message, life_services[life_below(SERVICES)]));
	}
	life_post(&post);
}

void life_client_asks(void) {
	uint32_t what = life_below(100);
	if (what < 60) {
		ask_anew(false);
	} else if (what < 70) {
		ask_anew(true);
	} else if (what < 95) {
		struct model_request *request = some_request();
		if (request != NULL) {
			ask_again(request);
		}
	} else {
		ask_something_else();
	}
}

/* ---- arriving ---- */

/* A second's worth at once, and as much each second. */
bool life_may_ask(int index) {
	struct model_client *client = &life.clients[index];
	int64_t most = PEER_RATE * 1000;
	int64_t grown = client->allowance + (life.now - client->refilled) * PEER_RATE;
	client->allowance = grown < most ? grown : most;
	client->refilled = life.now;
	if (client->allowance < 1000) {
		return false;
	}
	client->allowance -= 1000;
	return true;
}

void life_deliver_as_client(struct post *post) {
	uint8_t key[TRANSPORT_KEY_SIZE];
	life_client_key(post->from, key);
	life_step(&(struct core_event){ .kind = CORE_MESSAGE, .message = &post->message, .peer_key = key });
}

static int sum_of(const int by_priority[PRIORITIES]) {
	return by_priority[PRIORITY_INTERACTIVE] + by_priority[PRIORITY_BATCH];
}

#define REFUSALS_COUNTED 6

/* How often each counter of refusals stands, in the order in which bounds are looked at. */
static void read_counters(uint64_t out[REFUSALS_COUNTED]) {
	static const enum core_counter counters[REFUSALS_COUNTED] = { CORE_REFUSED_RATE, CORE_REFUSED_DRAINING,
		CORE_REFUSED_PEER, CORE_REFUSED_SERVICES, CORE_REFUSED_WAITING, CORE_REFUSED_BYTES };
	for (size_t i = 0; i < REFUSALS_COUNTED; i++) {
		out[i] = core_count(life.core, counters[i]);
	}
}

static void new_request_arrives(struct post *post, struct model_request *request, bool may_ask) {
	int service = request->service;
	struct model_client *client = &life.clients[request->client];
	bool peer_is_full = client->requests >= PEER_REQUESTS;
	int waiting_least = sum_of(life.definite[service]) - life.definite_tickets[service];
	int waiting_most = sum_of(life.queued[service]) - life.queued_tickets[service];
	size_t bytes = core_state(life.core).bytes;
	uint64_t before[REFUSALS_COUNTED], after[REFUSALS_COUNTED];
	read_counters(before);
	request->arrived = life.now;
	request->expires = request->ttl == 0 ? INT64_MAX : life.now + request->ttl;
	client->requests++;
	life_comes(request);
	life_deliver_as_client(post);
	read_counters(after);
	bool refused = true;
	if (!may_ask) {
		HOLDS(after[0] == before[0] + 1);
	} else if (life.is_draining) {
		HOLDS(after[1] == before[1] + 1);
	} else if (peer_is_full) {
		HOLDS(after[2] == before[2] + 1);
	} else if (after[4] != before[4]) {
		HOLDS(waiting_most >= WAITING_LIMIT);
	} else if (after[5] != before[5]) {
		HOLDS(bytes > BYTES_LIMIT - 4096);
	} else {
		HOLDS(waiting_least < WAITING_LIMIT);
		HOLDS(memcmp(before, after, sizeof before) == 0);
		refused = false;
	}
	HOLDS(refused == (request->state == LIFE_OVER));
}

void life_request_arrives(struct post *post) {
	struct model_request *request = life_request(post->number);
	if (request->is_buried) {
		return; /* it is a ticket by now, and may live again as one */
	}
	bool may_ask = life_may_ask(post->from);
	request->route = post->route;
	if (life_is_under_way(request)) {
		uint64_t repeated = core_count(life.core, CORE_REPEATED);
		life_deliver_as_client(post);
		HOLDS(core_count(life.core, CORE_REPEATED) == repeated + 1);
	} else {
		new_request_arrives(post, request, may_ask);
	}
}

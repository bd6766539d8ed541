/* Any bytes as a conversation with the broker's pure core: clients, workers and operators say anything, time passes,
 * commits succeed or fail. It keeps its bounds, and holds nothing once it has stopped. */
#include <assert.h>
#include <stdlib.h>

#include "broker/core.h"
#include "tests/fuzz/wire_frames.h"

#define PART_MAX 160 /* bytes of one event */
#define TICKETS_MAX 4
#define BYTES_MAX 20000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct play {
	struct core *core;
	int64_t now_us;
	uint8_t tokens; /* each is this number, all over */
	bool has_kept;
} play;

/* ---- the core's edge ---- */

static enum error on_send(void *argument, struct message *message) {
	(void)argument;
	assert(message->count >= 3 && message_frame(message, 0).size == 1);
	uint8_t peer = message_frame(message, 0).data[0];
	if (peer == 'l') {
		return ERROR_UNREACHABLE;
	}
	if (peer == 'f') {
		return ERROR_BUSY;
	}
	message_release(message);
	return OK;
}

static void on_random(void *argument, uint8_t *out, size_t size) {
	(void)argument;
	play.tokens++;
	memset(out, play.tokens, size);
}

static bool on_allows(void *argument, const uint8_t key[TRANSPORT_KEY_SIZE], struct slice service) {
	(void)argument;
	return slice_is(service, CORE_OPERATORS) ? key[0] == 'o' : key[0] != 'c';
}

/* Whatever is asked for is listed. */
static bool on_serves(void *argument, struct slice service) {
	(void)argument;
	(void)service;
	return true;
}

static const char *on_name(void *argument, const uint8_t key[TRANSPORT_KEY_SIZE]) {
	(void)argument;
	return key[0] == 'w' ? "worker" : NULL;
}

static void on_tell(void *argument, const struct core_notice *notice) {
	(void)argument;
	assert(notice->event[0] != '\0');
}

static void on_ticket_id(void *argument, const uint8_t client[TRANSPORT_KEY_SIZE], struct slice service,
                         const struct message *message, size_t first, uint8_t out[TICKET_SIZE]) {
	(void)argument;
	(void)service;
	memset(out, client[0], TICKET_SIZE);
	out[0] = (uint8_t)message_frame(message, first).size;
}

static void on_keep(void *argument, const struct ticket_change *change) {
	(void)argument;
	assert(change->record->state >= TICKET_PENDING && change->record->state <= TICKET_DEAD);
	play.has_kept = true;
}

static enum error on_load(void *argument, const uint8_t id[TICKET_SIZE], enum ticket_part part, struct message *out) {
	(void)argument;
	(void)part;
	if (id[0] % 4 == 0) {
		return ERROR_STORE_DAMAGED;
	}
	return message_append_text(out, "stored") ? OK : ERROR_NO_MEMORY;
}

static void on_look(void *argument, struct core_surroundings *out) {
	(void)argument;
	*out = (struct core_surroundings){ .endpoint = "tcp://127.0.0.1:1" };
}

/* ---- what happens ---- */

static void step(const struct core_event *event) {
	core_step(play.core, event, play.now_us);
}

/* Frames of any form, or behind a head that is right. */
static void someone_speaks(uint8_t kind, struct slice bytes) {
	static const char peers[] = "ccwwvolf";
	char peer = peers[kind % 8];
	uint8_t key[TRANSPORT_KEY_SIZE];
	struct message rest, message;
	memset(key, peer, sizeof key);
	frames_of_bytes(&rest, bytes.data, bytes.size);
	message_init(&message);
	bool fits = message_append(&message, slice_of(&peer, 1));
	uint8_t token[MDP_TOKEN_SIZE];
	switch (kind / 8 % 8) {
	case 0:
		fits = fits && mdp_write_client(&message, MDP_0_2, MDP_REQUEST, slice_of_text("echo"));
		break;
	case 1:
		fits = fits && mdp_write_client(&message, MDP_0_1, MDP_REQUEST, slice_of_text("titanic.request"));
		break;
	case 2:
		fits = fits && mdp_write_client(&message, MDP_0_2, MDP_REQUEST, slice_of_text("titanic.reply"));
		break;
	case 3:
		fits = fits && mdp_write_client(&message, MDP_0_2, MDP_REQUEST, slice_of_text(CORE_OPERATORS));
		break;
	case 4:
		fits = fits && mdp_write_ready(&message, "echo", 1 + kind % 3);
		break;
	case 5:
		memset(token, play.tokens, sizeof token);
		fits = fits && mdp_write_worker(&message, MDP_0_2, kind % 3 == 0 ? MDP_PARTIAL : MDP_FINAL,
		                                slice_of(token, sizeof token));
		break;
	default:
		break;
	}
	for (size_t i = 0; i < rest.count && fits; i++) {
		fits = message_append_moved(&message, &rest, i);
	}
	step(&(struct core_event){ .kind = CORE_MESSAGE, .message = &message, .peer_key = key });
	message_release(&message);
	message_release(&rest);
}

static void something_happens(uint8_t kind, struct slice bytes) {
	struct failure failure;
	(void)fail(&failure, ERROR_STORE_FULL, "full");
	static const enum core_event_kind events[] = { CORE_TICK, CORE_TICK, CORE_COMMITTED, CORE_NOT_COMMITTED, CORE_GONE,
		                                           CORE_RELOADED, CORE_DRAIN };
	if (kind % 16 >= sizeof events / sizeof events[0]) {
		bool more = bytes.size > 0;
		someone_speaks(more ? bytes.data[0] : kind, slice_of(bytes.data + more, bytes.size - more));
		return;
	}
	enum core_event_kind event = events[kind % 16];
	play.now_us += event == CORE_TICK ? (int64_t)kind * 5000 : 1;
	step(&(struct core_event){ .kind = event, .failure = &failure, .routing = slice_of("w", 1) });
}

static void begin(void) {
	struct core_limits limits = {
		.heartbeat_ms = 1000, .lease_ms = 3000, .queue_ms = 2000, .backoff_ms = 100, .backoff_max_ms = 1000,
		.deliveries_max = 2, .waiting_max = 8, .bytes_max = BYTES_MAX, .peer_requests_max = 8,
		.peer_bytes_max = BYTES_MAX, .peer_rate_max = 20, .tickets_max = TICKETS_MAX, .tickets_bytes_max = 1000,
		.peer_tickets_max = TICKETS_MAX, .peer_tickets_bytes_max = 1000,
		.ticket_ms = 9000,
	};
	struct core_edge edge = { .send = on_send, .random = on_random, .allows = on_allows, .serves = on_serves,
		.name = on_name,
		.tell = on_tell, .ticket_id = on_ticket_id, .keep = on_keep, .load = on_load, .look = on_look };
	play = (struct play){ .now_us = 1000000 };
	play.core = core_new(&limits, &edge);
	assert(play.core != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	begin();
	while (size >= 2) {
		size_t part = (size_t)data[1] % PART_MAX;
		part = part < size - 2 ? part : size - 2;
		something_happens(data[0], slice_of(data + 2, part));
		data += 2 + part;
		size -= 2 + part;
		struct core_state state = core_state(play.core);
		assert(state.bytes <= BYTES_MAX + TICKETS_MAX * 1000 && state.tickets <= TICKETS_MAX);
		assert(state.tickets_bytes <= 1000);
	}
	step(&(struct core_event){ .kind = CORE_STOP });
	struct core_state state = core_state(play.core);
	assert(state.held + state.delayed + state.workers == 0 && state.waiting <= state.tickets);
	core_free(play.core);
	return 0;
}

/* The world around the core in unit tests; see broker_world.h. */
#include "tests/lib/broker_world.h"

#include <stdio.h>

#include "tests/lib/unit.h"
#include "wire/body.h"

#define SENT_MAX 64

static struct world {
	struct core *core;
	int64_t now;
	unsigned tokens;
	char sent[SENT_MAX][WORLD_TEXT_MAX]; /* what the core has sent and no test has looked at yet */
	size_t first, end;
	char lost_peer[8], full_peer[8]; /* peers to whom nothing can be sent, and why */
	char told[SENT_MAX][32]; /* words of the notices */
	size_t notices;
} world;

/* ---- frames as text ---- */

static bool is_command_text(struct slice text) {
	return text.size == 2 && text.data[0] == '0' && text.data[1] >= '1' && text.data[1] <= '6';
}

static void append_frame(struct message *message, struct slice text) {
	if (is_command_text(text)) {
		uint8_t byte = (uint8_t)(text.data[1] - '0');
		ck_assert(message_append(message, slice_of(&byte, 1)));
	} else if (text.size == 4 && text.data[0] == '#') {
		char address[MDP_TOKEN_SIZE + TRANSPORT_KEY_SIZE + 1];
		(void)snprintf(address, sizeof address, "token-000000000%c", text.data[1]);
		memset(address + MDP_TOKEN_SIZE, text.data[3], TRANSPORT_KEY_SIZE);
		ck_assert(message_append(message, slice_of(address, MDP_TOKEN_SIZE + TRANSPORT_KEY_SIZE)));
	} else {
		ck_assert(message_append(message, text));
	}
}

static void write_frames(struct message *message, const char *text) {
	for (;;) {
		const char *bar = strchr(text, '|');
		append_frame(message, bar == NULL ? slice_of_text(text) : slice_of(text, (size_t)(bar - text)));
		if (bar == NULL) {
			return;
		}
		text = bar + 1;
	}
}

static void append_refusal(char *out, size_t size, struct slice frame) {
	struct pack_document *document = pack_document_new();
	const struct pack_value *ok = NULL;
	struct failure failure = { .code = OK };
	enum error error = body_read_reply(document, frame, &ok, &failure);
	(void)snprintf(out, size, "{%s}", error_word(error));
	ck_assert_msg(failure.text[0] != '\0', "a refusal must say why");
	pack_document_free(document);
}

static void append_text(char *out, size_t size, struct slice frame) {
	if (frame.size == MDP_TOKEN_SIZE + TRANSPORT_KEY_SIZE && memcmp(frame.data, "token-", 6) == 0) {
		(void)snprintf(out, size, "#%c/%c", frame.data[MDP_TOKEN_SIZE - 1], frame.data[MDP_TOKEN_SIZE]);
	} else if (frame.size == 1 && frame.data[0] < ' ') {
		(void)snprintf(out, size, "%02x", frame.data[0]);
	} else if (frame.size > 0 && frame.data[0] == 0x81) {
		append_refusal(out, size, frame);
	} else {
		(void)snprintf(out, size, "%.*s", (int)frame.size, (const char *)frame.data);
	}
}

/* ---- the world around the core ---- */

static enum error world_send(void *argument, struct message *message) {
	(void)argument;
	if (slice_is(message_frame(message, 0), world.lost_peer)) {
		return ERROR_UNREACHABLE;
	}
	if (slice_is(message_frame(message, 0), world.full_peer)) {
		return ERROR_BUSY;
	}
	ck_assert_uint_lt(world.end, SENT_MAX);
	char *out = world.sent[world.end++];
	out[0] = '\0';
	for (size_t i = 0; i < message->count; i++) {
		size_t used = strlen(out);
		(void)snprintf(out + used, WORLD_TEXT_MAX - used, "%s", i == 0 ? "" : "|");
		used = strlen(out);
		append_text(out + used, WORLD_TEXT_MAX - used, message_frame(message, i));
	}
	message_release(message);
	return OK;
}

static void world_random(void *argument, uint8_t *out, size_t size) {
	(void)argument;
	char text[MDP_TOKEN_SIZE + 1];
	ck_assert_uint_eq(size, MDP_TOKEN_SIZE);
	world.tokens++;
	(void)snprintf(text, sizeof text, "token-000000000%c", (char)('0' + world.tokens));
	memcpy(out, text, size);
}

/* v and w may serve echo; x may serve other. */
static bool world_allows(void *argument, const uint8_t key[TRANSPORT_KEY_SIZE], struct slice service) {
	(void)argument;
	if (slice_is(service, "mmi.service")) {
		return key[0] == 'w';
	}
	return ((key[0] == 'v' || key[0] == 'w') && slice_is(service, "echo")) ||
	       (key[0] == 'x' && slice_is(service, "other"));
}

static void world_tell(void *argument, const struct core_notice *notice) {
	(void)argument;
	ck_assert_uint_lt(world.notices, SENT_MAX);
	(void)snprintf(world.told[world.notices++], sizeof world.told[0], "%s", notice->event);
}

void world_begin(int64_t waiting_max, int64_t waiting_bytes_max, int64_t deliveries_max) {
	memset(&world, 0, sizeof world);
	world.now = 1000000;
	struct core_limits limits = {
		.heartbeat_ms = WORLD_HEARTBEAT, .queue_ms = WORLD_QUEUE, .waiting_max = waiting_max,
		.waiting_bytes_max = waiting_bytes_max, .deliveries_max = deliveries_max,
	};
	struct core_edge edge = {
		.send = world_send, .random = world_random, .allows = world_allows, .tell = world_tell,
	};
	world.core = core_new(&limits, &edge);
	ck_assert_ptr_nonnull(world.core);
}

void world_end(void) {
	core_free(world.core);
}

/* ---- the words of a conversation ---- */

void says_with_key(const char *peer, char letter, const char *frames) {
	struct message message;
	uint8_t key[TRANSPORT_KEY_SIZE];
	memset(key, letter, sizeof key);
	message_init(&message);
	ck_assert(message_append_text(&message, peer));
	write_frames(&message, frames);
	struct core_event event = { .kind = CORE_MESSAGE, .message = &message, .peer_key = key };
	core_step(world.core, &event, world.now);
	message_release(&message);
}

void says(const char *peer, const char *frames) {
	says_with_key(peer, peer[0], frames);
}

void hears(const char *expected) {
	ck_assert_msg(world.first < world.end, "nothing was sent, but this was due: %s", expected);
	ck_assert_str_eq(world.sent[world.first], expected);
	world.first++;
}

void nobody_hears_more(void) {
	ck_assert_msg(world.first == world.end, "sent, though nothing was due: %s", world.sent[world.first]);
	let_pass_unheard();
}

void let_pass_unheard(void) {
	world.first = world.end = 0;
}

const char *last_heard(void) {
	return world.end == 0 ? "" : world.sent[world.end - 1];
}

static void tick(void) {
	core_step(world.core, &(struct core_event){ .kind = CORE_TICK }, world.now);
}

void world_passes(int64_t milliseconds) {
	for (int64_t until = world.now + milliseconds; world.now < until;) {
		world.now += WORLD_TICK;
		tick();
	}
}

void comes(const char *peer, const char *ready) {
	char expected[WORLD_TEXT_MAX];
	(void)snprintf(expected, sizeof expected, "%s|MDPW02|05", peer);
	says(peer, ready);
	hears(expected);
}

void world_stands_still(int64_t milliseconds) {
	world.now += milliseconds;
	tick();
}

void world_stops(void) {
	core_step(world.core, &(struct core_event){ .kind = CORE_STOP }, world.now);
}

void is_lost(const char *peer) {
	(void)snprintf(world.lost_peer, sizeof world.lost_peer, "%s", peer);
}

void is_full(const char *peer) {
	(void)snprintf(world.full_peer, sizeof world.full_peer, "%s", peer);
}

uint64_t count_of(enum core_counter counter) {
	return core_count(world.core, counter);
}

struct core_state state_now(void) {
	return core_state(world.core);
}

unsigned times_told(const char *event) {
	unsigned times = 0;
	for (size_t i = 0; i < world.notices; i++) {
		times += strcmp(world.told[i], event) == 0;
	}
	return times;
}

void core_keeps_nothing(void) {
	struct core_state state = state_now();
	ck_assert_uint_eq(state.waiting + state.held + state.bytes, 0);
}

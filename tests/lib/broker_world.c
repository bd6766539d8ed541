/* The world around the core in unit tests; see broker_world.h. */
#include "tests/lib/broker_world.h"

#include <stdio.h>

#include "base/buffer.h"
#include "tests/lib/paper_queue.h"
#include "tests/lib/unit.h"
#include "tests/lib/world_frames.h"
#include "wire/body.h"

#define SENT_MAX 320
#define TOLD_MAX 320
#define TICKETS_MAX 9
#define BEGINS_MS 1000000

static struct world {
	struct core *core;
	struct core_limits limits;
	struct paper_queue *queue;
	int64_t now; /* milliseconds */
	unsigned tokens;
	char sent[SENT_MAX][WORLD_TEXT_MAX]; /* what the core has sent and no test has looked at yet */
	size_t first, end;
	struct buffer body; /* the last frame of what was sent last */
	unsigned retry;
	char lost_peer[8], full_peer[8]; /* peers to whom nothing can be sent, and why */
	char forbidden; /* a letter whose keys may do nothing */
	char told[TOLD_MAX][32]; /* words of the notices */
	size_t notices;
	struct histogram commit_us;
	struct buffer named[TICKETS_MAX]; /* what the tickets are for: equal ones have the same number */
	unsigned tickets;
} world;

/* ---- the core's edge ---- */

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
		world_append_text(out, WORLD_TEXT_MAX, message_frame(message, i), &world.retry);
	}
	buffer_clear(&world.body);
	ck_assert(buffer_append_slice(&world.body, message_frame(message, message->count - 1)));
	message_release(message);
	return OK;
}

/* Tokens in a row; two bytes are for jitter, and in the middle of its range. */
static void world_random(void *argument, uint8_t *out, size_t size) {
	(void)argument;
	if (size == MDP_TOKEN_SIZE) {
		world.tokens++;
		world_token(world.tokens, out);
	} else {
		ck_assert_uint_eq(size, 2);
		out[0] = 0x80;
		out[1] = 0;
	}
}

static bool world_allows(void *argument, const uint8_t key[TRANSPORT_KEY_SIZE], struct slice service) {
	(void)argument;
	static const struct { const char *letters, *service; } rows[] = {
		{ "vw", "echo" }, { "x", "other" }, { "w", "mmi.service" }, { "o", CORE_OPERATORS },
		{ "y", "a\"b\\c" },
	};
	bool allowed = false;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		allowed = allowed || (strchr(rows[i].letters, key[0]) != NULL && slice_is(service, rows[i].service));
	}
	return allowed && key[0] != (uint8_t)world.forbidden;
}

/* Any service could be listed, but for one. */
static bool world_serves(void *argument, struct slice service) {
	(void)argument;
	return !slice_is(service, "unserved");
}

static const char *world_name(void *argument, const uint8_t key[TRANSPORT_KEY_SIZE]) {
	(void)argument;
	return key[0] == 'w' ? "worker-w" : NULL;
}

static void world_tell(void *argument, const struct core_notice *notice) {
	(void)argument;
	ck_assert_uint_lt(world.notices, TOLD_MAX);
	(void)snprintf(world.told[world.notices++], sizeof world.told[0], "%s", notice->event);
}

static void world_ticket_id(void *argument, const uint8_t client[TRANSPORT_KEY_SIZE], struct slice service,
                            const struct message *message, size_t first, uint8_t out[TICKET_SIZE]) {
	(void)argument;
	struct buffer *name = &world.named[world.tickets];
	ck_assert_uint_lt(world.tickets, TICKETS_MAX);
	buffer_init(name, 4096);
	ck_assert(buffer_append(name, client, 1) && buffer_append_slice(name, service));
	for (size_t i = first; i < message->count; i++) {
		ck_assert(buffer_append_text(name, "|") && buffer_append_slice(name, message_frame(message, i)));
	}
	unsigned number = 0;
	while (!slice_equal(buffer_slice(&world.named[number]), buffer_slice(name))) {
		number++;
	}
	if (number == world.tickets) {
		world.tickets++;
	} else {
		buffer_release(name);
	}
	world_ticket(number + 1, out);
}

static void world_keep(void *argument, const struct ticket_change *change) {
	(void)argument;
	paper_queue_keep(world.queue, change);
}

static enum error world_load(void *argument, const uint8_t id[TICKET_SIZE], enum ticket_part part,
                             struct message *out) {
	(void)argument;
	return paper_queue_load(world.queue, id, part, out);
}

static void world_look(void *argument, struct core_surroundings *out) {
	(void)argument;
	*out = (struct core_surroundings){ .endpoint = "tcp://127.0.0.1:7787", .started = BEGINS_MS, .connections = 3,
		.memory = 4096, .memory_max = 8192, .commit_us = &world.commit_us };
}

/* ---- beginning and end ---- */

struct core_limits world_limits(void) {
	return (struct core_limits){
		.heartbeat_ms = WORLD_HEARTBEAT, .lease_ms = WORLD_LEASE, .queue_ms = WORLD_QUEUE,
		.backoff_ms = WORLD_BACKOFF, .backoff_max_ms = WORLD_BACKOFF_MAX, .deliveries_max = 5,
		.waiting_max = 1000, .bytes_max = 1000000, .peer_requests_max = 1000, .peer_bytes_max = 1000000,
		.peer_rate_max = 1000, .tickets_max = 100, .tickets_bytes_max = 100000,
		.peer_tickets_max = 100, .peer_tickets_bytes_max = 100000, .ticket_ms = WORLD_TICKET,
	};
}

static void make_core(void) {
	struct core_edge edge = {
		.send = world_send, .random = world_random, .allows = world_allows, .serves = world_serves,
		.name = world_name, .tell = world_tell,
		.ticket_id = world_ticket_id, .keep = world_keep, .load = world_load, .look = world_look,
	};
	world.core = core_new(&world.limits, &edge);
	ck_assert_ptr_nonnull(world.core);
}

void world_begin(const struct core_limits *limits) {
	memset(&world, 0, sizeof world);
	world.now = BEGINS_MS;
	world.limits = limits == NULL ? world_limits() : *limits;
	world.queue = paper_queue_new();
	buffer_init(&world.body, BODY_MAX);
	make_core();
}

void world_end(void) {
	core_free(world.core);
	paper_queue_free(world.queue);
	buffer_release(&world.body);
	for (unsigned i = 0; i < world.tickets; i++) {
		buffer_release(&world.named[i]);
	}
}

void world_begins_anew(const struct core_limits *limits) {
	world_end();
	world_begin(limits);
}

static void step(const struct core_event *event) {
	core_step(world.core, event, world.now * 1000);
}

/* ---- the words of a conversation ---- */

static void deliver(const char *peer, char letter, const char *frames, const struct slice *body) {
	struct message message;
	uint8_t key[TRANSPORT_KEY_SIZE];
	memset(key, letter, sizeof key);
	message_init(&message);
	ck_assert(message_append_text(&message, peer));
	world_write_frames(&message, frames);
	ck_assert(body == NULL || message_append(&message, *body));
	step(&(struct core_event){ .kind = CORE_MESSAGE, .message = &message, .peer_key = key });
	message_release(&message);
}

void says_with_key(const char *peer, char letter, const char *frames) {
	deliver(peer, letter, frames, NULL);
}

void says(const char *peer, const char *frames) {
	deliver(peer, peer[0], frames, NULL);
}

void says_body(const char *peer, const char *frames, struct slice body) {
	deliver(peer, peer[0], frames, &body);
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

struct slice last_body(void) {
	return buffer_slice(&world.body);
}

unsigned last_retry(void) {
	return world.retry;
}

void comes(const char *peer, const char *ready) {
	char expected[WORLD_TEXT_MAX];
	bool is_old = ready[0] == '|';
	(void)snprintf(expected, sizeof expected, "%s|%s", peer, is_old ? "|MDPW01|04" : "MDPW02|05");
	says(peer, ready);
	hears(expected);
}

void is_lost(const char *peer) {
	(void)snprintf(world.lost_peer, sizeof world.lost_peer, "%s", peer);
}

void is_full(const char *peer) {
	(void)snprintf(world.full_peer, sizeof world.full_peer, "%s", peer);
}

void hangs_up(const char *peer) {
	step(&(struct core_event){ .kind = CORE_GONE, .routing = slice_of_text(peer) });
}

void is_forbidden(char letter) {
	world.forbidden = letter;
	step(&(struct core_event){ .kind = CORE_RELOADED });
}

/* ---- time, disk, end ---- */

static void tick(void) {
	step(&(struct core_event){ .kind = CORE_TICK });
}

void world_passes(int64_t milliseconds) {
	for (int64_t until = world.now + milliseconds; world.now < until;) {
		world.now += WORLD_TICK;
		tick();
	}
}

void world_stands_still(int64_t milliseconds) {
	world.now += milliseconds;
	tick();
}

bool world_commits(void) {
	bool any = paper_queue_has_changes(world.queue);
	paper_queue_commit(world.queue);
	if (any) {
		histogram_add(&world.commit_us, WORLD_COMMIT_US);
		step(&(struct core_event){ .kind = CORE_COMMITTED });
	}
	return any;
}

bool world_cannot_commit(void) {
	struct failure failure;
	(void)fail(&failure, ERROR_STORE_FULL, "the disk is full");
	bool any = paper_queue_has_changes(world.queue);
	paper_queue_fail(world.queue);
	if (any) {
		step(&(struct core_event){ .kind = CORE_NOT_COMMITTED, .failure = &failure });
	}
	return any;
}

static void restore(void *argument, const struct ticket_record *record) {
	(void)argument;
	step(&(struct core_event){ .kind = CORE_RESTORE, .ticket = record });
}

void world_restarts(void) {
	core_free(world.core);
	paper_queue_crash(world.queue);
	make_core();
	paper_queue_restore(world.queue, restore, NULL);
}

void world_damages_first_ticket(void) {
	uint8_t id[TICKET_SIZE];
	world_ticket(1, id);
	paper_queue_damage(world.queue, id, TICKET_REQUEST);
}

void world_drains(void) {
	step(&(struct core_event){ .kind = CORE_DRAIN });
}

void world_stops(void) {
	step(&(struct core_event){ .kind = CORE_STOP });
}

/* ---- what is there ---- */

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
	ck_assert_uint_eq(state.waiting + state.delayed + state.held + state.bytes, 0);
}

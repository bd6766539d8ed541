/* The broker's core over a bare ROUTER without CURVE, in the loop that broker/shell.c has; see middle.h.
 *
 * A client's key is its routing id. Nothing is durable here, and every key may serve. */
#include <errno.h>
#include <zmq.h>

#include "base/clock.h"
#include "base/entropy.h"
#include "broker/core.h"
#include "tests/bench/child.h"
#include "tests/bench/middle.h"
#include "tests/lib/stop.h"
#include "wire/link_state.h"

#define IO_THREADS 2
#define TICK_MS 50
#define MESSAGES_PER_WAKE 1000
#define RANDOM_POOL 4096
#define MANY 1000000

struct loop {
	void *socket;
	struct core *core;
	uint8_t random[RANDOM_POOL];
	size_t random_left;
};

static enum error send_message(void *argument, struct message *message) {
	struct loop *loop = argument;
	if (!wire_give_frame(loop->socket, &message->frames[0], message->count > 1)) {
		return errno == EAGAIN ? ERROR_BUSY : ERROR_UNREACHABLE;
	}
	wire_give(loop->socket, message, 1);
	message_release(message);
	return OK;
}

static void fill_random(void *argument, uint8_t *out, size_t size) {
	struct loop *loop = argument;
	if (size > loop->random_left) {
		entropy_fill(loop->random, sizeof loop->random);
		loop->random_left = sizeof loop->random;
	}
	loop->random_left -= size;
	memcpy(out, loop->random + loop->random_left, size);
	explicit_bzero(loop->random + loop->random_left, size);
}

/* Whatever is asked for is listed. */
static bool serves(void *argument, struct slice service) {
	(void)argument;
	(void)service;
	return true;
}

static bool allows(void *argument, const uint8_t key[TRANSPORT_KEY_SIZE], struct slice service) {
	(void)argument;
	(void)key;
	(void)service;
	return true;
}

static const char *name_of(void *argument, const uint8_t key[TRANSPORT_KEY_SIZE]) {
	(void)argument;
	(void)key;
	return NULL;
}

static void tell(void *argument, const struct core_notice *notice) {
	(void)argument;
	(void)notice;
}

static int64_t now_us(void) {
	return clock_nanoseconds() / 1000;
}

static bool take_one(struct loop *loop, int64_t now) {
	struct message message;
	message_init(&message);
	bool taken = wire_take(loop->socket, &message, NULL) == OK;
	if (taken) {
		uint8_t key[TRANSPORT_KEY_SIZE] = { 0 };
		struct slice routing = message_frame(&message, 0);
		memcpy(key, routing.data, routing.size < sizeof key ? routing.size : sizeof key);
		core_step(loop->core, &(struct core_event){ .kind = CORE_MESSAGE, .message = &message, .peer_key = key }, now);
	}
	message_release(&message);
	return taken;
}

static _Noreturn void run(struct loop *loop) {
	int64_t next_tick = clock_milliseconds();
	int taken = 0;
	for (;;) {
		int64_t now = clock_milliseconds();
		if (taken < MESSAGES_PER_WAKE && now < next_tick) {
			zmq_pollitem_t item = { .socket = loop->socket, .events = ZMQ_POLLIN };
			(void)zmq_poll(&item, 1, next_tick - now);
		}
		int64_t begin = now_us();
		for (taken = 0; taken < MESSAGES_PER_WAKE && take_one(loop, begin); taken++) {
		}
		if (clock_milliseconds() >= next_tick) {
			core_step(loop->core, &(struct core_event){ .kind = CORE_TICK }, now_us());
			next_tick = clock_milliseconds() + TICK_MS;
		}
	}
}

void core_loop(void *ignored, int saying) {
	(void)ignored;
	static const struct core_limits limits = {
		.heartbeat_ms = 1000, .lease_ms = 30000, .queue_ms = 3000, .backoff_ms = 100, .backoff_max_ms = 10000,
		.deliveries_max = 5, .waiting_max = MANY, .bytes_max = INT32_MAX, .peer_requests_max = MANY,
		.peer_bytes_max = INT32_MAX, .peer_rate_max = MANY, .tickets_max = 1, .tickets_bytes_max = 1,
		.peer_tickets_max = 1, .ticket_ms = 1,
	};
	struct loop loop = { .random_left = 0 };
	struct core_edge edge = { .argument = &loop, .send = send_message, .random = fill_random, .allows = allows,
		                      .serves = serves, .name = name_of, .tell = tell };
	char endpoint[SOCKET_ENDPOINT_MAX] = "";
	void *context = zmq_ctx_new();
	must_zmq(zmq_ctx_set(context, ZMQ_IO_THREADS, IO_THREADS), "threads");
	loop.socket = socket_bind(context, ZMQ_ROUTER, NULL, endpoint);
	socket_set_number(loop.socket, ZMQ_ROUTER_MANDATORY, 1);
	loop.core = core_new(&limits, &edge);
	if (loop.core == NULL) {
		stop("out of memory");
	}
	child_say(saying, endpoint, sizeof endpoint);
	run(&loop);
}

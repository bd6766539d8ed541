/* The other side for the tests of wire/: a ROUTER on a free port, whose every move the test scripts. */
#ifndef TROTH_TESTS_UNIT_WIRE_PEER_H
#define TROTH_TESTS_UNIT_WIRE_PEER_H

#include "base/clock.h"
#include "tests/unit/wire_hex.h"
#include "wire/link.h"

#define PATIENCE_MS 10000 /* for what must happen; nothing waits this long in a test that passes */

struct peer {
	struct wire *wire;
	struct link *link;
	struct identity identity;
	uint8_t last_key[TRANSPORT_KEY_SIZE]; /* of the sender of the last message */
};

static inline void peer_open(struct peer *peer, const char *endpoint, link_admits admits, void *argument) {
	struct failure failure = { 0 };
	ck_assert_int_eq(identity_make(&peer->identity, &failure), OK);
	peer->wire = wire_new(1);
	ck_assert_ptr_nonnull(peer->wire);
	enum error error = link_bind(peer->wire, endpoint, &peer->identity, admits, argument, NULL, &peer->link, &failure);
	ck_assert_msg(error == OK, "%s", failure.text);
}

static inline void peer_close(struct peer *peer) {
	link_free(peer->link);
	wire_free(peer->wire);
	*peer = (struct peer){ 0 };
}

/* Waits at most `wait_ms` for a message, and answers ZAP meanwhile. */
static inline bool peer_takes(struct peer *peer, struct message *message, int64_t wait_ms) {
	int64_t until = clock_milliseconds() + wait_ms;
	while (link_receive(peer->link, message, peer->last_key) != OK) {
		int64_t left = until - clock_milliseconds();
		if (left <= 0) {
			return false;
		}
		(void)wire_wait(peer->wire, &peer->link, 1, -1, left);
	}
	return true;
}

/* Sends frames in hex to whoever has this routing id. */
static inline enum error peer_sends(struct peer *peer, struct slice routing_id, const char *hex) {
	struct message message;
	message_init(&message);
	ck_assert(message_append(&message, routing_id));
	message_append_hex(&message, hex);
	enum error error = link_send(peer->link, &message);
	message_release(&message);
	return error;
}

#endif

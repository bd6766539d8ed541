/* Links over real sockets: who gets in, what is bounded, what is thrown away, and that the link lives on. */
#include <errno.h>
#include <unistd.h>
#include <zmq.h>

#include "base/log.h"
#include "tests/unit/wire_peer.h"

#define REFUSED_MS 400 /* how long a connection that must fail is watched */

static struct peer peer;
static struct wire *wire; /* of the connecting side */
static struct identity identity;
static struct message message;
static struct failure failure;
static bool is_admitted;
static unsigned asked;

static bool admits(void *argument, const uint8_t key[TRANSPORT_KEY_SIZE]) {
	ck_assert_ptr_eq(argument, &is_admitted);
	ck_assert_int_eq(memcmp(key, identity.public_key, TRANSPORT_KEY_SIZE), 0);
	asked++;
	return is_admitted;
}

static void set_up(void) {
	log_configure("test", LOG_ERROR, LOG_LOGFMT);
	message_init(&message);
	is_admitted = true;
	asked = 0;
	ck_assert_int_eq(identity_make(&identity, &failure), OK);
	peer_open(&peer, "tcp://127.0.0.1:*", admits, &is_admitted);
	wire = wire_new(1);
	ck_assert_ptr_nonnull(wire);
}

static void tear_down(void) {
	message_release(&message);
	peer_close(&peer);
	wire_free(wire);
}

static struct link *connected(const uint8_t *server_key) {
	struct link *link = NULL;
	enum error error = link_connect(wire, link_endpoint(peer.link), server_key, &identity, &link, &failure);
	ck_assert_msg(error == OK, "%s", failure.text);
	return link;
}

static enum error send_hex(struct link *link, const char *hex) {
	struct message out;
	message_init(&out);
	message_append_hex(&out, hex);
	enum error error = link_send(link, &out);
	ck_assert_uint_eq(out.count == 0, error == OK);
	message_release(&out);
	return error;
}

/* Sends as soon as the connection stands, while the peer answers ZAP. False if it does not within `wait_ms`. */
static bool sends(struct link *link, const char *hex, int64_t wait_ms) {
	int64_t until = clock_milliseconds() + wait_ms;
	while (send_hex(link, hex) != OK) {
		if (clock_milliseconds() > until) {
			return false;
		}
		(void)wire_wait(peer.wire, &peer.link, 1, -1, 5);
		(void)wire_wait(wire, &link, 1, -1, 5);
	}
	return true;
}

/* Waits for a message on a connected link. */
static bool takes(struct link *link, int64_t wait_ms) {
	return link_receive(link, &message, NULL) == OK ||
	       (wire_wait(wire, &link, 1, -1, wait_ms) && link_receive(link, &message, NULL) == OK);
}

static struct slice routing_id(void) {
	return message_frame(&message, 0);
}

/* ---- the way in ---- */

START_TEST(frames_go_both_ways_with_the_key_of_the_sender) {
	struct link *link = connected(peer.identity.public_key);
	ck_assert(sends(link, "61||62", PATIENCE_MS));
	ck_assert(peer_takes(&peer, &message, PATIENCE_MS));
	check_frames(&message, 1, "61||62");
	ck_assert_int_eq(memcmp(peer.last_key, identity.public_key, TRANSPORT_KEY_SIZE), 0);
	ck_assert_uint_eq(asked, 2); /* at the handshake and for the message */
	ck_assert_int_eq(peer_sends(&peer, routing_id(), "63|64"), OK);
	ck_assert(takes(link, PATIENCE_MS));
	check_frames(&message, 0, "63|64");
	link_free(link);
}
END_TEST

/* True if a connection with this key of the server comes about and lets one message through. */
static bool gets_in(const uint8_t *server_key, int64_t wait_ms) {
	struct link *link = connected(server_key);
	bool got_in = sends(link, "61", wait_ms) && peer_takes(&peer, &message, wait_ms);
	link_free(link);
	return got_in;
}

START_TEST(a_key_that_is_not_admitted_gets_nothing) {
	is_admitted = false;
	ck_assert(!gets_in(peer.identity.public_key, REFUSED_MS));
	ck_assert_uint_gt(asked, 0);
	is_admitted = true;
	ck_assert(gets_in(peer.identity.public_key, PATIENCE_MS));
}
END_TEST

START_TEST(who_does_not_know_the_servers_key_gets_nothing) {
	ck_assert(!gets_in(identity.public_key, REFUSED_MS));
	ck_assert_uint_eq(asked, 0);
	ck_assert(gets_in(peer.identity.public_key, PATIENCE_MS));
}
END_TEST

/* A socket that link_connect would not make. */
static void *raw_dealer(void *context, const char *chosen_id, bool with_curve) {
	const int now = 0, one = 1;
	void *raw = zmq_socket(context, ZMQ_DEALER);
	ck_assert_ptr_nonnull(raw);
	ck_assert_int_eq(zmq_setsockopt(raw, ZMQ_LINGER, &now, sizeof now), 0);
	ck_assert_int_eq(zmq_setsockopt(raw, ZMQ_IMMEDIATE, &one, sizeof one), 0);
	if (chosen_id != NULL) {
		ck_assert_int_eq(zmq_setsockopt(raw, ZMQ_ROUTING_ID, chosen_id, strlen(chosen_id)), 0);
	}
	if (with_curve) {
		ck_assert_int_eq(zmq_setsockopt(raw, ZMQ_CURVE_SERVERKEY, peer.identity.public_key, TRANSPORT_KEY_SIZE), 0);
		ck_assert_int_eq(zmq_setsockopt(raw, ZMQ_CURVE_PUBLICKEY, identity.public_key, TRANSPORT_KEY_SIZE), 0);
		ck_assert_int_eq(zmq_setsockopt(raw, ZMQ_CURVE_SECRETKEY, identity.secret_key, TRANSPORT_KEY_SIZE), 0);
	}
	ck_assert_int_eq(zmq_connect(raw, link_endpoint(peer.link)), 0);
	return raw;
}

/* Sends as soon as the connection stands; false if it does not. */
static bool raw_sends(void *raw, const void *data, size_t size, int flags, int64_t wait_ms) {
	int64_t until = clock_milliseconds() + wait_ms;
	while (zmq_send(raw, data, size, flags | ZMQ_DONTWAIT) < 0) {
		ck_assert_int_eq(errno, EAGAIN);
		if (clock_milliseconds() > until) {
			return false;
		}
		(void)wire_wait(peer.wire, &peer.link, 1, -1, 5);
	}
	return true;
}

START_TEST(a_peer_without_curve_gets_nothing) {
	void *context = zmq_ctx_new();
	void *raw = raw_dealer(context, NULL, false);
	ck_assert(!raw_sends(raw, "x", 1, 0, REFUSED_MS));
	ck_assert(!peer_takes(&peer, &message, 50));
	ck_assert_uint_eq(asked, 0);
	ck_assert(gets_in(peer.identity.public_key, PATIENCE_MS));
	ck_assert_int_eq(zmq_close(raw), 0);
	ck_assert_int_eq(zmq_ctx_term(context), 0);
}
END_TEST

static const char *const chosen_ids[] = { "admin", "a", "much longer than five bytes" };

START_TEST(a_peer_that_chose_its_routing_id_is_not_heard) {
	void *context = zmq_ctx_new();
	void *raw = raw_dealer(context, chosen_ids[_i], true);
	ck_assert(raw_sends(raw, "chosen", 6, 0, PATIENCE_MS));
	ck_assert(!peer_takes(&peer, &message, 100));
	ck_assert(gets_in(peer.identity.public_key, PATIENCE_MS));
	check_frames(&message, 1, "61");
	ck_assert_int_eq(zmq_close(raw), 0);
	ck_assert_int_eq(zmq_ctx_term(context), 0);
}
END_TEST

/* ---- bounds ---- */

START_TEST(the_longest_frame_passes_and_a_longer_one_cuts_the_connection) {
	static uint8_t bytes[LINK_FRAME_MAX + 1];
	struct link *link = connected(peer.identity.public_key);
	ck_assert(sends(link, "61", PATIENCE_MS));
	ck_assert(peer_takes(&peer, &message, PATIENCE_MS));
	struct message out;
	message_init(&out);
	ck_assert(message_append(&out, slice_of(bytes, LINK_FRAME_MAX)));
	ck_assert_int_eq(link_send(link, &out), OK);
	ck_assert(peer_takes(&peer, &message, PATIENCE_MS));
	ck_assert_uint_eq(message_frame(&message, 1).size, LINK_FRAME_MAX);
	struct message first;
	message_init(&first);
	message_move(&first, &message);

	ck_assert(message_append(&out, slice_of(bytes, LINK_FRAME_MAX + 1)));
	ck_assert_int_eq(link_send(link, &out), OK);
	ck_assert(!peer_takes(&peer, &message, 200));
	ck_assert_int_eq(peer_sends(&peer, message_frame(&first, 0), "62"), ERROR_UNREACHABLE);
	ck_assert(gets_in(peer.identity.public_key, PATIENCE_MS));
	message_release(&first);
	link_free(link);
}
END_TEST

START_TEST(a_message_of_ten_thousand_frames_is_thrown_away_and_the_link_lives_on) {
	void *context = zmq_ctx_new();
	void *raw = raw_dealer(context, NULL, true);
	for (int i = 0; i < 10000; i++) {
		/* Each frame could be a routing id, if what is left over were taken for a message of its own. */
		ck_assert(raw_sends(raw, "\0\1\2\3\4", 5, i < 9999 ? ZMQ_SNDMORE : 0, PATIENCE_MS));
	}
	ck_assert(raw_sends(raw, "next", 4, 0, PATIENCE_MS));
	int64_t until = clock_milliseconds() + PATIENCE_MS;
	enum error error = ERROR_NOT_FOUND;
	while (error == ERROR_NOT_FOUND && clock_milliseconds() < until) {
		(void)wire_wait(peer.wire, &peer.link, 1, -1, 100);
		error = link_receive(peer.link, &message, NULL);
	}
	ck_assert_int_eq(error, ERROR_TOO_LONG);
	ck_assert_uint_eq(message.count, 1);
	ck_assert(peer_takes(&peer, &message, PATIENCE_MS));
	check_frames(&message, 1, "6e657874");
	ck_assert_int_eq(zmq_close(raw), 0);
	ck_assert_int_eq(zmq_ctx_term(context), 0);
}
END_TEST

START_TEST(as_many_frames_as_allowed_pass_and_one_more_does_not) {
	struct link *link = connected(peer.identity.public_key);
	ck_assert(sends(link, "01|02|03|04|05|06|07|08|09|0a|0b", PATIENCE_MS));
	ck_assert(sends(link, "01|02|03|04|05|06|07|08|09|0a|0b|0c", PATIENCE_MS));
	ck_assert(peer_takes(&peer, &message, PATIENCE_MS));
	ck_assert_uint_eq(message.count, MESSAGE_FRAMES_MAX);
	ck_assert(wire_wait(peer.wire, &peer.link, 1, -1, PATIENCE_MS));
	ck_assert_int_eq(link_receive(peer.link, &message, NULL), ERROR_TOO_LONG);
	ck_assert_int_eq(peer_sends(&peer, routing_id(), "00|01|02|03|04|05|06|07|08|09|0a"), OK);
	ck_assert(takes(link, PATIENCE_MS));
	link_free(link);
}
END_TEST

START_TEST(sending_to_nobody_says_so_and_keeps_the_message) {
	struct message out;
	message_init(&out);
	message_append_hex(&out, "0011223344|61");
	ck_assert_int_eq(link_send(peer.link, &out), ERROR_UNREACHABLE);
	check_frames(&out, 0, "0011223344|61");
	message_release(&out);
}
END_TEST

START_TEST(a_peer_that_does_not_read_makes_the_link_busy_not_silent) {
	struct link *link = connected(peer.identity.public_key);
	ck_assert(sends(link, "61", PATIENCE_MS));
	ck_assert(peer_takes(&peer, &message, PATIENCE_MS));
	static const uint8_t bytes[65536];
	struct message out;
	message_init(&out);
	enum error error = OK;
	size_t sent = 0;
	for (; error == OK && sent < 100000; sent++) {
		message_release(&out);
		ck_assert(message_append_shared(&out, &message, 0) && message_append(&out, slice_of(bytes, 8192)));
		error = link_send(peer.link, &out);
	}
	ck_assert_int_eq(error, ERROR_BUSY);
	ck_assert_uint_eq(out.count, 2);
	message_release(&out);
	link_free(link);
}
END_TEST

/* ---- opening and waiting ---- */

START_TEST(a_taken_port_and_a_wrong_endpoint_are_refused) {
	struct wire *other = wire_new(1);
	struct link *link = NULL;
	ck_assert_int_eq(link_bind(other, link_endpoint(peer.link), &identity, NULL, NULL, NULL, &link, &failure),
	                 ERROR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(failure.text, link_endpoint(peer.link)));
	ck_assert_ptr_nonnull(strstr(failure.text, "in use"));
	ck_assert_ptr_null(link);
	ck_assert_int_eq(link_bind(other, "inproc://x", &identity, NULL, NULL, NULL, &link, &failure), ERROR_BAD_VALUE);
	ck_assert_int_eq(link_connect(other, "inproc://x", identity.public_key, &identity, &link, &failure),
	                 ERROR_BAD_VALUE);
	ck_assert_int_eq(link_bind(other, "tcp://127.0.0.1:*", &identity, NULL, NULL, NULL, &link, &failure), OK);
	link_free(link);
	wire_free(other);
}
END_TEST

START_TEST(waiting_ends_for_a_descriptor_and_after_its_time) {
	int ends[2];
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert(!wire_wait(peer.wire, &peer.link, 1, ends[0], 0));
	int64_t before = clock_milliseconds();
	ck_assert(!wire_wait(peer.wire, &peer.link, 1, ends[0], 30));
	ck_assert_int_ge(clock_milliseconds() - before, 30);
	ck_assert_int_eq((int)write(ends[1], "x", 1), 1);
	ck_assert(wire_wait(peer.wire, &peer.link, 1, ends[0], PATIENCE_MS));
	ck_assert(wire_wait(peer.wire, NULL, 0, ends[0], PATIENCE_MS));
	(void)close(ends[0]);
	(void)close(ends[1]);
}
END_TEST

START_TEST(waiting_ends_when_a_full_link_has_room) {
	struct link *link = connected(peer.identity.public_key);
	enum error error = OK;
	for (size_t sent = 0; error == OK && sent < 100000; sent++) { /* not connected yet: all of it waits here */
		error = send_hex(link, "61");
	}
	ck_assert_int_eq(error, ERROR_BUSY);
	bool room = false;
	int64_t until = clock_milliseconds() + PATIENCE_MS;
	while (!room && clock_milliseconds() < until) {
		while (peer_takes(&peer, &message, 5)) {
			continue;
		}
		room = wire_wait(wire, &link, 1, -1, 5);
	}
	ck_assert(room);
	ck_assert_int_eq(send_hex(link, "61"), OK);
	ck_assert(!wire_wait(wire, &link, 1, -1, 0));
	link_free(link);
}
END_TEST

int main(void) {
	TCase *way_in = tcase_create("way in");
	tcase_add_checked_fixture(way_in, set_up, tear_down);
	tcase_add_test(way_in, frames_go_both_ways_with_the_key_of_the_sender);
	tcase_add_test(way_in, a_key_that_is_not_admitted_gets_nothing);
	tcase_add_test(way_in, who_does_not_know_the_servers_key_gets_nothing);
	tcase_add_test(way_in, a_peer_without_curve_gets_nothing);
	tcase_add_loop_test(way_in, a_peer_that_chose_its_routing_id_is_not_heard, 0,
	                    (int)(sizeof chosen_ids / sizeof chosen_ids[0]));
	TCase *bounds = tcase_create("bounds");
	tcase_add_checked_fixture(bounds, set_up, tear_down);
	tcase_set_timeout(bounds, 60);
	tcase_add_test(bounds, the_longest_frame_passes_and_a_longer_one_cuts_the_connection);
	tcase_add_test(bounds, a_message_of_ten_thousand_frames_is_thrown_away_and_the_link_lives_on);
	tcase_add_test(bounds, as_many_frames_as_allowed_pass_and_one_more_does_not);
	tcase_add_test(bounds, sending_to_nobody_says_so_and_keeps_the_message);
	tcase_add_test(bounds, a_peer_that_does_not_read_makes_the_link_busy_not_silent);
	TCase *waiting = tcase_create("opening and waiting");
	tcase_add_checked_fixture(waiting, set_up, tear_down);
	tcase_add_test(waiting, a_taken_port_and_a_wrong_endpoint_are_refused);
	tcase_add_test(waiting, waiting_ends_for_a_descriptor_and_after_its_time);
	tcase_add_test(waiting, waiting_ends_when_a_full_link_has_room);
	Suite *suite = suite_create("wire link");
	suite_add_tcase(suite, way_in);
	suite_add_tcase(suite, bounds);
	suite_add_tcase(suite, waiting);
	return unit_run(suite);
}

/* The watch over a bound link's peers, with real sockets: who is cut off and counted, who is not, who is gone. */
#include <unistd.h>
#include <zmq.h>

#include "base/log.h"
#include "tests/lib/hostile.h"
#include "tests/unit/wire_peer.h"

#define UNREAD_MAX (1 << 20)
#define FRAME_SIZE 24576 /* a large request */
#define REQUESTS 1000
#define PEERS_MAX 8

static struct wire *wire;
static struct link *link_;
static struct identity server, client;
static struct foreign_target target;
static struct message message;
static struct failure failure;
static void *context;
static void *dealers[PEERS_MAX];
static size_t dealer_count;
static bool is_admitted;
static uint8_t big[FRAME_SIZE];

static bool admits(void *argument, const uint8_t key[TRANSPORT_KEY_SIZE]) {
	(void)argument;
	return is_admitted || memcmp(key, client.public_key, TRANSPORT_KEY_SIZE) != 0;
}

static void begin(struct link_bounds bounds) {
	log_configure("test", LOG_ERROR, LOG_LOGFMT);
	message_init(&message);
	is_admitted = true;
	dealer_count = 0;
	context = zmq_ctx_new();
	wire = wire_new(1);
	ck_assert_int_eq(identity_make(&server, &failure), OK);
	ck_assert_int_eq(identity_make(&client, &failure), OK);
	enum error error = link_bind(wire, "tcp://127.0.0.1:*", &server, admits, NULL, &bounds, &link_, &failure);
	ck_assert_msg(error == OK, "%s", failure.text);
	target = (struct foreign_target){ .endpoint = link_endpoint(link_), .server_key = server.public_key };
}

static void finish(void) {
	for (size_t i = 0; i < dealer_count; i++) {
		ck_assert_int_eq(zmq_close(dealers[i]), 0);
	}
	ck_assert_int_eq(zmq_ctx_term(context), 0);
	message_release(&message);
	link_free(link_);
	wire_free(wire);
}

static void *dealer(const char *chosen_id) {
	ck_assert_uint_lt(dealer_count, PEERS_MAX);
	dealers[dealer_count] = foreign_dealer(context, &target, &client, chosen_id);
	return dealers[dealer_count++];
}

static uint64_t cut(enum link_kick kick) {
	return link_counts(link_)->kicked[kick];
}

/* One turn of a server's loop: takes a message if there is one. */
static bool turn(int64_t wait_ms) {
	(void)wire_wait(wire, &link_, 1, -1, wait_ms);
	bool taken = link_receive(link_, &message, NULL) == OK;
	link_tend(link_, clock_milliseconds());
	return taken;
}

static bool is_late(int64_t since) {
	return clock_milliseconds() - since > PATIENCE_MS;
}

/* Sends a frame as soon as it can be sent, while the link does its turns. False if it is never taken. */
static bool sends(void *from, const char *text, bool more) {
	int64_t since = clock_milliseconds();
	while (!foreign_sends(from, slice_of_text(text), more)) {
		if (is_late(since)) {
			return false;
		}
		(void)turn(5);
	}
	return true;
}

/* Does turns until a message comes. */
static void take(void) {
	int64_t since = clock_milliseconds();
	while (!turn(20)) {
		ck_assert_msg(!is_late(since), "no message comes");
	}
}

/* Does turns until so many were cut off for this reason. */
static void await_cut(enum link_kick kick, uint64_t count) {
	int64_t since = clock_milliseconds();
	while (cut(kick) < count) {
		ck_assert_msg(!is_late(since), "%s: only %u cut off", link_kick_word(kick), (unsigned)cut(kick));
		(void)turn(5);
	}
}

/* Does turns until the next routing id is gone. */
static struct slice await_gone(void) {
	static uint8_t routing[LINK_ROUTING_MAX];
	size_t size = 0;
	int64_t since = clock_milliseconds();
	while (!link_gone(link_, routing, &size)) {
		ck_assert_msg(!is_late(since), "nobody is gone");
		(void)turn(5);
	}
	return slice_of(routing, size);
}

/* The sender of the message that was taken last; until the next call. */
static struct slice sender(void) {
	static uint8_t routing[LINK_ROUTING_MAX];
	struct slice id = message_frame(&message, 0);
	ck_assert_uint_eq(id.size, sizeof routing);
	memcpy(routing, id.data, id.size);
	return slice_of(routing, sizeof routing);
}

/* ---- gone ---- */

START_TEST(who_leaves_is_gone_after_its_messages) {
	begin((struct link_bounds){ 0 });
	void *peer = dealer(NULL);
	ck_assert(sends(peer, "first", false));
	ck_assert(sends(peer, "last", false));
	take();
	struct slice routing = sender();
	ck_assert_uint_eq(link_counts(link_)->connections, 1);
	int linger = 5000;
	ck_assert_int_eq(zmq_setsockopt(peer, ZMQ_LINGER, &linger, sizeof linger), 0);
	ck_assert_int_eq(zmq_close(peer), 0);
	dealer_count = 0;
	uint8_t gone[LINK_ROUTING_MAX];
	size_t size = 0;
	bool is_last_taken = slice_is(message_frame(&message, 1), "last");
	int64_t since = clock_milliseconds();
	while (!link_gone(link_, gone, &size)) {
		ck_assert(!is_late(since));
		if (turn(5)) {
			is_last_taken = true;
		}
	}
	ck_assert(slice_equal(slice_of(gone, size), routing));
	ck_assert(is_last_taken);
	ck_assert_uint_eq(link_counts(link_)->connections, 0);
	finish();
}
END_TEST

START_TEST(who_is_kicked_is_gone_and_may_come_back) {
	begin((struct link_bounds){ 0 });
	void *peer = dealer(NULL);
	ck_assert(sends(peer, "hello", false));
	take();
	struct slice routing = sender();
	link_kick(link_, routing, "a reason");
	link_kick(link_, slice_of("\0none", 5), "nobody");
	ck_assert(slice_equal(await_gone(), routing));
	ck_assert_uint_eq(cut(LINK_KICK_ASKED), 1);
	ck_assert(sends(peer, "again", false));
	take();
	ck_assert(!slice_equal(message_frame(&message, 0), routing));
	finish();
}
END_TEST

/* ---- keys and routing ids ---- */

START_TEST(a_key_that_is_not_admitted_any_more_is_cut_off_and_not_heard) {
	begin((struct link_bounds){ 0 });
	void *known = dealer(NULL);
	ck_assert(sends(known, "hello", false));
	take();
	struct slice routing = sender();
	void *silent = dealer(NULL);
	int64_t since = clock_milliseconds();
	while (link_counts(link_)->handshakes < 2) {
		ck_assert(!is_late(since));
		(void)turn(5);
	}
	is_admitted = false;
	link_kick_unadmitted(link_);
	ck_assert_uint_eq(cut(LINK_KICK_UNADMITTED), 1);
	ck_assert(slice_equal(await_gone(), routing));
	ck_assert(sends(silent, "too late", false));
	since = clock_milliseconds();
	while (cut(LINK_KICK_UNADMITTED) < 2) {
		ck_assert(!is_late(since));
		ck_assert(!turn(5));
	}
	finish();
}
END_TEST

static const char *const chosen_ids[] = { "admin", "a", "much longer than five bytes" };

START_TEST(a_peer_that_chose_its_routing_id_is_cut_off) {
	begin((struct link_bounds){ 0 });
	void *peer = dealer(chosen_ids[_i]);
	ck_assert(sends(peer, "chosen", false));
	int64_t since = clock_milliseconds();
	while (cut(LINK_KICK_ROUTING) < 1) {
		ck_assert(!is_late(since));
		ck_assert(!turn(5));
	}
	finish();
}
END_TEST

/* The number in the routing id of the first peer of a new link. */
static uint32_t first_routing_number(void) {
	begin((struct link_bounds){ 0 });
	ck_assert(sends(dealer(NULL), "hello", false));
	take();
	struct slice id = sender();
	uint32_t number = 0;
	for (size_t i = 1; i < id.size; i++) {
		number = number << 8 | id.data[i];
	}
	finish();
	return number;
}

START_TEST(routing_ids_cannot_be_foreseen) {
	uint32_t first = first_routing_number(), second = first_routing_number();
	ck_assert_uint_gt(second - first, 1000);
	ck_assert_uint_gt(first - second, 1000);
	srand(1);
	ck_assert_uint_gt(first - (uint32_t)rand(), 1000);
}
END_TEST

/* ---- how many ---- */

START_TEST(more_connections_than_allowed_are_cut_off_the_silent_ones_first) {
	begin((struct link_bounds){ .connections_max = 3 });
	for (int i = 0; i < 3; i++) {
		ck_assert(sends(dealer(NULL), "hello", false));
		take();
	}
	void *fourth = dealer(NULL); /* none is silent but itself */
	await_cut(LINK_KICK_CONNECTIONS, 1);
	ck_assert_int_eq(zmq_close(fourth), 0);
	dealer_count--;
	ck_assert_int_eq(zmq_close(dealers[--dealer_count]), 0);
	(void)await_gone();
	for (int i = 0; i < 3; i++) { /* the server still answers the others */
		ck_assert_uint_le(link_counts(link_)->connections, 3);
	}
	ck_assert(sends(dealers[0], "still here", false));
	take();
	finish();
}
END_TEST

START_TEST(more_connections_of_one_key_than_allowed_are_cut_off_at_their_first_message) {
	begin((struct link_bounds){ .connections_per_key_max = 2 });
	for (int i = 0; i < 2; i++) {
		ck_assert(sends(dealer(NULL), "hello", false));
		take();
	}
	void *third = dealer(NULL);
	ck_assert(sends(third, "one too many", false));
	int64_t since = clock_milliseconds();
	while (cut(LINK_KICK_KEY_CONNECTIONS) < 1) {
		ck_assert(!is_late(since));
		ck_assert(!turn(5));
	}
	ck_assert(identity_make(&client, &failure) == OK);
	ck_assert(sends(dealer(NULL), "another key", false));
	take();
	ck_assert(slice_is(message_frame(&message, 1), "another key"));
	finish();
}
END_TEST

/* ---- bytes ---- */

static const struct hostile *attack_named(const char *name) {
	for (size_t i = 0; i < hostile_attack_count; i++) {
		if (strcmp(hostile_attacks[i].name, name) == 0) {
			return &hostile_attacks[i];
		}
	}
	ck_abort_msg("no attack %s", name);
}

static const char *const endless[] = { "endless-small-frames", "endless-large-frames" };

START_TEST(a_message_that_does_not_end_is_cut_off) {
	begin((struct link_bounds){ .unread_bytes_max = UNREAD_MAX });
	struct hostile_run run;
	hostile_start(&run, attack_named(endless[_i]), &target, HOSTILE_EAGER);
	await_cut(LINK_KICK_UNREAD, 4);
	hostile_stop(&run);
	finish();
}
END_TEST

START_TEST(a_thousand_large_requests_while_the_server_is_busy_are_not) {
	begin((struct link_bounds){ .unread_bytes_max = UNREAD_MAX });
	void *peer = dealer(NULL);
	ck_assert(sends(peer, "hello", false));
	take();
	/* The server does not receive, but tends, until nothing more can be sent; then it takes all. */
	int sent = 0, taken = 0;
	int64_t since = clock_milliseconds(), progress = since;
	while (sent < REQUESTS && clock_milliseconds() - progress < 300) {
		if (foreign_sends(peer, slice_of(big, sizeof big), false)) {
			sent++;
			progress = clock_milliseconds();
		}
		link_tend(link_, clock_milliseconds());
	}
	while (taken < REQUESTS) {
		ck_assert_msg(!is_late(since), "%d of %d taken, %u cut off", taken, REQUESTS, (unsigned)cut(LINK_KICK_UNREAD));
		sent += sent < REQUESTS && foreign_sends(peer, slice_of(big, sizeof big), false);
		taken += turn(1);
	}
	ck_assert_uint_eq(cut(LINK_KICK_UNREAD), 0);
	finish();
}
END_TEST

START_TEST(above_the_memory_bound_the_heaviest_is_cut_off) {
	begin((struct link_bounds){ .memory_max = 1 });
	void *light = dealer(NULL);
	struct hostile_run run;
	ck_assert(sends(light, "light", false));
	take();
	hostile_start(&run, attack_named("just-under-the-bound"), &target, HOSTILE_EAGER);
	await_cut(LINK_KICK_MEMORY, 1);
	hostile_stop(&run);
	ck_assert(sends(light, "still here", false));
	take();
	ck_assert_uint_gt(link_counts(link_)->memory, 1);
	finish();
}
END_TEST

int main(void) {
	TCase *gone = tcase_create("gone");
	tcase_add_test(gone, who_leaves_is_gone_after_its_messages);
	tcase_add_test(gone, who_is_kicked_is_gone_and_may_come_back);
	TCase *keys = tcase_create("keys and routing ids");
	tcase_add_test(keys, a_key_that_is_not_admitted_any_more_is_cut_off_and_not_heard);
	tcase_add_loop_test(keys, a_peer_that_chose_its_routing_id_is_cut_off, 0,
	                    (int)(sizeof chosen_ids / sizeof chosen_ids[0]));
	tcase_add_test(keys, routing_ids_cannot_be_foreseen);
	TCase *many = tcase_create("how many");
	tcase_add_test(many, more_connections_than_allowed_are_cut_off_the_silent_ones_first);
	tcase_add_test(many, more_connections_of_one_key_than_allowed_are_cut_off_at_their_first_message);
	TCase *bytes = tcase_create("bytes");
	tcase_set_timeout(bytes, 60);
	tcase_add_loop_test(bytes, a_message_that_does_not_end_is_cut_off, 0,
	                    (int)(sizeof endless / sizeof endless[0]));
	tcase_add_test(bytes, a_thousand_large_requests_while_the_server_is_busy_are_not);
	tcase_add_test(bytes, above_the_memory_bound_the_heaviest_is_cut_off);
	Suite *suite = suite_create("wire watch");
	suite_add_tcase(suite, gone);
	suite_add_tcase(suite, keys);
	suite_add_tcase(suite, many);
	suite_add_tcase(suite, bytes);
	return unit_run(suite);
}

/* The worker's side against a broker whose every move is scripted: READY, heartbeats, requests, fresh starts. */
#include <unistd.h>

#include "base/log.h"
#include "tests/unit/wire_peer.h"
#include "wire/body.h"
#include "wire/mdp.h"
#include "wire/server.h"

#define W02 "4d4450573032"
#define BEAT_MS 100
#define QUIET_MS 60000 /* a heartbeat that never comes */
#define TAKEN_MAX 8
#define TOKEN "000102030405060708090a0b0c0d0e0f"
#define KEY "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"

static struct peer peer;
static struct identity identity;
static struct server *server;
static struct server_request *taken[TAKEN_MAX];
static size_t taken_count;
static struct message message; /* the last one that came to the broker */
static struct failure failure;

static void set_up(void) {
	log_configure("test", LOG_ERROR, LOG_LOGFMT);
	message_init(&message);
	server = NULL;
	taken_count = 0;
	ck_assert_int_eq(identity_make(&identity, &failure), OK);
	peer_open(&peer, "tcp://127.0.0.1:*", NULL, NULL);
}

static void tear_down(void) {
	for (size_t i = 0; i < taken_count; i++) {
		server_drop(server, taken[i]);
	}
	server_free(server);
	message_release(&message);
	if (peer.link != NULL) {
		peer_close(&peer);
	}
}

static void start(int64_t heartbeat_ms, size_t services) {
	static const struct server_service all[] = { { "notes", 64 }, { "views", 1 } };
	const struct server_broker broker = { link_endpoint(peer.link), peer.identity.public_key };
	const struct server_options options = { .brokers = &broker,
		                                    .broker_count = 1,
		                                    .identity = &identity,
		                                    .services = all,
		                                    .service_count = services,
		                                    .heartbeat_ms = heartbeat_ms };
	enum error error = server_new(&options, &server, &failure);
	ck_assert_msg(error == OK, "%s", failure.text);
}

/* Lets the server work until the broker has a message other than a heartbeat; requests that it takes are kept. */
static bool comes(int64_t wait_ms) {
	int64_t until = clock_milliseconds() + wait_ms;
	while (clock_milliseconds() < until) {
		taken_count += server_take(server, taken + taken_count, TAKEN_MAX - taken_count, 1, -1);
		if (peer_takes(&peer, &message, 1) && !slice_is(message_frame(&message, 2), "\x05")) {
			return true;
		}
	}
	return false;
}

static void expect(const char *hex) {
	ck_assert_msg(comes(PATIENCE_MS), "expected %s", hex);
	check_frames(&message, 1, hex);
}

#define READY_NOTES W02 "|01|6e6f746573|3634"

/* Waits for READY and answers it, as brokers do, with a heartbeat. */
static void expect_ready(void) {
	expect(READY_NOTES);
	ck_assert_int_eq(peer_sends(&peer, message_frame(&message, 0), W02 "|05"), OK);
}

static void keep_routing_id(struct message *kept) {
	message_init(kept);
	ck_assert(message_append_shared(kept, &message, 0));
}

/* Lets the server work until it has `count` requests. */
static void take(size_t count) {
	int64_t until = clock_milliseconds() + PATIENCE_MS;
	while (taken_count < count && clock_milliseconds() < until) {
		taken_count += server_take(server, taken + taken_count, count - taken_count, 10, -1);
	}
	ck_assert_uint_eq(taken_count, count);
}

static struct server_request *last_taken(void) {
	taken_count--;
	return taken[taken_count];
}

/* ---- READY and heartbeats ---- */

START_TEST(ready_names_the_service_and_the_window) {
	start(QUIET_MS, 1);
	expect(READY_NOTES);
	ck_assert_int_eq(memcmp(peer.last_key, identity.public_key, TRANSPORT_KEY_SIZE), 0);
}
END_TEST

START_TEST(every_service_has_a_connection_of_its_own) {
	start(QUIET_MS, 2);
	struct message first;
	ck_assert(comes(PATIENCE_MS));
	keep_routing_id(&first);
	bool notes_first = slice_is(message_frame(&message, 3), "notes");
	expect(notes_first ? W02 "|01|7669657773|31" : READY_NOTES);
	ck_assert(!slice_equal(message_frame(&first, 0), message_frame(&message, 0)));
	ck_assert_int_eq(peer_sends(&peer, message_frame(&message, 0), W02 "|02|" TOKEN "||80"), OK);
	take(1);
	ck_assert_uint_eq(taken[0]->service, notes_first ? 1 : 0);
	message_release(&first);
}
END_TEST

START_TEST(it_is_connected_once_the_broker_was_heard) {
	start(QUIET_MS, 1);
	expect(READY_NOTES);
	ck_assert(!server_is_connected(server));
	ck_assert_int_eq(peer_sends(&peer, message_frame(&message, 0), W02 "|05"), OK);
	int64_t until = clock_milliseconds() + PATIENCE_MS;
	while (!server_is_connected(server) && clock_milliseconds() < until) {
		(void)server_take(server, taken, TAKEN_MAX, 5, -1);
	}
	ck_assert(server_is_connected(server));
}
END_TEST

START_TEST(heartbeats_keep_coming_and_keep_the_connection) {
	start(BEAT_MS, 1);
	expect_ready();
	struct message first;
	keep_routing_id(&first);
	for (int beats = 0; beats < 10; beats++) {
		int64_t until = clock_milliseconds() + PATIENCE_MS;
		bool came = false;
		while (!came && clock_milliseconds() < until) {
			ck_assert_uint_eq(server_take(server, taken, TAKEN_MAX, 1, -1), 0);
			came = peer_takes(&peer, &message, 1);
		}
		check_frames(&message, 1, W02 "|05|");
		ck_assert(slice_equal(message_frame(&first, 0), message_frame(&message, 0)));
		ck_assert_int_eq(peer_sends(&peer, message_frame(&message, 0), W02 "|05"), OK);
	}
	message_release(&first);
}
END_TEST

/* ---- connecting afresh ---- */

static const char *const endings[] = {
	W02 "|06",                            /* DISCONNECT */
	W02 "|01|6e6f746573",                 /* READY, FINAL and PARTIAL: a worker's */
	W02 "|04|" TOKEN "||80",
	W02 "|03|" TOKEN "||80",
	W02 "|02|" TOKEN "|80",               /* a REQUEST without a body */
	W02 "|07",
	W02 "|05|" TOKEN,                     /* a heartbeat that names what is held: a worker's */
	"|4d4450573031|04",                   /* a heartbeat of 0.1 */
	"4d4450433032|03|6e6f746573|80",      /* a client's */
	"00",
	"01|02|03|04|05|06|07|08|09|0a|0b",
};

START_TEST(disconnect_and_whatever_is_illegal_lead_to_a_fresh_ready) {
	start(BEAT_MS, 1);
	expect_ready();
	struct message first;
	keep_routing_id(&first);
	ck_assert_int_eq(peer_sends(&peer, message_frame(&first, 0), endings[_i]), OK);
	int64_t until = clock_milliseconds() + PATIENCE_MS;
	/* The broker's heartbeats go on, so that it is not silence which ends the connection. */
	while (!comes(BEAT_MS) && clock_milliseconds() < until) {
		(void)peer_sends(&peer, message_frame(&first, 0), W02 "|05");
	}
	check_frames(&message, 1, READY_NOTES);
	ck_assert(!slice_equal(message_frame(&first, 0), message_frame(&message, 0)));
	ck_assert_uint_eq(taken_count, 0);
	message_release(&first);
}
END_TEST

START_TEST(a_silent_broker_leads_to_a_fresh_ready) {
	start(BEAT_MS, 1);
	expect(READY_NOTES);
	int64_t before = clock_milliseconds();
	struct message first;
	keep_routing_id(&first);
	expect_ready();
	ck_assert(!slice_equal(message_frame(&first, 0), message_frame(&message, 0)));
	ck_assert_int_ge(clock_milliseconds() - before, 3 * BEAT_MS);
	message_release(&first);
}
END_TEST

START_TEST(a_broker_that_refuses_at_once_is_not_asked_as_fast_as_it_can_refuse) {
	start(BEAT_MS, 1);
	expect(READY_NOTES);
	int64_t before = clock_milliseconds();
	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(peer_sends(&peer, message_frame(&message, 0), W02 "|06"), OK);
		expect(READY_NOTES);
	}
	ck_assert_int_ge(clock_milliseconds() - before, 4 * BEAT_MS);
}
END_TEST

START_TEST(a_broker_that_comes_back_gets_a_fresh_ready) {
	start(BEAT_MS, 1);
	expect_ready();
	char endpoint[LINK_ENDPOINT_MAX];
	(void)slice_copy_text(slice_of_text(link_endpoint(peer.link)), endpoint, sizeof endpoint);
	const struct identity kept = peer.identity;
	peer_close(&peer);
	ck_assert_uint_eq(server_take(server, taken, TAKEN_MAX, 2 * BEAT_MS, -1), 0);
	peer.wire = wire_new(1);
	ck_assert_int_eq(link_bind(peer.wire, endpoint, &kept, NULL, NULL, NULL, &peer.link, &failure), OK);
	expect_ready();
}
END_TEST

START_TEST(a_worker_that_was_away_does_not_take_its_own_absence_for_silence) {
	start(BEAT_MS, 1);
	expect_ready();
	struct message first;
	keep_routing_id(&first);
	ck_assert_int_eq(peer_sends(&peer, message_frame(&first, 0), W02 "|02|" TOKEN "||80"), OK);
	ck_assert(!wire_wait(peer.wire, NULL, 0, -1, 5 * BEAT_MS)); /* away; the request has come meanwhile */
	ck_assert_uint_eq(server_take(server, taken, TAKEN_MAX, 0, -1), 1);
	taken_count = 1;
	server_reply(server, last_taken(), slice_of_text("x"));
	expect(W02 "|04|" TOKEN "||78");
	ck_assert(slice_equal(message_frame(&first, 0), message_frame(&message, 0)));
	message_release(&first);
}
END_TEST

/* ---- requests ---- */

static const struct {
	const char *address;
	const char *id; /* with its bar */
	bool has_key;
} shapes[] = {
	{ TOKEN KEY, "69642d31|", true },
	{ TOKEN KEY, "", true },
	{ TOKEN, "69642d31|", false },
	{ TOKEN, "|", false }, /* an empty id is one, too */
	{ "61", "", false },   /* a broker with addresses of its own */
};

START_TEST(a_request_is_taken_and_its_address_and_id_come_back) {
	start(QUIET_MS, 1);
	expect_ready();
	struct buffer frames;
	buffer_init(&frames, HEX_MAX);
	ck_assert(buffer_format(&frames, W02 "|02|%s||%s7265717565737421", shapes[_i].address, shapes[_i].id));
	ck_assert_int_eq(peer_sends(&peer, message_frame(&message, 0), buffer_text(&frames)), OK);
	take(1);
	ck_assert(slice_is(taken[0]->body, "request!"));
	ck_assert_uint_eq(taken[0]->service, 0);
	ck_assert_int_eq(taken[0]->has_client_key, shapes[_i].has_key);
	ck_assert(!shapes[_i].has_key || (taken[0]->client_key[0] == 0xa0 && taken[0]->client_key[31] == 0xbf));
	server_reply(server, last_taken(), slice_of_text("ok"));
	buffer_clear(&frames);
	ck_assert(buffer_format(&frames, W02 "|04|%s||%s6f6b", shapes[_i].address, shapes[_i].id));
	expect(buffer_text(&frames));
	buffer_release(&frames);
}
END_TEST

START_TEST(many_requests_are_taken_but_not_more_at_once_than_asked_for) {
	start(QUIET_MS, 1);
	expect_ready();
	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(peer_sends(&peer, message_frame(&message, 0), W02 "|02|" TOKEN "||80"), OK);
	}
	while (taken_count < 5) {
		size_t count = server_take(server, taken + taken_count, 2, PATIENCE_MS, -1);
		ck_assert_uint_ge(count, 1);
		ck_assert_uint_le(count, 2);
		taken_count += count;
	}
	while (taken_count > 0) {
		server_reply(server, last_taken(), slice_of_text("x"));
		expect(W02 "|04|" TOKEN "||78");
	}
}
END_TEST

START_TEST(a_reply_to_a_request_of_a_former_connection_goes_nowhere) {
	start(BEAT_MS, 1);
	expect_ready();
	ck_assert_int_eq(peer_sends(&peer, message_frame(&message, 0), W02 "|02|" TOKEN "||6f6c64"), OK);
	take(1);
	ck_assert_int_eq(peer_sends(&peer, message_frame(&message, 0), W02 "|06"), OK);
	expect_ready();
	server_reply(server, last_taken(), slice_of_text("old"));
	ck_assert_int_eq(peer_sends(&peer, message_frame(&message, 0), W02 "|02|61||6e6577"), OK);
	take(1);
	server_reply(server, last_taken(), slice_of_text("new"));
	expect(W02 "|04|61||6e6577");
}
END_TEST

START_TEST(an_answer_that_is_too_long_becomes_a_refusal) {
	static uint8_t bytes[BODY_MAX + 1];
	start(QUIET_MS, 1);
	expect_ready();
	ck_assert_int_eq(peer_sends(&peer, message_frame(&message, 0), W02 "|02|" TOKEN "||80"), OK);
	take(1);
	server_reply(server, last_taken(), slice_of(bytes, sizeof bytes));
	ck_assert(comes(PATIENCE_MS));
	struct pack_document *document = pack_document_new();
	const struct pack_value *ok = NULL;
	ck_assert_int_eq(body_read_reply(document, message_frame(&message, 5), &ok, &failure), ERROR_TOO_LONG);
	pack_document_free(document);
}
END_TEST

/* ---- the rest ---- */

START_TEST(a_server_that_ends_says_disconnect) {
	start(QUIET_MS, 1);
	expect_ready();
	server_free(server);
	server = NULL;
	ck_assert(peer_takes(&peer, &message, PATIENCE_MS));
	check_frames(&message, 1, W02 "|06");
}
END_TEST

START_TEST(a_readable_descriptor_ends_the_wait) {
	int ends[2];
	ck_assert_int_eq(pipe(ends), 0);
	start(QUIET_MS, 1);
	expect_ready();
	ck_assert_int_eq((int)write(ends[1], "x", 1), 1);
	int64_t before = clock_milliseconds();
	ck_assert_uint_eq(server_take(server, taken, TAKEN_MAX, QUIET_MS, ends[0]), 0);
	ck_assert_int_lt(clock_milliseconds() - before, PATIENCE_MS);
	(void)close(ends[0]);
	(void)close(ends[1]);
}
END_TEST

START_TEST(wrong_options_are_refused) {
	static const struct server_service wrong[] = { { "no tes", 1 }, { "", 1 }, { "notes", 0 }, { "notes", 4097 } };
	struct server_broker brokers[SERVER_BROKERS_MAX + 1];
	for (size_t i = 0; i <= SERVER_BROKERS_MAX; i++) {
		brokers[i] = (struct server_broker){ "tcp://127.0.0.1:7787", peer.identity.public_key };
	}
	struct server_options options = { .brokers = brokers,
		                              .broker_count = 1,
		                              .identity = &identity,
		                              .service_count = 1 };
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		options.services = &wrong[i];
		ck_assert_int_eq(server_new(&options, &server, &failure), ERROR_BAD_VALUE);
	}
	static const struct server_service good[] = { { "notes", 1 } };
	options.services = good;
	options.broker_count = 0;
	ck_assert_int_eq(server_new(&options, &server, &failure), ERROR_BAD_VALUE);
	options.broker_count = SERVER_BROKERS_MAX + 1;
	ck_assert_int_eq(server_new(&options, &server, &failure), ERROR_BAD_VALUE);
	options.broker_count = SERVER_BROKERS_MAX;
	brokers[3].endpoint = "127.0.0.1";
	ck_assert_int_eq(server_new(&options, &server, &failure), ERROR_BAD_VALUE);
	brokers[3].endpoint = "tcp://127.0.0.1:7787";
	static const struct server_service five[] = { { "a", 1 }, { "b", 1 }, { "c", 1 }, { "d", 1 }, { "e", 1 } };
	options.services = five;
	options.service_count = 5;
	ck_assert_int_eq(server_new(&options, &server, &failure), ERROR_BAD_VALUE);
	options.broker_count = 1;
	options.service_count = 0;
	ck_assert_int_eq(server_new(&options, &server, &failure), ERROR_BAD_VALUE);
	options.service_count = SERVER_SERVICES_MAX + 1;
	ck_assert_int_eq(server_new(&options, &server, &failure), ERROR_BAD_VALUE);
	ck_assert_ptr_null(server);
}
END_TEST

int main(void) {
	TCase *ready = tcase_create("ready and heartbeats");
	tcase_add_checked_fixture(ready, set_up, tear_down);
	tcase_add_test(ready, ready_names_the_service_and_the_window);
	tcase_add_test(ready, every_service_has_a_connection_of_its_own);
	tcase_add_test(ready, it_is_connected_once_the_broker_was_heard);
	tcase_add_test(ready, heartbeats_keep_coming_and_keep_the_connection);
	TCase *afresh = tcase_create("connecting afresh");
	tcase_add_checked_fixture(afresh, set_up, tear_down);
	tcase_set_timeout(afresh, 30);
	tcase_add_loop_test(afresh, disconnect_and_whatever_is_illegal_lead_to_a_fresh_ready, 0,
	                    (int)(sizeof endings / sizeof endings[0]));
	tcase_add_test(afresh, a_silent_broker_leads_to_a_fresh_ready);
	tcase_add_test(afresh, a_broker_that_refuses_at_once_is_not_asked_as_fast_as_it_can_refuse);
	tcase_add_test(afresh, a_broker_that_comes_back_gets_a_fresh_ready);
	tcase_add_test(afresh, a_worker_that_was_away_does_not_take_its_own_absence_for_silence);
	TCase *requests = tcase_create("requests");
	tcase_add_checked_fixture(requests, set_up, tear_down);
	tcase_add_loop_test(requests, a_request_is_taken_and_its_address_and_id_come_back, 0,
	                    (int)(sizeof shapes / sizeof shapes[0]));
	tcase_add_test(requests, many_requests_are_taken_but_not_more_at_once_than_asked_for);
	tcase_add_test(requests, a_reply_to_a_request_of_a_former_connection_goes_nowhere);
	tcase_add_test(requests, an_answer_that_is_too_long_becomes_a_refusal);
	TCase *rest = tcase_create("the rest");
	tcase_add_checked_fixture(rest, set_up, tear_down);
	tcase_add_test(rest, a_server_that_ends_says_disconnect);
	tcase_add_test(rest, a_readable_descriptor_ends_the_wait);
	tcase_add_test(rest, wrong_options_are_refused);
	Suite *suite = suite_create("wire server");
	suite_add_tcase(suite, ready);
	suite_add_tcase(suite, afresh);
	suite_add_tcase(suite, requests);
	suite_add_tcase(suite, rest);
	return unit_run(suite);
}

/* A client and two brokers whose every move is scripted, for the tests of wire/client.h. */
#ifndef TROTH_TESTS_UNIT_WIRE_CLIENT_FIXTURE_H
#define TROTH_TESTS_UNIT_WIRE_CLIENT_FIXTURE_H

#include "base/log.h"
#include "tests/unit/wire_peer.h"
#include "wire/body.h"
#include "wire/client.h"
#include "wire/mdp.h"

#define RETRY_MS 80
#define TIMEOUT_MS 400
#define LONG_MS 60000 /* a retry or a timeout that never comes */

static struct peer peers[2];
static struct identity identity;
static struct client *client;
static struct client_answer answer;
static struct message request; /* the last one that came to a broker */
static struct failure failure;

static inline void set_up(void) {
	log_configure("test", LOG_ERROR, LOG_LOGFMT);
	message_init(&request);
	client = NULL;
	ck_assert_int_eq(identity_make(&identity, &failure), OK);
	for (size_t i = 0; i < 2; i++) {
		peer_open(&peers[i], "tcp://127.0.0.1:*", NULL, NULL);
	}
}

static inline void tear_down(void) {
	message_release(&request);
	client_free(client);
	for (size_t i = 0; i < 2; i++) {
		if (peers[i].link != NULL) {
			peer_close(&peers[i]);
		}
	}
}

/* A client of the first `count` peers. */
static inline void connect_client_for(size_t count, int64_t retry_ms, int64_t timeout_ms, enum priority priority) {
	struct client_broker brokers[2] = { 0 };
	for (size_t i = 0; i < count; i++) {
		(void)slice_copy_text(slice_of_text(link_endpoint(peers[i].link)), brokers[i].endpoint,
		                      sizeof brokers[i].endpoint);
		memcpy(brokers[i].public_key, peers[i].identity.public_key, TRANSPORT_KEY_SIZE);
	}
	const struct client_options options = { .brokers = brokers,
		                                    .broker_count = count,
		                                    .identity = &identity,
		                                    .retry_ms = retry_ms,
		                                    .timeout_ms = timeout_ms,
		                                    .priority = priority };
	enum error error = client_new(&options, &client, &failure);
	ck_assert_msg(error == OK, "%s", failure.text);
}

static inline void connect_client(size_t count, int64_t retry_ms, int64_t timeout_ms) {
	connect_client_for(count, retry_ms, timeout_ms, PRIORITY_INTERACTIVE);
}

static inline void ask(const char *body, void *tag) {
	ck_assert_int_eq(client_send(client, "notes", slice_of_text(body), tag, &failure), OK);
}

/* The next request at a broker, which is not a probe, while the client gets no answer. */
static inline void await_request(struct peer *peer) {
	int64_t until = clock_milliseconds() + PATIENCE_MS;
	while (clock_milliseconds() < until) {
		ck_assert_int_eq(client_next(client, 1, &answer), ERROR_NOT_FOUND);
		if (peer_takes(peer, &request, 1) && !slice_is(message_frame(&request, 3), "mmi.service")) {
			return;
		}
	}
	ck_abort_msg("no request came");
}

/* Answers the last request. */
static inline void reply(struct peer *peer, enum mdp_command command, struct slice body) {
	struct message out;
	message_init(&out);
	ck_assert(message_append_shared(&out, &request, 0));
	ck_assert(mdp_write_client(&out, MDP_0_2, command, message_frame(&request, 3)));
	ck_assert(message_append_shared(&out, &request, 4));
	ck_assert(message_append(&out, body));
	ck_assert_int_eq(link_send(peer->link, &out), OK);
}

static inline void reply_refusal(struct peer *peer, enum error code, unsigned retry_ms) {
	struct buffer body;
	buffer_init(&body, BODY_MAX);
	const struct failure reason = { .code = code, .text = "scripted", .retry_ms = retry_ms };
	body_error(&body, &reason);
	reply(peer, MDP_FINAL, buffer_slice(&body));
	buffer_release(&body);
}

static inline void expect_answer(const char *body, const void *tag) {
	ck_assert_int_eq(client_next(client, PATIENCE_MS, &answer), OK);
	ck_assert_int_eq(answer.error, OK);
	ck_assert_ptr_eq(answer.tag, tag);
	ck_assert(slice_is(answer.body, body));
}

#endif

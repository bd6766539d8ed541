/* A connection that breaks while messages of it wait to be read: the messages stay whole, and the process lives.
 *
 * libzmq 4.3.4 handles what its I/O thread reports after every hundredth frame that is received, be that in the middle
 * of a message; with ZMQ_IMMEDIATE the report of a broken connection then ends the program ("Assertion failed: !_more",
 * fq.cpp; libzmq issues 2163 and 3663). So no link may have that option. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/wire_peer.h"

#define MESSAGES 60 /* of five frames each: the hundredth frame is not the first of its message */

static struct peer peer;
static struct wire *wire;
static struct identity identity;
static struct failure failure;

static void set_up(void) {
	peer_open(&peer, "tcp://127.0.0.1:*", NULL, NULL);
	ck_assert_int_eq(identity_make(&identity, &failure), OK);
	wire = wire_new(1);
	ck_assert_ptr_nonnull(wire);
}

static void tear_down(void) {
	wire_free(wire);
}

static struct link *connected(struct message *hello) {
	struct link *link = NULL;
	ck_assert_int_eq(link_connect(wire, link_endpoint(peer.link), peer.identity.public_key, &identity, &link, &failure),
	                 OK);
	struct message out;
	message_init(&out);
	message_append_hex(&out, "61");
	while (link_send(link, &out) != OK) {
		(void)wire_wait(peer.wire, &peer.link, 1, -1, 5);
		(void)wire_wait(wire, &link, 1, -1, 5);
	}
	ck_assert(peer_takes(&peer, hello, PATIENCE_MS));
	return link;
}

/* Listens where the peer did, and waits until somebody connects again: then the end of the last connection is known
 * on the other side. */
static void await_reconnection(uint16_t port) {
	int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one), 0);
	ck_assert_int_eq(bind(listener, (const struct sockaddr *)&address, sizeof address), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	struct pollfd item = { .fd = listener, .events = POLLIN };
	ck_assert_int_eq(poll(&item, 1, PATIENCE_MS), 1);
	(void)close(listener);
}

START_TEST(messages_that_came_before_the_end_are_read_whole) {
	struct message message;
	message_init(&message);
	struct link *link = connected(&message);
	for (size_t i = 0; i < MESSAGES; i++) {
		ck_assert_int_eq(peer_sends(&peer, message_frame(&message, 0), "61|62|63|64|65"), OK);
	}
	uint16_t port = (uint16_t)strtoul(strrchr(link_endpoint(peer.link), ':') + 1, NULL, 10);
	while (!wire_wait(wire, &link, 1, -1, PATIENCE_MS)) {
		continue;
	}
	peer_close(&peer);
	await_reconnection(port);
	size_t count = 0;
	while (link_receive(link, &message, NULL) == OK) {
		ck_assert_uint_eq(message.count, 5);
		count++;
	}
	ck_assert_uint_eq(count, MESSAGES);
	message_release(&message);
	link_free(link);
}
END_TEST

int main(void) {
	TCase *whole = tcase_create("whole messages");
	tcase_add_checked_fixture(whole, set_up, tear_down);
	tcase_add_test(whole, messages_that_came_before_the_end_are_read_whole);
	Suite *suite = suite_create("wire broken");
	suite_add_tcase(suite, whole);
	return unit_run(suite);
}

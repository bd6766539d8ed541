/* The table of connections: who is behind a descriptor that is used again, what is unread, who is gone and when. */
#include "tests/lib/unit.h"
#include "wire/connections.h"

static struct connections *connections;
static const uint8_t key_a[TRANSPORT_KEY_SIZE] = { 1 }, key_b[TRANSPORT_KEY_SIZE] = { 2 };

static void set_up(void) {
	connections = connections_new();
	ck_assert_ptr_nonnull(connections);
}

static void tear_down(void) {
	connections_free(connections);
}

/* The routing id with this number, until the fourth next call. */
static struct slice routing(uint32_t number) {
	static uint8_t ids[4][CONNECTION_ROUTING_SIZE];
	static size_t at;
	uint8_t *id = ids[at++ % 4];
	for (int i = 0; i < 4; i++) {
		id[4 - i] = (uint8_t)(number >> (8 * i));
	}
	return slice_of(id, CONNECTION_ROUTING_SIZE);
}

static struct connection *accept_one(int descriptor, uint64_t cookie) {
	struct connection *connection = connections_accept(connections, descriptor, cookie, 1000);
	ck_assert_ptr_nonnull(connection);
	return connection;
}

static void end(int descriptor) {
	connections_end(connections, connections_at(connections, descriptor));
}

/* Takes all that are gone and checks that they are these, in order. */
static void check_gone(const uint32_t *numbers, size_t count) {
	uint8_t id[CONNECTION_ROUTING_SIZE];
	for (size_t i = 0; i < count; i++) {
		ck_assert(connections_gone(connections, id));
		ck_assert(slice_equal(slice_of(id, sizeof id), routing(numbers[i])));
	}
	ck_assert(!connections_gone(connections, id));
}

#define CHECK_GONE(...)                                                                                               \
	check_gone((const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))

/* ---- who ---- */

START_TEST(a_connection_is_known_by_its_first_message_and_found_by_its_routing_id) {
	(void)accept_one(9, 90);
	ck_assert_ptr_null(connections_of(connections, routing(7)));
	struct connection *connection = connections_hear(connections, 9, routing(7), key_a);
	ck_assert_ptr_nonnull(connection);
	ck_assert(connection->is_known);
	ck_assert_ptr_eq(connections_of(connections, routing(7)), connection);
	ck_assert_ptr_eq(connections_hear(connections, 9, routing(7), key_a), connection);
	ck_assert_uint_eq(connections_with_key(connections, key_a), 1);
	ck_assert_uint_eq(connections_with_key(connections, key_b), 0);
	end(9);
	ck_assert_ptr_null(connections_of(connections, routing(7)));
	ck_assert_uint_eq(connections_with_key(connections, key_a), 0);
	ck_assert_uint_eq(connections_open(connections), 0);
}
END_TEST

START_TEST(one_that_was_silent_is_never_gone) {
	(void)accept_one(9, 90);
	end(9);
	connections_settle(connections);
	check_gone(NULL, 0);
}
END_TEST

START_TEST(an_end_is_handed_out_once_and_only_after_the_link_was_empty) {
	(void)accept_one(9, 90);
	(void)accept_one(10, 100);
	(void)connections_hear(connections, 9, routing(7), key_a);
	(void)connections_hear(connections, 10, routing(8), key_a);
	end(9);
	check_gone(NULL, 0);
	connections_settle(connections);
	end(10);
	CHECK_GONE(7);
	connections_settle(connections);
	CHECK_GONE(8);
}
END_TEST

START_TEST(a_descriptor_that_is_accepted_again_ends_what_stood_there) {
	(void)accept_one(9, 90);
	(void)connections_hear(connections, 9, routing(7), key_a);
	struct connection *next = accept_one(9, 91);
	ck_assert(!next->is_known);
	ck_assert_uint_eq(connections_open(connections), 1);
	connections_settle(connections);
	CHECK_GONE(7);
}
END_TEST

START_TEST(the_same_cookie_is_the_same_connection) {
	(void)accept_one(9, 90);
	(void)connections_hear(connections, 9, routing(7), key_a);
	ck_assert(accept_one(9, 90)->is_known);
	ck_assert_uint_eq(connections_open(connections), 1);
}
END_TEST

START_TEST(a_message_read_after_the_end_makes_it_gone_again) {
	ck_assert_ptr_null(connections_hear(connections, 9, routing(7), key_a));
	connections_settle(connections);
	CHECK_GONE(7);
	(void)accept_one(9, 91); /* the next owner of the descriptor */
	(void)connections_hear(connections, 9, routing(8), key_b);
	ck_assert_ptr_null(connections_hear(connections, 9, routing(7), key_a));
	ck_assert_ptr_null(connections_hear(connections, 9, routing(7), key_a));
	ck_assert_ptr_nonnull(connections_of(connections, routing(8)));
	connections_settle(connections);
	CHECK_GONE(7);
}
END_TEST

START_TEST(a_late_message_taken_for_the_next_owners_is_put_right_by_its_own) {
	(void)accept_one(9, 91);
	ck_assert_ptr_nonnull(connections_hear(connections, 9, routing(UINT32_MAX), key_a)); /* of the former owner */
	struct connection *connection = connections_hear(connections, 9, routing(0), key_b); /* the numbers wrap round */
	ck_assert_ptr_nonnull(connection);
	ck_assert_int_eq(memcmp(connection->key, key_b, TRANSPORT_KEY_SIZE), 0);
	ck_assert_uint_eq(connections_with_key(connections, key_a), 0);
	ck_assert_uint_eq(connections_with_key(connections, key_b), 1);
	connections_settle(connections);
	CHECK_GONE(UINT32_MAX);
}
END_TEST

START_TEST(ends_that_nobody_asks_for_are_bounded) {
	for (uint32_t i = 0; i < 3 * CONNECTIONS_GONE_MAX; i++) {
		ck_assert_ptr_null(connections_hear(connections, 9, routing(i), key_a));
	}
	connections_settle(connections);
	uint8_t id[CONNECTION_ROUTING_SIZE];
	size_t count = 0;
	while (connections_gone(connections, id)) {
		count++;
	}
	ck_assert_uint_eq(count, CONNECTIONS_GONE_MAX);
}
END_TEST

/* ---- how many ---- */

START_TEST(the_one_that_has_sent_nothing_for_longest_is_found) {
	(void)accept_one(3, 3);
	ck_assert_ptr_null(connections_longest_idle(connections)); /* silent ones do not count */
	for (int i = 4; i < 7; i++) {
		(void)accept_one(i, (uint64_t)i);
		(void)connections_hear(connections, i, routing((uint8_t)i), key_a);
		connections_at(connections, i)->heard_ms = 100 - i;
	}
	ck_assert_int_eq(connections_longest_idle(connections)->descriptor, 6);
	connections_kicked(connections, connections_at(connections, 6));
	ck_assert_int_eq(connections_longest_idle(connections)->descriptor, 5);
	end(5);
	ck_assert_int_eq(connections_longest_idle(connections)->descriptor, 4);
}
END_TEST

START_TEST(the_oldest_silent_one_is_found_and_leaves_when_it_speaks_ends_or_is_cut_off) {
	const int order[] = { 40, 3, 500, 7, 8 };
	for (size_t i = 0; i < 5; i++) {
		(void)accept_one(order[i], (uint64_t)order[i]);
	}
	ck_assert_int_eq(connections_oldest_silent(connections)->descriptor, 40);
	(void)connections_hear(connections, 40, routing(1), key_a);
	ck_assert_int_eq(connections_oldest_silent(connections)->descriptor, 3);
	end(500);
	end(3);
	ck_assert_int_eq(connections_oldest_silent(connections)->descriptor, 7);
	connections_kicked(connections, connections_at(connections, 7));
	ck_assert_int_eq(connections_oldest_silent(connections)->descriptor, 8);
	(void)connections_hear(connections, 8, routing(2), key_a);
	ck_assert_ptr_null(connections_oldest_silent(connections));
	(void)accept_one(7, 77);
	ck_assert_int_eq(connections_oldest_silent(connections)->descriptor, 7);
}
END_TEST

START_TEST(one_that_is_cut_off_does_not_count_and_still_becomes_gone) {
	(void)accept_one(9, 90);
	(void)connections_hear(connections, 9, routing(7), key_a);
	connections_kicked(connections, connections_at(connections, 9));
	ck_assert_uint_eq(connections_open(connections), 0);
	ck_assert_ptr_nonnull(connections_of(connections, routing(7)));
	end(9);
	ck_assert_uint_eq(connections_open(connections), 0);
	connections_settle(connections);
	CHECK_GONE(7);
}
END_TEST

START_TEST(all_open_ones_are_visited) {
	(void)accept_one(0, 1);
	(void)accept_one(70, 2);
	(void)accept_one(5, 3);
	end(5);
	ck_assert_int_eq(connections_next(connections, -1)->descriptor, 0);
	ck_assert_int_eq(connections_next(connections, 0)->descriptor, 70);
	ck_assert_ptr_null(connections_next(connections, 70));
	ck_assert_ptr_null(connections_at(connections, 5));
	ck_assert_ptr_null(connections_at(connections, -1));
	ck_assert_ptr_null(connections_at(connections, 100000));
}
END_TEST

/* ---- bytes ---- */

START_TEST(what_was_there_at_a_look_and_not_handed_out_by_the_next_drain_is_unfinished) {
	struct connection *connection = accept_one(9, 90);
	ck_assert_uint_eq(connection_look(connection, 5000, 1), 0);
	ck_assert_uint_eq(connection_look(connection, 9000, 1), 0); /* whole messages may still wait */
	ck_assert_uint_eq(connection_unread(connection), 9000);
	connection_consume(connection, 4000, 1, 2000);
	ck_assert_uint_eq(connection_look(connection, 12000, 2), 5000); /* of 9,000, 4,000 are handed out */
	ck_assert_uint_eq(connection_unread(connection), 8000);
}
END_TEST

START_TEST(a_message_that_became_whole_after_a_drain_settles_all_that_was_before_it) {
	struct connection *connection = accept_one(9, 90);
	(void)connection_look(connection, 900, 0); /* a handshake, pings, and half of a message */
	connection_consume(connection, 300, 1, 2000);
	ck_assert_uint_eq(connection->consumed, 900);
	ck_assert_uint_eq(connection_unread(connection), 0);
}
END_TEST

START_TEST(a_message_from_before_a_drain_settles_only_itself) {
	struct connection *connection = accept_one(9, 90);
	(void)connection_look(connection, 9000, 3); /* a whole message and much of one that is not */
	connection_consume(connection, 300, 3, 2000);
	ck_assert_uint_eq(connection_unread(connection), 8700);
	ck_assert_uint_eq(connection_look(connection, 9000, 4), 8700);
}
END_TEST

int main(void) {
	TCase *who = tcase_create("who");
	tcase_add_checked_fixture(who, set_up, tear_down);
	tcase_add_test(who, a_connection_is_known_by_its_first_message_and_found_by_its_routing_id);
	tcase_add_test(who, one_that_was_silent_is_never_gone);
	tcase_add_test(who, an_end_is_handed_out_once_and_only_after_the_link_was_empty);
	tcase_add_test(who, a_descriptor_that_is_accepted_again_ends_what_stood_there);
	tcase_add_test(who, the_same_cookie_is_the_same_connection);
	tcase_add_test(who, a_message_read_after_the_end_makes_it_gone_again);
	tcase_add_test(who, a_late_message_taken_for_the_next_owners_is_put_right_by_its_own);
	tcase_add_test(who, ends_that_nobody_asks_for_are_bounded);
	TCase *many = tcase_create("how many");
	tcase_add_checked_fixture(many, set_up, tear_down);
	tcase_add_test(many, the_one_that_has_sent_nothing_for_longest_is_found);
	tcase_add_test(many, the_oldest_silent_one_is_found_and_leaves_when_it_speaks_ends_or_is_cut_off);
	tcase_add_test(many, one_that_is_cut_off_does_not_count_and_still_becomes_gone);
	tcase_add_test(many, all_open_ones_are_visited);
	TCase *bytes = tcase_create("bytes");
	tcase_add_checked_fixture(bytes, set_up, tear_down);
	tcase_add_test(bytes, what_was_there_at_a_look_and_not_handed_out_by_the_next_drain_is_unfinished);
	tcase_add_test(bytes, a_message_that_became_whole_after_a_drain_settles_all_that_was_before_it);
	tcase_add_test(bytes, a_message_from_before_a_drain_settles_only_itself);
	Suite *suite = suite_create("wire connections");
	suite_add_tcase(suite, who);
	suite_add_tcase(suite, many);
	suite_add_tcase(suite, bytes);
	return unit_run(suite);
}

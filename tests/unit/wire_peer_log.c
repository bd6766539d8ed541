/* What is logged about peers: each once, not too many at once, and what was held back is not forgotten. */
#include <stdio.h>

#include "base/log.h"
#include "tests/lib/unit.h"
#include "wire/peer_log.h"

#define HOUR_MS 3600000

static struct peer_log *peers;

static void set_up(void) {
	log_configure("test", LOG_ERROR, LOG_LOGFMT);
	peers = peer_log_new();
	ck_assert_ptr_nonnull(peers);
}

static void tear_down(void) {
	peer_log_free(peers);
}

static bool warn(const char *reason, const char *peer, int64_t now) {
	return peer_log_warn(peers, "connection-cut", reason, peer, now);
}

/* How many of so many peers are logged. */
static int warn_many(int count, int64_t now) {
	int written = 0;
	for (int i = 0; i < count; i++) {
		char peer[32];
		(void)snprintf(peer, sizeof peer, "peer-%lld-%d", (long long)now, i);
		written += warn("memory", peer, now) ? 1 : 0;
	}
	return written;
}

START_TEST(a_peer_is_logged_once_for_each_reason_and_again_after_an_hour) {
	ck_assert(warn("memory", "a", 1));
	ck_assert(!warn("memory", "a", 2));
	ck_assert(warn("memory", "b", 2));
	ck_assert(warn("asked", "a", 3));
	ck_assert(!warn("asked", "a", HOUR_MS - 1));
	ck_assert(warn("asked", "a", HOUR_MS + 1));
}
END_TEST

START_TEST(many_peers_share_a_bucket_of_lines_that_fills_slowly) {
	int at_once = warn_many(1000, 5000);
	ck_assert_int_gt(at_once, 0);
	ck_assert_int_lt(at_once, 100);
	ck_assert_int_eq(warn_many(1000, 5500), 0);
	ck_assert_int_le(warn_many(1000, 15000), 10);
	ck_assert_int_eq(warn_many(1000, 10 * HOUR_MS), at_once);
}
END_TEST

START_TEST(one_that_was_held_back_is_logged_when_there_is_room) {
	ck_assert_int_lt(warn_many(1000, 5000), 1000);
	ck_assert(!warn("memory", "late", 5000));
	ck_assert(warn("memory", "late", 20000));
	peer_log_tend(peers, 20000);
}
END_TEST

START_TEST(long_names_are_cut) {
	static char name[5000];
	memset(name, 'x', sizeof name - 1);
	ck_assert(warn("memory", name, 1));
	ck_assert(!warn("memory", name, 1));
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("peer log");
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_peer_is_logged_once_for_each_reason_and_again_after_an_hour);
	tcase_add_test(tests, many_peers_share_a_bucket_of_lines_that_fills_slowly);
	tcase_add_test(tests, one_that_was_held_back_is_logged_when_there_is_room);
	tcase_add_test(tests, long_names_are_cut);
	Suite *suite = suite_create("wire peer log");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

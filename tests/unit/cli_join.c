/* The join file: one broker or up to four, and what is refused in it. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/join.h"
#include "tests/lib/scratch.h"
#include "tests/lib/unit.h"

#define KEY(digits) "curve25519:" digits digits digits digits digits digits digits digits
#define FIRST KEY("0123abcd")
#define SECOND KEY("99887766")

static char agency_key[VERIFIER_KEY_MAX];

static void set_up(void) {
	struct verifier_key key;
	struct signing_key *signing = signing_key_new();
	ck_assert_ptr_nonnull(signing);
	ck_assert_int_eq(verifier_key_make("agency.example/agency", signing_key_public(signing), &key, NULL), OK);
	verifier_key_format(&key, agency_key);
	signing_key_free(signing);
}

/* Loads a join file with these lines about brokers. */
static enum error load(const char *lines, struct join *join, struct failure *failure) {
	char text[4096];
	const char *path = scratch_path(scratch_folder(), "agency.join");
	(void)snprintf(text, sizeof text, "[agency]\norigin = agency.example\n%sagency-key = %s\n", lines, agency_key);
	scratch_write(path, text);
	return join_load(path, join, failure);
}

#define ONE "endpoint = tcp://127.0.0.1:7787\ntransport-key = " FIRST "\n"
#define TWO "endpoint-2 = tcp://127.0.0.1:7788\n"

START_TEST(brokers_stand_in_their_order) {
	struct join join;
	struct failure failure;
	ck_assert_msg(load(ONE, &join, &failure) == OK, "%s", failure.text);
	ck_assert_uint_eq(join.broker_count, 1);
	ck_assert_int_eq(load(ONE TWO "endpoint-3 = tcp://[::1]:1\ntransport-key-3 = " SECOND "\n"
	                      "endpoint-4 = tcp://192.0.2.1:2\n", &join, &failure), OK);
	ck_assert_uint_eq(join.broker_count, 4);
	ck_assert_str_eq(join.brokers[1].endpoint, "tcp://127.0.0.1:7788");
	ck_assert_str_eq(join.brokers[3].endpoint, "tcp://192.0.2.1:2");
	/* A key that is not there is the first one's. */
	ck_assert_mem_eq(join.brokers[1].public_key, join.brokers[0].public_key, TRANSPORT_KEY_SIZE);
	ck_assert_mem_eq(join.brokers[3].public_key, join.brokers[0].public_key, TRANSPORT_KEY_SIZE);
	ck_assert_mem_ne(join.brokers[2].public_key, join.brokers[0].public_key, TRANSPORT_KEY_SIZE);
}
END_TEST

START_TEST(what_is_written_is_read_again) {
	struct join join, again;
	const char *path = scratch_path(scratch_folder(), "again.join");
	ck_assert_int_eq(load(ONE TWO "transport-key-2 = " SECOND "\n", &join, NULL), OK);
	ck_assert_int_eq(join_save(path, &join, NULL), OK);
	ck_assert_int_eq(join_load(path, &again, NULL), OK);
	ck_assert_str_eq(again.origin, join.origin);
	ck_assert_uint_eq(again.broker_count, 2);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_str_eq(again.brokers[i].endpoint, join.brokers[i].endpoint);
		ck_assert_mem_eq(again.brokers[i].public_key, join.brokers[i].public_key, TRANSPORT_KEY_SIZE);
	}
}
END_TEST

static const struct {
	const char *lines, *reason;
} wrong[] = {
	{ "transport-key = " FIRST "\n", "endpoint is missing" },
	{ "endpoint = tcp://127.0.0.1:7787\n", "transport-key is missing" },
	{ ONE "endpoint-3 = tcp://127.0.0.1:7789\n", "endpoint-2 is missing" },
	{ ONE "transport-key-2 = " SECOND "\n", "endpoint-2 is missing" },
	{ ONE TWO "endpoint-4 = tcp://127.0.0.1:7789\n", "endpoint-3 is missing" },
	{ ONE "endpoint-2 = tcp://127.0.0.1:7787\n", "endpoint-2 is that of another" },
	{ ONE TWO "transport-key-2 = curve25519:12\n", "transport-key-2 is not" },
	{ "endpoint = tcp://127.0.0.1:7787\ntransport-key = none\n", "transport-key is not" },
	{ ONE "endpoint-5 = tcp://127.0.0.1:7789\n", "there is no key" },
};

START_TEST(a_wrong_list_of_brokers_is_refused) {
	struct join join;
	struct failure failure = { .code = OK };
	ck_assert_int_eq(load(wrong[_i].lines, &join, &failure), ERROR_CONFIG);
	ck_assert_msg(strstr(failure.text, wrong[_i].reason) != NULL, "%s", failure.text);
}
END_TEST

START_TEST(a_broker_is_meant_by_its_number_or_endpoint) {
	struct join join;
	size_t index = 9;
	ck_assert_int_eq(load(ONE TWO, &join, NULL), OK);
	ck_assert_int_eq(join_find_broker(&join, "1", &index, NULL), OK);
	ck_assert_uint_eq(index, 0);
	ck_assert_int_eq(join_find_broker(&join, "tcp://127.0.0.1:7788", &index, NULL), OK);
	ck_assert_uint_eq(index, 1);
	static const char *const others[] = { "0", "3", "", "02", "tcp://127.0.0.1:1", "-1" };
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		ck_assert_int_eq(join_find_broker(&join, others[i], &index, NULL), ERROR_USAGE);
	}
}
END_TEST

int main(void) {
	struct failure failure;
	if (crypto_start(&failure) != OK) {
		return EXIT_FAILURE;
	}
	TCase *tests = tcase_create("brokers");
	tcase_add_unchecked_fixture(tests, set_up, NULL);
	tcase_add_test(tests, brokers_stand_in_their_order);
	tcase_add_test(tests, what_is_written_is_read_again);
	tcase_add_loop_test(tests, a_wrong_list_of_brokers_is_refused, 0, (int)(sizeof wrong / sizeof wrong[0]));
	tcase_add_test(tests, a_broker_is_meant_by_its_number_or_endpoint);
	Suite *suite = suite_create("join file");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

/* A worker's settings: one broker or several, and which combinations are refused with which reason. */
#include <stdio.h>

#include "tests/lib/scratch.h"
#include "tests/lib/unit.h"
#include "workers/market/config.h"

#define ORIGIN "[agency]\norigin = agency.example\n"
#define KEY_1 "curve25519:1111111111111111111111111111111111111111111111111111111111111111"
#define KEY_2 "curve25519:2222222222222222222222222222222222222222222222222222222222222222"
#define FIRST ORIGIN "[broker]\nendpoint = tcp://127.0.0.1:1\nkey = " KEY_1 "\n"

static struct worker_config config;
static struct failure failure;

static enum error load(const char *text) {
	const char *path = scratch_path(scratch_folder(), "worker.ini");
	scratch_write(path, text);
	return worker_config_load(path, &config, &failure);
}

static const struct {
	const char *text;
	size_t count;
	const char *endpoints[SERVER_BROKERS_MAX];
	uint8_t keys[SERVER_BROKERS_MAX]; /* their first bytes */
} right[] = {
	{ FIRST, 1, { "tcp://127.0.0.1:1" }, { 0x11 } },
	{ FIRST "endpoint-2 = tcp://127.0.0.1:2\n", 2, { "tcp://127.0.0.1:1", "tcp://127.0.0.1:2" }, { 0x11, 0x11 } },
	{ FIRST "key-2 = " KEY_2 "\nendpoint-2 = tcp://127.0.0.1:2\n", 2, { "tcp://127.0.0.1:1", "tcp://127.0.0.1:2" },
	  { 0x11, 0x22 } },
	{ FIRST "endpoint-4 = tcp://127.0.0.1:4\nkey-4 = " KEY_2 "\nendpoint-3 = tcp://127.0.0.1:3\n", 3,
	  { "tcp://127.0.0.1:1", "tcp://127.0.0.1:3", "tcp://127.0.0.1:4" }, { 0x11, 0x11, 0x22 } },
};

START_TEST(brokers_that_are_set_come_first_and_take_the_first_key_if_they_have_none) {
	enum error error = load(right[_i].text);
	ck_assert_msg(error == OK, "%s", failure.text);
	ck_assert_uint_eq(config.broker_count, right[_i].count);
	for (size_t i = 0; i < right[_i].count; i++) {
		ck_assert_str_eq(config.brokers[i].endpoint, right[_i].endpoints[i]);
		ck_assert_uint_eq(config.brokers[i].key[0], right[_i].keys[i]);
	}
}
END_TEST

static const struct {
	const char *text, *reason;
} wrong[] = {
	{ ORIGIN "[broker]\nendpoint = tcp://127.0.0.1:1\n", "key is missing" },
	{ ORIGIN "[broker]\nendpoint = tcp://127.0.0.1:1\nkey = \n", "a broker's key" },
	{ FIRST "key-3 = " KEY_2 "\n", "key-3 stands without endpoint-3" },
	{ FIRST "endpoint-2 = tcp://127.0.0.1:2\nkey-2 = curve25519:22\n", "a broker's key" },
	{ FIRST "endpoint-3 = tcp://127.0.0.1:1\n", "stands twice" },
	{ FIRST "endpoint-5 = tcp://127.0.0.1:5\n", "no key \"endpoint-5\"" },
};

START_TEST(brokers_that_cannot_be_are_refused) {
	ck_assert_int_eq(load(wrong[_i].text), ERROR_CONFIG);
	ck_assert_msg(strstr(failure.text, wrong[_i].reason) != NULL, "said: %s", failure.text);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("brokers");
	tcase_add_loop_test(tests, brokers_that_are_set_come_first_and_take_the_first_key_if_they_have_none, 0,
	                    (int)(sizeof right / sizeof right[0]));
	tcase_add_loop_test(tests, brokers_that_cannot_be_are_refused, 0, (int)(sizeof wrong / sizeof wrong[0]));
	Suite *suite = suite_create("market/config");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

/* The broker's settings and its file of workers: what is taken, and what is refused with which line and reason. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "broker/allow_list.h"
#include "broker/config.h"
#include "tests/lib/unit.h"

#define KEY_1 "curve25519:1111111111111111111111111111111111111111111111111111111111111111"
#define KEY_2 "curve25519:2222222222222222222222222222222222222222222222222222222222222222"

static bool allows(const struct allow_list *list, uint8_t byte, const char *service) {
	uint8_t key[TRANSPORT_KEY_SIZE];
	memset(key, byte, sizeof key);
	return allow_list_allows(list, key, slice_of_text(service));
}

START_TEST(listed_key_may_serve_its_services_and_no_others) {
	static const char text[] = "# workers\n\n  # indented\n" KEY_1 " one notes,views\n" KEY_2 "\t two   log";
	struct allow_list *list = NULL;
	ck_assert_int_eq(allow_list_parse("list", slice_of_text(text), &list, NULL), OK);
	ck_assert_uint_eq(allow_list_size(list), 2);
	ck_assert(allows(list, 0x11, "notes"));
	ck_assert(allows(list, 0x11, "views"));
	ck_assert(!allows(list, 0x11, "log"));
	ck_assert(!allows(list, 0x11, "note"));
	ck_assert(!allows(list, 0x11, "notes,views"));
	ck_assert(!allows(list, 0x11, ""));
	ck_assert(allows(list, 0x22, "log"));
	ck_assert(!allows(list, 0x33, "notes"));
	uint8_t key[TRANSPORT_KEY_SIZE];
	memset(key, 0x22, sizeof key);
	ck_assert_str_eq(allow_list_name(list, key), "two");
	memset(key, 0x33, sizeof key);
	ck_assert_ptr_null(allow_list_name(list, key));
	allow_list_free(list);
}
END_TEST

START_TEST(operator_and_client_are_listed_like_workers) {
	static const char text[] = KEY_1 " ops broker,notes\n" KEY_2 " acme -\n";
	struct allow_list *list = NULL;
	uint8_t key[TRANSPORT_KEY_SIZE];
	ck_assert_int_eq(allow_list_parse("list", slice_of_text(text), &list, NULL), OK);
	ck_assert(allows(list, 0x11, "broker") && allows(list, 0x11, "notes"));
	ck_assert(!allows(list, 0x22, "broker") && !allows(list, 0x22, "notes"));
	memset(key, 0x22, sizeof key);
	ck_assert(allow_list_holds(list, key));
	memset(key, 0x33, sizeof key);
	ck_assert(!allow_list_holds(list, key));
	allow_list_free(list);
}
END_TEST

START_TEST(empty_list_allows_nobody) {
	struct allow_list *list = NULL;
	ck_assert_int_eq(allow_list_parse("list", slice_of_text(""), &list, NULL), OK);
	ck_assert_uint_eq(allow_list_size(list), 0);
	ck_assert(!allows(list, 0x11, "notes"));
	allow_list_free(list);
}
END_TEST

static const struct {
	const char *text;
	unsigned line;
	const char *reason;
} refused_lists[] = {
	{ "notes", 1, "it must begin with curve25519:" },
	{ "curve25519:11 one notes", 1, "it must begin with curve25519:" },
	{ KEY_1 "1 one notes", 1, "it must begin with curve25519:" },
	{ "\n" KEY_1, 2, "behind the key stands a name" },
	{ KEY_1 " One notes", 1, "behind the key stands a name" },
	{ KEY_1 " a-name-of-more-than-32-characters notes", 1, "behind the key stands a name" },
	{ KEY_1 " one", 1, "services" },
	{ KEY_1 " one ,", 1, "services" },
	{ KEY_1 " one notes,", 1, "services" },
	{ KEY_1 " one notes,,views", 1, "a service name has 1 to 64" },
	{ KEY_1 " one n\x01otes", 1, "a service name has 1 to 64" },
	{ KEY_1 " one notes\r\n", 1, "a service name has 1 to 64" },
	{ KEY_1 " one mmi.service", 1, "services named mmi.*" },
	{ KEY_1 " one titanic.request", 1, "services named mmi.* and titanic.*" },
	{ KEY_1 " one notes,views,notes", 1, "a service stands twice" },
	{ KEY_1 " one notes views", 1, "nothing may follow" },
	{ KEY_1 " one notes # here", 1, "nothing may follow" },
	{ KEY_1 " one notes\n# then\n" KEY_1 " two views\n", 3, "this key stands in an earlier line" },
};

START_TEST(list_is_refused) {
	struct allow_list *list = NULL;
	struct failure failure = { .code = OK };
	enum error error = allow_list_parse("list", slice_of_text(refused_lists[_i].text), &list, &failure);
	ck_assert_int_eq(error, ERROR_CONFIG);
	ck_assert_ptr_null(list);
	ck_assert_uint_eq(failure.line, refused_lists[_i].line);
	ck_assert_msg(strstr(failure.text, refused_lists[_i].reason) != NULL, "said instead: %s", failure.text);
}
END_TEST

START_TEST(list_with_a_nul_byte_is_refused) {
	static const char text[] = KEY_1 " one no\0tes\n";
	struct allow_list *list = NULL;
	ck_assert_int_eq(allow_list_parse("list", slice_of(text, sizeof text - 1), &list, NULL), ERROR_CONFIG);
}
END_TEST

static char folder[64], path[128];

static void make_folder(void) {
	(void)snprintf(folder, sizeof folder, "/tmp/troth-broker-config-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof path, "%s/broker.ini", folder);
}

static void remove_folder(void) {
	(void)unlink(path);
	(void)rmdir(folder);
}

static enum error load(const char *text, struct broker_config *config, struct failure *failure) {
	ck_assert_int_eq(file_replace(path, slice_of_text(text), 0600, NULL), OK);
	return broker_config_load(path, config, failure);
}

START_TEST(settings_left_out_take_their_defaults_and_paths_are_beside_the_file) {
	struct broker_config config;
	char expected[192];
	ck_assert_int_eq(load("[broker]\nworkers = /etc/workers\nqueue-ms = 7\n", &config, NULL), OK);
	(void)snprintf(expected, sizeof expected, "%s/broker.key", folder);
	ck_assert_str_eq(config.identity, expected);
	ck_assert_str_eq(config.workers, "/etc/workers");
	ck_assert_str_eq(config.endpoint, "tcp://127.0.0.1:7787");
	ck_assert_int_eq(config.limits.queue_ms, 7);
	ck_assert_int_eq(config.limits.heartbeat_ms, 1000);
	ck_assert_int_eq(config.limits.deliveries_max, 5);
	ck_assert_str_eq(config.clients, "");
	ck_assert_str_eq(config.metrics, "");
	ck_assert_int_eq(config.limits.lease_ms, 30000);
	ck_assert_int_eq(config.limits.backoff_ms, 100);
}
END_TEST

START_TEST(units_of_the_file_become_bytes_and_milliseconds) {
	struct broker_config config;
	const char *text = "[broker]\nmemory-mib-max = 100\nqueue-mib-max = 2\nqueue-hours = 3\nmetrics-seconds = 4\n"
	                   "keep-free-mib = 5\nunread-mib-max = 6\nmetrics = m.prom\nclients = c.allow\n";
	ck_assert_int_eq(load(text, &config, NULL), OK);
	ck_assert_int_eq((int64_t)config.bounds.memory_max, 100 << 20);
	ck_assert_int_eq((int64_t)config.bounds.unread_bytes_max, 6 << 20);
	ck_assert_int_eq(config.limits.tickets_bytes_max, 2 << 20);
	ck_assert_int_eq(config.limits.ticket_ms, 3 * 3600000);
	ck_assert_int_eq(config.metrics_ms, 4000);
	ck_assert_int_eq(config.keep_free, 5 << 20);
	char expected[192];
	(void)snprintf(expected, sizeof expected, "%s/m.prom", folder);
	ck_assert_str_eq(config.metrics, expected);
	(void)snprintf(expected, sizeof expected, "%s/c.allow", folder);
	ck_assert_str_eq(config.clients, expected);
}
END_TEST

static const char *const refused_settings[] = {
	"[broker]\nwaiting-max = 0\n", "[broker]\nheartbeat-ms = 1s\n", "[broker]\nendpiont = tcp://*:1\n",
	"[brokers]\nqueue-ms = 7\n", "[broker]\nqueue-ms = 7\nqueue-ms = 8\n", "[broker]\nwaiting-bytes-max = 1024\n",
	"[broker]\nendpoint = 127.0.0.1:7787\n", "[broker]\nendpoint = inproc://broker\n",
	"[broker]\nlease-ms = 0\n", "[broker]\nqueue-hours = 0\n", "[broker]\nrate-max = many\n",
};

START_TEST(settings_are_refused) {
	struct broker_config config;
	struct failure failure = { .code = OK };
	ck_assert_int_eq(load(refused_settings[_i], &config, &failure), ERROR_CONFIG);
	ck_assert(failure.text[0] != '\0');
}
END_TEST

START_TEST(missing_file_is_named) {
	struct broker_config config;
	struct failure failure = { .code = OK };
	ck_assert_int_eq(broker_config_load(path, &config, &failure), ERROR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(failure.text, path));
}
END_TEST

int main(void) {
	Suite *suite = suite_create("broker_config");
	TCase *tests = tcase_create("files");
	tcase_add_checked_fixture(tests, make_folder, remove_folder);
	tcase_add_test(tests, listed_key_may_serve_its_services_and_no_others);
	tcase_add_test(tests, operator_and_client_are_listed_like_workers);
	tcase_add_test(tests, empty_list_allows_nobody);
	tcase_add_loop_test(tests, list_is_refused, 0, sizeof refused_lists / sizeof refused_lists[0]);
	tcase_add_test(tests, list_with_a_nul_byte_is_refused);
	tcase_add_test(tests, settings_left_out_take_their_defaults_and_paths_are_beside_the_file);
	tcase_add_test(tests, units_of_the_file_become_bytes_and_milliseconds);
	tcase_add_loop_test(tests, settings_are_refused, 0, sizeof refused_settings / sizeof refused_settings[0]);
	tcase_add_test(tests, missing_file_is_named);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

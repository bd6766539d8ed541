/* Who may connect to the broker, work and give orders: both lists, read at the start and again (broker/access.h). */
#include "broker/access.h"
#include "tests/lib/scratch.h"
#include "tests/lib/unit.h"

#define WORKER "curve25519:1111111111111111111111111111111111111111111111111111111111111111"
#define CLIENT "curve25519:2222222222222222222222222222222222222222222222222222222222222222"

static struct broker_config config;
static struct access *access_now;
static const char *workers, *clients;

/* The lists lie in a fresh folder; `clients_text` NULL: every key may connect. */
static enum error begins(const char *workers_text, const char *clients_text, struct failure *failure) {
	const char *folder = scratch_folder();
	workers = scratch_path(folder, "workers.allow");
	clients = scratch_path(folder, "clients.allow");
	config = (struct broker_config){ .drain_ms = 0 };
	ck_assert(slice_copy_text(slice_of_text(workers), config.workers, sizeof config.workers));
	scratch_write(workers, workers_text);
	if (clients_text != NULL) {
		ck_assert(slice_copy_text(slice_of_text(clients), config.clients, sizeof config.clients));
		scratch_write(clients, clients_text);
	}
	access_now = NULL;
	return access_load(&config, &access_now, failure);
}

static bool admits(uint8_t byte) {
	uint8_t key[TRANSPORT_KEY_SIZE];
	memset(key, byte, sizeof key);
	return access_admits(access_now, key);
}

static bool allows(uint8_t byte, const char *service) {
	uint8_t key[TRANSPORT_KEY_SIZE];
	memset(key, byte, sizeof key);
	return access_allows(access_now, key, slice_of_text(service));
}

START_TEST(without_a_list_of_clients_every_key_may_connect) {
	ck_assert_int_eq(begins(WORKER " one notes\n", NULL, NULL), OK);
	ck_assert(admits(0x11) && admits(0x22) && admits(0x33));
	ck_assert(allows(0x11, "notes") && !allows(0x22, "notes"));
	ck_assert_uint_eq(access_workers(access_now), 1);
	access_free(access_now);
}
END_TEST

START_TEST(with_a_list_of_clients_only_listed_keys_may_connect) {
	ck_assert_int_eq(begins(WORKER " one notes\n", CLIENT " acme notes\n", NULL), OK);
	ck_assert(admits(0x11) && admits(0x22) && !admits(0x33));
	ck_assert_msg(!allows(0x22, "notes"), "a client's line makes no worker");
	uint8_t key[TRANSPORT_KEY_SIZE];
	memset(key, 0x22, sizeof key);
	ck_assert_str_eq(access_name(access_now, key), "acme");
	memset(key, 0x33, sizeof key);
	ck_assert_ptr_null(access_name(access_now, key));
	access_free(access_now);
}
END_TEST

START_TEST(lists_are_read_again_both_or_neither) {
	struct failure failure = { .code = OK };
	ck_assert_int_eq(begins(WORKER " one notes\n", CLIENT " acme -\n", NULL), OK);
	scratch_write(workers, WORKER " one views\n");
	scratch_write(clients, "nonsense\n");
	ck_assert_int_eq(access_reload(access_now, &failure), ERROR_CONFIG);
	ck_assert_msg(strstr(failure.text, clients) != NULL, "%s", failure.text);
	ck_assert(allows(0x11, "notes") && admits(0x22));
	scratch_write(clients, "");
	ck_assert_int_eq(access_reload(access_now, &failure), OK);
	ck_assert(allows(0x11, "views") && !allows(0x11, "notes") && !admits(0x22));
	access_free(access_now);
}
END_TEST

START_TEST(missing_list_of_clients_lets_nobody_in_by_accident) {
	struct failure failure = { .code = OK };
	ck_assert_int_eq(begins("", "", NULL), OK);
	access_free(access_now);
	ck_assert(slice_copy_text(slice_of_text("/nonexistent/clients"), config.clients, sizeof config.clients));
	ck_assert_int_eq(access_load(&config, &access_now, &failure), ERROR_NOT_FOUND);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("broker_access");
	TCase *tests = tcase_create("lists");
	tcase_add_test(tests, without_a_list_of_clients_every_key_may_connect);
	tcase_add_test(tests, with_a_list_of_clients_only_listed_keys_may_connect);
	tcase_add_test(tests, lists_are_read_again_both_or_neither);
	tcase_add_test(tests, missing_list_of_clients_lets_nobody_in_by_accident);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

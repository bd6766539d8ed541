/* A change of keys, cut off at every point: the home has either its old keys or its new ones, and never a mixture. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/home_keys.h"
#include "tests/lib/scratch.h"
#include "tests/lib/unit.h"

static struct home home;
static struct settings settings;
static const char *folder;
static uint8_t old_key[KEY_SIZE], old_transport[TRANSPORT_KEY_SIZE];

/* What the home works with now. */
static void read_keys(uint8_t key[KEY_SIZE], uint8_t transport[TRANSPORT_KEY_SIZE]) {
	struct failure failure;
	struct identity identity;
	ck_assert_int_eq(home_unlock(&home, &settings, &failure), OK);
	memcpy(key, signing_key_public(home.key), KEY_SIZE);
	home_release(&home);
	ck_assert_int_eq(home_load_identity(&home, &identity, &failure), OK);
	memcpy(transport, identity.public_key, TRANSPORT_KEY_SIZE);
	identity_wipe(&identity);
}

static void set_up(void) {
	struct failure failure;
	struct join join = { .broker_count = 1 };
	struct identity broker;
	struct signing_key *agency = NULL;
	ck_assert_int_eq(crypto_start(&failure), OK);
	folder = scratch_path(scratch_folder(), "home");
	settings = (struct settings){ .home = folder };
	agency = signing_key_new();
	ck_assert_int_eq(identity_make(&broker, &failure), OK);
	const uint8_t *key = signing_key_public(agency);
	ck_assert_int_eq(verifier_key_make("agency.example/agency", key, &join.agency, &failure), OK);
	(void)snprintf(join.origin, sizeof join.origin, "agency.example");
	(void)snprintf(join.brokers[0].endpoint, sizeof join.brokers[0].endpoint, "tcp://127.0.0.1:7787");
	memcpy(join.brokers[0].public_key, broker.public_key, TRANSPORT_KEY_SIZE);
	identity_wipe(&broker);
	signing_key_free(agency);
	ck_assert_int_eq(home_locate(&settings, &home, &failure), OK);
	ck_assert_msg(home_make(&home, ROLE_CREATOR, "studio-flow", &join, NULL, &failure) == OK, "%s", failure.text);
	home_release(&home);
	read_keys(old_key, old_transport);
}

static void next_keys(uint8_t key[KEY_SIZE], uint8_t transport[TRANSPORT_KEY_SIZE]) {
	struct failure failure;
	struct signing_key *next = NULL;
	struct identity identity;
	ck_assert_msg(home_next_keys(&home, &settings, &next, &identity, &failure) == OK, "%s", failure.text);
	memcpy(key, signing_key_public(next), KEY_SIZE);
	memcpy(transport, identity.public_key, TRANSPORT_KEY_SIZE);
	signing_key_free(next);
	identity_wipe(&identity);
}

static void home_has(const uint8_t key[KEY_SIZE], const uint8_t transport[TRANSPORT_KEY_SIZE]) {
	uint8_t now_key[KEY_SIZE], now_transport[TRANSPORT_KEY_SIZE];
	read_keys(now_key, now_transport);
	ck_assert_mem_eq(now_key, key, KEY_SIZE);
	ck_assert_mem_eq(now_transport, transport, TRANSPORT_KEY_SIZE);
}

START_TEST(the_next_keys_stay_the_same_until_they_are_accepted_and_the_home_keeps_the_old_ones) {
	uint8_t key[KEY_SIZE], transport[TRANSPORT_KEY_SIZE], again[KEY_SIZE], transport_again[TRANSPORT_KEY_SIZE];
	struct failure failure;
	next_keys(key, transport);
	next_keys(again, transport_again);
	ck_assert_mem_eq(key, again, KEY_SIZE);
	ck_assert_mem_eq(transport, transport_again, TRANSPORT_KEY_SIZE);
	ck_assert_mem_ne(key, old_key, KEY_SIZE);
	ck_assert_int_eq(home_finish_keys(&home, &failure), OK);
	home_has(old_key, old_transport);
}
END_TEST

struct search {
	const uint8_t *wanted;
	size_t seen, found;
};

static bool look(void *argument, const struct signing_key *key) {
	struct search *search = argument;
	search->seen++;
	search->found += memcmp(search->wanted, signing_key_public(key), KEY_SIZE) == 0 ? 1 : 0;
	return false;
}

static void former_is_kept(const uint8_t key[KEY_SIZE], size_t of) {
	struct search search = { .wanted = key };
	struct failure failure;
	ck_assert_int_eq(home_former_keys(&home, &settings, look, &search, &failure), OK);
	ck_assert_uint_eq(search.found, 1);
	ck_assert_uint_eq(search.seen, of);
}

START_TEST(accepted_keys_take_the_place_of_the_old_which_are_kept) {
	uint8_t key[KEY_SIZE], transport[TRANSPORT_KEY_SIZE], third[KEY_SIZE], third_transport[TRANSPORT_KEY_SIZE];
	struct failure failure;
	next_keys(key, transport);
	ck_assert_int_eq(home_accept_keys(&home, &failure), OK);
	home_has(key, transport);
	former_is_kept(old_key, 1);
	next_keys(third, third_transport);
	ck_assert_mem_ne(third, key, KEY_SIZE);
	ck_assert_int_eq(home_accept_keys(&home, &failure), OK);
	home_has(third, third_transport);
	former_is_kept(old_key, 2);
	former_is_kept(key, 2);
}
END_TEST

/* The points behind the agency's answer: the marker is there; the old key is kept; the new key is in its place; the
 * transport key is, too. */
START_TEST(a_change_that_was_cut_off_behind_the_answer_is_finished_when_the_home_is_opened) {
	static const char *const done[] = { "signing.key", "transport.key" };
	uint8_t key[KEY_SIZE], transport[TRANSPORT_KEY_SIZE];
	struct failure failure;
	next_keys(key, transport);
	scratch_write(scratch_path(folder, "rekey/accepted"), "yes\n");
	if (_i >= 1) {
		char *old = scratch_read(scratch_path(folder, "signing.key"));
		ck_assert_int_eq(file_make_folder(scratch_path(folder, "former"), 0700, &failure), OK);
		uint8_t hash[HASH_SIZE];
		char hex[HASH_HEX_SIZE], name[40];
		hash_sha256(slice_of_text(old), hash);
		hex_encode(slice_of(hash, sizeof hash), hex);
		(void)snprintf(name, sizeof name, "former/%.12s.key", hex);
		ck_assert_int_eq(file_replace(scratch_path(folder, name), slice_of_text(old), 0600, &failure), OK);
		free(old);
	}
	for (int i = 0; i < _i - 1; i++) {
		char from[32];
		(void)snprintf(from, sizeof from, "rekey/%s", done[i]);
		ck_assert_int_eq(rename(scratch_path(folder, from), scratch_path(folder, done[i])), 0);
	}
	ck_assert_msg(home_open(&settings, &home, &failure) == OK, "%s", failure.text);
	home_has(key, transport);
	former_is_kept(old_key, 1);
	ck_assert(!file_exists(scratch_path(folder, "rekey/accepted")));
}
END_TEST

/* The rest of a file whose writing was cut off, and one of somebody else. */
START_TEST(only_key_files_are_opened) {
	static const char *const others[] = { "former/a.key.x1y2z3", "former/notes.txt", "former/.b.key", "former/.key" };
	uint8_t key[KEY_SIZE], transport[TRANSPORT_KEY_SIZE];
	struct failure failure;
	next_keys(key, transport);
	ck_assert_int_eq(home_accept_keys(&home, &failure), OK);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		scratch_write(scratch_path(folder, others[i]), "troth-");
	}
	former_is_kept(old_key, 1);
}
END_TEST

static bool look_and_stop(void *argument, const struct signing_key *key) {
	struct search *search = argument;
	(void)look(argument, key);
	return search->found > 0;
}

START_TEST(a_key_that_cannot_be_opened_is_passed_over_and_named) {
	uint8_t key[KEY_SIZE], transport[TRANSPORT_KEY_SIZE];
	struct search search = { .wanted = old_key };
	struct failure failure = { .code = OK };
	next_keys(key, transport);
	ck_assert_int_eq(home_accept_keys(&home, &failure), OK);
	/* Whichever of them the folder lists first. */
	const char *const broken[] = { scratch_path(folder, "former/000000000000.key"),
		                           scratch_path(folder, "former/ffffffffffff.key") };
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(file_replace(broken[i], slice_of_text("troth-"), 0600, &failure), OK);
	}
	ck_assert_int_eq(home_former_keys(&home, &settings, look_and_stop, &search, &failure), OK);
	ck_assert_uint_eq(search.found, 1);
	search = (struct search){ .wanted = key };
	ck_assert_int_eq(home_former_keys(&home, &settings, look_and_stop, &search, &failure), ERROR_MALFORMED);
	ck_assert_uint_eq(search.seen, 1);
	ck_assert_msg(strstr(failure.text, broken[0]) != NULL || strstr(failure.text, broken[1]) != NULL, "%s",
	              failure.text);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("changes of keys");
	TCase *tests = tcase_create("keys");
	tcase_add_checked_fixture(tests, set_up, NULL);
	tcase_add_test(tests, the_next_keys_stay_the_same_until_they_are_accepted_and_the_home_keeps_the_old_ones);
	tcase_add_test(tests, accepted_keys_take_the_place_of_the_old_which_are_kept);
	tcase_add_loop_test(tests, a_change_that_was_cut_off_behind_the_answer_is_finished_when_the_home_is_opened, 0, 4);
	tcase_add_test(tests, only_key_files_are_opened);
	tcase_add_test(tests, a_key_that_cannot_be_opened_is_passed_over_and_named);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

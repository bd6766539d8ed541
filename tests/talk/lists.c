/* Lists that are longer than a page: nothing is hidden behind the first hundred, and whoever looks is told that there
 * is more. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/command.h"
#include "tests/lib/notes.h"
#include "tests/lib/scene.h"
#include "tests/lib/scratch.h"
#include "tests/lib/unit.h"

#define TEST_SECONDS 240
#define CROWD 130
#define WINDOW 32

static struct scene scene;
static const char *ops;
static struct actor crowd[CROWD]; /* all ask for one name; sorted by key */

static int by_key(const void *a, const void *b) {
	const struct actor *first = a, *second = b;
	return memcmp(signing_key_public(first->key), signing_key_public(second->key), KEY_SIZE);
}

static void submit(const struct buffer *notes, size_t count) {
	struct outcome outcomes[CROWD];
	struct client *client = scene_connect(&scene, &scene.operator);
	market_submit(client, &scene.agency, notes, count, WINDOW, outcomes);
	for (size_t i = 0; i < count; i++) {
		ck_assert_msg(outcomes[i].error == OK, "%s: %s", error_word(outcomes[i].error), outcomes[i].said);
	}
	client_free(client);
}

static void make_crowd(void) {
	struct buffer notes[CROWD];
	for (size_t i = 0; i < CROWD; i++) {
		actor_make(&crowd[i], ROLE_CREATOR, "wanted", &scene.agency);
		buffer_init(&notes[i], SIGNED_NOTE_MAX);
		actor_enrol(&crowd[i], &notes[i]);
	}
	submit(notes, CROWD);
	for (size_t i = 0; i < CROWD; i++) {
		buffer_release(&notes[i]);
	}
	qsort(crowd, CROWD, sizeof crowd[0], by_key);
}

static void set_up(void) {
	scene_make(&scene);
	ops = scratch_path(scene.agency.home, "ops");
	make_crowd();
}

static void tear_down(void) {
	for (size_t i = 0; i < CROWD; i++) {
		actor_release(&crowd[i]);
	}
	scene_release(&scene);
}

static size_t length_of(struct said said) {
	json_t *list = said_json(said);
	size_t length = json_array_size(list);
	json_decref(list);
	return length;
}

static bool says_more(struct said said) {
	(void)said_done(said);
	return strstr(said.errors, "there are more") != NULL;
}

static const char *hex_of(const struct actor *actor, char out[HASH_HEX_SIZE]) {
	hex_encode(slice_of(signing_key_public(actor->key), KEY_SIZE), out);
	return out;
}

/* ---- who waits ---- */

START_TEST(a_crowd_of_keys_hides_nobody_who_waits) {
	char key[HASH_HEX_SIZE], operand[64];
	const struct actor *last = &crowd[CROWD - 1];
	ck_assert_uint_eq(length_of(troth("ops", "waiting", "wanted", "--limit", "1000", "--home", ops, "--json", NULL)),
	                  CROWD);
	ck_assert_uint_eq(length_of(troth("ops", "waiting", "--limit", "1000", "--home", ops, "--json", NULL)), CROWD + 1);
	ck_assert(says_more(troth("ops", "waiting", "wanted", "--home", ops, NULL)));
	ck_assert(!says_more(troth("ops", "waiting", "waiting", "--limit", "1", "--home", ops, NULL)));
	said_refused(troth("ops", "admit", "wanted", "--yes", "--home", ops, NULL), 1, ERROR_AMBIGUOUS, 0);
	(void)snprintf(operand, sizeof operand, "wanted@%.12s", hex_of(last, key));
	(void)said_id(troth("ops", "admit", operand, "--home", ops, NULL));
	struct client *client = scene_connect(&scene, last);
	ck_assert_int_eq(direct_ask(client, "offers", NULL, NULL, NULL).code, OK);
	client_free(client);
}
END_TEST

/* Walks through a list page by page; returns how many items had these first digits of a key. */
static size_t walk(struct client *client, const char *operation, const char *name, const char *digits, int64_t limit) {
	char place[200] = "";
	size_t found = 0;
	do {
		const struct pack_value *ok = NULL;
		struct argument arguments[4] = { { "limit", NULL, limit, false } };
		size_t count = 1;
		const struct {
			const char *key, *text;
		} texts[] = { { "name", name }, { "key", digits }, { "after", place } };
		for (size_t i = 0; i < 3; i++) {
			if (texts[i].text[0] != '\0') {
				arguments[count++] = (struct argument){ texts[i].key, texts[i].text, 0, false };
			}
		}
		struct failure failure = direct_query(client, operation, arguments, count, &ok);
		ck_assert_msg(failure.code == OK, "%s: %s", operation, failure.text);
		const struct pack_value *items = pack_find(ok, "items");
		ck_assert_uint_le(pack_count(items), (size_t)limit);
		for (size_t i = 0; i < pack_count(items); i++) {
			struct slice key;
			char hex[HASH_HEX_SIZE];
			ck_assert(pack_as_bytes(pack_find(pack_item(items, i), "key"), &key) && key.size == KEY_SIZE);
			hex_encode(key, hex);
			found += strncmp(hex, digits, strlen(digits)) == 0;
		}
		struct slice next;
		bool more = pack_as_text(pack_find(ok, "after"), &next);
		ck_assert(more ? slice_copy_text(next, place, sizeof place) : true);
		place[0] = more ? place[0] : '\0';
	} while (place[0] != '\0');
	return found;
}

START_TEST(pages_of_who_waits_follow_each_other) {
	struct client *client = scene_connect(&scene, &scene.operator);
	char digit[2] = "0";
	size_t by_digit = 0, of_name = walk(client, "enrolments", "wanted", "", 7);
	ck_assert_uint_ge(of_name, CROWD - 1); /* one may be admitted by now */
	ck_assert_uint_eq(walk(client, "enrolments", "wanted", "", 100), of_name);
	for (; digit[0] != '\0'; digit[0] = (char)(digit[0] == '9' ? 'a' : digit[0] == 'f' ? '\0' : digit[0] + 1)) {
		by_digit += walk(client, "enrolments", "wanted", digit, 3);
	}
	ck_assert_uint_eq(by_digit, of_name);
	client_free(client);
}
END_TEST

START_TEST(a_place_in_another_list_is_refused) {
	static const struct {
		const char *operation;
		struct argument arguments[3];
		size_t count;
		enum error code;
	} rows[] = {
		{ "enrolments", { { "key", "ab", 0, false } }, 1, ERROR_MALFORMED },
		{ "enrolments", { { "name", "wanted", 0, false }, { "key", "AB", 0, false } }, 2, ERROR_BAD_VALUE },
		{ "enrolments", { { "after", "wanted", 0, false } }, 1, ERROR_BAD_VALUE },
		{ "enrolments", { { "after", "", 0, false } }, 1, ERROR_BAD_VALUE },
		{ "enrolments", { { "after", "wanted 00", 0, false } }, 1, ERROR_BAD_VALUE },
		{ "enrolments",
		  { { "name", "wanted", 0, false },
		    { "after", "a 0000000000000000000000000000000000000000000000000000000000000000", 0, false } },
		  2, ERROR_BAD_VALUE },
		{ "enrolments",
		  { { "name", "wanted", 0, false },
		    { "key", "1", 0, false },
		    { "after", "wanted 0000000000000000000000000000000000000000000000000000000000000000", 0, false } },
		  3, ERROR_BAD_VALUE },
		{ "accounts", { { "after", "Not A Name", 0, false } }, 1, ERROR_BAD_VALUE },
		{ "accounts", { { "name", "third", 0, false }, { "after", "second", 0, false } }, 2, ERROR_BAD_VALUE },
		{ "accounts", { { "name", "Not A Name", 0, false } }, 1, ERROR_BAD_VALUE },
	};
	struct client *client = scene_connect(&scene, &scene.operator);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct failure failure = direct_query(client, rows[i].operation, rows[i].arguments, rows[i].count, NULL);
		ck_assert_msg(failure.code == rows[i].code, "row %zu: %s: %s", i, error_word(failure.code), failure.text);
	}
	client_free(client);
}
END_TEST

/* ---- who is there ---- */

static json_t *account_of(const char *name) {
	json_t *list = said_json(troth("ops", "accounts", name, "--home", ops, "--json", NULL));
	ck_assert_uint_eq(json_array_size(list), 1);
	json_t *account = json_incref(json_array_get(list, 0));
	json_decref(list);
	return account;
}

START_TEST(operators_see_every_account_with_its_keys) {
	char key[HASH_HEX_SIZE];
	struct client *client = scene_connect(&scene, &scene.operator);
	size_t all = walk(client, "accounts", "", "", 100);
	ck_assert_uint_ge(all, 6); /* the cast and the operator */
	ck_assert_uint_eq(walk(client, "accounts", "", "", 1), all);
	ck_assert_uint_eq(walk(client, "accounts", "third", "", 1), 1);
	client_free(client);
	json_t *account = account_of("acme-yoga");
	ck_assert_str_eq(json_text(account, "role"), "brand");
	ck_assert_str_eq(json_text(account, "state"), "admitted");
	ck_assert_str_eq(json_text(account, "key"), hex_of(&scene.brand, key));
	json_decref(account);
	ck_assert(says_more(troth("ops", "accounts", "--limit", "1", "--home", ops, NULL)));
	said_refused(troth("ops", "accounts", "nobody", "--home", ops, NULL), 1, ERROR_NOT_FOUND, 0);
}
END_TEST

/* A key can be revoked with what the list shows of it. */
START_TEST(what_became_of_keys_is_shown) {
	const char *home = home_admitted(&scene.agency, "creator", "changes");
	(void)said_done(troth("rekey", "--home", home, "--yes", "--no-passphrase", NULL));
	json_t *account = account_of("changes"), *keys = json_object_get(account, "keys");
	ck_assert_uint_eq(json_array_size(keys), 2);
	for (size_t i = 0; i < 2; i++) {
		json_t *key = json_array_get(keys, i);
		bool is_present = strcmp(json_text(key, "key"), json_text(account, "key")) == 0;
		ck_assert(is_present == (json_object_get(key, "until") == NULL));
	}
	(void)said_id(troth("ops", "revoke", "changes", "--key", json_text(account, "key"), "--valid-until", "3",
	                    "--reason", "lost", "--yes", "--home", ops, NULL));
	(void)said_id(troth("ops", "suspend", "changes", "--reason", "asks", "--yes", "--home", ops, NULL));
	json_decref(account);
	account = account_of("changes");
	ck_assert_ptr_null(json_object_get(account, "key"));
	ck_assert_str_eq(json_text(account, "state"), "suspended");
	struct said said = troth("ops", "accounts", "changes", "--home", ops, NULL);
	(void)said_done(said);
	ck_assert_ptr_nonnull(strstr(said.output, "revoked, good up to note 3"));
	ck_assert_ptr_nonnull(strstr(said.output, "former, until "));
	ck_assert_ptr_nonnull(strstr(said.errors, "enrols anew"));
	json_decref(account);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("lists");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_unchecked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_crowd_of_keys_hides_nobody_who_waits);
	tcase_add_test(tests, pages_of_who_waits_follow_each_other);
	tcase_add_test(tests, a_place_in_another_list_is_refused);
	tcase_add_test(tests, operators_see_every_account_with_its_keys);
	tcase_add_test(tests, what_became_of_keys_is_shown);
	Suite *suite = suite_create("talk/lists");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

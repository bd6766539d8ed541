/* Questions to the worker: who may ask what, and what becomes of requests that are none. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/command.h"
#include "tests/lib/scene.h"
#include "tests/lib/unit.h"
#include "wire/body.h"

#define TEST_SECONDS 120

static struct scene scene;

static void set_up(void) {
	scene_make(&scene);
}

static void tear_down(void) {
	scene_release(&scene);
}

static void write_id(const struct buffer *note, char hex[HASH_HEX_SIZE]) {
	uint8_t id[HASH_SIZE];
	note_id_of(buffer_slice(note), id);
	hex_encode(slice_of(id, sizeof id), hex);
}

/* ---- who may ask ---- */

static const struct {
	const char *operation;
	enum error stranger, waiting, creator, operator;
} audiences[] = {
	{ "account", ERROR_NOT_FOUND, OK, OK, OK },
	{ "offers", ERROR_NOT_ADMITTED, ERROR_NOT_ADMITTED, OK, OK },
	{ "offer", ERROR_NOT_ADMITTED, ERROR_NOT_ADMITTED, OK, OK },
	{ "deals", ERROR_NOT_ADMITTED, ERROR_NOT_ADMITTED, OK, OK },
	{ "deal", ERROR_NOT_ADMITTED, ERROR_NOT_ADMITTED, ERROR_NOT_FOUND, ERROR_NOT_FOUND },
	{ "applicants", ERROR_NOT_ADMITTED, ERROR_NOT_ADMITTED, ERROR_NOT_ALLOWED, OK },
	{ "address", ERROR_NOT_ADMITTED, ERROR_NOT_ADMITTED, ERROR_NOT_FOUND, ERROR_NOT_FOUND },
	{ "notes", ERROR_NOT_ADMITTED, ERROR_NOT_ADMITTED, OK, OK },
	{ "statement", ERROR_NOT_ADMITTED, ERROR_NOT_ADMITTED, OK, OK },
	{ "party", ERROR_NOT_ADMITTED, ERROR_NOT_ADMITTED, ERROR_MALFORMED, ERROR_MALFORMED },
	{ "profile", ERROR_NOT_ADMITTED, ERROR_NOT_ADMITTED, ERROR_MALFORMED, ERROR_MALFORMED },
	{ "payable", ERROR_NOT_ADMITTED, ERROR_NOT_ADMITTED, ERROR_NOT_ALLOWED, OK },
	{ "enrolments", ERROR_NOT_ADMITTED, ERROR_NOT_ADMITTED, ERROR_NOT_ALLOWED, OK },
	{ "accounts", ERROR_NOT_ADMITTED, ERROR_NOT_ADMITTED, ERROR_NOT_ALLOWED, OK },
	{ "secrets", ERROR_UNKNOWN_OPERATION, ERROR_UNKNOWN_OPERATION, ERROR_UNKNOWN_OPERATION, ERROR_UNKNOWN_OPERATION },
};

static void each_question(const struct actor *asker, size_t column) {
	char id[HASH_HEX_SIZE];
	struct client *client = scene_connect(&scene, asker);
	write_id(&scene.offer, id);
	for (size_t i = 0; i < sizeof audiences / sizeof audiences[0]; i++) {
		const enum error expected[] = { audiences[i].stranger, audiences[i].waiting, audiences[i].creator,
			                            audiences[i].operator };
		struct failure failure = direct_ask(client, audiences[i].operation, "id", id, NULL);
		ck_assert_msg(failure.code == expected[column], "%s asks %s: %s, not %s: %s", asker->name,
		              audiences[i].operation, error_word(failure.code), error_word(expected[column]), failure.text);
	}
	client_free(client);
}

START_TEST(questions_are_answered_to_those_who_may_ask) {
	const struct actor *const askers[] = { &scene.stranger, &scene.waiting, &scene.creator, &scene.operator };
	each_question(askers[_i], (size_t)_i);
}
END_TEST

START_TEST(one_who_waits_is_told_so) {
	const struct pack_value *ok = NULL;
	struct slice state, name;
	struct client *client = scene_connect(&scene, &scene.waiting);
	ck_assert_int_eq(direct_ask(client, "account", NULL, NULL, &ok).code, OK);
	ck_assert(pack_as_text(pack_find(ok, "state"), &state) && slice_is(state, "waiting"));
	ck_assert(pack_as_text(pack_find(ok, "name"), &name) && slice_is(name, "waiting"));
	client_free(client);
}
END_TEST

START_TEST(operators_see_who_waits) {
	const struct pack_value *ok = NULL;
	struct slice name;
	struct client *client = scene_connect(&scene, &scene.operator);
	ck_assert_int_eq(direct_ask(client, "enrolments", NULL, NULL, &ok).code, OK);
	const struct pack_value *items = pack_find(ok, "items");
	ck_assert_uint_eq(pack_count(items), 1);
	ck_assert(pack_as_text(pack_find(pack_item(items, 0), "name"), &name) && slice_is(name, "waiting"));
	ck_assert_int_eq(direct_ask(client, "enrolments", "name", "Not A Name", NULL).code, ERROR_BAD_VALUE);
	client_free(client);
}
END_TEST

/* ---- other people's deals ---- */

static size_t count_items(struct client *client, const char *operation) {
	const struct pack_value *ok = NULL;
	struct failure failure = direct_ask(client, operation, NULL, NULL, &ok);
	ck_assert_msg(failure.code == OK, "%s", failure.text);
	return pack_count(pack_find(ok, "items"));
}

START_TEST(a_deal_is_shown_to_its_parties_and_to_operators) {
	const struct {
		const struct actor *asker;
		bool sees;
	} rows[] = { { &scene.brand, true },    { &scene.third, true },  { &scene.operator, true },
		         { &scene.creator, false }, { &scene.rival, false }, { &scene.second, false } };
	struct buffer note;
	char id[HASH_HEX_SIZE];
	buffer_init(&note, SIGNED_NOTE_MAX);
	actor_accept(&scene.third, buffer_slice(&scene.offer), &note);
	write_id(&note, id);
	struct client *third = scene_connect(&scene, &scene.third);
	scene_accepts(third, &note);
	client_free(third);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct client *client = scene_connect(&scene, rows[i].asker);
		struct failure failure = direct_ask(client, "deal", "id", id, NULL);
		ck_assert_msg(failure.code == (rows[i].sees ? OK : ERROR_NOT_FOUND), "%s: %s", rows[i].asker->name,
		              error_word(failure.code));
		client_free(client);
	}
	/* What is refused says no more than for a deal that does not exist. */
	struct client *rival = scene_connect(&scene, &scene.rival);
	struct failure real = direct_ask(rival, "deal", "id", id, NULL);
	char other[HASH_HEX_SIZE];
	memset(other, '0', sizeof other - 1);
	other[sizeof other - 1] = '\0';
	struct failure made_up = direct_ask(rival, "deal", "id", other, NULL);
	ck_assert_int_eq(made_up.code, real.code);
	char *at = strstr(real.text, id);
	ck_assert_ptr_nonnull(at);
	memcpy(at, other, strlen(other));
	ck_assert_str_eq(made_up.text, real.text);
	ck_assert_uint_eq(count_items(rival, "deals"), 0);
	client_free(rival);
	buffer_release(&note);
}
END_TEST

START_TEST(offers_are_listed_by_who_asks) {
	struct client *brand = scene_connect(&scene, &scene.brand), *rival = scene_connect(&scene, &scene.rival);
	struct client *creator = scene_connect(&scene, &scene.creator);
	ck_assert_uint_eq(count_items(brand, "offers"), 3); /* its own, whatever their state */
	ck_assert_uint_eq(count_items(rival, "offers"), 0);
	ck_assert_uint_eq(count_items(creator, "offers"), 1); /* those that can be accepted */
	client_free(brand);
	client_free(rival);
	client_free(creator);
}
END_TEST

/* ---- requests that are none ---- */

struct request {
	const char *name, *service;
	const char *bytes;
	size_t size;
	enum error code;
};

#define BYTES(text) text, sizeof text - 1

static const struct request requests[] = {
	{ "no bytes", "views", BYTES(""), ERROR_MALFORMED },
	{ "no bytes", "notes", BYTES(""), ERROR_MALFORMED },
	{ "garbage", "views", BYTES("\xc1\xff\x00garbage"), ERROR_MALFORMED },
	{ "garbage", "notes", BYTES("\xc1\xff\x00garbage"), ERROR_MALFORMED },
	{ "a map cut short", "views", BYTES("\x82\xa2op\xa6offers"), ERROR_MALFORMED },
	{ "a map that promises a million keys", "views", BYTES("\xdf\x00\x0f\x42\x40"), ERROR_MALFORMED },
	{ "a text that promises 4 GiB", "views", BYTES("\x81\xa2op\xdb\xff\xff\xff\xff" "x"), ERROR_MALFORMED },
	{ "more behind the map", "views", BYTES("\x81\xa2op\xa6offers\x00"), ERROR_MALFORMED },
	{ "a key twice", "views", BYTES("\x82\xa2op\xa6offers\xa2op\xa5" "deals"), ERROR_MALFORMED },
	{ "a list", "views", BYTES("\x91\xa6offers"), ERROR_MALFORMED },
	{ "no operation", "views", BYTES("\x80"), ERROR_MALFORMED },
	{ "an operation that is no text", "views", BYTES("\x81\xa2op\x07"), ERROR_MALFORMED },
	{ "a missing argument", "views", BYTES("\x81\xa2op\xa5offer"), ERROR_MALFORMED },
	{ "an argument of another type", "views", BYTES("\x82\xa2op\xa5offer\xa2id\x07"), ERROR_MALFORMED },
	{ "an unknown operation", "views", BYTES("\x81\xa2op\xa6submit"), ERROR_UNKNOWN_OPERATION },
	{ "a question to notes", "notes", BYTES("\x81\xa2op\xa6offers"), ERROR_UNKNOWN_OPERATION },
	{ "an address without a deal", "notes", BYTES("\x82\xa2op\xa7" "address\xa6sealed\xc4\x01x"), ERROR_MALFORMED },
	{ "a missing note", "notes", BYTES("\x81\xa2op\xa6submit"), ERROR_MALFORMED },
	{ "a note as text", "notes", BYTES("\x82\xa2op\xa6submit\xa4note\xa3xyz"), ERROR_MALFORMED },
	{ "a note of no bytes", "notes", BYTES("\x82\xa2op\xa6submit\xa4note\xc4\x00"), ERROR_MALFORMED },
};

START_TEST(requests_that_are_none_are_refused_and_the_next_one_is_answered) {
	struct client *client = scene_connect(&scene, &scene.creator);
	struct store_counts before = store_count(scene.agency.home);
	for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
		const struct request *request = &requests[i];
		struct failure failure = direct_call(client, request->service, slice_of(request->bytes, request->size), NULL);
		ck_assert_msg(failure.code == request->code, "%s: %s, not %s: %s", request->name, error_word(failure.code),
		              error_word(request->code), failure.text);
		ck_assert_int_eq(direct_ask(client, "account", NULL, NULL, NULL).code, OK);
	}
	store_has_grown(scene.agency.home, before, (struct store_counts){ 0, 0, 0 });
	client_free(client);
}
END_TEST

START_TEST(an_id_is_written_in_hex_digits) {
	struct client *client = scene_connect(&scene, &scene.creator);
	static const char *const ids[] = { "", "0", "abcdef0", "ABCDEF0123", "zzzzzzzzzz", "../../../../", "0123456789 ",
		                               "00000000000000000000000000000000000000000000000000000000000000000" };
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
		struct failure failure = direct_ask(client, "offer", "id", ids[i], NULL);
		ck_assert_msg(failure.code == ERROR_BAD_VALUE, "\"%s\": %s", ids[i], error_word(failure.code));
	}
	client_free(client);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("views");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_unchecked_fixture(tests, set_up, tear_down);
	tcase_add_loop_test(tests, questions_are_answered_to_those_who_may_ask, 0, 4);
	tcase_add_test(tests, one_who_waits_is_told_so);
	tcase_add_test(tests, operators_see_who_waits);
	tcase_add_test(tests, a_deal_is_shown_to_its_parties_and_to_operators);
	tcase_add_test(tests, offers_are_listed_by_who_asks);
	tcase_add_test(tests, requests_that_are_none_are_refused_and_the_next_one_is_answered);
	tcase_add_test(tests, an_id_is_written_in_hex_digits);
	Suite *suite = suite_create("talk/views");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

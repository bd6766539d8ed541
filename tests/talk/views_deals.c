/* Questions about deals and those who apply for them: what is shown, and to whom. */
#include <stdio.h>
#include <stdlib.h>

#include "rules/deal.h"
#include "tests/lib/command.h"
#include "tests/lib/notes.h"
#include "tests/lib/scene.h"
#include "tests/lib/unit.h"
#include "wire/body.h"

#define TEST_SECONDS 120

static struct scene scene;
static struct client *brand, *rival, *creator, *second, *third, *operator;

static void set_up(void) {
	scene_make(&scene);
}

static void tear_down(void) {
	scene_release(&scene);
}

/* Connections belong to the test's own process. */
static void connect_all(void) {
	brand = scene_connect(&scene, &scene.brand);
	rival = scene_connect(&scene, &scene.rival);
	creator = scene_connect(&scene, &scene.creator);
	second = scene_connect(&scene, &scene.second);
	third = scene_connect(&scene, &scene.third);
	operator = scene_connect(&scene, &scene.operator);
}

static void disconnect_all(void) {
	struct client *const all[] = { brand, rival, creator, second, third, operator };
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		client_free(all[i]);
	}
}

static struct buffer new_note(void) {
	struct buffer note;
	buffer_init(&note, SIGNED_NOTE_MAX);
	return note;
}

/* An accepted offer of the brand, gifted or with a fee, with lines in front of its slots. */
static struct buffer make_offer(const char *fee, const char *lines) {
	struct buffer plain = new_note(), offer = new_note();
	char all[200];
	(void)snprintf(all, sizeof all, "%sslots 5\n", lines);
	actor_offer(&scene.brand, 5, fee, &plain);
	direct_resign(&scene.brand, buffer_slice(&plain), "slots", all, &offer);
	scene_accepts(brand, &offer);
	buffer_release(&plain);
	return offer;
}

static const char *digits_of(const uint8_t id[HASH_SIZE], char hex[HASH_HEX_SIZE]) {
	hex_encode(slice_of(id, HASH_SIZE), hex);
	return hex;
}

static const char *id_of(const struct buffer *note, char hex[HASH_HEX_SIZE]) {
	uint8_t id[HASH_SIZE];
	note_id_of(buffer_slice(note), id);
	return digits_of(id, hex);
}

static const struct pack_value *ask(struct client *client, const char *operation, const struct argument *arguments,
                                    size_t count) {
	const struct pack_value *ok = NULL;
	struct failure failure = direct_query(client, operation, arguments, count, &ok);
	ck_assert_msg(failure.code == OK, "%s: %s: %s", operation, error_word(failure.code), failure.text);
	return ok;
}

static size_t count_of(struct client *client, const char *operation, const struct argument *arguments, size_t count) {
	return pack_count(pack_find(ask(client, operation, arguments, count), "items"));
}

static int64_t number_of(const struct pack_value *map, const char *key) {
	int64_t number = 0;
	(void)pack_as_signed(pack_find(map, key), &number);
	return number;
}

/* ---- deals ---- */

START_TEST(deals_are_filtered_and_each_sees_his_own) {
	connect_all();
	char hex[HASH_HEX_SIZE];
	struct buffer offer = make_offer(NULL, ""), plain = new_note(), campaign = new_note();
	struct thread deal, other, named;
	actor_offer(&scene.brand, 5, NULL, &plain);
	direct_resign(&scene.brand, buffer_slice(&plain), "compensation", "campaign Spring 2027\ncompensation gifted\n",
	              &campaign);
	scene_accepts(brand, &campaign);
	thread_agree(&deal, creator, &scene.creator, buffer_slice(&offer));
	thread_agree(&other, third, &scene.third, buffer_slice(&offer));
	thread_agree(&named, third, &scene.third, buffer_slice(&campaign));
	thread_step(&other, brand, &scene.brand, KIND_SHIP, "carrier DHL\n");
	const char *id = id_of(&offer, hex);
	const struct {
		struct client *client;
		struct argument arguments[3];
		size_t count, found;
	} rows[] = {
		{ brand, { { "offer", id, 0, false } }, 1, 2 },
		{ operator, { { "offer", id, 0, false } }, 1, 2 },
		{ creator, { { "offer", id, 0, false } }, 1, 1 },
		{ third, { { "offer", id, 0, false } }, 1, 1 },
		{ brand, { { "offer", id, 0, false }, { "state", "shipped", 0, false } }, 2, 1 },
		{ brand, { { "offer", id, 0, false }, { "state", "proposed", 0, false } }, 2, 0 },
		{ brand, { { "offer", id, 0, false }, { "with", "studio-flow", 0, false } }, 2, 1 },
		{ operator, { { "offer", id, 0, false }, { "with", "third", 0, false } }, 2, 1 },
		{ brand, { { "with", "third", 0, false } }, 1, 2 },
		{ third, { { "with", "acme-yoga", 0, false } }, 1, 2 },
		{ third, { { "with", "bravo-bikes", 0, false } }, 1, 0 },
		{ third, { { "with", "studio-flow", 0, false } }, 1, 0 },
		{ rival, { { "with", "third", 0, false } }, 1, 0 },
		{ operator, { { "with", "third", 0, false } }, 1, 2 },
		{ operator, { { "with", "nobody", 0, false } }, 1, 0 },
		{ brand, { { "campaign", "Spring 2027", 0, false } }, 1, 1 },
		{ brand, { { "campaign", "Spring", 0, false } }, 1, 0 },
		{ third, { { "campaign", "Spring 2027", 0, false }, { "state", "agreed", 0, false } }, 2, 1 },
		{ brand, { { "owed", NULL, 0, true } }, 1, 0 },
		{ third, { { "state", "shipped", 0, false } }, 1, 1 },
		{ second, { { "state", "shipped", 0, false } }, 1, 0 },
		{ rival, { { NULL, NULL, 0, false } }, 0, 0 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t found = count_of(rows[i].client, "deals", rows[i].arguments, rows[i].count);
		ck_assert_msg(found == rows[i].found, "row %zu: %zu, not %zu", i, found, rows[i].found);
	}
	buffer_release(&offer);
	buffer_release(&plain);
	buffer_release(&campaign);
	disconnect_all();
}
END_TEST

START_TEST(filters_that_cannot_be_are_refused) {
	connect_all();
	static const struct {
		struct argument argument;
		enum error code;
	} rows[] = {
		{ { "state", "happy", 0, false }, ERROR_BAD_VALUE },     { { "state", "none", 0, false }, ERROR_BAD_VALUE },
		{ { "with", "Not A Name", 0, false }, ERROR_BAD_VALUE }, { { "offer", "0000", 0, false }, ERROR_BAD_VALUE },
		{ { "offer", "00000000", 0, false }, ERROR_NOT_FOUND },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct failure failure = direct_query(brand, "deals", &rows[i].argument, 1, NULL);
		ck_assert_msg(failure.code == rows[i].code, "row %zu: %s: %s", i, error_word(failure.code), failure.text);
	}
	disconnect_all();
}
END_TEST

START_TEST(pages_of_deals_continue_until_there_are_no_more) {
	connect_all();
	int64_t last = INT64_MAX;
	struct argument arguments[] = { { "limit", NULL, 1, false }, { "before", NULL, INT64_MAX, false } };
	size_t seen = 0, all = 0;
	for (int i = 0; i < 3; i++) {
		struct thread deal;
		struct buffer offer = make_offer(NULL, "");
		thread_agree(&deal, second, &scene.second, buffer_slice(&offer));
		buffer_release(&offer);
	}
	all = count_of(second, "deals", NULL, 0);
	ck_assert_uint_ge(all, 3);
	for (bool more = true; more; seen++) {
		const struct pack_value *ok = ask(second, "deals", arguments, 2), *items = pack_find(ok, "items");
		more = pack_as_signed(pack_find(ok, "before"), &arguments[1].number);
		if (!more && pack_count(items) == 0) {
			break;
		}
		ck_assert_uint_eq(pack_count(items), 1);
		ck_assert_int_lt(number_of(pack_item(items, 0), "sequence"), last);
		last = number_of(pack_item(items, 0), "sequence");
	}
	ck_assert_uint_eq(seen, all);
	disconnect_all();
}
END_TEST

START_TEST(a_deal_is_found_by_any_text_on_its_way) {
	connect_all();
	struct buffer offer = make_offer(NULL, "road negotiation\n");
	struct buffer first = new_note(), counter = new_note(), both = new_note(), amendment = new_note();
	struct thread deal;
	char hex[HASH_HEX_SIZE], replaces[REFERENCE_TEXT], lines[400];
	uint8_t id[HASH_SIZE];
	actor_accept(&scene.creator, buffer_slice(&offer), &first);
	scene_accepts(creator, &first);
	note_id_of(buffer_slice(&first), id);
	struct slice text = direct_text(buffer_slice(&first));
	const uint8_t *party = (const uint8_t *)memmem(text.data, text.size, "\nbrand ", 7) + 1;
	const uint8_t *end = memchr(party, '\n', (size_t)(text.data + text.size - party));
	(void)snprintf(lines, sizeof lines, "replaces %s\n%.*s\n", reference_write(id, replaces), (int)(end - party),
	               (const char *)party);
	direct_resign(&scene.brand, buffer_slice(&first), "brand", lines, &counter);
	scene_accepts(brand, &counter);
	notes_sign_too(&scene.creator, buffer_slice(&counter), &both);
	scene_accepts(creator, &both);
	thread_begin(&deal, buffer_slice(&both));
	thread_amendment(&deal, &scene.brand, buffer_slice(&both), "live-for", "live-for 60d\n", &amendment);
	const struct buffer *const before[] = { &first, &counter }, *const after[] = { &first, &counter, &amendment };
	for (size_t i = 0; i < 2; i++) {
		const struct argument argument = { "id", id_of(before[i], hex), 0, false };
		const struct pack_value *row = pack_find(ask(creator, "deal", &argument, 1), "deal");
		ck_assert_int_eq(number_of(pack_find(row, "deal"), "state"), DEAL_AGREED);
		ck_assert_ptr_null(pack_find(row, "draft"));
	}
	scene_accepts(brand, &amendment);
	for (size_t i = 0; i < 3; i++) {
		const struct argument argument = { "id", id_of(after[i], hex), 0, false };
		struct slice draft;
		const struct pack_value *row = pack_find(ask(i == 0 ? operator : creator, "deal", &argument, 1), "deal");
		ck_assert(pack_as_bytes(pack_find(row, "draft"), &draft));
		ck_assert(slice_equal(draft, buffer_slice(&amendment)));
		ck_assert_int_eq(direct_query(rival, "deal", &argument, 1, NULL).code, ERROR_NOT_FOUND);
		ck_assert_int_eq(direct_query(third, "deal", &argument, 1, NULL).code, ERROR_NOT_FOUND);
	}
	struct buffer *const notes[] = { &offer, &first, &counter, &both, &amendment };
	for (size_t i = 0; i < 5; i++) {
		buffer_release(notes[i]);
	}
	disconnect_all();
}
END_TEST

/* ---- offers and those who apply ---- */

START_TEST(an_offer_by_invitation_is_shown_to_the_invited) {
	connect_all();
	char hex[HASH_HEX_SIZE];
	struct buffer offer = make_offer(NULL, "road invitation\n"), draft = new_note(), invitation = new_note();
	const struct argument id = { "id", id_of(&offer, hex), 0, false };
	size_t open = count_of(creator, "offers", NULL, 0);
	ck_assert_int_eq(direct_query(creator, "offer", &id, 1, NULL).code, ERROR_NOT_FOUND);
	ck_assert_int_eq(direct_query(rival, "offer", &id, 1, NULL).code, ERROR_NOT_FOUND);
	actor_accept(&scene.creator, buffer_slice(&offer), &draft);
	notes_sign_too(&scene.brand, buffer_slice(&draft), &invitation);
	scene_accepts(brand, &invitation);
	ck_assert_uint_eq(count_of(creator, "offers", NULL, 0), open + 1);
	ck_assert_uint_eq(count_of(third, "offers", NULL, 0), open);
	(void)ask(creator, "offer", &id, 1);
	(void)ask(brand, "offer", &id, 1);
	(void)ask(operator, "offer", &id, 1);
	ck_assert_int_eq(direct_query(third, "offer", &id, 1, NULL).code, ERROR_NOT_FOUND);
	ck_assert_uint_eq(count_of(brand, "applicants", &id, 1), 1);
	buffer_release(&offer);
	buffer_release(&draft);
	buffer_release(&invitation);
	disconnect_all();
}
END_TEST

START_TEST(a_brand_sees_who_applies_with_what_is_known_of_them) {
	connect_all();
	char hex[HASH_HEX_SIZE];
	struct buffer offer = make_offer(NULL, "road selection\n"), concluded = new_note();
	struct buffer applications[2] = { new_note(), new_note() };
	const struct argument id = { "id", id_of(&offer, hex), 0, false };
	ck_assert_int_eq(notes_send(creator, &scene.creator, KIND_PROFILE, "niche yoga\ncountry US\n").code, OK);
	ck_assert_int_eq(notes_send(operator, &scene.operator, KIND_ATTEST,
	                            "creator studio-flow\nplatform instagram\nfollowers 18400\nengagement 2.4 %\n"
	                            "source seen\n").code, OK);
	actor_accept(&scene.creator, buffer_slice(&offer), &applications[0]);
	actor_accept(&scene.third, buffer_slice(&offer), &applications[1]);
	scene_accepts(creator, &applications[0]);
	scene_accepts(third, &applications[1]);
	const struct pack_value *items = pack_find(ask(brand, "applicants", &id, 1), "items");
	ck_assert_uint_eq(pack_count(items), 2);
	const struct pack_value *newest = pack_item(items, 0), *oldest = pack_item(items, 1);
	ck_assert_ptr_null(pack_find(newest, "profile"));
	ck_assert_ptr_nonnull(pack_find(oldest, "profile"));
	ck_assert_uint_eq(pack_count(pack_find(newest, "attests")), 0);
	ck_assert_uint_eq(pack_count(pack_find(oldest, "attests")), 1);
	ck_assert_ptr_nonnull(pack_find(oldest, "stars"));
	const struct argument page[] = { id, { "limit", NULL, 1, false }, { "before", NULL, INT64_MAX, false } };
	ck_assert_uint_eq(count_of(operator, "applicants", page, 3), 1);
	ck_assert_int_eq(direct_query(creator, "applicants", &id, 1, NULL).code, ERROR_NOT_ALLOWED);
	ck_assert_int_eq(direct_query(rival, "applicants", &id, 1, NULL).code, ERROR_NOT_FOUND);
	notes_sign_too(&scene.brand, buffer_slice(&applications[0]), &concluded);
	scene_accepts(brand, &concluded);
	ck_assert_uint_eq(count_of(brand, "applicants", &id, 1), 1);
	buffer_release(&offer);
	buffer_release(&concluded);
	buffer_release(&applications[0]);
	buffer_release(&applications[1]);
	disconnect_all();
}
END_TEST

/* ---- addresses ---- */

static struct failure send_address(struct client *client, const struct thread *deal, const char *sealed, size_t size) {
	struct buffer body;
	buffer_init(&body, BODY_MAX);
	body_begin_request(&body, "address", 2);
	pack_key_bytes(&body, "deal", slice_of(deal->id, HASH_SIZE));
	pack_key_bytes(&body, "sealed", slice_of(sealed, size));
	struct failure failure = direct_call(client, "notes", buffer_slice(&body), NULL);
	buffer_release(&body);
	return failure;
}

START_TEST(an_address_goes_from_the_creator_to_the_brand_until_the_product_arrives) {
	connect_all();
	static const char large[2049];
	struct buffer offer = make_offer(NULL, "");
	struct thread deal, unknown;
	char hex[HASH_HEX_SIZE];
	struct slice sealed;
	memset(&unknown, 0, sizeof unknown);
	thread_agree(&deal, creator, &scene.creator, buffer_slice(&offer));
	const struct argument id = { "id", digits_of(deal.id, hex), 0, false };
	ck_assert_int_eq(direct_query(brand, "address", &id, 1, NULL).code, ERROR_NOT_FOUND);
	ck_assert_int_eq(send_address(creator, &deal, "first", 5).code, OK);
	ck_assert_int_eq(send_address(creator, &deal, "other", 5).code, OK);
	ck_assert_int_eq(send_address(creator, &deal, large, sizeof large).code, ERROR_TOO_LONG);
	ck_assert_int_eq(send_address(creator, &deal, "", 0).code, ERROR_BAD_VALUE);
	ck_assert_int_eq(send_address(brand, &deal, "brand", 5).code, ERROR_NOT_ALLOWED);
	struct failure real = send_address(third, &deal, "third", 5), made_up = send_address(third, &unknown, "third", 5);
	ck_assert_int_eq(real.code, ERROR_NOT_FOUND);
	ck_assert_str_eq(real.text, made_up.text);
	struct client *stranger = scene_connect(&scene, &scene.stranger);
	ck_assert_int_eq(send_address(stranger, &deal, "no", 2).code, ERROR_NOT_ADMITTED);
	client_free(stranger);
	ck_assert(pack_as_bytes(pack_find(ask(brand, "address", &id, 1), "sealed"), &sealed));
	ck_assert(slice_is(sealed, "other"));
	ck_assert_int_eq(direct_query(creator, "address", &id, 1, NULL).code, ERROR_NOT_ALLOWED);
	ck_assert_int_eq(direct_query(operator, "address", &id, 1, NULL).code, ERROR_NOT_ALLOWED);
	ck_assert_int_eq(direct_query(rival, "address", &id, 1, NULL).code, ERROR_NOT_FOUND);
	thread_step(&deal, brand, &scene.brand, KIND_SHIP, "carrier DHL\n");
	ck_assert_int_eq(send_address(creator, &deal, "late", 4).code, ERROR_WRONG_STATE);
	thread_step(&deal, creator, &scene.creator, KIND_RECEIVE, "");
	ck_assert_int_eq(direct_query(brand, "address", &id, 1, NULL).code, ERROR_NOT_FOUND);
	buffer_release(&offer);
	disconnect_all();
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("views_deals");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_unchecked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, deals_are_filtered_and_each_sees_his_own);
	tcase_add_test(tests, filters_that_cannot_be_are_refused);
	tcase_add_test(tests, pages_of_deals_continue_until_there_are_no_more);
	tcase_add_test(tests, a_deal_is_found_by_any_text_on_its_way);
	tcase_add_test(tests, an_offer_by_invitation_is_shown_to_the_invited);
	tcase_add_test(tests, a_brand_sees_who_applies_with_what_is_known_of_them);
	tcase_add_test(tests, an_address_goes_from_the_creator_to_the_brand_until_the_product_arrives);
	Suite *suite = suite_create("talk/views_deals");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

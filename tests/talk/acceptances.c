/* Acceptances of offers that the worker must refuse: of whom, of what, too late, or with other words than follow from
 * the offer. Each with its code, and nothing is stored. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "rules/calendar.h"
#include "tests/lib/command.h"
#include "tests/lib/scene.h"
#include "tests/lib/unit.h"

#define TEST_SECONDS 120
#define EXPIRY_MS 60000

static struct scene scene;

static void set_up(void) {
	scene_make(&scene);
}

static void tear_down(void) {
	scene_release(&scene);
}

static struct buffer new_note(void) {
	struct buffer note;
	buffer_init(&note, SIGNED_NOTE_MAX);
	return note;
}

/* ---- who and what ---- */

static void by_a_stranger(const struct scene *world, struct buffer *out) {
	actor_accept(&world->stranger, buffer_slice(&world->offer), out);
}

static void by_one_who_waits(const struct scene *world, struct buffer *out) {
	actor_accept(&world->waiting, buffer_slice(&world->offer), out);
}

static void by_the_brand(const struct scene *world, struct buffer *out) {
	struct actor creator = scene_in_role(&world->brand, ROLE_CREATOR);
	actor_accept(&creator, buffer_slice(&world->offer), out);
}

static void with_a_key_of_ones_own(const struct scene *world, struct buffer *out) {
	struct actor namesake = world->creator;
	namesake.key = world->stranger.key;
	actor_accept(&namesake, buffer_slice(&world->offer), out);
}

static void with_the_key_of_another_creator(const struct scene *world, struct buffer *out) {
	struct actor namesake = world->creator;
	namesake.key = world->third.key;
	actor_accept(&namesake, buffer_slice(&world->offer), out);
}

static void in_anothers_name(const struct scene *world, struct buffer *out) {
	struct buffer note = new_note();
	actor_accept(&world->third, buffer_slice(&world->offer), &note);
	direct_sign(direct_text(buffer_slice(&note)), world->creator.signer, world->creator.key, out);
	buffer_release(&note);
}

static void a_second_time(const struct scene *world, struct buffer *out) {
	actor_accept(&world->second, buffer_slice(&world->offer), out); /* with another nonce */
}

static void of_a_full_offer(const struct scene *world, struct buffer *out) {
	actor_accept(&world->creator, buffer_slice(&world->full), out);
}

static void of_a_closed_offer(const struct scene *world, struct buffer *out) {
	actor_accept(&world->creator, buffer_slice(&world->closed), out);
}

static void of_an_offer_never_made(const struct scene *world, struct buffer *out) {
	struct buffer offer = new_note();
	actor_offer(&world->brand, 5, NULL, &offer);
	actor_accept(&world->creator, buffer_slice(&offer), out);
	buffer_release(&offer);
}

static const struct refusal parties[] = {
	{ "a stranger", by_a_stranger, ERROR_NOT_ADMITTED, 0 },
	{ "one who waits", by_one_who_waits, ERROR_NOT_ADMITTED, 0 },
	{ "the brand itself", by_the_brand, ERROR_NOT_ALLOWED, 0 },
	{ "a key of one's own", with_a_key_of_ones_own, ERROR_WRONG_SIGNER, 0 },
	{ "the key of another creator", with_the_key_of_another_creator, ERROR_WRONG_SIGNER, 0 },
	{ "in another's name", in_anothers_name, ERROR_WRONG_SIGNER, 0 },
	{ "a second time", a_second_time, ERROR_EXISTS, 0 },
	{ "a full offer", of_a_full_offer, ERROR_OFFER_FULL, 0 },
	{ "a closed offer", of_a_closed_offer, ERROR_OFFER_CLOSED, 0 },
	{ "an offer never made", of_an_offer_never_made, ERROR_NOT_FOUND, 0 },
};

START_TEST(an_offer_is_accepted_once_by_who_may_while_it_is_open) {
	scene_refuses(&scene, parties, sizeof parties / sizeof parties[0]);
}
END_TEST

/* ---- the words ---- */

/* An acceptance with one line replaced, signed by the creator all the same. */
static void changed(const struct scene *world, const char *key, const char *lines, struct buffer *out) {
	struct buffer note = new_note();
	actor_accept(&world->creator, buffer_slice(&world->offer), &note);
	direct_resign(&world->creator, buffer_slice(&note), key, lines, out);
	buffer_release(&note);
}

static void with_a_better_product(const struct scene *world, struct buffer *out) {
	changed(world, "product", "product Cork yoga mat, 5 cm\n", out);
}

static void with_more_value(const struct scene *world, struct buffer *out) {
	changed(world, "product-value", "product-value 89.01 USD\n", out);
}

static void with_a_fee(const struct scene *world, struct buffer *out) {
	changed(world, "compensation", "compensation paid\n", out); /* not even by its own words */
}

static void with_less_to_do(const struct scene *world, struct buffer *out) {
	changed(world, "deliverable", "deliverable 1 instagram-story within 14d\n", out);
}

static void with_more_time(const struct scene *world, struct buffer *out) {
	changed(world, "deliverable", "deliverable 1 instagram-reel within 15d\n", out);
}

static void with_the_same_time_in_other_words(const struct scene *world, struct buffer *out) {
	changed(world, "review-within", "review-within 3d\n", out);
}

static void with_a_line_more(const struct scene *world, struct buffer *out) {
	changed(world, "disclosure", "brief Post it whenever you like.\ndisclosure #ad\n", out);
}

static void with_a_line_less(const struct scene *world, struct buffer *out) {
	changed(world, "live-for", "", out);
}

static void with_another_brand(const struct scene *world, struct buffer *out) {
	char key[HASH_HEX_SIZE], line[160];
	hex_encode(slice_of(signing_key_public(world->rival.key), KEY_SIZE), key);
	(void)snprintf(line, sizeof line, "brand %s ed25519:%s\n", world->rival.name, key);
	changed(world, "brand", line, out);
}

static void with_another_creator(const struct scene *world, struct buffer *out) {
	char key[HASH_HEX_SIZE], line[160];
	hex_encode(slice_of(signing_key_public(world->third.key), KEY_SIZE), key);
	(void)snprintf(line, sizeof line, "creator %s ed25519:%s\n", world->third.name, key);
	changed(world, "creator", line, out);
}

static void refer_to(const struct scene *world, const struct buffer *note, struct buffer *out) {
	uint8_t id[HASH_SIZE];
	char hex[HASH_HEX_SIZE], line[160];
	note_id_of(buffer_slice(note), id);
	hex_encode(slice_of(id, sizeof id), hex);
	(void)snprintf(line, sizeof line, "offer sha256:%s\n", hex);
	changed(world, "offer", line, out);
}

static void of_what_is_no_offer(const struct scene *world, struct buffer *out) {
	refer_to(world, &world->enrolment, out);
}

/* Another open offer of the same brand, whose terms are others. */
static struct buffer better_offer;

static void with_the_words_of_another_offer(const struct scene *world, struct buffer *out) {
	refer_to(world, &better_offer, out);
}

static const struct refusal words[] = {
	{ "a better product", with_a_better_product, ERROR_TERMS_DIFFER, 6 },
	{ "more value", with_more_value, ERROR_TERMS_DIFFER, 7 },
	{ "a fee", with_a_fee, ERROR_BAD_VALUE, ANY_LINE },
	{ "less to do", with_less_to_do, ERROR_TERMS_DIFFER, 8 },
	{ "more time", with_more_time, ERROR_TERMS_DIFFER, 8 },
	{ "the same time in other words", with_the_same_time_in_other_words, ERROR_TERMS_DIFFER, 10 },
	{ "a line more", with_a_line_more, ERROR_TERMS_DIFFER, 9 },
	{ "a line less", with_a_line_less, ERROR_TERMS_DIFFER, 13 },
	{ "another brand", with_another_brand, ERROR_TERMS_DIFFER, 3 },
	{ "another creator", with_another_creator, ERROR_WRONG_SIGNER, 0 },
	{ "a note that is no offer", of_what_is_no_offer, ERROR_NOT_FOUND, 0 },
	{ "the words of another offer", with_the_words_of_another_offer, ERROR_TERMS_DIFFER, 6 },
};

START_TEST(an_agreement_is_what_follows_from_the_offer_byte_for_byte) {
	struct buffer plain = new_note();
	struct client *client = scene_connect(&scene, &scene.brand);
	better_offer = new_note();
	actor_offer(&scene.brand, 100, NULL, &plain);
	direct_resign(&scene.brand, buffer_slice(&plain), "product", "product Two cork yoga mats\n", &better_offer);
	scene_accepts(client, &better_offer);
	scene_refuses(&scene, words, sizeof words / sizeof words[0]);
	client_free(client);
	buffer_release(&better_offer);
	buffer_release(&plain);
}
END_TEST

/* ---- too late ---- */

/* How many offers a creator is shown. */
static size_t count_shown(struct client *client) {
	const struct pack_value *ok = NULL;
	struct failure failure = direct_ask(client, "offers", NULL, NULL, &ok);
	ck_assert_msg(failure.code == OK, "%s", failure.text);
	return pack_count(pack_find(ok, "items"));
}

START_TEST(an_offer_expires_by_the_agencys_clock) {
	char text[TIME_TEXT_SIZE], line[64];
	struct buffer plain = new_note(), offer = new_note(), note = new_note();
	struct client *client = scene_connect(&scene, &scene.creator);
	size_t shown = count_shown(client);
	struct store_counts start = store_count(scene.agency.home), before = start;
	/* Its last second comes soon: from then on no creator is shown it, and the agency's clock writes that it lapsed. */
	(void)snprintf(line, sizeof line, "closes %s\n", time_format(clock_wall_seconds() + 3, text));
	actor_offer(&scene.brand, 5, NULL, &plain);
	direct_resign(&scene.brand, buffer_slice(&plain), "closes", line, &offer);
	scene_accepts(client, &offer);
	int64_t deadline = clock_milliseconds() + EXPIRY_MS;
	while (count_shown(client) > shown || before.notes < start.notes + 2) {
		ck_assert_int_lt(clock_milliseconds(), deadline);
		before = store_count(scene.agency.home);
	}
	ck_assert_int_eq(before.notes, start.notes + 2);
	actor_accept(&scene.creator, buffer_slice(&offer), &note);
	struct failure failure = direct_submit(client, buffer_slice(&note));
	ck_assert_str_eq(error_word(failure.code), "offer-expired");
	store_has_grown(scene.agency.home, before, (struct store_counts){ 0, 0, 0 });
	client_free(client);
	buffer_release(&note);
	buffer_release(&offer);
	buffer_release(&plain);
}
END_TEST

/* Without this the tests above would also pass where every acceptance is refused. */
START_TEST(the_acceptance_without_a_fault_is_accepted_and_countersigned) {
	struct buffer note = new_note();
	struct outcome outcome;
	struct client *client = scene_connect(&scene, &scene.creator);
	struct store_counts before = store_count(scene.agency.home);
	actor_accept(&scene.creator, buffer_slice(&scene.offer), &note);
	market_submit(client, &scene.agency, &note, 1, 1, &outcome);
	ck_assert_int_eq(outcome.error, OK);
	ck_assert(outcome.countersigned);
	ck_assert(outcome.answered_same_note);
	ck_assert_int_eq(outcome.sequence, before.notes + 1);
	store_has_grown(scene.agency.home, before, (struct store_counts){ .notes = 1, .deals = 1 });
	client_free(client);
	buffer_release(&note);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("acceptances");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_unchecked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, an_offer_is_accepted_once_by_who_may_while_it_is_open);
	tcase_add_test(tests, an_agreement_is_what_follows_from_the_offer_byte_for_byte);
	tcase_add_test(tests, an_offer_expires_by_the_agencys_clock);
	tcase_add_test(tests, the_acceptance_without_a_fault_is_accepted_and_countersigned);
	Suite *suite = suite_create("talk/acceptances");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

/* Notes that the worker must refuse for who signs them and what they ask for, whatever the command thinks of them: each
 * with its code, and nothing is stored. Acceptances have tests of their own (tests/talk/acceptances.c). */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "rules/calendar.h"
#include "tests/lib/scene.h"
#include "tests/lib/unit.h"

#define TEST_SECONDS 120
#define NOBODY "sha256:0000000000000000000000000000000000000000000000000000000000000000"

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

static void write_party(const char *key, const char *name, const struct actor *owner, char out[160]) {
	char hex[HASH_HEX_SIZE];
	hex_encode(slice_of(signing_key_public(owner->key), KEY_SIZE), hex);
	(void)snprintf(out, 160, "%s %s ed25519:%s\n", key, name, hex);
}

/* ---- signatures ---- */

/* A good offer's text, signed under a name by a key. */
static void sign_offer(const struct scene *world, const char *name, const struct signing_key *key,
                       struct buffer *out) {
	struct buffer offer = new_note();
	actor_offer(&world->brand, 5, NULL, &offer);
	direct_sign(direct_text(buffer_slice(&offer)), name, key, out);
	buffer_release(&offer);
}

static void signed_by_another_key(const struct scene *world, struct buffer *out) {
	sign_offer(world, world->brand.signer, world->rival.key, out);
}

static void signed_by_another_account(const struct scene *world, struct buffer *out) {
	sign_offer(world, world->rival.signer, world->rival.key, out);
}

static void signed_under_another_role(const struct scene *world, struct buffer *out) {
	sign_offer(world, "agency.example/creator/acme-yoga", world->brand.key, out);
}

static void with_a_changed_byte(const struct scene *world, struct buffer *out) {
	actor_offer(&world->brand, 5, NULL, out);
	uint8_t *slots = memmem(out->data, out->size, "slots 5", 7);
	slots[6] = '6';
}

static void with_a_changed_signature(const struct scene *world, struct buffer *out) {
	actor_offer(&world->brand, 5, NULL, out);
	uint8_t *byte = out->data + out->size - 20; /* within the base64 of the signature */
	*byte = *byte == 'A' ? 'B' : 'A';
}

static void signed_twice(const struct scene *world, struct buffer *out) {
	actor_offer(&world->brand, 5, NULL, out);
	struct slice text = direct_text(buffer_slice(out));
	size_t line = text.size + 1;
	struct buffer copy = new_note();
	(void)buffer_append(&copy, out->data + line, out->size - line);
	(void)buffer_append_slice(out, buffer_slice(&copy));
	buffer_release(&copy);
}

static void for_another_agency(const struct scene *world, struct buffer *out) {
	struct actor elsewhere = world->brand;
	(void)snprintf(elsewhere.origin, sizeof elsewhere.origin, "other.example");
	elsewhere = scene_in_role(&elsewhere, ROLE_BRAND);
	actor_offer(&elsewhere, 5, NULL, out);
}

static const struct refusal signatures[] = {
	{ "signed by another key", signed_by_another_key, ERROR_WRONG_SIGNER, 0 },
	{ "signed by another account", signed_by_another_account, ERROR_WRONG_SIGNER, 0 },
	{ "signed under another role", signed_under_another_role, ERROR_WRONG_SIGNER, 0 },
	{ "a changed byte", with_a_changed_byte, ERROR_BAD_SIGNATURE, 17 },
	{ "a changed signature", with_a_changed_signature, ERROR_BAD_SIGNATURE, 17 },
	{ "the same signature twice", signed_twice, ERROR_MALFORMED, 18 },
	{ "for another agency", for_another_agency, ERROR_WRONG_ORIGIN, 1 },
};

START_TEST(a_note_must_be_signed_by_the_key_in_its_text) {
	scene_refuses(&scene, signatures, sizeof signatures / sizeof signatures[0]);
}
END_TEST

/* ---- accounts ---- */

static void enrol_as_the_agency(const struct scene *world, struct buffer *out) {
	char line[160];
	struct actor agency = world->stranger;
	struct buffer note = new_note();
	(void)snprintf(agency.name, sizeof agency.name, "agency");
	agency = scene_in_role(&agency, ROLE_OPERATOR);
	actor_enrol(&world->stranger, &note);
	write_party("account", "agency", &world->stranger, line);
	direct_resign(&agency, buffer_slice(&note), "account", line, out);
	buffer_release(&note);
}

static void enrol_under_a_taken_name(const struct scene *world, struct buffer *out) {
	struct actor twin = world->stranger;
	(void)snprintf(twin.name, sizeof twin.name, "%s", world->creator.name);
	twin = scene_in_role(&twin, ROLE_CREATOR);
	actor_enrol(&twin, out);
}

static void enrol_with_a_taken_key(const struct scene *world, struct buffer *out) {
	struct actor twin = world->stranger;
	twin.key = world->creator.key;
	actor_enrol(&twin, out);
}

static void enrol_with_a_taken_transport_key(const struct scene *world, struct buffer *out) {
	struct actor twin = world->stranger;
	twin.identity = world->creator.identity;
	actor_enrol(&twin, out);
}

static void enrol_once_more(const struct scene *world, struct buffer *out) {
	actor_enrol(&world->waiting, out);
}

static void admit(const struct scene *world, const struct actor *admitter, const struct actor *account,
                  struct buffer *out) {
	uint8_t id[HASH_SIZE];
	note_id_of(buffer_slice(&world->enrolment), id);
	actor_admit(admitter, account, id, out);
}

static void admitted_by_a_brand(const struct scene *world, struct buffer *out) {
	struct actor pretender = scene_in_role(&world->brand, ROLE_OPERATOR);
	admit(world, &pretender, &world->waiting, out);
}

static void admitted_by_himself(const struct scene *world, struct buffer *out) {
	struct actor pretender = scene_in_role(&world->waiting, ROLE_OPERATOR);
	admit(world, &pretender, &world->waiting, out);
}

static void admitted_by_a_made_up_agency(const struct scene *world, struct buffer *out) {
	struct actor agency = world->stranger, account = scene_in_role(&world->waiting, ROLE_OPERATOR);
	(void)snprintf(agency.name, sizeof agency.name, "agency");
	agency = scene_in_role(&agency, ROLE_OPERATOR);
	admit(world, &agency, &account, out);
}

static void admitted_by_a_namesake_of_the_operator(const struct scene *world, struct buffer *out) {
	struct actor namesake = world->stranger;
	(void)snprintf(namesake.name, sizeof namesake.name, "%s", world->operator.name);
	namesake = scene_in_role(&namesake, ROLE_OPERATOR);
	admit(world, &namesake, &world->waiting, out);
}

static void admitted_without_asking(const struct scene *world, struct buffer *out) {
	admit(world, &world->operator, &world->stranger, out);
}

static void admitted_in_another_role(const struct scene *world, struct buffer *out) {
	struct actor account = scene_in_role(&world->waiting, ROLE_OPERATOR);
	admit(world, &world->operator, &account, out);
}

static void admitted_for_another_enrolment(const struct scene *world, struct buffer *out) {
	const uint8_t other[HASH_SIZE] = { 1 };
	actor_admit(&world->operator, &world->waiting, other, out);
}

static void admitted_twice(const struct scene *world, struct buffer *out) {
	admit(world, &world->operator, &world->creator, out);
}

static const struct refusal accounts[] = {
	{ "enrolling as the agency", enrol_as_the_agency, ERROR_BAD_VALUE, 2 },
	{ "enrolling under a taken name", enrol_under_a_taken_name, ERROR_EXISTS, 0 },
	{ "enrolling with another's key", enrol_with_a_taken_key, ERROR_EXISTS, 0 },
	{ "enrolling with another's transport key", enrol_with_a_taken_transport_key, ERROR_EXISTS, 0 },
	{ "enrolling once more", enrol_once_more, ERROR_EXISTS, 0 },
	{ "admitted by a brand", admitted_by_a_brand, ERROR_NOT_ALLOWED, 0 },
	{ "admitted by himself", admitted_by_himself, ERROR_NOT_ADMITTED, 0 },
	{ "admitted by a made-up agency", admitted_by_a_made_up_agency, ERROR_WRONG_SIGNER, 0 },
	{ "admitted by a namesake of the operator", admitted_by_a_namesake_of_the_operator, ERROR_WRONG_SIGNER, 0 },
	{ "admitted without having asked", admitted_without_asking, ERROR_NOT_FOUND, 0 },
	{ "admitted in another role", admitted_in_another_role, ERROR_TERMS_DIFFER, 0 },
	{ "admitted for another enrolment", admitted_for_another_enrolment, ERROR_TERMS_DIFFER, 0 },
	{ "admitted a second time", admitted_twice, ERROR_EXISTS, 0 },
};

START_TEST(nobody_gets_an_account_but_by_the_operator) {
	scene_refuses(&scene, accounts, sizeof accounts / sizeof accounts[0]);
}
END_TEST

/* ---- offers and money ---- */

static void offered_by_a_stranger(const struct scene *world, struct buffer *out) {
	struct actor brand = scene_in_role(&world->stranger, ROLE_BRAND);
	actor_offer(&brand, 5, NULL, out);
}

static void offered_while_waiting(const struct scene *world, struct buffer *out) {
	struct actor brand = scene_in_role(&world->waiting, ROLE_BRAND);
	actor_offer(&brand, 5, NULL, out);
}

static void offered_by_a_creator(const struct scene *world, struct buffer *out) {
	struct actor brand = scene_in_role(&world->creator, ROLE_BRAND);
	actor_offer(&brand, 5, NULL, out);
}

static void offered_with_a_key_of_ones_own(const struct scene *world, struct buffer *out) {
	struct actor namesake = world->brand;
	namesake.key = world->stranger.key;
	actor_offer(&namesake, 5, NULL, out);
}

static void offered_without_money(const struct scene *world, struct buffer *out) {
	actor_offer(&world->brand, 5, "250.00 USD", out);
}

/* An offer whose time lies so many seconds from now. */
static void offer_at(const struct scene *world, int64_t seconds, struct buffer *out) {
	char text[TIME_TEXT_SIZE], line[64];
	struct buffer offer = new_note();
	(void)snprintf(line, sizeof line, "time %s\n", time_format(clock_wall_seconds() + seconds, text));
	actor_offer(&world->brand, 5, NULL, &offer);
	direct_resign(&world->brand, buffer_slice(&offer), "time", line, out);
	buffer_release(&offer);
}

static void offered_tomorrow(const struct scene *world, struct buffer *out) {
	offer_at(world, NOTE_AHEAD_MAX + 60, out);
}

static void offered_last_week(const struct scene *world, struct buffer *out) {
	offer_at(world, -NOTE_AGE_MAX - 60, out);
}

static void closed_by_another_brand(const struct scene *world, struct buffer *out) {
	scene_close(&world->rival, buffer_slice(&world->offer), out);
}

static void closed_by_a_creator(const struct scene *world, struct buffer *out) {
	struct actor brand = scene_in_role(&world->creator, ROLE_BRAND);
	scene_close(&brand, buffer_slice(&world->offer), out);
}

static void closed_twice(const struct scene *world, struct buffer *out) {
	scene_close(&world->brand, buffer_slice(&world->closed), out);
}

static void closed_what_is_no_offer(const struct scene *world, struct buffer *out) {
	scene_close(&world->brand, buffer_slice(&world->enrolment), out);
}

static void funded_by_a_brand(const struct scene *world, struct buffer *out) {
	struct actor pretender = scene_in_role(&world->brand, ROLE_OPERATOR);
	actor_fund(&pretender, "acme-yoga", "1000.00 USD", "bank-1", out);
}

static void funded_for_nobody(const struct scene *world, struct buffer *out) {
	actor_fund(&world->operator, "nobody-here", "1000.00 USD", "bank-1", out);
}

static void funded_for_a_creator(const struct scene *world, struct buffer *out) {
	actor_fund(&world->operator, "studio-flow", "1000.00 USD", "bank-1", out);
}

static void funded_nothing(const struct scene *world, struct buffer *out) {
	struct buffer note = new_note();
	actor_fund(&world->operator, "acme-yoga", "1000.00 USD", "bank-1", &note);
	direct_resign(&world->operator, buffer_slice(&note), "amount", "amount 0.00 USD\n", out);
	buffer_release(&note);
}

static const struct refusal offers[] = {
	{ "an offer of a stranger", offered_by_a_stranger, ERROR_NOT_ADMITTED, 0 },
	{ "an offer of one who waits", offered_while_waiting, ERROR_NOT_ADMITTED, 0 },
	{ "an offer of a creator", offered_by_a_creator, ERROR_NOT_ALLOWED, 0 },
	{ "an offer in the brand's name with another key", offered_with_a_key_of_ones_own, ERROR_WRONG_SIGNER, 0 },
	{ "an offer without its money", offered_without_money, ERROR_UNFUNDED, 4 },
	{ "a note of the future", offered_tomorrow, ERROR_WRONG_TIME, 14 },
	{ "a note of the past", offered_last_week, ERROR_WRONG_TIME, 14 },
	{ "closed by another brand", closed_by_another_brand, ERROR_NOT_ALLOWED, 0 },
	{ "closed by a creator", closed_by_a_creator, ERROR_NOT_ALLOWED, 0 },
	{ "closed a second time", closed_twice, ERROR_OFFER_CLOSED, 0 },
	{ "closed what is no offer", closed_what_is_no_offer, ERROR_NOT_FOUND, 0 },
	{ "money attested by a brand", funded_by_a_brand, ERROR_NOT_ALLOWED, 0 },
	{ "money of nobody", funded_for_nobody, ERROR_NOT_FOUND, 0 },
	{ "money of a creator", funded_for_a_creator, ERROR_NOT_FOUND, 0 },
	{ "no money", funded_nothing, ERROR_BAD_VALUE, 3 },
};

START_TEST(offers_and_money_are_moved_by_those_who_may) {
	scene_refuses(&scene, offers, sizeof offers / sizeof offers[0]);
}
END_TEST

static void funded_again(const struct scene *world, struct buffer *out) {
	actor_fund(&world->operator, "acme-yoga", "7.00 USD", "bank-4711", out);
}

static void offered_above_ones_means(const struct scene *world, struct buffer *out) {
	actor_offer(&world->brand, 5, "250.01 USD", out);
}

static void offered_in_another_currency(const struct scene *world, struct buffer *out) {
	actor_offer(&world->brand, 1, "1.00 EUR", out);
}

START_TEST(money_is_spent_once_and_booked_once) {
	static const struct refusal rows[] = {
		{ "the same reference again", funded_again, ERROR_EXISTS, 0 },
		{ "a cent too much", offered_above_ones_means, ERROR_UNFUNDED, 4 },
		{ "another currency", offered_in_another_currency, ERROR_UNFUNDED, 4 },
	};
	struct buffer fund = new_note(), offer = new_note();
	struct client *client = scene_connect(&scene, &scene.operator);
	actor_fund(&scene.operator, "acme-yoga", "1250.00 USD", "bank-4711", &fund);
	scene_accepts(client, &fund);
	scene_refuses(&scene, rows, sizeof rows / sizeof rows[0]);
	actor_offer(&scene.brand, 5, "250.00 USD", &offer); /* to the cent */
	scene_accepts(client, &offer);
	scene_accepts(client, &fund); /* the same note, not the same reference in another */
	client_free(client);
	buffer_release(&fund);
	buffer_release(&offer);
}
END_TEST

START_TEST(clocks_may_differ_a_little) {
	struct client *client = scene_connect(&scene, &scene.brand);
	const int64_t seconds[] = { NOTE_AHEAD_MAX - 60, -NOTE_AGE_MAX + 60 };
	for (size_t i = 0; i < 2; i++) {
		struct buffer offer = new_note();
		offer_at(&scene, seconds[i], &offer);
		scene_accepts(client, &offer);
		buffer_release(&offer);
	}
	client_free(client);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("refusals");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_unchecked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_note_must_be_signed_by_the_key_in_its_text);
	tcase_add_test(tests, nobody_gets_an_account_but_by_the_operator);
	tcase_add_test(tests, offers_and_money_are_moved_by_those_who_may);
	tcase_add_test(tests, money_is_spent_once_and_booked_once);
	tcase_add_test(tests, clocks_may_differ_a_little);
	Suite *suite = suite_create("talk/refusals");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

/* Questions about notes, money and accounts: what is told, to whom, and that nothing is left out or told twice. */
#include <stdio.h>
#include <stdlib.h>

#include "rules/deal.h"
#include "tests/lib/command.h"
#include "tests/lib/notes.h"
#include "tests/lib/scene.h"
#include "tests/lib/unit.h"

#define TEST_SECONDS 120
#define CONTENT "content sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 https://ex.am/a\n"

static struct scene scene;
static struct client *brand, *rival, *creator, *third, *operator;

static void set_up(void) {
	scene_make(&scene);
}

static void tear_down(void) {
	scene_release(&scene);
}

static void connect_all(void) {
	brand = scene_connect(&scene, &scene.brand);
	rival = scene_connect(&scene, &scene.rival);
	creator = scene_connect(&scene, &scene.creator);
	third = scene_connect(&scene, &scene.third);
	operator = scene_connect(&scene, &scene.operator);
}

static void disconnect_all(void) {
	struct client *const all[] = { brand, rival, creator, third, operator };
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		client_free(all[i]);
	}
}

static const struct pack_value *ask(struct client *client, const char *operation, const struct argument *arguments,
                                    size_t count) {
	const struct pack_value *ok = NULL;
	struct failure failure = direct_query(client, operation, arguments, count, &ok);
	ck_assert_msg(failure.code == OK, "%s: %s: %s", operation, error_word(failure.code), failure.text);
	return ok;
}

static int64_t number_of(const struct pack_value *map, const char *key) {
	int64_t number = 0;
	(void)pack_as_signed(pack_find(map, key), &number);
	return number;
}

static bool says(const struct pack_value *map, const char *key, const char *word) {
	struct slice text;
	return pack_as_text(pack_find(map, key), &text) && slice_is(text, word);
}

/* A paid deal by an offer of its own, up to its payment. `offer` is the caller's to release. */
static void pay_deal(struct thread *deal, struct buffer *offer, const char *reference) {
	char fund[200], pay[200];
	buffer_init(offer, SIGNED_NOTE_MAX);
	(void)snprintf(fund, sizeof fund, "brand acme-yoga\namount 1000.00 USD\nreference in-%s\n", reference);
	(void)snprintf(pay, sizeof pay, "amount 250.00 USD\nreference %s\n", reference);
	ck_assert_int_eq(notes_send(operator, &scene.operator, KIND_FUND, fund).code, OK);
	actor_offer(&scene.brand, 2, "250.00 USD", offer);
	scene_accepts(brand, offer);
	thread_agree(deal, creator, &scene.creator, buffer_slice(offer));
	thread_step(deal, creator, &scene.creator, KIND_SUBMIT, CONTENT);
	thread_step(deal, brand, &scene.brand, KIND_APPROVE, "");
	thread_step(deal, creator, &scene.creator, KIND_POST, "link https://example.com/p\n");
	thread_step(deal, operator, &scene.operator, KIND_VERIFY, "live yes\ntagged yes\ndisclosed yes\n");
	thread_step(deal, operator, &scene.operator, KIND_PAY, pay);
}

static const char *digits_of(const uint8_t id[HASH_SIZE], char hex[HASH_HEX_SIZE]) {
	hex_encode(slice_of(id, HASH_SIZE), hex);
	return hex;
}

/* ---- notes ---- */

struct seen {
	size_t count, offers, agreements, closes, rates, hidden;
	int64_t last;
};

/* Walks through all pages of so many notes; they must come in order, each once. */
static struct seen walk(struct client *client, const char *deal, int64_t limit) {
	struct seen seen = { .count = 0 };
	struct argument arguments[] = { { "after", NULL, 0, false }, { "limit", NULL, limit, false },
		                            { "deal", deal, 0, false } };
	for (bool more = true; more;) {
		const struct pack_value *ok = ask(client, "notes", arguments, deal == NULL ? 2 : 3);
		const struct pack_value *items = pack_find(ok, "items");
		ck_assert_uint_le(pack_count(items), (size_t)limit);
		for (size_t i = 0; i < pack_count(items); i++) {
			const struct pack_value *item = pack_item(items, i);
			ck_assert_int_gt(number_of(item, "sequence"), seen.last);
			ck_assert(says(item, "kind", "offer") || seen.count > 0 || deal == NULL);
			seen.last = number_of(item, "sequence");
			seen.count++;
			seen.offers += says(item, "kind", "offer");
			seen.agreements += says(item, "kind", "agreement");
			seen.closes += says(item, "kind", "close");
			seen.rates += says(item, "kind", "rate");
			seen.hidden += pack_find(item, "note") == NULL;
		}
		more = pack_as_signed(pack_find(ok, "after"), &arguments[0].number);
	}
	return seen;
}

START_TEST(a_deals_notes_come_with_those_of_its_offer_in_their_order) {
	connect_all();
	struct thread deal;
	struct buffer offer, note;
	char hex[HASH_HEX_SIZE];
	pay_deal(&deal, &offer, "whole");
	buffer_init(&note, SIGNED_NOTE_MAX);
	scene_close(&scene.brand, buffer_slice(&offer), &note);
	scene_accepts(brand, &note);
	thread_step(&deal, brand, &scene.brand, KIND_RATE, "stars 5\n");
	struct client *const parties[] = { brand, creator, operator };
	for (size_t i = 0; i < 3; i++) {
		for (int64_t limit = 1; limit <= 100; limit = limit * 3 + 1) {
			struct seen seen = walk(parties[i], digits_of(deal.id, hex), limit);
			ck_assert_uint_eq(seen.count, 9);
			ck_assert_uint_eq(seen.offers, 1);
			ck_assert_uint_eq(seen.closes, 1);
		}
	}
	const struct argument id = { "deal", digits_of(deal.id, hex), 0, false };
	ck_assert_int_eq(direct_query(rival, "notes", &id, 1, NULL).code, ERROR_NOT_FOUND);
	ck_assert_int_eq(direct_query(third, "notes", &id, 1, NULL).code, ERROR_NOT_FOUND);
	buffer_release(&offer);
	buffer_release(&note);
	disconnect_all();
}
END_TEST

START_TEST(each_gets_the_notes_that_concern_him_and_operators_all) {
	connect_all();
	struct thread deal;
	struct buffer offer;
	struct seen creators = walk(creator, NULL, 100), brands = walk(brand, NULL, 100), others = walk(third, NULL, 7);
	struct seen rivals = walk(rival, NULL, 2);
	pay_deal(&deal, &offer, "mine");
	ck_assert_int_eq(notes_send(creator, &scene.creator, KIND_PROFILE, "niche yoga\n").code, OK);
	struct seen creators_after = walk(creator, NULL, 3), brands_after = walk(brand, NULL, 3);
	ck_assert_uint_eq(creators_after.count, creators.count + 8); /* the offer, six of the deal, the profile */
	ck_assert_uint_eq(creators_after.offers, creators.offers + 1);
	ck_assert_uint_eq(brands_after.count, brands.count + 8); /* fund, the offer, six of the deal */
	ck_assert_uint_eq(walk(third, NULL, 100).count, others.count);
	ck_assert_uint_eq(walk(rival, NULL, 100).count, rivals.count);
	ck_assert_uint_eq(rivals.count, 3); /* its enrolment and admission, and the operator's admission */
	struct seen all = walk(operator, NULL, 100);
	ck_assert_uint_eq(all.count, (size_t)all.last);
	buffer_release(&offer);
	disconnect_all();
}
END_TEST

START_TEST(ratings_are_blind_until_both_are_in) {
	connect_all();
	struct thread deal;
	struct buffer offer;
	char hex[HASH_HEX_SIZE];
	pay_deal(&deal, &offer, "blind");
	size_t hidden = walk(creator, NULL, 100).hidden;
	thread_step(&deal, brand, &scene.brand, KIND_RATE, "stars 2\nremark Late.\n");
	const char *id = digits_of(deal.id, hex);
	const struct {
		struct client *client;
		size_t rates, hidden;
	} rows[] = { { brand, 1, 0 }, { creator, 1, 1 }, { operator, 1, 0 } };
	for (size_t i = 0; i < 3; i++) {
		struct seen seen = walk(rows[i].client, id, 100);
		ck_assert_uint_eq(seen.rates, rows[i].rates);
		ck_assert_msg(seen.hidden == rows[i].hidden, "row %zu: %zu hidden", i, seen.hidden);
	}
	ck_assert_uint_eq(walk(creator, NULL, 100).hidden, hidden + 1);
	thread_step(&deal, creator, &scene.creator, KIND_RATE, "stars 5\n");
	ck_assert_uint_eq(walk(creator, id, 100).hidden, 0);
	ck_assert_uint_eq(walk(brand, id, 100).hidden, 0);
	ck_assert_uint_eq(walk(creator, NULL, 100).hidden, hidden);
	const struct argument name = { "name", "studio-flow", 0, false };
	const struct pack_value *known = ask(rival, "profile", &name, 1);
	ck_assert_int_ge(number_of(known, "done"), 1);
	ck_assert_int_ge(number_of(known, "ratings"), 1);
	ck_assert_int_ge(number_of(known, "stars"), 2);
	buffer_release(&offer);
	disconnect_all();
}
END_TEST

/* ---- money ---- */

struct sums {
	int64_t available, earned, paid, other; /* of the lines shown */
	size_t lines;
	int64_t told_available, told_earned, told_paid; /* of the balances */
};

static void add_line(const struct pack_value *item, const char *account, int64_t *sum, bool *known) {
	if (says(item, "account", account)) {
		*sum += number_of(item, "amount");
		*known = true;
	}
}

/* All lines of a statement; each entry must be whole, in order, and told once. */
static struct sums add_up(struct client *client, const char *name, int64_t limit) {
	struct sums sums = { .lines = 0 };
	struct argument arguments[] = { { "limit", NULL, limit, false }, { "sequence", NULL, 0, false },
		                            { "line", NULL, 0, false }, { "name", name, 0, false } };
	int64_t last = -1;
	for (bool more = true; more;) {
		const struct pack_value *ok = ask(client, "statement", arguments, name == NULL ? 3 : 4);
		const struct pack_value *items = pack_find(ok, "items"), *balances = pack_find(ok, "balances");
		ck_assert_int_eq(balances != NULL, arguments[1].number == 0);
		for (size_t i = 0; i < pack_count(items); i++, sums.lines++) {
			const struct pack_value *item = pack_item(items, i);
			int64_t at = number_of(item, "sequence") * 100 + number_of(item, "line");
			bool known = false;
			ck_assert_int_gt(at, last);
			last = at;
			if (says(item, "kind", "pay")) {
				struct slice deal_id;
				ck_assert(pack_as_bytes(pack_find(item, "deal"), &deal_id) && deal_id.size == HASH_SIZE);
				ck_assert_ptr_nonnull(pack_find(item, "reference"));
			}
			add_line(item, "brand/acme-yoga/available", &sums.available, &known);
			add_line(item, "creator/studio-flow/earned", &sums.earned, &known);
			add_line(item, "creator/studio-flow/paid", &sums.paid, &known);
			sums.other += known ? 0 : number_of(item, "amount");
		}
		for (size_t i = 0; i < pack_count(balances); i++) {
			bool known = false;
			add_line(pack_item(balances, i), "brand/acme-yoga/available", &sums.told_available, &known);
			add_line(pack_item(balances, i), "creator/studio-flow/earned", &sums.told_earned, &known);
			add_line(pack_item(balances, i), "creator/studio-flow/paid", &sums.told_paid, &known);
		}
		more = pack_as_signed(pack_find(ok, "sequence"), &arguments[1].number) &&
		       pack_as_signed(pack_find(ok, "line"), &arguments[2].number);
	}
	return sums;
}

START_TEST(statements_add_up_to_the_balances) {
	connect_all();
	struct thread deal;
	struct buffer offer;
	pay_deal(&deal, &offer, "statement");
	for (int64_t limit = 1; limit <= 100; limit = limit * 4 + 1) {
		struct sums of_brand = add_up(brand, NULL, limit), of_creator = add_up(creator, NULL, limit);
		ck_assert_int_eq(of_brand.available, of_brand.told_available);
		ck_assert_int_ne(of_brand.available, 0);
		ck_assert_int_eq(of_brand.available + of_brand.earned + of_brand.other, 0); /* entries are whole */
		ck_assert_int_eq(of_brand.paid, 0);
		ck_assert_int_eq(of_creator.earned, of_creator.told_earned);
		ck_assert_int_eq(of_creator.paid, of_creator.told_paid);
		ck_assert_int_eq(of_creator.paid, of_brand.earned);
		ck_assert_int_eq(of_creator.other + of_creator.available, 0);
		struct sums by_operator = add_up(operator, "acme-yoga", limit);
		ck_assert_uint_eq(by_operator.lines, of_brand.lines);
		ck_assert_int_eq(by_operator.told_available, of_brand.told_available);
	}
	const struct argument name = { "name", "acme-yoga", 0, false };
	ck_assert_int_eq(direct_query(rival, "statement", &name, 1, NULL).code, ERROR_NOT_ALLOWED);
	ck_assert_uint_eq(add_up(rival, NULL, 10).lines, 0);
	ck_assert_uint_eq(add_up(operator, NULL, 10).lines, 0); /* no fee of the agency was agreed */
	buffer_release(&offer);
	disconnect_all();
}
END_TEST

START_TEST(operators_see_what_is_to_be_paid) {
	connect_all();
	struct thread deal;
	struct buffer offer;
	buffer_init(&offer, SIGNED_NOTE_MAX);
	ck_assert_int_eq(notes_send(operator, &scene.operator, KIND_FUND,
	                            "brand acme-yoga\namount 250.00 USD\nreference in-payable\n").code, OK);
	actor_offer(&scene.brand, 1, "250.00 USD", &offer);
	scene_accepts(brand, &offer);
	thread_agree(&deal, third, &scene.third, buffer_slice(&offer));
	thread_step(&deal, third, &scene.third, KIND_SUBMIT, CONTENT);
	thread_step(&deal, brand, &scene.brand, KIND_APPROVE, "");
	thread_step(&deal, third, &scene.third, KIND_POST, "link https://example.com/p\n");
	ck_assert_uint_eq(pack_count(pack_find(ask(operator, "payable", NULL, 0), "items")), 0);
	thread_step(&deal, operator, &scene.operator, KIND_VERIFY, "live yes\ntagged yes\ndisclosed yes\n");
	const struct pack_value *items = pack_find(ask(operator, "payable", NULL, 0), "items");
	ck_assert_uint_eq(pack_count(items), 1);
	ck_assert_int_eq(number_of(pack_find(pack_item(items, 0), "deal"), "earned"), 25000);
	struct slice note; /* what was signed goes with it: nobody pays on the record's word */
	uint8_t id[HASH_SIZE];
	ck_assert(pack_as_bytes(pack_find(pack_item(items, 0), "note"), &note));
	note_id_of(note, id);
	ck_assert_mem_eq(id, deal.id, HASH_SIZE);
	const struct argument after = { "after", NULL, number_of(pack_item(items, 0), "sequence"), false };
	const struct argument owed = { "owed", NULL, 0, true };
	ck_assert_uint_eq(pack_count(pack_find(ask(operator, "payable", &after, 1), "items")), 0);
	ck_assert_uint_eq(pack_count(pack_find(ask(operator, "deals", &owed, 1), "items")), 1);
	ck_assert_uint_eq(pack_count(pack_find(ask(third, "deals", &owed, 1), "items")), 1);
	thread_step(&deal, operator, &scene.operator, KIND_PAY, "amount 250.00 USD\nreference payable\n");
	ck_assert_uint_eq(pack_count(pack_find(ask(operator, "payable", NULL, 0), "items")), 0);
	buffer_release(&offer);
	disconnect_all();
}
END_TEST

/* ---- accounts ---- */

START_TEST(suspended_accounts_still_read) {
	connect_all();
	const struct argument name = { "name", "second", 0, false };
	struct client *second = scene_connect(&scene, &scene.second);
	ck_assert(says(ask(creator, "party", &name, 1), "state", "admitted"));
	ck_assert_int_eq(notes_send(operator, &scene.operator, KIND_SUSPEND,
	                            "account second\nstanding suspended\nreason testing\n").code, OK);
	ck_assert(says(ask(creator, "party", &name, 1), "state", "suspended"));
	ck_assert(says(ask(second, "account", NULL, 0), "state", "suspended"));
	ck_assert_uint_ge(pack_count(pack_find(ask(second, "deals", NULL, 0), "items")), 1);
	const struct argument nobody = { "name", "waiting", 0, false };
	ck_assert_int_eq(direct_query(creator, "party", &nobody, 1, NULL).code, ERROR_NOT_FOUND);
	ck_assert_int_eq(direct_query(creator, "profile", &nobody, 1, NULL).code, ERROR_NOT_FOUND);
	client_free(second);
	disconnect_all();
}
END_TEST

START_TEST(after_a_rekey_the_new_transport_key_counts) {
	connect_all();
	struct actor actor, next;
	struct buffer text, once, twice;
	char hex[HASH_HEX_SIZE], transport[TRANSPORT_KEY_TEXT], lines[400];
	actor_make(&actor, ROLE_CREATOR, "changing", &scene.agency);
	actor_make(&next, ROLE_CREATOR, "changing", &scene.agency);
	market_admit(&scene.agency, &scene.operator, &actor, 1);
	buffer_init(&text, SIGNED_NOTE_MAX);
	buffer_init(&once, SIGNED_NOTE_MAX);
	buffer_init(&twice, SIGNED_NOTE_MAX);
	hex_encode(slice_of(signing_key_public(actor.key), KEY_SIZE), hex);
	transport_key_format(next.identity.public_key, transport);
	(void)snprintf(lines, sizeof lines, "predecessor changing ed25519:%s\ntransport %s\n", hex, transport);
	notes_make(&next, KIND_REKEY, lines, &once);
	/* Both sign: the second signature line follows the first. */
	notes_sign_too(&actor, buffer_slice(&once), &text);
	(void)buffer_append_slice(&twice, buffer_slice(&once));
	(void)buffer_append_slice(&twice, slice_of(text.data + direct_text(buffer_slice(&text)).size + 1,
	                                           text.size - direct_text(buffer_slice(&text)).size - 1));
	struct client *before = scene_connect(&scene, &actor), *after = scene_connect(&scene, &next);
	ck_assert_int_eq(direct_ask(after, "offers", NULL, NULL, NULL).code, ERROR_NOT_ADMITTED);
	scene_accepts(before, &twice);
	ck_assert_int_eq(direct_ask(after, "offers", NULL, NULL, NULL).code, OK);
	ck_assert_uint_eq(walk(after, NULL, 100).count, 4); /* enrolment, admission, new key, the operator's admission */
	ck_assert_int_eq(direct_ask(before, "offers", NULL, NULL, NULL).code, ERROR_NOT_ADMITTED);
	const struct argument party = { "party", "changing", 0, false }, nobody = { "party", "No Name", 0, false };
	ck_assert_uint_eq(pack_count(pack_find(ask(rival, "notes", &party, 1), "items")), 2); /* admission, new key */
	ck_assert_int_eq(direct_query(rival, "notes", &nobody, 1, NULL).code, ERROR_BAD_VALUE);
	client_free(before);
	client_free(after);
	buffer_release(&text);
	buffer_release(&once);
	buffer_release(&twice);
	actor_release(&actor);
	actor_release(&next);
	disconnect_all();
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("views_notes");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_unchecked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_deals_notes_come_with_those_of_its_offer_in_their_order);
	tcase_add_test(tests, each_gets_the_notes_that_concern_him_and_operators_all);
	tcase_add_test(tests, ratings_are_blind_until_both_are_in);
	tcase_add_test(tests, statements_add_up_to_the_balances);
	tcase_add_test(tests, operators_see_what_is_to_be_paid);
	tcase_add_test(tests, suspended_accounts_still_read);
	tcase_add_test(tests, after_a_rekey_the_new_transport_key_counts);
	Suite *suite = suite_create("talk/views_notes");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

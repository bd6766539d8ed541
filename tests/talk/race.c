/* Many at once on two workers: slots and money are given out to the last, and not once more. */
#include <stdio.h>
#include <stdlib.h>

#include "store/tables.h"
#include "tests/lib/command.h"
#include "tests/lib/direct.h"
#include "tests/lib/rush.h"
#include "tests/lib/scratch.h"
#include "tests/lib/unit.h"
#include "workers/market/records.h"

#define TEST_SECONDS 300
#define CREATORS 200
#define SLOTS 5
#define PAID_SLOTS 3
#define PAID_CREATORS 40
#define OFFERS 10      /* of which there is money for three */

static struct agency_process agency;
static struct actor operator, brand, creators[CREATORS];

/* Both workers tell at their end what they have done, so that the test can say that both took part. */
static void set_up(void) {
	agency_start(&agency, 1);
	ck_assert_int_eq(agency_stop(&agency), 0);
	agency.log_level = "info";
	agency_restart(&agency, 2);
	actor_open_operator(&operator, &agency);
	actor_make(&brand, ROLE_BRAND, "acme-yoga", &agency);
	market_admit(&agency, &operator, &brand, 1);
	for (size_t i = 0; i < CREATORS; i++) {
		char name[32];
		(void)snprintf(name, sizeof name, "creator-%zu", i);
		actor_make(&creators[i], ROLE_CREATOR, name, &agency);
	}
}

static void tear_down(void) {
	for (size_t i = 0; i < CREATORS; i++) {
		actor_release(&creators[i]);
	}
	actor_release(&brand);
	actor_release(&operator);
	process_free_all();
}

struct tally {
	size_t accepted, refused;
};

/* Counts the outcomes, which must be one of two: accepted and countersigned where that is due, or this refusal. */
static struct tally count_outcomes(const struct outcome *outcomes, size_t count, enum error refusal,
                                   bool countersigned) {
	struct tally tally = { 0, 0 };
	for (size_t i = 0; i < count; i++) {
		ck_assert_msg(outcomes[i].error == OK || outcomes[i].error == refusal, "%zu: %s", i,
		              error_word(outcomes[i].error));
		if (outcomes[i].error == OK) {
			ck_assert(outcomes[i].answered_same_note);
			ck_assert(outcomes[i].countersigned == countersigned);
			tally.accepted++;
		} else {
			tally.refused++;
		}
	}
	return tally;
}

static struct buffer *new_notes(size_t count) {
	struct buffer *notes = calloc(count, sizeof *notes);
	ck_assert_ptr_nonnull(notes);
	for (size_t i = 0; i < count; i++) {
		buffer_init(&notes[i], SIGNED_NOTE_MAX);
	}
	return notes;
}

static void free_notes(struct buffer *notes, size_t count) {
	for (size_t i = 0; i < count; i++) {
		buffer_release(&notes[i]);
	}
	free(notes);
}

/* Submits an offer, or another note, that must be accepted. */
static void submit(struct client *client, const struct buffer *note) {
	struct failure failure = direct_submit(client, buffer_slice(note));
	ck_assert_msg(failure.code == OK, "%s", failure.text);
}

static void fund(struct client *client, const char *amount) {
	struct buffer note;
	buffer_init(&note, SIGNED_NOTE_MAX);
	actor_fund(&operator, "acme-yoga", amount, amount, &note);
	submit(client, &note);
	buffer_release(&note);
}

/* Adds up what the workers say at their end: one line each. */
static int64_t sum_of(const char *text, const char *key, size_t *lines) {
	int64_t sum = 0;
	*lines = 0;
	for (const char *at = strstr(text, "event=stopped"); at != NULL; at = strstr(at + 1, "event=stopped")) {
		const char *number = strstr(at, key);
		ck_assert_ptr_nonnull(number);
		int64_t value = strtoll(number + strlen(key), NULL, 10);
		ck_assert_msg(value > 0, "a worker has %s%lld", key, (long long)value);
		sum += value;
		(*lines)++;
	}
	return sum;
}

START_TEST(two_hundred_creators_get_five_slots) {
	struct buffer offer, *notes = new_notes(CREATORS);
	struct outcome first[CREATORS], again[CREATORS];
	struct rush rush;
	buffer_init(&offer, SIGNED_NOTE_MAX);
	market_admit(&agency, &operator, creators, CREATORS);
	rush_open(&rush, &agency, creators);
	actor_offer(&brand, SLOTS, NULL, &offer);
	submit(rush.clients[0], &offer);
	for (size_t i = 0; i < CREATORS; i++) {
		actor_accept(&creators[i], buffer_slice(&offer), &notes[i]);
	}
	struct store_counts before = store_count(agency.home);
	rush_submit(&rush, notes, CREATORS, first);
	struct tally tally = count_outcomes(first, CREATORS, ERROR_OFFER_FULL, true);
	ck_assert_uint_eq(tally.accepted, SLOTS);
	ck_assert_uint_eq(tally.refused, CREATORS - SLOTS);
	store_has_grown(agency.home, before, (struct store_counts){ .notes = SLOTS, .deals = SLOTS });
	/* The same notes again: the same five, with the same answers. */
	rush_submit(&rush, notes, CREATORS, again);
	for (size_t i = 0; i < CREATORS; i++) {
		ck_assert_int_eq(again[i].error, first[i].error);
		ck_assert_int_eq(again[i].sequence, first[i].sequence);
	}
	store_has_grown(agency.home, before, (struct store_counts){ .notes = SLOTS, .deals = SLOTS });
	rush_close(&rush);
	ck_assert_int_eq(agency_stop(&agency), 0);
	/* What the two workers accepted is all that was stored since they were started. */
	size_t workers = 0;
	int64_t accepted = sum_of(process_text(agency.up, PROCESS_ERRORS), " accepted=", &workers);
	ck_assert_uint_eq(workers, 2);
	ck_assert_int_eq(accepted, store_count(agency.home).notes - 2); /* the operator's two are of the first start */
	free_notes(notes, CREATORS);
	buffer_release(&offer);
}
END_TEST

/* ---- money ---- */

struct balance {
	char account[LEDGER_ACCOUNT_MAX];
	int64_t minor;
};

static enum error read_balance(struct tx *tx, void *argument, struct failure *failure) {
	struct balance *balance = argument;
	return balances_get(tx, balance->account, "USD", &balance->minor, failure);
}

/* What stands on an account, read from the store itself; the agency must have ended. */
static int64_t balance_of(const char *format, const char *name) {
	char url[FILE_PATH_MAX + 8];
	struct balance balance = { .minor = 0 };
	struct store *store = NULL;
	struct failure failure;
	(void)snprintf(url, sizeof url, "lmdb:%s/store", agency.home);
	(void)snprintf(balance.account, sizeof balance.account, format, name);
	ck_assert_int_eq(store_open(url, tables_market, tables_market_count, NULL, &store, &failure), OK);
	ck_assert_int_eq(store_read(store, read_balance, &balance, &failure), OK);
	store_close(store);
	return balance.minor;
}

static void id_of(const struct buffer *note, char hex[HASH_HEX_SIZE]) {
	uint8_t id[HASH_SIZE];
	note_id_of(buffer_slice(note), id);
	hex_encode(slice_of(id, sizeof id), hex);
}

START_TEST(a_paid_offer_holds_the_money_of_each_slot_once) {
	struct buffer offer, *notes = new_notes(PAID_CREATORS);
	struct outcome outcomes[PAID_CREATORS];
	struct rush rush;
	char hex[HASH_HEX_SIZE];
	buffer_init(&offer, SIGNED_NOTE_MAX);
	market_admit(&agency, &operator, creators, PAID_CREATORS);
	rush_open(&rush, &agency, creators);
	fund(rush.clients[0], "1000.00 USD");
	actor_offer(&brand, PAID_SLOTS, "100.00 USD", &offer);
	submit(rush.clients[0], &offer);
	for (size_t i = 0; i < PAID_CREATORS; i++) {
		actor_accept(&creators[i], buffer_slice(&offer), &notes[i]);
	}
	rush_submit(&rush, notes, PAID_CREATORS, outcomes);
	struct tally tally = count_outcomes(outcomes, PAID_CREATORS, ERROR_OFFER_FULL, true);
	ck_assert_uint_eq(tally.accepted, PAID_SLOTS);
	rush_close(&rush);
	(void)store_count(agency.home);
	ck_assert_int_eq(agency_stop(&agency), 0);
	id_of(&offer, hex);
	ck_assert_int_eq(balance_of("offer/%s/reserved", hex), 0);
	ck_assert_int_eq(balance_of("brand/%s/available", "acme-yoga"), 70000);
	for (size_t i = 0; i < PAID_CREATORS; i++) {
		id_of(&notes[i], hex);
		ck_assert_int_eq(balance_of("deal/%s/held", hex), outcomes[i].error == OK ? 10000 : 0);
	}
	free_notes(notes, PAID_CREATORS);
	buffer_release(&offer);
}
END_TEST

START_TEST(offers_that_race_for_the_same_money_open_while_it_lasts) {
	struct buffer *notes = new_notes(OFFERS);
	struct outcome outcomes[OFFERS];
	struct rush rush;
	rush_open(&rush, &agency, creators); /* these creators are not admitted: anybody may carry a signed note */
	fund(rush.clients[0], "1000.00 USD");
	for (size_t i = 0; i < OFFERS; i++) {
		actor_offer(&brand, 3, "100.00 USD", &notes[i]);
	}
	struct store_counts before = store_count(agency.home);
	rush_submit(&rush, notes, OFFERS, outcomes);
	struct tally tally = count_outcomes(outcomes, OFFERS, ERROR_UNFUNDED, false);
	ck_assert_uint_eq(tally.accepted, 3);
	ck_assert_uint_eq(tally.refused, OFFERS - 3);
	store_has_grown(agency.home, before, (struct store_counts){ .notes = 3, .offers = 3 });
	rush_close(&rush);
	ck_assert_int_eq(agency_stop(&agency), 0);
	ck_assert_int_eq(balance_of("brand/%s/available", "acme-yoga"), 10000);
	free_notes(notes, OFFERS);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("race");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, two_hundred_creators_get_five_slots);
	tcase_add_test(tests, a_paid_offer_holds_the_money_of_each_slot_once);
	tcase_add_test(tests, offers_that_race_for_the_same_money_open_while_it_lasts);
	Suite *suite = suite_create("talk/race");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

/* Postings: each event balanced, between the accounts that it names; money never appears or vanishes. */
#include "rules/ledger.h"
#include "tests/lib/random.h"
#include "tests/lib/unit.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))
#define OFFER_HEX "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1fff"
#define DEAL_HEX "f102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f00"

static uint8_t offer_id[32], deal_id[32];
static struct ledger_parties parties;
static struct entry entry;

static void setup(void) {
	for (uint8_t i = 0; i < 32; i++) {
		offer_id[i] = deal_id[i] = (uint8_t)(i + 1);
	}
	offer_id[31] = 0xff;
	deal_id[0] = 0xf1;
	deal_id[31] = 0;
	parties = (struct ledger_parties){ slice_of_text("acme-yoga"), offer_id, deal_id, slice_of_text("studio-flow") };
}

static const struct {
	enum ledger_event event;
	const char *from, *to;
} events[] = {
	{ LEDGER_FUND, "brand/acme-yoga/funded", "brand/acme-yoga/available" },
	{ LEDGER_REFUND, "brand/acme-yoga/available", "brand/acme-yoga/funded" },
	{ LEDGER_OPEN, "brand/acme-yoga/available", "offer/" OFFER_HEX "/reserved" },
	{ LEDGER_END, "offer/" OFFER_HEX "/reserved", "brand/acme-yoga/available" },
	{ LEDGER_AGREE, "offer/" OFFER_HEX "/reserved", "deal/" DEAL_HEX "/held" },
	{ LEDGER_REOPEN, "deal/" DEAL_HEX "/held", "offer/" OFFER_HEX "/reserved" },
	{ LEDGER_MORE, "brand/acme-yoga/available", "deal/" DEAL_HEX "/held" },
	{ LEDGER_LESS, "deal/" DEAL_HEX "/held", "brand/acme-yoga/available" },
	{ LEDGER_EARN, "deal/" DEAL_HEX "/held", "creator/studio-flow/earned" },
	{ LEDGER_UNEARN, "creator/studio-flow/earned", "deal/" DEAL_HEX "/held" },
	{ LEDGER_FEE, "deal/" DEAL_HEX "/held", "agency/fees" },
	{ LEDGER_UNFEE, "agency/fees", "deal/" DEAL_HEX "/held" },
	{ LEDGER_PAY, "creator/studio-flow/earned", "creator/studio-flow/paid" },
};

START_TEST(an_event_moves_its_amount_from_one_account_to_another) {
	static const int64_t amounts[] = { 1, 27500, MONEY_MINOR_MAX };
	ck_assert_int_eq(ROWS(events), LEDGER_EVENT_COUNT);
	for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++) {
		struct money amount = { amounts[i], "USD" };
		ledger_entry(events[_i].event, &parties, &amount, &entry);
		ck_assert_uint_eq(entry.count, 2);
		ck_assert_str_eq(entry.postings[0].account, events[_i].from);
		ck_assert_str_eq(entry.postings[1].account, events[_i].to);
		ck_assert_int_eq(entry.postings[0].amount.minor, -amounts[i]);
		ck_assert_int_eq(entry.postings[1].amount.minor, amounts[i]);
		ck_assert_str_eq(entry.postings[0].amount.currency, "USD");
		ck_assert(ledger_is_balanced(&entry));
	}
}
END_TEST

START_TEST(an_entry_is_a_list_of_moves_and_nothing_moves_nothing) {
	struct money ten = { 10, "USD" }, three = { 3, "EUR" }, nothing = { 0, "USD" };
	entry.count = 0;
	ledger_add(LEDGER_EARN, &parties, &ten, &entry);
	ledger_add(LEDGER_FEE, &parties, &nothing, &entry);
	ledger_add(LEDGER_LESS, &parties, &three, &entry);
	ck_assert_uint_eq(entry.count, 4);
	ck_assert_str_eq(entry.postings[1].account, "creator/studio-flow/earned");
	ck_assert_str_eq(entry.postings[3].account, "brand/acme-yoga/available");
	ck_assert_int_eq(entry.postings[3].amount.minor, 3);
	ck_assert_str_eq(entry.postings[2].amount.currency, "EUR");
	ck_assert(ledger_is_balanced(&entry));
}
END_TEST

START_TEST(an_event_needs_the_names_of_its_own_accounts_only) {
	struct money amount = { 100, "USD" };
	struct ledger_parties brand_only = { .brand = slice_of_text("acme-yoga") };
	struct ledger_parties ids_only = { .offer_id = offer_id, .deal_id = deal_id };
	ledger_entry(LEDGER_FUND, &brand_only, &amount, &entry);
	ck_assert_str_eq(entry.postings[1].account, "brand/acme-yoga/available");
	ledger_entry(LEDGER_AGREE, &ids_only, &amount, &entry);
	ck_assert_str_eq(entry.postings[1].account, "deal/" DEAL_HEX "/held");
}
END_TEST

START_TEST(the_names_of_accounts_are_those_that_events_use) {
	char account[LEDGER_ACCOUNT_MAX];
	ledger_available_account(slice_of_text("acme-yoga"), account);
	ck_assert_str_eq(account, "brand/acme-yoga/available");
	ledger_reserved_account(offer_id, account);
	ck_assert_str_eq(account, "offer/" OFFER_HEX "/reserved");
	ledger_available_account(slice_of_text("0123456789012345678901234567890123456789"), account);
	ck_assert_str_eq(account, "brand/0123456789012345678901234567890123456789/available");
	ledger_earned_account(slice_of_text("studio-flow"), account);
	ck_assert_str_eq(account, "creator/studio-flow/earned");
	ledger_paid_account(slice_of_text("studio-flow"), account);
	ck_assert_str_eq(account, "creator/studio-flow/paid");
}
END_TEST

START_TEST(only_the_world_outside_goes_below_zero) {
	static const struct {
		const char *account;
		bool may;
	} cases[] = {
		{ "brand/acme-yoga/funded", true },        { "brand/funded/available", false },
		{ "brand/acme-yoga/available", false },    { "offer/" OFFER_HEX "/reserved", false },
		{ "deal/" DEAL_HEX "/held", false },       { "/funded", false },
		{ "funded", false },                       { "brand/acme-yoga/funded/", false },
		{ "brand/acme-yoga/unfunded", false },     { "", false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		ck_assert_msg(ledger_may_be_negative(cases[i].account) == cases[i].may, "%s", cases[i].account);
	}
}
END_TEST

START_TEST(an_entry_is_balanced_per_currency) {
	static const struct {
		size_t count;
		struct money amounts[LEDGER_POSTINGS_MAX];
		bool balanced;
	} cases[] = {
		{ 0, { { 0, "" } }, true },
		{ 1, { { 1, "USD" } }, false },
		{ 2, { { 1, "USD" }, { -1, "USD" } }, true },
		{ 2, { { 1, "USD" }, { -2, "USD" } }, false },
		{ 2, { { 1, "USD" }, { -1, "EUR" } }, false },
		{ 3, { { 3, "USD" }, { -1, "USD" }, { -2, "USD" } }, true },
		{ 4, { { 1, "USD" }, { 2, "EUR" }, { -1, "USD" }, { -2, "EUR" } }, true },
		{ 4, { { 1, "USD" }, { 2, "EUR" }, { -2, "USD" }, { -1, "EUR" } }, false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		entry.count = cases[i].count;
		for (size_t j = 0; j < cases[i].count; j++) {
			entry.postings[j].amount = cases[i].amounts[j];
		}
		ck_assert_msg(ledger_is_balanced(&entry) == cases[i].balanced, "case %zu", i);
	}
}
END_TEST

#define OFFERS 5
#define STEPS 20000
#define ACCOUNTS (5 + 2 * OFFERS) /* funded, available, earned, paid, fees */

/* A book of one brand and one creator, kept by posting entries to named accounts. */
struct book {
	struct posting accounts[ACCOUNTS];
	size_t count;
};

static int64_t *balance(struct book *book, const char *account) {
	for (size_t i = 0; i < book->count; i++) {
		if (strcmp(book->accounts[i].account, account) == 0) {
			return &book->accounts[i].amount.minor;
		}
	}
	ck_assert_uint_lt(book->count, sizeof book->accounts / sizeof book->accounts[0]);
	struct posting *opened = &book->accounts[book->count];
	book->count++;
	*opened = (struct posting){ .amount = { 0, "USD" } };
	memcpy(opened->account, account, strlen(account) + 1);
	return &opened->amount.minor;
}

/* Posts the entry, as the store does: not at all if an account would fall below zero that may not. */
static bool post(struct book *book) {
	for (size_t i = 0; i < entry.count; i++) {
		const struct posting *posting = &entry.postings[i];
		if (*balance(book, posting->account) + posting->amount.minor < 0 && !ledger_may_be_negative(posting->account)) {
			return false;
		}
	}
	for (size_t i = 0; i < entry.count; i++) {
		*balance(book, entry.postings[i].account) += entry.postings[i].amount.minor;
	}
	return true;
}

START_TEST(whatever_happens_all_accounts_together_stay_at_zero) {
	uint32_t seed = (uint32_t)(7 + _i), state = seed;
	struct book book = { .count = 0 };
	int64_t attested = 0;
	for (int step = 0; step < STEPS; step++) {
		offer_id[0] = deal_id[0] = (uint8_t)(random_next(&state) % OFFERS);
		struct money amount = { 1 + random_next(&state) % 1000, "USD" };
		enum ledger_event event = random_next(&state) % LEDGER_EVENT_COUNT;
		ledger_entry(event, &parties, &amount, &entry);
		bool posted = post(&book);
		attested += posted && event == LEDGER_FUND ? amount.minor : 0;
		attested -= posted && event == LEDGER_REFUND ? amount.minor : 0;
		int64_t sum = 0, lowest = 0;
		for (size_t i = 0; i < book.count; i++) {
			bool outside = ledger_may_be_negative(book.accounts[i].account);
			sum += book.accounts[i].amount.minor;
			lowest = !outside && book.accounts[i].amount.minor < lowest ? book.accounts[i].amount.minor : lowest;
		}
		if (sum != 0 || lowest < 0 || *balance(&book, "brand/acme-yoga/funded") != -attested) {
			ck_abort_msg("seed %u, step %d: sum %lld, lowest %lld", seed, step, (long long)sum, (long long)lowest);
		}
	}
	ck_assert_uint_eq(book.count, ACCOUNTS);
	ck_assert_int_gt(attested, 0);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("ledger");
	tcase_add_checked_fixture(tests, setup, NULL);
	tcase_add_loop_test(tests, an_event_moves_its_amount_from_one_account_to_another, 0, ROWS(events));
	tcase_add_test(tests, an_entry_is_a_list_of_moves_and_nothing_moves_nothing);
	tcase_add_test(tests, an_event_needs_the_names_of_its_own_accounts_only);
	tcase_add_test(tests, the_names_of_accounts_are_those_that_events_use);
	tcase_add_test(tests, only_the_world_outside_goes_below_zero);
	tcase_add_test(tests, an_entry_is_balanced_per_currency);
	tcase_add_loop_test(tests, whatever_happens_all_accounts_together_stay_at_zero, 0, 5);
	Suite *suite = suite_create("rules/ledger");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

/* A replay of notes in random order, with random signers and times: what it takes keeps money and deals sound, what it
 * refuses changes nothing, and nothing ends it. TROTH_SEED and TROTH_EVENTS choose another life or a longer one. */
#include <stdlib.h>

#include "tests/lib/random.h"
#include "tests/unit/rules_replay_tale.h"

#define NOTES_MAX 64
#define EVENTS 60000
#define LIFE 60 /* notes of one replay */

struct said_note {
	char *text;
	struct note note;
	uint8_t id[FIELD_HASH_SIZE];
};

static struct said_note notes[NOTES_MAX];
static size_t note_count;
static size_t accepted[KIND_COUNT];

/* Keeps the latest note of the tale, whatever came of it. */
static void keep(enum error error) {
	(void)error;
	ck_assert_uint_lt(note_count, NOTES_MAX);
	struct said_note *said = &notes[note_count++];
	said->text = strdup(tale.text);
	sample_parse(said->text, &said->note);
	memcpy(said->id, tale.id, sizeof said->id);
}

/* Several ways that a deal may go, whose notes are then mixed. */
static void tell_all(void) {
	uint8_t agreement[FIELD_HASH_SIZE], submission[FIELD_HASH_SIZE], id[FIELD_HASH_SIZE];
	static const struct {
		const char *kind, *lines;
	} ways[] = {
		{ "submit", BY_FLOW SUBMISSION }, { "approve", BY_ACME },
		{ "post", BY_FLOW "link https://example.com/p/1\n" }, { "verify", BY_OLGA SEEN },
		{ "pay", BY_OLGA "amount 100.00 USD\nreference payout-1\n" },
		{ "pay", BY_OLGA "amount 150.00 USD\nreference payout-2\n" }, { "rate", EITHER_ACME "stars 5\n" },
		{ "rate", EITHER_FLOW "stars 4\n" },
	};
	static const struct {
		const char *kind, *lines;
	} others[] = {
		{ "revise", BY_ACME "reason Please show the logo.\n" }, { "cancel", EITHER_ACME }, { "cancel", EITHER_FLOW },
		{ "dispute", EITHER_FLOW "reason No answer.\n" },
	};
	keep(admit("olga", KEY_OPERATOR, "operator", "agency ed25519:" KEY_AGENCY));
	keep(admit("acme-yoga", KEY_BRAND, "brand", "olga ed25519:" KEY_OPERATOR));
	keep(admit("studio-flow", KEY_CREATOR, "creator", "olga ed25519:" KEY_OPERATOR));
	keep(tell("fund", "brand acme-yoga\namount 1000.00 USD\nreference bank-1\n" BY_OLGA));
	keep(offer("first-come"));
	keep(text("", "creator flow-2 ed25519:" KEY_OTHER "\n", "fee 250.00 USD\n", FIRST, true));
	keep(step("cancel", "by flow-2 ed25519:" KEY_OTHER "\nrole creator\n"));
	keep(accept());
	memcpy(agreement, tale.id, sizeof agreement);
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		keep(step(ways[i].kind, ways[i].lines));
		memcpy(i == 0 ? submission : id, tale.id, sizeof id);
	}
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		memcpy(tale.head, i == 0 ? submission : agreement, sizeof tale.head);
		keep(step(others[i].kind, others[i].lines));
	}
	keep(step("ruling", BY_OLGA "outcome settle\ncreator-share 33.33 %\nreason Half was made.\n"));
	keep(tell("suspend", "account studio-flow\nstanding suspended\nreason late\n" BY_OLGA));
	keep(tell("suspend", "account studio-flow\nstanding good\nreason better\n" BY_OLGA));
	keep(tell("revoke", "account acme-yoga\nkey ed25519:" KEY_BRAND "\nvalid-until 30\nreason lost\n" BY_OLGA));
	keep(tell("refund", "brand acme-yoga\namount 10.00 USD\nreference bank-2\n" BY_OLGA));
	char lines[400], shown[80];
	(void)snprintf(lines, sizeof lines, "offer %s\n%s", reference(tale.offer, shown), BY_ACME);
	keep(tell("close", lines));
}

struct sums {
	int64_t all, held;
};

static void check_balance(void *argument, const char *account, const struct money *balance) {
	struct sums *sums = argument;
	size_t size = strlen(account);
	bool may_lack = ledger_may_be_negative(account) ||
	                (size > 10 && strcmp(account + size - 10, "/available") == 0); /* who funded it may not be told */
	ck_assert_msg(may_lack || balance->minor >= 0, "%s is %lld", account, (long long)balance->minor);
	sums->all += balance->minor;
	sums->held += size > 5 && strcmp(account + size - 5, "/held") == 0 ? balance->minor : 0;
}

/* Double entry, and what the ledger holds for deals is what the deals hold. */
static struct sums check_sound(const struct replay *replay) {
	struct sums sums = { 0, 0 };
	int64_t held = 0;
	replay_balances(replay, check_balance, &sums);
	for (size_t i = 0; i < replay_deal_count(replay); i++) {
		held += replay_deal(replay, i)->deal.held;
	}
	ck_assert_int_eq(sums.all, 0);
	ck_assert_int_eq(sums.held, held);
	return sums;
}

static int64_t sum_available(const struct replay *replay) {
	struct asked asked = { "/available", 0 };
	replay_balances(replay, find_balance, &asked);
	return asked.minor;
}

/* Mostly the note that comes next in the tale, else any. */
static size_t choose(uint32_t *random, size_t *next) {
	size_t chosen = *next;
	if (random_next(random) % 5 == 0 || chosen >= note_count) {
		chosen = random_next(random) % note_count;
	}
	*next = chosen == *next ? chosen + 1 : *next;
	return chosen;
}

static void live(uint32_t *random) {
	struct replay *replay = replay_new();
	int64_t now = TIME_SECONDS;
	size_t next = 0;
	ck_assert_ptr_nonnull(replay);
	for (int64_t sequence = 1; sequence <= LIFE; sequence++) {
		const struct said_note *said = &notes[choose(random, &next)];
		bool odd = random_next(random) % 10 == 0;
		now += random_next(random) % (odd ? 40 * DAY : HOUR);
		struct replay_input input = { .note = &said->note,
			                          .id = said->id,
			                          .signed_by = odd ? random_next(random) % 4 : FIRST,
			                          .countersigned = !odd || random_next(random) % 2 == 0,
			                          .sequence = sequence,
			                          .received = now };
		struct failure failure;
		int64_t before = sum_available(replay);
		struct sums sums = check_sound(replay);
		if (replay_note(replay, &input, &failure) == OK) {
			accepted[said->note.kind->id]++;
			(void)check_sound(replay);
		} else {
			ck_assert_int_eq(check_sound(replay).held, sums.held);
			ck_assert_int_eq(sum_available(replay), before);
		}
	}
	replay_free(replay);
}

START_TEST(notes_in_any_order_keep_money_and_deals_sound) {
	const char *seed = getenv("TROTH_SEED"), *events = getenv("TROTH_EVENTS");
	uint32_t random = seed == NULL ? 4 : (uint32_t)strtoull(seed, NULL, 10) | 1;
	uint64_t lives = (events == NULL ? EVENTS : strtoull(events, NULL, 10)) / LIFE;
	tell_all();
	for (uint64_t i = 0; i < lives; i++) {
		live(&random);
	}
	/* A life in which next to nothing is accepted would show nothing. */
	static const enum kind_id often[] = { KIND_ADMIT, KIND_FUND, KIND_OFFER, KIND_AGREEMENT, KIND_CANCEL, KIND_SUBMIT,
		                                  KIND_APPROVE, KIND_PAY, KIND_RATE, KIND_REVOKE, KIND_CLOSE };
	for (size_t i = 0; i < sizeof often / sizeof often[0]; i++) {
		ck_assert_msg(accepted[often[i]] >= lives / 100, "%s: %zu", kind_get(often[i])->name, accepted[often[i]]);
	}
	for (size_t i = 0; i < note_count; i++) {
		free(notes[i].text);
	}
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("random");
	tcase_set_timeout(tests, 600);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, notes_in_any_order_keep_money_and_deals_sound);
	Suite *suite = suite_create("rules/replay random");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

/* `troth store check` finds whatever does not follow from the notes: rows of a small store are damaged one by one. */
#include "store/tables.h"
#include "tests/unit/market_tale.h"
#include "workers/market/check.h"

/* ---- damage ---- */

enum action { CHANGE, MOVE, DELETE, ADD, REPACK };

/* Which record, and what becomes of it: CHANGE adds a number to a column or puts a text into it, MOVE changes a key,
 * ADD puts the record under another key beside itself, REPACK changes a deal's body. A text to find that ends in a
 * slash is the beginning of one. */
struct damage {
	const char *name;
	const struct table *table;
	int match; /* the column by which the record is found */
	const char *text;
	int64_t number;
	enum action action;
	int column;
	const char *other_text;
	int64_t more;
	const char *expected; /* a part of a sentence */
};

#define OF_TEXT(table, column, value) &table, column, value, 0
#define OF_NUMBER(table, column, value) &table, column, NULL, value
#define ANY INT64_MIN
#define OF_ANY(table) OF_NUMBER(table, 0, ANY)

static const struct damage damages[] = {
	{ "a note is gone", OF_TEXT(table_notes, NOTES_KIND, "revise"), DELETE, 0, NULL, 0, "should be" },
	{ "the last note is gone", OF_TEXT(table_notes, NOTES_KIND, "close"), DELETE, 0, NULL, 0, "counters: the last" },
	{ "a note's kind", OF_TEXT(table_notes, NOTES_KIND, "ship"), CHANGE, NOTES_KIND, "receive", 0, "id or kind" },
	{ "a note's signers", OF_TEXT(table_notes, NOTES_KIND, "pay"), CHANGE, NOTES_SIGNERS, NULL, 2, "do not verify" },
	{ "a note's deal", OF_TEXT(table_notes, NOTES_KIND, "pay"), CHANGE, NOTES_THREAD, NULL, 1, "is missing" },
	{ "a step without a deal", OF_TEXT(table_notes, NOTES_KIND, "pay"), CHANGE, NOTES_THREAD, NULL, INT64_MIN,
	  "belongs to no deal" },
	{ "when a note came", OF_TEXT(table_notes, NOTES_KIND, "post"), CHANGE, NOTES_RECEIVED, NULL, 1,
	  "its notes make something else of it: see its " },
	{ "a note that came too late", OF_TEXT(table_notes, NOTES_KIND, "receive"), CHANGE, NOTES_RECEIVED, NULL,
	  100 * DAY, "does not fit: the time to receive was over" },
	{ "the counter", OF_TEXT(table_counters, COUNTERS_NAME, "sequence"), CHANGE, COUNTERS_VALUE, NULL, 1,
	  "counters: the last" },
	{ "an enrolment is gone", OF_TEXT(table_enrolments, ENROLMENTS_NAME, "eve"), DELETE, 0, NULL, 0,
	  "enrolments eve" },
	{ "an account is gone", OF_TEXT(table_accounts, ACCOUNTS_NAME, "cleo"), DELETE, 0, NULL, 0,
	  "accounts cleo: is missing" },
	{ "an account from nowhere", OF_TEXT(table_accounts, ACCOUNTS_NAME, "cleo"), MOVE, ACCOUNTS_NAME, "zoe", 0,
	  "accounts zoe: no note says so" },
	{ "an account's role", OF_TEXT(table_accounts, ACCOUNTS_NAME, "ana"), CHANGE, ACCOUNTS_ROLE, NULL, 1,
	  "accounts ana: role is" },
	{ "an account's standing", OF_TEXT(table_accounts, ACCOUNTS_NAME, "dan"), CHANGE, ACCOUNTS_SUSPENDED, NULL, -1,
	  "accounts dan: suspended is 0, by the notes it is 1" },
	{ "an account's key", OF_TEXT(table_accounts, ACCOUNTS_NAME, "ben"), CHANGE, ACCOUNTS_KEY, "12345678901234567890"
	  "123456789012", 0, "accounts ben: key is 313233343536" },
	{ "an account's note", OF_TEXT(table_accounts, ACCOUNTS_NAME, "ana"), CHANGE, ACCOUNTS_SEQUENCE, NULL, 1,
	  "accounts ana: sequence" },
	{ "a key's end", OF_TEXT(table_keys, KEYS_NAME, "ben"), CHANGE, KEYS_UNTIL, NULL, -1, ": until is" },
	{ "a key's owner", OF_TEXT(table_keys, KEYS_NAME, "dan"), CHANGE, KEYS_NAME, "ana", 0, ": name is ana" },
	{ "a key is revoked by nobody", OF_TEXT(table_keys, KEYS_NAME, "dan"), CHANGE, KEYS_VALID_UNTIL, NULL, -9,
	  ": valid_until is" },
	{ "a note in nobody's list", OF_TEXT(table_parties, PARTIES_NAME, "acme"), DELETE, 0, NULL, 0, "parties acme" },
	{ "a creator's list", OF_TEXT(table_parties, PARTIES_NAME, "cleo"), DELETE, 0, NULL, 0, "parties cleo" },
	{ "a note in no list of keys", OF_TEXT(table_parties, PARTIES_NAME, "~ben"), DELETE, 0, NULL, 0, "parties ~ben" },
	{ "a note in no list of operators", OF_TEXT(table_parties, PARTIES_NAME, "agency"), DELETE, 0, NULL, 0,
	  "parties agency" },
	{ "a note in another's list", OF_TEXT(table_parties, PARTIES_NAME, "ana"), ADD, PARTIES_NAME, "ben", 0,
	  "the note does not concern the account" },
	{ "a profile", OF_TEXT(table_profiles, PROFILES_CREATOR, "ana"), CHANGE, PROFILES_SEQUENCE, NULL, -1,
	  "profiles ana: sequence" },
	{ "figures of nobody", OF_TEXT(table_attests, ATTESTS_CREATOR, "ana"), MOVE, ATTESTS_CREATOR, "ben", 0,
	  "attests ben 0: no note says so" },
	{ "an offer is gone", OF_NUMBER(table_offers, OFFERS_STATE, OFFER_CLOSED), DELETE, 0, NULL, 0, ": its offer " },
	{ "an offer's slots", OF_NUMBER(table_offers, OFFERS_STATE, OFFER_OPEN), CHANGE, OFFERS_SLOTS, NULL, 1,
	  "brand, closes, slots or road" },
	{ "too few taken", OF_NUMBER(table_offers, OFFERS_STATE, OFFER_OPEN), CHANGE, OFFERS_TAKEN, NULL, -1,
	  "1 agreements, 0 taken, 3 slots" },
	{ "too many taken", OF_NUMBER(table_offers, OFFERS_STATE, OFFER_OPEN), CHANGE, OFFERS_TAKEN, NULL, 3,
	  "1 agreements, 4 taken, 3 slots" },
	{ "an offer's state", OF_NUMBER(table_offers, OFFERS_STATE, OFFER_OPEN), CHANGE, OFFERS_STATE, NULL, 1,
	  "its state is 2, by its notes it is 1" },
	{ "an offer that has ended", OF_NUMBER(table_offers, OFFERS_STATE, OFFER_CLOSED), CHANGE, OFFERS_STATE, NULL, 1,
	  "its state is 4, by its notes it is 3" },
	{ "when an offer is due", OF_NUMBER(table_offers, OFFERS_STATE, OFFER_OVER), CHANGE, OFFERS_DUE, NULL, 5,
	  "its due is not" },
	{ "a deal is gone", OF_NUMBER(table_deals, DEALS_STATE, DEAL_PAID), DELETE, 0, NULL, 0, "is missing" },
	{ "a deal's state", OF_NUMBER(table_deals, DEALS_STATE, DEAL_PAID), CHANGE, DEALS_STATE, NULL, 1,
	  "the column state" },
	{ "a deal's deadline", OF_NUMBER(table_deals, DEALS_STATE, DEAL_RECEIVED), CHANGE, DEALS_DUE, NULL, 1,
	  "the column due" },
	{ "what a deal owes", OF_NUMBER(table_deals, DEALS_STATE, DEAL_PAID), CHANGE, DEALS_OWED, NULL, 1,
	  "the column owed" },
	{ "a deal's offer", OF_NUMBER(table_deals, DEALS_STATE, DEAL_PAID), CHANGE, DEALS_OFFER, NULL, 1,
	  "the column offer" },
	{ "a deal's creator", OF_NUMBER(table_deals, DEALS_STATE, DEAL_PAID), CHANGE, DEALS_CREATOR, "ben", 0,
	  "the column creator" },
	{ "a deal's campaign", OF_NUMBER(table_deals, DEALS_STATE, DEAL_PAID), CHANGE, DEALS_CAMPAIGN, "spring", 0,
	  "the column campaign" },
	{ "a deal's tier", OF_NUMBER(table_deals, DEALS_STATE, DEAL_PAID), CHANGE, DEALS_TIER, NULL, 99, "no tier" },
	{ "a deal's other members", OF_NUMBER(table_deals, DEALS_STATE, DEAL_PAID), REPACK, 0, NULL, 0,
	  "its notes make something else of it: see its revisions" },
	{ "a posting is gone", OF_NUMBER(table_journal, JOURNAL_LINE, 1), DELETE, 0, NULL, 0, "does not sum to zero" },
	{ "an amount in the journal", OF_NUMBER(table_journal, JOURNAL_LINE, 1), CHANGE, JOURNAL_AMOUNT, NULL, 1,
	  "is not what note" },
	{ "what a deal's note booked", OF_TEXT(table_journal, JOURNAL_ACCOUNT, "creator/ana/earned"), CHANGE,
	  JOURNAL_AMOUNT, NULL, 1, " of deal " },
	{ "a deal from nowhere", OF_NUMBER(table_deals, DEALS_STATE, DEAL_PAID), ADD, DEALS_SEQUENCE, NULL, 1000,
	  "there is no such agreement" },
	{ "an offer from nowhere", OF_NUMBER(table_offers, OFFERS_STATE, OFFER_CLOSED), ADD, OFFERS_SEQUENCE, NULL, 1000,
	  "there is no such note" },
	{ "an entry without note", OF_NUMBER(table_journal, JOURNAL_LINE, 1), MOVE, JOURNAL_SEQUENCE, NULL, 1000,
	  "has no note" },
	{ "sums are gone", OF_TEXT(table_totals, TOTALS_BRAND, "acme"), DELETE, 0, NULL, 0,
	  "totals acme  unknown USD: is not the sum" },
	{ "sums of another tier", OF_TEXT(table_totals, TOTALS_BRAND, "acme"), MOVE, TOTALS_TIER, NULL, 4,
	  "totals acme  macro USD: is not the sum" },
	{ "a balance", OF_TEXT(table_balances, BALANCES_ACCOUNT, "creator/ana/paid"), CHANGE, BALANCES_AMOUNT, NULL, 1,
	  "balances: creator/ana/paid USD is 2501, the journal gives 2500" },
	{ "what is held", OF_TEXT(table_balances, BALANCES_ACCOUNT, "deal/"), CHANGE, BALANCES_AMOUNT, NULL, 1, " holds " },
	{ "what is reserved", OF_TEXT(table_balances, BALANCES_ACCOUNT, "offer/"), CHANGE, BALANCES_AMOUNT, NULL, 1,
	  " for its free slots" },
	{ "a balance is gone", OF_TEXT(table_balances, BALANCES_ACCOUNT, "agency/fees"), DELETE, 0, NULL, 0,
	  "balances: agency/fees USD is missing" },
	{ "a balance below zero", OF_TEXT(table_balances, BALANCES_ACCOUNT, "creator/ana/paid"), CHANGE, BALANCES_AMOUNT,
	  NULL, -9999, "is below zero" },
	{ "a payment's reference is gone", OF_TEXT(table_payments, PAYMENTS_REFERENCE, "bank-1"), DELETE, 0, NULL, 0,
	  "payments acme bank-1" },
	{ "a payout's reference is gone", OF_TEXT(table_payments, PAYMENTS_REFERENCE, "payout-1"), DELETE, 0, NULL, 0,
	  "payments ana payout-1: is not that of note" },
	{ "a bond is gone", OF_TEXT(table_bonds, BONDS_CATEGORY, "mats"), DELETE, 0, NULL, 0,
	  "bonds ana mats: is missing by deal" },
	{ "a bond's end", OF_TEXT(table_bonds, BONDS_CATEGORY, "yoga"), CHANGE, BONDS_UNTIL, NULL, -1,
	  "bonds ana yoga: is not what is agreed by deal" },
	{ "an exclusive bond that is none", OF_TEXT(table_bonds, BONDS_CATEGORY, "yoga"), CHANGE, BONDS_IS_EXCLUSIVE, NULL,
	  -1, "bonds ana yoga: is not what is agreed by deal" },
	{ "a bond to another brand", OF_TEXT(table_bonds, BONDS_CATEGORY, "yoga"), CHANGE, BONDS_BRAND, "bolt", 0,
	  "bonds ana yoga: is not what is agreed by deal" },
	{ "a bond that nobody agreed to", OF_TEXT(table_bonds, BONDS_CATEGORY, "yoga"), ADD, BONDS_CATEGORY, "tea", 0,
	  "bonds ana tea: nothing of the kind is agreed by deal" },
	{ "a bond of another creator", OF_TEXT(table_bonds, BONDS_CATEGORY, "yoga"), ADD, BONDS_CREATOR, "cleo", 0,
	  "bonds cleo yoga: there is no deal" },
	{ "a bond by no deal", OF_TEXT(table_bonds, BONDS_CATEGORY, "yoga"), ADD, BONDS_DEAL, NULL, 1000,
	  "bonds ana yoga: there is no deal" },
	{ "a reputation is gone", OF_TEXT(table_reputations, REPUTATIONS_NAME, "ana"), DELETE, 0, NULL, 0,
	  "reputations ana: is not what comes of its deals" },
	{ "how many deals are done", OF_TEXT(table_reputations, REPUTATIONS_NAME, "ana"), CHANGE, REPUTATIONS_DONE, NULL, 1,
	  "reputations ana: is not what comes of its deals" },
	{ "too many stars", OF_TEXT(table_reputations, REPUTATIONS_NAME, "acme"), CHANGE, REPUTATIONS_STARS, NULL, 1,
	  "reputations acme: is not what comes of its deals" },
	{ "a failure less", OF_TEXT(table_reputations, REPUTATIONS_NAME, "acme"), CHANGE, REPUTATIONS_FAILED, NULL, -1,
	  "reputations acme: is not what comes of its deals" },
	{ "a reputation of nobody", OF_TEXT(table_reputations, REPUTATIONS_NAME, "ana"), ADD, REPUTATIONS_NAME, "zoe", 0,
	  "reputations zoe: there is no such account" },
	{ "an address that nobody needs", OF_ANY(table_addresses), MOVE, ADDRESSES_DEAL, NULL, -1,
	  "is not waiting for its product" },
	{ "a reference from nowhere", OF_TEXT(table_payments, PAYMENTS_REFERENCE, "bank-2"), ADD, PAYMENTS_REFERENCE,
	  "bank-3", 0, "payments acme bank-3: note" },
};

/* ---- doing it, and taking it back ---- */

struct damaging {
	const struct damage *damage;
	bool found;
	struct record before;
	struct buffer bytes; /* that its cells and body point to */
};

static void keep(struct damaging *damaging, const struct record *record) {
	const struct table *table = damaging->damage->table;
	size_t at[STORE_COLUMNS_MAX + 1];
	buffer_init(&damaging->bytes, 2 * STORE_BODY_MAX);
	damaging->before = *record;
	for (size_t i = 0; i < table->column_count; i++) {
		at[i] = damaging->bytes.size;
		if (table->columns[i].type != COLUMN_NUMBER) {
			(void)buffer_append_slice(&damaging->bytes, record->cells[i].bytes);
		}
	}
	at[table->column_count] = damaging->bytes.size;
	(void)buffer_append_slice(&damaging->bytes, record->body);
	for (size_t i = 0; i < table->column_count; i++) {
		if (table->columns[i].type != COLUMN_NUMBER) {
			damaging->before.cells[i].bytes = slice_of(damaging->bytes.data + at[i], record->cells[i].bytes.size);
		}
	}
	damaging->before.body = slice_of(damaging->bytes.data + at[table->column_count], record->body.size);
	damaging->found = true;
}

static bool is_meant(struct slice found, const char *text) {
	size_t size = strlen(text);
	bool begins = text[size - 1] == '/' && found.size > size && memcmp(found.data, text, size) == 0;
	return begins || slice_is(found, text);
}

static bool find(void *argument, const struct record *record) {
	struct damaging *damaging = argument;
	const struct damage *damage = damaging->damage;
	const struct cell *cell = &record->cells[damage->match];
	bool matches = damage->text != NULL ? is_meant(cell->bytes, damage->text)
	                                    : damage->number == ANY || cell->number == damage->number;
	if (matches && !damaging->found) {
		keep(damaging, record);
	}
	return !damaging->found;
}

/* One more revision, in the body only. */
static void repack(struct record *record) {
	static struct buffer body; /* of one test */
	static struct deal_row row;
	struct record made;
	ck_assert_int_eq(deal_from_record(record, tale.inner.market.document, &row, NULL), OK);
	row.deal.revisions++;
	buffer_init(&body, DEAL_BODY_MAX);
	deal_to_record(&row, &body, &made);
	record->body = made.body;
}

static struct record damaged(const struct damaging *damaging) {
	const struct damage *damage = damaging->damage;
	struct record record = damaging->before;
	struct cell *cell = &record.cells[damage->column];
	if (damage->action == REPACK) {
		repack(&record);
	} else if (damage->other_text != NULL) {
		cell->bytes = slice_of_text(damage->other_text);
	} else {
		cell->number = damage->more == INT64_MIN ? 0 : cell->number + damage->more;
	}
	return record;
}

static enum error do_damage(struct tx *tx, void *argument, struct failure *failure) {
	struct damaging *damaging = argument;
	const struct damage *damage = damaging->damage;
	struct range all = { .limit = 0 };
	damaging->found = false;
	enum error error = tx_scan(tx, damage->table, STORE_BY_KEY, &all, find, damaging, failure);
	ck_assert_msg(error == OK && damaging->found, "%s: there is no such record", damage->name);
	struct record record = damaged(damaging);
	if (damage->action == DELETE || damage->action == MOVE) {
		error = tx_delete(tx, damage->table, damaging->before.cells, failure);
	}
	return error == OK && damage->action != DELETE ? tx_put(tx, damage->table, &record, failure) : error;
}

static enum error undo_damage(struct tx *tx, void *argument, struct failure *failure) {
	struct damaging *damaging = argument;
	const struct damage *damage = damaging->damage;
	struct record record = damaged(damaging);
	enum error error = OK;
	if (damage->action == ADD || damage->action == MOVE) {
		error = tx_delete(tx, damage->table, record.cells, failure);
	}
	return error == OK ? tx_put(tx, damage->table, &damaging->before, failure) : error;
}

static void take_sentence(void *argument, const char *sentence) {
	(void)buffer_format(argument, "%s\n", sentence);
}

static uint64_t check(struct buffer *sentences) {
	struct check_result result;
	struct failure failure = { .code = OK };
	enum error error = check_store(&tale.inner.market, take_sentence, sentences, &result, &failure);
	ck_assert_msg(error == OK, "%s", failure.text);
	return result.findings;
}

START_TEST(a_store_that_follows_from_its_notes_is_clean) {
	struct check_result result;
	struct buffer sentences;
	struct failure failure = { .code = OK };
	buffer_init(&sentences, STORE_BODY_MAX);
	enum error error = check_store(&tale.inner.market, take_sentence, &sentences, &result, &failure);
	ck_assert_msg(error == OK && result.findings == 0, "%s%s", failure.text, buffer_text(&sentences));
	ck_assert_int_eq(result.notes, (int64_t)tale.inner.applied);
	ck_assert_int_eq(result.offers, 5);
	ck_assert_int_eq(result.deals, 7);
	buffer_release(&sentences);
}
END_TEST

START_TEST(every_damaged_row_is_found_and_named) {
	const struct damage *damage = &damages[_i];
	struct damaging damaging = { .damage = damage };
	struct failure failure = { .code = OK };
	struct buffer sentences;
	buffer_init(&sentences, STORE_BODY_MAX);
	enum error error = store_write(tale.inner.market.store, do_damage, &damaging, &failure);
	ck_assert_msg(error == OK, "%s: %s", damage->name, failure.text);
	uint64_t findings = check(&sentences);
	const char *text = findings == 0 ? "nothing" : buffer_text(&sentences);
	ck_assert_msg(findings > 0 && strstr(text, damage->expected) != NULL, "%s: not \"%s\" but: %s", damage->name,
	              damage->expected, text);
	error = store_write(tale.inner.market.store, undo_damage, &damaging, &failure);
	ck_assert_msg(error == OK, "%s: %s", damage->name, failure.text);
	buffer_clear(&sentences);
	ck_assert_msg(check(&sentences) == 0, "%s: not undone: %s", damage->name, buffer_text(&sentences));
	buffer_release(&damaging.bytes);
	buffer_release(&sentences);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("market_check");
	TCase *tcase = tcase_create("market_check");
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, a_store_that_follows_from_its_notes_is_clean);
	tcase_add_loop_test(tcase, every_damaged_row_is_found_and_named, 0, (int)(sizeof damages / sizeof damages[0]));
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}

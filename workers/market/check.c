/* The check of a store; see check.h. */
#include "workers/market/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "crypto/signed_note.h"
#include "store/tables.h"
#include "workers/market/records.h"
#include "workers/market/records_deals.h"

#define FINDINGS_SHOWN 100 /* a damaged store can have millions */

struct checking {
	const struct market *market;
	struct check_result *result;
	struct tx *tx;
	int64_t expected; /* the next note's sequence number */
	int64_t entry;    /* the journal entry that is summed */
	struct map *sums; /* of one entry, by currency; then of all, by account and currency */
	struct map *totals;
	int64_t counted;  /* deals of an offer */
	enum error error;
	struct failure *failure;
};

static void find(struct checking *checking, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void find(struct checking *checking, const char *format, ...) {
	checking->result->findings++;
	if (checking->result->findings > FINDINGS_SHOWN) {
		return;
	}
	va_list arguments;
	va_start(arguments, format);
	(void)fputs("finding: ", stderr);
	(void)vfprintf(stderr, format, arguments);
	(void)fputc('\n', stderr);
	va_end(arguments);
}

static void take_finding(void *argument, const char *table, const char *what) {
	find(argument, "%s: %s", table, what);
}

/* ---- notes: numbers, ids, signatures ---- */

static bool is_signed_by(const struct signed_note *split, const char *name, const uint8_t *key) {
	struct verifier_key verifier;
	bool verified = false;
	return verifier_key_make(name, key, &verifier, NULL) == OK &&
	       signed_note_verify(split, &verifier, 1, &verified, NULL) == OK && verified;
}

/* Every party that the row names has signed; and who has signed is in the row, or bound by the agency's signature. */
static void check_signatures(struct checking *checking, const struct note_record *record,
                             const struct signed_note *split, const struct note *note) {
	const struct market *market = checking->market;
	unsigned signed_by = 0;
	for (size_t i = 0; i < note_signer_count(note); i++) {
		char name[NOTE_SIGNER_MAX];
		const uint8_t *key = NULL;
		note_signer(note, i, name, &key);
		signed_by |= is_signed_by(split, name, key) ? 1U << i : 0;
	}
	bool binds = note->kind->countersigned && record->signers == 3;
	if (!note_is_signed(note, signed_by) || (record->signers & ~signed_by & (binds ? 0U : 3U)) != 0 ||
	    (binds && !is_signed_by(split, market->agency_signer, signing_key_public(market->agency_key)))) {
		find(checking, "note %" PRId64 ": its signatures do not verify", record->sequence);
	}
}

static bool check_note(void *argument, const struct record *stored) {
	struct checking *checking = argument;
	struct note_record record;
	struct signed_note split;
	struct note note;
	struct failure failure = { .code = OK };
	uint8_t id[HASH_SIZE];
	checking->result->notes++;
	int64_t sequence = stored->cells[NOTES_SEQUENCE].number;
	if (sequence != checking->expected) {
		find(checking, "note %" PRId64 " stands where %" PRId64 " should be", sequence, checking->expected);
	}
	checking->expected = sequence + 1;
	enum error error = notes_get(checking->tx, sequence, &record, &failure);
	if (error == OK) {
		error = signed_note_split(record.signed_note, &split, &failure);
	}
	if (error == OK) {
		error = note_parse(split.text, checking->market->origin, &note, &failure);
	}
	if (error != OK) {
		find(checking, "note %" PRId64 ": line %u: %s", sequence, failure.line, failure.text);
		return true;
	}
	signed_note_id(split.text, id);
	if (!slice_equal(record.id, slice_of(id, sizeof id)) || !slice_is(record.kind, note.kind->name)) {
		find(checking, "note %" PRId64 ": its id or kind is not that of its text", sequence);
	}
	check_signatures(checking, &record, &split, &note);
	return true;
}

/* ---- offers and deals ---- */

/* Deals that have a slot for good: agreed, and not ended before the content was approved. */
static bool count_deal(void *argument, const struct record *record) {
	int64_t state = record->cells[DEALS_STATE].number;
	bool has_slot = state >= DEAL_AGREED && state != DEAL_CANCELLED && state != DEAL_LAPSED;
	((struct checking *)argument)->counted += has_slot ? 1 : 0;
	return true;
}

static bool check_offer(void *argument, const struct record *record) {
	struct checking *checking = argument;
	struct offer offer;
	offer_from_record(record, &offer);
	checking->result->offers++;
	struct cell cell = cell_number(offer.sequence);
	struct range range = { .from = &cell, .from_count = 1, .to = &cell, .to_count = 1 };
	checking->counted = 0;
	checking->error = tx_scan(checking->tx, &table_deals, DEALS_BY_OFFER, &range, count_deal, checking,
	                          checking->failure);
	if (checking->counted > offer.taken || offer.taken > offer.slots) {
		find(checking, "offer %" PRId64 ": %" PRId64 " agreements, %" PRId64 " taken, %" PRId64 " slots",
		     offer.sequence, checking->counted, offer.taken, offer.slots);
	}
	return checking->error == OK;
}

static bool check_deal(void *argument, const struct record *record) {
	struct checking *checking = argument;
	struct deal_row row;
	struct offer offer;
	struct note_record note;
	struct failure failure = { .code = OK };
	checking->result->deals++;
	if (deal_from_record(record, checking->market->document, &row, &failure) != OK) {
		find(checking, "%s", failure.text);
		return true;
	}
	if (notes_get(checking->tx, row.sequence, &note, NULL) != OK || !slice_is(note.kind, "agreement")) {
		find(checking, "deal %" PRId64 ": there is no such agreement", row.sequence);
	}
	if (offers_get(checking->tx, row.offer, &offer, NULL) != OK || !slice_is(offer.brand, row.deal.brand)) {
		find(checking, "deal %" PRId64 ": its offer is not there or another brand's", row.sequence);
	}
	return true;
}

/* ---- the ledger ---- */

/* Adds to the sum under a key; values of the map are int64_t on the heap. */
static void add(struct checking *checking, struct map *map, struct slice key, int64_t amount) {
	int64_t *sum = map_get(map, key);
	if (sum == NULL) {
		sum = calloc(1, sizeof *sum);
		if (sum == NULL || !map_put(map, key, sum)) {
			free(sum);
			checking->error = fail(checking->failure, ERROR_NO_MEMORY, "out of memory");
			return;
		}
	}
	if (__builtin_add_overflow(*sum, amount, sum)) {
		find(checking, "the ledger's sums are too large");
	}
}

static void end_entry(struct checking *checking) {
	for (struct map_entry *entry = map_first(checking->sums); entry != NULL; entry = map_next(entry)) {
		if (*(int64_t *)entry->value != 0) {
			find(checking, "journal: the entry of note %" PRId64 " does not sum to zero", checking->entry);
		}
	}
	map_clear(checking->sums, free);
}

static size_t total_key(char key[128], struct slice account, struct slice currency) {
	int size = snprintf(key, 128, "%.*s %.*s", (int)account.size, (const char *)account.data, (int)currency.size,
	                    (const char *)currency.data);
	return size < 0 || size >= 128 ? 0 : (size_t)size;
}

static bool check_posting(void *argument, const struct record *record) {
	struct checking *checking = argument;
	int64_t sequence = record->cells[JOURNAL_SEQUENCE].number;
	struct note_record note;
	char key[128];
	if (sequence != checking->entry) {
		end_entry(checking);
		checking->entry = sequence;
		if (notes_get(checking->tx, sequence, &note, NULL) != OK) {
			find(checking, "journal: entry %" PRId64 " has no note", sequence);
		}
	}
	struct slice currency = record->cells[JOURNAL_CURRENCY].bytes;
	size_t size = total_key(key, record->cells[JOURNAL_ACCOUNT].bytes, currency);
	add(checking, checking->sums, currency, record->cells[JOURNAL_AMOUNT].number);
	add(checking, checking->totals, slice_of(key, size), record->cells[JOURNAL_AMOUNT].number);
	return checking->error == OK;
}

static bool check_balance(void *argument, const struct record *record) {
	struct checking *checking = argument;
	char key[128], account[LEDGER_ACCOUNT_MAX];
	int64_t amount = record->cells[BALANCES_AMOUNT].number;
	size_t size = total_key(key, record->cells[BALANCES_ACCOUNT].bytes, record->cells[BALANCES_CURRENCY].bytes);
	int64_t *sum = map_remove(checking->totals, slice_of(key, size));
	if ((sum == NULL ? 0 : *sum) != amount) {
		find(checking, "balances: %.*s is %" PRId64 ", the journal gives %" PRId64, (int)size, key, amount,
		     sum == NULL ? 0 : *sum);
	}
	free(sum);
	if (slice_copy_text(record->cells[BALANCES_ACCOUNT].bytes, account, sizeof account) && amount < 0 &&
	    !ledger_may_be_negative(account)) {
		find(checking, "balances: %s is below zero", account);
	}
	return true;
}

static enum error check_ledger(struct checking *checking) {
	struct range all = { .limit = 0 };
	checking->sums = map_new();
	checking->totals = map_new();
	enum error error = checking->sums == NULL || checking->totals == NULL
	    ? fail(checking->failure, ERROR_NO_MEMORY, "out of memory")
	    : tx_scan(checking->tx, &table_journal, STORE_BY_KEY, &all, check_posting, checking, checking->failure);
	if (error == OK && checking->error == OK) {
		end_entry(checking);
		error = tx_scan(checking->tx, &table_balances, STORE_BY_KEY, &all, check_balance, checking, checking->failure);
		for (struct map_entry *entry = map_first(checking->totals); entry != NULL; entry = map_next(entry)) {
			find(checking, "balances: %.*s is missing", (int)entry->key.size, (const char *)entry->key.data);
		}
	}
	map_free(checking->sums, free);
	map_free(checking->totals, free);
	return error;
}

static enum error check_market(struct tx *tx, void *argument, struct failure *failure) {
	struct checking *checking = argument;
	struct range all = { .limit = 0 };
	static const struct {
		const struct table *table;
		scan_function visit;
	} scans[] = { { &table_notes, check_note }, { &table_offers, check_offer }, { &table_deals, check_deal } };
	checking->tx = tx;
	checking->failure = failure;
	checking->expected = 1;
	enum error error = OK;
	for (size_t i = 0; i < sizeof scans / sizeof scans[0] && error == OK && checking->error == OK; i++) {
		error = tx_scan(tx, scans[i].table, STORE_BY_KEY, &all, scans[i].visit, checking, failure);
	}
	int64_t last = 0;
	if (error == OK) {
		error = notes_last(tx, &last, failure);
	}
	if (error == OK && last != checking->expected - 1) {
		find(checking, "counters: the last note is %" PRId64 ", not %" PRId64, checking->expected - 1, last);
	}
	if (error == OK && checking->error == OK) {
		error = check_ledger(checking);
	}
	return error == OK ? checking->error : error;
}

enum error check_store(const struct market *market, struct check_result *result, struct failure *failure) {
	struct checking checking = { .market = market, .result = result };
	struct store_summary summary = { 0 };
	*result = (struct check_result){ 0 };
	enum error error = store_check(market->store, take_finding, &checking, &summary, failure);
	result->records = summary.records;
	result->bytes = summary.bytes;
	if (error == OK && result->findings == 0) {
		error = store_read(market->store, check_market, &checking, failure);
	}
	return error;
}

/* The check of journal, balances and payment references; see check_parts.h. */
#include <inttypes.h>
#include <stdlib.h>

#include "rules/offer.h"
#include "store/tables.h"
#include "workers/market/check_parts.h"

/* ---- what a note books ---- */

struct booked {
	struct entry entry;
	bool fits;
};

static bool take_posting(void *argument, const struct record *record) {
	struct booked *booked = argument;
	struct entry *entry = &booked->entry;
	struct posting *posting = &entry->postings[entry->count];
	booked->fits = entry->count < LEDGER_POSTINGS_MAX &&
	               slice_copy_text(record->cells[JOURNAL_ACCOUNT].bytes, posting->account, LEDGER_ACCOUNT_MAX) &&
	               slice_copy_text(record->cells[JOURNAL_CURRENCY].bytes, posting->amount.currency, CURRENCY_SIZE);
	if (booked->fits) {
		posting->amount.minor = record->cells[JOURNAL_AMOUNT].number;
		entry->count++;
	}
	return booked->fits;
}

static bool read_booked(struct checking *checking, int64_t sequence, struct entry *out) {
	struct cell cell = cell_number(sequence);
	struct range range = { .from = &cell, .from_count = 1, .to = &cell, .to_count = 1 };
	struct booked booked = { .fits = true };
	enum error error =
	    tx_scan(checking->tx, &table_journal, STORE_BY_KEY, &range, take_posting, &booked, checking->failure);
	checking->error = checking->error == OK ? error : checking->error;
	*out = booked.entry;
	return booked.fits;
}

static bool same_entry(const struct entry *a, const struct entry *b) {
	bool same = a->count == b->count;
	for (size_t i = 0; i < a->count && same; i++) {
		const struct posting *one = &a->postings[i], *other = &b->postings[i];
		same = strcmp(one->account, other->account) == 0 && money_same_currency(&one->amount, &other->amount) &&
		       one->amount.minor == other->amount.minor;
	}
	return same;
}

bool check_is_booked(struct checking *checking, int64_t sequence, const struct entry *entry) {
	struct entry booked;
	return read_booked(checking, sequence, &booked) && same_entry(&booked, entry);
}

/* ---- notes that belong to no deal ---- */

static void expect_payment(struct checking *checking, const struct note_record *record, const struct note *note,
                           struct entry *out) {
	static const enum ledger_event events[KIND_COUNT] = { [KIND_FUND] = LEDGER_FUND, [KIND_REFUND] = LEDGER_REFUND };
	struct slice brand = note_get(note, "brand")->text, reference = note_get(note, "reference")->text;
	struct ledger_parties parties = { .brand = brand };
	int64_t sequence = 0;
	ledger_entry(events[note->kind->id], &parties, &note_get(note, "amount")->money, out);
	if (payments_find(checking->tx, brand, reference, &sequence, NULL) != OK || sequence != record->sequence) {
		check_find(checking, "payments %.*s %.*s: is not that of note %" PRId64, (int)brand.size,
		           (const char *)brand.data, (int)reference.size, (const char *)reference.data, record->sequence);
	}
}

static void expect_reservation(const struct note_record *record, const struct note *note, struct entry *out) {
	struct ledger_parties parties = { .brand = note_get(note, "brand")->party.name, .offer_id = record->id.data };
	struct money reservation;
	bool paid = false;
	if (offer_reservation(note, &reservation, &paid, NULL) == OK && paid) {
		ledger_entry(LEDGER_OPEN, &parties, &reservation, out);
	}
}

/* All that was left of the reservation: how much that is, the balances tell. */
static void expect_end(struct checking *checking, const struct note_record *record, const struct note *note,
                       struct entry *out) {
	struct note_record offer;
	struct signed_note split;
	struct entry booked;
	const uint8_t *id = note_get(note, "offer")->bytes;
	if (!read_booked(checking, record->sequence, &booked) || booked.count != 2 ||
	    booked.postings[1].amount.minor <= 0 ||
	    notes_find(checking->tx, id, &offer, NULL) != OK ||
	    !check_read_note(checking, &offer, &split, checking->offer)) {
		return;
	}
	struct ledger_parties parties = { .brand = note_get(checking->offer, "brand")->party.name, .offer_id = id };
	ledger_entry(LEDGER_END, &parties, &booked.postings[1].amount, out);
}

void check_booking(struct checking *checking, const struct note_record *record, const struct note *note) {
	struct entry entry = { .count = 0 };
	switch (note->kind->id) {
	case KIND_FUND:
	case KIND_REFUND:
		expect_payment(checking, record, note, &entry);
		break;
	case KIND_OFFER:
		expect_reservation(record, note, &entry);
		break;
	case KIND_CLOSE:
	case KIND_LAPSE:
		expect_end(checking, record, note, &entry);
		break;
	default:
		break;
	}
	if (!check_is_booked(checking, record->sequence, &entry)) {
		check_find(checking, "journal: entry %" PRId64 " is not what note %" PRId64 " books", record->sequence,
		           record->sequence);
	}
}

/* ---- the journal by itself ---- */

static void end_entry(struct checking *checking) {
	for (struct map_entry *entry = map_first(checking->sums); entry != NULL; entry = map_next(entry)) {
		if (*(const int64_t *)entry->value != 0) {
			check_find(checking, "journal: entry %" PRId64 " does not sum to zero", checking->entry);
		}
	}
	map_clear(checking->sums, free);
}

/* Values of the map are int64_t on the heap. */
static void add(struct checking *checking, struct slice currency, int64_t amount) {
	int64_t *sum = map_get(checking->sums, currency);
	if (sum == NULL) {
		sum = calloc(1, sizeof *sum);
		if (sum == NULL || !map_put(checking->sums, currency, sum)) {
			free(sum);
			checking->error = fail(checking->failure, ERROR_NO_MEMORY, "out of memory");
			return;
		}
	}
	if (__builtin_add_overflow(*sum, amount, sum)) {
		check_find(checking, "journal: entry %" PRId64 " is too large", checking->entry);
	}
}

static bool check_posting(void *argument, const struct record *record) {
	struct checking *checking = argument;
	int64_t sequence = record->cells[JOURNAL_SEQUENCE].number;
	struct slice account = record->cells[JOURNAL_ACCOUNT].bytes, currency = record->cells[JOURNAL_CURRENCY].bytes;
	struct cell key = cell_number(sequence), balance[] = { cell_bytes(account), cell_bytes(currency) };
	struct record found;
	if (sequence != checking->entry) {
		end_entry(checking);
		checking->entry = sequence;
		if (tx_get(checking->tx, &table_notes, &key, &found, NULL) != OK) {
			check_find(checking, "journal: entry %" PRId64 " has no note", sequence);
		}
	}
	add(checking, currency, record->cells[JOURNAL_AMOUNT].number);
	if (tx_get(checking->tx, &table_balances, balance, &found, NULL) != OK) {
		check_find(checking, "balances: %.*s %.*s is missing", (int)account.size, (const char *)account.data,
		           (int)currency.size, (const char *)currency.data);
	}
	return checking->error == OK;
}

/* ---- balances ---- */

struct account_sum {
	struct slice currency;
	int64_t sum;
	bool overflow;
};

static bool add_posting(void *argument, const struct record *record) {
	struct account_sum *sum = argument;
	if (slice_equal(record->cells[JOURNAL_CURRENCY].bytes, sum->currency)) {
		sum->overflow |= __builtin_add_overflow(sum->sum, record->cells[JOURNAL_AMOUNT].number, &sum->sum);
	}
	return true;
}

static bool check_balance(void *argument, const struct record *record) {
	struct checking *checking = argument;
	char account[LEDGER_ACCOUNT_MAX];
	int64_t amount = record->cells[BALANCES_AMOUNT].number;
	struct cell cell = record->cells[BALANCES_ACCOUNT];
	struct account_sum sum = { .currency = record->cells[BALANCES_CURRENCY].bytes };
	struct range range = { .from = &cell, .from_count = 1, .to = &cell, .to_count = 1 };
	enum error error =
	    tx_scan(checking->tx, &table_journal, JOURNAL_BY_ACCOUNT, &range, add_posting, &sum, checking->failure);
	checking->error = checking->error == OK ? error : checking->error;
	if (!slice_copy_text(cell.bytes, account, sizeof account)) {
		account[0] = '\0';
	}
	if (sum.overflow || sum.sum != amount) {
		check_find(checking, "balances: %s %.*s is %" PRId64 ", the journal gives %" PRId64, account,
		           (int)sum.currency.size, (const char *)sum.currency.data, amount, sum.sum);
	}
	if (amount < 0 && !ledger_may_be_negative(account)) {
		check_find(checking, "balances: %s is below zero", account);
	}
	return checking->error == OK;
}

/* ---- payment references ---- */

static bool check_payment(void *argument, const struct record *record) {
	struct checking *checking = argument;
	struct note *note = checking->note;
	struct slice name = record->cells[PAYMENTS_NAME].bytes, reference = record->cells[PAYMENTS_REFERENCE].bytes;
	int64_t sequence = record->cells[PAYMENTS_SEQUENCE].number;
	struct note_record stored;
	struct signed_note split;
	bool good = notes_get(checking->tx, sequence, &stored, NULL) == OK &&
	            (slice_is(stored.kind, "fund") || slice_is(stored.kind, "refund") || slice_is(stored.kind, "pay")) &&
	            check_read_note(checking, &stored, &split, note);
	if (!good || !slice_equal(note_get(note, "reference")->text, reference) ||
	    (note->kind->id != KIND_PAY && !slice_equal(note_get(note, "brand")->text, name))) {
		check_find(checking, "payments %.*s %.*s: note %" PRId64 " does not say so", (int)name.size,
		           (const char *)name.data, (int)reference.size, (const char *)reference.data, sequence);
	}
	return true;
}

enum error check_ledger(struct checking *checking) {
	enum error error = check_walk(checking, &table_journal, check_posting, end_entry);
	if (error == OK) {
		error = check_walk(checking, &table_balances, check_balance, NULL);
	}
	return error == OK ? check_walk(checking, &table_payments, check_payment, NULL) : error;
}

/* The last judgement; see judge.h. */
#include "tests/crash/judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/tables.h"
#include "tests/crash/model.h"
#include "tests/crash/refusals.h"
#include "tests/crash/report.h"
#include "tests/lib/stop.h"
#include "workers/market/records.h"

struct judging {
	const char *origin;
	struct history *history;
	struct model *model;
	struct tx *tx;
	int64_t expected; /* the number of the next note */
	size_t deals;
};

/* ---- the notes, in their order ---- */

/* What the store has is what was sent, with at most the agency's signature behind it, under the number that was
 * told. */
static void compare_with_history(const struct judging *judging, const struct note_record *record) {
	struct sent_note *sent = history_find(judging->history, record->id);
	if (sent == NULL) {
		finding("note %" PRId64 " was never sent", record->sequence);
		return;
	}
	sent->stored++;
	struct slice bytes = buffer_slice(&sent->bytes);
	if (record->signed_note.size < bytes.size || memcmp(record->signed_note.data, bytes.data, bytes.size) != 0) {
		finding("note %" PRId64 " is not what was sent", record->sequence);
	}
	/* One that was refused for want of money can still be accepted, when a second copy of it comes to a worker
	 * later. */
	bool unheard = sent->sequence == 0 && (sent->refused || sent->given_up);
	if (sent->sequence != record->sequence && !unheard) {
		finding("note %" PRId64 " was acknowledged as %" PRId64, record->sequence, sent->sequence);
	}
}

static bool judge_note(void *argument, const struct record *stored) {
	struct judging *judging = argument;
	struct note_record record;
	struct signed_note split;
	struct note note;
	struct failure failure;
	int64_t sequence = stored->cells[NOTES_SEQUENCE].number;
	judging->expected++;
	if (sequence != judging->expected) {
		finding("note %" PRId64 " stands where %" PRId64 " should be", sequence, judging->expected);
	}
	if (notes_get(judging->tx, sequence, &record, &failure) != OK ||
	    signed_note_split(record.signed_note, &split, &failure) != OK ||
	    note_parse(split.text, judging->origin, &note, &failure) != OK) {
		finding("note %" PRId64 " cannot be read: %s", sequence, failure.text);
		return true;
	}
	compare_with_history(judging, &record);
	const char *wrong = model_tell(judging->model, &note, record.id.data);
	if (wrong != NULL) {
		finding("note %" PRId64 ": %s", sequence, wrong);
	}
	return true;
}

/* ---- offers and deals ---- */

static bool judge_offer(void *argument, const struct record *record) {
	struct judging *judging = argument;
	struct offer offer;
	struct note_record note;
	struct failure failure;
	offer_from_record(record, &offer);
	if (notes_get(judging->tx, offer.sequence, &note, &failure) != OK ||
	    model_taken(judging->model, note.id.data) != offer.taken || offer.taken > offer.slots) {
		finding("offer %" PRId64 ": %" PRId64 " of %" PRId64 " slots are taken, the notes say otherwise",
		        offer.sequence, offer.taken, offer.slots);
	}
	return true;
}

static bool judge_deal(void *argument, const struct record *record) {
	struct judging *judging = argument;
	struct note_record offer;
	struct failure failure;
	judging->deals++;
	if (notes_get(judging->tx, record->cells[DEALS_OFFER].number, &offer, &failure) != OK ||
	    !model_has_agreed(judging->model, offer.id.data, record->cells[DEALS_CREATOR].bytes)) {
		finding("deal %" PRId64 " has no agreement", record->cells[DEALS_SEQUENCE].number);
	}
	return true;
}

/* ---- money ---- */

/* Adds an amount to the sum of its account; both tables have the account's name and, with one currency, an amount. */
static void add(struct map *sums, struct slice account, int64_t amount) {
	int64_t *sum = map_get(sums, account);
	if (sum == NULL) {
		sum = calloc(1, sizeof *sum);
		if (sum == NULL || !map_put(sums, account, sum)) {
			stop("out of memory");
		}
	}
	*sum += amount;
}

static bool add_posting(void *argument, const struct record *record) {
	add(argument, record->cells[JOURNAL_ACCOUNT].bytes, record->cells[JOURNAL_AMOUNT].number);
	return true;
}

static bool add_balance(void *argument, const struct record *record) {
	add(argument, record->cells[BALANCES_ACCOUNT].bytes, record->cells[BALANCES_AMOUNT].number);
	return true;
}

static void compare_sums(const char *what, const struct map *expected, struct map *sums) {
	for (struct map_entry *entry = map_first(expected); entry != NULL; entry = map_next(entry)) {
		int64_t *sum = map_remove(sums, entry->key);
		if (sum == NULL || *sum != *(int64_t *)entry->value) {
			finding("%s: %.*s should be %" PRId64 ", is %" PRId64, what, (int)entry->key.size,
			        (const char *)entry->key.data, *(int64_t *)entry->value, sum == NULL ? 0 : *sum);
		}
		free(sum);
	}
	for (struct map_entry *entry = map_first(sums); entry != NULL; entry = map_next(entry)) {
		finding("%s: %.*s is an account of no note", what, (int)entry->key.size, (const char *)entry->key.data);
	}
}

/* The accounts of the model sum to zero brand by brand, since it books everything twice: funded less available,
 * reserved and held is nothing. So it is enough that journal and balances have the same accounts with the same sums. */
static enum error judge_money(const struct judging *judging, struct failure *failure) {
	static const struct {
		const struct table *table;
		scan_function add;
	} books[] = { { &table_journal, add_posting }, { &table_balances, add_balance } };
	enum error error = OK;
	for (size_t i = 0; i < sizeof books / sizeof books[0] && error == OK; i++) {
		struct range all = { .limit = 0 };
		struct map *sums = map_new();
		if (sums == NULL) {
			stop("out of memory");
		}
		error = tx_scan(judging->tx, books[i].table, STORE_BY_KEY, &all, books[i].add, sums, failure);
		compare_sums(books[i].table->name, model_balances(judging->model), sums);
		map_free(sums, free);
	}
	return error;
}

/* ---- the whole ---- */

static void judge_acknowledgements(const struct judging *judging) {
	size_t agreements = 0;
	for (size_t i = 0; i < judging->history->count; i++) {
		const struct sent_note *note = judging->history->notes[i];
		if (note->stored > 1 || (note->stored == 0 && note->sequence != 0)) {
			finding("the %s acknowledged as %" PRId64 " is in the store %zu times", kind_get(note->kind)->name,
			        note->sequence, note->stored);
		}
		if (note->queued && note->stored != 1) {
			finding("a %s that a broker had acknowledged is in the store %zu times", kind_get(note->kind)->name,
			        note->stored);
		}
		agreements += note->kind == KIND_AGREEMENT && (note->sequence != 0 || (note->given_up && note->stored > 0));
	}
	if (agreements != judging->deals) {
		finding("%zu agreements were acknowledged, the store has %zu deals", agreements, judging->deals);
	}
}

static enum error judge_store(struct tx *tx, void *argument, struct failure *failure) {
	struct judging *judging = argument;
	static const struct {
		const struct table *table;
		scan_function visit;
	} scans[] = { { &table_notes, judge_note }, { &table_offers, judge_offer }, { &table_deals, judge_deal } };
	struct range all = { .limit = 0 };
	enum error error = OK;
	judging->tx = tx;
	for (size_t i = 0; i < sizeof scans / sizeof scans[0] && error == OK; i++) {
		error = tx_scan(tx, scans[i].table, STORE_BY_KEY, &all, scans[i].visit, judging, failure);
	}
	return error == OK ? judge_money(judging, failure) : error;
}

void judge(const struct agency_process *agency, struct history *history) {
	struct judging judging = { .origin = agency->join.origin, .history = history, .model = model_new() };
	struct store *store = NULL;
	struct failure failure;
	char url[FILE_PATH_MAX + 8];
	(void)snprintf(url, sizeof url, "lmdb:%s/store", agency->home);
	enum error error = store_open(url, tables_market, tables_market_count, NULL, &store, &failure);
	if (error == OK) {
		error = store_read(store, judge_store, &judging, &failure);
	}
	if (error == OK) {
		judge_acknowledgements(&judging);
		judge_refusals(history, judging.model, judging.origin);
	} else {
		finding("the store cannot be read: %s", failure.text);
	}
	store_close(store);
	model_free(judging.model);
}

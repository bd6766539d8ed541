/* The last judgement of the deals; see deal_judge.h. */
#include "tests/crash/deal_judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/tables.h"
#include "tests/crash/report.h"
#include "tests/lib/stop.h"
#include "workers/market/records.h"
#include "workers/market/records_deals.h"

struct judging {
	const char *origin;
	struct history *history;
	const struct deal_load *load;
	struct map *heads; /* id of the agreement -> struct head */
	struct tx *tx;
	struct pack_document *document;
	int64_t expected; /* the number of the next note */
	size_t deals;
};

struct head {
	uint8_t id[HASH_SIZE]; /* of the deal's note before */
};

/* ---- the notes, in their order ---- */

static void compare_with_history(const struct judging *judging, const struct note_record *record) {
	struct sent_note *sent = history_find(judging->history, record->id);
	if (sent == NULL) {
		finding("note %" PRId64 " was never sent", record->sequence);
		return;
	}
	struct slice bytes = buffer_slice(&sent->bytes);
	sent->stored++;
	if (record->signed_note.size < bytes.size || memcmp(record->signed_note.data, bytes.data, bytes.size) != 0) {
		finding("note %" PRId64 " is not what was sent", record->sequence);
	}
	if (sent->sequence != record->sequence) {
		finding("note %" PRId64 " was acknowledged as %" PRId64, record->sequence, sent->sequence);
	}
}

static void begin_chain(struct judging *judging, const struct note_record *record) {
	struct head *head = calloc(1, sizeof *head);
	if (head == NULL || !map_put(judging->heads, record->id, head)) {
		stop("out of memory, or the same agreement twice");
	}
	memcpy(head->id, record->id.data, HASH_SIZE);
}

static void follow_chain(struct judging *judging, const struct note_record *record, const struct note *note) {
	const struct value *deal = note_find(note, "deal");
	if (deal == NULL) {
		return;
	}
	struct head *head = map_get(judging->heads, slice_of(deal->bytes, HASH_SIZE));
	if (head == NULL || memcmp(note_get(note, "after")->bytes, head->id, HASH_SIZE) != 0) {
		finding("note %" PRId64 " does not follow its deal's note before", record->sequence);
		return;
	}
	memcpy(head->id, record->id.data, HASH_SIZE);
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
	if (note.kind->id == KIND_AGREEMENT) {
		begin_chain(judging, &record);
	} else {
		follow_chain(judging, &record, &note);
	}
	return true;
}

/* ---- deals ---- */

static bool judge_deal(void *argument, const struct record *record) {
	struct judging *judging = argument;
	struct deal_row row;
	struct failure failure;
	judging->deals++;
	if (deal_from_record(record, judging->document, &row, &failure) != OK) {
		finding("deal %" PRId64 " cannot be read: %s", record->cells[DEALS_SEQUENCE].number, failure.text);
		return true;
	}
	const struct course *course = deal_load_find(judging->load, row.deal.id);
	const struct head *head = map_get(judging->heads, slice_of(row.deal.id, HASH_SIZE));
	if (course == NULL || head == NULL) {
		finding("deal %" PRId64 " has no agreement", row.sequence);
		return true;
	}
	if (course->state != row.deal.state) {
		finding("deal %" PRId64 " is %s, its acknowledged steps lead to %s", row.sequence,
		        deal_state_words[row.deal.state], deal_state_words[course->state]);
	}
	if (memcmp(course->thread.head, row.deal.head, HASH_SIZE) != 0 ||
	    memcmp(course->thread.head, head->id, HASH_SIZE) != 0) {
		finding("deal %" PRId64 " ends with another note than was acknowledged last", row.sequence);
	}
	return true;
}

/* ---- the whole ---- */

static void judge_acknowledgements(const struct judging *judging) {
	for (size_t i = 0; i < judging->history->count; i++) {
		const struct sent_note *note = judging->history->notes[i];
		size_t due = note->sequence != 0 ? 1 : 0;
		if (note->stored != due) {
			finding("a %s that was %s is in the store %zu times", kind_get(note->kind)->name,
			        due == 1 ? "acknowledged" : "refused", note->stored);
		}
	}
	size_t begun = deal_load_counts(judging->load).begun;
	if (begun != judging->deals) {
		finding("%zu deals were agreed, the store has %zu", begun, judging->deals);
	}
}

static enum error judge_store(struct tx *tx, void *argument, struct failure *failure) {
	struct judging *judging = argument;
	struct range all = { .limit = 0 };
	judging->tx = tx;
	enum error error = tx_scan(tx, &table_notes, STORE_BY_KEY, &all, judge_note, judging, failure);
	return error == OK ? tx_scan(tx, &table_deals, STORE_BY_KEY, &all, judge_deal, judging, failure) : error;
}

void deal_judge(const struct agency_process *agency, struct history *history, const struct deal_load *load) {
	struct judging judging = { .origin = agency->join.origin, .history = history, .load = load };
	struct store *store = NULL;
	struct failure failure;
	char url[FILE_PATH_MAX + 8];
	judging.heads = map_new();
	judging.document = pack_document_new();
	if (judging.heads == NULL || judging.document == NULL) {
		stop("out of memory");
	}
	(void)snprintf(url, sizeof url, "lmdb:%s/store", agency->home);
	enum error error = store_open(url, tables_market, tables_market_count, NULL, &store, &failure);
	if (error == OK) {
		error = store_read(store, judge_store, &judging, &failure);
	}
	if (error == OK) {
		judge_acknowledgements(&judging);
	} else {
		finding("the store cannot be read: %s", failure.text);
	}
	store_close(store);
	pack_document_free(judging.document);
	map_free(judging.heads, free);
}

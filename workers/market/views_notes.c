/* The list of notes: what an account needs to keep, and what a deal is replayed from. */
#include "store/tables.h"
#include "wire/body.h"
#include "workers/market/apply.h"
#include "workers/market/views_parts.h"

/* Ratings are blind: neither side sees the other's before both are in, or the time for them is over. */
static bool is_hidden(struct page *page, const struct note_record *record) {
	const struct view *view = page->view;
	const struct market *market = view->market;
	struct deal_row row;
	if (view_is_operator(view) || !slice_is(record->kind, kind_get(KIND_RATE)->name)) {
		return false;
	}
	page->error = deals_get(page->tx, market->document, record->thread, &row, page->failure);
	if (page->error != OK || deal_shows_ratings(&row.deal)) {
		return false;
	}
	page->error = read_note(page->tx, market, record->sequence, market->offer, page->failure);
	return page->error == OK && !slice_equal(note_get(market->offer, "by")->party.name, view->account.name);
}

static void pack_note(struct page *page, const struct record *record) {
	struct note_record note;
	page->error = notes_get(page->tx, record->cells[page->number_column].number, &note, page->failure);
	if (page->error != OK) {
		return;
	}
	bool hidden = is_hidden(page, &note);
	page_item(page, hidden ? 4 : 5);
	pack_key_signed(&page->items, "sequence", note.sequence);
	pack_key_signed(&page->items, "received", note.received);
	pack_key_text(&page->items, "kind", note.kind);
	pack_key_bytes(&page->items, "id", note.id);
	if (!hidden) {
		pack_key_bytes(&page->items, "note", note.signed_note);
	}
}

/* Takes a thread's notes between two numbers, exclusive. */
static enum error take_thread(struct page *page, int64_t thread, int64_t after, int64_t before) {
	struct cell from[] = { cell_number(thread), cell_number(after) };
	struct cell to[] = { cell_number(thread), cell_number(before - 1) };
	struct range range = { .from = from, .from_count = 2, .to = to, .to_count = 2, .after = true };
	return tx_scan(page->tx, &table_notes, NOTES_BY_THREAD, &range, page_take, page, page->failure);
}

/* A few notes that are to come between others, by their numbers. */
#define NUMBERS_MAX PAGE_MAX /* there may be more, but not on this page */
struct numbers {
	int64_t at[NUMBERS_MAX];
	size_t count, column;
};

static bool take_number(void *argument, const struct record *record) {
	struct numbers *numbers = argument;
	numbers->at[numbers->count++] = record->cells[numbers->column].number;
	return numbers->count < NUMBERS_MAX;
}

/* Takes what lies between two numbers, exclusive. */
typedef enum error between_function(struct page *page, int64_t thread, int64_t after, int64_t before);

/* Takes notes of two lists, all in the order of their numbers. */
static enum error take_merged(struct page *page, const struct numbers *numbers, between_function *between,
                              int64_t thread, int64_t after) {
	enum error error = OK;
	for (size_t i = 0; i < numbers->count && error == OK && page->error == OK && !page->full; i++) {
		struct cell number = cell_number(numbers->at[i]);
		struct record record;
		if (numbers->at[i] <= after) {
			continue;
		}
		error = between(page, thread, after, numbers->at[i]);
		if (error == OK && page->error == OK && !page->full) {
			error = tx_get(page->tx, &table_notes, &number, &record, page->failure);
			after = numbers->at[i];
			page->number_column = NOTES_SEQUENCE;
			(void)(error == OK && page_take(page, &record));
		}
	}
	bool goes_on = error == OK && page->error == OK && !page->full;
	return goes_on ? between(page, thread, after, INT64_MAX) : error;
}

/* The offer comes first, since nothing can refer to what is not there yet. */
static enum error take_deal(struct page *page, const struct deal_row *row, int64_t after) {
	struct numbers offer = { .column = NOTES_SEQUENCE };
	struct cell cell = cell_number(row->offer);
	struct range range = { .from = &cell, .from_count = 1, .to = &cell, .to_count = 1 };
	enum error error =
	    tx_scan(page->tx, &table_notes, NOTES_BY_THREAD, &range, take_number, &offer, page->failure);
	return error == OK ? take_merged(page, &offer, take_thread, row->sequence, after) : error;
}

static enum error take_own(struct page *page, int64_t thread, int64_t after, int64_t before) {
	(void)thread;
	struct cell name = cell_bytes(page->view->account.name);
	struct cell from[] = { name, cell_number(after) }, to[] = { name, cell_number(before - 1) };
	struct range range = { .from = from, .from_count = 2, .to = to, .to_count = 2, .after = true };
	page->number_column = PARTIES_SEQUENCE;
	return tx_scan(page->tx, &table_parties, STORE_BY_KEY, &range, page_take, page, page->failure);
}

/* All that concerns the asker, and what shows who the operators are, whose signatures stand among it; for operators all
 * there is. */
static enum error take_all(struct page *page, int64_t after) {
	struct cell from[] = { cell_text(AGENCY_NAME), cell_number(after) };
	if (view_is_operator(page->view)) {
		struct range range = { .from = from + 1, .from_count = 1, .after = true };
		page->number_column = NOTES_SEQUENCE;
		return tx_scan(page->tx, &table_notes, STORE_BY_KEY, &range, page_take, page, page->failure);
	}
	struct numbers agency = { .column = PARTIES_SEQUENCE };
	struct range range = { .from = from, .from_count = 2, .to = from, .to_count = 1, .after = true };
	enum error error = tx_scan(page->tx, &table_parties, STORE_BY_KEY, &range, take_number, &agency, page->failure);
	return error == OK ? take_merged(page, &agency, take_own, 0, after) : error;
}

/* What shows whose an account's keys are, for whoever is admitted: his deals are signed with them. */
static enum error take_keys(struct page *page, int64_t after) {
	char list[PARTIES_KEYS_MAX];
	struct slice name;
	(void)view_text(page->view, "party", &name);
	if (!account_name_is_valid(name)) {
		return fail(page->failure, ERROR_BAD_VALUE, "party: not a name that an account can have");
	}
	struct cell from[] = { cell_bytes(parties_keys_name(name, list)), cell_number(after) };
	struct range range = { .from = from, .from_count = 2, .to = from, .to_count = 1, .after = true };
	page->number_column = PARTIES_SEQUENCE;
	return tx_scan(page->tx, &table_parties, STORE_BY_KEY, &range, page_take, page, page->failure);
}

enum error answer_notes(struct tx *tx, struct view *view, struct failure *failure) {
	struct page page = { .view = view, .tx = tx, .pack = pack_note };
	struct deal_row row;
	int64_t after = view_number(view, "after", 0);
	bool is_deal = pack_find(view->arguments, "deal") != NULL;
	enum error error = is_deal ? view_find_deal(tx, view, "deal", &row, failure) : OK;
	if (error != OK) {
		return error;
	}
	after = after < 0 ? 0 : after;
	page_begin(&page, failure);
	bool of_party = pack_find(view->arguments, "party") != NULL;
	error = is_deal ? take_deal(&page, &row, after) : of_party ? take_keys(&page, after) : take_all(&page, after);
	return page_finish(&page, error, "after", 0, failure);
}

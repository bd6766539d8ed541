/* Questions about deals, and how deals and offers are found by the beginning of an id. */
#include "rules/deal_pack.h"
#include "store/tables.h"
#include "wire/body.h"
#include "workers/market/views_parts.h"

#define CANDIDATES_MAX 16 /* deals or offers whose ids begin alike */

/* ---- by the beginning of an id ---- */

struct candidates {
	const char *kind;
	int64_t threads[CANDIDATES_MAX];
	size_t count;
};

static bool take_candidate(void *argument, const struct record *record) {
	struct candidates *candidates = argument;
	int64_t thread = record->cells[NOTES_THREAD].number;
	bool fits = slice_is(record->cells[NOTES_KIND].bytes, candidates->kind);
	for (size_t i = 0; i < candidates->count; i++) {
		fits = fits && candidates->threads[i] != thread; /* another text of the same deal */
	}
	if (fits) {
		candidates->threads[candidates->count++] = thread;
	}
	return candidates->count < CANDIDATES_MAX;
}

static enum error find_candidates(struct tx *tx, const struct view *view, const char *key, struct slice *hex,
                                  struct candidates *out, struct failure *failure) {
	if (!view_text(view, key, hex)) {
		return fail(failure, ERROR_MALFORMED, "the argument %s is missing", key);
	}
	return notes_scan_by_prefix(tx, *hex, take_candidate, out, failure);
}

static enum error refuse_found(size_t found, const char *kind, struct slice hex, struct failure *failure) {
	return fail(failure, found == 0 ? ERROR_NOT_FOUND : ERROR_AMBIGUOUS, "%s %s has an id that begins with %.*s",
	            found == 0 ? "no" : "more than one", kind, (int)hex.size, (const char *)hex.data);
}

enum error view_find_offer(struct tx *tx, const struct view *view, const char *key, struct offer *offer,
                           struct note_record *note, struct failure *failure) {
	struct candidates candidates = { .kind = kind_get(KIND_OFFER)->name };
	struct slice hex;
	size_t found = 0;
	enum error error = find_candidates(tx, view, key, &hex, &candidates, failure);
	for (size_t i = 0; i < candidates.count && error == OK; i++) {
		struct offer candidate;
		error = offers_get(tx, candidates.threads[i], &candidate, failure);
		if (error == OK && view_sees_offer(tx, view, &candidate)) {
			*offer = candidate;
			found++;
		}
	}
	if (error == OK && found != 1) {
		error = refuse_found(found, candidates.kind, hex, failure);
	}
	return error == OK ? notes_get(tx, offer->sequence, note, failure) : error;
}

static bool sees_deal(const struct view *view, const struct deal *deal) {
	return view_is_operator(view) || slice_is(view->account.name, deal->brand) ||
	       slice_is(view->account.name, deal->creator);
}

enum error view_find_deal(struct tx *tx, const struct view *view, const char *key, struct deal_row *row,
                          struct failure *failure) {
	struct candidates candidates = { .kind = kind_get(KIND_AGREEMENT)->name };
	struct slice hex;
	size_t found = 0;
	enum error error = find_candidates(tx, view, key, &hex, &candidates, failure);
	for (size_t i = 0; i < candidates.count && error == OK; i++) {
		struct deal_row candidate;
		error = deals_get(tx, view->market->document, candidates.threads[i], &candidate, failure);
		if (error == OK && sees_deal(view, &candidate.deal)) {
			*row = candidate;
			found++;
		}
	}
	return error == OK && found != 1 ? refuse_found(found, candidates.kind, hex, failure) : error;
}

/* ---- one deal ---- */

enum error view_pack_deal(struct tx *tx, struct buffer *out, const struct deal_row *row, size_t more,
                          struct failure *failure) {
	struct note_record note;
	enum error error = notes_find(tx, row->deal.text, &note, failure);
	if (error == OK) {
		pack_map(out, 3 + more);
		pack_key_signed(out, "sequence", row->sequence);
		pack_word(out, "deal");
		deal_pack(out, &row->deal);
		pack_key_bytes(out, "note", note.signed_note);
	}
	return error;
}

enum error answer_deal(struct tx *tx, struct view *view, struct failure *failure) {
	struct deal_row row;
	struct note_record draft;
	struct offer offer;
	enum error error = view_find_deal(tx, view, "id", &row, failure);
	bool is_proposed = error == OK && row.deal.state == DEAL_PROPOSED;
	bool is_amended = error == OK && row.deal.amender != ROLE_COUNT && !is_proposed;
	if (is_amended) {
		error = notes_find(tx, row.deal.amendment, &draft, failure);
	} else if (is_proposed) {
		error = offers_get(tx, row.offer, &offer, failure);
	}
	if (error != OK) {
		return error;
	}
	body_begin_ok(view->out, 1);
	pack_word(view->out, "deal");
	error = view_pack_deal(tx, view->out, &row, is_amended || is_proposed ? 1 : 0, failure);
	if (error == OK && is_amended) {
		pack_key_bytes(view->out, "draft", draft.signed_note);
	} else if (error == OK && is_proposed) {
		pack_key_signed(view->out, "offer-state", view_offer_state(&offer, view->now));
	}
	return error;
}

enum error answer_address(struct tx *tx, struct view *view, struct failure *failure) {
	struct deal_row row;
	struct slice sealed;
	enum error error = view_find_deal(tx, view, "id", &row, failure);
	if (error != OK) {
		return error;
	}
	if (!slice_is(view->account.name, row.deal.brand)) {
		return fail(failure, ERROR_NOT_ALLOWED, "only the brand of the deal may read where the product goes");
	}
	error = addresses_get(tx, row.sequence, &sealed, failure);
	if (error == ERROR_NOT_FOUND) {
		return fail(failure, error, "no address is kept for this deal");
	}
	if (error != OK) {
		return error;
	}
	body_begin_ok(view->out, 1);
	pack_key_bytes(view->out, "sealed", sealed);
	return OK;
}

/* ---- many ---- */

struct deal_filter {
	int64_t state;    /* 0: any */
	int64_t offer;    /* 0: any */
	struct slice with; /* empty: anybody */
	struct slice campaign; /* empty: any */
	bool owed;
};

static bool is_of(const struct record *record, struct slice name) {
	return slice_equal(record->cells[DEALS_BRAND].bytes, name) || slice_equal(record->cells[DEALS_CREATOR].bytes, name);
}

/* What the record's cells tell, before anything is unpacked. */
static bool fits_cells(const struct page *page, const struct record *record) {
	const struct deal_filter *filter = page->filter;
	const struct view *view = page->view;
	return (view_is_operator(view) || is_of(record, view->account.name)) &&
	       (filter->state == 0 || record->cells[DEALS_STATE].number == filter->state) &&
	       (filter->offer == 0 || record->cells[DEALS_OFFER].number == filter->offer) &&
	       (filter->campaign.size == 0 || slice_equal(record->cells[DEALS_CAMPAIGN].bytes, filter->campaign)) &&
	       (filter->with.size == 0 || is_of(record, filter->with)) &&
	       (!filter->owed || record->cells[DEALS_OWED].number != 0);
}

static void pack_deal_item(struct page *page, const struct record *record) {
	struct deal_row row;
	if (!fits_cells(page, record)) {
		return;
	}
	page->error = deal_from_record(record, page->view->market->document, &row, page->failure);
	if (page->error == OK) {
		page->count++;
		page->error = view_pack_deal(page->tx, &page->items, &row, 0, page->failure);
	}
}

static enum error read_state(struct slice word, int64_t *state, struct failure *failure) {
	for (int64_t i = DEAL_NONE + 1; i < DEAL_STATE_COUNT; i++) {
		if (slice_is(word, deal_state_words[i])) {
			*state = i;
			return OK;
		}
	}
	return fail(failure, ERROR_BAD_VALUE, "state: not a state of a deal");
}

static enum error read_filter(struct tx *tx, const struct view *view, struct deal_filter *filter,
                              struct failure *failure) {
	struct slice text;
	struct offer offer;
	struct note_record note;
	enum error error = view_text(view, "state", &text) ? read_state(text, &filter->state, failure) : OK;
	if (error == OK && view_text(view, "offer", &text)) {
		error = view_find_offer(tx, view, "offer", &offer, &note, failure);
		filter->offer = error == OK ? offer.sequence : 0;
	}
	if (error == OK && view_text(view, "with", &filter->with) && !account_name_is_valid(filter->with)) {
		error = fail(failure, ERROR_BAD_VALUE, "with: not a name that an account can have");
	}
	(void)view_text(view, "campaign", &filter->campaign);
	(void)pack_as_boolean(pack_find(view->arguments, "owed"), &filter->owed);
	return error;
}

/* An index and the first of its cells: where to look. */
struct route {
	int index;
	struct cell cells[2];
	size_t count;
};

static struct route route_of_party(enum role role, struct slice name) {
	return (struct route){ role == ROLE_BRAND ? DEALS_BY_BRAND : DEALS_BY_CREATOR, { cell_bytes(name) }, 1 };
}

/* The index that leads to the fewest deals. Of two sides the creator has fewer than the brand. */
static struct route choose_route(struct tx *tx, const struct view *view, const struct deal_filter *filter) {
	enum role role = view->account.role;
	struct account other;
	bool has_other = filter->with.size > 0 && accounts_get(tx, filter->with, &other, NULL) == OK;
	bool other_is_creator = has_other && other.role == ROLE_CREATOR;
	if (filter->offer != 0 && (role == ROLE_CREATOR || other_is_creator)) {
		return (struct route){ DEALS_BY_OFFER_AND_CREATOR,
			                   { cell_number(filter->offer),
			                     cell_bytes(role == ROLE_CREATOR ? view->account.name : filter->with) },
			                   2 };
	}
	if (filter->offer != 0) {
		return (struct route){ DEALS_BY_OFFER, { cell_number(filter->offer) }, 1 };
	}
	if (other_is_creator && role != ROLE_CREATOR) {
		return route_of_party(ROLE_CREATOR, filter->with);
	}
	if (role != ROLE_OPERATOR) {
		return route_of_party(role, view->account.name);
	}
	if (filter->owed) {
		return (struct route){ DEALS_BY_OWED, { cell_number(1) }, 1 };
	}
	return has_other ? route_of_party(other.role, filter->with) : (struct route){ STORE_BY_KEY, { { 0 } }, 0 };
}

/* Everyone sees his own deals, operators all. */
enum error answer_deals(struct tx *tx, struct view *view, struct failure *failure) {
	struct deal_filter filter = { .state = 0 };
	struct page page = { .view = view, .tx = tx, .pack = pack_deal_item, .filter = &filter };
	enum error error = read_filter(tx, view, &filter, failure);
	if (error != OK) {
		return error;
	}
	struct route route = choose_route(tx, view, &filter);
	return page_answer(&page, &table_deals, route.index, route.cells, route.count, failure);
}

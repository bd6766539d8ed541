/* The table of questions, who may ask them, and the answers. doc/protocol.md describes arguments and replies. */
#include "workers/market/views.h"

#include "rules/deal_pack.h"
#include "store/tables.h"
#include "wire/body.h"
#include "workers/market/records.h"
#include "workers/market/records_deals.h"

#define PAGE_MAX 100       /* records of one page */
#define PAGE_SCAN_MAX 2000 /* records that are looked at for one page */

struct view {
	const struct market *market;
	const struct pack_value *arguments;
	struct buffer *out;
	bool has_account;
	struct account account; /* the asker's, where he has one */
	bool is_waiting;        /* he has enrolled and is not admitted yet */
	const uint8_t *transport;
	int64_t now;
	enum error (*answer)(struct tx *tx, struct view *view, struct failure *failure);
};

static bool is_operator(const struct view *view) {
	return view->has_account && view->account.role == ROLE_OPERATOR;
}

/* ---- one page of records ---- */

struct page {
	struct view *view;
	struct tx *tx;
	size_t limit;
	struct buffer items; /* packed maps */
	size_t count;
	size_t scanned;
	bool full;
	int64_t last; /* the key from which the next page continues */
	enum error error;
	struct failure *failure;
	void (*pack)(struct page *page, const struct record *record);
};

static size_t page_limit(const struct view *view) {
	uint64_t wanted = PAGE_MAX;
	(void)pack_as_unsigned(pack_find(view->arguments, "limit"), &wanted);
	return wanted < 1 || wanted > PAGE_MAX ? PAGE_MAX : (size_t)wanted;
}

/* Where the page before ended; INT64_MAX for the first page, since the newest come first. */
static int64_t page_before(const struct view *view) {
	int64_t before = INT64_MAX;
	(void)pack_as_signed(pack_find(view->arguments, "before"), &before);
	return before;
}

/* The buffer is bounded by a reply's size: a record that no longer fits ends the page before it. */
static bool take_item(void *argument, const struct record *record) {
	struct page *page = argument;
	size_t size = page->items.size;
	page->pack(page, record);
	if (!buffer_ok(&page->items)) {
		page->items.failed = false;
		page->items.size = size;
		page->full = true;
		return false;
	}
	page->count += page->items.size > size ? 1 : 0;
	page->last = record->cells[0].number;
	page->full = page->count == page->limit || ++page->scanned == PAGE_SCAN_MAX;
	return page->error == OK && !page->full;
}

/* Scans newest first the records of `table` whose index column has the value of `cell`, and writes the reply. */
static enum error answer_page(struct page *page, const struct table *table, int index, const struct cell *cell,
                              size_t cells, struct failure *failure) {
	buffer_init(&page->items, BODY_MAX - 1024);
	page->limit = page_limit(page->view);
	page->failure = failure;
	struct cell to[2] = { cells > 0 ? *cell : cell_number(0), cell_number(page_before(page->view)) };
	struct range range = { .from = cell, .from_count = cells, .to = cells > 0 ? to : to + 1, .to_count = cells + 1,
		                   .after = true, .reverse = true };
	enum error error = tx_scan(page->tx, table, index, &range, take_item, page, failure);
	error = error == OK ? page->error : error;
	if (error == OK) {
		body_begin_ok(page->view->out, page->full ? 2 : 1);
		pack_word(page->view->out, "items");
		pack_array(page->view->out, page->count);
		(void)buffer_append_slice(page->view->out, buffer_slice(&page->items));
		if (page->full) {
			pack_key_signed(page->view->out, "before", page->last);
		}
	}
	buffer_release(&page->items);
	return error;
}

/* ---- offers ---- */

static void pack_offer(struct buffer *out, const struct offer *offer, const struct note_record *note) {
	pack_map(out, 7);
	pack_key_bytes(out, "id", note->id);
	pack_key_signed(out, "sequence", offer->sequence);
	pack_key_signed(out, "state", offer->state);
	pack_key_signed(out, "closes", offer->closes);
	pack_key_signed(out, "slots", offer->slots);
	pack_key_signed(out, "taken", offer->taken);
	pack_key_bytes(out, "note", note->signed_note);
}

static void pack_offer_item(struct page *page, const struct record *record) {
	struct offer offer;
	struct note_record note;
	offer_from_record(record, &offer);
	bool shown = page->view->account.role != ROLE_CREATOR || offer.closes >= page->view->now;
	if (shown) {
		page->error = notes_get(page->tx, offer.sequence, &note, page->failure);
	}
	if (shown && page->error == OK) {
		pack_offer(&page->items, &offer, &note);
	}
}

/* A brand sees its own offers, whatever their state; creators see those that can be accepted, operators all open
 * ones. */
static enum error answer_offers(struct tx *tx, struct view *view, struct failure *failure) {
	struct page page = { .view = view, .tx = tx, .pack = pack_offer_item };
	bool own = view->account.role == ROLE_BRAND;
	struct cell cell = own ? cell_bytes(view->account.name) : cell_number(OFFER_OPEN);
	return answer_page(&page, &table_offers, own ? OFFERS_BY_BRAND : OFFERS_BY_STATE, &cell, 1, failure);
}

/* Reads the argument `id`: hex digits of the beginning of an id. */
static enum error find_note(struct tx *tx, const struct view *view, enum kind_id kind, struct note_record *note,
                            struct failure *failure) {
	struct slice hex;
	if (!pack_as_text(pack_find(view->arguments, "id"), &hex)) {
		return fail(failure, ERROR_MALFORMED, "the argument id is missing");
	}
	return notes_find_by_prefix(tx, hex, kind, note, failure);
}

static enum error answer_offer(struct tx *tx, struct view *view, struct failure *failure) {
	struct note_record note;
	struct offer offer;
	enum error error = find_note(tx, view, KIND_OFFER, &note, failure);
	if (error == OK) {
		error = offers_get(tx, note.sequence, &offer, failure);
	}
	if (error != OK) {
		return error;
	}
	body_begin_ok(view->out, 1);
	pack_word(view->out, "offer");
	pack_offer(view->out, &offer, &note);
	return OK;
}

/* ---- deals ---- */

static void pack_deal(struct buffer *out, const struct deal_row *row, const struct note_record *note) {
	pack_map(out, 3);
	pack_key_signed(out, "sequence", row->sequence);
	pack_word(out, "deal");
	deal_pack(out, &row->deal);
	pack_key_bytes(out, "note", note->signed_note);
}

static enum error append_deal(struct tx *tx, struct buffer *out, const struct deal_row *row, struct failure *failure) {
	struct note_record note;
	enum error error = notes_find(tx, row->deal.text, &note, failure);
	if (error == OK) {
		pack_deal(out, row, &note);
	}
	return error;
}

static void pack_deal_item(struct page *page, const struct record *record) {
	struct deal_row row;
	page->error = deal_from_record(record, page->view->market->document, &row, page->failure);
	if (page->error == OK) {
		page->error = append_deal(page->tx, &page->items, &row, page->failure);
	}
}

/* Everyone sees his own deals, operators all. */
static enum error answer_deals(struct tx *tx, struct view *view, struct failure *failure) {
	static const int indexes[] = { [ROLE_BRAND] = DEALS_BY_BRAND,
		                           [ROLE_CREATOR] = DEALS_BY_CREATOR,
		                           [ROLE_OPERATOR] = STORE_BY_KEY };
	struct page page = { .view = view, .tx = tx, .pack = pack_deal_item };
	struct cell cell = cell_bytes(view->account.name);
	return answer_page(&page, &table_deals, indexes[view->account.role], &cell, is_operator(view) ? 0 : 1, failure);
}

static enum error answer_deal(struct tx *tx, struct view *view, struct failure *failure) {
	struct note_record note;
	struct deal_row row;
	enum error error = find_note(tx, view, KIND_AGREEMENT, &note, failure);
	if (error == OK) {
		error = deals_get(tx, view->market->document, note.thread, &row, failure);
	}
	bool is_party = error == OK && (slice_is(view->account.name, row.deal.brand) ||
	                                slice_is(view->account.name, row.deal.creator));
	if ((error == OK || error == ERROR_AMBIGUOUS) && !is_operator(view) && !is_party) {
		/* The same words as for a deal that does not exist: that it does is the parties' business. */
		struct slice hex = { 0 };
		(void)pack_as_text(pack_find(view->arguments, "id"), &hex);
		error = fail(failure, ERROR_NOT_FOUND, "no agreement has an id that begins with %.*s", (int)hex.size,
		             (const char *)hex.data);
	}
	if (error != OK) {
		return error;
	}
	body_begin_ok(view->out, 1);
	pack_word(view->out, "deal");
	return append_deal(tx, view->out, &row, failure);
}

/* ---- accounts ---- */

static void pack_account(struct buffer *out, const struct account *account, const char *state) {
	pack_key_text(out, "name", account->name);
	pack_key_word(out, "role", role_words[account->role]);
	pack_key_bytes(out, "key", account->key);
	pack_key_word(out, "state", state);
}

struct waiting {
	struct tx *tx;
	struct slice name; /* empty: whatever the name */
	struct buffer items;
	size_t count;
	enum error error;
	struct failure *failure;
};

static bool take_enrolment(void *argument, const struct record *record) {
	struct waiting *waiting = argument;
	struct account account, taken;
	struct note_record note;
	enrolment_from_record(record, &account);
	if (waiting->name.size == 0 && accounts_get(waiting->tx, account.name, &taken, NULL) == OK) {
		return true; /* somebody else has got the name: who asked for it too waits for nothing */
	}
	waiting->error = notes_get(waiting->tx, account.sequence, &note, waiting->failure);
	if (waiting->error == OK) {
		pack_map(&waiting->items, 6);
		pack_account(&waiting->items, &account, "waiting");
		pack_key_bytes(&waiting->items, "enrolment", note.id);
		pack_key_signed(&waiting->items, "received", note.received);
		waiting->count++;
	}
	return waiting->error == OK && waiting->count < PAGE_MAX;
}

/* Enrolments that wait to be admitted, by name; for operators. Names already admitted are listed too. */
static enum error answer_enrolments(struct tx *tx, struct view *view, struct failure *failure) {
	struct waiting waiting = { .tx = tx, .failure = failure };
	struct account admitted;
	bool named = pack_as_text(pack_find(view->arguments, "name"), &waiting.name);
	if (named && !account_name_is_valid(waiting.name)) {
		return fail(failure, ERROR_BAD_VALUE, "not a name that an account can have");
	}
	buffer_init(&waiting.items, BODY_MAX - 1024);
	struct cell cell = cell_bytes(waiting.name);
	struct range range = { .from = &cell, .from_count = named ? 1 : 0, .to = &cell, .to_count = named ? 1 : 0 };
	enum error error = tx_scan(tx, &table_enrolments, STORE_BY_KEY, &range, take_enrolment, &waiting, failure);
	error = error == OK ? waiting.error : error;
	if (error == OK) {
		bool taken = named && accounts_get(tx, waiting.name, &admitted, NULL) == OK;
		body_begin_ok(view->out, taken ? 2 : 1);
		pack_word(view->out, "items");
		pack_array(view->out, waiting.count);
		(void)buffer_append_slice(view->out, buffer_slice(&waiting.items));
		if (taken) {
			pack_word(view->out, "admitted");
			pack_map(view->out, 4);
			pack_account(view->out, &admitted, "admitted");
		}
	}
	buffer_release(&waiting.items);
	return error;
}

struct balances {
	struct buffer items;
	size_t count;
};

static bool take_balance(void *argument, const struct record *record) {
	struct balances *balances = argument;
	struct money money = { .minor = record->cells[BALANCES_AMOUNT].number };
	char text[MONEY_TEXT_MAX];
	if (slice_copy_text(record->cells[BALANCES_CURRENCY].bytes, money.currency, CURRENCY_SIZE) &&
	    currency_exponent(money.currency) >= 0) {
		pack_word(&balances->items, money_format(&money, text));
		balances->count++;
	}
	return true;
}

/* Whoever asks, as the agency knows him: account, state, and a brand's available money in each currency. */
static enum error answer_account(struct tx *tx, struct view *view, struct failure *failure) {
	if (!view->has_account) {
		return fail(failure, ERROR_NOT_FOUND, "the agency knows no account with this transport key; see troth enrol");
	}
	struct balances balances = { .count = 0 };
	buffer_init(&balances.items, BODY_MAX / 2);
	enum error error = OK;
	if (view->account.role == ROLE_BRAND && !view->is_waiting) {
		char name[LEDGER_ACCOUNT_MAX];
		ledger_available_account(view->account.name, name);
		struct cell cell = cell_text(name);
		struct range range = { .from = &cell, .from_count = 1, .to = &cell, .to_count = 1 };
		error = tx_scan(tx, &table_balances, STORE_BY_KEY, &range, take_balance, &balances, failure);
	}
	if (error == OK) {
		body_begin_ok(view->out, 5);
		pack_account(view->out, &view->account, view->is_waiting ? "waiting" : "admitted");
		pack_word(view->out, "available");
		pack_array(view->out, balances.count);
		(void)buffer_append_slice(view->out, buffer_slice(&balances.items));
	}
	buffer_release(&balances.items);
	return error;
}

/* ---- the table ---- */

enum audience { FOR_ANYONE, FOR_ADMITTED, FOR_OPERATORS };

static const struct {
	const char *operation;
	enum audience audience;
	enum error (*answer)(struct tx *tx, struct view *view, struct failure *failure);
} questions[] = {
	{ "account", FOR_ANYONE, answer_account },   { "offers", FOR_ADMITTED, answer_offers },
	{ "offer", FOR_ADMITTED, answer_offer },     { "deals", FOR_ADMITTED, answer_deals },
	{ "deal", FOR_ADMITTED, answer_deal },       { "enrolments", FOR_OPERATORS, answer_enrolments },
};

static enum error find_asker(struct tx *tx, struct view *view) {
	if (view->transport == NULL) {
		return ERROR_NOT_FOUND;
	}
	struct slice transport = slice_of(view->transport, FIELD_KEY_SIZE);
	enum error error = accounts_find_by_transport(tx, transport, &view->account, NULL);
	if (error == ERROR_NOT_FOUND) {
		error = enrolments_find_by_transport(tx, transport, &view->account, NULL);
		view->is_waiting = error == OK;
	}
	view->has_account = error == OK;
	return error;
}

static enum error answer_in_snapshot(struct tx *tx, void *argument, struct failure *failure) {
	struct view *view = argument;
	enum audience audience = FOR_ANYONE;
	for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
		audience = questions[i].answer == view->answer ? questions[i].audience : audience;
	}
	(void)find_asker(tx, view);
	if (audience != FOR_ANYONE && (!view->has_account || view->is_waiting)) {
		return fail(failure, ERROR_NOT_ADMITTED, "this account is not admitted yet");
	}
	if (audience == FOR_OPERATORS && !is_operator(view)) {
		return fail(failure, ERROR_NOT_ALLOWED, "only operators may ask that");
	}
	return view->answer(tx, view, failure);
}

void views_answer(const struct market *market, const struct asker *asker, struct slice operation,
                  const struct pack_value *arguments, struct buffer *out) {
	struct view view = { .market = market, .arguments = arguments, .out = out, .transport = asker->transport,
		                 .now = asker->now };
	struct failure failure = { .code = OK };
	enum error error = OK;
	for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
		if (slice_is(operation, questions[i].operation)) {
			view.answer = questions[i].answer;
		}
	}
	if (view.answer == NULL) {
		error = fail(&failure, ERROR_UNKNOWN_OPERATION, "the service views has no operation of this name");
	} else {
		error = store_read(market->store, answer_in_snapshot, &view, &failure);
	}
	if (error == OK && !buffer_ok(out)) {
		error = fail(&failure, ERROR_TOO_LONG, "the answer is longer than a reply may be");
	}
	if (error != OK) {
		buffer_clear(out);
		body_error(out, &failure);
	}
}

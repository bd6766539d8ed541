/* The table of questions, who may ask them, and pages. doc/protocol.md describes arguments and replies; the answers
 * stand by noun in views_offers.c, views_deals.c, views_notes.c, views_accounts.c, views_lists.c and views_money.c. */
#include "workers/market/views.h"

#include "wire/body.h"
#include "workers/market/views_parts.h"

enum audience { FOR_ANYONE, FOR_ADMITTED, FOR_OPERATORS };

struct question {
	const char *operation;
	enum audience audience;
	view_function *answer;
};

static const struct question questions[] = {
	{ "account", FOR_ANYONE, answer_account },
	{ "party", FOR_ADMITTED, answer_party },
	{ "profile", FOR_ADMITTED, answer_profile },
	{ "enrolments", FOR_OPERATORS, answer_enrolments },
	{ "accounts", FOR_OPERATORS, answer_accounts },
	{ "offers", FOR_ADMITTED, answer_offers },
	{ "offer", FOR_ADMITTED, answer_offer },
	{ "applicants", FOR_ADMITTED, answer_applicants },
	{ "deals", FOR_ADMITTED, answer_deals },
	{ "deal", FOR_ADMITTED, answer_deal },
	{ "address", FOR_ADMITTED, answer_address },
	{ "notes", FOR_ADMITTED, answer_notes },
	{ "statement", FOR_ADMITTED, answer_statement },
	{ "payable", FOR_OPERATORS, answer_payable },
	{ "report", FOR_ADMITTED, answer_report },
};

bool view_is_operator(const struct view *view) {
	return view->has_account && view->account.role == ROLE_OPERATOR && !view->account.suspended;
}

bool view_text(const struct view *view, const char *key, struct slice *out) {
	*out = slice_of(NULL, 0);
	return pack_as_text(pack_find(view->arguments, key), out);
}

int64_t view_number(const struct view *view, const char *key, int64_t otherwise) {
	(void)pack_as_signed(pack_find(view->arguments, key), &otherwise);
	return otherwise;
}

/* ---- pages ---- */

void page_begin(struct page *page, struct failure *failure) {
	uint64_t wanted = PAGE_MAX;
	(void)pack_as_unsigned(pack_find(page->view->arguments, "limit"), &wanted);
	page->limit = wanted < 1 || wanted > PAGE_MAX ? PAGE_MAX : (size_t)wanted;
	page->failure = failure;
	buffer_init(&page->items, BODY_MAX - 4096);
}

void page_item(struct page *page, size_t pairs) {
	pack_map(&page->items, pairs);
	page->count++;
}

bool page_take(void *argument, const struct record *record) {
	struct page *page = argument;
	size_t size = page->items.size, count = page->count;
	page->pack(page, record);
	if (!buffer_ok(&page->items)) {
		page->items.failed = false;
		page->items.size = size;
		page->count = count;
		page->full = true;
		return false;
	}
	if (page->write_place != NULL) {
		page->write_place(record, page->place);
	} else {
		page->last = record->cells[page->number_column].number;
	}
	page->scanned++;
	page->full = page->count >= page->limit || page->scanned >= PAGE_SCAN_MAX;
	return page->error == OK && !page->full;
}

enum error page_finish(struct page *page, enum error error, const char *more, size_t extra,
                       struct failure *failure) {
	error = error == OK ? page->error : error;
	if (error == OK && page->full && page->count == 0 && page->scanned == 0) {
		error = fail(failure, ERROR_TOO_LONG, "the answer is longer than a reply may be");
	}
	if (error == OK) {
		struct buffer *out = page->view->out;
		body_begin_ok(out, 1 + (page->full ? 1U : 0U) + extra);
		pack_word(out, "items");
		pack_array(out, page->count);
		(void)buffer_append_slice(out, buffer_slice(&page->items));
		if (page->full && page->write_place != NULL) {
			pack_key_word(out, more, page->place);
		} else if (page->full) {
			pack_key_signed(out, more, page->last);
		}
	}
	buffer_release(&page->items);
	return error;
}

enum error page_answer(struct page *page, const struct table *table, int index, const struct cell *cells,
                       size_t count, struct failure *failure) {
	struct cell to[3];
	for (size_t i = 0; i < count; i++) {
		to[i] = cells[i];
	}
	to[count] = cell_number(view_number(page->view, "before", INT64_MAX));
	struct range range = { .from = cells, .from_count = count, .to = to, .to_count = count + 1, .after = true,
		                   .reverse = true };
	page_begin(page, failure);
	return page_finish(page, tx_scan(page->tx, table, index, &range, page_take, page, failure), "before", 0, failure);
}

/* ---- who asks ---- */

static void find_asker(struct tx *tx, struct view *view) {
	if (view->transport == NULL) {
		return;
	}
	struct slice transport = slice_of(view->transport, FIELD_KEY_SIZE);
	enum error error = accounts_find_by_transport(tx, transport, &view->account, NULL);
	if (error == ERROR_NOT_FOUND) {
		error = enrolments_find_by_transport(tx, transport, &view->account, NULL);
		view->is_waiting = error == OK;
	}
	view->has_account = error == OK;
}

static enum error answer_in_snapshot(struct tx *tx, void *argument, struct failure *failure) {
	struct view *view = argument;
	enum audience audience = view->question->audience;
	find_asker(tx, view);
	if (audience != FOR_ANYONE && (!view->has_account || view->is_waiting)) {
		return fail(failure, ERROR_NOT_ADMITTED, view->is_waiting
		    ? "this account is not admitted yet" : "no account has this transport key (any more); see troth status");
	}
	if (audience == FOR_OPERATORS && !view_is_operator(view)) {
		return fail(failure, ERROR_NOT_ALLOWED, "only operators may ask that");
	}
	return view->question->answer(tx, view, failure);
}

void views_answer(const struct market *market, const struct asker *asker, struct slice operation,
                  const struct pack_value *arguments, struct buffer *out) {
	struct view view = { .market = market, .arguments = arguments, .out = out, .transport = asker->transport,
		                 .now = asker->now };
	struct failure failure = { .code = OK };
	enum error error = OK;
	for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
		if (slice_is(operation, questions[i].operation)) {
			view.question = &questions[i];
		}
	}
	if (view.question == NULL) {
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

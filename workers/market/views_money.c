/* Questions about money: statements, and what is to be paid. */
#include <stdio.h>

#include "store/tables.h"
#include "wire/body.h"
#include "workers/market/views_parts.h"

#define FEES_ACCOUNT "agency/fees"
#define LINE_KEYS 8

/* Whose statement, and where it goes on. */
struct statement {
	struct slice name; /* of the account; empty: the agency's own */
	bool whole;        /* entries are shown whole: a brand sees where its money went */
	char prefix[LEDGER_ACCOUNT_MAX]; /* of the ledger's accounts that bear the name */
	int64_t sequence, line;          /* what was shown last */
	int64_t last_line;               /* of this page */
};

struct entry_lines {
	struct record lines[LEDGER_POSTINGS_MAX];
	size_t count;
};

static bool take_line(void *argument, const struct record *record) {
	struct entry_lines *entry = argument;
	entry->lines[entry->count++] = *record;
	return entry->count < LEDGER_POSTINGS_MAX;
}

static bool begins_with(struct slice text, const char *prefix) {
	size_t size = strlen(prefix);
	return text.size >= size && memcmp(text.data, prefix, size) == 0;
}

/* What an account's owner calls his: what bears his name and, among a brand's own notes, what its offers reserve and
 * its deals hold. */
static bool is_own(const struct statement *statement, const struct record *line) {
	struct slice account = line->cells[JOURNAL_ACCOUNT].bytes;
	return begins_with(account, statement->prefix) ||
	       (statement->whole && (begins_with(account, "offer/") || begins_with(account, "deal/")));
}

/* What a person knows a booking by: the deal and its campaign, where it is of one, and the payment provider's
 * reference. */
struct origin {
	struct deal_row row;
	bool has_deal;
	struct slice reference; /* empty: none */
};

/* The value of a key that stands at most once in a note, found without taking the note apart. */
static struct slice find_line(struct slice note, const char *key) {
	const uint8_t *found = memmem(note.data, note.size, key, strlen(key));
	if (found == NULL) {
		return slice_of(NULL, 0);
	}
	struct slice rest = slice_of(found + strlen(key), (size_t)(note.data + note.size - found) - strlen(key));
	const uint8_t *end = memchr(rest.data, '\n', rest.size);
	return end == NULL ? slice_of(NULL, 0) : slice_of(rest.data, (size_t)(end - rest.data));
}

static enum error find_origin(struct page *page, const struct note_record *note, struct origin *out) {
	enum error error = note->thread == 0 ? ERROR_NOT_FOUND
	    : deals_get(page->tx, page->view->market->document, note->thread, &out->row, page->failure);
	out->has_deal = error == OK;
	out->reference = find_line(note->signed_note, "\nreference ");
	return error == ERROR_NOT_FOUND ? OK : error; /* an offer's thread, or none */
}

static void pack_line(struct page *page, const struct record *line, const struct note_record *note) {
	struct origin origin;
	page->error = find_origin(page, note, &origin);
	if (page->error != OK) {
		return;
	}
	bool has_campaign = origin.has_deal && origin.row.campaign[0] != '\0';
	page_item(page, LINE_KEYS + (origin.has_deal ? 1U : 0U) + (has_campaign ? 1U : 0U) +
	                    (origin.reference.size > 0 ? 1U : 0U));
	if (origin.has_deal) {
		pack_key_bytes(&page->items, "deal", slice_of(origin.row.deal.id, FIELD_HASH_SIZE));
	}
	if (has_campaign) {
		pack_key_word(&page->items, "campaign", origin.row.campaign);
	}
	if (origin.reference.size > 0) {
		pack_key_text(&page->items, "reference", origin.reference);
	}
	pack_key_signed(&page->items, "sequence", note->sequence);
	pack_key_signed(&page->items, "line", line->cells[JOURNAL_LINE].number);
	pack_key_text(&page->items, "account", line->cells[JOURNAL_ACCOUNT].bytes);
	pack_key_text(&page->items, "currency", line->cells[JOURNAL_CURRENCY].bytes);
	pack_key_signed(&page->items, "amount", line->cells[JOURNAL_AMOUNT].number);
	pack_key_signed(&page->items, "received", note->received);
	pack_key_text(&page->items, "kind", note->kind);
	pack_key_bytes(&page->items, "id", note->id);
}

/* The lines of the entry that a note has booked, if it has. */
static void pack_entry(struct page *page, const struct record *party) {
	struct statement *statement = page->filter;
	struct entry_lines entry = { .count = 0 };
	struct note_record note;
	int64_t sequence = party->cells[PARTIES_SEQUENCE].number;
	struct cell cell = cell_number(sequence);
	struct range range = { .from = &cell, .from_count = 1, .to = &cell, .to_count = 1 };
	page->error = tx_scan(page->tx, &table_journal, STORE_BY_KEY, &range, take_line, &entry, page->failure);
	bool touches = false;
	for (size_t i = 0; i < entry.count; i++) {
		touches = touches || is_own(statement, &entry.lines[i]);
	}
	if (page->error == OK && touches) {
		page->error = notes_get(page->tx, sequence, &note, page->failure);
	}
	for (size_t i = 0; i < entry.count && touches && page->error == OK; i++) {
		int64_t line = entry.lines[i].cells[JOURNAL_LINE].number;
		bool is_new = sequence > statement->sequence || line > statement->line;
		if (is_new && (statement->whole || is_own(statement, &entry.lines[i]))) {
			pack_line(page, &entry.lines[i], &note);
		}
	}
	if (buffer_ok(&page->items)) {
		statement->last_line = entry.count == 0 ? 0 : entry.lines[entry.count - 1].cells[JOURNAL_LINE].number;
	}
}

static void pack_single_line(struct page *page, const struct record *line) {
	struct statement *statement = page->filter;
	struct note_record note;
	page->error = notes_get(page->tx, line->cells[JOURNAL_SEQUENCE].number, &note, page->failure);
	if (page->error == OK) {
		pack_line(page, line, &note);
	}
	if (buffer_ok(&page->items)) {
		statement->last_line = line->cells[JOURNAL_LINE].number;
	}
}

static enum error take_entries(struct page *page, const struct statement *statement) {
	struct cell from[] = { cell_bytes(statement->name), cell_number(statement->sequence) };
	struct range range = { .from = from, .from_count = 2, .to = from, .to_count = 1 };
	page->pack = pack_entry;
	page->number_column = PARTIES_SEQUENCE;
	return tx_scan(page->tx, &table_parties, STORE_BY_KEY, &range, page_take, page, page->failure);
}

static enum error take_fees(struct page *page, const struct statement *statement) {
	struct cell from[] = { cell_text(FEES_ACCOUNT), cell_number(statement->sequence), cell_number(statement->line) };
	struct range range = { .from = from, .from_count = 3, .to = from, .to_count = 1, .after = true };
	page->pack = pack_single_line;
	page->number_column = JOURNAL_SEQUENCE;
	return tx_scan(page->tx, &table_journal, JOURNAL_BY_ACCOUNT, &range, page_take, page, page->failure);
}

/* ---- balances ---- */

struct balances {
	struct buffer items;
	size_t count;
};

static bool take_balance(void *argument, const struct record *record) {
	struct balances *balances = argument;
	pack_map(&balances->items, 3);
	pack_key_text(&balances->items, "account", record->cells[BALANCES_ACCOUNT].bytes);
	pack_key_text(&balances->items, "currency", record->cells[BALANCES_CURRENCY].bytes);
	pack_key_signed(&balances->items, "amount", record->cells[BALANCES_AMOUNT].number);
	balances->count++;
	return balances->count < PAGE_MAX;
}

/* The accounts that bear the name: few, one or two per currency. */
static enum error find_balances(struct tx *tx, const struct statement *statement, struct balances *out,
                                struct failure *failure) {
	char last[LEDGER_ACCOUNT_MAX + 1];
	(void)snprintf(last, sizeof last, "%s~", statement->prefix); /* no account's name has this sign */
	struct cell from = cell_text(statement->prefix), to = cell_text(last);
	struct range range = { .from = &from, .from_count = 1, .to = &to, .to_count = 1 };
	return tx_scan(tx, &table_balances, STORE_BY_KEY, &range, take_balance, out, failure);
}

/* ---- the statement ---- */

/* The agency's own accounts are every operator's business, but not of one who is suspended. */
static void set_owner(struct statement *statement, const struct view *view, const struct account *account) {
	if (account->role == ROLE_OPERATOR && view_is_operator(view)) {
		(void)snprintf(statement->prefix, sizeof statement->prefix, "agency/");
		return;
	}
	statement->name = account->name;
	statement->whole = account->role == ROLE_BRAND;
	(void)snprintf(statement->prefix, sizeof statement->prefix, "%s/%.*s/", role_words[account->role],
	               (int)account->name.size, (const char *)account->name.data);
}

static enum error read_statement(struct tx *tx, const struct view *view, struct statement *out,
                                 struct failure *failure) {
	struct account account = view->account;
	struct slice name;
	bool named = view_text(view, "name", &name);
	out->sequence = view_number(view, "sequence", 0);
	out->line = view_number(view, "line", out->sequence > 0 ? INT64_MAX : 0);
	if (named && !view_is_operator(view) && !slice_equal(name, view->account.name)) {
		return fail(failure, ERROR_NOT_ALLOWED, "only operators may see the statements of others");
	}
	if (named && !account_name_is_valid(name)) {
		return fail(failure, ERROR_BAD_VALUE, "not a name that an account can have");
	}
	enum error error = named ? accounts_get(tx, name, &account, failure) : OK;
	if (error == ERROR_NOT_FOUND) {
		return fail(failure, error, "there is no admitted account %.*s", (int)name.size, (const char *)name.data);
	}
	set_owner(out, view, &account);
	return error;
}

enum error answer_statement(struct tx *tx, struct view *view, struct failure *failure) {
	struct statement statement = { .sequence = 0 };
	struct page page = { .view = view, .tx = tx, .filter = &statement };
	struct balances balances = { .count = 0 };
	enum error error = read_statement(tx, view, &statement, failure);
	if (error != OK) {
		return error;
	}
	bool is_first = statement.sequence <= 0;
	buffer_init(&balances.items, BODY_MAX / 8);
	page_begin(&page, failure);
	page.items.maximum -= balances.items.maximum;
	error = is_first ? find_balances(tx, &statement, &balances, failure) : OK;
	if (error == OK) {
		error = statement.name.size > 0 ? take_entries(&page, &statement) : take_fees(&page, &statement);
	}
	error = page_finish(&page, error, "sequence", (is_first ? 1U : 0U) + (page.full ? 1U : 0U), failure);
	if (error == OK && page.full) {
		pack_key_signed(view->out, "line", statement.last_line);
	}
	if (error == OK && is_first) {
		pack_word(view->out, "balances");
		pack_array(view->out, balances.count);
		(void)buffer_append_slice(view->out, buffer_slice(&balances.items));
	}
	buffer_release(&balances.items);
	return error;
}

/* ---- what is to be paid ---- */

static void pack_payable(struct page *page, const struct record *record) {
	struct deal_row row;
	page->error = deal_from_record(record, page->view->market->document, &row, page->failure);
	if (page->error == OK) {
		page->count++;
		page->error = view_pack_deal(page->tx, &page->items, &row, 0, page->failure);
	}
}

enum error answer_payable(struct tx *tx, struct view *view, struct failure *failure) {
	struct page page = { .view = view, .tx = tx, .pack = pack_payable };
	struct cell from[] = { cell_number(1), cell_number(view_number(view, "after", 0)) };
	struct range range = { .from = from, .from_count = 2, .to = from, .to_count = 1, .after = true };
	page_begin(&page, failure);
	enum error error = tx_scan(tx, &table_deals, DEALS_BY_OWED, &range, page_take, &page, failure);
	return page_finish(&page, error, "after", 0, failure);
}

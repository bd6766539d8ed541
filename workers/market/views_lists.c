/* Questions of operators about many accounts: who waits to be admitted, and who is there, with which keys.
 *
 * Both lists are in the order of names and continue by a text: `after` is the last account's name, or the last
 * enrolment's name, a blank and its key in hex digits. */
#include <stdio.h>

#include "crypto/keys.h"
#include "store/tables.h"
#include "wire/body.h"
#include "workers/market/views_parts.h"

#define KEYS_SHOWN_MAX 64 /* keys of one account */

static bool is_taken(struct tx *tx, struct slice name, struct account *out) {
	return accounts_get(tx, name, out, NULL) == OK && account_has_key(out);
}

static enum error read_name(const struct view *view, struct slice *name, struct failure *failure) {
	return view_text(view, "name", name) && !account_name_is_valid(*name)
	    ? fail(failure, ERROR_BAD_VALUE, "name: not a name that an account can have") : OK;
}

/* ---- those that wait ---- */

/* Where to look. Of the keys that begin with the asked digits, the smallest and the largest. */
struct waiting {
	struct slice name;   /* empty: whatever the name */
	struct slice digits; /* of the key; empty: whatever the key */
	uint8_t least[FIELD_KEY_SIZE], most[FIELD_KEY_SIZE];
	bool goes_on;
	struct slice after_name;
	uint8_t after_key[FIELD_KEY_SIZE];
};

static void write_enrolment_place(const struct record *record, char place[PLACE_MAX]) {
	struct slice name = record->cells[ENROLMENTS_NAME].bytes;
	char key[HASH_HEX_SIZE];
	hex_encode(record->cells[ENROLMENTS_KEY].bytes, key);
	(void)snprintf(place, PLACE_MAX, "%.*s %s", (int)name.size, (const char *)name.data, key);
}

static void pack_enrolment(struct page *page, const struct record *record) {
	const struct waiting *waiting = page->filter;
	struct account account, taken;
	struct note_record note;
	enrolment_from_record(record, &account);
	if (waiting->name.size == 0 && is_taken(page->tx, account.name, &taken)) {
		return; /* somebody else has got the name: who asked for it too waits for nothing */
	}
	page->error = notes_get(page->tx, account.sequence, &note, page->failure);
	if (page->error == OK) {
		page_item(page, 7);
		view_pack_account(&page->items, &account, "waiting");
		pack_key_bytes(&page->items, "enrolment", note.id);
		pack_key_signed(&page->items, "received", note.received);
		pack_key_bytes(&page->items, "note", note.signed_note);
	}
}

/* The smallest and the largest key with these first digits: the digits, padded. */
static bool read_bound(struct slice digits, char padding, uint8_t out[FIELD_KEY_SIZE]) {
	char hex[2 * FIELD_KEY_SIZE];
	memset(hex, padding, sizeof hex);
	if (digits.size > sizeof hex) {
		return false;
	}
	if (digits.size > 0) {
		memcpy(hex, digits.data, digits.size);
	}
	return hex_decode(slice_of(hex, sizeof hex), out, FIELD_KEY_SIZE);
}

/* A place that this very list can have come to. */
static bool read_place(struct slice text, struct waiting *out) {
	const uint8_t *blank = text.size == 0 ? NULL : memchr(text.data, ' ', text.size);
	if (blank == NULL) {
		return false;
	}
	size_t size = (size_t)(blank - text.data);
	struct slice hex = slice_of(blank + 1, text.size - size - 1);
	out->after_name = slice_of(text.data, size);
	return (out->name.size == 0 || slice_equal(out->name, out->after_name)) &&
	       hex_decode(hex, out->after_key, FIELD_KEY_SIZE) &&
	       slice_equal(slice_cut(hex, out->digits.size), out->digits);
}

static enum error read_waiting(const struct view *view, struct waiting *out, struct failure *failure) {
	struct slice place;
	enum error error = read_name(view, &out->name, failure);
	if (error != OK) {
		return error;
	}
	if (view_text(view, "key", &out->digits) && out->name.size == 0) {
		return fail(failure, ERROR_MALFORMED, "the argument key goes with the argument name");
	}
	if (!read_bound(out->digits, '0', out->least) || !read_bound(out->digits, 'f', out->most)) {
		return fail(failure, ERROR_BAD_VALUE, "key: not the first hex digits 0-9 and a-f of a key");
	}
	out->goes_on = view_text(view, "after", &place);
	return !out->goes_on || read_place(place, out) ? OK
	       : fail(failure, ERROR_BAD_VALUE, "after: not what a reply to this question has said");
}

static enum error scan_waiting(struct page *page, const struct waiting *waiting, struct failure *failure) {
	const uint8_t *least = waiting->goes_on ? waiting->after_key : waiting->least;
	struct cell from[] = { cell_bytes(waiting->goes_on ? waiting->after_name : waiting->name),
		                   cell_bytes(slice_of(least, FIELD_KEY_SIZE)) };
	struct cell to[] = { cell_bytes(waiting->name), cell_bytes(slice_of(waiting->most, FIELD_KEY_SIZE)) };
	bool named = waiting->name.size > 0;
	struct range range = { .from = from, .from_count = named || waiting->goes_on ? 2 : 0, .to = to,
		                   .to_count = named ? 2 : 0, .after = waiting->goes_on };
	return tx_scan(page->tx, &table_enrolments, STORE_BY_KEY, &range, page_take, page, failure);
}

/* Enrolments that wait to be admitted, with the notes that say so. Names already admitted are listed too where they are
 * asked for. */
enum error answer_enrolments(struct tx *tx, struct view *view, struct failure *failure) {
	struct waiting waiting = { .goes_on = false };
	struct page page = { .view = view, .tx = tx, .pack = pack_enrolment, .filter = &waiting,
		                 .write_place = write_enrolment_place };
	struct account admitted;
	enum error error = read_waiting(view, &waiting, failure);
	if (error != OK) {
		return error;
	}
	bool taken = waiting.name.size > 0 && is_taken(tx, waiting.name, &admitted);
	page_begin(&page, failure);
	error = page_finish(&page, scan_waiting(&page, &waiting, failure), "after", taken ? 1 : 0, failure);
	if (error == OK && taken) {
		pack_word(view->out, "admitted");
		pack_map(view->out, 4);
		view_pack_account(view->out, &admitted, view_account_state(&admitted));
	}
	return error;
}

/* ---- those that are there ---- */

struct keys {
	struct buffer items;
	size_t count;
};

/* The end of a key that is the account's present one is left out, and so is what was not revoked. */
static bool take_key(void *argument, const struct record *record) {
	struct keys *keys = argument;
	int64_t until = record->cells[KEYS_UNTIL].number, valid_until = record->cells[KEYS_VALID_UNTIL].number;
	pack_map(&keys->items, 2 + (until == KEY_OPEN ? 0U : 1U) + (valid_until == KEY_OPEN ? 0U : 1U));
	pack_key_bytes(&keys->items, "key", record->cells[KEYS_KEY].bytes);
	pack_key_signed(&keys->items, "since", record->cells[KEYS_SINCE].number);
	if (until != KEY_OPEN) {
		pack_key_signed(&keys->items, "until", until);
	}
	if (valid_until != KEY_OPEN) {
		pack_key_signed(&keys->items, "valid-until", valid_until);
	}
	return ++keys->count < KEYS_SHOWN_MAX;
}

static void write_account_place(const struct record *record, char place[PLACE_MAX]) {
	(void)slice_copy_text(record->cells[ACCOUNTS_NAME].bytes, place, PLACE_MAX);
}

static void pack_account(struct page *page, const struct record *record) {
	struct account account;
	struct keys keys = { .count = 0 };
	account_from_record(record, &account);
	struct cell cell = cell_bytes(account.name);
	struct range range = { .from = &cell, .from_count = 1, .to = &cell, .to_count = 1 };
	buffer_init(&keys.items, BODY_MAX);
	page->error = tx_scan(page->tx, &table_keys, KEYS_BY_NAME, &range, take_key, &keys, page->failure);
	if (page->error == OK) {
		page_item(page, 6);
		view_pack_account(&page->items, &account, view_account_state(&account));
		pack_key_signed(&page->items, "sequence", account.sequence);
		pack_word(&page->items, "keys");
		pack_array(&page->items, keys.count);
		(void)buffer_append_slice(&page->items, buffer_slice(&keys.items));
	}
	buffer_release(&keys.items);
}

/* Every account that was ever admitted, or one. */
enum error answer_accounts(struct tx *tx, struct view *view, struct failure *failure) {
	struct page page = { .view = view, .tx = tx, .pack = pack_account, .write_place = write_account_place };
	struct slice name, after;
	enum error error = read_name(view, &name, failure);
	bool named = name.size > 0, goes_on = view_text(view, "after", &after);
	if (error == OK && goes_on && (!account_name_is_valid(after) || (named && !slice_equal(name, after)))) {
		error = fail(failure, ERROR_BAD_VALUE, "after: not what a reply to this question has said");
	}
	if (error != OK) {
		return error;
	}
	struct cell from = cell_bytes(goes_on ? after : name), to = cell_bytes(name);
	struct range range = { .from = &from, .from_count = named || goes_on ? 1 : 0, .to = &to,
		                   .to_count = named ? 1 : 0, .after = goes_on };
	page_begin(&page, failure);
	error = tx_scan(tx, &table_accounts, STORE_BY_KEY, &range, page_take, &page, failure);
	return page_finish(&page, error, "after", 0, failure);
}

/* Questions about one account: one's own, or another's. */
#include "store/tables.h"
#include "wire/body.h"
#include "workers/market/views_parts.h"

void view_pack_account(struct buffer *out, const struct account *account, const char *state) {
	pack_key_text(out, "name", account->name);
	pack_key_word(out, "role", role_words[account->role]);
	pack_key_bytes(out, "key", account->key);
	pack_key_word(out, "state", state);
}

const char *view_account_state(const struct account *account) {
	return account->suspended ? "suspended" : "admitted";
}

/* ---- one's own ---- */

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
enum error answer_account(struct tx *tx, struct view *view, struct failure *failure) {
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
		view_pack_account(view->out, &view->account, view->is_waiting ? "waiting" : view_account_state(&view->account));
		pack_word(view->out, "available");
		pack_array(view->out, balances.count);
		(void)buffer_append_slice(view->out, buffer_slice(&balances.items));
	}
	buffer_release(&balances.items);
	return error;
}

/* ---- others' ---- */

static enum error find_account(struct tx *tx, const struct view *view, struct account *out, struct failure *failure) {
	struct slice name;
	if (!view_text(view, "name", &name)) {
		return fail(failure, ERROR_MALFORMED, "the argument name is missing");
	}
	if (!account_name_is_valid(name)) {
		return fail(failure, ERROR_BAD_VALUE, "not a name that an account can have");
	}
	enum error error = accounts_get(tx, name, out, failure);
	return error != ERROR_NOT_FOUND ? error
	       : fail(failure, ERROR_NOT_FOUND, "there is no admitted account %.*s", (int)name.size,
	              (const char *)name.data);
}

enum error answer_party(struct tx *tx, struct view *view, struct failure *failure) {
	struct account account;
	enum error error = find_account(tx, view, &account, failure);
	if (error == OK) {
		body_begin_ok(view->out, 4);
		view_pack_account(view->out, &account, view_account_state(&account));
	}
	return error;
}

struct attest_search {
	struct tx *tx;
	struct credentials *credentials;
	enum error error;
	struct failure *failure;
};

static bool take_attest(void *argument, const struct record *record) {
	struct attest_search *search = argument;
	struct credentials *credentials = search->credentials;
	search->error = notes_get(search->tx, record->cells[ATTESTS_SEQUENCE].number,
	                          &credentials->attests[credentials->attest_count], search->failure);
	credentials->attest_count += search->error == OK ? 1 : 0;
	return search->error == OK && credentials->attest_count < CREDENTIALS_ATTESTS_MAX;
}

enum error view_credentials(struct tx *tx, struct slice name, struct credentials *out, struct failure *failure) {
	struct attest_search search = { .tx = tx, .credentials = out, .failure = failure };
	struct cell cell = cell_bytes(name);
	struct range range = { .from = &cell, .from_count = 1, .to = &cell, .to_count = 1 };
	int64_t sequence = 0;
	out->attest_count = 0;
	enum error error = profiles_get(tx, name, &sequence, failure);
	out->has_profile = error == OK;
	if (error == OK) {
		error = notes_get(tx, sequence, &out->profile, failure);
	}
	if (error == OK || error == ERROR_NOT_FOUND) {
		error = tx_scan(tx, &table_attests, STORE_BY_KEY, &range, take_attest, &search, failure);
	}
	error = error == OK ? search.error : error;
	return error == OK ? reputations_get(tx, name, &out->reputation, failure) : error;
}

size_t view_credentials_keys(const struct credentials *credentials) {
	return credentials->has_profile ? 6 : 5;
}

void view_pack_credentials(struct buffer *out, const struct credentials *credentials) {
	if (credentials->has_profile) {
		pack_key_bytes(out, "profile", credentials->profile.signed_note);
	}
	pack_word(out, "attests");
	pack_array(out, credentials->attest_count);
	for (size_t i = 0; i < credentials->attest_count; i++) {
		pack_bytes(out, credentials->attests[i].signed_note);
	}
	pack_key_signed(out, "done", credentials->reputation.done);
	pack_key_signed(out, "failed", credentials->reputation.failed);
	pack_key_signed(out, "stars", credentials->reputation.stars);
	pack_key_signed(out, "ratings", credentials->reputation.ratings);
}

enum error answer_profile(struct tx *tx, struct view *view, struct failure *failure) {
	struct account account;
	struct credentials credentials;
	enum error error = find_account(tx, view, &account, failure);
	if (error == OK) {
		error = view_credentials(tx, account.name, &credentials, failure);
	}
	if (error == OK) {
		body_begin_ok(view->out, view_credentials_keys(&credentials));
		view_pack_credentials(view->out, &credentials);
	}
	return error;
}

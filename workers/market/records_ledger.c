/* Journal, balances and payment references; see records.h. */
#include "store/tables.h"
#include "workers/market/records.h"

enum error balances_get(struct tx *tx, const char *account, const char *currency, int64_t *amount,
                        struct failure *failure) {
	struct cell keys[] = { cell_text(account), cell_text(currency) };
	struct record record;
	enum error error = tx_get(tx, &table_balances, keys, &record, failure);
	*amount = error == OK ? record.cells[BALANCES_AMOUNT].number : 0;
	return error == ERROR_NOT_FOUND ? OK : error;
}

static enum error change_balance(struct tx *tx, const struct posting *posting, struct failure *failure) {
	struct money balance = posting->amount;
	enum error error = balances_get(tx, posting->account, balance.currency, &balance.minor, failure);
	if (error == OK) {
		error = money_add(&balance, &posting->amount, &balance, failure);
	}
	if (error == OK && balance.minor < 0 && !ledger_may_be_negative(posting->account)) {
		error = fail(failure, ERROR_UNFUNDED, "the account %s would go below zero", posting->account);
	}
	if (error != OK) {
		return error;
	}
	struct record record = { .cells = { [BALANCES_ACCOUNT] = cell_text(posting->account),
	                                    [BALANCES_CURRENCY] = cell_text(balance.currency),
	                                    [BALANCES_AMOUNT] = cell_number(balance.minor) } };
	return tx_put(tx, &table_balances, &record, failure);
}

enum error journal_book(struct tx *tx, int64_t sequence, const struct entry *entry, struct failure *failure) {
	for (size_t i = 0; i < entry->count; i++) {
		const struct posting *posting = &entry->postings[i];
		enum error error = change_balance(tx, posting, failure);
		if (error != OK) {
			return error;
		}
		struct record record = { .cells = { [JOURNAL_SEQUENCE] = cell_number(sequence),
		                                    [JOURNAL_LINE] = cell_number((int64_t)i),
		                                    [JOURNAL_ACCOUNT] = cell_text(posting->account),
		                                    [JOURNAL_CURRENCY] = cell_text(posting->amount.currency),
		                                    [JOURNAL_AMOUNT] = cell_number(posting->amount.minor) } };
		error = tx_insert(tx, &table_journal, &record, failure);
		if (error != OK) {
			return error;
		}
	}
	return OK;
}

enum error payments_insert(struct tx *tx, struct slice name, struct slice reference, int64_t sequence,
                           struct failure *failure) {
	struct record record = { .cells = { [PAYMENTS_NAME] = cell_bytes(name),
	                                    [PAYMENTS_REFERENCE] = cell_bytes(reference),
	                                    [PAYMENTS_SEQUENCE] = cell_number(sequence) } };
	return tx_insert(tx, &table_payments, &record, failure);
}

enum error payments_find(struct tx *tx, struct slice name, struct slice reference, int64_t *sequence,
                         struct failure *failure) {
	struct cell keys[] = { cell_bytes(name), cell_bytes(reference) };
	struct record record;
	enum error error = tx_get(tx, &table_payments, keys, &record, failure);
	if (error == OK) {
		*sequence = record.cells[PAYMENTS_SEQUENCE].number;
	}
	return error;
}

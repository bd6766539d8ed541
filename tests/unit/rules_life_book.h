/* A ledger in memory: balances, and the journal from which they can be built again. For tests/unit/rules_life.c. */
#ifndef TROTH_TESTS_UNIT_RULES_LIFE_BOOK_H
#define TROTH_TESTS_UNIT_RULES_LIFE_BOOK_H

#include <stdlib.h>

#include "base/digest.h"
#include "rules/ledger.h"
#include "tests/lib/unit.h"

#define BOOK_ACCOUNTS (1 << 16) /* open addressing; more than half of it is never used */

struct book_account {
	char name[LEDGER_ACCOUNT_MAX];
	char currency[CURRENCY_SIZE];
	int64_t balance, rebuilt;
};

struct book {
	struct book_account accounts[BOOK_ACCOUNTS];
	size_t count;
	struct posting *journal;
	size_t journal_size, journal_room;
};

static inline void book_clear(struct book *book) {
	memset(book->accounts, 0, sizeof book->accounts);
	book->count = book->journal_size = 0;
}

/* The account's place: its own, or the free one where it would be opened. */
static inline struct book_account *book_find(struct book *book, const char *name, const char *currency) {
	uint64_t at = digest_64((uint64_t)currency[0] << 8 | (uint64_t)currency[1], slice_of_text(name));
	for (;; at++) {
		struct book_account *account = &book->accounts[at % BOOK_ACCOUNTS];
		bool own = strcmp(account->name, name) == 0 && strcmp(account->currency, currency) == 0;
		if (own || account->name[0] == '\0') {
			return account;
		}
	}
}

static inline int64_t book_balance(struct book *book, const char *name, const char *currency) {
	return book_find(book, name, currency)->balance;
}

static inline struct book_account *book_account(struct book *book, const char *name, const char *currency) {
	struct book_account *account = book_find(book, name, currency);
	if (account->name[0] == '\0') {
		book->count++;
		ck_assert_uint_lt(book->count, BOOK_ACCOUNTS / 2);
		memcpy(account->name, name, strlen(name) + 1);
		memcpy(account->currency, currency, CURRENCY_SIZE);
	}
	return account;
}


static inline void book_add(struct book *book, const struct entry *entry, int64_t sign) {
	for (size_t i = 0; i < entry->count; i++) {
		const struct posting *posting = &entry->postings[i];
		book_account(book, posting->account, posting->amount.currency)->balance += sign * posting->amount.minor;
	}
}

/* The account that the entry would overdraw, or NULL. */
static inline const char *book_overdrawn(struct book *book, const struct entry *entry) {
	const char *overdrawn = NULL;
	book_add(book, entry, 1);
	for (size_t i = 0; i < entry->count && overdrawn == NULL; i++) {
		const struct posting *posting = &entry->postings[i];
		bool below = book_balance(book, posting->account, posting->amount.currency) < 0;
		overdrawn = below && !ledger_may_be_negative(posting->account) ? posting->account : NULL;
	}
	book_add(book, entry, -1);
	return overdrawn;
}

static inline void book_post(struct book *book, const struct entry *entry) {
	book_add(book, entry, 1);
	if (book->journal_size + entry->count > book->journal_room) {
		book->journal_room = 2 * book->journal_room + LEDGER_POSTINGS_MAX;
		book->journal = realloc(book->journal, book->journal_room * sizeof *book->journal);
		ck_assert_ptr_nonnull(book->journal);
	}
	memcpy(book->journal + book->journal_size, entry->postings, entry->count * sizeof *entry->postings);
	book->journal_size += entry->count;
}

/* Every balance is the sum of its postings, and everything together is nothing. */
static inline bool book_is_rebuilt(struct book *book) {
	for (size_t i = 0; i < BOOK_ACCOUNTS; i++) {
		book->accounts[i].rebuilt = 0;
	}
	int64_t all = 0;
	for (size_t i = 0; i < book->journal_size; i++) {
		const struct posting *posting = &book->journal[i];
		book_account(book, posting->account, posting->amount.currency)->rebuilt += posting->amount.minor;
		all += posting->amount.minor;
	}
	bool same = all == 0;
	for (size_t i = 0; i < BOOK_ACCOUNTS; i++) {
		same = same && book->accounts[i].rebuilt == book->accounts[i].balance;
	}
	return same;
}

#endif

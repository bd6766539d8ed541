/* The reservation ledger: what each event books, as double-entry postings in whole minor units. Pure.
 *
 *     event        from                        to
 *     fund         brand/<name>/funded         brand/<name>/available
 *     offer opens  brand/<name>/available      offer/<id>/reserved          fee and agency fee, times slots
 *     agreement    offer/<id>/reserved         deal/<id>/held               one slot's share
 *     offer ends   offer/<id>/reserved         brand/<name>/available       what is left
 *
 * The account `funded` stands for the world outside: it goes below zero by what was ever attested, so that every entry
 * sums to zero per currency. All other accounts stay at zero or above. */
#ifndef TROTH_RULES_LEDGER_H
#define TROTH_RULES_LEDGER_H

#include "rules/money.h"

#define LEDGER_ACCOUNT_MAX 96 /* bytes of an account's name, with the NUL */
#define LEDGER_POSTINGS_MAX 4

struct posting {
	char account[LEDGER_ACCOUNT_MAX];
	struct money amount; /* signed */
};

struct entry {
	struct posting postings[LEDGER_POSTINGS_MAX];
	size_t count;
};

enum ledger_event { LEDGER_FUND, LEDGER_OPEN, LEDGER_AGREE, LEDGER_END, LEDGER_EVENT_COUNT };

/* The names that the accounts of an event are made of; those that it does not use may be empty. */
struct ledger_parties {
	struct slice brand;
	const uint8_t *offer_id; /* 32 bytes */
	const uint8_t *deal_id;  /* 32 bytes */
};

/* Makes the entry of an event. The amount must be more than nothing. */
void ledger_entry(enum ledger_event event, const struct ledger_parties *parties, const struct money *amount,
                  struct entry *out);

/* Writes the name of a brand's available account. `out` has LEDGER_ACCOUNT_MAX bytes. */
void ledger_available_account(struct slice brand, char out[LEDGER_ACCOUNT_MAX]);
void ledger_reserved_account(const uint8_t offer_id[32], char out[LEDGER_ACCOUNT_MAX]);

/* True if an account's balance may fall below zero: only those that stand for the world outside. */
bool ledger_may_be_negative(const char *account);

/* True if the entry sums to zero per currency. */
bool ledger_is_balanced(const struct entry *entry);

#endif

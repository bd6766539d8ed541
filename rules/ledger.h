/* The reservation ledger: what each event books, as double-entry postings in whole minor units. Pure.
 *
 *     event            from                        to
 *     fund             brand/<name>/funded         brand/<name>/available
 *     refund           brand/<name>/available      brand/<name>/funded
 *     offer opens      brand/<name>/available      offer/<id>/reserved        one share, times slots
 *     offer ends       offer/<id>/reserved         brand/<name>/available     what is left
 *     agreement        offer/<id>/reserved         deal/<id>/held             one slot's share
 *     slot reopens     deal/<id>/held              offer/<id>/reserved
 *     more is agreed   brand/<name>/available      deal/<id>/held
 *     less, or none    deal/<id>/held              brand/<name>/available
 *     earn, take back  deal/<id>/held              creator/<name>/earned      and the other way round
 *     fee, and back    deal/<id>/held              agency/fees                and the other way round
 *     pay              creator/<name>/earned       creator/<name>/paid
 *
 * A share is fee, highest commission and agency fee together. An entry is a list of such moves, under the note that
 * caused them. The account `funded` stands for the world outside: it goes below zero by what is attested, so that every
 * entry sums to zero per currency. All other accounts stay at zero or above. */
#ifndef TROTH_RULES_LEDGER_H
#define TROTH_RULES_LEDGER_H

#include "rules/money.h"

#define LEDGER_ACCOUNT_MAX 96 /* bytes of an account's name, with the NUL */
#define LEDGER_POSTINGS_MAX 12

struct posting {
	char account[LEDGER_ACCOUNT_MAX];
	struct money amount; /* signed */
};

struct entry {
	struct posting postings[LEDGER_POSTINGS_MAX];
	size_t count;
};

enum ledger_event {
	LEDGER_FUND,
	LEDGER_REFUND,
	LEDGER_OPEN,
	LEDGER_END,
	LEDGER_AGREE,
	LEDGER_REOPEN,
	LEDGER_MORE,
	LEDGER_LESS,
	LEDGER_EARN,
	LEDGER_UNEARN,
	LEDGER_FEE,
	LEDGER_UNFEE,
	LEDGER_PAY,
	LEDGER_EVENT_COUNT,
};

/* The names that the accounts of an event are made of; those that it does not use may be empty. */
struct ledger_parties {
	struct slice brand;
	const uint8_t *offer_id; /* 32 bytes */
	const uint8_t *deal_id;  /* 32 bytes */
	struct slice creator;
};

/* Makes the entry of an event. The amount must be more than nothing. */
void ledger_entry(enum ledger_event event, const struct ledger_parties *parties, const struct money *amount,
                  struct entry *out);

/* Adds the move of an event to an entry, which has room for LEDGER_POSTINGS_MAX / 2. Moving nothing adds nothing. */
void ledger_add(enum ledger_event event, const struct ledger_parties *parties, const struct money *amount,
                struct entry *out);

/* Write the names of accounts. `out` has LEDGER_ACCOUNT_MAX bytes. */
void ledger_available_account(struct slice brand, char out[LEDGER_ACCOUNT_MAX]);
void ledger_reserved_account(const uint8_t offer_id[32], char out[LEDGER_ACCOUNT_MAX]);
void ledger_held_account(const uint8_t deal_id[32], char out[LEDGER_ACCOUNT_MAX]);

void ledger_earned_account(struct slice creator, char out[LEDGER_ACCOUNT_MAX]);
void ledger_paid_account(struct slice creator, char out[LEDGER_ACCOUNT_MAX]);

/* True if an account's balance may fall below zero: only those that stand for the world outside. */
bool ledger_may_be_negative(const char *account);

/* True if the entry sums to zero per currency. */
bool ledger_is_balanced(const struct entry *entry);

#endif

/* The parts of the check of a store. Only workers/market/check*.c include it.
 *
 * Each part walks one table in short read transactions, so that a worker beside it is not held up, and pages that it
 * frees are used again. What is compared must therefore come from one and the same transaction: a deal with its notes,
 * a balance with its postings, and the accounts with all notes, of which the last ones are read right before. */
#ifndef TROTH_WORKERS_MARKET_CHECK_PARTS_H
#define TROTH_WORKERS_MARKET_CHECK_PARTS_H

#include "base/map.h"
#include "crypto/signed_note.h"
#include "rules/ledger.h"
#include "workers/market/bonds.h"
#include "workers/market/check.h"
#include "workers/market/records.h"
#include "workers/market/records_deals.h"

struct checking {
	const struct market *market;
	check_finding *tell;
	void *argument;
	struct check_result *result;
	struct tx *tx; /* of the present transaction */
	enum error error; /* of a part, beside those of the store's calls */
	struct failure *failure;
	struct map *rows;          /* check_rows.c: what the notes make of accounts */
	struct note *note, *offer; /* scratch space: too large for the stack */
	struct pack_document *document;
	int64_t expected; /* the next note's number */
	int64_t entry;    /* the journal entry that is being summed */
	struct map *sums; /* of it, by currency */
};

/* Tells one sentence. */
void check_find(struct checking *checking, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Walks a whole table in its order; `visit` gets the checking. `finish` (may be NULL) is run in the transaction of the
 * last records. */
enum error check_walk(struct checking *checking, const struct table *table, scan_function visit,
                      void (*finish)(struct checking *checking));

/* The parts, in their order. Each returns OK also when there were findings. */
enum error check_notes(struct checking *checking);
enum error check_offers(struct checking *checking);
enum error check_deals(struct checking *checking);
enum error check_ledger(struct checking *checking);
enum error check_all_parties(struct checking *checking);
enum error check_totals(struct checking *checking);
enum error check_sides(struct checking *checking);

/* Reads a stored note: false, and a finding, if it cannot be. `note` borrows from the transaction. */
bool check_read_note(struct checking *checking, const struct note_record *record, struct signed_note *split,
                     struct note *note);

/* ---- rows that follow from notes, kept in memory until they are compared with those of a table ---- */

/* The row of a table under this key, with all its cells, or NULL. Its numbers may be changed in place. */
struct cell *check_row(const struct checking *checking, const struct table *table, const struct cell *keys);

/* Puts a row (copied) in place of the one with this key, or takes it away. */
void check_row_put(struct checking *checking, const struct table *table, const struct cell *cells);
void check_row_remove(struct checking *checking, const struct table *table, const struct cell *keys);

/* Compares every row of a table with what was put. */
void check_rows_compare(struct checking *checking, const struct table *table);

/* ---- accounts ---- */

/* What a note, the next in order, makes of accounts, their keys, profiles and figures. */
void check_accounts_follow(struct checking *checking, const struct note_record *record, const struct note *note);

/* Whether the key of the note's signer `index` was one of the account when it was accepted; asked before the note is
 * followed. */
void check_accounts_signer(struct checking *checking, const struct note_record *record, const struct note *note,
                           size_t index);

/* Compares all of that with the tables. */
void check_accounts_compare(struct checking *checking);

/* Whether the accounts that a note concerns have it in their list. */
void check_parties(struct checking *checking, const struct note_record *record, const struct note *note);

/* ---- bonds of creators ---- */

/* The bonds that a deal's notes make; they borrow from the transaction. */
struct made_bonds {
	struct bond bonds[BONDS_MAX];
	size_t count;
};

/* Follows a step. It may use checking->note, which `note` may be, and which is then another note's. */
void check_bonds_follow(struct checking *checking, struct made_bonds *made, const struct deal *before,
                        const struct deal_row *after, const struct note *note, enum deal_event event);

/* Compares them with the deal's rows. */
void check_bonds_compare(struct checking *checking, const struct made_bonds *made, const struct deal_row *row);

/* ---- money ---- */

/* Whether the journal has just this under a note. */
bool check_is_booked(struct checking *checking, int64_t sequence, const struct entry *entry);

/* What a note that belongs to no deal books, and whether the journal says so; and its payment reference. */
void check_booking(struct checking *checking, const struct note_record *record, const struct note *note);

#endif

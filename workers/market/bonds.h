/* What binds a creator to a category, by a deal: from the agreement until the work is done and, where the text claims
 * the category for the brand, so long after the post. The table of bonds follows each step of a deal. */
#ifndef TROTH_WORKERS_MARKET_BONDS_H
#define TROTH_WORKERS_MARKET_BONDS_H

#include "rules/note.h"
#include "workers/market/records_deals.h"

#define BONDS_MAX 8         /* of one deal: its category and what it claims */
#define BOND_OPEN INT64_MAX /* as long as the deal runs */

struct bond {
	struct slice creator, category, brand; /* no bytes: the text names no category, so it may be any */
	int64_t deal; /* the number of its first note */
	bool is_exclusive;
	int64_t until;
};

/* What becomes of a deal's bonds by a step. */
enum bonds_change {
	BONDS_STAY,
	BONDS_BEGIN, /* those of the step's text are new */
	BONDS_RENEW, /* those of the step's text take the place of all others */
	BONDS_DATE,  /* those of the text whose terms hold get another end */
	BONDS_END,
};

/* `posted` is set for BONDS_DATE: when the content was posted or handed over, or 0 if that no longer counts. */
enum bonds_change bonds_change(const struct deal *before, const struct deal *after, enum deal_event event,
                               int64_t *posted);

/* The bonds that a text makes; they borrow from it and from the row. `posted` is 0 before the post. Returns how many
 * there are. */
size_t bonds_of_text(const struct note *text, const struct deal_row *row, int64_t posted, struct bond out[BONDS_MAX]);

/* Lets the table follow a change. `text` may be NULL for BONDS_STAY and BONDS_END. As in records.h, these functions run
 * inside a transaction and can return what the store's calls return. */
enum error bonds_write(struct tx *tx, enum bonds_change change, const struct note *text, const struct deal_row *row,
                       int64_t posted, struct failure *failure);

/* What stands in the table under a deal, BONDS_MAX at most; it borrows from the transaction, until that writes. */
enum error bonds_read(struct tx *tx, const struct deal_row *row, struct bond out[BONDS_MAX], size_t *count,
                      struct failure *failure);

/* What a new agreement is about to do. */
struct bonds_intent {
	struct slice creator, brand;
	struct slice category; /* no bytes: none is named, so it may be any */
	bool claims;           /* the category for the brand alone; else the creator works in it */
	int64_t now;
};

/* The first bond to another brand that stands against it: any in a category that is claimed, or in none; and an
 * exclusive one where the creator would work. ERROR_NOT_FOUND if there is none. */
enum error bonds_conflict(struct tx *tx, const struct bonds_intent *intent, struct bond *out, struct failure *failure);

#endif

/* What is known of an account by its deals: how many it has done, what the other sides think of them, and how often it
 * failed. The table of reputations follows each step of a deal. As in records.h, these functions run inside a
 * transaction and can return what the store's calls return. */
#ifndef TROTH_WORKERS_MARKET_REPUTATIONS_H
#define TROTH_WORKERS_MARKET_REPUTATIONS_H

#include "workers/market/market.h"
#include "workers/market/records_deals.h"

struct reputation {
	int64_t done;           /* deals that closed */
	int64_t stars, ratings; /* their sum, and how many they are */
	int64_t failed;         /* deals that lapsed by its silence, and posts that it took down early */
};

/* All zero where nothing is known of the account. */
enum error reputations_get(struct tx *tx, struct slice name, struct reputation *out, struct failure *failure);

/* What a deal adds to its brand's and to its creator's: nothing before it is over. Ratings count once both sides can
 * see them, which is when the deal closes; they are read with `scratch`. */
enum error reputations_of_deal(struct tx *tx, const struct market *market, const struct deal_row *row,
                               struct note *scratch, struct reputation out[ROLE_COUNT], struct failure *failure);

void reputation_add(struct reputation *sum, const struct reputation *more);

/* Lets the table follow a step. */
enum error reputations_follow(struct tx *tx, const struct market *market, const struct deal_row *before,
                              const struct deal_row *after, struct failure *failure);

#endif

/* What a step of a deal, or the end of an offer, changes in the store beside the note itself. */
#ifndef TROTH_WORKERS_MARKET_APPLY_EFFECTS_H
#define TROTH_WORKERS_MARKET_APPLY_EFFECTS_H

#include "workers/market/submission.h"

/* Finds what an offer still reserves: findings->paid and findings->amount. */
enum error offer_left(struct tx *tx, const struct note *offer, const uint8_t id[HASH_SIZE], struct findings *findings,
                      struct failure *failure);

/* Ends the offer of findings->offer: it takes no more agreements, and what it reserves becomes available. `state` is
 * OFFER_CLOSED or OFFER_OVER. The note names it by the key `offer`. */
enum error offer_end(struct tx *tx, struct submission *submission, int64_t state, struct failure *failure);

#endif

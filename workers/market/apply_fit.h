/* What a creator must be to agree to an offer, and may not be bound to. */
#ifndef TROTH_WORKERS_MARKET_APPLY_FIT_H
#define TROTH_WORKERS_MARKET_APPLY_FIT_H

#include "workers/market/submission.h"

/* Profile and figures against what the offer asks for. They are judged on the snapshot, and again only where they have
 * changed since. Sets findings->followers. ERROR_NOT_ELIGIBLE; ERROR_BUSY where they changed within the batch. */
enum error fit_check_eligible(struct tx *tx, const struct market *market, struct submission *submission,
                              struct failure *failure);

/* A new agreement must not work in a category that another brand has for itself, nor claim one for itself in which the
 * creator works for another brand. A text that names no category may be for any, so it is refused while there is an
 * exclusive bond. ERROR_EXCLUSIVITY; by what the creator is bound only the creator is told. */
enum error fit_check_bonds(struct tx *tx, const struct market *market, const struct submission *submission,
                           int64_t now, struct failure *failure);

#endif

/* What one market worker works with: made once at start, passed to everything else. */
#ifndef TROTH_WORKERS_MARKET_MARKET_H
#define TROTH_WORKERS_MARKET_MARKET_H

#include "base/pack.h"
#include "crypto/keys.h"
#include "rules/note.h"
#include "rules/report.h"
#include "store/store.h"
#include "workers/market/kept_offer.h"

struct market {
	struct store *store;
	const char *origin;                      /* the agency's, as in the first line of notes */
	char agency_signer[NOTE_SIGNER_MAX];     /* the name of the agency's signatures */
	const struct signing_key *agency_key;    /* countersigns agreements, signs lapses */
	struct pack_document *document;          /* scratch space for reading records */
	struct note *offer;                      /* scratch space for an offer's text */
	struct kept_offer *kept;                 /* the last one that was asked for */
	struct tier_bounds tiers;
};

#endif

/* What one market worker works with: made once at start, passed to everything else. */
#ifndef TROTH_WORKERS_MARKET_MARKET_H
#define TROTH_WORKERS_MARKET_MARKET_H

#include "crypto/keys.h"
#include "rules/note.h"
#include "store/store.h"

struct market {
	struct store *store;
	const char *origin;                      /* the agency's, as in the first line of notes */
	char agency_signer[NOTE_SIGNER_MAX];     /* the name of the agency's signatures */
	const struct signing_key *agency_key;    /* countersigns agreements */
};

#endif

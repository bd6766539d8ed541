/* `troth store check`: reads a whole store and tells whether it can be what it says. */
#ifndef TROTH_WORKERS_MARKET_CHECK_H
#define TROTH_WORKERS_MARKET_CHECK_H

#include "workers/market/market.h"

#define CHECK_FINDINGS_MAX 100 /* that are told: a damaged store can have millions */

struct check_result {
	uint64_t findings; /* all of them */
	int64_t notes, offers, deals;
	uint64_t records, bytes;
};

/* Gets one sentence, which names what is wrong; it is gone after the call. */
typedef void check_finding(void *argument, const char *sentence);

/* Checks, in this order: every record and index entry (store_check), and if these are good:
 *   notes     numbers without a gap, ids, signatures, the signers' keys; what each books; what they make of accounts,
 *             keys, enrolments, profiles and figures, row by row
 *   offers    their rows follow from their notes; as many slots are taken as deals need at least, and at most all; what
 *             is reserved is a share for each slot that is free
 *   deals     replayed from their notes by the rules: state, terms, money, deadline and every other member; the
 *             journal's entries of each note; what is held
 *   ledger    entries sum to zero, belong to a note, and give the balances; none is below zero that must not be
 *   lists     whom each note concerns
 *   totals    the sums over each brand's deals and offers
 * Runs beside workers that go on writing. Memory grows with the number of accounts, not of notes or deals. OK if the
 * store could be read through, also when there were findings; ERROR_NO_MEMORY. */
enum error check_store(const struct market *market, check_finding *tell, void *argument, struct check_result *result,
                       struct failure *failure);

#endif

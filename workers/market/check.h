/* `troth store check`: reads a whole store and tells whether it can be what it says. */
#ifndef TROTH_WORKERS_MARKET_CHECK_H
#define TROTH_WORKERS_MARKET_CHECK_H

#include "workers/market/market.h"

struct check_result {
	uint64_t findings;
	int64_t notes, offers, deals;
	uint64_t records, bytes;
};

/* Checks, in this order: every record and index entry (store_check); the notes' numbers without a gap, their ids and
 * signatures; that every offer's agreements are as many as it says and at most its slots; that the journal's entries
 * sum to zero, belong to a note, and give the balances; that no balance is below zero that must not be. Each finding
 * goes to standard error as one line. OK if it could be read through, also when there were findings. */
enum error check_store(const struct market *market, struct check_result *result, struct failure *failure);

#endif

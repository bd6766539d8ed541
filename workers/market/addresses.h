/* Where products go: sealed bytes that a creator leaves for the brand of a deal, until the product is on its way.
 *
 * They are no notes: they are in no log, can be replaced, and are gone once nobody needs them. What came at the same
 * time is stored in one transaction. */
#ifndef TROTH_WORKERS_MARKET_ADDRESSES_H
#define TROTH_WORKERS_MARKET_ADDRESSES_H

#include "base/pack.h"
#include "rules/deal.h"
#include "workers/market/batch.h"

struct address_order {
	uint8_t deal[HASH_SIZE];           /* the id of the agreement */
	uint8_t transport[FIELD_KEY_SIZE]; /* who asks */
	bool has_transport;
	struct slice sealed; /* borrowed until it is carried out */
	struct failure failure; /* OK: it is durable */
};

/* True from the agreement until the product has arrived, also while a dispute holds that up. */
bool address_is_needed(const struct deal *deal);

/* Reads the arguments of a request. ERROR_MALFORMED, ERROR_BAD_VALUE, ERROR_TOO_LONG. `out` borrows from them. */
enum error address_order_read(const struct pack_value *arguments, const uint8_t *transport, struct address_order *out,
                              struct failure *failure);

/* Carries orders out, each by itself: it is stored durably, or its failure says why not. ERROR_NOT_ADMITTED,
 * ERROR_NOT_FOUND (also for a deal of others), ERROR_NOT_ALLOWED, ERROR_WRONG_STATE, or what the store says. */
void addresses_run(const struct market *market, struct address_order *orders, size_t count);

#endif

/* Questions about the market, answered from short read transactions. */
#ifndef TROTH_WORKERS_MARKET_VIEWS_H
#define TROTH_WORKERS_MARKET_VIEWS_H

#include "base/pack.h"
#include "workers/market/market.h"

/* Who asks, and when. */
struct asker {
	const uint8_t *transport; /* the key that the broker has authenticated, or NULL */
	int64_t now;              /* seconds since 1970 */
};

/* Answers one question: appends a reply's body to `out`, good or refusing. `operation` is a word of the table in
 * views.c; `arguments` the map of the request. */
void views_answer(const struct market *market, const struct asker *asker, struct slice operation,
                  const struct pack_value *arguments, struct buffer *out);

#endif

/* Sums over a brand's deals, by campaign, tier and currency: kept as deals change, so that a report reads a few rows
 * however many deals there are. As in records.h, functions run inside a transaction. */
#ifndef TROTH_WORKERS_MARKET_TOTALS_H
#define TROTH_WORKERS_MARKET_TOTALS_H

#include "rules/report.h"
#include "workers/market/market.h"
#include "workers/market/records_deals.h"

#define TOTALS_BODY_VERSION 2

/* What a deal adds to the sums in this state. Pure. All zero before it is agreed. */
void totals_of_deal(const struct deal_row *row, struct measures *out);

/* The key columns of the row to which a deal or an offer counts; the cells borrow. */
void totals_deal_keys(const struct deal_row *row, struct cell keys[4]);
void totals_offer_keys(const struct note *offer, struct cell keys[4]);

/* *sum + *more - *less, each at most MEASURE_MAX. A sum that reaches MEASURE_MAX stays there for good, since nobody
 * knows by how much it was passed: below it, it is exact. */
void totals_change(struct measures *sum, const struct measures *more, const struct measures *less);

/* Whether stored sums can have come from these deals and offers, summed up by totals_change. */
bool totals_agree(const struct measures *stored, const struct measures *sum);

/* The sums follow a deal from one state to the next. */
enum error totals_follow(struct tx *tx, const struct market *market, const struct deal_row *before,
                         const struct deal_row *after, struct failure *failure);

/* One more offer of a brand. */
enum error totals_count_offer(struct tx *tx, const struct market *market, const struct note *offer,
                              struct failure *failure);

/* Reads a record of table_totals. ERROR_STORE_VERSION, ERROR_STORE_DAMAGED. */
enum error totals_from_record(const struct market *market, const struct record *record, struct report_row *out,
                              struct failure *failure);

#endif

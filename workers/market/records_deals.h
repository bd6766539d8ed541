/* Deals as the store keeps them, and the addresses that they need. As in records.h, functions run inside a transaction
 * and can return what the store's calls return. */
#ifndef TROTH_WORKERS_MARKET_RECORDS_DEALS_H
#define TROTH_WORKERS_MARKET_RECORDS_DEALS_H

#include "base/pack.h"
#include "rules/deal_pack.h"
#include "store/store.h"

#define DEAL_BODY_VERSION 1
#define CAMPAIGN_MAX 81
#define DEAL_BODY_MAX (DEAL_PACK_MAX + 1)

struct deal_row {
	int64_t sequence; /* of its first note; 0 while it is not stored */
	int64_t offer;    /* the offer's */
	int64_t followers;          /* of the creator when it was agreed, as attested; 0: not known */
	int64_t tier;                /* enum tier, as the settings were then */
	char campaign[CAMPAIGN_MAX]; /* deal_row_follow */
	struct deal deal;
};

/* ERROR_NOT_FOUND. The document is scratch space for reading. deals_find takes the id of any of
 * the deal's notes; deals_find_by_offer gives the latest deal that a creator has by an offer. */
enum error deals_get(struct tx *tx, struct pack_document *document, int64_t sequence, struct deal_row *out,
                     struct failure *failure);
enum error deals_find(struct tx *tx, struct pack_document *document, const uint8_t id[FIELD_HASH_SIZE],
                      struct deal_row *out, struct failure *failure);
enum error deals_find_by_offer(struct tx *tx, struct pack_document *document, int64_t offer, struct slice creator,
                               struct deal_row *out, struct failure *failure);
enum error deal_from_record(const struct record *record, struct pack_document *document, struct deal_row *out,
                            struct failure *failure);
enum error deals_put(struct tx *tx, const struct deal_row *row, struct failure *failure);

/* A row's campaign is that of the latest text until both sides are bound. `before` is the state in which the note
 * came. */
void deal_row_follow(struct deal_row *row, const struct note *note, enum deal_state before);

/* The record of a row, which borrows from it; its body is written to a buffer of DEAL_BODY_MAX. */
void deal_to_record(const struct deal_row *row, struct buffer *body, struct record *out);

#define ADDRESS_MAX 2048 /* sealed bytes */
enum error addresses_get(struct tx *tx, int64_t deal, struct slice *sealed, struct failure *failure);
enum error addresses_put(struct tx *tx, int64_t deal, struct slice sealed, struct failure *failure);
enum error addresses_delete(struct tx *tx, int64_t deal, struct failure *failure);

#endif

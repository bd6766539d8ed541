/* Where a deal is, in words: who must act until when, and what each ending would move. */
#ifndef TROTH_CLI_DEAL_WORDS_H
#define TROTH_CLI_DEAL_WORDS_H

#include "base/buffer.h"
#include "rules/deal.h"

/* States of an offer as doc/protocol.md numbers them. */
enum { OFFER_SHOWN_OPEN = 1, OFFER_SHOWN_FULL, OFFER_SHOWN_CLOSED, OFFER_SHOWN_OVER };

/* Appends "in 2 d 3 h", "in 5 min", "3 h ago", "now". */
void words_append_until(struct buffer *out, int64_t seconds);

/* Appends who must act, what, and until when: "the creator receives by 2026-11-30T10:00:00Z (in 2 d 3 h)"; for a deal
 * without a deadline what may be done still, or that it is over. */
void deal_append_next(struct buffer *out, const struct deal *deal, int64_t now);

/* The same in a few words for lists: "the creator receives (in 2 d 3 h)"; nothing where nobody in particular must
 * act. */
void deal_append_waiting(struct buffer *out, const struct deal *deal, int64_t now);

/* What the state of its offer forbids for a proposal: events as bits, and why, in words; NULL for an open offer. */
const char *deal_barred(const struct deal *deal, int64_t offer_state, uint32_t *events);

/* Appends what follows if nobody does anything until the deadline, with the money as the terms split it then. */
void deal_append_silence(struct buffer *out, const struct deal *deal);

/* Appends the way of the deal as a line of states, with brackets around where it is. */
void deal_append_way(struct buffer *out, const struct deal *deal);

/* Appends a line for every way in which the deal may end from here, with what the creator, the agency and the brand
 * would get; nothing where no money is held. */
void deal_append_endings(struct buffer *out, const struct deal *deal);

/* Appends what it costs this side, as a bit, to cancel the deal: a sentence with the same amounts. */
void deal_append_cancellation(struct buffer *out, const struct deal *deal, unsigned side);

#endif

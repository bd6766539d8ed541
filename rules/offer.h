/* What follows from an offer: the money that it reserves, whether it can be accepted, the agreement's text. Pure. */
#ifndef TROTH_RULES_OFFER_H
#define TROTH_RULES_OFFER_H

#include "rules/note.h"

/* What the store knows of an open offer, beside its text. */
struct offer_state {
	int64_t slots;
	int64_t taken;  /* agreements so far */
	int64_t closes; /* seconds since 1970 */
	bool closed;    /* by the brand */
};

/* What one agreement (or slot of an offer) promises: fee, highest commission and agency fee together. *paid is false
 * (and the share 0) for a mere gift. ERROR_OVERFLOW with the line of the fee, or of the commission if there is none. */
enum error offer_share(const struct note *offer, struct money *share, bool *paid, struct failure *failure);

/* What all slots together promise. ERROR_OVERFLOW with the same line. */
enum error offer_reservation(const struct note *offer, struct money *reservation, bool *paid, struct failure *failure);

/* Whether an offer may open now: it closes in the future, and `available` (of the reservation's currency) covers what
 * it reserves. ERROR_BAD_VALUE with the line, ERROR_UNFUNDED with both amounts. */
enum error offer_may_open(const struct note *offer, int64_t available, int64_t now, struct failure *failure);

/* Whether one more creator may agree now. ERROR_OFFER_CLOSED, ERROR_OFFER_EXPIRED, ERROR_OFFER_FULL. */
enum error offer_may_agree(const struct offer_state *state, int64_t now, struct failure *failure);

/* Appends the agreement that follows from an offer for this creator: every term repeated, in the agreement's order.
 * `brand` is the brand with the key that it has by now; NULL: as the offer says. `time` and `nonce` are written values.
 * The same arguments give the same bytes. */
enum error agreement_derive(const struct note *offer, const uint8_t offer_id[FIELD_HASH_SIZE],
                            const struct party *brand, const struct party *creator, struct slice time,
                            struct slice nonce, struct buffer *out, struct failure *failure);

/* Whether this agreement is, byte for byte, the one that follows from the offer. Where the brand is to sign the
 * text itself (any road but first-come), it may be named with another key than in the offer.
 * ERROR_TERMS_DIFFER with the first line that differs and what was expected there. `scratch` is cleared and used. */
enum error agreement_follows(const struct note *agreement, const struct note *offer,
                             const uint8_t offer_id[FIELD_HASH_SIZE], struct buffer *scratch, struct failure *failure);

#endif

/* A payment that is due, as the payment provider is told of it. */
#ifndef TROTH_CLI_PAYOUT_ROW_H
#define TROTH_CLI_PAYOUT_ROW_H

#include "cli/deal_view.h"

#define PAYOUT_KEY_SIZE 96 /* of the key below, with the NUL */

/* Identifies a payment: the deal's whole id, and what of it was booked as paid before, in minor units. So it stays the
 * same until the payment is booked, and no other one has it: the provider's key for paying once. Not a part of the id,
 * since who signs an agreement can choose its nonce until its id begins as another's. Returns `out`. */
const char *payout_key(const struct deal *deal, char out[PAYOUT_KEY_SIZE]);

/* Appends the heading, and the row of a deal of which something is to be paid. ERROR_MALFORMED if the deal is not one
 * of the view `payable`, or has earned more than the fee and the commission of the signed text can come to; nothing is
 * appended then. */
void payout_csv_head(struct buffer *out);
enum error payout_csv_row(struct buffer *out, const struct deal_view *view, struct failure *failure);

#endif

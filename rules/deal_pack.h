/* A deal as a MessagePack map: the same in the store, in answers and in reports.
 *
 * What is zero, empty or false is left out, so a row is short. A reader takes nothing for granted: numbers must be ones
 * that the rules can have made. */
#ifndef TROTH_RULES_DEAL_PACK_H
#define TROTH_RULES_DEAL_PACK_H

#include "base/pack.h"
#include "rules/deal.h"

#define DEAL_PACK_MAX 2048 /* bytes */

/* Appends the map. */
void deal_pack(struct buffer *out, const struct deal *deal);

/* Reads one. ERROR_MALFORMED with the key that is missing or wrong; keys that are not known are skipped. */
enum error deal_unpack(const struct pack_value *map, struct deal *out, struct failure *failure);

#endif

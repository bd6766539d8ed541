/* The lines between tiers of creators, as the agency draws them. */
#ifndef TROTH_CLI_TIERS_H
#define TROTH_CLI_TIERS_H

#include "base/buffer.h"
#include "base/pack.h"
#include "rules/report.h"

/* Reads them out of an answer's `tiers`. ERROR_MALFORMED. */
enum error tiers_read(const struct pack_value *map, struct tier_bounds *out, struct failure *failure);

/* Appends them in words: "nano is below 10000 followers, micro from 10000, …". */
void tiers_append(struct buffer *out, const struct tier_bounds *bounds);

#endif

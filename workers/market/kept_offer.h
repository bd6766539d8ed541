/* The offer that was parsed last, kept with its text: many agreements of a batch are by the same offer, and a text is
 * known by its id, so it cannot become another one. */
#ifndef TROTH_WORKERS_MARKET_KEPT_OFFER_H
#define TROTH_WORKERS_MARKET_KEPT_OFFER_H

#include "base/buffer.h"
#include "rules/note.h"

struct kept_offer;

/* NULL if memory is out. Freeing takes NULL too. */
struct kept_offer *kept_offer_new(void);
void kept_offer_free(struct kept_offer *kept);

/* Gives the parsed offer of this id; it borrows from what is kept, until another one is put. False if it is not the one
 * that is kept. */
bool kept_offer_get(const struct kept_offer *kept, const uint8_t id[FIELD_HASH_SIZE], struct note *out);

/* Parses an offer's text and keeps it: *out as by kept_offer_get. Errors as by note_parse, ERROR_NO_MEMORY; then none
 * is kept. */
enum error kept_offer_put(struct kept_offer *kept, const uint8_t id[FIELD_HASH_SIZE], struct slice text,
                          const char *origin, struct note *out, struct failure *failure);

#endif

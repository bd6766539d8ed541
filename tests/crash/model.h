/* The market once more, as simple as can be: the notes of the store are told to it in their order, it says which of
 * them could not stand there, and in the end what offers, deals and accounts must look like.
 *
 * It shares with the product the reading of texts (rules/note.h) and nothing else: what fits and what it costs it works
 * out by itself. One currency, USD. */
#ifndef TROTH_TESTS_CRASH_MODEL_H
#define TROTH_TESTS_CRASH_MODEL_H

#include "base/map.h"
#include "rules/note.h"

struct model;

/* Never NULL. Caller frees. */
struct model *model_new(void);
void model_free(struct model *model);

/* Tells it the next note, number 1 being the first. NULL if all is well, else what is wrong with it. */
const char *model_tell(struct model *model, const struct note *note, const uint8_t id[FIELD_HASH_SIZE]);

/* ---- what is so after all notes ---- */

bool model_reference_is_used(const struct model *model, struct slice brand, struct slice reference);
bool model_offer_is_full(const struct model *model, const uint8_t offer[FIELD_HASH_SIZE]);
bool model_has_agreed(const struct model *model, const uint8_t offer[FIELD_HASH_SIZE], struct slice creator);

/* The least that a brand had available after any note from number `since` on. */
int64_t model_least_available(const struct model *model, struct slice brand, int64_t since);

/* What an offer reserves when it opens; 0 for one without a fee. */
int64_t model_reservation(const struct note *offer);

/* The agreements of an offer; -1 if there is no such offer. */
int64_t model_taken(const struct model *model, const uint8_t offer[FIELD_HASH_SIZE]);

/* Balances, as int64_t * under the accounts' names, of all accounts that were ever booked on. */
const struct map *model_balances(const struct model *model);

#endif

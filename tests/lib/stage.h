/* A small market without processes, for tests of what the worker refuses: a cast of admitted accounts, offers that
 * differ in a few lines, texts that are changed on the way, questions to the views.
 *
 * Rests on tests/lib/inner_market.h. Whatever is not named stage_try… must succeed, or the test ends. */
#ifndef TROTH_TESTS_LIB_STAGE_H
#define TROTH_TESTS_LIB_STAGE_H

#include "base/pack.h"
#include "tests/lib/inner_market.h"

#define STAGE_BEGIN INT64_C(1795000000) /* seconds since 1970, in November 2026 */
#define STAGE_DAY 86400
#define PAIR(key, text) { key, { (const uint8_t *)(text), sizeof(text) - 1 } }
#define PAIRS(array) array, sizeof array / sizeof array[0]

/* olga and otto are operators, acme and bolt brands, the others creators. Acme has 100000.00 USD. */
enum stage_actor { OLGA, OTTO, ACME, BOLT, ANA, BEN, CLEO, STAGE_CAST };

struct stage {
	struct inner_market inner;
	struct inner_party cast[STAGE_CAST];
	struct pack_document *document; /* the latest answer */
	struct buffer answer;
};

void stage_open(struct stage *stage);

/* Every finding of the store's own check ends the test: whatever has happened must follow from the notes. */
void stage_close(struct stage *stage);

/* An account signs a note of this kind; `own` is the key by which the note names its signer, added to the pairs, or
 * NULL. */
struct inner_outcome stage_try(struct stage *stage, enum stage_actor actor, enum kind_id kind, const char *own,
                               const struct note_pair *pairs, size_t count);
void stage_sign(struct stage *stage, enum stage_actor actor, enum kind_id kind, const char *own,
                const struct note_pair *pairs, size_t count);

/* A step of a deal; the deal goes on only where it was accepted. */
struct inner_outcome stage_try_step(struct stage *stage, enum stage_actor actor, enum kind_id kind,
                                    struct inner_deal *deal, const struct note_pair *pairs, size_t count);
void stage_step(struct stage *stage, enum stage_actor actor, enum kind_id kind, struct inner_deal *deal,
                const struct note_pair *pairs, size_t count);

/* A good submission, approval, post and verification. */
void stage_deliver(struct stage *stage, enum stage_actor brand, enum stage_actor creator, struct inner_deal *deal);

/* A brand's offer for a reel, with 50 slots, open for 60 days, and more lines, such as those of a gift or a fee. Its
 * signed note goes to `out`, which is cleared. */
void stage_offer(struct stage *stage, enum stage_actor brand, const char *road, const struct note_pair *more,
                 size_t count, struct buffer *out);
extern const struct note_pair stage_gift[3], stage_fee[4];

/* The text that follows from an offer; `text` is cleared. */
void stage_derive(struct stage *stage, enum stage_actor creator, const struct buffer *offer, struct buffer *text);

/* Puts `to` where `from` stands first, which must stand there. */
void stage_change(struct buffer *text, const char *from, const char *to);

/* Adds the lines by which a text answers a proposal, or amends the agreement of a deal. */
void stage_replace(struct buffer *text, const struct inner_deal *proposal);
void stage_amend(struct buffer *text, const struct inner_deal *deal);

/* Signs a text; the deal is begun where it is accepted. `deal` may be NULL. */
struct inner_outcome stage_try_text(struct stage *stage, enum stage_actor actor, const struct buffer *text,
                                    struct inner_deal *deal);
void stage_text(struct stage *stage, enum stage_actor actor, const struct buffer *text, struct inner_deal *deal);

/* Replaces an account's keys by new ones, at once; after a refusal the old ones stay. `transport` is its new transport
 * key, NULL: a random one. */
struct inner_outcome stage_try_rekey(struct stage *stage, enum stage_actor actor, const uint8_t *transport);

/* The same, but the key so far is good for a while yet: `former` is the account with it, which the caller releases. */
void stage_rekey(struct stage *stage, enum stage_actor actor, const char *overlap, struct inner_party *former);

/* Olga ends a key; it is good for notes up to this one. */
void stage_revoke(struct stage *stage, enum stage_actor actor, int64_t valid_until);

/* Asks a question, with arguments that are text. OK fills `*ok` (which may be NULL) with the map of the answer, which
 * lives until the next question. */
enum error stage_ask(struct stage *stage, const uint8_t transport[FIELD_KEY_SIZE], const char *operation,
                     const struct note_pair *arguments, size_t count, const struct pack_value **ok);

#endif

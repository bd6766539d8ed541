/* Deals that never rest: many at a time take their steps, some wrong turns and some that race, and when one is over the
 * next begins.
 *
 *     agree ─► step, or two that race for the same place ─► … ─► closed, cancelled, ruled
 *
 * A step names only what was acknowledged, so a worker that refuses one has forgotten something, unless a rival has won
 * just then: of two rivals exactly one must be accepted. */
#ifndef TROTH_TESTS_CRASH_DEAL_LOAD_H
#define TROTH_TESTS_CRASH_DEAL_LOAD_H

#include "rules/deal.h"
#include "tests/crash/history.h"
#include "tests/lib/notes.h"

/* A deal as far as it was acknowledged. */
struct course {
	struct thread thread;
	enum deal_state state; /* DEAL_NONE: not agreed yet */
	const struct actor *creator;
	bool is_paid;
	int revisions;
	unsigned rated;                  /* BY_BRAND, BY_CREATOR */
	bool disputed; /* in this state already */
	size_t under_way, accepted;      /* notes of this step */
	const struct move *moves[2];     /* that they make */
	const struct sent_note *sent[2];
};

struct deal_load;

/* Admits brand and creators, and waits until that is done. Borrows its arguments; *random is the state of
 * tests/lib/random.h. So many deals at a time. Caller frees. */
struct deal_load *deal_load_new(const struct agency_process *agency, struct history *history, uint32_t *random,
                                size_t deals);
void deal_load_free(struct deal_load *load);

/* Sends until the window is full, if `sending`, and takes the answers that come within a moment. */
void deal_load_turn(struct deal_load *load, bool sending);

/* True while answers are outstanding. */
bool deal_load_is_waiting(const struct deal_load *load);

/* The deal that was agreed under this id; NULL: none. */
const struct course *deal_load_find(const struct deal_load *load, const uint8_t id[HASH_SIZE]);

struct deal_counts {
	size_t begun, ended, steps, rivals;
};
struct deal_counts deal_load_counts(const struct deal_load *load);

#endif

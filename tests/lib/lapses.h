/* What the agency's clock has said: all lapses of deals, in the order in which they were recorded.
 *
 * Checks by Check what a test may rely on, so these functions are for tests that run under it. */
#ifndef TROTH_TESTS_LIB_LAPSES_H
#define TROTH_TESTS_LIB_LAPSES_H

#include "tests/lib/notes.h"

#define LAPSES_MAX 2000
#define LAPSES_CHAIN_MAX 3

struct lapse {
	uint8_t deal[HASH_SIZE];
	enum deadline deadline;
	int64_t due;
};

struct lapses {
	struct lapse items[LAPSES_MAX];
	size_t count;
};

/* Reads them by the connection of an operator. */
void lapses_read(struct lapses *lapses, struct client *client, const struct agency_process *agency);

/* The lapses of a deal are just these, up to DEADLINE_NONE, each due after the one before it; `name` says in a failure
 * which deal it is. */
void lapses_check(const struct lapses *lapses, const struct thread *thread,
                  const enum deadline chain[LAPSES_CHAIN_MAX], const char *name);

#endif

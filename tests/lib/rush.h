/* Notes that come over several connections at the same moment, and what is said to each.
 *
 * What cannot go wrong in a sound machine ends the test. For one thread only. */
#ifndef TROTH_TESTS_LIB_RUSH_H
#define TROTH_TESTS_LIB_RUSH_H

#include "tests/lib/market.h"

#define RUSH_CLIENTS 8

struct rush {
	const struct agency_process *agency; /* borrowed */
	struct client *clients[RUSH_CLIENTS];
};

/* Connects RUSH_CLIENTS actors, admitted or not: anybody may carry a signed note. */
void rush_open(struct rush *rush, const struct agency_process *agency, const struct actor *actors);
void rush_close(struct rush *rush);

/* Sends note i over connection i modulo RUSH_CLIENTS, all before the first answer is taken, and returns when each has
 * its outcome. */
void rush_submit(struct rush *rush, const struct buffer *notes, size_t count, struct outcome *outcomes);

#endif

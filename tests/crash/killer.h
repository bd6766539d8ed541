/* Kills broker, workers and `troth up` with -9, one at a time and at random, and sees that what was killed comes back.
 *
 *     resting -- so many notes acknowledged since --> killed -- replaced --> counted, resting
 *
 * A kill counts if the process was alive, its end was seen, and another one has taken its place. Nothing here waits for
 * the system to recover: the load goes on meanwhile. */
#ifndef TROTH_TESTS_CRASH_KILLER_H
#define TROTH_TESTS_CRASH_KILLER_H

#include "tests/lib/market.h"

#define KILLER_WORKERS 2 /* that the agency runs */

enum victim { VICTIM_BROKER, VICTIM_WORKER, VICTIM_UP, VICTIM_COUNT };

struct killer {
	struct agency_process *agency; /* borrowed; its `up` is replaced when it was killed */
	uint32_t *random;              /* borrowed; tests/lib/random.h */
	enum victim victim;
	bool resting;
	pid_t killed;        /* a broker or worker that has not been replaced yet */
	int64_t struck_ms;
	int64_t looked_ms;   /* when the processes were last looked at */
	size_t until;        /* acknowledgements at which it strikes next */
	size_t kills[VICTIM_COUNT];
	int64_t slowest_ms[VICTIM_COUNT]; /* replacement */
};

extern const char *const victim_words[VICTIM_COUNT];

void killer_init(struct killer *killer, struct agency_process *agency, uint32_t *random);

/* Does what is due, given how many notes are acknowledged by now. A replacement that does not come is a finding. */
void killer_turn(struct killer *killer, size_t acknowledged);

/* The kills that count. */
size_t killer_count(const struct killer *killer);

#endif

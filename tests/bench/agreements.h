/* Agreements through a whole agency: everything is made and signed beforehand, only the requests are timed. */
#ifndef TROTH_TESTS_BENCH_AGREEMENTS_H
#define TROTH_TESTS_BENCH_AGREEMENTS_H

#include "tests/lib/market.h"

#define STAGE_CREATORS 200
#define STAGE_SLOTS STAGE_CREATORS /* of each offer: every creator accepts it once */

/* An agency whose market is full of open offers, and the signed acceptances that have not been sent yet. */
struct stage {
	struct agency_process agency; /* stopped but for the time of a run */
	int workers;
	struct actor brand, operator, creators[STAGE_CREATORS];
	struct buffer *acceptances; /* signed notes, first the gifted ones, then the paid, each part in random order */
	struct buffer *requests;    /* the bodies that carry them */
	size_t gifted, paid;
};

/* Makes it: accounts, money, offers, acceptances. Takes a few seconds. */
void stage_set(struct stage *stage, int workers, size_t gifted, size_t paid);
void stage_strike(struct stage *stage);

struct run {
	double per_second;       /* answers, from the first window to before the last one */
	int64_t p50_ns, p99_ns;  /* from sending the request to having its answer */
	double batch;            /* agreements per commit, as the workers tell at their end */
	double processor_ns;     /* processor time per agreement, of the agency's processes and of the client */
	double idle, others;     /* share of all processors that did nothing, or worked for other programs */
	size_t note_size;        /* bytes of the first acceptance's text; as stored; of its request's and reply's bodies */
	size_t stored_size, request_size, reply_size;
};

/* Starts the agency, sends the acceptances [first, first + count) with up to `window` of them under way, and stops it.
 * Ends the program unless each of them was accepted and countersigned. */
void stage_run(struct stage *stage, size_t first, size_t count, size_t window, struct run *out);

#endif

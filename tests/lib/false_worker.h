/* An agency's worker that lies: it stands behind a real broker of its own, passes each request on to the honest agency,
 * and changes bytes on the way, in the question or in the answer.
 *
 * So a lie is all of a true answer but for what the test says, and keeps its form: what is put in has the length of
 * what it takes the place of. For tests under Check. What cannot go wrong in a sound machine ends the test. */
#ifndef TROTH_TESTS_LIB_FALSE_WORKER_H
#define TROTH_TESTS_LIB_FALSE_WORKER_H

#include "tests/lib/broker_process.h"
#include "tests/lib/market.h"

#define FALSE_SWAPS_MAX 8
#define FALSE_CLIENTS_MAX 2

enum false_side { FALSE_QUESTION, FALSE_ANSWER };

/* Wherever `from` stands, `to` is written over it. `to` may be longer: then it covers what follows. */
struct false_swap {
	enum false_side side;
	struct slice from, to;
};

struct false_worker {
	struct broker_process broker;
	struct identity identity;                       /* by which its broker knows it */
	const struct agency_process *agency;            /* to which requests are passed on */
	const struct actor *clients[FALSE_CLIENTS_MAX]; /* who may ask, in whose names it passes them on */
	size_t *submitted;                              /* notes and addresses passed on; told by the other process */
	pid_t process;
};

/* Starts the broker. Release with false_worker_release. */
void false_worker_make(struct false_worker *worker, const struct agency_process *agency, const struct actor *first,
                       const struct actor *second);
void false_worker_release(struct false_worker *worker);

/* A copy of a home that takes the false broker for the agency's. */
const char *false_home(const struct false_worker *worker, const char *home);

/* Serves with these lies, from a process of its own, until the stop. */
void false_worker_start(struct false_worker *worker, const struct false_swap *swaps, size_t count);
void false_worker_stop(struct false_worker *worker);

#endif

/* The agency's clock: what is due is said by notes of kind lapse, which the agency signs and applies like others.
 *
 * One worker runs it for all: whoever holds the lock of the store's folder. The lock ends with the process, however
 * that ends, and then another worker takes over. After a time without any worker it catches up in the order in which
 * things were due. */
#ifndef TROTH_WORKERS_MARKET_TIMERS_H
#define TROTH_WORKERS_MARKET_TIMERS_H

#include "workers/market/batch.h"

struct timers;

/* `folder` is the store's. NULL if memory is out. */
struct timers *timers_new(const struct market *market, const char *folder);
void timers_free(struct timers *timers);

struct timers_moment {
	int64_t wall;   /* seconds since 1970: what is due */
	int64_t steady; /* milliseconds of a clock that never jumps: for how long something is left aside */
};

/* Signs a lapse note for each deadline that has passed and adds it to the empty batch: at most BATCH_MAX, the earliest
 * first. The notes live until the next call. *count is 0 where nothing is due, or another worker runs the clock. A deal
 * or offer that cannot be read is passed over, and told of in the log once. */
enum error timers_collect(struct timers *timers, struct batch *batch, struct timers_moment now, size_t *count,
                          struct failure *failure);

/* What was collected last was refused, all of it. The first time that may be because another worker was faster: false,
 * and the caller looks again at once. If the same is refused once more it is left aside, with whatever was due before
 * it, for TIMERS_ASIDE_MS, so that it keeps nothing else from its time: true. */
#define TIMERS_ASIDE_MS 60000
bool timers_set_aside(struct timers *timers);

#endif

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

/* Signs a lapse note for each deadline that has passed and adds it to the empty batch: at most BATCH_MAX, the earliest
 * first. The notes live until the next call. *count is 0 where nothing is due, or another worker runs the clock. */
enum error timers_collect(struct timers *timers, struct batch *batch, int64_t now, size_t *count,
                          struct failure *failure);

/* What was collected last was refused: leaves it, and whatever was due before it, aside for TIMERS_ASIDE_S, so that it
 * keeps nothing else from its time. */
#define TIMERS_ASIDE_S 60
void timers_set_aside(struct timers *timers);

#endif

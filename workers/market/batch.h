/* A batch of submitted notes: verified side by side, applied in one transaction, committed once, then answered. */
#ifndef TROTH_WORKERS_MARKET_BATCH_H
#define TROTH_WORKERS_MARKET_BATCH_H

#include "workers/market/submission.h"

#define BATCH_MAX 256

struct batch;

struct batch *batch_new(const struct market *market); /* NULL if memory is out */
void batch_free(struct batch *batch);

/* Takes up the next note of the batch, of which there may be BATCH_MAX. `bytes` must stay until batch_run is done. */
void batch_add(struct batch *batch, struct slice bytes, int64_t now);

/* Applies what was added. Afterwards each submission is REFUSED, KNOWN or ACCEPTED, and what is accepted is durable. */
void batch_run(struct batch *batch, int64_t now);

size_t batch_count(const struct batch *batch);
const struct submission *batch_submission(const struct batch *batch, size_t index);

/* Empties the batch. */
void batch_clear(struct batch *batch);

#endif

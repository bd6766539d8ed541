/* Memory of one transaction: taken in small pieces, given back all at once.
 *
 * What the transaction hands out points in here, so nothing is freed or moved before arena_clear. */
#ifndef TROTH_STORE_ARENA_H
#define TROTH_STORE_ARENA_H

#include "base/slice.h"

struct arena_chunk;

struct arena {
	struct arena_chunk *newest; /* leads to the older ones */
	size_t taken;               /* bytes, since the last clear */
	size_t maximum;             /* bytes that may be taken between two clears */
};

/* Allocates nothing. Release with arena_release. */
void arena_init(struct arena *arena, size_t maximum);

/* Memory for any type, not initialised; NULL if the maximum is passed or memory is out. */
void *arena_take(struct arena *arena, size_t size);

/* A copy of the bytes that lives until the next clear. False if there is no memory for it. */
bool arena_copy(struct arena *arena, struct slice bytes, struct slice *out);

/* Takes everything back, but keeps one chunk of memory for the next transaction. */
void arena_clear(struct arena *arena);

void arena_release(struct arena *arena);

#endif

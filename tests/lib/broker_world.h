/* The broker's pure core in a world of words: unit tests talk with it in golden frames.
 *
 * A message is written as its frames with bars between: "MDPC02|01|echo|id|hello". A frame of two digits from 01 to 06
 * is that one byte. "#3/c" is the address that the broker made with its third token for client c. A refusal by the
 * broker is written as its word in braces: "{busy}". A peer's transport key is its name's first letter, 32 times: the
 * keys of v and w may serve echo, that of x other, and a careless list lets w serve mmi.service. Time passes only by
 * world_passes and world_stands_still. */
#ifndef TROTH_TESTS_LIB_BROKER_WORLD_H
#define TROTH_TESTS_LIB_BROKER_WORLD_H

#include "broker/core.h"

#define WORLD_TEXT_MAX 512
#define WORLD_HEARTBEAT 1000 /* the core's limits: */
#define WORLD_QUEUE 3000
#define WORLD_TICK 100

/* A fresh core, the only one; after it world_end. */
void world_begin(int64_t waiting_max, int64_t waiting_bytes_max, int64_t deliveries_max);
void world_end(void);

/* A peer sends a message; `letter` gives it another key than its own. */
void says(const char *peer, const char *frames);
void says_with_key(const char *peer, char letter, const char *frames);

/* The next thing that the core sent must be this: the peer, a bar, the frames. */
void hears(const char *expected);
void nobody_hears_more(void);

/* Does not look at what was sent so far. */
void let_pass_unheard(void);

/* What was sent last. */
const char *last_heard(void);

/* A worker says READY and is greeted. */
void comes(const char *peer, const char *ready);

/* From now on nothing can be sent to this peer ("": to none): it is gone, or it does not read. */
void is_lost(const char *peer);
void is_full(const char *peer);

/* Time passes, with ticks; or all at once, with one. */
void world_passes(int64_t milliseconds);
void world_stands_still(int64_t milliseconds);

/* The broker stops. */
void world_stops(void);

uint64_t count_of(enum core_counter counter);
struct core_state state_now(void);
unsigned times_told(const char *event);

/* No request is kept. */
void core_keeps_nothing(void);

#endif

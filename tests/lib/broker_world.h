/* The broker's pure core in a world of words: unit tests talk with it in golden frames.
 *
 * A message is written as its frames with bars between: "MDPC02|01|echo|id|hello". Frames that are not plain text:
 *     01 … 06        that one byte
 *     #3/c           the address that the broker made with its third token for client c
 *     *12            the first and the second token, as a heartbeat names them
 *     ^b250:id       a header: priority i or b, milliseconds to live, the request's own id
 *     $2             the second ticket
 *     {busy} {ok}    a refusal by its word, an answer of the service `broker`
 * A peer's transport key is its name's first letter, 32 times: the keys of v and w may serve echo, that of x other, o
 * is an operator, y may serve a"b\c, and a careless list lets w serve mmi.service. Time passes only by world_passes and
 * world_stands_still; what the broker keeps is durable after world_commits. */
#ifndef TROTH_TESTS_LIB_BROKER_WORLD_H
#define TROTH_TESTS_LIB_BROKER_WORLD_H

#include "broker/core.h"

#define WORLD_TEXT_MAX 512
#define WORLD_HEARTBEAT 1000 /* the core's limits, unless a test asks for others: */
#define WORLD_LEASE 6000
#define WORLD_QUEUE 3000
#define WORLD_BACKOFF 200    /* without the jitter, which this world's random numbers make 0 */
#define WORLD_BACKOFF_MAX 1000
#define WORLD_TICKET 60000
#define WORLD_TICK 100
#define WORLD_COMMIT_US 1500000 /* that a commit takes, in the metrics */

/* The limits of this world, for a test to change. */
struct core_limits world_limits(void);

/* A fresh core, the only one, with these limits (NULL: those of this world); after it world_end. */
void world_begin(const struct core_limits *limits);
void world_end(void);

/* Ends the world that is there and begins one with these limits. */
void world_begins_anew(const struct core_limits *limits);

/* A peer sends a message; `letter` gives it another key than its own. */
void says(const char *peer, const char *frames);
void says_with_key(const char *peer, char letter, const char *frames);

/* An operator or client asks; the last frame is this body. */
void says_body(const char *peer, const char *frames, struct slice body);

/* The next thing that the core sent must be this: the peer, a bar, the frames. */
void hears(const char *expected);
void nobody_hears_more(void);

/* Does not look at what was sent so far. */
void let_pass_unheard(void);

/* What was sent last: as text, its last frame as bytes, and the time to retry of the last refusal. */
const char *last_heard(void);
struct slice last_body(void);
unsigned last_retry(void);

/* A worker says READY and is greeted. */
void comes(const char *peer, const char *ready);

/* From now on nothing can be sent to this peer ("": to none): it is gone, or it does not read. */
void is_lost(const char *peer);
void is_full(const char *peer);

/* Its connection ends. */
void hangs_up(const char *peer);

/* The keys of this letter may do nothing any more, and the broker reads its lists again. */
void is_forbidden(char letter);

/* Time passes, with ticks; or all at once, with one. */
void world_passes(int64_t milliseconds);
void world_stands_still(int64_t milliseconds);

/* What was kept becomes durable, or does not; true if there was something. */
bool world_commits(void);
bool world_cannot_commit(void);

/* The broker is killed and started again: it knows what was durable. */
void world_restarts(void);

/* What was stored of the first ticket as a request cannot be read any more. */
void world_damages_first_ticket(void);

/* The broker is told to take no new work; it stops. */
void world_drains(void);
void world_stops(void);

uint64_t count_of(enum core_counter counter);
struct core_state state_now(void);
unsigned times_told(const char *event);

/* No request is kept. */
void core_keeps_nothing(void);

#endif

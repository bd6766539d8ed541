/* The broker's pure core under a seeded random life, beside a small model of what it has promised.
 *
 * Thousands of clients ask, in Majordomo 0.1 and 0.2, by tickets too; hundreds of workers come, answer, are slow, fall
 * silent, die, steal tokens, are forbidden; messages are lost, late, repeated and out of order; commits fail; operators
 * pause, drain, retry and drop; the broker crashes. With each message that the core sends, and between events, the
 * model checks:
 *   - an accepted request gets exactly one FINAL, the right one or a refusal for a reason that holds, and nothing more;
 *   - a ticket is acknowledged after its commit, and from then on answered, dead or closed, never lost, by no crash;
 *   - no request is held under two leases, none is handed out too often, too early, or when nobody wants it any more;
 *   - windows, bounds and rates hold, and nobody is refused within them;
 *   - clients take turns, batch requests get their share, and nothing waits while a worker has room;
 *   - no worker is given up without a cause, and none that is gone is kept;
 *   - the core's numbers are the model's, and all are 0 in the end.
 * A failure ends the test with the seed and the event's number. */
#ifndef TROTH_TESTS_LIB_LIFE_H
#define TROTH_TESTS_LIB_LIFE_H

#include <stdbool.h>
#include <stdint.h>

/* Plays a life of so many events, and lets everything settle in the end: by stopping the broker, or by serving all.
 * `is_told` prints what has happened. */
void life_play(uint32_t seed, uint32_t events, bool is_told);

#endif

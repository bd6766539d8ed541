/* Brands, creators and an operator who keep an agency busy: they enrol, are admitted, fund, offer and accept at random,
 * send again what they have sent before, and wait for many answers at a time.
 *
 * A note refers only to what was acknowledged, so a worker that does not know it has forgotten it. */
#ifndef TROTH_TESTS_CRASH_LOADER_H
#define TROTH_TESTS_CRASH_LOADER_H

#include "tests/crash/history.h"

struct loader;

/* Borrows its arguments; *random is the state of tests/lib/random.h. Caller frees. */
struct loader *loader_new(const struct agency_process *agency, struct history *history, uint32_t *random);
void loader_free(struct loader *loader);

/* Sends until the window is full, if `sending`, and takes the answers that come within a moment. */
void loader_turn(struct loader *loader, bool sending);

/* True while answers are outstanding. */
bool loader_is_waiting(const struct loader *loader);

#endif

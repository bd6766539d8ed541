/* A queued request that every worker dies of, among others that are harmless. */
#ifndef TROTH_TESTS_CRASH_POISON_H
#define TROTH_TESTS_CRASH_POISON_H

#include "tests/crash/fleet.h"

/* Starts the first broker with a limit of few deliveries (nothing of the fleet may run) and fragile workers one after
 * the other. The poison must become a dead letter after just so many dead workers, and stay one when the broker is
 * killed; all others must be answered. */
void poison_run(struct fleet *fleet);

#endif

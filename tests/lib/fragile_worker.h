/* A worker that one certain request kills: for tests of what a broker does with it.
 *
 * It serves FRAGILE_SERVICE and answers every body with the same body, but FRAGILE_POISON ends its process at once, in
 * the middle of what else it holds. */
#ifndef TROTH_TESTS_LIB_FRAGILE_WORKER_H
#define TROTH_TESTS_LIB_FRAGILE_WORKER_H

#include "wire/client.h"

#define FRAGILE_SERVICE "fragile"
#define FRAGILE_POISON "poison"
#define FRAGILE_WINDOW 4
#define FRAGILE_EXIT_STATUS 86 /* after the poison */

/* Serves until a signal or the poison ends the process. Its transport key must be listed at the broker. */
_Noreturn void fragile_worker_serve(const struct client_broker *broker, const struct identity *identity);

#endif

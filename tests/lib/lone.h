/* The broker and the workers of an agency one by one, without `troth up`: for tests in which one of them is missing.
 * The agency's own processes must have been stopped (agency_stop). Free the process with process_free. */
#ifndef TROTH_TESTS_LIB_LONE_H
#define TROTH_TESTS_LIB_LONE_H

#include "tests/lib/market.h"

/* Waits until it listens. */
struct process *lone_broker(const struct agency_process *agency);

/* Does not wait for anything. */
struct process *lone_worker(const struct agency_process *agency);

/* Appends lines to a file of the agency's home, such as broker.ini. */
void lone_append(const struct agency_process *agency, const char *file, const char *lines);

#endif

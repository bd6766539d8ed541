/* What `troth up` and its children have written to standard error. */
#ifndef TROTH_TESTS_CRASH_LOG_H
#define TROTH_TESTS_CRASH_LOG_H

#include "tests/lib/market.h"

/* To be called when the agency's `up` has ended: appends what it has written to up.log in the agency's home, and
 * reports a child that ended otherwise than by SIGKILL, since nobody has asked it to. */
void log_take(const struct agency_process *agency);

#endif

/* What is left in a broker's durable queue. */
#ifndef TROTH_TESTS_CRASH_QUEUE_REST_H
#define TROTH_TESTS_CRASH_QUEUE_REST_H

#include <stddef.h>

/* Opens the folder of a queue whose broker must have ended, and counts its tickets. A dead letter is a finding. */
size_t queue_rest(const char *folder);

#endif

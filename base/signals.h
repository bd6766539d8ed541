/* Signals as a readable file descriptor, so that an event loop can wait for them with everything else. */
#ifndef TROTH_BASE_SIGNALS_H
#define TROTH_BASE_SIGNALS_H

#include "base/error.h"

/* Blocks SIGTERM, SIGINT, SIGHUP and SIGCHLD for the process and returns a descriptor that becomes readable when one
 * is pending; SIGPIPE is ignored. Call before any thread is started. ERROR_SYSTEM. Caller closes the descriptor. */
enum error signals_open(int *fd, struct failure *failure);

/* The number of one pending signal, or 0 if there is none. Never waits. */
int signals_take(int fd);

/* Undoes the blocking; for a child between fork and exec. */
void signals_restore(void);

#endif

/* How the core's notices and counters become log lines. */
#ifndef TROTH_BROKER_NOTICE_H
#define TROTH_BROKER_NOTICE_H

#include "broker/access.h"
#include "broker/core.h"

/* Logs one event; a listed key is named too. */
void notice_log(const struct access *access, const struct core_notice *notice);

/* Logs every counter that is not zero, one event each. */
void notice_log_counts(const struct core *core);

#endif

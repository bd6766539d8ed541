/* The broker's metrics as text. */
#ifndef TROTH_BROKER_METRICS_H
#define TROTH_BROKER_METRICS_H

#include "base/buffer.h"
#include "broker/core.h"

#define METRICS_MAX 261120 /* bytes; they must fit into an answer */

/* Appends all metrics in the text format of Prometheus. */
void metrics_write(const struct core *core, const struct core_surroundings *around, struct buffer *out);

#endif

/* Log lines about what peers do: each peer and event once, and never more lines than a person can read.
 *
 * A peer is a key or an address. Who was logged is forgotten after an hour, or when there are too many; a bucket of
 * lines, filled slowly, bounds what any number of peers can cause. What it held back is counted in its own line. */
#ifndef TROTH_WIRE_PEER_LOG_H
#define TROTH_WIRE_PEER_LOG_H

#include <stdbool.h>
#include <stdint.h>

struct peer_log;
struct peer_log *peer_log_new(void); /* NULL if memory is out */
void peer_log_free(struct peer_log *log);

/* Writes a warning with the fields reason and peer, unless this was said of this peer, or too much was said lately.
 * `peer` is text, cut at 100 bytes. True if it was written. */
bool peer_log_warn(struct peer_log *log, const char *event, const char *reason, const char *peer, int64_t now);

/* Call it often: writes how many lines were held back, if any were. */
void peer_log_tend(struct peer_log *log, int64_t now);

#endif

/* Notes that go by a broker's durable queue: for later, when a worker is there. */
#ifndef TROTH_CLI_QUEUE_H
#define TROTH_CLI_QUEUE_H

#include "cli/ticket.h"

/* Puts a signed note into the queue of the first broker that answers, and remembers the ticket in the home.
 * ERROR_NO_WORKER if no broker has a durable queue, ERROR_UNREACHABLE, ERROR_BUSY, ERROR_STORE_FULL. */
enum error queue_put(struct home *home, const struct settings *settings, const struct parcel *parcel,
                     struct ticket *ticket, struct failure *failure);

/* The position of the broker that holds a ticket in the home's join file. ERROR_CONFIG if it is not there any more. */
enum error queue_find_broker(const struct join *join, const struct ticket *ticket, size_t *index,
                             struct failure *failure);

/* Says under which ticket a note is queued and how to see what becomes of it. */
void queue_say(const struct settings *settings, const struct ticket *ticket);

#endif

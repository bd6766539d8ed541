/* What the files of the durable queue share. */
#ifndef TROTH_BROKER_QUEUE_H
#define TROTH_BROKER_QUEUE_H

#include "broker/state.h"
#include "wire/titanic.h"

/* A ticket that is not committed yet, in memory; NULL if memory is out. */
struct ticket *queue_add(struct core *core, const struct ticket_record *record);

/* True if a ticket of so many bytes of this client fits into the bounds. */
bool queue_has_room(const struct core *core, const uint8_t client[TRANSPORT_KEY_SIZE], size_t bytes);

/* Hands a change of the ticket to the next commit; `frames` may be NULL. */
void queue_keep(struct core *core, const struct ticket *ticket, enum ticket_change_kind kind,
                const struct message *frames, size_t first, enum ticket_part part);

/* The bytes of frames[first..count). */
size_t queue_bytes(const struct message *message, size_t first);

#endif

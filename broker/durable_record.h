/* Tickets and frames as bytes of the store's records; pure.
 *
 *     ticket  body: {v: 1, ended, priority, deliveries, bytes, reason, attempts: [{at, worker, outcome}…]}
 *     part    its frames as one MessagePack array of byte strings */
#ifndef TROTH_BROKER_DURABLE_RECORD_H
#define TROTH_BROKER_DURABLE_RECORD_H

#include "base/pack.h"
#include "broker/ticket.h"
#include "store/store.h"

#define TICKET_BODY_MAX 8192                                  /* bytes */
#define TICKET_FRAMES_MAX (MESSAGE_FRAMES_MAX * (262144 + 8)) /* bytes of a part, packed */

/* Appends the body of a ticket's record. */
void ticket_write_body(struct buffer *out, const struct ticket_record *record);

/* False if the record is damaged. */
bool ticket_read(struct pack_document *document, const struct record *from, struct ticket_record *out);

/* Appends frames[first..count), packed; and back. ERROR_STORE_DAMAGED, ERROR_NO_MEMORY. */
void ticket_write_frames(struct buffer *out, const struct message *frames, size_t first);
enum error ticket_read_frames(struct pack_document *document, struct slice bytes, struct message *out);

#endif

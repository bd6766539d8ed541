/* The durable queue on disk: an LMDB store of the broker's own (store/tables.c), changed in group commits.
 *
 * Changes are collected by durable_keep and made durable together by durable_commit: one fsync for all requests that
 * came at the same time. What was collected is not seen by durable_load before that. */
#ifndef TROTH_BROKER_DURABLE_H
#define TROTH_BROKER_DURABLE_H

#include "base/error.h"
#include "broker/histogram.h"
#include "broker/ticket.h"

struct durable;

/* Opens or makes the store in this folder. `bytes_max` bounds its file, `keep_free` the room left on the disk.
 * ERROR_STORE_VERSION, ERROR_SYSTEM with the folder. Caller closes. */
enum error durable_open(const char *folder, int64_t bytes_max, int64_t keep_free, struct durable **durable,
                        struct failure *failure);
void durable_close(struct durable *durable); /* NULL is fine; drops what was not committed */

/* Visits every ticket. ERROR_STORE_DAMAGED with the first record that cannot be read. */
typedef void (*durable_visit)(void *argument, const struct ticket_record *record);
enum error durable_restore(struct durable *durable, durable_visit visit, void *argument, struct failure *failure);

/* The ticket of a request: a digest of client, service and frames[first..) under a seed of this store. */
void durable_ticket_id(const struct durable *durable, const uint8_t client[TRANSPORT_KEY_SIZE], struct slice service,
                       const struct message *message, size_t first, uint8_t out[TICKET_SIZE]);

/* Adds a change to the next commit; copies all of it. */
void durable_keep(struct durable *durable, const struct ticket_change *change);

bool durable_has_changes(const struct durable *durable);

/* True if there are new tickets among them. */
bool durable_has_new(const struct durable *durable);

/* Commits. After an error nothing has changed on disk: new tickets are dropped, and all other changes are tried again
 * with the next commit. ERROR_STORE_FULL, ERROR_NO_MEMORY. A failed fsync ends the process (store/store.h). */
enum error durable_commit(struct durable *durable, struct failure *failure);

/* Appends the frames of a part. ERROR_NOT_FOUND, ERROR_STORE_DAMAGED, ERROR_NO_MEMORY. */
enum error durable_load(struct durable *durable, const uint8_t id[TICKET_SIZE], enum ticket_part part,
                        struct message *out);

/* Housekeeping, now and then. */
void durable_tend(struct durable *durable);

/* How long commits took, in microseconds, and how many changes they held. */
const struct histogram *durable_commit_us(const struct durable *durable);
const struct histogram *durable_commit_changes(const struct durable *durable);

#endif

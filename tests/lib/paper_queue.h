/* The broker's durable queue without a disk, for tests of the pure core: what broker/durable.c promises, in memory.
 *
 * What was committed outlives the core that kept it, so a broker can be let crash between any two events. */
#ifndef TROTH_TESTS_LIB_PAPER_QUEUE_H
#define TROTH_TESTS_LIB_PAPER_QUEUE_H

#include "base/error.h"
#include "broker/ticket.h"

struct paper_queue;

struct paper_queue *paper_queue_new(void); /* caller frees */
void paper_queue_free(struct paper_queue *queue);

/* As durable_keep and durable_load. */
void paper_queue_keep(struct paper_queue *queue, const struct ticket_change *change);
enum error paper_queue_load(struct paper_queue *queue, const uint8_t id[TICKET_SIZE], enum ticket_part part,
                            struct message *out);

bool paper_queue_has_changes(const struct paper_queue *queue);

/* All that was kept becomes durable; or new tickets are dropped and the rest is tried again; or all of it is lost. */
void paper_queue_commit(struct paper_queue *queue);
void paper_queue_fail(struct paper_queue *queue);
void paper_queue_crash(struct paper_queue *queue);

/* Visits what is durable, the oldest ticket first. */
void paper_queue_restore(struct paper_queue *queue, void (*visit)(void *argument, const struct ticket_record *record),
                         void *argument);

/* The durable record of a ticket; NULL if there is none. Borrowed until the next commit. */
const struct ticket_record *paper_queue_find(const struct paper_queue *queue, const uint8_t id[TICKET_SIZE]);
size_t paper_queue_size(const struct paper_queue *queue);

/* The frames of this part can no longer be read. */
void paper_queue_damage(struct paper_queue *queue, const uint8_t id[TICKET_SIZE], enum ticket_part part);

#endif

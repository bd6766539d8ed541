/* The requests of a client that have no answer yet: found by id, by the time of their timer, and by whether they still
 * have to be sent. Knows no socket and no clock.
 *
 *     id  16 random bytes of this client | 8 bytes: number of the request, big endian
 *
 * The random part keeps the replies to another client, or to a former one, apart from ours. */
#ifndef TROTH_WIRE_WAITING_H
#define TROTH_WIRE_WAITING_H

#include "base/error.h"
#include "wire/frame.h"

#define WAITING_ID_SIZE 24
#define WAITING_NO_NUMBER 0 /* never the number of a request that waits */

struct pending {
	uint64_t number;        /* set by waiting_add: 1, 2, … */
	struct message request; /* all frames (wire/outgoing.h), kept so that the same bytes are sent again */
	void *tag;
	int64_t since_ns;
	int64_t written_ms;     /* what `request` says is left of its time was so then */
	int64_t deadline_ms;    /* when it is given up */
	int64_t due_ms;         /* when its timer rings; see waiting_set_due */
	unsigned tries;
	bool unsent;            /* see waiting_set_unsent */
	enum error refusal;     /* the last busy or no-worker, or OK */
	unsigned refusal_retry_ms; /* the time to retry that it named, or 0 */
};

struct waiting;

/* NULL if memory is out. */
struct waiting *waiting_new(void);
void waiting_free(struct waiting *waiting); /* with all that is in it */

/* A pending request of its own, not added yet; NULL if memory is out. */
struct pending *pending_new(void);
void pending_free(struct pending *pending);

/* Writes the id of a number, which stands in the request's header. */
void waiting_write_id(const struct waiting *waiting, uint64_t number, uint8_t out[WAITING_ID_SIZE]);

/* The number that the next request added will have. */
uint64_t waiting_next_number(const struct waiting *waiting);

/* Adds a request: takes it, numbers it, sets its timer and marks it unsent. False, with nothing taken, if memory is
 * out. */
bool waiting_add(struct waiting *waiting, struct pending *pending, int64_t due_ms);

/* Removes it; the caller frees it by pending_free. */
void waiting_remove(struct waiting *waiting, struct pending *pending);

/* False if memory is out: the timer is then off, or the mark not set. */
bool waiting_set_due(struct waiting *waiting, struct pending *pending, int64_t due_ms);
bool waiting_set_unsent(struct waiting *waiting, struct pending *pending, bool unsent);

/* NULL if there is none. */
struct pending *waiting_find(const struct waiting *waiting, struct slice id);
struct pending *waiting_first_due(const struct waiting *waiting);
struct pending *waiting_first_unsent(const struct waiting *waiting);

size_t waiting_count(const struct waiting *waiting);

#endif

/* Clients of the durable queue: they send signed notes as titanic.request, or straight to the workers, many at a time
 * and until they are acknowledged; fetch the answers; close the tickets; and check what they hear.
 *
 *     direct ─────────────────────────────────────────────────────────────> done
 *     request ── 200 and a ticket ──> reply ── 200 and the answer ──> … ──> close ── 200 ──> … ──> done
 *                                     | ^                          again                  gone, once more
 *                                     300, or another broker's
 *
 * A few are careless: they send, wait for a moment only, and never close. */
#ifndef TROTH_TESTS_CRASH_QUEUE_LOAD_H
#define TROTH_TESTS_CRASH_QUEUE_LOAD_H

#include "tests/crash/fleet.h"
#include "tests/crash/history.h"

struct queue_load;

/* What the load may do now. */
struct queue_permits {
	bool fetches;      /* workers are there: answers are fetched, and notes may be sent to them straight */
	size_t dead;       /* the broker that is not there; FLEET_BROKERS_MAX: none */
	bool keeps_busy;   /* what is done is done again, for as long as there is somebody to kill */
};

struct queue_counts {
	size_t progress;   /* answers that led to something else than the same question again */
	size_t tickets;    /* acknowledged notes */
	size_t same;       /* the same request again, and the same ticket */
	size_t fetched, closed;
	size_t given_up;    /* notes of the careless that nobody has acknowledged in time */
	size_t resent;
	int64_t longest_ns; /* that a client with all brokers in its list waited for a ticket or for a worker's answer */
};

/* Borrows its arguments. Caller frees. */
struct queue_load *queue_load_new(const struct fleet *fleet, struct history *history, uint32_t *random);
void queue_load_free(struct queue_load *load);

/* How a note goes: straight to the workers; by the queue of any broker; by that of the last broker and no other. */
enum queue_road { ROAD_DIRECT, ROAD_QUEUE, ROAD_LAST_QUEUE };

/* Adds a signed note that is to be sent, and takes its bytes. Returns it, borrowed. */
const struct sent_note *queue_load_add(struct queue_load *load, enum kind_id kind, struct buffer *bytes,
                                       enum queue_road road);

/* Sends what may be sent, and takes the answers that come within a moment. */
void queue_load_turn(struct queue_load *load, const struct queue_permits *permits);

/* True if nothing is left to do but, where nothing is fetched, to fetch; and but for what lies at a dead broker. */
bool queue_load_is_done(const struct queue_load *load, const struct queue_permits *permits);

/* How many notes lie at this broker, unanswered. */
size_t queue_load_at(const struct queue_load *load, size_t broker);

/* How many tickets may be left in the end: those of the careless, and those of which a late copy may have come. */
size_t queue_load_may_leave(const struct queue_load *load);

const struct queue_counts *queue_load_counts(const struct queue_load *load);

#endif

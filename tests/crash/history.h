/* What was sent to the agency, and what it said: the acknowledgements that the store must keep, and the
 * refusals that must turn out to be right. What can be judged without the store is judged as the answer comes.
 *
 * Times are told in sequence numbers: `since` is the newest acknowledged one when a note was sent, so whoever judged
 * the note had at least that much of the store before him. */
#ifndef TROTH_TESTS_CRASH_HISTORY_H
#define TROTH_TESTS_CRASH_HISTORY_H

#include "base/map.h"
#include "tests/lib/market.h"

struct sent_note {
	enum kind_id kind;
	struct buffer bytes; /* the signed note */
	uint8_t id[HASH_SIZE];
	int64_t sequence; /* by which it was acknowledged; 0: it is not */
	bool refused;     /* at least once */
	bool queued;      /* a broker has given a ticket for it: it must come to the store, whether or not we hear of it */
	bool given_up;    /* nobody has acknowledged it, and nobody asks any more: it may be there */
	size_t stored;    /* how often it was found in the store; the judge counts */
};

struct refusal {
	const struct sent_note *note;
	enum error code;
	int64_t since;
};

struct history {
	struct sent_note **notes; /* in the order in which they were first sent */
	size_t count, room;
	struct refusal *refusals;
	size_t refused, refusals_room;
	struct map *by_id;
	int64_t newest;         /* the largest acknowledged sequence number */
	size_t acknowledged;    /* notes */
	size_t repeated;        /* acknowledgements of notes that were acknowledged before */
	size_t resent;          /* times that the client had to send something again */
	int64_t longest_ns;     /* that a note waited for its answer */
};

void history_init(struct history *history);
void history_release(struct history *history);

/* Adds a signed note and takes its bytes (`bytes` is empty afterwards). Lives as long as the history. */
struct sent_note *history_add(struct history *history, enum kind_id kind, struct buffer *bytes);

/* The note with this id; NULL if it was never sent. */
struct sent_note *history_find(const struct history *history, struct slice id);

/* Takes one answer to a note. */
void history_take(struct history *history, struct sent_note *note, int64_t since, const struct outcome *outcome);

#endif

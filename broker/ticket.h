/* A ticket of the durable queue: what is remembered of a request that is kept on disk (RFC 9), and the changes to it.
 *
 *     pending ── FINAL of a worker ──> answered ── closed, or ticket_ms ──> forgotten
 *        |  ^                                                                  ^
 *        |  └── retried by an operator ──┐                                     |
 *        └── too many deliveries, or too old ──> dead ── dropped by an operator, or closed
 *
 * A dead letter is a dead ticket; an ordinary request that no worker could carry out becomes one too. */
#ifndef TROTH_BROKER_TICKET_H
#define TROTH_BROKER_TICKET_H

#include "wire/identity.h"
#include "wire/mdp.h"

#define TICKET_SIZE 16
#define TICKET_TEXT 33     /* as hex digits, with the NUL */
#define TICKET_ATTEMPTS 8  /* the last deliveries that are remembered */
#define TICKET_REASON_MAX 64

enum ticket_state { TICKET_PENDING = 1, TICKET_ANSWERED = 2, TICKET_DEAD = 3 };
enum ticket_part { TICKET_REQUEST = 0, TICKET_ANSWER = 1 };

/* One delivery that did not lead to an answer. */
struct attempt {
	int64_t at; /* milliseconds since 1970 */
	uint8_t worker[TRANSPORT_KEY_SIZE];
	char outcome[TICKET_REASON_MAX];
};

struct ticket_record {
	uint8_t id[TICKET_SIZE];
	enum ticket_state state;
	uint8_t client[TRANSPORT_KEY_SIZE];
	char service[MDP_SERVICE_MAX + 1];
	int64_t arrived, expires; /* milliseconds since 1970 */
	int64_t ended;            /* when it was answered or died; 0 before */
	int64_t priority;
	int64_t deliveries;
	int64_t bytes;            /* of its request and its answer */
	char reason[TICKET_REASON_MAX]; /* why it is dead */
	size_t attempt_count;     /* at most TICKET_ATTEMPTS */
	struct attempt attempts[TICKET_ATTEMPTS];
};

enum ticket_change_kind {
	TICKET_PUT,    /* the record is new, or replaces the former one */
	TICKET_FORGET, /* the record and its frames are deleted */
};

struct ticket_change {
	enum ticket_change_kind kind;
	const struct ticket_record *record;
	const struct message *frames; /* TICKET_PUT: frames[first..) are stored as `part`, or NULL: the frames stay */
	size_t first;
	enum ticket_part part;
};

void ticket_format(const uint8_t id[TICKET_SIZE], char out[TICKET_TEXT]);

/* Reads 32 lower-case or upper-case hex digits. */
bool ticket_parse(struct slice text, uint8_t id[TICKET_SIZE]);

#endif

/* Brokers and workers of an agency as single processes, without `troth up`: each can be killed with -9 at any moment
 * and is started again at once, on the same port and folder.
 *
 *     resting -- some progress of the load, or some milliseconds --> killed and started again, resting
 *
 * A strike after milliseconds can hit a process that is just starting; the next one then waits for progress. */
#ifndef TROTH_TESTS_CRASH_FLEET_H
#define TROTH_TESTS_CRASH_FLEET_H

#include "tests/lib/market.h"

#define FLEET_BROKERS_MAX 2
#define FLEET_WORKERS 2
#define FLEET_OPERATOR "fragile" /* the key file that is listed as an operator's and as the fragile worker's */

/* Whom a strike may hit; a set. */
enum fleet_target { FLEET_BROKER_1 = 1, FLEET_BROKER_2 = 2, FLEET_ANY_WORKER = 4 };

struct fleet {
	const struct agency_process *agency; /* borrowed; its `up` must have ended before the fleet starts */
	uint32_t *random;                    /* borrowed; tests/lib/random.h */
	size_t broker_count;
	struct client_broker addresses[FLEET_BROKERS_MAX];
	struct process *brokers[FLEET_BROKERS_MAX]; /* NULL: not running */
	struct process *workers[FLEET_WORKERS];
	unsigned targets;  /* of the strikes; each must be running */
	size_t left;       /* strikes that are still to come */
	size_t pace;       /* the most progress between two of them */
	size_t until;      /* progress at which the next one is due … */
	int64_t due_ms;    /* … and the time */
	bool was_hasty;
	size_t brokers_killed, workers_killed;
};

/* Writes the settings: those of a second broker if there are two, and a wide window or a narrow one for the workers.
 * The agency's home must have been made. */
void fleet_prepare(struct fleet *fleet, const struct agency_process *agency, size_t brokers, uint32_t *random);

/* Starts a broker that is not running, by the settings `<ini>` of the agency's home; NULL: its usual ones. */
void fleet_start_broker(struct fleet *fleet, size_t broker, const char *ini);

/* kill -9. One that has ended by itself is a finding. */
void fleet_kill_broker(struct fleet *fleet, size_t broker);

void fleet_start_workers(struct fleet *fleet);

/* SIGTERM to all that run, workers first; each must end well. */
void fleet_stop(struct fleet *fleet);

/* Wants so many strikes, spread over about so much progress. */
void fleet_plan(struct fleet *fleet, unsigned targets, size_t strikes, size_t progress, size_t expected);

/* Does what is due, given the load's progress by now. */
void fleet_turn(struct fleet *fleet, size_t progress);

#endif

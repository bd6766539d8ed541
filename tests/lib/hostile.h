/* Hostile peers: each attack is a table row and a process of its own, which goes on until it is stopped.
 *
 * They are plain TCP sockets (tests/lib/raw_peer.h) and need nothing of the server but its endpoint and its transport
 * key; the keys that they show are fresh ones, so it must let any key in. An attacker that is cut off comes back. */
#ifndef TROTH_TESTS_LIB_HOSTILE_H
#define TROTH_TESTS_LIB_HOSTILE_H

#include <stdatomic.h>
#include <sys/types.h>

#include "tests/lib/foreign_dealer.h"

/* What an attack has done so far; in memory that it shares with whoever started it. */
struct hostile_report {
	atomic_uint_fast64_t opened; /* connections */
	atomic_uint_fast64_t cut;    /* of these, ended by the server */
	atomic_uint_fast64_t bytes;  /* sent after the handshake, or without one */
};

struct hostile {
	const char *name;
	void (*attack)(const struct foreign_target *target, struct hostile_report *report); /* never returns */
	const char *reason;  /* why a bound link cuts it off (link_kick_word); NULL: libzmq does so by itself */
	uint64_t wanted;     /* connections that must be cut off before the attack has shown its effect … */
	bool is_patient;     /* … or opened, since they only wait */
};

extern const struct hostile hostile_attacks[];
extern const size_t hostile_attack_count;

struct hostile_run {
	pid_t id;
	struct hostile_report *report;
};

/* Starts and ends an attack; `target` is borrowed until it is stopped. Both end the test if they cannot. An attack that
 * yields takes only the processor time that nobody else wants (SCHED_IDLE), until it is hurried: on a busy machine it
 * would never show its effect. */
enum hostile_pace { HOSTILE_EAGER, HOSTILE_YIELDS };
void hostile_start(struct hostile_run *run, const struct hostile *hostile, const struct foreign_target *target,
                   enum hostile_pace pace);
void hostile_hurry(const struct hostile_run *run);
void hostile_stop(struct hostile_run *run);

/* True once the attack has done what it is for. */
bool hostile_has_shown(const struct hostile_run *run, const struct hostile *hostile);

#endif

/* The phases of a run; see queue_run.h. The market is made by `troth up`, which then gives way to single processes. In
 * the end every note with a ticket must be in the store once, its answer have been fetched, and nothing be left in the
 * queue but what nobody has closed. */
#include "tests/crash/queue_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "tests/crash/evidence.h"
#include "tests/crash/judge.h"
#include "tests/crash/poison.h"
#include "tests/crash/queue_load.h"
#include "tests/crash/queue_rest.h"
#include "tests/crash/report.h"
#include "tests/lib/scratch.h"
#include "tests/lib/stop.h"

#define CREATORS_MAX 100
#define OFFERS_MAX 1000
#define SPARE_SLOTS 3
#define STALL_MS 30000 /* without progress */
#define NOBODY FLEET_BROKERS_MAX
#define ROADS 4
#define QUEUE { ROAD_QUEUE, ROAD_QUEUE, ROAD_QUEUE, ROAD_QUEUE }
#define MIXED { ROAD_QUEUE, ROAD_DIRECT, ROAD_QUEUE, ROAD_DIRECT }
#define SOME_LAST { ROAD_QUEUE, ROAD_QUEUE, ROAD_QUEUE, ROAD_LAST_QUEUE }

struct run {
	const struct queue_options *options;
	uint32_t random;
	int64_t started_ms;
	struct agency_process agency;
	struct history history;
	struct fleet fleet;
	struct queue_load *load;
	struct actor operator, brand, creators[CREATORS_MAX];
	size_t creator_count, offer_count;
	const struct sent_note *offers[OFFERS_MAX];
	size_t accepted;  /* notes made so far */
	size_t at_dead;   /* tickets that waited at the dead broker when it came back */
	size_t rest;      /* tickets that are left in the end */
};

/* Of the notes and of the kills, in percent. Of two brokers, the second is the one that stays dead for a while. */
struct phase {
	const char *name;
	size_t brokers; /* in which runs it happens: with so many */
	int64_t notes, kills;
	enum queue_road roads[ROADS]; /* of the notes, in turn */
	bool fetches;
	unsigned targets; /* of the kills; enum fleet_target */
	void (*before)(struct run *run);
};

/* ---- the market ---- */

static void turn(struct run *run, const struct queue_permits *permits) {
	queue_load_turn(run->load, permits);
	fleet_turn(&run->fleet, queue_load_counts(run->load)->progress);
}

/* Until there is nothing to do, no answer comes any more, or something is wrong. */
static void run_until_done(struct run *run, const struct queue_permits *wanted, const char *name) {
	size_t progress = 0;
	int64_t grown_ms = clock_milliseconds();
	struct queue_permits permits = *wanted;
	while (findings() == 0 && (run->fleet.left > 0 || !queue_load_is_done(run->load, &permits))) {
		permits.keeps_busy = run->fleet.left > 0;
		turn(run, &permits);
		int64_t now = clock_milliseconds();
		if (queue_load_counts(run->load)->progress != progress) {
			progress = queue_load_counts(run->load)->progress;
			grown_ms = now;
		} else if (now - grown_ms > STALL_MS) {
			finding("%s: no progress for %d ms; %zu notes wait at the first broker, %zu at the second", name, STALL_MS,
			        queue_load_at(run->load, 0), queue_load_at(run->load, 1));
		}
	}
}

static void submit_all(struct run *run, const char *name) {
	run_until_done(run, &(struct queue_permits){ .fetches = true, .dead = NOBODY }, name);
}

static const struct sent_note *enrol(struct run *run, struct actor *actor, enum role role, const char *name) {
	struct buffer note;
	buffer_init(&note, SIGNED_NOTE_MAX);
	actor_make(actor, role, name, &run->agency);
	actor_enrol(actor, &note);
	return queue_load_add(run->load, KIND_ENROL, &note, ROAD_DIRECT);
}

static void admit(struct run *run, const struct actor *actor, const struct sent_note *enrolment) {
	struct buffer note;
	buffer_init(&note, SIGNED_NOTE_MAX);
	actor_admit(&run->operator, actor, enrolment->id, &note);
	(void)queue_load_add(run->load, KIND_ADMIT, &note, ROAD_DIRECT);
}

/* `troth up` has sent these already, but the judge wants to know every note. */
static void repeat_first_notes(struct run *run) {
	static const struct {
		const char *file;
		enum kind_id kind;
	} first[] = { { "ops/bootstrap/enrol.note", KIND_ENROL }, { "ops/bootstrap/admit.note", KIND_ADMIT } };
	for (size_t i = 0; i < sizeof first / sizeof first[0]; i++) {
		struct buffer note;
		char *text = scratch_read(scratch_path(run->agency.home, first[i].file));
		buffer_init(&note, SIGNED_NOTE_MAX);
		(void)buffer_append_text(&note, text);
		free(text);
		(void)queue_load_add(run->load, first[i].kind, &note, ROAD_DIRECT);
	}
}

static void make_market(struct run *run) {
	const struct sent_note *enrolments[CREATORS_MAX];
	actor_open_operator(&run->operator, &run->agency);
	repeat_first_notes(run);
	const struct sent_note *brand = enrol(run, &run->brand, ROLE_BRAND, "acme-yoga");
	for (size_t i = 0; i < run->creator_count; i++) {
		char name[ACCOUNT_NAME_MAX];
		(void)snprintf(name, sizeof name, "creator-%zu", i);
		enrolments[i] = enrol(run, &run->creators[i], ROLE_CREATOR, name);
	}
	submit_all(run, "enrolments");
	admit(run, &run->brand, brand);
	for (size_t i = 0; i < run->creator_count; i++) {
		admit(run, &run->creators[i], enrolments[i]);
	}
	submit_all(run, "admissions");
	for (size_t i = 0; i < run->offer_count; i++) {
		struct buffer note;
		buffer_init(&note, SIGNED_NOTE_MAX);
		actor_offer(&run->brand, (int)run->creator_count + SPARE_SLOTS, NULL, &note);
		run->offers[i] = queue_load_add(run->load, KIND_OFFER, &note, ROAD_DIRECT);
	}
	submit_all(run, "offers");
}

/* The next acceptance that nobody has sent yet: every creator accepts every offer once. */
static void add_acceptance(struct run *run, enum queue_road road) {
	struct buffer note;
	const struct sent_note *offer = run->offers[run->accepted / run->creator_count];
	buffer_init(&note, SIGNED_NOTE_MAX);
	actor_accept(&run->creators[run->accepted % run->creator_count], buffer_slice(&offer->bytes), &note);
	(void)queue_load_add(run->load, KIND_AGREEMENT, &note, road);
	run->accepted++;
}

/* ---- phases ---- */

static void start_brokers(struct run *run) {
	for (size_t i = 0; i < run->fleet.broker_count; i++) {
		fleet_start_broker(&run->fleet, i, NULL);
	}
}

static void start_workers(struct run *run) {
	fleet_start_workers(&run->fleet);
}

static void lose_one_and_start_workers(struct run *run) {
	fleet_kill_broker(&run->fleet, 1);
	fleet_start_workers(&run->fleet);
}

static void bring_it_back(struct run *run) {
	run->at_dead = queue_load_at(run->load, 1);
	if (run->at_dead == 0) {
		finding("nothing waits at the dead broker: this run shows nothing");
	}
	fleet_start_broker(&run->fleet, 1, NULL);
}

static const struct phase phases[] = {
	{ "no worker", 1, 100, 60, QUEUE, false, FLEET_BROKER_1, start_brokers },
	{ "workers", 1, 0, 40, QUEUE, true, FLEET_BROKER_1 | FLEET_ANY_WORKER, start_workers },

	{ "two brokers, no worker", 2, 50, 40, SOME_LAST, false, FLEET_BROKER_1 | FLEET_BROKER_2, start_brokers },
	{ "one broker is dead", 2, 25, 20, MIXED, true, FLEET_ANY_WORKER, lose_one_and_start_workers },
	{ "it is back", 2, 25, 40, MIXED, true, FLEET_BROKER_2 | FLEET_ANY_WORKER, bring_it_back },
};

/* The part of a whole that belongs to this phase, such that all parts make up the whole. */
static size_t part(int64_t whole, int64_t before, int64_t percent) {
	return (size_t)(whole * (before + percent) / 100 - whole * before / 100);
}

static void run_phase(struct run *run, const struct phase *phase, const struct phase *before) {
	size_t notes = part(run->options->notes, before->notes, phase->notes);
	size_t kills = part(run->options->kills, before->kills, phase->kills);
	size_t progress = queue_load_counts(run->load)->progress;
	for (size_t i = 0; i < notes; i++) {
		add_acceptance(run, phase->roads[i % ROADS]);
	}
	phase->before(run);
	fleet_plan(&run->fleet, phase->targets, kills, progress, (size_t)run->options->notes / 2);
	run_until_done(run, &(struct queue_permits){
		.fetches = phase->fetches, .dead = run->fleet.brokers[run->fleet.broker_count - 1] == NULL ? 1 : NOBODY },
		phase->name);
}

static void run_phases(struct run *run) {
	struct phase before = { .notes = 0 };
	for (size_t i = 0; i < sizeof phases / sizeof phases[0] && findings() == 0; i++) {
		if (phases[i].brokers == run->fleet.broker_count) {
			run_phase(run, &phases[i], &before);
			before.notes += phases[i].notes;
			before.kills += phases[i].kills;
		}
	}
}

/* ---- the whole ---- */

static void start(struct run *run) {
	size_t notes = (size_t)run->options->notes;
	run->started_ms = clock_milliseconds();
	run->random = run->options->random;
	run->creator_count = notes < CREATORS_MAX ? notes : CREATORS_MAX;
	run->offer_count = (notes + run->creator_count - 1) / run->creator_count;
	if (run->offer_count > OFFERS_MAX) {
		stop("at most %d notes", OFFERS_MAX * CREATORS_MAX);
	}
	agency_start(&run->agency, FLEET_WORKERS);
	evidence_keep(run->options->words, run->agency.home);
	history_init(&run->history);
	fleet_prepare(&run->fleet, &run->agency, (size_t)run->options->brokers, &run->random);
	run->load = queue_load_new(&run->fleet, &run->history, &run->random);
	make_market(run);
	if (agency_stop(&run->agency) != EXIT_DONE) {
		finding("troth up did not stop: %s", process_text(run->agency.up, PROCESS_ERRORS));
	}
}

static void check_store(const struct run *run) {
	struct process_result result;
	const char *const words[] = { process_program("troth"), "store", "check", "--home", run->agency.home, NULL };
	if (process_run(&result, words) != EXIT_DONE || strstr(result.output, "clean") == NULL) {
		finding("troth store check: status %d: %.2000s%.2000s", result.status, result.output, result.errors);
	}
	process_result_release(&result);
}

static void finish(struct run *run) {
	fleet_stop(&run->fleet);
	if (findings() > 0) {
		return; /* what was not heard of, because the run has ended early, is no fault */
	}
	for (size_t i = 0; i < run->fleet.broker_count; i++) {
		run->rest += queue_rest(scratch_path(run->agency.home, i == 0 ? "queue" : "queue-2"));
	}
	size_t may_be_left = queue_load_may_leave(run->load);
	if (run->rest > may_be_left) {
		finding("%zu tickets are left in the queue, but all except %zu were closed", run->rest, may_be_left);
	}
	check_store(run);
	judge(&run->agency, &run->history);
}

static void summarize(const struct run *run) {
	const struct queue_counts *counts = queue_load_counts(run->load);
	(void)printf("crash: %zu notes, %zu tickets at %zu broker%s, broker killed %zu times, workers %zu; ", run->accepted,
	             counts->tickets, run->fleet.broker_count, run->fleet.broker_count == 1 ? "" : "s",
	             run->fleet.brokers_killed, run->fleet.workers_killed);
	if (run->fleet.broker_count > 1) {
		(void)printf("%zu tickets at the dead one when it came back; ", run->at_dead);
	}
	(void)printf("%zu times the same ticket again, %zu answers fetched, %zu tickets closed, %zu left, %zu notes given "
	             "up, %zu resent, longest wait %" PRId64 " ms, %.1f s\n", counts->same, counts->fetched, counts->closed,
	             run->rest, counts->given_up, counts->resent, counts->longest_ns / 1000000,
	             (double)(clock_milliseconds() - run->started_ms) / 1000);
}

static void release(struct run *run) {
	queue_load_free(run->load);
	history_release(&run->history);
	actor_release(&run->operator);
	actor_release(&run->brand);
	for (size_t i = 0; i < run->creator_count; i++) {
		actor_release(&run->creators[i]);
	}
	process_free(run->agency.up);
}

void queue_run(const struct queue_options *options) {
	static struct run run; /* too large for the stack */
	run.options = options;
	start(&run);
	run_phases(&run);
	finish(&run);
	if (run.fleet.broker_count == 1 && findings() == 0) {
		poison_run(&run.fleet);
	}
	summarize(&run);
	release(&run);
}

/* The crash test: a load that does not stop while broker, workers and `troth up` are killed with -9 at random and come
 * back, again and again; with --deals, a load of steps of deals (deal_load.h); with --queue, one of the durable queue
 * at one broker or two (queue_run.h). In the end every
 * acknowledged note must be there once, slots and money hold, every refusal have had its reason, and `troth store
 * check` find the store clean, as it must have in between.
 *
 * The seed gives the same choices again, but not the same moments: those depend on the machine. One thread. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/options.h"
#include "tests/crash/deal_judge.h"
#include "tests/crash/deal_load.h"
#include "tests/crash/evidence.h"
#include "tests/crash/fleet.h"
#include "tests/crash/judge.h"
#include "tests/crash/killer.h"
#include "tests/crash/loader.h"
#include "tests/crash/log.h"
#include "tests/crash/queue_run.h"
#include "tests/crash/report.h"
#include "tests/lib/fragile_worker.h"
#include "tests/lib/scratch.h"
#include "tests/lib/stop.h"

#define CHECKS 4            /* of the store, during the run */
#define CHECK_MS 120000
#define STATUS_TEXT_MAX 2000
#define WORDS_MAX 160
#define STALL_MS 60000      /* without a new acknowledgement: longer than any answer may take */

struct crash {
	int64_t seed, kills;
	int64_t deals;              /* at a time; 0: the load makes offers and agreements */
	int64_t queue, brokers;     /* the durable queue, if `queue` is not 0: notes, and brokers */
	const char *fragile_worker; /* the agency's home, if this is one */
	char words[WORDS_MAX];      /* the options that lead to the same run */
	uint32_t random;
	int64_t started_ms;
	struct agency_process agency;
	struct history history;
	struct killer killer;
	struct loader *loader;       /* one of these two */
	struct deal_load *deal_load;
	struct process *check; /* `troth store check`, while it runs */
	size_t checks;
	size_t acknowledged;   /* when it was looked at last, and when it grew last */
	int64_t grown_ms;
};

/* ---- troth store check ---- */

static void start_check(struct crash *crash) {
	const char *const words[] = { process_program("troth"), "store", "check", "--home", crash->agency.home, NULL };
	crash->check = process_start(words, NULL);
	crash->checks++;
}

static void end_check(struct crash *crash) {
	int status = process_wait(crash->check, CHECK_MS);
	const char *output = process_text(crash->check, PROCESS_OUTPUT);
	if (status != EXIT_DONE || strstr(output, "clean") == NULL) {
		finding("troth store check: status %d: %.*s%.*s", status, STATUS_TEXT_MAX, output, STATUS_TEXT_MAX,
		        process_text(crash->check, PROCESS_ERRORS));
	}
	process_free(crash->check);
	crash->check = NULL;
}

/* Starts a check after every so many kills, while load and kills go on. */
static void turn_check(struct crash *crash) {
	if (crash->check != NULL && !process_is_running(crash->check)) {
		end_check(crash);
	}
	size_t due = killer_count(&crash->killer) * (CHECKS + 1) / (size_t)crash->kills;
	if (crash->check == NULL && crash->checks < due && crash->checks < CHECKS) {
		start_check(crash);
	}
}

/* ---- the run ---- */

static void start(struct crash *crash) {
	crash->started_ms = clock_milliseconds();
	agency_start(&crash->agency, KILLER_WORKERS);
	evidence_keep(crash->words, crash->agency.home);
	history_init(&crash->history);
	if (crash->deals > 0) {
		crash->deal_load = deal_load_new(&crash->agency, &crash->history, &crash->random, (size_t)crash->deals);
	} else {
		crash->loader = loader_new(&crash->agency, &crash->history, &crash->random);
	}
	killer_init(&crash->killer, &crash->agency, &crash->random);
}

static void turn_load(struct crash *crash, bool sending) {
	if (crash->deals > 0) {
		deal_load_turn(crash->deal_load, sending);
	} else {
		loader_turn(crash->loader, sending);
	}
}

static bool is_waiting(const struct crash *crash) {
	return crash->deals > 0 ? deal_load_is_waiting(crash->deal_load) : loader_is_waiting(crash->loader);
}

static void watch_progress(struct crash *crash) {
	int64_t now = clock_milliseconds();
	if (crash->acknowledged != crash->history.acknowledged) {
		crash->acknowledged = crash->history.acknowledged;
		crash->grown_ms = now;
	} else if (now - crash->grown_ms > STALL_MS) {
		finding("no new note was acknowledged for %d ms, after %zu", STALL_MS, crash->acknowledged);
	}
}

static void run(struct crash *crash) {
	crash->grown_ms = clock_milliseconds();
	while (killer_count(&crash->killer) < (size_t)crash->kills && findings() == 0) {
		turn_load(crash, true);
		killer_turn(&crash->killer, crash->history.acknowledged);
		turn_check(crash);
		watch_progress(crash);
	}
	while (is_waiting(crash)) {
		turn_load(crash, false);
	}
}

static void finish(struct crash *crash) {
	if (crash->check != NULL) {
		end_check(crash);
	}
	int status = agency_stop(&crash->agency);
	if (status != EXIT_DONE) {
		finding("troth up ended with status %d after SIGTERM", status);
	}
	log_take(&crash->agency);
	start_check(crash);
	end_check(crash);
	if (crash->deals > 0) {
		deal_judge(&crash->agency, &crash->history, crash->deal_load);
	} else {
		judge(&crash->agency, &crash->history);
	}
}

static void summarize(const struct crash *crash) {
	const struct killer *killer = &crash->killer;
	const struct history *history = &crash->history;
	(void)printf("crash: %zu kills (", killer_count(killer));
	for (enum victim victim = 0; victim < VICTIM_COUNT; victim++) {
		(void)printf("%s%s %zu, back in at most %" PRId64 " ms", victim == 0 ? "" : "; ", victim_words[victim],
		             killer->kills[victim], killer->slowest_ms[victim]);
	}
	(void)printf("), %zu notes acknowledged, %zu of these again, %zu refusals, %zu resent, longest wait %" PRId64
	             " ms, %zu store checks, %.1f s\n", history->acknowledged, history->repeated, history->refused,
	             history->resent, history->longest_ns / 1000000, crash->checks,
	             (double)(clock_milliseconds() - crash->started_ms) / 1000);
}

static void summarize_deals(const struct crash *crash) {
	struct deal_counts counts = deal_load_counts(crash->deal_load);
	(void)printf("crash: %zu deals begun, %zu of them ended, %zu steps, %zu times two for the same place\n",
	             counts.begun, counts.ended, counts.steps, counts.rivals);
}

static void release(struct crash *crash) {
	if (crash->deals > 0) {
		deal_load_free(crash->deal_load);
	} else {
		loader_free(crash->loader);
	}
	history_release(&crash->history);
	process_free(crash->agency.up);
}

/* ---- options ---- */

static bool read_options(int argc, char **argv, struct crash *crash, int *status) {
	const struct option_row rows[] = {
		{ "kills", 0, OPTION_NUMBER, &crash->kills, "N", "how many processes are killed (12)", 1, 1000000 },
		{ "deals", 0, OPTION_NUMBER, &crash->deals, "N", "so many deals at a time take their steps", 1, 10000 },
		{ "queue", 0, OPTION_NUMBER, &crash->queue, "N", "queue so many notes while brokers are killed", 1, 10000 },
		{ "brokers", 0, OPTION_NUMBER, &crash->brokers, "N", "with --queue: how many brokers there are (1)", 1,
		  FLEET_BROKERS_MAX },
		{ "fragile-worker", 0, OPTION_TEXT, &crash->fragile_worker, "FOLDER", "be the worker that poison kills", 0, 0 },
		{ "seed", 0, OPTION_NUMBER, &crash->seed, "N", "makes the same choices again", 1, UINT32_MAX },
	};
	size_t count = sizeof rows / sizeof rows[0];
	bool help = false;
	int first = 0;
	struct failure failure;
	*status = EXIT_DONE;
	if (options_parse(argc, argv, rows, count, &first, &help, &failure) != OK || first < argc) {
		(void)fprintf(stderr, "crash: %s\n", first < argc && first > 0 ? "a word too many" : failure.text);
		*status = EXIT_USAGE;
		return false;
	}
	if (help) {
		options_describe(stdout, rows, count);
	}
	return !help;
}

/* The way in for the worker that this program starts of itself (tests/lib/fragile_worker.h). */
static _Noreturn void be_fragile_worker(const char *home) {
	struct identity identity;
	struct join join;
	struct failure failure;
	if (crypto_start(&failure) != OK ||
	    identity_load(scratch_path(home, FLEET_OPERATOR ".key"), &identity, &failure) != OK ||
	    join_load(scratch_path(home, "agency.join"), &join, &failure) != OK) {
		stop("%s", failure.text);
	}
	fragile_worker_serve(&join.brokers[0], &identity);
}

static void write_words(struct crash *crash) {
	int size = snprintf(crash->words, sizeof crash->words, "--seed %" PRId64 " --kills %" PRId64, crash->seed,
	                    crash->kills);
	if (crash->deals > 0) {
		(void)snprintf(crash->words + size, sizeof crash->words - (size_t)size, " --deals %" PRId64, crash->deals);
	} else if (crash->queue > 0) {
		(void)snprintf(crash->words + size, sizeof crash->words - (size_t)size,
		               " --queue %" PRId64 " --brokers %" PRId64, crash->queue, crash->brokers);
	}
}

static void run_market(struct crash *crash) {
	crash->random = (uint32_t)crash->seed;
	start(crash);
	run(crash);
	finish(crash);
	summarize(crash);
	if (crash->deals > 0) {
		summarize_deals(crash);
	}
	release(crash);
}

int main(int argc, char **argv) {
	struct crash crash = { .kills = 12, .brokers = 1 };
	uint32_t seed = 0;
	int status = EXIT_DONE;
	entropy_fill((uint8_t *)&seed, sizeof seed);
	crash.seed = seed == 0 ? 1 : seed;
	if (!read_options(argc, argv, &crash, &status)) {
		return status;
	}
	if (crash.fragile_worker != NULL) {
		be_fragile_worker(crash.fragile_worker);
	}
	write_words(&crash);
	(void)printf("crash: %s\n", crash.words);
	(void)fflush(stdout);
	if (crash.queue > 0) {
		queue_run(&(struct queue_options){ .notes = crash.queue, .kills = crash.kills, .brokers = crash.brokers,
			.random = (uint32_t)crash.seed, .words = crash.words });
	} else {
		run_market(&crash);
	}
	bool passed = findings() == 0;
	if (passed) {
		evidence_drop();
	}
	(void)puts(passed ? "1 passed, 0 failed" : "0 passed, 1 failed");
	return passed ? EXIT_SUCCESS : EXIT_FAILURE;
}

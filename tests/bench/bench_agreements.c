/* The agency under load; see agreements.h. */
#include "tests/bench/agreements.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/pack.h"
#include "tests/bench/measure.h"
#include "tests/lib/random.h"
#include "tests/lib/stop.h"
#include "wire/body.h"

#define SEED 20261123
#define FEE "25.00 USD"
#define BUDGET "100000000.00 USD"
#define SET_UP_WINDOW 128
#define RETRY_MS 20000 /* nothing is sent twice just because the machine is busy */
#define TIMEOUT_MS 60000

static void *allocate(size_t count, size_t size) {
	void *memory = calloc(count == 0 ? 1 : count, size);
	if (memory == NULL) {
		stop("out of memory");
	}
	return memory;
}

/* ---- the stage ---- */

static void submit(struct stage *stage, const struct actor *actor, const struct buffer *notes, size_t count) {
	struct outcome *outcomes = allocate(count, sizeof *outcomes);
	struct client *client = actor_connect(actor, &stage->agency, RETRY_MS, TIMEOUT_MS);
	market_submit(client, &stage->agency, notes, count, SET_UP_WINDOW, outcomes);
	for (size_t i = 0; i < count; i++) {
		if (outcomes[i].error != OK) {
			stop("a note was refused: %s", error_word(outcomes[i].error));
		}
	}
	client_free(client);
	free(outcomes);
}

static void fund(struct stage *stage) {
	struct buffer note;
	buffer_init(&note, SIGNED_NOTE_MAX);
	actor_fund(&stage->operator, stage->brand.name, BUDGET, "bench-1", &note);
	submit(stage, &stage->operator, &note, 1);
	buffer_release(&note);
}

static void admit_all(struct stage *stage) {
	actor_open_operator(&stage->operator, &stage->agency);
	actor_make(&stage->brand, ROLE_BRAND, "acme-yoga", &stage->agency);
	for (size_t i = 0; i < STAGE_CREATORS; i++) {
		char name[ACCOUNT_NAME_MAX];
		(void)snprintf(name, sizeof name, "creator-%03zu", i);
		actor_make(&stage->creators[i], ROLE_CREATOR, name, &stage->agency);
	}
	market_admit(&stage->agency, &stage->operator, &stage->brand, 1);
	market_admit(&stage->agency, &stage->operator, stage->creators, STAGE_CREATORS);
}

static void shuffle(struct buffer *notes, size_t count, uint32_t *random) {
	for (size_t i = count; i > 1; i--) {
		size_t other = random_next(random) % i;
		struct buffer kept = notes[i - 1];
		notes[i - 1] = notes[other];
		notes[other] = kept;
	}
}

/* Opens as many offers as `count` acceptances need, and signs these, each by another creator of its offer. */
static void prepare(struct stage *stage, const char *fee, struct buffer *acceptances, size_t count) {
	size_t offer_count = (count + STAGE_SLOTS - 1) / STAGE_SLOTS;
	struct buffer *offers = allocate(offer_count, sizeof *offers);
	uint32_t random = SEED;
	for (size_t i = 0; i < offer_count; i++) {
		buffer_init(&offers[i], SIGNED_NOTE_MAX);
		actor_offer(&stage->brand, STAGE_SLOTS, fee, &offers[i]);
	}
	submit(stage, &stage->brand, offers, offer_count);
	for (size_t i = 0; i < count; i++) {
		buffer_init(&acceptances[i], SIGNED_NOTE_MAX);
		actor_accept(&stage->creators[i % STAGE_CREATORS], buffer_slice(&offers[i / STAGE_SLOTS]), &acceptances[i]);
	}
	for (size_t i = 0; i < offer_count; i++) {
		buffer_release(&offers[i]);
	}
	free(offers);
	shuffle(acceptances, count, &random);
}

void stage_set(struct stage *stage, int workers, size_t gifted, size_t paid) {
	size_t count = gifted + paid;
	*stage = (struct stage){ .workers = workers, .gifted = gifted, .paid = paid };
	stage->acceptances = allocate(count, sizeof stage->acceptances[0]);
	stage->requests = allocate(count, sizeof stage->requests[0]);
	agency_start(&stage->agency, workers);
	admit_all(stage);
	fund(stage);
	prepare(stage, NULL, stage->acceptances, gifted);
	prepare(stage, FEE, stage->acceptances + gifted, paid);
	for (size_t i = 0; i < count; i++) {
		buffer_init(&stage->requests[i], BODY_MAX);
		market_request(buffer_slice(&stage->acceptances[i]), &stage->requests[i]);
	}
	(void)agency_stop(&stage->agency);
	stage->agency.log_level = "info"; /* the workers tell their counts at their end */
}

void stage_strike(struct stage *stage) {
	for (size_t i = 0; i < stage->gifted + stage->paid; i++) {
		buffer_release(&stage->acceptances[i]);
		buffer_release(&stage->requests[i]);
	}
	free(stage->acceptances);
	free(stage->requests);
	for (size_t i = 0; i < STAGE_CREATORS; i++) {
		actor_release(&stage->creators[i]);
	}
	actor_release(&stage->brand);
	actor_release(&stage->operator);
	process_free(stage->agency.up);
}

/* ---- a run ---- */

struct answers {
	struct buffer *bodies;
	int64_t *waited_ns;
	size_t count, taken;
	size_t margin;                  /* answers at both ends, while the pipeline fills and empties, that are not timed */
	int64_t steady_ns, unsteady_ns; /* when the timed part began and ended */
};

static void take(struct client *client, const struct buffer *requests, struct answers *answers) {
	struct client_answer answer;
	if (client_next(client, 1000, &answer) != OK) {
		return;
	}
	size_t index = (size_t)((const struct buffer *)answer.tag - requests);
	if (answer.error != OK || answer.tries != 1 || !buffer_append_slice(&answers->bodies[index], answer.body)) {
		stop("an acceptance was not answered: %s, sent %u times", error_word(answer.error), answer.tries);
	}
	answers->waited_ns[index] = answer.waited_ns;
	answers->taken++;
	if (answers->taken == answers->margin) {
		answers->steady_ns = clock_nanoseconds();
	}
	if (answers->taken == answers->count - answers->margin) {
		answers->unsteady_ns = clock_nanoseconds();
	}
}

static void send_all(struct client *client, struct buffer *requests, size_t window, struct answers *answers) {
	struct failure failure;
	for (size_t i = 0; i < answers->count; i++) {
		while (client_waiting(client) >= window) {
			take(client, requests, answers);
		}
		if (client_send(client, "notes", buffer_slice(&requests[i]), &requests[i], &failure) != OK) {
			stop("cannot send: %s", failure.text);
		}
	}
	while (answers->taken < answers->count) {
		take(client, requests, answers);
	}
}

/* After the clock has stopped: was each acceptance accepted, and countersigned by the agency? */
static void check_all(const struct stage *stage, const struct buffer *acceptances, const struct answers *answers) {
	for (size_t i = 0; i < answers->count; i++) {
		struct client_answer answer = { .body = buffer_slice(&answers->bodies[i]), .tries = 1 };
		struct outcome outcome;
		market_read(&stage->agency, buffer_slice(&acceptances[i]), &answer, &outcome);
		if (outcome.error != OK || !outcome.answered_same_note || !outcome.countersigned) {
			stop("acceptance %zu was not concluded: %s", i, error_word(outcome.error));
		}
	}
}

/* The sum over all workers of what they say of themselves when they stop. */
static uint64_t sum_of(const char *log, const char *key) {
	uint64_t sum = 0;
	for (const char *line = strstr(log, "event=stopped"); line != NULL; line = strstr(line + 1, "event=stopped")) {
		const char *end = strchr(line, '\n');
		const char *found = strstr(line, key);
		if (found != NULL && end != NULL && found < end) {
			sum += strtoull(found + strlen(key), NULL, 10);
		}
	}
	return sum;
}

static double batch_size(struct stage *stage, size_t expected) {
	const char *log = process_text(stage->agency.up, PROCESS_ERRORS);
	uint64_t accepted = sum_of(log, " accepted="), batches = sum_of(log, " batches=");
	if (accepted != expected || batches == 0) {
		stop("the workers tell of %llu accepted notes instead of %zu, in %llu batches", (unsigned long long)accepted,
		     expected, (unsigned long long)batches);
	}
	return (double)accepted / (double)batches;
}

static void fill_sizes(const struct buffer *acceptance, const struct buffer *request, const struct buffer *reply,
                       struct run *out) {
	struct signed_note note;
	struct failure failure;
	if (signed_note_split(buffer_slice(acceptance), &note, &failure) != OK) {
		stop("%s", failure.text);
	}
	out->note_size = note.text.size;
	out->request_size = request->size;
	out->reply_size = reply->size;
	out->stored_size = reply->size - 32 - 60; /* beside the note: its id, numbers, and the keys of the map */
}

/* What is read from the machine around a run. */
struct readings {
	struct machine_time machine;
	double own, children;
};

static void take_readings(struct readings *out) {
	machine_time_read(&out->machine);
	out->own = processor_time_own();
	out->children = processor_time_children();
}

static void fill_times(const struct readings *before, const struct readings *after, double children,
                       struct answers *answers, struct run *out) {
	double count = (double)answers->count;
	double used = after->own - before->own + children;
	double busy = after->machine.busy - before->machine.busy, idle = after->machine.idle - before->machine.idle;
	out->per_second = (double)(answers->count - 2 * answers->margin) * 1e9 /
	                  (double)(answers->unsteady_ns - answers->steady_ns);
	out->p50_ns = percentile(answers->waited_ns, answers->count, 0.5);
	out->p99_ns = percentile(answers->waited_ns, answers->count, 0.99);
	out->processor_ns = used / count;
	out->idle = idle / (busy + idle);
	out->others = busy > used ? (busy - used) / (busy + idle) : 0;
}

void stage_run(struct stage *stage, size_t first, size_t count, size_t window, struct run *out) {
	struct answers answers = { .count = count, .margin = window < count / 3 ? window : count / 3 };
	struct readings before, after;
	answers.bodies = allocate(count, sizeof answers.bodies[0]);
	answers.waited_ns = allocate(count, sizeof answers.waited_ns[0]);
	for (size_t i = 0; i < count; i++) {
		buffer_init(&answers.bodies[i], BODY_MAX);
	}
	agency_restart(&stage->agency, stage->workers);
	struct client *client = actor_connect(&stage->brand, &stage->agency, RETRY_MS, TIMEOUT_MS);
	take_readings(&before);
	send_all(client, stage->requests + first, window, &answers);
	take_readings(&after);
	client_free(client);
	if (agency_stop(&stage->agency) != 0) {
		stop("the agency did not stop in order: %s", process_text(stage->agency.up, PROCESS_ERRORS));
	}
	out->batch = batch_size(stage, count);
	process_free(stage->agency.up); /* only now do its processes' times count as those of our children */
	stage->agency.up = NULL;
	double children = processor_time_children() - before.children;
	check_all(stage, stage->acceptances + first, &answers);
	fill_times(&before, &after, children, &answers, out);
	fill_sizes(&stage->acceptances[first], &stage->requests[first], &answers.bodies[0], out);
	for (size_t i = 0; i < count; i++) {
		buffer_release(&answers.bodies[i]);
	}
	free(answers.bodies);
	free(answers.waited_ns);
}

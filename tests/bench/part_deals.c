/* Many deals in one store: how long questions wait for their answer at the worker, and the clock after a day without
 * any worker. Nothing here goes over a wire. */
#include <stdlib.h>

#include "base/clock.h"
#include "tests/bench/crowd.h"
#include "tests/bench/measure.h"
#include "tests/bench/parts.h"
#include "tests/lib/random.h"
#include "tests/lib/scratch.h"
#include "tests/lib/stop.h"
#include "wire/body.h"
#include "workers/market/views.h"

#define SEED 20261123
#define ASKED 400         /* times each question */
#define LIMIT_MS 100.0    /* for an answer at the worker */
#define LATER 90000       /* seconds of downtime: a day and an hour */
#define MICROSECOND 1e3
#define MILLISECOND 1e6
#define SECOND 1e9
#define ID_DIGITS 12
#define LAPSE_TEXT 480    /* bytes of the text of a lapse, about */
#define LAPSE_NOTE 620    /* as stored */

/* ---- questions ---- */

struct asking {
	struct crowd *crowd;
	size_t deal; /* a random one each time */
	uint32_t random;
	struct buffer *out;
};

static void nothing_more(struct asking *asking) {
	pack_map(asking->out, 0);
}

static void a_state(struct asking *asking) {
	pack_map(asking->out, 1);
	pack_key_word(asking->out, "state", deal_state_words[1 + random_next(&asking->random) % (DEAL_STATE_COUNT - 1)]);
}

static void a_page(struct asking *asking) {
	pack_map(asking->out, 1);
	pack_key_unsigned(asking->out, "before", random_next(&asking->random) % asking->crowd->inner.applied);
}

static void an_id(struct asking *asking, const char *key) {
	char hex[HASH_HEX_SIZE];
	hex_encode(slice_of(asking->crowd->deals[asking->deal].id, HASH_SIZE), hex);
	pack_map(asking->out, 1);
	pack_key_text(asking->out, key, slice_of(hex, ID_DIGITS));
}

static void a_deal(struct asking *asking) {
	an_id(asking, "id");
}

static void a_thread(struct asking *asking) {
	an_id(asking, "deal");
}

static void a_brand(struct asking *asking) {
	pack_map(asking->out, 1);
	pack_key_word(asking->out, "brand", crowd_brand(asking->crowd, asking->deal)->name);
}

static const struct question {
	const char *key, *name, *operation;
	enum role asker;
	void (*write)(struct asking *asking);
} questions[] = {
	{ "deals_brand", "a brand's deals, first page", "deals", ROLE_BRAND, nothing_more },
	{ "deals_brand_state", "a brand's deals in one state", "deals", ROLE_BRAND, a_state },
	{ "deals_brand_page", "a brand's deals, any page", "deals", ROLE_BRAND, a_page },
	{ "deals_creator", "a creator's deals, first page", "deals", ROLE_CREATOR, nothing_more },
	{ "deals_operator", "all deals, first page", "deals", ROLE_OPERATOR, nothing_more },
	{ "deals_operator_state", "all deals in one state", "deals", ROLE_OPERATOR, a_state },
	{ "deal", "one deal", "deal", ROLE_BRAND, a_deal },
	{ "deal_notes", "a deal's notes", "notes", ROLE_BRAND, a_thread },
	{ "report", "a report of a brand's campaigns", "report", ROLE_OPERATOR, a_brand },
};

#define QUESTIONS (sizeof questions / sizeof questions[0])

struct times {
	int64_t median_ns, worst_ns;
};

/* The answer to one question; it must be a good one. */
static int64_t ask(struct asking *asking, const struct question *question, struct pack_document *arguments,
                   struct pack_document *reply) {
	const struct crowd *crowd = asking->crowd;
	const struct inner_party *const askers[] = { [ROLE_BRAND] = crowd_brand(crowd, asking->deal),
		                                         [ROLE_CREATOR] = &crowd->creators[asking->deal %
		                                                                           crowd->creator_count],
		                                         [ROLE_OPERATOR] = &crowd->operator };
	struct asker asker = { .transport = askers[question->asker]->transport, .now = crowd->inner.now };
	const struct pack_value *ok = NULL;
	struct failure failure = { .code = OK };
	struct buffer body, out;
	buffer_init(&body, BODY_MAX);
	buffer_init(&out, BODY_MAX);
	asking->out = &body;
	question->write(asking);
	if (pack_read(arguments, buffer_slice(&body), BODY_MAX, &failure) != OK) {
		stop("%s: %s", question->name, failure.text);
	}
	int64_t begin = clock_nanoseconds();
	views_answer(&crowd->inner.market, &asker, slice_of_text(question->operation), pack_root(arguments), &out);
	int64_t taken = clock_nanoseconds() - begin;
	if (body_read_reply(reply, buffer_slice(&out), &ok, &failure) != OK) {
		stop("%s: %s", question->name, failure.text);
	}
	buffer_release(&body);
	buffer_release(&out);
	return taken;
}

static void ask_all(struct crowd *crowd, struct times out[QUESTIONS]) {
	static int64_t samples[ASKED];
	struct pack_document *arguments = pack_document_new(), *reply = pack_document_new();
	struct asking asking = { .crowd = crowd, .random = SEED };
	if (arguments == NULL || reply == NULL) {
		stop("out of memory");
	}
	for (size_t i = 0; i < QUESTIONS; i++) {
		for (size_t j = 0; j < ASKED; j++) {
			asking.deal = random_next(&asking.random) % crowd_deal_count(crowd);
			samples[j] = ask(&asking, &questions[i], arguments, reply);
		}
		out[i].median_ns = percentile(samples, ASKED, 0.5);
		out[i].worst_ns = percentile(samples, ASKED, 1);
	}
	pack_document_free(arguments);
	pack_document_free(reply);
}

/* ---- the clock ---- */

struct lapses {
	uint64_t count;
	double seconds, processor_ns;
	struct sodium_result sodium; /* one lapse signed and verified */
	double lmdb;                 /* such lapses per second */
};

/* Databases and sizes follow store/tables.c for a lapse of a deal that holds money or not; see part_agency.c. */
static double bare_store(const struct crowd *crowd) {
	const unsigned creators = (unsigned)crowd->creator_count, offers = CROWD_OFFERS;
	const struct database_shape databases[] = {
		{ "notes", 8, 9 + 34 + 7 + 3 * 8 + 1 + LAPSE_NOTE, 1, false },
		{ "notes.by_id", 34 + 8, 0, LMDB_RANDOM_GROUPS, false },
		{ "notes.by_thread", 16, 0, LMDB_RANDOM_GROUPS, false },
		{ "parties", 20, 9, creators, false },
		{ "deals", 8, 9 + 9 * 8 + 34 + 700, offers * creators, true },
		{ "deals.by_due", 16, 0, LMDB_RANDOM_GROUPS, false },
		{ "offers", 8, 9 + 10 + 6 * 8, offers, true },
		{ "totals", 20, 9 + 40, CROWD_BRANDS, true },
	};
	const struct lmdb_load load = { databases, sizeof databases / sizeof databases[0], BATCH_MAX };
	return lmdb_rate(scratch_folder(), &load, 2);
}

static void catch_up(struct crowd *crowd, struct lapses *out) {
	sodium_measure(LAPSE_TEXT, 1, &out->sodium);
	out->lmdb = bare_store(crowd);
	inner_wait(&crowd->inner, LATER);
	int64_t begin = clock_nanoseconds();
	double used = processor_time_own();
	out->count = inner_lapse(&crowd->inner);
	out->seconds = (double)(clock_nanoseconds() - begin) / SECOND;
	out->processor_ns = (processor_time_own() - used) / (double)out->count;
}

/* ---- results ---- */

static void list_questions(const struct times *times, struct report *out) {
	static char keys[QUESTIONS][2][40], names[QUESTIONS][60];
	for (size_t i = 0; i < QUESTIONS; i++) {
		(void)snprintf(keys[i][0], sizeof keys[i][0], "%s_p50_ms", questions[i].key);
		(void)snprintf(keys[i][1], sizeof keys[i][1], "%s_worst_ms", questions[i].key);
		(void)snprintf(names[i], sizeof names[i], "%s, worst", questions[i].name);
		double median = (double)times[i].median_ns / MILLISECOND, worst = (double)times[i].worst_ns / MILLISECOND;
		const struct result all[] = {
			{ keys[i][0], questions[i].name, "ms", median, NULL, 0, AIM_NONE, 0 },
			{ keys[i][1], names[i], "ms", worst, "100 ms", worst / LIMIT_MS, AIM_BELOW, 1 },
		};
		report_add(out, all, sizeof all / sizeof all[0]);
	}
}

/* Bare: what one thread needs for signing and verifying each lapse, and for committing them in such batches. */
static void list_lapses(const struct crowd *crowd, const struct lapses *lapses, double fill, struct report *out) {
	double count = (double)lapses->count;
	double bare = count * (lapses->sodium.processor_ns / SECOND + 1 / lapses->lmdb);
	const struct result all[] = {
		{ "deals", "deals in the store", "", (double)crowd_deal_count(crowd), NULL, 0, AIM_NONE, 0 },
		{ "fill_notes", "notes per second while it was filled", "/s", fill, NULL, 0, AIM_NONE, 0 },
		{ "lapses", "deadlines of a day without a worker", "", count, NULL, 0, AIM_NONE, 0 },
		{ "lapses_s", "catching up with them", "s", lapses->seconds, "bare libsodium + LMDB", lapses->seconds / bare,
		  AIM_NONE, 0 },
		{ "lapses_us", "processor time per lapse", "us", lapses->processor_ns / MICROSECOND, "verify + sign",
		  lapses->processor_ns / lapses->sodium.processor_ns, AIM_NONE, 0 },
		{ "lapses_bare_s", "bare libsodium + LMDB for as many", "s", bare, NULL, 0, AIM_NONE, 0 },
		{ "lapses_rate", "lapses per second", "/s", count / lapses->seconds, NULL, 0, AIM_NONE, 0 },
		{ "lapses_sodium", "bare libsodium, one thread", "/s", SECOND / lapses->sodium.processor_ns, NULL, 0, AIM_NONE,
		  0 },
		{ "lapses_lmdb", "bare LMDB in such batches", "/s", lapses->lmdb, NULL, 0, AIM_NONE, 0 },
	};
	report_add(out, all, sizeof all / sizeof all[0]);
}

void part_deals(const struct extent *extent, struct report *out) {
	static struct crowd crowd;
	struct times times[QUESTIONS];
	struct lapses lapses;
	int64_t begin = clock_nanoseconds();
	crowd_gather(&crowd, (size_t)extent->deals);
	double fill = (double)crowd.inner.applied * SECOND / (double)(clock_nanoseconds() - begin);
	ask_all(&crowd, times);
	catch_up(&crowd, &lapses);
	list_lapses(&crowd, &lapses, fill, out);
	list_questions(times, out);
	crowd_dismiss(&crowd);
}

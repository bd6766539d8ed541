/* The agency's clock; see timers.h. */
#include "workers/market/timers.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/entropy.h"
#include "base/file.h"
#include "base/log.h"
#include "rules/calendar.h"
#include "store/tables.h"

#define LOCK_FILE "clock.lock"
#define PARTY_TEXT_MAX (ACCOUNT_NAME_MAX + 80)
#define REFERENCE_TEXT_MAX 80
#define TOLD_MAX 64 /* of what cannot be read: more would say no more */

/* A deadline that has passed. */
struct due {
	bool of_offer;
	uint8_t id[HASH_SIZE], head[HASH_SIZE];
	enum deadline deadline;
	int64_t due;
};

struct timers {
	const struct market *market;
	char lock_path[FILE_PATH_MAX];
	int lock_file; /* -1 until it is open */
	bool holds;    /* the lock; otherwise another worker does, or nobody */
	char by[PARTY_TEXT_MAX];
	struct buffer notes[BATCH_MAX];
	/* while collecting */
	struct due due[2 * BATCH_MAX]; /* of deals and of offers */
	size_t count, most;
	struct timers_moment now;
	struct due refused;  /* the first of those that were refused last; no due: none were */
	int64_t aside;       /* what was due up to then is left aside */
	int64_t aside_until; /* this moment, of the steady clock */
	struct tx *tx;
	enum error error;
	struct failure *failure;
	int64_t told[TOLD_MAX]; /* numbers of deals and offers that cannot be read, and have been told of */
	size_t told_count;
};

struct timers *timers_new(const struct market *market, const char *folder) {
	struct timers *timers = calloc(1, sizeof *timers);
	char hex[HASH_HEX_SIZE];
	if (timers == NULL) {
		return NULL;
	}
	timers->market = market;
	timers->lock_file = -1;
	(void)file_join(timers->lock_path, folder, LOCK_FILE, NULL);
	hex_encode(slice_of(signing_key_public(market->agency_key), KEY_SIZE), hex);
	(void)snprintf(timers->by, sizeof timers->by, AGENCY_NAME " ed25519:%s", hex);
	for (size_t i = 0; i < BATCH_MAX; i++) {
		buffer_init(&timers->notes[i], SIGNED_NOTE_MAX);
	}
	return timers;
}

void timers_free(struct timers *timers) {
	if (timers == NULL) {
		return;
	}
	if (timers->lock_file >= 0) {
		(void)close(timers->lock_file);
	}
	for (size_t i = 0; i < BATCH_MAX; i++) {
		buffer_release(&timers->notes[i]);
	}
	free(timers);
}

static bool take_lock(struct timers *timers) {
	if (timers->lock_file < 0) {
		timers->lock_file = open(timers->lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	}
	if (!timers->holds && timers->lock_file >= 0) {
		timers->holds = flock(timers->lock_file, LOCK_EX | LOCK_NB) == 0;
	}
	return timers->holds;
}

/* ---- what is due ---- */

/* True for what is wrong with one record. It keeps no other from its time, and is told of once. */
static bool pass_over(struct timers *timers, const char *table, int64_t number, const struct failure *failure) {
	if (failure->code != ERROR_STORE_DAMAGED && failure->code != ERROR_STORE_VERSION &&
	    failure->code != ERROR_NOT_FOUND) {
		return false;
	}
	for (size_t i = 0; i < timers->told_count; i++) {
		if (timers->told[i] == number) {
			return true;
		}
	}
	if (timers->told_count < TOLD_MAX) {
		timers->told[timers->told_count++] = number;
		log_event(LOG_ERROR, "deadline-unreadable", "table", table, "number", LOG_NUMBER(number), "detail",
		          failure->text, NULL);
	}
	return true;
}

static void pass_deal(void *argument, const struct record *key, const struct failure *failure) {
	(void)pass_over(argument, table_deals.name, key->cells[DEALS_SEQUENCE].number, failure);
}

static void pass_offer(void *argument, const struct record *key, const struct failure *failure) {
	(void)pass_over(argument, table_offers.name, key->cells[OFFERS_SEQUENCE].number, failure);
}

/* Whether the scan goes on behind a record that could not be taken. */
static bool goes_on(struct timers *timers, const struct table *table, int64_t number, const struct failure *failure) {
	if (pass_over(timers, table->name, number, failure)) {
		return true;
	}
	timers->error = fail(timers->failure, failure->code, "%s", failure->text);
	return false;
}

static bool take_deal(void *argument, const struct record *record) {
	struct timers *timers = argument;
	struct deal_row row;
	struct failure failure = { .code = OK };
	if (deal_from_record(record, timers->market->document, &row, &failure) != OK) {
		return goes_on(timers, &table_deals, record->cells[DEALS_SEQUENCE].number, &failure);
	}
	struct due *due = &timers->due[timers->count++];
	*due = (struct due){ .deadline = row.deal.deadline, .due = row.deal.due };
	memcpy(due->id, row.deal.id, HASH_SIZE);
	memcpy(due->head, row.deal.head, HASH_SIZE);
	return timers->count < timers->most;
}

static bool take_offer(void *argument, const struct record *record) {
	struct timers *timers = argument;
	struct note_record note;
	struct failure failure = { .code = OK };
	int64_t number = record->cells[OFFERS_SEQUENCE].number;
	if (notes_get(timers->tx, number, &note, &failure) != OK) {
		return goes_on(timers, &table_offers, number, &failure);
	}
	struct due *due = &timers->due[timers->count++];
	*due = (struct due){ .of_offer = true, .deadline = DEADLINE_ANSWER, .due = record->cells[OFFERS_DUE].number };
	memcpy(due->id, note.id.data, HASH_SIZE);
	return timers->count < timers->most;
}

static int compare_due(const void *left, const void *right) {
	const struct due *a = left, *b = right;
	return (a->due > b->due) - (a->due < b->due);
}

/* Deals and offers in the order in which they were due, as many as a batch takes. */
static enum error find_due(struct tx *tx, void *argument, struct failure *failure) {
	struct timers *timers = argument;
	struct cell last = cell_number(timers->now.wall - 1); /* the deadline itself is still in time */
	struct cell first = cell_number(timers->now.steady < timers->aside_until ? timers->aside : 0);
	struct range range = { .from = &first, .from_count = 1, .to = &last, .to_count = 1, .after = true,
		                   .damaged = pass_deal };
	timers->count = 0;
	timers->tx = tx;
	timers->error = OK;
	timers->failure = failure;
	timers->most = BATCH_MAX;
	enum error error = tx_scan(tx, &table_deals, DEALS_BY_DUE, &range, take_deal, timers, failure);
	error = error == OK ? timers->error : error;
	timers->most = timers->count + BATCH_MAX;
	range.damaged = pass_offer;
	if (error == OK) {
		error = tx_scan(tx, &table_offers, OFFERS_BY_DUE, &range, take_offer, timers, failure);
	}
	error = error == OK ? timers->error : error;
	qsort(timers->due, timers->count, sizeof timers->due[0], compare_due);
	timers->count = timers->count < BATCH_MAX ? timers->count : BATCH_MAX;
	return error;
}

/* ---- notes about it ---- */

static struct slice write_reference(const uint8_t id[HASH_SIZE], char out[REFERENCE_TEXT_MAX]) {
	char hex[HASH_HEX_SIZE];
	hex_encode(slice_of(id, HASH_SIZE), hex);
	(void)snprintf(out, REFERENCE_TEXT_MAX, "sha256:%s", hex);
	return slice_of_text(out);
}

static enum error sign_lapse(const struct timers *timers, const struct due *due, struct buffer *out,
                             struct failure *failure) {
	char id[REFERENCE_TEXT_MAX], head[REFERENCE_TEXT_MAX], when[TIME_TEXT_SIZE], now[TIME_TEXT_SIZE];
	char nonce[HASH_HEX_SIZE];
	uint8_t random[FIELD_NONCE_SIZE];
	const struct market *market = timers->market;
	entropy_fill(random, sizeof random);
	hex_encode(slice_of(random, sizeof random), nonce);
	const struct note_pair pairs[] = {
		{ "deadline", slice_of_text(deadline_words[due->deadline]) },
		{ "due", slice_of_text(time_format(due->due, when)) },
		{ "by", slice_of_text(timers->by) },
		{ "time", slice_of_text(time_format(timers->now.wall, now)) },
		{ "nonce", slice_of_text(nonce) },
		{ due->of_offer ? "offer" : "deal", write_reference(due->id, id) },
		{ "after", write_reference(due->head, head) },
	};
	struct buffer text;
	buffer_init(&text, NOTE_TEXT_MAX);
	size_t count = sizeof pairs / sizeof pairs[0];
	enum error error = note_compose(kind_get(KIND_LAPSE), market->origin, pairs, due->of_offer ? count - 1 : count,
	                                &text, failure);
	buffer_clear(out);
	if (error == OK) {
		error = signed_note_write(out, buffer_slice(&text), market->agency_signer, market->agency_key, failure);
	}
	buffer_release(&text);
	return error;
}

bool timers_set_aside(struct timers *timers) {
	const struct due *first = &timers->due[0], *before = &timers->refused;
	if (timers->count == 0) {
		return false;
	}
	bool again = first->due == before->due && memcmp(first->id, before->id, HASH_SIZE) == 0 &&
	             memcmp(first->head, before->head, HASH_SIZE) == 0;
	timers->refused = again ? (struct due){ .due = 0 } : *first;
	if (again) {
		timers->aside = timers->due[timers->count - 1].due;
		timers->aside_until = timers->now.steady + TIMERS_ASIDE_MS;
	}
	return again;
}

enum error timers_collect(struct timers *timers, struct batch *batch, struct timers_moment now, size_t *count,
                          struct failure *failure) {
	*count = 0;
	if (!take_lock(timers)) {
		return OK;
	}
	timers->now = now;
	enum error error = store_read(timers->market->store, find_due, timers, failure);
	for (size_t i = 0; i < timers->count && error == OK; i++) {
		error = sign_lapse(timers, &timers->due[i], &timers->notes[i], failure);
		if (error == OK) {
			batch_add(batch, buffer_slice(&timers->notes[i]), now.wall);
			(*count)++;
		}
	}
	return error;
}

/* The agency's clock; see timers.h. */
#include "workers/market/timers.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/entropy.h"
#include "base/file.h"
#include "rules/calendar.h"
#include "store/tables.h"

#define LOCK_FILE "clock.lock"
#define PARTY_TEXT_MAX (ACCOUNT_NAME_MAX + 80)
#define REFERENCE_TEXT_MAX 80

/* A deadline that has passed. */
struct due {
	bool of_offer;
	uint8_t id[HASH_SIZE], head[HASH_SIZE];
	enum deadline deadline;
	int64_t due;
	int64_t sequence; /* of the offer */
};

struct timers {
	const struct market *market;
	char lock_path[FILE_PATH_MAX];
	int lock; /* -1 while another worker has it, or nobody */
	char by[PARTY_TEXT_MAX];
	struct buffer notes[BATCH_MAX];
	/* while collecting */
	struct due due[2 * BATCH_MAX]; /* of deals and of offers */
	size_t count, most;
	int64_t now;
	int64_t aside;       /* what was due up to then is left aside */
	int64_t aside_until; /* this moment */
	enum error error;
	struct failure *failure;
};

struct timers *timers_new(const struct market *market, const char *folder) {
	struct timers *timers = calloc(1, sizeof *timers);
	char hex[HASH_HEX_SIZE];
	if (timers == NULL) {
		return NULL;
	}
	timers->market = market;
	timers->lock = -1;
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
	if (timers->lock >= 0) {
		(void)close(timers->lock);
	}
	for (size_t i = 0; i < BATCH_MAX; i++) {
		buffer_release(&timers->notes[i]);
	}
	free(timers);
}

static bool take_lock(struct timers *timers) {
	if (timers->lock >= 0) {
		return true;
	}
	int fd = open(timers->lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
		timers->lock = fd;
	} else if (fd >= 0) {
		(void)close(fd);
	}
	return timers->lock >= 0;
}

/* ---- what is due ---- */

static bool take_deal(void *argument, const struct record *record) {
	struct timers *timers = argument;
	struct deal_row row;
	timers->error = deal_from_record(record, timers->market->document, &row, timers->failure);
	if (timers->error != OK) {
		return false;
	}
	struct due *due = &timers->due[timers->count++];
	*due = (struct due){ .deadline = row.deal.deadline, .due = row.deal.due };
	memcpy(due->id, row.deal.id, HASH_SIZE);
	memcpy(due->head, row.deal.head, HASH_SIZE);
	return timers->count < timers->most;
}

static bool take_offer(void *argument, const struct record *record) {
	struct timers *timers = argument;
	struct due *due = &timers->due[timers->count++];
	*due = (struct due){ .of_offer = true,
		                 .deadline = DEADLINE_ANSWER,
		                 .due = record->cells[OFFERS_DUE].number,
		                 .sequence = record->cells[OFFERS_SEQUENCE].number };
	return timers->count < timers->most;
}

static int compare_due(const void *left, const void *right) {
	const struct due *a = left, *b = right;
	return (a->due > b->due) - (a->due < b->due);
}

/* Deals and offers in the order in which they were due, as many as a batch takes. */
static enum error find_due(struct tx *tx, void *argument, struct failure *failure) {
	struct timers *timers = argument;
	struct cell last = cell_number(timers->now - 1); /* the deadline itself is still in time */
	struct cell first = cell_number(timers->now < timers->aside_until ? timers->aside : 0);
	struct range range = { .from = &first, .from_count = 1, .to = &last, .to_count = 1, .after = true };
	timers->count = 0;
	timers->error = OK;
	timers->failure = failure;
	timers->most = BATCH_MAX;
	enum error error = tx_scan(tx, &table_deals, DEALS_BY_DUE, &range, take_deal, timers, failure);
	error = error == OK ? timers->error : error;
	timers->most = timers->count + BATCH_MAX;
	if (error == OK) {
		error = tx_scan(tx, &table_offers, OFFERS_BY_DUE, &range, take_offer, timers, failure);
	}
	qsort(timers->due, timers->count, sizeof timers->due[0], compare_due);
	timers->count = timers->count < BATCH_MAX ? timers->count : BATCH_MAX;
	for (size_t i = 0; i < timers->count && error == OK; i++) {
		struct note_record note;
		if (timers->due[i].of_offer) {
			error = notes_get(tx, timers->due[i].sequence, &note, failure);
			memcpy(timers->due[i].id, error == OK ? note.id.data : timers->due[i].id, HASH_SIZE);
		}
	}
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
		{ "time", slice_of_text(time_format(timers->now, now)) },
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

void timers_set_aside(struct timers *timers) {
	if (timers->count > 0) {
		timers->aside = timers->due[timers->count - 1].due;
		timers->aside_until = timers->now + TIMERS_ASIDE_S;
	}
}

enum error timers_collect(struct timers *timers, struct batch *batch, int64_t now, size_t *count,
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
			batch_add(batch, buffer_slice(&timers->notes[i]), now);
			(*count)++;
		}
	}
	return error;
}

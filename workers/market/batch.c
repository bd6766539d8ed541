/* The pipeline of a batch.
 *
 * Invariants, by number of the design:
 *   1  an answer is made only after store_write has returned OK for the transaction that holds the effect
 *   2  a signature is made for what the rules have approved, and leaves this process only as part of an answer
 *   3  every note is looked up by its id in the very transaction that would store it
 *   4  slots and money are judged by apply_decide in that transaction too, whatever the snapshot said
 * The transaction's function may be run again, so it starts from the state that the snapshot left. */
#include "workers/market/batch.h"

#include <assert.h>
#include <stdlib.h>

#include "workers/market/apply.h"

struct batch {
	const struct market *market;
	int64_t now;
	size_t count;
	struct submission submissions[BATCH_MAX];
	enum submission_state before[BATCH_MAX]; /* the states in which the write transaction begins */
};

struct batch *batch_new(const struct market *market) {
	struct batch *batch = calloc(1, sizeof *batch);
	if (batch == NULL) {
		return NULL;
	}
	batch->market = market;
	for (size_t i = 0; i < BATCH_MAX; i++) {
		submission_init(&batch->submissions[i]);
	}
	return batch;
}

void batch_free(struct batch *batch) {
	if (batch == NULL) {
		return;
	}
	for (size_t i = 0; i < BATCH_MAX; i++) {
		submission_release(&batch->submissions[i]);
	}
	free(batch);
}

void batch_clear(struct batch *batch) {
	batch->count = 0;
}

size_t batch_count(const struct batch *batch) {
	return batch->count;
}

const struct submission *batch_submission(const struct batch *batch, size_t index) {
	assert(index < batch->count);
	return &batch->submissions[index];
}

void batch_add(struct batch *batch, struct slice bytes, int64_t now) {
	assert(batch->count < BATCH_MAX);
	struct submission *submission = &batch->submissions[batch->count];
	submission_check(submission, batch->market, bytes, now);
	batch->before[batch->count++] = submission->state;
}

/* Known notes are answered from what is stored; the others are judged by the rules. */
static enum error look_up_or_decide(struct batch *batch, struct tx *tx, struct submission *submission,
                                    struct failure *failure) {
	struct note_record known;
	enum error error = notes_find_signed(tx, submission->id, submission->signed_by, &known, failure);
	if (error == OK) {
		return submission_take_known(submission, &known, failure);
	}
	return error == ERROR_NOT_FOUND ? apply_decide(tx, batch->market, submission, batch->now, failure) : error;
}

static enum error decide_all(struct tx *tx, void *argument, struct failure *failure) {
	struct batch *batch = argument;
	(void)failure;
	for (size_t i = 0; i < batch->count; i++) {
		struct submission *submission = &batch->submissions[i];
		struct failure reason = { .code = OK };
		if (submission->state != SUBMISSION_CHECKED) {
			continue;
		}
		enum error error = look_up_or_decide(batch, tx, submission, &reason);
		if (error != OK) {
			submission->failure = reason; /* not the last word: an earlier note of this batch may change it */
		} else if (submission->state == SUBMISSION_CHECKED) {
			submission->state = SUBMISSION_APPROVED;
		}
	}
	return OK;
}

static enum error apply_one(struct batch *batch, struct tx *tx, struct submission *submission,
                            struct failure *failure) {
	enum error error = look_up_or_decide(batch, tx, submission, failure);
	if (error != OK || submission->state == SUBMISSION_KNOWN) {
		return error;
	}
	if (submission->state == SUBMISSION_CHECKED) {
		submission_sign(submission, batch->market); /* the rare note that only became welcome within this batch */
		if (submission->state == SUBMISSION_REFUSED) {
			*failure = submission->failure;
			return failure->code;
		}
	}
	error = apply_record(tx, batch->market, submission, failure);
	if (error == OK) {
		submission->state = SUBMISSION_ACCEPTED;
	}
	return error;
}

/* True for what says nothing about the note but about the store itself: then the whole batch fails. */
static bool is_store_error(enum error error) {
	return error == ERROR_NO_MEMORY || error == ERROR_STORE_FULL || error == ERROR_SYSTEM;
}

static enum error apply_all(struct tx *tx, void *argument, struct failure *failure) {
	struct batch *batch = argument;
	for (size_t i = 0; i < batch->count; i++) {
		struct submission *submission = &batch->submissions[i];
		submission->state = batch->before[i];
		if (submission->state != SUBMISSION_CHECKED && submission->state != SUBMISSION_APPROVED) {
			continue;
		}
		struct failure reason = { .code = OK };
		tx_mark_t mark = tx_mark(tx);
		enum error error = apply_one(batch, tx, submission, &reason);
		if (is_store_error(error)) {
			*failure = reason;
			return error;
		}
		if (error != OK) {
			tx_undo(tx, mark);
			submission_refuse(submission, &reason);
		}
	}
	return OK;
}

/* Signs what the snapshot approved. False if that is nothing: then no note of the batch can change the market, and
 * what the snapshot refused stays refused. */
static bool sign_approved(struct batch *batch) {
	bool any = false;
	for (size_t i = 0; i < batch->count; i++) {
		if (batch->submissions[i].state == SUBMISSION_APPROVED) {
			submission_sign(&batch->submissions[i], batch->market);
			any = true;
		}
	}
	for (size_t i = 0; i < batch->count; i++) {
		struct submission *submission = &batch->submissions[i];
		if (!any && submission->state == SUBMISSION_CHECKED) {
			submission->state = SUBMISSION_REFUSED;
		}
		batch->before[i] = submission->state;
	}
	return any;
}

/* The store failed as a whole: nothing was changed, so nothing that was not known before has happened. */
static void refuse_all(struct batch *batch, const struct failure *failure) {
	for (size_t i = 0; i < batch->count; i++) {
		if (batch->before[i] == SUBMISSION_CHECKED || batch->before[i] == SUBMISSION_APPROVED) {
			submission_refuse(&batch->submissions[i], failure);
		}
	}
}

void batch_run(struct batch *batch, int64_t now) {
	struct failure failure = { .code = OK };
	batch->now = now;
	enum error error = store_read(batch->market->store, decide_all, batch, &failure);
	bool any = error == OK && sign_approved(batch);
	if (any) {
		error = store_write(batch->market->store, apply_all, batch, &failure);
	}
	if (error != OK) {
		refuse_all(batch, &failure);
	}
}

/* The run of a batch: rows that become notes, and what has become of them. Only cli/batch*.c and cli/payout.c include
 * it. */
#ifndef TROTH_CLI_BATCH_RUN_H
#define TROTH_CLI_BATCH_RUN_H

#include "base/map.h"
#include "cli/act.h"
#include "cli/batch.h"
#include "cli/deal_view.h"
#include "cli/sheet.h"
#include "cli/ticket.h"

/* What is still to be done with a row. */
enum job_state {
	JOB_SIGNED, /* to be sent, or put into the queue */
	JOB_ACCEPTED_BEFORE,
	JOB_ACCEPTED,
	JOB_QUEUED,
	JOB_REFUSED, /* as its failure says */
};

struct job {
	struct sheet_row *row;
	struct parcel parcel;
	enum job_state state;
	struct failure failure;
	struct ticket ticket;
};

struct run;

/* What is made of rows. Where the form has extras, the first one is a deal, which is asked for before a row is
 * signed. */
struct batch_plan {
	struct sheet_form form;
	const char *nouns; /* "offers" */
	enum error (*check_role)(const struct home *home, const struct kind *kind, struct failure *failure);
	enum error (*sign)(struct run *run, struct job *job, const struct deal_view *view, struct failure *failure);
	/* NULL, or judges a row of which no note was signed before that could be sent again. */
	enum error (*check_new)(const struct job *job, const struct deal_view *view, struct failure *failure);
};

struct run {
	const struct invocation *call;
	const struct batch_plan *plan;
	struct home home;
	struct session session;
	struct session queue; /* to the broker that takes what is queued; opened with the first row of it */
	size_t queue_broker;
	bool queueing; /* nothing is sent directly any more */
	struct failure no_worker; /* why */
	struct sheet *sheet;
	struct map *seen; /* how often the same draft has stood in earlier rows */
	size_t done, accepted, before, queued, refused;
	struct failure last;
};

/* Runs all rows of a sheet, and tells what has become of them. A row that has a failure already is refused with it. */
enum error batch_run(const struct invocation *call, const struct batch_plan *plan, struct sheet *sheet,
                     struct failure *failure);

/* Signs a row of the form {deal; fields of the kind}. */
enum error batch_sign_step(struct run *run, struct job *job, const struct deal_view *view, struct failure *failure);

#endif

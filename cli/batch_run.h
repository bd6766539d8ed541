/* The run of a batch: rows that become notes, and what has become of them. Only cli/batch*.c and those who make a plan
 * (cli/payout.c) include it. */
#ifndef TROTH_CLI_BATCH_RUN_H
#define TROTH_CLI_BATCH_RUN_H

#include "base/map.h"
#include "cli/act.h"
#include "cli/batch.h"
#include "cli/deal_head.h"
#include "cli/deal_notes.h"
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

/* What a step of a deal waits for before it is signed; cli/batch_steps.c. */
struct step_wait {
	enum { STEP_ASKS_NOTHING, STEP_ASKS_DEAL, STEP_ASKS_HEAD } asks;
	struct deal deal;
	struct head_keys keys; /* of its text */
	struct buffer text; /* to be signed once the deal's latest note is found good */
	int64_t after;      /* the latest note is looked for behind this number */
};

struct job {
	struct sheet_row *row;
	struct parcel parcel;
	enum job_state state;
	bool is_done;     /* and nothing more becomes of it */
	bool is_repeated; /* an earlier row of this run has the same note */
	struct failure failure;
	struct ticket ticket;
	struct step_wait step;
};

struct run;

/* What is made of rows. */
struct batch_plan {
	struct sheet_form form;
	const char *noun; /* "offer": one of what is made */
	/* NULL, or the money that a row speaks of, 0 if none; fails for a row that cannot be read. */
	enum error (*money)(const struct sheet_row *row, struct money *out);
	const char *money_words; /* ", which reserve": stands before the sum */
	enum error (*check_role)(const struct home *home, const struct kind *kind, struct failure *failure);
	/* NULL, or finishes a row's draft once the file is read; a failure goes into the row. */
	void (*read)(struct sheet_row *row);
	/* Leaves the job's note signed, or appends to the session's request what must be asked of the views first: then it
	 * is called again with the answer's map. NULL the first time. */
	enum error (*sign)(struct run *run, struct job *job, const struct pack_value *answer, struct failure *failure);
	/* NULL, or judges a row of which no note was signed before that could be sent again. */
	enum error (*check_new)(const struct job *job, const struct deal_view *view, struct failure *failure);
	const void *context; /* the plan's own */
};

struct run {
	const struct invocation *call;
	const struct batch_plan *plan;
	struct home home;
	struct session session;
	struct session queue; /* to the broker that takes what is queued; opened with the first row of it */
	struct session beside; /* for questions that a row asks alone, beside what waits on the first; see batch_beside */
	struct map *proven;   /* the keys of which that is known, each with its role and account */
	size_t queue_broker;
	bool queueing; /* nothing is sent directly any more */
	struct failure no_worker; /* why */
	struct sheet *sheet;
	struct job *jobs; /* of the chunk that is in work */
	size_t job_count;
	size_t told; /* so many of them */
	struct map *seen; /* for plans: what has stood in earlier rows */
	struct map *notes; /* the ids of what was signed */
	struct deal_view view; /* the latest one that was read, and the latest note */
	struct noted noted;
	char nouns[40];
	size_t done, accepted, before, queued, refused;
	struct failure last;
};

/* Reads the file, asks whether to sign, runs all rows, and tells what has become of them. A row that has a failure
 * already is refused with it. */
enum error batch_run(const struct invocation *call, const char *path, const struct batch_plan *plan,
                     struct failure *failure);

/* Opens run->beside, if it is not open yet. */
enum error batch_beside(struct run *run, struct failure *failure);

/* Counts what has become of a row, and tells it. Rows are told in their order: this one may have to wait for those
 * before it. */
void batch_report_row(struct run *run, struct job *job, enum job_state state);

/* Tells what is left of a chunk where the run ends with a row that nobody has answered. */
void batch_report_rest(struct run *run);

/* Tells what has become of all rows; returns the code that says it to scripts. */
enum error batch_report_end(const struct run *run, struct failure *failure);

/* Asks whether to sign, unless --yes. ERROR_USAGE if there is nobody to ask, ERROR_NOT_ALLOWED for a no. */
enum error batch_confirm(const struct run *run, struct failure *failure);

/* Appends what a person is asked before rows are signed as `name`. */
void batch_question(const struct batch_plan *plan, const struct sheet *sheet, const char *name, struct buffer *out);

/* The field `amount` of a row, for plans. */
enum error batch_amount(const struct sheet_row *row, struct money *out);

/* The money that a row of an offer reserves. */
enum error batch_reserved(const struct sheet_row *row, struct money *out);

/* Signs a row of the form {deal; fields of the kind}, once the deal and its latest note are found good. */
enum error batch_sign_step(struct run *run, struct job *job, const struct pack_value *answer,
                           struct failure *failure);

#endif

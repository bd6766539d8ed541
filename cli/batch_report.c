/* What is told of a batch: a line per row, and the end of it. */
#include "cli/batch_run.h"

static void print_row(const struct job *job) {
	char id[ID_TEXT_SIZE];
	(void)print_id(slice_of(job->parcel.id, HASH_SIZE), id);
	if (job->state == JOB_REFUSED) {
		print_json(json_pack("{s:I, s:{s:s, s:s}}", "row", (json_int_t)job->row->number, "error", "code",
		                     error_word(job->failure.code), "message", job->failure.text));
	} else if (job->state == JOB_QUEUED) {
		print_json(json_pack("{s:I, s:s, s:s, s:s}", "row", (json_int_t)job->row->number, "id", id, "state", "queued",
		                     "ticket", job->ticket.number));
	} else {
		print_json(json_pack("{s:I, s:s, s:b}", "row", (json_int_t)job->row->number, "id", id, "already",
		                     job->state == JOB_ACCEPTED_BEFORE));
	}
}

/* A row's lines are of our making, so what counts of a refusal is the row's number and the key in the message. */
static void tell_row(struct run *run, const struct job *job) {
	if (job->state == JOB_REFUSED) {
		run->last = job->failure;
		print_progress_end();
	}
	if (run->call->settings.json) {
		print_row(job);
	} else if (job->state == JOB_REFUSED) {
		(void)fprintf(stderr, "row %zu: %s: %s\n", job->row->number, error_word(job->failure.code),
		              job->failure.text);
	}
}

void batch_report_row(struct run *run, struct job *job, enum job_state state) {
	job->state = state;
	job->is_done = true;
	run->done++;
	run->accepted += state == JOB_ACCEPTED;
	run->before += state == JOB_ACCEPTED_BEFORE;
	run->queued += state == JOB_QUEUED;
	run->refused += state == JOB_REFUSED;
	while (run->told < run->job_count && run->jobs[run->told].is_done) {
		tell_row(run, &run->jobs[run->told++]);
	}
	print_progress(run->nouns, run->done, run->sheet->count);
}

void batch_report_rest(struct run *run) {
	for (; run->told < run->job_count; run->told++) {
		if (run->jobs[run->told].is_done) {
			tell_row(run, &run->jobs[run->told]);
		}
	}
}

enum error batch_report_end(const struct run *run, struct failure *failure) {
	if (!run->call->settings.json) {
		(void)printf("%zu accepted, %zu accepted before, ", run->accepted, run->before);
		if (run->queued > 0) {
			(void)printf("%zu queued (see troth queue list), ", run->queued);
		}
		(void)printf("%zu refused\n", run->refused);
	}
	if (run->refused > 0) {
		return fail(failure, run->last.code, "%zu of %zu rows were refused; mend them and run the same command again",
		            run->refused, run->sheet->count);
	}
	return run->queued > 0 ? fail(failure, ERROR_QUEUED, "%s", "") : OK;
}

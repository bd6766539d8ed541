/* Many notes at once; see batch.h.
 *
 * Rows are signed in chunks: the notes of a chunk are written, synced once, and only then sent, so that a crash at any
 * point leads to the same notes. Up to WINDOW of them wait for their answers at the same time. As soon as no worker is
 * there, what is left of the chunk and all later rows go into the broker's durable queue. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/batch_run.h"
#include "cli/queue.h"
#include "wire/body.h"

#define CHUNK 256
#define WINDOW 128

static enum error sync_chunk(const struct run *run, struct failure *failure) {
	int fd = open(run->home.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum error error = fd >= 0 && syncfs(fd) == 0 ? OK : fail_system(failure, "cannot sync %s", run->home.folder);
	if (fd >= 0) {
		(void)close(fd);
	}
	return error;
}

/* ---- directly ---- */

/* Says that the run ends for a row that nobody has answered. */
static enum error give_up(const struct run *run, const struct job *job, enum error error, struct failure *failure) {
	return fail(failure, error,
	            "row %zu: no answer from %s; what it has answered is kept, run the same command again for the rest",
	            job->row->number, run->home.join.brokers[0].endpoint);
}

/* The next answer on a connection, if one comes soon; *job is NULL otherwise. */
static enum error next_answer(const struct run *run, struct session *session, struct client_answer *answer,
                              struct job **job, struct failure *failure) {
	*job = NULL;
	enum error error = client_next(session->client, 1000, answer);
	if (error == ERROR_NOT_FOUND) {
		return OK;
	}
	if (error != OK) {
		return fail(failure, error, "the connection to %s failed", run->home.join.brokers[0].endpoint);
	}
	*job = answer->tag;
	return OK;
}

/* Takes one answer; an error of the connection ends the run, a refusal only the row. */
static enum error take_answer(struct run *run, struct failure *failure) {
	struct client_answer answer;
	struct receipt receipt;
	struct job *job = NULL;
	enum error error = next_answer(run, &run->session, &answer, &job, failure);
	if (error != OK || job == NULL) {
		return error;
	}
	if (answer.error == ERROR_NO_WORKER && !run->call->settings.no_queue) {
		run->queueing = true;
		(void)give_up(run, job, answer.error, &run->no_worker);
		return OK;
	}
	if (answer.error != OK) {
		return give_up(run, job, answer.error, failure);
	}
	error = parcel_take_answer(&job->parcel, &run->home, run->session.document, answer.body, &receipt, &job->failure);
	if (error == ERROR_STORE_FULL || error == ERROR_NO_MEMORY) {
		*failure = job->failure;
		return error;
	}
	batch_report_row(run, job, error != OK ? JOB_REFUSED : job->is_repeated ? JOB_ACCEPTED_BEFORE : JOB_ACCEPTED);
	return OK;
}

static enum error send_chunk(struct run *run, struct job *jobs, size_t count, struct failure *failure) {
	enum error error = OK;
	for (size_t i = 0; i < count && error == OK; i++) {
		struct job *job = &jobs[i];
		while (error == OK && client_waiting(run->session.client) >= WINDOW) {
			error = take_answer(run, failure);
		}
		if (error == OK && job->state == JOB_SIGNED && !run->queueing) {
			buffer_clear(&run->session.request);
			outbox_request(buffer_slice(&job->parcel.bytes), &run->session.request);
			error =
			    client_send(run->session.client, SERVICE_NOTES, buffer_slice(&run->session.request), job, failure);
		}
	}
	while (error == OK && client_waiting(run->session.client) > 0) {
		error = take_answer(run, failure);
	}
	return error;
}

/* ---- by the queue ---- */

/* The first row shows which broker takes what is queued. */
static enum error open_queue(struct run *run, struct job *job, struct failure *failure) {
	enum error error = queue_put(&run->home, &run->call->settings, &job->parcel, &job->ticket, failure);
	if (error == OK) {
		error = queue_find_broker(&run->home.join, &job->ticket, &run->queue_broker, failure);
	}
	if (error == OK) {
		error = session_open_broker(&run->queue, &run->home, &run->call->settings, run->queue_broker, failure);
	}
	if (error == OK) {
		batch_report_row(run, job, JOB_QUEUED);
	} else if (run->no_worker.code != OK) {
		*failure = run->no_worker; /* nobody asked for a queue: what counts is that no worker is there */
	}
	return error == OK ? OK : failure->code;
}

static enum error take_ticket(struct run *run, struct failure *failure) {
	struct client_answer answer;
	struct job *job = NULL;
	enum error error = next_answer(run, &run->queue, &answer, &job, failure);
	if (error != OK || job == NULL) {
		return error;
	}
	if (answer.error != OK) {
		return give_up(run, job, answer.error, failure);
	}
	error = ticket_describe(&job->ticket, &run->home, &job->parcel, failure);
	if (error == OK) {
		error = titanic_read_ticket(&run->queue, &answer, job->ticket.number, failure);
	}
	if (error == OK) {
		memcpy(job->ticket.broker, run->home.join.brokers[run->queue_broker].endpoint, sizeof job->ticket.broker);
		error = ticket_save(&run->home, &job->ticket, false, failure);
	}
	if (error == OK) {
		batch_report_row(run, job, JOB_QUEUED);
	}
	return error;
}

static enum error queue_chunk(struct run *run, struct job *jobs, size_t count, struct failure *failure) {
	enum error error = OK;
	for (size_t i = 0; i < count && error == OK; i++) {
		struct job *job = &jobs[i];
		if (job->state == JOB_SIGNED && run->queue.client == NULL) {
			error = open_queue(run, job, failure);
			continue;
		}
		while (error == OK && job->state == JOB_SIGNED && client_waiting(run->queue.client) >= WINDOW) {
			error = take_ticket(run, failure);
		}
		if (error == OK && job->state == JOB_SIGNED) {
			struct slice parts[TITANIC_PUT_PARTS];
			buffer_clear(&run->queue.request);
			outbox_request(buffer_slice(&job->parcel.bytes), &run->queue.request);
			titanic_put_parts(SERVICE_NOTES, buffer_slice(&run->queue.request), parts);
			error = client_send_parts(run->queue.client, TITANIC_REQUEST, parts, TITANIC_PUT_PARTS, job, failure);
		}
	}
	while (error == OK && run->queue.client != NULL && client_waiting(run->queue.client) > 0) {
		error = take_ticket(run, failure);
	}
	return error;
}

/* ---- all rows ---- */

/* Has a row signed, or the next question asked that this takes; reports it if it needs nothing more. */
static enum error advance_row(struct run *run, struct job *job, const struct pack_value *answer,
                              struct failure *failure) {
	buffer_clear(&run->session.request);
	if (job->failure.code != OK || run->plan->sign(run, job, answer, &job->failure) != OK) {
		batch_report_row(run, job, JOB_REFUSED);
		return OK;
	}
	if (run->session.request.size > 0) {
		return client_send(run->session.client, SERVICE_VIEWS, buffer_slice(&run->session.request), job, failure);
	}
	if (parcel_is_accepted(&job->parcel, &run->home)) {
		batch_report_row(run, job, JOB_ACCEPTED_BEFORE);
		return OK;
	}
	struct slice id = slice_of(job->parcel.id, HASH_SIZE);
	job->is_repeated = map_find(run->notes, id) != NULL;
	bool kept = job->is_repeated || map_put(run->notes, id, NULL);
	return kept ? OK : fail(failure, ERROR_NO_MEMORY, "out of memory");
}

enum error batch_beside(struct run *run, struct failure *failure) {
	return run->beside.client != NULL ? OK
	                                  : session_open(&run->beside, &run->home, &run->call->settings, failure);
}

/* Takes the answer to one row's question. */
static enum error take_view(struct run *run, struct failure *failure) {
	struct client_answer answer;
	struct job *job = NULL;
	const struct pack_value *ok = NULL;
	enum error error = next_answer(run, &run->session, &answer, &job, failure);
	if (error != OK || job == NULL) {
		return error;
	}
	if (answer.error != OK) {
		return give_up(run, job, answer.error, failure);
	}
	(void)body_read_reply(run->session.document, answer.body, &ok, &job->failure);
	return advance_row(run, job, ok, failure);
}

/* Signs what is not signed yet, and reports the rows that need nothing more. What must be asked for that is asked side
 * by side. */
static enum error sign_chunk(struct run *run, struct failure *failure) {
	enum error error = OK;
	for (size_t i = 0; i < run->job_count && error == OK; i++) {
		while (error == OK && client_waiting(run->session.client) >= WINDOW) {
			error = take_view(run, failure);
		}
		if (error == OK) {
			error = advance_row(run, &run->jobs[i], NULL, failure);
		}
	}
	while (error == OK && client_waiting(run->session.client) > 0) {
		error = take_view(run, failure);
	}
	return error == OK ? sync_chunk(run, failure) : error;
}

static enum error begin_chunk(struct run *run, struct sheet_row *rows, size_t count, struct failure *failure) {
	run->jobs = calloc(count, sizeof *run->jobs);
	run->job_count = run->jobs == NULL ? 0 : count;
	run->told = 0;
	for (size_t i = 0; i < run->job_count; i++) {
		run->jobs[i].row = &rows[i];
		run->jobs[i].failure = rows[i].failure;
		buffer_init(&run->jobs[i].step.text, NOTE_TEXT_MAX);
	}
	return run->jobs == NULL ? fail(failure, ERROR_NO_MEMORY, "out of memory") : OK;
}

static void end_chunk(struct run *run) {
	batch_report_rest(run);
	for (size_t i = 0; i < run->job_count; i++) {
		parcel_release(&run->jobs[i].parcel);
		buffer_release(&run->jobs[i].step.text);
	}
	free(run->jobs);
	run->jobs = NULL;
	run->job_count = 0;
}

static enum error run_chunk(struct run *run, struct sheet_row *rows, size_t count, struct failure *failure) {
	enum error error = begin_chunk(run, rows, count, failure);
	if (error == OK) {
		error = sign_chunk(run, failure);
	}
	if (error == OK && !run->queueing) {
		error = send_chunk(run, run->jobs, count, failure);
	}
	if (error == OK && run->queueing) {
		error = queue_chunk(run, run->jobs, count, failure);
	}
	end_chunk(run);
	return error;
}

/* What a single note takes, and many do not. */
static enum error check_settings(const struct settings *settings, struct failure *failure) {
	if (settings->out != NULL) {
		return fail(failure, ERROR_USAGE, "--out does not go with --batch; the home keeps every accepted note in "
		            "notes/");
	}
	return !settings->again ? OK : fail(failure, ERROR_USAGE, "--again does not go with --batch, where a row that "
	                                    "stands twice is two offers");
}

static enum error run_all(struct run *run, struct failure *failure) {
	const struct settings *settings = &run->call->settings;
	enum error error = home_open(settings, &run->home, failure);
	if (error == OK) {
		error = run->plan->check_role(&run->home, run->plan->form.kind, failure);
	}
	if (error == OK) {
		error = batch_confirm(run, failure);
	}
	if (error == OK) {
		error = home_unlock(&run->home, settings, failure);
	}
	if (error == OK) {
		error = session_open(&run->session, &run->home, settings, failure);
	}
	for (size_t at = 0; error == OK && at < run->sheet->count; at += CHUNK) {
		size_t rest = run->sheet->count - at;
		error = run_chunk(run, run->sheet->rows + at, rest < CHUNK ? rest : CHUNK, failure);
	}
	print_progress_end();
	return error;
}

enum error batch_run(const struct invocation *call, const char *path, const struct batch_plan *plan,
                     struct failure *failure) {
	struct sheet sheet = { .rows = NULL };
	struct run run = { .call = call, .plan = plan, .sheet = &sheet, .queueing = call->settings.queue };
	enum error error = check_settings(&call->settings, failure);
	if (error == OK) {
		error = sheet_read(path, &plan->form, &sheet, failure);
	}
	for (size_t i = 0; error == OK && plan->read != NULL && i < sheet.count; i++) {
		plan->read(&sheet.rows[i]);
	}
	(void)snprintf(run.nouns, sizeof run.nouns, "%ss", plan->noun);
	run.seen = map_new();
	run.notes = map_new();
	run.proven = map_new();
	if (error == OK && (run.seen == NULL || run.notes == NULL || run.proven == NULL)) {
		error = fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	if (error == OK) {
		error = run_all(&run, failure);
	}
	if (error == OK) {
		error = batch_report_end(&run, failure);
	}
	map_free(run.seen, NULL);
	map_free(run.proven, NULL);
	map_free(run.notes, NULL);
	deal_view_release(&run.view);
	noted_release(&run.noted);
	session_release(&run.queue);
	session_release(&run.beside);
	session_release(&run.session);
	home_release(&run.home);
	sheet_release(&sheet);
	return error;
}

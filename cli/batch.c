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

/* A row as its plan signs it. Deals that rows belong to were asked for before. */
static enum error sign_row(struct run *run, struct job *job, const struct deal_view *view, struct failure *failure) {
	enum error error = run->plan->sign(run, job, view, failure);
	if (error == OK && parcel_is_accepted(&job->parcel, &run->home)) {
		job->state = JOB_ACCEPTED_BEFORE;
	}
	return error;
}

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

/* Counts what has become of a row and tells it. A row's lines are of our making, so what counts of a refusal is the
 * row's number and the key in the message. */
static void report_row(struct run *run, struct job *job, enum job_state state) {
	job->state = state;
	run->done++;
	run->accepted += state == JOB_ACCEPTED;
	run->before += state == JOB_ACCEPTED_BEFORE;
	run->queued += state == JOB_QUEUED;
	if (state == JOB_REFUSED) {
		run->refused++;
		run->last = job->failure;
		print_progress_end();
	}
	if (run->call->settings.json) {
		print_row(job);
	} else if (state == JOB_REFUSED) {
		(void)fprintf(stderr, "row %zu: %s: %s\n", job->row->number, error_word(job->failure.code),
		              job->failure.text);
	}
	print_progress(run->plan->nouns, run->done, run->sheet->count);
}

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
	report_row(run, job, error == OK ? JOB_ACCEPTED : JOB_REFUSED);
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
		report_row(run, job, JOB_QUEUED);
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
		report_row(run, job, JOB_QUEUED);
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

/* Signs a row, and reports it if it needs nothing more. */
static void settle_row(struct run *run, struct job *job, const struct deal_view *view) {
	if (job->failure.code != OK || sign_row(run, job, view, &job->failure) != OK) {
		report_row(run, job, JOB_REFUSED);
	} else if (job->state == JOB_ACCEPTED_BEFORE) {
		report_row(run, job, JOB_ACCEPTED_BEFORE);
	}
}

/* Takes the answer about one row's deal, and signs the row. */
static enum error take_deal(struct run *run, struct deal_view *view, struct failure *failure) {
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
	if (body_read_reply(run->session.document, answer.body, &ok, &job->failure) == OK) {
		(void)deal_view_read(pack_find(ok, "deal"), &run->home.join, view, &job->failure);
	}
	settle_row(run, job, view);
	return OK;
}

/* Asks for the deals of a chunk side by side. What a row signs follows from how its deal is now. */
static enum error sign_steps(struct run *run, struct job *jobs, size_t count, struct failure *failure) {
	struct deal_view view = { .sequence = 0 };
	enum error error = OK;
	for (size_t i = 0; i < count && error == OK; i++) {
		char digits[65], id[80];
		struct buffer *cell = &jobs[i].row->extras[0];
		if (jobs[i].failure.code != OK || !slice_copy_text(buffer_slice(cell), id, sizeof id) ||
		    session_id_digits(id, digits, &jobs[i].failure) != OK) {
			jobs[i].failure.code = jobs[i].failure.code == OK ? ERROR_USAGE : jobs[i].failure.code;
			report_row(run, &jobs[i], JOB_REFUSED);
			continue;
		}
		while (error == OK && client_waiting(run->session.client) >= WINDOW) {
			error = take_deal(run, &view, failure);
		}
		buffer_clear(&run->session.request);
		body_begin_request(&run->session.request, "deal", 1);
		pack_key_word(&run->session.request, "id", digits);
		if (error == OK) {
			error = client_send(run->session.client, SERVICE_VIEWS, buffer_slice(&run->session.request), &jobs[i],
			                    failure);
		}
	}
	while (error == OK && client_waiting(run->session.client) > 0) {
		error = take_deal(run, &view, failure);
	}
	deal_view_release(&view);
	return error;
}

/* Signs what is not signed yet, and reports the rows that need nothing more. */
static enum error sign_chunk(struct run *run, struct job *jobs, size_t count, struct failure *failure) {
	enum error error = OK;
	if (run->plan->form.extra_count > 0) {
		error = sign_steps(run, jobs, count, failure);
	}
	for (size_t i = 0; i < count && run->plan->form.extra_count == 0; i++) {
		settle_row(run, &jobs[i], NULL);
	}
	return error == OK ? sync_chunk(run, failure) : error;
}

static enum error run_chunk(struct run *run, struct sheet_row *rows, size_t count, struct failure *failure) {
	struct job *jobs = calloc(count, sizeof *jobs);
	if (jobs == NULL) {
		return fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	for (size_t i = 0; i < count; i++) {
		jobs[i].row = &rows[i];
		jobs[i].failure = rows[i].failure;
	}
	enum error error = sign_chunk(run, jobs, count, failure);
	if (error == OK && !run->queueing) {
		error = send_chunk(run, jobs, count, failure);
	}
	if (error == OK && run->queueing) {
		error = queue_chunk(run, jobs, count, failure);
	}
	for (size_t i = 0; i < count; i++) {
		parcel_release(&jobs[i].parcel);
	}
	free(jobs);
	return error;
}

static enum error confirm(const struct run *run, struct failure *failure) {
	char question[128];
	if (run->call->settings.yes) {
		return OK;
	}
	(void)snprintf(question, sizeof question, "Sign and submit %zu %s as %s?", run->sheet->count, run->plan->nouns,
	               run->home.name);
	if (!isatty(STDIN_FILENO)) {
		return fail(failure, ERROR_USAGE, "there is no terminal to ask whether to sign; use --yes if it is right");
	}
	return print_ask(question) ? OK : fail(failure, ERROR_NOT_ALLOWED, "not signed; nothing was sent");
}

static enum error run_all(struct run *run, struct failure *failure) {
	const struct settings *settings = &run->call->settings;
	enum error error = home_open(settings, &run->home, failure);
	if (error == OK) {
		error = run->plan->check_role(&run->home, run->plan->form.kind, failure);
	}
	if (error == OK) {
		error = confirm(run, failure);
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
	return error;
}

enum error batch_run(const struct invocation *call, const struct batch_plan *plan, struct sheet *sheet,
                     struct failure *failure) {
	struct run run = { .call = call, .plan = plan, .sheet = sheet, .queueing = call->settings.queue };
	run.seen = map_new();
	enum error error = run.seen == NULL ? fail(failure, ERROR_NO_MEMORY, "out of memory") : run_all(&run, failure);
	print_progress_end();
	if (error == OK && !call->settings.json) {
		(void)printf("%zu accepted, %zu accepted before, ", run.accepted, run.before);
		if (run.queued > 0) {
			(void)printf("%zu queued (see troth queue list), ", run.queued);
		}
		(void)printf("%zu refused\n", run.refused);
	}
	if (error == OK && run.refused > 0) {
		error = fail(failure, run.last.code, "%zu of %zu rows were refused; mend them and run the same command again",
		             run.refused, sheet->count);
	} else if (error == OK && run.queued > 0) {
		error = fail(failure, ERROR_QUEUED, "%s", "");
	}
	map_free(run.seen, NULL);
	session_release(&run.queue);
	session_release(&run.session);
	home_release(&run.home);
	return error;
}

/* Many offers at once; see batch.h.
 *
 * Rows are signed in chunks: the notes of a chunk are written, synced once, and only then sent, so that a crash at any
 * point leads to the same notes. Up to WINDOW of them wait for their answers at the same time. */
#include "cli/batch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/map.h"
#include "cli/act.h"
#include "cli/draft.h"
#include "cli/sheet.h"

#define CHUNK 256
#define WINDOW 128

struct job {
	const struct sheet_row *row;
	struct parcel parcel;
	struct failure failure; /* code OK: to be sent, sent or accepted */
	bool accepted_before;
};

struct run {
	const struct invocation *call;
	struct home home;
	struct session session;
	struct sheet sheet;
	struct map *seen; /* how often the same draft has stood in earlier rows */
	size_t accepted, before, refused;
	struct failure last;
};

/* Two equal rows are two offers: the purpose of a row counts the equal ones before it. */
static enum error write_purpose(struct run *run, struct slice draft, struct buffer *out, struct failure *failure) {
	struct map_entry *entry = map_find(run->seen, draft);
	uintptr_t times = entry == NULL ? 0 : (uintptr_t)entry->value;
	if (entry != NULL) {
		entry->value = (void *)(times + 1);
	} else if (!map_put(run->seen, draft, (void *)(uintptr_t)1)) {
		return fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	(void)buffer_format(out, "row %zu\n", (size_t)times);
	(void)buffer_append_slice(out, draft);
	return buffer_ok(out) ? OK : fail(failure, ERROR_TOO_LONG, "longer than an offer may be");
}

static enum error sign_row(struct run *run, struct job *job, struct failure *failure) {
	struct slice draft = buffer_slice(&job->row->draft);
	struct buffer purpose, text;
	if (job->row->failure.code != OK) {
		*failure = job->row->failure;
		return failure->code;
	}
	buffer_init(&purpose, NOTE_TEXT_MAX + 64);
	buffer_init(&text, NOTE_TEXT_MAX);
	enum error error = write_purpose(run, draft, &purpose, failure);
	if (error == OK) {
		error = parcel_open(&job->parcel, &run->home, buffer_slice(&purpose), failure);
	}
	if (error == OK && !parcel_is_signed(&job->parcel)) {
		error = draft_compose(&run->home, draft, &text, failure);
		if (error == OK) {
			error = parcel_sign(&job->parcel, &run->home, buffer_slice(&text), false, failure);
		}
	}
	job->accepted_before = error == OK && parcel_is_accepted(&job->parcel, &run->home);
	buffer_release(&text);
	buffer_release(&purpose);
	return error;
}

/* A row's lines are of our making, so what counts is the row's number and the key in the message. */
static void report_row(struct run *run, const struct job *job) {
	char id[ID_TEXT_SIZE];
	bool json = run->call->settings.json;
	if (job->failure.code != OK) {
		run->refused++;
		run->last = job->failure;
		print_progress_end();
		if (json) {
			print_json(json_pack("{s:I, s:{s:s, s:s}}", "row", (json_int_t)job->row->number, "error", "code",
			                     error_word(job->failure.code), "message", job->failure.text));
		} else {
			(void)fprintf(stderr, "row %zu: %s: %s\n", job->row->number, error_word(job->failure.code),
			              job->failure.text);
		}
		return;
	}
	run->accepted += job->accepted_before ? 0 : 1;
	run->before += job->accepted_before ? 1 : 0;
	if (json) {
		print_json(json_pack("{s:I, s:s, s:b}", "row", (json_int_t)job->row->number, "id",
		                     print_id(slice_of(job->parcel.id, HASH_SIZE), id), "already", job->accepted_before));
	}
}

static enum error sync_chunk(const struct run *run, struct failure *failure) {
	int fd = open(run->home.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum error error = fd >= 0 && syncfs(fd) == 0 ? OK : fail_system(failure, "cannot sync %s", run->home.folder);
	if (fd >= 0) {
		(void)close(fd);
	}
	return error;
}

/* Takes one answer; an error of the connection ends the run, a refusal only the row. */
static enum error take_answer(struct run *run, struct failure *failure) {
	struct client_answer answer;
	struct receipt receipt;
	enum error error = client_next(run->session.client, 1000, &answer);
	if (error == ERROR_NOT_FOUND) {
		return OK;
	}
	if (error != OK) {
		return fail(failure, error, "the connection to %s failed", run->home.join.brokers[0].endpoint);
	}
	struct job *job = answer.tag;
	if (answer.error != OK) {
		return fail(failure, answer.error,
		            "row %zu: no answer from %s; what it has answered is kept, run the same command again for the rest",
		            job->row->number, run->home.join.brokers[0].endpoint);
	}
	error = parcel_take_answer(&job->parcel, &run->home, run->session.document, answer.body, &receipt, &job->failure);
	if (error == ERROR_STORE_FULL || error == ERROR_NO_MEMORY) {
		*failure = job->failure;
		return error;
	}
	report_row(run, job);
	print_progress("offers", run->accepted + run->before + run->refused, run->sheet.count);
	return OK;
}

static enum error send_chunk(struct run *run, struct job *jobs, size_t count, struct failure *failure) {
	enum error error = OK;
	for (size_t i = 0; i < count && error == OK; i++) {
		struct job *job = &jobs[i];
		if (job->failure.code != OK || job->accepted_before) {
			report_row(run, job);
			continue;
		}
		while (error == OK && client_waiting(run->session.client) >= WINDOW) {
			error = take_answer(run, failure);
		}
		buffer_clear(&run->session.request);
		outbox_request(buffer_slice(&job->parcel.bytes), &run->session.request);
		if (error == OK) {
			error = client_send(run->session.client, SERVICE_NOTES, buffer_slice(&run->session.request), job, failure);
		}
	}
	while (error == OK && client_waiting(run->session.client) > 0) {
		error = take_answer(run, failure);
	}
	return error;
}

static enum error run_chunk(struct run *run, const struct sheet_row *rows, size_t count, struct failure *failure) {
	struct job *jobs = calloc(count, sizeof *jobs);
	if (jobs == NULL) {
		return fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	for (size_t i = 0; i < count; i++) {
		jobs[i].row = &rows[i];
		(void)sign_row(run, &jobs[i], &jobs[i].failure);
	}
	enum error error = sync_chunk(run, failure);
	if (error == OK) {
		error = send_chunk(run, jobs, count, failure);
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
	(void)snprintf(question, sizeof question, "Sign and submit %zu offers as %s?", run->sheet.count, run->home.name);
	if (!isatty(STDIN_FILENO)) {
		return fail(failure, ERROR_USAGE, "there is no terminal to ask whether to sign; use --yes if it is right");
	}
	return print_ask(question) ? OK : fail(failure, ERROR_NOT_ALLOWED, "not signed; nothing was sent");
}

static enum error run_all(struct run *run, struct failure *failure) {
	const struct settings *settings = &run->call->settings;
	enum error error = home_open(settings, &run->home, failure);
	if (error == OK) {
		error = home_require_role(&run->home, ROLE_BRAND, "offers are made by brands", failure);
	}
	if (error == OK) {
		error = sheet_read(settings->batch, &run->sheet, failure);
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
	for (size_t at = 0; error == OK && at < run->sheet.count; at += CHUNK) {
		size_t rest = run->sheet.count - at;
		error = run_chunk(run, run->sheet.rows + at, rest < CHUNK ? rest : CHUNK, failure);
	}
	return error;
}

enum error batch_submit(const struct invocation *call, struct failure *failure) {
	struct run run = { .call = call, .last = { .code = OK } };
	run.seen = map_new();
	enum error error = run.seen == NULL ? fail(failure, ERROR_NO_MEMORY, "out of memory") : run_all(&run, failure);
	print_progress_end();
	if (error == OK && !call->settings.json) {
		(void)printf("%zu accepted, %zu accepted before, %zu refused\n", run.accepted, run.before, run.refused);
	}
	if (error == OK && run.refused > 0) {
		error = fail(failure, run.last.code, "%zu of %zu rows were refused; mend them and run the same command again",
		             run.refused, run.sheet.count);
	}
	map_free(run.seen, NULL);
	sheet_release(&run.sheet);
	session_release(&run.session);
	home_release(&run.home);
	return error;
}

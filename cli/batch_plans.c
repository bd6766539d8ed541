/* What rows of a batch become: offers, or steps of deals; see batch.h. */
#include "cli/batch_run.h"
#include "cli/draft.h"
#include "cli/step.h"

/* ---- offers ---- */

static enum error check_brand(const struct home *home, const struct kind *kind, struct failure *failure) {
	(void)kind;
	return home_require_role(home, ROLE_BRAND, "offers are made by brands", failure);
}

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

static enum error sign_offer(struct run *run, struct job *job, const struct deal_view *view, struct failure *failure) {
	struct slice draft = buffer_slice(&job->row->draft);
	struct buffer purpose, text;
	(void)view;
	buffer_init(&purpose, NOTE_TEXT_MAX + 64);
	buffer_init(&text, NOTE_TEXT_MAX);
	enum error error = write_purpose(run, draft, &purpose, failure);
	if (error == OK) {
		error = parcel_open(&job->parcel, &run->home, buffer_slice(&purpose), failure);
	}
	if (error == OK && !parcel_is_signed(&job->parcel)) {
		error = draft_compose(&run->home, KIND_OFFER, draft, &text, failure);
		if (error == OK) {
			error = parcel_sign(&job->parcel, &run->home, buffer_slice(&text), false, failure);
		}
	}
	buffer_release(&text);
	buffer_release(&purpose);
	return error;
}

enum error batch_submit(const struct invocation *call, struct failure *failure) {
	const struct batch_plan plan = { .form = { kind_get(KIND_OFFER), "an offer", NULL, 0, 0 },
		                             .nouns = "offers",
		                             .check_role = check_brand,
		                             .sign = sign_offer };
	struct sheet sheet;
	enum error error = sheet_read(call->settings.batch, &plan.form, &sheet, failure);
	if (error == OK) {
		error = batch_run(call, &plan, &sheet, failure);
	}
	sheet_release(&sheet);
	return error;
}

/* ---- steps ---- */

enum error batch_sign_step(struct run *run, struct job *job, const struct deal_view *view, struct failure *failure) {
	const struct kind *kind = run->plan->form.kind;
	struct note draft;
	struct note_pairs given = { .count = 0 };
	struct buffer text;
	buffer_init(&text, NOTE_TEXT_MAX);
	enum error error = draft_parse(buffer_slice(&job->row->draft), kind, &draft, failure);
	for (size_t i = 0; error == OK && i < draft.count; i++) {
		error = note_pairs_add(&given, draft.values[i].field->key, draft.values[i].raw, failure);
	}
	if (error == OK) {
		error = step_prepare(&job->parcel, &run->home, view, kind, &given, &text, failure);
	}
	bool is_new = error == OK && !parcel_is_signed(&job->parcel);
	if (is_new && run->plan->check_new != NULL) {
		error = run->plan->check_new(job, view, failure);
	}
	if (is_new && error == OK) {
		error = parcel_sign(&job->parcel, &run->home, buffer_slice(&text), false, failure);
	}
	buffer_release(&text);
	return error;
}

enum error batch_steps(const struct invocation *call, const struct kind *kind, struct failure *failure) {
	static const char *const extras[] = { "deal" };
	const struct batch_plan plan = { .form = { kind, "such a note", extras, 1, 1 },
		                             .nouns = "notes",
		                             .check_role = step_check_role,
		                             .sign = batch_sign_step };
	struct sheet sheet;
	enum error error = sheet_read(call->settings.batch, &plan.form, &sheet, failure);
	if (error == OK) {
		error = batch_run(call, &plan, &sheet, failure);
	}
	sheet_release(&sheet);
	return error;
}

/* Rows that become steps of deals; see batch.h.
 *
 * What a row signs follows from how its deal is, and answers the deal's latest note. So the deal is asked for, and then
 * that note, which must lead to where the deal is said to be: as for a single step (cli/deal_head.h), but many rows
 * side by side. */
#include "cli/account_key.h"
#include "cli/batch_run.h"
#include "cli/draft.h"
#include "cli/step.h"
#include "wire/body.h"

static enum error ask_deal(struct run *run, struct job *job, struct failure *failure) {
	char digits[65], id[80];
	if (!slice_copy_text(buffer_slice(&job->row->extras[0]), id, sizeof id)) {
		return fail(failure, ERROR_USAGE, "deal: longer than an id");
	}
	enum error error = session_id_digits(id, digits, failure);
	if (error == OK) {
		job->step.asks = STEP_ASKS_DEAL;
		body_begin_request(&run->session.request, "deal", 1);
		pack_key_word(&run->session.request, "id", digits);
	}
	return error;
}

static void ask_notes(struct run *run, struct job *job, int64_t after) {
	char digits[HASH_HEX_SIZE];
	hex_encode(slice_of(job->step.deal.id, HASH_SIZE), digits);
	job->step.asks = STEP_ASKS_HEAD;
	job->step.after = after;
	body_begin_request(&run->session.request, "notes", 2);
	pack_key_word(&run->session.request, "deal", digits);
	pack_key_signed(&run->session.request, "after", after);
}

static enum error sign(struct run *run, struct job *job, struct failure *failure) {
	return parcel_sign(&job->parcel, &run->home, buffer_slice(&job->step.text), false, failure);
}

/* True if the deal's latest note is this text, which deal_view_read has checked. */
static bool is_head(const struct deal_view *view, const struct checked_note *text) {
	return checked_note_is_there(text) && memcmp(text->id, view->deal.head, HASH_SIZE) == 0;
}

/* A step follows the deal's latest note, which is asked for before anything is sent: so a run takes one of a deal.
 * Equal rows are one note. */
static enum error check_alone(const struct run *run, const struct job *job, struct failure *failure) {
	const struct sheet_row *other = map_get(run->seen, slice_of(run->view.deal.id, HASH_SIZE));
	bool alone = other == NULL || slice_equal(buffer_slice(&other->draft), buffer_slice(&job->row->draft));
	return alone ? OK : fail(failure, ERROR_SUPERSEDED, "row %zu is about the same deal; this one is next: run the "
	                         "same command again", other->number);
}

static enum error remember(struct run *run, const struct job *job, struct failure *failure) {
	struct slice id = slice_of(run->view.deal.id, HASH_SIZE);
	bool kept = map_get(run->seen, id) != NULL || map_put(run->seen, id, job->row);
	return kept ? OK : fail(failure, ERROR_NO_MEMORY, "out of memory");
}

static enum error take_deal(struct run *run, struct job *job, const struct pack_value *answer,
                            struct failure *failure) {
	const struct kind *kind = run->plan->form.kind;
	struct deal_view *view = &run->view;
	struct note draft;
	struct note_pairs given = { .count = 0 };
	enum error error = deal_view_read(pack_find(answer, "deal"), &run->home.join, view, failure);
	if (error == OK) {
		error = draft_parse(buffer_slice(&job->row->draft), kind, &draft, failure);
	}
	for (size_t i = 0; error == OK && i < draft.count; i++) {
		error = note_pairs_add(&given, draft.values[i].field->key, draft.values[i].raw, failure);
	}
	if (error == OK) {
		error = step_prepare(&job->parcel, &run->home, view, kind, &given, &job->step.text, failure);
	}
	if (error != OK || parcel_is_accepted(&job->parcel, &run->home)) {
		return error; /* what was accepted before keeps no other row back */
	}
	bool is_new = !parcel_is_signed(&job->parcel);
	error = check_alone(run, job, failure);
	if (error == OK && is_new && run->plan->check_new != NULL) {
		error = run->plan->check_new(job, view, failure);
	}
	error = error == OK ? remember(run, job, failure) : error;
	if (error != OK || !is_new) {
		return error;
	}
	if (error == OK && (is_head(view, &view->text) || is_head(view, &view->draft))) {
		return sign(run, job, failure);
	}
	if (error == OK) {
		job->step.deal = view->deal;
		job->step.keys = deal_head_keys(&view->text.note);
		ask_notes(run, job, view->sequence);
	}
	return error;
}

/* Whose the key is; asked once for all rows. */
static enum error prove_signer(struct run *run, const struct head_signer *signer, struct failure *failure) {
	char name[ACCOUNT_NAME_MAX + 2 * KEY_SIZE + 32], hex[HASH_HEX_SIZE];
	hex_encode(slice_of(signer->key, KEY_SIZE), hex);
	(void)snprintf(name, sizeof name, "%s %s %s", role_words[signer->role], hex, signer->account);
	if (map_find(run->proven, slice_of_text(name)) != NULL) {
		return OK;
	}
	enum error error = batch_beside(run, failure);
	if (error == OK) {
		error = account_key_vouch(&run->beside, signer->account, signer->role, signer->key, failure);
	}
	if (error == OK && !map_put(run->proven, slice_of_text(name), run)) {
		error = fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	return error;
}

/* Looks for the deal's latest note on a page of its notes. */
static enum error take_notes(struct run *run, struct job *job, const struct pack_value *answer,
                             struct failure *failure) {
	const struct pack_value *items = pack_find(answer, "items");
	const struct deal *deal = &job->step.deal;
	struct head_signer signer = { .role = ROLE_COUNT };
	int64_t after = 0;
	for (size_t i = 0; i < pack_count(items); i++) {
		const struct pack_value *item = pack_item(items, i);
		struct slice id;
		if (!pack_as_bytes(pack_find(item, "id"), &id) || !slice_equal(id, slice_of(deal->head, HASH_SIZE))) {
			continue;
		}
		enum error error = noted_read(item, &run->home.join, &run->noted, failure);
		if (error == OK) {
			error = deal_head_judge(deal, &job->step.keys, &run->noted, &signer, failure);
		}
		if (error == OK && signer.role != ROLE_COUNT) {
			error = prove_signer(run, &signer, failure);
		}
		return error == OK ? sign(run, job, failure) : error;
	}
	if (pack_as_signed(pack_find(answer, "after"), &after) && after > job->step.after) {
		ask_notes(run, job, after);
		return OK;
	}
	return fail(failure, ERROR_MALFORMED, "the agency does not show the deal's latest note; sign nothing, and ask the "
	            "agency");
}

enum error batch_sign_step(struct run *run, struct job *job, const struct pack_value *answer,
                           struct failure *failure) {
	switch (job->step.asks) {
	case STEP_ASKS_NOTHING:
		return ask_deal(run, job, failure);
	case STEP_ASKS_DEAL:
		return take_deal(run, job, answer, failure);
	default:
		return take_notes(run, job, answer, failure);
	}
}

enum error batch_steps(const struct invocation *call, const struct kind *kind, struct failure *failure) {
	static const char *const extras[] = { "deal" };
	char noun[32];
	(void)snprintf(noun, sizeof noun, "%s note", kind->name);
	const struct batch_plan plan = { .form = { .kind = kind, .noun = "such a note", .extras = extras,
		                                       .extra_count = 1, .required = 1 },
		                             .noun = noun,
		                             .money = kind->id == KIND_PAY ? batch_amount : NULL,
		                             .money_words = ", together",
		                             .check_role = step_check_role,
		                             .sign = batch_sign_step };
	return batch_run(call, call->settings.batch, &plan, failure);
}

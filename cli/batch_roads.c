/* What rows of a batch become: signatures on the other side's texts, invitations, closed offers; see batch.h.
 *
 * Whatever was signed for a row before stays: a row whose note was accepted once is not done anew, even if the deal
 * that came of it has ended, so that the same file may be run again for its other rows. */
#include "cli/batch_run.h"
#include "cli/offer_view.h"
#include "cli/road.h"
#include "wire/body.h"

#define CELL_MAX 256

/* What rows that ask one by one share. */
struct asking {
	const char *offer_id;       /* as written on the command line */
	struct checked_note *offer; /* read with the first row */
	struct failure *gone;       /* nobody answers: no other row needs to wait for that */
};

/* The row's one cell. */
static enum error read_cell(const struct run *run, const struct job *job, char out[CELL_MAX],
                            struct failure *failure) {
	const char *column = run->plan->form.extras[0];
	if (job->row->draft.size > 0) {
		return fail(failure, ERROR_BAD_VALUE, "only the column %s counts here; leave the others empty", column);
	}
	return slice_copy_text(buffer_slice(&job->row->extras[0]), out, CELL_MAX) && out[0] != '\0' ? OK
	       : fail(failure, ERROR_BAD_VALUE, "there is nothing good in the column %s", column);
}

/* ---- acceptances ---- */

static enum error check_party(const struct home *home, const struct kind *kind, struct failure *failure) {
	(void)kind;
	return home->role != ROLE_OPERATOR ? OK : fail(failure, ERROR_NOT_ALLOWED, "brands and creators sign texts");
}

/* Nothing waits: then the row was done before, or cannot be done. */
static enum error find_signed(struct job *job, const struct home *home, const struct deal *deal,
                              struct failure *failure) {
	const uint8_t *const texts[] = { deal->text, deal->id };
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		parcel_release(&job->parcel);
		enum error error = road_open_theirs(&job->parcel, home, texts[i], failure);
		if (error != OK || parcel_is_signed(&job->parcel)) {
			return error;
		}
	}
	return fail(failure, ERROR_WRONG_STATE, "there is nothing to sign; the deal is %s", deal_state_words[deal->state]);
}

static enum error sign_waiting(struct run *run, struct job *job, const char *digits, struct failure *failure) {
	const struct deal_view *view = &run->view;
	char now[ID_TEXT_SIZE];
	const struct checked_note *text = NULL;
	if (!deal_view_is(view, digits)) {
		return fail(failure, ERROR_SUPERSEDED, "another text has taken its place; see troth deal show %s",
		            print_id(slice_of(view->deal.id, HASH_SIZE), now));
	}
	enum error error = road_find_text(view, &run->home, &text, failure);
	if (error != OK || text == NULL) {
		return error == OK ? find_signed(job, &run->home, &view->deal, failure) : error;
	}
	error = road_check_own_key(&run->home, &text->note, failure);
	if (error == OK) {
		error = road_open_theirs(&job->parcel, &run->home, text->id, failure);
	}
	if (error == OK && !parcel_is_signed(&job->parcel)) {
		error = parcel_sign(&job->parcel, &run->home, text->split.text, false, failure);
	}
	return error;
}

static enum error sign_acceptance(struct run *run, struct job *job, const struct pack_value *answer,
                                  struct failure *failure) {
	char cell[CELL_MAX], digits[65];
	enum error error = read_cell(run, job, cell, failure);
	if (error == OK) {
		error = session_id_digits(cell, digits, failure);
	}
	if (error == OK && answer == NULL) {
		body_begin_request(&run->session.request, "deal", 1);
		pack_key_word(&run->session.request, "id", digits);
		return OK;
	}
	if (error == OK) {
		error = deal_view_read(pack_find(answer, "deal"), &run->home.join, &run->view, failure);
	}
	return error == OK ? sign_waiting(run, job, digits, failure) : error;
}

enum error batch_accept(const struct invocation *call, struct failure *failure) {
	static const char *const extras[] = { "deal" };
	const struct batch_plan plan = { .form = { .kind = kind_get(KIND_AGREEMENT), .noun = "an agreement",
		                                       .extras = extras, .extra_count = 1, .required = 1 },
		                             .noun = "unseen text of the other side",
		                             .check_role = check_party,
		                             .sign = sign_acceptance };
	return batch_run(call, call->settings.batch, &plan, failure);
}

/* ---- rows that ask one by one ---- */

static enum error check_brand(const struct home *home, const struct kind *kind, struct failure *failure) {
	return home_require_role(home, ROLE_BRAND, kind->id == KIND_CLOSE ? "an offer is closed by the brand that made it"
	                                                                  : "creators are invited by brands", failure);
}

/* Signs a row by `sign`, unless nobody has answered an earlier one. */
static enum error sign_asking(struct run *run, struct job *job, struct failure *failure,
                              enum error (*sign)(struct run *run, const struct asking *asking, struct job *job,
                                                 struct failure *failure)) {
	const struct asking *asking = run->plan->context;
	if (asking->gone->code != OK) {
		*failure = *asking->gone;
		return failure->code;
	}
	enum error error = batch_beside(run, failure);
	if (error == OK) {
		error = sign(run, asking, job, failure);
	}
	if (error == ERROR_UNREACHABLE || error == ERROR_NO_WORKER) {
		*asking->gone = *failure;
	}
	return error;
}

static enum error sign_invitation_asking(struct run *run, const struct asking *asking, struct job *job,
                                         struct failure *failure) {
	char name[CELL_MAX], text[PARTY_TEXT_MAX], id[ID_TEXT_SIZE], purpose[CELL_MAX + 96];
	struct party creator;
	struct buffer out;
	enum error error = read_cell(run, job, name, failure);
	if (error == OK && !checked_note_is_there(asking->offer)) {
		error = road_fetch_offer(&run->beside, asking->offer_id, asking->offer, failure);
	}
	if (error != OK) {
		return error;
	}
	(void)snprintf(purpose, sizeof purpose, "invite %s %s", print_id(slice_of(asking->offer->id, HASH_SIZE), id), name);
	error = parcel_open(&job->parcel, &run->home, slice_of_text(purpose), failure);
	if (error != OK || parcel_is_signed(&job->parcel)) {
		return error;
	}
	buffer_init(&out, NOTE_TEXT_MAX);
	error = road_fetch_party(&run->beside, name, ROLE_CREATOR, &creator, text, failure);
	if (error == OK) {
		error = road_derive_invitation(&run->home, asking->offer, &creator, &out, failure);
	}
	if (error == OK) {
		error = parcel_sign(&job->parcel, &run->home, buffer_slice(&out), false, failure);
	}
	buffer_release(&out);
	return error;
}

static enum error sign_invitation(struct run *run, struct job *job, const struct pack_value *answer,
                                  struct failure *failure) {
	(void)answer;
	return sign_asking(run, job, failure, sign_invitation_asking);
}

static enum error run_asking(const struct invocation *call, const char *column, const char *noun,
                             const struct asking *asking, struct batch_plan *plan, struct failure *failure) {
	plan->form.extras = &column;
	plan->form.extra_count = plan->form.required = 1;
	plan->noun = noun;
	plan->check_role = check_brand;
	plan->context = asking;
	return batch_run(call, call->settings.batch, plan, failure);
}

enum error batch_invite(const struct invocation *call, struct failure *failure) {
	struct checked_note offer = { .signed_by = 0 };
	struct failure gone = { .code = OK };
	const struct asking asking = { .offer_id = call->operands[0], .offer = &offer, .gone = &gone };
	struct batch_plan plan = { .form = { .kind = kind_get(KIND_AGREEMENT), .noun = "an agreement" },
		                       .sign = sign_invitation };
	enum error error = run_asking(call, "creator", "invitation", &asking, &plan, failure);
	checked_note_release(&offer);
	return error;
}

static enum error sign_close_asking(struct run *run, const struct asking *asking, struct job *job,
                                    struct failure *failure) {
	char cell[CELL_MAX], brand[PARTY_TEXT_MAX], offer[ID_TEXT_SIZE], purpose[96];
	struct buffer text;
	(void)asking;
	enum error error = read_cell(run, job, cell, failure);
	if (error == OK) {
		error = offer_view_find_id(&run->beside, cell, offer, failure);
	}
	if (error != OK) {
		return error;
	}
	(void)snprintf(purpose, sizeof purpose, "close %s", offer);
	error = parcel_open(&job->parcel, &run->home, slice_of_text(purpose), failure);
	if (error != OK || parcel_is_signed(&job->parcel)) {
		return error;
	}
	const struct note_pair pairs[] = { { "offer", slice_of_text(offer) },
		                               { "brand", slice_of_text(home_party_text(&run->home, brand)) } };
	buffer_init(&text, NOTE_TEXT_MAX);
	error = outbox_compose(&run->home, KIND_CLOSE, pairs, 2, &text, failure);
	if (error == OK) {
		error = parcel_sign(&job->parcel, &run->home, buffer_slice(&text), false, failure);
	}
	buffer_release(&text);
	return error;
}

static enum error sign_close(struct run *run, struct job *job, const struct pack_value *answer,
                                  struct failure *failure) {
	(void)answer;
	return sign_asking(run, job, failure, sign_close_asking);
}

enum error batch_close(const struct invocation *call, struct failure *failure) {
	struct failure gone = { .code = OK };
	const struct asking asking = { .gone = &gone };
	struct batch_plan plan = { .form = { .kind = kind_get(KIND_CLOSE), .noun = "a closed offer" },
		                       .sign = sign_close };
	return run_asking(call, "offer", "close note", &asking, &plan, failure);
}

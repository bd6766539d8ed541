/* Rows that become offers; see batch.h. */
#include "base/clock.h"
#include "cli/batch_run.h"
#include "cli/draft.h"
#include "rules/offer.h"

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

static enum error sign_offer(struct run *run, struct job *job, const struct pack_value *answer,
                             struct failure *failure) {
	struct slice draft = buffer_slice(&job->row->draft);
	struct buffer purpose, text;
	(void)answer;
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

enum error batch_reserved(const struct sheet_row *row, struct money *out) {
	struct buffer text;
	struct note offer;
	bool paid = false;
	buffer_init(&text, NOTE_TEXT_MAX);
	enum error error = draft_expand(buffer_slice(&row->draft), clock_wall_seconds(), &text, NULL);
	if (error == OK) {
		error = draft_parse(buffer_slice(&text), kind_get(KIND_OFFER), &offer, NULL);
	}
	if (error == OK) {
		error = offer_reservation(&offer, out, &paid, NULL);
	}
	buffer_release(&text);
	return error;
}

enum error batch_submit(const struct invocation *call, struct failure *failure) {
	const struct batch_plan plan = { .form = { .kind = kind_get(KIND_OFFER), .noun = "an offer" },
		                             .noun = "offer",
		                             .money = batch_reserved,
		                             .money_words = ", which reserve",
		                             .check_role = check_brand,
		                             .sign = sign_offer };
	return batch_run(call, call->settings.batch, &plan, failure);
}

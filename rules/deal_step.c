/* Taking a step by the table of rules/deal.c; see deal.h. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "rules/calendar.h"
#include "rules/deal_parts.h"
#include "rules/offer.h"

#define ANSWER_OTHERWISE (72 * 3600) /* seconds, where the text does not say it */
#define BOTH_SIDES (BY_BRAND | BY_CREATOR)

/* ---- what a note is to a deal ---- */

static unsigned signer_bit(const struct deal_input *input) {
	const struct note *note = input->note;
	if (note->kind->id == KIND_LAPSE) {
		return BY_AGENCY;
	}
	if (note->kind->id == KIND_AGREEMENT) {
		return (input->signed_by & 1) != 0 ? BY_CREATOR : BY_BRAND;
	}
	enum role role = note->kind->signers[0].role;
	return 1U << (role == ROLE_COUNT ? (enum role)note_get(note, "role")->word : role);
}

/* It is the deal's latest note then: any other step drops it. */
static bool amendment_waits(const struct deal *deal, const uint8_t id[FIELD_HASH_SIZE]) {
	return deal->amender != ROLE_COUNT && memcmp(deal->amendment, id, FIELD_HASH_SIZE) == 0;
}

static enum deal_event agreement_event(const struct deal *deal, const struct deal_input *input) {
	bool both = (input->signed_by & 3) == 3, by_creator = input->signed_by == 1;
	if (note_find(input->note, "amends") != NULL) {
		return both || amendment_waits(deal, input->id) ? EVENT_AMEND_SIGN : EVENT_AMEND;
	}
	if (deal->state == DEAL_NONE) {
		bool consented = by_creator && deal->road == ROAD_FIRST_COME;
		return both || consented ? EVENT_SIGN : by_creator ? EVENT_APPLY : EVENT_INVITE;
	}
	bool changed = note_find(input->note, "replaces") != NULL && memcmp(deal->id, input->id, FIELD_HASH_SIZE) != 0;
	return changed && !both ? EVENT_COUNTER : EVENT_SIGN;
}

/* What was sold was sold, even if the post is gone by now. */
static bool settles_late_sales(const struct deal *deal, const struct note *verify) {
	return deal->state != DEAL_POSTED && note_find(verify, "sales") != NULL && deal_awaits_sales(deal);
}

static enum deal_event event_of(const struct deal *deal, const struct deal_input *input) {
	static const enum deal_event events[KIND_COUNT] = {
		[KIND_DECLINE] = EVENT_DECLINE, [KIND_SHIP] = EVENT_SHIP,       [KIND_RECEIVE] = EVENT_RECEIVE,
		[KIND_SUBMIT] = EVENT_SUBMIT,   [KIND_REVISE] = EVENT_REVISE,   [KIND_APPROVE] = EVENT_APPROVE,
		[KIND_POST] = EVENT_POST,       [KIND_PAY] = EVENT_PAY,         [KIND_RATE] = EVENT_RATE,
		[KIND_CANCEL] = EVENT_CANCEL,   [KIND_DISPUTE] = EVENT_DISPUTE, [KIND_LAPSE] = EVENT_LAPSE,
	};
	const struct note *note = input->note;
	switch (note->kind->id) {
	case KIND_AGREEMENT:
		return agreement_event(deal, input);
	case KIND_VERIFY:
		return deal_post_is_good(note) || settles_late_sales(deal, note) ? EVENT_VERIFY : EVENT_FAULT;
	case KIND_RULING:
		return note_get(note, "outcome")->word == OUTCOME_RESUME ? EVENT_RESUME : EVENT_SETTLE;
	default:
		return events[note->kind->id];
	}
}

/* ---- refusals ---- */

/* `what` is a beginning such as "the deal is shipped". */
static enum error refuse_with_state(const struct deal *deal, enum error code, const char *what,
                                    struct failure *failure) {
	struct buffer allowed;
	buffer_init(&allowed, FAILURE_TEXT_MAX);
	deal_allowed(deal, &allowed);
	const char *text = buffer_text(&allowed);
	enum error error = fail(failure, code, "%s; the deal is %s, and allowed now: %s", what,
	                        deal_state_words[deal->state], text == NULL ? "see troth deal show" : text);
	buffer_release(&allowed);
	return error;
}

static enum error refuse_row(const struct step *step, const struct guard *guard, struct failure *failure) {
	const struct deal *deal = step->before;
	if (guard != NULL) {
		return guard->code == ERROR_WRONG_STATE ? refuse_with_state(deal, guard->code, guard->refusal, failure)
		                                        : fail(failure, guard->code, "%s", guard->refusal);
	}
	bool others = deal_is_in_table(deal, step->event, BOTH_SIDES | BY_OPERATOR | BY_AGENCY);
	char what[80];
	(void)snprintf(what, sizeof what, others ? "%s is not this side's step" : "%s is not the next step",
	               deal_event_words[step->event]);
	return refuse_with_state(deal, others ? ERROR_NOT_ALLOWED : ERROR_WRONG_STATE, what, failure);
}

/* ---- a step ---- */

static bool is_party(const struct note *note, const char *key, const char *name) {
	const struct value *value = note_find(note, key);
	return value == NULL || slice_is(value->party.name, name);
}

/* Operators and the agency are no parties; that they are what they say is for the caller to check. A stranger learns
 * neither who the parties are nor where the deal is. */
static enum error check_parties(const struct step *step, struct failure *failure) {
	const struct deal *deal = step->before;
	const struct note *note = step->input->note;
	bool by_agency = (step->by & (BY_OPERATOR | BY_AGENCY)) != 0;
	const char *by = step->by == BY_BRAND ? deal->brand : deal->creator;
	bool good = is_party(note, "brand", deal->brand) && is_party(note, "creator", deal->creator) &&
	            (by_agency || is_party(note, "by", by));
	return good ? OK : fail(failure, ERROR_NOT_ALLOWED, "only this deal's own brand and creator take its steps");
}

static bool refers_to(const struct note *note, const char *key, const uint8_t id[FIELD_HASH_SIZE]) {
	const struct value *value = note_find(note, key);
	return value != NULL && memcmp(value->bytes, id, FIELD_HASH_SIZE) == 0;
}

/* The hash chain: whatever is signed says what it follows. */
static bool follows_chain(const struct step *step) {
	const struct deal *deal = step->before;
	const struct note *note = step->input->note;
	switch (step->event) {
	case EVENT_APPLY:
	case EVENT_INVITE:
		return note_find(note, "replaces") == NULL;
	case EVENT_COUNTER:
		return refers_to(note, "replaces", deal->id);
	case EVENT_SIGN:
		if (deal->state == DEAL_NONE) {
			return note_find(note, "replaces") == NULL;
		}
		return memcmp(deal->id, step->input->id, FIELD_HASH_SIZE) == 0 || refers_to(note, "replaces", deal->id);
	case EVENT_AMEND:
		return refers_to(note, "amends", deal->text) && refers_to(note, "after", deal->head);
	case EVENT_AMEND_SIGN: /* the very text that the other side signed last, or a new one that both have signed */
		return amendment_waits(deal, step->input->id) ||
		       (refers_to(note, "amends", deal->text) && refers_to(note, "after", deal->head));
	default:
		return refers_to(note, "deal", deal->id) && refers_to(note, "after", deal->head);
	}
}

/* A lapse is of the very deadline that runs; anything else comes before it. */
static enum error check_time(const struct step *step, struct failure *failure) {
	const struct deal *deal = step->before;
	char text[TIME_TEXT_SIZE], what[120];
	if (step->event == EVENT_LAPSE) {
		const struct note *note = step->input->note;
		bool is_due = deal->deadline != DEADLINE_NONE && note_get(note, "deadline")->word == (size_t)deal->deadline &&
		              note_get(note, "due")->number == deal->due && step->input->received > deal->due;
		return is_due ? OK : refuse_with_state(deal, ERROR_WRONG_STATE, "no such deadline has passed", failure);
	}
	if (deal->deadline == DEADLINE_NONE || step->input->received <= deal->due) {
		return OK;
	}
	(void)snprintf(what, sizeof what, "the time to %s was over at %s, and the agency is about to record that",
	               deadline_words[deal->deadline], time_format(deal->due, text));
	return refuse_with_state(deal, ERROR_WRONG_STATE, what, failure);
}

static int64_t answer_due(const struct deal *deal, enum deal_event event, int64_t now) {
	int64_t within = deal->terms.within[DEADLINE_ANSWER];
	if (within == 0 && event == EVENT_APPLY && deal->road == ROAD_SELECTION) {
		return deal->closes; /* the brand chooses among all */
	}
	int64_t due = now + (within == 0 ? ANSWER_OTHERWISE : within);
	return due < deal->closes ? due : deal->closes;
}

static void set_deadline(struct deal *deal, enum deadline deadline, int64_t from) {
	int64_t within = deal->terms.within[deadline];
	if (deadline == DEADLINE_RATE && deal_awaits_sales(deal) && within < deal->terms.live_for) {
		within = deal->terms.live_for; /* so long the post sells */
	}
	deal->deadline = deadline;
	deal->due = deadline == DEADLINE_NONE ? 0 : from + within;
	deal->pay_due = deadline == DEADLINE_PAY ? deal->due : deal->pay_due;
}

static void start_deadline(const struct step *step, int starts, int64_t now, struct deal *after) {
	bool payable = deal_outstanding(after) > 0;
	switch (starts) {
	case STARTS_KEEP:
		break;
	case STARTS_AGAIN:
		set_deadline(after, after->deadline, after->since);
		if (after->due <= now) { /* shorter terms take nobody by surprise */
			set_deadline(after, after->deadline, now);
		}
		break;
	case STARTS_ANEW: {
		static const enum deadline interrupted[DEAL_STATE_COUNT] = {
			[DEAL_AGREED] = DEADLINE_SHIP,      [DEAL_SHIPPED] = DEADLINE_RECEIVE, [DEAL_RECEIVED] = DEADLINE_DELIVER,
			[DEAL_SUBMITTED] = DEADLINE_REVIEW, [DEAL_APPROVED] = DEADLINE_POST,   [DEAL_POSTED] = DEADLINE_VERIFY,
			[DEAL_VERIFIED] = DEADLINE_PAY,
		};
		enum deadline deadline = interrupted[after->state];
		deadline = deadline == DEADLINE_DELIVER && after->revisions > 0 ? DEADLINE_RESUBMIT : deadline;
		deadline = deadline == DEADLINE_PAY && !payable ? DEADLINE_RATE : deadline;
		set_deadline(after, deadline, now);
		break;
	}
	case STARTS_PAY_OR_RATE:
		set_deadline(after, payable ? DEADLINE_PAY : DEADLINE_RATE, now);
		break;
	case STARTS_PAY_OR_NONE:
		set_deadline(after, payable ? DEADLINE_PAY : DEADLINE_NONE, now);
		break;
	case STARTS_PAY_OR_KEEP:
		if (payable && after->deadline == DEADLINE_RATE) {
			set_deadline(after, DEADLINE_PAY, now);
		}
		break;
	case DEADLINE_ANSWER:
		after->deadline = DEADLINE_ANSWER;
		after->due = answer_due(after, step->event, now);
		break;
	default:
		set_deadline(after, (enum deadline)starts, now);
		break;
	}
}

/* From when on a note counts. */
static int64_t counts_from(const struct deal *deal, const struct note *note, int64_t received) {
	return note->kind->id == KIND_LAPSE ? deal->due : received;
}

bool deal_finds_offer_open(const struct deal *deal, const struct note *note, int64_t received, bool ended) {
	return !ended && counts_from(deal, note, received) <= deal->closes;
}

static void take_row(const struct step *step, const struct transition *row, struct deal *after,
                     struct deal_result *result) {
	const struct deal_input *input = step->input;
	int64_t now = counts_from(step->before, input->note, input->received);
	now = now < step->before->last ? step->before->last : now; /* the agency's clock was set back */
	enum deal_state to = row->to == DEAL_NONE ? after->before : row->to;
	if (row->effect != NULL) {
		row->effect->apply(step, after, result);
	}
	if (to != step->before->state || row->starts < STARTS_KEEP) {
		after->since = now;
	}
	if (step->event != EVENT_AMEND) {
		after->amender = ROLE_COUNT; /* an amendment that waited does not follow the latest note any more */
	}
	if (to != step->before->state && to != DEAL_DISPUTED && step->before->state != DEAL_DISPUTED) {
		after->disputed = 0;
	}
	after->state = to;
	after->last = now;
	memcpy(after->head, input->id, FIELD_HASH_SIZE);
	start_deadline(step, row->starts, now, after);
	assert(ledger_is_balanced(&result->entry));
}

enum error deal_step(const struct deal *before, const struct deal_input *input, struct deal *after,
                     struct deal_result *result, struct failure *failure) {
	assert(before != after);
	struct step step = { .before = before, .input = input, .event = event_of(before, input), .by = signer_bit(input) };
	*result = (struct deal_result){ .event = step.event };
	enum error error = check_parties(&step, failure);
	if (error == OK && input->known) { /* else whoever kept a proposal that was taken back could still conclude it */
		error = fail(failure, ERROR_SUPERSEDED, "this proposal has ended: sign a new text");
	}
	if (error == OK && !follows_chain(&step)) {
		error = refuse_with_state(before, ERROR_SUPERSEDED, "the note does not follow the deal's latest one", failure);
	}
	if (error == OK) {
		error = check_time(&step, failure);
	}
	if (error == OK && input->note->kind->id == KIND_AGREEMENT && deal_is_in_table(before, step.event, step.by)) {
		error = deal_text_fits(&step, failure);
	}
	if (error != OK) {
		return error;
	}
	const struct guard *failed = NULL;
	size_t count = 0;
	const struct transition *rows = deal_transitions(&count);
	for (size_t i = 0; i < count; i++) {
		const struct transition *row = &rows[i];
		if (row->from != before->state || row->event != step.event || (row->by & step.by) == 0) {
			continue;
		}
		if (row->guard == NULL || row->guard->holds(&step)) {
			*after = *before;
			take_row(&step, row, after, result);
			return OK;
		}
		failed = row->guard;
	}
	return refuse_row(&step, failed, failure);
}

enum error deal_begin(const struct note *offer, const uint8_t offer_id[FIELD_HASH_SIZE], struct slice creator,
                      struct deal *out, struct failure *failure) {
	assert(offer->kind->id == KIND_OFFER);
	struct money share;
	bool paid = false;
	enum error error = offer_share(offer, &share, &paid, failure);
	*out = (struct deal){ .road = (enum road)note_word(offer, "road", ROAD_FIRST_COME),
		                  .closes = note_get(offer, "closes")->number,
		                  .offer_share = share.minor,
		                  .proposer = ROLE_COUNT,
		                  .amender = ROLE_COUNT };
	memcpy(out->offer, offer_id, FIELD_HASH_SIZE);
	memcpy(out->offer_currency, share.currency, CURRENCY_SIZE);
	bool fits = slice_copy_text(note_get(offer, "brand")->party.name, out->brand, sizeof out->brand) &&
	            slice_copy_text(creator, out->creator, sizeof out->creator);
	assert(fits); /* the fields bound names */
	return error;
}

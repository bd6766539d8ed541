/* The terms of a text as numbers, with the defaults that the fields' help states. */
#include <string.h>

#include "rules/deal_parts.h"
#include "rules/offer.h"
#include "rules/terms.h"

#define HOURS 3600
#define DAYS 86400

/* The field of each deadline, and its length where the text does not say it. */
static const struct {
	const char *key;
	int64_t otherwise;
} lengths[DEADLINE_COUNT] = {
	[DEADLINE_ANSWER] = { "answer-within", 0 },
	[DEADLINE_SHIP] = { "ship-within", 5 * DAYS },
	[DEADLINE_RECEIVE] = { "receive-within", 10 * DAYS },
	[DEADLINE_RESUBMIT] = { "resubmit-within", 72 * HOURS },
	[DEADLINE_REVIEW] = { "review-within", 72 * HOURS },
	[DEADLINE_POST] = { "post-within", 7 * DAYS },
	[DEADLINE_VERIFY] = { "verify-within", 7 * DAYS },
	[DEADLINE_PAY] = { "pay-within", 30 * DAYS },
	[DEADLINE_RATE] = { "rate-within", 14 * DAYS },
};

static const struct {
	const char *key;
	int64_t otherwise;
} kill_fees[] = {
	{ "kill-fee-before-submission", 0 },
	{ "kill-fee-after-submission", 9000 },
	{ "kill-fee-after-approval", 10000 },
};

static int64_t amount(const struct note *note, const char *key, char currency[CURRENCY_SIZE]) {
	const struct value *value = note_find(note, key);
	if (value == NULL) {
		return 0;
	}
	memcpy(currency, value->money.currency, CURRENCY_SIZE);
	return value->money.minor;
}

/* Everything is handed in together, so the latest of the deliverables' times counts. */
static void read_deliverables(const struct note *note, struct deal_terms *out) {
	for (size_t i = 0; i < note->count; i++) {
		const struct value *value = &note->values[i];
		if (value->field->type == FIELD_DELIVERABLE && value->deliverable.within > out->within[DEADLINE_DELIVER]) {
			out->within[DEADLINE_DELIVER] = value->deliverable.within;
		}
	}
	out->is_posted = terms_have_post(note);
}

void deal_terms_read(const struct note *note, struct deal_terms *out) {
	*out = (struct deal_terms){ .compensation = note_get(note, "compensation")->word };
	out->fee = amount(note, "fee", out->currency);
	out->commission_cap = amount(note, "commission-cap", out->currency);
	out->agency_fee = amount(note, "agency-fee", out->currency);
	out->product_value = amount(note, "product-value", out->product_currency);
	out->commission = note_number(note, "commission", 0);
	out->has_product = note_find(note, "product") != NULL;
	for (size_t i = 0; i < sizeof kill_fees / sizeof kill_fees[0]; i++) {
		out->kill_fee[i] = note_number(note, kill_fees[i].key, kill_fees[i].otherwise);
	}
	for (size_t i = 0; i < DEADLINE_COUNT; i++) {
		out->within[i] = lengths[i].key == NULL ? 0 : note_number(note, lengths[i].key, lengths[i].otherwise);
	}
	out->revisions = note_number(note, "revisions", 0);
	out->live_for = note_number(note, "live-for", 30 * DAYS);
	read_deliverables(note, out);
}

int64_t deal_terms_share(const struct deal_terms *terms) {
	return terms->fee + terms->commission_cap + terms->agency_fee; /* offer_share has checked that it fits */
}

static enum error refuse_change(const struct note *note, const char *key, struct failure *failure) {
	const struct value *value = note_find(note, key);
	return fail_at(failure, ERROR_TERMS_DIFFER, value == NULL ? 0 : value->line, "%s may not be changed here", key);
}

static bool same_amount(const struct value *a, const struct value *b) {
	return a == NULL ? b == NULL : b != NULL && slice_equal(a->raw, b->raw);
}

/* The agency's fee is the agency's: where the creator earns anything, it stays as the offer says. */
static enum error check_money(const struct step *step, const struct deal_terms *terms, struct failure *failure) {
	const struct note *note = step->input->note, *offer = step->input->offer;
	const struct value *fee = note_find(note, "agency-fee");
	bool earns = terms->fee > 0 || terms->commission_cap > 0;
	bool amends = step->event == EVENT_AMEND || step->event == EVENT_AMEND_SIGN;
	const struct deal *deal = step->before;
	const char *currency = amends ? deal->terms.currency : deal->offer_currency;
	bool kept = amends ? terms->agency_fee == deal->terms.agency_fee : same_amount(fee, note_find(offer, "agency-fee"));
	if (earns && currency[0] != '\0' && !kept) {
		return refuse_change(note, "agency-fee", failure);
	}
	if (earns && currency[0] != '\0' && strcmp(currency, terms->currency) != 0) {
		return refuse_change(note, note_find(note, "fee") == NULL ? "commission-cap" : "fee", failure);
	}
	return OK;
}

enum error deal_text_fits(const struct step *step, struct failure *failure) {
	const struct deal *deal = step->before;
	const struct note *note = step->input->note;
	const struct value *offer = note_get(note, "offer");
	if (step->input->follows) {
		return OK;
	}
	struct deal_terms terms;
	deal_terms_read(note, &terms);
	if (memcmp(offer->bytes, deal->offer, FIELD_HASH_SIZE) != 0) {
		return refuse_change(note, "offer", failure);
	}
	bool amends = step->event == EVENT_AMEND || step->event == EVENT_AMEND_SIGN;
	if (amends && terms.compensation != deal->terms.compensation) {
		return refuse_change(note, "compensation", failure);
	}
	return check_money(step, &terms, failure);
}

/* Rules across the fields of one note. */
#include "rules/terms.h"

#include <string.h>

#include "rules/note.h"
#include "rules/offer.h"

/* What each word of `compensation` asks for; rows in the order of the words. */
static const struct {
	bool product, fee, commission;
} given[] = {
	{ true, false, false }, { false, true, false }, { true, true, false }, { false, false, true },
	{ true, false, true },  { false, true, true },  { true, true, true },
};

static enum error check_presence(const struct note *note, const char *key, bool expected, struct failure *failure) {
	const struct value *compensation = note_get(note, "compensation");
	const struct value *value = note_find(note, key);
	if (expected && value == NULL) {
		return fail_at(failure, ERROR_MISSING_KEY, compensation->line, "compensation %.*s needs %s",
		               (int)compensation->raw.size, (const char *)compensation->raw.data, key);
	}
	if (!expected && value != NULL) {
		return fail_at(failure, ERROR_BAD_VALUE, value->line, "%s does not go with compensation %.*s", key,
		               (int)compensation->raw.size, (const char *)compensation->raw.data);
	}
	return OK;
}

static enum error check_currency(const struct note *note, struct failure *failure) {
	const struct value *fee = note_find(note, "fee"), *cap = note_find(note, "commission-cap");
	const struct value *agency_fee = note_find(note, "agency-fee");
	const struct value *base = fee == NULL ? cap : fee;
	if (agency_fee != NULL && base == NULL) {
		return fail_at(failure, ERROR_BAD_VALUE, agency_fee->line, "agency-fee goes with a fee or commission only");
	}
	const struct value *others[] = { note_find(note, "product-value"), cap, agency_fee };
	for (size_t i = 0; base != NULL && i < sizeof others / sizeof others[0]; i++) {
		if (others[i] != NULL && !money_same_currency(&base->money, &others[i]->money)) {
			return fail_at(failure, ERROR_BAD_VALUE, others[i]->line, "%s must be in %s, as the %s is",
			               others[i]->field->key, base->money.currency, base->field->key);
		}
	}
	return OK;
}

bool terms_have_post(const struct note *note) {
	static const char handed_over[] = "ugc-";
	bool posted = false;
	for (size_t i = 0; i < note->count && !posted; i++) {
		const struct value *value = &note->values[i];
		posted = value->field->type == FIELD_DELIVERABLE &&
		         strncmp(value->field->words[value->deliverable.kind], handed_over, sizeof handed_over - 1) != 0;
	}
	return posted;
}

/* Sales are told when a post is verified. */
static enum error check_commission(const struct note *note, struct failure *failure) {
	const struct value *commission = note_find(note, "commission");
	return commission == NULL || terms_have_post(note)
	    ? OK : fail_at(failure, ERROR_BAD_VALUE, commission->line,
	                   "commission needs a deliverable that is posted: what is only handed over brings no sales");
}

enum error terms_check_deal(const struct note *note, struct failure *failure) {
	size_t word = note_get(note, "compensation")->word;
	const struct {
		const char *key;
		bool expected;
	} rules[] = {
		{ "product", given[word].product },
		{ "product-value", given[word].product },
		{ "fee", given[word].fee },
		{ "commission", given[word].commission },
		{ "commission-cap", given[word].commission },
		{ "pay-within", given[word].fee || given[word].commission },
	};
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		enum error error = check_presence(note, rules[i].key, rules[i].expected, failure);
		if (error != OK) {
			return error;
		}
	}
	enum error error = check_currency(note, failure);
	error = error == OK ? check_commission(note, failure) : error;
	struct money share;
	bool paid = false;
	return error == OK ? offer_share(note, &share, &paid, failure) : error;
}

enum error terms_check_agreement(const struct note *note, struct failure *failure) {
	const struct value *replaces = note_find(note, "replaces"), *amends = note_find(note, "amends");
	const struct value *after = note_find(note, "after");
	if (replaces != NULL && amends != NULL) {
		return fail_at(failure, ERROR_BAD_VALUE, amends->line,
		               "a text either replaces a proposal or amends an agreement");
	}
	if ((amends == NULL) != (after == NULL)) {
		const struct value *alone = amends == NULL ? after : amends;
		return fail_at(failure, ERROR_BAD_VALUE, alone->line, "amends and after go together");
	}
	return terms_check_deal(note, failure);
}

enum error terms_check_offer(const struct note *note, struct failure *failure) {
	enum error error = terms_check_deal(note, failure);
	if (error != OK) {
		return error;
	}
	const struct value *closes = note_get(note, "closes");
	if (closes->number <= note_get(note, "time")->number) {
		return fail_at(failure, ERROR_BAD_VALUE, closes->line, "closes: is in the past");
	}
	const struct value *from = note_find(note, "followers-from"), *to = note_find(note, "followers-to");
	if (from != NULL && to != NULL && from->number > to->number) {
		return fail_at(failure, ERROR_BAD_VALUE, to->line, "followers-to is less than followers-from");
	}
	struct money reservation;
	bool paid = false;
	return offer_reservation(note, &reservation, &paid, failure);
}

enum error terms_check_admit(const struct note *note, struct failure *failure) {
	const struct value *role = note_get(note, "role");
	if (slice_is(note_get(note, "admitter")->party.name, AGENCY_NAME) && role->word != ROLE_OPERATOR) {
		return fail_at(failure, ERROR_NOT_ALLOWED, role->line, "role: the agency itself admits operators only");
	}
	return OK;
}

enum error terms_check_rekey(const struct note *note, struct failure *failure) {
	const struct value *account = note_get(note, "account"), *before = note_get(note, "predecessor");
	if (!slice_equal(account->party.name, before->party.name)) {
		return fail_at(failure, ERROR_BAD_VALUE, before->line, "predecessor: is another account");
	}
	if (memcmp(account->party.key, before->party.key, FIELD_KEY_SIZE) == 0) {
		return fail_at(failure, ERROR_BAD_VALUE, before->line, "predecessor: has the same key");
	}
	return OK;
}

enum error terms_check_ruling(const struct note *note, struct failure *failure) {
	const struct value *outcome = note_get(note, "outcome"), *share = note_find(note, "creator-share");
	if (outcome->word == OUTCOME_SETTLE && share == NULL) {
		return fail_at(failure, ERROR_MISSING_KEY, outcome->line, "outcome settle needs creator-share");
	}
	if (outcome->word == OUTCOME_RESUME && share != NULL) {
		return fail_at(failure, ERROR_BAD_VALUE, share->line, "creator-share does not go with outcome resume");
	}
	return OK;
}

enum error terms_check_lapse(const struct note *note, struct failure *failure) {
	const struct value *offer = note_find(note, "offer"), *deal = note_find(note, "deal");
	const struct value *by = note_get(note, "by"), *deadline = note_get(note, "deadline");
	if ((offer == NULL) == (deal == NULL) || (deal == NULL) != (note_find(note, "after") == NULL)) {
		return fail_at(failure, ERROR_BAD_VALUE, deadline->line, "a lapse names an offer, or deal and after");
	}
	if (deadline->word == DEADLINE_NONE) {
		return fail_at(failure, ERROR_BAD_VALUE, deadline->line, "deadline: none can have passed");
	}
	if (!slice_is(by->party.name, AGENCY_NAME)) {
		return fail_at(failure, ERROR_BAD_VALUE, by->line, "by: only the agency itself says that time is over");
	}
	return OK;
}

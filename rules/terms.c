/* Rules across the fields of one note. */
#include "rules/terms.h"

#include "rules/note.h"
#include "rules/offer.h"

/* What each word of `compensation` asks for; rows in the order of the words. */
static const struct {
	bool product, fee;
} given[] = { { true, false }, { false, true }, { true, true } };

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
	const struct value *fee = note_find(note, "fee");
	const struct value *agency_fee = note_find(note, "agency-fee");
	if (agency_fee != NULL && fee == NULL) {
		return fail_at(failure, ERROR_BAD_VALUE, agency_fee->line, "agency-fee goes with a fee only");
	}
	const struct value *others[] = { note_find(note, "product-value"), agency_fee };
	for (size_t i = 0; fee != NULL && i < sizeof others / sizeof others[0]; i++) {
		if (others[i] != NULL && !money_same_currency(&fee->money, &others[i]->money)) {
			return fail_at(failure, ERROR_BAD_VALUE, others[i]->line, "%s must be in %s, as the fee is",
			               others[i]->field->key, fee->money.currency);
		}
	}
	return OK;
}

enum error terms_check_deal(const struct note *note, struct failure *failure) {
	size_t word = note_get(note, "compensation")->word;
	const struct {
		const char *key;
		bool expected;
	} rules[] = {
		{ "product", given[word].product }, { "product-value", given[word].product },
		{ "fee", given[word].fee },         { "pay-within", given[word].fee },
	};
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		enum error error = check_presence(note, rules[i].key, rules[i].expected, failure);
		if (error != OK) {
			return error;
		}
	}
	return check_currency(note, failure);
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

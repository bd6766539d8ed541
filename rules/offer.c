/* Slots, reservation, and the derivation of agreements; see offer.h. */
#include "rules/offer.h"

#include <assert.h>
#include <inttypes.h>

#include "rules/calendar.h"

/* The line of what the creator earns. */
static unsigned money_line(const struct note *offer) {
	const struct value *fee = note_find(offer, "fee");
	return fee == NULL ? note_get(offer, "commission-cap")->line : fee->line;
}

enum error offer_share(const struct note *offer, struct money *share, bool *paid, struct failure *failure) {
	const char *const keys[] = { "fee", "commission-cap", "agency-fee" };
	*share = (struct money){ .minor = 0 };
	*paid = false;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		const struct value *part = note_find(offer, keys[i]);
		if (part == NULL) {
			continue;
		}
		if (!*paid) {
			memcpy(share->currency, part->money.currency, CURRENCY_SIZE);
			*paid = true;
		}
		enum error error = money_add(share, &part->money, share, failure);
		if (error != OK) {
			if (failure != NULL) {
				failure->line = money_line(offer);
			}
			return error;
		}
	}
	return OK;
}

enum error offer_reservation(const struct note *offer, struct money *reservation, bool *paid,
                             struct failure *failure) {
	struct money share;
	enum error error = offer_share(offer, &share, paid, failure);
	*reservation = share;
	if (error == OK && *paid) {
		error = money_multiply(&share, note_get(offer, "slots")->number, reservation, failure);
	}
	if (error != OK && failure != NULL) {
		failure->line = money_line(offer);
	}
	return error;
}

enum error offer_may_open(const struct note *offer, int64_t available, int64_t now, struct failure *failure) {
	const struct value *closes = note_get(offer, "closes");
	if (closes->number <= now) {
		return fail_at(failure, ERROR_BAD_VALUE, closes->line, "closes: is in the past");
	}
	struct money reservation;
	bool paid = false;
	enum error error = offer_reservation(offer, &reservation, &paid, failure);
	if (error != OK || !paid || reservation.minor <= available) {
		return error;
	}
	struct money have = reservation;
	have.minor = available;
	char needed_text[MONEY_TEXT_MAX], have_text[MONEY_TEXT_MAX];
	return fail_at(failure, ERROR_UNFUNDED, money_line(offer),
	               "the offer reserves %s for all its slots, but only %s is available",
	               money_format(&reservation, needed_text), money_format(&have, have_text));
}

enum error offer_may_agree(const struct offer_state *state, int64_t now, struct failure *failure) {
	char text[TIME_TEXT_SIZE];
	if (state->closed) {
		return fail(failure, ERROR_OFFER_CLOSED, "the brand has closed the offer");
	}
	if (now > state->closes) {
		return fail(failure, ERROR_OFFER_EXPIRED, "the offer closed at %s", time_format(state->closes, text));
	}
	if (state->taken >= state->slots) {
		return fail(failure, ERROR_OFFER_FULL, "every slot of the offer is taken (%" PRId64 ")", state->slots);
	}
	return OK;
}

static void append_line(struct buffer *out, const char *key, struct slice raw) {
	(void)buffer_append_text(out, key);
	(void)buffer_append_text(out, " ");
	(void)buffer_append_slice(out, raw);
	(void)buffer_append_text(out, "\n");
}

static void append_value(struct buffer *out, const char *key, const struct value *value) {
	(void)buffer_append_text(out, key);
	(void)buffer_append_text(out, " ");
	value_write(value, out);
	(void)buffer_append_text(out, "\n");
}

/* One of the agreement's own fields, which stand around the terms. */
static void append_own(struct buffer *out, const struct field *field, const struct note *offer,
                       const uint8_t offer_id[FIELD_HASH_SIZE], const struct party *brand, const struct party *creator,
                       struct slice time, struct slice nonce) {
	struct value value = { .field = field };
	if (strcmp(field->key, "offer") == 0) {
		memcpy(value.bytes, offer_id, FIELD_HASH_SIZE);
		append_value(out, field->key, &value);
	} else if (strcmp(field->key, "creator") == 0) {
		value.party = *creator;
		append_value(out, field->key, &value);
	} else if (strcmp(field->key, "brand") == 0) {
		value.party = brand == NULL ? note_get(offer, field->key)->party : *brand;
		append_value(out, field->key, &value);
	} else if (field->least > 0) {
		append_line(out, field->key, strcmp(field->key, "time") == 0 ? time : nonce);
	}
}

/* The values of the offer that belong to this list of fields: its terms, in their order. */
static void append_terms(struct buffer *out, const struct field_list *list, const struct note *offer) {
	for (size_t i = 0; i < offer->count; i++) {
		const struct field *field = offer->values[i].field;
		if (field >= list->fields && field < list->fields + list->count) {
			append_line(out, field->key, offer->values[i].raw);
		}
	}
}

enum error agreement_derive(const struct note *offer, const uint8_t offer_id[FIELD_HASH_SIZE],
                            const struct party *brand, const struct party *creator, struct slice time,
                            struct slice nonce, struct buffer *out, struct failure *failure) {
	assert(offer->kind->id == KIND_OFFER);
	const struct kind *kind = kind_get(KIND_AGREEMENT);
	(void)buffer_append_slice(out, offer->origin);
	(void)buffer_format(out, "/%s/v%u\n", kind->name, kind->version);
	for (size_t i = 0; i < KIND_LISTS_MAX; i++) {
		const struct field_list *list = &kind->lists[i];
		if (list->fields == kind_terms()->fields) {
			append_terms(out, list, offer);
			continue;
		}
		for (size_t at = 0; at < list->count; at++) {
			append_own(out, &list->fields[at], offer, offer_id, brand, creator, time, nonce);
		}
	}
	return buffer_ok(out) ? OK : fail(failure, ERROR_TOO_LONG, "the agreement is longer than a note may be");
}

/* The number of the first line that differs, and that line as it should be. */
static unsigned first_difference(struct slice expected, struct slice actual, struct slice *line) {
	unsigned number = 1;
	size_t begin = 0, at = 0;
	while (at < expected.size && at < actual.size && expected.data[at] == actual.data[at]) {
		if (expected.data[at] == '\n') {
			number++;
			begin = at + 1;
		}
		at++;
	}
	const uint8_t *end = begin < expected.size ? memchr(expected.data + begin, '\n', expected.size - begin) : NULL;
	*line = end == NULL ? slice_of(NULL, 0) : slice_of(expected.data + begin, (size_t)(end - expected.data) - begin);
	return number;
}

enum error agreement_follows(const struct note *agreement, const struct note *offer,
                             const uint8_t offer_id[FIELD_HASH_SIZE], struct buffer *scratch,
                             struct failure *failure) {
	buffer_clear(scratch);
	const struct party *brand = &note_get(agreement, "brand")->party;
	bool may_be_new = note_word(offer, "road", ROAD_FIRST_COME) != ROAD_FIRST_COME &&
	                  slice_equal(brand->name, note_get(offer, "brand")->party.name);
	enum error error = agreement_derive(offer, offer_id, may_be_new ? brand : NULL,
	                                    &note_get(agreement, "creator")->party,
	                                    note_get(agreement, "time")->raw, note_get(agreement, "nonce")->raw, scratch,
	                                    failure);
	if (error != OK || slice_equal(buffer_slice(scratch), agreement->text)) {
		return error;
	}
	struct slice line;
	unsigned number = first_difference(buffer_slice(scratch), agreement->text, &line);
	return fail_at(failure, ERROR_TERMS_DIFFER, number, "the offer says \"%.*s\" here",
	               (int)slice_cut(line, 200).size, (const char *)line.data);
}

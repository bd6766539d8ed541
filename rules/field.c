/* One parser and one writer per field type, joined in one table. */
#include "rules/field.h"

#include <inttypes.h>

#include "rules/calendar.h"
#include "rules/field_compound.h"

#define DAY 86400

bool account_name_is_valid(struct slice name) {
	return slug_is_valid(name) && !slice_is(name, AGENCY_NAME);
}

static enum error parse_text(const struct field *field, struct slice raw, struct value *out,
                             struct failure *failure) {
	if (raw.size == 0) {
		return fail(failure, ERROR_BAD_VALUE, "is empty");
	}
	if (raw.size > (size_t)field->maximum) {
		return fail(failure, ERROR_TOO_LONG, "has %zu bytes; at most %" PRId64 " may be", raw.size, field->maximum);
	}
	if (raw.data[0] == ' ' || raw.data[raw.size - 1] == ' ') {
		return fail(failure, ERROR_BAD_TEXT, "has a blank at its beginning or end");
	}
	if (memmem(raw.data, raw.size, "  ", 2) != NULL) {
		return fail(failure, ERROR_BAD_TEXT, "has two blanks in a row");
	}
	out->text = raw;
	return OK;
}

static enum error parse_name(const struct field *field, struct slice raw, struct value *out,
                             struct failure *failure) {
	(void)field;
	out->text = raw;
	return account_name_is_valid(raw) ? OK
	       : fail(failure, ERROR_BAD_VALUE, "a name has 2 to 40 of a-z, 0-9 and single hyphens inside, and is not "
	              AGENCY_NAME);
}

static enum error parse_slug(const struct field *field, struct slice raw, struct value *out, struct failure *failure) {
	(void)field;
	out->text = raw;
	return slug_is_valid(raw) ? OK
	       : fail(failure, ERROR_BAD_VALUE, "needs a word of 2 to 40 of a-z, 0-9 and single hyphens inside");
}

static bool has_two_letters(struct slice raw, uint8_t first, uint8_t last) {
	return raw.size == 2 && raw.data[0] >= first && raw.data[0] <= last && raw.data[1] >= first && raw.data[1] <= last;
}

static enum error parse_country(const struct field *field, struct slice raw, struct value *out,
                                struct failure *failure) {
	(void)field;
	out->text = raw;
	return has_two_letters(raw, 'A', 'Z') ? OK
	       : fail(failure, ERROR_BAD_VALUE, "a country is two capital letters (ISO 3166-1), such as US");
}

static enum error parse_language(const struct field *field, struct slice raw, struct value *out,
                                 struct failure *failure) {
	(void)field;
	out->text = raw;
	return has_two_letters(raw, 'a', 'z') ? OK
	       : fail(failure, ERROR_BAD_VALUE, "a language is two small letters (ISO 639-1), such as en");
}

static enum error parse_word(const struct field *field, struct slice raw, struct value *out,
                             struct failure *failure) {
	return field_find_word(field, raw, &out->word) ? OK : field_refuse_word(field, "must be", failure);
}

static enum error parse_count(const struct field *field, struct slice raw, struct value *out,
                              struct failure *failure) {
	enum error error = count_parse(raw, &out->number, failure);
	if (error == OK && (out->number < field->minimum || out->number > field->maximum)) {
		error = fail(failure, ERROR_BAD_VALUE, "must be from %" PRId64 " to %" PRId64, field->minimum, field->maximum);
	}
	return error;
}

static enum error parse_money(const struct field *field, struct slice raw, struct value *out,
                              struct failure *failure) {
	enum error error = money_parse(raw, &out->money, failure);
	if (error == OK && out->money.minor < field->minimum) {
		error = fail(failure, ERROR_BAD_VALUE, "the amount must be more than nothing");
	}
	return error;
}

static enum error parse_time(const struct field *field, struct slice raw, struct value *out,
                             struct failure *failure) {
	(void)field;
	return time_parse(raw, &out->number, failure);
}

static enum error parse_duration(const struct field *field, struct slice raw, struct value *out,
                                 struct failure *failure) {
	enum error error = duration_parse(raw, &out->number, failure);
	bool too_long = error == OK && field->maximum > 0 && out->number > field->maximum;
	return !too_long ? error
	       : fail(failure, ERROR_BAD_VALUE, "at most %" PRId64 "d may be", field->maximum / DAY);
}

static void write_raw(const struct value *value, struct buffer *out) {
	(void)buffer_append_slice(out, value->text);
}

static void write_word(const struct value *value, struct buffer *out) {
	(void)buffer_append_text(out, value->field->words[value->word]);
}

static void write_count(const struct value *value, struct buffer *out) {
	(void)buffer_format(out, "%" PRId64, value->number);
}

static void write_money(const struct value *value, struct buffer *out) {
	char text[MONEY_TEXT_MAX];
	(void)buffer_append_text(out, money_format(&value->money, text));
}

static void write_time(const struct value *value, struct buffer *out) {
	char text[TIME_TEXT_SIZE];
	(void)buffer_append_text(out, time_format(value->number, text));
}

static void write_duration(const struct value *value, struct buffer *out) {
	write_duration_like(value->number, value->raw, out);
}

struct type_row {
	enum error (*parse)(const struct field *, struct slice, struct value *, struct failure *);
	void (*write)(const struct value *, struct buffer *);
	const char *form;
};

static const struct type_row types[] = {
	[FIELD_TEXT] = { parse_text, write_raw, "one line of text" },
	[FIELD_NAME] = { parse_name, write_raw, "an account's name" },
	[FIELD_PARTY] = { parse_party, write_party, "name and signing key" },
	[FIELD_ADMITTER] = { parse_party, write_party, "name and signing key" },
	[FIELD_TRANSPORT] = { parse_transport, write_transport, "transport key" },
	[FIELD_REFERENCE] = { parse_reference, write_reference, "the id of a note" },
	[FIELD_WORD] = { parse_word, write_word, "one of" },
	[FIELD_COUNT] = { parse_count, write_count, "whole number" },
	[FIELD_MONEY] = { parse_money, write_money, "amount of money" },
	[FIELD_TIME] = { parse_time, write_time, "point in time, UTC" },
	[FIELD_DURATION] = { parse_duration, write_duration, "length of time in hours or days" },
	[FIELD_DELIVERABLE] = { parse_deliverable, write_deliverable, "count, kind and time" },
	[FIELD_SLUG] = { parse_slug, write_raw, "a plain word" },
	[FIELD_COUNTRY] = { parse_country, write_raw, "a country of two capital letters" },
	[FIELD_LANGUAGE] = { parse_language, write_raw, "a language of two small letters" },
	[FIELD_PERCENT] = { parse_percent, write_percent, "percentage" },
	[FIELD_LINK] = { parse_link, write_raw, "a link" },
	[FIELD_KEY] = { parse_key, write_key, "signing key" },
	[FIELD_CONTENT] = { parse_content, write_content, "hash and link of a file" },
	[FIELD_EXCLUSIVITY] = { parse_exclusivity, write_exclusivity, "category and time" },
	[FIELD_CHANNEL] = { parse_channel, write_channel, "platform and handle" },
	[FIELD_NONCE] = { parse_nonce, write_nonce, "32 random hex digits" },
};

enum error value_parse(const struct field *field, struct slice raw, struct value *out, struct failure *failure) {
	out->field = field;
	out->raw = raw;
	return types[field->type].parse(field, raw, out, failure);
}

void value_write(const struct value *value, struct buffer *out) {
	types[value->field->type].write(value, out);
}

void field_describe(const struct field *field, struct buffer *out) {
	(void)buffer_append_text(out, types[field->type].form);
	if (field->type == FIELD_COUNT) {
		(void)buffer_format(out, " from %" PRId64 " to %" PRId64, field->minimum, field->maximum);
	}
	if (field->type == FIELD_DURATION && field->maximum > 0) {
		(void)buffer_format(out, ", at most %" PRId64 "d", field->maximum / DAY);
	}
	if (field->type == FIELD_TEXT) {
		(void)buffer_format(out, ", at most %" PRId64 " bytes", field->maximum);
	}
	if (field->example != NULL && field->type != FIELD_WORD) {
		(void)buffer_format(out, ", such as %s", field->example);
	}
	if (field->words != NULL) {
		static const char *const introductions[] = { [FIELD_WORD] = " ", [FIELD_DELIVERABLE] = "; the kind is one of ",
			                                         [FIELD_CHANNEL] = "; the platform is one of " };
		(void)buffer_append_text(out, introductions[field->type]);
		field_append_words(field, out);
	}
}

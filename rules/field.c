/* One parser and one writer per field type, joined in one table. */
#include "rules/field.h"

#include <inttypes.h>

#include "rules/calendar.h"

static int hex_digit(uint8_t byte) {
	if (byte >= '0' && byte <= '9') {
		return byte - '0';
	}
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static bool read_hex(struct slice text, uint8_t *out, size_t size) {
	if (text.size != 2 * size) {
		return false;
	}
	for (size_t i = 0; i < size; i++) {
		int high = hex_digit(text.data[2 * i]), low = hex_digit(text.data[2 * i + 1]);
		if (high < 0 || low < 0) {
			return false;
		}
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static void write_hex(const uint8_t *bytes, size_t size, struct buffer *out) {
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < size; i++) {
		char pair[2] = { digits[bytes[i] >> 4], digits[bytes[i] & 15] };
		(void)buffer_append(out, pair, 2);
	}
}

/* "<prefix><hex>" and nothing else. */
static bool read_prefixed(struct slice text, const char *prefix, uint8_t *out, size_t size) {
	size_t length = strlen(prefix);
	return text.size > length && memcmp(text.data, prefix, length) == 0 &&
	       read_hex(slice_of(text.data + length, text.size - length), out, size);
}

bool account_name_is_valid(struct slice name) {
	if (name.size < 2 || name.size >= ACCOUNT_NAME_MAX || slice_is(name, AGENCY_NAME)) {
		return false;
	}
	for (size_t i = 0; i < name.size; i++) {
		uint8_t byte = name.data[i];
		bool inner = i > 0 && i + 1 < name.size && name.data[i - 1] != '-';
		bool letter = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
		if (!letter && !(byte == '-' && inner)) {
			return false;
		}
	}
	return true;
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

static enum error parse_party(const struct field *field, struct slice raw, struct value *out,
                              struct failure *failure) {
	const uint8_t *space = raw.size == 0 ? NULL : memchr(raw.data, ' ', raw.size);
	size_t size = space == NULL ? 0 : (size_t)(space - raw.data);
	out->party.name = slice_of(raw.data, size);
	bool is_agency = slice_is(out->party.name, AGENCY_NAME);
	if (is_agency && field->type != FIELD_ADMITTER) {
		return fail(failure, ERROR_BAD_VALUE, "the name " AGENCY_NAME " is the agency's own");
	}
	if ((!is_agency && !account_name_is_valid(out->party.name)) ||
	    !read_prefixed(slice_of(raw.data + size + 1, raw.size - size - 1), "ed25519:", out->party.key,
	                   FIELD_KEY_SIZE)) {
		return fail(failure, ERROR_BAD_VALUE, "a party is written as its name, a blank, ed25519: and 64 hex digits");
	}
	return OK;
}

static enum error parse_transport(const struct field *field, struct slice raw, struct value *out,
                                  struct failure *failure) {
	(void)field;
	return read_prefixed(raw, "curve25519:", out->bytes, FIELD_KEY_SIZE) ? OK
	       : fail(failure, ERROR_BAD_VALUE, "a transport key is written as curve25519: and 64 hex digits");
}

static enum error parse_reference(const struct field *field, struct slice raw, struct value *out,
                                  struct failure *failure) {
	(void)field;
	return read_prefixed(raw, "sha256:", out->bytes, FIELD_HASH_SIZE) ? OK
	       : fail(failure, ERROR_BAD_VALUE, "a reference is written as sha256: and 64 hex digits");
}

static enum error parse_nonce(const struct field *field, struct slice raw, struct value *out,
                              struct failure *failure) {
	(void)field;
	return read_hex(raw, out->bytes, FIELD_NONCE_SIZE) ? OK
	       : fail(failure, ERROR_BAD_VALUE, "a nonce has 32 hex digits");
}

static bool find_word(const struct field *field, struct slice raw, size_t *word) {
	for (size_t i = 0; field->words[i] != NULL; i++) {
		if (slice_is(raw, field->words[i])) {
			*word = i;
			return true;
		}
	}
	return false;
}

static void append_words(const struct field *field, struct buffer *out) {
	for (size_t i = 0; field->words[i] != NULL; i++) {
		(void)buffer_format(out, "%s%s", i == 0 ? "" : ", ", field->words[i]);
	}
}

static enum error refuse_word(const struct field *field, const char *what, struct failure *failure) {
	struct buffer words;
	buffer_init(&words, FAILURE_TEXT_MAX);
	append_words(field, &words);
	const char *text = buffer_text(&words);
	enum error error = fail(failure, ERROR_BAD_VALUE, "%s one of: %s", what, text == NULL ? "(see --help)" : text);
	buffer_release(&words);
	return error;
}

static enum error parse_word(const struct field *field, struct slice raw, struct value *out,
                             struct failure *failure) {
	return find_word(field, raw, &out->word) ? OK : refuse_word(field, "must be", failure);
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
	(void)field;
	return duration_parse(raw, &out->number, failure);
}

/* Cuts the bytes before the first blank off the front of `rest`. */
static struct slice cut_word(struct slice *rest) {
	const uint8_t *space = rest->size == 0 ? NULL : memchr(rest->data, ' ', rest->size);
	size_t size = space == NULL ? rest->size : (size_t)(space - rest->data);
	size_t skip = space == NULL ? size : size + 1;
	struct slice word = slice_of(rest->data, size);
	*rest = slice_of(rest->data + skip, rest->size - skip);
	return word;
}

static enum error parse_deliverable(const struct field *field, struct slice raw, struct value *out,
                                    struct failure *failure) {
	struct slice rest = raw;
	struct slice count = cut_word(&rest), kind = cut_word(&rest), within = cut_word(&rest);
	struct deliverable *deliverable = &out->deliverable;
	if (!slice_is(within, "within") || count_parse(count, &deliverable->count, NULL) != OK ||
	    deliverable->count < 1 || deliverable->count > field->maximum ||
	    duration_parse(rest, &deliverable->within, NULL) != OK) {
		return fail(failure, ERROR_BAD_VALUE, "a deliverable is written like \"%s\" (at most %" PRId64 " of a kind)",
		            field->example, field->maximum);
	}
	return find_word(field, kind, &deliverable->kind) ? OK
	       : refuse_word(field, "the kind of a deliverable is", failure);
}

static void write_raw(const struct value *value, struct buffer *out) {
	(void)buffer_append_slice(out, value->text);
}

static void write_party(const struct value *value, struct buffer *out) {
	(void)buffer_append_slice(out, value->party.name);
	(void)buffer_append_text(out, " ed25519:");
	write_hex(value->party.key, FIELD_KEY_SIZE, out);
}

static void write_transport(const struct value *value, struct buffer *out) {
	(void)buffer_append_text(out, "curve25519:");
	write_hex(value->bytes, FIELD_KEY_SIZE, out);
}

static void write_reference(const struct value *value, struct buffer *out) {
	(void)buffer_append_text(out, "sha256:");
	write_hex(value->bytes, FIELD_HASH_SIZE, out);
}

static void write_nonce(const struct value *value, struct buffer *out) {
	write_hex(value->bytes, FIELD_NONCE_SIZE, out);
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

/* `72h` and `3d` last equally long but are different terms of a text, so the unit is the one that was read. */
static void write_duration_like(int64_t seconds, struct slice raw, struct buffer *out) {
	bool in_hours = raw.size > 0 && raw.data[raw.size - 1] == 'h';
	(void)buffer_format(out, "%" PRId64 "%c", seconds / (in_hours ? 3600 : 86400), in_hours ? 'h' : 'd');
}

static void write_duration(const struct value *value, struct buffer *out) {
	write_duration_like(value->number, value->raw, out);
}

static void write_deliverable(const struct value *value, struct buffer *out) {
	const struct deliverable *deliverable = &value->deliverable;
	(void)buffer_format(out, "%" PRId64 " %s within ", deliverable->count, value->field->words[deliverable->kind]);
	write_duration_like(deliverable->within, value->raw, out);
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
	if (field->type == FIELD_TEXT) {
		(void)buffer_format(out, ", at most %" PRId64 " bytes", field->maximum);
	}
	if (field->example != NULL && field->type != FIELD_WORD) {
		(void)buffer_format(out, ", such as %s", field->example);
	}
	if (field->words != NULL) {
		(void)buffer_append_text(out, field->type == FIELD_WORD ? " " : "; the kind is one of ");
		append_words(field, out);
	}
}

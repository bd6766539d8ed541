/* Field types of several parts; see field_compound.h. */
#include "rules/field_compound.h"

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

bool slug_is_valid(struct slice text) {
	if (text.size < 2 || text.size >= ACCOUNT_NAME_MAX) {
		return false;
	}
	for (size_t i = 0; i < text.size; i++) {
		uint8_t byte = text.data[i];
		bool inner = i > 0 && i + 1 < text.size && text.data[i - 1] != '-';
		bool letter = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
		if (!letter && !(byte == '-' && inner)) {
			return false;
		}
	}
	return true;
}

enum error parse_party(const struct field *field, struct slice raw, struct value *out,
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

enum error parse_transport(const struct field *field, struct slice raw, struct value *out,
                                  struct failure *failure) {
	(void)field;
	return read_prefixed(raw, "curve25519:", out->bytes, FIELD_KEY_SIZE) ? OK
	       : fail(failure, ERROR_BAD_VALUE, "a transport key is written as curve25519: and 64 hex digits");
}

enum error parse_reference(const struct field *field, struct slice raw, struct value *out,
                                  struct failure *failure) {
	(void)field;
	return read_prefixed(raw, "sha256:", out->bytes, FIELD_HASH_SIZE) ? OK
	       : fail(failure, ERROR_BAD_VALUE, "a reference is written as sha256: and 64 hex digits");
}

enum error parse_nonce(const struct field *field, struct slice raw, struct value *out,
                              struct failure *failure) {
	(void)field;
	return read_hex(raw, out->bytes, FIELD_NONCE_SIZE) ? OK
	       : fail(failure, ERROR_BAD_VALUE, "a nonce has 32 hex digits");
}

bool field_find_word(const struct field *field, struct slice raw, size_t *word) {
	for (size_t i = 0; field->words[i] != NULL; i++) {
		if (slice_is(raw, field->words[i])) {
			*word = i;
			return true;
		}
	}
	return false;
}

void field_append_words(const struct field *field, struct buffer *out) {
	for (size_t i = 0; field->words[i] != NULL; i++) {
		(void)buffer_format(out, "%s%s", i == 0 ? "" : ", ", field->words[i]);
	}
}

enum error field_refuse_word(const struct field *field, const char *what, struct failure *failure) {
	struct buffer words;
	buffer_init(&words, FAILURE_TEXT_MAX);
	field_append_words(field, &words);
	const char *text = buffer_text(&words);
	enum error error = fail(failure, ERROR_BAD_VALUE, "%s one of: %s", what, text == NULL ? "(see --help)" : text);
	buffer_release(&words);
	return error;
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

enum error parse_deliverable(const struct field *field, struct slice raw, struct value *out,
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
	return field_find_word(field, kind, &deliverable->kind) ? OK
	       : field_refuse_word(field, "the kind of a deliverable is", failure);
}

/* `72h` and `3d` last equally long but are different terms of a text, so the unit is the one that was read. */
void write_duration_like(int64_t seconds, struct slice raw, struct buffer *out) {
	bool in_hours = raw.size > 0 && raw.data[raw.size - 1] == 'h';
	(void)buffer_format(out, "%" PRId64 "%c", seconds / (in_hours ? 3600 : 86400), in_hours ? 'h' : 'd');
}

void write_party(const struct value *value, struct buffer *out) {
	(void)buffer_append_slice(out, value->party.name);
	(void)buffer_append_text(out, " ed25519:");
	write_hex(value->party.key, FIELD_KEY_SIZE, out);
}

void write_transport(const struct value *value, struct buffer *out) {
	(void)buffer_append_text(out, "curve25519:");
	write_hex(value->bytes, FIELD_KEY_SIZE, out);
}

void write_reference(const struct value *value, struct buffer *out) {
	(void)buffer_append_text(out, "sha256:");
	write_hex(value->bytes, FIELD_HASH_SIZE, out);
}

void write_nonce(const struct value *value, struct buffer *out) {
	write_hex(value->bytes, FIELD_NONCE_SIZE, out);
}

void write_deliverable(const struct value *value, struct buffer *out) {
	const struct deliverable *deliverable = &value->deliverable;
	(void)buffer_format(out, "%" PRId64 " %s within ", deliverable->count, value->field->words[deliverable->kind]);
	write_duration_like(deliverable->within, value->raw, out);
}


enum error parse_key(const struct field *field, struct slice raw, struct value *out, struct failure *failure) {
	(void)field;
	return read_prefixed(raw, "ed25519:", out->bytes, FIELD_KEY_SIZE) ? OK
	       : fail(failure, ERROR_BAD_VALUE, "a signing key is written as ed25519: and 64 hex digits");
}

void write_key(const struct value *value, struct buffer *out) {
	(void)buffer_append_text(out, "ed25519:");
	write_hex(value->bytes, FIELD_KEY_SIZE, out);
}

/* "<whole>[.<one or two decimals>] %" in hundredths; one form only, so the last decimal is none of 0. */
static bool read_percent(struct slice raw, int64_t *hundredths) {
	if (raw.size < 3 || memcmp(raw.data + raw.size - 2, " %", 2) != 0) {
		return false;
	}
	struct slice number = slice_of(raw.data, raw.size - 2);
	const uint8_t *point = memchr(number.data, '.', number.size);
	size_t whole_size = point == NULL ? number.size : (size_t)(point - number.data);
	int64_t whole = 0;
	if (whole_size > 9 || count_parse(slice_of(number.data, whole_size), &whole, NULL) != OK) {
		return false;
	}
	*hundredths = whole * 100;
	if (point == NULL) {
		return true;
	}
	size_t decimals = number.size - whole_size - 1;
	if (decimals < 1 || decimals > 2 || number.data[number.size - 1] == '0') {
		return false;
	}
	for (size_t i = 1; i <= decimals; i++) {
		if (point[i] < '0' || point[i] > '9') {
			return false;
		}
		*hundredths += (point[i] - '0') * (i == 1 ? 10 : 1);
	}
	return true;
}

enum error parse_percent(const struct field *field, struct slice raw, struct value *out, struct failure *failure) {
	if (!read_percent(raw, &out->number)) {
		return fail(failure, ERROR_BAD_VALUE, "a percentage is written like 10 %% or 2.5 %%, at most two decimals");
	}
	if (out->number < field->minimum || out->number > field->maximum) {
		return fail(failure, ERROR_BAD_VALUE, "must be from %" PRId64 " to %" PRId64 " %%", field->minimum / 100,
		            field->maximum / 100);
	}
	return OK;
}

void write_percent(const struct value *value, struct buffer *out) {
	int64_t whole = value->number / 100, rest = value->number % 100;
	if (rest == 0) {
		(void)buffer_format(out, "%" PRId64 " %%", whole);
	} else if (rest % 10 == 0) {
		(void)buffer_format(out, "%" PRId64 ".%" PRId64 " %%", whole, rest / 10);
	} else {
		(void)buffer_format(out, "%" PRId64 ".%02" PRId64 " %%", whole, rest);
	}
}

static enum error read_link(struct slice raw, int64_t maximum, struct failure *failure) {
	static const char scheme[] = "https://";
	size_t size = sizeof scheme - 1;
	bool good = raw.size > size && memcmp(raw.data, scheme, size) == 0 && raw.data[size] != '/';
	for (size_t i = 0; good && i < raw.size; i++) {
		good = raw.data[i] > ' ' && raw.data[i] < 0x7f && strchr("<>\"\\^`{|}", raw.data[i]) == NULL;
	}
	if (!good) {
		return fail(failure, ERROR_BAD_VALUE, "a link begins with https:// and has no blanks (RFC 3986)");
	}
	return raw.size <= (size_t)maximum ? OK
	       : fail(failure, ERROR_TOO_LONG, "has %zu bytes; at most %" PRId64 " may be", raw.size, maximum);
}

enum error parse_link(const struct field *field, struct slice raw, struct value *out, struct failure *failure) {
	out->text = raw;
	return read_link(raw, field->maximum, failure);
}

enum error parse_content(const struct field *field, struct slice raw, struct value *out, struct failure *failure) {
	struct slice rest = raw;
	struct slice hash = cut_word(&rest);
	out->content.link = rest;
	if (!read_prefixed(hash, "sha256:", out->content.hash, FIELD_HASH_SIZE)) {
		return fail(failure, ERROR_BAD_VALUE, "content is written as sha256: and the 64 hex digits of the file's hash, "
		            "a blank, and its link");
	}
	return read_link(rest, field->maximum, failure);
}

void write_content(const struct value *value, struct buffer *out) {
	(void)buffer_append_text(out, "sha256:");
	write_hex(value->content.hash, FIELD_HASH_SIZE, out);
	(void)buffer_append_text(out, " ");
	(void)buffer_append_slice(out, value->content.link);
}

enum error parse_exclusivity(const struct field *field, struct slice raw, struct value *out,
                             struct failure *failure) {
	struct slice rest = raw;
	out->exclusivity.category = cut_word(&rest);
	struct slice joint = cut_word(&rest);
	bool good = slug_is_valid(out->exclusivity.category) && slice_is(joint, "for") &&
	            duration_parse(rest, &out->exclusivity.lasts, NULL) == OK;
	return good ? OK : fail(failure, ERROR_BAD_VALUE, "exclusivity is written like \"%s\"", field->example);
}

void write_exclusivity(const struct value *value, struct buffer *out) {
	(void)buffer_append_slice(out, value->exclusivity.category);
	(void)buffer_append_text(out, " for ");
	write_duration_like(value->exclusivity.lasts, value->raw, out);
}

enum error parse_channel(const struct field *field, struct slice raw, struct value *out, struct failure *failure) {
	struct slice rest = raw;
	struct slice platform = cut_word(&rest);
	if (!field_find_word(field, platform, &out->channel.platform)) {
		return field_refuse_word(field, "the platform is", failure);
	}
	bool good = rest.size > 0 && rest.size <= (size_t)field->maximum && memchr(rest.data, ' ', rest.size) == NULL;
	out->channel.handle = rest;
	return good ? OK : fail(failure, ERROR_BAD_VALUE, "a channel is written like \"%s\"", field->example);
}

void write_channel(const struct value *value, struct buffer *out) {
	(void)buffer_format(out, "%s ", value->field->words[value->channel.platform]);
	(void)buffer_append_slice(out, value->channel.handle);
}

/* Reading and writing notes by their kind's table; see note.h.
 *
 * The reader walks lines and table side by side: a line either belongs to the field where the table stands, or the
 * table moves on to the line's field, provided that nothing required is passed over. */
#include "rules/note.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/unicode.h"
#include "rules/calendar.h"

struct reading {
	struct slice rest; /* what is not read yet */
	unsigned line;     /* number of the line that was read last */
	bool draft;
	size_t at;         /* the field where the table stands */
	size_t times;      /* how often it has been read */
	struct note *note;
	struct failure *failure;
};

bool origin_is_valid(struct slice origin) {
	if (origin.size == 0 || origin.size >= ORIGIN_MAX) {
		return false;
	}
	bool joined = false; /* the byte before may stand before a separator */
	for (size_t i = 0; i < origin.size; i++) {
		uint8_t byte = origin.data[i];
		bool letter = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
		bool hyphen = byte == '-' && i > 0 && (joined || origin.data[i - 1] == '-');
		bool separator = (byte == '.' || byte == '/' || byte == ':') && joined;
		if (!letter && !hyphen && !separator) {
			return false;
		}
		joined = letter;
	}
	return joined;
}

/* Cuts the next line off, without its LF. False if there is none. */
static bool next_line(struct reading *reading, struct slice *line) {
	if (reading->rest.size == 0) {
		return false;
	}
	const uint8_t *end = memchr(reading->rest.data, '\n', reading->rest.size);
	size_t size = end == NULL ? reading->rest.size : (size_t)(end - reading->rest.data);
	size_t skip = end == NULL ? size : size + 1;
	*line = slice_of(reading->rest.data, size);
	reading->rest = slice_of(reading->rest.data + skip, reading->rest.size - skip);
	reading->line++;
	return true;
}

static enum error check_characters(struct reading *reading, struct slice line) {
	if (line.size > 0 && line.data[line.size - 1] == '\r') {
		return fail_at(reading->failure, ERROR_BAD_TEXT, reading->line,
		               "the line ends in CR LF; end lines with LF alone");
	}
	enum error error = unicode_check_line(line, reading->failure);
	if (error != OK && reading->failure != NULL) {
		reading->failure->line = reading->line;
	}
	return error;
}

/* True if a later line begins with this key. */
static bool stands_later(const struct reading *reading, const char *key) {
	struct reading ahead = *reading;
	struct slice line;
	size_t size = strlen(key);
	while (next_line(&ahead, &line)) {
		if (line.size > size && memcmp(line.data, key, size) == 0 && line.data[size] == ' ') {
			return true;
		}
	}
	return false;
}

static bool is_skipped(const struct reading *reading, const struct field *field) {
	return reading->draft && field->source == FIELD_FROM_PROGRAM;
}

/* The table leaves the field where it stands: it must have been read often enough. `key` is what comes instead. */
static enum error leave_field(struct reading *reading, struct slice key) {
	const struct field *field = kind_field(reading->note->kind, reading->at);
	if (reading->times < field->least && !is_skipped(reading, field)) {
		if (stands_later(reading, field->key)) {
			return fail_at(reading->failure, ERROR_MISPLACED_KEY, reading->line, "%.*s must stand behind %s",
			               (int)key.size, (const char *)key.data, field->key);
		}
		return fail_at(reading->failure, ERROR_MISSING_KEY, reading->line, "%s is missing%s", field->key,
		               key.size > 0 ? " before this line" : "");
	}
	reading->at++;
	reading->times = 0;
	return OK;
}

static bool was_read(const struct note *note, const struct field *field) {
	return note_find(note, field->key) != NULL;
}

static enum error refuse_added_key(struct reading *reading, const struct field *field) {
	return fail_at(reading->failure, ERROR_MISPLACED_KEY, reading->line, "%s is added by the command: leave it out",
	               field->key);
}

/* The key is none that may stand here: says why. */
static enum error refuse_key(struct reading *reading, struct slice key) {
	const struct kind *kind = reading->note->kind;
	const struct field *field = kind_find_field(kind, key, NULL);
	int size = (int)slice_cut(key, 60).size;
	const char *text = (const char *)key.data;
	if (field == NULL) {
		return fail_at(reading->failure, ERROR_UNKNOWN_KEY, reading->line, "there is no key \"%.*s\" in %s", size, text,
		               kind->name);
	}
	if (is_skipped(reading, field)) {
		return refuse_added_key(reading, field);
	}
	if (was_read(reading->note, field) && field->most == 1) {
		return fail_at(reading->failure, ERROR_DUPLICATE_KEY, reading->line, "%s stands twice", field->key);
	}
	return fail_at(reading->failure, ERROR_MISPLACED_KEY, reading->line, "%s must stand before %s", field->key,
	               reading->note->values[reading->note->count - 1].field->key);
}

/* Moves the table on to the field of this key. */
static enum error find_field(struct reading *reading, struct slice key, const struct field **found) {
	const struct kind *kind = reading->note->kind;
	size_t ahead = reading->at;
	const struct field *field = kind_field(kind, ahead);
	while (field != NULL && !slice_is(key, field->key)) {
		field = kind_field(kind, ++ahead);
	}
	if (field == NULL) {
		return refuse_key(reading, key);
	}
	if (is_skipped(reading, field)) {
		return refuse_added_key(reading, field);
	}
	while (reading->at < ahead) {
		enum error error = leave_field(reading, key);
		if (error != OK) {
			return error;
		}
	}
	if (reading->times == field->most) {
		return fail_at(reading->failure, ERROR_DUPLICATE_KEY, reading->line, "%s stands more than %u time%s",
		               field->key, field->most, field->most == 1 ? "" : "s");
	}
	reading->times++;
	*found = field;
	return OK;
}

/* Puts the key in front of what the value's parser said. */
static enum error name_failure(struct reading *reading, const struct field *field, enum error error) {
	if (reading->failure != NULL) {
		char text[FAILURE_TEXT_MAX];
		int rest = FAILURE_TEXT_MAX - 20; /* beside the longest key; all kinds of deliverables still fit */
		(void)snprintf(text, sizeof text, "%s: %.*s", field->key, rest, reading->failure->text);
		(void)fail_at(reading->failure, error, reading->line, "%s", text);
	}
	return error;
}

static enum error read_line(struct reading *reading, struct slice line) {
	struct note *note = reading->note;
	const uint8_t *space = line.size == 0 ? NULL : memchr(line.data, ' ', line.size);
	if (space == NULL) {
		return fail_at(reading->failure, ERROR_MALFORMED, reading->line,
		               line.size == 0 ? "an empty line" : "not a key, a blank and a value");
	}
	size_t key_size = (size_t)(space - line.data);
	const struct field *field = NULL;
	enum error error = find_field(reading, slice_of(line.data, key_size), &field);
	if (error != OK) {
		return error;
	}
	if (note->count == NOTE_VALUES_MAX) {
		return fail_at(reading->failure, ERROR_TOO_LONG, reading->line, "more than %d lines", NOTE_VALUES_MAX);
	}
	struct value *value = &note->values[note->count];
	value->line = reading->line;
	error = value_parse(field, slice_of(space + 1, line.size - key_size - 1), value, reading->failure);
	if (error != OK) {
		return name_failure(reading, field, error);
	}
	note->count++;
	return OK;
}

static enum error read_end(struct reading *reading) {
	reading->line++; /* what is missing at the end is missing from the line behind the last */
	while (kind_field(reading->note->kind, reading->at) != NULL) {
		enum error error = leave_field(reading, slice_of(NULL, 0));
		if (error != OK) {
			return error;
		}
	}
	return OK;
}

static enum error read_lines(struct reading *reading) {
	struct slice line;
	while (next_line(reading, &line)) {
		enum error error = check_characters(reading, line);
		bool skip = reading->draft && (line.size == 0 || line.data[0] == '#');
		if (error == OK && !skip) {
			error = read_line(reading, line);
		}
		if (error != OK) {
			return error;
		}
	}
	return read_end(reading);
}

/* <origin>/<kind>/v<version> */
static enum error read_header(struct reading *reading, const char *origin) {
	struct slice line = { 0 };
	(void)next_line(reading, &line);
	enum error error = check_characters(reading, line);
	if (error != OK) {
		return error;
	}
	size_t size = strlen(origin);
	const uint8_t *version = memrchr(line.data, '/', line.size);
	const uint8_t *name = version == NULL ? NULL : memrchr(line.data, '/', (size_t)(version - line.data));
	if (name == NULL) {
		return fail_at(reading->failure, ERROR_MALFORMED, 1, "the first line is not like %s/offer/v1", origin);
	}
	reading->note->origin = slice_of(line.data, (size_t)(name - line.data));
	if (!slice_equal(reading->note->origin, slice_of(origin, size))) {
		return fail_at(reading->failure, ERROR_WRONG_ORIGIN, 1, "the note is meant for another agency than %s", origin);
	}
	char expected[64] = "";
	const struct kind *kind = kind_find(slice_of(name + 1, (size_t)(version - name - 1)));
	if (kind != NULL) {
		(void)snprintf(expected, sizeof expected, "/v%u", kind->version);
	}
	struct slice tail = slice_of(version, line.size - (size_t)(version - line.data));
	if (kind == NULL || !slice_is(tail, expected)) {
		return fail_at(reading->failure, ERROR_UNKNOWN_KIND, 1, "there is no kind of note with this name and version");
	}
	reading->note->kind = kind;
	return OK;
}

enum error note_parse(struct slice text, const char *origin, struct note *out, struct failure *failure) {
	out->count = 0;
	out->text = text;
	struct reading reading = { .rest = text, .note = out, .failure = failure };
	if (text.size > NOTE_TEXT_MAX) {
		return fail(failure, ERROR_TOO_LONG, "the note has %zu bytes; at most %d may be", text.size, NOTE_TEXT_MAX);
	}
	if (text.size == 0 || text.data[text.size - 1] != '\n') {
		return fail(failure, ERROR_MALFORMED, "the note does not end with a whole line");
	}
	enum error error = read_header(&reading, origin);
	if (error == OK) {
		error = read_lines(&reading);
	}
	if (error == OK && out->kind->check != NULL) {
		error = out->kind->check(out, failure);
	}
	return error;
}

enum error draft_parse(struct slice text, const struct kind *kind, struct note *out, struct failure *failure) {
	out->count = 0;
	out->text = text;
	out->kind = kind;
	out->origin = slice_of(NULL, 0);
	if (text.size > NOTE_TEXT_MAX) {
		return fail(failure, ERROR_TOO_LONG, "%zu bytes; at most %d may be", text.size, NOTE_TEXT_MAX);
	}
	struct reading reading = { .rest = text, .draft = true, .note = out, .failure = failure };
	return read_lines(&reading);
}

enum error note_compose(const struct kind *kind, const char *origin, const struct note_pair *pairs, size_t count,
                        struct buffer *out, struct failure *failure) {
	size_t begin = out->size;
	(void)buffer_format(out, "%s/%s/v%u\n", origin, kind->name, kind->version);
	size_t written = 0, at = 0;
	for (const struct field *field = kind_field(kind, 0); field != NULL; field = kind_field(kind, ++at)) {
		for (size_t i = 0; i < count; i++) {
			if (strcmp(pairs[i].key, field->key) != 0) {
				continue;
			}
			if (pairs[i].raw.size > 0 && memchr(pairs[i].raw.data, '\n', pairs[i].raw.size) != NULL) {
				return fail(failure, ERROR_BAD_TEXT, "%s: has more than one line", field->key);
			}
			(void)buffer_append_text(out, pairs[i].key);
			(void)buffer_append_text(out, " ");
			(void)buffer_append_slice(out, pairs[i].raw);
			(void)buffer_append_text(out, "\n");
			written++;
		}
	}
	if (!buffer_ok(out)) {
		return fail(failure, ERROR_TOO_LONG, "the note is longer than its limit");
	}
	if (written != count) {
		return fail(failure, ERROR_UNKNOWN_KEY, "a key that %s does not have", kind->name);
	}
	struct note note;
	return note_parse(slice_of(out->data + begin, out->size - begin), origin, &note, failure);
}

const struct value *note_find(const struct note *note, const char *key) {
	for (size_t i = 0; i < note->count; i++) {
		const char *stands = note->values[i].field->key;
		if (stands[0] == key[0] && strcmp(stands, key) == 0) { /* rules ask often */
			return &note->values[i];
		}
	}
	return NULL;
}

const struct value *note_get(const struct note *note, const char *key) {
	const struct value *value = note_find(note, key);
	assert(value != NULL); /* the parser let the note through, so its required fields are there */
	return value;
}

bool signer_name_write(char out[NOTE_SIGNER_MAX], struct slice origin, enum role role, struct slice name) {
	int size = slice_is(name, AGENCY_NAME)
	    ? snprintf(out, NOTE_SIGNER_MAX, "%.*s/" AGENCY_NAME, (int)origin.size, (const char *)origin.data)
	    : snprintf(out, NOTE_SIGNER_MAX, "%.*s/%s/%.*s", (int)origin.size, (const char *)origin.data, role_words[role],
	               (int)name.size, (const char *)name.data);
	return size > 0 && size < NOTE_SIGNER_MAX;
}

size_t note_signer_count(const struct note *note) {
	return note->kind->how == SIGNED_BY_ONE ? 1 : 2;
}

void note_signer(const struct note *note, size_t index, char out[NOTE_SIGNER_MAX], const uint8_t **key) {
	assert(index < note_signer_count(note));
	const struct signer *signer = &note->kind->signers[index];
	const struct party *party = &note_get(note, signer->key)->party;
	enum role role = signer->role;
	if (role == ROLE_COUNT) {
		role = (enum role)note_get(note, "role")->word;
	}
	*key = party->key;
	bool fits = signer_name_write(out, note->origin, role, party->name);
	assert(fits); /* origin and name are bounded below it */
}

bool note_is_signed(const struct note *note, unsigned signed_by) {
	switch (note->kind->how) {
	case SIGNED_BY_ONE:
		return (signed_by & 1) != 0;
	case SIGNED_BY_EITHER:
		return (signed_by & 3) != 0;
	case SIGNED_BY_BOTH:
		return (signed_by & 3) == 3;
	}
	return false;
}

int64_t note_number(const struct note *note, const char *key, int64_t otherwise) {
	const struct value *value = note_find(note, key);
	return value == NULL ? otherwise : value->number;
}

size_t note_word(const struct note *note, const char *key, size_t otherwise) {
	const struct value *value = note_find(note, key);
	return value == NULL ? otherwise : value->word;
}

enum error note_check_time(const struct note *note, int64_t now, struct failure *failure) {
	const struct value *time = note_get(note, "time");
	char text[TIME_TEXT_SIZE];
	if (time->number > now + NOTE_AHEAD_MAX) {
		return fail_at(failure, ERROR_WRONG_TIME, time->line, "time: lies ahead of the agency's clock, which says %s",
		               time_format(now, text));
	}
	if (time->number < now - NOTE_AGE_MAX) {
		return fail_at(failure, ERROR_WRONG_TIME, time->line,
		               "time: is more than %d days before the agency's clock, which says %s", NOTE_AGE_MAX / 86400,
		               time_format(now, text));
	}
	return OK;
}

/* Reading and writing bundles; see bundle.h.
 *
 * Reading allocates nothing and takes time linear in the size: each line is looked for within a bound, and a note is
 * taken apart once its end is known. */
#include "crypto/bundle.h"

#include <inttypes.h>

#include "crypto/note_text.h"

#define VERSION_END "/bundle/v1"
#define VERSION_END_SIZE (sizeof VERSION_END - 1)
#define ENTRY_START "note "
#define HIDDEN_START "hidden "
#define ID_START "sha256:"
#define SIGNATURE_START "\xE2\x80\x94 " /* U+2014 SP */
#define LINE_SIZE_MAX SIGNED_NOTE_MAX /* far more than any right line outside of a note, so that wrong ones are read */

#define EXPECTED_FIRST "<origin>" VERSION_END
#define EXPECTED_SECOND "an empty line behind the first one"
#define EXPECTED_ENTRY \
	"note <sequence> <received>, as in: note 17 2026-11-23T10:02:11Z; or hidden <sequence> <received> <id>"
#define EXPECTED_HIDDEN_END "an empty line behind a hidden note's id"
#define EXPECTED_TEXT "the lines of the note's text, and an empty line behind them"
#define EXPECTED_SIGNATURES "signature lines, each with an em dash and a blank first, and an empty line behind them"

static bool starts_with(struct slice slice, const char *start) {
	size_t size = strlen(start);
	return slice.size >= size && memcmp(slice.data, start, size) == 0;
}

static struct slice slice_from(struct slice slice, size_t offset) {
	return slice_of(slice.data + offset, slice.size - offset);
}

/* Takes the next line off, without its LF, which must come before `end`. */
static enum error take_line(struct bundle_reader *reader, size_t end, const char *expected, struct slice *line,
                            struct failure *failure) {
	bool is_last = end >= reader->file.size;
	size_t stop = is_last ? reader->file.size : end;
	const uint8_t *feed = NULL;
	if (reader->at < stop) {
		feed = memchr(reader->file.data + reader->at, '\n', stop - reader->at);
	}
	if (feed == NULL) {
		return fail_at(failure, is_last ? ERROR_MALFORMED : ERROR_TOO_LONG, reader->line, "%s; expected: %s",
		               is_last ? "the file ends within this line" : "too long", expected);
	}
	const uint8_t *start = reader->file.data + reader->at;
	*line = slice_of(start, (size_t)(feed - start));
	size_t valid = note_text_valid_prefix(*line);
	if (valid < line->size) {
		return fail_at(failure, ERROR_BAD_TEXT, reader->line,
		               "byte %zu of the line is not UTF-8, or a control character; lines end in LF alone", valid + 1);
	}
	reader->at += line->size + 1;
	reader->line++;
	return OK;
}

/* Takes the first line off. */
static enum error take_origin(struct bundle_reader *reader, struct slice *origin, struct failure *failure) {
	struct slice line = { NULL, 0 };
	enum error error = take_line(reader, LINE_SIZE_MAX, EXPECTED_FIRST, &line, failure);
	if (error != OK) {
		return error;
	}
	size_t size = line.size < VERSION_END_SIZE ? 0 : line.size - VERSION_END_SIZE;
	*origin = slice_of(line.data, size);
	if (!slice_is(slice_from(line, size), VERSION_END) || !signer_name_is_valid(*origin)) {
		return fail_at(failure, ERROR_MALFORMED, 1, "expected: " EXPECTED_FIRST);
	}
	return OK;
}

enum error bundle_open(struct slice file, struct bundle_reader *reader, struct slice *origin, struct failure *failure) {
	struct slice line = { NULL, 0 };
	*reader = (struct bundle_reader){ .file = file, .line = 1 };
	*origin = line;
	if (file.size > BUNDLE_FILE_MAX) {
		return fail(failure, ERROR_TOO_LONG, "a bundle has at most %d bytes", BUNDLE_FILE_MAX);
	}
	enum error error = take_origin(reader, origin, failure);
	if (error == OK) {
		error = take_line(reader, reader->at + LINE_SIZE_MAX, EXPECTED_SECOND, &line, failure);
	}
	if (error == OK && line.size > 0) {
		error = fail_at(failure, ERROR_MALFORMED, 2, "expected: " EXPECTED_SECOND);
	}
	return error;
}

/* Cuts a decimal number without leading zeros, from 1 to INT64_MAX, off the front. */
static bool take_sequence(struct slice *rest, int64_t *out) {
	int64_t number = 0;
	size_t digits = 0;
	if (starts_with(*rest, "0")) {
		return false;
	}
	while (digits < rest->size && rest->data[digits] >= '0' && rest->data[digits] <= '9') {
		int64_t digit = rest->data[digits] - '0';
		if (number > (INT64_MAX - digit) / 10) {
			return false;
		}
		number = number * 10 + digit;
		digits++;
	}
	*rest = slice_from(*rest, digits);
	*out = number;
	return digits > 0;
}

/* True for RFC 3339 in UTC to the second, whatever the digits say. */
static bool received_is_valid(struct slice received) {
	static const char form[] = "0000-00-00T00:00:00Z";
	_Static_assert(sizeof form == BUNDLE_RECEIVED_SIZE, "the size that bundle.h says");
	bool valid = received.size == sizeof form - 1;
	for (size_t i = 0; valid && i < sizeof form - 1; i++) {
		bool is_digit = received.data[i] >= '0' && received.data[i] <= '9';
		valid = form[i] == '0' ? is_digit : received.data[i] == (uint8_t)form[i];
	}
	return valid;
}

/* Cuts a hidden note's id and the blank before it off the end. */
static bool take_id(struct slice *rest, uint8_t id[HASH_SIZE]) {
	static const size_t digits = HASH_HEX_SIZE - 1, size = sizeof " " ID_START - 1 + HASH_HEX_SIZE - 1;
	struct slice start = slice_from(*rest, rest->size < size ? rest->size : rest->size - size);
	if (!starts_with(start, " " ID_START) || !hex_decode(slice_from(start, start.size - digits), id, HASH_SIZE)) {
		return false;
	}
	*rest = slice_of(rest->data, rest->size - size);
	return true;
}

/* Takes the line that begins an entry. */
static enum error take_entry_line(struct bundle_reader *reader, struct bundle_entry *entry, struct failure *failure) {
	struct slice rest = { NULL, 0 };
	entry->line = reader->line;
	enum error error = take_line(reader, reader->at + LINE_SIZE_MAX, EXPECTED_ENTRY, &rest, failure);
	if (error != OK) {
		return error;
	}
	entry->hidden = starts_with(rest, HIDDEN_START);
	if (!entry->hidden && !starts_with(rest, ENTRY_START)) {
		return fail_at(failure, ERROR_MALFORMED, entry->line, "expected: " EXPECTED_ENTRY);
	}
	rest = slice_from(rest, entry->hidden ? sizeof HIDDEN_START - 1 : sizeof ENTRY_START - 1);
	if (entry->hidden && !take_id(&rest, entry->id)) {
		return fail_at(failure, ERROR_MALFORMED, entry->line,
		               "expected: at the end, a blank and the hidden note's id, " ID_START "<64 digits 0-9a-f>");
	}
	if (!take_sequence(&rest, &entry->sequence)) {
		return fail_at(failure, ERROR_MALFORMED, entry->line,
		               "expected: behind the first word, a sequence from 1 to %" PRId64 " without leading zeros",
		               INT64_MAX);
	}
	if (!starts_with(rest, " ") || !received_is_valid(slice_from(rest, 1))) {
		return fail_at(failure, ERROR_MALFORMED, entry->line,
		               "expected: behind the sequence, a blank and a time like 2026-11-23T10:02:11Z (UTC)");
	}
	if (entry->sequence <= reader->sequence) {
		return fail_at(failure, ERROR_MALFORMED, entry->line,
		               "expected: a sequence above %" PRId64 ", which stands in the entry before", reader->sequence);
	}
	entry->received = slice_from(rest, 1);
	return OK;
}

/* Takes lines until behind the empty one; `start` is what each of the others begins with. At least one must come. */
static enum error take_lines(struct bundle_reader *reader, size_t end, const char *start, const char *expected,
                             struct failure *failure) {
	struct slice line = { NULL, 0 };
	unsigned first = reader->line;
	enum error error = OK;
	do {
		error = take_line(reader, end, expected, &line, failure);
	} while (error == OK && line.size > 0 && starts_with(line, start));
	bool none = reader->line == first + 1;
	if (error == OK && (none || line.size > 0)) {
		error = fail_at(failure, ERROR_MALFORMED, reader->line - 1, "expected: %s", expected);
	}
	return error;
}

/* Takes the note of an entry and the empty line behind it. */
static enum error take_note(struct bundle_reader *reader, struct bundle_entry *entry, struct failure *failure) {
	size_t start = reader->at;
	size_t end = start + SIGNED_NOTE_MAX + 1;
	enum error error = take_lines(reader, end, "", EXPECTED_TEXT, failure);
	if (error == OK) {
		error = take_lines(reader, end, SIGNATURE_START, EXPECTED_SIGNATURES, failure);
	}
	if (error == ERROR_TOO_LONG) {
		return fail_at(failure, ERROR_TOO_LONG, entry->line, "a signed note has at most %d bytes", SIGNED_NOTE_MAX);
	}
	if (error != OK) {
		return error;
	}
	entry->signed_note = slice_of(reader->file.data + start, reader->at - 1 - start);
	error = signed_note_split(entry->signed_note, &entry->split, failure);
	if (error != OK && failure != NULL) {
		failure->line += entry->line;
	}
	return error;
}

/* Takes the empty line behind a hidden note's id. */
static enum error take_hidden(struct bundle_reader *reader, struct bundle_entry *entry, struct failure *failure) {
	struct slice line = { NULL, 0 };
	unsigned number = reader->line;
	entry->signed_note = line;
	entry->split = (struct signed_note){ .count = 0 };
	enum error error = take_line(reader, reader->at + LINE_SIZE_MAX, EXPECTED_HIDDEN_END, &line, failure);
	if (error == OK && line.size > 0) {
		error = fail_at(failure, ERROR_MALFORMED, number, "expected: " EXPECTED_HIDDEN_END);
	}
	return error;
}

enum error bundle_next(struct bundle_reader *reader, struct bundle_entry *entry, bool *done, struct failure *failure) {
	struct bundle_reader next = *reader;
	*done = reader->at == reader->file.size;
	if (*done) {
		return OK;
	}
	enum error error = take_entry_line(&next, entry, failure);
	if (error == OK) {
		error = entry->hidden ? take_hidden(&next, entry, failure) : take_note(&next, entry, failure);
	}
	if (error == OK) {
		next.sequence = entry->sequence;
		*reader = next;
	}
	return error;
}

/* The first empty line of a text, which ends in LF; 0 if there is none. */
static unsigned find_empty_line(struct slice text) {
	unsigned line = 1;
	for (size_t at = 0; at < text.size; line++) {
		const uint8_t *feed = memchr(text.data + at, '\n', text.size - at);
		size_t end = (size_t)(feed - text.data);
		if (end == at) {
			return line;
		}
		at = end + 1;
	}
	return 0;
}

enum error bundle_begin(struct buffer *out, const char *origin, struct failure *failure) {
	if (!signer_name_is_valid(slice_of_text(origin))) {
		return fail(failure, ERROR_BAD_VALUE, "not an origin: it may not name a key");
	}
	(void)buffer_append_text(out, origin);
	(void)buffer_append_text(out, VERSION_END "\n\n");
	return buffer_ok(out) ? OK : fail(failure, ERROR_NO_MEMORY, "no room for the bundle");
}

static enum error check_place(int64_t sequence, const char *received, struct failure *failure) {
	bool good = sequence >= 1 && received_is_valid(slice_of_text(received));
	return good ? OK : fail(failure, ERROR_BAD_VALUE,
	                        "an entry needs a sequence above 0 and a time like 2026-11-23T10:02:11Z");
}

enum error bundle_append(struct buffer *out, int64_t sequence, const char *received, struct slice signed_note,
                         struct failure *failure) {
	struct signed_note split;
	enum error error = check_place(sequence, received, failure);
	if (error == OK) {
		error = signed_note_split(signed_note, &split, failure);
	}
	if (error != OK) {
		return error;
	}
	unsigned empty = find_empty_line(split.text);
	if (empty > 0) {
		return fail_at(failure, ERROR_MALFORMED, empty, "the text of a note in a bundle has no empty line");
	}
	(void)buffer_format(out, ENTRY_START "%" PRId64 " %s\n", sequence, received);
	(void)buffer_append_slice(out, signed_note);
	(void)buffer_append_text(out, "\n");
	return buffer_ok(out) ? OK : fail(failure, ERROR_NO_MEMORY, "no room for the note");
}

enum error bundle_append_hidden(struct buffer *out, int64_t sequence, const char *received,
                                const uint8_t id[HASH_SIZE], struct failure *failure) {
	char hex[HASH_HEX_SIZE];
	enum error error = check_place(sequence, received, failure);
	if (error != OK) {
		return error;
	}
	hex_encode(slice_of(id, HASH_SIZE), hex);
	(void)buffer_format(out, HIDDEN_START "%" PRId64 " %s " ID_START "%s\n\n", sequence, received, hex);
	return buffer_ok(out) ? OK : fail(failure, ERROR_NO_MEMORY, "no room for the hidden note's id");
}

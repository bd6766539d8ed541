/* Drafts of notes; see draft.h. */
#include "cli/draft.h"

#include "base/clock.h"
#include "rules/calendar.h"

static const char closes_in[] = "closes +";

/* Writes one line; `closes +<duration>` becomes the point in time that lies so far ahead. */
static enum error expand_line(struct slice line, unsigned number, int64_t now, struct buffer *out,
                              struct failure *failure) {
	size_t size = sizeof closes_in - 1;
	if (line.size > 0 && line.data[line.size - 1] == '\r') {
		return fail_at(failure, ERROR_BAD_TEXT, number, "the line ends in CR LF; save the file with LF alone");
	}
	if (line.size < size || memcmp(line.data, closes_in, size) != 0) {
		(void)buffer_append_slice(out, line);
		return OK;
	}
	int64_t length = 0;
	char text[TIME_TEXT_SIZE];
	enum error error = duration_parse(slice_of(line.data + size, line.size - size), &length, failure);
	if (error != OK) {
		return fail_at(failure, ERROR_BAD_VALUE, number, "closes: after the + comes a length of time like 72h or 30d");
	}
	(void)buffer_format(out, "closes %s", time_format(now + length, text));
	return OK;
}

enum error draft_expand(struct slice draft, int64_t now, struct buffer *out, struct failure *failure) {
	enum error error = OK;
	for (unsigned number = 1; error == OK && draft.size > 0; number++) {
		const uint8_t *end = memchr(draft.data, '\n', draft.size);
		size_t size = end == NULL ? draft.size : (size_t)(end - draft.data);
		size_t skip = end == NULL ? size : size + 1;
		error = expand_line(slice_of(draft.data, size), number, now, out, failure);
		(void)buffer_append_text(out, "\n");
		draft = slice_of(draft.data + skip, draft.size - skip);
	}
	if (error == OK && !buffer_ok(out)) {
		error = fail(failure, ERROR_TOO_LONG, "longer than an offer may be");
	}
	return error;
}

/* A rule that failed on the composed text names a line of that text; the person knows the draft's lines only. */
static void translate_line(const struct note *draft, struct slice text, struct failure *failure) {
	unsigned line = 1;
	const uint8_t *at = text.data, *end = text.data + text.size;
	while (at < end && line < failure->line) {
		const uint8_t *next = memchr(at, '\n', (size_t)(end - at));
		at = next == NULL ? end : next + 1;
		line++;
	}
	failure->line = 0;
	for (size_t i = 0; i < draft->count; i++) {
		const struct value *value = &draft->values[i];
		size_t key = strlen(value->field->key);
		if ((size_t)(end - at) > key + 1 + value->raw.size && memcmp(at, value->field->key, key) == 0 &&
		    memcmp(at + key + 1, value->raw.data, value->raw.size) == 0) {
			failure->line = value->line;
			return;
		}
	}
}

enum error draft_compose(const struct home *home, enum kind_id kind, struct slice draft, struct buffer *out,
                         struct failure *failure) {
	struct buffer expanded;
	struct note note;
	struct note_pair pairs[NOTE_VALUES_MAX];
	char party[PARTY_TEXT_MAX];
	buffer_init(&expanded, NOTE_TEXT_MAX);
	enum error error = draft_expand(draft, clock_wall_seconds(), &expanded, failure);
	if (error == OK) {
		error = draft_parse(buffer_slice(&expanded), kind_get(kind), &note, failure);
	}
	if (error == OK && note.count + 3 > NOTE_VALUES_MAX) {
		error = fail(failure, ERROR_TOO_LONG, "more than %d lines", NOTE_VALUES_MAX - 3);
	}
	if (error == OK) {
		pairs[0] = (struct note_pair){ kind_get(kind)->signers[0].key,
			                           slice_of_text(home_party_text(home, party)) };
		for (size_t i = 0; i < note.count; i++) {
			pairs[i + 1] = (struct note_pair){ note.values[i].field->key, note.values[i].raw };
		}
		error = outbox_compose(home, kind, pairs, note.count + 1, out, failure);
		if (error != OK && failure != NULL && failure->line > 0) {
			translate_line(&note, buffer_slice(out), failure);
		}
	}
	buffer_release(&expanded);
	return error;
}

/* Edits of the lines of valid notes, and reading and writing them, for the tests of rules/. */
#ifndef TROTH_TESTS_UNIT_RULES_SAMPLES_H
#define TROTH_TESTS_UNIT_RULES_SAMPLES_H

#include <string.h>

#include "rules/note.h"
#include "tests/lib/unit.h"
#include "tests/unit/rules_sample_texts.h"

#define SAMPLE_MAX (4 * NOTE_TEXT_MAX)
#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* The beginning of a line, counted from 1; of a line past the last, the end of the text. */
static inline const char *sample_line(const char *text, unsigned number) {
	const char *at = text;
	for (unsigned line = 1; line < number && *at != '\0'; line++) {
		at = strchr(at, '\n') + 1;
	}
	return at;
}

/* Writes `text` to `out` (SAMPLE_MAX bytes) with `count` lines from `first` on replaced by `instead`. */
static inline const char *sample_splice(char *out, const char *text, unsigned first, unsigned count,
                                        const char *instead) {
	const char *begin = sample_line(text, first), *end = sample_line(text, first + count);
	size_t before = (size_t)(begin - text);
	ck_assert_uint_lt(strlen(text) + strlen(instead), SAMPLE_MAX);
	memcpy(out, text, before);
	memcpy(out + before, instead, strlen(instead));
	memcpy(out + before + strlen(instead), end, strlen(end) + 1);
	return out;
}

/* Copies `count` lines from `first` on. */
static inline const char *sample_copy(char *out, const char *text, unsigned first, unsigned count) {
	const char *begin = sample_line(text, first), *end = sample_line(text, first + count);
	memcpy(out, begin, (size_t)(end - begin));
	out[end - begin] = '\0';
	return out;
}

static inline const char *sample_without(char *out, const char *text, unsigned number) {
	return sample_splice(out, text, number, 1, "");
}

static inline const char *sample_doubled(char *out, const char *text, unsigned number) {
	char line[SAMPLE_MAX];
	return sample_splice(out, text, number, 0, sample_copy(line, text, number, 1));
}

/* The line and the next one change places. */
static inline const char *sample_swapped(char *out, const char *text, unsigned number) {
	char both[2 * SAMPLE_MAX];
	sample_copy(both, text, number + 1, 1);
	sample_copy(both + strlen(both), text, number, 1);
	return sample_splice(out, text, number, 2, both);
}

/* A text that must be a note. */
static inline void sample_parse(const char *text, struct note *note) {
	struct failure failure = { .code = OK };
	enum error error = note_parse(slice_of_text(text), ORIGIN, note, &failure);
	ck_assert_msg(error == OK, "line %u: %s\n%s", failure.line, failure.text, text);
}

/* Writes a note again from what was read of it. */
static inline void sample_rewrite(const struct note *note, struct buffer *out) {
	buffer_clear(out);
	(void)buffer_append_slice(out, note->origin);
	(void)buffer_format(out, "/%s/v%u\n", note->kind->name, note->kind->version);
	for (size_t i = 0; i < note->count; i++) {
		(void)buffer_format(out, "%s ", note->values[i].field->key);
		value_write(&note->values[i], out);
		(void)buffer_append_text(out, "\n");
	}
	ck_assert(buffer_ok(out));
}

#endif

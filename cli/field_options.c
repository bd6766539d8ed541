/* Fields as options; see field_options.h. */
#include "cli/field_options.h"

#include <assert.h>
#include <stdio.h>

#include "base/unicode.h"

#define MARK '+'
#define HEAD_WIDTH 28

enum error note_pairs_add(struct note_pairs *pairs, const char *key, struct slice raw, struct failure *failure) {
	if (pairs->count == NOTE_VALUES_MAX) {
		return fail(failure, ERROR_TOO_LONG, "more than %d lines", NOTE_VALUES_MAX);
	}
	pairs->items[pairs->count++] = (struct note_pair){ key, raw };
	return OK;
}

const struct kind *field_options_kind(const struct command *command) {
	const char *at = strchr(command->options, MARK);
	return at == NULL ? NULL : kind_find(slice_of(at + 1, strcspn(at + 1, " ")));
}

/* True if the row says " -key". */
static bool is_left_out(const struct command *command, const char *key) {
	size_t size = strlen(key);
	for (const char *at = strstr(command->options, " -"); at != NULL; at = strstr(at + 1, " -")) {
		if (strncmp(at + 2, key, size) == 0 && (at[2 + size] == ' ' || at[2 + size] == '\0')) {
			return true;
		}
	}
	return false;
}

bool field_options_take(const struct command *command, const struct field *field) {
	return field->source == FIELD_FROM_AUTHOR && !is_left_out(command, field->key);
}

/* The next field of the command's kind that has an option; NULL behind the last one. */
static const struct field *next_field(const struct command *command, size_t *at) {
	const struct kind *kind = field_options_kind(command);
	if (kind == NULL) {
		return NULL;
	}
	const struct field *field = kind_field(kind, *at);
	while (field != NULL && !field_options_take(command, field)) {
		field = kind_field(kind, ++*at);
	}
	++*at;
	return field;
}

size_t field_options_rows(const struct command *command, struct option_words *target, struct option_row *rows,
                          size_t room) {
	size_t at = 0, count = 0;
	for (const struct field *field = next_field(command, &at); field != NULL; field = next_field(command, &at)) {
		assert(count < room);
		rows[count++] = (struct option_row){ field->key, 0, OPTION_WORDS, target, "VALUE", field->help, 0, 0 };
	}
	return count;
}

void field_options_describe(const struct command *command, FILE *out) {
	size_t at = 0;
	for (const struct field *field = next_field(command, &at); field != NULL; field = next_field(command, &at)) {
		char head[64];
		(void)snprintf(head, sizeof head, "    --%s VALUE", field->key);
		(void)fprintf(out, "  %-*s %s (%s%s)\n  %-*s such as \"%s\"\n", HEAD_WIDTH, head, field->help,
		              field->least == 0 ? "optional" : "required", field->most > 1 ? ", may be repeated" : "",
		              HEAD_WIDTH, "", field->example);
	}
}

enum error field_check_value(const struct field *field, struct slice raw, const char *what, struct failure *failure) {
	struct value value;
	struct failure reason = { .code = OK };
	enum error error = unicode_check_line(raw, &reason);
	if (error == OK) {
		error = value_parse(field, raw, &value, &reason);
	}
	return error == OK ? OK : fail(failure, error, "%s: %.250s", what, reason.text);
}

enum error field_options_read(const struct invocation *call, struct note_pairs *pairs, struct failure *failure) {
	const struct kind *kind = field_options_kind(call->command);
	for (size_t i = 0; i < call->words.count; i++) {
		const struct option_word *word = &call->words.items[i];
		const struct field *field = kind_find_field(kind, slice_of_text(word->name), NULL);
		if (field == NULL || !field_options_take(call->command, field)) {
			continue;
		}
		char what[64];
		(void)snprintf(what, sizeof what, "--%s", field->key);
		enum error error = field_check_value(field, slice_of_text(word->value), what, failure);
		if (error == OK) {
			error = note_pairs_add(pairs, field->key, slice_of_text(word->value), failure);
		}
		if (error != OK) {
			return error;
		}
	}
	return OK;
}

static size_t count_pairs(const struct note_pairs *pairs, const char *key) {
	size_t count = 0;
	for (size_t i = 0; i < pairs->count; i++) {
		count += strcmp(pairs->items[i].key, key) == 0;
	}
	return count;
}

enum error field_options_require(const struct command *command, const struct note_pairs *pairs,
                                 struct failure *failure) {
	size_t at = 0;
	for (const struct field *field = next_field(command, &at); field != NULL; field = next_field(command, &at)) {
		size_t count = count_pairs(pairs, field->key);
		if (count < field->least) {
			return fail(failure, ERROR_USAGE, "--%s is missing: %s, such as \"%s\"", field->key, field->help,
			            field->example);
		}
		if (count > field->most) {
			return fail(failure, ERROR_USAGE, "--%s may stand at most %u times", field->key, field->most);
		}
	}
	return OK;
}

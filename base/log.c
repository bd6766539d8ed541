/* Log lines; see log.h. */
#include "base/log.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"

/* A value is cut, so that what a peer sends cannot push the rest of the line out: a byte of it becomes at most six, and
 * no event has as many as 20 fields. */
#define VALUE_MAX 512
#define LINE_MAX_BYTES 65536

static const char *program_name = "troth";
static enum log_level threshold = LOG_INFO;
static enum log_format line_format = LOG_LOGFMT;

static const char *const level_words[] = { "error", "warning", "info", "debug" };
static const char *const format_words[] = { "logfmt", "json" };

void log_configure(const char *program, enum log_level level, enum log_format format) {
	program_name = program;
	threshold = level;
	line_format = format;
}

static int index_of(const char *word, const char *const *words, int count) {
	for (int i = 0; i < count; i++) {
		if (strcmp(words[i], word) == 0) {
			return i;
		}
	}
	return -1;
}

int log_format_from_word(const char *word, enum log_format *format) {
	int found = index_of(word, format_words, 2);
	if (found >= 0) {
		*format = (enum log_format)found;
	}
	return found >= 0;
}

int log_level_from_word(const char *word, enum log_level *level) {
	int found = index_of(word, level_words, 4);
	if (found >= 0) {
		*level = (enum log_level)found;
	}
	return found >= 0;
}

const char *log_decimal(char out[24], int64_t number) {
	(void)snprintf(out, 24, "%" PRId64, number);
	return out;
}

/* At most VALUE_MAX bytes, cut between two characters. */
static struct slice shorten(const char *value) {
	size_t size = strnlen(value, VALUE_MAX + 1);
	if (size > VALUE_MAX) {
		size = VALUE_MAX;
		while (size > VALUE_MAX - 4 && ((unsigned char)value[size] & 0xc0) == 0x80) {
			size--;
		}
	}
	return slice_of(value, size);
}

static bool needs_quotes(struct slice value) {
	for (size_t i = 0; i < value.size; i++) {
		uint8_t byte = value.data[i];
		if (byte <= ' ' || byte == '"' || byte == '=' || byte == '\\' || byte >= 0x7f) {
			return true;
		}
	}
	return value.size == 0;
}

/* Bytes outside printable ASCII are written as \xNN: a log line must not carry what a peer sent to a terminal. */
static void append_quoted(struct buffer *line, struct slice value) {
	(void)buffer_append_text(line, "\"");
	for (size_t i = 0; i < value.size; i++) {
		uint8_t byte = value.data[i];
		if (byte == '"' || byte == '\\') {
			(void)buffer_format(line, "\\%c", byte);
		} else if (byte < ' ' || byte >= 0x7f) {
			(void)buffer_format(line, "\\x%02x", byte);
		} else {
			(void)buffer_append(line, &byte, 1);
		}
	}
	(void)buffer_append_text(line, "\"");
}

static void append_logfmt(struct buffer *line, const char *key, struct slice value) {
	(void)buffer_format(line, "%s%s=", line->size > 0 ? " " : "", key);
	if (needs_quotes(value)) {
		append_quoted(line, value);
	} else {
		(void)buffer_append_slice(line, value);
	}
}

static void append_json(json_t *object, const char *key, struct slice value) {
	json_t *text = json_stringn((const char *)value.data, value.size);
	if (text == NULL) {
		text = json_string("(not UTF-8)");
	}
	(void)json_object_set_new(object, key, text);
}

void log_event(enum log_level level, const char *event, ...) {
	if (level > threshold) {
		return;
	}
	char when[32];
	time_t now = (time_t)clock_wall_seconds();
	struct tm parts;
	(void)strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &parts));

	struct buffer line;
	buffer_init(&line, LINE_MAX_BYTES);
	json_t *object = line_format == LOG_JSON ? json_object() : NULL;
	const char *key = "time", *value = when;
	const char *const head[] = { "level", level_words[level], "program", program_name, "event", event };
	size_t taken = 0;
	va_list fields;
	va_start(fields, event);
	while (key != NULL && value != NULL) {
		if (line_format == LOG_JSON) {
			append_json(object, key, shorten(value));
		} else {
			append_logfmt(&line, key, shorten(value));
		}
		bool in_head = taken < sizeof head / sizeof head[0];
		key = in_head ? head[taken++] : va_arg(fields, const char *);
		value = in_head ? head[taken++] : (key == NULL ? NULL : va_arg(fields, const char *));
	}
	va_end(fields);
	if (object != NULL) {
		char *text = json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII);
		(void)buffer_append_text(&line, text == NULL ? "{}" : text);
		free(text);
		json_decref(object);
	}
	(void)buffer_append_text(&line, "\n");
	if (line.size > 0) {
		ssize_t ignored = write(STDERR_FILENO, line.data, line.size);
		(void)ignored; /* nowhere to report that the log itself cannot be written */
	}
	buffer_release(&line);
}

void log_failure(const struct failure *failure) {
	if (failure->line > 0) {
		log_event(LOG_ERROR, "failed", "code", error_word(failure->code), "line", LOG_NUMBER(failure->line), "reason",
		          failure->text, NULL);
	} else {
		log_event(LOG_ERROR, "failed", "code", error_word(failure->code), "reason", failure->text, NULL);
	}
}

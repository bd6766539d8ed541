/* Output for people and machines; see print.h. */
#include "cli/print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "crypto/keys.h"

#define BAR_WIDTH 30
#define REDRAW_MS 80

static char current_trace[33];

void print_set_trace(const char *trace) {
	(void)snprintf(current_trace, sizeof current_trace, "%s", trace);
}

void print_json(json_t *value) {
	if (json_is_object(value) && current_trace[0] != '\0') {
		(void)json_object_set_new(value, "trace", json_string(current_trace));
	}
	char *text = value == NULL ? NULL : json_dumps(value, JSON_COMPACT | JSON_PRESERVE_ORDER);
	(void)puts(text == NULL ? "null" : text);
	free(text);
	json_decref(value);
}

const char *print_id(struct slice id, char out[ID_TEXT_SIZE]) {
	char hex[HASH_HEX_SIZE] = "";
	if (id.size == HASH_SIZE) {
		hex_encode(id, hex);
	}
	(void)snprintf(out, ID_TEXT_SIZE, "sha256:%s", hex);
	return out;
}

const char *print_short_id(struct slice id, char out[ID_SHORT_SIZE]) {
	char text[ID_TEXT_SIZE];
	(void)snprintf(out, ID_SHORT_SIZE, "%.12s", print_id(id, text) + strlen("sha256:"));
	return out;
}

json_t *json_of(struct slice text) {
	json_t *value = json_stringn((const char *)text.data, text.size);
	return value == NULL ? json_null() : value;
}

bool print_ask(const char *question) {
	if (!isatty(STDIN_FILENO)) {
		return false;
	}
	char answer[8] = "";
	(void)fprintf(stderr, "%s [y/N] ", question);
	if (fgets(answer, sizeof answer, stdin) == NULL) {
		return false;
	}
	return strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0;
}

void print_progress(const char *what, size_t done, size_t total) {
	static int64_t drawn;
	int64_t now = clock_milliseconds();
	if (!isatty(STDERR_FILENO) || total == 0 || (now - drawn < REDRAW_MS && done < total)) {
		return;
	}
	drawn = now;
	char bar[BAR_WIDTH + 1];
	size_t filled = done * BAR_WIDTH / total;
	memset(bar, '.', BAR_WIDTH);
	memset(bar, '#', filled);
	bar[BAR_WIDTH] = '\0';
	(void)fprintf(stderr, "\r%s [%s] %zu of %zu", what, bar, done, total);
}

void print_progress_end(void) {
	if (isatty(STDERR_FILENO)) {
		(void)fputs("\r\033[K", stderr);
	}
}

struct colours print_colours(void) {
	const char *forbidden = getenv("NO_COLOR");
	bool plain = !isatty(STDOUT_FILENO) || (forbidden != NULL && forbidden[0] != '\0');
	return plain ? (struct colours){ "", "", "", "", "" }
	             : (struct colours){ "\033[1m", "\033[32m", "\033[31m", "\033[2m", "\033[0m" };
}

/* Configuration by table over libinih, its only user. */
#include "base/config.h"

#include <assert.h>
#include <errno.h>
#include <ini.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/file.h"

struct loading {
	const char *name;
	const struct config_key *keys;
	size_t count;
	void *target;
	struct slice rest; /* of the text, from the next line on */
	unsigned line;     /* the one that was read last, from 1 */
	bool seen[CONFIG_KEYS_MAX];
	enum error error;
	struct failure *failure;
};

static enum error store_number(struct loading *loading, const struct config_key *key, const char *text) {
	char *end = NULL;
	errno = 0;
	long long number = strtoll(text, &end, 10);
	if (end == text || *end != '\0' || errno != 0 || number < key->minimum || number > key->maximum) {
		return fail(loading->failure, ERROR_CONFIG, "%s: %s must be a whole number from %" PRId64 " to %" PRId64
		            ", not \"%s\"", loading->name, key->name, key->minimum, key->maximum, text);
	}
	int64_t value = number;
	memcpy((char *)loading->target + key->offset, &value, sizeof value);
	return OK;
}

static enum error store_value(struct loading *loading, const struct config_key *key, const char *text) {
	if (key->type == CONFIG_NUMBER) {
		return store_number(loading, key, text);
	}
	char *out = (char *)loading->target + key->offset;
	if (!slice_copy_text(slice_of_text(text), out, (size_t)key->maximum)) {
		return fail(loading->failure, ERROR_CONFIG, "%s: %s is longer than %" PRId64 " bytes", loading->name,
		            key->name, key->maximum - 1);
	}
	return OK;
}

/* Gives libinih its lines. Its own reader takes what is behind the 199th byte for a line of its own, so that the tail
 * of a long comment would become a setting. An indented line would pass for more of the value before it: the blanks
 * go. Ends at the first error. */
static char *next_line(char *out, int capacity, void *user) {
	struct loading *loading = user;
	if (loading->error != OK || loading->rest.size == 0) {
		return NULL;
	}
	const uint8_t *end = memchr(loading->rest.data, '\n', loading->rest.size);
	struct slice line = slice_of(loading->rest.data,
	                             end == NULL ? loading->rest.size : (size_t)(end - loading->rest.data));
	size_t passed = line.size + (end == NULL ? 0 : 1);
	loading->rest = slice_of(loading->rest.data + passed, loading->rest.size - passed);
	loading->line++;
	while (line.size > 0 && (line.data[0] == ' ' || line.data[0] == '\t')) {
		line = slice_of(line.data + 1, line.size - 1);
	}
	if (!slice_copy_text(line, out, (size_t)capacity)) {
		loading->error = fail(loading->failure, ERROR_CONFIG, "%s: the line is longer than %d bytes", loading->name,
		                      capacity - 1);
		return NULL;
	}
	return out;
}

/* libinih's callback: 0 says that the line is an error, which `error` then holds. */
static int take_pair(void *user, const char *section, const char *name, const char *value) {
	struct loading *loading = user;
	for (size_t i = 0; i < loading->count; i++) {
		const struct config_key *key = &loading->keys[i];
		if (strcmp(key->section, section) != 0 || strcmp(key->name, name) != 0) {
			continue;
		}
		if (loading->seen[i]) {
			loading->error = fail(loading->failure, ERROR_CONFIG, "%s: %s stands twice", loading->name, name);
			return 0;
		}
		loading->seen[i] = true;
		loading->error = store_value(loading, key, value);
		return loading->error == OK;
	}
	loading->error = fail(loading->failure, ERROR_CONFIG, "%s: there is no key \"%s\" in section [%s]", loading->name,
	                      name, section);
	return 0;
}

static enum error fill_rest(struct loading *loading) {
	for (size_t i = 0; i < loading->count; i++) {
		const struct config_key *key = &loading->keys[i];
		if (loading->seen[i]) {
			continue;
		}
		if (key->fallback == NULL) {
			return fail(loading->failure, ERROR_CONFIG, "%s: %s is missing from section [%s]", loading->name, key->name,
			            key->section);
		}
		enum error error = store_value(loading, key, key->fallback);
		if (error != OK) {
			return error;
		}
	}
	return OK;
}

enum error config_parse(const char *name, struct slice text, const struct config_key *keys, size_t count,
                        void *target, struct failure *failure) {
	assert(count <= CONFIG_KEYS_MAX);
	struct loading loading = {
		.name = name, .keys = keys, .count = count, .target = target, .rest = text, .failure = failure,
	};
	if (text.size > CONFIG_FILE_MAX) {
		return fail(failure, ERROR_CONFIG, "%s is longer than %d bytes", name, CONFIG_FILE_MAX);
	}
	if (text.size > 0 && memchr(text.data, 0, text.size) != NULL) {
		return fail(failure, ERROR_CONFIG, "%s holds a NUL byte", name);
	}
	int wrong = ini_parse_stream(next_line, &loading, take_pair, &loading);
	if (wrong < 0) {
		return fail(failure, ERROR_NO_MEMORY, "%s: out of memory", name);
	}
	/* A line that libinih itself refuses does not end the reading, so it may stand before `loading.line`. */
	if (wrong > 0 && (loading.error == OK || (unsigned)wrong < loading.line)) {
		return fail_at(failure, ERROR_CONFIG, (unsigned)wrong,
		               "%s: not a [section], a comment or \"key = value\"", name);
	}
	if (loading.error != OK) {
		if (failure != NULL) {
			failure->line = loading.line;
		}
		return loading.error;
	}
	return fill_rest(&loading);
}

enum error config_load(const char *path, const struct config_key *keys, size_t count, void *target,
                       struct failure *failure) {
	struct buffer text;
	buffer_init(&text, CONFIG_FILE_MAX);
	enum error error = file_read(path, &text, failure);
	if (error == OK) {
		error = config_parse(path, buffer_slice(&text), keys, count, target, failure);
	}
	buffer_release(&text);
	return error;
}

void config_describe(FILE *out, const struct config_key *keys, size_t count) {
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || strcmp(keys[i].section, keys[i - 1].section) != 0) {
			(void)fprintf(out, "%s[%s]\n", i == 0 ? "" : "\n", keys[i].section);
		}
		(void)fprintf(out, "# %s", keys[i].help);
		if (keys[i].type == CONFIG_NUMBER) {
			(void)fprintf(out, " (%" PRId64 " to %" PRId64 ")", keys[i].minimum, keys[i].maximum);
		}
		(void)fprintf(out, "\n%s%s = %s\n", keys[i].fallback == NULL ? "" : "# ", keys[i].name,
		              keys[i].fallback == NULL ? "" : keys[i].fallback);
	}
}

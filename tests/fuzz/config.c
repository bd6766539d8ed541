/* Fuzzes the configuration reader: what is accepted lies within the table's limits, what is refused has a reason. */
#include <assert.h>
#include <stddef.h>

#include "base/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct settings {
	char name[8];
	int64_t count;
	char path[256];
};

static const struct config_key keys[] = {
	{ "a", "name", CONFIG_TEXT, offsetof(struct settings, name), 0, 8, "x", "a short text" },
	{ "a", "count", CONFIG_NUMBER, offsetof(struct settings, count), -3, 30, "1", "a number" },
	{ "b", "path", CONFIG_TEXT, offsetof(struct settings, path), 0, 256, "/", "a text longer than a line" },
};

static unsigned lines_in(struct slice text) {
	unsigned lines = 1;
	for (size_t i = 0; i < text.size; i++) {
		lines += text.data[i] == '\n';
	}
	return lines;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct settings settings = { .count = -99 };
	struct failure failure = { 0 };
	struct slice text = slice_of(data, size);
	enum error error = config_parse("fuzz", text, keys, sizeof keys / sizeof keys[0], &settings, &failure);
	if (error == OK) {
		assert(settings.count >= -3 && settings.count <= 30);
		assert(memchr(settings.name, 0, sizeof settings.name) != NULL);
		assert(memchr(settings.path, 0, sizeof settings.path) != NULL);
	} else {
		assert(error == ERROR_CONFIG && failure.code == ERROR_CONFIG);
		assert(failure.text[0] != '\0' && failure.line <= lines_in(text));
	}
	return 0;
}

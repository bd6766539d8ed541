/* Configuration files in INI form, described by a table.
 *
 * One row per key says where its value goes, its type, limits, default and meaning. A key or section that is not in
 * the table is an error with its line, as is a key that stands twice, so a misspelt setting is never ignored. A line
 * has at most 199 bytes. A comment begins with # or ; at the beginning of a line, or with a blank and ; behind a
 * value. */
#ifndef TROTH_BASE_CONFIG_H
#define TROTH_BASE_CONFIG_H

#include <stdio.h>

#include "base/error.h"
#include "base/slice.h"

#define CONFIG_FILE_MAX 65536
#define CONFIG_KEYS_MAX 64

enum config_type {
	CONFIG_TEXT,   /* char[limit]: `maximum` is the size of the array */
	CONFIG_NUMBER, /* int64_t from `minimum` to `maximum` */
};

struct config_key {
	const char *section;
	const char *name;
	enum config_type type;
	size_t offset; /* of the value within the target struct */
	int64_t minimum, maximum;
	const char *fallback; /* used where the file is silent; NULL: the key is required */
	const char *help;
};

/* Reads `path` into `target`. ERROR_CONFIG with file, line and what is allowed; ERROR_NOT_FOUND if there is no file. */
enum error config_load(const char *path, const struct config_key *keys, size_t count, void *target,
                       struct failure *failure);

/* The same from text; `name` stands for the file in messages. */
enum error config_parse(const char *name, struct slice text, const struct config_key *keys, size_t count,
                        void *target, struct failure *failure);

/* Writes a commented file with every key and its default. */
void config_describe(FILE *out, const struct config_key *keys, size_t count);

#endif

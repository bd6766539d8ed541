/* The golden messages of tests/vectors/mdp/messages.txt, which says what stands in it. */
#ifndef TROTH_TESTS_UNIT_WIRE_GOLDEN_H
#define TROTH_TESTS_UNIT_WIRE_GOLDEN_H

#include <stdio.h>

#include "tests/unit/wire_hex.h"

#define GOLDEN_FILE "tests/vectors/mdp/messages.txt"
#define GOLDEN_MAX 256
#define GOLDEN_LINE 1024

struct golden {
	char name[GOLDEN_LINE];
	char direction[GOLDEN_LINE];
	char frames[GOLDEN_LINE];
	char means[GOLDEN_LINE]; /* "" if it is wrong */
	char wrong[GOLDEN_LINE]; /* "" if it is right */
};

static struct golden goldens[GOLDEN_MAX];
static int golden_count;

/* Copies the value if the line begins with the key; keys are padded with blanks to ten characters. */
static inline void golden_field(const char *line, const char *key, char out[GOLDEN_LINE]) {
	size_t size = strlen(key);
	if (strncmp(line, key, size) == 0 && (line[size] == ' ' || line[size] == '\0')) {
		(void)slice_copy_text(slice_of_text(line + size + strspn(line + size, " ")), out, GOLDEN_LINE);
	}
}

/* Reads the file; false if there is none, or something in it that is no message. */
static inline bool golden_load(void) {
	FILE *file = fopen(GOLDEN_FILE, "r");
	char line[GOLDEN_LINE];
	struct golden *golden = NULL;
	while (file != NULL && fgets(line, sizeof line, file) != NULL && golden_count < GOLDEN_MAX) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "name ", 5) == 0) {
			golden = &goldens[golden_count++];
		}
		if (golden != NULL) {
			golden_field(line, "name", golden->name);
			golden_field(line, "direction", golden->direction);
			golden_field(line, "frames", golden->frames);
			golden_field(line, "means", golden->means);
			golden_field(line, "wrong", golden->wrong);
		}
	}
	bool good = file != NULL && fclose(file) == 0 && golden_count > 0;
	for (int i = 0; i < golden_count; i++) {
		bool is_right = goldens[i].means[0] != '\0';
		good = good && goldens[i].direction[0] != '\0' && is_right == (goldens[i].wrong[0] == '\0');
	}
	return good;
}

#endif

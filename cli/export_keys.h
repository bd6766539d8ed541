/* The notes that show whose the keys are with which the other sides of the caller's deals have signed. An export puts
 * them among its own notes, so that what it holds can be verified by itself. */
#ifndef TROTH_CLI_EXPORT_KEYS_H
#define TROTH_CLI_EXPORT_KEYS_H

#include "cli/deal_notes.h"

struct export_keys;

/* NULL if memory is out. */
struct export_keys *export_keys_new(void);
void export_keys_free(struct export_keys *keys);

/* Asks for the notes about an account's keys, once however often it is named. */
enum error export_keys_of(struct export_keys *keys, struct session *session, const char *account,
                          struct failure *failure);

/* A note as it goes into the files. Borrows. */
struct export_note {
	int64_t sequence, received;
	struct slice note;  /* empty if it may not be seen yet */
	const uint8_t *id;  /* 32 bytes; of such a note only */
	const char *json; /* its line */
};

/* The next of the notes in the order of their numbers, below `before`; false if there is none. */
bool export_keys_next(struct export_keys *keys, int64_t before, struct export_note *out);

/* Begins again with the first. */
void export_keys_rewind(struct export_keys *keys);

/* Leaves out the note of this number: it stands among the caller's own. */
void export_keys_skip(struct export_keys *keys, int64_t sequence);

#endif

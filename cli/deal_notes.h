/* The notes of a deal, or of everything of the caller's, as the agency tells them. */
#ifndef TROTH_CLI_DEAL_NOTES_H
#define TROTH_CLI_DEAL_NOTES_H

#include "cli/checked_note.h"
#include "cli/print.h"
#include "cli/session.h"

struct noted {
	int64_t sequence, received;
	uint8_t id[HASH_SIZE];
	char kind[16];
	struct checked_note note; /* not there while it may not be seen: a rating */
};

/* Reads one out of a reply: the note's id and kind must be what the answer says. May be read into again; release. */
enum error noted_read(const struct pack_value *item, const struct join *join, struct noted *out,
                      struct failure *failure);
void noted_release(struct noted *noted);

/* Visits the notes of a deal (hex digits of its id), or all of the caller's (NULL), the oldest first. */
typedef enum error (*noted_visit)(void *argument, const struct noted *noted, struct failure *failure);
enum error notes_each(struct session *session, const char *deal, noted_visit visit, void *argument,
                      struct failure *failure);

/* The same with the notes about the keys of an account. */
enum error notes_about_keys(struct session *session, const char *account, noted_visit visit, void *argument,
                            struct failure *failure);

/* Appends what a step says in a few words, for a history: "ship: DHL". */
void noted_append_words(struct buffer *out, const struct noted *noted);

/* The same with each value whole, in lines of their own: for who is about to answer it. */
void noted_append_whole(struct buffer *out, const struct noted *noted);

json_t *noted_json(const struct noted *noted);

#endif

/* Notes of any kind for tests: from `key value` lines, in the name of an actor, and deals as chains of them.
 *
 * What cannot go wrong in a sound machine ends the test. For one thread only. */
#ifndef TROTH_TESTS_LIB_NOTES_H
#define TROTH_TESTS_LIB_NOTES_H

#include "tests/lib/direct.h"

#define REFERENCE_TEXT 72 /* bytes of "sha256:" and hex digits, with the NUL */

/* "sha256:…"; returns `out`. */
const char *reference_write(const uint8_t id[HASH_SIZE], char out[REFERENCE_TEXT]);

/* Appends a note of the kind, signed by the actor: the lines (each ends in LF; may be ""), the actor as the kind's
 * signer, `role` where the kind asks for a side of a deal, time and nonce. */
void notes_make(const struct actor *actor, enum kind_id kind, const char *lines, struct buffer *out);

/* Makes and submits one. */
struct failure notes_send(struct client *client, const struct actor *actor, enum kind_id kind, const char *lines);

/* A deal by its notes. */
struct thread {
	uint8_t id[HASH_SIZE];   /* of the agreement */
	uint8_t head[HASH_SIZE]; /* of the latest note */
};

/* Begins with a signed agreement; sends nothing. */
void thread_begin(struct thread *thread, struct slice agreement);

/* The creator signs what follows from the offer, and submits it; ends the test if it is refused. */
void thread_agree(struct thread *thread, struct client *client, const struct actor *creator, struct slice offer);

/* Appends the next step; sends nothing. */
void thread_note(const struct thread *thread, const struct actor *actor, enum kind_id kind, const char *lines,
                 struct buffer *out);

/* Makes and submits the next step. The thread goes on only if it is accepted; thread_step ends the test if not. */
struct failure thread_try(struct thread *thread, struct client *client, const struct actor *actor, enum kind_id kind,
                          const char *lines);
void thread_step(struct thread *thread, struct client *client, const struct actor *actor, enum kind_id kind,
                 const char *lines);

/* Appends an amendment of the agreement by the actor, with the first line of this key replaced. */
void thread_amendment(const struct thread *thread, const struct actor *actor, struct slice agreement, const char *key,
                      const char *lines, struct buffer *out);

/* Appends an actor's answer to a first proposal: its text with the first line of this key replaced. */
void notes_counter(const struct actor *actor, struct slice proposal, const char *key, const char *lines,
                   struct buffer *out);

/* Appends the text of a signed note, signed by another actor. */
void notes_sign_too(const struct actor *actor, struct slice signed_note, struct buffer *out);

#endif

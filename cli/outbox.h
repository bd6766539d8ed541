/* Notes that this home has signed, kept so that doing a thing again sends the same note again.
 *
 * A note is kept under the hash of what it was made for, its purpose: "accept sha256:...", or an offer file's lines. It
 * is written to disk before it is sent, so a crash at any point leads to the same note, and the agency answers the
 * same note with the same answer. What the agency refuses is forgotten: the next try signs anew. */
#ifndef TROTH_CLI_OUTBOX_H
#define TROTH_CLI_OUTBOX_H

#include "cli/session.h"

/* One note of the outbox. */
struct parcel {
	char path[FILE_PATH_MAX]; /* of the kept note */
	char purpose[HASH_HEX_SIZE]; /* the hash of what it was made for: its name in the outbox */
	struct buffer bytes;      /* the signed note; empty if there is none yet */
	uint8_t id[HASH_SIZE];    /* set if there is one */
};

/* Looks for the note that was made for a purpose. Release in any case. */
enum error parcel_open(struct parcel *parcel, const struct home *home, struct slice purpose, struct failure *failure);
void parcel_release(struct parcel *parcel);

/* A note that was sent before, known by its id and the name of its purpose. It need not be in the outbox any more, nor
 * be the one that is there now: its answer can be taken all the same. Release in any case. */
enum error parcel_recall(struct parcel *parcel, const struct home *home, const char *purpose,
                         const uint8_t id[HASH_SIZE], struct failure *failure);
bool parcel_is_signed(const struct parcel *parcel);

/* Takes the note out of the outbox: what it was made for is to be signed anew. */
void parcel_forget(struct parcel *parcel);

/* Puts a note together from pairs (time and nonce are added) and checks it by the rules; appends the text to `out`. */
enum error outbox_compose(const struct home *home, enum kind_id kind, const struct note_pair *pairs, size_t count,
                          struct buffer *out, struct failure *failure);

/* The values of time and nonce for a new note. */
struct stamp {
	char time[24], nonce[2 * FIELD_NONCE_SIZE + 1];
};
void outbox_stamp(struct stamp *stamp);

/* Shows the text, with what differs from the terms of the text before it (NULL: there is none) marked, and asks, unless
 * --yes. ERROR_USAGE if there is nobody to ask, ERROR_NOT_ALLOWED for a no. */
enum error outbox_confirm(const struct settings *settings, struct slice text, const struct slice *before,
                          struct failure *failure);

/* Writes a file of the home. `durable` false leaves the fsync to the caller: batches sync once for many. */
enum error outbox_write(const char *path, struct slice bytes, bool durable, struct failure *failure);

/* Signs a text and keeps the note, written as by outbox_write. */
enum error parcel_sign(struct parcel *parcel, const struct home *home, struct slice text, bool durable,
                       struct failure *failure);

/* What the agency answered. */
struct receipt {
	int64_t sequence, received;
	struct slice note; /* as stored by the agency; borrows from the session's reply */
};

/* Appends the request that submits a note. */
void outbox_request(struct slice note, struct buffer *out);

/* Reads the answer to it and checks that it is about this note, with good signatures: the home's or the party's own,
 * and the agency's where the note binds both sides. Keeps the answered note in notes/. A refusal forgets the note. */
enum error parcel_take_answer(struct parcel *parcel, const struct home *home, struct pack_document *document,
                              struct slice reply, struct receipt *receipt, struct failure *failure);

/* Sends a signed note and takes the answer. */
enum error parcel_send(struct parcel *parcel, struct session *session, struct receipt *receipt,
                       struct failure *failure);

/* True if the agency has accepted this note before. */
bool parcel_is_accepted(const struct parcel *parcel, const struct home *home);

#endif

/* The way that commands go: open the home and a connection; where something is signed, look for the note signed
 * before, else compose, show, sign; send it, check the answer, tell. */
#ifndef TROTH_CLI_ACT_H
#define TROTH_CLI_ACT_H

#include "cli/outbox.h"
#include "cli/print.h"

struct act {
	const struct settings *settings;
	struct home home;
	struct session session;
	struct parcel parcel;
	struct receipt receipt;
};

enum act_need {
	ACT_READS, /* the home only */
	ACT_ASKS,  /* home and connection */
	ACT_SIGNS, /* and the signing key */
};

/* Release in any case. */
enum error act_open(struct act *act, const struct settings *settings, enum act_need need, struct failure *failure);
void act_release(struct act *act);

/* Makes sure that the note for this purpose is signed: one that was signed before, or one composed of these pairs (time
 * and nonce are added) and confirmed by the person. */
enum error act_sign(struct act *act, struct slice purpose, enum kind_id kind, const struct note_pair *pairs,
                    size_t count, struct failure *failure);

/* The same for what is said anew from time to time, so that the latest counts: a note that was accepted already is not
 * sent again, but signed anew. */
enum error act_sign_latest(struct act *act, struct slice purpose, enum kind_id kind, const struct note_pair *pairs,
                           size_t count, struct failure *failure);

/* Signs a text that is no note of the outbox yet, after the person has confirmed it. */
enum error act_sign_text(struct act *act, struct slice text, struct failure *failure);

/* The same with what differs from the text before it marked. */
enum error act_sign_changed(struct act *act, struct slice text, struct slice before, struct failure *failure);

/* Sends the note, takes the answer and tells it. With --queue, or (unless --no-queue) where no worker is there, puts
 * the note into the broker's queue instead, says under which ticket, and returns ERROR_QUEUED with nothing left to
 * say. */
enum error act_finish(struct act *act, struct failure *failure);

/* Writes what was answered where --out says, and prints what it means; for a step of a deal, also how the deal is now,
 * where the agency tells it. */
enum error act_tell(struct act *act, struct failure *failure);

/* Writes a signed note where --out says, if it says so. */
enum error act_write_out(const struct settings *settings, struct slice note, struct failure *failure);

#endif

/* The way that every signing command goes: open the home, look for the note signed before, else compose, show, sign;
 * send it, check the answer. */
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

/* Opens home, key and connection. Release in any case. */
enum error act_open(struct act *act, const struct settings *settings, struct failure *failure);
void act_release(struct act *act);

/* Makes sure that the note for this purpose is signed: one that was signed before, or one composed of these pairs (time
 * and nonce are added) and confirmed by the person. */
enum error act_sign(struct act *act, struct slice purpose, enum kind_id kind, const struct note_pair *pairs,
                    size_t count, struct failure *failure);

/* Sends it and takes the answer into act->receipt. */
enum error act_send(struct act *act, struct failure *failure);

/* Prints the note's id: alone on the last line, behind a sentence, or as JSON with the fields of `more` (taken over,
 * may be NULL). */
void act_report(const struct act *act, const char *sentence, json_t *more);

/* Writes a signed note where --out says, if it says so. */
enum error act_write_out(const struct settings *settings, struct slice note, struct failure *failure);

#endif

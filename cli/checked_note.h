/* A signed note out of an answer of the agency: copied, taken apart, and checked with the keys that its own text names.
 * So what is shown or signed does not depend on the agency's word. */
#ifndef TROTH_CLI_CHECKED_NOTE_H
#define TROTH_CLI_CHECKED_NOTE_H

#include "cli/join.h"
#include "crypto/signed_note.h"
#include "rules/note.h"

struct checked_note {
	struct buffer bytes; /* as signed */
	struct signed_note split;
	struct note note;
	uint8_t id[HASH_SIZE];
	unsigned signed_by; /* as for note_is_signed */
	bool by_agency;     /* the agency's key has signed it too, or alone */
};

/* Reads a signed note, which is copied. ERROR_BAD_SIGNATURE for a signature that does not fit, ERROR_WRONG_SIGNER if
 * those that the kind wants are missing, and whatever note_parse says. May be read into again; release in any case. */
enum error checked_note_read(struct checked_note *checked, struct slice signed_note, const struct join *join,
                             struct failure *failure);
void checked_note_release(struct checked_note *checked);

/* True once it was read well. */
bool checked_note_is_there(const struct checked_note *checked);

/* The same for a note that was split and parsed already. Who has signed it, as bits; and the agency. */
enum error check_signatures(const struct signed_note *split, const struct note *note, const struct join *join,
                            unsigned *signed_by, bool *by_agency, struct failure *failure);

#endif

/* An offer as the agency shows it, checked and printed. */
#ifndef TROTH_CLI_OFFER_VIEW_H
#define TROTH_CLI_OFFER_VIEW_H

#include "cli/print.h"
#include "cli/session.h"

struct offer_view {
	uint8_t id[HASH_SIZE];
	int64_t slots, taken, closes;
	const char *state; /* open, full, closed or over */
	struct slice signed_note; /* borrows from the session's reply */
	struct note note;
};

/* True for the word of a state that an offer can be in. */
bool offer_state_is_known(const char *word);

/* Reads one offer out of a reply and checks it: the text is a good offer of this agency, its id is the hash of the
 * text, and the brand has signed it with the key in the text. So a creator does not depend on the agency's word.
 * ERROR_BAD_SIGNATURE, ERROR_WRONG_SIGNER, ERROR_MALFORMED. */
enum error offer_view_read(const struct pack_value *item, const struct join *join, struct offer_view *out,
                           struct failure *failure);

/* Asks for the offer with this id or beginning of an id. */
enum error offer_view_fetch(struct session *session, const char *id, struct offer_view *out, struct failure *failure);

/* One line of a table, and the line above it. */
void offer_view_print_head(void);
void offer_view_print(const struct offer_view *view);

json_t *offer_view_json(const struct offer_view *view);

/* A note's values as a JSON object, by key; a key that may repeat is a list. */
json_t *note_json(const struct note *note);

/* Checks that the party that a note's text names has signed it. */
enum error check_party_signature(const struct signed_note *signed_note, const struct note *note,
                                 struct failure *failure);

/* The whole id of an offer whose id begins so. A whole id needs no question: then an offer can be closed by way of the
 * queue while no worker is there. */
enum error offer_view_find_id(struct session *session, const char *operand, char id[ID_TEXT_SIZE],
                              struct failure *failure);

#endif

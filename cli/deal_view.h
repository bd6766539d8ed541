/* A deal as the agency shows it, checked against the text that both sides have signed. */
#ifndef TROTH_CLI_DEAL_VIEW_H
#define TROTH_CLI_DEAL_VIEW_H

#include "cli/checked_note.h"
#include "cli/print.h"
#include "cli/session.h"
#include "rules/deal.h"

struct deal_view {
	int64_t sequence; /* of the agreement or latest proposal in the log */
	struct deal deal;
	struct checked_note text;  /* whose terms hold */
	struct checked_note draft; /* a waiting amendment; not there if there is none */
	int64_t offer_state;       /* of a proposal, as the agency says; 0 where it does not */
};

/* Reads one deal out of a reply. The text's id, offer, parties, terms and signatures must be what the deal says: a
 * proposal is signed by who proposes, an agreement by the agency and, but for one that follows from a first-come offer,
 * by both sides. Amounts must be what the terms allow in the deal's state. The state itself, the offer's road and all
 * times are the agency's word. ERROR_MALFORMED, ERROR_BAD_SIGNATURE, ERROR_WRONG_SIGNER. May be read into again;
 * release in any case. */
enum error deal_view_read(const struct pack_value *item, const struct join *join, struct deal_view *out,
                          struct failure *failure);
void deal_view_release(struct deal_view *view);

/* Asks for the deal with this id or beginning of an id; a proposal's id is that of its latest text.
 * The ids of the text in force and of an amendment that waits will do. ERROR_SUPERSEDED with the id for an older
 * text. */
enum error deal_view_fetch(struct session *session, const char *id, struct deal_view *out, struct failure *failure);

/* False where these digits begin the id of an older text only. */
bool deal_view_is(const struct deal_view *view, const char *digits);

/* What this home is to the deal, as a bit: BY_BRAND, BY_CREATOR, BY_OPERATOR; 0 if it is no party. */
unsigned deal_view_side(const struct deal_view *view, const struct home *home);

/* True if this home is who must act for the deal to go on; the steps are bits of events. */
bool deal_view_waits_for(const struct deal *deal, unsigned side);

json_t *deal_view_json(const struct deal_view *view);

#endif

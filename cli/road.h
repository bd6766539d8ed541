/* What the roads to an agreement have in common: an offer or a proposal, out of the agency's answer, and the texts that
 * are made of it. */
#ifndef TROTH_CLI_ROAD_H
#define TROTH_CLI_ROAD_H

#include "cli/act.h"
#include "cli/changed_terms.h"
#include "cli/deal_view.h"

/* What an id on the command line is: an offer, or a deal. */
struct road_start {
	bool is_deal;
	struct checked_note offer;
	struct deal_view deal;
};

/* Looks for an offer or a deal with this id or beginning of an id. Release in any case. */
enum error road_find(struct act *act, const char *id, struct road_start *out, struct failure *failure);
void road_release(struct road_start *start);

/* Fetches an offer, as a copy. */
enum error road_fetch_offer(struct session *session, const char *id, struct checked_note *out,
                            struct failure *failure);

/* An account of this role as a party, with the key that is the account's now by the agency's word. That it is the right
 * one shows when its holder signs. `party` borrows the name; `text` gets its written form. */
enum error road_fetch_party(struct session *session, const char *name, enum role wanted, struct party *party,
                            char text[PARTY_TEXT_MAX], struct failure *failure);

/* Appends the text by which this brand invites a creator, as the offer says. */
enum error road_derive_invitation(const struct home *home, const struct checked_note *offer,
                                  const struct party *creator, struct buffer *out, struct failure *failure);

/* The text that came before a proposal: the one that it replaces, where this home has it, or else the offer. Left empty
 * where neither can be had. Release in any case. */
void road_fetch_former(struct act *act, const struct deal_view *view, struct checked_note *out);

/* Opens the parcel of a text that begins a deal. It is left empty, to be signed anew, where the deal that came of the
 * text that was signed for it before has ended in a way that may give its place back; the person is told, unless --yes.
 * What is on its way, was done, or is not known to the agency is sent again. */
enum error road_open_first(struct act *act, const char *purpose, size_t size, struct failure *failure);

/* Sends what was signed, as act_finish does. Where the agency says that there is a proposal already, the failure says
 * whose it is and how to go on with it. */
enum error road_finish(struct act *act, struct failure *failure);

/* Which text waits for this home's signature: the other side's proposal, or its amendment; NULL if none does.
 * ERROR_NOT_ALLOWED where it is the other side's turn. `text` borrows from the view. */
enum error road_find_text(const struct deal_view *view, const struct home *home, const struct checked_note **text,
                          struct failure *failure);

/* Opens the parcel of a signature on a text of the other side. */
enum error road_open_theirs(struct parcel *parcel, const struct home *home, const uint8_t id[HASH_SIZE],
                            struct failure *failure);

/* ERROR_NOT_ALLOWED, ERROR_WRONG_SIGNER unless the text names this account with its present key. */
enum error road_check_own_key(const struct home *home, const struct note *text, struct failure *failure);

/* Signs the text of the other side as it stands, and sends it. `before` is what it differs from; may be empty. */
enum error road_sign_theirs(struct act *act, const struct checked_note *text, struct slice before,
                            struct failure *failure);

/* Signs a text with changed terms, once for this purpose (which gets the changes added), and sends it. */
enum error road_sign_changed(struct act *act, const char *purpose, const struct checked_note *base,
                             const struct agreement_head *head, const struct option_words *words,
                             struct failure *failure);

#endif

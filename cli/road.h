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
enum error road_fetch_offer(struct act *act, const char *id, struct checked_note *out, struct failure *failure);

/* An account of this role as a party, with the key that is the account's now by the agency's word. That it is the right
 * one shows when its holder signs. `party` borrows the name; `text` gets its written form. */
enum error road_fetch_party(struct act *act, const char *name, enum role wanted, struct party *party,
                            char text[PARTY_TEXT_MAX], struct failure *failure);

/* The text that came before a proposal: the one that it replaces, where this home has it, or else the offer. Left empty
 * where neither can be had. Release in any case. */
void road_fetch_former(struct act *act, const struct deal_view *view, struct checked_note *out);

/* Signs the text of the other side as it stands, and sends it. `before` is what it differs from; may be empty. */
enum error road_sign_theirs(struct act *act, const struct checked_note *text, struct slice before,
                            struct failure *failure);

/* Signs a text with changed terms, once for this purpose (which gets the changes added), and sends it. */
enum error road_sign_changed(struct act *act, const char *purpose, const struct checked_note *base,
                             const struct agreement_head *head, const struct option_words *words,
                             struct failure *failure);

#endif

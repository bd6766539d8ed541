/* The conditions of the table in rules/deal.c. */
#include <string.h>

#include "rules/deal_parts.h"

#define BOTH_SIDES (BY_BRAND | BY_CREATOR)
#define GUARD(name, words, holds, code, refusal) const struct guard guard_##name = { words, holds, code, refusal }

static bool has_product(const struct step *step) {
	return note_find(step->input->note, "product") != NULL;
}

/* ---- roads to an agreement ---- */

static bool keeps_the_offer(const struct step *step) {
	return step->input->follows;
}

static bool may_change(const struct deal *deal) {
	return deal->road == ROAD_NEGOTIATION || deal->road == ROAD_INVITATION;
}

bool deal_takes_counter(const struct deal *deal, unsigned by) {
	return may_change(deal) && by != 1U << deal->proposer;
}

static bool may_apply(const struct step *step) {
	enum road road = step->before->road;
	return (road == ROAD_SELECTION && keeps_the_offer(step)) || road == ROAD_NEGOTIATION;
}
GUARD(may_apply, "the offer takes applications; only a negotiation changes its terms", may_apply, ERROR_TERMS_DIFFER,
      "this offer is not open to such a proposal: see its road, and repeat its terms as they are");

static bool may_invite(const struct step *step) {
	return keeps_the_offer(step) || may_change(step->before);
}
GUARD(may_invite, "the text follows from the offer, or the offer is open to changes", may_invite, ERROR_TERMS_DIFFER,
      "the text changes the offer's terms, and the offer's road does not allow that");

/* The brand is bound by its signature on the offer, or on this text. */
static bool is_consented(const struct step *step) {
	const struct deal *deal = step->before;
	bool both = (step->input->signed_by & 3) == 3;
	return (deal->road == ROAD_FIRST_COME && keeps_the_offer(step)) || (both && may_invite(step));
}

static bool first_come_product(const struct step *step) {
	return is_consented(step) && has_product(step);
}

static bool first_come_no_product(const struct step *step) {
	return is_consented(step) && !has_product(step);
}
GUARD(first_come_product, "first come, or both have signed; with a product", first_come_product, ERROR_TERMS_DIFFER,
      "the text is not what follows from the offer");
GUARD(first_come_no_product, "first come, or both have signed; without a product", first_come_no_product,
      ERROR_TERMS_DIFFER, "the text is not what follows from the offer: repeat its terms as they are");

static bool may_counter(const struct step *step) {
	return deal_takes_counter(step->before, step->by);
}
GUARD(may_counter, "it is the other side's text, and the offer is open to changes", may_counter, ERROR_NOT_ALLOWED,
      "a counter-text answers the other side's, where the offer's road allows changes: accept, decline or wait");

/* The proposal that waits, signed by the other side; or a changed text that both have signed already. */
static bool is_others(const struct step *step) {
	const struct deal *deal = step->before;
	bool same = memcmp(deal->id, step->input->id, FIELD_HASH_SIZE) == 0;
	bool both = (step->input->signed_by & 3) == 3;
	return both ? same || may_change(deal) : step->by != 1U << deal->proposer;
}

static bool other_product(const struct step *step) {
	return is_others(step) && has_product(step);
}

static bool other_no_product(const struct step *step) {
	return is_others(step) && !has_product(step);
}
GUARD(other_product, "it is the other side's text, or both have signed; with a product", other_product,
      ERROR_NOT_ALLOWED, "you have signed this text already; it is the other side's turn");
GUARD(other_no_product, "it is the other side's text, or both have signed; without a product", other_no_product,
      ERROR_NOT_ALLOWED, "you have signed this text already; it is the other side's turn");

bool deal_takes_amendment(const struct deal *deal, unsigned by) {
	return deal->amender == ROLE_COUNT || by != 1U << deal->amender;
}

/* The text itself was looked at by deal_text_fits. */
static bool may_amend(const struct step *step) {
	return deal_takes_amendment(step->before, step->by);
}
GUARD(may_amend, "compensation, parties and currency stay, and no amendment of this side waits", may_amend,
      ERROR_NOT_ALLOWED, "your amendment waits for the other side's signature");

static bool may_sign_amendment(const struct step *step) {
	const struct deal *deal = step->before;
	bool waits = deal->amender != ROLE_COUNT && memcmp(deal->amendment, step->input->id, FIELD_HASH_SIZE) == 0;
	return (step->input->signed_by & 3) == 3 || (waits && step->by != 1U << deal->amender);
}
GUARD(may_sign_amendment, "the other side has signed it", may_sign_amendment, ERROR_NOT_ALLOWED,
      "you have signed this amendment already; it is the other side's turn");

/* Only the other side's: who takes his own back again and again would keep the deal's head from standing still. */
bool deal_takes_decline(const struct deal *deal, unsigned by) {
	return deal->amender != ROLE_COUNT && (by & ~(1U << deal->amender)) != 0;
}

static bool may_decline(const struct step *step) {
	return deal_takes_decline(step->before, step->by);
}
GUARD(may_decline, "an amendment of the other side waits", may_decline, ERROR_WRONG_STATE,
      "no amendment of the other side waits; an agreement itself ends by cancel");

/* ---- delivery ---- */

static bool is_posted(const struct step *step) {
	return step->before->terms.is_posted;
}

static bool is_not_posted(const struct step *step) {
	return !step->before->terms.is_posted;
}
GUARD(posted, "something is to be posted", is_posted, ERROR_WRONG_STATE, "there is nothing to post");
GUARD(not_posted, "nothing is to be posted", is_not_posted, ERROR_WRONG_STATE, "something is still to be posted");

static bool has_revisions_left(const struct step *step) {
	return step->before->revisions < step->before->terms.revisions;
}
GUARD(revisions_left, "a revision is left", has_revisions_left, ERROR_WRONG_STATE,
      "no revision is left: approve, dispute or cancel");

/* Sales settle the commission, once. */
static bool is_no_sales(const struct step *step) {
	return note_find(step->input->note, "sales") == NULL;
}

static bool settles_commission(const struct step *step) {
	const struct value *sales = note_find(step->input->note, "sales");
	const struct deal *deal = step->before;
	return sales != NULL && deal_awaits_sales(deal) && strcmp(sales->money.currency, deal->terms.currency) == 0;
}

static bool earns_commission(const struct step *step) {
	return settles_commission(step) && deal_commission(step) > 0;
}

static bool sales_fit(const struct step *step) {
	return is_no_sales(step) || settles_commission(step);
}
#define SALES_REFUSAL \
	"sales: no commission of the deal waits for them, it is in another currency, or the post is not as agreed"
GUARD(no_sales, "no sales are told", is_no_sales, ERROR_BAD_VALUE, SALES_REFUSAL);
GUARD(settles_commission, "sales are told, in the currency of a commission that is held", settles_commission,
      ERROR_BAD_VALUE, SALES_REFUSAL);
GUARD(earns_commission, "sales are told, in the currency of a commission that is held, and earn some of it",
      earns_commission, ERROR_BAD_VALUE, SALES_REFUSAL);
GUARD(sales_fit, "sales, if told, are of a deal with commission and in its currency", sales_fit, ERROR_BAD_VALUE,
      SALES_REFUSAL);

/* A note that tells sales is no report of a fault, but where none are waited for. */
static bool is_live_time(const struct step *step) {
	const struct deal *deal = step->before;
	return deal->posted > 0 && step->input->received < deal->posted + deal->terms.live_for && is_no_sales(step);
}
GUARD(live_time, "the post must still be up; no sales are told", is_live_time, ERROR_WRONG_STATE,
      "the time for which the post had to be up is over, or sales are told that nothing waits for");

static bool is_live_time_unpaid(const struct step *step) {
	return is_live_time(step) && step->before->paid == 0;
}
GUARD(live_time_unpaid, "the post must still be up, and nothing was paid; no sales are told", is_live_time_unpaid,
      ERROR_WRONG_STATE, "something was paid already, or the time for which the post had to be up is over");

/* ---- disputes ---- */

/* Once for each side: else one side could keep a deal from going on, with ever new time, as long as it liked. */
static bool may_dispute(const struct step *step) {
	return (step->before->disputed & step->by) == 0;
}
GUARD(may_dispute, "this side has not disputed in this state yet", may_dispute, ERROR_NOT_ALLOWED,
      "you have disputed this already, and the agency has ruled that the deal goes on");

static bool may_dispute_unpaid(const struct step *step) {
	return may_dispute(step) && step->before->paid == 0;
}
GUARD(may_dispute_unpaid, "this side has not disputed in this state yet, and nothing was paid", may_dispute_unpaid,
      ERROR_WRONG_STATE, "something was paid already, or you have disputed this before");

/* ---- money and ratings ---- */

static bool pays(const struct step *step, bool all) {
	const struct deal *deal = step->before;
	const struct money *amount = &note_get(step->input->note, "amount")->money;
	int64_t outstanding = deal_outstanding(deal);
	return strcmp(amount->currency, deal->terms.currency) == 0 &&
	       (all ? amount->minor == outstanding : amount->minor < outstanding);
}

static bool pays_part(const struct step *step) {
	return pays(step, false);
}

static bool pays_rest(const struct step *step) {
	return pays(step, true);
}

static bool pays_last(const struct step *step) {
	return pays(step, true) && step->before->rated == BOTH_SIDES && step->before->held == 0;
}
GUARD(pays_part, "less than what is still to be paid", pays_part, ERROR_BAD_VALUE,
      "amount: more than what was earned and is not paid yet, or another currency");
GUARD(pays_last, "all that is still to be paid; both have rated, and nothing is held", pays_last, ERROR_BAD_VALUE,
      "amount: more than what was earned and is not paid yet, or another currency");
GUARD(pays_rest, "all that is still to be paid", pays_rest, ERROR_BAD_VALUE,
      "amount: more than what was earned and is not paid yet, or another currency");

static bool rates_first(const struct step *step) {
	return (step->before->rated & step->by) == 0;
}

/* The second rating closes the deal, where nothing is to be paid any more, nor can be. */
static bool rates_last(const struct step *step) {
	const struct deal *deal = step->before;
	bool settled = deal_outstanding(deal) == 0 && deal->held == 0;
	return rates_first(step) && (deal->rated | step->by) == BOTH_SIDES && settled;
}
GUARD(rates_first, "this side has not rated yet", rates_first, ERROR_EXISTS, "you have rated this deal already");
GUARD(rates_last, "the other side has rated, and nothing is to be paid or held", rates_last, ERROR_EXISTS,
      "you have rated this deal already");

static bool is_deadline_pay(const struct step *step) {
	return step->before->deadline == DEADLINE_PAY;
}

static bool is_deadline_rate(const struct step *step) {
	return step->before->deadline == DEADLINE_RATE;
}
GUARD(deadline_pay, "the time to pay is over", is_deadline_pay, ERROR_WRONG_STATE, "it is not that deadline");

static bool is_deadline_rate_owed(const struct step *step) {
	return is_deadline_rate(step) && deal_outstanding(step->before) > 0;
}
GUARD(deadline_rate_owed, "the time to rate is over, and something is still to be paid", is_deadline_rate_owed,
      ERROR_WRONG_STATE, "it is not that deadline");
GUARD(deadline_rate, "the time to rate is over", is_deadline_rate, ERROR_WRONG_STATE, "it is not that deadline");

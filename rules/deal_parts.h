/* Guards, effects and terms: what the rows of the table in rules/deal.c are made of. Only rules/deal*.c include it. */
#ifndef TROTH_RULES_DEAL_PARTS_H
#define TROTH_RULES_DEAL_PARTS_H

#include "rules/deal.h"

/* A step as the table sees it. */
struct step {
	const struct deal *before;
	const struct deal_input *input;
	enum deal_event event;
	unsigned by;
};

/* A condition under which a row counts. The first row whose guard holds is taken; if none does, the last one's words
 * are the refusal. */
struct guard {
	const char *words; /* "there is a product to ship" */
	bool (*holds)(const struct step *step);
	enum error code;     /* of the refusal */
	const char *refusal; /* "there is no product to ship" */
};

/* What is booked, and whatever else changes but state and deadline. */
struct effect {
	const char *words;
	void (*apply)(const struct step *step, struct deal *after, struct deal_result *result);
};

extern const struct guard guard_may_apply, guard_may_invite, guard_first_come_product, guard_first_come_no_product;
extern const struct guard guard_may_counter, guard_other_product, guard_other_no_product;
extern const struct guard guard_may_amend, guard_may_sign_amendment, guard_may_decline;
extern const struct guard guard_posted, guard_not_posted, guard_revisions_left;
extern const struct guard guard_no_sales, guard_settles_commission, guard_earns_commission, guard_sales_fit;
extern const struct guard guard_live_time, guard_live_time_unpaid, guard_may_dispute, guard_may_dispute_unpaid;
extern const struct guard guard_pays_part, guard_pays_last, guard_pays_rest, guard_rates_first, guard_rates_last;
extern const struct guard guard_deadline_pay, guard_deadline_rate, guard_deadline_rate_owed;

extern const struct effect effect_propose, effect_hold, effect_ship, effect_submit, effect_revise, effect_post;
extern const struct effect effect_earn, effect_commission, effect_commission_held, effect_release;
extern const struct effect effect_figures, effect_refund;
extern const struct effect effect_kill_fee, effect_pay, effect_rate, effect_unearn, effect_dispute, effect_faulted;
extern const struct effect effect_unpost, effect_resume, effect_settle, effect_amend, effect_amended, effect_overdue;

/* True if the table has a row for it, whatever the guards say. `by` are bits. */
bool deal_is_in_table(const struct deal *deal, enum deal_event event, unsigned by);

/* True if this side's turn in a negotiation is open to a changed text. */
bool deal_takes_counter(const struct deal *deal, unsigned by);

/* True if no amendment of this side waits for the other's signature: else one side could go on amending for ever. */
bool deal_takes_amendment(const struct deal *deal, unsigned by);
bool deal_takes_decline(const struct deal *deal, unsigned by);

/* Which kill-fee line holds now. */
int64_t deal_kill_fee(const struct deal *deal);

/* True if a verify note finds the post up, tagged and disclosed. */
bool deal_post_is_good(const struct note *verify);

/* The commission of the sales that a verify note tells, in minor units. */
int64_t deal_commission(const struct step *step);

/* Splits fee (with the commission, once sales have settled it) and agency fee by the creator's part, in hundredths of a
 * percent; the brand gets what is left of `held`. */
void deal_split(const struct deal *deal, int64_t hundredths, struct deal_split *out);

/* Whether a changed text keeps what it must keep: offer, parties, currency, agency fee; an amendment the compensation
 * too. ERROR_TERMS_DIFFER with the line. */
enum error deal_text_fits(const struct step *step, struct failure *failure);

#endif

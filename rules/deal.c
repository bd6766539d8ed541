/* The table of a deal's transitions. To read it is to know a deal's life; see deal.h. */
#include "rules/deal.h"

#include "rules/deal_parts.h"

const char *const deal_state_words[] = { "none",     "proposed", "ended",  "agreed",    "shipped", "received",
	                                     "submitted", "approved", "posted", "verified",  "paid",    "closed",
	                                     "cancelled", "lapsed",   "disputed", "ruled",   NULL };

const char *const deal_event_words[] = { "apply",  "invite", "counter", "sign", "decline", "amend",  "sign-amendment",
	                                     "ship",   "receive", "submit", "revise", "approve", "post", "verify",
	                                     "report-fault", "pay", "rate", "cancel", "dispute", "resume", "settle",
	                                     "lapse",  NULL };

#define BOTH_SIDES (BY_BRAND | BY_CREATOR)

/* What may happen to any deal that is agreed and whose content is not approved yet. */
#define OPEN_TO_CHANGES(state) \
	{ state, EVENT_AMEND, BOTH_SIDES, &guard_may_amend, state, &effect_amend, STARTS_KEEP }, \
	{ state, EVENT_AMEND_SIGN, BOTH_SIDES, &guard_may_sign_amendment, state, &effect_amended, STARTS_AGAIN }, \
	{ state, EVENT_DECLINE, BOTH_SIDES, &guard_may_decline, state, NULL, STARTS_KEEP }

/* What may happen as long as the work is under way. */
#define OPEN_TO_END(state) \
	{ state, EVENT_CANCEL, BY_BRAND, NULL, DEAL_CANCELLED, &effect_kill_fee, STARTS_PAY_OR_NONE }, \
	{ state, EVENT_CANCEL, BY_CREATOR, NULL, DEAL_CANCELLED, &effect_refund, DEADLINE_NONE }, \
	{ state, EVENT_DISPUTE, BOTH_SIDES, &guard_may_dispute, DEAL_DISPUTED, &effect_dispute, DEADLINE_NONE }

/* What was earned is paid, in one or several parts. */
#define OPEN_TO_PAY(state) \
	{ state, EVENT_PAY, BY_OPERATOR, &guard_pays_part, state, &effect_pay, STARTS_KEEP }, \
	{ state, EVENT_PAY, BY_OPERATOR, &guard_pays_rest, state, &effect_pay, DEADLINE_NONE }, \
	{ state, EVENT_LAPSE, BY_AGENCY, &guard_deadline_pay, state, &effect_overdue, DEADLINE_NONE }

/* The agency goes on looking at the post. */
#define OPEN_TO_LOOKS(state) \
	{ state, EVENT_VERIFY, BY_OPERATOR, &guard_no_sales, state, &effect_figures, STARTS_KEEP }, \
	{ state, EVENT_FAULT, BY_OPERATOR, &guard_live_time, state, &effect_faulted, STARTS_KEEP }

static const struct transition transitions[] = {
	{ DEAL_NONE, EVENT_SIGN, BOTH_SIDES, &guard_first_come_product, DEAL_AGREED, &effect_hold, DEADLINE_SHIP },
	{ DEAL_NONE, EVENT_SIGN, BOTH_SIDES, &guard_first_come_no_product, DEAL_RECEIVED, &effect_hold, DEADLINE_DELIVER },
	{ DEAL_NONE, EVENT_APPLY, BY_CREATOR, &guard_may_apply, DEAL_PROPOSED, &effect_propose, DEADLINE_ANSWER },
	{ DEAL_NONE, EVENT_INVITE, BY_BRAND, &guard_may_invite, DEAL_PROPOSED, &effect_propose, DEADLINE_ANSWER },

	{ DEAL_PROPOSED, EVENT_COUNTER, BOTH_SIDES, &guard_may_counter, DEAL_PROPOSED, &effect_propose, DEADLINE_ANSWER },
	{ DEAL_PROPOSED, EVENT_SIGN, BOTH_SIDES, &guard_other_product, DEAL_AGREED, &effect_hold, DEADLINE_SHIP },
	{ DEAL_PROPOSED, EVENT_SIGN, BOTH_SIDES, &guard_other_no_product, DEAL_RECEIVED, &effect_hold, DEADLINE_DELIVER },
	{ DEAL_PROPOSED, EVENT_DECLINE, BOTH_SIDES, NULL, DEAL_ENDED, NULL, DEADLINE_NONE },
	{ DEAL_PROPOSED, EVENT_LAPSE, BY_AGENCY, NULL, DEAL_ENDED, NULL, DEADLINE_NONE },

	{ DEAL_AGREED, EVENT_SHIP, BY_BRAND, NULL, DEAL_SHIPPED, &effect_ship, DEADLINE_RECEIVE },
	{ DEAL_AGREED, EVENT_LAPSE, BY_AGENCY, NULL, DEAL_LAPSED, &effect_kill_fee, STARTS_PAY_OR_NONE },
	OPEN_TO_CHANGES(DEAL_AGREED),
	OPEN_TO_END(DEAL_AGREED),

	{ DEAL_SHIPPED, EVENT_RECEIVE, BY_CREATOR, NULL, DEAL_RECEIVED, NULL, DEADLINE_DELIVER },
	{ DEAL_SHIPPED, EVENT_LAPSE, BY_AGENCY, NULL, DEAL_RECEIVED, NULL, DEADLINE_DELIVER },
	OPEN_TO_CHANGES(DEAL_SHIPPED),
	OPEN_TO_END(DEAL_SHIPPED),

	{ DEAL_RECEIVED, EVENT_SUBMIT, BY_CREATOR, NULL, DEAL_SUBMITTED, &effect_submit, DEADLINE_REVIEW },
	{ DEAL_RECEIVED, EVENT_LAPSE, BY_AGENCY, NULL, DEAL_LAPSED, &effect_refund, DEADLINE_NONE },
	OPEN_TO_CHANGES(DEAL_RECEIVED),
	OPEN_TO_END(DEAL_RECEIVED),

	{ DEAL_SUBMITTED, EVENT_REVISE, BY_BRAND, &guard_revisions_left, DEAL_RECEIVED, &effect_revise, DEADLINE_RESUBMIT },
	{ DEAL_SUBMITTED, EVENT_APPROVE, BY_BRAND, &guard_posted, DEAL_APPROVED, NULL, DEADLINE_POST },
	{ DEAL_SUBMITTED, EVENT_APPROVE, BY_BRAND, &guard_not_posted, DEAL_VERIFIED, &effect_earn, STARTS_PAY_OR_RATE },
	{ DEAL_SUBMITTED, EVENT_LAPSE, BY_AGENCY, &guard_posted, DEAL_APPROVED, NULL, DEADLINE_POST },
	{ DEAL_SUBMITTED, EVENT_LAPSE, BY_AGENCY, &guard_not_posted, DEAL_VERIFIED, &effect_earn, STARTS_PAY_OR_RATE },
	OPEN_TO_CHANGES(DEAL_SUBMITTED),
	OPEN_TO_END(DEAL_SUBMITTED),

	{ DEAL_APPROVED, EVENT_POST, BY_CREATOR, NULL, DEAL_POSTED, &effect_post, DEADLINE_VERIFY },
	{ DEAL_APPROVED, EVENT_LAPSE, BY_AGENCY, NULL, DEAL_LAPSED, &effect_refund, DEADLINE_NONE },
	OPEN_TO_END(DEAL_APPROVED),

	{ DEAL_POSTED, EVENT_VERIFY, BY_OPERATOR, &guard_sales_fit, DEAL_VERIFIED, &effect_earn, STARTS_PAY_OR_RATE },
	{ DEAL_POSTED, EVENT_FAULT, BY_OPERATOR, &guard_no_sales, DEAL_APPROVED, &effect_unpost, DEADLINE_POST },
	{ DEAL_POSTED, EVENT_LAPSE, BY_AGENCY, NULL, DEAL_VERIFIED, &effect_earn, STARTS_PAY_OR_RATE },
	{ DEAL_POSTED, EVENT_DISPUTE, BOTH_SIDES, &guard_may_dispute, DEAL_DISPUTED, &effect_dispute, DEADLINE_NONE },

	{ DEAL_VERIFIED, EVENT_VERIFY, BY_OPERATOR, &guard_settles_commission, DEAL_VERIFIED, &effect_commission,
	  STARTS_PAY_OR_KEEP },
	{ DEAL_VERIFIED, EVENT_VERIFY, BY_OPERATOR, &guard_no_sales, DEAL_VERIFIED, &effect_figures, STARTS_KEEP },
	{ DEAL_VERIFIED, EVENT_FAULT, BY_OPERATOR, &guard_live_time_unpaid, DEAL_DISPUTED, &effect_unearn, DEADLINE_NONE },
	{ DEAL_VERIFIED, EVENT_FAULT, BY_OPERATOR, &guard_live_time, DEAL_VERIFIED, &effect_faulted, STARTS_KEEP },
	{ DEAL_VERIFIED, EVENT_PAY, BY_OPERATOR, &guard_pays_part, DEAL_VERIFIED, &effect_pay, STARTS_KEEP },
	{ DEAL_VERIFIED, EVENT_PAY, BY_OPERATOR, &guard_pays_last, DEAL_CLOSED, &effect_pay, DEADLINE_NONE },
	{ DEAL_VERIFIED, EVENT_PAY, BY_OPERATOR, &guard_pays_rest, DEAL_PAID, &effect_pay, DEADLINE_RATE },
	{ DEAL_VERIFIED, EVENT_RATE, BOTH_SIDES, &guard_rates_last, DEAL_CLOSED, &effect_rate, DEADLINE_NONE },
	{ DEAL_VERIFIED, EVENT_RATE, BOTH_SIDES, &guard_rates_first, DEAL_VERIFIED, &effect_rate, STARTS_KEEP },
	{ DEAL_VERIFIED, EVENT_DISPUTE, BOTH_SIDES, &guard_may_dispute_unpaid, DEAL_DISPUTED, &effect_unearn,
	  DEADLINE_NONE },
	{ DEAL_VERIFIED, EVENT_LAPSE, BY_AGENCY, &guard_deadline_pay, DEAL_VERIFIED, &effect_overdue, DEADLINE_RATE },
	{ DEAL_VERIFIED, EVENT_LAPSE, BY_AGENCY, &guard_deadline_rate_owed, DEAL_VERIFIED, &effect_release,
	  DEADLINE_NONE },
	{ DEAL_VERIFIED, EVENT_LAPSE, BY_AGENCY, &guard_deadline_rate, DEAL_CLOSED, &effect_release, DEADLINE_NONE },

	{ DEAL_PAID, EVENT_RATE, BOTH_SIDES, &guard_rates_last, DEAL_CLOSED, &effect_rate, DEADLINE_NONE },
	{ DEAL_PAID, EVENT_RATE, BOTH_SIDES, &guard_rates_first, DEAL_PAID, &effect_rate, STARTS_KEEP },
	{ DEAL_PAID, EVENT_LAPSE, BY_AGENCY, NULL, DEAL_CLOSED, &effect_release, DEADLINE_NONE },
	{ DEAL_PAID, EVENT_VERIFY, BY_OPERATOR, &guard_earns_commission, DEAL_VERIFIED, &effect_commission, DEADLINE_PAY },
	{ DEAL_PAID, EVENT_VERIFY, BY_OPERATOR, &guard_settles_commission, DEAL_PAID, &effect_commission, STARTS_KEEP },
	OPEN_TO_LOOKS(DEAL_PAID),

	OPEN_TO_LOOKS(DEAL_CLOSED),
	OPEN_TO_PAY(DEAL_CANCELLED),
	OPEN_TO_PAY(DEAL_LAPSED),
	OPEN_TO_PAY(DEAL_RULED),

	{ DEAL_DISPUTED, EVENT_VERIFY, BY_OPERATOR, &guard_settles_commission, DEAL_DISPUTED, &effect_commission_held,
	  STARTS_KEEP },
	{ DEAL_DISPUTED, EVENT_RESUME, BY_OPERATOR, NULL, DEAL_NONE, &effect_resume, STARTS_ANEW },
	{ DEAL_DISPUTED, EVENT_SETTLE, BY_OPERATOR, NULL, DEAL_RULED, &effect_settle, STARTS_PAY_OR_NONE },
};

const struct transition *deal_transitions(size_t *count) {
	*count = sizeof transitions / sizeof transitions[0];
	return transitions;
}

bool deal_is_in_table(const struct deal *deal, enum deal_event event, unsigned by) {
	for (size_t i = 0; i < sizeof transitions / sizeof transitions[0]; i++) {
		const struct transition *row = &transitions[i];
		if (row->from == deal->state && row->event == event && (row->by & by) != 0) {
			return true;
		}
	}
	return false;
}

/* What the guards would refuse anyway. */
static bool is_open(const struct deal *deal, enum deal_event event, unsigned by) {
	switch (event) {
	case EVENT_SIGN:
		return deal->state != DEAL_PROPOSED || (by & ~(1U << deal->proposer)) != 0;
	case EVENT_COUNTER:
		return deal_takes_counter(deal, by);
	case EVENT_AMEND:
		return deal_takes_amendment(deal, by);
	case EVENT_DECLINE:
		return deal->state == DEAL_PROPOSED || deal_takes_decline(deal, by);
	case EVENT_AMEND_SIGN:
		return deal_takes_decline(deal, by);
	case EVENT_REVISE:
		return deal->revisions < deal->terms.revisions;
	case EVENT_VERIFY:
		return deal->state != DEAL_DISPUTED || deal_awaits_sales(deal);
	case EVENT_FAULT:
		return deal->posted > 0;
	case EVENT_DISPUTE:
		return deal->paid == 0 && (by & ~deal->disputed) != 0;
	case EVENT_PAY:
		return deal_outstanding(deal) > 0;
	case EVENT_RATE:
		return (by & ~deal->rated) != 0;
	case EVENT_LAPSE:
		return deal->deadline != DEADLINE_NONE;
	default:
		return true;
	}
}

uint32_t deal_events(const struct deal *deal, unsigned by) {
	uint32_t events = 0;
	for (size_t i = 0; i < sizeof transitions / sizeof transitions[0]; i++) {
		const struct transition *row = &transitions[i];
		if (row->from == deal->state && (row->by & by) != 0 && is_open(deal, row->event, by)) {
			events |= 1U << row->event;
		}
	}
	return events;
}

void deal_allowed(const struct deal *deal, struct buffer *out) {
	deal_allowed_without(deal, 0, out);
}

void deal_allowed_without(const struct deal *deal, uint32_t without, struct buffer *out) {
	static const struct {
		unsigned by;
		const char *word;
	} sides[] = { { BY_BRAND, "brand" }, { BY_CREATOR, "creator" }, { BY_OPERATOR, "operator" } };
	uint32_t events[sizeof sides / sizeof sides[0]], all = 0;
	for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
		events[i] = deal_events(deal, sides[i].by) & ~without;
		all |= events[i];
	}
	const char *joint = "";
	for (unsigned event = 0; event < DEAL_EVENT_COUNT; event++) {
		if ((all & 1U << event) == 0) {
			continue;
		}
		(void)buffer_format(out, "%s%s (", joint, deal_event_words[event]);
		const char *inner = "";
		for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
			if ((events[i] & 1U << event) != 0) {
				(void)buffer_format(out, "%s%s", inner, sides[i].word);
				inner = ", ";
			}
		}
		(void)buffer_append_text(out, ")");
		joint = ", ";
	}
	if (all == 0) {
		(void)buffer_append_text(out, "nothing");
	}
}

bool deal_shows_ratings(const struct deal *deal) {
	return deal->rated == BOTH_SIDES || deal->state == DEAL_CLOSED || deal->state == DEAL_CANCELLED ||
	       deal->state == DEAL_LAPSED || deal->state == DEAL_RULED;
}

bool deal_is_running(const struct deal *deal) {
	return (deal->state >= DEAL_AGREED && deal->state <= DEAL_VERIFIED) || deal->state == DEAL_DISPUTED;
}

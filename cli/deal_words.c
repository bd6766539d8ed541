/* Deals in words; see deal_words.h. */
#include "cli/deal_words.h"

#include <inttypes.h>

#include "rules/calendar.h"

void words_append_until(struct buffer *out, int64_t seconds) {
	static const struct {
		int64_t size, of; /* seconds; how many make one of the next larger */
		const char *name;
	} units[] = { { 86400, 0, "d" }, { 3600, 24, "h" }, { 60, 60, "min" }, { 1, 60, "s" } };
	int64_t length = seconds < 0 ? -seconds : seconds;
	if (length == 0) {
		(void)buffer_append_text(out, "now");
		return;
	}
	size_t unit = 0;
	while (length < units[unit].size) {
		unit++;
	}
	(void)buffer_format(out, "%s%" PRId64 " %s", seconds < 0 ? "" : "in ", length / units[unit].size,
	                    units[unit].name);
	bool has_smaller = unit < 2; /* days and hours, hours and minutes */
	int64_t rest = has_smaller ? length % units[unit].size / units[unit + 1].size : 0;
	if (rest > 0) {
		(void)buffer_format(out, " %" PRId64 " %s", rest, units[unit + 1].name);
	}
	(void)buffer_append_text(out, seconds < 0 ? " ago" : "");
}

/* By deadline: who is waited for, and what silence does. */
static const struct {
	const char *act, *silence;
} deadlines[DEADLINE_COUNT] = {
	[DEADLINE_NONE] = { "", "" },
	[DEADLINE_ANSWER] = { "signs or declines", "silence ends the proposal" },
	[DEADLINE_SHIP] = { "the brand ships", "silence ends the deal" },
	[DEADLINE_RECEIVE] = { "the creator receives", "silence says that it has arrived" },
	[DEADLINE_DELIVER] = { "the creator submits", "silence ends the deal" },
	[DEADLINE_RESUBMIT] = { "the creator submits a revision", "silence ends the deal" },
	[DEADLINE_REVIEW] = { "the brand approves or asks for a revision", "silence approves" },
	[DEADLINE_POST] = { "the creator posts", "silence ends the deal" },
	[DEADLINE_VERIFY] = { "the agency looks at the post", "silence verifies it" },
	[DEADLINE_PAY] = { "the agency pays", "then the payment is overdue" },
	[DEADLINE_RATE] = { "both sides rate", "silence closes the deal" },
};

/* A commission that waits makes more of the time to rate. */
static const char *act_of(const struct deal *deal) {
	if (deal->deadline != DEADLINE_RATE || !deal_awaits_sales(deal)) {
		return deadlines[deal->deadline].act;
	}
	return deal->rated == (BY_BRAND | BY_CREATOR) ? "the agency tells the sales"
	                                              : "the agency tells the sales, and both sides rate";
}

static void append_act(struct buffer *out, const struct deal *deal) {
	if (deal->deadline == DEADLINE_ANSWER) {
		(void)buffer_format(out, "the %s ", deal->proposer == ROLE_BRAND ? "creator" : "brand");
	}
	(void)buffer_append_text(out, act_of(deal));
}

void deal_append_waiting(struct buffer *out, const struct deal *deal, int64_t now) {
	if (deal->deadline != DEADLINE_NONE) {
		append_act(out, deal);
		(void)buffer_append_text(out, " (");
		words_append_until(out, deal->due - now);
		(void)buffer_append_text(out, ")");
	} else if (deal->state == DEAL_DISPUTED) {
		(void)buffer_append_text(out, "the agency rules");
	}
}

void deal_append_next(struct buffer *out, const struct deal *deal, int64_t now) {
	char text[TIME_TEXT_SIZE];
	if (deal->deadline == DEADLINE_NONE) {
		if (deal_events(deal, BY_BRAND | BY_CREATOR | BY_OPERATOR) == 0) {
			(void)buffer_append_text(out, "it is over");
			return;
		}
		(void)buffer_append_text(out, "may be done now: ");
		deal_allowed(deal, out);
		return;
	}
	append_act(out, deal);
	(void)buffer_format(out, " by %s (", time_format(deal->due, text));
	words_append_until(out, deal->due - now);
	(void)buffer_append_text(out, ")");
}

/* ---- its offer ---- */

const char *deal_barred(const struct deal *deal, int64_t offer_state, uint32_t *events) {
	static const struct {
		uint32_t events;
		const char *why;
	} states[] = {
		[OFFER_SHOWN_FULL] = { 1U << EVENT_SIGN, "every slot of the offer is taken: it can be signed only if one is "
		                                         "given up" },
		[OFFER_SHOWN_CLOSED] = { 1U << EVENT_SIGN | 1U << EVENT_COUNTER, "the brand has closed the offer: it can only "
		                                                                 "be declined" },
		[OFFER_SHOWN_OVER] = { 1U << EVENT_SIGN | 1U << EVENT_COUNTER, "the time of the offer is over: it can only be "
		                                                               "declined" },
	};
	bool known = offer_state > 0 && (size_t)offer_state < sizeof states / sizeof states[0];
	size_t row = known && deal->state == DEAL_PROPOSED ? (size_t)offer_state : 0;
	*events = states[row].events;
	return states[row].why;
}

/* ---- the way ---- */

/* The states that this deal passes if all goes well. */
static bool is_on_the_way(const struct deal *deal, enum deal_state state) {
	if (state == DEAL_AGREED || state == DEAL_SHIPPED) {
		return deal->terms.has_product;
	}
	if (state == DEAL_APPROVED || state == DEAL_POSTED) {
		return deal->terms.is_posted;
	}
	if (state == DEAL_PAID) {
		return deal->terms.fee > 0 || deal->terms.commission_cap > 0;
	}
	if (state == DEAL_PROPOSED) {
		return deal->road != ROAD_FIRST_COME;
	}
	return state != DEAL_ENDED;
}

/* Where the deal left the way; of one that is over nobody can tell from the deal alone. */
static enum deal_state place_on_the_way(const struct deal *deal) {
	return deal->state == DEAL_DISPUTED ? deal->before : deal->state;
}

void deal_append_way(struct buffer *out, const struct deal *deal) {
	enum deal_state at = place_on_the_way(deal);
	const char *joint = "";
	bool found = false;
	for (unsigned state = DEAL_PROPOSED; state <= DEAL_CLOSED; state++) {
		bool is_here = state == (unsigned)at;
		if (!is_here && !is_on_the_way(deal, (enum deal_state)state)) {
			continue;
		}
		(void)buffer_format(out, is_here ? "%s[%s]" : "%s%s", joint, deal_state_words[state]);
		joint = " -> ";
		found = found || is_here;
		if (state == DEAL_ENDED) {
			return;
		}
	}
	if (!found) {
		(void)buffer_format(out, "   left by: [%s]", deal_state_words[deal->state]);
	} else if (deal->state == DEAL_DISPUTED) {
		(void)buffer_format(out, "   stopped: [%s]", deal_state_words[deal->state]);
	}
}

/* ---- endings ---- */

static void append_amount(struct buffer *out, const struct deal *deal, int64_t minor) {
	char text[MONEY_TEXT_MAX];
	struct money money = { .minor = minor };
	memcpy(money.currency, deal->terms.currency, CURRENCY_SIZE);
	(void)buffer_append_text(out, currency_exponent(money.currency) < 0 ? "?" : money_format(&money, text));
}

static void append_split(struct buffer *out, const struct deal *deal, const struct deal_split *split) {
	(void)buffer_append_text(out, "creator ");
	append_amount(out, deal, split->creator);
	(void)buffer_append_text(out, ", agency ");
	append_amount(out, deal, split->agency);
	(void)buffer_append_text(out, ", back to the brand ");
	append_amount(out, deal, split->brand);
}

void deal_append_silence(struct buffer *out, const struct deal *deal) {
	static const bool ends[DEADLINE_COUNT] = {
		[DEADLINE_SHIP] = true, [DEADLINE_DELIVER] = true, [DEADLINE_RESUBMIT] = true, [DEADLINE_POST] = true,
	};
	struct deal_split split;
	bool goes_back = deal->deadline == DEADLINE_RATE && deal_awaits_sales(deal);
	(void)buffer_append_text(out, goes_back ? "the commission goes back to the brand"
	                                        : deadlines[deal->deadline].silence);
	if (ends[deal->deadline] && deal->terms.currency[0] != '\0' && deal_ending(deal, ENDING_LAPSE, &split)) {
		(void)buffer_append_text(out, ": ");
		append_split(out, deal, &split);
	}
}

void deal_append_endings(struct buffer *out, const struct deal *deal) {
	static const char *const titles[ENDING_COUNT] = {
		[ENDING_DONE] = "all goes well",
		[ENDING_BRAND_CANCELS] = "the brand cancels",
		[ENDING_CREATOR_CANCELS] = "the creator cancels",
		[ENDING_LAPSE] = "the deadline passes",
	};
	for (unsigned ending = 0; ending < ENDING_COUNT; ending++) {
		struct deal_split split;
		if (deal->terms.currency[0] == '\0' || !deal_ending(deal, (enum deal_ending)ending, &split)) {
			continue;
		}
		(void)buffer_format(out, "  %-20s ", titles[ending]);
		append_split(out, deal, &split);
		(void)buffer_append_text(out, "\n");
	}
}

void deal_append_cancellation(struct buffer *out, const struct deal *deal, unsigned side) {
	enum deal_ending ending = side == BY_BRAND ? ENDING_BRAND_CANCELS : ENDING_CREATOR_CANCELS;
	struct deal_split split;
	if (!deal_ending(deal, ending, &split)) {
		return;
	}
	if (deal->terms.currency[0] == '\0') {
		(void)buffer_append_text(out, "Cancelling moves no money.\n");
		return;
	}
	(void)buffer_append_text(out, "Cancelling moves what is held: ");
	append_split(out, deal, &split);
	if (side == BY_BRAND && split.creator > 0) {
		(void)buffer_append_text(out, "; the creator's part is the kill fee of the terms");
	}
	(void)buffer_append_text(out, ".\n");
}

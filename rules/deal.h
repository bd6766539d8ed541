/* A deal's life, from a proposal to its end: one table of transitions, and what a step changes. Pure.
 *
 *     (offer) ─apply, invite──► proposed ─sign─► agreed ─ship─► shipped ─receive─► received
 *                                  │ decline,      (no product: straight to received)  │ ▲
 *                                  ▼ lapse                                      submit ▼ │ revise
 *                                ended                                            submitted
 *                                                                         approve, lapse │
 *     closed ◄─rate, lapse─ paid ◄─pay─ verified ◄─verify, lapse─ posted ◄─post─ approved
 *
 *     cancel, lapse: cancelled, lapsed      dispute: disputed ─ruling──► ruled, or where it was
 *
 * The table stands in rules/deal.c; doc/deals.md is printed from it. A step names the deal's note before it, so of two
 * steps that race one is refused. Time is when the agency received a note, and for a lapse the moment that was due: so
 * replaying the notes gives the same deal, whenever the agency woke up. Source: Sharetribe's transaction processes
 * (states, transitions with an actor, timed transitions). */
#ifndef TROTH_RULES_DEAL_H
#define TROTH_RULES_DEAL_H

#include "rules/ledger.h"
#include "rules/note.h"

enum deal_state {
	DEAL_NONE, /* there is no proposal yet */
	DEAL_PROPOSED,
	DEAL_ENDED,
	DEAL_AGREED,
	DEAL_SHIPPED,
	DEAL_RECEIVED,
	DEAL_SUBMITTED,
	DEAL_APPROVED,
	DEAL_POSTED,
	DEAL_VERIFIED,
	DEAL_PAID,
	DEAL_CLOSED,
	DEAL_CANCELLED,
	DEAL_LAPSED,
	DEAL_DISPUTED,
	DEAL_RULED,
	DEAL_STATE_COUNT,
};
extern const char *const deal_state_words[DEAL_STATE_COUNT + 1];

enum deal_event {
	EVENT_APPLY,  /* the creator signs a text first */
	EVENT_INVITE, /* the brand does */
	EVENT_COUNTER,
	EVENT_SIGN, /* the text becomes the agreement */
	EVENT_DECLINE,
	EVENT_AMEND,
	EVENT_AMEND_SIGN,
	EVENT_SHIP,
	EVENT_RECEIVE,
	EVENT_SUBMIT,
	EVENT_REVISE,
	EVENT_APPROVE,
	EVENT_POST,
	EVENT_VERIFY,
	EVENT_FAULT, /* the agency has looked and something is not as agreed */
	EVENT_PAY,
	EVENT_RATE,
	EVENT_CANCEL,
	EVENT_DISPUTE,
	EVENT_RESUME, /* a ruling: the deal goes on */
	EVENT_SETTLE, /* a ruling: it ends with a split */
	EVENT_LAPSE,
	DEAL_EVENT_COUNT,
};
extern const char *const deal_event_words[DEAL_EVENT_COUNT + 1];

/* Who takes a step, as bits. */
enum { BY_BRAND = 1 << ROLE_BRAND, BY_CREATOR = 1 << ROLE_CREATOR, BY_OPERATOR = 1 << ROLE_OPERATOR, BY_AGENCY = 8 };

/* The terms that steps depend on, as numbers. Amounts are minor units of `currency`, which is empty where no money is
 * spoken of; times are seconds. */
struct deal_terms {
	char currency[CURRENCY_SIZE];
	int64_t fee, commission_cap, agency_fee;
	int64_t commission; /* hundredths of a percent */
	int64_t product_value;
	char product_currency[CURRENCY_SIZE];
	int64_t kill_fee[3]; /* hundredths of a percent: before submission, after it, after approval */
	int64_t revisions;
	int64_t within[DEADLINE_COUNT]; /* 0 for DEADLINE_ANSWER where the text does not say it */
	int64_t live_for;
	size_t compensation;
	bool has_product; /* that is to be shipped */
	bool is_posted;   /* by the creator; if not, the brand gets the content */
};

/* Figures of a post, as bits. */
enum { TOLD_REACH = 1, TOLD_IMPRESSIONS = 2, TOLD_ENGAGEMENTS = 4 };

struct deal {
	enum deal_state state;
	enum deal_state before;   /* while disputed: the state to go back to */
	uint8_t id[FIELD_HASH_SIZE];   /* of the agreement; while proposed, of the latest text */
	uint8_t text[FIELD_HASH_SIZE]; /* whose terms hold: the agreement or the latest amendment */
	uint8_t head[FIELD_HASH_SIZE]; /* the latest note */
	uint8_t offer[FIELD_HASH_SIZE];
	char brand[ACCOUNT_NAME_MAX], creator[ACCOUNT_NAME_MAX];
	enum road road;
	int64_t closes;                     /* the offer */
	int64_t offer_share;                /* what a slot of the offer reserves */
	char offer_currency[CURRENCY_SIZE]; /* empty if it reserves nothing */
	enum role proposer;                 /* who has signed the latest proposal */
	uint8_t amendment[FIELD_HASH_SIZE]; /* a text that waits for the other side's signature */
	enum role amender;                  /* who has signed it; ROLE_COUNT if there is none */
	struct deal_terms terms;
	int64_t since; /* when this state began */
	int64_t last;  /* the time of the latest note */
	enum deadline deadline;
	int64_t due; /* when it passes; 0 where there is none */
	int64_t pay_due; /* when what was earned last is, or was, to be paid; 0 before something was */
	int64_t posted; /* when; 0 if not */
	int64_t revisions; /* asked for so far */
	bool shipped;      /* the product is gone */
	bool submitted;    /* at least once */
	int64_t held, earned, paid, agency_earned; /* minor units of terms.currency */
	int64_t commission_earned; /* what the sales came to, a part of `earned`; a dispute leaves it as it is */
	unsigned rated; /* BY_BRAND, BY_CREATOR */
	bool overdue;   /* what was earned was not paid in time */
	bool faulted;   /* once verified, the post was not as agreed within its time */
	unsigned disputed; /* BY_BRAND, BY_CREATOR: who has disputed since the deal came to this state */
	int64_t reach, impressions, engagements; /* as last verified; 0 where nobody has told */
	unsigned told; /* TOLD_…: which of them somebody has told, a 0 too */
};

/* What a step is made of. `follows` says of a note of kind agreement that it is, byte for byte, what follows from the
 * offer; where it is not, `offer` is the offer's text. */
struct deal_input {
	const struct note *note;
	const uint8_t *id;  /* 32 bytes */
	unsigned signed_by; /* as for note_is_signed */
	int64_t received;
	const struct note *offer;
	bool follows;
	bool known;      /* this very text is in the log already, of a deal that has ended as a proposal */
	bool offer_open; /* a slot that becomes free can be taken by another creator */
};

/* What a step does beside changing the deal. */
struct deal_result {
	enum deal_event event;
	struct entry entry;
	bool takes_slot, frees_slot;
	bool binds; /* both sides are bound by this very note: the agency countersigns it */
};

/* Reads the terms out of an offer or an agreement, with the defaults that the fields' help states for what it leaves
 * out. Nothing but the note decides, so whoever holds the signed text has the terms. Cannot fail for a note that was
 * parsed. */
void deal_terms_read(const struct note *note, struct deal_terms *out);

/* What the terms promise in all, in minor units of their currency. */
int64_t deal_terms_share(const struct deal_terms *terms);

/* Makes an empty deal (DEAL_NONE) of a creator by an offer, to take a first step from. ERROR_OVERFLOW cannot come for
 * an offer that was accepted. */
enum error deal_begin(const struct note *offer, const uint8_t offer_id[FIELD_HASH_SIZE], struct slice creator,
                      struct deal *out, struct failure *failure);

/* Whether a slot that this note frees can be taken again: its offer is open at the moment from which the note counts,
 * which for a lapse is when it was due. `ended` says that the offer was closed, or its end recorded, before. */
bool deal_finds_offer_open(const struct deal *deal, const struct note *note, int64_t received, bool ended);

/* Takes a step: `after` is the deal as it is then (it may not be `before`). Whether signatures are good and keys are
 * the accounts' is the caller's business. Refusals, by which nothing is changed:
 *   ERROR_NOT_ALLOWED   the signer is no party, or not the one who may do this; says who may
 *   ERROR_SUPERSEDED    the note does not follow the deal's latest note; says the state and what is allowed now. Or it
 *                       is a text that was declined, taken back or left to lapse: that cannot begin a deal again
 *   ERROR_WRONG_STATE   the step does not go from here; the same
 *   ERROR_TERMS_DIFFER  a text changes what it must not change
 *   ERROR_BAD_VALUE     an amount that does not fit */
enum error deal_step(const struct deal *before, const struct deal_input *input, struct deal *after,
                     struct deal_result *result, struct failure *failure);

/* Appends what may be done now and by whom: "receive (creator), cancel (brand, creator)". */
void deal_allowed(const struct deal *deal, struct buffer *out);

/* The same without some events (bits), which something outside of the deal forbids. */
void deal_allowed_without(const struct deal *deal, uint32_t without, struct buffer *out);

/* The events that someone of this role (a bit) may try from here; as bits. */
uint32_t deal_events(const struct deal *deal, unsigned by);

/* True while the deal binds money or work: it is agreed and not over. */
bool deal_is_running(const struct deal *deal);

/* True if either side may see how the other has rated: both have, or the deal is over in whatever way. */
bool deal_shows_ratings(const struct deal *deal);

/* What is earned and not paid yet. */
int64_t deal_outstanding(const struct deal *deal);

/* True while a commission is held, which sales can still settle. */
bool deal_awaits_sales(const struct deal *deal);

/* What the creator, the agency and the brand would get of what is held, if the deal ended now in this way. */
enum deal_ending { ENDING_DONE, ENDING_BRAND_CANCELS, ENDING_CREATOR_CANCELS, ENDING_LAPSE, ENDING_COUNT };
struct deal_split {
	int64_t creator, agency, brand;
};
/* False where the deal cannot end so from here. Of a commission nothing is known before sales are told, so the brand's
 * part has it. */
bool deal_ending(const struct deal *deal, enum deal_ending ending, struct deal_split *out);

/* ---- the table itself, for the page and the tests ---- */

struct guard;
struct effect;

/* What becomes of the deadline. The first values are those of enum deadline. */
enum starts {
	STARTS_KEEP = DEADLINE_COUNT, /* it stays */
	STARTS_AGAIN,                 /* it stays, with the time that the new terms say */
	STARTS_ANEW,                  /* the one of the state to which the deal goes back */
	STARTS_PAY_OR_RATE,           /* pay if something is to be paid, else rate */
	STARTS_PAY_OR_NONE,
	STARTS_PAY_OR_KEEP, /* pay if only now something is to be paid, else it stays */
};

struct transition {
	enum deal_state from;
	enum deal_event event;
	unsigned by;
	const struct guard *guard; /* NULL: none */
	enum deal_state to;        /* DEAL_NONE: where it was before the dispute */
	const struct effect *effect;
	int starts; /* enum starts, or a deadline */
};

const struct transition *deal_transitions(size_t *count);

/* Appends doc/deals.md. */
void deals_describe(struct buffer *out);

#endif

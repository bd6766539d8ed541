/* What the rows of the table in rules/deal.c book and note. Amounts only move: what a deal holds, it gives away. */
#include <string.h>

#include "rules/deal_parts.h"

#define WHOLE 10000 /* hundredths of a percent */
#define EFFECT(name, words, apply) const struct effect effect_##name = { words, apply }

int64_t deal_outstanding(const struct deal *deal) {
	return deal->earned - deal->paid;
}

/* Whatever earns the fee, or gives it back, leaves nothing but a commission held. */
bool deal_awaits_sales(const struct deal *deal) {
	bool verified = deal->state == DEAL_POSTED || deal->state == DEAL_VERIFIED || deal->state == DEAL_PAID;
	bool disputed = deal->state == DEAL_DISPUTED && deal->before == DEAL_VERIFIED && deal->commission_earned == 0;
	int64_t others = disputed ? deal->terms.fee + deal->terms.agency_fee : 0; /* are held again, too */
	return (verified || disputed) && deal->terms.commission_cap > 0 && deal->held > others;
}

bool deal_post_is_good(const struct note *verify) {
	return note_get(verify, "live")->word == 0 && note_get(verify, "tagged")->word == 0 &&
	       note_get(verify, "disclosed")->word == 0;
}

int64_t deal_kill_fee(const struct deal *deal) {
	if (deal->state == DEAL_APPROVED) {
		return deal->terms.kill_fee[2];
	}
	return deal->terms.kill_fee[deal->submitted ? 1 : 0];
}

void deal_split(const struct deal *deal, int64_t hundredths, struct deal_split *out) {
	const int64_t weights[] = { hundredths, WHOLE - hundredths };
	int64_t fee[2], agency[2];
	money_split(deal->terms.fee + deal->commission_earned, weights, 2, fee);
	money_split(deal->terms.agency_fee, weights, 2, agency);
	*out = (struct deal_split){ fee[0], agency[0], deal->held - fee[0] - agency[0] };
}

static void move(enum ledger_event event, const struct deal *deal, const char *currency, int64_t minor,
                 struct deal_result *result) {
	struct ledger_parties parties = { .brand = slice_of_text(deal->brand),
		                              .offer_id = deal->offer,
		                              .deal_id = deal->id,
		                              .creator = slice_of_text(deal->creator) };
	struct money money = { .minor = minor };
	memcpy(money.currency, currency, CURRENCY_SIZE);
	ledger_add(event, &parties, &money, &result->entry);
}

/* Gives away what the deal holds. */
static void pay_out(const struct deal_split *split, struct deal *after, struct deal_result *result) {
	const char *currency = after->terms.currency;
	move(LEDGER_EARN, after, currency, split->creator, result);
	move(LEDGER_FEE, after, currency, split->agency, result);
	move(LEDGER_LESS, after, currency, split->brand, result);
	after->earned += split->creator;
	after->agency_earned += split->agency;
	after->held -= split->creator + split->agency + split->brand;
}

/* ---- proposals ---- */

static void take_text(const struct step *step, struct deal *after) {
	memcpy(after->text, step->input->id, FIELD_HASH_SIZE);
	deal_terms_read(step->input->note, &after->terms);
}

static void propose(const struct step *step, struct deal *after, struct deal_result *result) {
	(void)result;
	take_text(step, after);
	memcpy(after->id, step->input->id, FIELD_HASH_SIZE);
	after->proposer = step->by == BY_BRAND ? ROLE_BRAND : ROLE_CREATOR;
}
EFFECT(propose, "", propose);

/* What a slot of the offer reserves goes to the deal; a negotiated fee takes more of the brand's money, or gives some
 * back. */
static void hold(const struct step *step, struct deal *after, struct deal_result *result) {
	take_text(step, after);
	memcpy(after->id, step->input->id, FIELD_HASH_SIZE);
	int64_t share = deal_terms_share(&after->terms), reserved = after->offer_share;
	int64_t moved = share < reserved ? share : reserved;
	move(LEDGER_AGREE, after, after->offer_currency, moved, result);
	move(LEDGER_END, after, after->offer_currency, reserved - moved, result);
	move(LEDGER_MORE, after, after->terms.currency, share - moved, result);
	after->held = share;
	result->takes_slot = true;
	result->binds = true;
}
EFFECT(hold, "a slot is taken; reserved becomes held", hold);

static void amend(const struct step *step, struct deal *after, struct deal_result *result) {
	(void)result;
	memcpy(after->amendment, step->input->id, FIELD_HASH_SIZE);
	after->amender = step->by == BY_BRAND ? ROLE_BRAND : ROLE_CREATOR;
}
EFFECT(amend, "", amend);

static void amended(const struct step *step, struct deal *after, struct deal_result *result) {
	take_text(step, after);
	int64_t share = deal_terms_share(&after->terms);
	const char *currency = share > 0 ? after->terms.currency : step->before->terms.currency;
	if (share > after->held) {
		move(LEDGER_MORE, after, currency, share - after->held, result);
	} else {
		move(LEDGER_LESS, after, currency, after->held - share, result);
	}
	after->held = share;
	result->binds = true;
}
EFFECT(amended, "the new terms hold; held follows them", amended);

/* ---- delivery ---- */

static void ship(const struct step *step, struct deal *after, struct deal_result *result) {
	(void)step;
	(void)result;
	after->shipped = true;
}
EFFECT(ship, "", ship);

static void submit(const struct step *step, struct deal *after, struct deal_result *result) {
	(void)step;
	(void)result;
	after->submitted = true;
}
EFFECT(submit, "", submit);

static void revise(const struct step *step, struct deal *after, struct deal_result *result) {
	(void)step;
	(void)result;
	after->revisions++;
}
EFFECT(revise, "", revise);

static void post(const struct step *step, struct deal *after, struct deal_result *result) {
	(void)result;
	after->posted = step->input->received;
}
EFFECT(post, "", post);

/* What the creator posts next is another post. */
static void unpost(const struct step *step, struct deal *after, struct deal_result *result) {
	(void)step;
	(void)result;
	after->posted = after->reach = after->impressions = after->engagements = 0;
	after->told = 0;
}
EFFECT(unpost, "the post does not count", unpost);

/* A later look may tell less than an earlier one: what it leaves out stays as it was told. */
static void figure(const struct step *step, const char *key, unsigned bit, int64_t *value, unsigned *told) {
	const struct value *given = note_find(step->input->note, key);
	*value = given == NULL ? *value : given->number;
	*told |= given == NULL ? 0 : bit;
}

static void figures(const struct step *step, struct deal *after, struct deal_result *result) {
	(void)result;
	if (step->event == EVENT_VERIFY) {
		figure(step, "reach", TOLD_REACH, &after->reach, &after->told);
		figure(step, "impressions", TOLD_IMPRESSIONS, &after->impressions, &after->told);
		figure(step, "engagements", TOLD_ENGAGEMENTS, &after->engagements, &after->told);
	}
}
EFFECT(figures, "", figures);

/* A part of the sales, up to the cap. */
int64_t deal_commission(const struct step *step) {
	const struct deal_terms *terms = &step->before->terms;
	const int64_t weights[] = { terms->commission, WHOLE - terms->commission };
	int64_t parts[2];
	money_split(note_get(step->input->note, "sales")->money.minor, weights, 2, parts);
	return parts[0] < terms->commission_cap ? parts[0] : terms->commission_cap;
}

/* The figures of a note that tells sales late, and what else it says of the post. */
static void look_again(const struct step *step, struct deal *after, struct deal_result *result) {
	bool must_be_up = step->input->received < after->posted + after->terms.live_for;
	after->faulted = after->faulted || (after->posted > 0 && must_be_up && !deal_post_is_good(step->input->note));
	figures(step, after, result);
}

static void commission(const struct step *step, struct deal *after, struct deal_result *result) {
	after->commission_earned = deal_commission(step);
	struct deal_split split = { after->commission_earned, 0, after->terms.commission_cap - after->commission_earned };
	pay_out(&split, after, result);
	look_again(step, after, result);
}
EFFECT(commission, "the commission of the sales is earned, the rest of its cap goes back to the brand", commission);

static void commission_held(const struct step *step, struct deal *after, struct deal_result *result) {
	after->commission_earned = deal_commission(step);
	struct deal_split split = { 0, 0, after->terms.commission_cap - after->commission_earned };
	pay_out(&split, after, result);
	look_again(step, after, result);
}
EFFECT(commission_held, "the commission of the sales stays held, the rest of its cap goes back to the brand",
       commission_held);

/* Fee and agency fee are earned whole. Sales come late: the commission waits for them. */
static void earn(const struct step *step, struct deal *after, struct deal_result *result) {
	bool told = step->event == EVENT_VERIFY && note_find(step->input->note, "sales") != NULL;
	after->commission_earned = told ? deal_commission(step) : 0;
	struct deal_split split = { after->terms.fee + after->commission_earned, after->terms.agency_fee,
		                        told ? after->terms.commission_cap - after->commission_earned : 0 };
	pay_out(&split, after, result);
	figures(step, after, result);
}
EFFECT(earn, "fee and agency fee are earned; the commission too if sales are told, else it stays held", earn);

static void release(const struct step *step, struct deal *after, struct deal_result *result) {
	(void)step;
	struct deal_split split = { 0, 0, after->held };
	pay_out(&split, after, result);
}
EFFECT(release, "a commission for which no sales were told goes back to the brand", release);

/* ---- endings ---- */

/* Everything goes back. While the offer is open its slot becomes free with the money that it needs. */
static void refund(const struct step *step, struct deal *after, struct deal_result *result) {
	int64_t share = after->offer_share;
	result->frees_slot = step->input->offer_open && after->held >= share;
	int64_t reserved = result->frees_slot ? share : 0;
	move(LEDGER_REOPEN, after, after->offer_currency, reserved, result);
	move(LEDGER_LESS, after, after->terms.currency, after->held - reserved, result);
	after->held = 0;
}
EFFECT(refund, "everything held goes back; the slot reopens", refund);

static void kill_fee(const struct step *step, struct deal *after, struct deal_result *result) {
	struct deal_split split;
	deal_split(after, deal_kill_fee(step->before), &split);
	if (split.creator == 0 && split.agency == 0) { /* of a gift any percentage is nothing */
		refund(step, after, result);
		return;
	}
	pay_out(&split, after, result);
}
EFFECT(kill_fee, "the kill fee of this stage is earned, the rest goes back; if it comes to nothing the slot reopens",
       kill_fee);

static void settle(const struct step *step, struct deal *after, struct deal_result *result) {
	struct deal_split split;
	deal_split(after, note_get(step->input->note, "creator-share")->number, &split);
	pay_out(&split, after, result);
}
EFFECT(settle, "held is split as the ruling says", settle);

static void dispute(const struct step *step, struct deal *after, struct deal_result *result) {
	(void)result;
	after->before = step->before->state;
	after->disputed |= step->by & (BY_BRAND | BY_CREATOR);
}
EFFECT(dispute, "", dispute);

static void unearn(const struct step *step, struct deal *after, struct deal_result *result) {
	move(LEDGER_UNEARN, after, after->terms.currency, after->earned, result);
	move(LEDGER_UNFEE, after, after->terms.currency, after->agency_earned, result);
	after->held += after->earned + after->agency_earned;
	after->earned = after->agency_earned = 0;
	after->faulted = after->faulted || step->event == EVENT_FAULT;
	dispute(step, after, result);
}
EFFECT(unearn, "earned is held again", unearn);

/* Where it was earned before the dispute, it is earned again, whatever fault was reported; a commission that waited for
 * sales waits on. */
static void resume(const struct step *step, struct deal *after, struct deal_result *result) {
	(void)step;
	if (after->before == DEAL_VERIFIED) {
		struct deal_split split = { after->terms.fee + after->commission_earned, after->terms.agency_fee, 0 };
		pay_out(&split, after, result);
		after->faulted = false;
	}
}
EFFECT(resume, "what was earned before is earned again", resume);

static void faulted(const struct step *step, struct deal *after, struct deal_result *result) {
	(void)step;
	(void)result;
	after->faulted = true;
}
EFFECT(faulted, "the fault is on record", faulted);

static void pay(const struct step *step, struct deal *after, struct deal_result *result) {
	int64_t amount = note_get(step->input->note, "amount")->money.minor;
	move(LEDGER_PAY, after, after->terms.currency, amount, result);
	after->paid += amount;
}
EFFECT(pay, "earned becomes paid", pay);

static void rate(const struct step *step, struct deal *after, struct deal_result *result) {
	(void)result;
	after->rated |= step->by;
}
EFFECT(rate, "", rate);

static void overdue(const struct step *step, struct deal *after, struct deal_result *result) {
	(void)step;
	(void)result;
	after->overdue = true;
}
EFFECT(overdue, "the delay is on record", overdue);

/* ---- asked in advance ---- */

bool deal_ending(const struct deal *deal, enum deal_ending ending, struct deal_split *out) {
	uint32_t brand = deal_events(deal, BY_BRAND), creator = deal_events(deal, BY_CREATOR);
	bool lapses = (deal_events(deal, BY_AGENCY) & 1U << EVENT_LAPSE) != 0;
	*out = (struct deal_split){ 0, 0, deal->held };
	switch (ending) {
	case ENDING_DONE:
		*out = (struct deal_split){ deal->terms.fee, deal->terms.agency_fee,
			                        deal->held - deal->terms.fee - deal->terms.agency_fee };
		return deal->state >= DEAL_AGREED && deal->state <= DEAL_POSTED;
	case ENDING_BRAND_CANCELS:
		deal_split(deal, deal_kill_fee(deal), out);
		return (brand & 1U << EVENT_CANCEL) != 0;
	case ENDING_CREATOR_CANCELS:
		return (creator & 1U << EVENT_CANCEL) != 0;
	case ENDING_LAPSE:
		if (deal->state == DEAL_AGREED) {
			deal_split(deal, deal_kill_fee(deal), out);
		} else if (deal->state == DEAL_POSTED || (deal->state == DEAL_SUBMITTED && !deal->terms.is_posted)) {
			return deal_ending(deal, ENDING_DONE, out);
		}
		if (deal->deadline == DEADLINE_RATE && deal->held > 0) { /* a commission of which no sales were told */
			return true;
		}
		return lapses && (deal->state == DEAL_AGREED || deal->state == DEAL_RECEIVED || deal->state == DEAL_APPROVED);
	case ENDING_COUNT:
		break;
	}
	return false;
}

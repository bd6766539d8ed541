/* Notes of deals: agreements, steps and lapses are judged by the one table of rules/deal.c. This file finds what the
 * table needs to know, and refuses what lies outside of it: accounts, slots, eligibility, exclusivity. */
#include <inttypes.h>
#include <stdlib.h>

#include "rules/calendar.h"
#include "rules/eligibility.h"
#include "rules/offer.h"
#include "store/tables.h"
#include "workers/market/apply.h"
#include "workers/market/apply_effects.h"

#define PLATFORMS_MAX 16

/* ---- agreements ---- */

static enum error refuse_second_deal(const struct deal_row *row, struct failure *failure) {
	char hex[HASH_HEX_SIZE];
	hex_encode(slice_of(row->deal.id, HASH_SIZE), hex);
	return fail(failure, ERROR_EXISTS, "%s has agreed to this offer already: deal sha256:%s", row->deal.creator, hex);
}

/* What follows from texts alone, and so is found once: the offer, and whether the text is what follows from it. In the
 * write transaction only the offer's present state is read again. `offer` borrows from the store; its kind is NULL
 * where it was not read. */
static enum error match_offer(struct tx *tx, const struct market *market, struct submission *submission,
                              struct note *offer, struct failure *failure) {
	struct findings *findings = &submission->findings;
	const struct note *note = &submission->note;
	offer->kind = NULL;
	if (submission->state == SUBMISSION_APPROVED && findings->follows) {
		return offers_get(tx, findings->offer.sequence, &findings->offer, failure);
	}
	const uint8_t *offer_id = note_get(note, "offer")->bytes;
	enum error error = find_offer(tx, market, offer_id, &findings->offer, offer, failure);
	if (error != OK) {
		return error;
	}
	struct failure difference = { .code = OK };
	struct buffer scratch;
	buffer_init(&scratch, NOTE_TEXT_MAX);
	findings->follows = agreement_follows(note, offer, offer_id, &scratch, &difference) == OK;
	buffer_release(&scratch);
	error = deal_begin(offer, offer_id, note_get(note, "creator")->party.name, &findings->begun, failure);
	bool may_differ = findings->begun.road == ROAD_NEGOTIATION || findings->begun.road == ROAD_INVITATION ||
	                  note_find(note, "amends") != NULL || note_find(note, "replaces") != NULL;
	if (error == OK && !findings->follows && !may_differ) {
		*failure = difference;
		return difference.code;
	}
	return error;
}

/* True for a text that answers a proposal, or was one: it belongs to the deal that there was, even if that has ended.
 * If it began another one, two deals would have one id, and its signer would have proposed where he meant to accept. */
static bool is_of_before(struct tx *tx, const struct submission *submission) {
	const struct note *note = &submission->note;
	struct note_record known;
	return note_find(note, "replaces") != NULL || note_find(note, "amends") != NULL ||
	       notes_find(tx, submission->id, &known, NULL) == OK;
}

/* The deal that the text belongs to, as it is now; where there is none yet, the beginning of one. */
static enum error find_thread(struct tx *tx, const struct market *market, struct submission *submission,
                              struct failure *failure) {
	struct findings *findings = &submission->findings;
	const struct note *note = &submission->note;
	struct deal_row *row = &findings->row;
	enum error error = deals_find_by_offer(tx, market->document, findings->offer.sequence,
	                                       note_get(note, "creator")->party.name, row, failure);
	bool goes_on = error == OK && (row->deal.state == DEAL_PROPOSED || is_of_before(tx, submission));
	bool is_new = error == ERROR_NOT_FOUND || (error == OK && !goes_on && row->deal.state == DEAL_ENDED);
	if (is_new) {
		const struct value *campaign = note_find(note, "campaign");
		*row = (struct deal_row){ .offer = findings->offer.sequence, .deal = findings->begun };
		(void)slice_copy_text(campaign == NULL ? slice_of(NULL, 0) : campaign->text, row->campaign,
		                      sizeof row->campaign);
		return OK;
	}
	return error != OK || goes_on ? error : refuse_second_deal(row, failure);
}

/* Who signs now needs a good key and a good standing; who is only named is bound by what he signed before. */
static enum error check_sides(struct tx *tx, const struct submission *submission, int64_t now,
                              struct failure *failure) {
	static const enum role roles[] = { ROLE_CREATOR, ROLE_BRAND };
	static const char *const keys[] = { "creator", "brand" };
	bool amends = note_find(&submission->note, "amends") != NULL;
	enum error error = OK;
	for (size_t i = 0; i < 2 && error == OK; i++) {
		const struct party *party = &note_get(&submission->note, keys[i])->party;
		struct account account;
		if ((submission->signed_by & 1U << i) == 0) {
			error = find_bound_party(tx, party, submission->findings.offer.sequence, &account, failure);
		} else {
			error = find_party(tx, party, roles[i], now, &account, failure);
		}
		if (error == OK && account.suspended && !amends) {
			error = fail(failure, ERROR_SUSPENDED, "the account %.*s is suspended: nothing new begins",
			             (int)party->name.size, (const char *)party->name.data);
		}
	}
	return error;
}

static enum error check_offer_open(const struct submission *submission, int64_t now, struct failure *failure) {
	const struct offer *offer = &submission->findings.offer;
	struct offer_state state = { .slots = offer->slots,
		                         .taken = submission->findings.result.takes_slot ? offer->taken : 0,
		                         .closes = offer->closes,
		                         .closed = offer->state == OFFER_CLOSED };
	return offer_may_agree(&state, now, failure);
}

/* ---- what a creator must be, and may not be bound to ---- */

struct figures {
	int64_t sequences[PLATFORMS_MAX];
	size_t count;
	int64_t latest; /* of the notes of profile and figures; 0 if there are none */
};

static bool take_figures(void *argument, const struct record *record) {
	struct figures *figures = argument;
	int64_t sequence = record->cells[ATTESTS_SEQUENCE].number;
	figures->sequences[figures->count++] = sequence;
	figures->latest = sequence > figures->latest ? sequence : figures->latest;
	return figures->count < PLATFORMS_MAX;
}

/* Parses what is known of the creator and judges it. `notes` has room for PLATFORMS_MAX + 1. */
static enum error judge_creator(struct tx *tx, const struct market *market, struct submission *submission,
                                const struct figures *figures, int64_t profile, struct note *notes,
                                struct failure *failure) {
	const struct note *attests[PLATFORMS_MAX];
	struct candidate candidate = { .name = note_get(&submission->note, "creator")->party.name,
		                           .attests = attests,
		                           .attest_count = figures->count };
	enum error error = OK;
	for (size_t i = 0; i < figures->count && error == OK; i++) {
		attests[i] = &notes[i];
		error = read_note(tx, market, figures->sequences[i], &notes[i], failure);
	}
	if (error == OK && profile > 0) {
		candidate.profile = &notes[PLATFORMS_MAX];
		error = read_note(tx, market, profile, &notes[PLATFORMS_MAX], failure);
	}
	if (error != OK) {
		return error;
	}
	submission->findings.followers = eligibility_followers(market->offer, &candidate);
	return eligibility_check(market->offer, &candidate, failure);
}

/* Profile and figures are judged on the snapshot, and again only where they have changed since. */
static enum error check_eligible(struct tx *tx, const struct market *market, struct submission *submission,
                                 struct failure *failure) {
	struct findings *findings = &submission->findings;
	struct figures figures = { .count = 0 };
	struct cell cell = cell_bytes(note_get(&submission->note, "creator")->party.name);
	struct range range = { .from = &cell, .from_count = 1, .to = &cell, .to_count = 1 };
	int64_t profile = 0;
	enum error error = profiles_get(tx, cell.bytes, &profile, NULL);
	if (error == OK || error == ERROR_NOT_FOUND) {
		error = tx_scan(tx, &table_attests, STORE_BY_KEY, &range, take_figures, &figures, failure);
	}
	figures.latest = profile > figures.latest ? profile : figures.latest;
	if (error != OK || (submission->state == SUBMISSION_APPROVED && figures.latest == findings->judged)) {
		return error;
	}
	if (market->offer->kind == NULL) { /* the figures changed within this batch */
		return fail(failure, ERROR_BUSY, "the creator's figures changed while the note was checked: send it again");
	}
	struct note *notes = calloc(PLATFORMS_MAX + 1, sizeof *notes); /* too large for the stack */
	if (notes == NULL) {
		return fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	error = judge_creator(tx, market, submission, &figures, profile, notes, failure);
	free(notes);
	findings->judged = figures.latest;
	return error;
}

static enum error refuse_bound(struct tx *tx, const struct market *market, const struct bond *bond,
                               struct failure *failure) {
	struct deal_row other;
	char hex[HASH_HEX_SIZE] = "", until[TIME_TEXT_SIZE] = "its end";
	if (deals_get(tx, market->document, bond->deal, &other, NULL) == OK) {
		hex_encode(slice_of(other.deal.id, HASH_SIZE), hex);
	}
	if (bond->until != BOND_OPEN) {
		(void)time_format(bond->until, until);
	}
	return fail(failure, ERROR_EXCLUSIVITY, "%.*s %s for %.*s in the category %.*s until %s, by deal sha256:%.12s",
	            (int)bond->creator.size, (const char *)bond->creator.data,
	            bond->is_exclusive ? "works exclusively" : "works", (int)bond->brand.size,
	            (const char *)bond->brand.data, (int)bond->category.size, (const char *)bond->category.data, until,
	            hex);
}

/* A new agreement must not work in a category that another brand has for itself, nor claim one for itself in which the
 * creator works for another brand. */
static enum error check_bonds(struct tx *tx, const struct market *market, const struct submission *submission,
                              int64_t now, struct failure *failure) {
	const struct note *note = &submission->note;
	struct slice creator = note_get(note, "creator")->party.name, brand = note_get(note, "brand")->party.name;
	for (size_t i = 0; i < note->count; i++) {
		const struct value *value = &note->values[i];
		bool works = strcmp(value->field->key, "category") == 0;
		if (!works && value->field->type != FIELD_EXCLUSIVITY) {
			continue;
		}
		struct bond bond;
		struct slice category = works ? value->text : value->exclusivity.category;
		enum error error = bonds_conflict(tx, creator, category, brand, works, now, &bond, failure);
		if (error == OK) {
			return refuse_bound(tx, market, &bond, failure);
		}
		if (error != ERROR_NOT_FOUND) {
			return error;
		}
	}
	return OK;
}

/* ---- deciding ---- */

/* The other side's signature on the same text, from when it was proposed. */
static enum error take_counterpart(struct tx *tx, struct submission *submission, struct failure *failure) {
	struct note_record record;
	struct signed_note stored;
	char name[NOTE_SIGNER_MAX];
	const uint8_t *key = NULL;
	size_t other = submission->signed_by == 1 ? 1 : 0;
	note_signer(&submission->note, other, name, &key);
	enum error error = notes_find_signed(tx, submission->id, 1U << other, &record, failure);
	if (error == ERROR_NOT_FOUND) {
		return OK; /* bound by its signature on the offer */
	}
	if (error == OK) {
		error = signed_note_split(record.signed_note, &stored, failure);
	}
	buffer_clear(&submission->counterpart);
	for (size_t i = 0; error == OK && i < stored.count; i++) {
		if (slice_is(stored.signatures[i].name, name)) {
			(void)buffer_append_slice(&submission->counterpart, stored.signatures[i].line);
		}
	}
	return error;
}

/* What was signed on the snapshot must be what the transaction needs. */
static enum error check_binding(struct tx *tx, struct submission *submission, struct failure *failure) {
	bool binds = submission->findings.result.binds;
	if (submission->state == SUBMISSION_APPROVED) {
		return binds == submission->binds ? OK
		       : fail(failure, ERROR_BUSY, "the deal changed while the note was checked: send it again");
	}
	submission->binds = binds;
	return binds && submission->signed_by != 3 ? take_counterpart(tx, submission, failure) : OK;
}

static bool is_offer_open(const struct offer *offer, int64_t now) {
	return (offer->state == OFFER_OPEN || offer->state == OFFER_FULL) && now <= offer->closes;
}

static enum error take_step(struct submission *submission, const struct note *offer, int64_t now,
                            struct failure *failure) {
	struct findings *findings = &submission->findings;
	struct deal_input input = { .note = &submission->note,
		                        .id = submission->id,
		                        .signed_by = submission->signed_by,
		                        .received = now,
		                        .offer = offer,
		                        .follows = findings->follows,
		                        .offer_open = is_offer_open(&findings->offer, now) };
	return deal_step(&findings->row.deal, &input, &findings->after, &findings->result, failure);
}

enum error decide_agreement(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                            struct failure *failure) {
	struct findings *findings = &submission->findings;
	struct note *offer = market->offer;
	enum error error = match_offer(tx, market, submission, offer, failure);
	if (error == OK) {
		error = check_sides(tx, submission, now, failure);
	}
	if (error == OK) {
		error = find_thread(tx, market, submission, failure);
	}
	if (error == OK) {
		error = take_step(submission, offer, now, failure);
	}
	if (error == OK && findings->result.event != EVENT_AMEND && findings->result.event != EVENT_AMEND_SIGN) {
		error = check_offer_open(submission, now, failure);
	}
	bool new_to_creator = findings->result.event == EVENT_SIGN || findings->result.event == EVENT_APPLY;
	if (error == OK && new_to_creator) {
		error = check_eligible(tx, market, submission, failure);
	}
	if (error == OK && (new_to_creator || findings->result.event == EVENT_AMEND_SIGN)) {
		error = check_bonds(tx, market, submission, now, failure);
	}
	return error == OK ? check_binding(tx, submission, failure) : error;
}

static enum error refuse_unknown(struct failure *failure) {
	return fail(failure, ERROR_NOT_FOUND, "the deal that the note refers to is not known");
}

/* A deal is found by its agreement, or by any text that was proposed on the way: then the step is superseded. To others
 * than its parties it does not exist. */
static enum error find_deal(struct tx *tx, const struct market *market, struct submission *submission,
                            struct slice name, bool is_party, struct failure *failure) {
	const uint8_t *id = note_get(&submission->note, "deal")->bytes;
	struct deal_row *row = &submission->findings.row;
	enum error error = deals_find(tx, market->document, id, row, failure);
	if (error == ERROR_NOT_FOUND || (error == OK && is_party && !slice_is(name, row->deal.brand) &&
	                                 !slice_is(name, row->deal.creator))) {
		return refuse_unknown(failure);
	}
	return error == OK ? offers_get(tx, row->offer, &submission->findings.offer, failure) : error;
}

enum error decide_step(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                       struct failure *failure) {
	const struct note *note = &submission->note;
	const struct signer *signer = &note->kind->signers[0];
	const struct party *party = &note_get(note, signer->key)->party;
	enum role role = signer->role == ROLE_COUNT ? (enum role)note_get(note, "role")->word : signer->role;
	struct account account;
	submission->findings.follows = false;
	enum error error = find_party(tx, party, role, now, &account, failure);
	if (error == OK) {
		error = find_deal(tx, market, submission, party->name, role != ROLE_OPERATOR, failure);
	}
	return error == OK ? take_step(submission, NULL, now, failure) : error;
}

enum error decide_pay(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                      struct failure *failure) {
	int64_t used = 0;
	enum error error = decide_step(tx, market, submission, now, failure);
	if (error != OK) {
		return error;
	}
	struct slice creator = slice_of_text(submission->findings.row.deal.creator);
	error = payments_find(tx, creator, note_get(&submission->note, "reference")->text, &used, failure);
	if (error == OK) {
		return fail(failure, ERROR_EXISTS, "a payment with this reference is booked already, by note %" PRId64, used);
	}
	return error == ERROR_NOT_FOUND ? OK : error;
}

enum error record_pay(struct tx *tx, const struct market *market, struct submission *submission,
                      struct failure *failure) {
	struct slice creator = slice_of_text(submission->findings.row.deal.creator);
	enum error error = record_deal(tx, market, submission, failure);
	return error == OK ? payments_insert(tx, creator, note_get(&submission->note, "reference")->text,
	                                     submission->sequence, failure)
	                   : error;
}

/* ---- lapses ---- */

static enum error decide_offer_lapse(struct tx *tx, const struct market *market, struct submission *submission,
                                     int64_t now, struct failure *failure) {
	struct findings *findings = &submission->findings;
	const struct note *note = &submission->note;
	enum error error =
	    find_offer(tx, market, note_get(note, "offer")->bytes, &findings->offer, market->offer, failure);
	if (error != OK) {
		return error;
	}
	int64_t due = findings->offer.due;
	if (due == 0 || due >= now || note_get(note, "due")->number != due ||
	    note_get(note, "deadline")->word != DEADLINE_ANSWER) {
		return fail(failure, ERROR_WRONG_STATE, "the offer's time is not over, or it has ended already");
	}
	return offer_left(tx, market->offer, note_get(note, "offer")->bytes, findings, failure);
}

enum error decide_lapse(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                        struct failure *failure) {
	const struct note *note = &submission->note;
	if (memcmp(note_get(note, "by")->party.key, signing_key_public(market->agency_key), KEY_SIZE) != 0) {
		return fail(failure, ERROR_WRONG_SIGNER, "by: not the agency's key");
	}
	if (note_find(note, "offer") != NULL) {
		return decide_offer_lapse(tx, market, submission, now, failure);
	}
	submission->findings.follows = false;
	enum error error = find_deal(tx, market, submission, slice_of(NULL, 0), false, failure);
	return error == OK ? take_step(submission, NULL, now, failure) : error;
}

enum error record_lapse(struct tx *tx, const struct market *market, struct submission *submission,
                        struct failure *failure) {
	if (note_find(&submission->note, "offer") == NULL) {
		return record_deal(tx, market, submission, failure);
	}
	return offer_end(tx, submission, OFFER_OVER, failure);
}

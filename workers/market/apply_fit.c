/* Whether a creator fits an offer and is free for it; see apply_fit.h. */
#include "workers/market/apply_fit.h"

#include <stdlib.h>

#include "rules/calendar.h"
#include "rules/eligibility.h"
#include "store/tables.h"
#include "workers/market/apply.h"
#include "workers/market/bonds.h"

#define PLATFORMS_MAX 16
#define UNNAMED "; this text names no category: one that does can be agreed to if it is another"

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

/* Parses what is known of the creator and judges it. `notes` has room for the figures and the profile. */
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
		candidate.profile = &notes[figures->count];
		error = read_note(tx, market, profile, &notes[figures->count], failure);
	}
	if (error != OK) {
		return error;
	}
	submission->findings.followers = eligibility_followers(market->offer, &candidate);
	return eligibility_check(market->offer, &candidate, failure);
}

/* Profile and figures are judged on the snapshot, and again only where they have changed since. */
enum error fit_check_eligible(struct tx *tx, const struct market *market, struct submission *submission,
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
	/* Too large for the stack, and to be cleared: note_parse fills what it finds. */
	struct note *notes = malloc((figures.count + 1) * sizeof *notes);
	if (notes == NULL) {
		return fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	error = judge_creator(tx, market, submission, &figures, profile, notes, failure);
	free(notes);
	findings->judged = figures.latest;
	return error;
}

static enum error refuse_bound(struct tx *tx, const struct market *market, const struct submission *submission,
                               const struct bond *bond, bool is_named, struct failure *failure) {
	if ((submission->signed_by & 1) == 0) { /* for whom else the creator works is not this brand's business */
		return fail(failure, ERROR_EXCLUSIVITY, "the creator is bound in the category %.*s and cannot agree now%s",
		            (int)bond->category.size, (const char *)bond->category.data, is_named ? "" : UNNAMED);
	}
	struct deal_row other;
	char hex[HASH_HEX_SIZE] = "", until[TIME_TEXT_SIZE] = "its end";
	if (deals_get(tx, market->document, bond->deal, &other, NULL) == OK) {
		hex_encode(slice_of(other.deal.id, HASH_SIZE), hex);
	}
	if (bond->until != BOND_OPEN) {
		(void)time_format(bond->until, until);
	}
	struct buffer said;
	buffer_init(&said, FAILURE_TEXT_MAX);
	(void)buffer_append_slice(&said, bond->creator);
	(void)buffer_append_text(&said, bond->is_exclusive ? " works exclusively for " : " works for ");
	(void)buffer_append_slice(&said, bond->brand);
	(void)buffer_append_text(&said, bond->category.size > 0 ? " in the category " : ", in no category that was named,");
	(void)buffer_append_slice(&said, bond->category);
	const char *text = buffer_text(&said);
	enum error error = fail(failure, ERROR_EXCLUSIVITY, "%s until %s, by deal sha256:%.12s%s",
	                        text == NULL ? "the creator is bound" : text, until, hex, is_named ? "" : UNNAMED);
	buffer_release(&said);
	return error;
}

/* Refuses what the creator is bound not to do. `category` is empty where the text names none: then it may be any. */
static enum error check_intent(struct tx *tx, const struct market *market, const struct submission *submission,
                               struct slice category, bool claims, int64_t now, struct failure *failure) {
	const struct note *note = &submission->note;
	const struct bonds_intent intent = { .creator = note_get(note, "creator")->party.name,
		                                 .brand = note_get(note, "brand")->party.name,
		                                 .category = category,
		                                 .claims = claims,
		                                 .now = now };
	struct bond bond;
	enum error error = bonds_conflict(tx, &intent, &bond, failure);
	if (error == OK) {
		return refuse_bound(tx, market, submission, &bond, category.size > 0, failure);
	}
	return error == ERROR_NOT_FOUND ? OK : error;
}

enum error fit_check_bonds(struct tx *tx, const struct market *market, const struct submission *submission,
                           int64_t now, struct failure *failure) {
	const struct note *note = &submission->note;
	const struct value *category = note_find(note, "category");
	struct slice named = category == NULL ? slice_of(NULL, 0) : category->text;
	enum error error = check_intent(tx, market, submission, named, false, now, failure);
	for (size_t i = 0; i < note->count && error == OK; i++) {
		if (note->values[i].field->type == FIELD_EXCLUSIVITY) {
			struct slice claimed = note->values[i].exclusivity.category;
			error = check_intent(tx, market, submission, claimed, true, now, failure);
		}
	}
	return error;
}

/* The reasons of refusals, as a table; see refusals.h. Nothing in this market is ever given back (no offer is
 * closed), so what was so when a note was refused is still so in the end, but for the money that a brand has
 * available. */
#include "tests/crash/refusals.h"

#include <inttypes.h>

#include "tests/crash/report.h"
#include "tests/lib/stop.h"

/* A note that is in the store has taken the slot, the reference or the creator's one agreement itself. */
static bool offer_is_full(const struct model *model, const struct refusal *refusal, const struct note *note) {
	return refusal->note->stored == 0 && model_offer_is_full(model, note_get(note, "offer")->bytes);
}

static bool creator_has_agreed(const struct model *model, const struct refusal *refusal, const struct note *note) {
	return refusal->note->stored == 0 &&
	       model_has_agreed(model, note_get(note, "offer")->bytes, note_get(note, "creator")->party.name);
}

static bool reference_is_used(const struct model *model, const struct refusal *refusal, const struct note *note) {
	return refusal->note->stored == 0 &&
	       model_reference_is_used(model, note_get(note, "brand")->text, note_get(note, "reference")->text);
}

/* There was a moment, not before the note was sent, at which the brand had less than the offer reserves. */
static bool money_was_short(const struct model *model, const struct refusal *refusal, const struct note *note) {
	return model_least_available(model, note_get(note, "brand")->party.name, refusal->since) < model_reservation(note);
}

static const struct {
	enum kind_id kind;
	enum error code;
	bool (*is_right)(const struct model *, const struct refusal *, const struct note *);
} reasons[] = {
	{ KIND_AGREEMENT, ERROR_OFFER_FULL, offer_is_full },
	{ KIND_AGREEMENT, ERROR_EXISTS, creator_has_agreed },
	{ KIND_FUND, ERROR_EXISTS, reference_is_used },
	{ KIND_OFFER, ERROR_UNFUNDED, money_was_short },
};

static bool is_right(const struct model *model, const struct refusal *refusal, const struct note *note) {
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
		if (reasons[i].kind == refusal->note->kind && reasons[i].code == refusal->code) {
			return reasons[i].is_right(model, refusal, note);
		}
	}
	return false;
}

void judge_refusals(const struct history *history, const struct model *model, const char *origin) {
	for (size_t i = 0; i < history->refused; i++) {
		const struct refusal *refusal = &history->refusals[i];
		struct signed_note split;
		struct note note;
		struct failure failure;
		if (signed_note_split(buffer_slice(&refusal->note->bytes), &split, &failure) != OK ||
		    note_parse(split.text, origin, &note, &failure) != OK) {
			stop("a note that was sent cannot be read: %s", failure.text);
		}
		if (!is_right(model, refusal, &note)) {
			finding("%s %s, sent after note %" PRId64 ", was refused as %s: there was no reason", note.kind->name,
			        refusal->note->stored > 0 ? "in the store" : "not in the store", refusal->since,
			        error_word(refusal->code));
		}
	}
}

/* The check of offers: what they say, the slots that are taken, what is reserved; see check_parts.h. */
#include <inttypes.h>

#include "rules/offer.h"
#include "store/tables.h"
#include "workers/market/check_parts.h"

/* Deals that have a slot for good: agreed, and not ended before the content was approved. Of others it depends on how
 * they ended, which their notes say. */
static bool count_deal(void *argument, const struct record *record) {
	int64_t *count = argument, state = record->cells[DEALS_STATE].number;
	bool has_slot = state >= DEAL_AGREED && state != DEAL_CANCELLED && state != DEAL_LAPSED;
	*count += has_slot ? 1 : 0;
	return true;
}

static void check_slots(struct checking *checking, const struct offer *offer) {
	struct cell cell = cell_number(offer->sequence);
	struct range range = { .from = &cell, .from_count = 1, .to = &cell, .to_count = 1 };
	int64_t count = 0;
	enum error error =
	    tx_scan(checking->tx, &table_deals, DEALS_BY_OFFER, &range, count_deal, &count, checking->failure);
	checking->error = checking->error == OK ? error : checking->error;
	if (count > offer->taken || offer->taken > offer->slots) {
		check_find(checking, "offer %" PRId64 ": %" PRId64 " agreements, %" PRId64 " taken, %" PRId64 " slots",
		           offer->sequence, count, offer->taken, offer->slots);
	}
}

static void check_reserved(struct checking *checking, const struct offer *offer, const struct note_record *record,
                           const struct note *note) {
	struct money share, reserved;
	bool paid = false;
	char account[LEDGER_ACCOUNT_MAX];
	if (offer_share(note, &share, &paid, NULL) != OK || !paid) {
		return;
	}
	ledger_reserved_account(record->id.data, account);
	reserved = share;
	enum error error = balances_get(checking->tx, account, share.currency, &reserved.minor, checking->failure);
	checking->error = checking->error == OK ? error : checking->error;
	int64_t expected = offer->due == 0 ? 0 : share.minor * (offer->slots - offer->taken); /* its reservation fitted */
	if (reserved.minor != expected) {
		check_find(checking, "balances: offer %" PRId64 " reserves %" PRId64 ", not %" PRId64 " for its free slots",
		           offer->sequence, reserved.minor, expected);
	}
}

struct thread {
	int64_t state; /* as a note has ended the offer; 0: none has */
};

static bool take_end(void *argument, const struct record *record) {
	struct thread *thread = argument;
	struct slice kind = record->cells[NOTES_KIND].bytes;
	bool lapsed = slice_is(kind, kind_get(KIND_LAPSE)->name), closed = slice_is(kind, kind_get(KIND_CLOSE)->name);
	thread->state = lapsed ? OFFER_OVER : closed ? OFFER_CLOSED : thread->state;
	return true;
}

static void check_state(struct checking *checking, const struct offer *offer) {
	struct cell cell = cell_number(offer->sequence);
	struct range range = { .from = &cell, .from_count = 1, .to = &cell, .to_count = 1 };
	struct thread thread = { .state = 0 };
	enum error error =
	    tx_scan(checking->tx, &table_notes, NOTES_BY_THREAD, &range, take_end, &thread, checking->failure);
	checking->error = checking->error == OK ? error : checking->error;
	int64_t expected = thread.state != 0 ? thread.state : offer->taken == offer->slots ? OFFER_FULL : OFFER_OPEN;
	if (offer->state != expected) {
		check_find(checking, "offer %" PRId64 ": its state is %" PRId64 ", by its notes it is %" PRId64,
		           offer->sequence, offer->state, expected);
	}
	if (offer->due != (thread.state != 0 ? 0 : offer->closes)) {
		check_find(checking, "offer %" PRId64 ": its due is not what follows from its notes", offer->sequence);
	}
}

static bool check_offer(void *argument, const struct record *stored) {
	struct checking *checking = argument;
	struct note *note = checking->note;
	struct offer offer;
	struct note_record record;
	struct signed_note split;
	checking->result->offers++;
	offer_from_record(stored, &offer);
	if (notes_get(checking->tx, offer.sequence, &record, NULL) != OK ||
	    !slice_is(record.kind, kind_get(KIND_OFFER)->name)) {
		check_find(checking, "offer %" PRId64 ": there is no such note", offer.sequence);
		return true;
	}
	if (!check_read_note(checking, &record, &split, note)) {
		return true;
	}
	if (!slice_equal(offer.brand, note_get(note, "brand")->party.name) ||
	    offer.closes != note_get(note, "closes")->number || offer.slots != note_get(note, "slots")->number ||
	    offer.road != (int64_t)note_word(note, "road", ROAD_FIRST_COME)) {
		check_find(checking, "offer %" PRId64 ": brand, closes, slots or road are not those of its note",
		           offer.sequence);
	}
	check_slots(checking, &offer);
	check_reserved(checking, &offer, &record, note);
	check_state(checking, &offer);
	return checking->error == OK;
}

enum error check_offers(struct checking *checking) {
	return check_walk(checking, &table_offers, check_offer, NULL);
}

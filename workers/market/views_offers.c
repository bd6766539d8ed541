/* Questions about offers, and which of them who may see. */
#include "store/tables.h"
#include "wire/body.h"
#include "workers/market/views_parts.h"

static bool has_deal(struct tx *tx, const struct view *view, const struct offer *offer) {
	struct cell cells[] = { cell_number(offer->sequence), cell_bytes(view->account.name) };
	struct record record;
	return record_find(tx, &table_deals, DEALS_BY_OFFER_AND_CREATOR, cells, 2, true, &record, NULL) == OK;
}

bool view_sees_offer(struct tx *tx, const struct view *view, const struct offer *offer) {
	if (view_is_operator(view)) {
		return true;
	}
	switch (view->account.role) {
	case ROLE_BRAND:
		return slice_equal(offer->brand, view->account.name);
	case ROLE_CREATOR:
		return offer->road != ROAD_INVITATION || has_deal(tx, view, offer);
	default:
		return false; /* an operator who is suspended */
	}
}

/* Its time may be over before the clock has said so. */
static int64_t state_now(const struct offer *offer, int64_t now) {
	bool runs = offer->state == OFFER_OPEN || offer->state == OFFER_FULL;
	return runs && offer->closes < now ? OFFER_OVER : offer->state;
}

static void pack_offer_keys(struct buffer *out, const struct offer *offer, const struct note_record *note,
                            int64_t now) {
	pack_key_bytes(out, "id", note->id);
	pack_key_signed(out, "sequence", offer->sequence);
	pack_key_signed(out, "state", state_now(offer, now));
	pack_key_signed(out, "closes", offer->closes);
	pack_key_signed(out, "slots", offer->slots);
	pack_key_signed(out, "taken", offer->taken);
	pack_key_bytes(out, "note", note->signed_note);
}
#define OFFER_KEYS 7

static void pack_offer_item(struct page *page, const struct record *record) {
	const struct view *view = page->view;
	struct offer offer;
	struct note_record note;
	offer_from_record(record, &offer);
	bool shown = view->account.role == ROLE_BRAND ||
	             (state_now(&offer, view->now) == OFFER_OPEN && view_sees_offer(page->tx, view, &offer));
	if (shown) {
		page->error = notes_get(page->tx, offer.sequence, &note, page->failure);
	}
	if (shown && page->error == OK) {
		page_item(page, OFFER_KEYS);
		pack_offer_keys(&page->items, &offer, &note, view->now);
	}
}

/* A brand sees its own offers, whatever their state; creators see those that they may agree to, operators all open
 * ones. */
enum error answer_offers(struct tx *tx, struct view *view, struct failure *failure) {
	struct page page = { .view = view, .tx = tx, .pack = pack_offer_item };
	bool own = view->account.role == ROLE_BRAND;
	struct cell cell = own ? cell_bytes(view->account.name) : cell_number(OFFER_OPEN);
	return page_answer(&page, &table_offers, own ? OFFERS_BY_BRAND : OFFERS_BY_STATE, &cell, 1, failure);
}

enum error answer_offer(struct tx *tx, struct view *view, struct failure *failure) {
	struct note_record note;
	struct offer offer;
	enum error error = view_find_offer(tx, view, "id", &offer, &note, failure);
	if (error == OK) {
		body_begin_ok(view->out, 1);
		pack_word(view->out, "offer");
		pack_map(view->out, OFFER_KEYS);
		pack_offer_keys(view->out, &offer, &note, view->now);
	}
	return error;
}

/* ---- who wants to agree ---- */

static void pack_applicant(struct page *page, const struct record *record) {
	struct deal_row row;
	struct credentials credentials;
	if (record->cells[DEALS_STATE].number != DEAL_PROPOSED) {
		return;
	}
	page->error = deal_from_record(record, page->view->market->document, &row, page->failure);
	if (page->error == OK) {
		page->error = view_credentials(page->tx, slice_of_text(row.deal.creator), &credentials, page->failure);
	}
	if (page->error == OK) {
		page->count++;
		page->error =
		    view_pack_deal(page->tx, &page->items, &row, view_credentials_keys(&credentials) + 1, page->failure);
		view_pack_tiers(&page->items, page->view->market);
		view_pack_credentials(&page->items, &credentials);
	}
}

/* The proposals for an offer that wait for an answer, whoever made them, with what is known of the creators. */
enum error answer_applicants(struct tx *tx, struct view *view, struct failure *failure) {
	struct note_record note;
	struct offer offer;
	enum error error = view_find_offer(tx, view, "id", &offer, &note, failure);
	if (error != OK) {
		return error;
	}
	if (view->account.role != ROLE_BRAND && !view_is_operator(view)) {
		return fail(failure, ERROR_NOT_ALLOWED, "only its brand sees who applies for an offer");
	}
	struct page page = { .view = view, .tx = tx, .pack = pack_applicant };
	struct cell cell = cell_number(offer.sequence);
	return page_answer(&page, &table_deals, DEALS_BY_OFFER, &cell, 1, failure);
}

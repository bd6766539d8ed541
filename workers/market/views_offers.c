/* Questions about offers, and which of them who may see. */
#include <stdlib.h>

#include "rules/eligibility.h"
#include "store/tables.h"
#include "wire/body.h"
#include "workers/market/apply.h"
#include "workers/market/views_parts.h"

#define PARSED_COST 10 /* an offer that is judged takes as long as so many that are only looked at */

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

int64_t view_offer_state(const struct offer *offer, int64_t now) {
	bool runs = offer->state == OFFER_OPEN || offer->state == OFFER_FULL;
	return runs && offer->closes < now ? OFFER_OVER : offer->state;
}

static void pack_offer_keys(struct buffer *out, const struct offer *offer, const struct note_record *note,
                            int64_t now) {
	pack_key_bytes(out, "id", note->id);
	pack_key_signed(out, "sequence", offer->sequence);
	pack_key_signed(out, "state", view_offer_state(offer, now));
	pack_key_signed(out, "closes", offer->closes);
	pack_key_signed(out, "slots", offer->slots);
	pack_key_signed(out, "taken", offer->taken);
	pack_key_bytes(out, "note", note->signed_note);
}
#define OFFER_KEYS 7

/* ---- many ---- */

struct offer_filter {
	int64_t state; /* 0: any */
	struct slice campaign; /* empty: any */
	bool only_fitting;
	struct candidate candidate; /* the creator who asks, where only_fitting is set */
	const struct note *attests[CREDENTIALS_ATTESTS_MAX];
	struct note *notes; /* the figures and the profile */
};

/* The text says so in a line of its own; keys do not stand anywhere else at the beginning of one. */
static bool is_of_campaign(const struct note_record *note, struct slice campaign) {
	struct buffer line;
	buffer_init(&line, NOTE_TEXT_MAX);
	(void)buffer_append_text(&line, "\ncampaign ");
	(void)buffer_append_slice(&line, campaign);
	(void)buffer_append_text(&line, "\n");
	bool found = buffer_ok(&line) &&
	             memmem(note->signed_note.data, note->signed_note.size, line.data, line.size) != NULL;
	buffer_release(&line);
	return found;
}

/* Whether the creator who asks could agree now: the brand is in good standing, its signature still counts where that
 * alone binds it, and he is whom the offer asks for. */
static bool is_fitting(struct page *page, const struct offer *offer) {
	const struct offer_filter *filter = page->filter;
	const struct market *market = page->view->market;
	struct account brand;
	page->scanned += PARSED_COST;
	page->error = read_note(page->tx, market, offer->sequence, market->offer, page->failure);
	if (page->error != OK || accounts_get(page->tx, offer->brand, &brand, NULL) != OK || brand.suspended) {
		return false;
	}
	const struct party *signer = &note_get(market->offer, "brand")->party;
	bool is_bound = offer->road != ROAD_FIRST_COME ||
	                find_bound_party(page->tx, signer, offer->sequence, &brand, NULL) == OK;
	return is_bound && eligibility_check(market->offer, &filter->candidate, NULL) == OK;
}

static void pack_offer_item(struct page *page, const struct record *record) {
	const struct view *view = page->view;
	const struct offer_filter *filter = page->filter;
	struct offer offer;
	struct note_record note;
	offer_from_record(record, &offer);
	if ((filter->state != 0 && view_offer_state(&offer, view->now) != filter->state) ||
	    !view_sees_offer(page->tx, view, &offer)) {
		return;
	}
	page->error = notes_get(page->tx, offer.sequence, &note, page->failure);
	if (page->error != OK || (filter->campaign.size > 0 && !is_of_campaign(&note, filter->campaign)) ||
	    (filter->only_fitting && !is_fitting(page, &offer))) {
		return;
	}
	page_item(page, OFFER_KEYS);
	pack_offer_keys(&page->items, &offer, &note, view->now);
}

/* Reads what is known of the creator who asks. The caller frees out->notes. */
static enum error read_candidate(struct tx *tx, const struct view *view, struct offer_filter *out,
                                 struct failure *failure) {
	struct credentials credentials;
	enum error error = view_credentials(tx, view->account.name, &credentials, failure);
	if (error != OK) {
		return error;
	}
	/* Too large for the stack, and to be cleared: note_parse fills what it finds. */
	out->notes = calloc(credentials.attest_count + 1, sizeof *out->notes);
	if (out->notes == NULL) {
		return fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	for (size_t i = 0; i < credentials.attest_count && error == OK; i++) {
		out->attests[i] = &out->notes[i];
		error = read_note(tx, view->market, credentials.attests[i].sequence, &out->notes[i], failure);
	}
	struct note *profile = &out->notes[credentials.attest_count];
	if (error == OK && credentials.has_profile) {
		error = read_note(tx, view->market, credentials.profile.sequence, profile, failure);
	}
	out->candidate = (struct candidate){ .name = view->account.name,
		                                 .profile = credentials.has_profile ? profile : NULL,
		                                 .attests = out->attests,
		                                 .attest_count = credentials.attest_count };
	return error;
}

static enum error read_filter(struct tx *tx, const struct view *view, struct offer_filter *out,
                              struct failure *failure) {
	static const char *const words[] = { [OFFER_OPEN] = "open", [OFFER_FULL] = "full", [OFFER_CLOSED] = "closed",
		                                 [OFFER_OVER] = "over" };
	struct slice word;
	enum role role = view->account.role;
	(void)view_text(view, "campaign", &out->campaign);
	if (!view_text(view, "state", &word)) {
		out->state = role == ROLE_BRAND ? 0 : OFFER_OPEN;
		out->only_fitting = role == ROLE_CREATOR;
		return out->only_fitting ? read_candidate(tx, view, out, failure) : OK;
	}
	for (int64_t i = OFFER_OPEN; i <= OFFER_OVER; i++) {
		out->state = slice_is(word, words[i]) ? i : out->state;
	}
	return out->state != 0 ? OK : fail(failure, ERROR_BAD_VALUE, "state: not open, full, closed or over");
}

/* A brand sees its own offers; creators, unless they name a state, those that they can agree to now; operators, unless
 * they name one, all open ones. */
enum error answer_offers(struct tx *tx, struct view *view, struct failure *failure) {
	struct offer_filter filter = { .state = 0 };
	struct page page = { .view = view, .tx = tx, .pack = pack_offer_item, .filter = &filter };
	bool own = view->account.role == ROLE_BRAND;
	enum error error = read_filter(tx, view, &filter, failure);
	if (error == OK) {
		struct cell cell = own ? cell_bytes(view->account.name) : cell_number(filter.state);
		error = page_answer(&page, &table_offers, own ? OFFERS_BY_BRAND : OFFERS_BY_STATE, &cell, 1, failure);
	}
	free(filter.notes);
	return error;
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

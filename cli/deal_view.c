/* Deals as shown; see deal_view.h. */
#include "cli/deal_view.h"

#include "rules/calendar.h"
#include "rules/deal_pack.h"

static bool same_id(const uint8_t a[HASH_SIZE], const uint8_t b[HASH_SIZE]) {
	return memcmp(a, b, HASH_SIZE) == 0;
}

/* A deal has the id of its agreement, which an amendment leaves as it is: it names the text that it changes. */
static bool names_its_deal(const struct deal *deal, const struct checked_note *text, const uint8_t *before) {
	const struct value *amends = note_find(&text->note, "amends");
	return amends == NULL ? same_id(deal->id, text->id)
	                      : !same_id(deal->id, text->id) && (before == NULL || same_id(amends->bytes, before));
}

/* `before` is the text that an amendment must change, NULL where that is not known. */
static enum error check_text(const struct deal *deal, const struct checked_note *text, const uint8_t id[HASH_SIZE],
                             const uint8_t *before, struct failure *failure) {
	const struct note *note = &text->note;
	if (note->kind->id != KIND_AGREEMENT || !same_id(text->id, id) || !names_its_deal(deal, text, before) ||
	    !same_id(note_get(note, "offer")->bytes, deal->offer) ||
	    !slice_is(note_get(note, "brand")->party.name, deal->brand) ||
	    !slice_is(note_get(note, "creator")->party.name, deal->creator)) {
		return fail(failure, ERROR_MALFORMED, "the agency's answer is not the deal that it says");
	}
	return OK;
}

/* Bit 0 of signed_by is the creator, bit 1 the brand. */
static enum error check_consent(const struct deal *deal, const struct checked_note *text, struct failure *failure) {
	bool is_changed = note_find(&text->note, "amends") != NULL || note_find(&text->note, "replaces") != NULL;
	unsigned wanted = deal->road == ROAD_FIRST_COME && !is_changed ? 1 : 3;
	bool is_proposal = deal->state == DEAL_PROPOSED || deal->state == DEAL_ENDED;
	if (is_proposal) {
		wanted = deal->proposer == ROLE_BRAND ? 2 : 1;
	} else if (!text->by_agency) {
		return fail(failure, ERROR_BAD_SIGNATURE, "the agency's signature is missing from the agreement");
	}
	return (text->signed_by & wanted) == wanted ? OK
	       : fail(failure, ERROR_WRONG_SIGNER, "a signature is missing from the %s",
	              is_proposal ? "proposal" : "agreement");
}

/* The agency tells the terms as a part of its record. They must be the text's, all of them: the record is packed with
 * both, so that a term that is added to it is compared too. */
static bool same_terms(const struct deal *deal, const struct deal_terms *terms) {
	struct deal other = *deal;
	struct buffer told, signed_ones;
	buffer_init(&told, DEAL_PACK_MAX);
	buffer_init(&signed_ones, DEAL_PACK_MAX);
	other.terms = *terms;
	deal_pack(&told, deal);
	deal_pack(&signed_ones, &other);
	bool same = buffer_ok(&told) && slice_equal(buffer_slice(&told), buffer_slice(&signed_ones));
	buffer_release(&told);
	buffer_release(&signed_ones);
	return same;
}

/* No amount is signed, but the terms bound them: nothing is held for a proposal, all of it until something is earned,
 * and no more afterwards. */
static bool amounts_fit(const struct deal *deal) {
	int64_t share = deal_terms_share(&deal->terms), gone = deal->earned + deal->agency_earned;
	if (deal->state <= DEAL_ENDED) {
		share = 0;
	}
	bool waits = deal->state >= DEAL_AGREED && deal->state <= DEAL_POSTED;
	return deal->paid <= deal->earned && deal->held + gone <= share && (!waits || deal->held == share);
}

/* What is shown and reckoned with are the terms of the text. */
static enum error check_terms(const struct deal *deal, const struct note *note, struct failure *failure) {
	struct deal_terms terms;
	deal_terms_read(note, &terms);
	if (!same_terms(deal, &terms)) {
		return fail(failure, ERROR_MALFORMED, "the agency's answer has other terms than the signed text; believe "
		            "nothing of it, and ask the agency");
	}
	return amounts_fit(deal) ? OK : fail(failure, ERROR_MALFORMED, "the agency's answer says that other amounts are "
	                                     "held, earned or paid than the signed text allows; ask the agency");
}

static enum error read_draft(const struct pack_value *item, const struct join *join, struct deal_view *out,
                             struct failure *failure) {
	struct slice draft;
	if (out->deal.amender == ROLE_COUNT || !pack_as_bytes(pack_find(item, "draft"), &draft)) {
		return OK; /* lists leave it out */
	}
	enum error error = checked_note_read(&out->draft, draft, join, failure);
	if (error == OK) {
		error = check_text(&out->deal, &out->draft, out->deal.amendment, out->deal.text, failure);
	}
	unsigned wanted = out->deal.amender == ROLE_BRAND ? 2 : 1;
	if (error == OK && (out->draft.signed_by & wanted) == 0) {
		error = fail(failure, ERROR_WRONG_SIGNER, "a signature is missing from the amendment");
	}
	return error;
}

enum error deal_view_read(const struct pack_value *item, const struct join *join, struct deal_view *out,
                          struct failure *failure) {
	struct slice note;
	buffer_clear(&out->text.bytes);
	buffer_clear(&out->draft.bytes);
	out->offer_state = 0; /* lists leave it out */
	(void)pack_as_signed(pack_find(item, "offer-state"), &out->offer_state);
	if (!pack_as_signed(pack_find(item, "sequence"), &out->sequence) ||
	    !pack_as_bytes(pack_find(item, "note"), &note)) {
		return fail(failure, ERROR_MALFORMED, "the agency's answer is incomplete");
	}
	enum error error = deal_unpack(pack_find(item, "deal"), &out->deal, failure);
	if (error == OK) {
		error = checked_note_read(&out->text, note, join, failure);
	}
	if (error == OK) {
		error = check_text(&out->deal, &out->text, out->deal.text, NULL, failure);
	}
	if (error == OK) {
		error = check_consent(&out->deal, &out->text, failure);
	}
	if (error == OK) {
		error = check_terms(&out->deal, &out->text.note, failure);
	}
	return error == OK ? read_draft(item, join, out, failure) : error;
}

void deal_view_release(struct deal_view *view) {
	checked_note_release(&view->text);
	checked_note_release(&view->draft);
}

static bool begins_with(const uint8_t id[HASH_SIZE], const char *digits) {
	char hex[HASH_HEX_SIZE];
	hex_encode(slice_of(id, HASH_SIZE), hex);
	return strncmp(hex, digits, strlen(digits)) == 0;
}

bool deal_view_is(const struct deal_view *view, const char *digits) {
	return begins_with(view->deal.id, digits) || begins_with(view->deal.text, digits) ||
	       (checked_note_is_there(&view->draft) && begins_with(view->draft.id, digits));
}

enum error deal_view_fetch(struct session *session, const char *id, struct deal_view *out, struct failure *failure) {
	char digits[65], now[ID_TEXT_SIZE];
	const struct pack_value *ok = NULL;
	enum error error = session_id_digits(id, digits, failure);
	if (error == OK) {
		error = session_ask(session, "deal", "id", digits, &ok, failure);
	}
	if (error == OK) {
		error = deal_view_read(pack_find(ok, "deal"), &session->home->join, out, failure);
	}
	if (error != OK) {
		return error;
	}
	return deal_view_is(out, digits) ? OK
	       : fail(failure, ERROR_SUPERSEDED, "another text has taken its place; see troth deal show %s",
	                         print_id(slice_of(out->deal.id, HASH_SIZE), now));
}

unsigned deal_view_side(const struct deal_view *view, const struct home *home) {
	if (home->role == ROLE_OPERATOR) {
		return BY_OPERATOR;
	}
	const char *name = home->role == ROLE_BRAND ? view->deal.brand : view->deal.creator;
	return strcmp(name, home->name) == 0 ? 1U << home->role : 0;
}

bool deal_view_waits_for(const struct deal *deal, unsigned side) {
	const uint32_t forward = 1U << EVENT_SIGN | 1U << EVENT_AMEND_SIGN | 1U << EVENT_SHIP | 1U << EVENT_RECEIVE |
	                         1U << EVENT_SUBMIT | 1U << EVENT_APPROVE | 1U << EVENT_POST | 1U << EVENT_PAY |
	                         1U << EVENT_RATE | 1U << EVENT_RESUME;
	uint32_t mine = deal_events(deal, side) & forward;
	bool looks = side == BY_OPERATOR && (deal->state == DEAL_POSTED || deal_awaits_sales(deal));
	return mine != 0 || looks;
}

static void put_time(json_t *object, const char *key, int64_t seconds) {
	char text[TIME_TEXT_SIZE];
	if (seconds > 0) {
		(void)json_object_set_new(object, key, json_string(time_format(seconds, text)));
	}
}

static void put_money(json_t *object, const char *key, const struct deal *deal, int64_t minor) {
	char text[MONEY_TEXT_MAX];
	struct money money = { .minor = minor };
	memcpy(money.currency, deal->terms.currency, CURRENCY_SIZE);
	if (currency_exponent(money.currency) >= 0) {
		(void)json_object_set_new(object, key, json_string(money_format(&money, text)));
	}
}

json_t *deal_view_json(const struct deal_view *view) {
	const struct deal *deal = &view->deal;
	const struct value *campaign = note_find(&view->text.note, "campaign");
	char id[ID_TEXT_SIZE], offer[ID_TEXT_SIZE], text[ID_TEXT_SIZE], head[ID_TEXT_SIZE];
	json_t *object =
	    json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "id",
	              print_id(slice_of(deal->id, HASH_SIZE), id), "offer",
	              print_id(slice_of(deal->offer, HASH_SIZE), offer), "text",
	              print_id(slice_of(deal->text, HASH_SIZE), text), "head",
	              print_id(slice_of(deal->head, HASH_SIZE), head), "brand", deal->brand, "creator", deal->creator,
	              "state", deal_state_words[deal->state], "road", road_words[deal->road], "sequence",
	              (json_int_t)view->sequence);
	if (campaign != NULL) {
		(void)json_object_set_new(object, "campaign", json_of(campaign->raw));
	}
	put_time(object, "since", deal->since);
	if (deal->deadline != DEADLINE_NONE) {
		(void)json_object_set_new(object, "deadline", json_string(deadline_words[deal->deadline]));
		put_time(object, "due", deal->due);
	}
	put_money(object, "held", deal, deal->held);
	put_money(object, "earned", deal, deal->earned);
	put_money(object, "paid", deal, deal->paid);
	(void)json_object_set_new(object, "overdue", json_boolean(deal->overdue));
	return object;
}

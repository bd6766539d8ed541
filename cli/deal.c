/* troth deal: accept an offer, list and show deals. */
#include "cli/act.h"
#include "cli/offer_view.h"
#include "rules/offer.h"

/* ---- accept ---- */

/* The agreement that follows from the offer for this creator, now. */
static enum error sign_agreement(struct act *act, const struct offer_view *offer, struct failure *failure) {
	struct stamp stamp;
	struct buffer text;
	struct party party = home_party(&act->home);
	outbox_stamp(&stamp);
	buffer_init(&text, NOTE_TEXT_MAX);
	enum error error = agreement_derive(&offer->note, offer->id, &party, slice_of_text(stamp.time),
	                                    slice_of_text(stamp.nonce), &text, failure);
	if (error == OK) {
		error = act_sign_text(act, buffer_slice(&text), failure);
	}
	buffer_release(&text);
	return error;
}

/* Looks for what was signed for this offer before; the offer itself is asked for only where that is needed. */
static enum error accept_offer(struct act *act, const char *operand, struct failure *failure) {
	struct offer_view offer = { .slots = 0 };
	char id[ID_TEXT_SIZE], purpose[96], digits[65];
	enum error error = home_require_role(&act->home, ROLE_CREATOR, "offers are accepted by creators", failure);
	if (error == OK) {
		error = session_id_digits(operand, digits, failure);
	}
	if (error != OK) {
		return error;
	}
	(void)snprintf(purpose, sizeof purpose, "accept sha256:%s", digits);
	bool is_whole = strlen(digits) == 64;
	if (is_whole) {
		error = parcel_open(&act->parcel, &act->home, slice_of_text(purpose), failure);
	}
	if (error != OK || parcel_is_signed(&act->parcel)) {
		return error == OK ? act_finish(act, failure) : error;
	}
	error = offer_view_fetch(&act->session, operand, &offer, failure);
	if (error == OK && !is_whole) {
		(void)snprintf(purpose, sizeof purpose, "accept %s", print_id(slice_of(offer.id, HASH_SIZE), id));
		error = parcel_open(&act->parcel, &act->home, slice_of_text(purpose), failure);
	}
	if (error == OK && !parcel_is_signed(&act->parcel)) {
		error = sign_agreement(act, &offer, failure);
	}
	return error == OK ? act_finish(act, failure) : error;
}

enum error command_deal_accept(const struct invocation *call, struct failure *failure) {
	struct act act;
	enum error error = act_open(&act, &call->settings, ACT_SIGNS, failure);
	if (error == OK) {
		error = accept_offer(&act, call->operands[0], failure);
	}
	act_release(&act);
	return error;
}

/* ---- list and show ---- */

static const char *const state_words[] = { "unknown", "agreed" };

/* A deal as the agency shows it. Slices borrow from the session's reply. */
struct deal_view {
	struct slice id, offer, brand, creator, note;
	const char *state;
};

/* The agreement must be one of this agency, with this id and these parties, signed by the creator and the agency. */
static enum error check_deal(const struct deal_view *deal, const struct join *join, struct failure *failure) {
	struct signed_note split;
	struct note note;
	uint8_t id[HASH_SIZE];
	bool verified = false;
	enum error error = signed_note_split(deal->note, &split, failure);
	if (error == OK) {
		error = note_parse(split.text, join->origin, &note, failure);
	}
	if (error != OK) {
		return error;
	}
	signed_note_id(split.text, id);
	if (note.kind->id != KIND_AGREEMENT || !slice_equal(deal->id, slice_of(id, HASH_SIZE)) ||
	    !slice_equal(deal->offer, slice_of(note_get(&note, "offer")->bytes, HASH_SIZE)) ||
	    !slice_equal(deal->brand, note_get(&note, "brand")->party.name) ||
	    !slice_equal(deal->creator, note_get(&note, "creator")->party.name)) {
		return fail(failure, ERROR_MALFORMED, "the agency's answer is not the deal that it says");
	}
	error = check_party_signature(&split, &note, failure);
	if (error == OK) {
		error = signed_note_verify(&split, &join->agency, 1, &verified, failure);
	}
	return error != OK || verified ? error
	       : fail(failure, ERROR_BAD_SIGNATURE, "the agency's signature is missing from the agreement");
}

static enum error read_deal(const struct pack_value *item, const struct join *join, struct deal_view *out,
                            struct failure *failure) {
	int64_t state = 0;
	bool good = pack_as_bytes(pack_find(item, "id"), &out->id) &&
	            pack_as_bytes(pack_find(item, "offer"), &out->offer) &&
	            pack_as_text(pack_find(item, "brand"), &out->brand) && account_name_is_valid(out->brand) &&
	            pack_as_text(pack_find(item, "creator"), &out->creator) && account_name_is_valid(out->creator) &&
	            pack_as_bytes(pack_find(item, "note"), &out->note) && pack_as_signed(pack_find(item, "state"), &state);
	out->state = state_words[state == 1 ? 1 : 0];
	return good ? check_deal(out, join, failure)
	            : fail(failure, ERROR_MALFORMED, "the agency's answer is incomplete");
}

static json_t *deal_json(const struct deal_view *deal) {
	char id[ID_TEXT_SIZE], offer[ID_TEXT_SIZE];
	return json_pack("{s:s, s:s, s:o, s:o, s:s}", "id", print_id(deal->id, id), "offer", print_id(deal->offer, offer),
	                 "brand", json_of(deal->brand), "creator", json_of(deal->creator), "state", deal->state);
}

static void print_head(void) {
	struct colours colours = print_colours();
	(void)printf("%s%-12s  %-16s  %-16s  %-8s  %s%s\n", colours.bold, "id", "brand", "creator", "state", "offer",
	             colours.end);
}

static void print_deal(const struct deal_view *deal) {
	char id[ID_SHORT_SIZE], offer[ID_SHORT_SIZE];
	(void)printf("%s  %-16.*s  %-16.*s  %-8s  %s\n", print_short_id(deal->id, id), (int)deal->brand.size,
	             (const char *)deal->brand.data, (int)deal->creator.size, (const char *)deal->creator.data, deal->state,
	             print_short_id(deal->offer, offer));
}

struct visiting {
	const struct settings *settings;
	const struct home *home;
	json_t *list;
	size_t count;
};

static enum error list_deal(void *argument, const struct pack_value *item, struct failure *failure) {
	struct visiting *visiting = argument;
	struct deal_view deal;
	enum error error = read_deal(item, &visiting->home->join, &deal, failure);
	if (error == OK && visiting->settings->json) {
		(void)json_array_append_new(visiting->list, deal_json(&deal));
	} else if (error == OK) {
		if (visiting->count == 0) {
			print_head();
		}
		print_deal(&deal);
	}
	visiting->count++;
	return error;
}

enum error command_deal_list(const struct invocation *call, struct failure *failure) {
	struct act act;
	struct visiting visiting = { .settings = &call->settings, .home = &act.home, .list = json_array() };
	enum error error = act_open(&act, &call->settings, ACT_ASKS, failure);
	if (error == OK) {
		error = session_list(&act.session, "deals", call->settings.limit, list_deal, &visiting, failure);
	}
	if (error == OK && call->settings.json) {
		print_json(json_incref(visiting.list));
	} else if (error == OK && visiting.count == 0) {
		(void)fprintf(stderr, "there are no deals yet\n");
	}
	json_decref(visiting.list);
	act_release(&act);
	return error;
}

static enum error fetch_deal(struct session *session, const char *operand, struct deal_view *deal,
                             struct failure *failure) {
	char digits[65];
	const struct pack_value *ok = NULL;
	enum error error = session_id_digits(operand, digits, failure);
	if (error == OK) {
		error = session_ask(session, "deal", "id", digits, &ok, failure);
	}
	if (error == OK) {
		error = read_deal(pack_find(ok, "deal"), &session->home->join, deal, failure);
	}
	if (error != OK) {
		return error;
	}
	char hex[HASH_HEX_SIZE];
	hex_encode(deal->id, hex);
	return strncmp(hex, digits, strlen(digits)) == 0 ? OK
	       : fail(failure, ERROR_MALFORMED, "the agency answered with another deal");
}

enum error command_deal_show(const struct invocation *call, struct failure *failure) {
	struct act act;
	struct deal_view deal;
	enum error error = act_open(&act, &call->settings, ACT_ASKS, failure);
	if (error == OK) {
		error = fetch_deal(&act.session, call->operands[0], &deal, failure);
	}
	if (error == OK) {
		error = act_write_out(&call->settings, deal.note, failure);
	}
	if (error == OK && call->settings.json) {
		json_t *object = deal_json(&deal);
		(void)json_object_set_new(object, "note", json_of(deal.note));
		print_json(object);
	} else if (error == OK && call->settings.out == NULL) {
		print_head();
		print_deal(&deal);
		(void)printf("\n%.*s", (int)deal.note.size, (const char *)deal.note.data);
	}
	act_release(&act);
	return error;
}

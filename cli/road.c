/* Offers, proposals and their texts; see road.h. */
#include "cli/road.h"

#include "cli/offer_view.h"
#include "rules/offer.h"

enum error road_fetch_offer(struct session *session, const char *id, struct checked_note *out,
                            struct failure *failure) {
	struct offer_view view;
	enum error error = offer_view_fetch(session, id, &view, failure);
	return error == OK ? checked_note_read(out, view.signed_note, &session->home->join, failure) : error;
}

enum error road_find(struct act *act, const char *id, struct road_start *out, struct failure *failure) {
	enum error error = deal_view_fetch(&act->session, id, &out->deal, failure);
	if (error == ERROR_NOT_FOUND) {
		return road_fetch_offer(&act->session, id, &out->offer, failure);
	}
	out->is_deal = error == OK;
	return error;
}

void road_release(struct road_start *start) {
	checked_note_release(&start->offer);
	deal_view_release(&start->deal);
}

/* Reads a note that this home has from before, by its id. */
static enum error read_kept(const struct home *home, const uint8_t id[HASH_SIZE], struct checked_note *out,
                            struct failure *failure) {
	char hex[HASH_HEX_SIZE], name[96], path[FILE_PATH_MAX];
	struct buffer file;
	buffer_init(&file, SIGNED_NOTE_MAX);
	hex_encode(slice_of(id, HASH_SIZE), hex);
	(void)snprintf(name, sizeof name, "notes/%s.note", hex);
	enum error error = home_path(home, name, path, failure);
	if (error == OK) {
		error = file_read(path, &file, failure);
	}
	if (error == OK) {
		error = checked_note_read(out, buffer_slice(&file), &home->join, failure);
	}
	buffer_release(&file);
	return error;
}

void road_fetch_former(struct act *act, const struct deal_view *view, struct checked_note *out) {
	const struct value *replaces = note_find(&view->text.note, "replaces");
	struct failure ignored = { .code = OK };
	char offer[HASH_HEX_SIZE];
	if (replaces != NULL && read_kept(&act->home, replaces->bytes, out, &ignored) == OK) {
		return;
	}
	hex_encode(slice_of(view->deal.offer, HASH_SIZE), offer);
	(void)road_fetch_offer(&act->session, offer, out, &ignored);
}

/* ---- what begins a deal ---- */

/* Whether a deal has ended in a way that may give its place back. */
static bool is_over(const struct deal *deal) {
	static const bool over[DEAL_STATE_COUNT] = {
		[DEAL_ENDED] = true, [DEAL_CANCELLED] = true, [DEAL_LAPSED] = true, [DEAL_RULED] = true,
	};
	return over[deal->state];
}

enum error road_open_first(struct act *act, const char *purpose, size_t size, struct failure *failure) {
	char hex[HASH_HEX_SIZE], id[ID_TEXT_SIZE];
	struct deal_view view = { .sequence = 0 };
	struct failure reason = { .code = OK };
	enum error error = parcel_open(&act->parcel, &act->home, slice_of(purpose, size), failure);
	bool was_answered = error == OK && parcel_is_accepted(&act->parcel, &act->home);
	/* What goes to the queue must not need a worker: only of a note that had its answer it is worth to ask. */
	if (error != OK || !parcel_is_signed(&act->parcel) || (act->settings->queue && !was_answered)) {
		return error;
	}
	hex_encode(slice_of(act->parcel.id, HASH_SIZE), hex);
	error = deal_view_fetch(&act->session, hex, &view, &reason);
	bool is_known = error == OK || error == ERROR_SUPERSEDED; /* the latter by a later text of the same deal */
	if (is_known && is_over(&view.deal)) {
		if (!act->settings->yes) {
			(void)print_id(slice_of(view.deal.id, HASH_SIZE), id);
			(void)fprintf(stderr, "What you have signed for this before is the deal %s, which is %s.\n", id,
			              deal_state_words[view.deal.state]);
		}
		parcel_forget(&act->parcel);
	}
	deal_view_release(&view);
	if (error == ERROR_UNREACHABLE) {
		*failure = reason;
		return error;
	}
	return OK;
}

struct rival {
	const struct join *join;
	struct slice creator;
	struct deal_view view;
};

/* ERROR_END stops at the proposal that was looked for. */
static enum error take_rival(void *argument, const struct pack_value *item, struct failure *failure) {
	struct rival *rival = argument;
	enum error error = deal_view_read(item, rival->join, &rival->view, failure);
	const struct deal *deal = &rival->view.deal;
	bool is_it = error == OK && deal->state == DEAL_PROPOSED && slice_is(rival->creator, deal->creator);
	return is_it ? ERROR_END : error;
}

static enum error name_rival(const struct act *act, const struct deal *deal, struct failure *failure) {
	char id[ID_TEXT_SIZE];
	const char *other = act->home.role == ROLE_BRAND ? deal->creator : deal->brand;
	(void)print_id(slice_of(deal->id, HASH_SIZE), id);
	if (deal->proposer == act->home.role) {
		return fail(failure, ERROR_SUPERSEDED, "you have proposed a text for this offer already, which %s may sign "
		            "or change; troth deal decline %s takes it back", other, id);
	}
	return fail(failure, ERROR_SUPERSEDED, "%s has proposed a text for this offer already: troth deal accept %s "
	            "signs it, troth deal counter changes it", other, id);
}

/* The text that was refused would have begun a deal, but there is one: looks for it. */
static enum error explain_rival(struct act *act, struct failure *failure) {
	struct signed_note split;
	struct note note;
	char offer[HASH_HEX_SIZE], creator[ACCOUNT_NAME_MAX];
	struct failure ignored = { .code = OK };
	if (signed_note_split(buffer_slice(&act->parcel.bytes), &split, NULL) != OK ||
	    note_parse(split.text, act->home.join.origin, &note, NULL) != OK || note.kind->id != KIND_AGREEMENT ||
	    note_find(&note, "replaces") != NULL || note_find(&note, "amends") != NULL ||
	    !slice_copy_text(note_get(&note, "creator")->party.name, creator, sizeof creator)) {
		return failure->code;
	}
	hex_encode(slice_of(note_get(&note, "offer")->bytes, HASH_SIZE), offer);
	struct rival rival = { .join = &act->home.join, .creator = slice_of_text(creator) };
	const struct session_word words[] = { { "offer", offer }, { "with", creator } };
	size_t count = act->home.role == ROLE_BRAND ? 2 : 1; /* a creator has only his own */
	if (session_pages(&act->session, "deals", "before", words, count, SESSION_EVERYTHING, take_rival, &rival,
	                  &ignored) == ERROR_END) {
		(void)name_rival(act, &rival.view.deal, failure);
	}
	deal_view_release(&rival.view);
	return failure->code;
}

enum error road_finish(struct act *act, struct failure *failure) {
	enum error error = act_finish(act, failure);
	return error == ERROR_SUPERSEDED ? explain_rival(act, failure) : error;
}

/* ---- texts of the other side ---- */

enum error road_find_text(const struct deal_view *view, const struct home *home, const struct checked_note **text,
                          struct failure *failure) {
	const struct deal *deal = &view->deal;
	*text = NULL;
	if (checked_note_is_there(&view->draft)) {
		*text = &view->draft;
		return deal->amender != home->role ? OK
		       : fail(failure, ERROR_NOT_ALLOWED,
		              "you have signed this amendment already; it is the other side's turn");
	}
	if (deal->amender != ROLE_COUNT && deal->amender != home->role) {
		return fail(failure, ERROR_MALFORMED, "an amendment waits, but the agency's answer lacks its text");
	}
	if (deal->state == DEAL_PROPOSED) {
		*text = &view->text;
		return deal->proposer != home->role ? OK
		       : fail(failure, ERROR_NOT_ALLOWED, "you have signed this text already; it is %s's turn to sign it",
		              deal->proposer == ROLE_BRAND ? deal->creator : deal->brand);
	}
	return OK;
}

enum error road_open_theirs(struct parcel *parcel, const struct home *home, const uint8_t id[HASH_SIZE],
                            struct failure *failure) {
	char text[ID_TEXT_SIZE], purpose[96];
	(void)snprintf(purpose, sizeof purpose, "sign %s", print_id(slice_of(id, HASH_SIZE), text));
	return parcel_open(parcel, home, slice_of_text(purpose), failure);
}

/* Which of the keys in an agreement is this account's: it must be the one that signs. */
enum error road_check_own_key(const struct home *home, const struct note *text, struct failure *failure) {
	const char *key = home->role == ROLE_BRAND ? "brand" : "creator";
	const struct party party = home_party(home);
	const struct party *named = &note_get(text, key)->party;
	if (!slice_equal(party.name, named->name)) {
		return fail(failure, ERROR_NOT_ALLOWED, "%s is no party of this text", home->name);
	}
	return memcmp(party.key, named->key, KEY_SIZE) == 0 ? OK
	       : fail(failure, ERROR_WRONG_SIGNER, "the text names another key of yours; answer with troth deal counter");
}

enum error road_sign_theirs(struct act *act, const struct checked_note *text, struct slice before,
                            struct failure *failure) {
	enum error error = road_check_own_key(&act->home, &text->note, failure);
	if (error == OK) {
		error = road_open_theirs(&act->parcel, &act->home, text->id, failure);
	}
	if (error == OK && !parcel_is_signed(&act->parcel)) {
		error = before.size == 0 ? act_sign_text(act, text->split.text, failure)
		                         : act_sign_changed(act, text->split.text, before, failure);
	}
	return error == OK ? act_finish(act, failure) : error;
}

enum error road_sign_changed(struct act *act, const char *purpose, const struct checked_note *base,
                             const struct agreement_head *head, const struct option_words *words,
                             struct failure *failure) {
	struct buffer whole, text;
	buffer_init(&whole, NOTE_TEXT_MAX);
	buffer_init(&text, NOTE_TEXT_MAX);
	(void)buffer_format(&whole, "%s\n", purpose);
	changed_terms_append(words, &whole);
	enum error error = buffer_ok(&whole) ? OK : fail(failure, ERROR_TOO_LONG, "longer than a note may be");
	if (error == OK) {
		error = road_open_first(act, buffer_text(&whole), whole.size, failure);
	}
	if (error == OK && !parcel_is_signed(&act->parcel)) {
		error = changed_terms_compose(&act->home, &base->note, head, words, &text, failure);
		if (error == OK) {
			error = act_sign_changed(act, buffer_slice(&text), base->split.text, failure);
		}
	}
	buffer_release(&text);
	buffer_release(&whole);
	return error == OK ? road_finish(act, failure) : error;
}

enum error road_fetch_party(struct session *session, const char *name, enum role wanted, struct party *party,
                            char text[PARTY_TEXT_MAX], struct failure *failure) {
	const struct pack_value *ok = NULL;
	struct slice role, key;
	char hex[HASH_HEX_SIZE];
	if (!account_name_is_valid(slice_of_text(name))) {
		return fail(failure, ERROR_USAGE, "\"%s\" is no account's name", name);
	}
	enum error error = session_ask(session, "party", "name", name, &ok, failure);
	if (error != OK) {
		return error;
	}
	if (!pack_as_text(pack_find(ok, "role"), &role) || !pack_as_bytes(pack_find(ok, "key"), &key) ||
	    key.size != KEY_SIZE) {
		return fail(failure, ERROR_MALFORMED, "the agency's answer is incomplete");
	}
	if (!slice_is(role, role_words[wanted])) {
		return fail(failure, ERROR_NOT_ALLOWED, "%s is no %s", name, role_words[wanted]);
	}
	party->name = slice_of_text(name);
	memcpy(party->key, key.data, KEY_SIZE);
	hex_encode(key, hex);
	(void)snprintf(text, PARTY_TEXT_MAX, "%s ed25519:%s", name, hex);
	return OK;
}

enum error road_derive_invitation(const struct home *home, const struct checked_note *offer,
                                  const struct party *creator, struct buffer *out, struct failure *failure) {
	struct stamp stamp;
	struct party brand = home_party(home);
	outbox_stamp(&stamp);
	return agreement_derive(&offer->note, offer->id, &brand, creator, slice_of_text(stamp.time),
	                        slice_of_text(stamp.nonce), out, failure);
}

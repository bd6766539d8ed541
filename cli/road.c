/* Offers, proposals and their texts; see road.h. */
#include "cli/road.h"

#include "cli/offer_view.h"

enum error road_fetch_offer(struct act *act, const char *id, struct checked_note *out, struct failure *failure) {
	struct offer_view view;
	enum error error = offer_view_fetch(&act->session, id, &view, failure);
	return error == OK ? checked_note_read(out, view.signed_note, &act->home.join, failure) : error;
}

enum error road_find(struct act *act, const char *id, struct road_start *out, struct failure *failure) {
	enum error error = deal_view_fetch(&act->session, id, &out->deal, failure);
	if (error == ERROR_NOT_FOUND) {
		return road_fetch_offer(act, id, &out->offer, failure);
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
	(void)road_fetch_offer(act, offer, out, &ignored);
}

/* Which of the keys in an agreement is this account's: it must be the one that signs. */
static enum error check_own_key(const struct act *act, const struct note *text, struct failure *failure) {
	const char *key = act->home.role == ROLE_BRAND ? "brand" : "creator";
	const struct party party = home_party(&act->home);
	const struct party *named = &note_get(text, key)->party;
	if (!slice_equal(party.name, named->name)) {
		return fail(failure, ERROR_NOT_ALLOWED, "%s is no party of this text", act->home.name);
	}
	return memcmp(party.key, named->key, KEY_SIZE) == 0 ? OK
	       : fail(failure, ERROR_WRONG_SIGNER, "the text names another key of yours; answer with troth deal counter");
}

enum error road_sign_theirs(struct act *act, const struct checked_note *text, struct slice before,
                            struct failure *failure) {
	char id[ID_TEXT_SIZE], purpose[96];
	(void)snprintf(purpose, sizeof purpose, "sign %s", print_id(slice_of(text->id, HASH_SIZE), id));
	enum error error = check_own_key(act, &text->note, failure);
	if (error == OK) {
		error = parcel_open(&act->parcel, &act->home, slice_of_text(purpose), failure);
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
		error = parcel_open(&act->parcel, &act->home, buffer_slice(&whole), failure);
	}
	if (error == OK && !parcel_is_signed(&act->parcel)) {
		error = changed_terms_compose(&act->home, &base->note, head, words, &text, failure);
		if (error == OK) {
			error = act_sign_changed(act, buffer_slice(&text), base->split.text, failure);
		}
	}
	buffer_release(&text);
	buffer_release(&whole);
	return error == OK ? act_finish(act, failure) : error;
}

enum error road_fetch_party(struct act *act, const char *name, enum role wanted, struct party *party,
                            char text[PARTY_TEXT_MAX], struct failure *failure) {
	const struct pack_value *ok = NULL;
	struct slice role, key;
	char hex[HASH_HEX_SIZE];
	if (!account_name_is_valid(slice_of_text(name))) {
		return fail(failure, ERROR_USAGE, "\"%s\" is no account's name", name);
	}
	enum error error = session_ask(&act->session, "party", "name", name, &ok, failure);
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

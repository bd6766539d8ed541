/* troth deal counter, amend and invite: texts with changed terms. */
#include "cli/batch.h"
#include "cli/deal_head.h"
#include "cli/offer_view.h"
#include "cli/road.h"

/* Both sides of a text that changes another one, each with its key of today: either may have changed it since. */
struct sides {
	char own[PARTY_TEXT_MAX], other[PARTY_TEXT_MAX];
};

static enum error set_parties(struct act *act, const char *other, struct sides *sides, struct agreement_head *head,
                              struct failure *failure) {
	bool is_brand = act->home.role == ROLE_BRAND;
	struct party party;
	enum role role = is_brand ? ROLE_CREATOR : ROLE_BRAND;
	enum error error = road_fetch_party(&act->session, other, role, &party, sides->other, failure);
	if (error == OK) {
		struct slice own = slice_of_text(home_party_text(&act->home, sides->own));
		head->brand = is_brand ? own : slice_of_text(sides->other);
		head->creator = is_brand ? slice_of_text(sides->other) : own;
	}
	return error;
}

static const char *other_side(const struct act *act, const struct deal *deal) {
	return act->home.role == ROLE_BRAND ? deal->creator : deal->brand;
}

/* ---- counter ---- */

static enum error counter_offer(struct act *act, const struct checked_note *offer, const struct option_words *words,
                                struct failure *failure) {
	char brand[ACCOUNT_NAME_MAX], id[ID_TEXT_SIZE], purpose[96];
	struct sides sides;
	struct agreement_head head = { .offer = slice_of_text(print_id(slice_of(offer->id, HASH_SIZE), id)) };
	enum error error = home_require_role(&act->home, ROLE_CREATOR, "a brand proposes by troth deal invite", failure);
	if (error == OK) {
		(void)slice_copy_text(note_get(&offer->note, "brand")->party.name, brand, sizeof brand);
		error = set_parties(act, brand, &sides, &head, failure);
	}
	(void)snprintf(purpose, sizeof purpose, "counter %s", id);
	return error == OK ? road_sign_changed(act, purpose, offer, &head, words, failure) : error;
}

static enum error counter_proposal(struct act *act, const struct deal_view *view, const struct option_words *words,
                                   struct failure *failure) {
	const struct deal *deal = &view->deal;
	char offer[ID_TEXT_SIZE], replaces[ID_TEXT_SIZE], purpose[96];
	struct sides sides;
	struct agreement_head head = {
		.offer = slice_of_text(print_id(slice_of(deal->offer, HASH_SIZE), offer)),
		.replaces = slice_of_text(print_id(slice_of(deal->id, HASH_SIZE), replaces)),
	};
	if (deal->state != DEAL_PROPOSED) {
		return fail(failure, ERROR_WRONG_STATE, "the deal is %s, and no proposal any more%s",
		            deal_state_words[deal->state], deal_is_running(deal) ? "; see troth deal amend" : "");
	}
	(void)snprintf(purpose, sizeof purpose, "counter %s", replaces);
	enum error error = set_parties(act, other_side(act, deal), &sides, &head, failure);
	return error == OK ? road_sign_changed(act, purpose, &view->text, &head, words, failure) : error;
}

enum error command_deal_counter(const struct invocation *call, struct failure *failure) {
	struct act act;
	struct road_start start = { .is_deal = false };
	enum error error = act_open(&act, &call->settings, ACT_SIGNS, failure);
	if (error == OK && act.home.role == ROLE_OPERATOR) {
		error = fail(failure, ERROR_NOT_ALLOWED, "terms are negotiated by brands and creators");
	}
	if (error == OK) {
		error = road_find(&act, call->operands[0], &start, failure);
	}
	if (error == OK) {
		error = start.is_deal ? counter_proposal(&act, &start.deal, &call->words, failure)
		                      : counter_offer(&act, &start.offer, &call->words, failure);
	}
	road_release(&start);
	act_release(&act);
	return error;
}

/* ---- amend ---- */

/* An amendment that was signed before and still waits is sent again; else it was overtaken, and is made anew. */
static void make_purpose(const struct deal_view *view, bool waits, char *out, size_t size) {
	char text[ID_TEXT_SIZE], after[ID_TEXT_SIZE];
	const struct value *former = waits ? note_find(&view->draft.note, "after") : NULL;
	const uint8_t *head = former == NULL ? view->deal.head : former->bytes;
	(void)snprintf(out, size, "amend %s after %s", print_id(slice_of(view->deal.text, HASH_SIZE), text),
	               print_id(slice_of(head, HASH_SIZE), after));
}

static enum error amend(struct act *act, const struct deal_view *view, const struct option_words *words,
                        struct failure *failure) {
	const struct deal *deal = &view->deal;
	char offer[ID_TEXT_SIZE], amends[ID_TEXT_SIZE], after[ID_TEXT_SIZE], purpose[200];
	struct sides sides;
	bool is_mine = checked_note_is_there(&view->draft) && deal->amender == act->home.role;
	struct agreement_head head = {
		.offer = slice_of_text(print_id(slice_of(deal->offer, HASH_SIZE), offer)),
		.amends = slice_of_text(print_id(slice_of(deal->text, HASH_SIZE), amends)),
		.after = slice_of_text(print_id(slice_of(deal->head, HASH_SIZE), after)),
	};
	if (!is_mine && (deal_events(deal, deal_view_side(view, &act->home)) & 1U << EVENT_AMEND) == 0) {
		return fail(failure, ERROR_WRONG_STATE, "the deal is %s; its terms can be amended from the agreement until the "
		            "content is approved", deal_state_words[deal->state]);
	}
	make_purpose(view, is_mine, purpose, sizeof purpose);
	enum error error = is_mine ? OK : deal_head_show(&act->session, act->settings, view, failure);
	if (error == OK) {
		error = set_parties(act, other_side(act, deal), &sides, &head, failure);
	}
	return error == OK ? road_sign_changed(act, purpose, &view->text, &head, words, failure) : error;
}

enum error command_deal_amend(const struct invocation *call, struct failure *failure) {
	struct act act;
	struct deal_view view = { .sequence = 0 };
	enum error error = act_open(&act, &call->settings, ACT_SIGNS, failure);
	if (error == OK) {
		error = deal_view_fetch(&act.session, call->operands[0], &view, failure);
	}
	if (error == OK) {
		error = amend(&act, &view, &call->words, failure);
	}
	deal_view_release(&view);
	act_release(&act);
	return error;
}

/* ---- invite ---- */

/* As the offer says, or with changes. */
static enum error sign_invitation(struct act *act, const struct checked_note *offer, const struct party *creator,
                                  const char *purpose, struct failure *failure) {
	struct buffer text;
	buffer_init(&text, NOTE_TEXT_MAX);
	enum error error = road_open_first(act, purpose, strlen(purpose), failure);
	if (error == OK && !parcel_is_signed(&act->parcel)) {
		error = road_derive_invitation(&act->home, offer, creator, &text, failure);
		if (error == OK) {
			error = act_sign_text(act, buffer_slice(&text), failure);
		}
	}
	buffer_release(&text);
	return error == OK ? road_finish(act, failure) : error;
}

static enum error invite(struct act *act, const struct checked_note *offer, const char *name,
                         const struct option_words *words, struct failure *failure) {
	struct party creator;
	char text[PARTY_TEXT_MAX], own[PARTY_TEXT_MAX], id[ID_TEXT_SIZE], purpose[160];
	struct agreement_head head = { .offer = slice_of_text(print_id(slice_of(offer->id, HASH_SIZE), id)) };
	enum error error = road_fetch_party(&act->session, name, ROLE_CREATOR, &creator, text, failure);
	if (error == OK) {
		head.brand = slice_of_text(home_party_text(&act->home, own));
		head.creator = slice_of_text(text);
		(void)snprintf(purpose, sizeof purpose, "invite %s %s", id, name);
		error = words->count == 0 ? sign_invitation(act, offer, &creator, purpose, failure)
		                          : road_sign_changed(act, purpose, offer, &head, words, failure);
	}
	parcel_release(&act->parcel);
	if (error != OK && error != ERROR_QUEUED) {
		struct failure reason = *failure;
		(void)fail(failure, error, "%s: %.250s", name, reason.text);
		failure->retry_ms = reason.retry_ms;
	}
	return error;
}

static enum error invite_named(const struct invocation *call, struct failure *failure) {
	struct act act;
	struct checked_note offer = { .signed_by = 0 };
	enum error error = act_open(&act, &call->settings, ACT_SIGNS, failure);
	if (error == OK) {
		error = home_require_role(&act.home, ROLE_BRAND, "creators are invited by brands", failure);
	}
	if (error == OK) {
		error = road_fetch_offer(&act.session, call->operands[0], &offer, failure);
	}
	bool is_open = error == OK;
	for (size_t i = 1; is_open && i < call->count; i++) {
		struct failure reason = { .code = OK };
		enum error refused = invite(&act, &offer, call->operands[i], &call->words, &reason);
		if (refused == OK || (refused == ERROR_QUEUED && error != OK)) {
			continue;
		}
		if (error != OK) {
			(void)command_report(call, failure); /* the last one is reported by the caller */
		}
		error = refused;
		*failure = reason;
	}
	checked_note_release(&offer);
	act_release(&act);
	return error;
}

enum error command_deal_invite(const struct invocation *call, struct failure *failure) {
	if ((call->settings.batch == NULL) == (call->count == 1)) {
		return fail(failure, ERROR_USAGE,
		            "give, behind the offer, either creators or --batch FILE.csv; see troth deal invite --help");
	}
	if (call->settings.batch != NULL && call->words.count > 0) {
		return fail(failure, ERROR_USAGE, "--%s does not go with --batch, which invites as the offer says",
		            call->words.items[0].name);
	}
	return call->settings.batch == NULL ? invite_named(call, failure) : batch_invite(call, failure);
}

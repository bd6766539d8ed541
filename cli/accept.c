/* troth deal accept: an offer, the other side's proposal, or an amendment that waits. */
#include "cli/batch.h"
#include "cli/offer_view.h"
#include "cli/road.h"
#include "rules/offer.h"

/* The agreement that follows from the offer for this creator, now. */
static enum error sign_agreement(struct act *act, const struct checked_note *offer, struct failure *failure) {
	struct stamp stamp;
	struct buffer text;
	struct party party = home_party(&act->home), brand;
	char name[ACCOUNT_NAME_MAX], written[PARTY_TEXT_MAX];
	enum error error = OK;
	bool concludes = note_word(&offer->note, "road", ROAD_FIRST_COME) != ROAD_FIRST_COME;
	outbox_stamp(&stamp);
	buffer_init(&text, NOTE_TEXT_MAX);
	if (concludes) { /* by a signature of the brand on this text, with the key that it has now */
		error = slice_copy_text(note_get(&offer->note, "brand")->party.name, name, sizeof name)
		    ? road_fetch_party(&act->session, name, ROLE_BRAND, &brand, written, failure)
		    : fail(failure, ERROR_MALFORMED, "the offer names no brand");
	}
	if (error == OK) {
		error = agreement_derive(&offer->note, offer->id, concludes ? &brand : NULL, &party,
		                         slice_of_text(stamp.time), slice_of_text(stamp.nonce), &text, failure);
	}
	if (error == OK) {
		error = act_sign_text(act, buffer_slice(&text), failure);
	}
	buffer_release(&text);
	return error;
}

static enum error accept_offer(struct act *act, const struct checked_note *offer, struct failure *failure) {
	char id[ID_TEXT_SIZE], purpose[96];
	enum error error = home_require_role(&act->home, ROLE_CREATOR, "offers are accepted by creators", failure);
	(void)snprintf(purpose, sizeof purpose, "accept %s", print_id(slice_of(offer->id, HASH_SIZE), id));
	if (error == OK) {
		error = road_open_first(act, purpose, strlen(purpose), failure);
	}
	if (error == OK && !parcel_is_signed(&act->parcel)) {
		error = sign_agreement(act, offer, failure);
	}
	return error == OK ? road_finish(act, failure) : error;
}

/* Nothing waits. The signature that is sent again is the deal's latest step, or one whose answer never came: any other
 * has had its answer, and what is meant now is something else. */
static enum error accept_again(struct act *act, const struct deal *deal, struct failure *failure) {
	enum error error = road_open_theirs(&act->parcel, &act->home, deal->text, failure);
	bool is_latest = error == OK && parcel_is_signed(&act->parcel) &&
	                 (memcmp(deal->head, act->parcel.id, HASH_SIZE) == 0 ||
	                  !parcel_is_accepted(&act->parcel, &act->home));
	if (error == OK && !is_latest) {
		error = fail(failure, ERROR_WRONG_STATE, "there is nothing to sign; the deal is %s%s",
		             deal_state_words[deal->state], deal_is_running(deal)
		                 ? ", and an amendment that you may mean was dropped when another step was taken; see troth "
		                   "deal notes" : "");
	}
	return error == OK ? act_finish(act, failure) : error;
}

/* What waits for a signature is a proposal or an amendment. What was signed before is sent again, for the same
 * answer. */
static enum error accept_deal(struct act *act, const struct deal_view *view, struct failure *failure) {
	struct checked_note former = { .signed_by = 0 };
	const struct checked_note *text = NULL;
	enum error error = road_find_text(view, &act->home, &text, failure);
	if (error != OK || text == NULL) {
		return error == OK ? accept_again(act, &view->deal, failure) : error;
	}
	if (text == &view->draft) {
		return road_sign_theirs(act, text, view->text.split.text, failure);
	}
	if (!act->settings->yes) {
		road_fetch_former(act, view, &former);
	}
	error = road_sign_theirs(act, text, checked_note_is_there(&former) ? former.split.text : slice_of(NULL, 0),
	                         failure);
	checked_note_release(&former);
	return error;
}

/* With the whole id of an offer, what was signed for it before can be sent without reading the offer. */
static enum error open_signed(struct act *act, const char *digits, struct failure *failure) {
	char purpose[96];
	(void)snprintf(purpose, sizeof purpose, "accept sha256:%s", digits);
	return strlen(digits) == 64 ? road_open_first(act, purpose, strlen(purpose), failure) : OK;
}

static enum error accept(struct act *act, const char *operand, struct failure *failure) {
	struct road_start start = { .is_deal = false };
	char digits[65];
	enum error error = session_id_digits(operand, digits, failure);
	if (error == OK && act->home.role == ROLE_OPERATOR) {
		error = home_require_role(&act->home, ROLE_CREATOR, "offers are accepted by creators", failure);
	}
	if (error == OK) {
		error = open_signed(act, digits, failure);
	}
	if (error != OK || parcel_is_signed(&act->parcel)) {
		return error == OK ? road_finish(act, failure) : error;
	}
	parcel_release(&act->parcel);
	error = road_find(act, operand, &start, failure);
	if (error == OK) {
		error = start.is_deal ? accept_deal(act, &start.deal, failure) : accept_offer(act, &start.offer, failure);
	}
	road_release(&start);
	return error;
}

enum error command_deal_accept(const struct invocation *call, struct failure *failure) {
	struct act act;
	if ((call->settings.batch == NULL) == (call->count == 0)) {
		return fail(failure, ERROR_USAGE, "give either an id or --batch FILE.csv; see troth deal accept --help");
	}
	if (call->settings.batch != NULL) {
		return batch_accept(call, failure);
	}
	enum error error = act_open(&act, &call->settings, ACT_SIGNS, failure);
	if (error == OK) {
		error = accept(&act, call->operands[0], failure);
	}
	act_release(&act);
	return error;
}

/* troth offer: submit, list, show and close offers. */
#include "cli/act.h"
#include "cli/batch.h"
#include "cli/draft.h"
#include "cli/offer_view.h"
#include "rules/calendar.h"

/* ---- submit ---- */

/* A file's purpose is its content, so the same content is the same offer. --again makes another one of it as soon as
 * the last one that it made was accepted: until then that one is sent again. */
static enum error open_parcel(struct act *act, struct slice draft, struct failure *failure) {
	struct buffer purpose;
	bool again = act->settings->again;
	buffer_init(&purpose, NOTE_TEXT_MAX + 64);
	(void)buffer_append_text(&purpose, again ? "offer again\n" : "offer \n");
	(void)buffer_append_slice(&purpose, draft);
	enum error error = buffer_ok(&purpose) ? parcel_open(&act->parcel, &act->home, buffer_slice(&purpose), failure)
	                                       : fail(failure, ERROR_TOO_LONG, "the offer file is too long");
	if (error == OK && again && parcel_is_accepted(&act->parcel, &act->home)) {
		buffer_clear(&act->parcel.bytes);
	}
	buffer_release(&purpose);
	return error;
}

static enum error sign_draft(struct act *act, struct slice draft, struct failure *failure) {
	struct buffer text;
	buffer_init(&text, NOTE_TEXT_MAX);
	enum error error = open_parcel(act, draft, failure);
	if (error == OK && !parcel_is_signed(&act->parcel)) {
		error = draft_compose(&act->home, KIND_OFFER, draft, &text, failure);
		if (error == OK) {
			error = act_sign_text(act, buffer_slice(&text), failure);
		}
	}
	buffer_release(&text);
	return error;
}

static enum error submit_file(const struct invocation *call, struct failure *failure) {
	struct act act;
	struct buffer draft;
	buffer_init(&draft, NOTE_TEXT_MAX);
	enum error error = act_open(&act, &call->settings, ACT_SIGNS, failure);
	if (error == OK) {
		error = home_require_role(&act.home, ROLE_BRAND, "offers are made by brands", failure);
	}
	if (error == OK) {
		error = file_read(call->operands[0], &draft, failure);
	}
	if (error == OK) {
		error = sign_draft(&act, buffer_slice(&draft), failure);
	}
	if (error == OK) {
		error = act_finish(&act, failure);
	}
	buffer_release(&draft);
	act_release(&act);
	return error;
}

enum error command_offer_submit(const struct invocation *call, struct failure *failure) {
	if ((call->settings.batch == NULL) == (call->count == 0)) {
		return fail(failure, ERROR_USAGE,
		            "give either an offer file or --batch FILE.csv; see troth offer submit --help");
	}
	return call->settings.batch == NULL ? submit_file(call, failure) : batch_submit(call, failure);
}

/* ---- list and show ---- */

struct visiting {
	const struct settings *settings;
	const struct home *home;
	json_t *list;
	size_t count;
};

static enum error list_offer(void *argument, const struct pack_value *item, struct failure *failure) {
	struct visiting *visiting = argument;
	struct offer_view view;
	enum error error = offer_view_read(item, &visiting->home->join, &view, failure);
	if (error != OK) {
		return error;
	}
	if (visiting->settings->json) {
		(void)json_array_append_new(visiting->list, offer_view_json(&view));
	} else {
		if (visiting->count == 0) {
			offer_view_print_head();
		}
		offer_view_print(&view);
	}
	visiting->count++;
	return OK;
}

static const char *nothing_listed(const struct settings *settings, enum role role) {
	if (settings->state != NULL || settings->campaign != NULL) {
		return "there are no such offers";
	}
	return role == ROLE_BRAND ? "you have made no offers yet; see troth offer submit"
	       : role == ROLE_CREATOR ? "there are no open offers that you fit now; --state open shows the others"
	                              : "there are no open offers now";
}

enum error command_offer_list(const struct invocation *call, struct failure *failure) {
	const struct settings *settings = &call->settings;
	struct act act;
	struct session_word words[2];
	size_t count = 0;
	struct visiting visiting = { .settings = settings, .home = &act.home, .list = json_array() };
	bool more = false;
	enum error error = act_open(&act, settings, ACT_ASKS, failure);
	if (error == OK && settings->state != NULL && !offer_state_is_known(settings->state)) {
		error = fail(failure, ERROR_USAGE, "--state: an offer is never \"%s\"; see troth offer list --help",
		             settings->state);
	}
	if (settings->state != NULL) {
		words[count++] = (struct session_word){ "state", settings->state };
	}
	if (settings->campaign != NULL) {
		words[count++] = (struct session_word){ "campaign", settings->campaign };
	}
	if (error == OK) {
		error = session_some(&act.session, "offers", "before", words, count, settings->limit, list_offer, &visiting,
		                     &more, failure);
	}
	if (error == OK && settings->json) {
		print_json(json_incref(visiting.list));
	} else if (error == OK && visiting.count == 0) {
		(void)fprintf(stderr, "%s\n", nothing_listed(settings, act.home.role));
	}
	session_say_more(settings, error == OK && more);
	json_decref(visiting.list);
	act_release(&act);
	return error;
}

enum error command_offer_show(const struct invocation *call, struct failure *failure) {
	struct act act;
	struct offer_view view;
	enum error error = act_open(&act, &call->settings, ACT_ASKS, failure);
	if (error == OK) {
		error = offer_view_fetch(&act.session, call->operands[0], &view, failure);
	}
	if (error == OK) {
		error = act_write_out(&call->settings, view.signed_note, failure);
	}
	if (error == OK && call->settings.json) {
		print_json(offer_view_json(&view));
	} else if (error == OK && call->settings.out == NULL) {
		offer_view_print_head();
		offer_view_print(&view);
		(void)printf("\n%.*s", (int)view.signed_note.size, (const char *)view.signed_note.data);
	}
	act_release(&act);
	return error;
}

/* ---- close ---- */

static enum error close_one(const struct invocation *call, struct failure *failure) {
	struct act act;
	char brand[PARTY_TEXT_MAX], offer[ID_TEXT_SIZE], purpose[96];
	enum error error = act_open(&act, &call->settings, ACT_SIGNS, failure);
	if (error == OK) {
		error = home_require_role(&act.home, ROLE_BRAND, "an offer is closed by the brand that made it", failure);
	}
	if (error == OK) {
		error = offer_view_find_id(&act.session, call->operands[0], offer, failure);
	}
	if (error == OK) {
		(void)snprintf(purpose, sizeof purpose, "close %s", offer);
		struct note_pair pairs[] = { { "offer", slice_of_text(offer) },
			                         { "brand", slice_of_text(home_party_text(&act.home, brand)) } };
		error = act_sign(&act, slice_of_text(purpose), KIND_CLOSE, pairs, 2, failure);
	}
	if (error == OK) {
		error = act_finish(&act, failure);
	}
	act_release(&act);
	return error;
}

enum error command_offer_close(const struct invocation *call, struct failure *failure) {
	if ((call->settings.batch == NULL) == (call->count == 0)) {
		return fail(failure, ERROR_USAGE, "give either an offer or --batch FILE.csv; see troth offer close --help");
	}
	return call->settings.batch == NULL ? close_one(call, failure) : batch_close(call, failure);
}

/* troth profile: what a creator says of himself, and what the agency attests. */
#include "cli/profile_view.h"

#include "cli/act.h"
#include "cli/draft.h"

static enum error sign_profile(struct act *act, struct slice draft, struct failure *failure) {
	struct buffer purpose, text;
	buffer_init(&purpose, NOTE_TEXT_MAX + 64);
	buffer_init(&text, NOTE_TEXT_MAX);
	(void)buffer_append_text(&purpose, "profile\n");
	(void)buffer_append_slice(&purpose, draft);
	enum error error = parcel_open(&act->parcel, &act->home, buffer_slice(&purpose), failure);
	if (error == OK && parcel_is_signed(&act->parcel) && parcel_is_accepted(&act->parcel, &act->home)) {
		buffer_clear(&act->parcel.bytes); /* said once more, since there may be a later one: the latest counts */
	}
	if (error == OK && !parcel_is_signed(&act->parcel)) {
		error = draft_compose(&act->home, KIND_PROFILE, draft, &text, failure);
		if (error == OK) {
			error = act_sign_text(act, buffer_slice(&text), failure);
		}
	}
	buffer_release(&text);
	buffer_release(&purpose);
	return error;
}

enum error command_profile_submit(const struct invocation *call, struct failure *failure) {
	struct act act;
	struct buffer draft;
	buffer_init(&draft, NOTE_TEXT_MAX);
	enum error error = act_open(&act, &call->settings, ACT_SIGNS, failure);
	if (error == OK) {
		error = home_require_role(&act.home, ROLE_CREATOR, "profiles are those of creators", failure);
	}
	if (error == OK) {
		error = file_read(call->operands[0], &draft, failure);
	}
	if (error == OK) {
		error = sign_profile(&act, buffer_slice(&draft), failure);
	}
	if (error == OK) {
		error = act_finish(&act, failure);
	}
	buffer_release(&draft);
	act_release(&act);
	return error;
}

static void print_profile(const struct profile_view *view) {
	if (checked_note_is_there(&view->profile)) {
		const struct slice text = view->profile.split.text;
		(void)printf("%.*s\n", (int)text.size, (const char *)text.data);
	} else {
		(void)printf("no profile yet\n\n");
	}
	for (size_t i = 0; i < view->figure_count; i++) {
		const struct profile_figures *figures = &view->figures[i];
		(void)printf("%-10s %lld followers, engagement %s, attested %s from: %s\n", figures->platform,
		             (long long)figures->followers, figures->engagement, figures->time, figures->source);
	}
	(void)printf("%lld deals done; %s\n", (long long)view->done, view->stars_text);
}

enum error command_profile_show(const struct invocation *call, struct failure *failure) {
	struct act act;
	struct profile_view view = { .done = 0 };
	const struct pack_value *ok = NULL;
	enum error error = act_open(&act, &call->settings, ACT_ASKS, failure);
	const char *name = call->count == 0 ? act.home.name : call->operands[0];
	if (error == OK) {
		error = session_ask(&act.session, "profile", "name", name, &ok, failure);
	}
	if (error == OK) {
		error = profile_view_read(ok, &act.home.join, name, &view, failure);
	}
	if (error == OK && call->settings.json) {
		print_json(profile_view_json(&view));
	} else if (error == OK) {
		print_profile(&view);
	}
	profile_view_release(&view);
	act_release(&act);
	return error;
}

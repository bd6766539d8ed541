/* troth enrol: asks the agency for an account. */
#include "cli/act.h"

static enum error sign(struct act *act, struct failure *failure) {
	struct identity identity;
	char transport[TRANSPORT_KEY_TEXT], account[PARTY_TEXT_MAX];
	enum error error = home_load_identity(&act->home, &identity, failure);
	if (error != OK) {
		return error;
	}
	transport_key_format(identity.public_key, transport);
	identity_wipe(&identity);
	const struct note_pair pairs[] = { { "account", slice_of_text(home_party_text(&act->home, account)) },
		                               { "role", slice_of_text(role_words[act->home.role]) },
		                               { "transport", slice_of_text(transport) },
		                               { "consent", slice_of_text("electronic-signatures") } };
	return act_sign(act, slice_of_text("enrol"), KIND_ENROL, pairs, 4, failure);
}

enum error command_enrol(const struct invocation *call, struct failure *failure) {
	struct act act;
	struct settings settings = call->settings;
	settings.yes = true; /* asking for an account binds to nothing yet */
	enum error error = act_open(&act, &settings, ACT_SIGNS, failure);
	if (error == OK) {
		error = sign(&act, failure);
	}
	if (error == OK) {
		error = act_finish(&act, failure);
	}
	act_release(&act);
	return error;
}

/* troth enrol: asks the agency for an account. */
#include "cli/act.h"

enum error command_enrol(const struct invocation *call, struct failure *failure) {
	struct act act;
	struct identity identity;
	char transport[TRANSPORT_KEY_TEXT], account[ACCOUNT_NAME_MAX + 80], key[HASH_HEX_SIZE];
	enum error error = act_open(&act, &call->settings, failure);
	if (error == OK) {
		error = home_load_identity(&act.home, &identity, failure);
	}
	if (error == OK) {
		transport_key_format(identity.public_key, transport);
		identity_wipe(&identity);
		hex_encode(slice_of(signing_key_public(act.home.key), KEY_SIZE), key);
		(void)snprintf(account, sizeof account, "%s ed25519:%s", act.home.name, key);
		struct note_pair pairs[] = { { "account", slice_of_text(account) },
			                         { "role", slice_of_text(role_words[act.home.role]) },
			                         { "transport", slice_of_text(transport) },
			                         { "consent", slice_of_text("electronic-signatures") } };
		/* Asking for an account binds to nothing yet, so the text is not shown for confirmation. */
		struct settings settings = call->settings;
		settings.yes = true;
		act.settings = &settings;
		error = act_sign(&act, slice_of_text("enrol"), KIND_ENROL, pairs, 4, failure);
		error = error == OK ? act_send(&act, failure) : error;
		act.settings = &call->settings;
	}
	if (error == OK) {
		char sentence[384];
		(void)snprintf(sentence, sizeof sentence,
		               "%s has asked for an account as %s; an operator of %s admits it.\nIts key is ed25519:%s",
		               act.home.name, role_words[act.home.role], act.home.join.origin, key);
		act_report(&act, sentence, json_pack("{s:s, s:s}", "name", act.home.name, "key", key));
	}
	act_release(&act);
	return error;
}

/* troth rekey: new keys for an account, signed by the old one and the new one. */
#include "cli/act.h"
#include "cli/field_options.h"
#include "cli/home_keys.h"

struct rekeying {
	struct act act;
	struct signing_key *key; /* the new one */
	struct identity identity;
	bool resent; /* the note was signed before: its answer may have been lost */
};

static enum error sign_by_both(struct rekeying *rekeying, struct slice text, struct failure *failure) {
	struct act *act = &rekeying->act;
	struct buffer *note = &act->parcel.bytes;
	enum error error = outbox_confirm(act->settings, text, NULL, failure);
	if (error == OK) {
		buffer_clear(note);
		error = signed_note_write(note, text, act->home.signer, rekeying->key, failure);
	}
	if (error == OK) {
		error = signed_note_append_signature(note, act->home.signer, act->home.key, text, failure);
	}
	if (error == OK) {
		signed_note_id(text, act->parcel.id);
		error = outbox_write(act->parcel.path, buffer_slice(note), true, failure);
	}
	return error;
}

static enum error sign(struct rekeying *rekeying, const struct note_pairs *given, struct failure *failure) {
	struct act *act = &rekeying->act;
	struct note_pairs pairs = *given;
	char hex[HASH_HEX_SIZE], account[PARTY_TEXT_MAX], old[PARTY_TEXT_MAX], transport[TRANSPORT_KEY_TEXT], purpose[96];
	struct buffer text;
	hex_encode(slice_of(signing_key_public(rekeying->key), KEY_SIZE), hex);
	(void)snprintf(account, sizeof account, "%s ed25519:%s", act->home.name, hex);
	(void)snprintf(purpose, sizeof purpose, "rekey %s", hex);
	transport_key_format(rekeying->identity.public_key, transport);
	const struct note_pair own[] = { { "account", slice_of_text(account) },
		                             { "role", slice_of_text(role_words[act->home.role]) },
		                             { "predecessor", slice_of_text(home_party_text(&act->home, old)) },
		                             { "transport", slice_of_text(transport) } };
	enum error error = parcel_open(&act->parcel, &act->home, slice_of_text(purpose), failure);
	rekeying->resent = parcel_is_signed(&act->parcel);
	if (error != OK || rekeying->resent) {
		return error;
	}
	for (size_t i = 0; i < sizeof own / sizeof own[0] && error == OK; i++) {
		error = note_pairs_add(&pairs, own[i].key, own[i].raw, failure);
	}
	buffer_init(&text, NOTE_TEXT_MAX);
	if (error == OK) {
		error = outbox_compose(&act->home, KIND_REKEY, pairs.items, pairs.count, &text, failure);
		failure->line = 0; /* of a text that nobody has seen yet */
	}
	if (error == OK) {
		error = sign_by_both(rekeying, buffer_slice(&text), failure);
	}
	buffer_release(&text);
	return error;
}

/* Where the answer to an earlier try was lost, the agency may know the new connection key only. */
static enum error send_again(struct rekeying *rekeying, struct failure *failure) {
	struct act *act = &rekeying->act;
	session_release(&act->session);
	enum error error =
	    session_open_as(&act->session, &act->home, act->settings, &rekeying->identity, failure);
	return error == OK ? parcel_send(&act->parcel, &act->session, &act->receipt, failure) : error;
}

static enum error send(struct rekeying *rekeying, struct failure *failure) {
	struct act *act = &rekeying->act;
	struct failure first = { .code = OK };
	enum error error = parcel_send(&act->parcel, &act->session, &act->receipt, &first);
	if (error != OK && rekeying->resent && !error_is_passing(error)) {
		struct failure second = { .code = OK };
		error = send_again(rekeying, &second);
	}
	if (error != OK) {
		*failure = first;
		return first.code;
	}
	return OK;
}

enum error command_rekey(const struct invocation *call, struct failure *failure) {
	struct rekeying rekeying = { .key = NULL };
	struct act *act = &rekeying.act;
	struct note_pairs given = { .count = 0 };
	enum error error = field_options_read(call, &given, failure);
	if (error == OK) {
		error = field_options_require(call->command, &given, failure);
	}
	if (error == OK) {
		error = act_open(act, &call->settings, ACT_SIGNS, failure);
	}
	if (error == OK) {
		error = home_next_keys(&act->home, &call->settings, &rekeying.key, &rekeying.identity, failure);
	}
	if (error == OK) {
		error = sign(&rekeying, &given, failure);
	}
	if (error == OK) {
		error = send(&rekeying, failure);
	}
	if (error == OK) {
		error = home_accept_keys(&act->home, failure);
	}
	if (error == OK) {
		error = act_tell(act, failure);
	}
	signing_key_free(rekeying.key);
	identity_wipe(&rekeying.identity);
	act_release(act);
	return error;
}

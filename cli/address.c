/* troth deal address: the creator's postal address, sealed to the brand's key: the agency carries it and cannot read
 * it. */
#include <stdlib.h>

#include "cli/account_key.h"
#include "cli/act.h"
#include "cli/deal_view.h"
#include "cli/home_keys.h"
#include "cli/listing.h"
#include "crypto/sealed.h"
#include "wire/body.h"

#define ADDRESS_MAX 1000 /* bytes */

static const char *file_option(const struct invocation *call, const char *otherwise) {
	for (size_t i = 0; i < call->words.count; i++) {
		if (strcmp(call->words.items[i].name, "file") == 0) {
			return call->words.items[i].value;
		}
	}
	return otherwise;
}

/* ---- the creator's side ---- */

static enum error send_sealed(struct act *act, const struct deal *deal, struct slice sealed, struct failure *failure) {
	const struct pack_value *ok = NULL;
	buffer_clear(&act->session.request);
	body_begin_request(&act->session.request, "address", 2);
	pack_key_bytes(&act->session.request, "deal", slice_of(deal->id, HASH_SIZE));
	pack_key_bytes(&act->session.request, "sealed", sealed);
	return session_call(&act->session, SERVICE_NOTES, &ok, failure);
}

struct search {
	const uint8_t *wanted;
	bool found;
};

static bool find_key(void *argument, const struct signing_key *key) {
	struct search *search = argument;
	search->found = memcmp(search->wanted, signing_key_public(key), KEY_SIZE) == 0;
	return search->found;
}

/* The text must be one that this home has signed, now or with a former key: else whoever answers could have made it up,
 * with a brand's key of its own. */
static enum error check_own_text(struct act *act, const struct note *text, struct failure *failure) {
	struct party creator = note_get(text, "creator")->party;
	enum error error = home_unlock(&act->home, act->settings, failure);
	if (error != OK || memcmp(creator.key, signing_key_public(act->home.key), KEY_SIZE) == 0) {
		return error;
	}
	struct search search = { .wanted = creator.key };
	error = home_former_keys(&act->home, act->settings, find_key, &search, failure);
	return error != OK || search.found ? error
	       : fail(failure, ERROR_WRONG_SIGNER, "the agreement names a key that is not and was not yours");
}

static void tell_sealed(bool json, const char *brand, const uint8_t key[KEY_SIZE], bool changed) {
	char hex[HASH_HEX_SIZE], text[sizeof "ed25519:" + sizeof hex];
	hex_encode(slice_of(key, KEY_SIZE), hex);
	(void)snprintf(text, sizeof text, "ed25519:%s", hex);
	if (json) {
		print_json(json_pack("{s:s, s:s}", "sealed-to", brand, "key", text));
		return;
	}
	(void)printf("the address is with the agency, sealed: only %s can read it, by its key %s%s\n", brand, text,
	             changed ? " (newer than the agreement's)" : "");
}

static enum error seal_address(const struct invocation *call, struct act *act, const struct deal_view *view,
                               struct failure *failure) {
	struct buffer address, sealed;
	uint8_t key[KEY_SIZE];
	buffer_init(&address, ADDRESS_MAX);
	buffer_init(&sealed, ADDRESS_MAX + SEALED_OVERHEAD);
	enum error error = file_read(file_option(call, "-"), &address, failure);
	if (error == OK && address.size == 0) {
		error = fail(failure, ERROR_USAGE, "the address is empty");
	}
	if (error == OK) {
		error = check_own_text(act, &view->text.note, failure);
	}
	if (error == OK) {
		/* Not the one in the agreement as it stands: others may have that by now. */
		error = account_key_fetch(&act->session, view->deal.brand, key, failure);
	}
	if (error == OK) {
		error = sealed_write(key, buffer_slice(&address), &sealed, failure);
	}
	if (error == OK) {
		error = send_sealed(act, &view->deal, buffer_slice(&sealed), failure);
	}
	if (error == OK) {
		bool changed = memcmp(key, note_get(&view->text.note, "brand")->party.key, KEY_SIZE) != 0;
		tell_sealed(call->settings.json, view->deal.brand, key, changed);
	}
	buffer_release(&sealed);
	buffer_release(&address);
	return error;
}

/* ---- the brand's side ---- */

struct opening {
	struct slice sealed;
	struct buffer *address;
};

static bool try_former(void *argument, const struct signing_key *key) {
	struct opening *opening = argument;
	return sealed_read(key, opening->sealed, opening->address, NULL) == OK;
}

static enum error open_sealed(struct act *act, struct slice sealed, struct buffer *address, struct failure *failure) {
	enum error error = home_unlock(&act->home, act->settings, failure);
	if (error != OK) {
		return error;
	}
	error = sealed_read(act->home.key, sealed, address, failure);
	if (error != ERROR_BAD_KEY) {
		return error;
	}
	struct opening opening = { sealed, address };
	struct failure closed = { .code = OK };
	if (home_former_keys(&act->home, act->settings, try_former, &opening, &closed) != OK) {
		*failure = closed; /* the very key that is wanted may be the one that cannot be opened */
		error = closed.code;
	}
	return address->size > 0 ? OK : error;
}

static enum error read_address(const struct invocation *call, struct act *act, struct failure *failure) {
	const struct pack_value *ok = NULL;
	struct slice sealed;
	struct buffer address;
	char digits[65];
	const char *path = file_option(call, NULL);
	buffer_init(&address, SEALED_MESSAGE_MAX);
	enum error error = session_id_digits(call->operands[0], digits, failure);
	if (error == OK) {
		error = session_ask(&act->session, "address", "id", digits, &ok, failure);
	}
	if (error == OK && !pack_as_bytes(pack_find(ok, "sealed"), &sealed)) {
		error = fail(failure, ERROR_NOT_FOUND, "the creator has not sent an address yet");
	}
	if (error == OK) {
		error = open_sealed(act, sealed, &address, failure);
	}
	if (error == OK && path != NULL) {
		error = file_replace(path, buffer_slice(&address), 0600, failure);
	} else if (error == OK && call->settings.json) {
		print_json(json_pack("{s:o}", "address", json_of(buffer_slice(&address))));
	} else if (error == OK) {
		listing_print_visible(stdout, buffer_slice(&address)); /* it comes from outside */
	}
	buffer_release(&address);
	return error;
}

enum error command_deal_address(const struct invocation *call, struct failure *failure) {
	struct act act;
	struct deal_view view = { .sequence = 0 };
	enum error error = act_open(&act, &call->settings, ACT_ASKS, failure);
	if (error == OK && act.home.role == ROLE_OPERATOR) {
		error = fail(failure, ERROR_NOT_ALLOWED, "an address is between the creator and the brand");
	}
	if (error == OK && act.home.role == ROLE_BRAND) {
		error = read_address(call, &act, failure);
	} else if (error == OK) {
		error = deal_view_fetch(&act.session, call->operands[0], &view, failure);
		error = error == OK ? seal_address(call, &act, &view, failure) : error;
	}
	deal_view_release(&view);
	act_release(&act);
	return error;
}

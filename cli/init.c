/* troth init: an account's keys on this machine. */
#include "base/buffer.h"
#include "cli/home.h"
#include "cli/passphrase.h"
#include "cli/print.h"
#include "crypto/key_file.h"

static enum error find_role(const char *word, enum role *role, struct failure *failure) {
	for (size_t i = 0; word != NULL && i < ROLE_COUNT; i++) {
		if (strcmp(word, role_words[i]) == 0) {
			*role = (enum role)i;
			return OK;
		}
	}
	return fail(failure, ERROR_USAGE, "--role must be brand, creator or operator");
}

static void report(const struct home *home, bool json) {
	char key[HASH_HEX_SIZE];
	hex_encode(slice_of(signing_key_public(home->key), KEY_SIZE), key);
	if (json) {
		print_json(json_pack("{s:s, s:s, s:s, s:s}", "name", home->name, "role", role_words[home->role], "agency",
		                     home->join.origin, "key", key));
		return;
	}
	(void)printf("made the keys of %s (%s at %s) in %s\nkey ed25519:%s\nnext: troth enrol --home %s\n", home->name,
	             role_words[home->role], home->join.origin, home->folder, key, home->folder);
}

enum error command_init(const struct invocation *call, struct failure *failure) {
	const struct settings *settings = &call->settings;
	struct home home;
	struct join join;
	enum role role = ROLE_BRAND;
	struct buffer passphrase;
	buffer_init(&passphrase, PASSPHRASE_MAX);
	enum error error = home_locate(settings, &home, failure);
	if (error == OK) {
		error = find_role(settings->role, &role, failure);
	}
	if (error == OK && settings->name == NULL) {
		error = fail(failure, ERROR_USAGE, "--name is missing: the name that the account will have");
	}
	if (error == OK && settings->join == NULL) {
		error = fail(failure, ERROR_USAGE, "--join is missing: the file that the agency gave you");
	}
	if (error == OK) {
		error = join_load(settings->join, &join, failure);
	}
	if (error == OK && !settings->no_passphrase) {
		error = passphrase_get(settings->passphrase_file, "New passphrase", true, &passphrase, failure);
	}
	if (error == OK) {
		struct slice slice = buffer_slice(&passphrase);
		error = home_make(&home, role, settings->name, &join, settings->no_passphrase ? NULL : &slice, failure);
	}
	if (error == OK) {
		report(&home, settings->json);
	}
	buffer_release(&passphrase);
	home_release(&home);
	return error;
}

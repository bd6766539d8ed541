/* Home folders; see home.h. */
#include "cli/home.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/config.h"
#include "cli/home_keys.h"
#include "cli/passphrase.h"
#include "crypto/key_file.h"

struct account_text {
	char role[16];
	char name[ACCOUNT_NAME_MAX];
};

static const struct config_key account_keys[] = {
	{ "account", "role", CONFIG_TEXT, offsetof(struct account_text, role), 0, 16, NULL, "brand, creator or operator" },
	{ "account", "name", CONFIG_TEXT, offsetof(struct account_text, name), 0, ACCOUNT_NAME_MAX, NULL, "its name" },
};

static enum error set_folder(struct home *home, const char *base, const char *below, struct failure *failure) {
	int size = snprintf(home->folder, sizeof home->folder, "%s%s", base, below);
	return size > 0 && (size_t)size < sizeof home->folder ? OK
	       : fail(failure, ERROR_USAGE, "the home folder's path is empty or too long");
}

enum error home_locate(const struct settings *settings, struct home *home, struct failure *failure) {
	*home = (struct home){ .key = NULL };
	const char *troth = getenv("TROTH_HOME"), *data = getenv("XDG_DATA_HOME"), *user = getenv("HOME");
	if (settings->home != NULL) {
		return set_folder(home, settings->home, "", failure);
	}
	if (troth != NULL && troth[0] != '\0') {
		return set_folder(home, troth, "", failure);
	}
	if (data != NULL && data[0] == '/') {
		return set_folder(home, data, "/troth", failure);
	}
	if (user != NULL && user[0] == '/') {
		return set_folder(home, user, "/.local/share/troth", failure);
	}
	return fail(failure, ERROR_USAGE, "say where the keys are: --home FOLDER or TROTH_HOME");
}

enum error home_path(const struct home *home, const char *name, char out[FILE_PATH_MAX], struct failure *failure) {
	return file_join(out, home->folder, name, failure);
}

static void set_signer(struct home *home) {
	struct slice origin = slice_of_text(home->join.origin), name = slice_of_text(home->name);
	bool fits = signer_name_write(home->signer, origin, home->role, name);
	assert(fits); /* origin and name are bounded below it */
}

static enum error make_folders(const struct home *home, struct failure *failure) {
	static const char *const names[] = { "outbox", "notes" };
	enum error error = file_make_folder(home->folder, 0700, failure);
	for (size_t i = 0; i < 2 && error == OK; i++) {
		char path[FILE_PATH_MAX];
		error = home_path(home, names[i], path, failure);
		error = error == OK ? file_make_folder(path, 0700, failure) : error;
	}
	return error;
}

static enum error save_signing_key(const struct home *home, const struct slice *passphrase, struct failure *failure) {
	char path[FILE_PATH_MAX];
	struct buffer file;
	buffer_init(&file, KEY_FILE_MAX);
	enum error error = home_path(home, "signing.key", path, failure);
	if (error == OK) {
		error = key_file_write(&file, home->signer, home->key, passphrase, failure);
	}
	if (error == OK) {
		error = file_create(path, buffer_slice(&file), 0600, failure);
	}
	if (error == ERROR_EXISTS) {
		error = fail(failure, error, "%s is there, but no account: a troth init was cut off, or account.ini is lost; "
		             "move the key away to begin anew", path);
	}
	buffer_release(&file);
	return error;
}

static enum error save_transport_key(const struct home *home, struct failure *failure) {
	char path[FILE_PATH_MAX];
	struct identity identity;
	enum error error = home_path(home, "transport.key", path, failure);
	if (error == OK) {
		error = identity_make(&identity, failure);
	}
	if (error == OK) {
		error = identity_save(path, &identity, failure);
		identity_wipe(&identity);
	}
	return error;
}

static enum error save_account(const struct home *home, struct failure *failure) {
	char path[FILE_PATH_MAX], text[128];
	enum error error = home_path(home, "account.ini", path, failure);
	int size = snprintf(text, sizeof text, "[account]\nrole = %s\nname = %s\n", role_words[home->role], home->name);
	assert(size > 0 && (size_t)size < sizeof text);
	return error == OK ? file_create(path, slice_of(text, (size_t)size), 0600, failure) : error;
}

/* The account's file comes last: a home without it is none, and can be made again after the keys are removed. */
enum error home_make(struct home *home, enum role role, const char *name, const struct join *join,
                     const struct slice *passphrase, struct failure *failure) {
	char path[FILE_PATH_MAX];
	home->role = role;
	home->join = *join;
	if (!slice_copy_text(slice_of_text(name), home->name, sizeof home->name) ||
	    !account_name_is_valid(slice_of_text(name))) {
		return fail(failure, ERROR_USAGE, "\"%s\" cannot be a name: 2 to 40 of a-z, 0-9 and single hyphens inside, not "
		            AGENCY_NAME, name);
	}
	set_signer(home);
	enum error error = home_path(home, "account.ini", path, failure);
	if (error == OK && file_exists(path)) {
		error = fail(failure, ERROR_EXISTS, "there is an account in %s already; choose another --home", home->folder);
	}
	if (error == OK) {
		error = make_folders(home, failure);
	}
	if (error != OK) {
		return error;
	}
	home->key = signing_key_new();
	if (home->key == NULL) {
		return fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	error = save_signing_key(home, passphrase, failure);
	if (error == OK) {
		error = save_transport_key(home, failure);
	}
	if (error == OK) {
		error = home_path(home, "agency.join", path, failure);
	}
	if (error == OK) {
		error = join_save(path, join, failure);
	}
	return error == OK ? save_account(home, failure) : error;
}

/* Says what a folder without an account is instead. */
static enum error refuse_folder(const struct home *home, struct failure *failure) {
	char path[FILE_PATH_MAX];
	if (home_path(home, "worker.ini", path, NULL) == OK && file_exists(path)) {
		return fail(failure, ERROR_NOT_FOUND, "%s is the home of an agency; that of its operator is %s/ops",
		            home->folder, home->folder);
	}
	return fail(failure, ERROR_NOT_FOUND, "there is no account in %s; make one with troth init, or say --home",
	            home->folder);
}

enum error home_remove_remains(const struct home *home, struct failure *failure) {
	static const char *const names[] = { "signing.key", "transport.key" };
	char path[FILE_PATH_MAX];
	enum error error = home_path(home, "account.ini", path, failure);
	assert(error != OK || !file_exists(path));
	for (size_t i = 0; i < 2 && error == OK; i++) {
		error = home_path(home, names[i], path, failure);
		if (error == OK && unlink(path) != 0 && errno != ENOENT) {
			error = fail_system(failure, "cannot remove %s, which is left of a start that was cut off", path);
		}
	}
	return error;
}

static enum error load_account(struct home *home, struct failure *failure) {
	char path[FILE_PATH_MAX];
	struct account_text text;
	enum error error = home_path(home, "account.ini", path, failure);
	if (error == OK && !file_exists(path)) {
		return refuse_folder(home, failure);
	}
	if (error == OK) {
		error = config_load(path, account_keys, 2, &text, failure);
	}
	if (error != OK) {
		return error;
	}
	for (size_t role = 0; role < ROLE_COUNT; role++) {
		if (strcmp(text.role, role_words[role]) == 0 && account_name_is_valid(slice_of_text(text.name))) {
			home->role = (enum role)role;
			memcpy(home->name, text.name, sizeof home->name);
			return OK;
		}
	}
	return fail(failure, ERROR_CONFIG, "%s: the role or the name is none", path);
}

enum error home_open(const struct settings *settings, struct home *home, struct failure *failure) {
	char path[FILE_PATH_MAX];
	enum error error = home_locate(settings, home, failure);
	if (error == OK) {
		error = load_account(home, failure);
	}
	if (error == OK) {
		error = home_path(home, "agency.join", path, failure);
	}
	if (error == OK) {
		error = join_load(path, &home->join, failure);
	}
	if (error == OK) {
		set_signer(home);
		error = home_finish_keys(home, failure);
	}
	return error;
}

enum error home_unlock(struct home *home, const struct settings *settings, struct failure *failure) {
	char path[FILE_PATH_MAX], name[SIGNER_NAME_MAX];
	struct buffer file, passphrase;
	struct slice slice;
	buffer_init(&file, KEY_FILE_MAX);
	buffer_init(&passphrase, PASSPHRASE_MAX);
	enum error error = home_path(home, "signing.key", path, failure);
	if (error == OK) {
		error = file_read_private(path, &file, failure);
	}
	bool sealed = error == OK && key_file_is_sealed(buffer_slice(&file));
	if (sealed) {
		error = passphrase_get(settings->passphrase_file, "Passphrase", false, &passphrase, failure);
		slice = buffer_slice(&passphrase);
	}
	if (error == OK) {
		error = key_file_read(buffer_slice(&file), sealed ? &slice : NULL, name, &home->key, failure);
	}
	if (error == OK && strcmp(name, home->signer) != 0) {
		error = fail(failure, ERROR_CONFIG, "%s holds the key of %s, not of %s", path, name, home->signer);
	}
	buffer_release(&passphrase);
	buffer_release(&file);
	return error;
}

enum error home_load_identity(const struct home *home, struct identity *identity, struct failure *failure) {
	char path[FILE_PATH_MAX];
	enum error error = home_path(home, "transport.key", path, failure);
	return error == OK ? identity_load(path, identity, failure) : error;
}

enum error home_require_role(const struct home *home, enum role role, const char *what, struct failure *failure) {
	return home->role == role ? OK
	       : fail(failure, ERROR_NOT_ALLOWED, "%s has the role %s; %s", home->name, role_words[home->role], what);
}

void home_release(struct home *home) {
	signing_key_free(home->key);
	home->key = NULL;
}

struct party home_party(const struct home *home) {
	struct party party = { .name = slice_of_text(home->name) };
	memcpy(party.key, signing_key_public(home->key), KEY_SIZE);
	return party;
}

const char *home_party_text(const struct home *home, char out[PARTY_TEXT_MAX]) {
	char key[HASH_HEX_SIZE];
	hex_encode(slice_of(signing_key_public(home->key), KEY_SIZE), key);
	(void)snprintf(out, PARTY_TEXT_MAX, "%s ed25519:%s", home->name, key);
	return out;
}

/* Changes of keys; see home_keys.h. */
#include "cli/home_keys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cli/passphrase.h"
#include "crypto/key_file.h"

#define FORMER_DIGITS 12

static const char *const names[] = { "signing.key", "transport.key" };

static enum error join_path(const struct home *home, const char *folder, const char *name, char out[FILE_PATH_MAX],
                            struct failure *failure) {
	char below[300];
	int size = snprintf(below, sizeof below, "%s/%s", folder, name);
	return size < (int)sizeof below ? home_path(home, below, out, failure)
	                                : fail(failure, ERROR_TOO_LONG, "a path is too long");
}

static enum error ask_passphrase(const char *path, const struct settings *settings, struct buffer *out,
                                 struct failure *failure) {
	char prompt[FILE_PATH_MAX + 32];
	(void)snprintf(prompt, sizeof prompt, "Passphrase of %s", path);
	return passphrase_get(settings->passphrase_file, prompt, false, out, failure);
}

/* A home has several keys, so what is wrong with one is said with its path. */
static enum error name_key(const char *path, enum error error, struct failure *failure) {
	char text[FAILURE_TEXT_MAX];
	if (error == OK || failure == NULL || strstr(failure->text, path) != NULL) {
		return error;
	}
	(void)snprintf(text, sizeof text, "%s", failure->text);
	return fail_at(failure, error, failure->line, "%.150s: %.200s", path, text);
}

/* Opens a key file; `sealed` (may be NULL) says whether it needs a passphrase. */
static enum error open_key(const char *path, const struct settings *settings, struct signing_key **key, bool *sealed,
                           struct failure *failure) {
	struct buffer file, passphrase;
	struct slice slice;
	buffer_init(&file, KEY_FILE_MAX);
	buffer_init(&passphrase, PASSPHRASE_MAX);
	enum error error = file_read_private(path, &file, failure);
	bool is_sealed = error == OK && key_file_is_sealed(buffer_slice(&file));
	if (sealed != NULL) {
		*sealed = is_sealed;
	}
	if (is_sealed && key != NULL) {
		error = ask_passphrase(path, settings, &passphrase, failure);
		slice = buffer_slice(&passphrase);
	}
	if (error == OK && key != NULL) {
		error = key_file_read(buffer_slice(&file), is_sealed ? &slice : NULL, NULL, key, failure);
	}
	buffer_release(&passphrase);
	buffer_release(&file);
	return name_key(path, error, failure);
}

/* ---- the next keys ---- */

static enum error make_signing_key(const struct home *home, const struct settings *settings, const char *path,
                                   struct signing_key **key, struct failure *failure) {
	char old[FILE_PATH_MAX];
	struct buffer file, passphrase;
	bool sealed = false;
	buffer_init(&file, KEY_FILE_MAX);
	buffer_init(&passphrase, PASSPHRASE_MAX);
	*key = signing_key_new();
	enum error error = *key == NULL ? fail(failure, ERROR_NO_MEMORY, "out of memory") : OK;
	if (error == OK) {
		error = home_path(home, names[0], old, failure);
	}
	if (error == OK) {
		error = open_key(old, settings, NULL, &sealed, failure);
	}
	sealed = sealed && !settings->no_passphrase;
	if (error == OK && sealed) {
		error = passphrase_get(settings->passphrase_file, "New passphrase", true, &passphrase, failure);
	}
	if (error == OK) {
		struct slice slice = buffer_slice(&passphrase);
		error = key_file_write(&file, home->signer, *key, sealed ? &slice : NULL, failure);
	}
	if (error == OK) {
		error = file_create(path, buffer_slice(&file), 0600, failure);
	}
	buffer_release(&passphrase);
	buffer_release(&file);
	return error;
}

static enum error next_identity(const char *path, struct identity *identity, struct failure *failure) {
	if (file_exists(path)) {
		return identity_load(path, identity, failure);
	}
	enum error error = identity_make(identity, failure);
	return error == OK ? identity_save(path, identity, failure) : error;
}

enum error home_next_keys(const struct home *home, const struct settings *settings, struct signing_key **key,
                          struct identity *identity, struct failure *failure) {
	char folder[FILE_PATH_MAX], signing[FILE_PATH_MAX], transport[FILE_PATH_MAX];
	*key = NULL;
	enum error error = home_path(home, "rekey", folder, failure);
	if (error == OK) {
		error = file_make_folder(folder, 0700, failure);
	}
	if (error == OK) {
		error = join_path(home, "rekey", names[0], signing, failure);
	}
	if (error == OK) {
		error = join_path(home, "rekey", names[1], transport, failure);
	}
	if (error == OK) {
		error = file_exists(signing) ? open_key(signing, settings, key, NULL, failure)
		                             : make_signing_key(home, settings, signing, key, failure);
	}
	if (error == OK) {
		error = next_identity(transport, identity, failure);
	}
	if (error != OK) {
		signing_key_free(*key);
		*key = NULL;
	}
	return error;
}

/* ---- the change ---- */

static enum error sync_home(const struct home *home, struct failure *failure) {
	int fd = open(home->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum error error = fd >= 0 && fsync(fd) == 0 ? OK : fail_system(failure, "cannot sync %s", home->folder);
	if (fd >= 0) {
		(void)close(fd);
	}
	return error;
}

/* Its name comes from its bytes, so that doing it again after a crash makes the same file. */
static enum error keep_former(const struct home *home, struct failure *failure) {
	char from[FILE_PATH_MAX], to[FILE_PATH_MAX], folder[FILE_PATH_MAX], hex[HASH_HEX_SIZE], name[32];
	uint8_t hash[HASH_SIZE];
	struct buffer file;
	buffer_init(&file, KEY_FILE_MAX);
	enum error error = home_path(home, names[0], from, failure);
	if (error == OK) {
		error = file_read_private(from, &file, failure);
	}
	if (error == OK) {
		error = home_path(home, "former", folder, failure);
	}
	if (error == OK) {
		error = file_make_folder(folder, 0700, failure);
	}
	if (error == OK) {
		hash_sha256(buffer_slice(&file), hash);
		hex_encode(slice_of(hash, sizeof hash), hex);
		(void)snprintf(name, sizeof name, "%.*s.key", FORMER_DIGITS, hex);
		error = join_path(home, "former", name, to, failure);
	}
	if (error == OK) {
		error = file_replace(to, buffer_slice(&file), 0600, failure);
	}
	buffer_release(&file);
	return error;
}

static enum error put_into_place(const struct home *home, const char *name, bool keep, struct failure *failure) {
	char from[FILE_PATH_MAX], to[FILE_PATH_MAX];
	enum error error = join_path(home, "rekey", name, from, failure);
	if (error == OK) {
		error = home_path(home, name, to, failure);
	}
	if (error != OK || !file_exists(from)) {
		return error;
	}
	if (keep) {
		error = keep_former(home, failure);
	}
	return error == OK && rename(from, to) != 0 ? fail_system(failure, "cannot put %s into its place", from) : error;
}

enum error home_finish_keys(const struct home *home, struct failure *failure) {
	char accepted[FILE_PATH_MAX];
	enum error error = join_path(home, "rekey", "accepted", accepted, failure);
	if (error != OK || !file_exists(accepted)) {
		return error;
	}
	error = put_into_place(home, names[0], true, failure);
	if (error == OK) {
		error = put_into_place(home, names[1], false, failure);
	}
	if (error == OK) {
		error = sync_home(home, failure); /* the marker goes last */
	}
	return error == OK && unlink(accepted) != 0 && errno != ENOENT
	    ? fail_system(failure, "cannot remove %s", accepted) : error;
}

enum error home_accept_keys(const struct home *home, struct failure *failure) {
	char accepted[FILE_PATH_MAX];
	enum error error = join_path(home, "rekey", "accepted", accepted, failure);
	if (error == OK) {
		error = file_replace(accepted, slice_of_text("the agency has accepted these keys\n"), 0600, failure);
	}
	return error == OK ? home_finish_keys(home, failure) : error;
}

/* ---- former keys ---- */

/* Other names are not ours, or what a crash has left of a file that was being written. */
static bool is_key_name(const char *name) {
	size_t size = strlen(name), ending = strlen(".key");
	return name[0] != '.' && size > ending && strcmp(name + size - ending, ".key") == 0;
}

/* The next key of the folder that can be opened, NULL behind the last; the first failure of those that cannot be is
 * kept. */
static struct signing_key *next_former(DIR *listing, const char *folder, const struct settings *settings,
                                       struct failure *first) {
	for (const struct dirent *entry = readdir(listing); entry != NULL; entry = readdir(listing)) {
		char path[FILE_PATH_MAX];
		struct signing_key *key = NULL;
		struct failure failure = { .code = OK };
		if (!is_key_name(entry->d_name)) {
			continue;
		}
		enum error error = file_join(path, folder, entry->d_name, &failure);
		if (error == OK) {
			error = open_key(path, settings, &key, NULL, &failure);
		}
		if (error == OK) {
			return key;
		}
		*first = first->code == OK ? failure : *first;
	}
	return NULL;
}

enum error home_former_keys(const struct home *home, const struct settings *settings, former_visit visit,
                            void *argument, struct failure *failure) {
	char folder[FILE_PATH_MAX];
	struct failure first = { .code = OK };
	enum error error = home_path(home, "former", folder, failure);
	DIR *listing = error == OK ? opendir(folder) : NULL;
	bool found = false, is_last = listing == NULL;
	while (!found && !is_last) {
		struct signing_key *key = next_former(listing, folder, settings, &first);
		is_last = key == NULL;
		found = !is_last && visit(argument, key);
		signing_key_free(key);
	}
	if (listing != NULL) {
		(void)closedir(listing);
	}
	if (error == OK && !found && first.code != OK) {
		*failure = first;
		error = first.code;
	}
	return error;
}

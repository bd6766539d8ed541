/* The lists of keys and their files; see access.h. */
#include "broker/access.h"

#include <stdlib.h>

struct access {
	char workers_path[FILE_PATH_MAX];
	char clients_path[FILE_PATH_MAX]; /* empty: everyone may ask */
	struct allow_list *workers;
	struct allow_list *clients; /* NULL: everyone may ask */
};

static enum error read_lists(const struct access *access, struct allow_list **workers, struct allow_list **clients,
                             struct failure *failure) {
	*workers = NULL;
	*clients = NULL;
	enum error error = allow_list_load(access->workers_path, workers, failure);
	if (error == OK && access->clients_path[0] != '\0') {
		error = allow_list_load(access->clients_path, clients, failure);
	}
	if (error != OK) {
		allow_list_free(*workers);
	}
	return error;
}

enum error access_load(const struct broker_config *config, struct access **out, struct failure *failure) {
	struct access *access = calloc(1, sizeof *access);
	if (access == NULL) {
		return fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	memcpy(access->workers_path, config->workers, sizeof access->workers_path);
	memcpy(access->clients_path, config->clients, sizeof access->clients_path);
	enum error error = read_lists(access, &access->workers, &access->clients, failure);
	if (error != OK) {
		free(access);
		return error;
	}
	*out = access;
	return OK;
}

void access_free(struct access *access) {
	if (access != NULL) {
		allow_list_free(access->workers);
		allow_list_free(access->clients);
		free(access);
	}
}

enum error access_reload(struct access *access, struct failure *failure) {
	struct allow_list *workers = NULL, *clients = NULL;
	enum error error = read_lists(access, &workers, &clients, failure);
	if (error != OK) {
		return error;
	}
	allow_list_free(access->workers);
	allow_list_free(access->clients);
	access->workers = workers;
	access->clients = clients;
	return OK;
}

bool access_admits(const struct access *access, const uint8_t key[TRANSPORT_KEY_SIZE]) {
	return access->clients == NULL || allow_list_holds(access->clients, key) ||
	       allow_list_holds(access->workers, key);
}

bool access_allows(const struct access *access, const uint8_t key[TRANSPORT_KEY_SIZE], struct slice service) {
	return allow_list_allows(access->workers, key, service);
}

bool access_serves(const struct access *access, struct slice service) {
	return allow_list_serves(access->workers, service);
}

const char *access_name(const struct access *access, const uint8_t key[TRANSPORT_KEY_SIZE]) {
	const char *name = allow_list_name(access->workers, key);
	return name != NULL || access->clients == NULL ? name : allow_list_name(access->clients, key);
}

size_t access_workers(const struct access *access) {
	return allow_list_size(access->workers);
}

/* Reads the allow-list file, strictly: a worker that is misspelt must not be found out by its absence. */
#include "broker/allow_list.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/map.h"
#include "broker/core.h"

#define SERVICES_TEXT_MAX 1024 /* bytes of one line's services */

struct allow_list {
	struct map *by_key; /* of struct entry */
};

struct entry {
	char name[ALLOW_LIST_NAME_MAX + 1];
	char services[SERVICES_TEXT_MAX + 1]; /* as in the file, commas between */
};

/* One line and where it stands, for messages. */
struct place {
	const char *file;
	unsigned line;
	struct failure *failure;
};

static bool is_blank(uint8_t byte) {
	return byte == ' ' || byte == '\t';
}

/* Cuts what comes before the first `delimiter` off the front of `rest`, and the delimiter with it. */
static struct slice cut(struct slice *rest, char delimiter) {
	const uint8_t *end = rest->size == 0 ? NULL : memchr(rest->data, delimiter, rest->size);
	size_t size = end == NULL ? rest->size : (size_t)(end - rest->data);
	struct slice head = slice_of(rest->data, size);
	size_t taken = end == NULL ? size : size + 1;
	*rest = slice_of(rest->data + taken, rest->size - taken);
	return head;
}

/* Cuts the next word off the front of `rest`; empty at the end of the line. */
static struct slice cut_word(struct slice *rest) {
	while (rest->size > 0 && is_blank(rest->data[0])) {
		*rest = slice_of(rest->data + 1, rest->size - 1);
	}
	size_t size = 0;
	while (size < rest->size && !is_blank(rest->data[size])) {
		size++;
	}
	struct slice word = slice_of(rest->data, size);
	*rest = slice_of(rest->data + size, rest->size - size);
	return word;
}

static bool is_name(struct slice word) {
	for (size_t i = 0; i < word.size; i++) {
		uint8_t byte = word.data[i];
		bool allowed = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-';
		if (!allowed) {
			return false;
		}
	}
	return word.size > 0;
}

static bool lists(struct slice services, struct slice wanted) {
	while (services.size > 0) {
		if (slice_equal(cut(&services, ','), wanted)) {
			return true;
		}
	}
	return false;
}

static enum error refuse(const struct place *place, const char *reason) {
	return fail_at(place->failure, ERROR_CONFIG, place->line, "%s: line %u: %s", place->file, place->line, reason);
}

static enum error check_services(struct slice services, const struct place *place) {
	if (services.size == 0 || services.data[services.size - 1] == ',') {
		return refuse(place, "a key, a name and the services are needed, services with single commas between");
	}
	while (services.size > 0) {
		struct slice service = cut(&services, ',');
		if (!mdp_service_name_is_valid(service)) {
			return refuse(place, "a service name has 1 to 64 printable ASCII characters");
		}
		if (core_service_is_the_brokers(service) && !slice_is(service, CORE_OPERATORS)) {
			return refuse(place, "services named mmi.* and titanic.* are the broker's own");
		}
		if (lists(services, service)) {
			return refuse(place, "a service stands twice");
		}
	}
	return OK;
}

static enum error take_line(struct allow_list *list, struct slice line, const struct place *place) {
	struct slice rest = line;
	struct slice key_text = cut_word(&rest);
	struct slice name = cut_word(&rest);
	struct slice services = cut_word(&rest);
	uint8_t key[TRANSPORT_KEY_SIZE];
	if (!transport_key_parse(key_text, key)) {
		return refuse(place, "it must begin with curve25519: and 64 hexadecimal digits");
	}
	if (!is_name(name) || name.size > ALLOW_LIST_NAME_MAX) {
		return refuse(place, "behind the key stands a name of up to 32 characters a-z, 0-9 and -");
	}
	enum error error = check_services(services, place);
	if (error != OK) {
		return error;
	}
	if (cut_word(&rest).size > 0) {
		return refuse(place, "nothing may follow the services");
	}
	if (map_find(list->by_key, slice_of(key, sizeof key)) != NULL) {
		return refuse(place, "this key stands in an earlier line already");
	}
	struct entry *entry = calloc(1, sizeof *entry);
	if (entry == NULL) {
		return fail(place->failure, ERROR_NO_MEMORY, "%s: out of memory", place->file);
	}
	if (!slice_copy_text(name, entry->name, sizeof entry->name) ||
	    !slice_copy_text(services, entry->services, sizeof entry->services)) {
		error = refuse(place, "too many services");
	} else if (!map_put(list->by_key, slice_of(key, sizeof key), entry)) {
		error = fail(place->failure, ERROR_NO_MEMORY, "%s: out of memory", place->file);
	}
	if (error != OK) {
		free(entry);
	}
	return error;
}

enum error allow_list_parse(const char *name, struct slice text, struct allow_list **list, struct failure *failure) {
	struct allow_list *fresh = calloc(1, sizeof *fresh);
	if (fresh != NULL) {
		fresh->by_key = map_new();
	}
	if (fresh == NULL || fresh->by_key == NULL) {
		free(fresh);
		return fail(failure, ERROR_NO_MEMORY, "%s: out of memory", name);
	}
	enum error error = OK;
	struct place place = { .file = name, .failure = failure };
	while (error == OK && text.size > 0) {
		struct slice line = cut(&text, '\n');
		place.line++;
		struct slice rest = line;
		struct slice first = cut_word(&rest);
		if (first.size > 0 && first.data[0] != '#') {
			error = take_line(fresh, line, &place);
		}
	}
	if (error != OK) {
		allow_list_free(fresh);
		return error;
	}
	*list = fresh;
	return OK;
}

enum error allow_list_load(const char *path, struct allow_list **list, struct failure *failure) {
	struct buffer text;
	buffer_init(&text, ALLOW_LIST_FILE_MAX);
	enum error error = file_read(path, &text, failure);
	if (error == OK) {
		error = allow_list_parse(path, buffer_slice(&text), list, failure);
	}
	buffer_release(&text);
	return error;
}

void allow_list_free(struct allow_list *list) {
	if (list != NULL) {
		map_free(list->by_key, free);
		free(list);
	}
}

bool allow_list_allows(const struct allow_list *list, const uint8_t key[TRANSPORT_KEY_SIZE], struct slice service) {
	const struct entry *entry = map_get(list->by_key, slice_of(key, TRANSPORT_KEY_SIZE));
	return entry != NULL && lists(slice_of_text(entry->services), service);
}

bool allow_list_serves(const struct allow_list *list, struct slice service) {
	for (struct map_entry *at = map_first(list->by_key); at != NULL; at = map_next(at)) {
		if (lists(slice_of_text(((const struct entry *)at->value)->services), service)) {
			return true;
		}
	}
	return false;
}

bool allow_list_holds(const struct allow_list *list, const uint8_t key[TRANSPORT_KEY_SIZE]) {
	return map_get(list->by_key, slice_of(key, TRANSPORT_KEY_SIZE)) != NULL;
}

const char *allow_list_name(const struct allow_list *list, const uint8_t key[TRANSPORT_KEY_SIZE]) {
	const struct entry *entry = map_get(list->by_key, slice_of(key, TRANSPORT_KEY_SIZE));
	return entry == NULL ? NULL : entry->name;
}

size_t allow_list_size(const struct allow_list *list) {
	return map_size(list->by_key);
}

/* Notes about others' keys; see export_keys.h. */
#include "cli/export_keys.h"

#include <stdlib.h>

#include "base/map.h"

struct kept {
	int64_t sequence, received;
	struct buffer note;
	char *json;
};

struct export_keys {
	struct map *names;
	struct kept *kept;
	size_t count, room;
	size_t next;
	bool sorted;
};

struct export_keys *export_keys_new(void) {
	struct export_keys *keys = calloc(1, sizeof *keys);
	if (keys != NULL) {
		keys->names = map_new();
	}
	if (keys == NULL || keys->names == NULL) {
		free(keys);
		return NULL;
	}
	return keys;
}

void export_keys_free(struct export_keys *keys) {
	if (keys == NULL) {
		return;
	}
	for (size_t i = 0; i < keys->count; i++) {
		buffer_release(&keys->kept[i].note);
		free(keys->kept[i].json);
	}
	free(keys->kept);
	map_free(keys->names, NULL);
	free(keys);
}

static enum error keep(void *argument, const struct noted *noted, struct failure *failure) {
	struct export_keys *keys = argument;
	if (!checked_note_is_there(&noted->note)) {
		return fail(failure, ERROR_MALFORMED, "the agency leaves out a note about a key");
	}
	if (keys->count == keys->room) {
		size_t room = keys->room == 0 ? 64 : 2 * keys->room;
		struct kept *more = reallocarray(keys->kept, room, sizeof *more);
		if (more == NULL) {
			return fail(failure, ERROR_NO_MEMORY, "out of memory");
		}
		keys->kept = more;
		keys->room = room;
	}
	json_t *object = noted_json(noted);
	struct kept *kept = &keys->kept[keys->count++];
	*kept = (struct kept){ .sequence = noted->sequence, .received = noted->received };
	buffer_init(&kept->note, SIGNED_NOTE_MAX);
	(void)buffer_append_slice(&kept->note, buffer_slice(&noted->note.bytes));
	kept->json = json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER);
	json_decref(object);
	return buffer_ok(&kept->note) && kept->json != NULL ? OK : fail(failure, ERROR_NO_MEMORY, "out of memory");
}

enum error export_keys_of(struct export_keys *keys, struct session *session, const char *account,
                          struct failure *failure) {
	if (map_find(keys->names, slice_of_text(account)) != NULL) {
		return OK;
	}
	if (!map_put(keys->names, slice_of_text(account), keys)) {
		return fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	keys->sorted = false;
	return notes_about_keys(session, account, keep, keys, failure);
}

static int compare(const void *left, const void *right) {
	const struct kept *a = left, *b = right;
	return (a->sequence > b->sequence) - (a->sequence < b->sequence);
}

bool export_keys_next(struct export_keys *keys, int64_t before, struct export_note *out) {
	if (!keys->sorted && keys->count > 0) {
		qsort(keys->kept, keys->count, sizeof keys->kept[0], compare);
		keys->sorted = true;
	}
	if (keys->next == keys->count || keys->kept[keys->next].sequence >= before) {
		return false;
	}
	const struct kept *kept = &keys->kept[keys->next++];
	*out = (struct export_note){ .sequence = kept->sequence,
		                         .received = kept->received,
		                         .note = buffer_slice(&kept->note),
		                         .json = kept->json };
	return true;
}

void export_keys_rewind(struct export_keys *keys) {
	keys->next = 0;
}

void export_keys_skip(struct export_keys *keys, int64_t sequence) {
	while (keys->next < keys->count && keys->kept[keys->next].sequence <= sequence) {
		keys->next++;
	}
}

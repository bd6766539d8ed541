/* Read cache, write set and undo log of a batch; see overlay.h. */
#include "store/overlay.h"

#include <assert.h>
#include <stdlib.h>

#define UNDO_SMALLEST 256

enum error overlay_init(struct overlay *overlay, size_t space_count, struct arena *arena, struct failure *failure) {
	assert(space_count <= SPACES_MAX);
	*overlay = (struct overlay){ .arena = arena };
	for (size_t i = 0; i < space_count; i++) {
		overlay->spaces[i] = map_new();
		if (overlay->spaces[i] == NULL) {
			return fail(failure, ERROR_NO_MEMORY, "no memory for the write set");
		}
		overlay->space_count++;
	}
	return OK;
}

void overlay_release(struct overlay *overlay) {
	for (size_t i = 0; i < overlay->space_count; i++) {
		map_free(overlay->spaces[i], NULL);
	}
	free(overlay->undo);
	*overlay = (struct overlay){ 0 };
}

void overlay_clear(struct overlay *overlay) {
	for (size_t i = 0; i < overlay->space_count; i++) {
		map_clear(overlay->spaces[i], NULL);
	}
	overlay->undo_count = 0;
}

struct overlay_entry *overlay_touch(struct overlay *overlay, size_t space, struct slice key) {
	struct overlay_entry *entry = map_get(overlay->spaces[space], key);
	if (entry != NULL) {
		return entry;
	}
	entry = arena_take(overlay->arena, sizeof *entry);
	if (entry == NULL) {
		return NULL;
	}
	*entry = (struct overlay_entry){ .version = { .state = STATE_UNKNOWN } };
	if (!arena_copy(overlay->arena, key, &entry->key) || !map_put(overlay->spaces[space], key, entry)) {
		return NULL;
	}
	return entry;
}

static struct overlay_version version_of(enum overlay_state state, const struct slice *value) {
	struct overlay_version version = { .state = state, .present = value != NULL };
	if (value != NULL) {
		version.value = *value;
	}
	return version;
}

void overlay_remember(struct overlay_entry *entry, const struct slice *value) {
	assert(entry->version.state == STATE_UNKNOWN);
	entry->version = version_of(STATE_READ, value);
}

static bool reserve_undo(struct overlay *overlay) {
	if (overlay->undo_count < overlay->undo_capacity) {
		return true;
	}
	size_t capacity = overlay->undo_capacity == 0 ? UNDO_SMALLEST : overlay->undo_capacity * 2;
	struct overlay_undo *undo = reallocarray(overlay->undo, capacity, sizeof *undo);
	if (undo == NULL) {
		return false;
	}
	overlay->undo = undo;
	overlay->undo_capacity = capacity;
	return true;
}

bool overlay_change(struct overlay *overlay, struct overlay_entry *entry, const struct slice *value) {
	if (!reserve_undo(overlay)) {
		return false;
	}
	overlay->undo[overlay->undo_count++] = (struct overlay_undo){ .entry = entry, .before = entry->version };
	entry->version = version_of(STATE_WRITTEN, value);
	return true;
}

size_t overlay_mark(const struct overlay *overlay) {
	return overlay->undo_count;
}

void overlay_undo_to(struct overlay *overlay, size_t mark) {
	assert(mark <= overlay->undo_count);
	while (overlay->undo_count > mark) {
		const struct overlay_undo *last = &overlay->undo[--overlay->undo_count];
		last->entry->version = last->before;
	}
}

static bool is_written(const struct map_entry *at) {
	const struct overlay_entry *entry = at->value;
	return entry->version.state == STATE_WRITTEN;
}

static struct map_entry *skip_read(struct map_entry *at, bool backward) {
	while (at != NULL && !is_written(at)) {
		at = backward ? map_previous(at) : map_next(at);
	}
	return at;
}

struct map_entry *overlay_seek(const struct overlay *overlay, size_t space, struct slice bound, bool backward) {
	const struct map *map = overlay->spaces[space];
	struct map_entry *at;
	if (bound.size == 0) {
		at = backward ? map_last(map) : map_first(map);
	} else {
		at = backward ? map_before(map, bound) : map_at_or_after(map, bound);
	}
	return skip_read(at, backward);
}

struct map_entry *overlay_step(struct map_entry *at, bool backward) {
	return skip_read(backward ? map_previous(at) : map_next(at), backward);
}

bool overlay_changes(const struct overlay *overlay, size_t space, struct change **changes, size_t *count) {
	*count = 0;
	*changes = arena_take(overlay->arena, map_size(overlay->spaces[space]) * sizeof **changes);
	if (*changes == NULL) {
		return false;
	}
	struct map_entry *at = overlay_seek(overlay, space, slice_of(NULL, 0), false);
	while (at != NULL) {
		const struct overlay_entry *entry = at->value;
		(*changes)[(*count)++] = (struct change){
			.entry = { .key = entry->key, .value = entry->version.value },
			.put = entry->version.present,
		};
		at = overlay_step(at, false);
	}
	return true;
}

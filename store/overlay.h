/* What a batch has read and changed so far, above the engine: read cache, ordered write set and undo log.
 *
 * Every key that was touched has one entry here, with the state in which the transaction sees it. A change writes the
 * former state to the log first, so undoing is to put states back, and a mark is a position in the log. An entry whose
 * change was undone goes back to what it was, which may be "unknown": not read yet.
 *
 *   unknown ──remember──► read ──change──► written        undo: back along the log
 *      └───────────────change───────────────►┘ */
#ifndef TROTH_STORE_OVERLAY_H
#define TROTH_STORE_OVERLAY_H

#include "base/error.h"
#include "base/map.h"
#include "store/arena.h"
#include "store/engine.h"

enum overlay_state { STATE_UNKNOWN, STATE_READ, STATE_WRITTEN };

struct overlay_version {
	enum overlay_state state;
	bool present;       /* or else: there is no such entry */
	struct slice value; /* if present */
};

struct overlay_entry {
	struct slice key;
	struct overlay_version version;
};

struct overlay_undo {
	struct overlay_entry *entry;
	struct overlay_version before;
};

struct overlay {
	struct map *spaces[SPACES_MAX]; /* encoded key -> struct overlay_entry, which lies in the arena */
	size_t space_count;
	struct arena *arena;       /* borrowed */
	struct overlay_undo *undo; /* the log, oldest first */
	size_t undo_count, undo_capacity;
};

/* Keys and values will live in `arena`. ERROR_NO_MEMORY. Release with overlay_release, also after an error. */
enum error overlay_init(struct overlay *overlay, size_t space_count, struct arena *arena, struct failure *failure);
void overlay_release(struct overlay *overlay);

/* Forgets everything; to be called before the arena is cleared. */
void overlay_clear(struct overlay *overlay);

/* The entry of a key (copied), unknown if it has not been touched. NULL if memory is out. */
struct overlay_entry *overlay_touch(struct overlay *overlay, size_t space, struct slice key);

/* Sets the state of an entry: as read from the engine, or changed, where false means that memory is out and nothing
 * has changed. `value` is borrowed until the transaction ends; NULL stands for "not present". */
void overlay_remember(struct overlay_entry *entry, const struct slice *value);
bool overlay_change(struct overlay *overlay, struct overlay_entry *entry, const struct slice *value);

size_t overlay_mark(const struct overlay *overlay);
void overlay_undo_to(struct overlay *overlay, size_t mark);

/* A walk over the written entries of a space, in order. Bounds as in engine.h. */
struct map_entry *overlay_seek(const struct overlay *overlay, size_t space, struct slice bound, bool backward);
struct map_entry *overlay_step(struct map_entry *at, bool backward);

/* The written entries of a space as sorted changes, in memory of the arena. False if memory is out. */
bool overlay_changes(const struct overlay *overlay, size_t space, struct change **changes, size_t *count);

#endif

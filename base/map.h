/* An ordered map from byte strings to pointers: Troth's one container.
 *
 * It serves as table (map_get), as sorted set (map_first, map_after) and, with keys that begin with a big-endian time,
 * as queue of timers. Keys are compared bytewise, a prefix before what it begins. All operations take O(log n), for
 * any keys, so a peer that chooses keys cannot slow it down. The red-black tree is BSD's <sys/tree.h>. */
#ifndef TROTH_BASE_MAP_H
#define TROTH_BASE_MAP_H

#include "base/slice.h"

struct map;

/* One entry. `key` is the map's own copy; `value` is the caller's. Valid until the entry is removed. */
struct map_entry {
	struct slice key;
	void *value;
};

/* An empty map, or NULL if memory is out. Caller frees with map_free. */
struct map *map_new(void);

/* Frees the map and its entries, after `free_value` (may be NULL) of each value. `map` may be NULL. */
void map_free(struct map *map, void (*free_value)(void *));

/* Removes all entries, after `free_value` (may be NULL) of each value. */
void map_clear(struct map *map, void (*free_value)(void *));

size_t map_size(const struct map *map);

/* The value under `key`, or NULL. */
void *map_get(const struct map *map, struct slice key);

/* The entry under `key`, or NULL. The caller may change its `value`. */
struct map_entry *map_find(const struct map *map, struct slice key);

/* Puts `value` under `key` (copied). False if the key is there already, or memory is out: nothing has changed. */
bool map_put(struct map *map, struct slice key, void *value);

/* The same, and returns the entry; NULL where map_put is false. */
struct map_entry *map_add(struct map *map, struct slice key, void *value);

/* Removes `key` and returns its value, or NULL if it is not there. */
void *map_remove(struct map *map, struct slice key);

/* Removes an entry of this map without a search for it, and returns its value. */
void *map_remove_entry(struct map *map, struct map_entry *entry);

/* The first entry, the last, the first with a key >= / > `key`, the last with a key < `key`; NULL if there is none. */
struct map_entry *map_first(const struct map *map);
struct map_entry *map_last(const struct map *map);
struct map_entry *map_at_or_after(const struct map *map, struct slice key);
struct map_entry *map_after(const struct map *map, struct slice key);
struct map_entry *map_before(const struct map *map, struct slice key);

/* The neighbours of an entry, in O(1) on average; NULL at the ends. */
struct map_entry *map_next(struct map_entry *entry);
struct map_entry *map_previous(struct map_entry *entry);

#endif

/* The ordered map over BSD's red-black tree; the only user of <bsd/sys/tree.h>. */
#include "base/map.h"

#include <stdlib.h>

#define __unused __attribute__((unused)) /* BSD spelling, which <bsd/sys/tree.h> expects */
#include <bsd/sys/tree.h>

struct node {
	struct map_entry entry; /* first, so that an entry leads back to its node */
	RB_ENTRY(node) link;
	uint8_t key[];
};

RB_HEAD(tree, node);

struct map {
	struct tree tree;
	size_t size;
};

static int compare(struct node *a, struct node *b) {
	return slice_compare(a->entry.key, b->entry.key);
}

RB_GENERATE_STATIC(tree, node, link, compare)

/* The tree's macros take no const head; none of the look-ups below changes it. */
static struct tree *tree_of(const struct map *map) {
	return &((struct map *)(uintptr_t)map)->tree;
}

static struct map_entry *entry_of(struct node *node) {
	return node == NULL ? NULL : &node->entry;
}

struct map *map_new(void) {
	struct map *map = calloc(1, sizeof *map);
	if (map != NULL) {
		RB_INIT(&map->tree);
	}
	return map;
}

void map_free(struct map *map, void (*free_value)(void *)) {
	if (map != NULL) {
		map_clear(map, free_value);
		free(map);
	}
}

void map_clear(struct map *map, void (*free_value)(void *)) {
	struct node *node = RB_MIN(tree, &map->tree);
	while (node != NULL) {
		struct node *next = RB_NEXT(tree, &map->tree, node);
		(void)RB_REMOVE(tree, &map->tree, node);
		if (free_value != NULL) {
			free_value(node->entry.value);
		}
		free(node);
		node = next;
	}
	map->size = 0;
}

size_t map_size(const struct map *map) {
	return map->size;
}

static struct node *find(const struct map *map, struct slice key) {
	struct node probe = { .entry = { .key = key } };
	return RB_FIND(tree, tree_of(map), &probe);
}

void *map_get(const struct map *map, struct slice key) {
	struct node *node = find(map, key);
	return node == NULL ? NULL : node->entry.value;
}

struct map_entry *map_find(const struct map *map, struct slice key) {
	return entry_of(find(map, key));
}

struct map_entry *map_add(struct map *map, struct slice key, void *value) {
	if (key.size > SIZE_MAX - sizeof(struct node)) {
		return NULL;
	}
	struct node *node = malloc(sizeof *node + key.size);
	if (node == NULL) {
		return NULL;
	}
	if (key.size > 0) {
		memcpy(node->key, key.data, key.size);
	}
	node->entry = (struct map_entry){ .key = slice_of(node->key, key.size), .value = value };
	if (RB_INSERT(tree, &map->tree, node) != NULL) {
		free(node);
		return NULL;
	}
	map->size++;
	return &node->entry;
}

bool map_put(struct map *map, struct slice key, void *value) {
	return map_add(map, key, value) != NULL;
}

void *map_remove(struct map *map, struct slice key) {
	struct node *node = find(map, key);
	return node == NULL ? NULL : map_remove_entry(map, &node->entry);
}

void *map_remove_entry(struct map *map, struct map_entry *entry) {
	struct node *node = (struct node *)entry;
	void *value = entry->value;
	(void)RB_REMOVE(tree, &map->tree, node);
	free(node);
	map->size--;
	return value;
}

struct map_entry *map_first(const struct map *map) {
	return entry_of(RB_MIN(tree, tree_of(map)));
}

struct map_entry *map_last(const struct map *map) {
	return entry_of(RB_MAX(tree, tree_of(map)));
}

struct map_entry *map_at_or_after(const struct map *map, struct slice key) {
	struct node probe = { .entry = { .key = key } };
	return entry_of(RB_NFIND(tree, tree_of(map), &probe));
}

struct map_entry *map_after(const struct map *map, struct slice key) {
	struct map_entry *entry = map_at_or_after(map, key);
	if (entry != NULL && slice_equal(entry->key, key)) {
		entry = map_next(entry);
	}
	return entry;
}

struct map_entry *map_before(const struct map *map, struct slice key) {
	struct map_entry *entry = map_at_or_after(map, key);
	return entry == NULL ? map_last(map) : map_previous(entry);
}

struct map_entry *map_next(struct map_entry *entry) {
	return entry_of(RB_NEXT(tree, NULL, (struct node *)entry));
}

struct map_entry *map_previous(struct map_entry *entry) {
	return entry_of(RB_PREV(tree, NULL, (struct node *)entry));
}

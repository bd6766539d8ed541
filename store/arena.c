/* The arena: a list of chunks, filled from the front; see arena.h. */
#include "store/arena.h"

#include <stdalign.h>
#include <stdlib.h>

#define CHUNK_SIZE 65536 /* below glibc's mmap threshold, so that chunks are reused without a system call */
#define ALIGNMENT alignof(max_align_t)

struct arena_chunk {
	struct arena_chunk *older;
	size_t capacity;
	size_t used;
	alignas(ALIGNMENT) uint8_t bytes[];
};

void arena_init(struct arena *arena, size_t maximum) {
	*arena = (struct arena){ .maximum = maximum };
}

static bool add_chunk(struct arena *arena, size_t needed) {
	size_t capacity = needed > CHUNK_SIZE ? needed : CHUNK_SIZE;
	struct arena_chunk *chunk = malloc(sizeof *chunk + capacity);
	if (chunk == NULL) {
		return false;
	}
	chunk->older = arena->newest;
	chunk->capacity = capacity;
	chunk->used = 0;
	arena->newest = chunk;
	return true;
}

void *arena_take(struct arena *arena, size_t size) {
	if (size > arena->maximum - arena->taken) {
		return NULL;
	}
	size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	struct arena_chunk *chunk = arena->newest;
	if (chunk == NULL || rounded > chunk->capacity - chunk->used) {
		if (!add_chunk(arena, rounded)) {
			return NULL;
		}
		chunk = arena->newest;
	}
	void *memory = chunk->bytes + chunk->used;
	chunk->used += rounded;
	arena->taken += size;
	return memory;
}

bool arena_copy(struct arena *arena, struct slice bytes, struct slice *out) {
	uint8_t *copy = arena_take(arena, bytes.size);
	if (copy == NULL) {
		return false;
	}
	if (bytes.size > 0) {
		memcpy(copy, bytes.data, bytes.size);
	}
	*out = slice_of(copy, bytes.size);
	return true;
}

static void free_down_to(struct arena *arena, const struct arena_chunk *kept) {
	while (arena->newest != kept) {
		struct arena_chunk *older = arena->newest->older;
		free(arena->newest);
		arena->newest = older;
	}
}

void arena_clear(struct arena *arena) {
	struct arena_chunk *oldest = arena->newest;
	while (oldest != NULL && oldest->older != NULL) {
		oldest = oldest->older;
	}
	free_down_to(arena, oldest);
	if (oldest != NULL) {
		oldest->used = 0;
	}
	arena->taken = 0;
}

void arena_release(struct arena *arena) {
	free_down_to(arena, NULL);
	arena_init(arena, arena->maximum);
}

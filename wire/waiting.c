/* Three maps over the same requests; see waiting.h. Keys are numbers in big endian, so that they sort. */
#include "wire/waiting.h"

#include <stdlib.h>

#include "base/entropy.h"
#include "base/map.h"

#define PREFIX_SIZE 16
#define NUMBER_SIZE 8

_Static_assert(PREFIX_SIZE + NUMBER_SIZE == WAITING_ID_SIZE, "the parts of an id");

struct waiting {
	struct map *by_number; /* number */
	struct map *by_time;   /* due_ms, number */
	struct map *unsent;    /* number: the oldest goes out first */
	uint64_t last_number;
	uint8_t prefix[PREFIX_SIZE];
};

struct key {
	uint8_t bytes[2 * NUMBER_SIZE];
};

static void write_number(uint8_t out[NUMBER_SIZE], uint64_t number) {
	for (size_t i = 0; i < NUMBER_SIZE; i++) {
		out[i] = (uint8_t)(number >> (56 - 8 * i));
	}
}

static struct slice number_key(struct key *key, uint64_t number) {
	write_number(key->bytes, number);
	return slice_of(key->bytes, NUMBER_SIZE);
}

/* Times are never negative: they come from a clock that starts at 0. */
static struct slice time_key(struct key *key, const struct pending *pending) {
	write_number(key->bytes, (uint64_t)pending->due_ms);
	write_number(key->bytes + NUMBER_SIZE, pending->number);
	return slice_of(key->bytes, sizeof key->bytes);
}

struct waiting *waiting_new(void) {
	struct waiting *waiting = calloc(1, sizeof *waiting);
	if (waiting == NULL) {
		return NULL;
	}
	waiting->by_number = map_new();
	waiting->by_time = map_new();
	waiting->unsent = map_new();
	if (waiting->by_number == NULL || waiting->by_time == NULL || waiting->unsent == NULL) {
		waiting_free(waiting);
		return NULL;
	}
	entropy_fill(waiting->prefix, PREFIX_SIZE);
	return waiting;
}

static void free_value(void *value) {
	pending_free(value);
}

void waiting_free(struct waiting *waiting) {
	if (waiting != NULL) {
		map_free(waiting->unsent, NULL);
		map_free(waiting->by_time, NULL);
		map_free(waiting->by_number, free_value);
		free(waiting);
	}
}

struct pending *pending_new(void) {
	struct pending *pending = calloc(1, sizeof *pending);
	if (pending != NULL) {
		message_init(&pending->request);
	}
	return pending;
}

void pending_free(struct pending *pending) {
	if (pending != NULL) {
		message_release(&pending->request);
		free(pending);
	}
}

void waiting_write_id(const struct waiting *waiting, uint64_t number, uint8_t out[WAITING_ID_SIZE]) {
	memcpy(out, waiting->prefix, PREFIX_SIZE);
	write_number(out + PREFIX_SIZE, number);
}

uint64_t waiting_next_number(const struct waiting *waiting) {
	return waiting->last_number + 1;
}

bool waiting_add(struct waiting *waiting, struct pending *pending, int64_t due_ms) {
	struct key key;
	pending->number = waiting_next_number(waiting);
	pending->due_ms = due_ms;
	pending->unsent = false;
	if (map_put(waiting->by_number, number_key(&key, pending->number), pending) &&
	    map_put(waiting->by_time, time_key(&key, pending), pending) && waiting_set_unsent(waiting, pending, true)) {
		waiting->last_number = pending->number;
		return true;
	}
	waiting_remove(waiting, pending);
	return false;
}

void waiting_remove(struct waiting *waiting, struct pending *pending) {
	struct key key;
	(void)map_remove(waiting->by_number, number_key(&key, pending->number));
	(void)map_remove(waiting->by_time, time_key(&key, pending));
	(void)waiting_set_unsent(waiting, pending, false);
}

bool waiting_set_due(struct waiting *waiting, struct pending *pending, int64_t due_ms) {
	struct key key;
	(void)map_remove(waiting->by_time, time_key(&key, pending));
	pending->due_ms = due_ms;
	return map_put(waiting->by_time, time_key(&key, pending), pending);
}

bool waiting_set_unsent(struct waiting *waiting, struct pending *pending, bool unsent) {
	struct key key;
	if (pending->unsent == unsent) {
		return true;
	}
	if (unsent && !map_put(waiting->unsent, number_key(&key, pending->number), pending)) {
		return false;
	}
	if (!unsent) {
		(void)map_remove(waiting->unsent, number_key(&key, pending->number));
	}
	pending->unsent = unsent;
	return true;
}

static struct pending *value_of(const struct map_entry *entry) {
	return entry == NULL ? NULL : entry->value;
}

struct pending *waiting_find(const struct waiting *waiting, struct slice id) {
	if (id.size != WAITING_ID_SIZE || memcmp(id.data, waiting->prefix, PREFIX_SIZE) != 0) {
		return NULL;
	}
	return map_get(waiting->by_number, slice_of(id.data + PREFIX_SIZE, NUMBER_SIZE));
}

struct pending *waiting_first_due(const struct waiting *waiting) {
	return value_of(map_first(waiting->by_time));
}

struct pending *waiting_first_unsent(const struct waiting *waiting) {
	return value_of(map_first(waiting->unsent));
}

size_t waiting_count(const struct waiting *waiting) {
	return map_size(waiting->by_number);
}

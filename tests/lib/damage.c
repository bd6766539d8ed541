/* Damage to single records of a store; see damage.h. */
#include "tests/lib/damage.h"

#include <errno.h>

#include "store/transaction.h"
#include "tests/lib/stop.h"

static void must(enum error error, const char *what) {
	if (error != OK) {
		errno = 0;
		stop("%s: %s", what, error_word(error));
	}
}

static struct key key_of(const struct damage *damage) {
	struct cell cell = cell_number(damage->number);
	struct key key;
	must(key_encode(&key, damage->table, STORE_BY_KEY, &cell, 1, NULL), "the key");
	return key;
}

/* Past the checksum and the indexes. NULL: no record. `value` is borrowed until the transaction ends. */
static void write_raw(struct tx *tx, const struct damage *damage, const struct slice *value) {
	struct overlay *overlay = &tx->store->overlay;
	struct key key = key_of(damage);
	size_t space = space_of(tx->store, damage->table, STORE_BY_KEY);
	struct overlay_entry *entry = overlay_touch(overlay, space, key_slice(&key));
	if (entry == NULL || !overlay_change(overlay, entry, value)) {
		stop("out of memory");
	}
}

static enum error plant(struct tx *tx, void *argument, struct failure *failure) {
	struct damage *damage = argument;
	struct cell cell = cell_number(damage->number);
	struct key key = key_of(damage);
	struct slice kept, value;
	struct record record;
	bool present = false;
	size_t space = space_of(tx->store, damage->table, STORE_BY_KEY);
	must(tx_load(tx, space, key_slice(&key), &kept, &value, &present, failure), "the record");
	must(present ? OK : ERROR_NOT_FOUND, "the record");
	buffer_clear(&damage->before);
	(void)buffer_append_slice(&damage->before, value);
	if (damage->fault == FAULT_GONE) {
		write_raw(tx, damage, NULL);
		return OK;
	}
	if (damage->fault == FAULT_CHECKSUM) {
		must(arena_copy(&tx->store->arena, value, &value) ? OK : ERROR_NO_MEMORY, "the record");
		((uint8_t *)(uintptr_t)value.data)[value.size - 1] ^= 1;
		write_raw(tx, damage, &value);
		return OK;
	}
	must(tx_get(tx, damage->table, &cell, &record, failure), "the record");
	record.body = slice_of_text(damage->fault == FAULT_VERSION ? "\x09 of later" : "\x01 of nothing");
	return tx_put(tx, damage->table, &record, failure);
}

void damage_plant(struct store *store, struct damage *damage) {
	buffer_init(&damage->before, RECORD_MAX);
	must(store_write(store, plant, damage, NULL), "planting");
}

static enum error mend(struct tx *tx, void *argument, struct failure *failure) {
	const struct damage *damage = argument;
	struct slice value = buffer_slice(&damage->before);
	(void)failure;
	write_raw(tx, damage, &value);
	return OK;
}

void damage_mend(struct store *store, struct damage *damage) {
	must(store_write(store, mend, damage, NULL), "mending");
	buffer_release(&damage->before);
}

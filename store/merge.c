/* Walks over a space in either direction, in which the batch's own changes are seen already; see transaction.h. */
#include "store/transaction.h"

enum error bounds_of_range(struct bounds *bounds, const struct table *table, int index, const struct range *range,
                           struct failure *failure) {
	enum error error = key_encode(&bounds->from, table, index, range->from, range->from_count, failure);
	if (error == OK) {
		error = key_encode(&bounds->to, table, index, range->to, range->to_count, failure);
	}
	bounds->bounded = range->to_count > 0;
	bounds->empty = false;
	if (error == OK && range->after && !range->reverse && range->from_count > 0) {
		bounds->empty = !key_pass_prefix(&bounds->from);
	}
	/* `to` includes what begins with it, so the first key that is out comes behind all of these, unless `after` leaves
	 * them out. If there is nothing behind them the end is open. */
	if (error == OK && bounds->bounded && !(range->after && range->reverse)) {
		bounds->bounded = key_pass_prefix(&bounds->to);
	}
	return error;
}

/* Takes over what a seek or step of the cursor has found. */
static enum error found(struct merge *merge, enum error error) {
	merge->stored_left = error == OK;
	return error == ERROR_NOT_FOUND ? OK : error;
}

enum error merge_open(struct merge *merge, struct tx *tx, size_t space, const struct bounds *bounds, bool backward,
                      struct failure *failure) {
	const struct store *store = tx->store;
	*merge = (struct merge){ .tx = tx, .bounds = bounds, .backward = backward };
	if (bounds->empty) {
		return OK;
	}
	struct slice bound = key_slice(&bounds->from);
	if (backward) {
		bound = bounds->bounded ? key_slice(&bounds->to) : slice_of(NULL, 0);
	}
	enum error error = store->engine->cursor_open(store->state, space, &merge->cursor, failure);
	if (error != OK) {
		return error;
	}
	if (tx->writing) {
		merge->written = overlay_seek(&store->overlay, space, bound, backward);
	}
	return found(merge, store->engine->cursor_seek(merge->cursor, bound, backward, &merge->stored, failure));
}

static bool is_within(const struct merge *merge, struct slice key) {
	const struct bounds *bounds = merge->bounds;
	if (merge->backward) {
		return slice_compare(key, key_slice(&bounds->from)) >= 0;
	}
	return !bounds->bounded || slice_compare(key, key_slice(&bounds->to)) < 0;
}

/* Negative if the engine's entry is next, positive if the written one is, 0 if they have the same key. */
static int order_of_next(const struct merge *merge) {
	if (merge->written == NULL || !merge->stored_left) {
		return merge->written == NULL ? -1 : 1;
	}
	int order = slice_compare(merge->stored.key, merge->written->key);
	return merge->backward ? -order : order;
}

enum error merge_next(struct merge *merge, struct entry *entry, struct failure *failure) {
	const struct engine *engine = merge->tx->store->engine;
	while (merge->stored_left || merge->written != NULL) {
		int order = order_of_next(merge);
		bool present = true;
		*entry = merge->stored;
		if (order >= 0) {
			const struct overlay_entry *written = merge->written->value;
			*entry = (struct entry){ .key = written->key, .value = written->version.value };
			present = written->version.present;
			merge->written = overlay_step(merge->written, merge->backward);
		}
		if (!is_within(merge, entry->key)) {
			break;
		}
		if (order <= 0) {
			enum error error = engine->cursor_step(merge->cursor, merge->backward, &merge->stored, failure);
			error = found(merge, error);
			if (error != OK) {
				return error;
			}
		}
		if (present) {
			return OK;
		}
	}
	merge->stored_left = false;
	merge->written = NULL;
	return ERROR_NOT_FOUND;
}

void merge_close(struct merge *merge) {
	if (merge->cursor != NULL) {
		merge->tx->store->engine->cursor_close(merge->cursor);
		merge->cursor = NULL;
	}
}

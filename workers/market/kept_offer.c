/* The offer that was parsed last; see kept_offer.h. */
#include "workers/market/kept_offer.h"

#include <stdlib.h>
#include <string.h>

struct kept_offer {
	bool any;
	uint8_t id[FIELD_HASH_SIZE];
	struct buffer text; /* to which the note's slices point */
	struct note note;
};

struct kept_offer *kept_offer_new(void) {
	struct kept_offer *kept = calloc(1, sizeof *kept);
	if (kept != NULL) {
		buffer_init(&kept->text, NOTE_TEXT_MAX);
	}
	return kept;
}

void kept_offer_free(struct kept_offer *kept) {
	if (kept != NULL) {
		buffer_release(&kept->text);
		free(kept);
	}
}

/* A note has room for far more values than it holds. */
static void copy_note(const struct note *note, struct note *out) {
	out->kind = note->kind;
	out->origin = note->origin;
	out->text = note->text;
	out->count = note->count;
	memcpy(out->values, note->values, note->count * sizeof note->values[0]);
}

bool kept_offer_get(const struct kept_offer *kept, const uint8_t id[FIELD_HASH_SIZE], struct note *out) {
	if (!kept->any || memcmp(kept->id, id, FIELD_HASH_SIZE) != 0) {
		return false;
	}
	copy_note(&kept->note, out);
	return true;
}

enum error kept_offer_put(struct kept_offer *kept, const uint8_t id[FIELD_HASH_SIZE], struct slice text,
                          const char *origin, struct note *out, struct failure *failure) {
	kept->any = false;
	buffer_clear(&kept->text);
	if (!buffer_append_slice(&kept->text, text)) {
		return fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	enum error error = note_parse(buffer_slice(&kept->text), origin, &kept->note, failure);
	if (error == OK) {
		memcpy(kept->id, id, FIELD_HASH_SIZE);
		kept->any = true;
		copy_note(&kept->note, out);
	}
	return error;
}

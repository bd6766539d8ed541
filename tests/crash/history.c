/* Notes and answers; see history.h. */
#include "tests/crash/history.h"

#include <inttypes.h>
#include <stdlib.h>

#include "tests/crash/report.h"
#include "tests/lib/stop.h"

#define ROOM_FIRST 1024

void history_init(struct history *history) {
	*history = (struct history){ .by_id = map_new() };
	if (history->by_id == NULL) {
		stop("out of memory");
	}
}

void history_release(struct history *history) {
	for (size_t i = 0; i < history->count; i++) {
		buffer_release(&history->notes[i]->bytes);
		free(history->notes[i]);
	}
	free(history->notes);
	free(history->refusals);
	map_free(history->by_id, NULL);
}

/* Makes room for one more item. */
static void *grown(void *items, size_t used, size_t *room, size_t size) {
	if (used < *room) {
		return items;
	}
	*room = *room == 0 ? ROOM_FIRST : 2 * *room;
	void *more = reallocarray(items, *room, size);
	if (more == NULL) {
		stop("out of memory");
	}
	return more;
}

struct sent_note *history_add(struct history *history, enum kind_id kind, struct buffer *bytes) {
	struct sent_note *note = calloc(1, sizeof *note);
	if (note == NULL || !buffer_ok(bytes)) {
		stop("out of memory");
	}
	note->kind = kind;
	note->bytes = *bytes;
	buffer_init(bytes, bytes->maximum); /* transferred */
	note_id_of(buffer_slice(&note->bytes), note->id);
	if (!map_put(history->by_id, slice_of(note->id, HASH_SIZE), note)) {
		stop("out of memory, or the same note twice");
	}
	history->notes = grown(history->notes, history->count, &history->room, sizeof(struct sent_note *));
	history->notes[history->count++] = note;
	return note;
}

struct sent_note *history_find(const struct history *history, struct slice id) {
	return map_get(history->by_id, id);
}

static void take_refusal(struct history *history, struct sent_note *note, int64_t since, enum error code) {
	note->refused = true;
	history->refusals = grown(history->refusals, history->refused, &history->refusals_room, sizeof(struct refusal));
	history->refusals[history->refused++] = (struct refusal){ .note = note, .code = code, .since = since };
}

static void take_acknowledgement(struct history *history, struct sent_note *note, const struct outcome *outcome) {
	const struct kind *kind = kind_get(note->kind);
	if (!outcome->answered_same_note) {
		finding("a reply to a note of kind %s is about another note", kind->name);
	}
	if (kind->countersigned && !outcome->countersigned) {
		finding("the answered %s is not countersigned", kind->name);
	}
	if (note->sequence != 0 && note->sequence != outcome->sequence) {
		finding("a note of kind %s was acknowledged as %" PRId64 " and as %" PRId64, kind->name, note->sequence,
		        outcome->sequence);
	}
	history->repeated += note->sequence != 0;
	history->acknowledged += note->sequence == 0;
	note->sequence = outcome->sequence;
	history->newest = outcome->sequence > history->newest ? outcome->sequence : history->newest;
}

void history_take(struct history *history, struct sent_note *note, int64_t since, const struct outcome *outcome) {
	history->resent += outcome->tries > 1 ? outcome->tries - 1 : 0;
	history->longest_ns = outcome->waited_ns > history->longest_ns ? outcome->waited_ns : history->longest_ns;
	switch ((int)outcome->error) {
	case OK:
		take_acknowledgement(history, note, outcome);
		break;
	case ERROR_UNREACHABLE:
	case ERROR_NO_WORKER:
	case ERROR_BUSY:
		finding("a note of kind %s got no answer in %" PRId64 " ms, sent %u times: %s", kind_get(note->kind)->name,
		        outcome->waited_ns / 1000000, outcome->tries, error_word(outcome->error));
		break;
	default:
		take_refusal(history, note, since, outcome->error);
		break;
	}
}

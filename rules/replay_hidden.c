/* Ratings of which only the id is known: they are blind until both sides have rated. See replay.h. */
#include "rules/replay_parts.h"

#define BOTH_SIDES (BY_BRAND | BY_CREATOR)

enum error replay_hidden(struct replay *replay, const uint8_t id[FIELD_HASH_SIZE], int64_t sequence, int64_t received,
                         struct failure *failure) {
	enum error error = replay_check_place(replay, sequence, received, failure);
	if (error == ERROR_MALFORMED) {
		return error;
	}
	replay->sequence = sequence;
	if (error == OK && replay_find_seen(replay, id) != NULL) {
		error = fail(failure, ERROR_EXISTS, "the same note as one before");
	}
	if (error != OK) {
		return error;
	}
	struct seen *seen = replay_add_seen(replay, id, sequence);
	if (seen == NULL) {
		return replay_out_of_memory(failure);
	}
	seen->hidden = true;
	seen->received = received;
	return OK;
}

/* Whether a rating can have come then. Once one that can be seen is there, all can. */
static bool takes_rating(const struct replay_deal *deal, const struct seen *seen) {
	const struct deal *now = &deal->deal;
	bool in_time = now->deadline == DEADLINE_NONE || seen->received <= now->due;
	return deal->hidden == 0 && now->rated == 0 && in_time && seen->sequence > deal->last &&
	       (deal_events(now, BOTH_SIDES) & 1U << EVENT_RATE) != 0;
}

/* What the first rating changes, by the table: neither state nor deadline. Whose it is shows only with the second. */
void replay_take_hidden(const struct replay *replay, struct replay_deal *deal, const struct replay_input *input) {
	const struct value *after = note_find(input->note, "after");
	const struct seen *seen = after == NULL ? NULL : replay_find_seen(replay, after->bytes);
	struct deal *now = &deal->deal;
	if (seen != NULL && seen->hidden && takes_rating(deal, seen)) {
		memcpy(now->head, after->bytes, FIELD_HASH_SIZE);
		now->last = seen->received > now->last ? seen->received : now->last;
		now->amender = ROLE_COUNT;
		deal->hidden = seen->sequence;
		deal->last = seen->sequence;
		deal->notes++;
	}
	if (deal->hidden != 0 && input->note->kind->id == KIND_RATE) {
		now->rated |= BOTH_SIDES & ~(1U << note_get(input->note, "role")->word);
	}
}

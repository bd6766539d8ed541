/* The common way of commands; see act.h. */
#include "cli/act.h"

#include "cli/deal_view.h"
#include "cli/outcome.h"
#include "cli/queue.h"

enum error act_open(struct act *act, const struct settings *settings, enum act_need need, struct failure *failure) {
	*act = (struct act){ .settings = settings };
	enum error error = home_open(settings, &act->home, failure);
	if (error == OK && need == ACT_SIGNS) {
		error = home_unlock(&act->home, settings, failure);
	}
	if (error == OK && need != ACT_READS) {
		error = session_open(&act->session, &act->home, settings, failure);
	}
	return error;
}

void act_release(struct act *act) {
	parcel_release(&act->parcel);
	session_release(&act->session);
	home_release(&act->home);
}

enum error act_sign_text(struct act *act, struct slice text, struct failure *failure) {
	enum error error = outbox_confirm(act->settings, text, NULL, failure);
	return error == OK ? parcel_sign(&act->parcel, &act->home, text, true, failure) : error;
}

enum error act_sign_changed(struct act *act, struct slice text, struct slice before, struct failure *failure) {
	enum error error = outbox_confirm(act->settings, text, &before, failure);
	return error == OK ? parcel_sign(&act->parcel, &act->home, text, true, failure) : error;
}

/* Composes the note for the opened parcel, and signs it. */
static enum error sign_pairs(struct act *act, enum kind_id kind, const struct note_pair *pairs, size_t count,
                             struct failure *failure) {
	struct buffer text;
	buffer_init(&text, NOTE_TEXT_MAX);
	enum error error = outbox_compose(&act->home, kind, pairs, count, &text, failure);
	failure->line = 0; /* of a text that nobody has seen yet */
	if (error == OK) {
		error = act_sign_text(act, buffer_slice(&text), failure);
	}
	buffer_release(&text);
	return error;
}

enum error act_sign(struct act *act, struct slice purpose, enum kind_id kind, const struct note_pair *pairs,
                    size_t count, struct failure *failure) {
	enum error error = parcel_open(&act->parcel, &act->home, purpose, failure);
	return error != OK || parcel_is_signed(&act->parcel) ? error : sign_pairs(act, kind, pairs, count, failure);
}

enum error act_sign_latest(struct act *act, struct slice purpose, enum kind_id kind, const struct note_pair *pairs,
                           size_t count, struct failure *failure) {
	enum error error = parcel_open(&act->parcel, &act->home, purpose, failure);
	bool waits = parcel_is_signed(&act->parcel) && !parcel_is_accepted(&act->parcel, &act->home);
	return error != OK || waits ? error : sign_pairs(act, kind, pairs, count, failure);
}

/* The deal that a note belongs to, in hex; "" if it is no step of one. */
static void find_deal(const struct note *note, const uint8_t id[HASH_SIZE], char out[HASH_HEX_SIZE]) {
	const struct value *deal = note_find(note, "deal");
	out[0] = '\0';
	if (deal != NULL) {
		hex_encode(slice_of(deal->bytes, HASH_SIZE), out);
	} else if (note->kind->id == KIND_AGREEMENT && note_find(note, "amends") == NULL) {
		hex_encode(slice_of(id, HASH_SIZE), out);
	}
}

enum error act_tell(struct act *act, struct failure *failure) {
	struct checked_note answered = { .signed_by = 0 };
	struct deal_view view = { .sequence = 0 };
	char hex[HASH_HEX_SIZE] = "";
	struct failure ignored = { .code = OK }; /* the note is accepted, whatever comes of the question */
	bool knows_deal = false;
	enum error error = act_write_out(act->settings, act->receipt.note, failure);
	if (error == OK && checked_note_read(&answered, act->receipt.note, &act->home.join, &ignored) == OK) {
		act->receipt.note = buffer_slice(&answered.bytes); /* the question below overwrites the reply */
		find_deal(&answered.note, answered.id, hex);
	}
	if (hex[0] != '\0' && act->session.client != NULL) {
		knows_deal = deal_view_fetch(&act->session, hex, &view, &ignored) == OK;
	}
	if (error == OK) {
		outcome_print(act->settings, &act->home, &act->parcel, &act->receipt, knows_deal ? &view.deal : NULL);
	}
	act->receipt.note = slice_of(NULL, 0);
	deal_view_release(&view);
	checked_note_release(&answered);
	return error;
}

static enum error put_into_queue(struct act *act, struct failure *failure) {
	struct ticket ticket;
	enum error error = queue_put(&act->home, act->settings, &act->parcel, &ticket, failure);
	if (error != OK) {
		return error;
	}
	queue_say(act->settings, &ticket);
	return fail(failure, ERROR_QUEUED, "%s", "");
}

enum error act_finish(struct act *act, struct failure *failure) {
	if (act->settings->queue) {
		return put_into_queue(act, failure);
	}
	enum error error = parcel_send(&act->parcel, &act->session, &act->receipt, failure);
	if (error == OK) {
		return act_tell(act, failure);
	}
	struct failure trouble;
	if (error == ERROR_NO_WORKER && !act->settings->no_queue && put_into_queue(act, &trouble) == ERROR_QUEUED) {
		*failure = trouble;
		return ERROR_QUEUED;
	}
	return error;
}

enum error act_write_out(const struct settings *settings, struct slice note, struct failure *failure) {
	if (settings->out == NULL) {
		return OK;
	}
	if (strcmp(settings->out, "-") == 0) {
		(void)fwrite(note.data, 1, note.size, stdout);
		return OK;
	}
	return file_replace(settings->out, note, 0644, failure);
}

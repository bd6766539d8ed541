/* The common way of signing commands; see act.h. */
#include "cli/act.h"

enum error act_open(struct act *act, const struct settings *settings, struct failure *failure) {
	*act = (struct act){ .settings = settings };
	enum error error = home_open(settings, &act->home, failure);
	if (error == OK) {
		error = home_unlock(&act->home, settings, failure);
	}
	return error == OK ? session_open(&act->session, &act->home, settings, failure) : error;
}

void act_release(struct act *act) {
	parcel_release(&act->parcel);
	session_release(&act->session);
	home_release(&act->home);
}

enum error act_sign(struct act *act, struct slice purpose, enum kind_id kind, const struct note_pair *pairs,
                    size_t count, struct failure *failure) {
	struct buffer text;
	buffer_init(&text, NOTE_TEXT_MAX);
	enum error error = parcel_open(&act->parcel, &act->home, purpose, failure);
	bool known = parcel_is_signed(&act->parcel);
	if (error == OK && !known) {
		error = outbox_compose(&act->home, kind, pairs, count, &text, failure);
		failure->line = 0; /* of a text that nobody has seen yet */
	}
	if (error == OK && !known) {
		error = outbox_confirm(act->settings, buffer_slice(&text), failure);
	}
	if (error == OK && !known) {
		error = parcel_sign(&act->parcel, &act->home, buffer_slice(&text), true, failure);
	}
	buffer_release(&text);
	return error;
}

enum error act_send(struct act *act, struct failure *failure) {
	return parcel_send(&act->parcel, &act->session, &act->receipt, failure);
}

void act_report(const struct act *act, const char *sentence, json_t *more) {
	char id[ID_TEXT_SIZE];
	(void)print_id(slice_of(act->parcel.id, HASH_SIZE), id);
	if (act->settings->json) {
		json_t *object = json_pack("{s:s, s:I}", "id", id, "sequence", (json_int_t)act->receipt.sequence);
		if (more != NULL) {
			(void)json_object_update(object, more);
		}
		print_json(object);
	} else {
		(void)printf("%s\n%s\n", sentence, id);
	}
	json_decref(more);
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

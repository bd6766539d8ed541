/* Histories; see deal_notes.h. */
#include "cli/deal_notes.h"

#include "cli/act.h"
#include "cli/deal_view.h"
#include "cli/offer_view.h"
#include "rules/calendar.h"

enum error noted_read(const struct pack_value *item, const struct join *join, struct noted *out,
                      struct failure *failure) {
	struct slice id, kind, note;
	buffer_clear(&out->note.bytes);
	if (!pack_as_signed(pack_find(item, "sequence"), &out->sequence) ||
	    !pack_as_signed(pack_find(item, "received"), &out->received) || out->received < 0 ||
	    !pack_as_bytes(pack_find(item, "id"), &id) || id.size != HASH_SIZE ||
	    !pack_as_text(pack_find(item, "kind"), &kind) || kind_find(kind) == NULL) {
		return fail(failure, ERROR_MALFORMED, "the agency's answer is incomplete");
	}
	memcpy(out->id, id.data, HASH_SIZE);
	(void)slice_copy_text(kind, out->kind, sizeof out->kind);
	if (!pack_as_bytes(pack_find(item, "note"), &note)) {
		return OK;
	}
	enum error error = checked_note_read(&out->note, note, join, failure);
	if (error == OK && (memcmp(out->note.id, out->id, HASH_SIZE) != 0 || !slice_is(kind, out->note.note.kind->name))) {
		error = fail(failure, ERROR_MALFORMED, "the agency's answer is not the note that it says");
	}
	return error;
}

void noted_release(struct noted *noted) {
	checked_note_release(&noted->note);
}

struct reading {
	const struct join *join;
	struct noted noted;
	noted_visit visit;
	void *argument;
};

static enum error take_note(void *argument, const struct pack_value *item, struct failure *failure) {
	struct reading *reading = argument;
	enum error error = noted_read(item, reading->join, &reading->noted, failure);
	return error == OK ? reading->visit(reading->argument, &reading->noted, failure) : error;
}

static enum error read_notes(struct session *session, const struct session_word *word, noted_visit visit,
                             void *argument, struct failure *failure) {
	struct reading reading = { .join = &session->home->join, .visit = visit, .argument = argument };
	enum error error = session_pages(session, "notes", "after", word, word->text == NULL ? 0 : 1, SESSION_EVERYTHING,
	                                 take_note, &reading, failure);
	noted_release(&reading.noted);
	return error;
}

enum error notes_each(struct session *session, const char *deal, noted_visit visit, void *argument,
                      struct failure *failure) {
	const struct session_word word = { "deal", deal };
	return read_notes(session, &word, visit, argument, failure);
}

enum error notes_about_keys(struct session *session, const char *account, noted_visit visit, void *argument,
                            struct failure *failure) {
	const struct session_word word = { "party", account };
	return read_notes(session, &word, visit, argument, failure);
}

/* Who has signed a text that both sides may sign; bit 0 is the creator. */
static void append_consent(struct buffer *out, const struct checked_note *text) {
	static const char *const who[] = { "", "the creator", "the brand", "both sides" };
	(void)buffer_format(out, ": %s by %s%s", text->by_agency ? "signed" : "proposed", who[text->signed_by & 3],
	                    text->by_agency ? ", countersigned" : "");
}

/* The role of who took a step. */
static const char *role_of(const struct note *note) {
	enum role role = note->kind->signers[0].role;
	return note->kind->id == KIND_LAPSE ? "agency"
	       : role_words[role == ROLE_COUNT ? (enum role)note_word(note, "role", ROLE_BRAND) : role];
}

/* The kind, and who has taken the step. */
static void append_step(struct buffer *out, const struct noted *noted) {
	(void)buffer_append_text(out, noted->kind);
	if (!checked_note_is_there(&noted->note)) {
		(void)buffer_append_text(out, ": to be seen when both have rated");
	} else if (noted->note.note.kind->id == KIND_AGREEMENT) {
		append_consent(out, &noted->note);
	} else {
		(void)buffer_format(out, " by the %s", role_of(&noted->note.note));
	}
}

/* What was said by a person, or which deadline has passed. */
static bool is_said(const struct value *value) {
	return value->field->source == FIELD_FROM_AUTHOR || strcmp(value->field->key, "deadline") == 0;
}

static bool is_step(const struct noted *noted) {
	return checked_note_is_there(&noted->note) && noted->note.note.kind->id != KIND_AGREEMENT;
}

void noted_append_whole(struct buffer *out, const struct noted *noted) {
	append_step(out, noted);
	(void)buffer_append_text(out, "\n");
	for (size_t i = 0; is_step(noted) && i < noted->note.note.count; i++) {
		const struct value *value = &noted->note.note.values[i];
		if (is_said(value)) {
			(void)buffer_format(out, "  %s ", value->field->key);
			(void)buffer_append_slice(out, value->raw);
			(void)buffer_append_text(out, "\n");
		}
	}
}

void noted_append_words(struct buffer *out, const struct noted *noted) {
	size_t said = 0;
	append_step(out, noted);
	if (!is_step(noted)) {
		return;
	}
	if (noted->note.note.kind->id == KIND_OFFER) {
		return; /* its terms are those below */
	}
	for (size_t i = 0; i < noted->note.note.count; i++) {
		const struct value *value = &noted->note.note.values[i];
		if (is_said(value)) {
			struct slice raw = slice_cut(value->raw, 100);
			(void)buffer_format(out, "%s%.*s", said++ == 0 ? ": " : ", ", (int)raw.size, (const char *)raw.data);
		}
	}
}

json_t *noted_json(const struct noted *noted) {
	char id[ID_TEXT_SIZE], received[TIME_TEXT_SIZE];
	json_t *object = json_pack("{s:I, s:s, s:s, s:s}", "sequence", (json_int_t)noted->sequence, "received",
	                           time_format(noted->received, received), "kind", noted->kind, "id",
	                           print_id(slice_of(noted->id, HASH_SIZE), id));
	if (checked_note_is_there(&noted->note)) {
		(void)json_object_set_new(object, "values", note_json(&noted->note.note));
		(void)json_object_set_new(object, "note", json_of(buffer_slice(&noted->note.bytes)));
	}
	return object;
}

/* ---- troth deal notes ---- */

struct printing {
	json_t *list; /* NULL for people */
	size_t count;
};

static enum error print_note(void *argument, const struct noted *noted, struct failure *failure) {
	struct printing *printing = argument;
	char received[TIME_TEXT_SIZE];
	(void)failure;
	if (printing->list != NULL) {
		(void)json_array_append_new(printing->list, noted_json(noted));
		return OK;
	}
	(void)printf("%snote %lld, received %s", printing->count++ == 0 ? "" : "\n", (long long)noted->sequence,
	             time_format(noted->received, received));
	if (checked_note_is_there(&noted->note)) {
		struct slice note = buffer_slice(&noted->note.bytes);
		(void)printf("\n\n%.*s", (int)note.size, (const char *)note.data);
	} else {
		(void)printf(": a note of kind %s, not to be seen yet\n", noted->kind);
	}
	return OK;
}

enum error command_deal_notes(const struct invocation *call, struct failure *failure) {
	struct act act;
	struct deal_view view = { .sequence = 0 };
	struct printing printing = { .list = call->settings.json ? json_array() : NULL };
	char hex[HASH_HEX_SIZE];
	enum error error = act_open(&act, &call->settings, ACT_ASKS, failure);
	if (error == OK) {
		error = deal_view_fetch(&act.session, call->operands[0], &view, failure);
	}
	if (error == OK) {
		hex_encode(slice_of(view.deal.id, HASH_SIZE), hex);
		error = notes_each(&act.session, hex, print_note, &printing, failure);
	}
	if (error == OK && printing.list != NULL) {
		print_json(json_incref(printing.list));
	}
	json_decref(printing.list);
	deal_view_release(&view);
	act_release(&act);
	return error;
}

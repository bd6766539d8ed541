/* Accepted notes in words; see outcome.h. */
#include "cli/outcome.h"

#include <stdio.h>

#include "cli/print.h"

#define SENTENCE_MAX 1024

/* One account as a note names it: name and key, as text. */
struct who {
	char name[ACCOUNT_NAME_MAX], key[HASH_HEX_SIZE];
};

static struct who read_account(const struct note *note) {
	struct who who = { .name = "" };
	const struct party *party = &note_get(note, "account")->party;
	(void)slice_copy_text(party->name, who.name, sizeof who.name);
	hex_encode(slice_of(party->key, KEY_SIZE), who.key);
	return who;
}

static void say_value(struct buffer *out, const struct note *note, const char *key) {
	(void)buffer_append_slice(out, note_get(note, key)->raw);
}

static json_t *json_value(const struct note *note, const char *key) {
	return json_of(note_get(note, key)->raw);
}

static json_t *tell_enrol(const struct home *home, const struct note *note, struct buffer *out) {
	struct who who = read_account(note);
	(void)buffer_format(out, "%s has asked for an account as ", who.name);
	say_value(out, note, "role");
	(void)buffer_format(out, "; an operator of %s admits it.\nIts key is ed25519:%s", home->join.origin, who.key);
	return json_pack("{s:s, s:s}", "name", who.name, "key", who.key);
}

static json_t *tell_admit(const struct home *home, const struct note *note, struct buffer *out) {
	struct who who = read_account(note);
	(void)home;
	(void)buffer_format(out, "%s is admitted as ", who.name);
	say_value(out, note, "role");
	(void)buffer_format(out, ", with the key ed25519:%s", who.key);
	return json_pack("{s:s, s:b}", "name", who.name, "already", 0);
}

static json_t *tell_offer(const struct home *home, const struct note *note, struct buffer *out) {
	(void)home;
	(void)note;
	(void)buffer_append_text(out, "the offer is open");
	return NULL;
}

static json_t *tell_close(const struct home *home, const struct note *note, struct buffer *out) {
	(void)home;
	(void)buffer_append_text(out, "the offer ");
	say_value(out, note, "offer");
	(void)buffer_append_text(out, " is closed");
	return json_pack("{s:o}", "offer", json_value(note, "offer"));
}

static json_t *tell_agreement(const struct home *home, const struct note *note, struct buffer *out) {
	(void)home;
	(void)note;
	(void)buffer_append_text(out, "agreed: signed by you, countersigned by the agency");
	return NULL;
}

static json_t *tell_fund(const struct home *home, const struct note *note, struct buffer *out) {
	(void)home;
	say_value(out, note, "amount");
	(void)buffer_append_text(out, " is available to ");
	say_value(out, note, "brand");
	(void)buffer_append_text(out, " (");
	say_value(out, note, "reference");
	(void)buffer_append_text(out, ")");
	return json_pack("{s:o, s:o, s:o}", "brand", json_value(note, "brand"), "amount", json_value(note, "amount"),
	                 "reference", json_value(note, "reference"));
}

/* Appends the sentence and returns what JSON says besides the id: a new object or NULL. */
static const struct {
	enum kind_id kind;
	json_t *(*tell)(const struct home *home, const struct note *note, struct buffer *out);
} rows[] = {
	{ KIND_ENROL, tell_enrol }, { KIND_ADMIT, tell_admit },         { KIND_OFFER, tell_offer },
	{ KIND_CLOSE, tell_close }, { KIND_AGREEMENT, tell_agreement }, { KIND_FUND, tell_fund },
};

void outcome_print(const struct settings *settings, const struct home *home, const struct parcel *parcel,
                   const struct receipt *receipt) {
	struct signed_note split;
	struct note note;
	struct buffer sentence;
	char id[ID_TEXT_SIZE];
	json_t *more = NULL;
	buffer_init(&sentence, SENTENCE_MAX);
	if (signed_note_split(receipt->note, &split, NULL) == OK &&
	    note_parse(split.text, home->join.origin, &note, NULL) == OK) {
		for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
			more = rows[i].kind == note.kind->id ? rows[i].tell(home, &note, &sentence) : more;
		}
	}
	(void)print_id(slice_of(parcel->id, HASH_SIZE), id);
	const char *text = buffer_text(&sentence);
	if (settings->json) {
		json_t *object = json_pack("{s:s, s:I}", "id", id, "sequence", (json_int_t)receipt->sequence);
		(void)json_object_update(object, more);
		print_json(object);
	} else {
		(void)printf("%s\n%s\n", text == NULL || text[0] == '\0' ? "accepted" : text, id);
	}
	json_decref(more);
	buffer_release(&sentence);
}

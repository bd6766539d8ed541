/* Accepted notes in words; see outcome.h. */
#include "cli/outcome.h"

#include <stdio.h>

#include "base/clock.h"
#include "cli/checked_note.h"
#include "cli/deal_words.h"
#include "cli/print.h"
#include "rules/calendar.h"

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

/* Those whose kind says it all. */
static const struct {
	enum kind_id kind;
	const char *sentence;
} sentences[] = {
	{ KIND_SUSPEND, "the account's standing is changed" },
	{ KIND_REKEY, "the account has its new keys" },
	{ KIND_REVOKE, "the key is revoked" },
	{ KIND_PROFILE, "this is your profile now" },
	{ KIND_ATTEST, "the figures are attested" },
	{ KIND_REFUND, "what is available to the brand is less by this refund" },
	{ KIND_DECLINE, "declined" },
	{ KIND_SHIP, "recorded: the product is on its way" },
	{ KIND_RECEIVE, "recorded: the product has arrived" },
	{ KIND_SUBMIT, "handed in for review" },
	{ KIND_REVISE, "a revision is asked for" },
	{ KIND_APPROVE, "approved" },
	{ KIND_POST, "recorded: it is posted" },
	{ KIND_VERIFY, "recorded: what the agency has seen" },
	{ KIND_PAY, "recorded: paid out" },
	{ KIND_RATE, "rated; the other side sees it when both have rated, or the time is over" },
	{ KIND_CANCEL, "cancelled" },
	{ KIND_DISPUTE, "the agency is asked for a ruling" },
	{ KIND_RULING, "ruled" },
};

static const char *find_sentence(enum kind_id kind) {
	for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++) {
		if (sentences[i].kind == kind) {
			return sentences[i].sentence;
		}
	}
	return "";
}

/* Whether a text binds both sides stands in its signatures: the agency countersigns only what does. */
static void say_agreement(const struct home *home, const struct signed_note *split, const struct note *note,
                          struct buffer *out) {
	unsigned signed_by = 0;
	bool by_agency = false;
	(void)check_signatures(split, note, &home->join, &signed_by, &by_agency, NULL);
	if (by_agency) {
		(void)buffer_append_text(out, "agreed: signed by you, countersigned by the agency");
	} else {
		(void)buffer_append_text(out, note_find(note, "amends") != NULL
		    ? "proposed as an amendment; it holds when the other side has signed it too"
		    : "proposed; it binds when the other side has signed it too");
	}
}

static void say_deal(const struct deal *deal, json_t *object, struct buffer *out) {
	char id[ID_TEXT_SIZE], due[TIME_TEXT_SIZE];
	if (object == NULL) {
		(void)buffer_format(out, "\nthe deal is %s; ", deal_state_words[deal->state]);
		deal_append_next(out, deal, clock_wall_seconds());
		return;
	}
	(void)json_object_set_new(object, "deal", json_string(print_id(slice_of(deal->id, HASH_SIZE), id)));
	(void)json_object_set_new(object, "state", json_string(deal_state_words[deal->state]));
	if (deal->deadline != DEADLINE_NONE) {
		(void)json_object_set_new(object, "deadline", json_string(deadline_words[deal->deadline]));
		(void)json_object_set_new(object, "due", json_string(time_format(deal->due, due)));
	}
}

/* Appends the sentence and returns what JSON says besides the id: a new object or NULL. */
static const struct {
	enum kind_id kind;
	json_t *(*tell)(const struct home *home, const struct note *note, struct buffer *out);
} rows[] = {
	{ KIND_ENROL, tell_enrol }, { KIND_ADMIT, tell_admit },         { KIND_OFFER, tell_offer },
	{ KIND_CLOSE, tell_close }, { KIND_FUND, tell_fund },
};

void outcome_print(const struct settings *settings, const struct home *home, const struct parcel *parcel,
                   const struct receipt *receipt, const struct deal *deal) {
	struct signed_note split;
	struct note note;
	struct buffer sentence;
	char id[ID_TEXT_SIZE];
	json_t *more = NULL;
	buffer_init(&sentence, SENTENCE_MAX);
	if (signed_note_split(receipt->note, &split, NULL) == OK &&
	    note_parse(split.text, home->join.origin, &note, NULL) == OK) {
		if (note.kind->id == KIND_AGREEMENT) {
			say_agreement(home, &split, &note, &sentence);
		}
		(void)buffer_append_text(&sentence, find_sentence(note.kind->id));
		for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
			more = rows[i].kind == note.kind->id ? rows[i].tell(home, &note, &sentence) : more;
		}
	}
	(void)print_id(slice_of(parcel->id, HASH_SIZE), id);
	if (deal != NULL && !settings->json) {
		say_deal(deal, NULL, &sentence);
	}
	const char *text = buffer_text(&sentence);
	if (settings->json) {
		json_t *object = json_pack("{s:s, s:I}", "id", id, "sequence", (json_int_t)receipt->sequence);
		(void)json_object_update(object, more);
		if (deal != NULL) {
			say_deal(deal, object, NULL);
		}
		print_json(object);
	} else {
		(void)printf("%s\n%s\n", text == NULL || text[0] == '\0' ? "accepted" : text, id);
	}
	json_decref(more);
	buffer_release(&sentence);
}

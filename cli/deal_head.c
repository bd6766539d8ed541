/* Latest notes; see deal_head.h. */
#include "cli/deal_head.h"

#include "base/clock.h"
#include "cli/account_key.h"
#include "cli/deal_words.h"
#include "cli/step.h"

static bool same_id(const uint8_t a[HASH_SIZE], const uint8_t b[HASH_SIZE]) {
	return memcmp(a, b, HASH_SIZE) == 0;
}

/* Whether the table has a step of this kind after which a deal is in this state. */
static bool leads_to(const struct kind *kind, enum deal_state state) {
	uint32_t events = step_events(kind);
	size_t count = 0;
	const struct transition *rows = deal_transitions(&count);
	bool found = false;
	for (size_t i = 0; i < count && !found; i++) {
		bool there = rows[i].to == state || rows[i].to == DEAL_NONE; /* the latter: where it was before a dispute */
		found = there && (events & 1U << rows[i].event) != 0;
	}
	return found;
}

/* Whether the signer is this side of the deal; with a key that the text does not name, that is still to be proven. */
static bool is_side(const struct party *signer, const char *name, const uint8_t named[KEY_SIZE],
                    struct head_signer *unproven) {
	if (memcmp(signer->key, named, KEY_SIZE) == 0) {
		unproven->role = ROLE_COUNT;
	}
	return slice_is(signer->name, name);
}

/* checked_note_read has checked that the key that the note itself names has signed it. That says nothing of whose it
 * is: anyone can write a note with a key of his own in the name of another. */
static enum error judge_signer(const struct deal *deal, const struct head_keys *keys, const struct checked_note *head,
                               struct head_signer *unproven, struct failure *failure) {
	const struct note *note = &head->note;
	const struct signer *signer = &note->kind->signers[0];
	if (note->kind->id == KIND_LAPSE) {
		return head->by_agency ? OK : fail(failure, ERROR_WRONG_SIGNER, "the deal's latest note, a lapse, is not "
		                                   "signed by the agency's key in the join file");
	}
	const struct party *party = &note_get(note, signer->key)->party;
	enum role role = signer->role == ROLE_COUNT ? (enum role)note_word(note, "role", ROLE_COUNT) : signer->role;
	unproven->role = role;
	bool good = slice_copy_text(party->name, unproven->account, sizeof unproven->account) &&
	            note->kind->how == SIGNED_BY_ONE;
	memcpy(unproven->key, party->key, KEY_SIZE);
	if (role == ROLE_BRAND) {
		good = good && is_side(party, deal->brand, keys->brand, unproven);
	} else if (role == ROLE_CREATOR) {
		good = good && is_side(party, deal->creator, keys->creator, unproven);
	}
	return good ? OK : fail(failure, ERROR_WRONG_SIGNER, "the deal's latest note, a %s, is not of its brand or creator",
	                        note->kind->name);
}

struct head_keys deal_head_keys(const struct note *text) {
	struct head_keys keys;
	memcpy(keys.brand, note_get(text, "brand")->party.key, KEY_SIZE);
	memcpy(keys.creator, note_get(text, "creator")->party.key, KEY_SIZE);
	return keys;
}

enum error deal_head_judge(const struct deal *deal, const struct head_keys *keys, const struct noted *head,
                           struct head_signer *unproven, struct failure *failure) {
	unproven->role = ROLE_COUNT;
	const struct kind *kind = kind_find(slice_of_text(head->kind));
	bool is_hidden = !checked_note_is_there(&head->note);
	if (!same_id(head->id, deal->head) || kind == NULL || !leads_to(kind, deal->state) ||
	    (is_hidden && kind->id != KIND_RATE)) {
		return fail(failure, ERROR_MALFORMED, "the agency says that the deal is %s, but its latest note, a %s, does "
		            "not lead there; sign nothing, and ask the agency", deal_state_words[deal->state], head->kind);
	}
	if (is_hidden) {
		return OK;
	}
	const struct value *of = note_find(&head->note.note, "deal");
	if (of == NULL || !same_id(of->bytes, deal->id)) {
		return fail(failure, ERROR_MALFORMED, "the agency's answer is a note of another deal");
	}
	return judge_signer(deal, keys, &head->note, unproven, failure);
}

struct search {
	const struct deal_view *view;
	struct buffer *out;
	struct head_signer unproven;
	bool found;
};

static enum error take_note(void *argument, const struct noted *noted, struct failure *failure) {
	struct search *search = argument;
	if (!same_id(noted->id, search->view->deal.head)) {
		return OK;
	}
	search->found = true;
	noted_append_whole(search->out, noted);
	struct head_keys keys = deal_head_keys(&search->view->text.note);
	return deal_head_judge(&search->view->deal, &keys, noted, &search->unproven, failure);
}

/* Appends what the note says, once it is found and good. */
static enum error check_head(struct session *session, const struct deal_view *view, struct buffer *out,
                             struct failure *failure) {
	const struct checked_note *const texts[] = { &view->text, &view->draft };
	struct search search = { .view = view, .out = out, .unproven = { .role = ROLE_COUNT } };
	char hex[HASH_HEX_SIZE];
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (checked_note_is_there(texts[i]) && same_id(texts[i]->id, view->deal.head)) {
			struct noted noted = { .kind = "agreement", .note = *texts[i] }; /* borrowed; not to be released */
			noted_append_whole(out, &noted);
			return OK;
		}
	}
	hex_encode(slice_of(view->deal.id, HASH_SIZE), hex);
	enum error error = notes_each(session, hex, take_note, &search, failure);
	if (error == OK && !search.found) {
		error = fail(failure, ERROR_MALFORMED, "the agency does not show the deal's latest note; sign nothing, and ask "
		             "the agency");
	}
	const struct head_signer *signer = &search.unproven;
	if (error == OK && signer->role != ROLE_COUNT) {
		error = account_key_vouch(session, signer->account, signer->role, signer->key, failure);
	}
	return error;
}

enum error deal_head_show(struct session *session, const struct settings *settings, const struct deal_view *view,
                          struct failure *failure) {
	const struct deal *deal = &view->deal;
	struct buffer words;
	buffer_init(&words, 2 * NOTE_TEXT_MAX);
	deal_append_next(&words, deal, clock_wall_seconds());
	(void)buffer_append_text(&words, "\nIts latest note, which this answers: ");
	enum error error = check_head(session, view, &words, failure);
	const char *text = buffer_text(&words);
	if (error == OK && text == NULL) {
		error = fail(failure, ERROR_TOO_LONG, "the deal's latest note is too long to be shown");
	}
	if (error == OK && !settings->yes) {
		(void)fprintf(stderr, "The deal of %s and %s is %s; %s", deal->brand, deal->creator,
		              deal_state_words[deal->state], text);
	}
	buffer_release(&words);
	return error;
}

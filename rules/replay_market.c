/* Offers, money and deals of a replay; see replay.h. */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "rules/replay_parts.h"

#define ID_SHOWN 13 /* the first 12 digits of an id, and a NUL */

static const char *show_id(const uint8_t id[FIELD_HASH_SIZE], char out[ID_SHOWN]) {
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < ID_SHOWN - 1; i++) {
		out[i] = digits[i % 2 == 0 ? id[i / 2] >> 4 : id[i / 2] & 15];
	}
	out[ID_SHOWN - 1] = '\0';
	return out;
}

static struct slice id_slice(const uint8_t id[FIELD_HASH_SIZE]) {
	return slice_of(id, FIELD_HASH_SIZE);
}

/* ---- offers ---- */

void replay_offer_free(void *argument) {
	struct replay_offer *offer = argument;
	buffer_release(&offer->text);
	free(offer);
}

/* The ledger's parties of what happens to an offer. */
static struct ledger_parties offer_parties(const struct replay_offer *offer, const uint8_t id[FIELD_HASH_SIZE]) {
	return (struct ledger_parties){ .brand = slice_of_text(offer->brand), .offer_id = id };
}

static enum error keep_offer(struct replay *replay, const struct replay_input *input, struct failure *failure) {
	const struct note *note = input->note;
	struct replay_offer *offer = calloc(1, sizeof *offer);
	if (offer == NULL) {
		return replay_out_of_memory(failure);
	}
	offer->state = (struct offer_state){ .slots = note_get(note, "slots")->number,
		                                 .closes = note_get(note, "closes")->number };
	bool fits = slice_copy_text(note_get(note, "brand")->party.name, offer->brand, sizeof offer->brand);
	assert(fits); /* the fields bound names */
	buffer_init(&offer->text, NOTE_TEXT_MAX);
	if (!buffer_append_slice(&offer->text, note->text) || !map_put(replay->offers, id_slice(input->id), offer)) {
		replay_offer_free(offer);
		return replay_out_of_memory(failure);
	}
	return OK;
}

enum error replay_open_offer(struct replay *replay, const struct replay_input *input, struct failure *failure) {
	struct money reservation;
	bool paid = false;
	struct entry entry = { .count = 0 };
	/* What is funded may not be known here, so there is enough. */
	enum error error = offer_may_open(input->note, INT64_MAX, input->received, failure);
	if (error == OK) {
		error = offer_reservation(input->note, &reservation, &paid, failure);
	}
	if (error == OK) {
		error = keep_offer(replay, input, failure);
	}
	if (error != OK) {
		return error;
	}
	struct ledger_parties parties = { .brand = note_get(input->note, "brand")->party.name, .offer_id = input->id };
	ledger_add(LEDGER_OPEN, &parties, &reservation, &entry);
	return replay_book(replay, &entry, failure);
}

/* Parses the kept text of an offer again: a parsed note is large, and there can be many offers. */
static enum error read_offer(const struct replay_offer *offer, const struct note *like, struct note *out,
                             struct failure *failure) {
	char origin[ORIGIN_MAX];
	bool fits = slice_copy_text(like->origin, origin, sizeof origin);
	assert(fits); /* note_parse has bounded it */
	return note_parse(buffer_slice(&offer->text), origin, out, failure);
}

/* What is still reserved becomes available again. */
static enum error end_offer(struct replay *replay, const struct replay_input *input, struct replay_offer *offer,
                            const uint8_t id[FIELD_HASH_SIZE], struct failure *failure) {
	struct note note;
	struct money share;
	bool paid = false;
	struct entry entry = { .count = 0 };
	char account[LEDGER_ACCOUNT_MAX];
	enum error error = read_offer(offer, input->note, &note, failure);
	if (error == OK) {
		error = offer_share(&note, &share, &paid, failure);
	}
	if (error != OK) {
		return error;
	}
	ledger_reserved_account(id, account);
	share.minor = paid ? replay_balance(replay, account, share.currency) : 0;
	struct ledger_parties parties = offer_parties(offer, id);
	ledger_add(LEDGER_END, &parties, &share, &entry);
	offer->state.closed = true;
	return replay_book(replay, &entry, failure);
}

enum error replay_close_offer(struct replay *replay, const struct replay_input *input, struct failure *failure) {
	const uint8_t *id = note_get(input->note, "offer")->bytes;
	struct replay_offer *offer = map_get(replay->offers, id_slice(id));
	if (offer == NULL) {
		return OK; /* another part of the log has it, and no agreement here can depend on it */
	}
	if (!slice_is(note_get(input->note, "brand")->party.name, offer->brand)) {
		return fail(failure, ERROR_NOT_ALLOWED, "the offer is %s's", offer->brand);
	}
	if (offer->state.closed) {
		return fail(failure, ERROR_OFFER_CLOSED, "the offer was closed already");
	}
	return end_offer(replay, input, offer, id, failure);
}

static enum error lapse_offer(struct replay *replay, const struct replay_input *input, const struct value *reference,
                              struct failure *failure) {
	struct replay_offer *offer = map_get(replay->offers, id_slice(reference->bytes));
	if (offer == NULL) {
		return OK;
	}
	bool is_due = !offer->state.closed && note_get(input->note, "due")->number == offer->state.closes &&
	              input->received > offer->state.closes;
	return is_due ? end_offer(replay, input, offer, reference->bytes, failure)
	              : fail(failure, ERROR_WRONG_STATE, "the offer was closed already, or its time was not over");
}

/* ---- money from and to the world outside ---- */

enum error replay_money(struct replay *replay, const struct replay_input *input, struct failure *failure) {
	struct entry entry;
	struct ledger_parties parties = { .brand = note_get(input->note, "brand")->text };
	ledger_entry(input->note->kind->id == KIND_FUND ? LEDGER_FUND : LEDGER_REFUND, &parties,
	             &note_get(input->note, "amount")->money, &entry);
	return replay_book(replay, &entry, failure);
}

/* ---- deals ---- */

static struct replay_deal *find_deal(const struct replay *replay, const uint8_t id[FIELD_HASH_SIZE]) {
	return map_get(replay->texts, id_slice(id));
}

/* A step whose reference is not to the deal's latest note: says between which notes something is wrong. */
static enum error refuse_chain(const struct replay *replay, const struct replay_deal *deal,
                               const struct replay_input *input, struct failure *failure) {
	static const char *const keys[] = { "after", "replaces", "deal" };
	const struct value *reference = NULL;
	char shown[ID_SHOWN];
	for (size_t i = 0; i < sizeof keys / sizeof keys[0] && reference == NULL; i++) {
		reference = note_find(input->note, keys[i]);
	}
	if (reference == NULL) {
		return fail(failure, ERROR_SUPERSEDED, "the text does not follow note %" PRId64 ", the deal's latest",
		            deal->last);
	}
	int64_t before = replay_seen(replay, reference->bytes);
	if (before == 0) {
		return fail(failure, ERROR_SUPERSEDED,
		            "follows the note %s, which is not here: between note %" PRId64 " and note %" PRId64
		            " at least one note of this deal is missing",
		            show_id(reference->bytes, shown), deal->last, input->sequence);
	}
	return fail(failure, ERROR_SUPERSEDED,
	            "says that it follows note %" PRId64 ", but the deal's latest note is %" PRId64, before, deal->last);
}

static enum error refuse_broken(const struct replay_deal *deal, struct failure *failure) {
	return fail(failure, ERROR_WRONG_STATE, "cannot be judged, since note %" PRId64 " of this deal does not fit",
	            deal->broken);
}

/* Checks the offer's side of a step that begins a deal or takes a slot. */
static enum error check_offer(const struct replay_offer *offer, const struct deal *before,
                              const struct deal_result *result, const struct replay_input *input,
                              struct failure *failure) {
	struct offer_state state = offer->state;
	if (!result->takes_slot) {
		state.taken = 0; /* a proposal needs no slot yet */
	}
	bool begins = before->state == DEAL_NONE;
	return begins || result->takes_slot ? offer_may_agree(&state, input->received, failure) : OK;
}

static enum error check_binding(const struct deal_result *result, const struct replay_input *input,
                                struct failure *failure) {
	return !result->binds || input->countersigned
	    ? OK : fail(failure, ERROR_WRONG_SIGNER, "the text binds both sides, but the agency has not countersigned it");
}

/* Lets a text be found by its id: later notes refer to it. */
static enum error keep_text(struct replay *replay, struct replay_deal *deal, const struct replay_input *input,
                            struct failure *failure) {
	struct slice id = id_slice(input->id);
	if (input->note->kind->id != KIND_AGREEMENT || map_get(replay->texts, id) != NULL) {
		return OK;
	}
	return map_put(replay->texts, id, deal) ? OK : replay_out_of_memory(failure);
}

static void take_result(struct replay_deal *deal, struct replay_offer *offer, const struct deal *after,
                        const struct deal_result *result, const struct replay_input *input) {
	deal->deal = *after;
	deal->first = deal->first == 0 ? input->sequence : deal->first;
	deal->last = input->sequence;
	deal->notes++;
	if (offer != NULL) {
		offer->state.taken += (result->takes_slot ? 1 : 0) - (result->frees_slot ? 1 : 0);
	}
}

/* Both parties stand in a text that the agency has countersigned. */
static enum error vouch_for_parties(struct replay *replay, const struct replay_input *input,
                                    struct failure *failure) {
	enum error error = OK;
	for (size_t i = 0; i < note_signer_count(input->note) && error == OK; i++) {
		const struct signer *signer = &input->note->kind->signers[i];
		error = replay_vouch(replay, &note_get(input->note, signer->key)->party, signer->role, failure);
	}
	return error;
}

/* Takes a step of a deal. `parsed` is its offer, NULL where the note is no text. */
static enum error take_step(struct replay *replay, struct replay_deal *deal, const struct replay_input *input,
                            const struct note *parsed, struct failure *failure) {
	struct replay_offer *offer = map_get(replay->offers, id_slice(deal->deal.offer));
	struct buffer scratch;
	struct failure differs = { .code = OK };
	struct deal after;
	struct deal_result result;
	buffer_init(&scratch, NOTE_TEXT_MAX);
	bool follows = parsed != NULL && agreement_follows(input->note, parsed, deal->deal.offer, &scratch, &differs) == OK;
	buffer_release(&scratch);
	struct deal_input step = { .note = input->note,
		                       .id = input->id,
		                       .signed_by = input->signed_by,
		                       .received = input->received,
		                       .offer = parsed,
		                       .follows = follows,
		                       .known = deal->deal.state == DEAL_ENDED && find_deal(replay, input->id) == deal,
		                       .offer_open = offer != NULL &&
		                                     deal_finds_offer_open(&deal->deal, input->note, input->received,
		                                                           offer->state.closed) };
	enum error error = deal_step(&deal->deal, &step, &after, &result, failure);
	if (error == ERROR_SUPERSEDED && !step.known) {
		return refuse_chain(replay, deal, input, failure);
	}
	if (error == ERROR_TERMS_DIFFER && differs.code == ERROR_TERMS_DIFFER && deal->deal.road == ROAD_FIRST_COME) {
		return fail_at(failure, error, differs.line, "%s", differs.text);
	}
	error = error == OK ? check_binding(&result, input, failure) : error;
	error = error == OK && offer != NULL ? check_offer(offer, &deal->deal, &result, input, failure) : error;
	error = error == OK ? replay_book(replay, &result.entry, failure) : error;
	error = error == OK ? keep_text(replay, deal, input, failure) : error;
	if (error == OK) {
		take_result(deal, offer, &after, &result, input);
		error = result.binds ? vouch_for_parties(replay, input, failure) : OK;
	}
	return error;
}

/* The same, and remembers if the deal does not fit together any more. */
static enum error judge_step(struct replay *replay, struct replay_deal *deal, const struct replay_input *input,
                             const struct note *parsed, struct failure *failure) {
	if (deal->broken != 0) {
		return refuse_broken(deal, failure);
	}
	replay_take_hidden(replay, deal, input);
	enum error error = take_step(replay, deal, input, parsed, failure);
	if (error != OK) {
		deal->broken = input->sequence;
	}
	return error;
}

/* What a note speaks of is not here, or was refused itself. */
static enum error refuse_missing(const struct replay *replay, const char *what, const uint8_t id[FIELD_HASH_SIZE],
                                 struct failure *failure) {
	char shown[ID_SHOWN];
	int64_t before = replay_seen(replay, id);
	if (before != 0) {
		return fail(failure, ERROR_WRONG_STATE, "cannot be judged, since note %" PRId64 ", %s, does not fit", before,
		            what);
	}
	return fail(failure, ERROR_NOT_FOUND, "cannot be judged: %s %s is not here", what, show_id(id, shown));
}

/* The deal that a text belongs to: the one that it answers or amends, or the one that the same text has begun. *deal is
 * NULL for a text that begins one. */
static enum error find_deal_of_text(const struct replay *replay, const struct replay_input *input,
                                    struct replay_deal **deal, struct failure *failure) {
	const struct value *reference = note_find(input->note, "replaces");
	reference = reference == NULL ? note_find(input->note, "amends") : reference;
	*deal = find_deal(replay, input->id);
	if (*deal != NULL || reference == NULL) {
		return OK;
	}
	*deal = find_deal(replay, reference->bytes);
	return *deal != NULL ? OK : refuse_missing(replay, "the text that it answers or amends", reference->bytes, failure);
}

/* Begins a deal by its first text. */
static enum error begin_deal(struct replay *replay, const struct replay_input *input, const struct note *offer,
                             const uint8_t offer_id[FIELD_HASH_SIZE], struct failure *failure) {
	void *deals = replay->deals;
	struct replay_deal *deal = calloc(1, sizeof *deal);
	if (deal == NULL || !replay_make_room(&deals, replay->deal_count, &replay->deal_room, sizeof replay->deals[0])) {
		free(deal);
		return replay_out_of_memory(failure);
	}
	replay->deals = deals;
	enum error error =
	    deal_begin(offer, offer_id, note_get(input->note, "creator")->party.name, &deal->deal, failure);
	if (error == OK) {
		error = take_step(replay, deal, input, offer, failure);
	}
	if (error != OK) {
		free(deal);
		return error;
	}
	replay->deals[replay->deal_count++] = deal;
	return OK;
}

enum error replay_agreement(struct replay *replay, const struct replay_input *input, struct failure *failure) {
	const uint8_t *offer_id = note_get(input->note, "offer")->bytes;
	const struct replay_offer *offer = map_get(replay->offers, id_slice(offer_id));
	struct replay_deal *deal = NULL;
	struct note parsed;
	enum error error = offer != NULL ? read_offer(offer, input->note, &parsed, failure)
	                                 : refuse_missing(replay, "its offer", offer_id, failure);
	if (error == OK) {
		error = find_deal_of_text(replay, input, &deal, failure);
	}
	if (error != OK) {
		return error;
	}
	return deal != NULL ? judge_step(replay, deal, input, &parsed, failure)
	                    : begin_deal(replay, input, &parsed, offer_id, failure);
}

enum error replay_step(struct replay *replay, const struct replay_input *input, struct failure *failure) {
	const uint8_t *id = note_get(input->note, "deal")->bytes;
	struct replay_deal *deal = find_deal(replay, id);
	return deal != NULL ? judge_step(replay, deal, input, NULL, failure)
	                    : refuse_missing(replay, "the deal's agreement or proposal", id, failure);
}

enum error replay_lapse(struct replay *replay, const struct replay_input *input, struct failure *failure) {
	const struct value *offer = note_find(input->note, "offer");
	return offer != NULL ? lapse_offer(replay, input, offer, failure) : replay_step(replay, input, failure);
}

/* The check of the notes themselves, one after the other: numbers, ids, signatures; see check_parts.h. */
#include <inttypes.h>

#include "store/tables.h"
#include "workers/market/check_parts.h"

bool check_read_note(struct checking *checking, const struct note_record *record, struct signed_note *split,
                     struct note *note) {
	struct failure failure = { .code = OK };
	enum error error = signed_note_split(record->signed_note, split, &failure);
	if (error == OK) {
		error = note_parse(split->text, checking->market->origin, note, &failure);
	}
	if (error != OK) {
		check_find(checking, "note %" PRId64 ": line %u: %s", record->sequence, failure.line, failure.text);
	}
	return error == OK;
}

static bool is_signed_by(const struct signed_note *split, const char *name, const uint8_t *key) {
	struct verifier_key verifier;
	bool verified = false;
	return verifier_key_make(name, key, &verifier, NULL) == OK &&
	       signed_note_verify(split, &verifier, 1, &verified, NULL) == OK && verified;
}

/* Every party that the row names has signed, with a key of the account; and who has signed is in the row, or bound by
 * the agency's signature. */
static void check_signatures(struct checking *checking, const struct note_record *record,
                             const struct signed_note *split, const struct note *note) {
	const struct market *market = checking->market;
	unsigned signed_by = 0;
	for (size_t i = 0; i < note_signer_count(note); i++) {
		char name[NOTE_SIGNER_MAX];
		const uint8_t *key = NULL;
		note_signer(note, i, name, &key);
		if (is_signed_by(split, name, key)) {
			signed_by |= 1U << i;
			check_accounts_signer(checking, record, note, i);
		}
	}
	bool binds = note->kind->countersigned && record->signers == 3;
	if (!note_is_signed(note, signed_by) || (record->signers & ~signed_by & (binds ? 0U : 3U)) != 0 ||
	    (binds && !is_signed_by(split, market->agency_signer, signing_key_public(market->agency_key)))) {
		check_find(checking, "note %" PRId64 ": its signatures do not verify", record->sequence);
	}
}

/* An offer has its row; a note of a deal or offer names that by its number, others name none. */
static void check_thread(struct checking *checking, const struct note_record *record, const struct note *note) {
	bool is_step = note->kind->id == KIND_AGREEMENT || note_find(note, "deal") != NULL;
	bool is_of_offer = !is_step && (note->kind->id == KIND_OFFER || note_find(note, "offer") != NULL);
	struct cell key = cell_number(record->thread);
	struct record found;
	if ((is_step || is_of_offer) != (record->thread != 0)) {
		check_find(checking, "note %" PRId64 ": %s", record->sequence,
		           is_step ? "belongs to no deal, though it is a step of one"
		           : is_of_offer ? "belongs to no offer, though it speaks of one" : "belongs to nothing, but says so");
	} else if ((is_step || is_of_offer) &&
	           tx_get(checking->tx, is_step ? &table_deals : &table_offers, &key, &found, NULL) != OK) {
		check_find(checking, "note %" PRId64 ": its %s %" PRId64 " is missing", record->sequence,
		           is_step ? "deal" : "offer", record->thread);
	}
	if (!is_step) {
		check_booking(checking, record, note);
	}
}

static bool check_note(void *argument, const struct record *stored) {
	struct checking *checking = argument;
	struct note *note = checking->note;
	struct note_record record;
	struct signed_note split;
	struct failure failure = { .code = OK };
	uint8_t id[HASH_SIZE];
	checking->result->notes++;
	int64_t sequence = stored->cells[NOTES_SEQUENCE].number;
	if (sequence != checking->expected) {
		check_find(checking, "note %" PRId64 " stands where %" PRId64 " should be", sequence, checking->expected);
	}
	checking->expected = sequence + 1;
	if (note_from_record(stored, &record, &failure) != OK) {
		check_find(checking, "note %" PRId64 ": %s", sequence, failure.text);
		return true;
	}
	if (!check_read_note(checking, &record, &split, note)) {
		return true;
	}
	signed_note_id(split.text, id);
	if (!slice_equal(record.id, slice_of(id, sizeof id)) || !slice_is(record.kind, note->kind->name)) {
		check_find(checking, "note %" PRId64 ": its id or kind is not that of its text", sequence);
	}
	check_signatures(checking, &record, &split, note);
	check_thread(checking, &record, note);
	check_accounts_follow(checking, &record, note);
	check_parties(checking, &record, note);
	return checking->error == OK;
}

/* In the transaction of the last note: what all of them have made. */
static void compare(struct checking *checking) {
	int64_t last = 0;
	enum error error = notes_last(checking->tx, &last, checking->failure);
	if (error == OK && last != checking->expected - 1) {
		check_find(checking, "counters: the last note is %" PRId64 ", not %" PRId64, checking->expected - 1, last);
	}
	checking->error = checking->error == OK ? error : checking->error;
	check_accounts_compare(checking);
}

enum error check_notes(struct checking *checking) {
	checking->expected = 1;
	return check_walk(checking, &table_notes, check_note, compare);
}

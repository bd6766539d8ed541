/* The check of deals: each is replayed from its notes by the rules; see check_parts.h. */
#include <inttypes.h>

#include "rules/deal_pack.h"
#include "rules/offer.h"
#include "rules/report.h"
#include "store/tables.h"
#include "workers/market/check_parts.h"

struct replay {
	struct checking *checking;
	struct deal_row row; /* as the notes so far make it */
	struct made_bonds bonds;
	struct buffer scratch;
	bool broken; /* a note does not fit: what follows it says nothing */
};

static void break_off(struct replay *replay, int64_t sequence, const char *what) {
	check_find(replay->checking, "deal %" PRId64 ": note %" PRId64 " does not fit: %s", replay->row.sequence, sequence,
	           what);
	replay->broken = true;
}

/* The first note of a deal says by which offer it is. `checking->offer` borrows from the transaction. */
static void begin(struct replay *replay, const struct note_record *record, const struct note *note) {
	struct checking *checking = replay->checking;
	struct note_record offer;
	struct signed_note split;
	struct failure failure = { .code = OK };
	if (note->kind->id != KIND_AGREEMENT || record->sequence != replay->row.sequence) {
		break_off(replay, record->sequence, "it begins no deal");
		return;
	}
	if (notes_find(checking->tx, note_get(note, "offer")->bytes, &offer, NULL) != OK ||
	    !check_read_note(checking, &offer, &split, checking->offer) || checking->offer->kind->id != KIND_OFFER) {
		break_off(replay, record->sequence, "its offer is missing");
		return;
	}
	replay->row.offer = offer.sequence;
	if (deal_begin(checking->offer, offer.id.data, note_get(note, "creator")->party.name, &replay->row.deal,
	               &failure) != OK) {
		break_off(replay, record->sequence, failure.text);
	}
}

static bool follows(struct replay *replay, const struct note *note) {
	return note->kind->id == KIND_AGREEMENT &&
	       agreement_follows(note, replay->checking->offer, replay->row.deal.offer, &replay->scratch, NULL) == OK;
}

/* Whether the offer was open then, and a slot became free, shows in what was booked. */
static void step(struct replay *replay, const struct note_record *record, const struct note *note) {
	struct checking *checking = replay->checking;
	struct failure failure = { .code = OK };
	struct deal after;
	struct deal_result result;
	struct deal_input input = { .note = note,
		                        .id = record->id.data,
		                        .signed_by = record->signers,
		                        .received = record->received,
		                        .offer = checking->offer,
		                        .follows = follows(replay, note) };
	bool is_booked = false;
	for (int open = 1; open >= 0 && !is_booked; open--) {
		input.offer_open = open == 1;
		if (deal_step(&replay->row.deal, &input, &after, &result, &failure) != OK) {
			break_off(replay, record->sequence, failure.text);
			return;
		}
		is_booked = check_is_booked(checking, record->sequence, &result.entry);
	}
	if (!is_booked) {
		check_find(checking, "journal: entry %" PRId64 " is not what note %" PRId64 " of deal %" PRId64 " books",
		           record->sequence, record->sequence, replay->row.sequence);
	}
	const struct deal before = replay->row.deal;
	deal_row_follow(&replay->row, note, before.state);
	replay->row.deal = after;
	check_bonds_follow(checking, &replay->bonds, &before, &replay->row, note, result.event);
}

static void check_reference(struct replay *replay, const struct note_record *record, const struct note *note) {
	struct slice creator = slice_of_text(replay->row.deal.creator), reference = note_get(note, "reference")->text;
	int64_t sequence = 0;
	if (payments_find(replay->checking->tx, creator, reference, &sequence, NULL) != OK ||
	    sequence != record->sequence) {
		check_find(replay->checking, "payments %s %.*s: is not that of note %" PRId64, replay->row.deal.creator,
		           (int)reference.size, (const char *)reference.data, record->sequence);
	}
}

static bool replay_note(void *argument, const struct record *stored) {
	struct replay *replay = argument;
	struct checking *checking = replay->checking;
	struct note *note = checking->note;
	struct note_record record;
	struct signed_note split;
	if (note_from_record(stored, &record, NULL) != OK || !check_read_note(checking, &record, &split, note)) {
		replay->broken = true;
		return false;
	}
	if (replay->row.deal.state == DEAL_NONE) {
		begin(replay, &record, note);
	}
	if (!replay->broken && note->kind->id == KIND_PAY) {
		check_reference(replay, &record, note);
	}
	if (!replay->broken) {
		step(replay, &record, note);
	}
	return !replay->broken && checking->error == OK;
}

/* ---- comparing ---- */

static bool same_value(const struct pack_value *a, const struct pack_value *b) {
	struct slice text, other_text;
	int64_t number = 0, other_number = 0;
	bool flag = false, other_flag = false;
	return (pack_as_text(a, &text) && pack_as_text(b, &other_text) && slice_equal(text, other_text)) ||
	       (pack_as_bytes(a, &text) && pack_as_bytes(b, &other_text) && slice_equal(text, other_text)) ||
	       (pack_as_signed(a, &number) && pack_as_signed(b, &other_number) && number == other_number) ||
	       (pack_as_boolean(a, &flag) && pack_as_boolean(b, &other_flag) && flag == other_flag);
}

/* The name of the first member in which two packed deals differ: in both they come in the same order. */
static struct slice first_difference(const struct pack_value *a, const struct pack_value *b) {
	struct slice key = slice_of(NULL, 0), other_key = slice_of(NULL, 0);
	bool same = true;
	for (size_t i = 0; i < pack_count(a) && same; i++) {
		const struct pack_value *value = pack_pair(a, i, &key), *other = pack_pair(b, i, &other_key);
		same = other != NULL && slice_equal(key, other_key) && same_value(value, other);
	}
	return key;
}

static void compare_body(const struct replay *replay, const struct record *stored, const struct record *made) {
	struct checking *checking = replay->checking;
	if (slice_equal(stored->body, made->body)) {
		return;
	}
	struct slice member = { 0 };
	struct pack_document *theirs = checking->market->document, *ours = checking->document;
	if (stored->body.size > 0 &&
	    pack_read(theirs, slice_of(stored->body.data + 1, stored->body.size - 1), DEAL_PACK_MAX, NULL) == OK &&
	    pack_read(ours, slice_of(made->body.data + 1, made->body.size - 1), DEAL_PACK_MAX, NULL) == OK) {
		bool more = pack_count(pack_root(theirs)) > pack_count(pack_root(ours));
		member = first_difference(pack_root(more ? theirs : ours), pack_root(more ? ours : theirs));
	}
	check_find(checking, "deal %" PRId64 ": its notes make something else of it: see its %.*s", replay->row.sequence,
	           (int)member.size, (const char *)member.data);
}

static void compare_cells(const struct replay *replay, const struct record *stored, const struct record *made) {
	for (size_t i = 0; i < table_deals.column_count; i++) {
		const struct column *column = &table_deals.columns[i];
		const struct cell *a = &stored->cells[i], *b = &made->cells[i];
		bool same = column->type == COLUMN_NUMBER ? a->number == b->number : slice_equal(a->bytes, b->bytes);
		if (!same) {
			check_find(replay->checking, "deal %" PRId64 ": the column %s is not what its notes make of it",
			           replay->row.sequence, column->name);
		}
	}
}

static void check_held(const struct replay *replay) {
	struct checking *checking = replay->checking;
	const struct deal *deal = &replay->row.deal;
	char account[LEDGER_ACCOUNT_MAX];
	int64_t held = 0;
	ledger_held_account(deal->id, account);
	enum error error = deal->terms.currency[0] == '\0'
	    ? OK : balances_get(checking->tx, account, deal->terms.currency, &held, checking->failure);
	checking->error = checking->error == OK ? error : checking->error;
	if (held != deal->held) {
		check_find(checking, "balances: deal %" PRId64 " holds %" PRId64 ", its notes make it %" PRId64,
		           replay->row.sequence, held, deal->held);
	}
}

static bool check_deal(void *argument, const struct record *stored) {
	struct checking *checking = argument;
	struct replay replay = { .checking = checking,
		                     .row = { .sequence = stored->cells[DEALS_SEQUENCE].number,
		                              .followers = stored->cells[DEALS_FOLLOWERS].number,
		                              .tier = stored->cells[DEALS_TIER].number } };
	struct cell cell = cell_number(replay.row.sequence);
	struct range range = { .from = &cell, .from_count = 1, .to = &cell, .to_count = 1 };
	checking->result->deals++;
	buffer_init(&replay.scratch, NOTE_TEXT_MAX);
	enum error error =
	    tx_scan(checking->tx, &table_notes, NOTES_BY_THREAD, &range, replay_note, &replay, checking->failure);
	checking->error = checking->error == OK ? error : checking->error;
	buffer_release(&replay.scratch);
	if (replay.broken || checking->error != OK) {
		return checking->error == OK;
	}
	if (replay.row.deal.state == DEAL_NONE) {
		check_find(checking, "deal %" PRId64 ": there is no such agreement", replay.row.sequence);
		return true;
	}
	struct buffer body;
	struct record made;
	buffer_init(&body, DEAL_BODY_MAX);
	deal_to_record(&replay.row, &body, &made);
	compare_cells(&replay, stored, &made);
	compare_body(&replay, stored, &made);
	check_held(&replay);
	check_bonds_compare(checking, &replay.bonds, &replay.row);
	buffer_release(&body);
	if (replay.row.tier < 0 || replay.row.tier >= TIER_COUNT) {
		check_find(checking, "deal %" PRId64 ": there is no tier %" PRId64, replay.row.sequence, replay.row.tier);
	}
	return checking->error == OK;
}

enum error check_deals(struct checking *checking) {
	return check_walk(checking, &table_deals, check_deal, NULL);
}

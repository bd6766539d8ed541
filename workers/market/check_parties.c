/* The check of whom each note concerns; see check_parts.h. */
#include <inttypes.h>

#include "store/tables.h"
#include "workers/market/check_parts.h"

/* The key that names the account, for notes that belong to no deal. An enrolment concerns nobody yet. */
static const char *const keys[KIND_COUNT] = {
	[KIND_ENROL] = "account",   [KIND_ADMIT] = "account",  [KIND_SUSPEND] = "account", [KIND_REKEY] = "account",
	[KIND_REVOKE] = "account",  [KIND_PROFILE] = "creator", [KIND_ATTEST] = "creator", [KIND_OFFER] = "brand",
	[KIND_CLOSE] = "brand",     [KIND_FUND] = "brand",     [KIND_REFUND] = "brand",
};

static void expect(struct checking *checking, struct slice name, int64_t sequence) {
	struct cell cells[] = { cell_bytes(name), cell_number(sequence) };
	struct record record;
	if (tx_get(checking->tx, &table_parties, cells, &record, NULL) != OK) {
		check_find(checking, "parties %.*s %" PRId64 ": is missing", (int)name.size, (const char *)name.data, sequence);
	}
}

static bool is_about_keys(const struct note *note) {
	enum kind_id kind = note->kind->id;
	return kind == KIND_ADMIT || kind == KIND_REKEY || kind == KIND_REVOKE;
}

/* Notes about operators' accounts are everybody's business. */
static bool is_of_operator(struct checking *checking, const struct note *note, struct slice name) {
	static const enum kind_id kinds[] = { KIND_ADMIT, KIND_SUSPEND, KIND_REKEY, KIND_REVOKE };
	struct account account;
	bool fits = false;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		fits = fits || note->kind->id == kinds[i];
	}
	return fits && accounts_get(checking->tx, name, &account, NULL) == OK && account.role == ROLE_OPERATOR;
}

static struct slice name_of(const struct note *note) {
	const struct value *value = note_get(note, keys[note->kind->id]);
	return value->field->type == FIELD_PARTY ? value->party.name : value->text;
}

static void expect_account(struct checking *checking, const struct note_record *record, const struct note *note) {
	char list[PARTIES_KEYS_MAX];
	struct slice name = name_of(note);
	if (note->kind->id == KIND_ENROL) {
		return;
	}
	expect(checking, name, record->sequence);
	if (is_about_keys(note)) {
		expect(checking, parties_keys_name(name, list), record->sequence);
	}
	if (is_of_operator(checking, note, name)) {
		expect(checking, slice_of_text(AGENCY_NAME), record->sequence);
	}
}

void check_parties(struct checking *checking, const struct note_record *record, const struct note *note) {
	struct cell thread = cell_number(record->thread);
	struct record row;
	struct note_record enrolment;
	if (keys[note->kind->id] != NULL) {
		expect_account(checking, record, note);
	} else if (tx_get(checking->tx, &table_deals, &thread, &row, NULL) == OK) {
		expect(checking, row.cells[DEALS_BRAND].bytes, record->sequence);
		expect(checking, row.cells[DEALS_CREATOR].bytes, record->sequence);
		if (record->sequence == record->thread) {
			expect(checking, row.cells[DEALS_CREATOR].bytes, row.cells[DEALS_OFFER].number);
		}
	} else if (tx_get(checking->tx, &table_offers, &thread, &row, NULL) == OK) {
		expect(checking, row.cells[OFFERS_BRAND].bytes, record->sequence);
	}
	if (note->kind->id == KIND_ADMIT &&
	    notes_find(checking->tx, note_get(note, "enrolment")->bytes, &enrolment, NULL) == OK) {
		expect(checking, name_of(note), enrolment.sequence);
	}
}

/* ---- the other way round ---- */

static bool has_deal(struct checking *checking, int64_t offer, struct slice creator) {
	struct cell cells[] = { cell_number(offer), cell_bytes(creator) };
	struct record record;
	return record_find(checking->tx, &table_deals, DEALS_BY_OFFER_AND_CREATOR, cells, 2, false, &record, NULL) == OK;
}

static bool concerns(struct checking *checking, struct slice name, int64_t sequence) {
	struct note_record record;
	struct signed_note split;
	struct record row;
	if (notes_get(checking->tx, sequence, &record, NULL) != OK) {
		return false;
	}
	struct cell thread = cell_number(record.thread);
	if (record.thread != 0 && tx_get(checking->tx, &table_deals, &thread, &row, NULL) == OK) {
		return slice_equal(name, row.cells[DEALS_BRAND].bytes) || slice_equal(name, row.cells[DEALS_CREATOR].bytes);
	}
	if (record.thread != 0 && tx_get(checking->tx, &table_offers, &thread, &row, NULL) == OK) {
		return slice_equal(name, row.cells[OFFERS_BRAND].bytes) ||
		       (sequence == record.thread && has_deal(checking, sequence, name));
	}
	const struct note *note = checking->note;
	if (!check_read_note(checking, &record, &split, checking->note) || keys[note->kind->id] == NULL) {
		return false;
	}
	char list[PARTIES_KEYS_MAX];
	struct slice own = name_of(note);
	return slice_equal(name, own) || (is_about_keys(note) && slice_equal(name, parties_keys_name(own, list))) ||
	       (slice_is(name, AGENCY_NAME) && is_of_operator(checking, note, own));
}

static bool check_party(void *argument, const struct record *record) {
	struct checking *checking = argument;
	struct slice name = record->cells[PARTIES_NAME].bytes;
	int64_t sequence = record->cells[PARTIES_SEQUENCE].number;
	if (!concerns(checking, name, sequence)) {
		check_find(checking, "parties %.*s %" PRId64 ": the note does not concern the account", (int)name.size,
		           (const char *)name.data, sequence);
	}
	return checking->error == OK;
}

enum error check_all_parties(struct checking *checking) {
	return check_walk(checking, &table_parties, check_party, NULL);
}

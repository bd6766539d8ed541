/* Bonds of creators; see bonds.h. */
#include "workers/market/bonds.h"

#include "store/tables.h"

/* ---- what a step makes of them ---- */

enum bonds_change bonds_change(const struct deal *before, const struct deal *after, enum deal_event event,
                               int64_t *posted) {
	bool handed_over = after->state == DEAL_VERIFIED && before->state == DEAL_SUBMITTED;
	bool undone = event == EVENT_FAULT && after->state == DEAL_APPROVED;
	bool was_handed_over = before->state == DEAL_DISPUTED && before->before == DEAL_VERIFIED;
	bool ended = deal_is_running(before) && !deal_is_running(after) && after->posted == 0 && !was_handed_over &&
	             after->state != DEAL_PAID && after->state != DEAL_CLOSED;
	*posted = 0;
	if (event == EVENT_SIGN) {
		return BONDS_BEGIN;
	}
	if (event == EVENT_AMEND_SIGN) {
		return BONDS_RENEW;
	}
	if (ended) {
		return BONDS_END;
	}
	if (event == EVENT_POST || handed_over || undone) {
		*posted = event == EVENT_POST ? after->posted : handed_over ? after->last : 0;
		return BONDS_DATE;
	}
	return BONDS_STAY;
}

/* A category both worked in and claimed is one bond: the claim counts. */
static void add(struct bond *bonds, size_t *count, const struct bond *bond) {
	size_t at = 0;
	while (at < *count && !slice_equal(bonds[at].category, bond->category)) {
		at++;
	}
	if (at < *count && bonds[at].is_exclusive && (!bond->is_exclusive || bonds[at].until >= bond->until)) {
		return;
	}
	if (at < BONDS_MAX) {
		bonds[at] = *bond;
		*count += at == *count ? 1 : 0;
	}
}

size_t bonds_of_text(const struct note *text, const struct deal_row *row, int64_t posted,
                     struct bond out[BONDS_MAX]) {
	size_t count = 0;
	for (size_t i = 0; i < text->count; i++) {
		const struct value *value = &text->values[i];
		bool claims = value->field->type == FIELD_EXCLUSIVITY;
		struct bond bond = { .creator = slice_of_text(row->deal.creator),
			                 .brand = slice_of_text(row->deal.brand),
			                 .category = claims ? value->exclusivity.category : value->text,
			                 .deal = row->sequence,
			                 .is_exclusive = claims,
			                 .until = posted == 0 ? BOND_OPEN : posted };
		if (claims && posted != 0) {
			bond.until += value->exclusivity.lasts;
		}
		if (claims || strcmp(value->field->key, "category") == 0) {
			add(out, &count, &bond);
		}
	}
	if (note_find(text, "category") == NULL) {
		const struct bond anything = { .creator = slice_of_text(row->deal.creator),
			                           .brand = slice_of_text(row->deal.brand),
			                           .deal = row->sequence,
			                           .until = posted == 0 ? BOND_OPEN : posted };
		add(out, &count, &anything);
	}
	return count;
}

/* ---- the table ---- */

static struct bond from_record(const struct record *record) {
	return (struct bond){ .creator = record->cells[BONDS_CREATOR].bytes,
		                  .category = record->cells[BONDS_CATEGORY].bytes,
		                  .brand = record->cells[BONDS_BRAND].bytes,
		                  .deal = record->cells[BONDS_DEAL].number,
		                  .is_exclusive = record->cells[BONDS_IS_EXCLUSIVE].number != 0,
		                  .until = record->cells[BONDS_UNTIL].number };
}

static enum error put(struct tx *tx, const struct bond *bond, struct failure *failure) {
	struct record record = { .cells = { [BONDS_CREATOR] = cell_bytes(bond->creator),
	                                    [BONDS_CATEGORY] = cell_bytes(bond->category),
	                                    [BONDS_DEAL] = cell_number(bond->deal),
	                                    [BONDS_BRAND] = cell_bytes(bond->brand),
	                                    [BONDS_IS_EXCLUSIVE] = cell_number(bond->is_exclusive ? 1 : 0),
	                                    [BONDS_UNTIL] = cell_number(bond->until) } };
	return tx_put(tx, &table_bonds, &record, failure);
}

struct reading {
	int64_t deal;
	struct bond *bonds;
	size_t count;
};

static bool take(void *argument, const struct record *record) {
	struct reading *reading = argument;
	if (record->cells[BONDS_DEAL].number == reading->deal) {
		reading->bonds[reading->count++] = from_record(record);
	}
	return reading->count < BONDS_MAX;
}

enum error bonds_read(struct tx *tx, const struct deal_row *row, struct bond out[BONDS_MAX], size_t *count,
                      struct failure *failure) {
	struct reading reading = { .deal = row->sequence, .bonds = out };
	struct cell cell = cell_text(row->deal.creator);
	struct range range = { .from = &cell, .from_count = 1, .to = &cell, .to_count = 1 };
	enum error error = tx_scan(tx, &table_bonds, STORE_BY_KEY, &range, take, &reading, failure);
	*count = reading.count;
	return error;
}

/* Keys are copied: what is read from a transaction moves when it writes. */
static enum error end(struct tx *tx, const struct deal_row *row, struct failure *failure) {
	struct bond bonds[BONDS_MAX];
	char categories[BONDS_MAX][ACCOUNT_NAME_MAX];
	size_t count = 0;
	enum error error = bonds_read(tx, row, bonds, &count, failure);
	for (size_t i = 0; i < count && error == OK; i++) {
		if (!slice_copy_text(bonds[i].category, categories[i], sizeof categories[i])) {
			error = fail(failure, ERROR_STORE_DAMAGED, "bonds %s: a category is too long", row->deal.creator);
		}
	}
	for (size_t i = 0; i < count && error == OK; i++) {
		struct cell keys[] = { cell_text(row->deal.creator), cell_text(categories[i]), cell_number(row->sequence) };
		error = tx_delete(tx, &table_bonds, keys, failure);
	}
	return error;
}

enum error bonds_write(struct tx *tx, enum bonds_change change, const struct note *text, const struct deal_row *row,
                       int64_t posted, struct failure *failure) {
	struct bond bonds[BONDS_MAX];
	enum error error = change == BONDS_RENEW || change == BONDS_END ? end(tx, row, failure) : OK;
	if (change == BONDS_STAY || change == BONDS_END) {
		return error;
	}
	size_t count = bonds_of_text(text, row, posted, bonds);
	for (size_t i = 0; i < count && error == OK; i++) {
		error = put(tx, &bonds[i], failure);
	}
	return error;
}

/* ---- conflicts ---- */

struct conflict {
	const struct bonds_intent *intent;
	struct bond bond;
	bool found;
};

static bool find_conflict(void *argument, const struct record *record) {
	struct conflict *conflict = argument;
	conflict->bond = from_record(record);
	conflict->found = !slice_equal(conflict->bond.brand, conflict->intent->brand) &&
	                  (conflict->intent->claims || conflict->bond.is_exclusive) &&
	                  conflict->bond.until >= conflict->intent->now;
	return !conflict->found;
}

/* Looks under one category of the creator's (two cells), or under all (one). */
static enum error look(struct tx *tx, const struct bonds_intent *intent, struct slice category, size_t cell_count,
                       struct conflict *conflict, struct failure *failure) {
	struct cell cells[] = { cell_bytes(intent->creator), cell_bytes(category) };
	struct range range = { .from = cells, .from_count = cell_count, .to = cells, .to_count = cell_count };
	return tx_scan(tx, &table_bonds, STORE_BY_KEY, &range, find_conflict, conflict, failure);
}

enum error bonds_conflict(struct tx *tx, const struct bonds_intent *intent, struct bond *out,
                          struct failure *failure) {
	struct conflict conflict = { .intent = intent };
	enum error error = look(tx, intent, intent->category, intent->category.size == 0 ? 1 : 2, &conflict, failure);
	if (error == OK && !conflict.found && intent->claims) { /* work that names no category may be in this one */
		error = look(tx, intent, slice_of(NULL, 0), 2, &conflict, failure);
	}
	*out = conflict.bond;
	return error == OK && !conflict.found ? ERROR_NOT_FOUND : error;
}

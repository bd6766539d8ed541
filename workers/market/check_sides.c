/* The check of what deals make of their sides: the bonds of creators, as each deal is replayed, and the reputation of
 * every account, made again from its deals; and whether every address is still needed; see check_parts.h. */
#include <inttypes.h>

#include "store/tables.h"
#include "workers/market/addresses.h"
#include "workers/market/check_parts.h"
#include "workers/market/reputations.h"

/* ---- bonds ---- */

void check_bonds_follow(struct checking *checking, struct made_bonds *made, const struct deal *before,
                        const struct deal_row *after, const struct note *note, enum deal_event event) {
	int64_t posted = 0;
	enum bonds_change change = bonds_change(before, &after->deal, event, &posted);
	if (change == BONDS_DATE) {
		struct note_record text;
		struct signed_note split;
		if (notes_find(checking->tx, after->deal.text, &text, NULL) != OK ||
		    !check_read_note(checking, &text, &split, checking->note)) {
			check_find(checking, "deal %" PRId64 ": the text whose terms hold is missing", after->sequence);
			return;
		}
		note = checking->note;
	}
	if (change == BONDS_END) {
		made->count = 0;
	} else if (change != BONDS_STAY) {
		made->count = bonds_of_text(note, after, posted, made->bonds);
	}
}

static const struct bond *find_category(const struct bond *bonds, size_t count, struct slice category) {
	for (size_t i = 0; i < count; i++) {
		if (slice_equal(bonds[i].category, category)) {
			return &bonds[i];
		}
	}
	return NULL;
}

static bool same_bond(const struct bond *a, const struct bond *b) {
	return slice_equal(a->brand, b->brand) && a->is_exclusive == b->is_exclusive && a->until == b->until;
}

void check_bonds_compare(struct checking *checking, const struct made_bonds *made, const struct deal_row *row) {
	struct bond stored[BONDS_MAX];
	size_t count = 0;
	enum error error = bonds_read(checking->tx, row, stored, &count, checking->failure);
	checking->error = checking->error == OK ? error : checking->error;
	for (size_t i = 0; i < made->count; i++) {
		const struct bond *bond = &made->bonds[i], *found = find_category(stored, count, bond->category);
		if (found == NULL || !same_bond(found, bond)) {
			check_find(checking, "bonds %s %.*s: %s by deal %" PRId64, row->deal.creator, (int)bond->category.size,
			           (const char *)bond->category.data, found == NULL ? "is missing" : "is not what is agreed",
			           row->sequence);
		}
	}
	for (size_t i = 0; i < count; i++) {
		if (find_category(made->bonds, made->count, stored[i].category) == NULL) {
			check_find(checking, "bonds %s %.*s: nothing of the kind is agreed by deal %" PRId64, row->deal.creator,
			           (int)stored[i].category.size, (const char *)stored[i].category.data, row->sequence);
		}
	}
}

/* ---- reputations ---- */

struct summing {
	struct checking *checking;
	enum role role;
	struct reputation sum;
};

static bool add_deal(void *argument, const struct record *record) {
	struct summing *summing = argument;
	struct checking *checking = summing->checking;
	struct reputation sides[ROLE_COUNT];
	struct deal_row row;
	if (deal_from_record(record, checking->document, &row, NULL) != OK) { /* found as a deal */
		return true;
	}
	checking->error = reputations_of_deal(checking->tx, checking->market, &row, checking->note, sides,
	                                      checking->failure);
	reputation_add(&summing->sum, &sides[summing->role]);
	return checking->error == OK;
}

/* One account in one transaction: its reputation changes with its deals. */
static bool check_account(void *argument, const struct record *record) {
	struct checking *checking = argument;
	const struct cell *name = &record->cells[ACCOUNTS_NAME];
	struct range range = { .from = name, .from_count = 1, .to = name, .to_count = 1 };
	struct summing summing = { .checking = checking, .role = (enum role)record->cells[ACCOUNTS_ROLE].number };
	struct reputation stored;
	if (summing.role != ROLE_BRAND && summing.role != ROLE_CREATOR) {
		return true;
	}
	int index = summing.role == ROLE_BRAND ? DEALS_BY_BRAND : DEALS_BY_CREATOR;
	enum error error = tx_scan(checking->tx, &table_deals, index, &range, add_deal, &summing, checking->failure);
	error = error == OK ? reputations_get(checking->tx, name->bytes, &stored, checking->failure) : error;
	checking->error = checking->error == OK ? error : checking->error;
	if (checking->error == OK && memcmp(&stored, &summing.sum, sizeof stored) != 0) {
		check_find(checking, "reputations %.*s: is not what comes of its deals", (int)name->bytes.size,
		           (const char *)name->bytes.data);
	}
	return checking->error == OK;
}

/* ---- rows of nobody ---- */

static bool check_owner(void *argument, const struct record *record) {
	struct checking *checking = argument;
	struct record account;
	struct slice name = record->cells[REPUTATIONS_NAME].bytes;
	if (tx_get(checking->tx, &table_accounts, &record->cells[REPUTATIONS_NAME], &account, NULL) == ERROR_NOT_FOUND) {
		check_find(checking, "reputations %.*s: there is no such account", (int)name.size, (const char *)name.data);
	}
	return true;
}

static bool check_bond(void *argument, const struct record *record) {
	struct checking *checking = argument;
	struct deal_row row;
	struct slice creator = record->cells[BONDS_CREATOR].bytes, category = record->cells[BONDS_CATEGORY].bytes;
	int64_t deal = record->cells[BONDS_DEAL].number;
	if (deals_get(checking->tx, checking->document, deal, &row, NULL) != OK ||
	    !slice_is(creator, row.deal.creator)) {
		check_find(checking, "bonds %.*s %.*s: there is no deal %" PRId64 " of this creator", (int)creator.size,
		           (const char *)creator.data, (int)category.size, (const char *)category.data, deal);
	}
	return true;
}

static bool check_address(void *argument, const struct record *record) {
	struct checking *checking = argument;
	struct deal_row row;
	int64_t deal = record->cells[ADDRESSES_DEAL].number;
	if (deals_get(checking->tx, checking->document, deal, &row, NULL) != OK || !address_is_needed(&row.deal)) {
		check_find(checking, "addresses: deal %" PRId64 " is not waiting for its product", deal);
	}
	return true;
}

enum error check_sides(struct checking *checking) {
	static const struct {
		const struct table *table;
		scan_function visit;
	} walks[] = { { &table_accounts, check_account },
		          { &table_reputations, check_owner },
		          { &table_bonds, check_bond },
		          { &table_addresses, check_address } };
	enum error error = OK;
	for (size_t i = 0; i < sizeof walks / sizeof walks[0] && error == OK; i++) {
		error = check_walk(checking, walks[i].table, walks[i].visit, NULL);
	}
	return error;
}

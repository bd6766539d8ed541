/* The check of the sums over each brand's deals, made again from its deals and offers; see check_parts.h. */
#include <stdio.h>
#include <stdlib.h>

#include "store/tables.h"
#include "workers/market/check_parts.h"
#include "workers/market/totals.h"

#define TOTAL_KEY_MAX 160 /* campaign, tier and currency */

struct sums {
	struct checking *checking;
	struct slice brand;
	struct map *measures; /* by campaign, tier and currency; on the heap */
};

/* "spring micro USD" */
static struct slice write_key(const struct cell keys[4], char out[TOTAL_KEY_MAX]) {
	int64_t tier = keys[TOTALS_TIER].number;
	int size = snprintf(out, TOTAL_KEY_MAX, "%.*s %s %.*s", (int)keys[TOTALS_CAMPAIGN].bytes.size,
	                    (const char *)keys[TOTALS_CAMPAIGN].bytes.data,
	                    tier >= 0 && tier < TIER_COUNT ? tier_words[tier] : "?",
	                    (int)keys[TOTALS_CURRENCY].bytes.size, (const char *)keys[TOTALS_CURRENCY].bytes.data);
	return slice_of(out, size < 0 || size >= TOTAL_KEY_MAX ? 0 : (size_t)size);
}

static void add(struct sums *sums, const struct cell keys[4], const struct measures *more) {
	static const struct measures none;
	struct checking *checking = sums->checking;
	char text[TOTAL_KEY_MAX];
	struct slice key = write_key(keys, text);
	struct measures *sum = map_get(sums->measures, key);
	if (sum == NULL) {
		sum = calloc(1, sizeof *sum);
		if (sum == NULL || !map_put(sums->measures, key, sum)) {
			free(sum);
			checking->error = fail(checking->failure, ERROR_NO_MEMORY, "out of memory");
			return;
		}
	}
	totals_change(sum, more, &none);
}

static bool add_deal(void *argument, const struct record *record) {
	struct sums *sums = argument;
	struct checking *checking = sums->checking;
	struct deal_row row;
	struct measures more;
	struct cell keys[4];
	if (deal_from_record(record, checking->document, &row, NULL) == OK) { /* else it is found as a deal */
		totals_of_deal(&row, &more);
		totals_deal_keys(&row, keys);
		add(sums, keys, &more);
	}
	return checking->error == OK;
}

static bool add_offer(void *argument, const struct record *record) {
	struct sums *sums = argument;
	struct checking *checking = sums->checking;
	struct note_record stored;
	struct signed_note split;
	struct cell keys[4];
	const struct measures one = { .offers = 1 };
	if (notes_get(checking->tx, record->cells[OFFERS_SEQUENCE].number, &stored, NULL) == OK &&
	    check_read_note(checking, &stored, &split, checking->note)) {
		totals_offer_keys(checking->note, keys);
		add(sums, keys, &one);
	}
	return checking->error == OK;
}

static void tell(const struct sums *sums, struct slice key) {
	check_find(sums->checking, "totals %.*s %.*s: is not the sum of its deals and offers", (int)sums->brand.size,
	           (const char *)sums->brand.data, (int)key.size, (const char *)key.data);
}

static bool compare(void *argument, const struct record *record) {
	static const struct measures none;
	struct sums *sums = argument;
	char text[TOTAL_KEY_MAX];
	struct slice key = write_key(record->cells, text);
	struct measures *sum = map_remove(sums->measures, key);
	struct report_row row;
	if (totals_from_record(sums->checking->market, record, &row, NULL) != OK ||
	    !totals_agree(&row.measures, sum == NULL ? &none : sum)) {
		tell(sums, key);
	}
	free(sum);
	return true;
}

static void tell_missing(const struct sums *sums) {
	static const struct measures none;
	for (struct map_entry *entry = map_first(sums->measures); entry != NULL; entry = map_next(entry)) {
		if (memcmp(entry->value, &none, sizeof none) != 0) {
			tell(sums, entry->key);
		}
	}
}

/* One brand in one transaction: its sums change with its deals. */
static bool check_brand(void *argument, const struct record *record) {
	struct checking *checking = argument;
	struct sums sums = { .checking = checking, .brand = record->cells[ACCOUNTS_NAME].bytes };
	const struct cell *cell = &record->cells[ACCOUNTS_NAME];
	struct range range = { .from = cell, .from_count = 1, .to = cell, .to_count = 1 };
	if (record->cells[ACCOUNTS_ROLE].number != ROLE_BRAND) {
		return true;
	}
	sums.measures = map_new();
	enum error error = sums.measures != NULL ? OK : fail(checking->failure, ERROR_NO_MEMORY, "out of memory");
	if (error == OK) {
		error = tx_scan(checking->tx, &table_deals, DEALS_BY_BRAND, &range, add_deal, &sums, checking->failure);
	}
	if (error == OK) {
		error = tx_scan(checking->tx, &table_offers, OFFERS_BY_BRAND, &range, add_offer, &sums, checking->failure);
	}
	if (error == OK) {
		error = tx_scan(checking->tx, &table_totals, STORE_BY_KEY, &range, compare, &sums, checking->failure);
	}
	checking->error = checking->error == OK ? error : checking->error;
	if (checking->error == OK) {
		tell_missing(&sums);
	}
	map_free(sums.measures, free);
	return checking->error == OK;
}

enum error check_totals(struct checking *checking) {
	return check_walk(checking, &table_accounts, check_brand, NULL);
}

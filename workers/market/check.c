/* The check of a store, as a whole; see check.h. */
#include "workers/market/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "workers/market/check_parts.h"

#define CHUNK 1000 /* records of one transaction */
#define SENTENCE_MAX 400

void check_find(struct checking *checking, const char *format, ...) {
	char sentence[SENTENCE_MAX];
	va_list arguments;
	checking->result->findings++;
	if (checking->result->findings > CHECK_FINDINGS_MAX) {
		return;
	}
	va_start(arguments, format);
	(void)vsnprintf(sentence, sizeof sentence, format, arguments);
	va_end(arguments);
	checking->tell(checking->argument, sentence);
}

static void take_finding(void *argument, const char *table, const char *what) {
	check_find(argument, "%s: %s", table, what);
}

/* ---- walking through a table ---- */

struct walk {
	struct checking *checking;
	const struct table *table;
	scan_function visit;
	void (*finish)(struct checking *checking);
	size_t count; /* records of this transaction */
	bool any;     /* there is a position to go on from: the last record's key */
	struct cell position[STORE_COLUMNS_MAX];
	uint8_t bytes[STORE_COLUMNS_MAX][STORE_KEY_MAX]; /* that it points to */
};

static bool visit_one(void *argument, const struct record *record) {
	struct walk *walk = argument;
	for (size_t i = 0; i < walk->table->key_count; i++) {
		const struct cell *cell = &record->cells[i];
		walk->position[i] = *cell;
		if (walk->table->columns[i].type != COLUMN_NUMBER) {
			memcpy(walk->bytes[i], cell->bytes.data, cell->bytes.size); /* the store bounds keys */
			walk->position[i].bytes = slice_of(walk->bytes[i], cell->bytes.size);
		}
	}
	walk->any = true;
	walk->count++;
	return walk->visit(walk->checking, record) && walk->checking->error == OK;
}

static enum error walk_chunk(struct tx *tx, void *argument, struct failure *failure) {
	struct walk *walk = argument;
	struct range range = { .from = walk->position, .from_count = walk->any ? walk->table->key_count : 0,
		                   .after = walk->any, .limit = CHUNK };
	walk->checking->tx = tx;
	walk->checking->failure = failure;
	walk->count = 0;
	enum error error = tx_scan(tx, walk->table, STORE_BY_KEY, &range, visit_one, walk, failure);
	if (error == OK && walk->checking->error == OK && walk->count < CHUNK && walk->finish != NULL) {
		walk->finish(walk->checking);
	}
	return error == OK ? walk->checking->error : error;
}

enum error check_walk(struct checking *checking, const struct table *table, scan_function visit,
                      void (*finish)(struct checking *checking)) {
	struct walk walk = { .checking = checking, .table = table, .visit = visit, .finish = finish };
	struct failure *failure = checking->failure;
	enum error error = OK;
	do {
		error = store_read(checking->market->store, walk_chunk, &walk, failure);
	} while (error == OK && walk.count == CHUNK);
	checking->failure = failure;
	return error;
}

/* ---- the whole ---- */

static bool make_room(struct checking *checking) {
	checking->rows = map_new();
	checking->sums = map_new();
	checking->note = calloc(1, sizeof *checking->note);
	checking->offer = calloc(1, sizeof *checking->offer);
	checking->document = pack_document_new();
	return checking->rows != NULL && checking->sums != NULL && checking->note != NULL &&
	       checking->offer != NULL && checking->document != NULL;
}

static void release_room(struct checking *checking) {
	map_free(checking->rows, free);
	map_free(checking->sums, free);
	free(checking->note);
	free(checking->offer);
	pack_document_free(checking->document);
}

enum error check_store(const struct market *market, check_finding *tell, void *argument, struct check_result *result,
                       struct failure *failure) {
	static enum error (*const parts[])(struct checking *) = { check_notes, check_offers, check_deals, check_ledger,
		                                                        check_all_parties, check_totals, check_sides };
	struct checking checking = { .market = market, .tell = tell, .argument = argument, .result = result,
		                         .failure = failure };
	struct store_summary summary = { 0 };
	*result = (struct check_result){ 0 };
	enum error error = store_check(market->store, take_finding, &checking, &summary, failure);
	result->records = summary.records;
	result->bytes = summary.bytes;
	if (error != OK || result->findings > 0) { /* what cannot be read cannot be compared */
		return error;
	}
	error = make_room(&checking) ? OK : fail(failure, ERROR_NO_MEMORY, "out of memory");
	for (size_t i = 0; i < sizeof parts / sizeof parts[0] && error == OK; i++) {
		error = parts[i](&checking);
	}
	release_room(&checking);
	return error;
}

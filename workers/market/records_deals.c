/* Deals and what follows from them; see records_deals.h. */
#include "workers/market/records_deals.h"

#include "store/tables.h"
#include "workers/market/records.h"

enum error deal_from_record(const struct record *record, struct pack_document *document, struct deal_row *out,
                            struct failure *failure) {
	if (record->body.size < 1 || record->body.data[0] != DEAL_BODY_VERSION) {
		return fail(failure, ERROR_STORE_VERSION, "a stored deal is of a version that this program does not know");
	}
	struct slice body = slice_of(record->body.data + 1, record->body.size - 1);
	out->sequence = record->cells[DEALS_SEQUENCE].number;
	out->offer = record->cells[DEALS_OFFER].number;
	out->followers = record->cells[DEALS_FOLLOWERS].number;
	out->tier = record->cells[DEALS_TIER].number;
	(void)slice_copy_text(record->cells[DEALS_CAMPAIGN].bytes, out->campaign, sizeof out->campaign);
	if (pack_read(document, body, DEAL_PACK_MAX, failure) != OK ||
	    deal_unpack(pack_root(document), &out->deal, failure) != OK) {
		return fail(failure, ERROR_STORE_DAMAGED, "the stored deal %lld cannot be read", (long long)out->sequence);
	}
	return OK;
}

enum error deals_get(struct tx *tx, struct pack_document *document, int64_t sequence, struct deal_row *out,
                     struct failure *failure) {
	struct cell key = cell_number(sequence);
	struct record record;
	enum error error = tx_get(tx, &table_deals, &key, &record, failure);
	return error == OK ? deal_from_record(&record, document, out, failure) : error;
}

enum error deals_find(struct tx *tx, struct pack_document *document, const uint8_t id[FIELD_HASH_SIZE],
                      struct deal_row *out, struct failure *failure) {
	struct note_record note;
	enum error error = notes_find(tx, id, &note, failure);
	return error == OK ? deals_get(tx, document, note.thread, out, failure) : error;
}

enum error deals_find_by_offer(struct tx *tx, struct pack_document *document, int64_t offer, struct slice creator,
                               struct deal_row *out, struct failure *failure) {
	struct cell cells[] = { cell_number(offer), cell_bytes(creator) };
	struct record record;
	enum error error = record_find(tx, &table_deals, DEALS_BY_OFFER_AND_CREATOR, cells, 2, true, &record, failure);
	return error == OK ? deal_from_record(&record, document, out, failure) : error;
}

void deal_to_record(const struct deal_row *row, struct buffer *body, struct record *out) {
	buffer_clear(body);
	(void)buffer_append(body, &(uint8_t){ DEAL_BODY_VERSION }, 1);
	deal_pack(body, &row->deal);
	bool owed = deal_outstanding(&row->deal) > 0;
	*out = (struct record){ .cells = { [DEALS_SEQUENCE] = cell_number(row->sequence),
	                                   [DEALS_ID] = cell_bytes(slice_of(row->deal.id, FIELD_HASH_SIZE)),
	                                   [DEALS_OFFER] = cell_number(row->offer),
	                                   [DEALS_CREATOR] = cell_text(row->deal.creator),
	                                   [DEALS_BRAND] = cell_text(row->deal.brand),
	                                   [DEALS_STATE] = cell_number(row->deal.state),
	                                   [DEALS_DUE] = cell_number(row->deal.due),
	                                   [DEALS_OWED] = cell_number(owed ? 1 : 0),
	                                   [DEALS_FOLLOWERS] = cell_number(row->followers),
	                                   [DEALS_TIER] = cell_number(row->tier),
	                                   [DEALS_CAMPAIGN] = cell_text(row->campaign) },
		                    .body = buffer_slice(body) };
}

void deal_row_follow(struct deal_row *row, const struct note *note, enum deal_state before) {
	if (note->kind->id == KIND_AGREEMENT && (before == DEAL_NONE || before == DEAL_PROPOSED)) {
		const struct value *campaign = note_find(note, "campaign");
		(void)slice_copy_text(campaign == NULL ? slice_of(NULL, 0) : campaign->text, row->campaign,
		                      sizeof row->campaign);
	}
}

enum error deals_put(struct tx *tx, const struct deal_row *row, struct failure *failure) {
	struct buffer body;
	struct record record;
	buffer_init(&body, DEAL_BODY_MAX);
	deal_to_record(row, &body, &record);
	enum error error = buffer_ok(&body) ? tx_put(tx, &table_deals, &record, failure)
	                                    : fail(failure, ERROR_NO_MEMORY, "out of memory");
	buffer_release(&body);
	return error;
}

enum error addresses_get(struct tx *tx, int64_t deal, struct slice *sealed, struct failure *failure) {
	struct cell key = cell_number(deal);
	struct record record;
	enum error error = tx_get(tx, &table_addresses, &key, &record, failure);
	*sealed = error == OK ? record.body : slice_of(NULL, 0);
	return error;
}

enum error addresses_put(struct tx *tx, int64_t deal, struct slice sealed, struct failure *failure) {
	struct record record = { .cells = { [ADDRESSES_DEAL] = cell_number(deal) }, .body = sealed };
	return sealed.size <= ADDRESS_MAX
	    ? tx_put(tx, &table_addresses, &record, failure)
	    : fail(failure, ERROR_TOO_LONG, "a sealed address has at most %d bytes", ADDRESS_MAX);
}

enum error addresses_delete(struct tx *tx, int64_t deal, struct failure *failure) {
	struct cell key = cell_number(deal);
	enum error error = tx_delete(tx, &table_addresses, &key, failure);
	return error == ERROR_NOT_FOUND ? OK : error;
}

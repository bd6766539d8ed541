/* Records as structs; see records.h. The ledger's records are in records_ledger.c. */
#include "workers/market/records.h"

#include "crypto/keys.h"
#include "store/tables.h"

/* Keeps the first record of a scan. */
struct first {
	struct record record;
	bool found;
};

static bool take_first(void *argument, const struct record *record) {
	struct first *first = argument;
	first->record = *record;
	first->found = true;
	return false;
}

enum error record_find(struct tx *tx, const struct table *table, int index, const struct cell *cells, size_t count,
                       bool last, struct record *out, struct failure *failure) {
	struct first first = { .found = false };
	struct range range = { .from = cells, .from_count = count, .to = cells, .to_count = count, .reverse = last,
		                   .limit = 1 };
	enum error error = tx_scan(tx, table, index, &range, take_first, &first, failure);
	if (error == OK && !first.found) {
		return fail(failure, ERROR_NOT_FOUND, "there is no such record in %s", table->name);
	}
	*out = first.record;
	return error;
}

void note_from_cells(const struct record *record, struct note_record *out) {
	*out = (struct note_record){ .sequence = record->cells[NOTES_SEQUENCE].number,
		                         .id = record->cells[NOTES_ID].bytes,
		                         .kind = record->cells[NOTES_KIND].bytes,
		                         .received = record->cells[NOTES_RECEIVED].number,
		                         .thread = record->cells[NOTES_THREAD].number,
		                         .signers = (unsigned)record->cells[NOTES_SIGNERS].number };
}

enum error note_from_record(const struct record *record, struct note_record *out, struct failure *failure) {
	if (record->body.size < 1 || record->body.data[0] != NOTE_BODY_VERSION) {
		return fail(failure, ERROR_STORE_VERSION, "a stored note is of a version that this program does not know");
	}
	note_from_cells(record, out);
	out->signed_note = slice_of(record->body.data + 1, record->body.size - 1);
	return OK;
}

enum error notes_get(struct tx *tx, int64_t sequence, struct note_record *out, struct failure *failure) {
	struct cell key = cell_number(sequence);
	struct record record;
	enum error error = tx_get(tx, &table_notes, &key, &record, failure);
	return error == OK ? note_from_record(&record, out, failure) : error;
}

enum error notes_find(struct tx *tx, const uint8_t id[FIELD_HASH_SIZE], struct note_record *out,
                      struct failure *failure) {
	struct cell cell = cell_bytes(slice_of(id, FIELD_HASH_SIZE));
	struct record record;
	enum error error = record_find(tx, &table_notes, NOTES_BY_ID, &cell, 1, true, &record, failure);
	return error == OK ? note_from_record(&record, out, failure) : error;
}

struct signed_search {
	int64_t signers;
	struct record record;
	bool found;
};

static bool match_signers(void *argument, const struct record *record) {
	struct signed_search *search = argument;
	search->found = (record->cells[NOTES_SIGNERS].number & search->signers) == search->signers;
	search->record = *record;
	return !search->found;
}

enum error notes_find_signed(struct tx *tx, const uint8_t id[FIELD_HASH_SIZE], unsigned signers,
                             struct note_record *out, struct failure *failure) {
	struct cell cell = cell_bytes(slice_of(id, FIELD_HASH_SIZE));
	struct range range = { .from = &cell, .from_count = 1, .to = &cell, .to_count = 1 };
	struct signed_search search = { .signers = signers };
	enum error error = tx_scan(tx, &table_notes, NOTES_BY_ID, &range, match_signers, &search, failure);
	if (error != OK) {
		return error;
	}
	return search.found ? note_from_record(&search.record, out, failure) : ERROR_NOT_FOUND;
}

enum error notes_scan_by_prefix(struct tx *tx, struct slice hex, scan_function visit, void *argument,
                                struct failure *failure) {
	/* The smallest and the largest id with this prefix: the digits, padded. */
	static const char padding[] = { '0', 'f' };
	uint8_t bounds[2][HASH_SIZE];
	if (hex.size < ID_DIGITS_LEAST || hex.size > 2 * HASH_SIZE) {
		return fail(failure, ERROR_BAD_VALUE, "an id is given by %d to 64 hex digits", ID_DIGITS_LEAST);
	}
	for (size_t i = 0; i < 2; i++) {
		char digits[HASH_HEX_SIZE];
		memset(digits, padding[i], sizeof digits);
		memcpy(digits, hex.data, hex.size);
		if (!hex_decode(slice_of(digits, 2 * HASH_SIZE), bounds[i], HASH_SIZE)) {
			return fail(failure, ERROR_BAD_VALUE, "an id is written in hex digits 0-9 and a-f");
		}
	}
	struct cell from = cell_bytes(slice_of(bounds[0], HASH_SIZE)), to = cell_bytes(slice_of(bounds[1], HASH_SIZE));
	struct range range = { .from = &from, .from_count = 1, .to = &to, .to_count = 1 };
	return tx_scan(tx, &table_notes, NOTES_BY_ID, &range, visit, argument, failure);
}

static const struct cell sequence_counter = { .bytes = { (const uint8_t *)"sequence", 8 } };

enum error notes_last(struct tx *tx, int64_t *sequence, struct failure *failure) {
	struct record record;
	enum error error = tx_get(tx, &table_counters, &sequence_counter, &record, failure);
	*sequence = error == OK ? record.cells[COUNTERS_VALUE].number : 0;
	return error == ERROR_NOT_FOUND ? OK : error;
}

enum error notes_append(struct tx *tx, struct note_record *note, struct failure *failure) {
	enum error error = notes_last(tx, &note->sequence, failure);
	if (error != OK) {
		return error;
	}
	note->sequence++;
	note->thread = note->thread == NOTE_BEGINS_THREAD ? note->sequence : note->thread;
	struct record counter = { .cells = { sequence_counter, cell_number(note->sequence) } };
	error = tx_put(tx, &table_counters, &counter, failure);
	if (error != OK) {
		return error;
	}
	struct buffer body;
	buffer_init(&body, STORE_BODY_MAX);
	(void)buffer_append(&body, &(uint8_t){ NOTE_BODY_VERSION }, 1);
	(void)buffer_append_slice(&body, note->signed_note);
	struct record record = { .cells = { [NOTES_SEQUENCE] = cell_number(note->sequence),
	                                    [NOTES_ID] = cell_bytes(note->id),
	                                    [NOTES_KIND] = cell_bytes(note->kind),
	                                    [NOTES_RECEIVED] = cell_number(note->received),
	                                    [NOTES_THREAD] = cell_number(note->thread),
	                                    [NOTES_SIGNERS] = cell_number(note->signers) },
		                     .body = buffer_slice(&body) };
	error = buffer_ok(&body) ? tx_insert(tx, &table_notes, &record, failure)
	                         : fail(failure, ERROR_NO_MEMORY, "out of memory");
	buffer_release(&body);
	return error;
}

struct slice parties_keys_name(struct slice account, char out[PARTIES_KEYS_MAX]) {
	size_t size = account.size < PARTIES_KEYS_MAX ? account.size : PARTIES_KEYS_MAX - 1;
	out[0] = '~';
	memcpy(out + 1, account.data, size);
	return slice_of(out, size + 1);
}

enum error parties_put(struct tx *tx, struct slice name, int64_t sequence, struct failure *failure) {
	struct record record = { .cells = { [PARTIES_NAME] = cell_bytes(name),
	                                    [PARTIES_SEQUENCE] = cell_number(sequence) } };
	return tx_put(tx, &table_parties, &record, failure);
}

void account_from_record(const struct record *record, struct account *out) {
	*out = (struct account){ .name = record->cells[ACCOUNTS_NAME].bytes,
		                     .role = (enum role)record->cells[ACCOUNTS_ROLE].number,
		                     .key = record->cells[ACCOUNTS_KEY].bytes,
		                     .transport = record->cells[ACCOUNTS_TRANSPORT].bytes,
		                     .sequence = record->cells[ACCOUNTS_SEQUENCE].number,
		                     .suspended = record->cells[ACCOUNTS_SUSPENDED].number != 0 };
}

void enrolment_from_record(const struct record *record, struct account *out) {
	*out = (struct account){ .name = record->cells[ENROLMENTS_NAME].bytes,
		                     .role = (enum role)record->cells[ENROLMENTS_ROLE].number,
		                     .key = record->cells[ENROLMENTS_KEY].bytes,
		                     .transport = record->cells[ENROLMENTS_TRANSPORT].bytes,
		                     .sequence = record->cells[ENROLMENTS_SEQUENCE].number };
}

bool account_has_key(const struct account *account) {
	static const uint8_t no_key[FIELD_KEY_SIZE];
	return memcmp(account->key.data, no_key, sizeof no_key) != 0;
}

enum error accounts_get(struct tx *tx, struct slice name, struct account *out, struct failure *failure) {
	struct cell key = cell_bytes(name);
	struct record record;
	enum error error = tx_get(tx, &table_accounts, &key, &record, failure);
	if (error == OK) {
		account_from_record(&record, out);
	}
	return error;
}

enum error accounts_find_by_transport(struct tx *tx, struct slice transport, struct account *out,
                                      struct failure *failure) {
	struct cell cell = cell_bytes(transport);
	struct record record;
	enum error error =
	    record_find(tx, &table_accounts, ACCOUNTS_BY_TRANSPORT, &cell, 1, false, &record, failure);
	if (error == OK) {
		account_from_record(&record, out);
	}
	return error;
}

static void account_to_record(const struct account *account, struct record *out) {
	*out = (struct record){ .cells = { [ACCOUNTS_NAME] = cell_bytes(account->name),
	                                   [ACCOUNTS_ROLE] = cell_number(account->role),
	                                   [ACCOUNTS_KEY] = cell_bytes(account->key),
	                                   [ACCOUNTS_TRANSPORT] = cell_bytes(account->transport),
	                                   [ACCOUNTS_SEQUENCE] = cell_number(account->sequence),
	                                   [ACCOUNTS_SUSPENDED] = cell_number(account->suspended ? 1 : 0) } };
}

enum error accounts_insert(struct tx *tx, const struct account *account, struct failure *failure) {
	struct record record;
	account_to_record(account, &record);
	return tx_insert(tx, &table_accounts, &record, failure);
}

enum error accounts_put(struct tx *tx, const struct account *account, struct failure *failure) {
	struct record record;
	account_to_record(account, &record);
	return tx_put(tx, &table_accounts, &record, failure);
}

enum error keys_get(struct tx *tx, struct slice key, struct account_key *out, struct failure *failure) {
	struct cell cell = cell_bytes(key);
	struct record record;
	enum error error = tx_get(tx, &table_keys, &cell, &record, failure);
	if (error == OK) {
		*out = (struct account_key){ .key = record.cells[KEYS_KEY].bytes,
			                         .name = record.cells[KEYS_NAME].bytes,
			                         .since = record.cells[KEYS_SINCE].number,
			                         .until = record.cells[KEYS_UNTIL].number,
			                         .valid_until = record.cells[KEYS_VALID_UNTIL].number };
	}
	return error;
}

enum error keys_put(struct tx *tx, const struct account_key *key, struct failure *failure) {
	struct record record = { .cells = { [KEYS_KEY] = cell_bytes(key->key),
	                                    [KEYS_NAME] = cell_bytes(key->name),
	                                    [KEYS_SINCE] = cell_number(key->since),
	                                    [KEYS_UNTIL] = cell_number(key->until),
	                                    [KEYS_VALID_UNTIL] = cell_number(key->valid_until) } };
	return tx_put(tx, &table_keys, &record, failure);
}

enum error profiles_get(struct tx *tx, struct slice creator, int64_t *sequence, struct failure *failure) {
	struct cell key = cell_bytes(creator);
	struct record record;
	enum error error = tx_get(tx, &table_profiles, &key, &record, failure);
	*sequence = error == OK ? record.cells[PROFILES_SEQUENCE].number : 0;
	return error;
}

enum error profiles_put(struct tx *tx, struct slice creator, int64_t sequence, struct failure *failure) {
	struct record record = { .cells = { cell_bytes(creator), cell_number(sequence) } };
	return tx_put(tx, &table_profiles, &record, failure);
}

enum error attests_get(struct tx *tx, struct slice creator, size_t platform, int64_t *sequence,
                       struct failure *failure) {
	struct cell keys[] = { cell_bytes(creator), cell_number((int64_t)platform) };
	struct record record;
	enum error error = tx_get(tx, &table_attests, keys, &record, failure);
	*sequence = error == OK ? record.cells[ATTESTS_SEQUENCE].number : 0;
	return error;
}

enum error attests_put(struct tx *tx, struct slice creator, size_t platform, int64_t sequence,
                       struct failure *failure) {
	struct record record = { .cells = { cell_bytes(creator), cell_number((int64_t)platform), cell_number(sequence) } };
	return tx_put(tx, &table_attests, &record, failure);
}

enum error enrolments_get(struct tx *tx, struct slice name, struct slice key, struct account *out,
                          struct failure *failure) {
	struct cell keys[] = { cell_bytes(name), cell_bytes(key) };
	struct record record;
	enum error error = tx_get(tx, &table_enrolments, keys, &record, failure);
	if (error == OK) {
		enrolment_from_record(&record, out);
	}
	return error;
}

enum error enrolments_find_by_transport(struct tx *tx, struct slice transport, struct account *out,
                                        struct failure *failure) {
	struct cell cell = cell_bytes(transport);
	struct record record;
	enum error error = record_find(tx, &table_enrolments, ENROLMENTS_BY_TRANSPORT, &cell, 1, false, &record, failure);
	if (error == OK) {
		enrolment_from_record(&record, out);
	}
	return error;
}

enum error enrolments_insert(struct tx *tx, const struct account *account, struct failure *failure) {
	struct record record = { .cells = { [ENROLMENTS_NAME] = cell_bytes(account->name),
	                                    [ENROLMENTS_KEY] = cell_bytes(account->key),
	                                    [ENROLMENTS_ROLE] = cell_number(account->role),
	                                    [ENROLMENTS_TRANSPORT] = cell_bytes(account->transport),
	                                    [ENROLMENTS_SEQUENCE] = cell_number(account->sequence) } };
	return tx_insert(tx, &table_enrolments, &record, failure);
}

enum error enrolments_delete(struct tx *tx, const struct account *account, struct failure *failure) {
	struct cell keys[] = { cell_bytes(account->name), cell_bytes(account->key) };
	return tx_delete(tx, &table_enrolments, keys, failure);
}

void offer_from_record(const struct record *record, struct offer *out) {
	*out = (struct offer){ .sequence = record->cells[OFFERS_SEQUENCE].number,
		                   .brand = record->cells[OFFERS_BRAND].bytes,
		                   .state = record->cells[OFFERS_STATE].number,
		                   .closes = record->cells[OFFERS_CLOSES].number,
		                   .slots = record->cells[OFFERS_SLOTS].number,
		                   .taken = record->cells[OFFERS_TAKEN].number,
		                   .road = record->cells[OFFERS_ROAD].number,
		                   .due = record->cells[OFFERS_DUE].number };
}

enum error offers_get(struct tx *tx, int64_t sequence, struct offer *out, struct failure *failure) {
	struct cell key = cell_number(sequence);
	struct record record;
	enum error error = tx_get(tx, &table_offers, &key, &record, failure);
	if (error == OK) {
		offer_from_record(&record, out);
	}
	return error;
}

enum error offers_put(struct tx *tx, const struct offer *offer, struct failure *failure) {
	struct record record = { .cells = { [OFFERS_SEQUENCE] = cell_number(offer->sequence),
	                                    [OFFERS_BRAND] = cell_bytes(offer->brand),
	                                    [OFFERS_STATE] = cell_number(offer->state),
	                                    [OFFERS_CLOSES] = cell_number(offer->closes),
	                                    [OFFERS_SLOTS] = cell_number(offer->slots),
	                                    [OFFERS_TAKEN] = cell_number(offer->taken),
	                                    [OFFERS_ROAD] = cell_number(offer->road),
	                                    [OFFERS_DUE] = cell_number(offer->due) } };
	return tx_put(tx, &table_offers, &record, failure);
}

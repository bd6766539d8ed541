/* What notes make of accounts, keys, profiles and figures, followed one after the other; see check_parts.h. */
#include <inttypes.h>

#include "store/tables.h"
#include "workers/market/check_parts.h"

static const uint8_t no_key[FIELD_KEY_SIZE];

static struct cell key_cell(const uint8_t *key) {
	return cell_bytes(slice_of(key, FIELD_KEY_SIZE));
}

static void unexpected(struct checking *checking, const struct note_record *record, const char *what) {
	check_find(checking, "note %" PRId64 ": %s", record->sequence, what);
}

static void put_key(struct checking *checking, const struct note_record *record, const struct party *party) {
	struct cell cells[] = { [KEYS_KEY] = key_cell(party->key),
		                    [KEYS_NAME] = cell_bytes(party->name),
		                    [KEYS_SINCE] = cell_number(record->sequence),
		                    [KEYS_UNTIL] = cell_number(KEY_OPEN),
		                    [KEYS_VALID_UNTIL] = cell_number(KEY_OPEN) };
	check_row_put(checking, &table_keys, cells);
}

/* ---- a note of each kind ---- */

static void enrol(struct checking *checking, const struct note_record *record, const struct note *note) {
	const struct party *party = &note_get(note, "account")->party;
	struct cell cells[] = { [ENROLMENTS_NAME] = cell_bytes(party->name),
		                    [ENROLMENTS_KEY] = key_cell(party->key),
		                    [ENROLMENTS_ROLE] = cell_number((int64_t)note_get(note, "role")->word),
		                    [ENROLMENTS_TRANSPORT] = key_cell(note_get(note, "transport")->bytes),
		                    [ENROLMENTS_SEQUENCE] = cell_number(record->sequence) };
	check_row_put(checking, &table_enrolments, cells);
}

static void admit(struct checking *checking, const struct note_record *record, const struct note *note) {
	const struct party *party = &note_get(note, "account")->party;
	struct cell keys[] = { cell_bytes(party->name), key_cell(party->key) };
	const struct cell *enrolment = check_row(checking, &table_enrolments, keys);
	const struct cell *former = check_row(checking, &table_accounts, keys);
	if (enrolment == NULL) {
		unexpected(checking, record, "admits an account that had not enrolled");
		return;
	}
	struct cell cells[] = { [ACCOUNTS_NAME] = keys[0],
		                    [ACCOUNTS_ROLE] = enrolment[ENROLMENTS_ROLE],
		                    [ACCOUNTS_KEY] = keys[1],
		                    [ACCOUNTS_TRANSPORT] = enrolment[ENROLMENTS_TRANSPORT],
		                    [ACCOUNTS_SEQUENCE] = cell_number(record->sequence),
		                    [ACCOUNTS_SUSPENDED] = former == NULL ? cell_number(0) : former[ACCOUNTS_SUSPENDED] };
	check_row_put(checking, &table_accounts, cells);
	check_row_remove(checking, &table_enrolments, keys);
	put_key(checking, record, party);
}

static void suspend(struct checking *checking, const struct note_record *record, const struct note *note) {
	struct cell name = cell_bytes(note_get(note, "account")->text);
	struct cell *account = check_row(checking, &table_accounts, &name);
	if (account == NULL) {
		unexpected(checking, record, "suspends an account that was not admitted");
		return;
	}
	account[ACCOUNTS_SUSPENDED].number = note_get(note, "standing")->word == STANDING_SUSPENDED ? 1 : 0;
}

static void change_keys(struct checking *checking, const struct cell *account, struct cell key, struct cell transport) {
	struct cell cells[STORE_COLUMNS_MAX];
	memcpy(cells, account, table_accounts.column_count * sizeof cells[0]);
	cells[ACCOUNTS_KEY] = key;
	cells[ACCOUNTS_TRANSPORT] = transport;
	check_row_put(checking, &table_accounts, cells);
}

static void rekey(struct checking *checking, const struct note_record *record, const struct note *note) {
	const struct party *party = &note_get(note, "account")->party;
	struct cell name = cell_bytes(party->name), before = key_cell(note_get(note, "predecessor")->party.key);
	struct cell *account = check_row(checking, &table_accounts, &name);
	struct cell *key = check_row(checking, &table_keys, &before);
	if (account == NULL || key == NULL) {
		unexpected(checking, record, "replaces a key that the account did not have");
		return;
	}
	key[KEYS_UNTIL].number = record->received + note_number(note, "overlap", 0);
	change_keys(checking, account, key_cell(party->key), key_cell(note_get(note, "transport")->bytes));
	put_key(checking, record, party);
}

static void revoke(struct checking *checking, const struct note_record *record, const struct note *note) {
	struct cell name = cell_bytes(note_get(note, "account")->text), revoked = key_cell(note_get(note, "key")->bytes);
	struct cell *account = check_row(checking, &table_accounts, &name);
	struct cell *key = check_row(checking, &table_keys, &revoked);
	if (account == NULL || key == NULL) {
		unexpected(checking, record, "revokes a key that the account did not have");
		return;
	}
	key[KEYS_VALID_UNTIL].number = note_get(note, "valid-until")->number;
	if (slice_equal(account[ACCOUNTS_KEY].bytes, revoked.bytes)) {
		change_keys(checking, account, key_cell(no_key), cell_bytes(record->id)); /* nor does it connect any more */
	}
}

static void profile(struct checking *checking, const struct note_record *record, const struct note *note) {
	struct cell cells[] = { cell_bytes(note_get(note, "creator")->party.name), cell_number(record->sequence) };
	check_row_put(checking, &table_profiles, cells);
}

static void attest(struct checking *checking, const struct note_record *record, const struct note *note) {
	struct cell cells[] = { cell_bytes(note_get(note, "creator")->text),
		                    cell_number((int64_t)note_get(note, "platform")->word), cell_number(record->sequence) };
	check_row_put(checking, &table_attests, cells);
}

/* ---- all kinds ---- */

void check_accounts_follow(struct checking *checking, const struct note_record *record, const struct note *note) {
	static void (*const kinds[KIND_COUNT])(struct checking *, const struct note_record *, const struct note *) = {
		[KIND_ENROL] = enrol, [KIND_ADMIT] = admit,     [KIND_SUSPEND] = suspend, [KIND_REKEY] = rekey,
		[KIND_REVOKE] = revoke, [KIND_PROFILE] = profile, [KIND_ATTEST] = attest,
	};
	if (kinds[note->kind->id] != NULL) {
		kinds[note->kind->id](checking, record, note);
	}
}

/* Who is bound by an earlier signature may have another key by now. A former key is good as long as the account has a
 * present one, which was not admitted after it. */
static bool was_good(const struct note_record *record, const struct note *note, const struct party *party,
                     const struct cell *account, const struct cell *key) {
	if (account == NULL || key == NULL || !slice_equal(key[KEYS_NAME].bytes, party->name)) {
		return false;
	}
	bool is_bound = note->kind->countersigned && record->signers == 3;
	bool has_key = !slice_equal(account[ACCOUNTS_KEY].bytes, slice_of(no_key, sizeof no_key));
	return is_bound || (has_key && key[KEYS_SINCE].number >= account[ACCOUNTS_SEQUENCE].number &&
	                    key[KEYS_UNTIL].number >= record->received && key[KEYS_VALID_UNTIL].number == KEY_OPEN);
}

void check_accounts_signer(struct checking *checking, const struct note_record *record, const struct note *note,
                           size_t index) {
	const struct party *party = &note_get(note, note->kind->signers[index].key)->party;
	struct cell cell = key_cell(party->key), name = cell_bytes(party->name);
	const struct cell *account = check_row(checking, &table_accounts, &name);
	const struct cell *key = check_row(checking, &table_keys, &cell);
	bool by_agency = slice_is(party->name, AGENCY_NAME) &&
	                 memcmp(party->key, signing_key_public(checking->market->agency_key), KEY_SIZE) == 0;
	bool is_new = note->kind->id == KIND_ENROL || (note->kind->id == KIND_REKEY && index == 0);
	if (!by_agency && !is_new && !was_good(record, note, party, account, key)) {
		check_find(checking, "note %" PRId64 ": the key of %.*s that signed it was not a good one", record->sequence,
		           (int)party->name.size, (const char *)party->name.data);
	}
}

void check_accounts_compare(struct checking *checking) {
	static const struct table *const tables[] = { &table_enrolments, &table_accounts, &table_keys, &table_profiles,
		                                          &table_attests };
	for (size_t i = 0; i < sizeof tables / sizeof tables[0] && checking->error == OK; i++) {
		check_rows_compare(checking, tables[i]);
	}
}

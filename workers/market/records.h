/* Typed access to the market's tables: one struct per record, one function per question.
 *
 * All functions run inside a transaction; slices they hand out stay valid until it ends. Besides the errors named, each
 * can return what the store's calls return. */
#ifndef TROTH_WORKERS_MARKET_RECORDS_H
#define TROTH_WORKERS_MARKET_RECORDS_H

#include "rules/ledger.h"
#include "rules/note.h"
#include "store/store.h"

#define NOTE_BODY_VERSION 1

/* The first (or, `last`, the last) record whose index columns have these values; ERROR_NOT_FOUND. */
enum error record_find(struct tx *tx, const struct table *table, int index, const struct cell *cells, size_t count,
                       bool last, struct record *out, struct failure *failure);

struct note_record {
	int64_t sequence;
	struct slice id; /* 32 bytes */
	struct slice kind;
	int64_t received;
	int64_t thread;   /* number of the first note of its deal or offer, or 0 */
	unsigned signers; /* the parties that have signed it, as for note_is_signed */
	struct slice signed_note;
};

/* The stored note with this id or sequence number; ERROR_NOT_FOUND. A text that was signed again by the other side is
 * found as it was stored last. */
enum error notes_get(struct tx *tx, int64_t sequence, struct note_record *out, struct failure *failure);
enum error notes_find(struct tx *tx, const uint8_t id[FIELD_HASH_SIZE], struct note_record *out,
                      struct failure *failure);

/* The first stored note with this id that these parties have signed; ERROR_NOT_FOUND. */
enum error notes_find_signed(struct tx *tx, const uint8_t id[FIELD_HASH_SIZE], unsigned signers,
                             struct note_record *out, struct failure *failure);

/* The cells of a record of the table, without and with its body; ERROR_STORE_VERSION. */
void note_from_cells(const struct record *record, struct note_record *out);
enum error note_from_record(const struct record *record, struct note_record *out, struct failure *failure);

/* Visits the notes whose ids begin with these hex digits, in the order of ids. There must be ID_DIGITS_LEAST digits:
 * with fewer one question could walk through a good part of all notes. ERROR_BAD_VALUE. */
#define ID_DIGITS_LEAST 8
enum error notes_scan_by_prefix(struct tx *tx, struct slice hex, scan_function visit, void *argument,
                                struct failure *failure);

/* Appends a note under the next sequence number, which goes to `sequence`. With NOTE_BEGINS_THREAD for `thread` it is
 * the first of a thread of its own. */
#define NOTE_BEGINS_THREAD (-1)
enum error notes_append(struct tx *tx, struct note_record *note, struct failure *failure);

/* The name under which the notes about an account's keys stand: no account can have it. Borrows `out`. */
#define PARTIES_KEYS_MAX (ACCOUNT_NAME_MAX + 1)
struct slice parties_keys_name(struct slice account, char out[PARTIES_KEYS_MAX]);

/* Notes that a note concerns an account. */
enum error parties_put(struct tx *tx, struct slice name, int64_t sequence, struct failure *failure);

/* The sequence number of the last note; 0 if there is none. */
enum error notes_last(struct tx *tx, int64_t *sequence, struct failure *failure);

struct account {
	struct slice name;
	enum role role;
	struct slice key;       /* 32 bytes */
	struct slice transport; /* 32 bytes */
	int64_t sequence;
	bool suspended;
};

/* False after its present key was revoked: then its owner has to enrol again, with a new one. */
bool account_has_key(const struct account *account);

/* ERROR_NOT_FOUND. */
enum error accounts_get(struct tx *tx, struct slice name, struct account *out, struct failure *failure);
enum error accounts_find_by_transport(struct tx *tx, struct slice transport, struct account *out,
                                      struct failure *failure);
enum error accounts_insert(struct tx *tx, const struct account *account, struct failure *failure);
enum error accounts_put(struct tx *tx, const struct account *account, struct failure *failure);

/* A signing key that an account has or had. */
#define KEY_OPEN INT64_MAX
struct account_key {
	struct slice key, name;
	int64_t since;       /* the number of the note that brought it */
	int64_t until;       /* seconds; KEY_OPEN for the present one */
	int64_t valid_until; /* the number of the last note for which it is good; KEY_OPEN unless revoked */
};

/* ERROR_NOT_FOUND. */
enum error keys_get(struct tx *tx, struct slice key, struct account_key *out, struct failure *failure);
enum error keys_put(struct tx *tx, const struct account_key *key, struct failure *failure);

/* Numbers of notes: the latest profile of a creator and the latest figures on a platform; ERROR_NOT_FOUND. */
enum error profiles_get(struct tx *tx, struct slice creator, int64_t *sequence, struct failure *failure);
enum error profiles_put(struct tx *tx, struct slice creator, int64_t sequence, struct failure *failure);
enum error attests_get(struct tx *tx, struct slice creator, size_t platform, int64_t *sequence,
                       struct failure *failure);
enum error attests_put(struct tx *tx, struct slice creator, size_t platform, int64_t sequence,
                       struct failure *failure);

/* A waiting enrolment has the shape of an account; its sequence number is that of the enrol note. */
enum error enrolments_get(struct tx *tx, struct slice name, struct slice key, struct account *out,
                          struct failure *failure);
enum error enrolments_find_by_transport(struct tx *tx, struct slice transport, struct account *out,
                                        struct failure *failure);
enum error enrolments_insert(struct tx *tx, const struct account *account, struct failure *failure);
enum error enrolments_delete(struct tx *tx, const struct account *account, struct failure *failure);

/* Reads a record of table_accounts or table_enrolments that a scan has found. */
void account_from_record(const struct record *record, struct account *out);
void enrolment_from_record(const struct record *record, struct account *out);

struct offer {
	int64_t sequence;
	struct slice brand;
	int64_t state; /* OFFER_OPEN, OFFER_FULL, OFFER_CLOSED, OFFER_OVER */
	int64_t closes, slots, taken;
	int64_t road; /* enum road */
	int64_t due;  /* when the clock ends it; 0 once it is ended */
};

enum error offers_get(struct tx *tx, int64_t sequence, struct offer *out, struct failure *failure);
enum error offers_put(struct tx *tx, const struct offer *offer, struct failure *failure);
void offer_from_record(const struct record *record, struct offer *out);

/* An account's balance; 0 for one that nothing was ever booked on. */
enum error balances_get(struct tx *tx, const char *account, const char *currency, int64_t *amount,
                        struct failure *failure);

/* Books an entry under a note: journal lines and balances. ERROR_UNFUNDED if a balance that must not be negative
 * would be; ERROR_OVERFLOW. */
enum error journal_book(struct tx *tx, int64_t sequence, const struct entry *entry, struct failure *failure);

/* Notes a payment reference of a brand or creator as used; ERROR_EXISTS. payments_find gives
 * the note that used it, or ERROR_NOT_FOUND. */
enum error payments_insert(struct tx *tx, struct slice name, struct slice reference, int64_t sequence,
                           struct failure *failure);
enum error payments_find(struct tx *tx, struct slice name, struct slice reference, int64_t *sequence,
                         struct failure *failure);

#endif

/* What the views share: one question on its way, pages of records, and who may see what.
 *
 * Who asks is known by the authenticated transport key alone. What somebody may not see is refused in the words for
 * what does not exist. */
#ifndef TROTH_WORKERS_MARKET_VIEWS_PARTS_H
#define TROTH_WORKERS_MARKET_VIEWS_PARTS_H

#include "base/buffer.h"
#include "workers/market/market.h"
#include "workers/market/records.h"
#include "workers/market/records_deals.h"
#include "workers/market/reputations.h"

#define PAGE_MAX 100        /* records of one page */
#define PAGE_SCAN_MAX 10000 /* records that are looked at for one page: some 10 ms */
#define PLACE_MAX 128       /* bytes of a text by which pages continue: a name and a key */

struct view {
	const struct market *market;
	const struct pack_value *arguments;
	struct buffer *out;
	bool has_account;
	struct account account; /* the asker's, where he has one */
	bool is_waiting;        /* he has enrolled and is not admitted yet */
	const uint8_t *transport;
	int64_t now;
	const struct question *question;
};

/* The rows of the table in views.c. An answer appends a whole good reply to view->out, or returns a refusal. */
typedef enum error view_function(struct tx *tx, struct view *view, struct failure *failure);

view_function answer_account, answer_party, answer_profile;
view_function answer_enrolments, answer_accounts;
view_function answer_offers, answer_offer, answer_applicants;
view_function answer_deals, answer_deal, answer_address;
view_function answer_notes, answer_statement, answer_payable, answer_report;

bool view_is_operator(const struct view *view);

/* The argument `key` as text; false with an empty slice if there is none, or of another type. */
bool view_text(const struct view *view, const char *key, struct slice *out);

/* The argument `key` as a number; `otherwise` if there is none. */
int64_t view_number(const struct view *view, const char *key, int64_t otherwise);

/* ---- pages ---- */

struct page {
	struct view *view;
	struct tx *tx;
	struct failure *failure;
	enum error error;
	struct buffer items; /* packed maps */
	size_t count;
	size_t limit;
	size_t scanned;
	bool full;    /* there may be more behind `last` */
	size_t number_column; /* of the records: by what pages continue */
	int64_t last;         /* the number from which the next page continues */
	char place[PLACE_MAX]; /* the same as a text, where write_place is set */
	/* NULL: pages continue by the number. */
	void (*write_place)(const struct record *record, char place[PLACE_MAX]);
	void *filter;         /* what `pack` needs to know */
	void (*pack)(struct page *page, const struct record *record); /* adds items, or none */
};

/* Fills in the rest of a page whose `view`, `tx`, `pack`, `filter`, and number_column or write_place are set.
 * page_finish releases it. */
void page_begin(struct page *page, struct failure *failure);

/* A scan function: packs a record. The buffer is bounded by a reply's size: a record that no longer fits ends the
 * page before it. */
bool page_take(void *page, const struct record *record);

/* Begins an item: the caller appends so many keys to page->items. */
void page_item(struct page *page, size_t pairs);

/* Writes the reply: `items`, and under `more` the number or text from which the next page continues. Takes the error of
 * the scan, and returns what became of the page; after OK the caller appends `extra` keys. */
enum error page_finish(struct page *page, enum error error, const char *more, size_t extra, struct failure *failure);

/* Scans newest first the records of `table` whose first index columns have the values of `cells`, of which there are at
 * most 2, and writes the reply. Continues from the argument `before`. */
enum error page_answer(struct page *page, const struct table *table, int index, const struct cell *cells,
                       size_t count, struct failure *failure);

/* ---- what the asker may see ---- */

/* Whether an offer exists to the asker: to operators each, to a brand its own, to a creator those that he may agree to,
 * or has a deal by. A failure of the store counts as no. */
bool view_sees_offer(struct tx *tx, const struct view *view, const struct offer *offer);

/* The offer's state at this time: its time may be over before the clock has said so. */
int64_t view_offer_state(const struct offer *offer, int64_t now);

/* The offer, and its note, whose id begins with the hex digits of the argument `key`. ERROR_MALFORMED without them,
 * ERROR_BAD_VALUE, ERROR_NOT_FOUND, ERROR_AMBIGUOUS. */
enum error view_find_offer(struct tx *tx, const struct view *view, const char *key, struct offer *offer,
                           struct note_record *note, struct failure *failure);

/* The deal of which the agreement, an amendment or a proposal on the way has such an id. The same errors. */
enum error view_find_deal(struct tx *tx, const struct view *view, const char *key, struct deal_row *row,
                          struct failure *failure);

/* ---- parts of replies ---- */

/* Appends the keys `name`, `role`, `key` and `state`. */
void view_pack_account(struct buffer *out, const struct account *account, const char *state);
const char *view_account_state(const struct account *account);

/* Appends {sequence, deal, note}, and `more` keys that the caller appends. */
enum error view_pack_deal(struct tx *tx, struct buffer *out, const struct deal_row *row, size_t more,
                          struct failure *failure);

/* Appends the key `tiers`: the followers with which micro, mid, macro and mega begin here. */
void view_pack_tiers(struct buffer *out, const struct market *market);

/* Appends the keys of what is known of an account: `profile` (if there is one), `attests`, `done`, `failed`, `stars`,
 * `ratings`. view_credentials finds it first; view_credentials_keys says how many keys it will append. */
#define CREDENTIALS_ATTESTS_MAX 16
struct credentials {
	struct note_record profile;
	bool has_profile;
	struct note_record attests[CREDENTIALS_ATTESTS_MAX];
	size_t attest_count;
	struct reputation reputation;
};
enum error view_credentials(struct tx *tx, struct slice name, struct credentials *out, struct failure *failure);
size_t view_credentials_keys(const struct credentials *credentials);
void view_pack_credentials(struct buffer *out, const struct credentials *credentials);

#endif

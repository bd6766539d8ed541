/* An account's postings as the agency tells them. */
#ifndef TROTH_CLI_STATEMENT_H
#define TROTH_CLI_STATEMENT_H

#include "cli/print.h"
#include "cli/session.h"
#include "rules/ledger.h"

struct statement_line {
	int64_t sequence, line; /* of the note in the log; of the posting in its entry */
	char account[LEDGER_ACCOUNT_MAX];
	struct money amount;
	int64_t received;
	char kind[16];
	uint8_t id[HASH_SIZE]; /* of the note that caused it */
	char deal[ID_TEXT_SIZE]; /* empty: of none */
	char campaign[81], reference[81]; /* empty: none */
};

struct statement_balance {
	char account[LEDGER_ACCOUNT_MAX];
	struct money amount;
};

#define STATEMENT_BALANCES_MAX 256 /* a party has a few per currency */

struct statement {
	struct statement_balance balances[STATEMENT_BALANCES_MAX];
	size_t balance_count;
};

/* Visits all postings, the oldest first, and fills in the balances. `name` NULL: the caller's own. */
typedef enum error (*statement_visit)(void *argument, const struct statement_line *line, struct failure *failure);
enum error statement_read(struct session *session, const char *name, struct statement *out, statement_visit visit,
                          void *argument, struct failure *failure);

/* Appends the heading of the CSV file, and a line of it. */
void statement_csv_head(struct buffer *out);
void statement_csv_line(struct buffer *out, const struct statement_line *line);

/* Whether a page that ends there goes on behind the place at which it was asked for; else asking has no end. */
bool statement_goes_on(int64_t sequence, int64_t line, int64_t former, int64_t former_line);

#endif

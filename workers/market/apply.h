/* What each kind of note does to the market: decide says whether it may, record does it.
 *
 * `decide` reads only and is run twice: on a snapshot, to know what is worth a signature, and in the write transaction,
 * where it counts. `record` runs in the write transaction right after it, and relies on what decide found. */
#ifndef TROTH_WORKERS_MARKET_APPLY_H
#define TROTH_WORKERS_MARKET_APPLY_H

#include "workers/market/submission.h"

/* Whether the note is welcome now; fills submission->findings. Refusals are the codes of base/error.h. */
enum error apply_decide(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                        struct failure *failure);

/* Stores the note under the next sequence number and does what it says. */
enum error apply_record(struct tx *tx, struct submission *submission, struct failure *failure);

/* The rows of the table in apply.c, a pair per kind. */
enum error decide_enrol(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                        struct failure *failure);
enum error decide_admit(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                        struct failure *failure);
enum error decide_offer(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                        struct failure *failure);
enum error decide_close(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                        struct failure *failure);
enum error decide_agreement(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                            struct failure *failure);
enum error decide_fund(struct tx *tx, const struct market *market, struct submission *submission, int64_t now,
                       struct failure *failure);

enum error record_enrol(struct tx *tx, struct submission *submission, struct failure *failure);
enum error record_admit(struct tx *tx, struct submission *submission, struct failure *failure);
enum error record_offer(struct tx *tx, struct submission *submission, struct failure *failure);
enum error record_close(struct tx *tx, struct submission *submission, struct failure *failure);
enum error record_agreement(struct tx *tx, struct submission *submission, struct failure *failure);
enum error record_fund(struct tx *tx, struct submission *submission, struct failure *failure);

/* The admitted account of a party that a text names; its key and role must be those. ERROR_NOT_ADMITTED,
 * ERROR_WRONG_SIGNER. */
enum error find_party(struct tx *tx, const struct party *party, enum role role, struct account *out,
                      struct failure *failure);

#endif

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
enum error apply_record(struct tx *tx, const struct market *market, struct submission *submission,
                        struct failure *failure);

/* What the rows of the table in apply.c are made of. */
typedef enum error decide_function(struct tx *tx, const struct market *market, struct submission *submission,
                                   int64_t now, struct failure *failure);
typedef enum error record_function(struct tx *tx, const struct market *market, struct submission *submission,
                                   struct failure *failure);
typedef enum error parties_function(struct tx *tx, const struct submission *submission, struct failure *failure);

decide_function decide_enrol, decide_admit, decide_suspend, decide_rekey, decide_revoke, decide_profile, decide_attest;
decide_function decide_offer, decide_close, decide_fund, decide_refund, decide_agreement, decide_step, decide_pay;
decide_function decide_lapse;

record_function record_enrol, record_admit, record_suspend, record_rekey, record_revoke, record_profile, record_attest;
record_function record_offer, record_close, record_fund, record_refund, record_deal, record_pay, record_lapse;

/* The admitted account of a party that a text names and that signs now; its role must be this one, and its key a good
 * one of it. ERROR_NOT_ADMITTED, ERROR_WRONG_SIGNER, ERROR_KEY_REVOKED, ERROR_NOT_ALLOWED. */
enum error find_party(struct tx *tx, const struct party *party, enum role role, int64_t now, struct account *out,
                      struct failure *failure);

/* The same for who begins something new: ERROR_SUSPENDED too. */
enum error find_active_party(struct tx *tx, const struct party *party, enum role role, int64_t now,
                             struct account *out, struct failure *failure);

/* A party that a text names, bound by an earlier note (of this number): the key was good then. */
enum error find_bound_party(struct tx *tx, const struct party *party, int64_t sequence, struct account *out,
                            struct failure *failure);

/* The offer that a note refers to, with its text, which stays until another offer is asked for. ERROR_NOT_FOUND. */
enum error find_offer(struct tx *tx, const struct market *market, const uint8_t id[HASH_SIZE], struct offer *offer,
                      struct note *parsed, struct failure *failure);

/* A stored note by its number, parsed; borrows from the store. */
enum error read_note(struct tx *tx, const struct market *market, int64_t sequence, struct note *parsed,
                     struct failure *failure);

#endif

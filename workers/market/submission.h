/* One note on its way through a worker: from the request's body to the answer. */
#ifndef TROTH_WORKERS_MARKET_SUBMISSION_H
#define TROTH_WORKERS_MARKET_SUBMISSION_H

#include "base/buffer.h"
#include "crypto/signed_note.h"
#include "workers/market/market.h"
#include "workers/market/records.h"
#include "workers/market/records_deals.h"

/*   received --check--> checked --decide on a snapshot--> approved --sign--> approved
 *      |                   |  \____________________________   |
 *      v                   v                               \  v  decide again and record, in the write transaction
 *   refused          refused or known               refused, known or accepted --commit--> answered            */
enum submission_state {
	SUBMISSION_CHECKED,  /* well-formed and signed by the party that the text names */
	SUBMISSION_APPROVED, /* the rules said yes on a snapshot */
	SUBMISSION_REFUSED,  /* `failure` says why */
	SUBMISSION_KNOWN,    /* the same note is stored already: `stored` and `sequence` are its */
	SUBMISSION_ACCEPTED, /* recorded in the write transaction; an answer may leave once that is committed */
};

/* What decide has looked up and record changes. Filled anew in every transaction, but for what follows from texts alone
 * and therefore still holds for a note that the snapshot has approved. */
struct findings {
	struct account account; /* the one that an account's note is about */
	struct account_key key; /* of it, for rekey and revoke */
	struct offer offer;
	struct money amount; /* what moves in the ledger, where it is not a deal's */
	bool paid;
	struct deal begun;   /* a deal by the agreement's offer that has no step yet */
	bool follows;        /* the agreement from its offer */
	struct deal_row row; /* the deal as it was */
	struct deal after;
	struct deal_result result;
	int64_t judged;     /* the latest note of the creator's profile and figures that was judged */
	int64_t followers;  /* as it followed from them */
};

struct submission {
	enum submission_state state;
	struct failure failure;
	struct signed_note signed_note; /* borrows from the request's body */
	unsigned signed_by;             /* bits of the parties that have signed it */
	size_t signer_lines[KIND_SIGNERS_MAX]; /* positions of their signatures */
	struct note note;
	uint8_t id[HASH_SIZE];
	struct findings findings;
	struct buffer counterpart; /* the other side's signature line, from its own submission of the same text */
	bool binds;           /* with this note both sides are bound: so it is countersigned */
	struct buffer stored; /* the signed note as it is or will be stored */
	int64_t sequence;
	int64_t received;
};

/* Makes an empty one; release frees what it owns. */
void submission_init(struct submission *submission);
void submission_release(struct submission *submission);

/* Reads and verifies a signed note: form, text, signature of the party that the text names. Needs no store. The outcome
 * is in the submission's state. `bytes` must outlive it. */
void submission_check(struct submission *submission, const struct market *market, struct slice bytes, int64_t now);

/* Puts together what will be stored: text, the party's signature, and the agency's where the kind has one. */
void submission_sign(struct submission *submission, const struct market *market);

/* Takes over a stored note that has the same id. ERROR_NO_MEMORY. */
enum error submission_take_known(struct submission *submission, const struct note_record *known,
                                 struct failure *failure);

/* Turns it down. */
void submission_refuse(struct submission *submission, const struct failure *failure);

/* Appends the reply's body. */
void submission_answer(const struct submission *submission, struct buffer *out);

#endif

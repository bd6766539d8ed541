/* Replays accepted notes through the rules, in order of their numbers: what state, money and deadlines follow. Pure.
 *
 * Who replays may hold a part of the log only, such as one party's own notes. So what others have done is not known:
 * which slots of an offer they took, what was funded, what became of an offer. Nothing is refused for that. What is
 * there is judged in full: a deal's chain, state, deadlines and money, whether an agreement follows from its offer,
 * which keys an account has. Not judged is what depends on notes of others: block lists, figures and exclusivity,
 * whether a payment's reference was used before, whether a creator has another deal by the same offer, and the standing
 * of a party that a text only names.
 *
 * Signatures are the caller's business: it says which of a note's signers have signed, and whether the agency has. */
#ifndef TROTH_RULES_REPLAY_H
#define TROTH_RULES_REPLAY_H

#include "rules/deal.h"

#define REPLAY_RECEIVED_MAX INT64_C(250246627200) /* 9900-01-01T00:00:00Z: what is due after it can still be written */

struct replay;

struct replay_input {
	const struct note *note; /* borrowed for the call */
	const uint8_t *id;       /* 32 bytes */
	unsigned signed_by;      /* as for note_is_signed */
	bool countersigned;      /* by the agency */
	int64_t sequence;
	int64_t received; /* seconds since 1970 */
};

/* A deal, and the numbers of its notes. */
struct replay_deal {
	struct deal deal;
	int64_t first, last; /* the notes that began it and that came last */
	size_t notes;
	int64_t hidden; /* the rating that may not be seen yet; 0: none */
	int64_t broken; /* the first note that did not fit; what came after it is not judged. 0: all have */
};

/* A key that has signed. It is vouched for if something that the agency has signed says whose it is: an admission, in
 * one or several steps, or an agreement that it has countersigned. */
struct replay_key {
	const char *account; /* borrowed from the replay */
	enum role role;
	const uint8_t *key; /* 32 bytes, borrowed from the replay */
	size_t notes;
	bool vouched;
	bool matters; /* something rests on one of its notes: not on offers, profiles, and texts that bind nobody */
};

/* An accepted note whose key was revoked later, back to before it. */
struct replay_disavowed {
	int64_t sequence;
	enum kind_id kind;
	char account[ACCOUNT_NAME_MAX];
	int64_t revoked; /* the number of the revoke note */
};

/* NULL if memory is out. Caller frees with replay_free, which takes NULL too. */
struct replay *replay_new(void);
void replay_free(struct replay *replay);

/* Takes the next note. One that is refused changes nothing, but that it was there and its deal is broken from then on:
 *   ERROR_MALFORMED     its number is not above that of the note before
 *   ERROR_BAD_VALUE     it came before 1970 or after REPLAY_RECEIVED_MAX
 *   ERROR_EXISTS        the note was there already, or the account is admitted already
 *   ERROR_WRONG_SIGNER  a signature is missing that it needs, or by a key that the account does not have
 *   ERROR_KEY_REVOKED   by a key that the account had no more
 *   ERROR_SUSPENDED     something new of an account that was suspended
 *   ERROR_NOT_FOUND     the offer or the deal that it speaks of is not there
 *   ERROR_SUPERSEDED    the deal's chain is broken, with the numbers between which a note is missing or too many; or a
 *                       proposal that has ended comes again
 *   ERROR_WRONG_STATE   the deal was broken before, or what deal_step says of it
 *   ERROR_OFFER_CLOSED, ERROR_OFFER_EXPIRED, ERROR_OFFER_FULL
 * and what deal_step, agreement_follows and offer_may_open return. After ERROR_NO_MEMORY and ERROR_OVERFLOW the replay
 * can only be freed. */
enum error replay_note(struct replay *replay, const struct replay_input *input, struct failure *failure);

/* Takes what is known of the next note where it may not be seen yet. Such a note is a rating, of one side of a deal
 * that the other has not rated: which deal, says the note that follows it. Nothing but its id is checked, so whoever
 * made the file may call another note one. Refused: its number or time, as above; ERROR_EXISTS. */
enum error replay_hidden(struct replay *replay, const uint8_t id[FIELD_HASH_SIZE], int64_t sequence, int64_t received,
                         struct failure *failure);

/* The deals, in the order in which they began; `index` is below the count. Borrowed until the next note. */
size_t replay_deal_count(const struct replay *replay);
const struct replay_deal *replay_deal(const struct replay *replay, size_t index);

/* Disavowed notes, in the order in which they were disavowed. */
size_t replay_disavowed_count(const struct replay *replay);
const struct replay_disavowed *replay_disavowed(const struct replay *replay, size_t index);

/* Calls `visit` for every account of the ledger and currency, in their order, with the sum of what was booked; for all
 * those that the notes speak of, though what others did is missing in them. */
typedef void replay_balance_visitor(void *argument, const char *account, const struct money *balance);
void replay_balances(const struct replay *replay, replay_balance_visitor *visit, void *argument);

/* The same for every key that has signed a note. */
typedef void replay_key_visitor(void *argument, const struct replay_key *key);
void replay_keys(const struct replay *replay, replay_key_visitor *visit, void *argument);

/* Whether an account has this key by what the agency has signed, and neither a rekey nor a revoke note has ended it. */
bool replay_key_is_good(const struct replay *replay, const char *account, const uint8_t key[FIELD_KEY_SIZE]);

/* Whether an account of this role has this key by what the agency has signed, or had it before it was ended. */
bool replay_key_is_vouched(const struct replay *replay, const char *account, enum role role,
                           const uint8_t key[FIELD_KEY_SIZE]);

#endif

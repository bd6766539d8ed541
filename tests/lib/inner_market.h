/* A market in this very process: a store in a scratch folder, and accounts whose notes go straight through the worker's
 * batch, without broker, wire or clock. Time is a number that the test sets.
 *
 * What cannot go wrong in a sound program ends the test (tests/lib/stop.h). For one thread only. */
#ifndef TROTH_TESTS_LIB_INNER_MARKET_H
#define TROTH_TESTS_LIB_INNER_MARKET_H

#include "workers/market/batch.h"
#include "workers/market/timers.h"

#define INNER_ORIGIN "agency.example"

struct inner_market {
	struct market market;
	const char *folder; /* the store's */
	int64_t now;        /* seconds since 1970; whatever is made and applied, is so now */
	struct batch *batch;
	struct buffer waiting[BATCH_MAX]; /* notes of the batch */
	uint64_t nonces;
	uint64_t applied, batches;
};

/* Makes one with an empty store. */
void inner_market_open(struct inner_market *inner, int64_t now);
void inner_market_close(struct inner_market *inner);

struct inner_party {
	enum role role;
	char name[ACCOUNT_NAME_MAX];
	char signer[NOTE_SIGNER_MAX];
	char text[ACCOUNT_NAME_MAX + 80]; /* as notes name it */
	uint8_t transport[FIELD_KEY_SIZE];
	struct signing_key *key;
};

/* A party with new keys, known to nobody yet. */
void inner_party_make(struct inner_party *party, enum role role, const char *name);
void inner_party_release(struct inner_party *party);

/* Appends a signed note of these pairs, with time and nonce; its id goes to `id` unless that is NULL. */
void inner_compose(struct inner_market *inner, const struct inner_party *party, enum kind_id kind,
                   const struct note_pair *pairs, size_t count, struct buffer *out, uint8_t id[HASH_SIZE]);

/* Puts a note, which is copied, into the batch, and runs this when it is full; every note must be accepted. */
void inner_add(struct inner_market *inner, struct slice note);
void inner_flush(struct inner_market *inner);

/* What became of a note that may be refused. */
struct inner_outcome {
	enum error code; /* OK: accepted, or known already */
	unsigned line;
	char text[FAILURE_TEXT_MAX];
	int64_t sequence; /* of an accepted note */
};

/* Flushes, and applies one note in a batch of its own. */
struct inner_outcome inner_try(struct inner_market *inner, struct slice note);

/* Composes and adds. */
void inner_sign(struct inner_market *inner, const struct inner_party *party, enum kind_id kind,
                const struct note_pair *pairs, size_t count, uint8_t id[HASH_SIZE]);

/* Enrols a party and admits it, by the operator, or where that is NULL by the agency. */
void inner_admit(struct inner_market *inner, const struct inner_party *operator, const struct inner_party *party);

/* "sha256:…" */
#define INNER_REFERENCE_MAX 80
struct slice inner_reference(const uint8_t id[HASH_SIZE], char out[INNER_REFERENCE_MAX]);

struct inner_deal {
	uint8_t id[HASH_SIZE], head[HASH_SIZE];
};

/* Appends the text that follows from an offer, given as its signed note; a party signs such a text; the creator does
 * both. */
void inner_derive(struct inner_market *inner, const struct inner_party *creator, struct slice offer,
                  struct buffer *text);
void inner_agree(struct inner_market *inner, const struct inner_party *party, struct slice text,
                 struct inner_deal *out);
void inner_accept(struct inner_market *inner, const struct inner_party *creator, struct slice offer,
                  struct inner_deal *out);

/* A party takes a step of a deal; `pairs` are those that stand in the kind's own part. */
void inner_step(struct inner_market *inner, const struct inner_party *party, enum kind_id kind, struct inner_deal *deal,
                const struct note_pair *pairs, size_t count);

/* Flushes, and lets time pass. */
void inner_wait(struct inner_market *inner, int64_t seconds);

/* Flushes, and applies what is due now in batches until nothing is; returns how many lapses that were. */
uint64_t inner_lapse(struct inner_market *inner);

#endif

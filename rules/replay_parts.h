/* What a replay is made of. Only rules/replay*.c include it. */
#ifndef TROTH_RULES_REPLAY_PARTS_H
#define TROTH_RULES_REPLAY_PARTS_H

#include "base/map.h"
#include "rules/offer.h"
#include "rules/replay.h"

/* A note that a key has signed. */
struct use {
	int64_t sequence;
	enum kind_id kind;
	bool disavowed;
};

struct account_key {
	uint8_t key[FIELD_KEY_SIZE];
	bool vouched;
	int64_t replaced;    /* by this rekey note; 0: not */
	int64_t good_until;  /* then: the last second of the overlap */
	int64_t revoked;     /* by this note; 0: not */
	int64_t valid_until; /* then: the last note for which it is good */
	int64_t ended;       /* by this note, which has revoked what replaced it; 0: not */
	struct use *uses;
	size_t use_count, use_room;
	struct account_key *next;
};

struct account {
	char name[ACCOUNT_NAME_MAX];
	enum role role;  /* ROLE_COUNT: not known */
	bool admitted;   /* its admission is there, so all its keys are known */
	bool suspended;
	struct account_key *keys; /* the latest first */
};

/* A text is there twice where one side proposes it and the other concludes: the agency then keeps both signatures. */
struct seen {
	int64_t sequence;   /* the latest */
	unsigned signed_by; /* by then */
	bool hidden;        /* only this is known of it */
	int64_t received;   /* of a hidden one */
};

struct replay_offer {
	char brand[ACCOUNT_NAME_MAX];
	struct offer_state state; /* `taken` by those who are known */
	struct buffer text;
};

struct replay {
	int64_t sequence;
	struct map *seen;     /* ids of notes: struct seen */
	struct map *accounts; /* names: struct account */
	struct map *offers;   /* ids: struct replay_offer */
	struct map *texts;    /* ids of proposals, agreements, amendments: struct replay_deal, which `deals` owns */
	struct map *balances; /* "account currency": int64_t */
	struct replay_deal **deals;
	size_t deal_count, deal_room;
	struct replay_disavowed *disavowed;
	size_t disavowed_count, disavowed_room;
};

enum error replay_out_of_memory(struct failure *failure);

/* Makes room for one more in an array of `size` bytes each; false if memory is out. */
bool replay_make_room(void **array, size_t count, size_t *room, size_t size);

/* What is known of a note that was seen; NULL if it was not. */
struct seen *replay_find_seen(const struct replay *replay, const uint8_t id[FIELD_HASH_SIZE]);

/* Its number; 0 if it was not. */
int64_t replay_seen(const struct replay *replay, const uint8_t id[FIELD_HASH_SIZE]);

/* Remembers a note; NULL if memory is out. */
struct seen *replay_add_seen(struct replay *replay, const uint8_t id[FIELD_HASH_SIZE], int64_t sequence);

/* Whether the agency can have given the next note this number and time. */
enum error replay_check_place(const struct replay *replay, int64_t sequence, int64_t received,
                              struct failure *failure);

/* Books an entry. ERROR_OVERFLOW, ERROR_NO_MEMORY. */
enum error replay_book(struct replay *replay, const struct entry *entry, struct failure *failure);

/* The balance of an account; 0 if nothing was booked. */
int64_t replay_balance(const struct replay *replay, const char *account, const char *currency);

/* ---- accounts: rules/replay_accounts.c ---- */

void replay_account_free(void *account);

/* Judges the keys of those who have signed; `input` names those only who have not signed the same text before. */
enum error replay_check_signers(struct replay *replay, const struct replay_input *input, struct failure *failure);

/* Remembers that they have signed. */
enum error replay_add_uses(struct replay *replay, const struct replay_input *input, struct failure *failure);

/* The agency has countersigned a text that says whose this key is. */
enum error replay_vouch(struct replay *replay, const struct party *party, enum role role, struct failure *failure);

enum error replay_admit(struct replay *replay, const struct replay_input *input, struct failure *failure);
enum error replay_suspend(struct replay *replay, const struct replay_input *input, struct failure *failure);
enum error replay_rekey(struct replay *replay, const struct replay_input *input, struct failure *failure);
enum error replay_revoke(struct replay *replay, const struct replay_input *input, struct failure *failure);

/* ---- notes that may not be seen yet: rules/replay_hidden.c ---- */

/* Takes the hidden rating that this note says it follows, if the deal can have it. */
void replay_take_hidden(const struct replay *replay, struct replay_deal *deal, const struct replay_input *input);

/* ---- offers and deals: rules/replay_market.c ---- */

void replay_offer_free(void *offer);

enum error replay_open_offer(struct replay *replay, const struct replay_input *input, struct failure *failure);
enum error replay_close_offer(struct replay *replay, const struct replay_input *input, struct failure *failure);
enum error replay_money(struct replay *replay, const struct replay_input *input, struct failure *failure);
enum error replay_agreement(struct replay *replay, const struct replay_input *input, struct failure *failure);
enum error replay_step(struct replay *replay, const struct replay_input *input, struct failure *failure);
enum error replay_lapse(struct replay *replay, const struct replay_input *input, struct failure *failure);

#endif

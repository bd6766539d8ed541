/* The replay as a whole: which note goes where, the ledger, and what can be asked; see replay.h. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "rules/replay_parts.h"

#define BALANCE_KEY_MAX (LEDGER_ACCOUNT_MAX + CURRENCY_SIZE)

/* What a note of each kind does; NULL: nothing that can be judged here. */
static enum error (*const appliers[KIND_COUNT])(struct replay *, const struct replay_input *, struct failure *) = {
	[KIND_ADMIT] = replay_admit,         [KIND_SUSPEND] = replay_suspend, [KIND_REKEY] = replay_rekey,
	[KIND_REVOKE] = replay_revoke,       [KIND_OFFER] = replay_open_offer, [KIND_CLOSE] = replay_close_offer,
	[KIND_FUND] = replay_money,          [KIND_REFUND] = replay_money,    [KIND_AGREEMENT] = replay_agreement,
	[KIND_DECLINE] = replay_step,        [KIND_SHIP] = replay_step,       [KIND_RECEIVE] = replay_step,
	[KIND_SUBMIT] = replay_step,         [KIND_REVISE] = replay_step,     [KIND_APPROVE] = replay_step,
	[KIND_POST] = replay_step,           [KIND_VERIFY] = replay_step,     [KIND_PAY] = replay_step,
	[KIND_RATE] = replay_step,           [KIND_CANCEL] = replay_step,     [KIND_DISPUTE] = replay_step,
	[KIND_RULING] = replay_step,         [KIND_LAPSE] = replay_lapse,
};

enum error replay_out_of_memory(struct failure *failure) {
	return fail(failure, ERROR_NO_MEMORY, "out of memory");
}

bool replay_make_room(void **array, size_t count, size_t *room, size_t size) {
	if (count < *room) {
		return true;
	}
	size_t wanted = *room == 0 ? 4 : 2 * *room;
	void *grown = reallocarray(*array, wanted, size);
	if (grown == NULL) {
		return false;
	}
	*array = grown;
	*room = wanted;
	return true;
}

struct replay *replay_new(void) {
	struct replay *replay = calloc(1, sizeof *replay);
	if (replay == NULL) {
		return NULL;
	}
	replay->seen = map_new();
	replay->accounts = map_new();
	replay->offers = map_new();
	replay->texts = map_new();
	replay->balances = map_new();
	if (replay->seen == NULL || replay->accounts == NULL || replay->offers == NULL || replay->texts == NULL ||
	    replay->balances == NULL) {
		replay_free(replay);
		return NULL;
	}
	return replay;
}

void replay_free(struct replay *replay) {
	if (replay == NULL) {
		return;
	}
	map_free(replay->seen, free);
	map_free(replay->accounts, replay_account_free);
	map_free(replay->offers, replay_offer_free);
	map_free(replay->texts, NULL);
	map_free(replay->balances, free);
	for (size_t i = 0; i < replay->deal_count; i++) {
		free(replay->deals[i]);
	}
	free(replay->deals);
	free(replay->disavowed);
	free(replay);
}

/* ---- which notes were there ---- */

struct seen *replay_find_seen(const struct replay *replay, const uint8_t id[FIELD_HASH_SIZE]) {
	return map_get(replay->seen, slice_of(id, FIELD_HASH_SIZE));
}

int64_t replay_seen(const struct replay *replay, const uint8_t id[FIELD_HASH_SIZE]) {
	const struct seen *seen = replay_find_seen(replay, id);
	return seen == NULL ? 0 : seen->sequence;
}

struct seen *replay_add_seen(struct replay *replay, const uint8_t id[FIELD_HASH_SIZE], int64_t sequence) {
	struct seen *seen = replay_find_seen(replay, id);
	if (seen == NULL) {
		seen = calloc(1, sizeof *seen);
		if (seen == NULL || !map_put(replay->seen, slice_of(id, FIELD_HASH_SIZE), seen)) {
			free(seen);
			return NULL;
		}
	}
	seen->sequence = sequence;
	return seen;
}

/* `good` says that the note was accepted, so those who signed it have. */
static enum error see(struct replay *replay, const struct replay_input *input, bool good, struct failure *failure) {
	struct seen *seen = replay_add_seen(replay, input->id, input->sequence);
	if (seen == NULL) {
		return replay_out_of_memory(failure);
	}
	seen->signed_by |= good ? input->signed_by : 0;
	return OK;
}

/* ---- a note ---- */

enum error replay_check_place(const struct replay *replay, int64_t sequence, int64_t received,
                              struct failure *failure) {
	if (sequence <= replay->sequence) {
		return fail(failure, ERROR_MALFORMED, "note %" PRId64 " comes after note %" PRId64, sequence, replay->sequence);
	}
	bool is_time = received >= 0 && received <= REPLAY_RECEIVED_MAX;
	return is_time ? OK : fail(failure, ERROR_BAD_VALUE, "no agency has received a note at that time");
}

static enum error check_form(const struct replay *replay, const struct replay_input *input, struct failure *failure) {
	enum error error = replay_check_place(replay, input->sequence, input->received, failure);
	if (error != OK) {
		return error;
	}
	const struct seen *before = replay_find_seen(replay, input->id);
	if (before != NULL && (before->hidden || input->note->kind->id != KIND_AGREEMENT)) {
		return fail(failure, ERROR_EXISTS, "the same note as number %" PRId64, before->sequence);
	}
	return note_is_signed(input->note, input->signed_by)
	    ? OK : fail(failure, ERROR_WRONG_SIGNER, "a signature is missing that this kind of note needs");
}

enum error replay_note(struct replay *replay, const struct replay_input *input, struct failure *failure) {
	enum error error = check_form(replay, input, failure);
	if (error == ERROR_MALFORMED) {
		return error;
	}
	replay->sequence = input->sequence;
	const struct seen *before = replay_find_seen(replay, input->id);
	struct replay_input fresh = *input; /* whose signature was there before, had a good key then */
	fresh.signed_by &= before == NULL ? ~0U : ~before->signed_by;
	if (error == OK) {
		error = replay_check_signers(replay, &fresh, failure);
	}
	enum kind_id kind = input->note->kind->id;
	if (error == OK && appliers[kind] != NULL) {
		error = appliers[kind](replay, input, failure);
	}
	if (error == OK) {
		error = replay_add_uses(replay, &fresh, failure);
	}
	enum error seen = see(replay, input, error == OK, error == OK ? failure : NULL);
	return error == OK ? seen : error;
}

/* ---- the ledger ---- */

static struct slice write_balance_key(char out[BALANCE_KEY_MAX], const char *account, const char *currency) {
	int size = snprintf(out, BALANCE_KEY_MAX, "%s %s", account, currency);
	assert(size > 0 && size < BALANCE_KEY_MAX);
	return slice_of(out, (size_t)size);
}

int64_t replay_balance(const struct replay *replay, const char *account, const char *currency) {
	char text[BALANCE_KEY_MAX];
	const int64_t *balance = map_get(replay->balances, write_balance_key(text, account, currency));
	return balance == NULL ? 0 : *balance;
}

enum error replay_book(struct replay *replay, const struct entry *entry, struct failure *failure) {
	char text[BALANCE_KEY_MAX];
	for (size_t i = 0; i < entry->count; i++) {
		const struct posting *posting = &entry->postings[i];
		struct slice key = write_balance_key(text, posting->account, posting->amount.currency);
		int64_t *balance = map_get(replay->balances, key);
		if (balance == NULL) {
			balance = calloc(1, sizeof *balance);
			if (balance == NULL || !map_put(replay->balances, key, balance)) {
				free(balance);
				return replay_out_of_memory(failure);
			}
		}
		if (__builtin_add_overflow(*balance, posting->amount.minor, balance)) {
			return fail(failure, ERROR_OVERFLOW, "the balance of %s is too large", posting->account);
		}
	}
	return OK;
}

/* ---- what can be asked ---- */

size_t replay_deal_count(const struct replay *replay) {
	return replay->deal_count;
}

const struct replay_deal *replay_deal(const struct replay *replay, size_t index) {
	assert(index < replay->deal_count);
	return replay->deals[index];
}

size_t replay_disavowed_count(const struct replay *replay) {
	return replay->disavowed_count;
}

const struct replay_disavowed *replay_disavowed(const struct replay *replay, size_t index) {
	assert(index < replay->disavowed_count);
	return &replay->disavowed[index];
}

void replay_balances(const struct replay *replay, replay_balance_visitor *visit, void *argument) {
	for (struct map_entry *entry = map_first(replay->balances); entry != NULL; entry = map_next(entry)) {
		char account[BALANCE_KEY_MAX];
		struct money balance = { .minor = *(const int64_t *)entry->value };
		bool fits = slice_copy_text(entry->key, account, sizeof account);
		assert(fits); /* written above */
		char *blank = strrchr(account, ' ');
		*blank = '\0';
		memcpy(balance.currency, blank + 1, CURRENCY_SIZE);
		visit(argument, account, &balance);
	}
}

/* An offer or a proposal is nothing to anybody until the agency countersigns a text, which vouches for its keys. */
static bool matters(const struct account_key *key) {
	static const bool harmless[KIND_COUNT] = {
		[KIND_PROFILE] = true, [KIND_OFFER] = true,   [KIND_CLOSE] = true,
		[KIND_DECLINE] = true, [KIND_AGREEMENT] = true,
	};
	bool found = false;
	for (size_t i = 0; i < key->use_count && !found; i++) {
		found = !harmless[key->uses[i].kind];
	}
	return found;
}

void replay_keys(const struct replay *replay, replay_key_visitor *visit, void *argument) {
	for (struct map_entry *entry = map_first(replay->accounts); entry != NULL; entry = map_next(entry)) {
		const struct account *account = entry->value;
		for (const struct account_key *key = account->keys; key != NULL; key = key->next) {
			struct replay_key shown = { .account = account->name, .role = account->role, .key = key->key,
				                        .notes = key->use_count, .vouched = key->vouched,
				                        .matters = matters(key) };
			if (key->use_count > 0) {
				visit(argument, &shown);
			}
		}
	}
}

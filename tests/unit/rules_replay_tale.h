/* A replay that is told note by note, for the tests of rules/replay: an operator, a brand, a creator, one offer at a
 * time. The failing note's text is shown where a note is refused that should not be. */
#ifndef TROTH_TESTS_UNIT_RULES_REPLAY_TALE_H
#define TROTH_TESTS_UNIT_RULES_REPLAY_TALE_H
#include "rules/replay.h"

#include <stdio.h>
#include <stdlib.h>

#include "crypto/signed_note.h"
#include "rules/calendar.h"
#include "tests/unit/rules_samples.h"

#define KEY_BRAND HEX_A
#define KEY_CREATOR HEX_B
#define KEY_OPERATOR "0123012301230123012301230123012301230123012301230123012301230123"
#define KEY_OTHER "4567456745674567456745674567456745674567456745674567456745674567"
#define KEY_AGENCY "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
#define BY_ACME "brand acme-yoga ed25519:" KEY_BRAND "\n"
#define BY_FLOW "creator studio-flow ed25519:" KEY_CREATOR "\n"
#define BY_OLGA "operator olga ed25519:" KEY_OPERATOR "\n"
#define EITHER_ACME "by acme-yoga ed25519:" KEY_BRAND "\nrole brand\n"
#define EITHER_FLOW "by studio-flow ed25519:" KEY_CREATOR "\nrole creator\n"
#define SUBMISSION "content sha256:" HEX_C " https://example.com/reel.mp4\n"
#define SEEN "live yes\ntagged yes\ndisclosed yes\nreach 9200\n"
#define HOUR 3600
#define DAY 86400
#define FIRST 1  /* signed_by: the creator of an agreement, or the one signer of anything else */
#define SECOND 2 /* the brand of an agreement */

struct tale {
	struct replay *replay;
	int64_t sequence, now;
	uint8_t id[FIELD_HASH_SIZE]; /* of the latest note */
	uint8_t offer[FIELD_HASH_SIZE], deal[FIELD_HASH_SIZE], head[FIELD_HASH_SIZE];
	char text[SAMPLE_MAX]; /* of the latest note */
	struct failure failure;
};

static struct tale tale;

static inline void set_up(void) {
	tale = (struct tale){ .replay = replay_new(), .now = TIME_SECONDS };
	ck_assert_ptr_nonnull(tale.replay);
}

static inline void tear_down(void) {
	replay_free(tale.replay);
}

/* Replays tale.text as the next note. */
static inline enum error tell_again(unsigned signed_by, bool countersigned) {
	struct note note;
	sample_parse(tale.text, &note);
	signed_note_id(slice_of_text(tale.text), tale.id);
	tale.sequence++;
	tale.now++;
	tale.failure = (struct failure){ .code = OK };
	struct replay_input input = { .note = &note, .id = tale.id, .signed_by = signed_by, .countersigned = countersigned,
		                          .sequence = tale.sequence, .received = tale.now };
	enum error error = replay_note(tale.replay, &input, &tale.failure);
	ck_assert_int_eq(tale.failure.code, error);
	return error;
}

static inline enum error tell(const char *kind, const char *lines) {
	(void)snprintf(tale.text, sizeof tale.text, "%s/%s/v1\n%s%s", ORIGIN, kind, lines, STAMP);
	return tell_again(FIRST, false);
}

static inline void told(enum error error) {
	ck_assert_msg(error == OK, "note %d: line %u: %s\n%s", (int)tale.sequence, tale.failure.line, tale.failure.text,
	              tale.text);
}

static inline void refused(enum error error, enum error expected, const char *words) {
	ck_assert_msg(error == expected, "note %d: %s: %s", (int)tale.sequence, error_word(error), tale.failure.text);
	ck_assert_msg(strstr(tale.failure.text, words) != NULL, "\"%s\" does not say \"%s\"", tale.failure.text, words);
}

static inline const char *reference(const uint8_t id[FIELD_HASH_SIZE], char out[80]) {
	char hex[HASH_HEX_SIZE];
	hex_encode(slice_of(id, FIELD_HASH_SIZE), hex);
	(void)snprintf(out, 80, "sha256:%s", hex);
	return out;
}

/* A step of the deal that follows tale.head. */
static inline enum error step(const char *kind, const char *lines) {
	char deal[80], after[80], all[NOTE_TEXT_MAX];
	(void)snprintf(all, sizeof all, "deal %s\nafter %s\n%s", reference(tale.deal, deal), reference(tale.head, after),
	               lines);
	enum error error = tell(kind, all);
	memcpy(tale.head, tale.id, sizeof tale.head);
	return error;
}

static inline enum error lapse(const char *deadline, int64_t due) {
	char lines[400], text[TIME_TEXT_SIZE];
	(void)snprintf(lines, sizeof lines, "deadline %s\ndue %s\nby agency ed25519:%s\n", deadline,
	               time_format(due, text), KEY_AGENCY);
	return step("lapse", lines);
}

static inline enum error admit(const char *account, const char *key, const char *role, const char *admitter) {
	char lines[600];
	(void)snprintf(lines, sizeof lines, "account %s ed25519:%s\nrole %s\nenrolment sha256:%s\nadmitter %s\n", account,
	               key, role, HEX_C, admitter);
	return tell("admit", lines);
}

static inline void admit_all(void) {
	told(admit("olga", KEY_OPERATOR, "operator", "agency ed25519:" KEY_AGENCY));
	told(admit("acme-yoga", KEY_BRAND, "brand", "olga ed25519:" KEY_OPERATOR));
	told(admit("studio-flow", KEY_CREATOR, "creator", "olga ed25519:" KEY_OPERATOR));
}

/* What an offer of 250.00 and 25.00 for the agency says, but for the fee. */
#define TERMS_AROUND(fee) \
	"compensation paid\n" fee "agency-fee 25.00 USD\ndeliverable 1 instagram-reel within 14d\ndisclosure #ad\n" \
	"revisions 1\npay-within 30d\n"

static inline enum error offer(const char *road) {
	char lines[NOTE_TEXT_MAX];
	(void)snprintf(lines, sizeof lines, "%s%sroad %s\nslots 2\ncloses 2027-03-31T23:59:59Z\n", BY_ACME,
	               TERMS_AROUND("fee 250.00 USD\n"), road);
	enum error error = tell("offer", lines);
	memcpy(tale.offer, tale.id, sizeof tale.offer);
	return error;
}

/* Writes a text by the offer to tale.text: `head` are the lines behind `offer`, `fee` is one. */
static inline void draft(const char *head, const char *creator, const char *fee) {
	char id[80];
	(void)snprintf(tale.text, sizeof tale.text,
	               "%s/agreement/v1\noffer %s\n%s%s%scompensation paid\n%sagency-fee 25.00 USD\n"
	               "deliverable 1 instagram-reel within 14d\ndisclosure #ad\nrevisions 1\npay-within 30d\n%s",
	               ORIGIN, reference(tale.offer, id), head, BY_ACME, creator, fee, STAMP);
}

/* Replays such a text as what the deal then follows. */
static inline enum error text(const char *head, const char *creator, const char *fee, unsigned signed_by,
                              bool countersigned) {
	draft(head, creator, fee);
	enum error error = tell_again(signed_by, countersigned);
	memcpy(tale.deal, tale.id, sizeof tale.deal);
	memcpy(tale.head, tale.id, sizeof tale.head);
	return error;
}

static inline enum error accept(void) {
	return text("", BY_FLOW, "fee 250.00 USD\n", FIRST, true);
}

/* Notes 1 to 6: accounts, money, offer, agreement. */
static inline void begin_paid_deal(void) {
	admit_all();
	told(tell("fund", "brand acme-yoga\namount 1000.00 USD\nreference bank-1\n" BY_OLGA));
	told(offer("first-come"));
	told(accept());
}

static inline const struct deal *latest(void) {
	ck_assert_uint_gt(replay_deal_count(tale.replay), 0);
	return &replay_deal(tale.replay, replay_deal_count(tale.replay) - 1)->deal;
}

struct asked {
	const char *account;
	int64_t minor;
};

static inline void find_balance(void *argument, const char *account, const struct money *balance) {
	struct asked *asked = argument;
	size_t size = strlen(account), end = strlen(asked->account);
	if (size >= end && strcmp(account + size - end, asked->account) == 0) {
		ck_assert_str_eq(balance->currency, "USD");
		asked->minor += balance->minor;
	}
}

/* The sum of all accounts that end so. */
static inline int64_t balance(const char *account) {
	struct asked asked = { account, 0 };
	replay_balances(tale.replay, find_balance, &asked);
	return asked.minor;
}

static inline void count_unvouched(void *argument, const struct replay_key *key) {
	*(size_t *)argument += key->vouched ? 0 : 1;
}

static inline size_t unvouched(void) {
	size_t count = 0;
	replay_keys(tale.replay, count_unvouched, &count);
	return count;
}

static inline void find_unvouched(void *argument, const struct replay_key *key) {
	*(bool *)argument = *(bool *)argument || (!key->vouched && key->matters);
}

static inline bool rests_on_unvouched(void) {
	bool found = false;
	replay_keys(tale.replay, find_unvouched, &found);
	return found;
}

#endif

/* A deal played with real notes: each is written as text, read, and taken by deal_step. For the tests of deals. */
#ifndef TROTH_TESTS_UNIT_RULES_DEAL_SCRIPT_H
#define TROTH_TESTS_UNIT_RULES_DEAL_SCRIPT_H

#include <stdio.h>

#include "crypto/keys.h"
#include "rules/calendar.h"
#include "rules/deal.h"
#include "rules/offer.h"
#include "tests/unit/rules_samples.h"

#define SCRIPT_TEXT_MAX 4096
#define HOUR 3600
#define DAY 86400

/* Everything that a deal can have, money of all kinds and a kill fee at every stage. */
#define SCRIPT_TERMS \
	"compensation gifted-paid-and-commission\n" \
	"product Cork yoga mat, 5 mm\n" \
	"product-value 89.00 USD\n" \
	"fee 250.00 USD\n" \
	"commission 10 %\n" \
	"commission-cap 100.00 USD\n" \
	"agency-fee 25.00 USD\n" \
	"deliverable 1 instagram-reel within 14d\n" \
	"disclosure #ad\n" \
	"kill-fee-before-submission 10 %\n" \
	"kill-fee-after-submission 50 %\n" \
	"kill-fee-after-approval 80 %\n" \
	"revisions 1\n" \
	"live-for 60d\n" \
	"pay-within 30d\n"

/* Who tries a step. The name and role stand in the note wherever its kind has a place for its signer. */
struct actor {
	const char *name, *role;
	unsigned by;
	bool stranger;
};
enum { BRAND_SIDE, CREATOR_SIDE, OPERATOR, THE_AGENCY, OTHER_BRAND, OTHER_CREATOR, OTHER_OPERATOR, ACTORS };
static const struct actor script_actors[ACTORS] = {
	[BRAND_SIDE] = { "acme-yoga", "brand", BY_BRAND, false },
	[CREATOR_SIDE] = { "studio-flow", "creator", BY_CREATOR, false },
	[OPERATOR] = { "olga", "operator", BY_OPERATOR, false },
	[THE_AGENCY] = { AGENCY_NAME, "operator", BY_AGENCY, false },
	[OTHER_BRAND] = { "other-brand", "brand", BY_BRAND, true },
	[OTHER_CREATOR] = { "other-creator", "creator", BY_CREATOR, true },
	[OTHER_OPERATOR] = { "boris", "operator", BY_OPERATOR, false }, /* that both are admitted is for the caller */
};

struct script {
	char offer_text[SCRIPT_TEXT_MAX], text[SCRIPT_TEXT_MAX];
	char proposal[SCRIPT_TEXT_MAX]; /* the latest text of kind agreement that was taken */
	struct note offer, note;
	uint8_t offer_id[FIELD_HASH_SIZE], id[FIELD_HASH_SIZE];
	const char *terms; /* of the next text of kind agreement */
	const char *sales, *amount, *share; /* of the next verify, pay, ruling; NULL: none, all, 50 % */
	struct deal deal, after;
	struct deal_result result;
	struct failure failure;
	int64_t now;
	bool offer_closed, known; /* as in struct deal_input */
	unsigned written; /* notes so far: no two are the same */
};

/* An offer by this road with these terms, and nothing done yet. */
static inline void script_begin(struct script *script, const char *road, const char *terms) {
	*script = (struct script){ .terms = terms, .now = TIME_SECONDS };
	snprintf(script->offer_text, SCRIPT_TEXT_MAX,
	         ORIGIN "/offer/v1\n" BRAND "%sroad %s\nslots 5\ncloses 2027-03-31T23:59:59Z\n" STAMP, terms, road);
	sample_parse(script->offer_text, &script->offer);
	hash_sha256(slice_of_text(script->offer_text), script->offer_id);
	enum error error = deal_begin(&script->offer, script->offer_id, slice_of_text("studio-flow"), &script->deal, NULL);
	ck_assert_int_eq(error, OK);
}

static inline const char *script_hex(const uint8_t id[FIELD_HASH_SIZE], char out[65]) {
	for (size_t i = 0; i < FIELD_HASH_SIZE; i++) {
		snprintf(out + 2 * i, 3, "%02x", id[i]);
	}
	return out;
}

static inline void script_stamp(struct script *script, size_t size) {
	char time[TIME_TEXT_SIZE];
	ck_assert_uint_lt(size, SCRIPT_TEXT_MAX);
	snprintf(script->text + size, SCRIPT_TEXT_MAX - size, "time %s\nnonce %032x\n", time_format(script->now, time),
	         ++script->written);
}

/* A text of kind agreement; `links` are whole lines. An actor who is no brand stands in the creator's place. */
static inline void script_write_agreement(struct script *script, const char *links, const struct actor *actor) {
	char hex[65];
	bool is_brand = strcmp(actor->role, "brand") == 0;
	int size = snprintf(script->text, SCRIPT_TEXT_MAX,
	                    ORIGIN "/agreement/v1\noffer sha256:%s\n%sbrand %s ed25519:" HEX_A "\ncreator %s ed25519:" HEX_B
	                           "\n%s",
	                    script_hex(script->offer_id, hex), links, is_brand ? actor->name : "acme-yoga",
	                    is_brand ? "studio-flow" : actor->name, script->terms);
	script_stamp(script, (size_t)size);
}

/* A step of the deal; `lines` are those between `after` and the stamp. */
static inline void script_write_step(struct script *script, const char *kind, const char *lines) {
	char deal[65], after[65];
	int size = snprintf(script->text, SCRIPT_TEXT_MAX, ORIGIN "/%s/v1\ndeal sha256:%s\nafter sha256:%s\n%s", kind,
	                    script_hex(script->deal.id, deal), script_hex(script->deal.head, after), lines);
	script_stamp(script, (size_t)size);
}

/* The lapse of the deadline that runs; where none does, of one that could. */
static inline void script_write_lapse(struct script *script, const char *name) {
	char lines[256], due[TIME_TEXT_SIZE];
	enum deadline deadline = script->deal.deadline == DEADLINE_NONE ? DEADLINE_SHIP : script->deal.deadline;
	bool runs = script->deal.deadline != DEADLINE_NONE;
	int64_t passed = runs ? script->deal.due : script->now;
	script->now = passed + (runs ? 1 : 0);
	snprintf(lines, sizeof lines, "deadline %s\ndue %s\nby %s ed25519:" HEX_C "\n", deadline_words[deadline],
	         time_format(passed, due), name);
	script_write_step(script, "lapse", lines);
}

/* Which kind of note makes an event, who has a place in it, and what else it says. */
static const struct script_row {
	const char *kind, *party, *lines;
} script_rows[DEAL_EVENT_COUNT] = {
	[EVENT_DECLINE] = { "decline", "by", "" },
	[EVENT_SHIP] = { "ship", "brand", "carrier DHL\n" },
	[EVENT_RECEIVE] = { "receive", "creator", "" },
	[EVENT_SUBMIT] = { "submit", "creator", "content sha256:" HEX_A " https://example.com/reel.mp4\n" },
	[EVENT_REVISE] = { "revise", "brand", "reason Please show the logo.\n" },
	[EVENT_APPROVE] = { "approve", "brand", "" },
	[EVENT_POST] = { "post", "creator", "link https://instagram.com/p/abc123\n" },
	[EVENT_VERIFY] = { "verify", "operator", "live yes\ntagged yes\ndisclosed yes\n" },
	[EVENT_FAULT] = { "verify", "operator", "live no\ntagged yes\ndisclosed yes\n" },
	[EVENT_PAY] = { "pay", "operator", "" },
	[EVENT_RATE] = { "rate", "by", "stars 5\n" },
	[EVENT_CANCEL] = { "cancel", "by", "" },
	[EVENT_DISPUTE] = { "dispute", "by", "reason The mat is torn.\n" },
	[EVENT_RESUME] = { "ruling", "operator", "outcome resume\nreason It is not.\n" },
	[EVENT_SETTLE] = { "ruling", "operator", "" },
};

static inline void script_write_row(struct script *script, const struct script_row *row, const struct actor *actor) {
	char lines[1024], amount[MONEY_TEXT_MAX], more[256] = "";
	struct money rest = { .minor = deal_outstanding(&script->deal) > 0 ? deal_outstanding(&script->deal) : 1 };
	memcpy(rest.currency, script->deal.terms.currency[0] == '\0' ? "USD" : script->deal.terms.currency, CURRENCY_SIZE);
	if (row == &script_rows[EVENT_PAY]) {
		const char *paid = script->amount == NULL ? money_format(&rest, amount) : script->amount;
		snprintf(more, sizeof more, "amount %s\nreference payout-%u\n", paid, script->written);
	} else if (row == &script_rows[EVENT_SETTLE]) {
		snprintf(more, sizeof more, "outcome settle\ncreator-share %s\nreason So be it.\n",
		         script->share == NULL ? "50 %" : script->share);
	} else if ((row == &script_rows[EVENT_VERIFY] || row == &script_rows[EVENT_FAULT]) && script->sales != NULL) {
		snprintf(more, sizeof more, "sales %s\n", script->sales);
	}
	bool either = strcmp(row->party, "by") == 0;
	snprintf(lines, sizeof lines, "%s %s ed25519:" HEX_A "\n%s%s%s%s%s", row->party, actor->name, either ? "role " : "",
	         either ? actor->role : "", either ? "\n" : "", row->lines, more);
	script_write_step(script, row->kind, lines);
}

/* Writes the note by which this actor would bring the event about. */
static inline void script_write(struct script *script, enum deal_event event, const struct actor *actor) {
	char links[256], id[65], head[65];
	switch (event) {
	case EVENT_APPLY:
	case EVENT_INVITE:
		script_write_agreement(script, "", actor);
		break;
	case EVENT_SIGN:
		if (script->deal.state == DEAL_NONE || actor->stranger || (actor->by & (BY_BRAND | BY_CREATOR)) == 0) {
			script_write_agreement(script, "", actor);
		} else {
			memcpy(script->text, script->proposal, SCRIPT_TEXT_MAX);
		}
		break;
	case EVENT_COUNTER:
		snprintf(links, sizeof links, "replaces sha256:%s\n", script_hex(script->deal.id, id));
		script_write_agreement(script, links, actor);
		break;
	case EVENT_AMEND:
	case EVENT_AMEND_SIGN:
		snprintf(links, sizeof links, "amends sha256:%s\nafter sha256:%s\n", script_hex(script->deal.text, id),
		         script_hex(script->deal.head, head));
		script_write_agreement(script, links, actor);
		break;
	case EVENT_LAPSE:
		script_write_lapse(script, actor->name);
		break;
	default:
		script_write_row(script, &script_rows[event], actor);
		break;
	}
}

/* Hands the written note in; `signed_by` matters for texts of kind agreement. The deal changes if it is taken. */
static inline enum error script_take(struct script *script, unsigned signed_by) {
	struct buffer scratch;
	buffer_init(&scratch, NOTE_TEXT_MAX);
	sample_parse(script->text, &script->note);
	hash_sha256(slice_of_text(script->text), script->id);
	bool is_text = script->note.kind->id == KIND_AGREEMENT;
	struct deal_input input = { .note = &script->note,
		                        .id = script->id,
		                        .signed_by = signed_by,
		                        .received = script->now,
		                        .offer = is_text ? &script->offer : NULL,
		                        .known = script->known,
		                        .offer_open = !script->offer_closed };
	input.follows =
	    is_text && agreement_follows(&script->note, &script->offer, script->offer_id, &scratch, NULL) == OK;
	buffer_release(&scratch);
	script->failure = (struct failure){ .code = OK };
	memset(&script->after, 0xa5, sizeof script->after);
	enum error error = deal_step(&script->deal, &input, &script->after, &script->result, &script->failure);
	if (error == OK) {
		script->deal = script->after;
		if (is_text) {
			memcpy(script->proposal, script->text, SCRIPT_TEXT_MAX);
		}
	}
	return error;
}

static inline unsigned script_signature(const struct actor *actor) {
	return strcmp(actor->role, "brand") == 0 ? 2 : 1;
}

/* A step that must be possible. */
static inline void script_play(struct script *script, enum deal_event event, int actor) {
	script_write(script, event, &script_actors[actor]);
	enum error error = script_take(script, script_signature(&script_actors[actor]));
	ck_assert_msg(error == OK && script->result.event == event, "%s by %s: %s", deal_event_words[event],
	              script_actors[actor].name, script->failure.text);
}

/* Tells the sales of a deal with a commission, NULL: none. */
static inline void script_verify(struct script *script, const char *sales) {
	script->sales = sales;
	script_play(script, EVENT_VERIFY, OPERATOR);
	script->sales = NULL;
}

/* From a proposal by the creator, along the straight way, to this state (DEAL_PROPOSED to DEAL_CLOSED). A commission is
 * held until the ratings; sales that earn none of it settle it then. */
static inline void script_go(struct script *script, enum deal_state state) {
	static const struct {
		enum deal_state reaches;
		enum deal_event event;
		int actor;
	} way[] = {
		{ DEAL_PROPOSED, EVENT_APPLY, CREATOR_SIDE }, { DEAL_AGREED, EVENT_SIGN, BRAND_SIDE },
		{ DEAL_SHIPPED, EVENT_SHIP, BRAND_SIDE },     { DEAL_RECEIVED, EVENT_RECEIVE, CREATOR_SIDE },
		{ DEAL_SUBMITTED, EVENT_SUBMIT, CREATOR_SIDE }, { DEAL_APPROVED, EVENT_APPROVE, BRAND_SIDE },
		{ DEAL_POSTED, EVENT_POST, CREATOR_SIDE },    { DEAL_VERIFIED, EVENT_VERIFY, OPERATOR },
		{ DEAL_PAID, EVENT_PAY, OPERATOR },           { DEAL_PAID, EVENT_RATE, BRAND_SIDE },
		{ DEAL_CLOSED, EVENT_RATE, CREATOR_SIDE },
	};
	for (size_t i = 0; i < sizeof way / sizeof way[0] && script->deal.state != state; i++) {
		bool skipped = way[i].reaches <= script->deal.state && way[i].event != EVENT_RATE;
		if (way[i].event == EVENT_RATE && deal_awaits_sales(&script->deal)) {
			script_verify(script, "0.01 USD");
		}
		if (!skipped) {
			script_play(script, way[i].event, way[i].actor);
		}
	}
	ck_assert_int_eq(script->deal.state, state);
}

/* The note that was handed in is refused with this code and these words, and nothing is written. */
static inline void script_expect(const struct script *script, enum error error, enum error code, const char *says) {
	const struct failure *failure = &script->failure;
	ck_assert_msg(error == code && failure->code == code, "%s: %s", error_word(error), failure->text);
	ck_assert_msg(strstr(failure->text, says) != NULL, "says \"%s\", not \"%s\"", failure->text, says);
	ck_assert_uint_eq(script->result.entry.count, 0);
	for (size_t i = 0; i < sizeof script->after; i++) {
		ck_assert_msg(((const uint8_t *)&script->after)[i] == 0xa5, "is refused, but writes a deal");
	}
}

/* A step that must be refused. */
static inline void script_refuse(struct script *script, enum deal_event event, int actor, enum error code,
                                 const char *says) {
	script_write(script, event, &script_actors[actor]);
	script_expect(script, script_take(script, script_signature(&script_actors[actor])), code, says);
}

/* Replaces the first line of the written note that begins with `key` by a whole line. */
static inline void script_replace_line(struct script *script, const char *key, const char *line) {
	static char changed[SAMPLE_MAX];
	unsigned number = 1;
	while (strncmp(sample_line(script->text, number), key, strlen(key)) != 0) {
		ck_assert_msg(*sample_line(script->text, number) != '\0', "no line begins with %s", key);
		number++;
	}
	sample_splice(changed, script->text, number, 1, line);
	memcpy(script->text, changed, strlen(changed) + 1);
}

#endif

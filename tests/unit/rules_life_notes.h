/* Notes of deals made a million times over: parsed once, then patched. What was patched is a memo, from which the same
 * note can be made again to replay a deal. For tests/unit/rules_life.c. */
#ifndef TROTH_TESTS_UNIT_RULES_LIFE_NOTES_H
#define TROTH_TESTS_UNIT_RULES_LIFE_NOTES_H

#include <stdio.h>
#include <stdlib.h>

#include "rules/deal.h"
#include "tests/unit/rules_samples.h"

/* Terms of several sorts, each at three prices, with amounts that don't divide well. Empty: not said. */
#define LIFE_PRICES 3
#define LIFE_SORTS 7
#define LIFE_TERMS (LIFE_PRICES * LIFE_SORTS)
static const struct {
	const char *compensation, *product_value, *fees[LIFE_PRICES], *cap, *agency_fee, *kind, *more;
} life_sorts[LIFE_SORTS] = {
	{ "gifted", "89.00 USD", { "", "", "" }, "", "", "instagram-reel", "" },
	{ "paid", "", { "25.01 USD", "31.91 USD", "2.11 USD" }, "", "12.34 USD", "instagram-reel",
	  "kill-fee-before-submission 33.33 %\nrevisions 2\npay-within 5d\n" },
	{ "gifted-and-paid", "9000 JPY", { "12507 JPY", "13197 JPY", "1 JPY" }, "", "3 JPY", "tiktok-video",
	  "revisions 1\npay-within 5d\n" },
	{ "gifted-paid-and-commission", "89.00 USD", { "92.03 USD", "93.93 USD", "0.03 USD" }, "7.77 USD", "0.99 USD",
	  "instagram-reel",
	  "kill-fee-before-submission 10 %\nkill-fee-after-submission 0.01 %\nkill-fee-after-approval 99.99 %\n"
	  "revisions 10\nlive-for 4d\npay-within 5d\nrate-within 3d\n" },
	{ "paid", "", { "25.001 KWD", "31.901 KWD", "2.101 KWD" }, "", "", "ugc-video",
	  "kill-fee-after-submission 66.67 %\npay-within 5d\n" },
	{ "commission", "", { "", "", "" }, "55.55 USD", "1.01 USD", "youtube-short",
	  "live-for 2d\npay-within 5d\nrate-within 3d\n" },
	{ "gifted", "89.00 USD", { "", "", "" }, "", "", "ugc-photo", "" },
};

enum life_links { LINKS_NONE, LINKS_REPLACES, LINKS_AMENDS, LINKS_COUNT };

#define LIFE_STEPS (DEAL_EVENT_COUNT + 1)
#define LIFE_VERIFY_SALES DEAL_EVENT_COUNT /* a verify that tells sales */

static struct note life_offers[LIFE_TERMS], life_texts[LIFE_TERMS][LINKS_COUNT], life_steps[LIFE_STEPS];

/* One note, in short. */
struct memo {
	enum deal_event event; /* that is meant; what it is, the rules say */
	size_t step;           /* which of life_steps */
	const char *party, *other; /* who signs; the deal's other side, in a text */
	unsigned by;
	bool is_text;
	int terms;
	enum life_links links;
	uint8_t first[FIELD_HASH_SIZE], second[FIELD_HASH_SIZE]; /* what it refers to */
	uint8_t id[FIELD_HASH_SIZE];
	uint8_t offer[FIELD_HASH_SIZE];
	unsigned signed_by;
	int64_t received, number;
	char currency[CURRENCY_SIZE];
	enum deadline deadline;
	bool offer_open, known;
};

static inline struct note *life_parse(const char *text, struct note *note) {
	char *kept = strdup(text); /* notes borrow from their texts; these live as long as the test */
	ck_assert_ptr_nonnull(kept);
	sample_parse(kept, note);
	return note;
}

/* Appends a line, if there is a value for it. */
static inline void life_line(struct buffer *out, const char *key, const char *value) {
	if (value[0] != '\0') {
		(void)buffer_format(out, "%s %s\n", key, value);
	}
}

static inline void life_write_terms(int row, struct buffer *out) {
	int sort = row / LIFE_PRICES, price = row % LIFE_PRICES;
	const char *product_value = life_sorts[sort].product_value, *cap = life_sorts[sort].cap;
	buffer_clear(out);
	life_line(out, "compensation", life_sorts[sort].compensation);
	life_line(out, "product", product_value[0] == '\0' ? "" : "Mat");
	life_line(out, "product-value", product_value);
	life_line(out, "fee", life_sorts[sort].fees[price]);
	life_line(out, "commission", cap[0] == '\0' ? "" : "12.34 %");
	life_line(out, "commission-cap", cap);
	life_line(out, "agency-fee", life_sorts[sort].agency_fee);
	(void)buffer_format(out, "deliverable 1 %s within %dd\ndisclosure #ad\n%s", life_sorts[sort].kind, 3 + price,
	                    life_sorts[sort].more);
}

#define REFERENCE "sha256:" HEX_A "\n"

static inline void life_prepare_texts(void) {
	static const char *const links[LINKS_COUNT] = { "", "replaces " REFERENCE, "amends " REFERENCE "after " REFERENCE };
	char text[2048];
	struct buffer buffer;
	buffer_init(&buffer, 1024);
	for (int row = 0; row < LIFE_TERMS; row++) {
		life_write_terms(row, &buffer);
		const char *terms = buffer_text(&buffer);
		snprintf(text, sizeof text, ORIGIN "/offer/v1\n" BRAND "%sroad first-come\nslots 5\n"
		         "closes 2027-03-31T23:59:59Z\n" STAMP, terms);
		life_parse(text, &life_offers[row]);
		for (int link = 0; link < LINKS_COUNT; link++) {
			snprintf(text, sizeof text, ORIGIN "/agreement/v1\noffer " REFERENCE "%s" BRAND
			         "creator studio-flow ed25519:" HEX_B "\n%s" STAMP, links[link], terms);
			life_parse(text, &life_texts[row][link]);
		}
	}
	buffer_release(&buffer);
}

static inline void life_prepare_steps(void) {
	static const char *const steps[LIFE_STEPS][2] = {
		[EVENT_DECLINE] = { "decline", "by acme ed25519:" HEX_A "\nrole brand\n" },
		[EVENT_SHIP] = { "ship", "brand acme ed25519:" HEX_A "\ncarrier DHL\n" },
		[EVENT_RECEIVE] = { "receive", "creator acme ed25519:" HEX_A "\n" },
		[EVENT_SUBMIT] = { "submit", "creator acme ed25519:" HEX_A "\ncontent sha256:" HEX_A " https://a.example/b\n" },
		[EVENT_REVISE] = { "revise", "brand acme ed25519:" HEX_A "\nreason Again.\n" },
		[EVENT_APPROVE] = { "approve", "brand acme ed25519:" HEX_A "\n" },
		[EVENT_POST] = { "post", "creator acme ed25519:" HEX_A "\nlink https://a.example/b\n" },
		[EVENT_VERIFY] = { "verify", "operator acme ed25519:" HEX_A "\nlive yes\ntagged yes\ndisclosed yes\n"
		                             "reach 920\nimpressions 1500\nengagements 64\n" },
		[LIFE_VERIFY_SALES] = { "verify", "operator acme ed25519:" HEX_A "\nlive yes\ntagged yes\ndisclosed yes\n"
		                                  "sales 1.00 USD\n" },
		[EVENT_FAULT] = { "verify", "operator acme ed25519:" HEX_A "\nlive yes\ntagged no\ndisclosed yes\n" },
		[EVENT_PAY] = { "pay", "operator acme ed25519:" HEX_A "\namount 1.00 USD\nreference r\n" },
		[EVENT_RATE] = { "rate", "by acme ed25519:" HEX_A "\nrole brand\nstars 4\n" },
		[EVENT_CANCEL] = { "cancel", "by acme ed25519:" HEX_A "\nrole brand\n" },
		[EVENT_DISPUTE] = { "dispute", "by acme ed25519:" HEX_A "\nrole brand\nreason No.\n" },
		[EVENT_RESUME] = { "ruling", "operator acme ed25519:" HEX_A "\noutcome resume\nreason So.\n" },
		[EVENT_SETTLE] = { "ruling", "operator acme ed25519:" HEX_A "\noutcome settle\ncreator-share 50 %\n"
		                             "reason So.\n" },
		[EVENT_LAPSE] = { "lapse", "deadline ship\ndue " TIME "\nby agency ed25519:" HEX_A "\n" },
	};
	char text[2048];
	for (size_t i = 0; i < LIFE_STEPS; i++) {
		if (steps[i][0] != NULL) {
			snprintf(text, sizeof text, ORIGIN "/%s/v1\ndeal " REFERENCE "after " REFERENCE "%s" STAMP, steps[i][0],
			         steps[i][1]);
			life_parse(text, &life_steps[i]);
		}
	}
}

/* The same value, to be written to: the templates are ours. */
static inline struct value *life_find(struct note *note, const char *key) {
	for (size_t i = 0; i < note->count; i++) {
		if (strcmp(note->values[i].field->key, key) == 0) {
			return &note->values[i];
		}
	}
	return NULL;
}

static inline struct value *life_value(struct note *note, const char *key) {
	struct value *value = life_find(note, key);
	if (value == NULL) {
		abort(); /* the templates have it */
	}
	return value;
}

static inline void life_refer(struct note *note, const char *key, const uint8_t id[FIELD_HASH_SIZE]) {
	memcpy(life_value(note, key)->bytes, id, FIELD_HASH_SIZE);
}

static inline const struct note *life_text(const struct memo *memo) {
	struct note *note = &life_texts[memo->terms][memo->links];
	bool is_brand = memo->by == BY_BRAND;
	life_refer(note, "offer", memo->offer);
	if (memo->links == LINKS_REPLACES) {
		life_refer(note, "replaces", memo->first);
	} else if (memo->links == LINKS_AMENDS) {
		life_refer(note, "amends", memo->first);
		life_refer(note, "after", memo->second);
	}
	life_value(note, is_brand ? "brand" : "creator")->party.name = slice_of_text(memo->party);
	life_value(note, is_brand ? "creator" : "brand")->party.name = slice_of_text(memo->other);
	return note;
}

/* Makes the note that the memo is of; it is good until the next one is made. */
static inline const struct note *life_note(const struct memo *memo) {
	if (memo->is_text) {
		return life_text(memo);
	}
	struct note *note = &life_steps[memo->step];
	life_refer(note, "deal", memo->first);
	life_refer(note, "after", memo->second);
	if (memo->event == EVENT_LAPSE) {
		life_value(note, "deadline")->word = memo->deadline;
		life_value(note, "due")->number = memo->number;
		return note;
	}
	life_value(note, note->kind->signers[0].key)->party.name = slice_of_text(memo->party);
	struct value *role = life_find(note, "role");
	if (role != NULL) {
		role->word = memo->by == BY_BRAND ? ROLE_BRAND : ROLE_CREATOR;
	}
	const char *const amounts[] = { "amount", "sales" };
	for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++) {
		struct value *amount = life_find(note, amounts[i]);
		if (amount != NULL) {
			amount->money.minor = memo->number;
			memcpy(amount->money.currency, memo->currency, CURRENCY_SIZE);
		}
	}
	struct value *share = life_find(note, "creator-share");
	if (share != NULL) {
		share->number = memo->number;
	}
	return note;
}

#endif

/* Filling a store with deals; see crowd.h.
 *
 * Every offer has a recipe: its terms, and the steps that each of its deals takes. All deals of an offer take a step
 * one after the other, so that a batch holds the same step of many deals, as when many people act at once. */
#include "tests/bench/crowd.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "rules/calendar.h"
#include "tests/lib/stop.h"

#define STEPS_MAX 8
#define DAY 86400
#define PAIR(key, text) { key, { (const uint8_t *)(text), sizeof(text) - 1 } }
#define PAIRS(array) array, sizeof array / sizeof array[0]

enum terms { GIFT, PAID, APPLICATION };

enum actor_role { BRAND, CREATOR, OPERATOR };

/* ---- steps ---- */

static const struct note_pair carrier[] = { PAIR("carrier", "DHL") };
static const struct note_pair content[] = {
	PAIR("content", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 https://x.example/reel")
};
static const struct note_pair link[] = { PAIR("link", "https://instagram.com/p/abc123") };
static const struct note_pair seen[] = { PAIR("live", "yes"), PAIR("tagged", "yes"), PAIR("disclosed", "yes"),
	                                     PAIR("reach", "9200"), PAIR("engagements", "640") };
static const struct note_pair stars[] = { PAIR("stars", "5") };
static const struct note_pair reason[] = { PAIR("reason", "It is too dark.") };
static const struct note_pair ruled[] = { PAIR("outcome", "settle"), PAIR("creator-share", "60 %"),
	                                      PAIR("reason", "Half of it was made.") };

struct plan_step {
	enum actor_role by;
	enum kind_id kind;
	const struct note_pair *pairs;
	size_t count;
};

#define DECLINES { BRAND, KIND_DECLINE, NULL, 0 }
#define SHIPS { BRAND, KIND_SHIP, PAIRS(carrier) }
#define SUBMITS { CREATOR, KIND_SUBMIT, PAIRS(content) }
#define APPROVES { BRAND, KIND_APPROVE, NULL, 0 }
#define POSTS { CREATOR, KIND_POST, PAIRS(link) }
#define IS_SEEN { OPERATOR, KIND_VERIFY, PAIRS(seen) }
#define IS_PAID { OPERATOR, KIND_PAY, NULL, 0 } /* its reference is another one each time */
#define CREATOR_RATES { CREATOR, KIND_RATE, PAIRS(stars) }
#define BRAND_RATES { BRAND, KIND_RATE, PAIRS(stars) }
#define CANCELS { CREATOR, KIND_CANCEL, NULL, 0 }
#define DISPUTES { BRAND, KIND_DISPUTE, PAIRS(reason) }
#define IS_RULED { OPERATOR, KIND_RULING, PAIRS(ruled) }

/* How many of CROWD_OFFERS have which end: with deadlines of a day, and of a month. */
static const struct recipe {
	const char *state;
	enum terms terms;
	int urgent, calm;
	struct plan_step steps[STEPS_MAX];
	size_t count;
} recipes[] = {
	{ "proposed", APPLICATION, 12, 8, { { 0 } }, 0 },
	{ "ended", APPLICATION, 0, 8, { DECLINES }, 1 },
	{ "agreed", GIFT, 22, 8, { { 0 } }, 0 },
	{ "shipped", GIFT, 10, 4, { SHIPS }, 1 },
	{ "received", PAID, 22, 8, { { 0 } }, 0 },
	{ "submitted", PAID, 14, 6, { SUBMITS }, 1 },
	{ "approved", PAID, 8, 4, { SUBMITS, APPROVES }, 2 },
	{ "posted", PAID, 6, 4, { SUBMITS, APPROVES, POSTS }, 3 },
	{ "verified", PAID, 4, 2, { SUBMITS, APPROVES, POSTS, IS_SEEN }, 4 },
	{ "paid", PAID, 2, 2, { SUBMITS, APPROVES, POSTS, IS_SEEN, IS_PAID }, 5 },
	{ "closed", PAID, 0, 10, { SUBMITS, APPROVES, POSTS, IS_SEEN, IS_PAID, CREATOR_RATES, BRAND_RATES }, 7 },
	{ "cancelled", GIFT, 0, 12, { CANCELS }, 1 },
	{ "lapsed", GIFT, 0, 12, { { 0 } }, 0 }, /* made two days before the others, with deadlines of a day */
	{ "disputed", PAID, 0, 6, { DISPUTES }, 1 },
	{ "ruled", PAID, 0, 6, { DISPUTES, IS_RULED }, 2 },
};

#define RECIPES (sizeof recipes / sizeof recipes[0])

static const struct inner_party *actor_of(const struct crowd *crowd, size_t deal, enum actor_role by) {
	return by == OPERATOR ? &crowd->operator
	       : by == BRAND  ? crowd_brand(crowd, deal) : &crowd->creators[deal % crowd->creator_count];
}

static void take_step(struct crowd *crowd, const struct plan_step *step, size_t deal) {
	char reference[32];
	(void)snprintf(reference, sizeof reference, "payout-%zu", deal);
	const struct note_pair paid[] = { PAIR("amount", "25.00 USD"), { "reference", slice_of_text(reference) } };
	bool pays = step->kind == KIND_PAY;
	inner_step(&crowd->inner, actor_of(crowd, deal, step->by), step->kind, &crowd->deals[deal],
	           pays ? paid : step->pairs, pays ? 2 : step->count);
}

/* ---- offers ---- */

static void make_offer(struct crowd *crowd, size_t index, enum terms terms, bool urgent, struct buffer *out) {
	char slots[16], closes[TIME_TEXT_SIZE];
	const struct inner_party *brand = crowd_brand(crowd, index * crowd->creator_count);
	const char *within = urgent ? "24h" : "30d";
	struct slice time = slice_of_text(within);
	bool paid = terms == PAID;
	(void)snprintf(slots, sizeof slots, "%zu", crowd->creator_count);
	(void)time_format(crowd->inner.now + (urgent ? DAY : 60 * DAY), closes);
	const struct note_pair all[] = {
		{ "brand", slice_of_text(brand->text) },
		{ "compensation", slice_of_text(paid ? "paid" : "gifted") },
		{ paid ? "fee" : "product", slice_of_text(paid ? "25.00 USD" : "Cork yoga mat, 5 mm") },
		{ paid ? "agency-fee" : "product-value", slice_of_text(paid ? "5.00 USD" : "89.00 USD") },
		{ "deliverable", slice_of_text(urgent ? "1 instagram-reel within 24h" : "1 instagram-reel within 30d") },
		PAIR("disclosure", "#ad"),
		PAIR("revisions", "2"),
		{ "review-within", time },
		{ "post-within", time },
		{ "verify-within", time },
		{ "rate-within", time },
		{ "campaign", slice_of_text(index % 2 == 0 ? "spring" : "autumn") },
		{ "road", slice_of_text(terms == APPLICATION ? "selection" : "first-come") },
		{ "slots", slice_of_text(slots) },
		{ "closes", slice_of_text(closes) },
		{ paid ? "pay-within" : "ship-within", time },
		{ "receive-within", time }, /* of gifts only */
	};
	size_t count = sizeof all / sizeof all[0];
	inner_compose(&crowd->inner, brand, KIND_OFFER, all, paid ? count - 1 : count, out, NULL);
	inner_add(&crowd->inner, buffer_slice(out));
}

static void run_offer(struct crowd *crowd, size_t index, const struct recipe *recipe, bool urgent) {
	struct buffer offer;
	size_t first = index * crowd->creator_count;
	buffer_init(&offer, SIGNED_NOTE_MAX);
	make_offer(crowd, index, recipe->terms, urgent, &offer);
	for (size_t i = 0; i < crowd->creator_count; i++) {
		inner_accept(&crowd->inner, &crowd->creators[i], buffer_slice(&offer), &crowd->deals[first + i]);
	}
	for (size_t step = 0; step < recipe->count; step++) {
		for (size_t i = 0; i < crowd->creator_count; i++) {
			take_step(crowd, &recipe->steps[step], first + i);
		}
	}
	buffer_release(&offer);
}

/* Those first whose deadlines pass before the others are made. */
static void run_offers(struct crowd *crowd) {
	size_t index = 0;
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < RECIPES; i++) {
			const struct recipe *recipe = &recipes[i];
			bool is_early = strcmp(recipe->state, "lapsed") == 0;
			for (int j = 0; j < recipe->urgent + recipe->calm && is_early == (round == 0); j++) {
				run_offer(crowd, index++, recipe, is_early || j < recipe->urgent);
			}
		}
		if (round == 0) {
			inner_wait(&crowd->inner, 2 * DAY);
			(void)inner_lapse(&crowd->inner);
		}
	}
	if (index != CROWD_OFFERS) {
		stop("the recipes make %zu offers", index);
	}
}

/* ---- the whole ---- */

static void admit_all(struct crowd *crowd) {
	char name[ACCOUNT_NAME_MAX];
	inner_party_make(&crowd->operator, ROLE_OPERATOR, "olga");
	inner_admit(&crowd->inner, NULL, &crowd->operator);
	for (size_t i = 0; i < CROWD_BRANDS; i++) {
		(void)snprintf(name, sizeof name, "brand-%zu", i);
		inner_party_make(&crowd->brands[i], ROLE_BRAND, name);
		inner_admit(&crowd->inner, &crowd->operator, &crowd->brands[i]);
		const struct note_pair fund[] = { { "brand", slice_of_text(name) }, PAIR("amount", "90000000.00 USD"),
			                              PAIR("reference", "bank-1"),
			                              { "operator", slice_of_text(crowd->operator.text) } };
		inner_sign(&crowd->inner, &crowd->operator, KIND_FUND, PAIRS(fund), NULL);
	}
	for (size_t i = 0; i < crowd->creator_count; i++) {
		(void)snprintf(name, sizeof name, "creator-%zu", i);
		inner_party_make(&crowd->creators[i], ROLE_CREATOR, name);
		inner_admit(&crowd->inner, &crowd->operator, &crowd->creators[i]);
	}
}

void crowd_gather(struct crowd *crowd, size_t deals) {
	*crowd = (struct crowd){ .creator_count = deals / CROWD_OFFERS };
	crowd->creators = calloc(crowd->creator_count, sizeof *crowd->creators);
	crowd->deals = calloc(crowd_deal_count(crowd), sizeof *crowd->deals);
	if (crowd->creators == NULL || crowd->deals == NULL) {
		stop("out of memory");
	}
	inner_market_open(&crowd->inner, clock_wall_seconds());
	admit_all(crowd);
	run_offers(crowd);
	inner_flush(&crowd->inner);
}

void crowd_dismiss(struct crowd *crowd) {
	for (size_t i = 0; i < crowd->creator_count; i++) {
		inner_party_release(&crowd->creators[i]);
	}
	for (size_t i = 0; i < CROWD_BRANDS; i++) {
		inner_party_release(&crowd->brands[i]);
	}
	inner_party_release(&crowd->operator);
	inner_market_close(&crowd->inner);
	free(crowd->creators);
	free(crowd->deals);
}

size_t crowd_deal_count(const struct crowd *crowd) {
	return CROWD_OFFERS * crowd->creator_count;
}

const struct inner_party *crowd_brand(const struct crowd *crowd, size_t deal) {
	return &crowd->brands[deal / crowd->creator_count % CROWD_BRANDS];
}

/* Deals and offers kept as a worker keeps them, and what must hold of them after each event. For
 * tests/unit/rules_life.c, which says what that is. */
#ifndef TROTH_TESTS_UNIT_RULES_LIFE_WORLD_H
#define TROTH_TESTS_UNIT_RULES_LIFE_WORLD_H

#include <inttypes.h>

#include "rules/offer.h"
#include "tests/lib/random.h"
#include "tests/unit/rules_life_book.h"
#include "tests/unit/rules_life_notes.h"
#include "tests/unit/rules_life_same.h"

#define DEALS 48
#define OFFERS 12
#define NAMES 5
#define NOTES_MAX 64
#define HOUR 3600
#define DAY 86400

static const char *const brands[] = { "acme-yoga", "bold-coffee" };
static const char *const creators[NAMES] = { "ann", "ben", "cem", "dora", "eve" };
static const char *const currencies[] = { "USD", "JPY", "KWD" };

struct life_offer {
	uint8_t id[FIELD_HASH_SIZE];
	const char *brand;
	int terms;
	enum road road;
	struct offer_state state;
	struct money share;
	bool paid;
	int deals; /* that refer to it */
};

struct life_deal {
	struct deal deal;
	struct life_offer *offer;
	int name;
	struct memo notes[NOTES_MAX], text; /* the latest text of kind agreement */
	size_t count;
};

static struct book book;
static struct life_offer offers[OFFERS];
static struct life_deal deals[DEALS];
static int64_t earned[NAMES][3], paid[NAMES][3], fees[3]; /* what the deals say, by creator and currency */
static uint32_t seed, state;
static uint64_t taken, tried, stamps, late_sales, releases, counts[DEAL_EVENT_COUNT], reached[DEAL_STATE_COUNT];
static int64_t now;

#define REQUIRE(claim, ...) \
	do { \
		if (!(claim)) { \
			char text[400]; \
			snprintf(text, sizeof text, __VA_ARGS__); \
			ck_abort_msg("seed %u, event %" PRIu64 ": %s", seed, taken, text); \
		} \
	} while (0)

static uint32_t below(uint32_t limit) {
	return random_next(&state) % limit;
}

static bool chance(uint32_t percent) {
	return below(100) < percent;
}

static int currency_row(const char *currency) {
	for (int i = 0; i < 3; i++) {
		if (strcmp(currencies[i], currency) == 0) {
			return i;
		}
	}
	return -1;
}

static void new_id(uint8_t id[FIELD_HASH_SIZE]) {
	stamps++;
	memset(id, 0, FIELD_HASH_SIZE);
	memcpy(id, &stamps, sizeof stamps);
	id[31] = 1;
}

/* ---- offers and their money ---- */

static void book_event(enum ledger_event event, const struct life_offer *offer, const struct money *amount) {
	struct ledger_parties parties = { .brand = slice_of_text(offer->brand), .offer_id = offer->id };
	struct entry entry = { .count = 0 };
	ledger_add(event, &parties, amount, &entry);
	const char *overdrawn = book_overdrawn(&book, &entry);
	REQUIRE(overdrawn == NULL, "%s is overdrawn by an offer", overdrawn);
	book_post(&book, &entry);
}

static const struct note *offer_note(const struct life_offer *offer) {
	struct note *note = &life_offers[offer->terms];
	life_value(note, "brand")->party.name = slice_of_text(offer->brand);
	life_value(note, "road")->word = offer->road;
	life_value(note, "slots")->number = offer->state.slots;
	life_value(note, "closes")->number = offer->state.closes;
	return note;
}

static void check_offer(const struct life_offer *offer) {
	char account[LEDGER_ACCOUNT_MAX];
	REQUIRE(offer->state.taken >= 0 && offer->state.taken <= offer->state.slots, "%" PRId64 " of %" PRId64 " slots",
	        offer->state.taken, offer->state.slots);
	if (offer->paid) {
		ledger_reserved_account(offer->id, account);
		int64_t reserved = book_balance(&book, account, offer->share.currency);
		int64_t expected = offer->state.closed ? 0 : offer->share.minor * (offer->state.slots - offer->state.taken);
		REQUIRE(reserved == expected, "an offer reserves %" PRId64 ", not %" PRId64, reserved, expected);
	}
}

static void close_offer(struct life_offer *offer) {
	struct money rest = offer->share;
	rest.minor *= offer->state.slots - offer->state.taken;
	if (!offer->state.closed && offer->paid && rest.minor > 0) {
		book_event(LEDGER_END, offer, &rest);
	}
	offer->state.closed = true;
	check_offer(offer);
}

static void open_offer(struct life_offer *offer) {
	*offer = (struct life_offer){ .brand = brands[below(2)], .terms = LIFE_PRICES * (int)below(LIFE_SORTS),
		                          .road = (enum road)below(ROAD_COUNT) };
	offer->state = (struct offer_state){ .slots = 1 + below(4), .closes = now + DAY * (1 + below(30)) };
	new_id(offer->id);
	struct money all;
	char account[LEDGER_ACCOUNT_MAX];
	ck_assert_int_eq(offer_share(offer_note(offer), &offer->share, &offer->paid, NULL), OK);
	ck_assert_int_eq(offer_reservation(offer_note(offer), &all, &offer->paid, NULL), OK);
	if (offer->paid) {
		ledger_available_account(slice_of_text(offer->brand), account);
		if (book_balance(&book, account, all.currency) < all.minor) {
			struct money more = all;
			more.minor += below(20000);
			book_event(LEDGER_FUND, offer, &more);
		}
		ck_assert_int_eq(offer_may_open(offer_note(offer), book_balance(&book, account, all.currency), now, NULL), OK);
		book_event(LEDGER_OPEN, offer, &all);
	}
	check_offer(offer);
}

/* Sometimes money goes back, so that not everything can be paid for. */
static void refund_some(const struct life_offer *offer) {
	char account[LEDGER_ACCOUNT_MAX];
	ledger_available_account(slice_of_text(offer->brand), account);
	struct money amount = offer->share;
	amount.minor = offer->paid ? book_balance(&book, account, amount.currency) : 0;
	if (amount.minor > 0) {
		book_event(LEDGER_REFUND, offer, &amount);
	}
}

static void turn_offer(struct life_offer *offer) {
	if (!offer->state.closed && (now > offer->state.closes || chance(2))) {
		close_offer(offer);
	}
	if (offer->state.closed && offer->deals == 0) {
		if (chance(10)) {
			refund_some(offer);
		}
		open_offer(offer);
	}
}

/* ---- deals ---- */

static struct deal_input input_of(const struct memo *memo, const struct life_deal *live) {
	return (struct deal_input){ .note = life_note(memo),
		                        .id = memo->id,
		                        .signed_by = memo->signed_by,
		                        .received = memo->received,
		                        .offer = memo->is_text ? offer_note(live->offer) : NULL,
		                        .follows = memo->is_text && memo->links == LINKS_NONE &&
		                                   memo->terms == live->offer->terms,
		                        .known = memo->known,
		                        .offer_open = memo->offer_open };
}

static void begin_deal(const struct life_offer *offer, int name, struct deal *out) {
	enum error error = deal_begin(offer_note(offer), offer->id, slice_of_text(creators[name]), out, NULL);
	REQUIRE(error == OK, "a deal does not begin");
}

static void check_replay(const struct life_deal *live) {
	struct deal deals_in_turn[2];
	begin_deal(live->offer, live->name, &deals_in_turn[0]);
	for (size_t i = 0; i < live->count; i++) {
		struct deal_input input = input_of(&live->notes[i], live);
		struct deal_result result;
		enum error error = deal_step(&deals_in_turn[i % 2], &input, &deals_in_turn[(i + 1) % 2], &result, NULL);
		REQUIRE(error == OK, "note %zu of a deal is refused in the replay: %s", i, error_word(error));
	}
	const char *differs = deal_difference(&deals_in_turn[live->count % 2], &live->deal);
	REQUIRE(differs == NULL, "the replay of %zu notes gives another %s", live->count, differs);
}

static void retire(struct life_deal *live) {
	check_replay(live);
	live->offer->deals--;
	struct life_offer *offer = &offers[below(OFFERS)];
	live->offer = offer;
	live->name = (int)below(NAMES);
	live->count = 0;
	offer->deals++;
	begin_deal(offer, live->name, &live->deal);
}

/* ---- what holds after each event ---- */

static bool is_over(const struct deal *deal) {
	bool settled = deal->state == DEAL_CANCELLED || deal->state == DEAL_LAPSED || deal->state == DEAL_RULED;
	return deal->state == DEAL_ENDED || deal->state == DEAL_CLOSED || (settled && deal_outstanding(deal) == 0);
}

static void check_deal(const struct deal *deal) {
	char account[LEDGER_ACCOUNT_MAX];
	struct ledger_parties parties = { .offer_id = deal->offer, .deal_id = deal->id };
	struct money one = { .minor = 1 };
	struct entry entry = { .count = 0 };
	ledger_add(LEDGER_AGREE, &parties, &one, &entry);
	memcpy(account, entry.postings[1].account, sizeof account);
	const struct deal_terms *terms = &deal->terms;
	int64_t share = terms->fee + terms->commission_cap + terms->agency_fee;
	int64_t held = book_balance(&book, account, terms->currency);
	bool agreed = deal->state >= DEAL_AGREED && deal->state <= DEAL_POSTED;
	bool waits = (deal->state == DEAL_VERIFIED || deal->state == DEAL_PAID) && deal->held == terms->commission_cap;
	REQUIRE(held == deal->held, "%s says that it holds %" PRId64 ", its account %" PRId64,
	        deal_state_words[deal->state], deal->held, held);
	bool early_dispute = deal->state == DEAL_DISPUTED && deal->before != DEAL_VERIFIED;
	REQUIRE(deal->held == share || !(agreed || early_dispute), "%s holds %" PRId64 " of %" PRId64,
	        deal_state_words[deal->state], deal->held, share);
	REQUIRE(deal->held == 0 || agreed || waits || deal->state == DEAL_DISPUTED, "%s still holds %" PRId64,
	        deal_state_words[deal->state], deal->held);
	REQUIRE(!agreed || deal->commission_earned == 0, "a commission is earned before the post is verified");
	REQUIRE(deal->commission_earned <= terms->commission_cap && (!waits || deal->commission_earned == 0),
	        "%s: a commission of %" PRId64, deal_state_words[deal->state], deal->commission_earned);
	bool done = deal->state == DEAL_VERIFIED || deal->state == DEAL_PAID || deal->state == DEAL_CLOSED;
	REQUIRE(!done || (deal->earned == terms->fee + deal->commission_earned && deal->agency_earned == terms->agency_fee),
	        "%s: earned %" PRId64 " with a commission of %" PRId64, deal_state_words[deal->state], deal->earned,
	        deal->commission_earned);
	REQUIRE(deal->state != DEAL_CLOSED || deal_outstanding(deal) == 0, "closed, but something is owed");
	REQUIRE(deal->paid >= 0 && deal->paid <= deal->earned && deal->earned <= terms->fee + terms->commission_cap &&
	            deal->agency_earned >= 0 && deal->agency_earned <= terms->agency_fee,
	        "%s: earned %" PRId64 ", paid %" PRId64 ", the agency %" PRId64, deal_state_words[deal->state],
	        deal->earned, deal->paid, deal->agency_earned);
}

/* What the deals say together is what the shared accounts hold. */
static void check_shared(const struct life_deal *live) {
	char account[LEDGER_ACCOUNT_MAX];
	int row = currency_row(live->deal.terms.currency);
	if (row < 0) {
		return;
	}
	ledger_earned_account(slice_of_text(creators[live->name]), account);
	int64_t balance = book_balance(&book, account, currencies[row]);
	REQUIRE(balance == earned[live->name][row], "%s has earned %" PRId64 ", the account says %" PRId64,
	        creators[live->name], earned[live->name][row], balance);
	ledger_paid_account(slice_of_text(creators[live->name]), account);
	balance = book_balance(&book, account, currencies[row]);
	REQUIRE(balance == paid[live->name][row], "%s was paid %" PRId64 ", the account says %" PRId64,
	        creators[live->name], paid[live->name][row], balance);
	balance = book_balance(&book, "agency/fees", currencies[row]);
	REQUIRE(balance == fees[row], "the agency has %" PRId64 ", the account says %" PRId64, fees[row], balance);
}

static void count_up(const struct life_deal *live, const struct deal *after) {
	int row = currency_row(after->terms.currency);
	if (row >= 0) {
		earned[live->name][row] += deal_outstanding(after) - deal_outstanding(&live->deal);
		paid[live->name][row] += after->paid - live->deal.paid;
		fees[row] += after->agency_earned - live->deal.agency_earned;
	}
}

/* An ended proposal is dead: neither its deal nor a new one takes the text again, whoever has signed it by now. */
static void refuse_ended(const struct life_deal *live) {
	struct deal fresh;
	begin_deal(live->offer, live->name, &fresh);
	const struct deal *const begun[] = { &live->deal, &fresh };
	for (size_t i = 0; i < 6; i++) {
		struct memo memo = live->text;
		memo.known = true;
		memo.signed_by = 1 + (unsigned)i / 2;
		struct deal_input input = input_of(&memo, live);
		struct deal_result result;
		struct deal after;
		enum error error = deal_step(begun[i % 2], &input, &after, &result, NULL);
		REQUIRE(error == ERROR_SUPERSEDED && result.entry.count == 0, "an ended proposal is taken again");
	}
}

/* A side that goes on amending is stopped by its own text that waits. */
static void refuse_flood(const struct memo *memo, const struct life_deal *live) {
	struct memo more = *memo;
	new_id(more.id);
	memcpy(more.second, live->deal.head, FIELD_HASH_SIZE);
	struct deal_input input = input_of(&more, live);
	struct deal_result result;
	struct deal after;
	enum error error = deal_step(&live->deal, &input, &after, &result, NULL);
	REQUIRE(error == ERROR_NOT_ALLOWED, "a second amendment: %s", error_word(error));
}

/* ---- an event ---- */

static void refuse_again(const struct memo *memo, const struct life_deal *live) {
	struct deal_input input = input_of(memo, live);
	struct deal_result result;
	struct deal after;
	enum error error = deal_step(&live->deal, &input, &after, &result, NULL);
	REQUIRE(error != OK, "the same %s is taken twice", deal_event_words[memo->event]);
	REQUIRE(result.entry.count == 0, "the same %s books twice", deal_event_words[memo->event]);
}

static void keep(struct life_deal *live, const struct memo *memo, const struct deal *after,
                 const struct deal_result *result) {
	struct life_offer *offer = live->offer;
	REQUIRE(result->event != EVENT_RATE || (live->deal.rated & memo->by) == 0, "a side has rated twice");
	book_post(&book, &result->entry);
	offer->state.taken += (result->takes_slot ? 1 : 0) - (result->frees_slot ? 1 : 0);
	count_up(live, after);
	late_sales += live->deal.state != DEAL_POSTED && after->commission_earned > live->deal.commission_earned ? 1 : 0;
	releases += result->event == EVENT_LAPSE && after->state == DEAL_CLOSED && live->deal.held > 0 ? 1 : 0;
	live->deal = *after;
	live->notes[live->count++] = *memo;
	if (memo->is_text) {
		live->text = *memo;
	}
	taken++;
	counts[result->event]++;
	reached[after->state]++;
	check_offer(offer);
	check_deal(&live->deal);
	check_shared(live);
	refuse_again(memo, live);
	if (result->event == EVENT_AMEND) {
		refuse_flood(memo, live);
	}
	if (after->state == DEAL_ENDED) {
		refuse_ended(live);
	}
	if (chance(6)) {
		check_replay(live);
	}
}

static void hand_in(struct life_deal *live, const struct memo *memo) {
	struct deal_input input = input_of(memo, live);
	struct deal after;
	struct deal_result result;
	tried++;
	enum error error = deal_step(&live->deal, &input, &after, &result, NULL);
	if (error != OK) {
		REQUIRE(result.entry.count == 0 && !result.takes_slot && !result.frees_slot, "a refusal has an effect");
		return;
	}
	REQUIRE(ledger_is_balanced(&result.entry), "%s is not balanced", deal_event_words[result.event]);
	if (result.takes_slot && offer_may_agree(&live->offer->state, now, NULL) != OK) {
		return;
	}
	const char *overdrawn = book_overdrawn(&book, &result.entry);
	if (overdrawn != NULL) { /* only more than was reserved can be too much for the brand */
		bool more = result.event == EVENT_SIGN || result.event == EVENT_AMEND_SIGN;
		REQUIRE(more && strstr(overdrawn, "/available") != NULL, "%s overdraws %s", deal_event_words[result.event],
		        overdrawn);
		return;
	}
	keep(live, memo, &after, &result);
}

#endif

/* A long random life of many deals and offers, kept as a worker keeps them: slots, money, deadlines. After every event:
 *
 *     the same note again is refused, and a refused one changes nothing            (invariant 3)
 *     agreements of an offer <= its slots, and its reserve is there for the others (invariant 4)
 *     each entry is balanced, no account but the world outside is below zero, and what the deals say of themselves is
 *     what their accounts hold; in the end the journal gives the same balances      (invariant 5)
 *     a deal's notes replayed give the same deal                                    (invariant 10)
 *
 * A failure prints seed and event. TROTH_SEED=n plays that one, TROTH_EVENTS=n that many events of each. */
#include <signal.h>

#include "tests/unit/rules_life_world.h"

#define SEEDS 10
#define EVENTS 101000 /* taken ones, of each seed */

/* The same sort of terms at another price; now and then anything. */
static int other_terms(const struct life_deal *live) {
	if (chance(60)) {
		return live->offer->terms;
	}
	return chance(80) ? live->offer->terms + (int)below(LIFE_PRICES) : (int)below(LIFE_TERMS);
}

/* The waiting text itself with this side's signature, or a new one. */
static void make_text(const struct life_deal *live, struct memo *memo) {
	const struct deal *deal = &live->deal;
	unsigned own = memo->by == BY_BRAND ? 2 : 1;
	bool waits = memo->event == EVENT_SIGN ? deal->state == DEAL_PROPOSED
	                                       : memo->event == EVENT_AMEND_SIGN && deal->amender != ROLE_COUNT;
	if (waits && live->text.is_text && chance(80)) {
		struct memo text = live->text;
		text.event = memo->event;
		text.received = memo->received;
		text.offer_open = memo->offer_open;
		text.signed_by = own;
		*memo = text;
		return;
	}
	bool concludes = memo->event == EVENT_SIGN || memo->event == EVENT_AMEND_SIGN;
	bool comes_first = deal->state == DEAL_NONE && deal->road == ROAD_FIRST_COME && chance(80);
	memo->is_text = true;
	memo->terms = comes_first ? live->offer->terms : other_terms(live);
	memo->signed_by = concludes && !comes_first ? 3 : own;
	bool amends = memo->event == EVENT_AMEND || memo->event == EVENT_AMEND_SIGN;
	memo->links = amends ? LINKS_AMENDS : deal->state == DEAL_PROPOSED ? LINKS_REPLACES : LINKS_NONE;
	memcpy(memo->first, amends ? deal->text : deal->id, FIELD_HASH_SIZE);
}

/* Mostly what is still to be paid, or a part of it; sometimes too much. */
static int64_t some_amount(const struct deal *deal) {
	int64_t rest = deal_outstanding(deal);
	int64_t part = rest > 1 ? 1 + (int64_t)below((uint32_t)rest) : 1;
	return chance(60) && rest > 0 ? rest : chance(80) ? part : rest + 1;
}

static void make_step(const struct life_deal *live, struct memo *memo) {
	const struct deal *deal = &live->deal;
	memcpy(memo->currency, chance(97) && deal->terms.currency[0] != '\0' ? deal->terms.currency : currencies[below(3)],
	       CURRENCY_SIZE);
	switch (memo->event) {
	case EVENT_PAY:
		memo->number = some_amount(deal);
		break;
	case EVENT_VERIFY:
		memo->step = chance(deal->state == DEAL_POSTED ? 20 : 70) ? LIFE_VERIFY_SALES : EVENT_VERIFY;
		memo->number = 1 + below(20000);
		break;
	case EVENT_SETTLE:
		memo->number = chance(20) ? 0 : chance(20) ? 10000 : below(10001);
		break;
	case EVENT_LAPSE:
		memo->deadline = chance(98) ? deal->deadline : (enum deadline)below(DEADLINE_COUNT);
		memo->number = deal->due + (chance(98) ? 0 : 1);
		break;
	default:
		break;
	}
}

static bool is_text_event(enum deal_event event) {
	return event == EVENT_APPLY || event == EVENT_INVITE || event == EVENT_COUNTER || event == EVENT_SIGN ||
	       event == EVENT_AMEND || event == EVENT_AMEND_SIGN;
}

static void make(const struct life_deal *live, enum deal_event event, unsigned by, struct memo *memo) {
	const char *brand = live->offer->brand, *creator = creators[live->name];
	*memo = (struct memo){ .event = event, .step = event, .by = by, .signed_by = 1 };
	memo->party = by == BY_BRAND ? brand : by == BY_CREATOR ? creator : "olga";
	memo->other = by == BY_BRAND ? creator : brand;
	memo->party = chance(2) ? "stranger" : memo->party;
	memo->received = chance(2) ? now - (int64_t)below(DAY) : now; /* a clock that was set back */
	memo->offer_open = !live->offer->state.closed && now <= live->offer->state.closes;
	memcpy(memo->offer, live->offer->id, FIELD_HASH_SIZE);
	memcpy(memo->first, live->deal.id, FIELD_HASH_SIZE);
	memcpy(memo->second, live->deal.head, FIELD_HASH_SIZE);
	new_id(memo->id);
	if (is_text_event(event)) {
		make_text(live, memo);
	} else {
		make_step(live, memo);
	}
	memo->first[0] ^= chance(2) ? 1 : 0;
	memo->second[0] ^= chance(2) ? 1 : 0;
}

/* One of the events that this side may try, or DEAL_EVENT_COUNT; seldom one that ends, stops or doesn't move a deal. */
static enum deal_event choose(const struct deal *deal, uint32_t events) {
	uint32_t rare = 1U << EVENT_CANCEL | 1U << EVENT_DISPUTE | 1U << EVENT_DECLINE | 1U << EVENT_FAULT;
	bool looks = deal->state == DEAL_POSTED || (deal_awaits_sales(deal) && chance(20)); /* sales are often never told */
	rare |= 1U << EVENT_AMEND | (looks ? 0 : 1U << EVENT_VERIFY);
	events = chance(90) ? events & ~rare : events;
	while (events != 0) {
		unsigned event = below(DEAL_EVENT_COUNT);
		if ((events & 1U << event) != 0) {
			return (enum deal_event)event;
		}
	}
	return DEAL_EVENT_COUNT;
}

static void one_event(void) {
	struct life_deal *live = &deals[below(DEALS)];
	struct memo memo;
	now += below(HOUR / 2);
	turn_offer(&offers[below(OFFERS)]);
	bool useless = live->deal.state == DEAL_NONE && live->offer->state.closed;
	if (live->count == NOTES_MAX || useless || (is_over(&live->deal) && chance(50))) {
		retire(live);
	}
	unsigned by = 1U << below(3);
	enum deal_event event = choose(&live->deal, deal_events(&live->deal, by));
	if (live->deal.deadline != DEADLINE_NONE && live->deal.due <= now && chance(80)) {
		make(live, EVENT_LAPSE, BY_AGENCY, &memo);
	} else if (event != DEAL_EVENT_COUNT) {
		make(live, event, by, &memo);
	} else if (chance(90)) {
		return;
	} else {
		make(live, (enum deal_event)below(DEAL_EVENT_COUNT), 1U << below(3), &memo);
	}
	hand_in(live, &memo);
}

/* An assertion of the rules has failed: where in which life? */
static void say_where(int signal_number) {
	printf("signal %d at seed %u, event %" PRIu64 "\n", signal_number, seed, taken);
	fflush(stdout);
}

static void begin_world(uint32_t with_seed) {
	(void)signal(SIGABRT, say_where);
	seed = state = with_seed;
	now = TIME_SECONDS;
	taken = tried = stamps = late_sales = releases = 0;
	book_clear(&book);
	life_prepare_texts();
	life_prepare_steps();
	for (int i = 0; i < OFFERS; i++) {
		open_offer(&offers[i]);
	}
	for (int i = 0; i < DEALS; i++) {
		deals[i] = (struct life_deal){ .offer = &offers[i % OFFERS], .name = (int)below(NAMES) };
		deals[i].offer->deals++;
		begin_deal(deals[i].offer, deals[i].name, &deals[i].deal);
	}
}

static uint64_t number_of(const char *name, uint64_t otherwise) {
	const char *text = getenv(name);
	return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

START_TEST(whatever_happens_money_slots_and_states_agree) {
	begin_world((uint32_t)number_of("TROTH_SEED", (uint64_t)(20261123 + _i)));
	uint64_t events = number_of("TROTH_EVENTS", EVENTS);
	while (taken < events) {
		one_event();
		REQUIRE(tried < 100 * events + 1000, "of %" PRIu64 " events only %" PRIu64 " were taken", tried, taken);
	}
	for (int i = 0; i < DEALS; i++) {
		check_replay(&deals[i]);
	}
	REQUIRE(book_is_rebuilt(&book), "the journal gives other balances");
	for (int event = 0; event < DEAL_EVENT_COUNT && events >= EVENTS; event++) {
		ck_assert_msg(counts[event] > 100, "%s was taken only %" PRIu64 " times: the test says little",
		              deal_event_words[event], counts[event]);
	}
	REQUIRE(late_sales > 100 || events < EVENTS, "sales came late only %" PRIu64 " times", late_sales);
	REQUIRE(releases > 100 || events < EVENTS, "a commission went back only %" PRIu64 " times", releases);
	for (int to = DEAL_PROPOSED; to < DEAL_STATE_COUNT && events >= EVENTS; to++) {
		ck_assert_msg(reached[to] > 100, "%s was reached only %" PRIu64 " times", deal_state_words[to], reached[to]);
	}
	printf("seed %u: %" PRIu64 " events of %" PRIu64 " tried, %zu accounts, %zu postings\n", seed, taken, tried,
	       book.count, book.journal_size);
	fflush(stdout);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("life");
	tcase_set_timeout(tests, 300);
	int seeds = getenv("TROTH_SEED") == NULL ? SEEDS : 1;
	tcase_add_loop_test(tests, whatever_happens_money_slots_and_states_agree, 0, seeds);
	Suite *suite = suite_create("rules/life");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

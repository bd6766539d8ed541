/* The table of a deal's life, tried out: every step in every state by everyone, with real notes.
 *
 * What is expected stands twice: in the table of rules/deal.c, and written by hand below from the design, so that a
 * wrong row is found too. */
#include "tests/unit/rules_deal_script.h"

static struct script script;

/* Who may do what in which state, and what follows if everything else is as it must be: "step:who>state". The letters
 * are brand, creator, operator, agency. Where a state is left by an agreement, the deal has a product. */
static const char *const design[DEAL_STATE_COUNT] = {
	[DEAL_NONE] = " sign:bc>agreed apply:c>proposed invite:b>proposed ",
	[DEAL_PROPOSED] = " counter:bc>proposed sign:bc>agreed decline:bc>ended lapse:a>ended ",
	[DEAL_ENDED] = " ",
	[DEAL_AGREED] = " ship:b>shipped lapse:a>lapsed amend:bc>agreed sign-amendment:bc>agreed decline:bc>agreed "
	                "cancel:bc>cancelled dispute:bc>disputed ",
	[DEAL_SHIPPED] = " receive:c>received lapse:a>received amend:bc>shipped sign-amendment:bc>shipped "
	                 "decline:bc>shipped cancel:bc>cancelled dispute:bc>disputed ",
	[DEAL_RECEIVED] = " submit:c>submitted lapse:a>lapsed amend:bc>received sign-amendment:bc>received "
	                  "decline:bc>received cancel:bc>cancelled dispute:bc>disputed ",
	[DEAL_SUBMITTED] = " revise:b>received approve:b>approved lapse:a>approved amend:bc>submitted "
	                   "sign-amendment:bc>submitted decline:bc>submitted cancel:bc>cancelled dispute:bc>disputed ",
	[DEAL_APPROVED] = " post:c>posted lapse:a>lapsed cancel:bc>cancelled dispute:bc>disputed ",
	[DEAL_POSTED] = " verify:o>verified report-fault:o>approved lapse:a>verified dispute:bc>disputed ",
	[DEAL_VERIFIED] = " verify:o>verified report-fault:o>disputed pay:o>paid rate:bc>verified dispute:bc>disputed "
	                  "lapse:a>verified ",
	[DEAL_PAID] = " rate:bc>paid lapse:a>closed verify:o>paid report-fault:o>paid ",
	[DEAL_CLOSED] = " verify:o>closed report-fault:o>closed ",
	[DEAL_CANCELLED] = " pay:o>cancelled lapse:a>cancelled ",
	[DEAL_LAPSED] = " pay:o>lapsed lapse:a>lapsed ",
	[DEAL_DISPUTED] = " verify:o>disputed resume:o>agreed settle:o>ruled ",
	[DEAL_RULED] = " pay:o>ruled lapse:a>ruled ",
};

/* The letters' bits and the next state; 0 where the design knows no such step. */
static unsigned designed(enum deal_state state, enum deal_event event, char to[16]) {
	static const struct {
		char letter;
		unsigned by;
	} letters[] = { { 'b', BY_BRAND }, { 'c', BY_CREATOR }, { 'o', BY_OPERATOR }, { 'a', BY_AGENCY } };
	char step[32];
	snprintf(step, sizeof step, " %s:", deal_event_words[event]);
	const char *at = strstr(design[state], step);
	unsigned by = 0;
	if (at != NULL) {
		for (at += strlen(step); *at != '>'; at++) {
			for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
				by |= letters[i].letter == *at ? letters[i].by : 0;
			}
		}
		size_t size = strcspn(at + 1, " ");
		memcpy(to, at + 1, size);
		to[size] = '\0';
	}
	return by;
}

/* Brings a deal into the state in such a way that every condition of the step is met. */
static void reach(enum deal_state state, enum deal_event event, const struct actor *actor) {
	bool first_come = state == DEAL_NONE && event == EVENT_SIGN && strcmp(actor->role, "creator") == 0;
	script_begin(&script, first_come ? "first-come" : "negotiation", SCRIPT_TERMS);
	switch (state) {
	case DEAL_NONE:
		break;
	case DEAL_PROPOSED: /* by the other side */
		script_play(&script, actor->by == BY_CREATOR ? EVENT_INVITE : EVENT_APPLY,
		            actor->by == BY_CREATOR ? BRAND_SIDE : CREATOR_SIDE);
		break;
	case DEAL_ENDED:
		script_go(&script, DEAL_PROPOSED);
		script_play(&script, EVENT_DECLINE, BRAND_SIDE);
		break;
	case DEAL_CANCELLED:
	case DEAL_LAPSED:
	case DEAL_DISPUTED:
	case DEAL_RULED:
		script_go(&script, event == EVENT_VERIFY && state == DEAL_DISPUTED ? DEAL_VERIFIED : DEAL_AGREED);
		if (state == DEAL_CANCELLED) {
			script_play(&script, EVENT_CANCEL, BRAND_SIDE);
		} else if (state == DEAL_LAPSED) {
			script_play(&script, EVENT_LAPSE, THE_AGENCY);
		} else {
			script_play(&script, EVENT_DISPUTE, CREATOR_SIDE);
		}
		if (state == DEAL_RULED) {
			script_play(&script, EVENT_SETTLE, OPERATOR);
		}
		break;
	default:
		script_go(&script, state);
		break;
	}
	ck_assert_int_eq(script.deal.state, state);
}

/* An amendment is signed after the other side, where that could sign it; else by both at once. */
static unsigned prepare_amendment(const struct actor *actor) {
	char to[16];
	if (actor->stranger || (actor->by & (BY_BRAND | BY_CREATOR)) == 0 ||
	    designed(script.deal.state, EVENT_AMEND, to) == 0) {
		return 3;
	}
	script_play(&script, EVENT_AMEND, actor->by == BY_BRAND ? CREATOR_SIDE : BRAND_SIDE);
	memcpy(script.text, script.proposal, SCRIPT_TEXT_MAX);
	return script_signature(actor);
}

/* Writes the note, and says by whose signatures it comes. */
static unsigned attempt(enum deal_state state, enum deal_event event, const struct actor *actor) {
	char to[16];
	if (event == EVENT_DECLINE && designed(state, EVENT_AMEND, to) != 0) { /* it needs something to turn down */
		script_play(&script, EVENT_AMEND, actor->by == BY_BRAND ? CREATOR_SIDE : BRAND_SIDE);
	}
	script.sales = event == EVENT_VERIFY && state == DEAL_DISPUTED ? "420.00 USD" : NULL;
	script_write(&script, event, actor);
	if (event == EVENT_AMEND_SIGN) {
		return prepare_amendment(actor);
	}
	bool handed_in_by_brand = event == EVENT_SIGN && state == DEAL_NONE && strcmp(actor->role, "brand") == 0;
	return handed_in_by_brand ? 3 : script_signature(actor);
}

/* The note has no place for this signer: it is none, or another's signature belongs under it. */
static bool is_out_of_form(const struct actor *actor, unsigned signed_by) {
	char expected[NOTE_SIGNER_MAX], signer[NOTE_SIGNER_MAX];
	const uint8_t *key = NULL;
	if (note_parse(slice_of_text(script.text), ORIGIN, &script.note, NULL) != OK) {
		return true;
	}
	bool is_agency = strcmp(actor->name, AGENCY_NAME) == 0;
	snprintf(expected, sizeof expected, is_agency ? ORIGIN "/%s%s" : ORIGIN "/%s/%s", is_agency ? "" : actor->role,
	         actor->name);
	size_t count = note_signer_count(&script.note);
	bool own = false;
	for (size_t i = 0; i < count; i++) {
		note_signer(&script.note, i, signer, &key);
		own = own || ((count == 1 || (signed_by & 1U << i) != 0) && strcmp(signer, expected) == 0);
	}
	return !own;
}

/* The first text of a deal that there is already, or an answer to none, is no step of it. */
static enum error refusal(enum deal_state state, enum deal_event event) {
	bool first = event == EVENT_APPLY || event == EVENT_INVITE;
	return (first && state != DEAL_NONE) || (event == EVENT_COUNTER && state == DEAL_NONE) ? ERROR_SUPERSEDED
	                                                                                       : ERROR_WRONG_STATE;
}

static void expect_refusal(enum error error, enum error code, bool stranger, const char *what) {
	struct buffer allowed;
	char state[32];
	buffer_init(&allowed, FAILURE_TEXT_MAX);
	deal_allowed(&script.deal, &allowed);
	snprintf(state, sizeof state, "the deal is %s", deal_state_words[script.deal.state]);
	bool tells = strstr(script.failure.text, state) != NULL &&
	             strstr(script.failure.text, buffer_text(&allowed)) != NULL;
	ck_assert_msg(error == code && script.failure.code == code, "%s: %s: %s", what, error_word(error),
	              script.failure.text);
	ck_assert_msg(tells != stranger, "%s: says \"%s\"", what, script.failure.text);
	ck_assert_msg(script.result.entry.count == 0 && !script.result.takes_slot, "%s: books something", what);
	for (size_t i = 0; i < sizeof script.after; i++) {
		ck_assert_msg(((const uint8_t *)&script.after)[i] == 0xa5, "%s: is refused, but writes a deal", what);
	}
	buffer_release(&allowed);
}

enum outcome { TAKEN, REFUSED, OUT_OF_FORM, OUTCOMES };

static enum outcome try_triple(enum deal_state state, enum deal_event event, const struct actor *actor) {
	char to[16] = "", what[128];
	snprintf(what, sizeof what, "%s in %s by %s %s", deal_event_words[event], deal_state_words[state], actor->role,
	         actor->name);
	reach(state, event, actor);
	bool in_design = (designed(state, event, to) & actor->by) != 0 && !actor->stranger;
	unsigned signed_by = attempt(state, event, actor);
	if (is_out_of_form(actor, signed_by)) {
		ck_assert_msg(!in_design, "%s: cannot be signed", what);
		return OUT_OF_FORM;
	}
	enum error error = script_take(&script, signed_by);
	if (error == OK && script.result.event != event) { /* what this side's signature makes of the same text */
		bool twin = event == EVENT_APPLY ? script.result.event == EVENT_INVITE
		                                 : event == EVENT_INVITE && script.result.event == EVENT_APPLY;
		ck_assert_msg(twin && !in_design, "%s: becomes %s", what, deal_event_words[script.result.event]);
		return OUT_OF_FORM;
	}
	if (in_design) {
		ck_assert_msg(error == OK, "%s: %s", what, script.failure.text);
		ck_assert_msg(strcmp(deal_state_words[script.deal.state], to) == 0, "%s: leads to %s", what,
		              deal_state_words[script.deal.state]);
		return TAKEN;
	}
	expect_refusal(error, actor->stranger ? ERROR_NOT_ALLOWED : refusal(state, event), actor->stranger, what);
	return REFUSED;
}

START_TEST(every_step_in_every_state_by_everyone) {
	unsigned counts[OUTCOMES] = { 0 };
	for (int state = DEAL_NONE; state < DEAL_STATE_COUNT; state++) {
		for (int event = 0; event < DEAL_EVENT_COUNT; event++) {
			for (int actor = 0; actor < ACTORS; actor++) {
				counts[try_triple((enum deal_state)state, (enum deal_event)event, &script_actors[actor])]++;
			}
		}
	}
	unsigned all = counts[TAKEN] + counts[REFUSED] + counts[OUT_OF_FORM];
	printf("%u triples: %u taken, %u refused, %u that no note can say\n", all, counts[TAKEN], counts[REFUSED],
	       counts[OUT_OF_FORM]);
	fflush(stdout);
	ck_assert_uint_eq(all, DEAL_STATE_COUNT * DEAL_EVENT_COUNT * ACTORS);
}
END_TEST

START_TEST(the_table_is_the_design) {
	size_t count = 0;
	const struct transition *rows = deal_transitions(&count);
	for (int state = DEAL_NONE; state < DEAL_STATE_COUNT; state++) {
		for (int event = 0; event < DEAL_EVENT_COUNT; event++) {
			unsigned by = 0;
			char to[16];
			for (size_t i = 0; i < count; i++) {
				by |= (int)rows[i].from == state && (int)rows[i].event == event ? rows[i].by : 0;
			}
			ck_assert_msg(by == designed((enum deal_state)state, (enum deal_event)event, to), "%s in %s",
			              deal_event_words[event], deal_state_words[state]);
		}
	}
}
END_TEST

/* Where a step may lead to more than one state: what has been before, and to where it leads then. Told sales of 420.00
 * earn a commission, those of 0.01 earn nothing but settle it. */
static const struct {
	enum deal_state state;
	const char *told; /* sales, before; NULL: none */
	unsigned rated;   /* before */
	enum deal_event event;
	int actor;
	const char *sales; /* of this step */
	enum deal_state to;
	enum deadline deadline;
} ways[] = {
	{ DEAL_POSTED, NULL, 0, EVENT_VERIFY, OPERATOR, NULL, DEAL_VERIFIED, DEADLINE_PAY },
	{ DEAL_POSTED, NULL, 0, EVENT_VERIFY, OPERATOR, "420.00 USD", DEAL_VERIFIED, DEADLINE_PAY },
	{ DEAL_VERIFIED, NULL, 0, EVENT_VERIFY, OPERATOR, "420.00 USD", DEAL_VERIFIED, DEADLINE_PAY },
	{ DEAL_VERIFIED, NULL, 0, EVENT_PAY, OPERATOR, NULL, DEAL_PAID, DEADLINE_RATE },
	{ DEAL_VERIFIED, NULL, BY_BRAND | BY_CREATOR, EVENT_PAY, OPERATOR, NULL, DEAL_PAID, DEADLINE_RATE },
	{ DEAL_VERIFIED, "420.00 USD", BY_CREATOR, EVENT_PAY, OPERATOR, NULL, DEAL_PAID, DEADLINE_RATE },
	{ DEAL_VERIFIED, "420.00 USD", BY_BRAND | BY_CREATOR, EVENT_PAY, OPERATOR, NULL, DEAL_CLOSED, DEADLINE_NONE },
	{ DEAL_VERIFIED, "420.00 USD", BY_BRAND, EVENT_RATE, CREATOR_SIDE, NULL, DEAL_VERIFIED, DEADLINE_PAY },
	{ DEAL_PAID, NULL, 0, EVENT_VERIFY, OPERATOR, "420.00 USD", DEAL_VERIFIED, DEADLINE_PAY },
	{ DEAL_PAID, NULL, 0, EVENT_VERIFY, OPERATOR, "0.01 USD", DEAL_PAID, DEADLINE_RATE },
	{ DEAL_PAID, NULL, BY_BRAND, EVENT_RATE, CREATOR_SIDE, NULL, DEAL_PAID, DEADLINE_RATE },
	{ DEAL_PAID, "0.01 USD", BY_BRAND, EVENT_RATE, CREATOR_SIDE, NULL, DEAL_CLOSED, DEADLINE_NONE },
	{ DEAL_PAID, "0.01 USD", BY_CREATOR, EVENT_RATE, BRAND_SIDE, NULL, DEAL_CLOSED, DEADLINE_NONE },
	{ DEAL_PAID, NULL, 0, EVENT_LAPSE, THE_AGENCY, NULL, DEAL_CLOSED, DEADLINE_NONE },
};

START_TEST(what_was_told_paid_and_rated_before_says_where_a_step_leads) {
	script_begin(&script, "negotiation", SCRIPT_TERMS);
	script_go(&script, ways[_i].state);
	if (ways[_i].told != NULL) {
		script_verify(&script, ways[_i].told);
	}
	for (int side = BRAND_SIDE; side <= CREATOR_SIDE; side++) {
		if ((ways[_i].rated & script_actors[side].by) != 0) {
			script_play(&script, EVENT_RATE, side);
		}
	}
	ck_assert_int_eq(script.deal.state, ways[_i].state);
	script.sales = ways[_i].sales;
	script_play(&script, ways[_i].event, ways[_i].actor);
	ck_assert_str_eq(deal_state_words[script.deal.state], deal_state_words[ways[_i].to]);
	ck_assert_int_eq(script.deal.deadline, ways[_i].deadline);
}
END_TEST

START_TEST(a_deal_runs_from_its_agreement_to_its_end) {
	static const bool runs[DEAL_STATE_COUNT] = {
		[DEAL_AGREED] = true,   [DEAL_SHIPPED] = true, [DEAL_RECEIVED] = true, [DEAL_SUBMITTED] = true,
		[DEAL_APPROVED] = true, [DEAL_POSTED] = true,  [DEAL_VERIFIED] = true, [DEAL_DISPUTED] = true,
	};
	for (int state = DEAL_NONE; state < DEAL_STATE_COUNT; state++) {
		struct deal deal = { .state = (enum deal_state)state };
		ck_assert_msg(deal_is_running(&deal) == runs[state], "%s", deal_state_words[state]);
	}
}
END_TEST

/* Where what was paid and rated before says who may try what: with the terms above, of which 250.00 are earned. */
static const struct {
	enum deal_state state;
	const char *paid;
	unsigned rated;
	enum deal_event event;
	unsigned by; /* all who may */
} tries[] = {
	{ DEAL_VERIFIED, NULL, 0, EVENT_DISPUTE, BY_BRAND | BY_CREATOR },
	{ DEAL_VERIFIED, "0.01 USD", 0, EVENT_DISPUTE, 0 },
	{ DEAL_VERIFIED, NULL, 0, EVENT_RATE, BY_BRAND | BY_CREATOR },
	{ DEAL_VERIFIED, NULL, BY_BRAND, EVENT_RATE, BY_CREATOR },
	{ DEAL_VERIFIED, NULL, BY_CREATOR, EVENT_RATE, BY_BRAND },
	{ DEAL_VERIFIED, NULL, BY_BRAND | BY_CREATOR, EVENT_RATE, 0 },
	{ DEAL_PAID, NULL, BY_BRAND, EVENT_RATE, BY_CREATOR },
	{ DEAL_VERIFIED, NULL, 0, EVENT_PAY, BY_OPERATOR },
	{ DEAL_VERIFIED, "0.01 USD", 0, EVENT_PAY, BY_OPERATOR },
	{ DEAL_CANCELLED, NULL, 0, EVENT_PAY, BY_OPERATOR },
	{ DEAL_CANCELLED, "25.00 USD", 0, EVENT_PAY, 0 },
	{ DEAL_LAPSED, "25.00 USD", 0, EVENT_PAY, 0 },
};

START_TEST(what_was_paid_and_rated_says_who_may_try_what) {
	struct buffer allowed;
	reach(tries[_i].state, tries[_i].event, &script_actors[OPERATOR]);
	for (int side = BRAND_SIDE; side <= CREATOR_SIDE; side++) {
		if ((tries[_i].rated & script_actors[side].by) != 0) {
			script_play(&script, EVENT_RATE, side);
		}
	}
	if (tries[_i].paid != NULL) {
		script.amount = tries[_i].paid;
		script_play(&script, EVENT_PAY, OPERATOR);
	}
	for (unsigned by = BY_BRAND; by <= BY_AGENCY; by <<= 1) {
		bool may = (deal_events(&script.deal, by) & 1U << tries[_i].event) != 0;
		ck_assert_msg(may == ((tries[_i].by & by) != 0), "%s by %u", deal_event_words[tries[_i].event], by);
	}
	buffer_init(&allowed, FAILURE_TEXT_MAX);
	deal_allowed(&script.deal, &allowed);
	const char *words = buffer_text(&allowed);
	bool said = strstr(words, deal_event_words[tries[_i].event]) != NULL;
	ck_assert_msg(said == (tries[_i].by != 0), "%s", words);
	ck_assert_msg(tries[_i].state < DEAL_CANCELLED || said || strcmp(words, "nothing") == 0, "%s", words);
	buffer_release(&allowed);
}
END_TEST

/* Whoever pays late still learns since when he is late. */
START_TEST(the_end_of_the_time_to_pay_stays_on_record_when_it_is_over) {
	script_begin(&script, "negotiation", SCRIPT_TERMS);
	script_go(&script, DEAL_POSTED);
	ck_assert_int_eq(script.deal.pay_due, 0);
	script_go(&script, DEAL_VERIFIED);
	int64_t due = script.deal.due;
	ck_assert_int_eq(script.deal.pay_due, due);
	script.now = due;
	script_play(&script, EVENT_LAPSE, THE_AGENCY);
	ck_assert(script.deal.overdue && script.deal.due != due);
	ck_assert_int_eq(script.deal.pay_due, due);
}
END_TEST

/* A dispute stops the clock; after it the deal goes on where it was, with the whole time of that stage again. */
static const struct {
	enum deal_state state;
	enum deadline deadline;
	int64_t within;
} stages[] = {
	{ DEAL_AGREED, DEADLINE_SHIP, 5 * DAY },       { DEAL_SHIPPED, DEADLINE_RECEIVE, 10 * DAY },
	{ DEAL_RECEIVED, DEADLINE_DELIVER, 14 * DAY }, { DEAL_SUBMITTED, DEADLINE_REVIEW, 72 * HOUR },
	{ DEAL_APPROVED, DEADLINE_POST, 7 * DAY },     { DEAL_POSTED, DEADLINE_VERIFY, 7 * DAY },
	{ DEAL_VERIFIED, DEADLINE_PAY, 30 * DAY },
};

START_TEST(a_dispute_stops_the_clock_and_leads_back) {
	script_begin(&script, "negotiation", SCRIPT_TERMS);
	script_go(&script, stages[_i].state);
	ck_assert_int_eq(script.deal.deadline, stages[_i].deadline);
	ck_assert_int_eq(script.deal.due, TIME_SECONDS + stages[_i].within);
	struct deal before = script.deal;
	script_play(&script, EVENT_DISPUTE, BRAND_SIDE);
	ck_assert(script.deal.deadline == DEADLINE_NONE && script.deal.due == 0);
	script.now += 365 * DAY;
	script_play(&script, EVENT_RESUME, OPERATOR);
	ck_assert_int_eq(script.deal.state, stages[_i].state);
	ck_assert_int_eq(script.deal.deadline, stages[_i].deadline);
	ck_assert_int_eq(script.deal.due, script.now + stages[_i].within);
	ck_assert_int_eq(script.deal.held, before.held);
	ck_assert(script.deal.earned == before.earned && script.deal.agency_earned == before.agency_earned);
}
END_TEST

START_TEST(a_deal_that_is_not_disputed_in_a_state_cannot_go_back_to_it) {
	static const enum deal_state others[] = { DEAL_NONE,      DEAL_PROPOSED, DEAL_ENDED, DEAL_PAID,    DEAL_CLOSED,
		                                      DEAL_CANCELLED, DEAL_LAPSED,   DEAL_RULED, DEAL_DISPUTED };
	char to[16];
	ck_assert_int_eq(ROWS(stages) + ROWS(others), DEAL_STATE_COUNT);
	for (int i = 0; i < ROWS(others); i++) {
		ck_assert_uint_eq(designed(others[i], EVENT_DISPUTE, to), 0);
	}
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("deal");
	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, the_table_is_the_design);
	tcase_add_test(tests, every_step_in_every_state_by_everyone);
	tcase_add_loop_test(tests, what_was_told_paid_and_rated_before_says_where_a_step_leads, 0, ROWS(ways));
	tcase_add_test(tests, a_deal_runs_from_its_agreement_to_its_end);
	tcase_add_loop_test(tests, what_was_paid_and_rated_says_who_may_try_what, 0, ROWS(tries));
	tcase_add_test(tests, the_end_of_the_time_to_pay_stays_on_record_when_it_is_over);
	tcase_add_loop_test(tests, a_dispute_stops_the_clock_and_leads_back, 0, ROWS(stages));
	tcase_add_test(tests, a_deal_that_is_not_disputed_in_a_state_cannot_go_back_to_it);
	Suite *suite = suite_create("rules/deal");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

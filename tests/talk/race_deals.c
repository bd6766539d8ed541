/* Notes that race for one deal, on several workers: one of them becomes its next step, the others learn where it is. */
#include <stdio.h>

#include "tests/lib/command.h"
#include "tests/lib/convoy.h"
#include "tests/lib/rush.h"
#include "tests/lib/unit.h"

#define TEST_SECONDS 300
#define DEALS 24 /* in each contest, all at once */
#define CONTENDERS_MAX 3
#define STEPS_MAX 6
#define SLOTS 5

#define PAID "compensation paid\nfee 100.00 USD\ndeliverable 1 instagram-reel within 14d\ndisclosure #ad\n" \
	"revisions 2\npay-within 30d\n"
#define GIFTED "compensation gifted\nproduct Cork yoga mat, 5 mm\nproduct-value 89.00 USD\n" \
	"deliverable 1 instagram-reel within 14d\ndisclosure #ad\n"
#define SEEN "live yes\ntagged yes\ndisclosed yes\n"
#define LINK "link https://example.com/p\n"
#define BECAUSE "reason Not as agreed.\n"

static struct cast cast;

static size_t workers;

static void set_up_two(void) {
	workers = 2;
	cast_make(&cast, 2, "info", DEALS);
}

static void set_up_four(void) {
	workers = 4;
	cast_make(&cast, 4, "info", DEALS);
}

/* What the workers say at their end shows that all of them have taken part, and been too late too. */
static void tear_down(void) {
	ck_assert_int_eq(agency_stop(&cast.agency), 0);
	const char *text = process_text(cast.agency.up, PROCESS_ERRORS);
	size_t lines = 0;
	for (const char *at = strstr(text, "event=stopped"); at != NULL; at = strstr(at + 1, "event=stopped")) {
		const char *accepted = strstr(at, " accepted="), *refused = strstr(at, " refused=");
		ck_assert(accepted != NULL && strncmp(accepted, " accepted=0 ", 12) != 0);
		ck_assert(refused != NULL && strncmp(refused, " refused=0 ", 11) != 0);
		lines++;
	}
	ck_assert_uint_eq(lines, workers);
	cast_release(&cast);
}

/* ---- contests ---- */

typedef void make_function(const struct convoy *convoy, size_t index, struct buffer *out);

struct move {
	enum role role;
	enum kind_id kind;
	const char *lines;
	make_function *make; /* if it is no plain step */
	enum deal_state state; /* that it leads to, for a contender */
};

static void counter(const struct convoy *convoy, size_t index, struct buffer *out) {
	notes_counter(&cast.brand, buffer_slice(&convoy->texts[index]), "fee", "fee 90.00 USD\n", out);
}

static void other_counter(const struct convoy *convoy, size_t index, struct buffer *out) {
	notes_counter(&cast.brand, buffer_slice(&convoy->texts[index]), "fee", "fee 80.00 USD\n", out);
}

static void sign(const struct convoy *convoy, size_t index, struct buffer *out) {
	notes_sign_too(&cast.brand, buffer_slice(&convoy->texts[index]), out);
}

static void amend(const struct convoy *convoy, size_t index, struct buffer *out) {
	thread_amendment(&convoy->threads[index], &cast.brand, buffer_slice(&convoy->texts[index]), "revisions",
	                 "revisions 1\n", out);
}

static void amend_too(const struct convoy *convoy, size_t index, struct buffer *out) {
	thread_amendment(&convoy->threads[index], &cast.creators[index], buffer_slice(&convoy->texts[index]), "revisions",
	                 "revisions 3\n", out);
}

static void pay(const struct convoy *convoy, size_t index, const char *amount, const char *reference,
                struct buffer *out) {
	char lines[200], hex[HASH_HEX_SIZE];
	hex_encode(slice_of(convoy->threads[index].id, HASH_SIZE), hex);
	(void)snprintf(lines, sizeof lines, "amount %s\nreference %s-%.12s\n", amount, reference, hex);
	thread_note(&convoy->threads[index], &cast.operator, KIND_PAY, lines, out);
}

static void pay_all(const struct convoy *convoy, size_t index, struct buffer *out) {
	pay(convoy, index, "100.00 USD", "all", out);
}

static void pay_all_again(const struct convoy *convoy, size_t index, struct buffer *out) {
	pay(convoy, index, "100.00 USD", "again", out);
}

static void pay_part(const struct convoy *convoy, size_t index, struct buffer *out) {
	pay(convoy, index, "40.00 USD", "part", out);
}

/* A text that `amend` has made, signed by the creator: it is taken from where the contest has kept it. */
static struct buffer amendments[CONVOY_MAX];

static void sign_amendment(const struct convoy *convoy, size_t index, struct buffer *out) {
	(void)convoy;
	notes_sign_too(&cast.creators[index], buffer_slice(&amendments[index]), out);
}

#define SUBMITS { ROLE_CREATOR, KIND_SUBMIT, CONVOY_CONTENT, NULL, 0 }
#define APPROVES { ROLE_BRAND, KIND_APPROVE, "", NULL, 0 }
#define POSTS { ROLE_CREATOR, KIND_POST, LINK, NULL, 0 }
#define VERIFIES { ROLE_OPERATOR, KIND_VERIFY, SEEN, NULL, 0 }

static const struct contest {
	const char *name, *offer;
	struct move path[STEPS_MAX], contenders[CONTENDERS_MAX];
	/* The brand's amendment waits for the creator. When he signs it, the note that others follow stays the same, so
	 * that one of them may come next; after another step it is too late for his signature. */
	bool amended;
} contests[] = {
	{ "approve, cancel by either side", PAID, { SUBMITS },
	  { { ROLE_BRAND, KIND_APPROVE, "", NULL, DEAL_APPROVED },
	    { ROLE_BRAND, KIND_CANCEL, "", NULL, DEAL_CANCELLED },
	    { ROLE_CREATOR, KIND_CANCEL, "", NULL, DEAL_CANCELLED } }, false },
	{ "two counters to one proposal, and taking it back", PAID "road negotiation\n", { { 0 } },
	  { { ROLE_BRAND, KIND_AGREEMENT, NULL, counter, DEAL_PROPOSED },
	    { ROLE_BRAND, KIND_AGREEMENT, NULL, other_counter, DEAL_PROPOSED },
	    { ROLE_CREATOR, KIND_DECLINE, "", NULL, DEAL_ENDED } }, false },
	{ "counter and accept", PAID "road negotiation\n", { { 0 } },
	  { { ROLE_BRAND, KIND_AGREEMENT, NULL, counter, DEAL_PROPOSED },
	    { ROLE_BRAND, KIND_AGREEMENT, NULL, sign, DEAL_RECEIVED } }, false },
	{ "decline by either side, and accept", PAID "road selection\n", { { 0 } },
	  { { ROLE_CREATOR, KIND_DECLINE, "", NULL, DEAL_ENDED },
	    { ROLE_BRAND, KIND_AGREEMENT, NULL, sign, DEAL_RECEIVED },
	    { ROLE_BRAND, KIND_DECLINE, "", NULL, DEAL_ENDED } }, false },
	{ "ship, cancel by either side", GIFTED, { { 0 } },
	  { { ROLE_BRAND, KIND_SHIP, "carrier DHL\n", NULL, DEAL_SHIPPED },
	    { ROLE_CREATOR, KIND_CANCEL, "", NULL, DEAL_CANCELLED },
	    { ROLE_BRAND, KIND_CANCEL, "", NULL, DEAL_CANCELLED } }, false },
	{ "accept of an amendment, submit, cancel", PAID, { { 0 } },
	  { { ROLE_CREATOR, KIND_AGREEMENT, NULL, sign_amendment, DEAL_RECEIVED },
	    { ROLE_CREATOR, KIND_SUBMIT, CONVOY_CONTENT, NULL, DEAL_SUBMITTED },
	    { ROLE_BRAND, KIND_CANCEL, "", NULL, DEAL_CANCELLED } }, true },
	{ "amendments by both sides, and a step", PAID, { { 0 } },
	  { { ROLE_BRAND, KIND_AGREEMENT, NULL, amend, DEAL_RECEIVED },
	    { ROLE_CREATOR, KIND_AGREEMENT, NULL, amend_too, DEAL_RECEIVED },
	    { ROLE_CREATOR, KIND_SUBMIT, CONVOY_CONTENT, NULL, DEAL_SUBMITTED } }, false },
	{ "the same payment under two references, and a part", PAID, { SUBMITS, APPROVES, POSTS, VERIFIES },
	  { { ROLE_OPERATOR, KIND_PAY, NULL, pay_all, DEAL_PAID },
	    { ROLE_OPERATOR, KIND_PAY, NULL, pay_all_again, DEAL_PAID },
	    { ROLE_OPERATOR, KIND_PAY, NULL, pay_part, DEAL_VERIFIED } }, false },
	{ "approve, dispute by either side", PAID, { SUBMITS },
	  { { ROLE_BRAND, KIND_APPROVE, "", NULL, DEAL_APPROVED },
	    { ROLE_BRAND, KIND_DISPUTE, BECAUSE, NULL, DEAL_DISPUTED },
	    { ROLE_CREATOR, KIND_DISPUTE, BECAUSE, NULL, DEAL_DISPUTED } }, false },
	{ "revise, approve, cancel", PAID, { SUBMITS },
	  { { ROLE_BRAND, KIND_REVISE, BECAUSE, NULL, DEAL_RECEIVED },
	    { ROLE_BRAND, KIND_APPROVE, "", NULL, DEAL_APPROVED },
	    { ROLE_CREATOR, KIND_CANCEL, "", NULL, DEAL_CANCELLED } }, false },
	{ "verify, report of a fault, dispute", PAID, { SUBMITS, APPROVES, POSTS },
	  { { ROLE_OPERATOR, KIND_VERIFY, SEEN, NULL, DEAL_VERIFIED },
	    { ROLE_OPERATOR, KIND_VERIFY, "live no\ntagged no\ndisclosed no\n", NULL, DEAL_APPROVED },
	    { ROLE_BRAND, KIND_DISPUTE, BECAUSE, NULL, DEAL_DISPUTED } }, false },
	{ "payment and dispute", PAID, { SUBMITS, APPROVES, POSTS, VERIFIES },
	  { { ROLE_OPERATOR, KIND_PAY, NULL, pay_part, DEAL_VERIFIED },
	    { ROLE_CREATOR, KIND_DISPUTE, BECAUSE, NULL, DEAL_DISPUTED } }, false },
	{ "two rulings", PAID, { SUBMITS, { ROLE_BRAND, KIND_DISPUTE, BECAUSE, NULL, 0 } },
	  { { ROLE_OPERATOR, KIND_RULING, "outcome resume\n" BECAUSE, NULL, DEAL_SUBMITTED },
	    { ROLE_OPERATOR, KIND_RULING, "outcome settle\ncreator-share 60 %\n" BECAUSE, NULL, DEAL_RULED },
	    { ROLE_OPERATOR, KIND_RULING, "outcome settle\ncreator-share 0 %\n" BECAUSE, NULL, DEAL_RULED } }, false },
	{ "ratings of both sides", GIFTED,
	  { { ROLE_BRAND, KIND_SHIP, "carrier DHL\n", NULL, 0 }, { ROLE_CREATOR, KIND_RECEIVE, "", NULL, 0 }, SUBMITS,
	    APPROVES, POSTS, VERIFIES },
	  { { ROLE_BRAND, KIND_RATE, "stars 5\n", NULL, DEAL_VERIFIED },
	    { ROLE_CREATOR, KIND_RATE, "stars 1\n", NULL, DEAL_VERIFIED },
	    { ROLE_BRAND, KIND_RATE, "stars 2\n", NULL, DEAL_VERIFIED } }, false },
};

static void make_move(const struct convoy *convoy, size_t index, const struct move *move, struct buffer *out) {
	if (move->make != NULL) {
		move->make(convoy, index, out);
	} else {
		thread_note(&convoy->threads[index], convoy_actor(convoy, index, move->role), move->kind, move->lines, out);
	}
}

static bool is_move(const struct move *move) {
	return move->make != NULL || move->lines != NULL;
}

static void says_state(const struct outcome *outcome, enum deal_state state, const char *name) {
	char words[60];
	(void)snprintf(words, sizeof words, "the deal is %s, and allowed now: ", deal_state_words[state]);
	ck_assert_msg(outcome->error == ERROR_SUPERSEDED || outcome->error == ERROR_WRONG_STATE, "%s: %s: %s", name,
	              error_word(outcome->error), outcome->said);
	ck_assert_msg(strstr(outcome->said, words) != NULL, "%s: not \"%s\": %s", name, words, outcome->said);
}

/* Finds the one winner, or the last of two where they may follow one another. */
static size_t find_winner(const struct contest *contest, size_t index, const struct outcome *outcomes, size_t width) {
	size_t winners = 0, winner = 0;
	bool amends = false;
	for (size_t i = 0; i < width; i++) {
		if (outcomes[i].error == OK) {
			winner = winners == 0 || outcomes[i].sequence > outcomes[winner].sequence ? i : winner;
			amends = amends || (contest->amended && (i + index) % width == 0);
			winners++;
		}
	}
	ck_assert_msg(winners == 1 || (winners == 2 && amends), "%s: %zu were accepted", contest->name, winners);
	ck_assert_msg(winners == 1 || (winner + index) % width != 0, "%s: signed too late", contest->name);
	return winner;
}

/* The deal is where the winner has led it, and nothing else has happened to it. Returns the winner. */
static size_t judge(const struct convoy *convoy, size_t index, const struct contest *contest,
                    const struct buffer *notes, const struct outcome *outcomes, size_t width) {
	struct deal deal;
	uint8_t id[HASH_SIZE];
	size_t winner = find_winner(contest, index, outcomes, width);
	enum deal_state state = contest->contenders[(winner + index) % width].state;
	convoy_deal(convoy, convoy->client, index, &deal);
	note_id_of(buffer_slice(&notes[winner]), id);
	ck_assert_msg(deal.state == state, "%s: %s", contest->name, deal_state_words[deal.state]);
	ck_assert_msg(memcmp(deal.head, id, HASH_SIZE) == 0, "%s: another note came last", contest->name);
	for (size_t i = 0; i < width; i++) {
		if (outcomes[i].error != OK) {
			says_state(&outcomes[i], state, contest->name);
		}
	}
	return (winner + index) % width;
}

static void take_path(struct convoy *convoy, const struct contest *contest) {
	for (size_t i = 0; i < STEPS_MAX && is_move(&contest->path[i]); i++) {
		convoy_step(convoy, contest->path[i].role, contest->path[i].kind, contest->path[i].lines);
	}
	for (size_t i = 0; i < convoy->count && contest->amended; i++) {
		amend(convoy, i, &amendments[i]);
	}
	if (contest->amended) {
		convoy_submit(convoy, amendments);
	}
}

/* Counts the notes that were accepted, of which there may be more than deals. */
static int64_t count_accepted(const struct outcome *outcomes, size_t count) {
	int64_t accepted = 0;
	for (size_t i = 0; i < count; i++) {
		accepted += outcomes[i].error == OK;
	}
	return accepted;
}

/* All notes of all deals are on their way before the first answer is heard; which contender of a deal is sent first
 * changes from deal to deal. Returns how many were accepted. */
static int64_t hold(struct convoy *convoy, struct rush *rush, const struct contest *contest) {
	static struct buffer notes[DEALS * CONTENDERS_MAX];
	static struct outcome outcomes[DEALS * CONTENDERS_MAX];
	size_t width = 0, won[CONTENDERS_MAX] = { 0 }, different = 0;
	while (width < CONTENDERS_MAX && is_move(&contest->contenders[width])) {
		width++;
	}
	for (size_t i = 0; i < DEALS * width; i++) {
		buffer_init(&notes[i], SIGNED_NOTE_MAX);
		make_move(convoy, i / width, &contest->contenders[(i + i / width) % width], &notes[i]);
	}
	rush_submit(rush, notes, DEALS * width, outcomes);
	for (size_t i = 0; i < DEALS; i++) {
		won[judge(convoy, i, contest, &notes[i * width], &outcomes[i * width], width)]++;
	}
	for (size_t i = 0; i < width; i++) {
		different += won[i] > 0;
	}
	ck_assert_msg(different > 1, "%s: always the same wins, so this is no race", contest->name);
	for (size_t i = 0; i < DEALS * width; i++) {
		buffer_release(&notes[i]);
	}
	return count_accepted(outcomes, DEALS * width);
}

START_TEST(of_notes_that_race_for_a_deal_one_wins_and_the_others_learn_its_state) {
	const struct contest *contest = &contests[_i];
	static struct convoy convoy;
	struct rush rush;
	rush_open(&rush, &cast.agency, cast.creators);
	convoy_notes_init(amendments);
	convoy_begin(&convoy, &cast, actor_connect(&cast.operator, &cast.agency, 0, 0), DEALS, contest->offer);
	take_path(&convoy, contest);
	struct store_counts before = store_count(cast.agency.home);
	int64_t accepted = hold(&convoy, &rush, contest);
	store_has_grown(cast.agency.home, before, (struct store_counts){ .notes = accepted });
	client_free(convoy.client);
	convoy_end(&convoy);
	convoy_notes_release(amendments);
	rush_close(&rush);
}
END_TEST

/* ---- slots ---- */

/* The offer's last slots go to whoever comes first, and its money with them. */
static void hand_out_slots(const char *offer, bool counters) {
	static struct convoy convoy;
	static struct buffer proposals[CONVOY_MAX], notes[CONVOY_MAX];
	struct outcome outcomes[CONVOY_MAX];
	struct rush rush;
	size_t agreed = 0;
	rush_open(&rush, &cast.agency, cast.creators);
	convoy_notes_init(proposals);
	convoy_notes_init(notes);
	convoy_begin(&convoy, &cast, actor_connect(&cast.operator, &cast.agency, 0, 0), SLOTS, offer);
	for (size_t i = 0; i < DEALS && counters; i++) {
		counter(&convoy, i, &proposals[i]);
	}
	if (counters) {
		convoy_submit(&convoy, proposals);
	}
	for (size_t i = 0; i < DEALS; i++) {
		const struct actor *signer = counters ? &cast.creators[i] : &cast.brand;
		notes_sign_too(signer, buffer_slice(counters ? &proposals[i] : &convoy.texts[i]), &notes[i]);
	}
	struct store_counts before = store_count(cast.agency.home);
	rush_submit(&rush, notes, DEALS, outcomes);
	for (size_t i = 0; i < DEALS; i++) {
		struct deal deal;
		thread_begin(&convoy.threads[i], buffer_slice(&notes[i]));
		convoy_deal(&convoy, convoy.client, i, &deal);
		ck_assert_msg(outcomes[i].error == OK || outcomes[i].error == ERROR_OFFER_FULL, "%s", outcomes[i].said);
		ck_assert(outcomes[i].error != OK || outcomes[i].countersigned);
		ck_assert_int_eq(deal.state, outcomes[i].error == OK ? DEAL_RECEIVED : DEAL_PROPOSED);
		agreed += outcomes[i].error == OK;
	}
	ck_assert_uint_eq(agreed, SLOTS);
	store_has_grown(cast.agency.home, before, (struct store_counts){ .notes = SLOTS });
	convoy_notes_release(proposals);
	convoy_notes_release(notes);
	client_free(convoy.client);
	convoy_end(&convoy);
	rush_close(&rush);
}

START_TEST(a_brand_that_chooses_all_applicants_at_once_gets_as_many_as_there_are_slots) {
	hand_out_slots(PAID "road selection\n", false);
}
END_TEST

START_TEST(creators_who_sign_the_brands_counters_at_once_get_as_many_deals_as_there_are_slots) {
	hand_out_slots(PAID "road negotiation\n", true);
}
END_TEST

static void add_contests(Suite *suite, const char *name, void (*begin)(void)) {
	TCase *tests = tcase_create(name);
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_unchecked_fixture(tests, begin, tear_down);
	tcase_add_loop_test(tests, of_notes_that_race_for_a_deal_one_wins_and_the_others_learn_its_state, 0,
	                    sizeof contests / sizeof contests[0]);
	tcase_add_test(tests, a_brand_that_chooses_all_applicants_at_once_gets_as_many_as_there_are_slots);
	tcase_add_test(tests, creators_who_sign_the_brands_counters_at_once_get_as_many_deals_as_there_are_slots);
	suite_add_tcase(suite, tests);
}

int main(void) {
	Suite *suite = suite_create("talk/race_deals");
	add_contests(suite, "two workers", set_up_two);
	add_contests(suite, "four workers", set_up_four);
	return unit_run(suite);
}

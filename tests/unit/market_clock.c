/* The agency's clock: what is due when, in which order, and that nothing else is kept from its time by a record that
 * cannot be read, a lapse that is refused, or another worker that was faster. */
#include "rules/calendar.h"
#include "store/tables.h"
#include "tests/lib/damage.h"
#include "tests/lib/stage.h"
#include "tests/lib/unit.h"

#define DELIVER (14 * STAGE_DAY) /* from the agreement */
#define CLOSES (60 * STAGE_DAY)

static struct stage stage;
static struct timers *timers;
static struct buffer offer, text;
static int64_t steady; /* milliseconds */

static void set_up(void) {
	stage_open(&stage);
	timers = timers_new(&stage.inner.market, stage.inner.folder);
	ck_assert_ptr_nonnull(timers);
	buffer_init(&offer, SIGNED_NOTE_MAX);
	buffer_init(&text, NOTE_TEXT_MAX);
}

static void tear_down(void) {
	timers_free(timers);
	buffer_release(&offer);
	buffer_release(&text);
	stage_close(&stage);
}

/* A deal that is due DELIVER from now; returns its number. */
static int64_t agree(enum stage_actor creator, struct inner_deal *deal) {
	stage_derive(&stage, creator, &offer, &text);
	struct inner_outcome outcome = stage_try_text(&stage, creator, &text, deal);
	ck_assert_msg(outcome.code == OK, "%s", outcome.text);
	return outcome.sequence;
}

/* The lapses that are due, which stay in the batch. */
static size_t collect(void) {
	struct failure failure = { .code = OK };
	struct timers_moment now = { .wall = stage.inner.now, .steady = steady };
	size_t count = 0;
	inner_flush(&stage.inner);
	enum error error = timers_collect(timers, stage.inner.batch, now, &count, &failure);
	ck_assert_msg(error == OK, "%s", failure.text);
	return count;
}

/* The same, and it is as if they had been refused. True if they are left aside. */
static bool refuse(size_t expected) {
	ck_assert_uint_eq(collect(), expected);
	batch_clear(stage.inner.batch);
	return timers_set_aside(timers);
}

static int64_t due_of(size_t index) {
	return note_get(&batch_submission(stage.inner.batch, index)->note, "due")->number;
}

/* ---- what cannot be read ---- */

/* Six deals and four offers are due; these of them cannot be read. */
START_TEST(what_cannot_be_read_keeps_nothing_else_from_its_time) {
	int64_t deals[6], offers[4];
	struct inner_deal deal;
	for (size_t i = 0; i < 4; i++) {
		stage_offer(&stage, ACME, "first-come", PAIRS(stage_fee), &offer);
		inner_flush(&stage.inner);
		deals[i] = agree(i < 3 ? ANA : BEN, &deal);
		offers[i] = deals[i] - 1;
	}
	deals[4] = agree(ANA, &deal);
	deals[5] = agree(CLEO, &deal);
	struct damage damages[] = { { .table = &table_deals, .number = deals[0], .fault = FAULT_CHECKSUM },
		                        { .table = &table_deals, .number = deals[1], .fault = FAULT_GONE },
		                        { .table = &table_deals, .number = deals[2], .fault = FAULT_VERSION },
		                        { .table = &table_deals, .number = deals[4], .fault = FAULT_CONTENT },
		                        { .table = &table_offers, .number = offers[1], .fault = FAULT_GONE },
		                        { .table = &table_notes, .number = offers[2], .fault = FAULT_CHECKSUM } };
	size_t count = sizeof damages / sizeof damages[0];
	for (size_t i = 0; i < count; i++) {
		damage_plant(stage.inner.market.store, &damages[i]);
	}
	inner_wait(&stage.inner, CLOSES + 1);
	ck_assert_uint_eq(collect(), 4); /* deals 3 and 5, offers 0 and 3 */
	inner_flush(&stage.inner);
	ck_assert_uint_eq(collect(), 0);
	for (size_t i = 0; i < count; i++) {
		damage_mend(stage.inner.market.store, &damages[i]);
	}
	ck_assert_uint_eq(collect(), 6);
	inner_flush(&stage.inner);
}
END_TEST

/* ---- when and in which order ---- */

START_TEST(the_last_second_of_a_deadline_is_still_in_time) {
	struct inner_deal deal;
	stage_offer(&stage, ACME, "first-come", PAIRS(stage_fee), &offer);
	(void)agree(ANA, &deal);
	inner_wait(&stage.inner, DELIVER);
	ck_assert_uint_eq(collect(), 0);
	inner_wait(&stage.inner, 1);
	ck_assert_uint_eq(collect(), 1);
	inner_flush(&stage.inner);
}
END_TEST

START_TEST(deals_and_offers_come_in_the_order_in_which_they_were_due) {
	struct inner_deal deal;
	stage_offer(&stage, ACME, "first-come", PAIRS(stage_fee), &offer);
	(void)agree(BEN, &deal);
	inner_wait(&stage.inner, CLOSES - DELIVER / 2);
	stage_offer(&stage, ACME, "first-come", PAIRS(stage_fee), &offer);
	(void)agree(ANA, &deal);
	inner_wait(&stage.inner, CLOSES + 1);
	ck_assert_uint_eq(collect(), 4);
	for (size_t i = 0; i < 4; i++) {
		bool of_offer = note_find(&batch_submission(stage.inner.batch, i)->note, "offer") != NULL;
		ck_assert_msg(of_offer == (i == 1 || i == 3) && (i == 0 || due_of(i - 1) < due_of(i)), "lapse %zu", i);
	}
	inner_flush(&stage.inner);
}
END_TEST

/* ---- what is refused ---- */

START_TEST(a_lapse_that_is_refused_twice_is_left_aside_for_a_while) {
	struct inner_deal deal;
	stage_offer(&stage, ACME, "first-come", PAIRS(stage_fee), &offer);
	(void)agree(ANA, &deal);
	inner_wait(&stage.inner, DELIVER + 1);
	ck_assert(!refuse(1));
	ck_assert(refuse(1));
	steady += TIMERS_ASIDE_MS - 1;
	ck_assert_uint_eq(collect(), 0);
	inner_wait(&stage.inner, CLOSES); /* what is due later does not wait for it; it does not come back by this clock */
	ck_assert_uint_eq(collect(), 1);
	inner_flush(&stage.inner);
	steady += 1;
	ck_assert_uint_eq(collect(), 1);
	inner_flush(&stage.inner);
}
END_TEST

START_TEST(a_batch_of_refused_lapses_keeps_no_later_one_from_its_time) {
	char closes[TIME_TEXT_SIZE];
	const struct inner_party *acme = &stage.cast[ACME];
	for (int i = 0; i <= BATCH_MAX; i++) {
		const struct note_pair pairs[] = { stage_gift[0], stage_gift[1], stage_gift[2],
			                               { "brand", slice_of_text(acme->text) },
			                               PAIR("deliverable", "1 instagram-reel within 14d"),
			                               PAIR("disclosure", "#ad"), PAIR("slots", "5"),
			                               { "closes", slice_of_text(time_format(STAGE_BEGIN + CLOSES + i, closes)) } };
		inner_sign(&stage.inner, acme, KIND_OFFER, PAIRS(pairs), NULL);
	}
	inner_wait(&stage.inner, 2 * CLOSES);
	ck_assert(!refuse(BATCH_MAX));
	ck_assert(refuse(BATCH_MAX));
	ck_assert_uint_eq(collect(), 1);
	ck_assert_int_eq(due_of(0), STAGE_BEGIN + CLOSES + BATCH_MAX);
	inner_flush(&stage.inner);
	ck_assert_uint_eq(collect(), 0);
	steady += TIMERS_ASIDE_MS;
	ck_assert_uint_eq(collect(), BATCH_MAX);
	inner_flush(&stage.inner);
}
END_TEST

/* Between the clock's look and its batch another worker applies a step that was in time. */
START_TEST(a_lapse_that_comes_too_late_leaves_nothing_aside) {
	static const struct note_pair content[] = {
		PAIR("content", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 https://x.example/1")
	};
	struct inner_deal deal, other;
	stage_offer(&stage, ACME, "first-come", PAIRS(stage_fee), &offer);
	(void)agree(ANA, &deal);
	(void)agree(BEN, &other);
	inner_wait(&stage.inner, DELIVER + 1);
	ck_assert_uint_eq(collect(), 2);
	batch_clear(stage.inner.batch);
	inner_wait(&stage.inner, -1);
	stage_step(&stage, ANA, KIND_SUBMIT, &deal, PAIRS(content));
	inner_wait(&stage.inner, 1);
	ck_assert(!timers_set_aside(timers));
	ck_assert(!refuse(1)); /* of the other deal: not what was refused before */
	ck_assert_uint_eq(collect(), 1);
	inner_flush(&stage.inner);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("market_clock");
	TCase *tcase = tcase_create("market_clock");
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, what_cannot_be_read_keeps_nothing_else_from_its_time);
	tcase_add_test(tcase, the_last_second_of_a_deadline_is_still_in_time);
	tcase_add_test(tcase, deals_and_offers_come_in_the_order_in_which_they_were_due);
	tcase_add_test(tcase, a_lapse_that_is_refused_twice_is_left_aside_for_a_while);
	tcase_add_test(tcase, a_batch_of_refused_lapses_keeps_no_later_one_from_its_time);
	tcase_add_test(tcase, a_lapse_that_comes_too_late_leaves_nothing_aside);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}

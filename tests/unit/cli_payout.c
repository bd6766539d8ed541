/* What goes to the payment provider: what is still to be paid, under a key of its own, and no more than was signed. */
#include <stdlib.h>

#include "cli/payout_row.h"
#include "tests/lib/paper_agency.h"
#include "tests/lib/unit.h"

#define OUTPUT_MAX 4096
#define DUE INT64_C(1795000000) /* 2026-11-18T11:06:40Z */

static struct paper_agency paper;
static struct deal_view view; /* of the agency's deal: verified, 250.00 USD earned, 100.00 USD paid */

static void set_up(void) {
	paper_agency_make(&paper);
	ck_assert_int_eq(checked_note_read(&view.text, paper_note(&paper, paper.agreement), &paper.world.join, NULL), OK);
	view.deal = (struct deal){ .state = DEAL_VERIFIED, .deadline = DEADLINE_PAY, .due = DUE, .pay_due = DUE,
		                       .earned = 25000, .paid = 10000, .creator = "studio-flow", .brand = "acme-yoga",
		                       .terms = { .currency = "USD", .fee = 25000 } };
	memcpy(view.deal.id, paper.deal, HASH_SIZE);
}

static void tear_down(void) {
	deal_view_release(&view);
	view = (struct deal_view){ .sequence = 0 };
	paper_agency_release(&paper);
}

static void row_is(const char *fields, int64_t paid) {
	struct buffer out;
	struct failure failure = { .code = OK };
	char hex[HASH_HEX_SIZE], expected[400];
	hex_encode(slice_of(view.deal.id, HASH_SIZE), hex);
	(void)snprintf(expected, sizeof expected, "sha256:%s,studio-flow,%s,%s-%lld\r\n", hex, fields, hex,
	               (long long)paid);
	buffer_init(&out, OUTPUT_MAX);
	ck_assert_msg(payout_csv_row(&out, &view, &failure) == OK, "%s", failure.text);
	ck_assert_str_eq(buffer_text(&out), expected);
	buffer_release(&out);
}

START_TEST(a_row_is_about_what_is_not_paid_yet) {
	row_is("150.00,USD,2026-11-18T11:06:40Z,no", 10000);
	view.deal.paid = 0;
	row_is("250.00,USD,2026-11-18T11:06:40Z,no", 0);
}
END_TEST

START_TEST(an_overdue_payment_still_says_when_it_was_due) {
	view.deal.overdue = true;
	view.deal.deadline = DEADLINE_NONE;
	view.deal.due = 0;
	row_is("150.00,USD,2026-11-18T11:06:40Z,yes", 10000);
	view.deal.deadline = DEADLINE_PAY; /* a commission that was earned after the fee was paid late */
	row_is("150.00,USD,2026-11-18T11:06:40Z,no", 10000);
}
END_TEST

/* Whoever signs a text can choose its nonce until the id begins as he likes. */
START_TEST(deals_whose_ids_begin_alike_have_keys_of_their_own) {
	char key[PAYOUT_KEY_SIZE], other[PAYOUT_KEY_SIZE];
	(void)payout_key(&view.deal, key);
	view.deal.id[HASH_SIZE - 1] ^= 1;
	ck_assert_str_ne(payout_key(&view.deal, other), key);
}
END_TEST

static const struct {
	const char *what, *currency;
	int64_t earned, paid;
} lies[] = {
	{ "more than the fee", "USD", 25001, 0 },
	{ "more than the fee behind a payment", "USD", 35000, 10000 },
	{ "another currency", "KWD", 25000, 0 },
	{ "nothing is to be paid", "USD", 25000, 25000 },
};

START_TEST(what_the_signed_text_does_not_promise_is_not_paid) {
	struct buffer out;
	buffer_init(&out, OUTPUT_MAX);
	view.deal.earned = lies[_i].earned;
	view.deal.paid = lies[_i].paid;
	(void)snprintf(view.deal.terms.currency, sizeof view.deal.terms.currency, "%s", lies[_i].currency);
	ck_assert_msg(payout_csv_row(&out, &view, NULL) == ERROR_MALFORMED, "%s", lies[_i].what);
	ck_assert_uint_eq(out.size, 0);
	buffer_release(&out);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("payments");
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_row_is_about_what_is_not_paid_yet);
	tcase_add_test(tests, an_overdue_payment_still_says_when_it_was_due);
	tcase_add_test(tests, deals_whose_ids_begin_alike_have_keys_of_their_own);
	tcase_add_loop_test(tests, what_the_signed_text_does_not_promise_is_not_paid, 0,
	                    (int)(sizeof lies / sizeof lies[0]));
	Suite *suite = suite_create("cli/payout");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

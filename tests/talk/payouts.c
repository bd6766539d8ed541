/* Payments: what is due goes to the payment provider as a file, and what it has paid comes back as one. */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "tests/lib/scratch.h"
#include "tests/lib/story.h"
#include "tests/lib/unit.h"

#define TEST_SECONDS 180
#define CONTENT "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 https://example.com/reel.mp4"

static struct story story;
static const char *folder;

static void set_up(void) {
	story_begin(&story);
	folder = scratch_folder();
	(void)said_id(troth("ops", "fund", "acme-yoga", "5000.00 USD", "--reference", "bank-1", "--home", story.ops, "-y",
	                    NULL));
}

static void tear_down(void) {
	ck_assert_int_eq(agency_stop(&story.agency), 0);
}

/* A deal of 250.00 USD that the brand has cancelled after submission: 90 % of it are earned. */
static const char *cancelled_deal(void) {
	const char *path = scratch_path(folder, "some.offer");
	scratch_write(path, "campaign Spring\ncompensation paid\nfee 250.00 USD\nagency-fee 25.00 USD\n"
	              "deliverable 1 instagram-reel within 14d\ndisclosure #ad\npay-within 30d\nslots 3\ncloses +30d\n");
	const char *offer = said_id(troth("offer", "submit", path, "--home", story.brand, "--yes", NULL));
	const char *deal = said_id(troth("deal", "accept", offer, "--home", story.creator, "-y", NULL));
	(void)said_id(troth("deal", "submit", deal, "--content", CONTENT, "--home", story.creator, "-y", NULL));
	(void)said_id(troth("deal", "cancel", deal, "--home", story.brand, "-y", NULL));
	return deal;
}

static void paid_is(const char *deal, const char *amount) {
	json_t *shown = said_json(troth("deal", "show", deal, "--home", story.brand, "--json", NULL));
	ck_assert_str_eq(json_text(shown, "paid"), amount);
	json_decref(shown);
}

START_TEST(what_is_to_be_paid_goes_out_as_a_file_and_the_answer_books_each_payment_once) {
	const char *out = scratch_path(folder, "payable.csv"), *in = scratch_path(folder, "paid.csv");
	char text[600];
	const char *deal = cancelled_deal();
	(void)said_done(troth("ops", "payout", "export", "--out", out, "--home", story.ops, NULL));
	char *payable = scratch_read(out);
	(void)snprintf(text, sizeof text, "%s,studio-flow,225.00,USD,", deal);
	ck_assert_msg(strstr(payable, text) != NULL, "%s", payable);
	(void)snprintf(text, sizeof text, "Z,no,%s-0\r\n", deal + strlen("sha256:"));
	ck_assert_msg(strstr(payable, text) != NULL, "%s", payable);
	free(payable);
	(void)snprintf(text, sizeof text, "deal,status,reference,amount,currency\n%s,failed,x-1,225.00,USD\n", deal);
	scratch_write(in, text);
	struct said said = troth("ops", "payout", "import", in, "--home", story.ops, "-y", NULL);
	ck_assert_str_eq(said.last, "0 accepted, 0 accepted before, 1 refused");
	(void)snprintf(text, sizeof text, "deal,status,reference,amount,currency\n%s,paid,x-1,225.00,USD\n", deal);
	scratch_write(in, text);
	said = troth("ops", "payout", "import", in, "--home", story.ops, "-y", NULL);
	ck_assert_str_eq(said.last, "1 accepted, 0 accepted before, 0 refused");
	said = troth("ops", "payout", "import", in, "--home", story.ops, "-y", NULL);
	ck_assert_str_eq(said.last, "0 accepted, 1 accepted before, 0 refused");
	paid_is(deal, "225.00 USD");
}
END_TEST

START_TEST(what_a_script_reads_on_standard_output_is_either_csv_or_json) {
	struct said refused = troth("ops", "payout", "export", "--out", "-", "--json", "--home", story.ops, NULL);
	ck_assert_int_eq(refused.status, EXIT_USAGE);
	ck_assert_ptr_null(strstr(refused.output, "deal,"));
	ck_assert_str_eq(said_done(troth("ops", "payout", "export", "--out", "-", "--home", story.ops, NULL)),
	                 "deal,creator,amount,currency,due,overdue,payment\r");
	const char *out = scratch_path(folder, "payable.csv");
	json_t *said = said_json(troth("ops", "payout", "export", "--out", out, "--json", "--home", story.ops, NULL));
	ck_assert_int_eq(json_integer_value(json_object_get(said, "payments")), 0);
	json_decref(said);
}
END_TEST

/* Imports one payment; returns the last line of the output. */
static struct said import(const char *deal, int64_t paid, const char *reference, const char *amount) {
	char text[400];
	const char *in = scratch_path(folder, "paid.csv");
	(void)snprintf(text, sizeof text, "deal,status,reference,amount,currency,payment\n%s,paid,%s,%s,USD,%s-%lld\n",
	               deal, reference, amount, deal + strlen("sha256:"), (long long)paid);
	scratch_write(in, text);
	return troth("ops", "payout", "import", in, "--home", story.ops, "-y", NULL);
}

START_TEST(a_payment_of_an_export_is_booked_once_under_whatever_reference) {
	const char *deal = cancelled_deal();
	ck_assert_str_eq(import(deal, 0, "x-1", "100.00").last, "1 accepted, 0 accepted before, 0 refused");
	struct said said = import(deal, 0, "x-2", "100.00");
	ck_assert_str_eq(said.last, "0 accepted, 0 accepted before, 1 refused");
	ck_assert_ptr_nonnull(strstr(said.errors, "row 2: exists: payment: the one that is due now is "));
	ck_assert_ptr_nonnull(strstr(said.errors, "-10000"));
	ck_assert_str_eq(import(deal, 10000, "x-2", "125.00").last, "1 accepted, 0 accepted before, 0 refused");
	ck_assert_str_eq(import(deal, 10000, "x-2", "125.00").last, "0 accepted, 1 accepted before, 0 refused");
}
END_TEST

START_TEST(of_two_rows_about_one_deal_the_second_waits_for_the_next_run) {
	const char *deal = cancelled_deal(), *in = scratch_path(folder, "paid.csv");
	char text[500];
	(void)snprintf(text, sizeof text, "deal,status,reference,amount,currency\n%s,paid,x-1,100.00,USD\n"
	               "%s,paid,x-2,125.00,USD\n", deal, deal);
	scratch_write(in, text);
	struct said said = troth("ops", "payout", "import", in, "--home", story.ops, "-y", NULL);
	ck_assert_str_eq(said.last, "1 accepted, 0 accepted before, 1 refused");
	ck_assert_ptr_nonnull(strstr(said.errors, " is about the same deal; this one is next: run the same command again"));
	said = troth("ops", "payout", "import", in, "--home", story.ops, "-y", NULL);
	ck_assert_str_eq(said.last, "1 accepted, 1 accepted before, 0 refused");
	paid_is(deal, "225.00 USD");
}
END_TEST

int main(void) {
	Suite *suite = suite_create("payouts");
	TCase *tests = tcase_create("payouts");
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_test(tests, what_is_to_be_paid_goes_out_as_a_file_and_the_answer_books_each_payment_once);
	tcase_add_test(tests, what_a_script_reads_on_standard_output_is_either_csv_or_json);
	tcase_add_test(tests, of_two_rows_about_one_deal_the_second_waits_for_the_next_run);
	tcase_add_test(tests, a_payment_of_an_export_is_booked_once_under_whatever_reference);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

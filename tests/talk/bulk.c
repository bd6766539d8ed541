/* Steps of many deals, and many notes of operators, by files: what is asked, refused, told and done once. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/scratch.h"
#include "tests/lib/story.h"
#include "tests/lib/unit.h"

#define TEST_SECONDS 180
#define EXIT_USAGE 2

static struct story story;
static const char *folder;

static void set_up(void) {
	story_begin(&story);
	folder = scratch_folder();
}

static void tear_down(void) {
	ck_assert_int_eq(agency_stop(&story.agency), 0);
}

static const char *write_file(const char *text) {
	const char *path = scratch_path(folder, "rows.csv");
	scratch_write(path, text);
	return path;
}

static void said_words(struct said said, const char *words) {
	ck_assert_msg(strstr(said.errors, words) != NULL, "not \"%s\" in:\n%s%s", words, said.output, said.errors);
}

/* ---- steps ---- */

/* A deal with a product, whose creator may cancel it. */
static const char *agree(void) {
	const char *offer = said_id(troth("offer", "submit", "examples/gifted.offer", "--again", "--home", story.brand,
	                                  "-y", NULL));
	return said_id(troth("deal", "accept", offer, "--home", story.creator, "-y", NULL));
}

static struct said cancel(const char *path) {
	return troth("deal", "cancel", "--batch", path, "--home", story.creator, "-y", NULL);
}

START_TEST(a_row_that_stands_twice_is_one_note) {
	char text[400];
	const char *deal = agree();
	(void)snprintf(text, sizeof text, "deal\n%s\n%s\n", deal, deal);
	ck_assert_str_eq(said_done(cancel(write_file(text))), "1 accepted, 1 accepted before, 0 refused");
	ck_assert_str_eq(said_done(cancel(write_file(text))), "0 accepted, 2 accepted before, 0 refused");
}
END_TEST

START_TEST(refused_rows_are_told_in_their_order) {
	char text[1000] = "reason,deal\n\"one\ntwo\",00000000\n", begin[40];
	for (size_t i = 3; i <= 20; i++) {
		const char *deal = i % 3 == 0 ? "no" : "0123456789"; /* refused here, and by the agency */
		(void)snprintf(text + strlen(text), sizeof text - strlen(text), "because,%s\n", deal);
	}
	struct said said = cancel(write_file(text));
	ck_assert_str_eq(said.last, "0 accepted, 0 accepted before, 19 refused");
	said_words(said, "row 2: bad-text: reason: has a line break");
	const char *at = said.errors;
	for (size_t i = 2; i <= 20; i++) {
		(void)snprintf(begin, sizeof begin, "row %zu: ", i);
		ck_assert_msg(strncmp(at, begin, strlen(begin)) == 0, "not \"%s\" next in:\n%s", begin, said.errors);
		at = strchr(at, '\n') + 1;
	}
}
END_TEST

START_TEST(a_batch_takes_no_option_of_a_single_note_and_asks_first) {
	const char *path = write_file("deal\n0123456789\n0123456780\n");
	said_refused(troth("deal", "cancel", "--batch", path, "--out", "x", "--home", story.creator, "-y", NULL),
	             EXIT_USAGE, ERROR_USAGE, 0);
	said_refused(troth("offer", "submit", "--batch", path, "--again", "--home", story.brand, "-y", NULL), EXIT_USAGE,
	             ERROR_USAGE, 0);
	struct said said = troth("deal", "cancel", "--batch", path, "--home", story.creator, NULL);
	said_refused(said, EXIT_USAGE, ERROR_USAGE, 0);
	said_words(said, "Sign and submit 2 cancel notes as studio-flow?\n");
}
END_TEST

/* ---- notes of operators ---- */

START_TEST(an_operator_sees_what_is_signed_and_is_asked) {
	struct store_counts before = store_count(story.agency.home);
	struct said said = troth("ops", "fund", "acme-yoga", "5.00 USD", "--reference", "b-1", "--home", story.ops, NULL);
	said_refused(said, EXIT_USAGE, ERROR_USAGE, 0);
	said_words(said, "You are about to sign this text:\n");
	said_words(said, "\nbrand acme-yoga\namount 5.00 USD\nreference b-1\n");
	said = troth("ops", "suspend", "acme-yoga", "--reason", "late", "--home", story.ops, NULL);
	said_refused(said, EXIT_USAGE, ERROR_USAGE, 0);
	said_words(said, "\nstanding suspended\nreason late\n");
	store_has_grown(story.agency.home, before, (struct store_counts){ 0, 0, 0 });
}
END_TEST

static struct said ops(const char *verb, const char *text) {
	return troth("ops", verb, "--batch", write_file(text), "--home", story.ops, "-y", NULL);
}

static void ops_done(const char *verb, const char *text, const char *last) {
	ck_assert_str_eq(said_done(ops(verb, text)), last);
}

#define MONEY "reference,brand,amount\nb-1,acme-yoga,100.00 USD\nb-2,acme-yoga,50.00 EUR\n"

START_TEST(money_is_booked_once_by_rows_and_by_words) {
	(void)said_id(troth("ops", "fund", "acme-yoga", "100.00 USD", "--reference", "b-1", "--home", story.ops, "-y",
	                    NULL));
	ops_done("fund", MONEY "b-2,acme-yoga,50.00 EUR\n", "1 accepted, 2 accepted before, 0 refused");
	ops_done("fund", MONEY "b-3,acme-yoga,1.00 USD\n", "1 accepted, 2 accepted before, 0 refused");
	struct said said = ops("fund", MONEY "b-2,acme-yoga,60.00 EUR\nb-4,acme-yoga,\nb-5,acme-yoga,free\n");
	ck_assert_str_eq(said.last, "0 accepted, 2 accepted before, 3 refused");
	said_words(said, "row 4: duplicate-key: row 3 says something else of b-2");
	said_words(said, "row 5: missing-key: amount: the cell is empty");
	said_words(said, "row 6: bad-value: amount: ");
	ops_done("refund", "brand,amount,reference\nacme-yoga,50.00 EUR,r-1\n", "1 accepted, 0 accepted before, 0 refused");
	json_t *status = said_json(troth("status", "--home", story.brand, "--json", NULL));
	const json_t *available = json_object_get(status, "available");
	ck_assert_str_eq(json_string_value(json_array_get(available, json_array_size(available) - 1)), "101.00 USD");
	json_decref(status);
}
END_TEST

#define HEADING "\ufeffcreator,platform,followers,engagement,source\r\n"
#define FIGURES HEADING "studio-flow,instagram,18.4k,2.4%,\"Insights, 20 Nov\"\r\n\r\n" \
                        "studio-flow,tiktok,1.2M,3%,seen\r\n"

static void followers_are(const char *count) {
	struct said said = troth("profile", "show", "studio-flow", "--home", story.ops, NULL);
	(void)said_done(said);
	ck_assert_msg(strstr(said.output, count) != NULL, "not \"%s\" in:\n%s", count, said.output);
}

START_TEST(figures_of_a_messy_sheet_are_attested_once_while_they_hold) {
	ops_done("attest", FIGURES, "2 accepted, 0 accepted before, 0 refused");
	followers_are("18400");
	followers_are("1200000");
	ops_done("attest", FIGURES, "0 accepted, 2 accepted before, 0 refused");
	ops_done("attest", HEADING "studio-flow,instagram,18.5k,2.4%,seen\r\n", "1 accepted, 0 accepted before, 0 refused");
	followers_are("18500");
	ops_done("attest", FIGURES, "1 accepted, 1 accepted before, 0 refused");
	followers_are("18400");
	struct said said = ops("attest", HEADING "studio-flow,instagram,18.4567k,2.4%,x\nstudio-flow,vine,1k,2.4%,x\n"
	                       "nobody-here,instagram,1k,2.4%,x\nstudio-flow,tiktok,1k,2,x\n");
	ck_assert_str_eq(said.last, "0 accepted, 0 accepted before, 4 refused");
	said_words(said, "row 2: bad-value: followers: 18.4567k is not a whole number\nrow 3: bad-value: platform: ");
	said_words(said, "row 5: bad-value: engagement: ");
	followers_are("18400");
}
END_TEST

START_TEST(accounts_are_suspended_and_restored_by_rows_as_often_as_it_takes) {
	static const char rows[] = "account,reason\nacme-yoga,late\nstudio-flow,\"late, too\"\n";
	ops_done("suspend", rows, "2 accepted, 0 accepted before, 0 refused");
	ops_done("suspend", rows, "0 accepted, 2 accepted before, 0 refused");
	ops_done("restore", "account,reason\nacme-yoga,paid\n", "1 accepted, 0 accepted before, 0 refused");
	ops_done("suspend", rows, "1 accepted, 1 accepted before, 0 refused");
	ops_done("restore", rows, "2 accepted, 0 accepted before, 0 refused");
}
END_TEST

START_TEST(keys_are_revoked_by_rows) {
	char text[300];
	json_t *status = said_json(troth("status", "--home", story.brand, "--json", NULL));
	(void)snprintf(text, sizeof text, "account,key,valid-until,reason\nacme-yoga,ed25519:%s,5,stolen\n",
	               json_text(status, "key"));
	json_decref(status);
	ops_done("revoke", text, "1 accepted, 0 accepted before, 0 refused");
	ops_done("revoke", text, "0 accepted, 1 accepted before, 0 refused");
}
END_TEST

START_TEST(rows_take_the_place_of_words_and_are_for_operators) {
	const char *path = write_file(MONEY);
	said_refused(troth("ops", "fund", "acme-yoga", "1.00 USD", "--batch", path, "--home", story.ops, "-y", NULL),
	             EXIT_USAGE, ERROR_USAGE, 0);
	said_refused(troth("ops", "fund", "acme-yoga", "--home", story.ops, "-y", NULL), EXIT_USAGE, ERROR_USAGE, 0);
	said_refused(troth("ops", "fund", "--reference", "x", "--batch", path, "--home", story.ops, "-y", NULL), EXIT_USAGE,
	             ERROR_USAGE, 0);
	said_refused(troth("ops", "fund", "--batch", path, "--home", story.brand, "-y", NULL), 1, ERROR_NOT_ALLOWED, 0);
	struct said said = troth("ops", "fund", "--batch", path, "--home", story.ops, NULL);
	said_refused(said, EXIT_USAGE, ERROR_USAGE, 0);
	said_words(said, "Sign and submit 2 fund notes, together 100.00 USD and 50.00 EUR, as ");
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("bulk");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_row_that_stands_twice_is_one_note);
	tcase_add_test(tests, refused_rows_are_told_in_their_order);
	tcase_add_test(tests, a_batch_takes_no_option_of_a_single_note_and_asks_first);
	tcase_add_test(tests, an_operator_sees_what_is_signed_and_is_asked);
	tcase_add_test(tests, money_is_booked_once_by_rows_and_by_words);
	tcase_add_test(tests, figures_of_a_messy_sheet_are_attested_once_while_they_hold);
	tcase_add_test(tests, accounts_are_suspended_and_restored_by_rows_as_often_as_it_takes);
	tcase_add_test(tests, keys_are_revoked_by_rows);
	tcase_add_test(tests, rows_take_the_place_of_words_and_are_for_operators);
	Suite *suite = suite_create("talk/bulk");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

/* Reports and exports by the command line: whose they are, and where they go. */
#include <stdlib.h>
#include <unistd.h>

#include "tests/lib/scratch.h"
#include "tests/lib/story.h"
#include "tests/lib/unit.h"

#define TEST_SECONDS 120

static struct story story;

static void set_up(void) {
	story_begin(&story);
	const char *path = scratch_path(scratch_folder(), "some.offer");
	scratch_write(path, "campaign Spring\ncompensation gifted\nproduct Cork mat\nproduct-value 89.00 USD\n"
	              "deliverable 1 instagram-reel within 14d\ndisclosure #ad\nslots 3\ncloses +30d\n");
	story.offer = said_id(troth("offer", "submit", path, "--home", story.brand, "--yes", NULL));
}

static void tear_down(void) {
	ck_assert_int_eq(agency_stop(&story.agency), 0);
}

static void says(struct said said, const char *words) {
	ck_assert_msg(strstr(said.output, words) != NULL, "not \"%s\" in:\n%s%s", words, said.output, said.errors);
}

START_TEST(a_brand_has_its_own_report_alone_under_its_own_name) {
	const char *rival = home_admitted(&story.agency, "brand", "bolt");
	said_refused(troth("report", "acme-yoga", "--home", rival, NULL), EXIT_REFUSED, ERROR_NOT_ALLOWED, 0);
	says(troth("report", "--home", story.brand, NULL), "Report for acme-yoga at ");
	says(troth("report", "acme-yoga", "--home", story.brand, NULL), "Report for acme-yoga at ");
	says(troth("report", "acme-yoga", "--home", story.ops, NULL), "Report for acme-yoga at ");
	says(troth("report", "--home", rival, NULL), "no offer was made");
}
END_TEST

START_TEST(a_campaign_that_does_not_exist_is_not_one_without_offers) {
	says(troth("report", "--campaign", "Spring", "--home", story.brand, NULL), "Spring, USD\n");
	struct said said = troth("report", "--campaign", "Nope", "--home", story.brand, NULL);
	said_refused(said, EXIT_REFUSED, ERROR_NOT_FOUND, 0);
	ck_assert_str_eq(said.output, "");
}
END_TEST

START_TEST(a_minus_is_standard_output_and_no_file_is_called_so) {
	says(troth("report", "--out", "-", "--home", story.brand, NULL), "Report for acme-yoga at ");
	says(troth("report", "--csv", "--home", story.brand, NULL), "campaign,currency,tier,");
	said_refused(troth("report", "--csv", "--format", "html", "--home", story.brand, NULL), EXIT_USAGE, ERROR_USAGE, 0);
	said_refused(troth("export", "--out", "-", "--home", story.brand, NULL), EXIT_USAGE, ERROR_USAGE, 0);
	ck_assert_int_ne(access("-", F_OK), 0);
}
END_TEST

START_TEST(a_statement_of_nothing_says_so) {
	struct said said = troth("statement", "--home", story.creator, NULL);
	ck_assert_str_eq(said.output, "");
	ck_assert_str_eq(said.errors, "nothing was booked yet\n");
	says(troth("statement", "--csv", "--home", story.creator, NULL), "received,sequence,line,account,");
}
END_TEST

START_TEST(help_says_what_a_command_writes) {
	says(troth("report", "--help", NULL), "write the report to it");
	says(troth("export", "--help", NULL), "the folder to write to");
	says(troth("ops", "payout", "export", "--help", NULL), "the CSV file to write");
	says(troth("deal", "accept", "--help", NULL), "write the signed note to it");
}
END_TEST

int main(void) {
	Suite *suite = suite_create("reports");
	TCase *tests = tcase_create("reports");
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_test(tests, a_brand_has_its_own_report_alone_under_its_own_name);
	tcase_add_test(tests, a_campaign_that_does_not_exist_is_not_one_without_offers);
	tcase_add_test(tests, a_minus_is_standard_output_and_no_file_is_called_so);
	tcase_add_test(tests, a_statement_of_nothing_says_so);
	tcase_add_test(tests, help_says_what_a_command_writes);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

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

int main(void) {
	TCase *tests = tcase_create("bulk");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_row_that_stands_twice_is_one_note);
	tcase_add_test(tests, refused_rows_are_told_in_their_order);
	tcase_add_test(tests, a_batch_takes_no_option_of_a_single_note_and_asks_first);
	tcase_add_test(tests, an_operator_sees_what_is_signed_and_is_asked);
	Suite *suite = suite_create("talk/bulk");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

/* The roads to an agreement by the command line, where they are gone twice: after an end, after a lost answer, by both
 * sides at once. */
#include <stdio.h>
#include <unistd.h>

#include "tests/lib/scratch.h"
#include "tests/lib/story.h"
#include "tests/lib/unit.h"

#define TEST_SECONDS 180

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

/* Submits a paid offer by a road; returns its id. */
static const char *offer_by(const char *road) {
	char text[600];
	const char *path = scratch_path(folder, road);
	(void)snprintf(text, sizeof text,
	               "campaign Spring\ncompensation paid\nfee 250.00 USD\nagency-fee 25.00 USD\n"
	               "deliverable 1 instagram-reel within 14d\ndisclosure #ad\nrevisions 2\npay-within 30d\nroad %s\n"
	               "slots 3\ncloses +30d\n",
	               road);
	scratch_write(path, text);
	return said_id(troth("offer", "submit", path, "--home", story.brand, "--yes", NULL));
}

static const char *accept_by(const char *home, const char *id) {
	return said_id(troth("deal", "accept", id, "--home", home, "-y", NULL));
}

static void decline(const char *home, const char *deal) {
	(void)said_id(troth("deal", "decline", deal, "--reason", "Not now.", "--home", home, "-y", NULL));
}

/* As if the agency's answer to this note had been lost. */
static void forget_answer(const char *home, const char *id) {
	char name[100];
	(void)snprintf(name, sizeof name, "notes/%s.note", id + strlen("sha256:"));
	ck_assert_int_eq(unlink(scratch_path(home, name)), 0);
}

static void says(struct said said, enum error code, const char *words) {
	said_refused(said, error_exit_status(code), code, 0);
	ck_assert_msg(strstr(said.errors, words) != NULL, "not \"%s\" in: %s", words, said.errors);
}

/* ---- once more ---- */

START_TEST(an_application_that_was_turned_down_can_be_made_once_more) {
	const char *offer = offer_by("selection"), *first = accept_by(story.creator, offer);
	ck_assert_str_eq(accept_by(story.creator, offer), first);
	decline(story.brand, first);
	struct said said = troth("deal", "accept", offer, "--home", story.creator, NULL);
	says(said, ERROR_USAGE, "You are about to sign this text");
	ck_assert_ptr_nonnull(strstr(said.errors, "which is ended"));
	const char *second = accept_by(story.creator, offer);
	ck_assert_str_ne(second, first);
	ck_assert_str_eq(accept_by(story.creator, offer), second);
	forget_answer(story.creator, second);
	ck_assert_str_eq(accept_by(story.creator, offer), second);
	(void)accept_by(story.brand, second);
	ck_assert_str_eq(accept_by(story.creator, offer), second);
}
END_TEST

START_TEST(a_deal_that_was_cancelled_does_not_look_like_one_that_was_agreed_again) {
	const char *offer = offer_by("first-come"), *deal = accept_by(story.creator, offer);
	ck_assert_str_eq(accept_by(story.creator, offer), deal);
	(void)said_id(troth("deal", "cancel", deal, "--home", story.creator, "-y", NULL));
	for (size_t i = 0; i < 2; i++) {
		says(troth("deal", "accept", offer, "--home", story.creator, "-y", NULL), ERROR_EXISTS, deal);
	}
}
END_TEST

START_TEST(an_invitation_and_a_counter_text_that_came_to_nothing_can_be_made_once_more) {
	static const char *const roads[] = { "invitation", "negotiation" };
	for (size_t i = 0; i < 2; i++) {
		const char *offer = offer_by(roads[i]), *made[3];
		for (size_t time = 0; time < 3; time++) {
			struct said said = i == 0 ? troth("deal", "invite", offer, "studio-flow", "--home", story.brand, "-y", NULL)
			                          : troth("deal", "counter", offer, "--set", "fee 300.00 USD", "--home",
			                                  story.creator, "-y", NULL);
			made[time] = said_id(said);
			if (time == 1) {
				decline(story.creator, made[time]);
			}
		}
		ck_assert_str_eq(made[0], made[1]);
		ck_assert_str_ne(made[1], made[2]);
	}
}
END_TEST

/* ---- amendments ---- */

static const char *amend(const char *deal, const char *term) {
	return said_id(troth("deal", "amend", deal, "--set", term, "--home", story.brand, "-y", NULL));
}

START_TEST(an_amendment_that_was_dropped_is_not_signed_in_the_place_of_an_older_one) {
	const char *deal = accept_by(story.creator, offer_by("first-come"));
	const char *first = amend(deal, "post-within 10d");
	ck_assert_str_eq(accept_by(story.creator, deal), first);
	ck_assert_str_eq(accept_by(story.creator, deal), first);
	(void)amend(deal, "post-within 12d");
	(void)said_id(troth("deal", "submit", deal, "--content",
	                    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 "
	                    "https://example.com/reel.mp4", "--home", story.creator, "-y", NULL));
	says(troth("deal", "accept", deal, "--home", story.creator, "-y", NULL), ERROR_WRONG_STATE,
	     "was dropped when another step was taken");
	forget_answer(story.creator, first);
	ck_assert_str_eq(accept_by(story.creator, deal), first);
}
END_TEST

/* ---- both at once ---- */

START_TEST(where_a_proposal_waits_the_refusal_says_whose_it_is_and_what_to_do_with_it) {
	const char *offer = offer_by("negotiation");
	const char *deal = said_id(troth("deal", "counter", offer, "--set", "fee 300.00 USD", "--home", story.creator, "-y",
	                                 NULL));
	struct said said = troth("deal", "counter", offer, "--set", "fee 310.00 USD", "--home", story.creator, "-y", NULL);
	says(said, ERROR_SUPERSEDED, "you have proposed a text for this offer already, which acme-yoga may sign");
	ck_assert_ptr_nonnull(strstr(said.errors, deal));
	said = troth("deal", "invite", offer, "studio-flow", "--home", story.brand, "-y", NULL);
	says(said, ERROR_SUPERSEDED, "studio-flow has proposed a text for this offer already: troth deal accept sha256:");
	ck_assert_ptr_nonnull(strstr(said.errors, deal));
}
END_TEST

START_TEST(of_several_invitations_each_refusal_names_its_creator) {
	const char *offer = offer_by("invitation");
	struct said said = troth("deal", "invite", offer, "nobody-there", "studio-flow", "no-one", "--home", story.brand,
	                         "-y", NULL);
	says(said, ERROR_NOT_FOUND, "not-found: nobody-there: ");
	ck_assert_ptr_nonnull(strstr(said.errors, "not-found: no-one: "));
	ck_assert_ptr_nonnull(strstr(said.output, "proposed"));
}
END_TEST

START_TEST(a_counter_text_changes_something_that_is_there) {
	const char *deal = said_id(troth("deal", "counter", offer_by("negotiation"), "--set", "fee 300.00 USD", "--home",
	                                 story.creator, "-y", NULL));
	says(troth("deal", "counter", deal, "--set", "fee 300.00 USD", "--home", story.brand, "-y", NULL), ERROR_USAGE,
	     "nothing is changed; troth deal accept signs it as it is");
	says(troth("deal", "counter", deal, "--without", "live-for", "--home", story.brand, "-y", NULL), ERROR_USAGE,
	     "--without live-for: ");
	says(troth("deal", "invite", offer_by("invitation"), "studio-flow", "--set", "fee 250.00 USD", "--home",
	           story.brand, "-y", NULL), ERROR_USAGE, "studio-flow: nothing is changed; without --set");
}
END_TEST

/* ---- many at once ---- */

static const char *write_rows(const char *name, const char *column, const char *one, const char *two,
                              const char *three) {
	char text[500];
	const char *path = scratch_path(folder, name);
	(void)snprintf(text, sizeof text, "%s\n%s\n%s\n%s\n", column, one, two, three);
	scratch_write(path, text);
	return path;
}

static void counts(struct said said, const char *summary, const char *refusal) {
	ck_assert_str_eq(said.last, summary);
	ck_assert_msg(strstr(said.errors, refusal) != NULL, "not \"%s\" in: %s", refusal, said.errors);
	ck_assert_msg(said.status == EXIT_REFUSED, "status %d: %s", said.status, said.errors);
}

START_TEST(a_brand_concludes_with_the_applicants_of_a_file) {
	const char *other = home_admitted(&story.agency, "creator", "two-mats"), *offer = offer_by("selection");
	const char *one = accept_by(story.creator, offer), *two = accept_by(other, offer);
	const char *path = write_rows("chosen.csv", "deal", one, two, "sha256:0123456789");
	struct said said = troth("deal", "accept", "--batch", path, "--home", story.brand, "-y", NULL);
	counts(said, "2 accepted, 0 accepted before, 1 refused", "row 4: not-found: ");
	(void)said_id(troth("deal", "cancel", one, "--home", story.brand, "-y", NULL));
	said = troth("deal", "accept", "--batch", path, "--home", story.brand, "-y", NULL);
	counts(said, "0 accepted, 2 accepted before, 1 refused", "row 4: not-found: ");
	said = troth("deal", "accept", "--batch", path, "--home", other, "-y", NULL);
	counts(said, "0 accepted, 0 accepted before, 3 refused", "row 3: wrong-state: there is nothing to sign");
	json_t *shown = said_json(troth("deal", "show", two, "--home", other, "--json", NULL));
	ck_assert_str_eq(json_text(shown, "state"), "received");
	json_decref(shown);
	says(troth("deal", "accept", one, "--batch", path, "--home", story.brand, "-y", NULL), ERROR_USAGE, "give either");
}
END_TEST

START_TEST(no_text_is_signed_by_a_file_in_the_place_of_the_one_that_it_names) {
	const char *first = said_id(troth("deal", "counter", offer_by("negotiation"), "--set", "fee 300.00 USD", "--home",
	                                  story.creator, "-y", NULL));
	const char *second = said_id(troth("deal", "counter", first, "--set", "fee 280.00 USD", "--home", story.brand,
	                                   "-y", NULL));
	const char *path = write_rows("old.csv", "deal,fee", first, "", "");
	counts(troth("deal", "accept", "--batch", path, "--home", story.creator, "-y", NULL),
	       "0 accepted, 0 accepted before, 1 refused", "row 2: superseded: another text has taken its place");
	path = write_rows("more.csv", "deal,fee", "sha256:00000000,1.00 USD", "", "");
	counts(troth("deal", "accept", "--batch", path, "--home", story.creator, "-y", NULL),
	       "0 accepted, 0 accepted before, 1 refused", "row 2: ");
	path = write_rows("new.csv", "deal", second, "", "");
	ck_assert_str_eq(said_done(troth("deal", "accept", "--batch", path, "--home", story.creator, "-y", NULL)),
	                 "1 accepted, 0 accepted before, 0 refused");
}
END_TEST

START_TEST(creators_are_invited_and_offers_closed_by_files) {
	const char *offer = offer_by("invitation");
	(void)home_admitted(&story.agency, "creator", "two-mats");
	const char *path = write_rows("creators.csv", "creator", "studio-flow", "two-mats", "nobody-there");
	counts(troth("deal", "invite", offer, "--batch", path, "--home", story.brand, "-y", NULL),
	       "2 accepted, 0 accepted before, 1 refused", "row 4: not-found: ");
	counts(troth("deal", "invite", offer, "--batch", path, "--home", story.brand, "-y", NULL),
	       "0 accepted, 2 accepted before, 1 refused", "row 4: not-found: ");
	says(troth("deal", "invite", offer, "--batch", path, "--set", "fee 1.00 USD", "--home", story.brand, "-y", NULL),
	     ERROR_USAGE, "--set does not go with --batch");
	char digits[20];
	(void)snprintf(digits, sizeof digits, "%.12s", offer + strlen("sha256:"));
	path = write_rows("offers.csv", "offer", offer_by("selection"), digits, "sha256:0123456789");
	counts(troth("offer", "close", "--batch", path, "--home", story.brand, "-y", NULL),
	       "2 accepted, 0 accepted before, 1 refused", "row 4: not-found: ");
	counts(troth("offer", "close", "--batch", path, "--home", story.brand, "-y", NULL),
	       "0 accepted, 2 accepted before, 1 refused", "row 4: not-found: ");
}
END_TEST

int main(void) {
	Suite *suite = suite_create("talk/roads");
	TCase *tests = tcase_create("roads");
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_test(tests, an_application_that_was_turned_down_can_be_made_once_more);
	tcase_add_test(tests, a_deal_that_was_cancelled_does_not_look_like_one_that_was_agreed_again);
	tcase_add_test(tests, an_invitation_and_a_counter_text_that_came_to_nothing_can_be_made_once_more);
	tcase_add_test(tests, an_amendment_that_was_dropped_is_not_signed_in_the_place_of_an_older_one);
	tcase_add_test(tests, where_a_proposal_waits_the_refusal_says_whose_it_is_and_what_to_do_with_it);
	tcase_add_test(tests, of_several_invitations_each_refusal_names_its_creator);
	tcase_add_test(tests, a_counter_text_changes_something_that_is_there);
	tcase_add_test(tests, a_brand_concludes_with_the_applicants_of_a_file);
	tcase_add_test(tests, no_text_is_signed_by_a_file_in_the_place_of_the_one_that_it_names);
	tcase_add_test(tests, creators_are_invited_and_offers_closed_by_files);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

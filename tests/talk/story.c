/* The main job by the command line, as a person does it: an offer becomes a signed agreement. Deadlines are generous:
 * what is tested is what happens, not how fast. */
#include <signal.h>
#include <stdlib.h>

#include "tests/lib/scratch.h"
#include "tests/lib/story.h"
#include "tests/lib/unit.h"

#define READY_MS 60000
#define TEST_SECONDS 180

static const struct store_counts nothing = { 0, 0, 0 };

/* Checks what the brand's status says it may still spend; NULL: nothing in any currency. */
static void available_is(const char *home, const char *amount) {
	json_t *status = said_json(troth("status", "--home", home, "--json", NULL));
	const json_t *available = json_object_get(status, "available");
	ck_assert_uint_eq(json_array_size(available), amount == NULL ? 0 : 1);
	if (amount != NULL) {
		ck_assert_str_eq(json_string_value(json_array_get(available, 0)), amount);
	}
	json_decref(status);
}

/* The one offer that a creator sees is the one that was submitted, with what was in the file. */
static void offer_is_listed(struct said said, const char *id) {
	json_t *list = said_json(said);
	ck_assert_uint_eq(json_array_size(list), 1);
	const json_t *offer = json_array_get(list, 0), *terms = json_object_get(offer, "terms");
	ck_assert_str_eq(json_text(offer, "id"), id);
	ck_assert_str_eq(json_text(offer, "brand"), "acme-yoga");
	ck_assert_str_eq(json_text(offer, "state"), "open");
	ck_assert_int_eq(json_integer_value(json_object_get(offer, "slots")), 5);
	ck_assert_int_eq(json_integer_value(json_object_get(offer, "taken")), 0);
	ck_assert_str_eq(json_text(terms, "product"), "Cork yoga mat, 5 mm");
	ck_assert_uint_eq(json_array_size(json_object_get(terms, "brief")), 2);
	json_decref(list);
}

START_TEST(the_story_works_as_it_is_written) {
	const char *folder = scratch_folder();
	const char *agency = scratch_path(folder, "agency"), *join = scratch_path(agency, "agency.join");
	const char *ops = scratch_path(agency, "ops");
	const char *brand = scratch_path(folder, "brand"), *creator = scratch_path(folder, "creator");
	const char *agreement = scratch_path(folder, "agreement.note");
	const char *const words[] = { process_program("troth"), "up", "--home", agency, "--origin", "agency.example",
		                          "--endpoint", "tcp://127.0.0.1:*", NULL };
	struct process *up = process_start(words, NULL);
	ck_assert_ptr_nonnull(process_await_line(up, PROCESS_OUTPUT, "ready", NULL, READY_MS));
	(void)said_done(troth("init", "--home", brand, "--role", "brand", "--name", "acme-yoga", "--join", join,
	                      "--no-passphrase", NULL));
	(void)said_done(troth("init", "--home", creator, "--role", "creator", "--name", "studio-flow", "--join", join,
	                      "--no-passphrase", NULL));
	(void)said_id(troth("enrol", "--home", brand, NULL));
	(void)said_id(troth("enrol", "--home", creator, NULL));
	(void)said_id(troth("ops", "admit", "acme-yoga", "studio-flow", "--yes", "--home", ops, NULL));
	const char *offer = said_id(troth("offer", "submit", "examples/gifted.offer", "--home", brand, "--yes", NULL));
	offer_is_listed(troth("offer", "list", "--home", creator, "--json", NULL), offer);
	const char *deal = said_id(troth("deal", "accept", offer, "--home", creator, "--yes", "--out", agreement, NULL));
	struct said verified = troth("verify", agreement, "--join", join, NULL);
	ck_assert_str_eq(said_done(verified), "verified");
	ck_assert_ptr_nonnull(strstr(verified.output, deal));
	ck_assert_ptr_nonnull(strstr(verified.output, "agency.example/creator/studio-flow (key in the text)"));
	ck_assert_ptr_nonnull(strstr(verified.output, "agency.example/agency (key in the join file)"));
	available_is(brand, NULL);
	(void)said_id(troth("ops", "fund", "acme-yoga", "1000.00 USD", "--reference", "bank-4711", "--home", ops,
	                    "-y", NULL));
	available_is(brand, "1000.00 USD");
	(void)said_id(troth("offer", "submit", "examples/paid.offer", "--home", brand, "--yes", NULL));
	available_is(brand, "175.00 USD"); /* three slots of 250 for the creator and 25 for the agency are reserved */
	/* Two notes made the first operator; two enrolled, two admitted, two offers, an agreement, a payment. */
	store_has_grown(agency, nothing, (struct store_counts){ .notes = 10, .offers = 2, .deals = 1 });
	process_signal(up, SIGTERM);
	ck_assert_int_eq(process_wait(up, READY_MS), 0);
	ck_assert_str_eq(process_text(up, PROCESS_ERRORS), "");
}
END_TEST

/* ---- again ---- */

/* One step of the story, which may be done any number of times. */
struct step {
	const char *name;
	bool has_id; /* its last line is the id of its note, each time */
	struct said (*take)(const struct story *story);
};

static struct said enrol(const struct story *story) {
	return troth("enrol", "--home", story->brand, NULL);
}

static struct said admit(const struct story *story) {
	return troth("ops", "admit", "acme-yoga", "studio-flow", "--yes", "--home", story->ops, NULL);
}

static struct said fund(const struct story *story) {
	return troth("ops", "fund", "acme-yoga", "1000.00 USD", "--reference", "bank-4711", "--home", story->ops,
	             "-y", NULL);
}

static struct said submit_gifted(const struct story *story) {
	return troth("offer", "submit", "examples/gifted.offer", "--home", story->brand, "--yes", NULL);
}

static struct said submit_paid(const struct story *story) {
	return troth("offer", "submit", "examples/paid.offer", "--home", story->brand, "--yes", NULL);
}

static struct said accept(const struct story *story) {
	return troth("deal", "accept", story->offer, "--home", story->creator, "--yes", "--out", story->agreement, NULL);
}

static struct said close_gifted(const struct story *story) {
	return troth("offer", "close", story->offer, "--home", story->brand, "--yes", NULL);
}

static const struct step steps[] = {
	{ "enrol", true, enrol },
	{ "admit", false, admit }, /* who is admitted already is said so */
	{ "fund", true, fund },
	{ "submit a gifted offer", true, submit_gifted },
	{ "submit a paid offer", true, submit_paid },
	{ "accept", true, accept },
	{ "close", true, close_gifted },
};

START_TEST(a_step_done_again_prints_the_same_id_and_changes_nothing) {
	struct story story;
	const char *ids[sizeof steps / sizeof steps[0]];
	story_begin(&story);
	story_agree(&story);
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		ids[i] = steps[i].has_id ? said_id(steps[i].take(&story)) : said_done(steps[i].take(&story));
	}
	struct store_counts before = store_count(story.agency.home);
	char *agreement = scratch_read(story.agreement);
	available_is(story.brand, "175.00 USD");
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		ck_assert_msg(strcmp(said_done(steps[i].take(&story)), ids[i]) == 0, "%s", steps[i].name);
		store_has_grown(story.agency.home, before, nothing);
		available_is(story.brand, "175.00 USD");
	}
	char *again = scratch_read(story.agreement);
	ck_assert_str_eq(again, agreement);
	free(again);
	free(agreement);
}
END_TEST

START_TEST(an_id_may_be_given_by_its_first_digits) {
	struct story story;
	char digits[13];
	story_begin(&story);
	story_agree(&story);
	(void)snprintf(digits, sizeof digits, "%.12s", story.offer + strlen("sha256:"));
	ck_assert_str_eq(said_id(troth("deal", "accept", digits, "--home", story.creator, "--yes", NULL)), story.deal);
	(void)said_done(troth("offer", "show", digits, "--home", story.creator, NULL));
	said_refused(troth("offer", "show", "00000000", "--home", story.creator, NULL), 1, ERROR_NOT_FOUND, 0);
	said_refused(troth("offer", "show", "0000000", "--home", story.creator, NULL), 2, ERROR_USAGE, 0);
}
END_TEST

START_TEST(the_same_file_is_another_offer_only_by_again) {
	struct story story;
	story_begin(&story);
	const char *first = said_id(submit_gifted(&story));
	const char *second = said_id(troth("offer", "submit", "examples/gifted.offer", "--home", story.brand, "--yes",
	                                   "--again", NULL));
	ck_assert_str_ne(first, second);
	ck_assert_int_eq(store_count(story.agency.home).offers, 2);
}
END_TEST

START_TEST(nothing_is_signed_without_a_yes) {
	struct story story;
	story_begin(&story);
	struct store_counts before = store_count(story.agency.home);
	/* There is no terminal to ask; the text is shown, and refused to be signed. */
	struct said said = troth("offer", "submit", "examples/gifted.offer", "--home", story.brand, NULL);
	said_refused(said, 2, ERROR_USAGE, 0);
	ck_assert_ptr_nonnull(strstr(said.errors, "agency.example/offer/v1\nbrand acme-yoga ed25519:"));
	store_has_grown(story.agency.home, before, nothing);
}
END_TEST

/* ---- money and restart ---- */

START_TEST(closing_an_offer_frees_the_money_of_the_slots_left) {
	struct story story;
	story_begin(&story);
	(void)said_id(fund(&story));
	const char *offer = said_id(submit_paid(&story));
	available_is(story.brand, "175.00 USD");
	(void)said_id(troth("deal", "accept", offer, "--home", story.creator, "--yes", NULL));
	available_is(story.brand, "175.00 USD");
	(void)said_id(troth("offer", "close", offer, "--home", story.brand, "--yes", NULL));
	available_is(story.brand, "725.00 USD"); /* one of three slots is held for its creator */
	const char *late = home_admitted(&story.agency, "creator", "late-riser");
	said_refused(troth("deal", "accept", offer, "--home", late, "--yes", NULL), 1, ERROR_OFFER_CLOSED, 0);
	said_refused(troth("ops", "fund", "acme-yoga", "5.00 USD", "--reference", "bank-4711", "--home", story.ops, "-y",
	                   NULL),
	             1, ERROR_EXISTS, 0);
	available_is(story.brand, "725.00 USD");
	(void)store_count(story.agency.home);
}
END_TEST

START_TEST(an_offer_without_its_money_is_refused) {
	struct story story;
	story_begin(&story);
	struct store_counts before = store_count(story.agency.home);
	said_refused(submit_paid(&story), 1, ERROR_UNFUNDED, 0);
	store_has_grown(story.agency.home, before, nothing);
	(void)said_id(fund(&story));
	(void)said_id(submit_paid(&story)); /* the very same file, once there is money */
}
END_TEST

START_TEST(a_restart_keeps_everything) {
	struct story story;
	story_begin(&story);
	story_agree(&story);
	(void)said_id(fund(&story));
	struct store_counts before = store_count(story.agency.home);
	ck_assert_int_eq(agency_stop(&story.agency), 0);
	store_has_grown(story.agency.home, before, nothing);
	agency_restart(&story.agency, 1);
	store_has_grown(story.agency.home, before, nothing);
	available_is(story.brand, "1000.00 USD");
	ck_assert_str_eq(said_id(accept(&story)), story.deal);
	json_t *deals = said_json(troth("deal", "list", "--home", story.brand, "--json", NULL));
	ck_assert_uint_eq(json_array_size(deals), 1);
	ck_assert_str_eq(json_text(json_array_get(deals, 0), "id"), story.deal);
	json_decref(deals);
	store_has_grown(story.agency.home, before, nothing);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("story");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_test(tests, the_story_works_as_it_is_written);
	tcase_add_test(tests, a_step_done_again_prints_the_same_id_and_changes_nothing);
	tcase_add_test(tests, an_id_may_be_given_by_its_first_digits);
	tcase_add_test(tests, the_same_file_is_another_offer_only_by_again);
	tcase_add_test(tests, nothing_is_signed_without_a_yes);
	tcase_add_test(tests, closing_an_offer_frees_the_money_of_the_slots_left);
	tcase_add_test(tests, an_offer_without_its_money_is_refused);
	tcase_add_test(tests, a_restart_keeps_everything);
	Suite *suite = suite_create("talk/story");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

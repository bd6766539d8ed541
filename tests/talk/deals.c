/* Deals from acceptance to their end by the command line, on every road, one by one and in bulk. */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "tests/lib/scratch.h"
#include "tests/lib/story.h"
#include "tests/lib/unit.h"

#define TEST_SECONDS 180
#define LINK "https://example.com/reel.mp4"

static struct story story;
static const char *folder;

static void set_up(void) {
	story_begin(&story);
	folder = scratch_folder();
	(void)said_id(troth("ops", "fund", "acme-yoga", "5000.00 USD", "--reference", "bank-1", "--home", story.ops,
	                    "-y", NULL));
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

static json_t *show(const char *deal) {
	return said_json(troth("deal", "show", deal, "--home", story.brand, "--json", NULL));
}

static void deal_is(const char *deal, const char *state) {
	json_t *shown = show(deal);
	ck_assert_str_eq(json_text(shown, "state"), state);
	json_decref(shown);
}

/* What a term of the text in force says now. */
static void term_is(const char *deal, const char *key, const char *value) {
	json_t *shown = show(deal);
	ck_assert_str_eq(json_text(json_object_get(shown, "terms"), key), value);
	json_decref(shown);
}

/* ---- steps ---- */

START_TEST(a_paid_deal_goes_from_acceptance_to_closing_and_every_step_can_be_repeated) {
	const char *reel = scratch_path(folder, "reel.mp4");
	const char *brand = story.brand, *creator = story.creator, *ops = story.ops;
	scratch_write(reel, "a film\n");
	const char *deal = said_id(troth("deal", "accept", offer_by("first-come"), "--home", creator, "--yes", NULL));
	const char *first = said_id(troth("deal", "submit", deal, "--file", reel, "--link", LINK, "--home", creator, "-y",
	                                  NULL));
	ck_assert_str_eq(first, said_id(troth("deal", "submit", deal, "--file", reel, "--link", LINK, "--home", creator,
	                                      "-y", NULL)));
	(void)said_id(troth("deal", "revise", deal, "--reason", "Too dark.", "--home", brand, "-y", NULL));
	ck_assert_str_ne(first, said_id(troth("deal", "submit", deal, "--file", reel, "--link", LINK, "--home", creator,
	                                      "-y", NULL)));
	const char *again = said_id(troth("deal", "revise", deal, "--reason", "Too dark.", "--home", brand, "-y", NULL));
	ck_assert_str_eq(again, said_id(troth("deal", "revise", deal, "--reason", "Too dark.", "--home", brand, "-y",
	                                      NULL)));
	(void)said_id(troth("deal", "submit", deal, "--file", reel, "--link", LINK, "--home", creator, "-y", NULL));
	(void)said_id(troth("deal", "approve", deal, "--home", brand, "-y", NULL));
	(void)said_id(troth("deal", "post", deal, "--link", "https://instagram.com/p/1", "--home", creator, "-y", NULL));
	(void)said_id(troth("ops", "verify", deal, "--live", "yes", "--tagged", "yes", "--disclosed", "yes", "--home", ops,
	                    "-y", NULL));
	const char *paid = said_id(troth("ops", "pay", deal, "--amount", "250.00 USD", "--reference", "p-1", "--home", ops,
	                                 "-y", NULL));
	ck_assert_str_eq(paid, said_id(troth("ops", "pay", deal, "--amount", "250.00 USD", "--reference", "p-1", "--home",
	                                     ops, "-y", NULL)));
	(void)said_id(troth("deal", "rate", deal, "--stars", "5", "--home", creator, "-y", NULL));
	deal_is(deal, "paid");
	(void)said_id(troth("deal", "rate", deal, "--stars", "4", "--home", brand, "-y", NULL));
	deal_is(deal, "closed");
	ck_assert_str_eq(again, said_id(troth("deal", "revise", deal, "--reason", "Too dark.", "--home", brand, "-y",
	                                      NULL)));
}
END_TEST

START_TEST(what_is_not_the_next_step_or_not_this_sides_is_refused_with_what_is_allowed) {
	const char *deal = said_id(troth("deal", "accept", offer_by("first-come"), "--home", story.creator, "-y", NULL));
	struct said said = troth("deal", "approve", deal, "--home", story.brand, "-y", NULL);
	said_refused(said, EXIT_REFUSED, ERROR_WRONG_STATE, 0);
	ck_assert_ptr_nonnull(strstr(said.errors, "allowed now: amend (brand, creator), submit (creator)"));
	said_refused(troth("deal", "submit", deal, "--content", "x", "--home", story.creator, "-y", NULL), EXIT_REFUSED,
	             ERROR_BAD_VALUE, 0);
	said_refused(troth("deal", "approve", deal, "--home", story.creator, "-y", NULL), EXIT_REFUSED, ERROR_NOT_ALLOWED,
	                   0);
	const char *other = home_admitted(&story.agency, "creator", "two-mats");
	said_refused(troth("deal", "cancel", deal, "--home", other, "-y", NULL), EXIT_REFUSED, ERROR_NOT_FOUND, 0);
	deal_is(deal, "received");
}
END_TEST

/* Without a terminal nothing is signed, but what would be is shown. */
static void shows(const char *step, const char *deal, const char *home, const char *words) {
	struct said said = troth("deal", step, deal, "--home", home, NULL);
	said_refused(said, EXIT_USAGE, ERROR_USAGE, 0);
	const char *at = strstr(said.errors, words), *text = strstr(said.errors, "You are about to sign");
	ck_assert_msg(at != NULL && text != NULL && at < text, "not \"%s\" before the text in: %s", words, said.errors);
}

START_TEST(what_a_step_answers_is_shown_whole_before_it_is_signed) {
	static const char content[] =
	    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 https://example.com/a-link-of-some-"
	    "length-which-goes-on/reel.mp4";
	char answers[400];
	const char *deal = said_id(troth("deal", "accept", offer_by("first-come"), "--home", story.creator, "-y", NULL));
	shows("cancel", deal, story.brand, "which this answers: agreement: signed by the creator, countersigned\n");
	shows("cancel", deal, story.creator, "Cancelling moves what is held: creator 0.00 USD, agency 0.00 USD, back to "
	      "the brand 275.00 USD.\n");
	(void)said_id(troth("deal", "submit", deal, "--content", content, "--home", story.creator, "-y", NULL));
	(void)snprintf(answers, sizeof answers, "which this answers: submit by the creator\n  content %s\n", content);
	shows("approve", deal, story.brand, answers);
	shows("cancel", deal, story.brand, "Cancelling moves what is held: creator 225.00 USD, ");
	shows("cancel", deal, story.brand, "; the creator's part is the kill fee of the terms.\n");
	(void)said_id(troth("deal", "revise", deal, "--reason", "Too dark.", "--home", story.brand, "-y", NULL));
	shows("cancel", deal, story.creator, "which this answers: revise by the brand\n  reason Too dark.\n");
	struct said said = troth("deal", "cancel", deal, "--home", story.creator, "-y", NULL);
	(void)said_id(said);
	ck_assert_ptr_null(strstr(said.errors, "which this answers"));
	ck_assert_ptr_null(strstr(said.errors, "Cancelling"));
}
END_TEST

/* ---- roads ---- */

START_TEST(a_brand_chooses_among_applicants_whom_it_sees_side_by_side) {
	const char *other = home_admitted(&story.agency, "creator", "two-mats"), *offer = offer_by("selection");
	const char *profile = scratch_path(folder, "profile");
	scratch_write(profile, "niche yoga\nchannel instagram two.mats\ncountry US\n");
	(void)said_id(troth("profile", "submit", profile, "--home", other, "-y", NULL));
	(void)said_id(troth("ops", "attest", "two-mats", "--platform", "instagram", "--followers", "18400", "--engagement",
	                    "2.4 %", "--source", "seen", "--home", story.ops, "-y", NULL));
	const char *one = said_id(troth("deal", "accept", offer, "--home", story.creator, "-y", NULL));
	const char *two = said_id(troth("deal", "accept", offer, "--home", other, "-y", NULL));
	json_t *list = said_json(troth("offer", "applicants", offer, "--home", story.brand, "--json", NULL));
	ck_assert_uint_eq(json_array_size(list), 2);
	const json_t *newest = json_array_get(list, 0);
	ck_assert_str_eq(json_text(newest, "creator"), "two-mats");
	ck_assert_str_eq(json_text(newest, "tier"), "micro");
	json_decref(list);
	said_refused(troth("deal", "accept", two, "--home", other, "-y", NULL), EXIT_REFUSED, ERROR_NOT_ALLOWED, 0);
	ck_assert_str_eq(two, said_id(troth("deal", "accept", two, "--home", story.brand, "-y", NULL)));
	(void)said_id(troth("deal", "decline", one, "--reason", "Another one.", "--home", story.brand, "-y", NULL));
	deal_is(two, "received");
	deal_is(one, "ended");
}
END_TEST

START_TEST(both_sides_change_terms_until_one_signs_the_others_text_and_amend_it_later) {
	const char *brand = story.brand, *creator = story.creator;
	const char *first = said_id(troth("deal", "counter", offer_by("negotiation"), "--set", "fee 300.00 USD", "--home",
	                                  creator, "-y", NULL));
	const char *second = said_id(troth("deal", "counter", first, "--set", "fee 280.00 USD", "--without", "revisions",
	                                   "--home", brand, "-y", NULL));
	said_refused(troth("deal", "accept", first, "--home", creator, "-y", NULL), EXIT_REFUSED, ERROR_SUPERSEDED, 0);
	said_refused(troth("deal", "counter", second, "--home", creator, "-y", NULL), EXIT_USAGE, ERROR_USAGE, 0);
	ck_assert_str_eq(second, said_id(troth("deal", "accept", second, "--home", creator, "-y", NULL)));
	term_is(second, "fee", "280.00 USD");
	const char *amended = said_id(troth("deal", "amend", second, "--set", "post-within 10d", "--home", brand, "-y",
	                                    NULL));
	ck_assert_str_eq(amended, said_id(troth("deal", "amend", second, "--set", "post-within 10d", "--home", brand, "-y",
	                                        NULL)));
	ck_assert_str_eq(amended, said_id(troth("deal", "accept", second, "--home", creator, "-y", NULL)));
	term_is(second, "post-within", "10d");
}
END_TEST

START_TEST(a_new_key_of_one_side_stands_in_the_texts_that_the_other_makes) {
	const char *brand = story.brand, *creator = story.creator;
	const char *first = said_id(troth("deal", "counter", offer_by("negotiation"), "--set", "fee 300.00 USD", "--home",
	                                  creator, "-y", NULL));
	(void)said_id(troth("rekey", "--home", creator, "--yes", NULL));
	said_refused(troth("deal", "accept", first, "--home", creator, "-y", NULL), EXIT_REFUSED, ERROR_NOT_ALLOWED, 0);
	const char *second = said_id(troth("deal", "counter", first, "--set", "fee 280.00 USD", "--home", brand, "-y",
	                                   NULL));
	ck_assert_str_eq(second, said_id(troth("deal", "accept", second, "--home", creator, "-y", NULL)));
	(void)said_id(troth("rekey", "--home", brand, "--yes", NULL));
	const char *amended = said_id(troth("deal", "amend", second, "--set", "post-within 10d", "--home", creator, "-y",
	                                    NULL));
	ck_assert_str_eq(amended, said_id(troth("deal", "accept", second, "--home", brand, "-y", NULL)));
	term_is(second, "post-within", "10d");
}
END_TEST

START_TEST(a_brand_invites_and_the_creator_signs_the_same_text) {
	const char *text = said_id(troth("deal", "invite", offer_by("invitation"), "studio-flow", "--home", story.brand,
	                                 "-y", NULL));
	ck_assert_str_eq(text, said_id(troth("deal", "accept", text, "--home", story.creator, "-y", NULL)));
	deal_is(text, "received");
}
END_TEST

/* ---- many at once ---- */

/* Writes a file with these columns, a row per deal, and returns its path. */
static const char *write_rows(const char *name, const char *columns, const char *const *deals, const char *rest) {
	char text[2000];
	const char *path = scratch_path(folder, name);
	size_t used = (size_t)snprintf(text, sizeof text, "%s\n", columns);
	for (size_t i = 0; i < 3; i++) {
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%s\n", deals[i], rest);
	}
	scratch_write(path, text);
	return path;
}

START_TEST(rows_of_a_file_are_steps_and_bad_rows_alone_are_refused) {
	static const char content[] = ",sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 " LINK;
	const char *deals[3] = { "", "", "sha256:0123456789" };
	for (size_t i = 0; i < 2; i++) {
		deals[i] = said_id(troth("deal", "accept", offer_by(i == 0 ? "first-come" : "selection"), "--home",
		                         story.creator, "-y", NULL));
	}
	(void)said_id(troth("deal", "accept", deals[1], "--home", story.brand, "-y", NULL));
	const char *path = write_rows("submit.csv", "deal,content", deals, content);
	struct said said = troth("deal", "submit", "--batch", path, "--home", story.creator, "-y", NULL);
	ck_assert_str_eq(said.last, "2 accepted, 0 accepted before, 1 refused");
	ck_assert_ptr_nonnull(strstr(said.errors, "row 4: not-found"));
	said = troth("deal", "submit", "--batch", path, "--home", story.creator, "-y", NULL);
	ck_assert_str_eq(said.last, "0 accepted, 2 accepted before, 1 refused");
	said = troth("deal", "approve", "--batch", write_rows("approve.csv", "deal", deals, ""), "--home", story.brand,
	             "-y", NULL);
	ck_assert_str_eq(said.last, "2 accepted, 0 accepted before, 1 refused");
	deal_is(deals[0], "approved");
	deal_is(deals[1], "approved");
}
END_TEST

/* ---- keys and addresses ---- */

START_TEST(an_address_is_read_by_the_brand_alone_even_with_new_keys) {
	const char *address = scratch_path(folder, "address");
	scratch_write(address, "Studio Flow\n1 Main Street\n");
	story_agree(&story);
	said_refused(troth("deal", "address", story.deal, "--home", story.brand, NULL), EXIT_REFUSED, ERROR_NOT_FOUND, 0);
	(void)said_done(troth("deal", "address", story.deal, "--file", address, "--home", story.creator, NULL));
	(void)said_id(troth("rekey", "--home", story.brand, "--yes", NULL));
	struct said said = troth("deal", "address", story.deal, "--home", story.brand, NULL);
	ck_assert_str_eq(said_done(said), "1 Main Street");
	said = troth("deal", "address", story.deal, "--file", address, "--home", story.creator, NULL);
	ck_assert_ptr_nonnull(strstr(said_done(said), "(newer than the agreement's)"));
	said = troth("deal", "address", story.deal, "--home", story.brand, NULL);
	ck_assert_str_eq(said_done(said), "1 Main Street");
	(void)said_id(troth("deal", "ship", story.deal, "--carrier", "DHL", "--home", story.brand, "-y", NULL));
	said_refused(troth("deal", "address", story.deal, "--home", story.ops, NULL), EXIT_REFUSED, ERROR_NOT_ALLOWED, 0);
}
END_TEST

START_TEST(no_address_is_sealed_to_a_key_that_was_revoked) {
	const char *address = scratch_path(folder, "address");
	scratch_write(address, "Studio Flow\n1 Main Street\n");
	story_agree(&story);
	json_t *sealed = said_json(troth("deal", "address", story.deal, "--file", address, "--home", story.creator,
	                                 "--json", NULL));
	char *key = strdup(json_text(sealed, "key"));
	json_decref(sealed);
	(void)said_id(troth("ops", "revoke", "acme-yoga", "--key", key, "--valid-until", "5", "--reason", "stolen",
	                    "--home", story.ops, "-y", NULL));
	said_refused(troth("deal", "address", story.deal, "--file", address, "--home", story.creator, NULL), EXIT_REFUSED,
	             ERROR_KEY_REVOKED, 0);
	free(key);
}
END_TEST

START_TEST(status_tells_of_a_suspended_account_and_of_keys_that_are_no_more) {
	(void)said_id(troth("ops", "suspend", "studio-flow", "--reason", "Asked.", "--home", story.ops, "-y",
	                    NULL));
	struct said said = troth("status", "--home", story.creator, NULL);
	(void)said_done(said);
	ck_assert_ptr_nonnull(strstr(said.output, "studio-flow (creator), suspended: running deals go on"));
	json_t *status = said_json(troth("status", "--home", story.creator, "--json", NULL));
	ck_assert_str_eq(json_text(status, "state"), "suspended");
	char key[80];
	(void)snprintf(key, sizeof key, "ed25519:%s", json_text(status, "key"));
	json_decref(status);
	(void)said_id(troth("ops", "revoke", "studio-flow", "--key", key, "--valid-until", "5", "--reason", "Stolen.",
	                    "--home", story.ops, "-y", NULL));
	said = troth("status", "--home", story.creator, NULL);
	said_refused(said, EXIT_REFUSED, ERROR_NOT_FOUND, 0);
	ck_assert_ptr_nonnull(strstr(said.errors, "the keys of this home are no account's any more"));
	said = troth("offer", "list", "--home", story.creator, NULL);
	said_refused(said, EXIT_REFUSED, ERROR_NOT_ADMITTED, 0);
	ck_assert_ptr_nonnull(strstr(said.errors, "see troth status"));
	said = troth("status", "--home", home_init(&story.agency, "creator", "newcomer"), NULL);
	said_refused(said, EXIT_REFUSED, ERROR_NOT_FOUND, 0);
	ck_assert_ptr_nonnull(strstr(said.errors, "does not know newcomer yet: run troth enrol"));
}
END_TEST

static void put_back(const char *name, const char *text) {
	struct failure failure;
	ck_assert_int_eq(file_replace(scratch_path(story.creator, name), slice_of_text(text), 0600, &failure), OK);
}

/* As if the home had been cut off after sending: its keys are the old ones, the agency knows the new ones only. */
START_TEST(a_change_of_keys_whose_answer_was_lost_is_finished_by_doing_it_again) {
	char *signing = scratch_read(scratch_path(story.creator, "signing.key"));
	char *transport = scratch_read(scratch_path(story.creator, "transport.key"));
	const char *id = said_id(troth("rekey", "--home", story.creator, "--yes", NULL));
	char *next_signing = scratch_read(scratch_path(story.creator, "signing.key"));
	char *next_transport = scratch_read(scratch_path(story.creator, "transport.key"));
	put_back("rekey/signing.key", next_signing);
	put_back("rekey/transport.key", next_transport);
	put_back("signing.key", signing);
	put_back("transport.key", transport);
	said_refused(troth("status", "--home", story.creator, NULL), EXIT_REFUSED, ERROR_NOT_FOUND, 0);
	ck_assert_str_eq(id, said_id(troth("rekey", "--home", story.creator, "--yes", NULL)));
	(void)said_done(troth("status", "--home", story.creator, NULL));
	(void)said_id(troth("deal", "accept", offer_by("first-come"), "--home", story.creator, "-y", NULL));
	free(signing);
	free(transport);
	free(next_signing);
	free(next_transport);
}
END_TEST

START_TEST(what_is_exported_can_be_verified_without_the_agency) {
	const char *out = scratch_path(folder, "export");
	(void)said_id(troth("deal", "accept", offer_by("first-come"), "--home", story.creator, "-y", NULL));
	(void)said_done(troth("export", "--out", out, "--home", story.brand, NULL));
	static const char *const names[] = { "notes.bundle", "notes.jsonl", "deals.csv", "statement.csv" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char *text = scratch_read(scratch_path(out, names[i]));
		ck_assert_msg(strchr(text, '\n') != NULL && strlen(text) > 100, "%s: %s", names[i], text);
		bool is_deals = strcmp(names[i], "deals.csv") == 0; /* held, but not earned; no figure is told, nor a product */
		ck_assert_msg(!is_deals || strstr(text, ",USD,250.00,25.00,275.00,0.00,0.00,no,,,,,,,0.00,\r\n") != NULL, "%s",
		              text);
		free(text);
	}
	struct said said = troth("verify", scratch_path(out, "notes.bundle"), "--join", story.join, NULL);
	ck_assert_msg(said.status == 0, "%s", said.errors);
}
END_TEST

/* A deal up to `verified`; the creator has rated, and all was paid. */
static const char *deal_rated_by_creator(void) {
	const char *deal = said_id(troth("deal", "accept", offer_by("first-come"), "--home", story.creator, "-y", NULL));
	(void)said_id(troth("deal", "submit", deal, "--content",
	                    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 " LINK, "--home",
	                    story.creator, "-y", NULL));
	(void)said_id(troth("deal", "approve", deal, "--home", story.brand, "-y", NULL));
	(void)said_id(troth("deal", "post", deal, "--link", "https://instagram.com/p/1", "--home", story.creator, "-y",
	                    NULL));
	(void)said_id(troth("ops", "verify", deal, "--live", "yes", "--tagged", "yes", "--disclosed", "yes", "--home",
	                    story.ops, "-y", NULL));
	(void)said_id(troth("deal", "rate", deal, "--stars", "2", "--home", story.creator, "-y", NULL));
	(void)said_id(troth("ops", "pay", deal, "--amount", "250.00 USD", "--reference", "p-1", "--home", story.ops, "-y",
	                    NULL));
	return deal;
}

START_TEST(an_export_with_a_rating_that_is_not_to_be_seen_yet_can_be_verified) {
	const char *out = scratch_path(folder, "export"), *bundle = scratch_path(out, "notes.bundle");
	(void)deal_rated_by_creator();
	(void)said_done(troth("export", "--out", out, "--home", story.brand, NULL));
	struct said said = troth("verify", bundle, "--join", story.join, NULL);
	ck_assert_str_eq(said_done(said), "verified");
	ck_assert_ptr_nonnull(strstr(said.output, "1 rating not to be seen yet; later notes name 1 of them"));
	ck_assert_ptr_nonnull(strstr(said.output, "unsigned, the word of this file's maker"));
	ck_assert_ptr_nonnull(strstr(said.output, "paid out 250.00 USD"));
	char *text = scratch_read(bundle);
	char *id = strstr(strstr(text, "\nhidden "), "sha256:") + strlen("sha256:");
	*id = *id == '0' ? '1' : '0';
	scratch_write(bundle, text);
	said = troth("verify", bundle, "--join", story.join, NULL);
	ck_assert_int_eq(said.status, 1);
	ck_assert_ptr_nonnull(strstr(said.errors, "superseded"));
	free(text);
	(void)said_done(troth("export", "--out", out, "--home", story.creator, NULL));
	said = troth("verify", bundle, "--join", story.join, NULL);
	ck_assert_str_eq(said_done(said), "verified");
	ck_assert_ptr_null(strstr(said.output, "not to be seen yet"));
}
END_TEST

int main(void) {
	Suite *suite = suite_create("deals");
	TCase *tests = tcase_create("deals");
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_test(tests, a_paid_deal_goes_from_acceptance_to_closing_and_every_step_can_be_repeated);
	tcase_add_test(tests, what_is_not_the_next_step_or_not_this_sides_is_refused_with_what_is_allowed);
	tcase_add_test(tests, what_a_step_answers_is_shown_whole_before_it_is_signed);
	tcase_add_test(tests, a_brand_chooses_among_applicants_whom_it_sees_side_by_side);
	tcase_add_test(tests, both_sides_change_terms_until_one_signs_the_others_text_and_amend_it_later);
	tcase_add_test(tests, a_new_key_of_one_side_stands_in_the_texts_that_the_other_makes);
	tcase_add_test(tests, a_brand_invites_and_the_creator_signs_the_same_text);
	tcase_add_test(tests, rows_of_a_file_are_steps_and_bad_rows_alone_are_refused);
	tcase_add_test(tests, an_address_is_read_by_the_brand_alone_even_with_new_keys);
	tcase_add_test(tests, no_address_is_sealed_to_a_key_that_was_revoked);
	tcase_add_test(tests, status_tells_of_a_suspended_account_and_of_keys_that_are_no_more);
	tcase_add_test(tests, a_change_of_keys_whose_answer_was_lost_is_finished_by_doing_it_again);
	tcase_add_test(tests, what_is_exported_can_be_verified_without_the_agency);
	tcase_add_test(tests, an_export_with_a_rating_that_is_not_to_be_seen_yet_can_be_verified);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

/* Lists of offers and deals: how they are told apart and narrowed down, who is shown what, and that nobody is left out
 * of them silently. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/command.h"
#include "tests/lib/direct.h"
#include "tests/lib/scratch.h"
#include "tests/lib/unit.h"

#define TEST_SECONDS 240

static struct agency_process agency;
static const char *ops;

static void set_up(void) {
	agency_start(&agency, 2);
	ops = scratch_path(agency.home, "ops");
}

static void tear_down(void) {
	process_free(agency.up);
}

static size_t length_of(struct said said) {
	json_t *list = said_json(said);
	size_t length = json_array_size(list);
	json_decref(list);
	return length;
}

static bool says_more(struct said said) {
	(void)said_done(said);
	return strstr(said.errors, "there are more") != NULL;
}

/* ---- offers ---- */

static const char *offers_of(const char *name, const char *country) {
	const char *home = home_admitted(&agency, "brand", name);
	const char *path = scratch_path(scratch_folder(), "offers.csv");
	struct buffer rows;
	buffer_init(&rows, 4096);
	(void)buffer_format(&rows, "campaign,compensation,product,product-value,deliverable,disclosure,slots,closes,road,"
	                    "country\n"
	                    "%s spring,gifted,Mat,20.00 USD,1 instagram-reel within 14d,#ad,2,+30d,,\n"
	                    "%s spring,gifted,Block,9.00 USD,1 youtube-video within 14d,#ad,2,+30d,selection,\n"
	                    "%s autumn,gifted,Strap,5.00 USD,1 instagram-reel within 14d,#ad,2,+30d,,%s\n",
	                    name, name, name, country);
	scratch_write(path, buffer_text(&rows));
	(void)said_done(troth("offer", "submit", "--batch", path, "--yes", "--home", home, NULL));
	buffer_release(&rows);
	return home;
}

static size_t listed(const char *home, const char *campaign, const char *state) {
	return length_of(state == NULL ? troth("offer", "list", "--campaign", campaign, "--home", home, "--json", NULL)
	                               : troth("offer", "list", "--campaign", campaign, "--state", state, "--home", home,
	                                       "--json", NULL));
}

START_TEST(offers_are_told_apart_and_chosen) {
	const char *home = offers_of("lister", "");
	ck_assert_uint_eq(listed(home, "lister spring", NULL), 2);
	ck_assert_uint_eq(listed(home, "lister autumn", NULL), 1);
	ck_assert_uint_eq(listed(home, "lister", NULL), 0); /* the whole term, not its beginning */
	ck_assert(says_more(troth("offer", "list", "--limit", "2", "--home", home, NULL)));
	ck_assert(!says_more(troth("offer", "list", "--limit", "3", "--home", home, NULL)));
	struct said said = troth("offer", "list", "--campaign", "lister autumn", "--home", home, NULL);
	ck_assert_ptr_nonnull(strstr(said_done(said), "lister autumn"));
	ck_assert_ptr_nonnull(strstr(said.last, "first-come"));
	ck_assert_ptr_nonnull(strstr(said.last, "1 instagram-reel  "));
	char id[13];
	(void)snprintf(id, sizeof id, "%.12s", said.last);
	(void)said_done(troth("offer", "close", id, "--yes", "--home", home, NULL));
	ck_assert_uint_eq(listed(home, "lister autumn", "closed"), 1);
	ck_assert_uint_eq(listed(home, "lister autumn", "open"), 0);
	ck_assert_uint_eq(listed(ops, "lister autumn", "closed"), 1);
	ck_assert_uint_eq(listed(ops, "lister autumn", NULL), 0);
	said_refused(troth("offer", "list", "--state", "agreed", "--home", home, NULL), 2, ERROR_USAGE, 0);
	struct actor operator;
	actor_open_operator(&operator, &agency);
	struct client *client = actor_connect(&operator, &agency, 0, 0);
	ck_assert_int_eq(direct_ask(client, "offers", "state", "agreed", NULL).code, ERROR_BAD_VALUE);
	client_free(client);
	actor_release(&operator);
}
END_TEST

START_TEST(creators_are_shown_what_they_can_agree_to) {
	const char *creator = home_admitted(&agency, "creator", "picky"), *path = scratch_path(creator, "me");
	const char *brand = offers_of("chooser", "US");
	ck_assert_uint_eq(listed(creator, "chooser spring", NULL), 2);
	ck_assert_uint_eq(listed(creator, "chooser autumn", NULL), 0);
	ck_assert_uint_eq(listed(creator, "chooser autumn", "open"), 1);
	scratch_write(path, "niche yoga\nchannel instagram https://instagram.com/picky\ncountry US\nlanguage en\n");
	(void)said_done(troth("profile", "submit", path, "--yes", "--home", creator, NULL));
	ck_assert_uint_eq(listed(creator, "chooser autumn", NULL), 1);
	(void)said_id(troth("ops", "suspend", "chooser", "--reason", "asks", "--yes", "--home", ops, NULL));
	ck_assert_uint_eq(listed(creator, "chooser spring", NULL), 0);
	ck_assert_uint_eq(listed(creator, "chooser spring", "open"), 2);
	(void)said_id(troth("ops", "restore", "chooser", "--reason", "well", "--yes", "--home", ops, NULL));
	ck_assert_uint_eq(listed(creator, "chooser spring", NULL), 2);
	json_t *status = said_json(troth("status", "--home", brand, "--json", NULL));
	(void)said_id(troth("ops", "revoke", "chooser", "--key", json_text(status, "key"), "--valid-until", "3",
	                    "--reason", "lost", "--yes", "--home", ops, NULL));
	ck_assert_uint_eq(listed(creator, "chooser spring", NULL), 1); /* by selection, the brand has yet to sign */
	json_decref(status);
}
END_TEST

START_TEST(an_applicant_too_many_is_not_hidden) {
	const char *home = offers_of("picker", "");
	json_t *list = said_json(troth("offer", "list", "--campaign", "picker spring", "--home", home, "--json", NULL));
	const char *offer = NULL;
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *item = json_array_get(list, i);
		offer = strcmp(json_text(item, "road"), "selection") == 0 ? json_text(item, "id") : offer;
	}
	ck_assert_ptr_nonnull(offer);
	static const char *const names[] = { "ann", "ben" };
	for (size_t i = 0; i < 2; i++) {
		(void)said_id(troth("deal", "accept", offer, "--yes", "--home",
		                    home_admitted(&agency, "creator", names[i]), NULL));
	}
	ck_assert(says_more(troth("offer", "applicants", offer, "--limit", "1", "--home", home, NULL)));
	ck_assert(!says_more(troth("offer", "applicants", offer, "--limit", "2", "--home", home, NULL)));
	ck_assert(says_more(troth("deal", "list", "--limit", "1", "--home", home, NULL)));
	ck_assert(!says_more(troth("deal", "list", "--limit", "2", "--home", home, NULL)));
	ck_assert(says_more(troth("deal", "list", "--waiting", "--limit", "1", "--home", home, NULL)));
	ck_assert(!says_more(troth("deal", "list", "--waiting", "--limit", "2", "--home", home, NULL)));
	ck_assert_uint_eq(length_of(troth("deal", "list", "--with", "ann", "--home", home, "--json", NULL)), 1);
	ck_assert_uint_eq(length_of(troth("deal", "list", "--campaign", "picker spring", "--with", "ben", "--offer", offer,
	                                  "--state", "proposed", "--home", home, "--json", NULL)), 1);
	ck_assert_uint_eq(length_of(troth("deal", "list", "--campaign", "picker", "--home", home, "--json", NULL)), 0);
	struct said said = troth("deal", "list", "--with", "ann", "--home", home, NULL);
	ck_assert_ptr_nonnull(strstr(said_done(said), "the brand signs or declines (in "));
	json_decref(list);
}
END_TEST

static void possible_is(const char *deal, const char *home, const char *why, const char *possible) {
	struct said said = troth("deal", "show", deal, "--home", home, NULL);
	(void)said_done(said);
	ck_assert_ptr_nonnull(strstr(said.output, why));
	ck_assert_msg(strstr(said.output, possible) != NULL, "%s", said.output);
}

/* What the offer's state forbids is not shown as possible. */
START_TEST(a_proposal_tells_what_became_of_its_offer) {
	const char *home = home_admitted(&agency, "brand", "filler"), *deals[3], *homes[3];
	const char *path = scratch_path(scratch_folder(), "one.offer");
	static const char *const names[] = { "dan", "eve", "fay" };
	scratch_write(path, "compensation gifted\nproduct Mat\nproduct-value 20.00 USD\n"
	                    "deliverable 1 instagram-reel within 14d\ndisclosure #ad\nroad negotiation\nslots 1\n"
	                    "closes +30d\n");
	const char *offer = said_id(troth("offer", "submit", path, "--yes", "--home", home, NULL));
	for (size_t i = 0; i < 3; i++) {
		homes[i] = home_admitted(&agency, "creator", names[i]);
		deals[i] = said_id(troth("deal", "accept", offer, "--yes", "--home", homes[i], NULL));
	}
	possible_is(deals[1], homes[1], "the brand signs or declines by",
	            "possible  counter (brand), sign (brand), decline");
	(void)said_id(troth("deal", "accept", deals[0], "--yes", "--home", home, NULL));
	possible_is(deals[1], homes[1], "every slot of the offer is taken", "possible  counter (brand), decline");
	said_refused(troth("deal", "accept", deals[1], "--yes", "--home", home, NULL), 1, ERROR_OFFER_FULL, 0);
	(void)said_done(troth("offer", "close", offer, "--yes", "--home", home, NULL));
	possible_is(deals[2], home, "the brand has closed the offer", "possible  decline (brand, creator)\n");
	json_t *shown = said_json(troth("deal", "show", deals[2], "--home", homes[2], "--json", NULL));
	ck_assert_uint_eq(json_array_size(json_object_get(json_object_get(shown, "allowed"), "creator")), 1);
	ck_assert_ptr_nonnull(strstr(json_text(shown, "barred"), "closed"));
	json_decref(shown);
	(void)said_id(troth("deal", "decline", deals[2], "--yes", "--home", homes[2], NULL));
}
END_TEST

START_TEST(an_option_is_explained_for_its_command) {
	struct said said = troth("deal", "list", "--help", NULL);
	(void)said_done(said);
	ck_assert_ptr_nonnull(strstr(said.output, "its id or the first digits"));
	said = troth("verify", "--help", NULL);
	(void)said_done(said);
	ck_assert_ptr_nonnull(strstr(said.output, "the file of the signed offer"));
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("lists");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_unchecked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, offers_are_told_apart_and_chosen);
	tcase_add_test(tests, creators_are_shown_what_they_can_agree_to);
	tcase_add_test(tests, an_applicant_too_many_is_not_hidden);
	tcase_add_test(tests, a_proposal_tells_what_became_of_its_offer);
	tcase_add_test(tests, an_option_is_explained_for_its_command);
	Suite *suite = suite_create("talk/lists of offers");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

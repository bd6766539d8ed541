/* Unit tests of rules/eligibility: who fits an offer, and the words for who does not. */
#include "rules/eligibility.h"

#include <stdio.h>

#include "tests/unit/rules_samples.h"

#define ATTESTS_MAX 4

/* An offer is the gift of the samples with these lines before `slots`. */
static void make_offer(const char *asked, struct note *note, char text[SAMPLE_MAX]) {
	sample_splice(text, GIFT, 8, 0, asked);
	sample_parse(text, note);
}

static void make_profile(const char *lines, struct note *note, char text[SAMPLE_MAX]) {
	(void)snprintf(text, SAMPLE_MAX, "%s/profile/v1\ncreator studio-flow ed25519:%s\n%s%s", ORIGIN, HEX_B, lines,
	               STAMP);
	sample_parse(text, note);
}

static void make_attest(const char *platform, const char *followers, const char *engagement, struct note *note,
                        char text[SAMPLE_MAX]) {
	(void)snprintf(text, SAMPLE_MAX,
	               "%s/attest/v1\ncreator studio-flow\nplatform %s\nfollowers %s\nengagement %s\n"
	               "source seen by the agency\noperator olga ed25519:%s\n%s",
	               ORIGIN, platform, followers, engagement, HEX_A, STAMP);
	sample_parse(text, note);
}

struct row {
	const char *asked;
	const char *profile; /* NULL: none */
	const char *attests[ATTESTS_MAX][3];
	const char *reason; /* NULL: eligible */
};

#define RANGE "platform instagram\nfollowers-from 5000\nfollowers-to 50000\n"

static const struct row rows[] = {
	{ "", NULL, { { NULL } }, NULL },
	{ "", "niche cars\n", { { NULL } }, NULL },

	{ "block studio-flow\n", NULL, { { NULL } },
	  "this offer is not open to studio-flow; see troth offer list for others" },
	{ "block studio-flo\nblock studio-flow2\n", NULL, { { NULL } }, NULL },
	{ "", "block acme-yoga\n", { { NULL } },
	  "studio-flow takes no offers of acme-yoga at present; a new profile without that block line changes it" },
	{ "", "block acme\n", { { NULL } }, NULL },

	{ "niche yoga\nniche pilates\n", "niche cars\nniche pilates\n", { { NULL } }, NULL },
	{ "niche yoga\nniche pilates\n", "niche cars\nniche food\n", { { NULL } },
	  "niche: the profile names cars, food, the offer asks for one of yoga, pilates; sign a new profile if one of "
	  "these is true" },
	{ "niche yoga\n", "country US\n", { { NULL } },
	  "niche: the profile names none, the offer asks for one of yoga; sign a new profile if one of these is true" },
	{ "niche yoga\n", NULL, { { NULL } },
	  "niche: the offer asks for one of yoga, and there is no profile; sign one that names yours" },
	{ "country US\ncountry CA\n", "country CA\n", { { NULL } }, NULL },
	{ "country US\ncountry CA\n", "country DE\n", { { NULL } },
	  "country: the profile names DE, the offer asks for one of US, CA; sign a new profile if one of these is true" },
	{ "language en\n", "language de\nlanguage en\n", { { NULL } }, NULL },
	{ "language en\n", NULL, { { NULL } },
	  "language: the offer asks for one of en, and there is no profile; sign one that names yours" },
	{ "niche yoga\ncountry US\nlanguage en\n", "niche yoga\ncountry US\nlanguage de\n", { { NULL } },
	  "language: the profile names de, the offer asks for one of en; sign a new profile if one of these is true" },
	/* a value under another key is not the same thing */
	{ "niche yoga\n", "niche en\nabout yoga\n", { { NULL } },
	  "niche: the profile names en, the offer asks for one of yoga; sign a new profile if one of these is true" },

	{ "platform instagram\n", NULL, { { "instagram", "0", "0 %" } }, NULL },
	{ "platform instagram\nplatform blog\n", NULL, { { "blog", "3", "0 %" } }, NULL },
	{ "platform instagram\nplatform blog\n", NULL, { { "tiktok", "90000", "9 %" } },
	  "platform: the offer asks for figures on instagram, blog, and none are attested; ask the agency to attest "
	  "them" },
	{ "followers-from 1\n", NULL, { { NULL } },
	  "platform: the offer asks for figures on any platform, and none are attested; ask the agency to attest them" },
	{ RANGE, NULL, { { "instagram", "5000", "0 %" } }, NULL },
	{ RANGE, NULL, { { "instagram", "50000", "0 %" } }, NULL },
	{ RANGE, NULL, { { "instagram", "4999", "0 %" } },
	  "followers on instagram: 4999 attested, the offer asks for 5000 to 50000; ask the agency to attest newer "
	  "figures" },
	{ RANGE, NULL, { { "instagram", "50001", "0 %" } },
	  "followers on instagram: 50001 attested, the offer asks for 5000 to 50000; ask the agency to attest newer "
	  "figures" },
	{ RANGE, NULL, { { "tiktok", "6000", "0 %" }, { "instagram", "900", "0 %" } },
	  "followers on instagram: 900 attested, the offer asks for 5000 to 50000; ask the agency to attest newer "
	  "figures" },
	{ "followers-from 5000\n", NULL, { { "tiktok", "6000", "0 %" }, { "instagram", "900", "0 %" } }, NULL },
	{ "followers-from 5000\n", NULL, { { "tiktok", "600", "0 %" }, { "instagram", "900", "0 %" } },
	  "followers on instagram: 900 attested, the offer asks for at least 5000; ask the agency to attest newer "
	  "figures" },
	{ "followers-to 5000\n", NULL, { { "tiktok", "6000", "0 %" } },
	  "followers on tiktok: 6000 attested, the offer asks for at most 5000; ask the agency to attest newer figures" },
	{ "engagement-least 1.5 %\n", NULL, { { "tiktok", "0", "1.5 %" } }, NULL },
	{ "engagement-least 1.5 %\n", NULL, { { "tiktok", "0", "1.49 %" } },
	  "engagement on tiktok: 1.49 % attested, the offer asks for at least 1.5 %; ask the agency to attest newer "
	  "figures" },
	/* one platform must have it all: followers of one and engagement of another are nobody's */
	{ "followers-from 5000\nengagement-least 2 %\n", NULL,
	  { { "tiktok", "6000", "1 %" }, { "instagram", "900", "3 %" } },
	  "engagement on tiktok: 1 % attested, the offer asks for at least 2 %; ask the agency to attest newer figures" },
	{ "followers-from 5000\nengagement-least 2 %\n", NULL,
	  { { "tiktok", "6000", "1 %" }, { "instagram", "900", "3 %" }, { "blog", "5000", "2 %" } }, NULL },
	/* too many followers lack more than too little engagement */
	{ "followers-to 5000\nengagement-least 2 %\n", NULL,
	  { { "tiktok", "6000", "9 %" }, { "instagram", "900", "1 %" } },
	  "engagement on instagram: 1 % attested, the offer asks for at least 2 %; ask the agency to attest newer "
	  "figures" },
};

struct notes {
	struct note offer, profile, attests[ATTESTS_MAX];
	char texts[2 + ATTESTS_MAX][SAMPLE_MAX];
	const struct note *list[ATTESTS_MAX];
	struct candidate candidate;
};

static void make_notes(const struct row *row, struct notes *out) {
	make_offer(row->asked, &out->offer, out->texts[0]);
	out->candidate = (struct candidate){ .name = slice_of_text("studio-flow"), .attests = out->list };
	if (row->profile != NULL) {
		make_profile(row->profile, &out->profile, out->texts[1]);
		out->candidate.profile = &out->profile;
	}
	for (size_t i = 0; i < ATTESTS_MAX && row->attests[i][0] != NULL; i++) {
		make_attest(row->attests[i][0], row->attests[i][1], row->attests[i][2], &out->attests[i], out->texts[2 + i]);
		out->list[i] = &out->attests[i];
		out->candidate.attest_count = i + 1;
	}
}

START_TEST(a_creator_fits_or_is_told_why_not) {
	static struct notes notes;
	const struct row *row = &rows[_i];
	struct failure failure = { .code = OK };
	make_notes(row, &notes);
	enum error error = eligibility_check(&notes.offer, &notes.candidate, &failure);
	if (row->reason == NULL) {
		ck_assert_msg(error == OK, "row %d: %s", _i, failure.text);
		return;
	}
	ck_assert_int_eq(error, ERROR_NOT_ELIGIBLE);
	ck_assert_int_eq(failure.code, ERROR_NOT_ELIGIBLE);
	ck_assert_str_eq(failure.text, row->reason);
}
END_TEST

START_TEST(a_long_list_is_cut_between_its_values) {
	static struct notes notes;
	char asked[SAMPLE_MAX] = "";
	for (int i = 0; i < 10; i++) {
		(void)snprintf(asked + strlen(asked), sizeof asked - strlen(asked), "niche niche-with-a-long-name-%d\n", i);
	}
	struct row row = { .asked = asked, .profile = "niche cars\n" };
	struct failure failure = { .code = OK };
	make_notes(&row, &notes);
	ck_assert_int_eq(eligibility_check(&notes.offer, &notes.candidate, &failure), ERROR_NOT_ELIGIBLE);
	ck_assert_ptr_nonnull(strstr(failure.text, "niche-with-a-long-name-3, ...; sign a new profile"));
	ck_assert_ptr_null(strstr(failure.text, "name-4"));
}
END_TEST

/* Lists that just fill the room of a reason, and those that just don't, byte by byte. */
START_TEST(a_list_of_any_length_stays_within_its_room) {
	static struct notes notes;
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
	for (int length = 20; length <= 40; length++) {
		char asked[SAMPLE_MAX] = "", named[SAMPLE_MAX] = "";
		(void)snprintf(asked, sizeof asked, "niche a-%.38s\nniche b-%.38s\nniche c-%.*s\nniche d-%.38s\n", letters,
		               letters, length - 2, letters, letters);
		(void)snprintf(named, sizeof named, "niche e-%.38s\nniche f-%.38s\nniche g-%.*s\nniche h-%.38s\n", letters,
		               letters, length - 2, letters, letters);
		struct row row = { .asked = asked, .profile = named };
		struct failure failure = { .code = OK };
		make_notes(&row, &notes);
		ck_assert_int_eq(eligibility_check(&notes.offer, &notes.candidate, &failure), ERROR_NOT_ELIGIBLE);
		bool whole = 2 * (40 + 2) + length + 6 <= 120; /* two of 40 bytes, this one, and room for what tells of more */
		ck_assert_int_eq(strstr(failure.text, ", c-") != NULL, whole);
		ck_assert_int_eq(strstr(failure.text, ", g-") != NULL, whole);
		ck_assert_ptr_nonnull(strstr(failure.text, ", ..."));
	}
}
END_TEST

START_TEST(followers_are_the_most_on_a_platform_of_the_offer) {
	static const struct {
		struct row row;
		int64_t followers;
	} tiers[] = {
		{ { "", NULL, { { NULL } }, NULL }, 0 },
		{ { "", NULL, { { "tiktok", "70", "1 %" }, { "instagram", "90", "1 %" }, { "blog", "80", "1 %" } }, NULL },
		  90 },
		{ { "platform blog\nplatform tiktok\n", NULL,
		    { { "tiktok", "70", "1 %" }, { "instagram", "90", "1 %" }, { "blog", "80", "1 %" } }, NULL }, 80 },
		{ { "platform youtube\n", NULL, { { "tiktok", "70", "1 %" } }, NULL }, 0 },
	};
	static struct notes notes;
	for (size_t i = 0; i < sizeof tiers / sizeof tiers[0]; i++) {
		make_notes(&tiers[i].row, &notes);
		ck_assert_int_eq(eligibility_followers(&notes.offer, &notes.candidate), tiers[i].followers);
	}
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("eligibility");
	tcase_add_loop_test(tests, a_creator_fits_or_is_told_why_not, 0, ROWS(rows));
	tcase_add_test(tests, a_long_list_is_cut_between_its_values);
	tcase_add_test(tests, a_list_of_any_length_stays_within_its_room);
	tcase_add_test(tests, followers_are_the_most_on_a_platform_of_the_offer);
	Suite *suite = suite_create("rules/eligibility");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

/* Changed terms, and how what differs is shown. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/changed_terms.h"
#include "cli/terms_diff.h"
#include "tests/lib/unit.h"

#define HEAD "agency.example/offer/v1\n" \
	"brand acme-yoga ed25519:1111111111111111111111111111111111111111111111111111111111111111\n"
#define TAIL "slots 3\ncloses 2027-03-31T23:59:59Z\ntime 2026-11-24T10:00:00Z\nnonce 00112233445566778899aabbccddeeff\n"
static const char offer[] = HEAD "compensation paid\nfee 250.00 USD\ndeliverable 1 instagram-reel within 14d\n"
                                 "brief In daylight.\nbrief With the logo.\ndisclosure #ad\nrevisions 2\n"
                                 "pay-within 30d\n" TAIL;

/* ---- differences ---- */

static char *diff(const char *before, const char *after) {
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	ck_assert_ptr_nonnull(out);
	terms_diff_print(out, slice_of_text(before), slice_of_text(after));
	(void)fclose(out);
	return text;
}

static const struct {
	const char *before, *after, *shown;
} differences[] = {
	{ "x/offer/v1\nfee 1.00 USD\n", "x/agreement/v1\noffer a\nfee 1.00 USD\ntime t\n",
	  "  x/agreement/v1\n  offer a\n  fee 1.00 USD\n  time t\n" },
	{ "fee 1.00 USD\n", "fee 2.00 USD\n", "- fee 1.00 USD\n+ fee 2.00 USD\n" },
	{ "fee 1.00 USD\nrevisions 2\n", "fee 1.00 USD\n", "  fee 1.00 USD\n- revisions 2\n" },
	{ "fee 1.00 USD\nrevisions 2\n", "fee 1.00 USD\nnonce a\n", "  fee 1.00 USD\n- revisions 2\n  nonce a\n" },
	{ "brief a\nbrief b\nbrief c\n", "brief a\nbrief c\nbrief d\n", "  brief a\n- brief b\n  brief c\n+ brief d\n" },
	{ "", "law New York\nnonce a\n", "+ law New York\n  nonce a\n" },
	{ "law New York\n", "nonce a\n", "  nonce a\n- law New York\n" },
};

START_TEST(every_term_that_comes_or_goes_is_marked) {
	char *shown = diff(differences[_i].before, differences[_i].after);
	ck_assert_str_eq(shown, differences[_i].shown);
	free(shown);
}
END_TEST

/* ---- changes ---- */

static struct home home;
static struct agreement_head head;

static void set_up(void) {
	home = (struct home){ .name = "studio-flow", .role = ROLE_CREATOR };
	(void)snprintf(home.join.origin, sizeof home.join.origin, "agency.example");
	head = (struct agreement_head){
		.offer = slice_of_text("sha256:2222222222222222222222222222222222222222222222222222222222222222"),
		.brand = slice_of_text("acme-yoga ed25519:1111111111111111111111111111111111111111111111111111111111111111"),
		.creator =
		    slice_of_text("studio-flow ed25519:3333333333333333333333333333333333333333333333333333333333333333"),
	};
}

/* The agreement's text that comes of it, without time and nonce; NULL with the failure. */
static char *change(const struct option_word *items, size_t count, struct failure *failure) {
	struct note base;
	struct option_words words = { .count = count };
	struct buffer out;
	memcpy(words.items, items, count * sizeof items[0]);
	buffer_init(&out, NOTE_TEXT_MAX);
	ck_assert_int_eq(note_parse(slice_of_text(offer), "agency.example", &base, failure), OK);
	enum error error = changed_terms_compose(&home, &base, &head, &words, &out, failure);
	const char *text = buffer_text(&out);
	const char *end = error == OK ? strstr(text, "\ntime ") : NULL;
	char *copy = end == NULL ? NULL : strndup(text, (size_t)(end - text));
	buffer_release(&out);
	return copy;
}

START_TEST(a_set_term_takes_the_place_of_all_its_values_and_the_rest_stays) {
	const struct option_word words[] = { { "set", "brief At night." }, { "set", "fee 300.00 USD" },
		                                 { "without", "revisions" },   { "set", "post-within 3d" } };
	struct failure failure = { .code = OK };
	char *text = change(words, 4, &failure);
	ck_assert_msg(text != NULL, "%s", failure.text);
	ck_assert_str_eq(strstr(text, "compensation"),
	                 "compensation paid\nfee 300.00 USD\ndeliverable 1 instagram-reel within 14d\nbrief At night.\n"
	                 "disclosure #ad\npost-within 3d\npay-within 30d");
	ck_assert_ptr_null(strstr(text, "slots"));
	free(text);
}
END_TEST

static const struct {
	struct option_word word;
	enum error code;
	const char *words;
} refusals[] = {
	{ { "yes", "" }, ERROR_USAGE, "nothing is changed" },
	{ { "set", "slots 5" }, ERROR_USAGE, "\"slots\" is no term" },
	{ { "set", "brand x" }, ERROR_USAGE, "\"brand\" is no term" },
	{ { "without", "fee 250.00 USD" }, ERROR_USAGE, "is no term" },
	{ { "without", "live-for" }, ERROR_USAGE, "--without live-for: the text has no such term" },
	{ { "set", "fee 250.00 USD" }, ERROR_USAGE, "nothing is changed; troth deal accept signs it as it is" },
	{ { "set", "fee" }, ERROR_BAD_VALUE, "--set fee: " },
	{ { "set", "fee 3" }, ERROR_BAD_VALUE, "--set fee: " },
	{ { "set", "brief a\nfee 1.00 USD" }, ERROR_BAD_TEXT, "--set brief: " },
	{ { "without", "fee" }, ERROR_BAD_VALUE, "fee" },
};

START_TEST(what_is_no_change_of_terms_is_refused_with_the_option) {
	struct failure failure = { .code = OK };
	char *text = change(&refusals[_i].word, 1, &failure);
	ck_assert_ptr_null(text);
	ck_assert_msg(refusals[_i].code == ERROR_BAD_VALUE || failure.code == refusals[_i].code, "%s: %s",
	              error_word(failure.code), failure.text);
	ck_assert_msg(strstr(failure.text, refusals[_i].words) != NULL, "%s", failure.text);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("changed terms");
	TCase *tests = tcase_create("terms");
	tcase_add_checked_fixture(tests, set_up, NULL);
	tcase_add_loop_test(tests, every_term_that_comes_or_goes_is_marked, 0,
	                    (int)(sizeof differences / sizeof differences[0]));
	tcase_add_test(tests, a_set_term_takes_the_place_of_all_its_values_and_the_rest_stays);
	tcase_add_loop_test(tests, what_is_no_change_of_terms_is_refused_with_the_option, 0,
	                    (int)(sizeof refusals / sizeof refusals[0]));
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

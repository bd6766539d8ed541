/* Rules across the lines of one note: what goes with what, and what needs what. */
#include "tests/unit/rules_samples.h"

static struct note note;
static struct failure failure;
static char changed[SAMPLE_MAX];

/* Lines that are left out of or put into a note: what is given must fit `compensation`. */
static const struct {
	const char *text;
	unsigned first, count;
	const char *instead;
	enum error error;
	unsigned line;
	const char *says;
} terms[] = {
	{ GIFT, 4, 2, "", ERROR_MISSING_KEY, 3, "compensation gifted needs product" },
	{ GIFT, 5, 1, "", ERROR_MISSING_KEY, 3, "compensation gifted needs product-value" },
	{ GIFT, 6, 0, "fee 1.00 USD\n", ERROR_BAD_VALUE, 6, "fee does not go with compensation gifted" },
	{ GIFT, 6, 0, "agency-fee 1.00 USD\n", ERROR_BAD_VALUE, 6, "agency-fee goes with a fee or commission only" },
	{ GIFT, 8, 0, "pay-within 30d\n", ERROR_BAD_VALUE, 8, "pay-within does not go with compensation gifted" },
	{ PAID, 4, 0, "product Mat\n", ERROR_BAD_VALUE, 4, "product does not go with compensation paid" },
	{ PAID, 4, 0, "product-value 1.00 USD\n", ERROR_BAD_VALUE, 4, "product-value does not go with compensation paid" },
	{ PAID, 4, 1, "", ERROR_MISSING_KEY, 3, "compensation paid needs fee" },
	{ PAID, 4, 1, "agency-fee 1.00 USD\n", ERROR_MISSING_KEY, 3, "compensation paid needs fee" },
	{ PAID, 7, 1, "", ERROR_MISSING_KEY, 3, "compensation paid needs pay-within" },
	{ PAID, 5, 0, "agency-fee 1.00 USD\n", OK, 0, "" },
	{ PAID, 5, 0, "agency-fee 1 JPY\n", ERROR_BAD_VALUE, 5, "agency-fee must be in USD" },
	{ AGREEMENT, 6, 1, "compensation gifted\n", ERROR_BAD_VALUE, 9, "fee does not go with compensation gifted" },
	{ PAID, 4, 1, "fee 1.00 USD\ncommission 10 %\n", ERROR_BAD_VALUE, 5, "commission does not go with" },
	{ PAID, 4, 0, "commission-cap 1.00 USD\n", ERROR_MISPLACED_KEY, 5, "fee must stand before commission-cap" },
	{ WHOLE_OFFER, 5, 1, "compensation paid-and-commission\n", ERROR_BAD_VALUE, 6, "product does not go with" },
	{ WHOLE_OFFER, 9, 1, "", ERROR_MISSING_KEY, 5, "needs fee" },
	{ WHOLE_OFFER, 10, 1, "", ERROR_MISSING_KEY, 5, "needs commission" },
	{ WHOLE_OFFER, 11, 1, "", ERROR_MISSING_KEY, 5, "needs commission-cap" },
	{ WHOLE_OFFER, 13, 1, "", ERROR_BAD_VALUE, 10, "commission needs a deliverable that is posted" },
	{ WHOLE_OFFER, 14, 1, "", OK, 0, "" },
	{ COUNTER, 4, 0, "amends sha256:" HEX_B "\nafter sha256:" HEX_B "\n", ERROR_BAD_VALUE, 4,
	  "a text either replaces a proposal or amends an agreement" },
	{ COUNTER, 4, 0, "after sha256:" HEX_B "\n", ERROR_BAD_VALUE, 4, "amends and after go together" },
	{ AMENDMENT, 3, 1, "", ERROR_BAD_VALUE, 3, "amends and after go together" },
	{ AMENDMENT, 4, 1, "", ERROR_BAD_VALUE, 3, "amends and after go together" },
	{ RULING, 6, 1, "", ERROR_MISSING_KEY, 5, "outcome settle needs creator-share" },
	{ RULING, 5, 1, "outcome resume\n", ERROR_BAD_VALUE, 6, "creator-share does not go with outcome resume" },
	{ RULING, 5, 2, "outcome resume\n", OK, 0, "" },
	{ LAPSE, 2, 0, "offer sha256:" HEX_B "\n", ERROR_BAD_VALUE, 5, "a lapse names an offer, or deal and after" },
	{ LAPSE, 2, 1, "", ERROR_BAD_VALUE, 3, "a lapse names an offer, or deal and after" },
	{ LAPSE, 3, 1, "", ERROR_BAD_VALUE, 3, "a lapse names an offer, or deal and after" },
	{ LAPSE, 2, 2, "", ERROR_BAD_VALUE, 2, "a lapse names an offer, or deal and after" },
	{ ADMIT, 5, 1, "admitter agency ed25519:" HEX_A "\n", ERROR_NOT_ALLOWED, 3, "admits operators only" },
};

START_TEST(what_is_given_fits_what_is_promised) {
	sample_splice(changed, terms[_i].text, terms[_i].first, terms[_i].count, terms[_i].instead);
	failure = (struct failure){ .line = 999 };
	enum error error = note_parse(slice_of_text(changed), ORIGIN, &note, &failure);
	ck_assert_msg(error == terms[_i].error, "%s: %s\n%s", error_word(error), failure.text, changed);
	if (error != OK) {
		ck_assert_msg(failure.line == terms[_i].line, "line %u: %s", failure.line, failure.text);
		ck_assert_msg(strstr(failure.text, terms[_i].says) != NULL, "%s", failure.text);
		ck_assert_int_eq(note_parse(slice_of_text(changed), ORIGIN, &note, NULL), error);
	}
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("terms");
	tcase_add_loop_test(tests, what_is_given_fits_what_is_promised, 0, ROWS(terms));
	Suite *suite = suite_create("rules/terms");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

/* Quotients: exact to their last place, halves up, and not known rather than wrong. */
#include "rules/decimal.h"
#include "tests/lib/unit.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

static const struct {
	int64_t a, b, c, d;
	int places;
	const char *text; /* "" for what is not known */
} quotients[] = {
	{ 1, 1, 1, 1, 0, "1" },
	{ 0, 5, 7, 1, 2, "0.00" },
	{ 1, 1, 2, 1, 0, "1" },
	{ 1, 1, 3, 1, 0, "0" },
	{ 2, 1, 3, 1, 0, "1" },
	{ 1, 1, 8, 1, 2, "0.13" },
	{ 1249, 1, 10000, 1, 2, "0.12" },
	{ 125, 1, 1000, 1, 2, "0.13" },
	{ 3, 1, 2, 1, 1, "1.5" },
	{ 199, 1, 200, 1, 2, "1.00" },
	{ 1, 1, 3, 1, 18, "0.333333333333333333" },
	{ 7, 5, 5, 7, 2, "1.00" },
	{ INT64_MAX, 1, 1, 1, 0, "9223372036854775807" },
	{ INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, 0, "1" },
	{ INT64_MAX, 7, 7, 1, 0, "9223372036854775807" },
	{ INT64_MAX, 1, 10, 1, 1, "922337203685477580.7" },
	{ INT64_MAX, 1, 1, 1, 1, "" },
	{ INT64_MAX, INT64_MAX, 1, 1, 0, "" },
	{ INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, 1, "" },
	{ 1, 1, 0, 1, 2, "" },
	{ 1, 1, 1, 0, 2, "" },
	{ 0, 0, 0, 0, 2, "" },
	{ -1, 1, 1, 1, 2, "" },
	{ 1, -1, 1, 1, 2, "" },
	{ 1, 1, -1, 1, 2, "" },
	{ -1, 1, 1, -1, 2, "" },
};

START_TEST(a_quotient_is_exact_and_rounds_half_up_or_is_not_known) {
	struct decimal decimal = decimal_quotient(quotients[_i].a, quotients[_i].b, quotients[_i].c, quotients[_i].d,
	                                          quotients[_i].places);
	char text[DECIMAL_TEXT_MAX];
	ck_assert_str_eq(decimal_format(&decimal, text), quotients[_i].text);
	ck_assert_int_eq(decimal.known, quotients[_i].text[0] != '\0');
	ck_assert(decimal.known || decimal.digits == 0);
}
END_TEST

START_TEST(decimals_are_written_with_all_their_places) {
	static const struct {
		struct decimal decimal;
		const char *text;
	} cases[] = {
		{ { true, 0, 0 }, "0" },
		{ { true, 0, 4 }, "0.0000" },
		{ { true, 5, 2 }, "0.05" },
		{ { true, -5, 2 }, "-0.05" },
		{ { true, 12345, 2 }, "123.45" },
		{ { true, INT64_MAX, 18 }, "9.223372036854775807" },
		{ { true, INT64_MIN, 18 }, "-9.223372036854775808" },
		{ { false, 17, 2 }, "" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[DECIMAL_TEXT_MAX];
		ck_assert_str_eq(decimal_format(&cases[i].decimal, text), cases[i].text);
	}
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("decimal");
	tcase_add_loop_test(tests, a_quotient_is_exact_and_rounds_half_up_or_is_not_known, 0, ROWS(quotients));
	tcase_add_test(tests, decimals_are_written_with_all_their_places);
	Suite *suite = suite_create("rules/decimal");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

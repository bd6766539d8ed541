/* Amounts: one written form per currency, exact arithmetic, and a reason for everything that is refused. */
#include "rules/money.h"
#include "tests/lib/random.h"
#include "tests/lib/unit.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))
#define AMOUNTS 20000

static struct failure failure;

static const struct {
	const char *text;
	int64_t minor;
	const char *currency;
} accepted[] = {
	{ "0 JPY", 0, "JPY" },
	{ "1 JPY", 1, "JPY" },
	{ "1200 JPY", 1200, "JPY" },
	{ "1000000000000000 JPY", MONEY_MINOR_MAX, "JPY" },
	{ "0.00 USD", 0, "USD" },
	{ "0.01 USD", 1, "USD" },
	{ "0.10 USD", 10, "USD" },
	{ "89.00 USD", 8900, "USD" },
	{ "10.00 EUR", 1000, "EUR" },
	{ "9999999999999.99 USD", MONEY_MINOR_MAX - 1, "USD" },
	{ "10000000000000.00 USD", MONEY_MINOR_MAX, "USD" },
	{ "0.500 KWD", 500, "KWD" },
	{ "0.001 KWD", 1, "KWD" },
	{ "1000000000000.000 KWD", MONEY_MINOR_MAX, "KWD" },
	{ "12.3456 CLF", 123456, "CLF" },
	{ "0.0001 CLF", 1, "CLF" },
	{ "100000000000.0000 CLF", MONEY_MINOR_MAX, "CLF" },
};

START_TEST(an_amount_is_read_in_minor_units_and_written_the_same) {
	struct money money = { .minor = -1 };
	char text[MONEY_TEXT_MAX];
	ck_assert_int_eq(money_parse(slice_of_text(accepted[_i].text), &money, NULL), OK);
	ck_assert_int_eq(money.minor, accepted[_i].minor);
	ck_assert_str_eq(money.currency, accepted[_i].currency);
	ck_assert_str_eq(money_format(&money, text), accepted[_i].text);
}
END_TEST

static const struct {
	const char *text;
	enum error error;
	const char *says; /* a part of the failure's text */
	const char *why;
} refused[] = {
	{ "", ERROR_BAD_VALUE, "needs a currency", "nothing" },
	{ "89.00", ERROR_BAD_VALUE, "needs a currency", "no currency" },
	{ "USD", ERROR_BAD_VALUE, "needs a currency", "no number" },
	{ "89.00USD", ERROR_BAD_VALUE, "needs a currency", "no blank" },
	{ "89.00\tUSD", ERROR_BAD_VALUE, "needs a currency", "a tabulator for the blank" },
	{ "89.00 ", ERROR_BAD_VALUE, "not a currency", "an empty currency" },
	{ " USD", ERROR_BAD_VALUE, "begins with a digit", "an empty number" },
	{ " 89.00 USD", ERROR_BAD_VALUE, "not a currency", "a blank before" },
	{ "89.00 USD ", ERROR_BAD_VALUE, "not a currency", "a blank behind" },
	{ "89.00  USD", ERROR_BAD_VALUE, "not a currency", "two blanks" },
	{ "89.00 usd", ERROR_BAD_VALUE, "\"usd\" is not a currency", "lower case" },
	{ "89.00 Usd", ERROR_BAD_VALUE, "not a currency", "mixed case" },
	{ "89.00 XYZ", ERROR_BAD_VALUE, "\"XYZ\" is not a currency", "no such currency" },
	{ "89.00 US", ERROR_BAD_VALUE, "not a currency", "two letters" },
	{ "89.00 USDT", ERROR_BAD_VALUE, "not a currency", "four letters" },
	{ "89.00 D A", ERROR_BAD_VALUE, "not a currency", "the seam between two codes of the table" },
	{ "1 000.00 USD", ERROR_BAD_VALUE, "not a currency", "grouped by blanks" },
	{ "-1.00 USD", ERROR_BAD_VALUE, "no sign", "a minus" },
	{ "+1.00 USD", ERROR_BAD_VALUE, "no sign", "a plus" },
	{ "-0.00 USD", ERROR_BAD_VALUE, "no sign", "minus nothing" },
	{ "089.00 USD", ERROR_BAD_VALUE, "leading zeros", "a leading zero" },
	{ "00.50 USD", ERROR_BAD_VALUE, "leading zeros", "two zeros" },
	{ "00 JPY", ERROR_BAD_VALUE, "leading zeros", "two zeros without decimals" },
	{ ".50 USD", ERROR_BAD_VALUE, "begins with a digit", "no digit before the point" },
	{ "89. USD", ERROR_BAD_VALUE, "USD has 2 decimals: write it like 12.34 USD", "no digit behind the point" },
	{ "89 USD", ERROR_BAD_VALUE, "USD has 2 decimals: write it like 12.34 USD", "no minor units" },
	{ "89.0 USD", ERROR_BAD_VALUE, "USD has 2 decimals", "one decimal of two" },
	{ "89.001 USD", ERROR_BAD_VALUE, "USD has 2 decimals", "a tenth of a minor unit" },
	{ "89.000 USD", ERROR_BAD_VALUE, "USD has 2 decimals", "more decimals, if only zeros" },
	{ "12.5 JPY", ERROR_BAD_VALUE, "JPY has 0 decimals: write it like 12 JPY", "decimals where there are none" },
	{ "12. JPY", ERROR_BAD_VALUE, "JPY has 0 decimals", "a point where there is none" },
	{ "0.50 KWD", ERROR_BAD_VALUE, "KWD has 3 decimals: write it like 12.345 KWD", "two decimals of three" },
	{ "12.345 CLF", ERROR_BAD_VALUE, "CLF has 4 decimals: write it like 12.3456 CLF", "three decimals of four" },
	{ "1,000.00 USD", ERROR_BAD_VALUE, "digits and one point", "grouped by commas" },
	{ "89,00 EUR", ERROR_BAD_VALUE, "digits and one point", "a comma for the point" },
	{ "1.2.3 USD", ERROR_BAD_VALUE, "digits and one point", "two points" },
	{ "1e3 JPY", ERROR_BAD_VALUE, "digits and one point", "an exponent" },
	{ "0x10 JPY", ERROR_BAD_VALUE, "digits and one point", "hexadecimal" },
	{ "nan USD", ERROR_BAD_VALUE, "begins with a digit", "no number" },
	{ "10000000000000.01 USD", ERROR_OVERFLOW, "too large", "one minor unit too much" },
	{ "1000000000000001 JPY", ERROR_OVERFLOW, "too large", "one too much" },
	{ "9223372036854775808 JPY", ERROR_OVERFLOW, "too large", "past 64 bits" },
	{ "18446744073709551617 JPY", ERROR_OVERFLOW, "too large", "wraps around to 1" },
	{ "99999999999999999999999999999999999999999.99 USD", ERROR_OVERFLOW, "too large", "far past 64 bits" },
};

START_TEST(whatever_is_not_that_form_is_refused_with_the_reason) {
	struct money money = { .minor = -77 };
	enum error error = money_parse(slice_of_text(refused[_i].text), &money, &failure);
	ck_assert_msg(error == refused[_i].error, "%s (%s): %s", refused[_i].text, refused[_i].why, error_word(error));
	ck_assert_msg(strstr(failure.text, refused[_i].says) != NULL, "%s (%s): says \"%s\"", refused[_i].text,
	              refused[_i].why, failure.text);
	ck_assert_msg(money.minor == -77, "a refused amount leaves the result alone");
}
END_TEST

START_TEST(a_currency_has_its_decimals) {
	static const struct {
		const char *code;
		int exponent;
	} cases[] = {
		{ "BIF", 0 }, { "JPY", 0 }, { "XPF", 0 }, { "AED", 2 }, { "EUR", 2 },  { "USD", 2 },  { "ZMW", 2 },
		{ "BHD", 3 }, { "KWD", 3 }, { "TND", 3 }, { "CLF", 4 }, { "UYW", 4 },  { "XYZ", -1 }, { "usd", -1 },
		{ "", -1 },   { "US", -1 }, { "   ", -1 }, { "F C", -1 }, { "USDX", -1 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		ck_assert_msg(currency_exponent(cases[i].code) == cases[i].exponent, "%s", cases[i].code);
	}
}
END_TEST

static const char *const currencies[] = { "JPY", "USD", "KWD", "CLF" };

/* From all magnitudes alike: a random number of random bits. */
static int64_t random_minor(uint32_t *state) {
	uint64_t wide = (uint64_t)random_next(state) << 32 | random_next(state);
	return (int64_t)((wide >> random_next(state) % 64) % (uint64_t)(MONEY_MINOR_MAX + 1));
}

START_TEST(what_is_written_reads_back_as_the_same_amount) {
	uint32_t seed = (uint32_t)(4711 + _i), state = seed;
	for (int i = 0; i < AMOUNTS; i++) {
		struct money money = { .minor = random_minor(&state) }, again;
		memcpy(money.currency, currencies[_i], CURRENCY_SIZE);
		char text[MONEY_TEXT_MAX], text_again[MONEY_TEXT_MAX];
		money_format(&money, text);
		ck_assert_msg(money_parse(slice_of_text(text), &again, &failure) == OK, "seed %u: %s: %s", seed, text,
		              failure.text);
		ck_assert_msg(again.minor == money.minor && money_same_currency(&again, &money), "seed %u: %s", seed, text);
		ck_assert_str_eq(money_format(&again, text_again), text);
	}
}
END_TEST

START_TEST(a_text_has_at_most_one_reading) {
	static const char alphabet[] = "0123456789.,-+ ";
	uint32_t seed = 20261123, state = seed;
	int read = 0;
	for (int i = 0; i < AMOUNTS * 10; i++) {
		char text[16], again[MONEY_TEXT_MAX];
		size_t size = 1 + random_next(&state) % 6;
		for (size_t at = 0; at < size; at++) {
			text[at] = alphabet[random_next(&state) % (sizeof alphabet - 1)];
		}
		memcpy(text + size, " ", 1);
		memcpy(text + size + 1, currencies[random_next(&state) % 4], CURRENCY_SIZE);
		struct money money;
		if (money_parse(slice_of_text(text), &money, NULL) == OK) {
			ck_assert_msg(strcmp(money_format(&money, again), text) == 0, "seed %u: %s, not %s", seed, again, text);
			read++;
		}
	}
	ck_assert_msg(read > 100, "only %d random texts were amounts: the test says little", read);
}
END_TEST

START_TEST(a_balance_below_zero_is_written_with_a_minus) {
	static const struct {
		struct money money;
		const char *text;
	} cases[] = {
		{ { -1, "USD" }, "-0.01 USD" },
		{ { -100, "USD" }, "-1.00 USD" },
		{ { -5, "JPY" }, "-5 JPY" },
		{ { -MONEY_MINOR_MAX, "KWD" }, "-1000000000000.000 KWD" },
		{ { INT64_MAX, "CLF" }, "922337203685477.5807 CLF" },
		{ { -INT64_MAX, "CLF" }, "-922337203685477.5807 CLF" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[MONEY_TEXT_MAX];
		ck_assert_str_eq(money_format(&cases[i].money, text), cases[i].text);
	}
}
END_TEST

#define TOO_LARGE INT64_MIN /* stands for a result that must be refused */

static const struct {
	int64_t a, b, sum;
} sums[] = {
	{ 1, 2, 3 },
	{ 5, -5, 0 },
	{ -MONEY_MINOR_MAX, 0, -MONEY_MINOR_MAX },
	{ MONEY_MINOR_MAX - 1, 1, MONEY_MINOR_MAX },
	{ MONEY_MINOR_MAX, 1, TOO_LARGE },
	{ -MONEY_MINOR_MAX, -1, TOO_LARGE },
	{ MONEY_MINOR_MAX, MONEY_MINOR_MAX, TOO_LARGE },
	{ INT64_MAX, 1, TOO_LARGE },
	{ INT64_MAX, INT64_MAX, TOO_LARGE },
	{ -INT64_MAX, -INT64_MAX, TOO_LARGE },
};

START_TEST(a_sum_is_exact_or_refused) {
	struct money a = { sums[_i].a, "USD" }, b = { sums[_i].b, "USD" }, out = { 42, "EUR" };
	enum error error = money_add(&a, &b, &out, &failure);
	ck_assert_int_eq(error, sums[_i].sum == TOO_LARGE ? ERROR_OVERFLOW : OK);
	ck_assert_int_eq(out.minor, sums[_i].sum == TOO_LARGE ? 42 : sums[_i].sum);
	ck_assert_str_eq(out.currency, error == OK ? "USD" : "EUR");
}
END_TEST

static const struct {
	int64_t minor, factor, product;
} products[] = {
	{ 250, 5, 1250 },
	{ 250, 0, 0 },
	{ -3, 7, -21 },
	{ MONEY_MINOR_MAX, 1, MONEY_MINOR_MAX },
	{ MONEY_MINOR_MAX / 100000, 100000, MONEY_MINOR_MAX },
	{ MONEY_MINOR_MAX / 100000 + 1, 100000, TOO_LARGE },
	{ MONEY_MINOR_MAX, -2, TOO_LARGE },
	{ INT64_C(1) << 32, INT64_C(1) << 32, TOO_LARGE },
	{ INT64_C(1) << 62, 4, TOO_LARGE },
};

START_TEST(a_product_is_exact_or_refused) {
	struct money money = { products[_i].minor, "USD" }, out = { 42, "EUR" };
	enum error error = money_multiply(&money, products[_i].factor, &out, &failure);
	ck_assert_int_eq(error, products[_i].product == TOO_LARGE ? ERROR_OVERFLOW : OK);
	ck_assert_int_eq(out.minor, products[_i].product == TOO_LARGE ? 42 : products[_i].product);
}
END_TEST

START_TEST(the_result_may_be_one_of_the_operands) {
	struct money a = { 100, "USD" };
	ck_assert_int_eq(money_add(&a, &a, &a, NULL), OK);
	ck_assert_int_eq(money_multiply(&a, 3, &a, NULL), OK);
	ck_assert_int_eq(a.minor, 600);
}
END_TEST

START_TEST(two_currencies_do_not_add) {
	struct money a = { 100, "USD" }, b = { 100, "EUR" }, out = { 42, "JPY" };
	ck_assert_int_eq(money_add(&a, &b, &out, &failure), ERROR_BAD_VALUE);
	ck_assert_str_eq(failure.text, "USD and EUR cannot be added");
	ck_assert_int_eq(out.minor, 42);
	ck_assert(!money_same_currency(&a, &b));
}
END_TEST

static const struct {
	int64_t minor;
	size_t count;
	int64_t weights[MONEY_PARTS_MAX], parts[MONEY_PARTS_MAX];
} splits[] = {
	{ 0, 2, { 1, 1 }, { 0, 0 } },
	{ 1, 2, { 1, 1 }, { 1, 0 } }, /* of equal remainders the first */
	{ 1, 2, { 4999, 5001 }, { 0, 1 } },
	{ 2, 3, { 1, 1, 1 }, { 1, 1, 0 } },
	{ 100, 3, { 1, 1, 1 }, { 34, 33, 33 } },
	{ 10, 3, { 1, 2, 3 }, { 2, 3, 5 } }, /* 1.67, 3.33, 5 */
	{ 7, 4, { 0, 1, 0, 1 }, { 0, 4, 0, 3 } }, /* who has no weight gets nothing */
	{ 99999, 2, { 3333, 6667 }, { 33330, 66669 } },
	{ 5, 1, { 1 }, { 5 } },
	{ 3, 8, { 1, 1, 1, 1, 1, 1, 1, 1 }, { 1, 1, 1, 0, 0, 0, 0, 0 } },
	{ 11, 3, { 1, 9999, 0 }, { 0, 11, 0 } },
	{ MONEY_MINOR_MAX, 2, { 9999, 1 }, { INT64_C(999900000000000), INT64_C(100000000000) } },
	{ MONEY_MINOR_MAX - 1, 2, { 5000, 5000 }, { INT64_C(500000000000000), INT64_C(499999999999999) } },
};

START_TEST(a_split_gives_what_is_left_over_to_the_largest_remainders) {
	int64_t parts[MONEY_PARTS_MAX] = { 0 };
	money_split(splits[_i].minor, splits[_i].weights, splits[_i].count, parts);
	for (size_t i = 0; i < splits[_i].count; i++) {
		ck_assert_msg(parts[i] == splits[_i].parts[i], "part %zu is %lld", i, (long long)parts[i]);
	}
}
END_TEST

/* Random weights that are together 1 to 10,000. Returns their sum. */
static int64_t random_weights(uint32_t *state, size_t count, int64_t weights[MONEY_PARTS_MAX]) {
	int64_t whole = 0;
	uint32_t most = random_next(state) % 2 == 0 ? 4 : 10000 / (uint32_t)count + 1;
	for (size_t i = 0; i < count; i++) {
		weights[i] = random_next(state) % most;
		whole += weights[i];
	}
	weights[0] += whole == 0 ? 1 : 0;
	return whole == 0 ? 1 : whole;
}

/* Each part is less than one unit away from its exact share, and no part that was rounded down has a larger remainder
 * (or the same, standing before) than one that was rounded up. The products of 15 and 4 digits fit. */
START_TEST(a_split_adds_up_and_nobody_is_a_unit_off) {
	uint32_t seed = (uint32_t)(99 + _i), state = seed;
	const char *wrong = NULL;
	int64_t weights[MONEY_PARTS_MAX], parts[MONEY_PARTS_MAX], again[MONEY_PARTS_MAX];
	for (int round = 0; round < AMOUNTS && wrong == NULL; round++) {
		size_t count = 1 + random_next(&state) % MONEY_PARTS_MAX;
		int64_t minor = random_next(&state) % 2 == 0 ? random_next(&state) % 100 : random_minor(&state), sum = 0;
		uint64_t whole = (uint64_t)random_weights(&state, count, weights);
		uint64_t remainders[MONEY_PARTS_MAX];
		bool up[MONEY_PARTS_MAX];
		money_split(minor, weights, count, parts);
		money_split(minor, weights, count, again);
		for (size_t i = 0; i < count; i++) {
			uint64_t exact = (uint64_t)minor * (uint64_t)weights[i];
			remainders[i] = exact % whole;
			up[i] = (uint64_t)parts[i] == exact / whole + 1;
			sum += parts[i];
			bool near = (uint64_t)parts[i] == exact / whole || (up[i] && remainders[i] > 0);
			wrong = !near ? "a part is a unit off" : parts[i] != again[i] ? "is not the same again" : wrong;
		}
		for (size_t i = 0; i < count * count; i++) {
			size_t a = i / count, b = i % count;
			bool first = remainders[a] > remainders[b] || (remainders[a] == remainders[b] && a < b);
			wrong = up[b] && !up[a] && first ? "a smaller remainder came first" : wrong;
		}
		wrong = sum != minor ? "does not add up" : wrong;
	}
	ck_assert_msg(wrong == NULL, "seed %u: a split %s", seed, wrong);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("money");
	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, an_amount_is_read_in_minor_units_and_written_the_same, 0, ROWS(accepted));
	tcase_add_loop_test(tests, whatever_is_not_that_form_is_refused_with_the_reason, 0, ROWS(refused));
	tcase_add_test(tests, a_currency_has_its_decimals);
	tcase_add_loop_test(tests, what_is_written_reads_back_as_the_same_amount, 0, ROWS(currencies));
	tcase_add_test(tests, a_text_has_at_most_one_reading);
	tcase_add_test(tests, a_balance_below_zero_is_written_with_a_minus);
	tcase_add_loop_test(tests, a_sum_is_exact_or_refused, 0, ROWS(sums));
	tcase_add_loop_test(tests, a_product_is_exact_or_refused, 0, ROWS(products));
	tcase_add_test(tests, the_result_may_be_one_of_the_operands);
	tcase_add_test(tests, two_currencies_do_not_add);
	tcase_add_loop_test(tests, a_split_gives_what_is_left_over_to_the_largest_remainders, 0, ROWS(splits));
	tcase_add_loop_test(tests, a_split_adds_up_and_nobody_is_a_unit_off, 0, 5);
	Suite *suite = suite_create("rules/money");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

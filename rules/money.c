/* Amounts and the table of currencies (ISO 4217, list one). */
#include "rules/money.h"

#include <assert.h>
#include <stdio.h>

/* One row per number of decimals; codes stand side by side, four bytes each. */
struct currency_row {
	int exponent;
	const char *codes;
};

static const struct currency_row currencies[] = {
	{ 0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF " },
	{ 2, "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP "
	     "CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR "
	     "IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN "
	     "NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP "
	     "STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG " },
	{ 3, "BHD IQD JOD KWD LYD OMR TND " },
	{ 4, "CLF UYW " },
};

static int find_exponent(struct slice code) {
	if (code.size != 3) {
		return -1;
	}
	for (size_t row = 0; row < sizeof currencies / sizeof currencies[0]; row++) {
		for (const char *at = currencies[row].codes; *at != '\0'; at += 4) {
			if (memcmp(at, code.data, 3) == 0) {
				return currencies[row].exponent;
			}
		}
	}
	return -1;
}

int currency_exponent(const char *code) {
	return find_exponent(slice_of_text(code));
}

static bool is_digit(uint8_t byte) {
	return byte >= '0' && byte <= '9';
}

/* Reads digits into *minor until something else comes; returns how many there were. */
static size_t take_digits(struct slice text, size_t at, int64_t *minor) {
	size_t count = 0;
	while (at + count < text.size && is_digit(text.data[at + count])) {
		if (*minor <= MONEY_MINOR_MAX) { /* further digits only say that it is too large */
			*minor = *minor * 10 + (text.data[at + count] - '0');
		}
		count++;
	}
	return count;
}

static enum error refuse_decimals(const char *code, int exponent, struct failure *failure) {
	static const char *const examples[] = { "12", "12.3", "12.34", "12.345", "12.3456" };
	return fail(failure, ERROR_BAD_VALUE, "%s has %d decimals: write it like %s %s", code, exponent, examples[exponent],
	            code);
}

enum error money_parse(struct slice text, struct money *out, struct failure *failure) {
	const uint8_t *space = text.size == 0 ? NULL : memchr(text.data, ' ', text.size);
	if (space == NULL) {
		return fail(failure, ERROR_BAD_VALUE, "an amount needs a currency: write it like 12.34 USD");
	}
	size_t number_size = (size_t)(space - text.data);
	struct slice number = slice_of(text.data, number_size);
	struct slice code = slice_of(space + 1, text.size - number_size - 1);
	int exponent = find_exponent(code);
	if (exponent < 0) {
		return fail(failure, ERROR_BAD_VALUE, "\"%.*s\" is not a currency code of ISO 4217",
		            (int)slice_cut(code, 16).size, (const char *)code.data);
	}
	struct money money = { .minor = 0 };
	memcpy(money.currency, code.data, 3);

	if (number.size > 0 && (number.data[0] == '-' || number.data[0] == '+')) {
		return fail(failure, ERROR_BAD_VALUE, "an amount has no sign");
	}
	size_t whole = take_digits(number, 0, &money.minor);
	if (whole == 0 || (whole > 1 && number.data[0] == '0')) {
		return fail(failure, ERROR_BAD_VALUE, "an amount begins with a digit and has no leading zeros");
	}
	bool has_point = whole < number.size && number.data[whole] == '.';
	size_t decimals = has_point ? take_digits(number, whole + 1, &money.minor) : 0;
	if (whole + (has_point ? 1 : 0) + decimals != number.size) {
		return fail(failure, ERROR_BAD_VALUE, "an amount holds digits and one point only");
	}
	if (decimals != (size_t)exponent || has_point != (exponent > 0)) {
		return refuse_decimals(money.currency, exponent, failure);
	}
	if (money.minor > MONEY_MINOR_MAX) {
		return fail(failure, ERROR_OVERFLOW, "the amount is too large");
	}
	*out = money;
	return OK;
}

const char *money_format(const struct money *money, char out[MONEY_TEXT_MAX]) {
	int exponent = currency_exponent(money->currency);
	assert(exponent >= 0 && money->minor > INT64_MIN);
	char digits[MONEY_TEXT_MAX];
	uint64_t rest = money->minor < 0 ? (uint64_t)-money->minor : (uint64_t)money->minor;
	size_t at = sizeof digits;
	for (int place = 0; place <= exponent || rest > 0; place++) {
		if (place == exponent && exponent > 0) {
			digits[--at] = '.';
		}
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
	}
	(void)snprintf(out, MONEY_TEXT_MAX, "%s%.*s %s", money->minor < 0 ? "-" : "", (int)(sizeof digits - at),
	               digits + at, money->currency);
	return out;
}

bool money_same_currency(const struct money *a, const struct money *b) {
	return memcmp(a->currency, b->currency, CURRENCY_SIZE) == 0;
}

static enum error bounded(int64_t minor, bool overflowed, const struct money *like, struct money *out,
                          struct failure *failure) {
	if (overflowed || minor > MONEY_MINOR_MAX || minor < -MONEY_MINOR_MAX) {
		return fail(failure, ERROR_OVERFLOW, "the amount in %s becomes too large", like->currency);
	}
	struct money result = *like;
	result.minor = minor;
	*out = result;
	return OK;
}

enum error money_add(const struct money *a, const struct money *b, struct money *out, struct failure *failure) {
	if (!money_same_currency(a, b)) {
		return fail(failure, ERROR_BAD_VALUE, "%s and %s cannot be added", a->currency, b->currency);
	}
	int64_t minor = 0;
	bool overflowed = __builtin_add_overflow(a->minor, b->minor, &minor);
	return bounded(minor, overflowed, a, out, failure);
}

enum error money_multiply(const struct money *money, int64_t factor, struct money *out, struct failure *failure) {
	int64_t minor = 0;
	bool overflowed = __builtin_mul_overflow(money->minor, factor, &minor);
	return bounded(minor, overflowed, money, out, failure);
}

void money_split(int64_t minor, const int64_t *weights, size_t count, int64_t *parts) {
	uint64_t remainders[MONEY_PARTS_MAX], whole = 0;
	assert(minor >= 0 && minor <= MONEY_MINOR_MAX && count > 0 && count <= MONEY_PARTS_MAX);
	for (size_t i = 0; i < count; i++) {
		assert(weights[i] >= 0);
		whole += (uint64_t)weights[i];
	}
	assert(whole > 0 && whole <= 10000); /* so that the products below stay under 2^64 */
	int64_t left = minor;
	for (size_t i = 0; i < count; i++) {
		uint64_t product = (uint64_t)minor * (uint64_t)weights[i];
		parts[i] = (int64_t)(product / whole);
		remainders[i] = product % whole;
		left -= parts[i];
	}
	for (; left > 0; left--) {
		size_t largest = 0;
		for (size_t i = 1; i < count; i++) {
			largest = remainders[i] > remainders[largest] ? i : largest;
		}
		parts[largest]++;
		remainders[largest] = 0;
	}
}

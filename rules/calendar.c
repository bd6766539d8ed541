/* Times, lengths of time and plain numbers; see calendar.h. */
#include "rules/calendar.h"

#include <assert.h>

#define DAY 86400
#define HOUR 3600
#define YEAR_FIRST 2000
#define YEAR_LAST 9999

enum error count_parse(struct slice text, int64_t *number, struct failure *failure) {
	if (text.size == 0 || text.size > 18) {
		return fail(failure, ERROR_BAD_VALUE, "needs a whole number of at most 18 digits");
	}
	if (text.size > 1 && text.data[0] == '0') {
		return fail(failure, ERROR_BAD_VALUE, "a number has no leading zeros");
	}
	int64_t value = 0;
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] < '0' || text.data[i] > '9') {
			return fail(failure, ERROR_BAD_VALUE, "needs a whole number, without sign, point or blanks");
		}
		value = value * 10 + (text.data[i] - '0');
	}
	*number = value;
	return OK;
}

enum error duration_parse(struct slice text, int64_t *seconds, struct failure *failure) {
	int64_t count = 0;
	uint8_t unit = text.size == 0 ? 0 : text.data[text.size - 1];
	if ((unit != 'h' && unit != 'd') || count_parse(slice_of(text.data, text.size - 1), &count, NULL) != OK ||
	    count < 1 || count > 9999) {
		return fail(failure, ERROR_BAD_VALUE, "a length of time is written like 72h or 14d");
	}
	*seconds = count * (unit == 'h' ? HOUR : DAY);
	return OK;
}

static bool is_leap(int64_t year) {
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of_month(int64_t year, int64_t month) {
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days from 1970-01-01 to the first of January of a year after it. */
static int64_t days_before_year(int64_t year) {
	int64_t past = year - 1;
	return (year - 1970) * 365 + (past / 4 - past / 100 + past / 400) - (1969 / 4 - 1969 / 100 + 1969 / 400);
}

/* Two or four digits at fixed places; -1 if they are none. */
static int64_t digits(const uint8_t *at, size_t count) {
	int64_t value = 0;
	for (size_t i = 0; i < count; i++) {
		if (at[i] < '0' || at[i] > '9') {
			return -1;
		}
		value = value * 10 + (at[i] - '0');
	}
	return value;
}

enum error time_parse(struct slice text, int64_t *seconds, struct failure *failure) {
	static const char form[] = "....-..-..T..:..:..Z";
	bool good = text.size == sizeof form - 1;
	for (size_t i = 0; good && i < sizeof form - 1; i++) {
		good = form[i] == '.' || form[i] == (char)text.data[i];
	}
	if (!good) {
		return fail(failure, ERROR_BAD_VALUE, "a time is written like 2026-11-23T10:02:11Z (UTC)");
	}
	int64_t year = digits(text.data, 4), month = digits(text.data + 5, 2), day = digits(text.data + 8, 2);
	int64_t hour = digits(text.data + 11, 2), minute = digits(text.data + 14, 2), second = digits(text.data + 17, 2);
	if (year < YEAR_FIRST || year > YEAR_LAST || month < 1 || month > 12 || day < 1 ||
	    day > days_of_month(year, month) || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
	    second > 59) {
		return fail(failure, ERROR_BAD_VALUE, "there is no such time; write it like 2026-11-23T10:02:11Z (UTC)");
	}
	int64_t days = days_before_year(year) + day - 1;
	for (int64_t before = 1; before < month; before++) {
		days += days_of_month(year, before);
	}
	*seconds = days * DAY + hour * HOUR + minute * 60 + second;
	return OK;
}

static void put_digits(char *at, size_t count, int64_t value) {
	for (size_t i = count; i > 0; i--) {
		at[i - 1] = (char)('0' + value % 10);
		value /= 10;
	}
}

const char *time_format(int64_t seconds, char out[TIME_TEXT_SIZE]) {
	assert(seconds >= 0 && seconds < days_before_year(YEAR_LAST + 1) * DAY);
	int64_t days = seconds / DAY, rest = seconds % DAY;
	int64_t year = 1970 + days / 366;
	while (days_before_year(year + 1) <= days) {
		year++;
	}
	days -= days_before_year(year);
	int64_t month = 1;
	while (days >= days_of_month(year, month)) {
		days -= days_of_month(year, month);
		month++;
	}
	memcpy(out, "0000-00-00T00:00:00Z", TIME_TEXT_SIZE);
	put_digits(out, 4, year);
	put_digits(out + 5, 2, month);
	put_digits(out + 8, 2, days + 1);
	put_digits(out + 11, 2, rest / HOUR);
	put_digits(out + 14, 2, rest % HOUR / 60);
	put_digits(out + 17, 2, rest % 60);
	return out;
}

/* Times, lengths of time and counts: one written form each, checked beside the C library's calendar. */
#include <stdio.h>
#include <time.h>

#include "rules/calendar.h"
#include "tests/lib/random.h"
#include "tests/lib/unit.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))
#define FIRST INT64_C(946684800)    /* 2000-01-01T00:00:00Z */
#define LAST INT64_C(253402300799)  /* 9999-12-31T23:59:59Z */
#define UNTOUCHED INT64_C(-77)

static struct failure failure;

static const struct {
	const char *text;
	int64_t seconds;
} times[] = {
	{ "2000-01-01T00:00:00Z", FIRST },
	{ "2000-02-29T23:59:59Z", 951868799 },
	{ "2000-03-01T00:00:00Z", 951868800 },
	{ "2024-02-29T12:00:00Z", 1709208000 },
	{ "2026-11-23T10:02:11Z", 1795428131 },
	{ "2038-01-19T03:14:08Z", INT64_C(2147483648) },
	{ "2100-02-28T23:59:59Z", INT64_C(4107542399) },
	{ "2100-03-01T00:00:00Z", INT64_C(4107542400) },
	{ "2400-02-29T00:00:00Z", INT64_C(13574563200) },
	{ "9999-12-31T23:59:59Z", LAST },
};

START_TEST(a_time_is_seconds_and_is_written_the_same) {
	int64_t seconds = UNTOUCHED;
	char text[TIME_TEXT_SIZE];
	ck_assert_int_eq(time_parse(slice_of_text(times[_i].text), &seconds, NULL), OK);
	ck_assert_int_eq(seconds, times[_i].seconds);
	ck_assert_str_eq(time_format(seconds, text), times[_i].text);
}
END_TEST

START_TEST(a_clock_that_was_never_set_can_be_written_but_not_read) {
	char text[TIME_TEXT_SIZE];
	int64_t seconds = UNTOUCHED;
	ck_assert_str_eq(time_format(0, text), "1970-01-01T00:00:00Z");
	ck_assert_str_eq(time_format(FIRST - 1, text), "1999-12-31T23:59:59Z");
	ck_assert_int_eq(time_parse(slice_of_text(text), &seconds, &failure), ERROR_BAD_VALUE);
}
END_TEST

static const struct {
	const char *text, *why;
} not_times[] = {
	{ "", "nothing" },
	{ "2026-11-23T10:02:11", "no zone" },
	{ "2026-11-23T10:02:11z", "a small z" },
	{ "2026-11-23t10:02:11Z", "a small t" },
	{ "2026-11-23 10:02:11Z", "a blank for the T" },
	{ "2026-11-23T10:02:11+00:00", "a numeric zone" },
	{ "2026-11-23T10:02:11.5Z", "a fraction" },
	{ "2026-11-23T10:02Z", "no seconds" },
	{ "2026-11-23", "a day only" },
	{ " 2026-11-23T10:02:11Z", "a blank before" },
	{ "2026-11-23T10:02:11Z ", "a blank behind" },
	{ "2026-11-23T10:02:1 Z", "a blank for a digit" },
	{ "2026-11-23T10:02:-1Z", "a negative second" },
	{ "+026-11-23T10:02:11Z", "a sign" },
	{ "20260-1-23T10:02:11Z", "a year of five digits" },
	{ "2026-1-23T10:02:011Z", "a month of one digit" },
	{ "2026/11/23T10:02:11Z", "slashes" },
	{ "1999-12-31T23:59:59Z", "before the year 2000" },
	{ "0000-00-00T00:00:00Z", "all zeros" },
	{ "2026-00-01T00:00:00Z", "month 0" },
	{ "2026-13-01T00:00:00Z", "month 13" },
	{ "2026-01-00T00:00:00Z", "day 0" },
	{ "2026-02-29T00:00:00Z", "no leap year" },
	{ "2024-02-30T00:00:00Z", "past the leap day" },
	{ "2100-02-29T00:00:00Z", "a century is no leap year" },
	{ "2026-11-23T24:00:00Z", "hour 24" },
	{ "2026-11-23T10:60:00Z", "minute 60" },
	{ "2026-11-23T10:02:60Z", "second 60" },
	{ "2016-12-31T23:59:60Z", "a leap second that there was" },
};

START_TEST(whatever_is_no_time_is_refused_and_shown_the_form) {
	int64_t seconds = UNTOUCHED;
	enum error error = time_parse(slice_of_text(not_times[_i].text), &seconds, &failure);
	ck_assert_msg(error == ERROR_BAD_VALUE, "%s", not_times[_i].why);
	ck_assert_ptr_nonnull(strstr(failure.text, "2026-11-23T10:02:11Z"));
	ck_assert_int_eq(seconds, UNTOUCHED);
}
END_TEST

START_TEST(every_month_ends_on_its_last_day) {
	static const int years[] = { 2000, 2023, 2024, 2100, 2400, 9999 };
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	for (size_t i = 0; i < sizeof years / sizeof years[0]; i++) {
		for (int month = 1; month <= 12; month++) {
			bool leap = years[i] == 2000 || years[i] == 2024 || years[i] == 2400;
			int last = days[month - 1] + (month == 2 && leap ? 1 : 0);
			for (int day = 1; day <= 32; day++) {
				char text[64];
				int64_t seconds = 0;
				int size = snprintf(text, sizeof text, "%04d-%02d-%02dT00:00:00Z", years[i], month, day);
				enum error error = time_parse(slice_of(text, (size_t)size), &seconds, NULL);
				ck_assert_msg(error == (day <= last ? OK : ERROR_BAD_VALUE), "%s", text);
			}
		}
	}
}
END_TEST

START_TEST(times_are_those_of_the_c_library) {
	uint32_t seed = (uint32_t)(1970 + _i), state = seed;
	for (int i = 0; i < 50000; i++) {
		uint64_t wide = (uint64_t)random_next(&state) << 32 | random_next(&state);
		time_t seconds = (time_t)(FIRST + (int64_t)(wide % (uint64_t)(LAST - FIRST + 1)));
		struct tm tm;
		char expected[64], text[TIME_TEXT_SIZE];
		ck_assert_ptr_nonnull(gmtime_r(&seconds, &tm));
		ck_assert_uint_gt(strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%SZ", &tm), 0);
		ck_assert_msg(strcmp(time_format(seconds, text), expected) == 0, "seed %u: %s, not %s", seed, text, expected);
		int64_t again = UNTOUCHED;
		ck_assert_msg(time_parse(slice_of_text(text), &again, &failure) == OK, "seed %u: %s: %s", seed, text,
		              failure.text);
		ck_assert_msg(again == seconds && again == timegm(&tm), "seed %u: %s", seed, text);
	}
}
END_TEST

START_TEST(consecutive_days_follow_each_other_without_a_gap) {
	char text[TIME_TEXT_SIZE] = "";
	int64_t again = FIRST;
	for (int64_t day = FIRST; day <= LAST && again == day; day += 86400) {
		(void)time_parse(slice_of_text(time_format(day, text)), &again, NULL);
		again += 86400;
	}
	ck_assert_str_eq(text, "9999-12-31T00:00:00Z");
}
END_TEST

static const struct {
	const char *text;
	int64_t seconds;
} lengths[] = {
	{ "1h", 3600 }, { "72h", 259200 }, { "9999h", INT64_C(35996400) },
	{ "1d", 86400 }, { "14d", 1209600 }, { "9999d", INT64_C(863913600) },
};

START_TEST(a_length_of_time_is_hours_or_days) {
	int64_t seconds = UNTOUCHED;
	ck_assert_int_eq(duration_parse(slice_of_text(lengths[_i].text), &seconds, NULL), OK);
	ck_assert_int_eq(seconds, lengths[_i].seconds);
}
END_TEST

static const char *const not_lengths[] = {
	"", "h", "d", "0h", "0d", "00d", "01d", "007h", "10000h", "10000d", "999999999999999999999d", "-1d", "+1d", "1",
	"1m", "1s", "1w", "1D", "1H", "1 d", " 1d", "1d ", "1.5d", "1d12h", "1dd", "d1", "P1D", "one d",
};

START_TEST(whatever_is_no_length_of_time_is_refused) {
	int64_t seconds = UNTOUCHED;
	ck_assert_msg(duration_parse(slice_of_text(not_lengths[_i]), &seconds, &failure) == ERROR_BAD_VALUE, "%s",
	              not_lengths[_i]);
	ck_assert_str_eq(failure.text, "a length of time is written like 72h or 14d");
	ck_assert_int_eq(seconds, UNTOUCHED);
}
END_TEST

START_TEST(a_count_is_a_plain_whole_number) {
	static const struct {
		const char *text;
		int64_t number;
	} cases[] = {
		{ "0", 0 }, { "1", 1 }, { "10", 10 }, { "100000", 100000 },
		{ "999999999999999999", INT64_C(999999999999999999) },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t number = UNTOUCHED;
		ck_assert_int_eq(count_parse(slice_of_text(cases[i].text), &number, NULL), OK);
		ck_assert_int_eq(number, cases[i].number);
	}
}
END_TEST

static const struct {
	const char *text, *says;
} not_counts[] = {
	{ "", "whole number" },       { "00", "leading zeros" }, { "01", "leading zeros" },
	{ "0x1", "leading zeros" },   { "-1", "without sign" },  { "+1", "without sign" },
	{ "1.0", "without sign" },    { "1 ", "blanks" },        { " 1", "blanks" },
	{ "1e3", "whole number" },    { "1,000", "without" },    { "five", "whole number" },
	{ "1000000000000000000", "at most 18 digits" },          { "9223372036854775808", "at most 18 digits" },
	{ "18446744073709551617", "at most 18 digits" },         { "٣", "whole number" },
};

START_TEST(whatever_is_no_count_is_refused_with_the_reason) {
	int64_t number = UNTOUCHED;
	enum error error = count_parse(slice_of_text(not_counts[_i].text), &number, &failure);
	ck_assert_msg(error == ERROR_BAD_VALUE, "%s", not_counts[_i].text);
	ck_assert_msg(strstr(failure.text, not_counts[_i].says) != NULL, "%s: %s", not_counts[_i].text, failure.text);
	ck_assert_int_eq(number, UNTOUCHED);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("calendar");
	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, a_time_is_seconds_and_is_written_the_same, 0, ROWS(times));
	tcase_add_test(tests, a_clock_that_was_never_set_can_be_written_but_not_read);
	tcase_add_loop_test(tests, whatever_is_no_time_is_refused_and_shown_the_form, 0, ROWS(not_times));
	tcase_add_test(tests, every_month_ends_on_its_last_day);
	tcase_add_loop_test(tests, times_are_those_of_the_c_library, 0, 3);
	tcase_add_test(tests, consecutive_days_follow_each_other_without_a_gap);
	tcase_add_loop_test(tests, a_length_of_time_is_hours_or_days, 0, ROWS(lengths));
	tcase_add_loop_test(tests, whatever_is_no_length_of_time_is_refused, 0, ROWS(not_lengths));
	tcase_add_test(tests, a_count_is_a_plain_whole_number);
	tcase_add_loop_test(tests, whatever_is_no_count_is_refused_with_the_reason, 0, ROWS(not_counts));
	Suite *suite = suite_create("rules/calendar");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

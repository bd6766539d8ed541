/* Histograms by powers of two: where a value counts, and which bound a part of the values lies under. */
#include "broker/histogram.h"
#include "tests/lib/unit.h"

static const struct {
	int64_t value;
	int bucket;
} counted[] = {
	{ INT64_MIN, 0 }, { -1, 0 }, { 0, 0 }, { 1, 0 }, { 2, 1 }, { 3, 2 }, { 4, 2 }, { 5, 3 }, { 1024, 10 }, { 1025, 11 },
	{ 1 << 24, 24 }, { (1 << 24) + 1, 25 }, { INT64_MAX, 25 },
};

START_TEST(value_counts_in_the_first_bucket_that_is_large_enough) {
	struct histogram histogram = { .count = 0 };
	histogram_add(&histogram, counted[_i].value);
	for (int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		ck_assert_uint_eq(histogram.buckets[i], i == counted[_i].bucket);
	}
	ck_assert_uint_eq(histogram.count, 1);
	ck_assert_uint_eq(histogram.sum, counted[_i].value < 0 ? 0 : (uint64_t)counted[_i].value);
	ck_assert_int_ge(histogram_bound(counted[_i].bucket), counted[_i].value);
}
END_TEST

START_TEST(bounds_double_and_the_last_one_is_open) {
	for (int i = 1; i < HISTOGRAM_BUCKETS - 1; i++) {
		ck_assert_int_eq(histogram_bound(i), 2 * histogram_bound(i - 1));
	}
	ck_assert_int_eq(histogram_bound(HISTOGRAM_BUCKETS - 1), INT64_MAX);
}
END_TEST

START_TEST(quantile_is_the_bound_of_its_bucket) {
	struct histogram histogram = { .count = 0 };
	ck_assert_int_eq(histogram_quantile(&histogram, 0.5), 0);
	for (int i = 0; i < 90; i++) {
		histogram_add(&histogram, 10);
	}
	for (int i = 0; i < 10; i++) {
		histogram_add(&histogram, 1000);
	}
	ck_assert_int_eq(histogram_quantile(&histogram, 0.5), 16);
	ck_assert_int_eq(histogram_quantile(&histogram, 0.9), 16);
	ck_assert_int_eq(histogram_quantile(&histogram, 0.91), 1024);
	ck_assert_int_eq(histogram_quantile(&histogram, 1.0), 1024);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("broker_histogram");
	TCase *tests = tcase_create("histograms");
	tcase_add_loop_test(tests, value_counts_in_the_first_bucket_that_is_large_enough, 0,
	                    sizeof counted / sizeof counted[0]);
	tcase_add_test(tests, bounds_double_and_the_last_one_is_open);
	tcase_add_test(tests, quantile_is_the_bound_of_its_bucket);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

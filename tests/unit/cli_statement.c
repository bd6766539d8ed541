/* A statement's lines as CSV, and when asking for more of them must end. */
#include <stdio.h>

#include "cli/statement.h"
#include "tests/lib/unit.h"

START_TEST(a_line_of_csv_stands_under_the_heading) {
	struct statement_line line = { .sequence = 7, .line = 2, .account = "creator/ana/paid",
		                           .amount = { .minor = 12345, .currency = "USD" }, .received = 1795000000,
		                           .kind = "pay", .deal = "sha256:d", .campaign = "a, b", .reference = "=1" };
	struct buffer out;
	buffer_init(&out, 1024);
	statement_csv_head(&out);
	statement_csv_line(&out, &line);
	ck_assert_str_eq(buffer_text(&out),
	                 "received,sequence,line,account,amount,currency,kind,note,deal,campaign,reference\r\n"
	                 "2026-11-18T11:06:40Z,7,2,creator/ana/paid,123.45,USD,pay,"
	                 "sha256:0000000000000000000000000000000000000000000000000000000000000000,"
	                 "sha256:d,\"a, b\",'=1\r\n");
	buffer_release(&out);
}
END_TEST

START_TEST(a_page_ends_behind_where_it_began) {
	ck_assert(statement_goes_on(2, 1, 1, 9) && statement_goes_on(2, 2, 2, 1));
	ck_assert(!statement_goes_on(2, 1, 2, 1) && !statement_goes_on(1, 9, 2, 1) && !statement_goes_on(2, 1, 2, 2));
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("statement");
	tcase_add_test(tests, a_line_of_csv_stands_under_the_heading);
	tcase_add_test(tests, a_page_ends_behind_where_it_began);
	Suite *suite = suite_create("cli/statement");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

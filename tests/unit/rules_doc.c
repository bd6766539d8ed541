/* The pages that are printed from tables say what the tables say. `make doc` writes them anew, by TROTH_UPDATE=1. */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "rules/deal.h"
#include "tests/lib/unit.h"

#define PAGE_MAX 65536
#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

static const struct {
	const char *path;
	void (*describe)(struct buffer *out);
} pages[] = {
	{ "doc/notes.md", kinds_describe },
	{ "doc/deals.md", deals_describe },
};

static struct buffer expected, actual;
static struct failure failure;

static void setup(void) {
	buffer_init(&expected, PAGE_MAX);
	buffer_init(&actual, PAGE_MAX);
}

static void teardown(void) {
	buffer_release(&expected);
	buffer_release(&actual);
}

START_TEST(a_page_says_what_its_table_says) {
	const char *path = pages[_i].path;
	pages[_i].describe(&expected);
	ck_assert(buffer_ok(&expected));
	if (getenv("TROTH_UPDATE") != NULL) {
		ck_assert_msg(file_replace(path, buffer_slice(&expected), 0644, &failure) == OK, "%s", failure.text);
	}
	ck_assert_msg(file_read(path, &actual, &failure) == OK, "%s", failure.text);
	ck_assert_msg(slice_equal(buffer_slice(&actual), buffer_slice(&expected)), "%s is stale: run `make doc`", path);
}
END_TEST

START_TEST(every_row_of_the_table_stands_in_the_page_of_deals) {
	deals_describe(&expected);
	const char *at = strstr(buffer_text(&expected), "\n## Table\n");
	size_t count = 0;
	const struct transition *rows = deal_transitions(&count);
	for (size_t i = 0; i < count; i++) {
		char row[64];
		snprintf(row, sizeof row, "\n| %s | %s | ", deal_state_words[rows[i].from], deal_event_words[rows[i].event]);
		at = strstr(at, row);
		ck_assert_msg(at != NULL, "row %zu:%s", i, row);
		at++;
	}
}
END_TEST

START_TEST(the_drawing_leads_to_every_state) {
	deals_describe(&expected);
	const char *drawing = strstr(buffer_text(&expected), "stateDiagram"), *end = strstr(drawing, "```");
	for (size_t state = DEAL_PROPOSED; state < DEAL_STATE_COUNT; state++) {
		char arrow[64];
		snprintf(arrow, sizeof arrow, " --> %s:", deal_state_words[state]);
		const char *at = strstr(drawing, arrow);
		ck_assert_msg(at != NULL && at < end, "no arrow to %s", deal_state_words[state]);
	}
}
END_TEST

START_TEST(every_key_of_every_kind_is_in_the_reference) {
	kinds_describe(&expected);
	const char *page = buffer_text(&expected);
	for (size_t id = 0; id < KIND_COUNT; id++) {
		const struct kind *kind = kind_get((enum kind_id)id);
		char title[64], row[64];
		snprintf(title, sizeof title, "\n## %s/v%u\n", kind->name, kind->version);
		const char *section = strstr(page, title);
		ck_assert_msg(section != NULL, "%s", kind->name);
		const char *next = strstr(section + 1, "\n## ");
		size_t count = kind_field_count(kind);
		for (size_t i = 0; i < count; i++) {
			snprintf(row, sizeof row, "\n| `%s` | ", kind_field(kind, i)->key);
			const char *at = strstr(section, row);
			ck_assert_msg(at != NULL && (next == NULL || at < next), "%s of %s", kind_field(kind, i)->key, kind->name);
		}
		ck_assert_ptr_null(kind_field(kind, count));
	}
}
END_TEST

START_TEST(a_kind_and_a_field_are_found_by_name_only) {
	size_t index = 77;
	const struct kind *offer = kind_find(slice_of_text("offer"));
	ck_assert_ptr_eq(offer, kind_get(KIND_OFFER));
	ck_assert_ptr_null(kind_find(slice_of_text("offers")));
	ck_assert_ptr_null(kind_find(slice_of_text("")));
	ck_assert_str_eq(kind_find_field(offer, slice_of_text("fee"), &index)->key, "fee");
	ck_assert_ptr_eq(kind_field(offer, index), kind_find_field(offer, slice_of_text("fee"), NULL));
	ck_assert_ptr_null(kind_find_field(offer, slice_of_text("creator"), &index));
	ck_assert_ptr_null(kind_find_field(offer, slice_of_text("fe"), &index));
}
END_TEST

START_TEST(the_example_of_each_field_is_a_value_that_it_takes) {
	for (size_t id = 0; id < KIND_COUNT; id++) {
		const struct kind *kind = kind_get((enum kind_id)id);
		for (size_t i = 0; i < kind_field_count(kind); i++) {
			const struct field *field = kind_field(kind, i);
			struct value value;
			ck_assert_msg(field->source == FIELD_FROM_PROGRAM || field->example != NULL, "%s lacks one", field->key);
			if (field->example != NULL) {
				ck_assert_msg(value_parse(field, slice_of_text(field->example), &value, &failure) == OK, "%s: %s",
				              field->key, failure.text);
			}
		}
	}
}
END_TEST

START_TEST(a_field_is_described_with_its_limits_and_an_example) {
	static const struct {
		const char *key, *line;
	} cases[] = {
		{ "fee", "amount of money, such as 250.00 USD" },
		{ "slots", "whole number from 1 to 100000, such as 5" },
		{ "disclosure", "one line of text, at most 60 bytes, such as #ad" },
		{ "compensation", "one of gifted, paid, gifted-and-paid, commission, gifted-and-commission, "
		                  "paid-and-commission, gifted-paid-and-commission" },
		{ "nonce", "32 random hex digits" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		buffer_clear(&actual);
		field_describe(kind_find_field(kind_get(KIND_OFFER), slice_of_text(cases[i].key), NULL), &actual);
		ck_assert_str_eq(buffer_text(&actual), cases[i].line);
	}
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("kinds");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, a_page_says_what_its_table_says, 0, ROWS(pages));
	tcase_add_test(tests, every_row_of_the_table_stands_in_the_page_of_deals);
	tcase_add_test(tests, the_drawing_leads_to_every_state);
	tcase_add_test(tests, every_key_of_every_kind_is_in_the_reference);
	tcase_add_test(tests, a_kind_and_a_field_are_found_by_name_only);
	tcase_add_test(tests, the_example_of_each_field_is_a_value_that_it_takes);
	tcase_add_test(tests, a_field_is_described_with_its_limits_and_an_example);
	Suite *suite = suite_create("rules/doc");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}

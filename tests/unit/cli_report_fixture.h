/* A campaign to report on, and the report of it as text. */
#ifndef TROTH_TESTS_UNIT_CLI_REPORT_FIXTURE_H
#define TROTH_TESTS_UNIT_CLI_REPORT_FIXTURE_H

#include "cli/report_write.h"
#include "tests/lib/unit.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* A post whose engagements are known, for a fee. */
#define ENGAGED(count, fee) .posts = 1, .engaged_posts = 1, .engagements = count, .fees = fee, .engaged_cost = fee

static const struct report_meta meta = { "acme-yoga", "agency.example", "2027-07-01T09:00:00Z",
	                                { 9000, 90000, 400000, 900000 } };

/* Micro: 89.00 USD for 1000 engagements; macro: 302.60 USD for 1000. */
static const struct report_row campaign[] = {
	{ "Spring 2027", TIER_MACRO, "USD",
	  { .agreements = 1, .posts = 1, .followers = 600000, .impressions = 40000, .engagements = 1000, .fees = 30260,
	    .seen_posts = 1, .seen_cost = 30260, .engaged_posts = 1, .engaged_cost = 30260, .rated_posts = 1,
	    .rated_followers = 600000, .rated_engagements = 1000 } },
	{ "Spring 2027", TIER_UNKNOWN, "USD", { .offers = 7 } },
	{ "Spring 2027", TIER_MICRO, "USD",
	  { .agreements = 4, .ended_early = 1, .posts = 3, .followers = 41667, .reach = 9000, .impressions = 10000,
	    .engagements = 1000, .fees = 5000, .product_value = 3000, .agency_fees = 900, .reached_posts = 3,
	    .seen_posts = 3, .seen_cost = 8900, .engaged_posts = 3, .engaged_cost = 8900, .rated_posts = 3,
	    .rated_followers = 41667, .rated_engagements = 1000 } },
};
#define CAMPAIGN ((size_t)ROWS(campaign))

static struct buffer out;
static struct failure failure;

static inline void set_up(void) {
	buffer_init(&out, REPORT_OUTPUT_MAX);
}

static inline void tear_down(void) {
	buffer_release(&out);
}

static inline const char *written(enum report_format format, const struct report_row *rows, size_t count) {
	buffer_clear(&out);
	ck_assert_msg(report_write(format, rows, count, &meta, &out, &failure) == OK, "%s", failure.text);
	return buffer_text(&out);
}

static inline void has(const char *text, const char *part) {
	ck_assert_msg(strstr(text, part) != NULL, "\"%s\" is not in:\n%.2000s", part, text);
}

static inline void lacks(const char *text, const char *part) {
	ck_assert_msg(strstr(text, part) == NULL, "\"%s\" is in:\n%.2000s", part, text);
}

#endif

/* What all forms of a report have in common: its columns, in one table, and how a row fills them. */
#ifndef TROTH_CLI_REPORT_CELLS_H
#define TROTH_CLI_REPORT_CELLS_H

#include "base/buffer.h"
#include "rules/report.h"

/* What stands above a report. All texts are borrowed and may come from outside. */
struct report_meta {
	const char *brand;
	const char *origin; /* the agency's */
	const char *time;   /* as of when, as people and machines read it */
	struct tier_bounds tiers; /* that hold there now: a deal keeps the tier that it was agreed in */
};

/* A report that is ready to be written: groups by campaign and currency; and over all campaigns, one group per
 * currency that several of them have. Everything is borrowed. */
struct report {
	const struct report_meta *meta;
	const struct report_group *groups, *across;
	size_t group_count, across_count;
};

enum report_unit { UNIT_COUNT, UNIT_MONEY, UNIT_PERCENT };

struct report_column {
	const char *key;   /* for machines */
	const char *title; /* for a narrow table; NULL where that has no room for it */
	const char *label; /* for a wide one, likewise */
	enum report_unit unit;
	struct decimal (*value)(const struct report_row *row, size_t offset);
	size_t offset; /* in struct measures, for columns that show one of them */
};

enum report_column_at {
	COLUMN_OFFERS,
	COLUMN_AGREEMENTS,
	COLUMN_ENDED_EARLY,
	COLUMN_POSTS,
	COLUMN_FOLLOWERS,
	COLUMN_REACH,
	COLUMN_IMPRESSIONS,
	COLUMN_ENGAGEMENTS,
	COLUMN_FEES,
	COLUMN_PRODUCT_VALUE,
	COLUMN_AGENCY_FEES,
	COLUMN_COST,
	COLUMN_REACHED_POSTS,
	COLUMN_SEEN_POSTS,
	COLUMN_SEEN_COST,
	COLUMN_ENGAGED_POSTS,
	COLUMN_ENGAGED_COST,
	COLUMN_RATED_POSTS,
	COLUMN_RATED_FOLLOWERS,
	COLUMN_RATED_ENGAGEMENTS,
	COLUMN_ENGAGEMENT_RATE,
	COLUMN_COST_PER_ENGAGEMENT,
	COLUMN_COST_PER_MILLE,
	REPORT_COLUMN_COUNT,
};

extern const struct report_column report_columns[REPORT_COLUMN_COUNT];

/* The value alone, such as "89.00"; empty where it is not known. Returns `out`. */
const char *report_number(const struct report_row *row, enum report_column_at column, char out[DECIMAL_TEXT_MAX]);

/* The value with its unit, such as "89.00 USD" or "2.40 %"; "not known" where it is not. Returns `out`. */
#define REPORT_CELL_MAX (DECIMAL_TEXT_MAX + 8)
const char *report_cell(const struct report_row *row, enum report_column_at column, char out[REPORT_CELL_MAX]);

/* "Spring 2027, USD", with what harms a terminal shown as question marks. The group of all campaigns says so. */
void report_heading(const struct report *report, const struct report_group *group, struct buffer *out);

/* The row of the tier that brought the most engagements for its cost; NULL unless two tiers at least can be compared.
 * Creators of no known tier are left out. */
const struct report_row *report_most_efficient(const struct report_group *group);

/* "of 3 posts, reach is known of 2, …". False, with nothing appended, where everything is known of every post. */
bool report_coverage(const struct report_row *total, struct buffer *out);

/* Explains the row of the tier unknown where it has offers and nothing that was agreed. */
bool report_has_offers_only(const struct report_group *group);
extern const char *const report_offers_text;

/* "micro is 3.40 times as efficient per engagement as macro". False, with nothing appended, where that is not known or
 * where both are the same. */
bool report_sentence(const struct report_row *best, const struct report_row *other, struct buffer *out);

/* The formulas and their version, as one paragraph. */
extern const char *const report_formulas_text;

#endif

/* Reports as text; see report_text.h. */
#include "cli/report_text.h"

#include "cli/listing.h"
#include "cli/tiers.h"

#define GAP "  "
#define TIER_WIDTH 7 /* of the longest word for a tier */

static const char *cell_of(const struct report_row *row, enum report_column_at column, char out[DECIMAL_TEXT_MAX]) {
	const char *number = report_number(row, column, out);
	return number[0] == '\0' ? "-" : number;
}

static void append_row(const struct report_row *row, const char *label, const size_t *widths, struct buffer *out) {
	char cell[DECIMAL_TEXT_MAX];
	(void)buffer_format(out, "%-*s", TIER_WIDTH, label);
	for (int column = 0; column < REPORT_COLUMN_COUNT; column++) {
		if (report_columns[column].title != NULL) {
			(void)buffer_format(out, GAP "%*s", (int)widths[column], cell_of(row, column, cell));
		}
	}
	(void)buffer_append_text(out, "\n");
}

static void widen(size_t *width, const char *cell) {
	size_t own = strlen(cell);
	*width = own > *width ? own : *width;
}

static void append_table(const struct report_group *group, struct buffer *out) {
	size_t widths[REPORT_COLUMN_COUNT] = { 0 };
	char cell[DECIMAL_TEXT_MAX];
	(void)buffer_format(out, "%-*s", TIER_WIDTH, "tier");
	for (int column = 0; column < REPORT_COLUMN_COUNT; column++) {
		if (report_columns[column].title == NULL) {
			continue;
		}
		widen(&widths[column], report_columns[column].title);
		widen(&widths[column], cell_of(&group->total, column, cell));
		for (size_t i = 0; i < group->count; i++) {
			widen(&widths[column], cell_of(&group->rows[i], column, cell));
		}
		(void)buffer_format(out, GAP "%*s", (int)widths[column], report_columns[column].title);
	}
	(void)buffer_append_text(out, "\n");
	for (size_t i = 0; i < group->count; i++) {
		append_row(&group->rows[i], tier_words[group->rows[i].tier], widths, out);
	}
	append_row(&group->total, "all", widths, out);
}

static void append_group(const struct report *report, const struct report_group *group, struct buffer *out) {
	const struct report_row *best = report_most_efficient(group);
	report_heading(report, group, out);
	(void)buffer_append_text(out, "\n");
	append_table(group, out);
	if (report_coverage(&group->total, out)) {
		(void)buffer_append_text(out, "\n");
	}
	if (report_has_offers_only(group)) {
		(void)buffer_format(out, "%s\n", report_offers_text);
	}
	for (size_t i = 0; best != NULL && i < group->count; i++) {
		if (report_sentence(best, &group->rows[i], out)) {
			(void)buffer_append_text(out, "\n");
		}
	}
	(void)buffer_append_text(out, "\n");
}

void report_text(const struct report *report, struct buffer *out) {
	const struct report_meta *meta = report->meta;
	(void)buffer_append_text(out, "Report for ");
	listing_append_visible(out, slice_of_text(meta->brand));
	(void)buffer_append_text(out, " at ");
	listing_append_visible(out, slice_of_text(meta->origin));
	(void)buffer_append_text(out, ", ");
	listing_append_visible(out, slice_of_text(meta->time));
	(void)buffer_append_text(out, "\n\n");
	for (size_t i = 0; i < report->group_count; i++) {
		append_group(report, &report->groups[i], out);
	}
	for (size_t i = 0; i < report->across_count; i++) {
		append_group(report, &report->across[i], out);
	}
	if (report->group_count == 0) {
		(void)buffer_append_text(out, "There is nothing to report yet: no offer was made.\n\n");
	}
	(void)buffer_format(out, "%s\n", report_formulas_text);
	tiers_append(out, &meta->tiers);
	(void)buffer_append_text(out, "\n");
}

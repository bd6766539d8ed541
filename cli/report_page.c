/* Reports as a page; see report_page.h. */
#include "cli/report_page.h"

#include <stdio.h>

#include "cli/markup.h"
#include "cli/report_plot.h"
#include "cli/tiers.h"
#include "crypto/keys.h"

#define HEADING_MAX 256

static const char style[] =
    "\n:root { color-scheme: light dark; --ink: #1d2530; --soft: #5a6675; --line: #cfd6de; --page: #ffffff;"
    " --part0: #1f6f9f; --part1: #e0982f; --part2: #8a4fa3; --whole: #8894a2; }\n"
    "@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf1; --soft: #a3afbd; --line: #3a4552; --page: #14191f;"
    " --part0: #58a9d8; --part1: #f0b45a; --part2: #bf8ad6; --whole: #6d7a89; } }\n"
    "body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 76rem;"
    " margin: 2rem auto; padding: 0 1rem; }\n"
    "h1 { font-size: 1.7rem; margin: 0; }\nh2 { font-size: 1.3rem; margin: 2.5rem 0 0.5rem; }\n"
    "header p, footer, caption { color: var(--soft); }\nfooter { margin-top: 3rem; font-size: 0.85rem; }\n"
    "section { border-top: 1px solid var(--line); }\n"
    "dl { display: flex; flex-wrap: wrap; gap: 0.5rem 2rem; margin: 0 0 1rem; }\ndt { color: var(--soft);"
    " font-size: 0.85rem; }\ndd { margin: 0; font-size: 1.2rem; font-variant-numeric: tabular-nums; }\n"
    ".plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr));"
    " gap: 1.5rem; }\n"
    "figure { margin: 0; }\nfigcaption { font-weight: 600; }\nsvg { width: 100%; height: auto; overflow: visible; }\n"
    "svg text { font: 13px system-ui, sans-serif; fill: var(--ink); }\nsvg .label { text-anchor: end; }\n"
    ".axis { stroke: var(--soft); }\n.part0 { fill: var(--part0); }\n.part1 { fill: var(--part1); }\n"
    ".part2 { fill: var(--part2); }\n.whole { fill: var(--whole); }\n"
    ".wide { overflow-x: auto; }\ntable { border-collapse: collapse; font-size: 0.85rem; margin: 0.5rem 0;"
    " font-variant-numeric: tabular-nums; }\ncaption { text-align: left; }\n"
    "th, td { padding: 0.15rem 0.6rem; text-align: right; border-bottom: 1px solid var(--line);"
    " white-space: nowrap; }\n"
    "th:first-child { text-align: left; padding-left: 0; }\n.total th, .total td { font-weight: 600; }\n"
    "@media print { body { font-size: 10pt; margin: 0; max-width: none; color: #000; background: #fff; }\n"
    ":root { --ink: #000; --soft: #444; --line: #999; --page: #fff; --part0: #1f6f9f; --part1: #e0982f;"
    " --part2: #8a4fa3; --whole: #8894a2; }\nsvg { print-color-adjust: exact; -webkit-print-color-adjust: exact; }\n"
    "figure, table, dl { break-inside: avoid; }\nh2 { break-after: avoid; }\nnav { display: none; }\n"
    ".wide { overflow: visible; }\n.wide table { font-size: 7pt; }\n.wide th, .wide td"
    " { padding: 0.1rem 0.25rem; } }\n";

/* ---- the whole ---- */

static void append_head(const struct report_meta *meta, struct buffer *out) {
	uint8_t hash[HASH_SIZE];
	hash_sha256(slice_of_text(style), hash);
	(void)buffer_append_text(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
	                         "<meta http-equiv=\"Content-Security-Policy\" "
	                         "content=\"default-src 'none'; style-src 'sha256-");
	(void)base64_encode(slice_of(hash, sizeof hash), out);
	(void)buffer_append_text(out, "'; base-uri 'none'; form-action 'none'\"/>\n"
	                         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
	                         "<meta name=\"referrer\" content=\"no-referrer\"/>\n<title>Report for ");
	markup_append(out, meta->brand);
	(void)buffer_append_text(out, "</title>\n<style>");
	(void)buffer_append_text(out, style);
	(void)buffer_append_text(out, "</style>\n</head>\n<body>\n<header>\n<h1>Report for ");
	markup_append(out, meta->brand);
	(void)buffer_append_text(out, "</h1>\n<p>");
	markup_append(out, meta->origin);
	(void)buffer_append_text(out, ", as of ");
	markup_append(out, meta->time);
	(void)buffer_append_text(out, "</p>\n</header>\n");
}

static void append_heading(const struct report *report, const struct report_group *group, struct buffer *out) {
	struct buffer heading;
	buffer_init(&heading, HEADING_MAX);
	report_heading(report, group, &heading);
	const char *text = buffer_text(&heading);
	markup_append(out, text == NULL ? "" : text);
	buffer_release(&heading);
}

/* ---- plots ---- */

/* Offers that nobody has agreed to yet have no tier and nothing to draw. */
static bool is_drawn(const struct report_row *row) {
	return row->tier != TIER_UNKNOWN || row->measures.agreements > 0;
}

/* Fills the bars of one quantity: its numbers have the same places in all rows, so their digits can be compared. */
static void fill_bar(struct plot_bar *bar, const struct report_row *row, enum report_column_at column, bool is_total) {
	struct decimal value = report_columns[column].value(row, report_columns[column].offset);
	*bar = (struct plot_bar){ .label = is_total ? "all" : tier_words[row->tier], .known = value.known,
	                          .is_total = is_total, .parts = { value.digits } };
	(void)report_cell(row, column, bar->text);
}

static void fill_cost_bar(struct plot_bar *bar, const struct report_row *row) {
	static const enum report_column_at parts[] = { COLUMN_FEES, COLUMN_PRODUCT_VALUE, COLUMN_AGENCY_FEES };
	const struct measures *measures = &row->measures;
	*bar = (struct plot_bar){ .label = tier_words[row->tier], .known = row->currency[0] != '\0',
	                          .parts = { measures->fees, measures->product_value, measures->agency_fees } };
	for (size_t part = 0; part < PLOT_PARTS_MAX; part++) {
		(void)report_cell(row, parts[part], bar->part_texts[part]);
	}
	(void)report_cell(row, COLUMN_COST, bar->text);
}
_Static_assert(REPORT_CELL_MAX <= PLOT_TEXT_MAX, "a cell fits into a bar's text");

static void append_quantity(const struct report_group *group, unsigned number, enum report_column_at column,
                            const char *title, const char *description, struct buffer *out) {
	struct plot_bar bars[TIER_COUNT + 1];
	size_t count = 0;
	for (size_t i = 0; i < group->count; i++) {
		if (is_drawn(&group->rows[i])) {
			fill_bar(&bars[count++], &group->rows[i], column, false);
		}
	}
	fill_bar(&bars[count++], &group->total, column, true);
	struct plot plot = { .number = number, .title = title, .description = description,
	                     .quantity = report_columns[column].label, .part_count = 1, .bars = bars, .count = count };
	plot_append(out, &plot);
}

static void append_costs(const struct report_group *group, unsigned number, struct buffer *out) {
	struct plot_bar bars[TIER_COUNT];
	size_t count = 0;
	for (size_t i = 0; i < group->count; i++) {
		if (is_drawn(&group->rows[i])) {
			fill_cost_bar(&bars[count++], &group->rows[i]);
		}
	}
	struct plot plot = { .number = number, .title = "Parts of the cost by tier",
	                     .description = "One bar per tier, made of fees, value of products, and agency fees. "
	                                    "The table below has the same numbers.",
	                     .quantity = "cost", .parts = { "fees", "product", "agency fees" }, .part_count = 3,
	                     .bars = bars, .count = count };
	plot_append(out, &plot);
}

static void append_plots(const struct report_group *group, unsigned number, struct buffer *out) {
	(void)buffer_append_text(out, "<div class=\"plots\">\n");
	append_quantity(group, number, COLUMN_COST_PER_ENGAGEMENT, "Cost per engagement by tier",
	                "One bar per tier and one for all; a shorter bar is more efficient. "
	                "The table below has the same numbers.", out);
	append_quantity(group, number + 1, COLUMN_ENGAGEMENT_RATE, "Engagement rate by tier",
	                "One bar per tier and one for all: engagements in percent of followers. "
	                "The table below has the same numbers.", out);
	append_costs(group, number + 2, out);
	(void)buffer_append_text(out, "</div>\n");
}

/* ---- tables ---- */

static void append_summary(const struct report_row *total, struct buffer *out) {
	static const enum report_column_at columns[] = {
		COLUMN_AGREEMENTS, COLUMN_POSTS, COLUMN_COST, COLUMN_ENGAGEMENTS, COLUMN_ENGAGEMENT_RATE,
		COLUMN_COST_PER_ENGAGEMENT, COLUMN_COST_PER_MILLE,
	};
	char cell[REPORT_CELL_MAX];
	(void)buffer_append_text(out, "<dl>");
	for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
		(void)buffer_format(out, "<div><dt>%s</dt><dd>%s</dd></div>\n", report_columns[columns[i]].label,
		                    report_cell(total, columns[i], cell));
	}
	(void)buffer_append_text(out, "</dl>\n");
}

static void append_row(const struct report_row *row, bool is_total, struct buffer *out) {
	char cell[REPORT_CELL_MAX];
	(void)buffer_format(out, "<tr%s><th scope=\"row\">%s</th>", is_total ? " class=\"total\"" : "",
	                    is_total ? "all" : tier_words[row->tier]);
	for (int column = 0; column < REPORT_COLUMN_COUNT; column++) {
		if (report_columns[column].label != NULL) {
			(void)buffer_format(out, "<td>%s</td>", report_cell(row, column, cell));
		}
	}
	(void)buffer_append_text(out, "</tr>\n");
}

static void append_measures(const struct report_group *group, struct buffer *out) {
	(void)buffer_append_text(out, "<div class=\"wide\"><table><caption>All measures by tier</caption>\n"
	                         "<thead><tr><th scope=\"col\">tier</th>");
	for (int column = 0; column < REPORT_COLUMN_COUNT; column++) {
		if (report_columns[column].label != NULL) {
			(void)buffer_format(out, "<th scope=\"col\">%s</th>", report_columns[column].label);
		}
	}
	(void)buffer_append_text(out, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < group->count; i++) {
		append_row(&group->rows[i], false, out);
	}
	append_row(&group->total, true, out);
	(void)buffer_append_text(out, "</tbody></table></div>\n");
}

static void append_coverage(const struct report_row *total, struct buffer *out) {
	struct buffer sentence;
	buffer_init(&sentence, HEADING_MAX);
	if (report_coverage(total, &sentence)) {
		(void)buffer_append_text(out, "<p>");
		(void)buffer_append_slice(out, buffer_slice(&sentence));
		(void)buffer_append_text(out, "</p>\n");
	}
	buffer_release(&sentence);
}

static void append_sentences(const struct report_group *group, struct buffer *out) {
	const struct report_row *best = report_most_efficient(group);
	if (best == NULL) {
		(void)buffer_append_text(out, "<p>Efficiency of tiers cannot be compared yet: that takes engagements and a "
		                         "cost in two tiers.</p>\n");
		return;
	}
	(void)buffer_append_text(out, "<ul>\n");
	for (size_t i = 0; i < group->count; i++) {
		struct buffer sentence;
		buffer_init(&sentence, HEADING_MAX);
		if (report_sentence(best, &group->rows[i], &sentence)) {
			(void)buffer_append_text(out, "<li>");
			(void)buffer_append_slice(out, buffer_slice(&sentence));
			(void)buffer_append_text(out, "</li>\n");
		}
		buffer_release(&sentence);
	}
	(void)buffer_append_text(out, "</ul>\n");
}

static void append_section(const struct report *report, const struct report_group *group, unsigned number,
                           struct buffer *out) {
	(void)buffer_format(out, "<section id=\"part%u\">\n<h2>", number);
	append_heading(report, group, out);
	(void)buffer_append_text(out, "</h2>\n");
	append_summary(&group->total, out);
	append_coverage(&group->total, out);
	if (report_has_offers_only(group)) {
		(void)buffer_format(out, "<p>%s</p>\n", report_offers_text);
	}
	append_sentences(group, out);
	append_plots(group, number * 3, out);
	append_measures(group, out);
	(void)buffer_append_text(out, "</section>\n");
}

static const struct report_group *group_at(const struct report *report, size_t at) {
	return at < report->across_count ? &report->across[at] : &report->groups[at - report->across_count];
}

static void append_contents(const struct report *report, size_t count, struct buffer *out) {
	(void)buffer_append_text(out, "<nav><ul>\n");
	for (size_t i = 0; i < count; i++) {
		(void)buffer_format(out, "<li><a href=\"#part%zu\">", i);
		append_heading(report, group_at(report, i), out);
		(void)buffer_append_text(out, "</a></li>\n");
	}
	(void)buffer_append_text(out, "</ul></nav>\n");
}

void report_page(const struct report *report, struct buffer *out) {
	size_t count = report->across_count + report->group_count;
	append_head(report->meta, out);
	if (count > 1) {
		append_contents(report, count, out);
	}
	(void)buffer_append_text(out, "<main>\n");
	for (size_t i = 0; i < count && buffer_ok(out); i++) {
		append_section(report, group_at(report, i), (unsigned)i, out);
	}
	if (count == 0) {
		(void)buffer_append_text(out, "<p>There is nothing to report yet: no offer was made.</p>\n");
	}
	(void)buffer_append_text(out, "</main>\n<footer><p>");
	(void)buffer_format(out, "%s ", report_formulas_text);
	tiers_append(out, &report->meta->tiers);
	(void)buffer_append_text(out, "</p></footer>\n</body>\n</html>\n");
}

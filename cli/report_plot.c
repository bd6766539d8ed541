/* Bars; see report_plot.h.
 *
 *     0        72                                  412        560
 *     |  micro |#################%%%%%%%%--------- | 89.00 USD |      a bar, LINE high
 *     |        |
 *     |        | [#] fees  [%] product  [-] agency             |      the legend, if there are parts
 */
#include "cli/report_plot.h"

#include <assert.h>

#include "rules/decimal.h"

#define WIDTH 560
#define BARS_AT 72
#define BARS_LENGTH 340
#define LINE 28
#define BAR_HEIGHT 18
#define LEGEND_WIDTH 110

static int64_t sum_of(const struct plot_bar *bar, size_t part_count) {
	int64_t sum = 0;
	for (size_t part = 0; part < part_count; part++) {
		sum += bar->parts[part];
	}
	return sum;
}

static int64_t longest_of(const struct plot *plot) {
	int64_t longest = 0;
	for (size_t i = 0; i < plot->count; i++) {
		int64_t sum = sum_of(&plot->bars[i], plot->part_count);
		longest = plot->bars[i].known && sum > longest ? sum : longest;
	}
	return longest;
}

/* The length of a value in tenths of a unit of the drawing. */
static int64_t tenths(int64_t value, int64_t longest) {
	return decimal_quotient(value, 10 * BARS_LENGTH, longest, 1, 0).digits;
}

static void append_tenths(struct buffer *out, const char *attribute, int64_t value) {
	char text[DECIMAL_TEXT_MAX];
	struct decimal decimal = { true, value, 1 };
	(void)buffer_format(out, " %s=\"%s\"", attribute, decimal_format(&decimal, text));
}

/* Each part begins where the sum of those before it ends, so that no gap comes of rounding. */
static void append_parts(struct buffer *out, const struct plot *plot, const struct plot_bar *bar, int64_t longest,
                         size_t top) {
	int64_t before = 0;
	for (size_t part = 0; part < plot->part_count && longest > 0; part++) {
		int64_t from = tenths(before, longest), to = tenths(before + bar->parts[part], longest);
		before += bar->parts[part];
		if (bar->parts[part] == 0) {
			continue;
		}
		(void)buffer_format(out, "<rect class=\"%s\"", bar->is_total && plot->part_count == 1 ? "whole"
		                                               : (const char *[]){ "part0", "part1", "part2" }[part]);
		append_tenths(out, "x", 10 * BARS_AT + from);
		append_tenths(out, "width", to - from);
		(void)buffer_format(out, " y=\"%zu\" height=\"%d\"><title>%s: %s%s%s</title></rect>\n", top, BAR_HEIGHT,
		                    bar->label, plot->part_count == 1 ? "" : plot->parts[part],
		                    plot->part_count == 1 ? "" : " ",
		                    plot->part_count == 1 ? bar->text : bar->part_texts[part]);
	}
}

static void append_legend(struct buffer *out, const struct plot *plot, size_t top) {
	for (size_t part = 0; part < plot->part_count; part++) {
		size_t left = BARS_AT + part * LEGEND_WIDTH;
		(void)buffer_format(out, "<rect class=\"part%zu\" x=\"%zu\" y=\"%zu\" width=\"12\" height=\"12\"/>", part, left,
		                    top);
		(void)buffer_format(out, "<text x=\"%zu\" y=\"%zu\">%s</text>\n", left + 18, top + 11, plot->parts[part]);
	}
}

static void append_drawing(struct buffer *out, const struct plot *plot) {
	bool has_legend = plot->part_count > 1;
	size_t bars_end = plot->count * LINE;
	int64_t longest = longest_of(plot);
	(void)buffer_format(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %zu\" role=\"img\" "
	                    "aria-labelledby=\"plot%u-title plot%u-text\">\n", WIDTH, bars_end + (has_legend ? LINE : 4),
	                    plot->number, plot->number);
	(void)buffer_format(out, "<title id=\"plot%u-title\">%s</title>\n", plot->number, plot->title);
	(void)buffer_format(out, "<desc id=\"plot%u-text\">%s</desc>\n", plot->number, plot->description);
	for (size_t i = 0; i < plot->count; i++) {
		const struct plot_bar *bar = &plot->bars[i];
		size_t top = i * LINE + (LINE - BAR_HEIGHT) / 2, base = top + BAR_HEIGHT - 4;
		int64_t length = !bar->known || longest == 0 ? 0 : tenths(sum_of(bar, plot->part_count), longest);
		(void)buffer_format(out, "<text class=\"label\" x=\"%d\" y=\"%zu\">%s</text>\n", BARS_AT - 8, base,
		                    bar->label);
		if (bar->known) {
			append_parts(out, plot, bar, longest, top);
		}
		(void)buffer_append_text(out, "<text");
		append_tenths(out, "x", 10 * (BARS_AT + 6) + length);
		(void)buffer_format(out, " y=\"%zu\">%s</text>\n", base, bar->text);
	}
	(void)buffer_format(out, "<path class=\"axis\" d=\"M%d 0V%zu\"/>\n", BARS_AT, bars_end);
	if (has_legend) {
		append_legend(out, plot, bars_end + 8);
	}
	(void)buffer_append_text(out, "</svg>\n");
}

static void append_table(struct buffer *out, const struct plot *plot) {
	bool has_parts = plot->part_count > 1;
	(void)buffer_format(out, "<table><caption>%s</caption>\n<thead><tr><th scope=\"col\">tier</th>", plot->title);
	for (size_t part = 0; has_parts && part < plot->part_count; part++) {
		(void)buffer_format(out, "<th scope=\"col\">%s</th>", plot->parts[part]);
	}
	(void)buffer_format(out, "<th scope=\"col\">%s</th></tr></thead>\n<tbody>\n", plot->quantity);
	for (size_t i = 0; i < plot->count; i++) {
		const struct plot_bar *bar = &plot->bars[i];
		(void)buffer_format(out, "<tr%s><th scope=\"row\">%s</th>", bar->is_total ? " class=\"total\"" : "",
		                    bar->label);
		for (size_t part = 0; has_parts && part < plot->part_count; part++) {
			(void)buffer_format(out, "<td>%s</td>", bar->part_texts[part]);
		}
		(void)buffer_format(out, "<td>%s</td></tr>\n", bar->text);
	}
	(void)buffer_append_text(out, "</tbody></table>\n");
}

void plot_append(struct buffer *out, const struct plot *plot) {
	assert(plot->part_count >= 1 && plot->part_count <= PLOT_PARTS_MAX);
	(void)buffer_format(out, "<figure class=\"plot\"><figcaption>%s</figcaption>\n", plot->title);
	append_drawing(out, plot);
	append_table(out, plot);
	(void)buffer_append_text(out, "</figure>\n");
}

/* Horizontal bars as inline SVG, and the same values as a table for those who cannot see them. Only lengths of bars are
 * rounded (to a tenth of a unit); all numbers that can be read are the texts that the caller gives. */
#ifndef TROTH_CLI_REPORT_PLOT_H
#define TROTH_CLI_REPORT_PLOT_H

#include "base/buffer.h"

#define PLOT_PARTS_MAX 3
#define PLOT_TEXT_MAX 40

struct plot_bar {
	const char *label;
	bool known;    /* without it there is no bar, only its text */
	bool is_total; /* drawn apart from the others */
	int64_t parts[PLOT_PARTS_MAX]; /* 0 or more, all bars in the same unit; the sum of a bar's parts fits */
	char part_texts[PLOT_PARTS_MAX][PLOT_TEXT_MAX]; /* only where there are several parts */
	char text[PLOT_TEXT_MAX];
};

/* Texts are the program's own or numbers, and stand there as they are: none of them holds markup. */
struct plot {
	unsigned number; /* of the plot on its page, for its ids */
	const char *title, *description;
	const char *quantity; /* the heading of the table's last column */
	const char *parts[PLOT_PARTS_MAX];
	size_t part_count; /* 1: bars of one piece, whose name is the quantity */
	const struct plot_bar *bars; /* borrowed */
	size_t count;
};

/* Appends a figure: heading, drawing with title and description, table. Classes: figure .plot; bars .part0 to .part2
 * and .whole. */
void plot_append(struct buffer *out, const struct plot *plot);

#endif

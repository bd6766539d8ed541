/* From rows to a report; see report_write.h. */
#include "cli/report_write.h"

#include <stdlib.h>

#include "cli/report_data.h"
#include "cli/report_page.h"
#include "cli/report_text.h"

const char *const report_format_words[REPORT_FORMAT_COUNT + 1] = { "text", "csv", "json", "html", NULL };

enum error report_format_parse(const char *word, enum report_format *out, struct failure *failure) {
	for (int format = 0; format < REPORT_FORMAT_COUNT; format++) {
		if (strcmp(word, report_format_words[format]) == 0) {
			*out = format;
			return OK;
		}
	}
	return fail(failure, ERROR_USAGE, "a report is text, csv, json or html, not \"%.40s\"", word);
}

/* Rows and their groups; `rows` and `groups` have room for as many as there are rows. */
struct gathered {
	struct report_row *rows;
	struct report_group *groups;
	size_t count, group_count;
};

static void gathered_release(struct gathered *gathered) {
	free(gathered->rows);
	free(gathered->groups);
	*gathered = (struct gathered){ .rows = NULL };
}

/* Copies, sorts and groups the rows; if `across`, as if all were of one campaign. Release in any case. */
static enum error gather(struct gathered *gathered, const struct report_row *rows, size_t count, bool across,
                         struct failure *failure) {
	*gathered = (struct gathered){ .count = count };
	if (count == 0) {
		return OK;
	}
	gathered->rows = calloc(count, sizeof *gathered->rows);
	gathered->groups = calloc(count, sizeof *gathered->groups);
	if (gathered->rows == NULL || gathered->groups == NULL) {
		return fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	memcpy(gathered->rows, rows, count * sizeof *rows);
	for (size_t i = 0; across && i < count; i++) {
		memset(gathered->rows[i].campaign, 0, sizeof gathered->rows[i].campaign);
	}
	enum error error = report_gather(gathered->rows, &gathered->count, failure);
	return error != OK ? error
	       : report_total(gathered->rows, gathered->count, gathered->groups, &gathered->group_count, failure);
}

/* Leaves out the sums that are one campaign's alone, since they would be shown twice. */
static void keep_sums_of_several(struct gathered *across, const struct gathered *by_campaign) {
	size_t kept = 0;
	for (size_t i = 0; i < across->group_count; i++) {
		size_t campaigns = 0;
		for (size_t at = 0; at < by_campaign->group_count && campaigns < 2; at++) {
			campaigns += strcmp(by_campaign->groups[at].total.currency, across->groups[i].total.currency) == 0;
		}
		if (campaigns > 1) {
			across->groups[kept++] = across->groups[i];
		}
	}
	across->group_count = kept;
}

static enum error write_as(enum report_format format, const struct report *report, struct buffer *out,
                           struct failure *failure) {
	switch (format) {
	case REPORT_TEXT:
		report_text(report, out);
		break;
	case REPORT_CSV:
		report_csv(report, out);
		break;
	case REPORT_JSON:
		return report_json(report, out, failure);
	case REPORT_PAGE:
	case REPORT_FORMAT_COUNT:
		report_page(report, out);
		break;
	}
	return buffer_ok(out) ? OK : fail(failure, ERROR_TOO_LONG, "the report is too long");
}

enum error report_write(enum report_format format, const struct report_row *rows, size_t count,
                        const struct report_meta *meta, struct buffer *out, struct failure *failure) {
	struct gathered by_campaign, across = { .rows = NULL };
	if (count > REPORT_ROWS_MAX) {
		return fail(failure, ERROR_TOO_LONG, "a report has at most %d rows, not %zu", REPORT_ROWS_MAX, count);
	}
	enum error error = gather(&by_campaign, rows, count, false, failure);
	if (error == OK && by_campaign.group_count > 1) {
		error = gather(&across, rows, count, true, failure);
		keep_sums_of_several(&across, &by_campaign);
	}
	if (error == OK) {
		struct report report = { meta, by_campaign.groups, across.groups, by_campaign.group_count, across.group_count };
		error = write_as(format, &report, out, failure);
	}
	gathered_release(&by_campaign);
	gathered_release(&across);
	return error;
}

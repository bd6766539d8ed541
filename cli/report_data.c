/* Reports as CSV and JSON; see report_data.h. */
#include "cli/report_data.h"

#include <stdio.h>

#include "cli/csv_cells.h"
#include "cli/print.h"

/* ---- CSV ---- */

static void append_csv_heading(struct buffer *out) {
	(void)buffer_append_text(out, "campaign,currency,tier");
	for (int column = 0; column < REPORT_COLUMN_COUNT; column++) {
		(void)buffer_format(out, ",%s", report_columns[column].key);
	}
	for (int tier = TIER_NANO; tier < TIER_COUNT; tier++) {
		(void)buffer_format(out, ",times_as_efficient_as_%s", tier_words[tier]);
	}
	(void)buffer_append_text(out, ",formulas\r\n");
}

/* The group's row of that tier, or NULL. */
static const struct report_row *find_tier(const struct report_group *group, enum tier tier) {
	for (size_t i = 0; i < group->count; i++) {
		if (group->rows[i].tier == tier) {
			return &group->rows[i];
		}
	}
	return NULL;
}

/* How many times as efficient the row is as the group's row of that tier; empty where that is not known. */
static const char *times_as(const struct report_group *group, const struct report_row *row, enum tier tier,
                            char out[DECIMAL_TEXT_MAX]) {
	const struct report_row *other = find_tier(group, tier);
	struct decimal times = { .known = false };
	if (other != NULL && row->tier != TIER_UNKNOWN) {
		times = report_efficiency(row, other);
	}
	return decimal_format(&times, out);
}

static void append_csv_row(const struct report_group *group, const struct report_row *row, struct buffer *out) {
	char number[DECIMAL_TEXT_MAX];
	csv_append_text(out, row->campaign);
	(void)buffer_format(out, ",%s,%s", row->currency, tier_words[row->tier]);
	for (int column = 0; column < REPORT_COLUMN_COUNT; column++) {
		(void)buffer_format(out, ",%s", report_number(row, column, number));
	}
	for (int tier = TIER_NANO; tier < TIER_COUNT; tier++) {
		(void)buffer_format(out, ",%s", times_as(group, row, tier, number));
	}
	(void)buffer_append_text(out, "," REPORT_FORMULAS "\r\n");
}

void report_csv(const struct report *report, struct buffer *out) {
	append_csv_heading(out);
	for (size_t i = 0; i < report->group_count; i++) {
		for (size_t row = 0; row < report->groups[i].count; row++) {
			append_csv_row(&report->groups[i], &report->groups[i].rows[row], out);
		}
	}
}

/* ---- JSON ---- */

/* Sets a member and takes the value over; remembers in *ok if that failed. */
static void put(json_t *object, const char *key, json_t *value, bool *ok) {
	*ok = json_object_set_new(object, key, value) == 0 && *ok;
}

static void push(json_t *array, json_t *value, bool *ok) {
	*ok = json_array_append_new(array, value) == 0 && *ok;
}

static json_t *column_json(const struct report_row *row, enum report_column_at at) {
	const struct report_column *column = &report_columns[at];
	struct decimal value = column->value(row, column->offset);
	char text[REPORT_CELL_MAX], number[DECIMAL_TEXT_MAX];
	if (!value.known) {
		return json_null();
	}
	if (column->unit == UNIT_COUNT) {
		return json_integer(value.digits);
	}
	return json_string(column->unit == UNIT_MONEY ? report_cell(row, at, text) : decimal_format(&value, number));
}

/* A row's measures; with its tier, unless it is a total. */
static json_t *row_json(const struct report_row *row, bool has_tier, bool *ok) {
	json_t *object = json_object();
	if (has_tier) {
		put(object, "tier", json_string(tier_words[row->tier]), ok);
	}
	for (int column = 0; column < REPORT_COLUMN_COUNT; column++) {
		put(object, report_columns[column].key, column_json(row, column), ok);
	}
	return object;
}

static json_t *efficiency_json(const struct report_group *group, bool *ok) {
	json_t *list = json_array();
	char number[DECIMAL_TEXT_MAX];
	for (size_t i = 0; i < group->count; i++) {
		for (int tier = TIER_NANO; tier < TIER_COUNT; tier++) {
			const struct report_row *row = &group->rows[i];
			const char *times = times_as(group, row, tier, number);
			if ((int)row->tier != tier && times[0] != '\0') {
				push(list, json_pack("{s:s, s:s, s:s}", "tier", tier_words[row->tier], "than", tier_words[tier],
				                     "times_as_efficient", times), ok);
			}
		}
	}
	return list;
}

static json_t *group_json(const struct report_group *group, bool has_campaign, bool *ok) {
	json_t *object = json_object(), *tiers = json_array();
	const struct report_row *total = &group->total;
	if (has_campaign) {
		put(object, "campaign", json_of(slice_of_text(total->campaign)), ok);
	}
	put(object, "currency", total->currency[0] == '\0' ? json_null() : json_string(total->currency), ok);
	for (size_t i = 0; i < group->count; i++) {
		push(tiers, row_json(&group->rows[i], true, ok), ok);
	}
	put(object, "tiers", tiers, ok);
	put(object, "total", row_json(total, false, ok), ok);
	put(object, "efficiency", efficiency_json(group, ok), ok);
	return object;
}

static json_t *groups_json(const struct report_group *groups, size_t count, bool has_campaign, bool *ok) {
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++) {
		push(list, group_json(&groups[i], has_campaign, ok), ok);
	}
	return list;
}

static int append_dump(const char *bytes, size_t size, void *argument) {
	return buffer_append(argument, bytes, size) ? 0 : -1;
}

enum error report_json(const struct report *report, struct buffer *out, struct failure *failure) {
	const struct report_meta *meta = report->meta;
	json_t *root = json_object();
	bool ok = true;
	put(root, "formulas", json_string(REPORT_FORMULAS), &ok);
	put(root, "brand", json_of(slice_of_text(meta->brand)), &ok);
	put(root, "agency", json_of(slice_of_text(meta->origin)), &ok);
	put(root, "time", json_of(slice_of_text(meta->time)), &ok);
	const struct tier_bounds *tiers = &meta->tiers;
	put(root, "tiers_from", json_pack("{s:I, s:I, s:I, s:I}", "micro", (json_int_t)tiers->micro, "mid",
	                                  (json_int_t)tiers->mid, "macro", (json_int_t)tiers->macro, "mega",
	                                  (json_int_t)tiers->mega), &ok);
	put(root, "campaigns", groups_json(report->groups, report->group_count, true, &ok), &ok);
	put(root, "all_campaigns", groups_json(report->across, report->across_count, false, &ok), &ok);
	int dumped = ok ? json_dump_callback(root, append_dump, out, JSON_COMPACT | JSON_PRESERVE_ORDER) : 0;
	json_decref(root);
	if (!ok || (dumped != 0 && buffer_ok(out))) {
		return fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	(void)buffer_append_text(out, "\n");
	return buffer_ok(out) ? OK : fail(failure, ERROR_TOO_LONG, "the report is too long");
}

/* CSV files over libcsv, its only user; see sheet.h. */
#include "cli/sheet.h"

#include <csv.h>
#include <stdlib.h>

#include "base/file.h"
#include "cli/figures.h"
#include "rules/note.h"

#define CELL_SEPARATOR ';'

struct reading {
	struct sheet *sheet;
	const struct sheet_form *form;
	const struct field *columns[SHEET_COLUMNS_MAX]; /* NULL for an extra */
	size_t extras[SHEET_COLUMNS_MAX];               /* which one */
	size_t column_count;
	size_t column;   /* of the cell that comes next */
	size_t number;   /* of the row that is read */
	bool blank;      /* the row has no filled cell so far */
	bool overfull;   /* it has more cells than the heading */
	int terminator;  /* of the row before it */
	struct buffer cells[SHEET_COLUMNS_MAX];
	enum error error;
	struct failure *failure;
};

/* The position of a name among the form's extras, or their number. */
static size_t find_extra(const struct sheet_form *form, struct slice name) {
	size_t at = 0;
	while (at < form->extra_count && !slice_is(name, form->extras[at])) {
		at++;
	}
	return at;
}

static bool is_column(const struct sheet_form *form, const struct field *field) {
	if (form->without != NULL && strcmp(form->without, field->key) == 0) {
		return false;
	}
	for (size_t i = 0; form->also != NULL && form->also[i] != NULL; i++) {
		if (strcmp(form->also[i], field->key) == 0) {
			return true;
		}
	}
	return field->source == FIELD_FROM_AUTHOR;
}

static bool stands_before(const struct reading *reading, const struct field *field, size_t extra) {
	for (size_t i = 0; i < reading->column; i++) {
		if (reading->columns[i] == field && reading->extras[i] == extra) {
			return true;
		}
	}
	return false;
}

static struct slice trim(struct slice text) {
	while (text.size > 0 && text.data[0] == ' ') {
		text = slice_of(text.data + 1, text.size - 1);
	}
	while (text.size > 0 && text.data[text.size - 1] == ' ') {
		text.size--;
	}
	return text;
}

static void take_heading(struct reading *reading, struct slice name) {
	const struct sheet_form *form = reading->form;
	size_t extra = find_extra(form, name);
	bool is_extra = extra < form->extra_count;
	const struct field *field = is_extra ? NULL : kind_find_field(form->kind, name, NULL);
	if (!is_extra && (field == NULL || !is_column(form, field))) {
		reading->error = fail(reading->failure, ERROR_UNKNOWN_KEY, "row 1, column %zu: \"%.*s\" is no key of %s; "
		                      "see troth fields %s", reading->column + 1, (int)slice_cut(name, 40).size,
		                      (const char *)name.data, form->noun, form->kind->name);
		return;
	}
	if (reading->column == SHEET_COLUMNS_MAX) {
		reading->error = fail(reading->failure, ERROR_TOO_LONG, "more than %d columns", SHEET_COLUMNS_MAX);
		return;
	}
	if ((is_extra || field->most == 1) && stands_before(reading, field, extra)) {
		reading->error = fail(reading->failure, ERROR_DUPLICATE_KEY, "row 1: the column %s stands twice",
		                      is_extra ? form->extras[extra] : field->key);
		return;
	}
	buffer_init(&reading->cells[reading->column], NOTE_TEXT_MAX);
	reading->extras[reading->column] = extra;
	reading->columns[reading->column++] = field;
	reading->column_count = reading->column;
}

static enum error check_columns(struct reading *reading) {
	for (size_t extra = 0; extra < reading->form->required; extra++) {
		if (!stands_before(reading, NULL, extra)) {
			return fail(reading->failure, ERROR_MISSING_KEY, "row 1: the column %s is missing",
			            reading->form->extras[extra]);
		}
	}
	size_t at = 0, none = reading->form->extra_count;
	const struct field *field = reading->form->also == NULL ? NULL : kind_field(reading->form->kind, 0);
	for (; field != NULL; field = kind_field(reading->form->kind, ++at)) {
		if (field->least > 0 && is_column(reading->form, field) && !stands_before(reading, field, none)) {
			return fail(reading->failure, ERROR_MISSING_KEY, "row 1: the column %s is missing", field->key);
		}
	}
	return OK;
}

/* libcsv's callback for a cell. */
static void take_cell(void *data, size_t size, void *argument) {
	struct reading *reading = argument;
	struct slice cell = slice_of(data, data == NULL ? 0 : size);
	if (reading->error != OK) {
		return;
	}
	if (reading->number == 1) {
		take_heading(reading, trim(cell));
		return;
	}
	if (reading->column < reading->column_count) {
		buffer_clear(&reading->cells[reading->column]);
		(void)buffer_append_slice(&reading->cells[reading->column], cell);
	} else {
		reading->overfull = reading->overfull || cell.size > 0;
	}
	reading->blank = reading->blank && cell.size == 0;
	reading->column++;
}

/* A line break in a cell would be another line of the draft. */
static bool check_line(struct sheet_row *row, const char *column, struct slice value) {
	if (value.size == 0 || memchr(value.data, '\n', value.size) == NULL) {
		return true;
	}
	(void)fail(&row->failure, ERROR_BAD_TEXT, "%s: has a line break; a value is one line", column);
	return false;
}

static void append_value(struct sheet_row *row, const struct sheet_form *form, const struct field *field,
                         struct slice value) {
	struct failure reason;
	if (form->has_figures && field->type == FIELD_PERCENT) {
		figure_append_percent(&row->draft, value);
	} else if (!form->has_figures || field->type != FIELD_COUNT) {
		(void)buffer_append_slice(&row->draft, value);
	} else if (figure_append_count(&row->draft, value, &reason) != OK) {
		(void)fail(&row->failure, reason.code, "%s: %.250s", field->key, reason.text);
	}
}

static void append_line(struct sheet_row *row, const struct sheet_form *form, const struct field *field,
                        struct slice value) {
	value = trim(value);
	if (value.size > 0 && check_line(row, field->key, value)) {
		(void)buffer_append_text(&row->draft, field->key);
		(void)buffer_append_text(&row->draft, " ");
		append_value(row, form, field, value);
		(void)buffer_append_text(&row->draft, "\n");
	}
}

static void append_cell(struct sheet_row *row, const struct sheet_form *form, const struct field *field,
                        struct slice cell) {
	while (field->most > 1 && cell.size > 0) {
		const uint8_t *end = memchr(cell.data, CELL_SEPARATOR, cell.size);
		if (end == NULL) {
			break;
		}
		size_t size = (size_t)(end - cell.data);
		append_line(row, form, field, slice_of(cell.data, size));
		cell = slice_of(end + 1, cell.size - size - 1);
	}
	append_line(row, form, field, cell);
}

static bool copy_extras(struct reading *reading, struct sheet_row *row) {
	size_t count = reading->form->extra_count;
	row->extras = count == 0 ? NULL : calloc(count, sizeof *row->extras);
	if (count > 0 && row->extras == NULL) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		buffer_init(&row->extras[i], NOTE_TEXT_MAX);
	}
	for (size_t i = 0; i < reading->column_count && i < reading->column; i++) {
		if (reading->columns[i] == NULL) {
			struct slice cell = trim(buffer_slice(&reading->cells[i]));
			(void)check_line(row, reading->form->extras[reading->extras[i]], cell);
			(void)buffer_append_slice(&row->extras[reading->extras[i]], cell);
		}
	}
	return true;
}

/* Puts the row's cells into the order of the kind's fields. */
static void write_draft(struct reading *reading, struct sheet_row *row) {
	const struct kind *kind = reading->form->kind;
	bool long_cell = !copy_extras(reading, row);
	size_t at = 0;
	for (const struct field *field = kind_field(kind, 0); field != NULL; field = kind_field(kind, ++at)) {
		for (size_t i = 0; i < reading->column_count && i < reading->column; i++) {
			long_cell = long_cell || !buffer_ok(&reading->cells[i]);
			if (reading->columns[i] == field) {
				append_cell(row, reading->form, field, buffer_slice(&reading->cells[i]));
			}
		}
	}
	if (long_cell || !buffer_ok(&row->draft)) {
		(void)fail(&row->failure, ERROR_TOO_LONG, "longer than %s may be", reading->form->noun);
	}
	if (reading->overfull) {
		(void)fail(&row->failure, ERROR_MALFORMED, "has more cells than the heading");
	}
}

static struct sheet_row *append_row(struct sheet *sheet) {
	/* Doubles at every power of two, which `count` tells without being stored. */
	if ((sheet->count & (sheet->count - 1)) == 0) {
		size_t capacity = sheet->count == 0 ? 1 : sheet->count * 2;
		struct sheet_row *rows = realloc(sheet->rows, capacity * sizeof *rows);
		if (rows == NULL) {
			return NULL;
		}
		sheet->rows = rows;
	}
	return &sheet->rows[sheet->count++];
}

/* libcsv's callback for the end of a row. */
static void take_row(int terminator, void *argument) {
	struct reading *reading = argument;
	/* libcsv reports every line end, so that blank lines count as rows: CR LF comes as two. */
	bool second_half = reading->terminator == '\r' && terminator == '\n' && reading->column == 0;
	reading->terminator = second_half ? 0 : terminator;
	if (second_half) {
		return;
	}
	if (reading->error == OK && reading->number == 1) {
		reading->error = check_columns(reading);
	}
	if (reading->error == OK && reading->number > 1 && !reading->blank) {
		struct sheet_row *row = reading->sheet->count < SHEET_ROWS_MAX ? append_row(reading->sheet) : NULL;
		if (row == NULL) {
			reading->error = fail(reading->failure, ERROR_TOO_LONG, "more rows than there is room for");
			return;
		}
		*row = (struct sheet_row){ .number = reading->number, .failure = { .code = OK } };
		buffer_init(&row->draft, NOTE_TEXT_MAX);
		write_draft(reading, row);
	}
	reading->number++;
	reading->column = 0;
	reading->blank = true;
	reading->overfull = false;
}

static enum error parse(struct reading *reading, struct slice text, struct failure *failure) {
	static const uint8_t mark[] = { 0xef, 0xbb, 0xbf };
	struct csv_parser parser;
	if (text.size >= sizeof mark && memcmp(text.data, mark, sizeof mark) == 0) {
		text = slice_of(text.data + sizeof mark, text.size - sizeof mark);
	}
	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) != 0) {
		return fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	size_t used = csv_parse(&parser, text.data, text.size, take_cell, take_row, reading);
	bool whole = used == text.size && csv_fini(&parser, take_cell, take_row, reading) == 0;
	csv_free(&parser);
	if (reading->error == OK && !whole) {
		reading->error = fail(failure, ERROR_MALFORMED, "row %zu: a quote that does not fit (RFC 4180)",
		                      reading->number);
	}
	if (reading->error == OK && reading->column_count == 0) {
		reading->error = fail(failure, ERROR_MALFORMED, "there is no heading; its cells are keys of %s",
		                      reading->form->noun);
	}
	return reading->error;
}

enum error sheet_read(const char *path, const struct sheet_form *form, struct sheet *sheet,
                      struct failure *failure) {
	struct reading reading = { .sheet = sheet, .form = form, .number = 1, .blank = true, .failure = failure };
	struct buffer file;
	*sheet = (struct sheet){ .extra_count = form->extra_count };
	buffer_init(&file, SHEET_FILE_MAX);
	enum error error = file_read(path, &file, failure);
	if (error == OK) {
		error = parse(&reading, buffer_slice(&file), failure);
	}
	for (size_t i = 0; i < reading.column_count; i++) {
		buffer_release(&reading.cells[i]);
	}
	buffer_release(&file);
	return error;
}

struct slice sheet_value(const struct sheet_row *row, const char *key) {
	struct slice rest = buffer_slice(&row->draft);
	size_t size = strlen(key);
	while (rest.size > 0) {
		const uint8_t *end = memchr(rest.data, '\n', rest.size); /* every line of a draft has one */
		size_t length = (size_t)(end - rest.data);
		if (length > size && rest.data[size] == ' ' && memcmp(rest.data, key, size) == 0) {
			return slice_of(rest.data + size + 1, length - size - 1);
		}
		rest = slice_of(end + 1, rest.size - length - 1);
	}
	return rest;
}

void sheet_release(struct sheet *sheet) {
	for (size_t i = 0; i < sheet->count; i++) {
		struct sheet_row *row = &sheet->rows[i];
		buffer_release(&row->draft);
		for (size_t extra = 0; row->extras != NULL && extra < sheet->extra_count; extra++) {
			buffer_release(&row->extras[extra]);
		}
		free(row->extras);
	}
	free(sheet->rows);
	*sheet = (struct sheet){ .rows = NULL };
}

/* CSV files over libcsv, its only user; see sheet.h. */
#include "cli/sheet.h"

#include <csv.h>
#include <stdlib.h>

#include "base/file.h"
#include "rules/note.h"

#define CELL_SEPARATOR ';'

struct reading {
	struct sheet *sheet;
	const struct kind *kind;
	const struct field *columns[SHEET_COLUMNS_MAX];
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

static void take_heading(struct reading *reading, struct slice name) {
	const struct field *field = kind_find_field(reading->kind, name, NULL);
	if (field == NULL || field->source != FIELD_FROM_AUTHOR) {
		reading->error = fail(reading->failure, ERROR_UNKNOWN_KEY, "row 1, column %zu: \"%.*s\" is no key of an offer; "
		                      "see troth fields offer", reading->column + 1, (int)slice_cut(name, 40).size,
		                      (const char *)name.data);
		return;
	}
	if (reading->column == SHEET_COLUMNS_MAX) {
		reading->error = fail(reading->failure, ERROR_TOO_LONG, "more than %d columns", SHEET_COLUMNS_MAX);
		return;
	}
	for (size_t i = 0; i < reading->column; i++) {
		if (reading->columns[i] == field && field->most == 1) {
			reading->error = fail(reading->failure, ERROR_DUPLICATE_KEY, "row 1: the column %s stands twice",
			                      field->key);
			return;
		}
	}
	buffer_init(&reading->cells[reading->column], NOTE_TEXT_MAX);
	reading->columns[reading->column++] = field;
	reading->column_count = reading->column;
}

/* libcsv's callback for a cell. */
static void take_cell(void *data, size_t size, void *argument) {
	struct reading *reading = argument;
	struct slice cell = slice_of(data, data == NULL ? 0 : size);
	if (reading->error != OK) {
		return;
	}
	if (reading->number == 1) {
		take_heading(reading, cell);
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

static struct slice trim(struct slice text) {
	while (text.size > 0 && text.data[0] == ' ') {
		text = slice_of(text.data + 1, text.size - 1);
	}
	while (text.size > 0 && text.data[text.size - 1] == ' ') {
		text.size--;
	}
	return text;
}

static void append_line(struct buffer *draft, const struct field *field, struct slice value) {
	value = trim(value);
	if (value.size > 0) {
		(void)buffer_append_text(draft, field->key);
		(void)buffer_append_text(draft, " ");
		(void)buffer_append_slice(draft, value);
		(void)buffer_append_text(draft, "\n");
	}
}

static void append_cell(struct buffer *draft, const struct field *field, struct slice cell) {
	while (field->most > 1 && cell.size > 0) {
		const uint8_t *end = memchr(cell.data, CELL_SEPARATOR, cell.size);
		if (end == NULL) {
			break;
		}
		size_t size = (size_t)(end - cell.data);
		append_line(draft, field, slice_of(cell.data, size));
		cell = slice_of(end + 1, cell.size - size - 1);
	}
	append_line(draft, field, cell);
}

/* Puts the row's cells into the order of the offer's fields. */
static void write_draft(struct reading *reading, struct sheet_row *row) {
	bool long_cell = false;
	size_t at = 0;
	for (const struct field *field = kind_field(reading->kind, 0); field != NULL;
	     field = kind_field(reading->kind, ++at)) {
		for (size_t i = 0; i < reading->column_count && i < reading->column; i++) {
			long_cell = long_cell || !buffer_ok(&reading->cells[i]);
			if (reading->columns[i] == field) {
				append_cell(&row->draft, field, buffer_slice(&reading->cells[i]));
			}
		}
	}
	if (long_cell || !buffer_ok(&row->draft)) {
		(void)fail(&row->failure, ERROR_TOO_LONG, "longer than an offer may be");
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
		reading->error = fail(failure, ERROR_MALFORMED, "there is no heading; its cells are keys of an offer");
	}
	return reading->error;
}

enum error sheet_read(const char *path, struct sheet *sheet, struct failure *failure) {
	struct reading reading = { .sheet = sheet, .kind = kind_get(KIND_OFFER), .number = 1, .blank = true,
		                       .failure = failure };
	struct buffer file;
	*sheet = (struct sheet){ .rows = NULL };
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

void sheet_release(struct sheet *sheet) {
	for (size_t i = 0; i < sheet->count; i++) {
		buffer_release(&sheet->rows[i].draft);
	}
	free(sheet->rows);
	*sheet = (struct sheet){ .rows = NULL };
}

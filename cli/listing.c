/* Tables out of replies; see listing.h. */
#include "cli/listing.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/unicode.h"

#define CELLS_MAX (64 << 20)
#define SHORT_DIGITS 12
#define GAP "  "

/* ---- how people read values ---- */

const char *listing_age(uint64_t milliseconds, char out[LISTING_NUMBER_MAX]) {
	static const struct {
		uint64_t below, unit; /* in milliseconds */
		const char *name;
	} rows[] = {
		{ 1000, 1, "ms" },           { 120 * 1000, 1000, "s" },    { 7200000, 60 * 1000, "min" },
		{ 172800000, 3600000, "h" }, { UINT64_MAX, 86400000, "d" },
	};
	size_t row = 0;
	while (milliseconds >= rows[row].below && row + 1 < sizeof rows / sizeof rows[0]) {
		row++;
	}
	(void)snprintf(out, LISTING_NUMBER_MAX, "%" PRIu64 " %s", milliseconds / rows[row].unit, rows[row].name);
	return out;
}

const char *listing_size(uint64_t bytes, char out[LISTING_NUMBER_MAX]) {
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	if (bytes < 1024) {
		(void)snprintf(out, LISTING_NUMBER_MAX, "%" PRIu64 " B", bytes);
		return out;
	}
	double value = (double)bytes / 1024;
	size_t unit = 0;
	while (value >= 1023.95 && unit + 1 < sizeof units / sizeof units[0]) {
		value /= 1024;
		unit++;
	}
	(void)snprintf(out, LISTING_NUMBER_MAX, "%.1f %s", value, units[unit]);
	return out;
}

/* Bytes of the character at the front of a text, or of what stands there in its place. */
static size_t character_size(struct slice text) {
	size_t size = 1;
	while (text.data[0] >= 0xc0 && size < 4 && size < text.size && (text.data[size] & 0xc0) == 0x80) {
		size++;
	}
	return size;
}

/* Takes the next character of a text, or what stands for it where a person could not see it. */
static struct slice take_visible(struct slice *text) {
	struct slice character = slice_of(text->data, character_size(*text));
	bool visible = unicode_check_line(character, NULL) == OK;
	*text = slice_of(text->data + character.size, text->size - character.size);
	return visible ? character : slice_of_text("?");
}

void listing_append_visible(struct buffer *out, struct slice text) {
	text = slice_cut(text, LISTING_CELL_MAX);
	while (text.size > 0) {
		(void)buffer_append_slice(out, take_visible(&text));
	}
}

void listing_print_visible(FILE *out, struct slice text) {
	bool ended = true;
	while (text.size > 0) {
		ended = *text.data == '\n';
		struct slice character = slice_of(text.data, 1);
		if (ended) {
			text = slice_of(text.data + 1, text.size - 1);
		} else {
			character = take_visible(&text);
		}
		(void)fwrite(character.data, 1, character.size, out);
	}
	if (!ended) {
		(void)fputc('\n', out);
	}
}

static struct slice first_digits(struct slice text) {
	const uint8_t *colon = text.size == 0 ? NULL : memchr(text.data, ':', text.size);
	size_t skip = colon == NULL ? 0 : (size_t)(colon - text.data) + 1;
	size_t rest = text.size - skip;
	return slice_of(text.data + skip, rest < SHORT_DIGITS ? rest : SHORT_DIGITS);
}

/* Appends one cell. False, with nothing appended, if the item does not have it. */
static bool append_cell(struct buffer *out, const struct pack_value *item, const struct listing_column *column) {
	const struct pack_value *value = pack_find(item, column->key);
	struct slice text;
	uint64_t number = 0;
	bool flag = false;
	char shown[LISTING_NUMBER_MAX];
	switch (column->show) {
	case SHOW_TEXT:
	case SHOW_STATE:
	case SHOW_DIGITS:
		if (!pack_as_text(value, &text) || text.size == 0) {
			return false;
		}
		listing_append_visible(out, column->show == SHOW_DIGITS ? first_digits(text) : text);
		return true;
	case SHOW_FLAG:
		if (!pack_as_boolean(value, &flag)) {
			return false;
		}
		return buffer_append_text(out, flag ? "yes" : "no");
	case SHOW_NUMBER:
	case SHOW_AGE:
	case SHOW_SIZE:
		if (!pack_as_unsigned(value, &number)) {
			return false;
		}
		(void)snprintf(shown, sizeof shown, "%" PRIu64, number);
		return buffer_append_text(out, column->show == SHOW_AGE    ? listing_age(number, shown)
		                               : column->show == SHOW_SIZE ? listing_size(number, shown) : shown);
	}
	return false;
}

static bool is_number(const struct listing_column *column) {
	return column->show >= SHOW_NUMBER;
}

/* Words that say that something is as it should be, or that it needs a look. */
static const char *colour_of(const char *cell, const struct listing_column *column, struct colours colours) {
	static const char *const good[] = { "ready", "serving", "answered" };
	static const char *const bad[] = { "silent", "draining", "drained", "yes" };
	if (column->show != SHOW_STATE && column->show != SHOW_FLAG) {
		return "";
	}
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		if (strcmp(cell, good[i]) == 0) {
			return colours.good;
		}
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (strcmp(cell, bad[i]) == 0) {
			return colours.bad;
		}
	}
	return "";
}

json_t *listing_json(const struct pack_value *value) {
	struct slice text;
	uint64_t number = 0;
	int64_t signed_number = 0;
	bool flag = false;
	if (pack_as_text(value, &text)) {
		return json_of(text);
	}
	if (pack_as_signed(value, &signed_number)) {
		return json_integer(signed_number);
	}
	if (pack_as_unsigned(value, &number)) {
		return json_real((double)number);
	}
	if (pack_as_boolean(value, &flag)) {
		return json_boolean(flag);
	}
	if (pack_as_bytes(value, &text)) {
		struct buffer hex;
		buffer_init(&hex, 2 * text.size + 1);
		for (size_t i = 0; i < text.size; i++) {
			(void)buffer_format(&hex, "%02x", text.data[i]);
		}
		json_t *digits = json_of(buffer_slice(&hex));
		buffer_release(&hex);
		return digits;
	}
	if (!pack_is_map(value) && !pack_is_array(value)) {
		return json_null();
	}
	json_t *all = pack_is_map(value) ? json_object() : json_array();
	for (size_t i = 0; i < pack_count(value); i++) {
		const struct pack_value *pair = pack_pair(value, i, &text);
		if (pair == NULL) {
			(void)json_array_append_new(all, listing_json(pack_item(value, i)));
		} else {
			char key[PACK_KEY_MAX + 1];
			(void)slice_copy_text(text, key, sizeof key);
			(void)json_object_set_new(all, key, listing_json(pair));
		}
	}
	return all;
}

/* ---- tables ---- */

void listing_init(struct listing *listing, const struct listing_column *columns, size_t count, bool json) {
	assert(count <= LISTING_COLUMNS_MAX);
	*listing = (struct listing){ .columns = columns, .column_count = count, .json = json ? json_array() : NULL };
	buffer_init(&listing->cells, CELLS_MAX);
}

void listing_release(struct listing *listing) {
	json_decref(listing->json);
	buffer_release(&listing->cells);
}

enum error listing_add(struct listing *listing, const struct pack_value *item, struct failure *failure) {
	if (!pack_is_map(item)) {
		return fail(failure, ERROR_MALFORMED, "an item of the reply's list is no map");
	}
	listing->rows++;
	if (listing->json != NULL) {
		return json_array_append_new(listing->json, listing_json(item)) == 0
		           ? OK : fail(failure, ERROR_NO_MEMORY, "out of memory");
	}
	for (size_t i = 0; i < listing->column_count; i++) {
		if (!append_cell(&listing->cells, item, &listing->columns[i])) {
			(void)buffer_append_text(&listing->cells, "-");
		}
		(void)buffer_append(&listing->cells, "", 1);
	}
	return buffer_ok(&listing->cells) ? OK : fail(failure, ERROR_TOO_LONG, "the list is too long to be shown");
}

/* Columns on the screen. */
static size_t width_of(const char *text) {
	size_t width = 0;
	for (; *text != '\0'; text++) {
		width += ((unsigned char)*text & 0xc0) != 0x80;
	}
	return width;
}

static void print_cell(FILE *out, const char *cell, size_t width, const struct listing_column *column, bool is_last,
                       const char *colour, const char *end) {
	int blanks = (int)(width - width_of(cell));
	bool right = is_number(column);
	(void)fprintf(out, "%*s%s%s%s%*s", right ? blanks : 0, "", colour, cell, colour[0] == '\0' ? "" : end,
	              right || is_last ? 0 : blanks, "");
	(void)fputs(is_last ? "\n" : GAP, out);
}

void listing_print(const struct listing *listing, FILE *out, struct colours colours, const char *empty) {
	size_t widths[LISTING_COLUMNS_MAX], last = listing->column_count - 1;
	if (listing->json != NULL) {
		print_json(json_incref(listing->json));
		return;
	}
	if (listing->rows == 0) {
		(void)fprintf(stderr, "%s\n", empty);
		return;
	}
	for (size_t i = 0; i <= last; i++) {
		widths[i] = width_of(listing->columns[i].title);
	}
	const char *cell = (const char *)listing->cells.data;
	for (size_t i = 0; i < listing->rows * listing->column_count; i++, cell += strlen(cell) + 1) {
		size_t width = width_of(cell), *widest = &widths[i % listing->column_count];
		*widest = width > *widest ? width : *widest;
	}
	for (size_t i = 0; i <= last; i++) {
		const struct listing_column *column = &listing->columns[i];
		print_cell(out, column->title, widths[i], column, i == last, colours.bold, colours.end);
	}
	cell = (const char *)listing->cells.data;
	for (size_t i = 0; i < listing->rows * listing->column_count; i++, cell += strlen(cell) + 1) {
		size_t at = i % listing->column_count;
		const struct listing_column *column = &listing->columns[at];
		print_cell(out, cell, widths[at], column, at == last, colour_of(cell, column, colours), colours.end);
	}
}

void listing_print_map(const struct pack_value *map, const struct listing_column *columns, size_t count, FILE *out,
                       struct colours colours) {
	size_t width = 0;
	for (size_t i = 0; i < count; i++) {
		size_t own = width_of(columns[i].title);
		width = own > width ? own : width;
	}
	for (size_t i = 0; i < count; i++) {
		struct buffer cell;
		buffer_init(&cell, 4 * LISTING_CELL_MAX);
		if (append_cell(&cell, map, &columns[i])) {
			const char *text = buffer_text(&cell);
			const char *colour = text == NULL ? "" : colour_of(text, &columns[i], colours);
			(void)fprintf(out, "%-*s" GAP "%s%s%s\n", (int)width, columns[i].title, colour, text == NULL ? "" : text,
			              colour[0] == '\0' ? "" : colours.end);
		}
		buffer_release(&cell);
	}
}

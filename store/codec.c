/* Keys and records as bytes; layouts in codec.h. Reads nothing past a slice's end, whatever the bytes say. */
#include "store/codec.h"

#include <assert.h>

#include "base/digest.h"

#define NUMBER_SIZE 8
#define LENGTH_SIZE 2
#define SIGN_BIT (UINT64_C(1) << 63)
#define ESCAPED 0xff /* behind a 00: the 00 belongs to the value */
#define ENDED 0x00   /* behind a 00: the value ends */

static void write_64(uint8_t *out, uint64_t number) {
	for (int i = NUMBER_SIZE - 1; i >= 0; i--) {
		out[i] = (uint8_t)number;
		number >>= 8;
	}
}

static uint64_t read_64(const uint8_t *bytes) {
	uint64_t number = 0;
	for (int i = 0; i < NUMBER_SIZE; i++) {
		number = number << 8 | bytes[i];
	}
	return number;
}

/* Takes `size` bytes from the front of `rest`; NULL if there are not so many. */
static const uint8_t *take(struct slice *rest, size_t size) {
	if (rest->size < size) {
		return NULL;
	}
	const uint8_t *bytes = rest->data;
	rest->data += size;
	rest->size -= size;
	return bytes;
}

static bool is_too_long(const struct column *column, struct slice bytes) {
	return bytes.size > column->maximum;
}

static bool has_nul_in_text(const struct column *column, struct slice bytes) {
	return column->type == COLUMN_TEXT && bytes.size > 0 && memchr(bytes.data, 0, bytes.size) != NULL;
}

static enum error check_cell(const struct table *table, const struct column *column, struct cell cell,
                             struct failure *failure) {
	if (column->type == COLUMN_NUMBER) {
		return OK;
	}
	if (is_too_long(column, cell.bytes)) {
		return fail(failure, ERROR_TOO_LONG, "%s.%s has %zu bytes, the limit is %zu", table->name, column->name,
		            cell.bytes.size, column->maximum);
	}
	if (has_nul_in_text(column, cell.bytes)) {
		return fail(failure, ERROR_BAD_VALUE, "%s.%s holds a NUL", table->name, column->name);
	}
	return OK;
}

/* ---- keys ---- */

size_t key_cell_count(const struct table *table, int index) {
	return index == STORE_BY_KEY ? table->key_count : (size_t)table->indexes[index].count + table->key_count;
}

/* The column whose cell stands at this position of the key. */
static size_t column_at(const struct table *table, int index, size_t position) {
	if (index == STORE_BY_KEY) {
		return position;
	}
	const struct index *order = &table->indexes[index];
	return position < order->count ? order->columns[position] : position - order->count;
}

static bool append(struct key *key, const void *bytes, size_t size) {
	if (size > sizeof key->bytes - key->size) {
		return false;
	}
	memcpy(key->bytes + key->size, bytes, size);
	key->size += size;
	return true;
}

static bool append_number(struct key *key, int64_t number) {
	uint8_t bytes[NUMBER_SIZE];
	write_64(bytes, (uint64_t)number ^ SIGN_BIT);
	return append(key, bytes, sizeof bytes);
}

static bool append_bytes(struct key *key, struct slice bytes) {
	static const uint8_t zero[] = { 0, ESCAPED };
	static const uint8_t end[] = { 0, ENDED };
	while (bytes.size > 0) {
		const uint8_t *found = memchr(bytes.data, 0, bytes.size);
		size_t plain = found == NULL ? bytes.size : (size_t)(found - bytes.data);
		if (!append(key, bytes.data, plain) || (found != NULL && !append(key, zero, sizeof zero))) {
			return false;
		}
		(void)take(&bytes, found == NULL ? plain : plain + 1);
	}
	return append(key, end, sizeof end);
}

static enum error append_cell(struct key *key, const struct table *table, size_t column, struct cell cell,
                              struct failure *failure) {
	enum error error = check_cell(table, &table->columns[column], cell, failure);
	if (error != OK) {
		return error;
	}
	bool number = table->columns[column].type == COLUMN_NUMBER;
	if (number ? !append_number(key, cell.number) : !append_bytes(key, cell.bytes)) {
		return fail(failure, ERROR_TOO_LONG, "a key of %s has more than %d bytes", table->name, STORE_KEY_MAX);
	}
	return OK;
}

enum error key_encode(struct key *key, const struct table *table, int index, const struct cell *cells, size_t count,
                      struct failure *failure) {
	assert(count <= key_cell_count(table, index));
	key->size = 0;
	enum error error = OK;
	for (size_t i = 0; i < count && error == OK; i++) {
		error = append_cell(key, table, column_at(table, index, i), cells[i], failure);
	}
	return error;
}

enum error key_encode_record(struct key *key, const struct table *table, int index, const struct cell *columns,
                             size_t count, struct failure *failure) {
	assert(count <= key_cell_count(table, index));
	key->size = 0;
	enum error error = OK;
	for (size_t i = 0; i < count && error == OK; i++) {
		size_t column = column_at(table, index, i);
		error = append_cell(key, table, column, columns[column], failure);
	}
	return error;
}

/* Takes an encoded byte string, with its escapes but without its end, from the front; counts the escapes. */
static bool take_escaped(struct slice *rest, struct slice *escaped, size_t *escapes) {
	size_t at = 0;
	*escapes = 0;
	while (at < rest->size) {
		const uint8_t *zero = memchr(rest->data + at, 0, rest->size - at);
		if (zero == NULL || (size_t)(zero - rest->data) + 1 >= rest->size) {
			return false;
		}
		at = (size_t)(zero - rest->data);
		if (zero[1] == ENDED) {
			*escaped = slice_of(rest->data, at);
			(void)take(rest, at + 2);
			return true;
		}
		if (zero[1] != ESCAPED) {
			return false;
		}
		*escapes += 1;
		at += 2;
	}
	return false;
}

static bool unescape(struct slice escaped, size_t escapes, struct arena *arena, struct slice *out) {
	if (escapes == 0) {
		*out = escaped;
		return true;
	}
	uint8_t *plain = arena_take(arena, escaped.size - escapes);
	if (plain == NULL) {
		return false;
	}
	size_t size = 0;
	for (size_t i = 0; i < escaped.size; i++) {
		plain[size++] = escaped.data[i];
		i += escaped.data[i] == 0; /* passes over the mark behind it */
	}
	*out = slice_of(plain, size);
	return true;
}

static bool decode_cell(const struct column *column, struct slice *rest, struct arena *arena, struct cell *cell) {
	if (column->type == COLUMN_NUMBER) {
		const uint8_t *bytes = take(rest, NUMBER_SIZE);
		if (bytes != NULL) {
			*cell = cell_number((int64_t)(read_64(bytes) ^ SIGN_BIT));
		}
		return bytes != NULL;
	}
	struct slice escaped;
	size_t escapes;
	if (!take_escaped(rest, &escaped, &escapes) || escaped.size - escapes > column->maximum ||
	    (column->type == COLUMN_TEXT && escapes > 0)) {
		return false;
	}
	*cell = (struct cell){ 0 };
	return unescape(escaped, escapes, arena, &cell->bytes);
}

bool index_holds(const struct table *table, int index, const struct record *record) {
	const struct index *row = &table->indexes[index];
	return record != NULL && !(row->sparse && record->cells[row->columns[0]].number == 0);
}

bool key_decode(const struct table *table, int index, struct slice bytes, struct arena *arena, struct cell *columns) {
	if (bytes.size > STORE_KEY_MAX) {
		return false;
	}
	for (size_t i = 0; i < key_cell_count(table, index); i++) {
		size_t column = column_at(table, index, i);
		if (!decode_cell(&table->columns[column], &bytes, arena, &columns[column])) {
			return false;
		}
	}
	return bytes.size == 0;
}

bool key_of_entry(const struct table *table, int index, struct slice entry, struct slice *key) {
	struct slice ignored;
	size_t escapes;
	for (size_t i = 0; i < table->indexes[index].count; i++) {
		bool number = table->columns[column_at(table, index, i)].type == COLUMN_NUMBER;
		if (number ? take(&entry, NUMBER_SIZE) == NULL : !take_escaped(&entry, &ignored, &escapes)) {
			return false;
		}
	}
	*key = entry;
	return entry.size > 0;
}

bool key_pass_prefix(struct key *key) {
	while (key->size > 0 && key->bytes[key->size - 1] == 0xff) {
		key->size--;
	}
	if (key->size == 0) {
		return false;
	}
	key->bytes[key->size - 1]++;
	return true;
}

/* ---- records ---- */

uint64_t record_checksum(const struct table *table, struct slice key, struct slice rest) {
	uint64_t seed = digest_64(0, slice_of_text(table->name));
	seed = digest_64(seed, key);
	return digest_64(seed, rest);
}

/* The size of the value, or an error if a cell or the body does not fit. */
static enum error measure(const struct table *table, const struct record *record, size_t *size,
                          struct failure *failure) {
	*size = RECORD_HEAD + record->body.size;
	if (record->body.size > STORE_BODY_MAX) {
		return fail(failure, ERROR_TOO_LONG, "the body of a record of %s has %zu bytes, the limit is %d", table->name,
		            record->body.size, STORE_BODY_MAX);
	}
	for (size_t i = table->key_count; i < table->column_count; i++) {
		const struct column *column = &table->columns[i];
		enum error error = check_cell(table, column, record->cells[i], failure);
		if (error != OK) {
			return error;
		}
		*size += column->type == COLUMN_NUMBER ? NUMBER_SIZE : LENGTH_SIZE + record->cells[i].bytes.size;
	}
	return OK;
}

static uint8_t *write_slice(uint8_t *at, struct slice bytes) {
	if (bytes.size > 0) {
		memcpy(at, bytes.data, bytes.size);
	}
	return at + bytes.size;
}

static uint8_t *write_cell(uint8_t *at, const struct column *column, struct cell cell) {
	if (column->type == COLUMN_NUMBER) {
		write_64(at, (uint64_t)cell.number);
		return at + NUMBER_SIZE;
	}
	at[0] = (uint8_t)(cell.bytes.size >> 8);
	at[1] = (uint8_t)cell.bytes.size;
	return write_slice(at + LENGTH_SIZE, cell.bytes);
}

enum error record_encode(const struct table *table, struct slice key, const struct record *record, struct arena *arena,
                         struct slice *value, struct failure *failure) {
	size_t size;
	enum error error = measure(table, record, &size, failure);
	if (error != OK) {
		return error;
	}
	uint8_t *bytes = arena_take(arena, size);
	if (bytes == NULL) {
		return fail(failure, ERROR_NO_MEMORY, "no memory for a record of %s", table->name);
	}
	uint8_t *at = bytes + RECORD_HEAD;
	for (size_t i = table->key_count; i < table->column_count; i++) {
		at = write_cell(at, &table->columns[i], record->cells[i]);
	}
	at = write_slice(at, record->body);
	assert(at == bytes + size);
	bytes[0] = RECORD_VERSION;
	write_64(bytes + 1, record_checksum(table, key, slice_of(bytes + RECORD_HEAD, size - RECORD_HEAD)));
	*value = slice_of(bytes, size);
	return OK;
}

static bool read_cell(const struct column *column, struct slice *rest, struct cell *cell) {
	bool number = column->type == COLUMN_NUMBER;
	const uint8_t *bytes = take(rest, number ? NUMBER_SIZE : LENGTH_SIZE);
	if (bytes == NULL) {
		return false;
	}
	if (number) {
		*cell = cell_number((int64_t)read_64(bytes));
		return true;
	}
	size_t size = (size_t)bytes[0] << 8 | bytes[1];
	const uint8_t *data = take(rest, size);
	if (data == NULL) {
		return false;
	}
	*cell = cell_bytes(slice_of(data, size));
	return !is_too_long(column, cell->bytes) && !has_nul_in_text(column, cell->bytes);
}

/* What is wrong with a record, or NULL if nothing is. */
static const char *read_record(const struct table *table, struct slice key, struct slice value, struct arena *arena,
                               struct record *out) {
	const uint8_t *head = take(&value, RECORD_HEAD);
	if (head == NULL) {
		return "is cut short";
	}
	if (head[0] != RECORD_VERSION) {
		return "has an unknown version";
	}
	if (read_64(head + 1) != record_checksum(table, key, value)) {
		return "has a wrong checksum";
	}
	if (!key_decode(table, STORE_BY_KEY, key, arena, out->cells)) {
		return "has a key that cannot be read";
	}
	for (size_t i = table->key_count; i < table->column_count; i++) {
		if (!read_cell(&table->columns[i], &value, &out->cells[i])) {
			return "has cells that cannot be read";
		}
	}
	out->body = value;
	return value.size > STORE_BODY_MAX ? "has a body that is too long" : NULL;
}

enum error record_decode(const struct table *table, struct slice key, struct slice value, struct arena *arena,
                         struct record *out, struct failure *failure) {
	const char *fault = read_record(table, key, value, arena, out);
	if (fault != NULL) {
		return fail(failure, ERROR_STORE_DAMAGED, "a record of %s %s", table->name, fault);
	}
	return OK;
}

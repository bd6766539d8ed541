/* Figures; see figures.h. */
#include "cli/figures.h"

#include <inttypes.h>

/* A number as it is written: digits, and perhaps a point and more digits. */
struct number {
	struct slice whole, part;
};

static size_t count_digits(struct slice text) {
	size_t count = 0;
	while (count < text.size && text.data[count] >= '0' && text.data[count] <= '9') {
		count++;
	}
	return count;
}

/* Takes a number from the beginning of a text; false, with nothing changed, if there is none. */
static bool take_number(struct slice *text, struct number *out) {
	size_t whole = count_digits(*text), size = whole;
	out->whole = slice_of(text->data, whole);
	out->part = slice_of(NULL, 0);
	if (whole > 0 && whole < text->size && text->data[whole] == '.') {
		struct slice rest = slice_of(text->data + whole + 1, text->size - whole - 1);
		out->part = slice_of(rest.data, count_digits(rest));
		size += 1 + out->part.size;
	}
	if (whole == 0 || (size > whole && out->part.size == 0)) {
		return false;
	}
	*text = slice_of(text->data + size, text->size - size);
	return true;
}

/* The sign that stands behind a number, with or without a blank; NUL if it is anything else. */
static char sign_of(struct slice rest) {
	if (rest.size == 2 && rest.data[0] == ' ') {
		return (char)rest.data[1];
	}
	return rest.size == 1 ? (char)rest.data[0] : '\0';
}

/* How many zeros a letter stands for; 0 for any other one. */
static size_t zeros_of(char letter) {
	static const struct {
		char small, large;
		size_t zeros;
	} letters[] = { { 'k', 'K', 3 }, { 'm', 'M', 6 }, { 'b', 'B', 9 } };
	for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
		if (letter == letters[i].small || letter == letters[i].large) {
			return letters[i].zeros;
		}
	}
	return 0;
}

/* Appends a digit to a number; false if it does not fit. */
static bool push_digit(int64_t *number, uint8_t digit) {
	return !__builtin_mul_overflow(*number, 10, number) && !__builtin_add_overflow(*number, digit - '0', number);
}

enum error figure_append_count(struct buffer *out, struct slice text, struct failure *failure) {
	struct number number;
	struct slice rest = text, shown = slice_cut(text, 40);
	size_t zeros = take_number(&rest, &number) ? zeros_of(sign_of(rest)) : 0;
	int64_t count = 0;
	bool fits = true;
	if (zeros == 0) {
		(void)buffer_append_slice(out, text);
		return OK;
	}
	for (size_t i = 0; i < number.whole.size; i++) {
		fits = fits && push_digit(&count, number.whole.data[i]);
	}
	for (size_t i = 0; i < zeros; i++) {
		fits = fits && push_digit(&count, i < number.part.size ? number.part.data[i] : '0');
	}
	for (size_t i = zeros; i < number.part.size; i++) {
		if (number.part.data[i] != '0') {
			return fail(failure, ERROR_BAD_VALUE, "%.*s is not a whole number", (int)shown.size,
			            (const char *)shown.data);
		}
	}
	if (!fits) {
		return fail(failure, ERROR_OVERFLOW, "%.*s is too large", (int)shown.size, (const char *)shown.data);
	}
	(void)buffer_format(out, "%" PRId64, count);
	return OK;
}

void figure_append_percent(struct buffer *out, struct slice text) {
	struct number number;
	struct slice rest = text;
	if (!take_number(&rest, &number) || sign_of(rest) != '%') {
		(void)buffer_append_slice(out, text);
		return;
	}
	while (number.part.size > 0 && number.part.data[number.part.size - 1] == '0') {
		number.part.size--;
	}
	(void)buffer_append_slice(out, number.whole);
	(void)buffer_append_text(out, number.part.size > 0 ? "." : "");
	(void)buffer_append_slice(out, number.part);
	(void)buffer_append_text(out, " %");
}

/* The Unicode rules of notes; the only user of utf8proc. */
#include "base/unicode.h"

#include <stdlib.h>
#include <utf8proc.h>

/* Printable ASCII needs no table: nearly every line of a note is just that. */
static bool is_plain(struct slice line) {
	for (size_t i = 0; i < line.size; i++) {
		if (line.data[i] < 0x20 || line.data[i] > 0x7e) {
			return false;
		}
	}
	return true;
}

/* Why a code point is refused, or NULL if it is welcome. */
static const char *objection(utf8proc_int32_t code_point) {
	const utf8proc_property_t *property = utf8proc_get_property(code_point);
	switch (utf8proc_category(code_point)) {
	case UTF8PROC_CATEGORY_CC:
		return "a control character";
	case UTF8PROC_CATEGORY_CF:
		return "an invisible formatting character (bidirectional or zero-width)";
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_CO:
	case UTF8PROC_CATEGORY_CN:
		return "a code point without a meaning";
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return "a line separator";
	case UTF8PROC_CATEGORY_ZS:
		return code_point == ' ' ? NULL : "a space other than the plain one";
	default:
		return property->ignorable ? "an invisible character" : NULL;
	}
}

static enum error check_code_points(struct slice line, struct failure *failure) {
	size_t at = 0;
	while (at < line.size) {
		utf8proc_int32_t code_point = -1;
		utf8proc_ssize_t used =
		    utf8proc_iterate(line.data + at, (utf8proc_ssize_t)(line.size - at), &code_point);
		if (used <= 0 || code_point < 0) {
			return fail(failure, ERROR_BAD_TEXT, "byte %zu is not UTF-8", at + 1);
		}
		const char *why = objection(code_point);
		if (why != NULL) {
			return fail(failure, ERROR_BAD_TEXT, "U+%04X at byte %zu is %s", (unsigned)code_point, at + 1, why);
		}
		at += (size_t)used;
	}
	return OK;
}

static enum error check_composed(struct slice line, struct failure *failure) {
	utf8proc_uint8_t *composed = NULL;
	utf8proc_ssize_t size = utf8proc_map(line.data, (utf8proc_ssize_t)line.size, &composed,
	                                     UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	if (size < 0) {
		return fail(failure, ERROR_BAD_TEXT, "cannot be normalised: %s", utf8proc_errmsg(size));
	}
	bool same = slice_equal(line, slice_of(composed, (size_t)size));
	free(composed);
	return same ? OK : fail(failure, ERROR_BAD_TEXT, "not in Unicode's composed form (NFC)");
}

enum error unicode_check_line(struct slice line, struct failure *failure) {
	if (is_plain(line)) {
		return OK;
	}
	enum error error = check_code_points(line, failure);
	return error == OK ? check_composed(line, failure) : error;
}

/* Differences of terms, by the longest common subsequence of lines; see terms_diff.h. */
#include "cli/terms_diff.h"

#include "rules/note.h"

#define LINES_MAX (NOTE_VALUES_MAX + 8)

struct lines {
	struct slice items[LINES_MAX];
	size_t count;
};

/* True for a line whose key is one of the terms that offers and agreements share. */
static bool is_term(struct slice line) {
	const struct field_list *terms = kind_terms();
	const uint8_t *blank = line.size == 0 ? NULL : memchr(line.data, ' ', line.size);
	struct slice key = slice_of(line.data, blank == NULL ? line.size : (size_t)(blank - line.data));
	for (size_t i = 0; i < terms->count; i++) {
		if (slice_is(key, terms->fields[i].key)) {
			return true;
		}
	}
	return false;
}

/* Splits a text into its lines, or those of them that are terms. More than a note may have are left out. */
static void split(struct slice text, bool terms_only, struct lines *out) {
	out->count = 0;
	while (text.size > 0 && out->count < LINES_MAX) {
		const uint8_t *end = memchr(text.data, '\n', text.size);
		size_t size = end == NULL ? text.size : (size_t)(end - text.data);
		struct slice line = slice_of(text.data, size);
		if (!terms_only || is_term(line)) {
			out->items[out->count++] = line;
		}
		size_t skip = end == NULL ? size : size + 1;
		text = slice_of(text.data + skip, text.size - skip);
	}
}

/* lengths[i][j]: how many lines the rest of a from i and the rest of b from j have in common, in order. */
static void measure(const struct lines *a, const struct lines *b, uint16_t lengths[LINES_MAX + 1][LINES_MAX + 1]) {
	for (size_t i = a->count + 1; i-- > 0;) {
		for (size_t j = b->count + 1; j-- > 0;) {
			if (i == a->count || j == b->count) {
				lengths[i][j] = 0;
			} else if (slice_equal(a->items[i], b->items[j])) {
				lengths[i][j] = (uint16_t)(lengths[i + 1][j + 1] + 1);
			} else {
				lengths[i][j] = lengths[i + 1][j] > lengths[i][j + 1] ? lengths[i + 1][j] : lengths[i][j + 1];
			}
		}
	}
}

static void print_line(FILE *out, char mark, struct slice line) {
	(void)fprintf(out, "%c %.*s\n", mark, (int)line.size, (const char *)line.data);
}

void terms_diff_print(FILE *out, struct slice before, struct slice after) {
	static uint16_t lengths[LINES_MAX + 1][LINES_MAX + 1];
	struct lines old, new;
	split(before, true, &old);
	split(after, false, &new);
	measure(&old, &new, lengths);
	size_t i = 0;
	for (size_t j = 0; j < new.count; j++) {
		if (!is_term(new.items[j])) {
			/* What ended the old terms stands before whatever follows the new ones. */
			for (; i < old.count && j > 0 && is_term(new.items[j - 1]); i++) {
				print_line(out, '-', old.items[i]);
			}
			print_line(out, ' ', new.items[j]);
			continue;
		}
		while (i < old.count && !slice_equal(old.items[i], new.items[j]) && lengths[i + 1][j] >= lengths[i][j + 1]) {
			print_line(out, '-', old.items[i++]);
		}
		bool is_same = i < old.count && slice_equal(old.items[i], new.items[j]);
		print_line(out, is_same ? ' ' : '+', new.items[j]);
		i += is_same ? 1 : 0;
	}
	for (; i < old.count; i++) {
		print_line(out, '-', old.items[i]);
	}
}

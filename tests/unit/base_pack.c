/* MessagePack: whatever the writer writes, the reader reads. (base_pack_refusal.c is about what it refuses.) */
#include <stdio.h>
#include <stdlib.h>

#include "base/pack.h"
#include "tests/lib/random.h"
#include "tests/lib/unit.h"

/* One of everything, with sizes on both sides of where the form changes. */
static void append_sample(struct buffer *out) {
	static const uint8_t bytes[300] = { 0xff, 0x00 };
	pack_map(out, 8);
	pack_key_word(out, "word", "gifted");
	pack_key_text(out, "text", slice_of(bytes, 40));
	pack_key_bytes(out, "bytes", slice_of(bytes, sizeof bytes));
	pack_key_unsigned(out, "unsigned", 1700000000);
	pack_key_signed(out, "signed", -129);
	pack_key_boolean(out, "boolean", true);
	pack_key_text(out, "empty", slice_of(NULL, 0));
	pack_word(out, "list");
	pack_array(out, 20);
	for (int64_t i = 0; i < 20; i++) {
		pack_signed(out, (i % 2 == 0 ? -1 : 1) * (INT64_C(1) << (3 * i)));
	}
}

START_TEST(a_document_cut_anywhere_is_refused) {
	struct pack_document *document = pack_document_new();
	struct buffer text;
	buffer_init(&text, 4096);
	append_sample(&text);
	ck_assert(buffer_ok(&text));
	for (size_t size = 0; size <= text.size; size++) {
		/* A copy of just this size, so that a sanitizer sees a read past its end. */
		uint8_t *copy = malloc(size + (size == 0));
		memcpy(copy, text.data, size);
		enum error error = pack_read(document, slice_of(copy, size), 4096, NULL);
		ck_assert_msg(error == (size == text.size ? OK : ERROR_MALFORMED), "cut at %zu", size);
		free(copy);
	}
	pack_document_free(document);
	buffer_release(&text);
}
END_TEST

START_TEST(values_are_found_by_key_and_type) {
	struct buffer text;
	struct slice slice;
	uint64_t number = 0;
	int64_t difference = 0;
	bool truth = false;
	buffer_init(&text, 4096);
	append_sample(&text);
	struct pack_document *document = pack_document_new();
	ck_assert_int_eq(pack_read(document, buffer_slice(&text), 4096, NULL), OK);
	const struct pack_value *root = pack_root(document);
	ck_assert_uint_eq(pack_count(root), 8);
	ck_assert(pack_as_text(pack_find(root, "word"), &slice) && slice_is(slice, "gifted"));
	ck_assert(pack_as_text(pack_find(root, "empty"), &slice) && slice.size == 0);
	ck_assert(pack_as_bytes(pack_find(root, "bytes"), &slice) && slice.size == 300 && slice.data[0] == 0xff);
	ck_assert(pack_as_unsigned(pack_find(root, "unsigned"), &number) && number == 1700000000);
	ck_assert(pack_as_signed(pack_find(root, "unsigned"), &difference) && difference == 1700000000);
	ck_assert(pack_as_signed(pack_find(root, "signed"), &difference) && difference == -129);
	ck_assert(pack_as_boolean(pack_find(root, "boolean"), &truth) && truth);
	ck_assert_uint_eq(pack_count(pack_find(root, "list")), 20);
	ck_assert(pack_as_signed(pack_item(pack_find(root, "list"), 18), &difference) && difference == -(1LL << 54));
	ck_assert_ptr_null(pack_find(root, "wor"));
	ck_assert_ptr_null(pack_find(root, "words"));
	ck_assert_ptr_null(pack_find(root, ""));
	ck_assert_ptr_null(pack_item(pack_find(root, "list"), 20));
	ck_assert(pack_is_array(pack_find(root, "list")) && !pack_is_array(root) && !pack_is_array(NULL));
	for (size_t i = 0; i < pack_count(root); i++) {
		char key[PACK_KEY_MAX + 1];
		const struct pack_value *value = pack_pair(root, i, &slice);
		ck_assert(slice_copy_text(slice, key, sizeof key) && pack_find(root, key) == value && value != NULL);
	}
	ck_assert_ptr_null(pack_pair(root, 8, &slice));
	ck_assert_ptr_null(pack_pair(pack_find(root, "list"), 0, &slice));
	pack_document_free(document);
	buffer_release(&text);
}
END_TEST

START_TEST(a_value_of_another_type_changes_nothing) {
	static const struct slice bytes = { (const uint8_t *)"\x97\xa1t\xc4\x01""b\x05\xff\xc3\x80\xc0", 11 };
	struct pack_document *document = pack_document_new();
	ck_assert_int_eq(pack_read(document, bytes, bytes.size, NULL), OK);
	/* In which places (text, bytes, 5, -1, true, map, nil; the eighth is none) each reading succeeds. */
	for (size_t i = 0; i < 8; i++) {
		const struct pack_value *value = pack_item(pack_root(document), i);
		struct slice slice = slice_of_text("untouched");
		uint64_t number = 77;
		int64_t difference = 77;
		ck_assert_uint_eq(pack_as_text(value, &slice), i == 0);
		ck_assert_uint_eq(slice_is(slice, "untouched"), i != 0);
		slice = slice_of_text("untouched");
		ck_assert_uint_eq(pack_as_bytes(value, &slice), i == 1);
		ck_assert_uint_eq(slice_is(slice, "untouched"), i != 1);
		ck_assert_uint_eq(pack_as_unsigned(value, &number), i == 2);
		ck_assert_uint_eq(number, i == 2 ? 5 : 77);
		ck_assert_uint_eq(pack_as_signed(value, &difference), i == 2 || i == 3);
		ck_assert_int_eq(difference, i == 2 ? 5 : i == 3 ? -1 : 77);
		bool truth = false;
		ck_assert_uint_eq(pack_as_boolean(value, &truth), i == 4);
		ck_assert_uint_eq(truth, i == 4);
		ck_assert_uint_eq(pack_is_map(value), i == 5);
		ck_assert_ptr_null(pack_find(value, "t"));
		ck_assert_ptr_null(pack_item(value, 0));
		ck_assert_uint_eq(pack_count(value), 0);
	}
	pack_document_free(document);
}
END_TEST

START_TEST(integers_come_back_at_every_border) {
	struct pack_document *document = pack_document_new();
	for (int bits = 0; bits <= 64; bits++) {
		for (int64_t off = -2; off <= 2; off++) {
			uint64_t number = (bits == 64 ? 0 : UINT64_C(1) << bits) + (uint64_t)off, got = 0;
			int64_t difference = (int64_t)number, back = 0;
			struct buffer text;
			buffer_init(&text, 32);
			pack_array(&text, 2);
			pack_unsigned(&text, number);
			pack_signed(&text, difference);
			ck_assert_int_eq(pack_read(document, buffer_slice(&text), 32, NULL), OK);
			const struct pack_value *first = pack_item(pack_root(document), 0);
			const struct pack_value *second = pack_item(pack_root(document), 1);
			ck_assert(pack_as_unsigned(first, &got) && got == number);
			ck_assert(pack_as_signed(second, &back) && back == difference);
			ck_assert_uint_eq(pack_as_signed(first, &back), number <= INT64_MAX);
			ck_assert_uint_eq(pack_as_unsigned(second, &got), difference >= 0);
			buffer_release(&text);
		}
	}
	pack_document_free(document);
}
END_TEST

/* ---- the property: any document, written and read ---- */

static int64_t random_number(uint32_t *state) {
	uint64_t high = random_next(state);
	uint64_t number = high << 32 | random_next(state);
	return (int64_t)number >> random_next(state) % 64;
}

static struct slice random_bytes(uint32_t *state, uint8_t *out, size_t capacity) {
	size_t size = random_next(state) % (random_next(state) % 8 == 0 ? capacity : 40);
	for (size_t i = 0; i < size; i++) {
		out[i] = (uint8_t)random_next(state);
	}
	return slice_of(out, size);
}

/* With `value` NULL writes a random value to `out`; otherwise checks that `value` is the one which the same state of
 * the generator had written. So the two passes cannot differ in what they expect. */
static bool random_value(uint32_t *state, unsigned depth, struct buffer *out, const struct pack_value *value);

static bool random_items(uint32_t *state, unsigned depth, struct buffer *out, const struct pack_value *value) {
	size_t count = random_next(state) % (random_next(state) % 16 == 0 ? 20 : 4);
	bool keyed = random_next(state) % 2 == 0, good = true;
	if (value != NULL) {
		good = pack_count(value) == count && pack_is_map(value) == keyed;
	} else if (keyed) {
		pack_map(out, count);
	} else {
		pack_array(out, count);
	}
	for (size_t i = 0; i < count && good; i++) {
		char key[16];
		(void)snprintf(key, sizeof key, "key-%zu", i);
		if (keyed && value == NULL) {
			pack_word(out, key);
		}
		const struct pack_value *inner = keyed ? pack_find(value, key) : pack_item(value, i);
		good = (value == NULL || inner != NULL) && random_value(state, depth + 1, out, inner);
	}
	return good;
}

static bool random_value(uint32_t *state, unsigned depth, struct buffer *out, const struct pack_value *value) {
	uint8_t bytes[70000];
	struct slice expected, slice;
	int64_t number = 0, back = 0;
	uint64_t positive = 0;
	bool truth = false;
	switch (random_next(state) % (depth == PACK_DEPTH_MAX ? 5 : 9)) {
	case 0:
		expected = random_bytes(state, bytes, sizeof bytes);
		if (value == NULL) {
			pack_text(out, expected);
		}
		return value == NULL || (pack_as_text(value, &slice) && slice_equal(slice, expected));
	case 1:
		expected = random_bytes(state, bytes, sizeof bytes);
		if (value == NULL) {
			pack_bytes(out, expected);
		}
		return value == NULL || (pack_as_bytes(value, &slice) && slice_equal(slice, expected));
	case 2:
		number = random_number(state);
		if (value == NULL) {
			pack_unsigned(out, (uint64_t)number);
		}
		return value == NULL || (pack_as_unsigned(value, &positive) && positive == (uint64_t)number);
	case 3:
		number = random_number(state);
		if (value == NULL) {
			pack_signed(out, number);
		}
		return value == NULL || (pack_as_signed(value, &back) && back == number);
	case 4:
		number = random_next(state) % 2;
		if (value == NULL) {
			pack_boolean(out, number == 1);
		}
		return value == NULL || (pack_as_boolean(value, &truth) && truth == (number == 1));
	default:
		return random_items(state, depth, out, value);
	}
}

START_TEST(whatever_is_written_is_read_back) {
	struct pack_document *document = pack_document_new();
	struct buffer text;
	struct failure failure = { 0 };
	buffer_init(&text, 64 * (1 << 20));
	for (uint32_t seed = 1; seed <= 2000; seed++) {
		uint32_t state = seed * 2654435761U;
		buffer_clear(&text);
		(void)random_value(&state, 1, &text, NULL);
		ck_assert_msg(buffer_ok(&text), "seed %u", seed);
		enum error error = pack_read(document, buffer_slice(&text), text.size, &failure);
		ck_assert_msg(error == OK, "seed %u: %s", seed, failure.text);
		state = seed * 2654435761U;
		ck_assert_msg(random_value(&state, 1, NULL, pack_root(document)), "seed %u: another value", seed);
	}
	buffer_release(&text);
	pack_document_free(document);
}
END_TEST

START_TEST(a_writer_that_runs_out_of_room_fails_once_and_for_all) {
	struct buffer whole;
	buffer_init(&whole, 4096);
	append_sample(&whole);
	for (size_t maximum = 0; maximum <= whole.size; maximum++) {
		struct buffer text;
		buffer_init(&text, maximum);
		append_sample(&text);
		ck_assert_uint_eq(buffer_ok(&text), maximum == whole.size);
		ck_assert_uint_le(text.size, maximum);
		size_t size = text.size;
		pack_boolean(&text, true); /* would fit where a longer value did not */
		ck_assert_msg(!buffer_ok(&text) && text.size == size, "maximum %zu", maximum);
		buffer_release(&text);
	}
	buffer_release(&whole);
}
END_TEST

int main(void) {
	TCase *tests = tcase_create("pack");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, a_document_cut_anywhere_is_refused);
	tcase_add_test(tests, values_are_found_by_key_and_type);
	tcase_add_test(tests, a_value_of_another_type_changes_nothing);
	tcase_add_test(tests, integers_come_back_at_every_border);
	tcase_add_test(tests, whatever_is_written_is_read_back);
	tcase_add_test(tests, a_writer_that_runs_out_of_room_fails_once_and_for_all);
	Suite *suite = suite_create("base/pack");
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
